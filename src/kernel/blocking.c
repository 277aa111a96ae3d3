/* SPDX-License-Identifier: MIT */
/* blocking.c - a wait's life: it begins, is woken, ends. Those that lack something then: unfinished.c. */
#include "kernel/entry.h"
#include "kernel/observers.h"

/* A moment, for who is kept from sleeping by a signal: a few turns of others. Longer than that it slept. */
#define KEPT_MAX ((fb_ns)10000000)

static bool is_wanted(const struct fb_kernel *k, const struct task *task)
{
	return k->options.all || task->wait_state == 'S' || task->wait_state == 'D' ||
	       (task->begin == FB_NS_NONE && !task->wait_state);
}

static void tell_begin(const struct fb_kernel *k, const struct task *task, enum prev_state state,
		       fb_ns now)
{
	if (task->entry == ENTRY_FIRST)
		TELL(k, approach, &task->pub, now);
	TELL(k, leave, &task->pub, state ? state : 'R', now);
	if (state && task->woken)
		TELL(k, wake, &task->pub, &task->wake.cause, now);
}

void wait_drop(struct fb_kernel *k, struct task *task)
{
	if (task->state == TASK_BLOCKED && task->begin != FB_NS_NONE && is_wanted(k, task))
		k->counts.broken_waits++;
	if (task->state == TASK_BLOCKED)
		task->state = TASK_UNKNOWN;
	task->woken = false;
}

/*
 * Whether it sleeps or could go on makes no difference to what is done, for
 * no branch predictor knows that: one missed branch costs more than all of this.
 * What is noted of a wait means nothing while the task is READY.
 */
void wait_begin(struct fb_kernel *k, struct task *task, const struct cpu *cpu,
		enum prev_state state, fb_ns now)
{
	if (G_UNLIKELY(task->unfinished) && state)
		unfinished_outcome_none(k, task);
	if (state)
		task->entry = entry_wait_begins(k, task, cpu, state);
	if (G_UNLIKELY(task->unfinished) && task->entry != ENTRY_AGAIN)
		unfinished_entry(k, task, NULL, -1);
	task->state = state ? TASK_BLOCKED : TASK_READY;
	task->slept_as = task->pub.comm;
	task->begin = now;
	task->wait_state = state;
	task->woken = task->has_early;
	if (task->has_early) {
		/* That it was called off may have been lost. */
		if (G_UNLIKELY(k->lost_until != FB_NS_NONE) && task->wake.time <= k->lost_until)
			task->wake.doubt |= FB_DOUBT_WAKE | FB_DOUBT_CAUSE;
		task->wake.time = now;
		task->wake.cause.early = true;
		task->has_early = false;
	}
	if (G_UNLIKELY(k->observers))
		tell_begin(k, task, state, now);
}

void wait_woken(struct fb_kernel *k, struct task *task, const struct cpu *cpu, fb_ns now)
{
	/*
	 * Only the first waking ends the wait: later ones find the task ready. But
	 * sched_waking fires for sleeping tasks alone: after an early one it proves that that one
	 * had called off another sleep, which never came to a switch.
	 */
	if (task->woken && !task->wake.cause.early) {
		/* Where events were lost the later one proves that it ran in between, and slept anew. */
		if (k->lost_until == FB_NS_NONE || task->begin > k->lost_until || task->begin == FB_NS_NONE)
			return;
		wait_drop(k, task);
		task->begin = FB_NS_NONE;
		task->wait_state = 0;
	}
	wake_capture(k, cpu, task, now, &task->wake);
	task->slept_as = task->pub.comm;
	/* It may have run before that, and fallen asleep again: in what, and when? */
	if (G_UNLIKELY(touches_loss(k, task)))
		task->wake.doubt |= FB_DOUBT_BEGIN | FB_DOUBT_STATE | FB_DOUBT_SYSCALL;
	task->woken = true;
	TELL(k, wake, &task->pub, &task->wake.cause, now);
}

/*
 * Linux 5.18 to 6.14 report S for a task that a pending signal kept from sleeping: it only
 * left its CPU for a moment (fixed by 8feb053d5319). It stayed runnable, so another task than the
 * idle one ran there until it did, and nobody woke it. In state D no signal but SIGKILL does that.
 */
static bool never_slept(const struct fb_kernel *k, const struct task *task)
{
	return !task->woken && task->signal_pending && task->kept &&
	       k->prev_state.kernel >= FB_LINUX(5, 18) && k->prev_state.kernel < FB_LINUX(6, 15);
}

