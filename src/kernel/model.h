/* SPDX-License-Identifier: MIT */
/*
 * model.h - the model's insides, shared by the files of src/kernel.
 *
 *	model.c     the door; losses
 *	sched.c life.c interrupt.c   handlers of events
 *	loss.c      what is forgotten, and what doubted, where events are missing
 *	task.c      tasks by tid
 *	context.c   interrupt frames, softirq origins
 *	wake.c      what a waking came from
 *	told.c      what an event itself says of where it happened
 *	blocking.c  a wait's life
 *	entry.c     waits at the entry to a call
 *	unfinished.c  the queue of waits held back
 *	outcome.c   what a call's result tells of its last wait
 */
#ifndef KERNEL_MODEL_H
#define KERNEL_MODEL_H

#include <glib.h>

#include <flightbox/blocking.h>
#include <flightbox/kernel.h>

#include "kernel/prev_state.h"

enum { FRAMES = 8, WAKINGS = 8 };

/* Linux' tids end at 2^22 (PID_MAX_LIMIT): two levels of tables hold them. */
enum { TIDS_PER_PAGE = 1024, TID_LIMIT = 1 << 22 };

/*
 * Beside enum fb_doubt, in 8 bits: FB_DOUBT_SYSCALL, of a task in the cause. The sleeper's own
 * next system call settles that, but not this.
 */
enum { DOUBT_CALLER = 1 << 7 };

/* An interrupt's or a callback's stay on top of the current task. */
struct frame {
	enum fb_frame_kind kind;
	int32_t id;             /* enum fb_softirq, irq or vector number */
	enum fb_vector vector;  /* VECTOR */
	const char *name;       /* IRQ, VECTOR: interned */
	uint64_t timer;         /* TIMER, HRTIMER: its address, to match the exit */
	uint64_t function;
	struct fb_origin origin; /* SOFTIRQ */
	bool is_inline;         /* SOFTIRQ: raised and run by the current task itself */
	bool inferred;          /* SOFTIRQ: the origin is a guess, for want of events */
	bool is_block;          /* a request of a block device was completed in it */
	uint8_t doubt;          /* SOFTIRQ: of its origin, where events were lost */
};

/* One sched_waking: when, and from what context. */
struct wake {
	fb_ns time;
	bool inferred;
	bool hidden;            /* … unless it fits: an interrupt that is not recorded may have done it */
	bool fits;              /* what was done is what the wait is for, if that is an interruptible sleep */
	uint8_t doubt;          /* of the wait that it ends, as far as is known by then */
	struct fb_cause cause;
};

/* What the event at hand itself says of where it happened. */
enum told {
	TOLD_NOTHING,
	TOLD_TASK,      /* in no interrupt */
	TOLD_SOFT,
	TOLD_HARD,
};

enum run_state {
	TASK_UNKNOWN,   /* never switched in or out: it may sleep since before the trace */
	TASK_RUNNING,
	TASK_READY,
	TASK_BLOCKED,
	TASK_DEAD,
};

enum sys_state {
	SYS_UNKNOWN,    /* neither an entry nor an exit was seen yet */
	SYS_OUTSIDE,
	SYS_INSIDE,
	SYS_DOUBTFUL,   /* where events were lost it may have left a call, or entered one */
	SYS_PAUSED,     /* `again` returned that it goes on: whether it does the next entry tells */
};

/* Where a wait outside of any call may be: see entry.c. */
enum entry_wait {
	ENTRY_NONE,     /* anywhere but at the entry to a call */
	ENTRY_FIRST,    /* perhaps there */
	ENTRY_AGAIN,    /* … where the wait before it was */
};

/* The work of a kworker that may have begun or ended some where events were lost. */
#define WORK_DOUBTFUL UINT64_MAX

#define FORMER_NAMES 4 /* of a task, that are kept */

/*
 * What a context switch looks at stands together, in the first 128 bytes; the waking that
 * ends a wait behind that.
 */
