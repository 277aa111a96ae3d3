/* SPDX-License-Identifier: MIT */
/* recording.c - what the recorded events can tell, and what they cannot. */
#include <limits.h>
#include <stdio.h>

#include <flightbox/recording.h>

#define K(kind) FB_KIND_BIT(FB_EV_##kind)

const struct fb_need fb_needs[] = {
	{ .question = "who waited, and how long",
	  .name = "sched_switch", .lttng = "sched_switch", .perf = "sched:sched_switch",
	  .kinds = K(SWITCH), .always = true,
	  .loss = "nothing can be said" },
	{ .question = "what ended a wait",
	  .name = "sched_waking", .lttng = "sched_waking", .perf = "sched:sched_waking",
	  .kinds = K(WAKING), .given = K(WAKEUP) | K(WAKING), .since = FB_LINUX(4, 3), .always = true,
	  .loss = "wakers are inferred from sched_wakeup, and those on another CPU show as IPIs" },
	{ .question = "what ended a wait",
	  .name = "sched_waking", .lttng = "sched_waking", .perf = "sched:sched_waking",
	  .kinds = K(WAKING), .unless = K(WAKEUP) | K(WAKING), .since = FB_LINUX(4, 3), .always = true,
	  .loss = "no wait has a cause" },
	{ .question = "what ended a wait",
	  .name = "sched_wakeup", .lttng = "sched_wakeup", .perf = "sched:sched_wakeup",
	  .kinds = K(WAKEUP), .unless = K(WAKING), .until = FB_LINUX(4, 3), .always = true,
	  .loss = "no wait has a cause" },
	{ .question = "in which system call",
	  .name = "system calls", .lttng = "--syscall --all", .perf = "raw_syscalls:*",
	  .kinds = K(SYS_ENTER) | K(SYS_EXIT), .unless = K(SYS_ENTER) | K(SYS_EXIT), .always = true,
	  .loss = "no wait has a system call" },
	{ .question = "in which system call",
	  .name = "entries and exits of system calls both", .lttng = "--syscall --all",
	  .perf = "raw_syscalls:*",
	  .kinds = K(SYS_ENTER) | K(SYS_EXIT), .given = K(SYS_ENTER) | K(SYS_EXIT), .always = true,
	  .loss = "system calls are inferred: nothing tells them from the time between them" },
	{ .question = "in which system call, whichever it is",
	  .name = "all system calls", .lttng = "--syscall --all",
	  .perf = "raw_syscalls:*",
	  .kinds = K(SYS_ENTER), .fields = FB_HAS_ALL_SYSCALLS, .always = true,
	  .loss = "waits in system calls that were not recorded seem to be in none" },
	{ .question = "which device's interrupt",
	  .name = "irq_handler_*", .lttng = "irq_handler_entry,irq_handler_exit",
	  .perf = "irq:irq_handler_*",
	  .kinds = K(IRQ_ENTER) | K(IRQ_EXIT), .always = true,
	  .loss = "device interrupts are taken for the tasks that they interrupt",
	  .told = "device interrupts show as UNTRACED INTERRUPT" },
	{ .question = "which softirq",
	  .name = "irq_softirq_entry and _exit", .lttng = "irq_softirq_entry,irq_softirq_exit",
	  .perf = "irq:softirq_*",
	  .kinds = K(SOFTIRQ_ENTER) | K(SOFTIRQ_EXIT), .always = true,
	  .loss = "softirqs are taken for the tasks that they interrupt",
	  .told = "softirqs have no names" },
	{ .question = "on whose behalf a softirq ran",
	  .name = "irq_softirq_raise", .lttng = "irq_softirq_raise",
	  .perf = "irq:softirq_raise",
	  .kinds = K(SOFTIRQ_RAISE), .always = true,
	  .loss = "what raised a softirq is inferred from the event before it" },
	{ .question = "which high-resolution timer: sleeps and time-outs",
	  .name = "timer_hrtimer_expire_*",
	  .lttng = "timer_hrtimer_expire_entry,timer_hrtimer_expire_exit",
	  .perf = "timer:hrtimer_expire_*",
	  .kinds = K(HRTIMER_ENTER) | K(HRTIMER_EXIT), .always = true,
	  .loss = "sleeps and time-outs end by an unnamed timer, inferred from what their calls return" },
	{ .question = "which kernel timer",
	  .name = "timer_expire_*", .lttng = "timer_expire_entry,timer_expire_exit",
	  .perf = "timer:timer_expire_*",
	  .kinds = K(TIMER_ENTER) | K(TIMER_EXIT), .always = true,
	  .loss = "kernel timers show as SOFTIRQ TIMER without a name" },
	{ .question = "which interrupt between CPUs",
	  .name = "x86_irq_vectors_*", .lttng = "'x86_irq_vectors_*'",
	  .module = "lttng-probe-x86-irq-vectors",
	  .perf = "irq_vectors:*",
	  .kinds = K(VEC_ENTER) | K(VEC_EXIT), .x86 = true, .always = true,
	  .loss = "IPIs show as UNTRACED INTERRUPT or as the tasks that they interrupt",
	  .told = "IPIs show as UNTRACED INTERRUPT" },
	{ .question = "which signal",
	  .name = "signal_generate", .lttng = "signal_generate,signal_deliver",
	  .perf = "signal:*",
	  .kinds = K(SIGNAL_GENERATE), .always = true,
	  .loss = "signals, and stops of children, show as the tasks or timers that send them" },
	{ .question = "which process a new thread belongs to",
	  .name = "sched_process_fork", .lttng = "sched_process_fork",
	  .perf = "sched:sched_process_fork",
	  .kinds = K(FORK), .always = true,
	  .loss = "--pid does not find threads made during the recording, nor is vfork told" },
	{ .question = "who exits",
	  .name = "sched_process_exit", .lttng = "sched_process_exit",
	  .perf = "sched:sched_process_exit",
	  .kinds = K(EXIT),
	  .loss = "tasks exit by their calls of exit or their SIGCHLD: most are told all the same" },
	{ .question = "tasks that are made without a fork: io_uring's workers",
	  .name = "sched_wakeup_new", .lttng = "sched_wakeup_new",
	  .perf = "sched:sched_wakeup_new",
	  .kinds = K(WAKEUP_NEW),
	  .loss = "they are known from their first run on" },
	{ .question = "which program a process runs",
	  .name = "sched_process_exec", .lttng = "sched_process_exec",
	  .perf = "sched:sched_process_exec",
	  .kinds = K(EXEC), .since = FB_LINUX(3, 4), .always = true,
	  .loss = "programs are known by their short names only" },
	{ .question = "the processes that were there before",
	  .name = "lttng_statedump_*", .lttng = "'lttng_statedump_*'",
	  .kinds = K(TASK_STATE), .always = true,
	  .loss = "--pid does not find threads older than the recording" },
	{ .question = "page faults",
	  .name = "x86_exceptions_page_fault_*", .lttng = "'x86_exceptions_page_fault_*'",
	  .module = "lttng-probe-x86-exceptions",
	  .perf = "exceptions:*",
	  .kinds = K(FAULT_USER) | K(FAULT_KERNEL), .x86 = true, .until = FB_LINUX(6, 16),
	  .loss = "a user task's state D outside of any system call is taken for a page fault" },
	{ .question = "which disk request",
	  .name = "block_rq_*", .lttng = "'block_rq_*'", .perf = "block:block_rq_*",
	  .kinds = K(BLOCK_ISSUE) | K(BLOCK_COMPLETE), .beside = K(NET_RECEIVE),
	  .loss = "disks are known by their interrupts only" },
	{ .question = "which packet",
	  .name = "net_dev_queue and net_if_receive_skb",
	  .lttng = "net_dev_queue,net_if_receive_skb", .perf = "net:*",
	  .kinds = K(NET_QUEUE) | K(NET_RECEIVE), .beside = K(NET_RECEIVE),
	  .loss = "packets are known by NET_RX only" },
	{ .question = "which work of a kworker",
	  .name = "workqueue_execute_*",
	  .lttng = "workqueue_execute_start,workqueue_execute_end", .perf = "workqueue:*",
	  .kinds = K(WORK_START) | K(WORK_END),
	  .loss = "a kworker's work has no name" },
	{ .question = "who asked for a kworker's work",
	  .name = "workqueue_queue_work",
	  .lttng = "workqueue_queue_work", .perf = "workqueue:workqueue_queue_work",
	  .kinds = K(WORK_QUEUE),
	  .loss = "whoever woke the idle kworker is taken for it" },
	{ NULL },
};

