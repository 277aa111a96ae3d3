/* SPDX-License-Identifier: MIT */
/*
 * blocking.c - a wait's life, and the queue of those that are over but lack
 * something: the name of a system call that began before the trace (its exit
 * tells), what ended it (the result of its call tells, outcome.c), the signal behind a waking (logged after it), the waker's tid (its CPU's first
 * sched_switch tells), or every task's process (the statedump tells).
 * Waits leave in the order in which they ended, so one that lacks holds up the rest, but only as
 * many as options.hold.
 */
#include "tell.h"

/*
 * Clocks of CPUs agree to a few µs at worst: the kernel reads them without a lock
 * (ktime_get_mono_fast_ns), and virtual machines move.
 */
#define CLOCK_SKEW ((fb_ns)20000)

/* ---- what a wait is handed out with ------------------------------------------------------ */

static bool names_child(enum fb_via via)
{
	return via >= FB_VIA_CHILD_EXIT && via <= FB_VIA_VFORK;
}

/*
 * A task that ran unnamed when it was noted down has a name by now, was the
 * idle task after all, or remains unknown.
 */
static void settle_task(struct fb_cause *cause)
{
	const struct fb_task *task = cause->task;

	if (!task)
		return;
	if (names_child(cause->via) && cause->via_id < 0)
		cause->via_id = MAX(task->tid, 0);
	if (task->tid > 0)
		return;
	if (task->tid == 0 && cause->kind == FB_CAUSE_TASK)
		cause->kind = FB_CAUSE_UNTRACED;
	cause->task = NULL;
	cause->syscall = NULL;
	cause->is_inline = false;
}

static void settle_origin(struct fb_origin *origin)
{
	if (!origin->task || origin->task->tid > 0)
		return;
	origin->task = NULL;
	origin->syscall = NULL;
	if (origin->kind == FB_ORIGIN_TASK)
		origin->kind = FB_ORIGIN_NONE;
}

static void hand_out(struct fb_kernel *k, struct fb_blocking *b)
{
	if (G_UNLIKELY(k->lost_until != FB_NS_NONE) && b->quality <= FB_QUALITY_INFERRED &&
	    names_are_doubtful(k, b))
		b->quality = FB_QUALITY_LOST;
	settle_task(&b->cause);
	settle_origin(&b->cause.origin);
	k->counts.waits[b->quality]++;
	if (b->end != FB_NS_NONE && b->cause.kind == FB_CAUSE_UNKNOWN &&
	    b->cause.via == FB_VIA_NONE && b->quality != FB_QUALITY_EDGE)
		k->counts.unknown_causes++;
	if (!k->func || ((b->begin == FB_NS_NONE || b->end == FB_NS_NONE) && !k->options.edges))
		return;
	k->func(b, k->data);
}

/* ---- the queue ---------------------------------------------------------------------------- */

static struct held *held_at(const struct fb_kernel *k, uint64_t number)
{
	return &k->held[number & (k->capacity - 1)];
}

static bool is_named_by_signal_yet(const struct fb_kernel *k, uint64_t number, int cpu)
{
	if (cpu < 0)
		return true;
	for (int i = 0; i < k->cpus[cpu].n_wakings; i++)
		if (k->cpus[cpu].wakings[i].held == number)
			return false;
	return true;
}

static bool is_named(const struct fb_task *task)
{
	return !task || task->tid >= 0 || task_is_nameless(task);
}

static bool is_complete(const struct fb_kernel *k, const struct held *held, uint64_t number)
{
	const struct fb_cause *cause = &held->blocking.cause;

	return !held->lacks.syscall && !held->lacks.outcome && !held->lacks.waking &&
	       is_named(cause->task) && is_named(cause->origin.task) &&
	       is_named_by_signal_yet(k, number, cause->cpu);
}

static bool is_overdue(const struct fb_kernel *k, const struct held *held)
{
	return k->options.patience > 0 && k->now - held->blocking.end > k->options.patience;
}

