/* SPDX-License-Identifier: MIT */
/* consumers.h - those that a run feeds: each gets what it wants, in the order of the list. */
#ifndef RUN_CONSUMERS_H
#define RUN_CONSUMERS_H

#include <flightbox/run.h>

struct consumers {
	struct fb_consumer *list; /* whose `kinds` are all that `event` gets, the model's too */
	size_t n;
	bool take_events, take_waits; /* any of them does */
};

/* Copies the list. */
void consumers_init(struct consumers *c, const struct fb_consumer *list, size_t n);
void consumers_clear(struct consumers *c);

/* Asks who observes: at most FB_OBSERVERS_MAX for each. Returns how many there are. */
size_t consumers_observe(const struct consumers *c, struct fb_observer *observers);

/* Events through the model, to those who take them: each when the model has it, and nothing later. */
void consumers_events(const struct consumers *c, struct fb_kernel *k, const struct fb_event *events,
		      size_t n);
void consumers_wait(const struct consumers *c, const struct fb_blocking *b);
/* … one that is cut off: who does not want it counts it; */
void consumers_cut_wait(const struct consumers *c, const struct fb_blocking *b);
/* … one that nobody asked for: who is told of it makes no sums of it; an edge does not count. */
void consumers_bystander(const struct consumers *c, const struct fb_blocking *b);

#endif
