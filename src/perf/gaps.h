/* SPDX-License-Identifier: MIT */
/*
 * gaps.h - where a ring was full. The kernel tells of it by a record before the next one that fits:
 *
 *	cpu 0's ring   sample  sample                LOST 7  sample
 *	                            |===== lost =====|
 *
 * What is lost behind a ring's last sample nobody would tell of, but perf since Linux 6.1 counts what each event
 * lost, and saves that at the end: LOST_SAMPLES.
 *
 * A loss is known when the sample behind it is found, long before what comes behind the one before it is read.
 */
#ifndef PERF_GAPS_H
#define PERF_GAPS_H

#include "source/losses.h"

struct gaps {
	struct gap_cpu *cpus; /* FB_CPUS_MAX of them */
	GArray *queue;	      /* struct gap: begins and ends not told yet, by time */
	guint first;	      /* of the queue that is left */
};

void gaps_init(struct gaps *g);
void gaps_clear(struct gaps *g);

/* While records are found: a CPU lost events, and has a sample. */
void gaps_lost(struct gaps *g, unsigned cpu, uint64_t count);
void gaps_sample(struct gaps *g, unsigned cpu, fb_ns time);

/* As perf itself counted at the end: all that a CPU lost of one event. */
void gaps_lost_in_all(struct gaps *g, unsigned cpu, uint64_t count);

/* All are found: who lost events, or more of them than was told, has no sample behind them. */
void gaps_finish(struct gaps *g, fb_ns end);

/* While they are read: a CPU's event. */
void gaps_event(struct gaps *g, unsigned cpu, fb_ns time);

/*
 * The next LOST that comes before an event of this time, and not before `last`, the time of what was told
 * last. FB_NS_NONE: before none. False: there is none.
 */
bool gaps_next(struct gaps *g, struct fb_source_info *info, fb_ns time, fb_ns last,
	       struct fb_event *ev);

#endif
