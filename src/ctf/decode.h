/* SPDX-License-Identifier: MIT */
/* decode.h - the events of one packet. */
#ifndef CTF_DECODE_H
#define CTF_DECODE_H

#include "schema.h"

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
	uint64_t *counts; /* by class, or NULL */
	uint64_t events;  /* read */
	uint64_t steps;	  /* times below `last` */
	enum decode_fault fault;
	uint64_t value; /* the offending id or time */
	uint16_t class; /* BODY: which event it was */
	struct machine m;
};

/*
 * Decodes up to `room` events that are wanted. Fewer: the packet has no more,
 * or `fault` is set and `pos` is where the broken event begins.
 */
size_t decode(struct decoder *d, struct fb_event *to, size_t room);

#endif
