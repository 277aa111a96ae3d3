/* SPDX-License-Identifier: MIT */
/*
 * blocking.h - one wait of one task, from sleeping to running again.
 *
 *	begin            wake       end
 *	--|----- asleep ---|- ready --|--- runs
 *
 *	asleep: somebody else's doing, named by `cause`
 *	ready:  the scheduler's doing (no CPU was free)
 *
 * One system call may hold several.
 */
#ifndef FLIGHTBOX_BLOCKING_H
#define FLIGHTBOX_BLOCKING_H

#include <flightbox/event.h>
#include <flightbox/kernel.h>

/* What ended a wait: the innermost context of the CPU that logged the sched_waking. */
enum fb_cause_kind {
	FB_CAUSE_UNKNOWN,
	FB_CAUSE_SOFTIRQ,
	FB_CAUSE_HRTIMER,
	FB_CAUSE_TIMER,    /* a wheel timer's callback, or the local timer vector with no callback recorded */
	FB_CAUSE_IRQ,
	FB_CAUSE_IPI,
	FB_CAUSE_TASK,
	FB_CAUSE_UNTRACED, /* a hard interrupt of which no event was recorded: an idle CPU woke it, or flags tell */
	FB_CAUSE_KINDS
};

/* What refines the cause. */
enum fb_via {
	FB_VIA_NONE,
	FB_VIA_SIGNAL,         /* via_id: its number */
	FB_VIA_CHILD_EXIT,     /* a child that was waited for ended; via_id: its process, 0 when unknown */
	FB_VIA_CHILD_STOP,     /* … stopped, */
	FB_VIA_CHILD_CONTINUE, /* … went on, */
	FB_VIA_CHILD_TRAP,     /* … or stopped for its tracer */
	FB_VIA_VFORK,          /* the child of vfork called exec or ended; via_id: the child's tid */
	FB_VIA_SOFTIRQ_OVERLOAD, /* ksoftirqd, woken at the end of a softirq that left work behind; origin: which softirq */
	FB_VIA_SIGNAL_PENDING, /* it never slept: a signal was pending (Linux 5.18 to 6.14 print S or D all the same) */
	FB_VIAS
};

enum fb_origin_kind {
	FB_ORIGIN_NONE,     /* not a softirq, or not known */
	FB_ORIGIN_IRQ,      /* raised in the handler of irq `id` */
	FB_ORIGIN_VECTOR,   /* … in an interrupt vector: the local timer, an IPI */
	FB_ORIGIN_HRTIMER,  /* … in the callback `function` */
	FB_ORIGIN_TIMER,
	FB_ORIGIN_TASK,     /* … by `task` in `syscall` */
	FB_ORIGIN_SOFTIRQ,  /* … in softirq `id`, whose own origin is not known */
	FB_ORIGIN_DEFERRED, /* run by ksoftirqd or ktimers; the other members tell who raised it, where known */
	FB_ORIGIN_KINDS
};

struct fb_origin {
	enum fb_origin_kind kind;
	int32_t id;                  /* irq, vector or softirq number; -1 when it has none */
	const char *name;            /* interned: the irq's or vector's; NULL when it has none */
	uint64_t function;           /* the callback's address; 0 when it has none */
	const struct fb_task *task;  /* NULL unless raised by a task */
	const char *comm;            /* the task's then: interned, NULL when unknown */
	const char *syscall;         /* the task's, NULL outside of any */
};

struct fb_cause {
	enum fb_cause_kind kind;
	enum fb_via via;
	int32_t id;                  /* softirq vector, irq or interrupt vector; -1 when it has none */
	int32_t via_id;
	int32_t cpu;                 /* where the waking was logged; -1 when unknown */
	bool early;                  /* … before the switch out: then wake = begin */
	bool is_inline;              /* a softirq that ran inside `task`'s own system call */
	bool is_block;               /* an interrupt that had completed a block device's request */
	const char *name;            /* interned: NET_RX, virtio0-req.0, call_function_single; NULL for callbacks */
	uint64_t function;           /* of timers: the callback's address; of kworkers: the work's; else 0 */
	/*
	 * The waker when kind is TASK; the sender when a softirq ran inline in
	 * its system call; for signals their sender. NULL for a task that was
	 * merely interrupted.
	 */
	const struct fb_task *task;
	const char *comm;            /* the task's then: interned, NULL when unknown */
	const char *syscall;         /* the task's, without "sys_"; NULL outside of any or unknown */
	const struct fb_task *child; /* whose number via_id is, where that is a child; NULL when unknown */
	struct fb_origin origin;     /* of a softirq; of SOFTIRQ_OVERLOAD the softirq left behind */
};

