/* SPDX-License-Identifier: MIT */
/* arrival.h - what a received packet can do by itself. */
#ifndef PACKETS_ARRIVAL_H
#define PACKETS_ARRIVAL_H

#include <flightbox/ns.h>

#include <stdbool.h>
#include <stdint.h>

enum arrival_can {
	CAN_READ = 1,	 /* ends a read: the next data in order, the end of them, the end of all; a datagram */
	CAN_WRITE = 2,	 /* … a write: something new is acknowledged */
	CAN_CONNECT = 4, /* … a connect() */
	CAN_ACCEPT = 8,	 /* … an accept(): a connection is complete */
};

struct arrival {
	unsigned can;
	bool is_first; /* of its connection, of which nothing was known before */
	bool is_early; /* the first of all after its socket's SYN */
	bool answers;  /* the first that came after, and acknowledges, something that was sent */
	uint32_t seq_base, ack_base; /* what its numbers count from: the SYN's */
	bool advances; /* data in order: what comes next was at `from` before */
	uint32_t from;
	bool fills;    /* a hole, behind which data had waited since `behind_since` */
	unsigned packets_behind, packets_released;
	uint32_t bytes_behind;
	fb_ns behind_since;
};

#endif
