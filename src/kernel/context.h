/* SPDX-License-Identifier: MIT */
/* context.h - what is seen of a CPU's contexts, and what may hide there: for context.c and wake.c. */
#ifndef KERNEL_CONTEXT_H
#define KERNEL_CONTEXT_H

#include "kernel/model.h"

static inline bool has_kind(const struct fb_kernel *k, enum fb_kind kind)
{
	return k->kinds & FB_KIND_BIT(kind);
}

static inline bool is_hard(const struct frame *f)
{
	return f->kind == FB_FRAME_IRQ || f->kind == FB_FRAME_VECTOR;
}

/*
 * Whether the innermost frame is a timer's callback that runs in the softirq below it. An
 * hrtimer may just as well have come in a vector that was not recorded.
 */
static inline bool is_in_softirq(const struct cpu *cpu)
{
	const struct frame *below;

	if (cpu->n_frames < 2)
		return false;
	below = &cpu->frames[cpu->n_frames - 2];
	return below->kind == FB_FRAME_SOFTIRQ &&
	       (below[1].kind == FB_FRAME_TIMER || below->id == FB_SOFTIRQ_HRTIMER);
}

/* A hard interrupt, by its own frame or by that of a timer in it. */
static inline bool in_hard_interrupt(const struct cpu *cpu)
{
	const struct frame *top;

	if (!cpu->n_frames)
		return false;
	top = &cpu->frames[cpu->n_frames - 1];
	return is_hard(top) || (top->kind == FB_FRAME_HRTIMER && !is_in_softirq(cpu));
}

/* Whether the event itself says that it came in an interrupt of which nothing is recorded. */
static inline bool is_told_of_unseen(const struct cpu *cpu)
{
	return (cpu->told == TOLD_HARD && !in_hard_interrupt(cpu)) ||
	       (cpu->told == TOLD_SOFT && !cpu->n_frames);
}

/* Whether an interrupt that is not recorded may stand on top of what is seen of this CPU. */
static inline bool may_be_hidden(const struct fb_kernel *k, const struct cpu *cpu)
{
	if (G_UNLIKELY(cpu->told))
		return is_told_of_unseen(cpu);
	if (!cpu->n_frames)
		return !k->sees_all;
	/* Hard interrupts do not interrupt each other. */
	return !in_hard_interrupt(cpu) && !k->sees_hard;
}

/* In user mode, where nothing happens in the kernel but by an interrupt, or a fault. */
static inline bool in_user_mode(const struct fb_kernel *k, const struct task *task)
{
	return task->sys_state == SYS_OUTSIDE && has_kind(k, FB_EV_SYS_ENTER) &&
	       !task->pub.kthread && !task->dying;
}

#endif
