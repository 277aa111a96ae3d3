/* SPDX-License-Identifier: MIT */
/*
 * ready.h - waits for a CPU: tasks that could run and did not, and who had the CPU meanwhile.
 *
 *	          begin                              end
 *	asleep ────|──────────── ready ───────────────|── runs
 *	           woken         cpu 0: hog, NET_RX, hog
 *	           preempted
 *	           forked
 */
#ifndef ANALYSES_SHARED_READY_H
#define ANALYSES_SHARED_READY_H

#include "analyses/shared/cpu-log.h"

enum ready_how {
	READY_WOKEN,     /* from a sleep */
	READY_PREEMPTED, /* it left the CPU though it could go on; or gave it up by sched_yield */
	READY_FORKED,
	READY_HOWS
};

/* "preempted" */
const char *ready_how_name(enum ready_how how);

/* What kept it from running, where that was not others that had its CPU. */
enum ready_bar {
	READY_BAR_NONE,
	READY_BAR_QUOTA,    /* its cgroup had used up its CPU time: a period's timer let it go on */
	READY_BAR_REALTIME, /* real-time tasks had theirs: … */
	READY_BAR_DEADLINE, /* the same of a deadline task */
	READY_BAR_UNKNOWN,  /* its CPU idled all that time: it was not allowed to run */
	READY_BARS
};

/* "cpu_quota"; NULL for NONE. */
const char *ready_bar_name(enum ready_bar bar);
/* For people, "not allowed to run (inferred)"; NULL for NONE. */
const char *ready_bar_words(enum ready_bar bar);

struct ready {
	const struct fb_task *task;
	const char *comm, *exe;   /* its own at the end */
	const char *syscall;      /* that it was in; NULL outside of any or unknown */
	enum ready_how how;
	bool is_lost;             /* events were lost meanwhile: it may have run */
	int32_t cpu;              /* whose queue it was in last; -1: not known */
	int32_t ran_on;           /* where it ran then; -1: it did not, or it is not known */
	int16_t priority;         /* with which it ran then: see struct holder */
	fb_ns begin, end;         /* `end` FB_NS_NONE: it had not run by the last event, */
	fb_ns until;              /* … which was then; else the end */
	fb_ns idle;               /* its CPU idled */
	fb_ns idle_elsewhere;     /* the longest that another one did */
	int32_t idle_cpu;         /* … which; -1: none did */
	enum ready_bar bar;       /* inferred */
	const struct holding *had; /* who had its CPU, from the longest to the shortest: they sum to until - begin */
	size_t n_had;
};

struct ready_waits;

/*
 * `func` gets each wait of at least `least` ns when it is over, lent for the call; `symbol`, which may be
 * NULL, tells what function is at an address. Where many tasks wait for a CPU each of its turns is looked
 * at for each of them: `effort` limits that, to so many turns for an event on the average; what there is no effort
 * left for is not known. 0: all are looked at.
 */
struct ready_waits *ready_waits_new(fb_ns least, uint64_t effort,
				    void (*func)(const struct ready *ready, void *data),
				    const char *(*symbol)(void *data, uint64_t address), void *data);
void ready_waits_free(struct ready_waits *w);

/* To be told of a model's transitions, and of these kinds of events. */
struct fb_observer ready_waits_observer(struct ready_waits *w);
uint64_t ready_waits_kinds(void);

/* The trace has ended: hands out those under way. */
void ready_waits_finish(struct ready_waits *w);

#endif
