/* SPDX-License-Identifier: MIT */
/*
 * kernel.h - the kernel as the events tell of it: which task runs on which CPU,
 * in which system call, and what interrupts stand on top of it.
 *
 * Events go in by time; waits come out through a callback when they are over.
 * The rules are in docs/rules.md.
 */
#ifndef FLIGHTBOX_KERNEL_H
#define FLIGHTBOX_KERNEL_H

#include <flightbox/event.h>
#include <flightbox/source.h>

struct fb_blocking;
struct fb_cause;

/*
 * One thread, from its first sign of life to its exit. A tid that is used again
 * gets a new one. Tasks live as long as the kernel they belong to, so a pointer
 * to one never dangles; two sights of one task are the same pointer.
 */
struct fb_task {
	int32_t tid;          /* 0: an idle task; -1: ran before its CPU's first sched_switch, not yet known */
	int32_t pid;          /* of its process; 0 while unknown */
	int32_t ppid;         /* parent's pid; 0 while unknown */
	uint32_t generation;  /* 0 for the first task seen with this tid */
	uint32_t number;      /* among the kernel's tasks, in the order in which they were seen: an index */
	const char *comm;     /* interned, its latest; NULL while unknown */
	const char *exe;      /* interned: the file of its latest exec, inherited at fork; NULL while unknown */
	bool kthread;         /* known to be a kernel thread */
	bool exited;
};

/* The number of its process: its pid, or its tid while that is not known. */
static inline int32_t fb_task_process(const struct fb_task *task)
{
	return task->pid ? task->pid : task->tid;
}

struct fb_kernel;

/* Kinds of frames that can stand on top of a CPU's current task. */
enum fb_frame_kind {
	FB_FRAME_NONE,
	FB_FRAME_SOFTIRQ,
	FB_FRAME_TIMER,    /* a wheel timer's callback, inside SOFTIRQ TIMER */
	FB_FRAME_HRTIMER,  /* in the local timer's interrupt, or inside SOFTIRQ HRTIMER */
	FB_FRAME_IRQ,
	FB_FRAME_VECTOR,
};

/* An interrupt on top of a task. */
struct fb_interrupt {
	enum fb_frame_kind kind; /* SOFTIRQ, IRQ, VECTOR; NONE: the task itself runs again */
	int32_t id;              /* softirq vector, irq or vector number */
	enum fb_vector vector;   /* VECTOR */
	const char *name;        /* interned: virtio0-req.0, local_timer; NULL for softirqs or unknown */
	bool is_inline;          /* SOFTIRQ: raised by the task itself */
};

/*
 * What an observer is told: every transition as the model sees it. Times never decrease, but of `lost`.
 * No task is an idle one, but it may be one that is not named yet (tid -1). Any may be NULL.
 */
struct fb_observer_ops {
	/*
	 * First of all. The source outlives what the observer does with it.
	 * Returns the kinds of events that `event` shall be called with.
	 */
	uint64_t (*begin)(void *data, struct fb_source *source);
	/*
	 * An event of these kinds, after the model took it and told of what it did. NULL when there
	 * is no `begin`.
	 */
	void (*event)(void *data, const struct fb_event *ev, const struct fb_kernel *k);
	/* It runs from now on. */
	void (*run)(void *data, const struct fb_task *task, fb_ns now);
	/* It leaves its CPU: 'R' runnable, 'X' for good, else the letter of its wait. */
	void (*leave)(void *data, const struct fb_task *task, char state, fb_ns now);
	/* Its wait is over. A second waking of one wait replaces the first. The cause is lent. */
	void (*wake)(void *data, const struct fb_task *task, const struct fb_cause *cause, fb_ns now);
	/* More is known about what ended its latest wait, maybe a little after that. */
	void (*refine)(void *data, const struct fb_task *task, const struct fb_cause *cause);
	/* It enters a system call, or leaves the one that it is in. NULL: one that has no name. */
	void (*syscall)(void *data, const struct fb_task *task, const struct fb_syscall *call,
			bool inside, fb_ns now);
	/*
	 * It leaves its system call, which says that it may go on: behind a signal, a stop or the
	 * freezer. Instead of `syscall`; next comes `resume`, or `syscall` when it does not.
	 */
	void (*pause)(void *data, const struct fb_task *task, const struct fb_syscall *call,
		      fb_ns now);
	/*
	 * It is about to wait, in no system call, but perhaps where it is kept from one that it asked for: by
	 * seccomp, or a tracer. Next comes `leave`; and if so `resume`, where its entry is logged or, when
	 * it was not let in, its exit. Else anything but that.
	 */
	void (*approach)(void *data, const struct fb_task *task, fb_ns now);
	/* It goes on in that call, or is in the one that it was kept from: it has been in it since. */
	void (*resume)(void *data, const struct fb_task *task, const struct fb_syscall *call,
		       fb_ns now);
	void (*interrupt)(void *data, const struct fb_task *task,
			  const struct fb_interrupt *interrupt, fb_ns now);
	/* A new task, ready to run; `parent` is NULL when it is not known. */
	void (*fork)(void *data, const struct fb_task *parent, const struct fb_task *child,
		     fb_ns now);
	/* What was told of `from` happened to `to`. */
	void (*rename)(void *data, const struct fb_task *from, const struct fb_task *to);
	/*
	 * Nothing is known of a CPU from `now` until `until`; `task` ran there, if anybody known did. Again, of no
	 * time, behind each event that the CPU tells in between, of the task that runs there in that moment. Where
	 * that is found out later `now` is before what was told last, but of `task`.
	 */
	void (*lost)(void *data, const struct fb_task *task, fb_ns now, fb_ns until);
	/* … of all of them; see fb_kernel_gap(). */
	void (*gap)(void *data, fb_ns until);
};

