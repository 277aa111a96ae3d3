/* SPDX-License-Identifier: MIT */
/* covered.h - spans of time, each nanosecond of which counts once. */
#ifndef ANALYSES_SHARED_COVERED_H
#define ANALYSES_SHARED_COVERED_H

#include <flightbox/event.h>

struct span {
	fb_ns begin, end; /* begin < end */
};

/* Zero bytes cover nothing. */
struct covered {
	struct span *spans; /* by begin; they neither overlap nor touch */
	uint32_t n, room;
};

void covered_clear(struct covered *c);

/* Covers [begin, end], and returns how much of it was not covered before. */
fb_ns covered_add(struct covered *c, fb_ns begin, fb_ns end);

/* Forgets what ends before a time: nothing before it will be added again. */
void covered_forget(struct covered *c, fb_ns before);

#endif
