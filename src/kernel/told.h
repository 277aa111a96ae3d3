/* SPDX-License-Identifier: MIT */
/*
 * told.h - what an event itself says of where it happened: perf and ftrace put the kernel's own
 * account into every event, common_flags and common_pid; LTTng's contexts tell of the current task.
 */
#ifndef KERNEL_TOLD_H
#define KERNEL_TOLD_H

#include "kernel/model.h"

/* Takes what the event says, and mends by it what the events before it said. */
void told_take(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev);

/* Whether events with these FB_HAS_* tell who the current task is, or of which process. */
bool told_names(uint64_t fields);

/* Takes the process of the task that ran when the event happened, where that is not known. */
void told_process(const struct fb_kernel *k, struct task *task, const struct fb_event *ev);

void told_learn(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev);

/* Takes from the event what is not known of the current task: who it is, of which process, and its name. */
static inline void told_name(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	const struct fb_task *current = &cpu->current->pub;

	if (G_UNLIKELY(!current->pid || !current->comm || cpu->current->stale) && current->tid)
		told_learn(k, cpu, ev);
}

/* Behind a loss: on a task that says who it is, and that it is in no interrupt, nothing stands. */
static inline void told_settle(const struct fb_kernel *k, struct cpu *cpu)
{
	/* On PREEMPT_RT softirqs run in tasks, and no flag tells. */
	if (G_UNLIKELY(cpu->doubtful) && cpu->told == TOLD_TASK && cpu->current && cpu->current->pub.tid >= 0)
		cpu->doubtful = k->rt;
}

#endif