/* Who wants to know of every transition. */
struct fb_observer {
	const struct fb_observer_ops *ops;
	void *data; /* the first argument of all of them */
};

struct fb_kernel_options {
	/* Who observes; each transition is told to one after the other. The list is copied. */
	const struct fb_observer *observers;
	size_t n_observers;
	bool all;       /* also waits of idle kernel threads, and parked, stopped and traced tasks */
	bool edges;     /* also waits that began before or ended after the trace, or its part */
	uint32_t hold;  /* waits held back at most until their names are known; 0: the default */
	fb_ns patience; /* … and for how long, by the trace's clock; 0: to the end. For live sessions */
};

/*
 * Called once for each wait when all about it is known: waits in the order in
 * which they ended. The blocking is lent for the call.
 */
typedef void (*fb_blocking_func)(const struct fb_blocking *b, void *data);

/* Oddities that the model met and worked around. */
struct fb_kernel_counts {
	uint64_t waits[4];          /* handed out or not wanted, by enum fb_quality */
	uint64_t unknown_causes;    /* waits that ended with no waking seen */
	uint64_t broken_waits;      /* dropped: the events about them contradict each other */
	uint64_t late_wakings;      /* seen a little behind the switch that they led to: clocks differ */
	uint64_t switch_mismatches; /* sched_switch whose prev_tid was not the CPU's current task */
	uint64_t idle_ends;         /* sched_switch away from an idle CPU: of some tasks alone there are none */
	uint64_t frames_cleared;    /* interrupt frames whose exit never came */
	/*
	 * CPUs with lower numbers than others, or that tasks were woken on, and of which there are no
	 * events. Known when the trace has ended.
	 */
	int silent_cpus, first_silent_cpu;
};

/*
 * A model for the trace of `source`, which must outlive it, as must the observers' data.
 * `func` may be NULL. Free with fb_kernel_free().
 */
struct fb_kernel *fb_kernel_new(struct fb_source *source, const struct fb_kernel_options *options,
				fb_blocking_func func, void *data);
void fb_kernel_free(struct fb_kernel *k);

/* Takes the next event. Never fails: what cannot be is counted; of CPUs from FB_CPUS_MAX on, left out. */
void fb_kernel_event(struct fb_kernel *k, const struct fb_event *ev);
/* The same for many: a batch at a time costs less. */
void fb_kernel_events(struct fb_kernel *k, const struct fb_event *events, size_t n);

/*
 * Events were left out on purpose, and the next ones are not before `until`. Who runs,
 * sleeps or is in a system call by then is not known, only what tasks are called and
 * which process they belong to. Hands out what was held back; waits under way will have
 * no begin.
 */
void fb_kernel_gap(struct fb_kernel *k, fb_ns until);

/* Whether a wait that began up to `until`, and is to be handed out, has not ended yet. */
bool fb_kernel_awaits(const struct fb_kernel *k, fb_ns until);

/* The trace has ended: hands out what was held back and, where wanted, the waits still open. */
void fb_kernel_finish(struct fb_kernel *k);

const struct fb_kernel_counts *fb_kernel_counts(const struct fb_kernel *k);

/* Kinds of events that the model makes use of: the ones to ask a source for. */
uint64_t fb_kernel_kinds(void);

/* The task that runs on a CPU; NULL while that is unknown. */
const struct fb_task *fb_kernel_current(const struct fb_kernel *k, int cpu);

/* The living, or else the latest, task with this tid; NULL when none was seen. */
const struct fb_task *fb_kernel_find_task(const struct fb_kernel *k, int32_t tid);

/* Calls `func` for every task that was seen, in no order. */
void fb_kernel_each_task(const struct fb_kernel *k,
			 void (*func)(const struct fb_task *task, void *data), void *data);

/*
 * What a task of the kernel's is called: 0 for its latest comm, then what it was called before,
 * the latest first, as far as that is kept. NULL behind the last, or where none is known. Interned.
 */
const char *fb_task_name(const struct fb_task *task, size_t i);

/*
 * The system call that a task of the kernel's is in, and its descriptor, -1 when it has none. NULL: it
 * is in none that has a name, or that is not known.
 */
const struct fb_syscall *fb_task_call(const struct fb_task *task, int32_t *fd);

/* The innermost frame open on a CPU. */
enum fb_frame_kind fb_kernel_context(const struct fb_kernel *k, int cpu);

/*
 * Whose doing it is what happens on a CPU now: the cause that a waking would have, but for
 * what refines it. UNKNOWN while nothing is known of the CPU.
 */
void fb_kernel_actor(const struct fb_kernel *k, int cpu, struct fb_cause *actor);

/* Whether a hard (IRQ, VECTOR) or soft interrupt's frame is open at any depth. */
bool fb_kernel_in_hardirq(const struct fb_kernel *k, int cpu);
bool fb_kernel_in_softirq(const struct fb_kernel *k, int cpu);

#endif
