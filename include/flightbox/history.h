/* SPDX-License-Identifier: MIT */
/*
 * history.h - what every task did in the past, and from that the critical path:
 * what a task's elapsed time consisted of, waits followed to whom they waited for.
 *
 *	A  running ─┐                                  ┌─ ready ─ running
 *	            └ blocked ─────────────────────────┘
 *	B             running ─┐          ┌─ running ──^ wakes A
 *	                       └ blocked ─┘
 *	timer                             ^ wakes B
 *
 *	path of A:  running │ B running │ B timer │ B running │ ready │ running
 *	depth       0         1           1         1           0       0
 *
 * A history observes a model (kernel.h). It keeps one record per transition, in
 * a bounded amount of memory: what is older than that is dropped, and counted.
 */
#ifndef FLIGHTBOX_HISTORY_H
#define FLIGHTBOX_HISTORY_H

#include <flightbox/blocking.h>
#include <flightbox/kernel.h>

struct fb_history;
struct fb_packets; /* packet.h */

#define FB_HISTORY_SIZE ((uint64_t)192 << 20) /* bytes, when no other size is asked for */

struct fb_history_options {
	uint64_t size; /* bytes at most, but no less than some 6 MiB; 0: FB_HISTORY_SIZE */
	/*
	 * Asked before what was until `until` is dropped: nobody will ask for what was before
	 * the time returned. With `is_full` something will be dropped, whatever that is. Paths may
	 * be asked for meanwhile. NULL: everything is kept as long as it fits.
	 */
	fb_ns (*needed_since)(void *data, fb_ns until, bool is_full);
	void *data;
	/* Who follows packets already, and observes the same model before the history does; NULL: nobody. Lent. */
	struct fb_packets *packets;
	fb_ns begin, end; /* fb_history_each_task() counts what tasks ran in between; both 0: all they ran */
};

struct fb_history *fb_history_new(const struct fb_history_options *options);
void fb_history_free(struct fb_history *h);

/* For fb_kernel_options. It wants a source that gives these kinds, too. */
struct fb_observer fb_history_observer(struct fb_history *h);
uint64_t fb_history_kinds(void);

/* What one did, or what a wait was for. */
enum fb_state {
	FB_STATE_RUNNING,
	FB_STATE_READY,     /* runnable, but on no CPU */
	FB_STATE_TIMER,     /* waits that a timer ended, */
	FB_STATE_BLOCK,     /* … a disk, */
	FB_STATE_NETWORK,   /* … a packet from outside */
	FB_STATE_QDISC,     /* a packet of this host in its queueing discipline, where that is recorded; */
	FB_STATE_IN_FLIGHT, /* … between its sending and its receipt */
	FB_STATE_HELD,      /* its data between the system call that wrote them and its sending */
	FB_STATE_IRQ,       /* a hard interrupt on top of the task, or a wait that one ended */
	FB_STATE_IPI,
	FB_STATE_SOFTIRQ,
	FB_STATE_QUEUED,    /* work for a kernel thread, until that turned to it */
	FB_STATE_BLOCKED,   /* a wait that cannot be followed: still under way, or ended by the task itself */
	FB_STATE_UNKNOWN,   /* events were lost, the trace does not reach there, or the history no longer */
	FB_STATES
};

/* "running", "in_flight". */
const char *fb_state_name(enum fb_state state);

/* Why a segment is FB_STATE_UNKNOWN. */
enum fb_unknown {
	FB_UNKNOWN_NOT,
	FB_UNKNOWN_CAUSE,   /* nothing tells what ended the wait */
	FB_UNKNOWN_EDGE,    /* the trace does not reach there */
	FB_UNKNOWN_LOST,    /* events were lost */
	FB_UNKNOWN_DROPPED, /* the history was too small */
	FB_UNKNOWN_EFFORT,  /* the path is too long to follow */
	FB_UNKNOWNS
};

/* "lost"; NULL for FB_UNKNOWN_NOT. */
const char *fb_unknown_name(enum fb_unknown unknown);

