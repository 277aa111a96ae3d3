/* SPDX-License-Identifier: MIT */
/* explain.h - one wait explained: who waited for whom, and what its time consisted of. */
#ifndef ANALYSES_SHARED_EXPLAIN_H
#define ANALYSES_SHARED_EXPLAIN_H

#include "analyses/shared/path.h"

/* A part of the wait. */
struct link {
	struct fb_segment segment; /* the first of them; its cause is `cause`, or NULL */
	struct fb_cause cause;
	uint64_t n;                /* segments that it is made of, */
	fb_ns sum;                 /* … their time: of one that is made of several less than end - begin */
	bool is_mixed;             /* in several system calls, `syscall` is NULL */
	/*
	 * WAIT: gone around, what follows one deeper stands in for it. STRETCH: all of one kind
	 * that a task did from `begin` to `end`; what else it did meanwhile are other links, or short.
	 */
	enum link_kind { LINK_WAIT, LINK_BIRTH, LINK_LEAF, LINK_STRETCH } kind;
};

/* How much of it the chain has. */
enum explain_detail {
	EXPLAIN_BRIEF, /* none: what is worth a line of a person's, and no more, is kept */
	EXPLAIN_LONG,  /* what is long enough to be named; short pauses do not part what a task did */
	EXPLAIN_FULL,  /* each segment and each wait */
	EXPLAIN_GRAPH, /* the same, but one's time on a CPU is one link, called what it mostly was */
};

struct explanation {
	enum explain_detail detail;
	fb_ns asleep;
	fb_ns least;                /* time of a link that is named */
	struct brief *brief;        /* NULL but in BRIEF, which has nothing else: */
	GArray *chain;              /* struct link, by begin; a wait before what stands in for it; or NULL */
	uint64_t left_out;          /* links too short, or too many, to be named */
	struct path_shares *shares; /* or NULL */
};

/*
 * Explains the wait of a task from `begin` to `wake`, or any other part of its life. Free with
 * explanation_free().
 */
struct explanation *explanation_new(struct fb_history *h, const struct fb_task *task, fb_ns begin,
				    fb_ns wake, enum explain_detail detail);
void explanation_free(struct explanation *e);

/*
 * "50.3 ms of 60.5 ms: serverB [213] slept in clock_nanosleep, woken by TIMER hrtimer_wakeup": the
 * greatest share. Where that is less than half, "62.7 ms are spread: …" and the three greatest. Appends to `to`. False: there is none.
 */
bool explanation_root(struct fb_report *r, const struct explanation *e, GString *to);

#endif
