/* SPDX-License-Identifier: MIT */
/* observers.h - what the model tells its observer, where it has one. */
#ifndef KERNEL_OBSERVERS_H
#define KERNEL_OBSERVERS_H

#include "kernel/model.h"

#define TELL(k, what, ...)                                                                         \
	do {                                                                                       \
		const struct fb_observer *observer_ = (k)->options.observer;                       \
                                                                                                   \
		if (G_UNLIKELY(observer_ && observer_->what))                                      \
			observer_->what((k)->options.observer_data, __VA_ARGS__);                  \
	} while (0)

/* Timers run inside other frames: these are who interrupts. But some do so with no vector recorded. */
static inline bool is_interrupt(const struct cpu *cpu, int i)
{
	enum fb_frame_kind kind = cpu->frames[i].kind;

	return kind == FB_FRAME_SOFTIRQ || kind == FB_FRAME_IRQ || kind == FB_FRAME_VECTOR ||
	       (kind == FB_FRAME_HRTIMER && i == 0);
}

/* What stands on top of the current task now. */
static inline void tell_frames(const struct fb_kernel *k, const struct cpu *cpu)
{
	struct fb_interrupt interrupt = { .kind = FB_FRAME_NONE };
	int i = cpu->n_frames - 1;

	if (G_LIKELY(!k->options.observer) || !cpu->current || cpu->current == cpu->idle)
		return;
	while (i >= 0 && !is_interrupt(cpu, i))
		i--;
	if (i >= 0)
		interrupt = (struct fb_interrupt){
			.kind = cpu->frames[i].kind,
			.id = cpu->frames[i].id,
			.vector = cpu->frames[i].vector,
			.name = cpu->frames[i].name,
			.is_inline = cpu->frames[i].is_inline,
		};
	TELL(k, interrupt, &cpu->current->pub, &interrupt, k->now);
}

#endif