struct task {
	struct fb_task pub;     /* first: struct fb_task * and struct task * convert */
	uint8_t state;          /* enum run_state */
	uint8_t sys_state;      /* enum sys_state */
	char wait_state;        /* of the wait under way */
	bool woken;             /* … `wake` holds the first waking since `begin` */
	bool has_early;         /* RUNNING: `wake` holds a waking that came while on the CPU */
	bool signal_pending;    /* a signal was sent to it and not delivered yet */
	bool dying;             /* in exit, or past it */
	bool ksoftirqd;         /* ksoftirqd/N or ktimers/N */
	bool faulted;           /* OUTSIDE: in user mode, since it came from its last call */
	uint8_t entry;          /* enum entry_wait: its latest wait, or that under way */
	char comm[16];          /* pub.comm, NUL-padded, to compare with the next */

	const struct fb_syscall *call; /* SYS_INSIDE: NULL when its number has no name */
	const struct fb_syscall *again; /* PAUSED: the call; INSIDE: the same as `call` when that was entered before */
	int32_t fd;
	int16_t n_frames;
	bool unsure;            /* its fork or its exec may be lost: it has perhaps another program */
	bool stale;             /* it ran unseen since its name was told last */
	bool kept;              /* signal_pending: nothing shows yet that it slept all the same */
	fb_ns begin;            /* of the wait under way; FB_NS_NONE: before the trace */
	fb_ns left;             /* when it last left a CPU */
	uint64_t unfinished;     /* newest of its waits in the queue that its next syscall tells of, 0: none */
	uint64_t unwoken;       /* its wait in the queue that lacks its waking, 0: none */
	const char *slept_as;   /* comm when its wait began, or as it was woken */
	const char *first_comm; /* what it was first called; NULL when an exec told that, or nothing did */
	struct task *parent;    /* NULL when it forked before the trace */
	fb_ns forked;           /* and did not call exec since; FB_NS_NONE: it did, or nobody saw it fork */
	uint64_t work;          /* kworker: the function that it executes; 0 outside */
	struct frame *frames;   /* PREEMPT_RT: softirq and timer frames while it is off the CPU */

	/*
	 * What ends the wait under way (BLOCKED, or UNKNOWN and woken), or explains
	 * the next switch out (RUNNING).
	 */
	struct wake wake;

	/* What it was called before, the latest first, interned; NULL behind the last. */
	const char *former[FORMER_NAMES];
};

/* The latest softirq_raise of a vector, until that runs. */
struct raise {
	bool valid;
	bool inferred;          /* the origin is a guess, for want of events */
	uint8_t doubt;          /* it may be another; without one: a raise may have been lost */
	struct fb_origin origin;
};

struct cpu {
	/* Looked at for every event. */
	struct task *current;   /* NULL while unknown and nothing was seen of it */
	struct task *idle;
	int32_t number;
	int32_t n_frames;
	int32_t n_wakings;
	enum fb_kind last_kind; /* of the previous event here, */
	fb_ns last_time;        /* … and its time */
	enum told told;
	/* The SIGCHLD just sent from here: the waking of the parent in wait4 follows. */
	int32_t child_code, child_parent;
	struct task *kept;      /* `kept` since it left here last, or NULL */
	fb_ns lost_until;       /* the end of its last loss: more events may be missing up to then; or FB_NS_NONE */
	bool is_all_lost;       /* LOST is all there was of it, up to the latest of them */
	/* Since its last loss no switch told who runs, nor a frame's entry what on top. */
	bool doubtful;
	/* Wakings since any other event here: a signal_generate that follows explains them. */
	struct { struct task *task; uint64_t unfinished; } wakings[WAKINGS];
	struct frame frames[FRAMES];
	struct raise raised[FB_SOFTIRQS];
	struct fb_origin last_softirq;  /* origin of the softirq that ended last */
	bool last_softirq_inline;
	uint8_t last_softirq_doubt;
	uint8_t last_irq_doubt;
	struct fb_origin last_irq;      /* of the interrupt that ended last, or of the hrtimer that is seen of it */
	bool last_irq_has_thread;       /* … and its handler asked for the interrupt's thread */
	fb_ns last_irq_time;
	struct { int32_t irq; const char *name; } irq_names[4]; /* most recent first */
};

