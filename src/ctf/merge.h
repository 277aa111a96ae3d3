/* SPDX-License-Identifier: MIT */
/* merge.h - many streams, each in time order, become one. */
#ifndef CTF_MERGE_H
#define CTF_MERGE_H

#include "stream.h"

struct merge {
	struct stream **heads; /* by the time of their next event; all have one */
	unsigned n;
};

/* Takes the streams as they are; they stay the caller's. */
void merge_init(struct merge *m, GPtrArray *streams);
void merge_clear(struct merge *m);

/* The next events of all, at most `room`; 0 at the end. Ties go to the stream of lower order. */
size_t merge_next(struct merge *m, struct fb_event *to, size_t room);

#endif
