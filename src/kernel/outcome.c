/* SPDX-License-Identifier: MIT */
/*
 * outcome.c - what a system call returned tells what ended its last wait, where the event
 * that would have told was not recorded: a time-out, or a signal.
 */
#include "kernel/model.h"

#include <errno.h>

/* The kernel's own, for calls that go on after a signal (include/linux/errno.h). */
enum { RESTART_FIRST = 512, RESTART_LAST = 516, RESTART_NONE = 515 };

static bool is_recorded(const struct fb_kernel *k, enum fb_kind kind)
{
	return k->kinds & FB_KIND_BIT(kind);
}

/* Whether a timer that was not recorded may be behind what seems to have ended it. */
static bool may_be_timeout(const struct fb_kernel *k, const struct fb_blocking *b,
			   const struct fb_syscall *call)
{
	if (is_recorded(k, FB_EV_HRTIMER_ENTER) || b->quality != FB_QUALITY_INFERRED)
		return false;
	if (b->cause.kind != FB_CAUSE_UNTRACED && b->cause.kind != FB_CAUSE_TASK &&
	    b->cause.kind != FB_CAUSE_IPI &&
	    (b->cause.kind != FB_CAUSE_SOFTIRQ || b->cause.id >= 0))
		return false;
	return fb_syscall_is(call, FB_CALL_TIMED);
}

/* Timers send signals, and so do the dying to their parents. kill and its like tell by themselves. */
static bool may_be_signal(const struct fb_kernel *k, const struct fb_blocking *b,
			  const struct fb_syscall *call)
{
	const struct task *waker = (const struct task *)b->cause.task;

	if (is_recorded(k, FB_EV_SIGNAL_GENERATE))
		return false;
	return b->cause.kind == FB_CAUSE_HRTIMER || b->cause.kind == FB_CAUSE_TIMER ||
	       b->cause.kind == FB_CAUSE_UNTRACED || fb_syscall_is(call, FB_CALL_SIGNAL) ||
	       (b->cause.kind == FB_CAUSE_TASK && waker && waker->dying);
}

bool outcome_tells(const struct fb_kernel *k, const struct fb_blocking *b,
		   const struct fb_syscall *call)
{
	if (!call || b->cause.via || b->wake == FB_NS_NONE ||
	    b->quality > FB_QUALITY_INFERRED)
		return false;
	return may_be_timeout(k, b, call) || may_be_signal(k, b, call);
}

bool outcome_is_missed(const struct fb_kernel *k, const struct fb_blocking *b,
		       const struct fb_syscall *call)
{
	struct fb_blocking as_known = *b;

	if (!(b->doubt & FB_DOUBT_SYSCALL) || b->wake == FB_NS_NONE)
		return false;
	as_known.quality = FB_QUALITY_INFERRED;
	if (call)
		return b->quality == FB_QUALITY_LOST && outcome_tells(k, &as_known, call);
	return b->cause.kind != FB_CAUSE_SOFTIRQ && b->cause.kind != FB_CAUSE_IRQ &&
	       (b->cause.kind != FB_CAUSE_TASK || !k->sees_all);
}

static bool is_interrupted(int64_t ret)
{
	return ret == -EINTR ||
	       (ret <= -RESTART_FIRST && ret >= -RESTART_LAST && ret != -RESTART_NONE);
}

/* … of the child that it tells of, that is. */
bool outcome_names_child(const struct fb_kernel *k, const struct fb_blocking *b,
			 const struct fb_syscall *call)
{
	return fb_via_is_child(b->cause.via) && b->cause.via != FB_VIA_VFORK &&
	       fb_syscall_is(call, FB_CALL_CHILD) && is_recorded(k, FB_EV_SYS_EXIT);
}

/* What wait4 returns is a number of its own namespace: whether it is that task. */
static bool is_child_of(const struct task *child, int64_t pid, const struct fb_blocking *b)
{
	const struct fb_task *waker = b->cause.task;

	if (child->pub.ppid && b->task->pid)
		return child->pub.ppid == b->task->pid &&
		       (child->pub.pid == pid || b->cause.via == FB_VIA_CHILD_TRAP);
	/* Of its process nothing is known but what the call returned. */
	return waker && !waker->pid && child->dying;
}

static bool explain_child(const struct fb_kernel *k, struct fb_blocking *b, int64_t pid)
{
	const struct task *child = pid > 0 && pid <= INT32_MAX ? task_find(k, pid) : NULL;

	if (!child || !is_child_of(child, pid, b)) {
		/* Numbers of another namespace are none of ours; but its fork may have been lost. */
		if (k->lost_until != FB_NS_NONE && pid > 0 && pid != b->cause.via_id)
			b->doubt |= FB_DOUBT_CAUSE;
		return false;
	}
	b->cause.via_id = pid;
	b->cause.child = &child->pub;
	return true;
}

bool outcome_explain(const struct fb_kernel *k, struct fb_blocking *b,
		     const struct fb_syscall *call, int64_t ret)
{
	if (outcome_names_child(k, b, call))
		return explain_child(k, b, ret);
	if (b->cause.via)
		return false; /* a signal was logged since */
	if (may_be_signal(k, b, call) && is_interrupted(ret)) {
		b->cause.via = FB_VIA_SIGNAL;
	} else if (may_be_signal(k, b, call) && fb_syscall_is(call, FB_CALL_SIGNAL) && ret > 0) {
		b->cause.via = FB_VIA_SIGNAL;
		b->cause.via_id = ret;
	} else if (may_be_timeout(k, b, call) && ret == call->timeout) {
		cause_clear(&b->cause, b->cause.cpu);
		b->cause.kind = FB_CAUSE_TIMER;
		b->cause.name = g_intern_static_string("timeout");
	} else {
		return false;
	}
	b->quality = FB_QUALITY_INFERRED;
	return true;
}
