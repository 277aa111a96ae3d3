/* SPDX-License-Identifier: MIT */
/*
 * unfinished.c - the queue of waits that are over but lack something: the name of a system call that
 * began before the trace (its exit tells), what ended it (the result of its call tells,
 * outcome.c), its waking (seen a little late), the signal behind a waking (logged after it), the
 * waker's tid (its CPU's first sched_switch tells), or every task's process (the statedump tells).
 * Waits leave in the order in which they ended, so one that lacks holds up the rest, but only as
 * many as options.hold.
 */
#include "kernel/entry.h"
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

static struct unfinished *unfinished_at(const struct fb_kernel *k, uint64_t number)
{
	return &k->unfinished[number & (k->capacity - 1)];
}

static bool is_named_by_signal_yet(const struct fb_kernel *k, uint64_t number, int cpu)
{
	if (cpu < 0)
		return true;
	for (int i = 0; i < k->cpus[cpu].n_wakings; i++)
		if (k->cpus[cpu].wakings[i].unfinished == number)
			return false;
	return true;
}

/* When the last of them ended: the time, as far as that is known here. */
static fb_ns newest_end(const struct fb_kernel *k)
{
	return unfinished_at(k, k->next - 1)->blocking.end;
}

static bool is_complete(const struct fb_kernel *k, const struct unfinished *unfinished,
			uint64_t number)
{
	const struct fb_cause *cause = &unfinished->blocking.cause;
	bool may_be_at_entry = unfinished->lacks.entry &&
			       !entry_is_too_late(unfinished->blocking.end, newest_end(k));

	return !unfinished->lacks.syscall && !may_be_at_entry && !unfinished->lacks.outcome &&
	       !unfinished->lacks.waking && task_is_named(cause->task) &&
	       task_is_named(cause->origin.task) && is_named_by_signal_yet(k, number, cause->cpu);
}

static bool is_overdue(const struct fb_kernel *k, const struct unfinished *unfinished)
{
	return k->options.patience > 0 && k->now - unfinished->blocking.end > k->options.patience;
}

/* As complete as it is. */
static void unfinished_hand_out(struct fb_kernel *k, struct unfinished *unfinished)
{
	struct fb_blocking *b = &unfinished->blocking;

	/* What would have told its system call may be lost. */
	if (unfinished->lacks.syscall && k->lost_until != FB_NS_NONE)
		b->doubt |= FB_DOUBT_SYSCALL;
	if (unfinished->is_broken)
		k->counts.broken_waits++;
	else
		wait_hand_out(k, b);
}

void unfinished_flush(struct fb_kernel *k, bool all)
{
	while (k->first < k->next) {
		struct unfinished *unfinished = unfinished_at(k, k->first);

		if (!all && (k->hold_all || !is_complete(k, unfinished, k->first)) &&
		    !is_overdue(k, unfinished))
			return;
		k->first++;
		unfinished_hand_out(k, unfinished);
	}
}

static void unfinished_grow(struct fb_kernel *k)
{
	uint64_t capacity = k->capacity ? k->capacity * 2 : 256;
	struct unfinished *unfinished = g_new(struct unfinished, capacity);

	for (uint64_t i = k->first; i < k->next; i++)
		unfinished[i & (capacity - 1)] = *unfinished_at(k, i);
	g_free(k->unfinished);
	k->unfinished = unfinished;
	k->capacity = capacity;
}

void unfinished_push(struct fb_kernel *k, struct task *task, const struct fb_blocking *b,
	       struct lacks lacks)
{
	uint64_t number = k->next;
	struct unfinished *unfinished;

	if (k->next - k->first >= k->options.hold)
		unfinished_hand_out(k, unfinished_at(k, k->first++));
	if (k->next - k->first == k->capacity)
		unfinished_grow(k);
	k->next++;
	unfinished = unfinished_at(k, number);
	unfinished->blocking = *b;
	unfinished->call = task_call(task);
	unfinished->lacks = lacks;
	unfinished->is_broken = false;
	unfinished->previous = 0;
	if (lacks.syscall || lacks.entry || lacks.outcome) {
		unfinished->previous = task->unfinished;
		task->unfinished = number;
	}
	if (lacks.waking)
		task->unwoken = number;
}

/* ---- what tells ---------------------------------------------------------------------------- */

static void take_call(struct unfinished *unfinished, const struct fb_syscall *call)
{
	unfinished->call = call;
	unfinished->blocking.syscall = call ? call->name : NULL;
}

