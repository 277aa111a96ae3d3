/* SPDX-License-Identifier: MIT */
/*
 * in-flight.h - packets that were queued and may yet be received.
 *
 * They lie in a ring, the oldest of which makes room; chains lead to them, by the
 * buffer's address while it is under way, and by the two ends of their way. The address
 * of a freed buffer is used again soon, so the youngest one counts, and its headers must
 * agree.
 */
#ifndef PACKETS_IN_FLIGHT_H
#define PACKETS_IN_FLIGHT_H

#include "packets/packet-header.h"

enum {
	BY_SKB,
	BY_ENDS,
	CHAINS
};

struct queued {
	struct packet packet; /* the caller's to fill in, but for its time and place */
	uint64_t skb;	      /* the buffer's address */
	uint32_t len;
	bool is_loopback;
	bool is_used, is_received;
	struct {
		bool is_in;
		uint64_t hash;
		uint32_t younger, older;
	} chains[CHAINS];
};

struct in_flight {
	struct queued *ring;
	uint32_t *heads[CHAINS]; /* the youngest of each chain */
	uint32_t capacity, next; /* a power of two; the next one to make room */
	uint64_t evicted;	 /* that were not received */
};

/* `capacity`: at least so many packets, 0: the default. */
void in_flight_init(struct in_flight *f, unsigned capacity);
void in_flight_clear(struct in_flight *f);

/* A packet is queued: its place, to be filled in. */
struct queued *in_flight_add(struct in_flight *f, const struct fb_event *ev);
/* … and its headers are known. */
void in_flight_add_ends(struct in_flight *f, struct queued *q);

/* The one that was added last. */
const struct queued *in_flight_last(const struct in_flight *f);

/* The packet that the data of one sent again was sent in first; NULL: too long ago. */
const struct queued *in_flight_first(const struct in_flight *f, const struct queued *again);

/* The packet that is received, found by its buffer or else by its headers; NULL: neither. */
struct queued *in_flight_find_skb(const struct in_flight *f, const struct fb_event *ev,
				  const struct packet_header *header);
struct queued *in_flight_find_header(const struct in_flight *f, const struct packet_header *header,
				     fb_ns time);

/* The youngest that the other end answers with it; NULL: none that is known. */
const struct queued *in_flight_answered(const struct in_flight *f,
					const struct packet_header *answer);

/* It leaves its queueing discipline: where it is found by its buffer. NULL: it is not, or it had left. */
const struct queued *in_flight_send(struct in_flight *f, const struct fb_event *ev);

/* It has arrived. */
void in_flight_receive(struct in_flight *f, struct queued *q);

/* Whether a network event is of the interface lo. */
bool is_loopback(const struct fb_event *ev);

/* Whether two records of one buffer are of one packet. */
bool headers_agree(const struct packet_header *a, const struct packet_header *b);

#endif