enum fb_quality {
	FB_QUALITY_EXACT,
	FB_QUALITY_INFERRED, /* a fallback stood in for an event that was not recorded */
	FB_QUALITY_LOST,     /* its times, state or cause are in doubt, or the event that ended it is missing */
	FB_QUALITY_EDGE,     /* began before or ended after the trace, or the part of it that was read */
	FB_QUALITIES
};

/* What of a wait is not certain, as bits: where events were lost it may have been otherwise. */
enum fb_doubt {
	FB_DOUBT_BEGIN = 1 << 0,   /* … and with it how long it was asleep, */
	FB_DOUBT_WAKE = 1 << 1,
	FB_DOUBT_END = 1 << 2,
	FB_DOUBT_STATE = 1 << 3,
	FB_DOUBT_SYSCALL = 1 << 4, /* `syscall` and `fd`, and the system calls of tasks in `cause` */
	FB_DOUBT_CAUSE = 1 << 5,   /* `cause`, but for names, processes and system calls of tasks in it */
	FB_DOUBT_TASK = 1 << 6,    /* the names and processes of `task` and of tasks in `cause`; never a tid */
	FB_DOUBT_ALL = (1 << 7) - 1,
	/* What makes its quality `lost`: what tasks and calls are called does not. */
	FB_DOUBT_LOST = FB_DOUBT_BEGIN | FB_DOUBT_WAKE | FB_DOUBT_END | FB_DOUBT_STATE |
			FB_DOUBT_CAUSE,
};

struct fb_blocking {
	const struct fb_task *task;
	const char *comm, *exe;  /* the task's when the wait ended; interned, NULL when unknown */
	const char *syscall;     /* without "sys_"; NULL outside of any (page fault, kernel thread) or unknown */
	int32_t fd;              /* that the system call works on, -1 when it has none */
	/* S, D; with options.all also T (stopped), t (traced), P (parked), I (idle); 0: began before what was read */
	char state;
	enum fb_quality quality;
	uint32_t doubt;          /* bits of enum fb_doubt; 0: all of it is certain */
	fb_ns begin, wake, end;  /* begin <= wake <= end; FB_NS_NONE where unknown */
	/*
	 * Of an EDGE whose begin or waking is not known: ns that it surely was asleep within what was
	 * read; 0 when nothing is sure. Set by the run, which knows what was read.
	 */
	fb_ns at_least;
	struct fb_cause cause;
};

/* wake - begin and end - wake, FB_NS_NONE where a part is unknown. */
static inline fb_ns fb_blocking_asleep(const struct fb_blocking *b)
{
	return b->wake == FB_NS_NONE || b->begin == FB_NS_NONE ? FB_NS_NONE : b->wake - b->begin;
}

static inline fb_ns fb_blocking_ready(const struct fb_blocking *b)
{
	return b->end == FB_NS_NONE || b->wake == FB_NS_NONE ? FB_NS_NONE : b->end - b->wake;
}

/* What is known of the time asleep: all of it, or an edge's `at_least`; FB_NS_NONE when nothing is. */
static inline fb_ns fb_blocking_known(const struct fb_blocking *b)
{
	fb_ns asleep = fb_blocking_asleep(b);

	if (asleep != FB_NS_NONE || b->quality != FB_QUALITY_EDGE || b->at_least <= 0)
		return asleep;
	return b->at_least;
}

/* Whether it tells what a child did, and `via_id` is that child: its pid, or the tid of a traced thread or of vfork's. */
static inline bool fb_via_is_child(enum fb_via via)
{
	return via >= FB_VIA_CHILD_EXIT && via <= FB_VIA_VFORK;
}

/* The command of the child that it tells of, interned; NULL when unknown. Of a waker: what it was called then. */
static inline const char *fb_cause_child(const struct fb_cause *cause)
{
	if (cause->child && cause->child == cause->task)
		return cause->comm;
	return cause->child ? cause->child->comm : NULL;
}

/* As in the JSON report: "softirq", "exact", "child_exit", "hrtimer"; NULL for the NONE values. */
const char *fb_cause_kind_name(enum fb_cause_kind kind);
const char *fb_quality_name(enum fb_quality quality);
/* … of one bit: "begin". */
const char *fb_doubt_name(enum fb_doubt one);
const char *fb_via_name(enum fb_via via);
const char *fb_origin_kind_name(enum fb_origin_kind kind);

/*
 * As in the text report: "CHILD EXIT", "SOFTIRQ OVERLOAD"; NULL where the waking context is told
 * as well, with FB_VIA_NONE and FB_VIA_SIGNAL.
 */
const char *fb_via_words(enum fb_via via);

#endif