void unfinished_resolve(struct fb_kernel *k, struct task *task, const struct fb_syscall *call)
{
	uint64_t number = task->unfinished;

	while (number >= k->first && number < k->next) {
		struct unfinished *unfinished = unfinished_at(k, number);

		if (unfinished->lacks.proof)
			unfinished->is_broken = !is_same_call(unfinished->call, call);
		else if (unfinished->lacks.syscall)
			take_call(unfinished, call);
		/* It may have returned from another one, and come to this, since it was woken. */
		if (unfinished->lacks.syscall && !unfinished->lacks.proof &&
		    unfinished->blocking.doubt & FB_DOUBT_END)
			unfinished->blocking.doubt |= FB_DOUBT_SYSCALL;
		/* An exit does not tell the descriptor. */
		if (!(unfinished->blocking.doubt & (FB_DOUBT_BEGIN | FB_DOUBT_END)) &&
		    !fb_syscall_is(call, FB_CALL_FD))
			unfinished->blocking.doubt &= ~FB_DOUBT_SYSCALL;
		unfinished->lacks = (struct lacks){ .waking = unfinished->lacks.waking };
		number = unfinished->previous;
	}
	task->unfinished = 0;
}

void unfinished_entry(struct fb_kernel *k, struct task *task, const struct fb_syscall *call,
		      int32_t fd)
{
	uint64_t number = task->unfinished;

	while (number >= k->first && number < k->next) {
		struct unfinished *unfinished = unfinished_at(k, number);

		if (call && unfinished->lacks.entry) {
			take_call(unfinished, call);
			unfinished->blocking.fd = fd;
			if (unfinished->blocking.quality == FB_QUALITY_EXACT)
				unfinished->blocking.quality = FB_QUALITY_INFERRED;
		}
		unfinished->lacks.entry = false;
		number = unfinished->previous;
	}
}

void unfinished_give_up(struct fb_kernel *k, struct task *task)
{
	uint64_t number = task->unfinished;

	while (number >= k->first && number < k->next) {
		struct unfinished *unfinished = unfinished_at(k, number);

		/* What it returned might have told of the cause. */
		if (k->lost_until != FB_NS_NONE && unfinished->lacks.outcome)
			unfinished->blocking.doubt |= FB_DOUBT_CAUSE;
		if (k->lost_until != FB_NS_NONE && unfinished->lacks.syscall)
			unfinished->blocking.doubt |= FB_DOUBT_SYSCALL;
		unfinished->lacks = (struct lacks){ .waking = unfinished->lacks.waking };
		number = unfinished->previous;
	}
	task->unfinished = 0;
}

static struct unfinished *newest_unfinished(const struct fb_kernel *k, const struct task *task)
{
	return task->unfinished >= k->first && task->unfinished < k->next
		       ? unfinished_at(k, task->unfinished)
		       : NULL;
}

void unfinished_outcome(struct fb_kernel *k, struct task *task, const struct fb_syscall *call,
		  int64_t ret)
{
	struct unfinished *unfinished = newest_unfinished(k, task);

	/* Of another call, where events were lost. */
	if (!unfinished || !unfinished->lacks.outcome || (call && call != unfinished->call))
		return;
	if (outcome_explain(k, &unfinished->blocking, unfinished->call, ret))
		TELL(k, refine, &task->pub, &unfinished->blocking.cause);
}

void unfinished_outcome_none(const struct fb_kernel *k, const struct task *task)
{
	struct unfinished *unfinished = newest_unfinished(k, task);

	if (unfinished)
		unfinished->lacks.outcome = false;
}

static struct unfinished *unwoken(const struct fb_kernel *k, const struct task *task)
{
	return task->unwoken >= k->first && task->unwoken < k->next
		       ? unfinished_at(k, task->unwoken)
		       : NULL;
}

uint64_t wait_woken_late(struct fb_kernel *k, struct task *task, const struct cpu *cpu, fb_ns now)
{
	struct unfinished *unfinished = unwoken(k, task);
	uint64_t number = task->unwoken;
	struct wake wake;

	task->unwoken = 0;
	if (!unfinished)
		return 0;
	unfinished->lacks.waking = false;
	if (now - unfinished->blocking.end > CLOCK_SKEW)
		return 0;
	wake_capture(k, cpu, task, now, &wake);
	unfinished->blocking.wake = unfinished->blocking.end;
	unfinished->blocking.cause = wake.cause;
	unfinished->blocking.doubt &= ~(FB_DOUBT_WAKE | FB_DOUBT_CAUSE);
	unfinished->blocking.doubt |= wake.doubt;
	unfinished->blocking.quality = FB_QUALITY_INFERRED;
	k->counts.late_wakings++;
	TELL(k, refine, &task->pub, &unfinished->blocking.cause);
	return number;
}

void wait_woken_never(const struct fb_kernel *k, struct task *task, fb_ns now)
{
	struct unfinished *unfinished = unwoken(k, task);

	if (unfinished && now - unfinished->blocking.end <= CLOCK_SKEW)
		return;
	if (unfinished)
		unfinished->lacks.waking = false;
	task->unwoken = 0;
}
