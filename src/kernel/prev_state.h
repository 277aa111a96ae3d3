/* SPDX-License-Identifier: MIT */
/*
 * prev_state.h - what sched_switch's prev_state says about the task that left the CPU.
 */
#ifndef KERNEL_PREV_STATE_H
#define KERNEL_PREV_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include <flightbox/source.h>

/*
 * What becomes of the task, as the letters that ps prints, with which waits stand in
 * reports too.
 */
enum prev_state {
	PREV_RUNNABLE = 0,     /* yielded, or preempted: it could go on */
	PREV_BLOCKED_S = 'S',  /* interruptible sleep */
	PREV_BLOCKED_D = 'D',  /* uninterruptible, killable too */
	PREV_STOPPED = 'T',
	PREV_TRACED = 't',
	PREV_PARKED = 'P',
	PREV_IDLE = 'I',       /* a kernel thread with nothing to do (TASK_IDLE) */
	PREV_EXITED = 'X',
};

#define PREV_STATES_SMALL 0x200 /* past R+ of the report form */

/* How the recording encodes the state: a kernel's bits, and what the tracer makes of them. */
struct prev_state_rules {
	int kernel;        /* fb_linux_of() the recording */
	bool report_form;  /* 1 << (index - 1) of TASK_REPORT, R+ = 0x100; else the raw task state */
	char small[PREV_STATES_SMALL]; /* what prev_state_decide() says of the numbers below that */
};

struct prev_state_rules prev_state_rules(const struct fb_source_info *info);

/* By the rules, step by step; prev_state_of() is faster. */
enum prev_state prev_state_decide(const struct prev_state_rules *rules, int64_t number);

static inline enum prev_state prev_state_of(const struct prev_state_rules *rules, int64_t number)
{
	if (number >= 0 && number < PREV_STATES_SMALL)
		return rules->small[number];
	return prev_state_decide(rules, number);
}

#endif
