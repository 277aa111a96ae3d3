/* SPDX-License-Identifier: MIT */
/*
 * fits.c - a waking where x86's vectors are not recorded. In a vector, and out of what is
 * recorded apart from it (hrtimers, softirqs), these wake tasks: irq_work, the tick, functions called by IPI.
 * They end waits for disks, kernel threads' and those for what they signal; never one for a futex, for a child
 * or for a socket. That a task was current proves nothing; that it was just then doing what another one waited for does.
 */
#include "kernel/fits.h"

#include <signal.h>

#define KINDS (FB_KIND_BIT(FB_EV_IRQ_ENTER) | FB_KIND_BIT(FB_EV_SOFTIRQ_ENTER) |       \
	       FB_KIND_BIT(FB_EV_HRTIMER_ENTER) | FB_KIND_BIT(FB_EV_SIGNAL_GENERATE) | \
	       FB_KIND_BIT(FB_EV_SYS_ENTER) | FB_KIND_BIT(FB_EV_SYS_EXIT))

#define CALLS_THAT_WRITE \
	(FB_CALL_SOCKET | FB_CALL_SEND | FB_CALL_SEND_MANY | FB_CALL_CLOSE)

bool fits_may_tell(const struct fb_kernel *k)
{
	return (k->kinds & KINDS) == KINDS;
}

/* Who exits lets go of its locks, and closes what it had open. */
static bool does(const struct task *waker, unsigned flags)
{
	return waker->dying || fb_syscall_is(task_call(waker), flags);
}

bool fits(const struct cpu *cpu, const struct task *wakee, const struct fb_cause *cause)
{
	const struct fb_syscall *call = task_call(wakee);

	if (cause->via == FB_VIA_VFORK || fb_via_is_child(cause->via))
		return true;
	if (cause->kind == FB_CAUSE_SOFTIRQ)
		return cause->id == FB_SOFTIRQ_NET_RX && fb_syscall_is(call, FB_CALL_SOCKET);
	if (cause->kind != FB_CAUSE_TASK || cause->via)
		return false;
	return (fb_syscall_is(call, FB_CALL_FUTEX) && does(cpu->current, FB_CALL_FUTEX)) ||
	       (fb_syscall_is(call, FB_CALL_SOCKET) && does(cpu->current, CALLS_THAT_WRITE));
}

/* SI_* and CLD_* of include/uapi/asm-generic/siginfo.h: a timer's and the kernel's codes are others. */
bool fits_signal(const struct cpu *cpu, const struct fb_event *signal)
{
	const struct task *sender = cpu->current;
	int32_t code = signal->signal.code;

	if (!sender || cpu->n_frames)
		return false;
	if (signal->signal.sig == SIGCHLD && code >= CLD_EXITED && code <= CLD_CONTINUED)
		return true; /* do_notify_parent(), do_notify_parent_cldstop(): by the child */
	return (code == SI_USER || code == SI_QUEUE || code == SI_TKILL) &&
	       fb_syscall_is(task_call(sender), FB_CALL_KILL);
}