/* As complete as it is. */
static void held_hand_out(struct fb_kernel *k, struct held *held)
{
	struct fb_blocking *b = &held->blocking;

	/* What would have told its system call may be lost. */
	if (held->lacks.syscall && k->lost_until != FB_NS_NONE && b->quality != FB_QUALITY_EDGE)
		b->quality = FB_QUALITY_LOST;
	if (held->is_broken)
		k->counts.broken_waits++;
	else
		hand_out(k, b);
}

void held_flush(struct fb_kernel *k, bool all)
{
	while (k->first < k->next) {
		struct held *held = held_at(k, k->first);

		if (!all && (k->hold_all || !is_complete(k, held, k->first)) &&
		    !is_overdue(k, held))
			return;
		k->first++;
		held_hand_out(k, held);
	}
}

static void held_grow(struct fb_kernel *k)
{
	uint64_t capacity = k->capacity ? k->capacity * 2 : 256;
	struct held *held = g_new(struct held, capacity);

	for (uint64_t i = k->first; i < k->next; i++)
		held[i & (capacity - 1)] = *held_at(k, i);
	g_free(k->held);
	k->held = held;
	k->capacity = capacity;
}

static void held_push(struct fb_kernel *k, struct task *task, const struct fb_blocking *b,
		      struct lacks lacks)
{
	uint64_t number = k->next;
	struct held *held;

	if (k->next - k->first >= k->options.hold)
		held_hand_out(k, held_at(k, k->first++));
	if (k->next - k->first == k->capacity)
		held_grow(k);
	k->next++;
	held = held_at(k, number);
	held->blocking = *b;
	held->lacks = lacks;
	held->is_broken = false;
	held->previous = lacks.syscall || lacks.outcome ? task->held : 0;
	if (lacks.syscall || lacks.outcome)
		task->held = number;
	if (lacks.waking)
		task->unwoken = number;
}

void held_resolve(struct fb_kernel *k, struct task *task, const char *syscall)
{
	uint64_t number = task->held;

	while (number >= k->first && number < k->next) {
		struct held *held = held_at(k, number);

		if (held->lacks.proof)
			held->is_broken = !is_same_call(k, held->blocking.syscall, syscall);
		else if (held->lacks.syscall)
			held->blocking.syscall = syscall;
		held->lacks = (struct lacks){ .waking = held->lacks.waking };
		number = held->previous;
	}
	task->held = 0;
}

void held_give_up(struct fb_kernel *k, struct task *task)
{
	uint64_t number = task->held;

	while (number >= k->first && number < k->next) {
		struct held *held = held_at(k, number);

		if (k->lost_until != FB_NS_NONE && held->blocking.quality != FB_QUALITY_EDGE)
			held->blocking.quality = FB_QUALITY_LOST;
		held->lacks = (struct lacks){ .waking = held->lacks.waking };
		number = held->previous;
	}
	task->held = 0;
}

static struct held *newest_held(const struct fb_kernel *k, const struct task *task)
{
	return task->held >= k->first && task->held < k->next ? held_at(k, task->held) : NULL;
}

void held_outcome(struct fb_kernel *k, struct task *task, const char *syscall, int64_t ret)
{
	struct held *held = newest_held(k, task);

	/* Of another call, where events were lost. */
	if (!held || !held->lacks.outcome || (syscall && syscall != held->blocking.syscall))
		return;
	if (outcome_explain(k, &held->blocking, ret))
		TELL(k, refine, &task->pub, &held->blocking.cause);
}

/* It sleeps again in the same call: what ended the wait before did not end that. */
static void outcome_is_none(const struct fb_kernel *k, const struct task *task)
{
	struct held *held = newest_held(k, task);

	if (held)
		held->lacks.outcome = false;
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
			cpu->wakings[i].held = number;
			return true;
		}
	return false;
}

