/* SPDX-License-Identifier: MIT */
/*
 * prev_state.c - one number, three encodings.
 *
 * Kernels before 4.14 hand the task's raw state to the tracer and mark a
 * preempted task with a bit above all states (TASK_STATE_MAX, which moved
 * between 0x200 and 0x1000). Since 4.14 the tracepoint prints the "report form":
 * only states that matter, 0x40 parked, 0x80 idle, 0x100 preempted. perf records
 * that; lttng-modules do since 2.9.15, 2.10.12 and 2.11, and write the raw state
 * of the new layout before (0x40 parked, 0x80 dead, 0x402 idle).
 * Sources: include/linux/sched.h, include/trace/events/sched.h (__trace_sched_switch_state),
 * lttng-modules instrumentation/events/sched.h.
 */
#include "kernel/prev_state.h"

struct prev_state_rules prev_state_rules(const struct fb_source_info *info)
{
	struct prev_state_rules rules = { .kernel = fb_linux_of(info), .report_form = true };

	if (rules.kernel < FB_LINUX(4, 14)) {
		rules.report_form = false;
	} else if (info->tracer_name && !strcmp(info->tracer_name, "lttng-modules") &&
		   info->tracer_major == 2) {
		int patch = info->tracer_patch;

		switch (info->tracer_minor) {
		case 9:
			rules.report_form = patch >= 15;
			break;
		case 10:
			rules.report_form = patch >= 12;
			break;
		default:
			rules.report_form = info->tracer_minor >= 11;
		}
	}
	for (int number = 0; number < PREV_STATES_SMALL; number++)
		rules.small[number] = prev_state_decide(&rules, number);
	return rules;
}

/* The order matters: sleep bits may be joined by WAKEKILL (0x80, 0x100) or NOLOAD (0x400). */
enum prev_state prev_state_decide(const struct prev_state_rules *rules, int64_t prev_state)
{
	bool old = rules->kernel < FB_LINUX(4, 14);

	if (!rules->report_form && (prev_state & ~INT64_C(0x82)) == 0x400 && (prev_state & 2))
		return rules->kernel >= FB_LINUX(4, 2) ? PREV_IDLE : PREV_BLOCKED_D;
	if (prev_state & 1)
		return PREV_BLOCKED_S;
	if (prev_state & 2)
		return PREV_BLOCKED_D;
	if (prev_state == 0)
		return PREV_RUNNABLE;
	if (prev_state & 4)
		return PREV_STOPPED;
	if (prev_state & 8)
		return PREV_TRACED;
	if (prev_state & 0x30)
		return PREV_EXITED;
	if (prev_state == 0x40)
		return old ? PREV_EXITED : PREV_PARKED;
	if (prev_state == 0x80)
		return rules->report_form ? PREV_IDLE : old ? PREV_RUNNABLE : PREV_EXITED;
	if (prev_state == 0x200 && rules->kernel >= FB_LINUX(3, 9) && old)
		return PREV_PARKED;
	return PREV_RUNNABLE;
}
