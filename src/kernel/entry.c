/* SPDX-License-Identifier: MIT */
/*
 * entry.c - waits at the entry to a system call. The kernel logs an entry when nothing keeps the
 * task from the call any more (syscall_trace_enter()): not before its tracer has let it go, nor
 * before seccomp's supervisor has answered. Where that denies the call, or does it itself, there is
 * no entry, but an exit.
 *
 *	exit   user mode   out, S           in   entry
 *	--|---------------|-------- held ----|----|---- in the call
 *	                                      1 µs
 *
 * Others wait between two calls, too: on the way out of the kernel (the freezer), or in a fault of
 * user mode (userfaultfd, FUSE). They go on in user mode, and may enter a call soon.
 */
#include "kernel/entry.h"

#include "kernel/context.h"

/* From the switch to the entry it is as far as to an exit: 1 to 4 µs, 30 where machines are emulated. */
#define DIRECTLY ((fb_ns)50000)

/* Whether the task, which leaves its CPU, may be kept from a call, and did not leave user mode otherwise. */
static bool may_be_held(const struct task *task, const struct cpu *cpu, enum prev_state state)
{
	/* A fault may sleep; but no tracer stops a task in there. */
	if (task->faulted && state == PREV_BLOCKED_S)
		return false;
	return cpu->last_kind != FB_EV_IRQ_EXIT && cpu->last_kind != FB_EV_VEC_EXIT &&
	       cpu->last_kind != FB_EV_SOFTIRQ_EXIT && cpu->last_kind != FB_EV_HRTIMER_EXIT;
}

enum entry_wait entry_wait_begins(const struct fb_kernel *k, const struct task *task,
				  const struct cpu *cpu, enum prev_state state)
{
	if ((state != PREV_BLOCKED_S && state != PREV_TRACED) || !in_user_mode(k, task) ||
	    !has_kind(k, FB_EV_SYS_EXIT))
		return ENTRY_NONE;
	if (task->entry && cpu->last_kind == FB_EV_SWITCH)
		return ENTRY_AGAIN;
	return may_be_held(task, cpu, state) ? ENTRY_FIRST : ENTRY_NONE;
}

bool entry_wait_may_be_over(const struct task *task)
{
	const struct fb_cause *cause = &task->wake.cause;

	/* Who thaws, or serves a fault in a file of FUSE, writes; a supervisor and a tracer do not. */
	return task->state == TASK_BLOCKED && task->woken && cause->kind == FB_CAUSE_TASK &&
	       !(cause->syscall && fb_syscall_is(fb_syscall_get(cause->syscall), FB_CALL_SEND));
}

bool entry_is_too_late(fb_ns end, fb_ns now)
{
	return now - end > DIRECTLY;
}

bool entry_is_direct(const struct task *task, const struct cpu *cpu, fb_ns now)
{
	return task->entry && cpu->last_kind == FB_EV_SWITCH && !entry_is_too_late(cpu->last_time, now);
}