/* ---- a wait ------------------------------------------------------------------------------- */

static bool is_wanted(const struct fb_kernel *k, const struct task *task)
{
	return k->options.all || task->wait_state == 'S' || task->wait_state == 'D' ||
	       (task->begin == FB_NS_NONE && !task->wait_state);
}

static void tell_begin(const struct fb_kernel *k, const struct task *task, enum prev_state state,
		       fb_ns now)
{
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
 * that is anybody's guess: a processor that guesses wrong loses more time than this takes.
 * What is noted of a wait means nothing while the task is READY.
 */
void wait_begin(struct fb_kernel *k, struct task *task, enum prev_state state, fb_ns now)
{
	if (G_UNLIKELY(task->held) && state)
		outcome_is_none(k, task);
	task->state = state ? TASK_BLOCKED : TASK_READY;
	task->begin = now;
	task->wait_state = state;
	task->woken = task->has_early;
	if (task->has_early) {
		task->wake.time = now;
		task->wake.cause.early = true;
		task->has_early = false;
	}
	if (G_UNLIKELY(k->options.observer))
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
	task->woken = true;
	TELL(k, wake, &task->pub, &task->wake.cause, now);
}

/*
 * Linux 5.18 to 6.14 report S or D for a task that a pending signal kept
 * from sleeping: it only left its CPU for a moment (fixed by 8feb053d5319).
 */
static bool never_slept(const struct fb_kernel *k, const struct task *task)
{
	return !task->woken && task->signal_pending && k->prev_state.kernel >= 0x0512 &&
	       k->prev_state.kernel < 0x060f;
}

/* The task may have run, or been woken, on any CPU that tells nothing of that time. */
static bool touches_loss(const struct fb_kernel *k, const struct task *task)
{
	return k->lost_until != FB_NS_NONE &&
	       (task->begin == FB_NS_NONE || task->begin <= k->lost_until);
}

/* Not all CPUs tell of all its time, though no event was lost. */
static bool reaches_out(const struct fb_kernel *k, const struct task *task, fb_ns end)
{
	return !touches_loss(k, task) && (task->begin == FB_NS_NONE || task->begin < k->whole_since ||
					  end > k->whole_until);
}

static enum fb_quality quality_of(const struct fb_kernel *k, const struct task *task)
{
	if (touches_loss(k, task))
		return FB_QUALITY_LOST;
	if (task->begin == FB_NS_NONE)
		return FB_QUALITY_EDGE;
	if (task->sys_state == SYS_DOUBTFUL || task->unsure || (task->woken && task->wake.doubtful))
		return FB_QUALITY_LOST;
	/* Nobody runs again unless woken: what tells of it is missing, said or not. */
	if (!task->woken && !never_slept(k, task))
		return FB_QUALITY_LOST;
	if (k->half_calls && !task->pub.kthread)
		return FB_QUALITY_INFERRED;
	return task->woken && task->wake.inferred ? FB_QUALITY_INFERRED : FB_QUALITY_EXACT;
}

static void fill(const struct fb_kernel *k, const struct task *task, struct fb_blocking *b)
{
	bool in_call = task->sys_state == SYS_INSIDE;

	b->task = &task->pub;
	b->comm = task->pub.comm;
	b->exe = task->pub.exe;
	b->syscall = in_call ? task->syscall : NULL;
	b->fd = in_call ? task->fd : -1;
	b->state = task->wait_state;
	b->quality = quality_of(k, task);
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
	       task->sys_state != SYS_DOUBTFUL && !task->unsure &&
	       k->kinds & FB_KIND_BIT(FB_EV_WAKING);
}

static struct held *unwoken(const struct fb_kernel *k, const struct task *task)
{
	return task->unwoken >= k->first && task->unwoken < k->next ? held_at(k, task->unwoken)
								    : NULL;
}

uint64_t wait_woken_late(struct fb_kernel *k, struct task *task, const struct cpu *cpu, fb_ns now)
{
	struct held *held = unwoken(k, task);
	uint64_t number = task->unwoken;
	struct wake wake;

	task->unwoken = 0;
	if (!held)
		return 0;
	held->lacks.waking = false;
	if (now - held->blocking.end > CLOCK_SKEW)
		return 0;
	wake_capture(k, cpu, task, now, &wake);
	held->blocking.wake = held->blocking.end;
	held->blocking.cause = wake.cause;
	if (!wake.doubtful)
		held->blocking.quality = FB_QUALITY_INFERRED;
	k->counts.late_wakings++;
	return number;
}

void wait_woken_never(const struct fb_kernel *k, struct task *task, fb_ns now)
{
	struct held *held = unwoken(k, task);

	if (held && now - held->blocking.end <= CLOCK_SKEW)
		return;
	if (held)
		held->lacks.waking = false;
	task->unwoken = 0;
}

/* Woken by a task, as most are, and nothing may hide behind that: for speed alone. */
static inline bool is_plain(const struct fb_kernel *k, const struct fb_blocking *b)
{
	return b->cause.kind == FB_CAUSE_TASK && b->quality == FB_QUALITY_EXACT &&
	       b->cause.task && !((const struct task *)b->cause.task)->dying &&
	       b->syscall != k->timed_calls[0];
}

void wait_end(struct fb_kernel *k, struct task *task, fb_ns now)
{
	struct fb_blocking b;
	struct lacks lacks;
	bool lacks_signal;

	if (!is_wanted(k, task))
		return;
	fill(k, task, &b);
	b.end = now;
	if (G_UNLIKELY(k->has_window) && reaches_out(k, task, now))
		b.quality = FB_QUALITY_EDGE;
	if (never_slept(k, task)) {
		b.wake = b.begin;
		b.cause.via = FB_VIA_SIGNAL_PENDING;
		TELL(k, wake, &task->pub, &b.cause, now);
	}
	if (b.wake != FB_NS_NONE && b.wake > now)
		b.wake = now;
	/* It slept in the call that it now leaves, or two waits look like one. */
	lacks.proof = task->sys_state == SYS_INSIDE && b.quality == FB_QUALITY_LOST;
	lacks.syscall = (lacks.proof || task->sys_state == SYS_UNKNOWN ||
			 task->sys_state == SYS_DOUBTFUL) && !task->pub.kthread &&
			k->kinds & FB_KIND_BIT(FB_EV_SYS_EXIT);
	lacks.outcome = k->by_outcome && !is_plain(k, &b) && outcome_tells(k, &b);
	if (G_UNLIKELY(task->unwoken))
		wait_woken_never(k, task, INT64_MAX);
	lacks.waking = may_be_woken_late(k, task, &b);
	lacks_signal = link_waking(k, task, k->next);
	if (k->first == k->next && !k->hold_all && !lacks.syscall && !lacks.outcome &&
	    !lacks.waking && !lacks_signal &&
	    is_named(b.cause.task) && is_named(b.cause.origin.task)) {
		hand_out(k, &b);
		return;
	}
	held_push(k, task, &b, lacks);
	held_flush(k, false);
}

/* Hands out what is left, then the waits that the trace's end cut off. */
void waits_finish(struct fb_kernel *k)
{
	held_flush(k, true);
	for (guint i = 0; i < k->tasks->len; i++) {
		struct task *task = k->tasks->pdata[i];
		struct fb_blocking b;

		if (task->state != TASK_BLOCKED && !(task->state == TASK_UNKNOWN && task->woken))
			continue;
		/* Known to sleep from the statedump alone: nothing to say about it. */
		if ((task->begin == FB_NS_NONE && !task->woken) || !is_wanted(k, task))
			continue;
		fill(k, task, &b);
		b.quality = touches_loss(k, task) ? FB_QUALITY_LOST : FB_QUALITY_EDGE;
		hand_out(k, &b);
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