/* What the next event of its task's system calls tells of a finished wait. */
struct lacks {
	bool syscall;           /* its name, or that */
	bool proof;             /* … it was one wait, though events were lost in the midst of it */
	bool entry;             /* … or that it was at the entry to that call */
	bool outcome;           /* it may end its system call, whose result tells what ended it */
	bool waking;            /* not of its calls: its waking, which may be seen a little late */
};

/* A finished wait that lacks something. */
struct unfinished {
	struct fb_blocking blocking;
	const struct fb_syscall *call; /* that blocking.syscall is the name of */
	uint64_t previous;      /* the same task's older one that waits for its syscall, 0: none */
	struct lacks lacks;
	bool is_broken;         /* it was proved to be two waits */
};

struct observer {
	struct fb_observer pub;
	uint64_t kinds;         /* of events that it wants to see itself */
	struct observer *next;
};

struct fb_kernel {
	struct fb_source *source;
	struct fb_kernel_options options; /* but for the observers: */
	struct observer *observers; /* an array, linked too; NULL: nobody observes */
	uint64_t observed;      /* kinds of events that any of them wants to see itself */
	fb_blocking_func func;
	void *data;
	struct prev_state_rules prev_state;
	bool is_told;           /* events say themselves who runs: see told.c, */
	bool tells_context;     /* … in what interrupt they happen, */
	bool names_current;     /* … who runs, or of which process that is */
	bool rt;                /* PREEMPT_RT: softirqs can be switched out */
	bool by_wakeup;         /* no sched_waking recorded: sched_wakeup stands in */
	uint64_t kinds;         /* that the recording has */
	uint8_t sys_mask;       /* what is known of a task behind an event of a call: see on_syscall() */
	bool by_outcome;        /* what calls return tells of waits: see outcome.c */
	bool fits_tell;         /* see fits_may_tell() */
	bool half_calls;        /* of system calls only entries, or only exits, are recorded */
	bool sees_hard;         /* … among them every hard interrupt, */
	bool sees_all;          /* … and every softirq */
	struct fb_kernel_counts counts;

	struct cpu *cpus;
	int n_cpus;
	int files_of;           /* CPUs below have files; INT_MAX: nothing tells */
	int last_target;        /* the greatest CPU that a woken task had run on, or is to */
	struct task **pages[TID_LIMIT / TIDS_PER_PAGE]; /* tasks by tid; NULL where there are none */
	GHashTable *far;        /* … and those with tids beyond, negative or huge */
	GPtrArray *tasks;       /* every task ever, owned */

	fb_ns lost_until;       /* end of the last loss of any CPU; FB_NS_NONE: none */
	bool has_window;        /* not all CPUs tell of the whole trace: */
	fb_ns whole_since;      /* when the last CPU's record begins; FB_NS_NONE: none does late */
	fb_ns whole_until;      /* when the first one's has ended; INT64_MAX: none has, or it is of no account */
	fb_ns now;              /* of the latest event, where options.patience is set or anybody observes */

	/* Ring of waits held back, by number: [first, next). Numbers start at 1. */
	struct unfinished *unfinished;
	uint64_t first, next;
	uint64_t capacity;      /* power of two */
	bool hold_all;          /* until the statedump has told the names of processes */
};

