/* SPDX-License-Identifier: MIT */
/*
 * made.h - any bytes as a source of events: a recording's nature in the first 8, then 8 for each
 * event. What could be anything is mostly one of a few values, so that events have to do with
 * each other.
 *
 *	0 kind   1 CPU, flags   2 time since the last one   3 … 7 fields
 */
#ifndef TESTS_FUZZ_MADE_H
#define TESTS_FUZZ_MADE_H

#include <flightbox/source.h>

enum { /* the first byte */
	MADE_GOES_BACK = 1, /* times need not be in order */
	MADE_ALL = 2,	    /* kernel options: all, */
	MADE_EDGES = 4,	    /* … edges, */
	MADE_HOLD = 8,	    /* … a small hold, */
	MADE_PATIENCE = 16, /* … and patience */
	MADE_PART = 32,	    /* a part of it is read */
	MADE_SKIPS = 64,    /* the source passes over what is not wanted */
	MADE_GAP = 128,	    /* fb_kernel_gap() in the middle */
};

#define MADE_HEAD  8
#define MADE_EVENT 8

struct made {
	struct fb_source source; /* first */
	const uint8_t *head, *bytes; /* MADE_HEAD of them; MADE_EVENT for each event */
	struct fb_event *events;
	size_t n, next;
	fb_ns wanted; /* from here on */
};

/* `size` is at least MADE_HEAD; the bytes are lent. Free with fb_source_close(). */
struct made *made_new(const uint8_t *data, size_t size);

/* A time within it, or a bit beside it. */
fb_ns made_time(const struct made *m, uint8_t share);

#endif
