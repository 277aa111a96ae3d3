/* SPDX-License-Identifier: MIT */
/*
 * losses.h - what a source tells where events are missing, of each of its streams:
 *
 *	time    events |============= lost =============| events
 *	LOST           count, until                     0, until itself
 *
 * A loss is told where it begins and, by one of nothing, where it ends: events may come in between.
 */
#ifndef SOURCE_LOSSES_H
#define SOURCE_LOSSES_H

#include <flightbox/source.h>

/* The stream that loses. */
struct lossy {
	uint16_t cpu;
	fb_ns last; /* the time of what came last of it: nothing is told to be before; moves on */
};

/* A loss from `from` to `until`, added to the info's. `count`: 0 when nobody knows. */
struct fb_event lost_event(struct fb_source_info *info, struct lossy *of, fb_ns from, fb_ns until,
			   uint64_t count, unsigned flags);

/* Where it ends. */
struct fb_event lost_end(struct fb_source_info *info, struct lossy *of, fb_ns end);

/* Where the stream ends, and others may go on: see FB_LOST_LATER. */
struct fb_event lost_later(struct fb_source_info *info, struct lossy *of, fb_ns end);

/* Adds to what a CPU lost, in a list as fb_source_info.losses is. */
void losses_add(GArray *losses, const struct fb_cpu_loss *more);
/* One span: what a LOST event tells. */
struct fb_cpu_loss loss_of(const struct fb_event *ev);

#endif
