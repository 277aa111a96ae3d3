/* SPDX-License-Identifier: MIT */
/* wire.h - what the headers of a packet say, whoever saw them: a trace or a capture. */
#ifndef CAPTURE_WIRE_H
#define CAPTURE_WIRE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMPV6 = 58
};

enum {
	PACKET_FIN = 1,
	PACKET_SYN = 2,
	PACKET_RST = 4,
	PACKET_PSH = 8,
	PACKET_ACK = 16
};

/* What was recorded of them; zeros where nothing was. */
struct packet_header {
	uint8_t saddr[16], daddr[16]; /* as they are sent; IPv4 in the first four bytes */
	uint8_t address_bytes;	      /* 4, 16, or 0: no addresses were recorded */
	uint8_t protocol;	      /* 6 TCP, 17 UDP, 1 ICMP … */
	uint8_t flags;		      /* TCP: PACKET_FIN … */
	bool has_ports, has_seq;      /* of TCP and UDP; of TCP */
	bool has_window;
	uint16_t window; /* TCP's, as it is sent: unscaled */
	uint16_t source_port, dest_port;
	uint32_t seq, ack_seq;
	uint32_t id;	  /* IPv4's, to tell packets apart that have no sequence */
	uint32_t payload; /* bytes behind the TCP header, else behind IP's */
};

#endif
