/* SPDX-License-Identifier: MIT */
/*
 * unfinished.c - the queue of waits that are over but lack something: the name of a system call that
 * began before the trace (its exit tells), what ended it (the result of its call tells,
 * outcome.c), its waking (seen a little late), the signal behind a waking (logged after it), the
 * waker's tid (its CPU's first sched_switch tells), or every task's process (the statedump tells).
 * Waits leave in the order in which they ended, so one that lacks holds up the rest, but only as
 * many as options.hold.
 */
#include "kernel/observers.h"

/*
 * Clocks of CPUs agree to a few µs at worst: the kernel reads them without a lock
 * (ktime_get_mono_fast_ns), and virtual machines move.
 */
#define CLOCK_SKEW ((fb_ns)20000)

/* ---- what a wait is handed out with ------------------------------------------------------ */

/*
 * A task that ran unnamed when it was noted down has a name by now, was the
 * idle task after all, or remains unknown.
 */
static void settle_task(struct fb_cause *cause)
{
	const struct fb_task *task = cause->task;

	if (task && task->tid > 0 && !cause->comm)
		cause->comm = ((const struct task *)task)->first_comm;
	if (!task)
		return;
	if (fb_via_is_child(cause->via) && cause->via_id < 0)
		cause->via_id = MAX(task->tid, 0);
	if (task->tid > 0)
		return;
	if (task->tid == 0 && cause->kind == FB_CAUSE_TASK)
		cause->kind = FB_CAUSE_UNTRACED;
	cause->task = NULL;
	cause->comm = cause->syscall = NULL;
	cause->is_inline = false;
}

static void settle_origin(struct fb_origin *origin)
{
	const struct fb_task *task = origin->task;

	if (task && task->tid > 0 && !origin->comm)
		origin->comm = ((const struct task *)task)->first_comm;
	if (!task || task->tid > 0)
		return;
	origin->task = NULL;
	origin->comm = origin->syscall = NULL;
	if (origin->kind == FB_ORIGIN_TASK)
		origin->kind = FB_ORIGIN_NONE;
}

static bool has_nameless(const struct fb_cause *cause)
{
	return (cause->task && cause->task->tid < 0) ||
	       (cause->origin.task && cause->origin.task->tid < 0);
}

static void settle_doubt(const struct fb_kernel *k, struct fb_blocking *b)
{
	if (k->lost_until == FB_NS_NONE && !b->doubt)
		return;
	if (k->lost_until != FB_NS_NONE && has_nameless(&b->cause))
		b->doubt |= FB_DOUBT_CAUSE;
	if (b->doubt & DOUBT_CALLER)
		b->doubt = (b->doubt & FB_DOUBT_ALL) | FB_DOUBT_SYSCALL;
	if (!records_calls(k))
		b->doubt &= ~FB_DOUBT_SYSCALL; /* nothing is said of them */
	if (b->doubt & FB_DOUBT_LOST && b->quality <= FB_QUALITY_INFERRED)
		b->quality = FB_QUALITY_LOST;
}

void wait_hand_out(struct fb_kernel *k, struct fb_blocking *b)
{
	settle_doubt(k, b);
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

static bool is_complete(const struct fb_kernel *k, const struct held *held, uint64_t number)
{
	const struct fb_cause *cause = &held->blocking.cause;

	return !held->lacks.syscall && !held->lacks.outcome && !held->lacks.waking &&
	       task_is_named(cause->task) && task_is_named(cause->origin.task) &&
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
	if (held->lacks.syscall && k->lost_until != FB_NS_NONE)
		b->doubt |= FB_DOUBT_SYSCALL;
	if (held->is_broken)
		k->counts.broken_waits++;
	else
		wait_hand_out(k, b);
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

void held_push(struct fb_kernel *k, struct task *task, const struct fb_blocking *b,
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
	held->call = task_call(task);
	held->lacks = lacks;
	held->is_broken = false;
	held->previous = lacks.syscall || lacks.outcome ? task->held : 0;
	if (lacks.syscall || lacks.outcome)
		task->held = number;
	if (lacks.waking)
		task->unwoken = number;
}

/* ---- what tells ---------------------------------------------------------------------------- */

static void take_call(struct held *held, const struct fb_syscall *call)
{
	held->call = call;
	held->blocking.syscall = call ? call->name : NULL;
}

void held_resolve(struct fb_kernel *k, struct task *task, const struct fb_syscall *call)
{
	uint64_t number = task->held;

	while (number >= k->first && number < k->next) {
		struct held *held = held_at(k, number);

		if (held->lacks.proof)
			held->is_broken = !is_same_call(held->call, call);
		else if (held->lacks.syscall)
			take_call(held, call);
		/* An exit does not tell the descriptor. */
		if (!(held->blocking.doubt & (FB_DOUBT_BEGIN | FB_DOUBT_END)) &&
		    !fb_syscall_is(call, FB_CALL_FD))
			held->blocking.doubt &= ~FB_DOUBT_SYSCALL;
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

		/* What it returned might have told of the cause. */
		if (k->lost_until != FB_NS_NONE && held->lacks.outcome)
			held->blocking.doubt |= FB_DOUBT_CAUSE;
		if (k->lost_until != FB_NS_NONE && held->lacks.syscall)
			held->blocking.doubt |= FB_DOUBT_SYSCALL;
		held->lacks = (struct lacks){ .waking = held->lacks.waking };
		number = held->previous;
	}
	task->held = 0;
}

static struct held *newest_held(const struct fb_kernel *k, const struct task *task)
{
	return task->held >= k->first && task->held < k->next ? held_at(k, task->held) : NULL;
}

void held_outcome(struct fb_kernel *k, struct task *task, const struct fb_syscall *call,
		  int64_t ret)
{
	struct held *held = newest_held(k, task);

	/* Of another call, where events were lost. */
	if (!held || !held->lacks.outcome || (call && call != held->call))
		return;
	if (outcome_explain(k, &held->blocking, held->call, ret))
		TELL(k, refine, &task->pub, &held->blocking.cause);
}

void held_outcome_none(const struct fb_kernel *k, const struct task *task)
{
	struct held *held = newest_held(k, task);

	if (held)
		held->lacks.outcome = false;
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
	held->blocking.doubt &= ~(FB_DOUBT_WAKE | FB_DOUBT_CAUSE);
	held->blocking.doubt |= wake.doubt;
	held->blocking.quality = FB_QUALITY_INFERRED;
	k->counts.late_wakings++;
	TELL(k, refine, &task->pub, &held->blocking.cause);
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