/* task.c */
struct task *task_find_far(const struct fb_kernel *k, int32_t tid);
struct task *task_new(struct fb_kernel *k, int32_t tid);
/* A new incarnation; the old one, if any, has exited. */
struct task *task_renew(struct fb_kernel *k, int32_t tid);
/* A task that is known to run but not by its tid; task_identify() names it. */
struct task *task_new_unknown(struct fb_kernel *k);
struct task *task_identify(struct fb_kernel *k, struct task *unknown, int32_t tid);
void task_take_comm(const struct fb_kernel *k, struct task *task, const struct fb_event *ev,
		    uint16_t offset);
void task_take_text(const struct fb_kernel *k, struct task *task, const char *text, size_t length,
		    fb_ns now);
void task_set_comm_text(struct task *task, const char *text, size_t length);
/* The event's text at `offset`, which is not FB_NO_TEXT, as an interned string. */
const char *intern_text(const struct fb_event *ev, uint16_t offset);
void tasks_clear(struct fb_kernel *k);

static inline struct task *task_find(const struct fb_kernel *k, int32_t tid)
{
	struct task **page;

	if ((uint32_t)tid >= TID_LIMIT)
		return task_find_far(k, tid);
	page = k->pages[(uint32_t)tid / TIDS_PER_PAGE];
	return page ? page[(uint32_t)tid % TIDS_PER_PAGE] : NULL;
}

static inline struct task *task_get(struct fb_kernel *k, int32_t tid)
{
	struct task *task = task_find(k, tid);

	return task ? task : task_new(k, tid);
}

/* Whether anything is said of system calls. */
static inline bool records_calls(const struct fb_kernel *k)
{
	return k->kinds & (FB_KIND_BIT(FB_EV_SYS_ENTER) | FB_KIND_BIT(FB_EV_SYS_EXIT));
}

/* The system call that it is in; NULL: none, or none that has a name. */
static inline const struct fb_syscall *task_call(const struct task *task)
{
	return task->sys_state == SYS_INSIDE ? task->call : NULL;
}

/* … by its name. */
static inline const char *task_syscall(const struct task *task)
{
	const struct fb_syscall *call = task_call(task);

	return call ? call->name : NULL;
}

/* Whether it may have run, since it was last seen to, where events were lost. */
static inline bool task_ran_unseen(const struct fb_kernel *k, const struct task *task)
{
	return G_UNLIKELY(k->lost_until != FB_NS_NONE) && task->left <= k->lost_until;
}

/* … or on a CPU whose record begins later. */
static inline bool task_ran_earlier(const struct fb_kernel *k, const struct task *task)
{
	return G_UNLIKELY(k->has_window) && task->left < k->whole_since;
}

/* Whether something of the trace is missing: lost, or before a CPU's record begins. */
static inline bool events_are_missing(const struct fb_kernel *k)
{
	return G_UNLIKELY(k->lost_until != FB_NS_NONE) || G_UNLIKELY(k->has_window);
}

/* The task may have run, or been woken, on any CPU that tells nothing of that time. */
static inline bool touches_loss(const struct fb_kernel *k, const struct task *task)
{
	return k->lost_until != FB_NS_NONE &&
	       (task->begin == FB_NS_NONE || task->begin <= k->lost_until);
}

/* Its name, from the event's text at `offset`, where there is one. */
static inline void task_set_comm(const struct fb_kernel *k, struct task *task,
				 const struct fb_event *ev, uint16_t offset)
{
	if (offset == FB_NO_TEXT)
		return;
	/* Nearly always nothing changed, and the kernel pads with NULs: compare all at once. */
	if (ev->flags & FB_COMM16 && task->pub.comm &&
	    !memcmp(task->comm, ev->ref + offset, sizeof(task->comm))) {
		task->stale = false;
		return;
	}
	task_take_comm(k, task, ev, offset);
}

