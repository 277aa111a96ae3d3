/* SPDX-License-Identifier: MIT */
/* merge.h - many runs of events, each in time order, become one. */
#ifndef CTF_READ_MERGE_H
#define CTF_READ_MERGE_H

#include <flightbox/event.h>

struct merge_node;

/* Where events come from: a stream, or two of them merged. */
struct inlet {
	const struct fb_event *at, *end;
	bool has_ended;		 /* nothing comes behind `end` */
	struct merge_node *node; /* NULL: the caller refills it */
};

struct merge {
	struct inlet *root; /* NULL: there is nothing to merge */
};

/* The inlets stay the caller's. Of events at one time those of earlier inlets come first. */
void merge_init(struct merge *m, struct inlet *const *inlets, unsigned n);
void merge_clear(struct merge *m);

/*
 * Writes the next events of all, at most `room`, and returns how many. When it can only
 * go on once an inlet has more, or has ended, that is `*drained`; else that is NULL.
 */
size_t merge_next(struct merge *m, struct fb_event *to, size_t room, struct inlet **drained);

#endif