/* Not all CPUs tell of all its time, though no event was lost. */
static bool reaches_out(const struct fb_kernel *k, const struct task *task, fb_ns end)
{
	return !touches_loss(k, task) && (task->begin == FB_NS_NONE || task->begin < k->whole_since ||
					  end > k->whole_until);
}

/* Events were lost behind its begin, and it was not seen to be woken. */
#define DOUBT_SLEEP (FB_DOUBT_ALL & ~FB_DOUBT_TASK)

/*
 *	begin          wake          end
 *	  ---- lost ----|-------------|	    it may have run: begin, state, system call
 *	  |-------------|---- lost ----     it may have run, and slept again: end
 *	  ---- lost ----|---- lost ----     all of it
 */
static uint32_t doubt_of_times(const struct fb_kernel *k, const struct task *task)
{
	uint32_t before = task->wake.doubt & FB_DOUBT_BEGIN;

	if (!task->woken)
		return DOUBT_SLEEP;
	if (task->wake.time > k->lost_until)
		return FB_DOUBT_BEGIN | FB_DOUBT_STATE | FB_DOUBT_SYSCALL;
	return before || task->wake.cause.early ? DOUBT_SLEEP : FB_DOUBT_END;
}

/* Where it was called otherwise it may have run, and slept again by its new name. */
static uint32_t doubt_of_name(const struct task *task)
{
	return task->slept_as && task->slept_as != task->pub.comm ? FB_DOUBT_TASK : 0;
}

static uint32_t doubt_of_losses(const struct fb_kernel *k, const struct task *task)
{
	uint32_t doubt = task->woken ? task->wake.doubt : 0;

	if (task->sys_state == SYS_DOUBTFUL)
		doubt |= FB_DOUBT_SYSCALL;
	/* What is not known needs no doubt. */
	if ((task->unsure && task->pub.exe) || (task->stale && task->pub.comm))
		doubt |= FB_DOUBT_TASK;
	if (G_UNLIKELY(touches_loss(k, task)))
		return doubt | doubt_of_times(k, task) | doubt_of_name(task);
	/* Nobody runs again unless woken: what tells of it is missing, said or not. */
	if (task->begin != FB_NS_NONE && !task->woken && !never_slept(k, task))
		doubt |= FB_DOUBT_WAKE | FB_DOUBT_CAUSE;
	return doubt;
}

static uint32_t doubt_of(const struct fb_kernel *k, const struct task *task)
{
	uint32_t doubt = doubt_of_losses(k, task);

	/* In none, for certain. */
	return task->pub.kthread ? doubt & ~FB_DOUBT_SYSCALL : doubt;
}

/* A page fault in the midst of a call is none of what the call waits for; a parent in vfork sleeps in D. */
static bool is_inferred(const struct task *task)
{
	const struct wake *w = &task->wake;
	bool fits = w->fits && (task->wait_state == 'S' || w->cause.via == FB_VIA_VFORK);

	return w->inferred || (w->hidden && !fits);
}

static enum fb_quality quality_of(const struct fb_kernel *k, const struct task *task,
				  uint32_t doubt)
{
	if (touches_loss(k, task))
		return FB_QUALITY_LOST;
	if (task->begin == FB_NS_NONE)
		return FB_QUALITY_EDGE;
	if (doubt & FB_DOUBT_LOST)
		return FB_QUALITY_LOST;
	if (k->half_calls && !task->pub.kthread)
		return FB_QUALITY_INFERRED;
	return task->woken && is_inferred(task) ? FB_QUALITY_INFERRED : FB_QUALITY_EXACT;
}

static void fill(const struct fb_kernel *k, const struct task *task, struct fb_blocking *b)
{
	b->task = &task->pub;
	b->comm = task->pub.comm;
	b->exe = task->pub.exe;
	b->syscall = task_syscall(task);
	b->fd = task->sys_state == SYS_INSIDE ? task->fd : -1;
	b->state = task->wait_state;
	b->doubt = doubt_of(k, task);
	b->quality = quality_of(k, task, b->doubt);
	b->begin = task->begin;
	b->wake = task->woken ? task->wake.time : FB_NS_NONE;
	b->end = FB_NS_NONE;
	b->at_least = 0;
	if (task->woken)
		b->cause = task->wake.cause;
	else
		cause_clear(&b->cause, -1);
}

/* Nothing but its waking is missing. */
static bool may_be_woken_late(const struct fb_kernel *k, const struct task *task,
			      const struct fb_blocking *b)
{
	return b->wake == FB_NS_NONE && b->quality == FB_QUALITY_LOST && !touches_loss(k, task) &&
	       k->kinds & FB_KIND_BIT(FB_EV_WAKING);
}