/* loss.c */
/* Nothing is known of this CPU until now, nor was since `from`. */
void cpu_lost(struct fb_kernel *k, struct cpu *cpu, fb_ns from, fb_ns until);
/* An event where others are missing: who runs does so in that moment, and who knows how long. */
void cpu_tells_in_loss(struct fb_kernel *k, const struct cpu *cpu, fb_ns now);
/* Nobody said so, but its events up to `now` were lost, behind its last one: another task runs there. */
void cpu_lost_unsaid(struct fb_kernel *k, struct cpu *cpu, fb_ns now);
/* There is a CPU of which nothing was recorded, or its file is missing. */
void cpu_is_absent(struct fb_kernel *k, fb_ns now);
/* The task may have run where events were lost: what it was doing may be over. */
void task_doubt(const struct fb_kernel *k, struct task *task);
/* … and it may have called exec. */
void task_doubt_program(struct task *task);
/* … and did, now that another name is seen. */
void task_doubt_name(struct task *task);
/* Whether another name that an event has for it may come from an exec that was lost. */
bool task_called_exec_unseen(const struct fb_kernel *k, const struct task *task, fb_ns now);
/*
 * What may be wrong in what is said of the current task as a waker or a raiser: `user_mode`,
 * whether it would not be said of one that is in user mode.
 */
static inline uint8_t current_doubt(const struct cpu *cpu, bool user_mode)
{
	const struct task *task = cpu->current;
	uint8_t doubt = G_UNLIKELY(task->stale && task->pub.comm) ? FB_DOUBT_TASK : 0;

	if (G_UNLIKELY(task->sys_state == SYS_DOUBTFUL))
		return doubt | DOUBT_CALLER | (user_mode || cpu->doubtful ? FB_DOUBT_CAUSE : 0);
	/* Of a call of its it would be known that nothing stands on top; kernel threads make none. */
	if (G_UNLIKELY(cpu->doubtful && (task->sys_state == SYS_UNKNOWN || task->pub.kthread)))
		return doubt | FB_DOUBT_CAUSE;
	return doubt | (G_UNLIKELY(task->work == WORK_DOUBTFUL && task->pub.kthread) ? FB_DOUBT_CAUSE : 0);
}
/* It ran unnamed, and no switch will tell its name any more. */
static inline bool task_is_nameless(const struct fb_task *task)
{
	return task->tid == -1 && ((const struct task *)task)->state == TASK_DEAD;
}
/* Whether there is no more to wait for: it is named, will never be, or is none (NULL). */
static inline bool task_is_named(const struct fb_task *task)
{
	return !task || task->tid >= 0 || task_is_nameless(task);
}

/* sched.c */
/* The task of that tid, which runs now: another one than the last, if that has exited. */
struct task *task_living(struct fb_kernel *k, int32_t tid);
/* It runs from now on. Returns it. */
struct task *task_arrive(struct fb_kernel *k, struct task *task, fb_ns now);
/* The current task ran unnamed so far: it is `tid`, called as the event's text at `comm` says, or FB_NO_TEXT. Returns it. */
struct task *name_current(struct fb_kernel *k, struct cpu *cpu, int32_t tid,
			  const struct fb_event *ev, uint16_t comm);
/* Another task runs here than is known of: it came unseen, and whoever ran before left unseen. */
void cpu_is_of(struct fb_kernel *k, struct cpu *cpu, int32_t tid, fb_ns now);

/* context.c */
void frame_push(struct fb_kernel *k, struct cpu *cpu, const struct frame *frame);
void frame_pop(struct fb_kernel *k, struct cpu *cpu, enum fb_frame_kind kind, uint64_t key);
void frames_clear(struct fb_kernel *k, struct cpu *cpu);
/* At a context switch: none survives it, but on PREEMPT_RT softirqs leave with their task. */
void frames_switch(struct fb_kernel *k, struct cpu *cpu, struct task *prev, struct task *next);
/* Which interrupts the recording shows, by k->kinds. */
void contexts_init(struct fb_kernel *k, enum fb_abi abi);
/* Who raises a softirq on this CPU now. */
void note_raise(const struct fb_kernel *k, const struct cpu *cpu, uint32_t vec,
		struct raise *raise);
