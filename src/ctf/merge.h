/* SPDX-License-Identifier: MIT */
/* merge.h - many runs of events, each in time order, become one. */
#ifndef CTF_MERGE_H
#define CTF_MERGE_H

#include <flightbox/event.h>

/* One stream's events at hand. */
struct inlet {
	const struct fb_event *at, *end;
	unsigned order; /* among events of the same time */
};

/* Inlets by the time of their next event; all have one. */
struct merge {
	struct inlet **heads;
	unsigned n;
};

void merge_init(struct merge *m, unsigned capacity);
void merge_clear(struct merge *m);

/* An inlet that has events; it stays the caller's. */
void merge_add(struct merge *m, struct inlet *inlet);

/*
 * Writes the next events of all, at most `room`, and returns how many. Ends when an
 * inlet has no more: it is `*drained`, and no head any longer; else that is NULL.
 */
size_t merge_next(struct merge *m, struct fb_event *to, size_t room, struct inlet **drained);

#endif
