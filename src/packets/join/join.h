/* SPDX-License-Identifier: MIT */
/*
 * join.h - which packets of captures are those that a trace tells of.
 *
 * A packet is known again by its headers, whatever the clocks say; what they say is found by that.
 * The trace has to tell of its packets in the order of their times.
 */
#ifndef JOIN_JOIN_H
#define JOIN_JOIN_H

#include "packets/join/clock.h"
#include "packets/join/frames.h"

/* Why a packet of the trace is in no capture. */
enum join_missing {
	JOIN_ABSENT, /* it is not among those captured at that time, */
	JOIN_BEFORE, /* … the captures begin later */
	JOIN_AFTER,  /* … or end earlier, */
	JOIN_EMPTY,  /* … or hold no packets */
	JOIN_UNKEYED /* the trace does not tell its headers */
};

struct joined {
	const char *path; /* of the capture */
	unsigned n;	  /* packets; 0: none, and `missing` says why */
	/*
	 * Numbers in its file. A card cuts what is sent at once into several packets: between these may be
	 * those of others.
	 */
	uint64_t first, last;
	fb_ns captured; /* the first, by the capture's own clock */
	bool has_tsval; /* TCP's timestamp, of the last one */
	uint32_t tsval;
	enum join_missing missing;
};

struct join;

struct join *join_new(void);
void join_free(struct join *j);

/* Takes the capture. To be called before the first packet. */
void join_add(struct join *j, struct capture *capture);

/* `time`: since the epoch, by the trace's clock. */
struct joined join_received(struct join *j, const struct packet_header *header, fb_ns time);
/* … sent to a card, not to this host itself: captured when it leaves the queueing discipline. */
struct joined join_sent(struct join *j, const struct packet_header *header, fb_ns time);

/* How one capture and the trace agree, up to the latest packet. */
struct join_state {
	const struct capture *capture;
	const GError *error; /* what of it could not be read; NULL: nothing */
	uint64_t matched;    /* captured packets that the trace tells of, too */
	const struct clock *clock; /* by packets received; where there are none, by those sent */
	bool is_by_sent;
};

unsigned join_captures(const struct join *j);
struct join_state join_state(const struct join *j, unsigned capture);

#endif