int fb_linux_of(const struct fb_source_info *info)
{
	unsigned int major, minor;

	if (!info->kernel_release ||
	    sscanf(info->kernel_release, "%u.%u", &major, &minor) != 2 || major >= 32768 ||
	    minor >= 32768)
		return INT_MAX;
	return FB_LINUX(major, minor);
}

static bool is_perf(const struct fb_source_info *info)
{
	return !g_strcmp0(info->tracer_name, "perf");
}

bool fb_need_applies(const struct fb_need *need, const struct fb_source_info *info)
{
	int version = fb_linux_of(info);

	if (need->x86 && info->abi != FB_ABI_X86_64 && info->abi != FB_ABI_I386)
		return false;
	if (is_perf(info) && !need->perf)
		return false;
	if (info->kinds & need->unless)
		return false;
	/* Only what was recorded can be recorded in part. */
	if (need->fields && !(info->kinds & need->kinds))
		return false;
	if (version < need->since || (need->until && version >= need->until))
		return (info->kinds & need->kinds) != 0;
	return !need->given || info->kinds & need->given;
}

bool fb_need_is_missed(const struct fb_need *need, const struct fb_source_info *info,
		       uint64_t kinds)
{
	return (need->always || need->beside & kinds) && fb_need_applies(need, info) &&
	       !fb_need_is_met(need, info);
}

