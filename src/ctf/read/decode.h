/* SPDX-License-Identifier: MIT */
/* decode.h - the events of one packet. */
#ifndef CTF_READ_DECODE_H
#define CTF_READ_DECODE_H

#include "ctf/layout/schema.h"

enum decode_fault {
	DECODE_FINE,
	DECODE_HEADER, /* an event header that the packet cuts off */
	DECODE_ID,     /* an id that the stream does not have */
	DECODE_TIME,   /* a time far behind the packet's end */
	DECODE_EMPTY,  /* an event of no bits: there would be no end of them */
	DECODE_BODY,   /* see m.c.fault */
};

/* One packet being decoded. Packets are independent but for `last`. */
struct decoder {
	const struct layouts *layouts;
	const struct stream_class *sc;
	const uint8_t *base; /* the packet's first byte */
	uint64_t pos, end;   /* bits from there; done when equal */
	uint64_t clock;	     /* of the last event, as recorded but in full */
	uint64_t latest;     /* no event's clock is above that */
	fb_ns last;	     /* time of the last event */
	uint16_t cpu;
	bool condenses; /* see fb_source_options */
	uint64_t *counts; /* by class, or NULL */
	uint64_t events;  /* read */
	uint64_t steps;	  /* times below `last` */
	enum decode_fault fault;
	uint64_t value; /* the offending id or time */
	uint16_t class; /* BODY: which event it was */
	struct machine m;
};

/* One event may bring this many records: its own, and one that was held back. */
enum { DECODE_ROOM = 2 };

/* Where a decoder writes. */
struct decoded {
	struct fb_event *events;
	size_t n, room;
};

/*
 * Appends the events that are wanted, until there is no room, the packet has no
 * more, or `fault` is set and `pos` is where the broken event begins.
 */
void decode(struct decoder *d, struct decoded *to);

/*
 * When the event at hand is, by its header alone; the decoder stays where it is. FB_NS_NONE: none
 * begins there that could be decoded.
 */
fb_ns decode_time(struct decoder *d);

/*
 * The same for two packets of different streams at once, until one of them comes to
 * its end. An event's place depends on the size of the one before: two such chains
 * side by side take hardly longer than one.
 */
void decode_two(struct decoder *a, struct decoded *to_a, struct decoder *b, struct decoded *to_b);

#endif
