/* SPDX-License-Identifier: MIT */
/*
 * prev_state.h - what sched_switch's prev_state says about the task that left the CPU.
 */
#ifndef KERNEL_PREV_STATE_H
#define KERNEL_PREV_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include <flightbox/source.h>

enum prev_class {
	PREV_BLOCKED_S,   /* interruptible sleep */
	PREV_BLOCKED_D,   /* uninterruptible, killable too */
	PREV_RUNNABLE,    /* yielded, or preempted on the way to user mode */
	PREV_PREEMPTED,   /* in the kernel: R+ */
	PREV_STOPPED,
	PREV_TRACED,
	PREV_EXITED,
	PREV_PARKED,
	PREV_IDLE,        /* a kernel thread with nothing to do (TASK_IDLE) */
};

/* How the recording encodes the state: a kernel's bits, and what the tracer makes of them. */
struct prev_state_rules {
	int kernel;        /* version * 256 + patchlevel: 0x060c for 6.12; INT_MAX when unknown */
	bool report_form;  /* 1 << (index - 1) of TASK_REPORT, R+ = 0x100; else the raw task state */
};

struct prev_state_rules prev_state_rules(const struct fb_source_info *info);
enum prev_class prev_state_classify(const struct prev_state_rules *rules, int64_t prev_state);

/* S, D, T, t, P, I; 0 for classes that are no wait. */
char prev_state_letter(enum prev_class class);

#endif
