/* SPDX-License-Identifier: MIT */
/*
 * outcome.c - what a system call returned tells what ended its last wait, where the event
 * that would have told was not recorded: a time-out, or a signal.
 */
#include "kernel/model.h"

#include <errno.h>

enum { RT_SIGTIMEDWAIT }; /* of timed_calls */

/* Calls that wait for a time at most, and what they return when it is over. */
static const struct {
	const char *name;
	int ret;
} timed_calls[] = {
	[RT_SIGTIMEDWAIT] = { "rt_sigtimedwait", -EAGAIN },
	{ "nanosleep", 0 }, { "clock_nanosleep", 0 }, { "poll", 0 }, { "ppoll", 0 },
	{ "select", 0 }, { "pselect6", 0 }, { "epoll_wait", 0 }, { "epoll_pwait", 0 },
	{ "epoll_pwait2", 0 }, { "io_getevents", 0 }, { "futex", -ETIMEDOUT },
	{ "mq_timedsend", -ETIMEDOUT }, { "mq_timedreceive", -ETIMEDOUT },
	{ "semtimedop", -EAGAIN },
};

_Static_assert(G_N_ELEMENTS(timed_calls) == TIMED_CALLS, "as many as their names");

/* The kernel's own, for calls that go on after a signal (include/linux/errno.h). */
enum { RESTART_FIRST = 512, RESTART_LAST = 516, RESTART_NONE = 515 };

void timed_calls_init(struct fb_kernel *k)
{
	for (int i = 0; i < TIMED_CALLS; i++)
		k->timed_calls[i] = g_intern_static_string(timed_calls[i].name);
}

static bool is_recorded(const struct fb_kernel *k, enum fb_kind kind)
{
	return k->kinds & FB_KIND_BIT(kind);
}

static int timed_call(const struct fb_kernel *k, const char *syscall)
{
	for (int i = 0; i < TIMED_CALLS; i++)
		if (k->timed_calls[i] == syscall)
			return i;
	return -1;
}

/* Whether a timer that was not recorded may be behind what seems to have ended it. */
static bool may_be_timeout(const struct fb_kernel *k, const struct fb_blocking *b)
{
	if (is_recorded(k, FB_EV_HRTIMER_ENTER) || b->quality != FB_QUALITY_INFERRED)
		return false;
	if (b->cause.kind != FB_CAUSE_UNTRACED && b->cause.kind != FB_CAUSE_TASK &&
	    b->cause.kind != FB_CAUSE_IPI)
		return false;
	return timed_call(k, b->syscall) >= 0;
}

/* It returns the signal that it waited for. */
static bool waits_for_signal(const struct fb_kernel *k, const struct fb_blocking *b)
{
	return b->syscall == k->timed_calls[RT_SIGTIMEDWAIT];
}

/* Timers send signals, and so do the dying to their parents. kill and its like tell by themselves. */
static bool may_be_signal(const struct fb_kernel *k, const struct fb_blocking *b)
{
	const struct task *waker = (const struct task *)b->cause.task;

	if (is_recorded(k, FB_EV_SIGNAL_GENERATE))
		return false;
	return b->cause.kind == FB_CAUSE_HRTIMER || b->cause.kind == FB_CAUSE_TIMER ||
	       b->cause.kind == FB_CAUSE_UNTRACED || waits_for_signal(k, b) ||
	       (b->cause.kind == FB_CAUSE_TASK && waker && waker->dying);
}

bool outcome_tells(const struct fb_kernel *k, const struct fb_blocking *b)
{
	if (!b->syscall || b->cause.via || b->wake == FB_NS_NONE ||
	    b->quality > FB_QUALITY_INFERRED)
		return false;
	return may_be_timeout(k, b) || may_be_signal(k, b);
}

static bool is_interrupted(int64_t ret)
{
	return ret == -EINTR ||
	       (ret <= -RESTART_FIRST && ret >= -RESTART_LAST && ret != -RESTART_NONE);
}

bool outcome_explain(const struct fb_kernel *k, struct fb_blocking *b, int64_t ret)
{
	int call = timed_call(k, b->syscall);

	if (b->cause.via)
		return false; /* a signal was logged since */
	if (may_be_signal(k, b) && is_interrupted(ret)) {
		b->cause.via = FB_VIA_SIGNAL;
	} else if (may_be_signal(k, b) && waits_for_signal(k, b) && ret > 0) {
		b->cause.via = FB_VIA_SIGNAL;
		b->cause.via_id = ret;
	} else if (may_be_timeout(k, b) && ret == timed_calls[call].ret) {
		cause_clear(&b->cause, b->cause.cpu);
		b->cause.kind = FB_CAUSE_TIMER;
		b->cause.name = g_intern_static_string("timeout");
	} else {
		return false;
	}
	b->quality = FB_QUALITY_INFERRED;
	return true;
}
