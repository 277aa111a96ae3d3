/* SPDX-License-Identifier: MIT */
/* follow.h - the paths of all waits of a selection, one after the other, within bounds. */
#ifndef ANALYSES_SHARED_FOLLOW_H
#define ANALYSES_SHARED_FOLLOW_H

#include <flightbox/history.h>
#include <flightbox/report.h>

/*
 * How many segments may be told for each transition recorded so far. A thousand tasks that wait
 * for one through hours of its life would take a thousand times its life to tell.
 */
enum { FOLLOW_EFFORT = 32 };

struct follow {
	struct fb_history *history;       /* lent */
	const struct fb_path_funcs *funcs;
	void *data;
	fb_ns begin, end;                 /* of waits, only what lies in between is told */
	uint64_t effort;                  /* FOLLOW_EFFORT, for anybody but tests */
	uint64_t unknown;                 /* waits not told: begin or waking is not known */
	uint64_t waits, segments;         /* told; */
	fb_ns asleep;                     /* … in all */
	uint64_t not_followed;            /* of the waits: too much work, told as one segment unknown */
	fb_ns not_followed_asleep;
	fb_ns told;                       /* of the wait at hand */
};

/* Tells the path of a wait, from its begin to its waking. Of one without either, or of no duration, nothing. */
void follow_wait(struct follow *f, const struct fb_blocking *b);

/* What could not be followed, or only in part, or was left out. */
void follow_cost(const struct follow *f, struct fb_report *r);

#endif