/* The waking that ended this wait may be waiting for its signal_generate: link them. */
static bool link_waking(struct fb_kernel *k, const struct task *task, uint64_t number)
{
	struct cpu *cpu;

	if (!task->woken || task->wake.cause.cpu < 0)
		return false;
	cpu = &k->cpus[task->wake.cause.cpu];
	for (int i = 0; i < cpu->n_wakings; i++)
		if (cpu->wakings[i].task == task) {
			cpu->wakings[i].unfinished = number;
			return true;
		}
	return false;
}

/* Woken by a task, as most are, and nothing may hide behind that: for speed alone. */
static inline bool is_plain(const struct fb_blocking *b, const struct fb_syscall *call)
{
	return b->cause.kind == FB_CAUSE_TASK && b->quality == FB_QUALITY_EXACT &&
	       b->cause.task && !((const struct task *)b->cause.task)->dying &&
	       !fb_syscall_is(call, FB_CALL_SIGNAL);
}

static void fill_end(const struct fb_kernel *k, const struct task *task, struct fb_blocking *b,
		     fb_ns now)
{
	b->end = now;
	if (G_UNLIKELY(k->has_window) && reaches_out(k, task, now))
		b->quality = FB_QUALITY_EDGE;
	if (never_slept(k, task)) {
		b->wake = b->begin;
		b->cause.via = FB_VIA_SIGNAL_PENDING;
		TELL(k, wake, &task->pub, &b->cause, now);
	}
	if (b->wake != FB_NS_NONE && b->wake > now)
		b->wake = now;
}

static struct lacks lacks_of(const struct fb_kernel *k, const struct task *task,
			     const struct fb_blocking *b)
{
	const struct fb_syscall *call = task_call(task);
	/* It slept in the call that it now leaves, or two waits look like one. */
	bool proof = task->sys_state == SYS_INSIDE && b->quality == FB_QUALITY_LOST;
	bool is_unsure = task->sys_state == SYS_UNKNOWN || task->sys_state == SYS_DOUBTFUL ||
			 task->sys_state == SYS_PAUSED;

	return (struct lacks){
		.proof = proof,
		.syscall = (proof || is_unsure) && !task->pub.kthread &&
			   k->kinds & FB_KIND_BIT(FB_EV_SYS_EXIT),
		.entry = task->entry,
		.outcome = (k->by_outcome && !is_plain(b, call) && outcome_tells(k, b, call)) ||
			   outcome_names_child(k, b, call),
		.waking = may_be_woken_late(k, task, b),
	};
}

/* Nothing more will be known of it, and nobody is before it in the queue. */
static bool may_go(const struct fb_kernel *k, const struct fb_blocking *b, struct lacks lacks)
{
	return k->first == k->next && !k->hold_all && !lacks.syscall && !lacks.entry &&
	       !lacks.outcome && !lacks.waking && task_is_named(b->cause.task) &&
	       task_is_named(b->cause.origin.task);
}

void wait_end(struct fb_kernel *k, struct task *task, fb_ns now)
{
	struct fb_blocking b;
	struct lacks lacks;
	bool lacks_signal;

	if (!is_wanted(k, task))
		return;
	if (G_UNLIKELY(task->kept) && now - task->begin > KEPT_MAX)
		task->kept = false;
	fill(k, task, &b);
	fill_end(k, task, &b, now);
	if (G_UNLIKELY(task->unwoken))
		wait_woken_never(k, task, INT64_MAX);
	if (G_UNLIKELY(b.doubt) && k->by_outcome && outcome_is_missed(k, &b, task_call(task)))
		b.doubt |= FB_DOUBT_CAUSE;
	lacks = lacks_of(k, task, &b);
	if (lacks.outcome && b.doubt & FB_DOUBT_LOST)
		b.doubt |= FB_DOUBT_CAUSE; /* it may be the outcome of another one */
	lacks_signal = link_waking(k, task, k->next);
	if (!lacks_signal && may_go(k, &b, lacks)) {
		wait_hand_out(k, &b);
		return;
	}
	unfinished_push(k, task, &b, lacks);
	unfinished_flush(k, false);
}

bool fb_kernel_awaits(const struct fb_kernel *k, fb_ns until)
{
	for (guint i = 0; i < k->tasks->len; i++) {
		const struct task *task = k->tasks->pdata[i];

		if (task->state == TASK_BLOCKED && task->begin != FB_NS_NONE &&
		    task->begin <= until && is_wanted(k, task))
			return true;
	}
	return false;
}

