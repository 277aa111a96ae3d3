/* SPDX-License-Identifier: MIT */
/* explain.h - one wait explained: who waited for whom, and what its time consisted of. */
#ifndef ANALYSES_SHARED_EXPLAIN_H
#define ANALYSES_SHARED_EXPLAIN_H

#include "analyses/shared/path.h"

/* A part of the wait that is long enough to be named. */
struct link {
	struct fb_segment segment; /* its cause is `cause`, or NULL */
	struct fb_cause cause;
	/*
	 * WAIT: gone around, what follows one deeper stands in for it. STRETCH: ran, interrupts
	 * and short pauses included.
	 */
	enum link_kind { LINK_WAIT, LINK_BIRTH, LINK_LEAF, LINK_STRETCH } kind;
};

/* Links that say the same: see fold.h. */
struct folded {
	struct link link; /* the first of them */
	uint64_t n;
	fb_ns sum;        /* their durations */
};

struct explanation {
	fb_ns asleep;
	fb_ns least;                /* duration of a link that is named */
	GArray *chain;              /* struct link, by begin; a wait before what stands in for it */
	GArray *folded;             /* struct folded: what of the chain carries the wait; NULL with `all` */
	uint64_t left_out;          /* links too short, or too many, to be named */
	struct path_shares *shares;
};

/*
 * Explains the wait of a task from `begin` to `wake`, or any other part of its life; with `all`
 * every link is named, however short. Free with explanation_free().
 */
struct explanation *explanation_new(struct fb_history *h, const struct fb_task *task, fb_ns begin,
				    fb_ns wake, bool all);
void explanation_free(struct explanation *e);

/*
 * "50.3 ms of 60.5 ms: serverB [213] slept in clock_nanosleep, woken by TIMER hrtimer_wakeup": the
 * greatest share. Where that is less than half, "62.7 ms are spread: …" and the three greatest. Appends to `to`. False: there is none.
 */
bool explanation_root(struct fb_report *r, const struct explanation *e, GString *to);

#endif