bool fb_need_is_met(const struct fb_need *need, const struct fb_source_info *info)
{
	return (info->kinds & need->kinds) == need->kinds &&
	       (info->fields & need->fields) == need->fields;
}

const char *fb_need_loss(const struct fb_need *need, const struct fb_source_info *info)
{
	return need->told && info->fields & FB_HAS_COMMON_FLAGS ? need->told : need->loss;
}

enum fb_outside fb_recording_outside(const struct fb_source_info *info, bool was_read_to_end, fb_ns from,
				     fb_ns to)
{
	if (info->begin == FB_NS_NONE || info->end == FB_NS_NONE)
		return FB_OUTSIDE_NOT;
	if (from != FB_NS_NONE && from > info->end && was_read_to_end)
		return FB_OUTSIDE_BEFORE;
	return to != FB_NS_NONE && to < info->begin ? FB_OUTSIDE_BEHIND : FB_OUTSIDE_NOT;
}

bool fb_recording_lacks_calls(const struct fb_source_info *info)
{
	return info->abi == FB_ABI_UNKNOWN && info->fields & FB_HAS_ALL_SYSCALLS;
}

char *fb_need_command(const struct fb_need *need, const struct fb_source_info *info)
{
	if (is_perf(info))
		return need->perf ? g_strdup_printf("perf record -e '%s'", need->perf) : NULL;
	/* Without its module LTTng would take a pattern, and record nothing. */
	if (need->module)
		return g_strdup_printf("modprobe %s && lttng enable-event --kernel %s",
				       need->module, need->lttng);
	return g_strdup_printf("lttng enable-event --kernel %s", need->lttng);
}