/* What is known of data that was held: zeros, where nothing is. */
struct fb_held {
	uint32_t bytes;               /* that left then */
	uint32_t unacknowledged;      /* sent before them: Nagle's algorithm waited for that */
	fb_ns delay;                  /* for which the acknowledgement was put off that let them go; 0: it was not, */
	const struct fb_task *acker;  /* … and by whose socket; NULL: not known */
	bool is_awaited;              /* by the segment's task: who wrote them is not known */
};

struct fb_segment {
	const struct fb_task *task;
	const char *syscall;          /* that the task was in, NULL outside of any or unknown */
	fb_ns begin, end;             /* begin < end */
	enum fb_state state;
	enum fb_unknown unknown;
	uint32_t depth;               /* waits that it stands for: 0 is the task asked about itself */
	const struct fb_cause *cause; /* what ended the wait, or which interrupt it is; NULL: neither. Lent */
	struct fb_held held;          /* of FB_STATE_HELD */
	bool is_birth;                /* of `around`: no wait, but the time before the task was forked */
	uint32_t wait;                /* … which of all waits it is, or a part of: its number; 0: none */
};

/* Each may be NULL. Everything is lent for the call. */
struct fb_path_funcs {
	/* The segments of a path in the order of time. They tile it: no gap, no overlap. */
	void (*segment)(const struct fb_segment *segment, void *data);
	/*
	 * A wait that the path goes around (state BLOCKED), before the segments that stand
	 * in for it, which are one deeper. Or the time before a task's life, which its parent's stands in for.
	 */
	void (*around)(const struct fb_segment *wait, void *data);
	/*
	 * Asked before the path goes around a wait that has a number. True: what stands in for it
	 * is known already, so nothing of it is told, and the path goes on where it ends.
	 */
	bool (*skip)(const struct fb_segment *wait, void *data);
};

/*
 * The critical path of a task through [begin, end], which may reach beyond what is
 * known: that is then unknown. Nothing may be recorded meanwhile.
 */
void fb_history_path(struct fb_history *h, const struct fb_task *task, fb_ns begin, fb_ns end,
		     const struct fb_path_funcs *funcs, void *data);

/* From when to when anything is known of a task; false: nothing is. */
bool fb_history_life(const struct fb_history *h, const struct fb_task *task, fb_ns *begin,
		     fb_ns *end);

/* The living, or else the latest, task with this tid of which anything is known; or NULL. */
const struct fb_task *fb_history_find_task(const struct fb_history *h, int32_t tid);

/* Of one task, in all. */
struct fb_account {
	fb_ns ran;        /* interrupts on top of it not counted; none of it is ever forgotten */
	fb_ns wait_since; /* when the wait began that is under way, INT64_MIN: that is forgotten; INT64_MAX: none is */
};

/* Calls `func` for each task of which anything is known, in the order of their numbers. */
void fb_history_each_task(const struct fb_history *h,
			  void (*func)(const struct fb_task *task, const struct fb_account *account,
				       void *data),
			  void *data);

/*
 * When the longest of the waits began that are under way now and whose task is wanted;
 * INT64_MAX: there is none. INT64_MIN: before anything that is known.
 */
fb_ns fb_history_waits_since(const struct fb_history *h,
			     bool (*wanted)(const struct fb_task *task, void *data), void *data);

struct fb_history_counts {
	uint64_t records;    /* made, */
	uint64_t dropped;    /* … and forgotten for want of room */
	fb_ns since;         /* what is known begins here; FB_NS_NONE: nothing was forgotten */
	uint64_t size;       /* bytes in use */
	uint64_t unknown[FB_UNKNOWNS]; /* segments handed out */
};

const struct fb_history_counts *fb_history_counts(const struct fb_history *h);

/* Counts so many segments as handed out that were skipped and are known to be there. */
void fb_history_count_unknown(struct fb_history *h, enum fb_unknown unknown, uint64_t n);

#endif
