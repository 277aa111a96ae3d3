/* SPDX-License-Identifier: MIT */
/*
 * capture.h - packets of a capture file, one by one: pcap or pcapng, either of them gzipped.
 */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include <glib.h>

#include <flightbox/ns.h>

#include "packets/capture/wire.h"

/* As the file tells: by pcapng's flags, or by the packet's type in a cooked capture. */
enum captured_direction {
	CAPTURED_ANYWAY,
	CAPTURED_IN,
	CAPTURED_OUT
};

#define CAPTURED_NO_SCALE 255
#define CAPTURED_SACKS	  4

struct captured {
	uint64_t number; /* from 1 in its file, as tcpdump and Wireshark count */
	fb_ns time; /* since the epoch by the capture's clock; FB_NS_NONE: the file tells none */
	/* No addresses: not IP. Sizes are from IP's length, never from the captured bytes. */
	struct packet_header header;
	uint32_t length;    /* on the wire */
	uint16_t interface; /* for capture_interface_name() */
	uint32_t ifindex;   /* on the capturing host; 0: the file tells none */
	enum captured_direction direction;
	bool is_cut;	  /* captured bytes end before its headers do: what lies behind is 0 */
	bool is_fragment; /* not the first of its IP packet: no ports */
	/* TCP's options */
	bool has_timestamps;
	uint32_t tsval, tsecr;
	uint16_t mss;	      /* of a SYN; 0: none */
	uint8_t window_scale; /* of a SYN; CAPTURED_NO_SCALE: none */
	uint8_t n_sacks;
	struct {
		uint32_t begin, end;
	} sacks[CAPTURED_SACKS];
	/* An ICMP error, and the packet it is about: of TCP its ports and sequence number alone. */
	bool has_about;
	uint8_t icmp_type, icmp_code;
	struct packet_header about;
};

struct capture_counts {
	uint64_t packets;
	uint64_t not_ip;    /* such as ARP */
	uint64_t foreign;   /* of link types that are not read, of which `foreign_type` is one */
	uint64_t cut;	    /* is_cut */
	uint64_t untimed;   /* without a time, or with one that no 64 bits hold */
	uint64_t backwards; /* earlier than the packet before */
	uint64_t dropped;   /* that never got into the file, as a pcapng file itself tells */
	int foreign_type;
	bool is_damaged; /* capture_next() failed */
};

struct capture;

/* NULL and `error` when there is no such file, or no capture in it. */
struct capture *capture_open(const char *path, GError **error);
void capture_close(struct capture *c);

/*
 * 1: a packet; 0: there is no more; -1 and `error`: the rest cannot be read, and what came
 * before was good. Holds no more than some 300 KiB of the file at a time.
 */
int capture_next(struct capture *c, struct captured *packet, GError **error);

const char *capture_path(const struct capture *c);
/* NULL: the file tells none. */
const char *capture_interface_name(const struct capture *c, unsigned interface);
const struct capture_counts *capture_counts(const struct capture *c);

#endif