/* Hands out what is left, then the waits that the trace's end cut off. */
void waits_finish(struct fb_kernel *k)
{
	unfinished_flush(k, true);
	for (guint i = 0; i < k->tasks->len; i++) {
		struct task *task = k->tasks->pdata[i];
		struct fb_blocking b;

		if (task->state != TASK_BLOCKED && !(task->state == TASK_UNKNOWN && task->woken))
			continue;
		/* Known to sleep from the statedump alone: nothing to say about it. */
		if ((task->begin == FB_NS_NONE && !task->woken) || !is_wanted(k, task))
			continue;
		fill(k, task, &b);
		/* What would have told its system call may be lost. */
		if (task->sys_state == SYS_UNKNOWN && k->lost_until != FB_NS_NONE && !task->pub.kthread)
			b.doubt |= FB_DOUBT_SYSCALL;
		b.quality = touches_loss(k, task) ? FB_QUALITY_LOST : FB_QUALITY_EDGE;
		if (!task->woken && b.quality == FB_QUALITY_EDGE)
			b.doubt &= FB_DOUBT_SYSCALL | FB_DOUBT_TASK; /* it sleeps */
		wait_hand_out(k, &b);
	}
}

/* ---- names -------------------------------------------------------------------------------- */

const char *fb_cause_kind_name(enum fb_cause_kind kind)
{
	static const char *const names[FB_CAUSE_KINDS] = {
		[FB_CAUSE_UNKNOWN] = "unknown", [FB_CAUSE_SOFTIRQ] = "softirq",
		[FB_CAUSE_HRTIMER] = "hrtimer", [FB_CAUSE_TIMER] = "timer",
		[FB_CAUSE_IRQ] = "irq",         [FB_CAUSE_IPI] = "ipi",
		[FB_CAUSE_TASK] = "task",       [FB_CAUSE_UNTRACED] = "untraced",
	};

	return names[kind];
}

const char *fb_quality_name(enum fb_quality quality)
{
	static const char *const names[FB_QUALITIES] = { "exact", "inferred", "lost", "edge" };

	return names[quality];
}

const char *fb_doubt_name(enum fb_doubt one)
{
	static const char *const names[] = { "begin", "wake", "end", "state", "syscall", "cause",
					     "task" };
	int bit = g_bit_nth_lsf(one, -1);

	return bit >= 0 && bit < (int)G_N_ELEMENTS(names) ? names[bit] : NULL;
}

const char *fb_via_name(enum fb_via via)
{
	static const char *const names[FB_VIAS] = {
		[FB_VIA_SIGNAL] = "signal",
		[FB_VIA_CHILD_EXIT] = "child_exit",
		[FB_VIA_CHILD_STOP] = "child_stop",
		[FB_VIA_CHILD_CONTINUE] = "child_continue",
		[FB_VIA_CHILD_TRAP] = "child_trap",
		[FB_VIA_VFORK] = "vfork",
		[FB_VIA_SOFTIRQ_OVERLOAD] = "softirq_overload",
		[FB_VIA_SIGNAL_PENDING] = "signal_pending",
	};

	return names[via];
}

const char *fb_via_words(enum fb_via via)
{
	static const char *const words[FB_VIAS] = {
		[FB_VIA_CHILD_EXIT] = "CHILD EXIT",
		[FB_VIA_CHILD_STOP] = "CHILD STOP",
		[FB_VIA_CHILD_CONTINUE] = "CHILD CONTINUE",
		[FB_VIA_CHILD_TRAP] = "CHILD TRAP",
		[FB_VIA_VFORK] = "VFORK",
		[FB_VIA_SOFTIRQ_OVERLOAD] = "SOFTIRQ OVERLOAD",
		[FB_VIA_SIGNAL_PENDING] = "SIGNAL PENDING",
	};

	return words[via];
}

const char *fb_origin_kind_name(enum fb_origin_kind kind)
{
	static const char *const names[FB_ORIGIN_KINDS] = {
		[FB_ORIGIN_IRQ] = "irq",         [FB_ORIGIN_VECTOR] = "vector",
		[FB_ORIGIN_HRTIMER] = "hrtimer", [FB_ORIGIN_TIMER] = "timer",
		[FB_ORIGIN_TASK] = "task",       [FB_ORIGIN_SOFTIRQ] = "softirq",
		[FB_ORIGIN_DEFERRED] = "deferred",
	};

	return names[kind];
}