void softirq_enter(struct fb_kernel *k, struct cpu *cpu, uint32_t vec, fb_ns now);

/* wake.c */
/* Nothing is known, but on which CPU; -1: not even that. */
void cause_clear(struct fb_cause *cause, int32_t cpu);
/* Whether an exit of the one may be that of the other. */
bool is_same_call(const struct fb_syscall *a, const struct fb_syscall *b);
/* What wakes `wakee` now from this CPU. */
void wake_capture(const struct fb_kernel *k, const struct cpu *cpu, const struct task *wakee,
		  fb_ns now, struct wake *wake);
/* Names what the wakings just logged on this CPU were for. */
void wakings_explain(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *signal);
/* The waking that may be explained by a signal_generate will not be: events were lost. */
void wakings_give_up(struct fb_kernel *k, struct cpu *cpu);

/* blocking.c */
/* The task leaves its CPU, to sleep in `state` or, when that is PREV_RUNNABLE, to go on soon. */
void wait_begin(struct fb_kernel *k, struct task *task, const struct cpu *cpu,
		enum prev_state state, fb_ns now);
void wait_woken(struct fb_kernel *k, struct task *task, const struct cpu *cpu, fb_ns now);
void wait_end(struct fb_kernel *k, struct task *task, fb_ns now);
/* The wait under way, if any, ended unseen. */
void wait_drop(struct fb_kernel *k, struct task *task);
void waits_finish(struct fb_kernel *k);

/* unfinished.c */
/* To the caller's function, with the names that are known by now. */
void wait_hand_out(struct fb_kernel *k, struct fb_blocking *b);
void unfinished_push(struct fb_kernel *k, struct task *task, const struct fb_blocking *b,
	       struct lacks lacks);
/* Hands out those in front that lack nothing any more; or all, as they are. */
void unfinished_flush(struct fb_kernel *k, bool all);
/* The task proved to be in this system call, or in none (NULL), when its held waits happened. */
void unfinished_resolve(struct fb_kernel *k, struct task *task, const struct fb_syscall *call);
/* Those that may have been at the entry to a call were: to this one, on `fd`. Or NULL: to none. */
void unfinished_entry(struct fb_kernel *k, struct task *task, const struct fb_syscall *call,
		      int32_t fd);
/* Its newest held wait ended the call that returned `ret` now. */
void unfinished_outcome(struct fb_kernel *k, struct task *task, const struct fb_syscall *call,
		  int64_t ret);
/* Nothing will prove that any more. */
void unfinished_give_up(struct fb_kernel *k, struct task *task);
/* It sleeps again in the same call: what ended the wait before did not end that. */
void unfinished_outcome_none(const struct fb_kernel *k, const struct task *task);
/*
 * A waking that belongs to the wait that is over, behind whose end it was seen: the clocks of
 * CPUs differ. Returns the wait's number in the queue, 0 when there is no such wait.
 */
uint64_t wait_woken_late(struct fb_kernel *k, struct task *task, const struct cpu *cpu, fb_ns now);
/* It leaves its CPU: a waking that is not here by now will not come. */
void wait_woken_never(const struct fb_kernel *k, struct task *task, fb_ns now);

/* outcome.c */
/* Whether what the call returns that the wait was in may tell more about the wait's cause. */
bool outcome_tells(const struct fb_kernel *k, const struct fb_blocking *b,
		   const struct fb_syscall *call);
/* … and is not asked, for it may be another call that returns. */
bool outcome_is_missed(const struct fb_kernel *k, const struct fb_blocking *b,
		       const struct fb_syscall *call);
/* Whether that may tell which child it was. */
bool outcome_names_child(const struct fb_kernel *k, const struct fb_blocking *b,
			 const struct fb_syscall *call);
/* It returned that, after this wait. Whether it told. */
bool outcome_explain(const struct fb_kernel *k, struct fb_blocking *b,
		     const struct fb_syscall *call, int64_t ret);

#endif
