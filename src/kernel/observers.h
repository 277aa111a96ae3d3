/* SPDX-License-Identifier: MIT */
/* observers.h - what the model tells its observers, where it has any. */
#ifndef KERNEL_OBSERVERS_H
#define KERNEL_OBSERVERS_H

#include "kernel/model.h"

/* Each of them, in their order; where there are none, it is one comparison. */
#define TELL(k, what, ...)                                                                         \
	do {                                                                                       \
		for (const struct observer *o_ = (k)->observers; G_UNLIKELY(o_); o_ = o_->next)    \
			if (o_->pub.ops->what)                                                     \
				o_->pub.ops->what(o_->pub.data, __VA_ARGS__);                      \
	} while (0)

/* Takes the list from the options, and asks each what it wants. */
void observers_init(struct fb_kernel *k, const struct fb_kernel_options *options);
void observers_clear(struct fb_kernel *k);
/* An event of a kind that any of them wants to see itself. */
void observers_event(const struct fb_kernel *k, const struct fb_event *ev);

/* What stands on top of a task now that is not the idle one. */
void observers_frames(const struct fb_kernel *k, const struct cpu *cpu);

/* What stands on top of the current task now. */
static inline void tell_frames(const struct fb_kernel *k, const struct cpu *cpu)
{
	if (G_UNLIKELY(k->observers) && cpu->current && cpu->current != cpu->idle)
		observers_frames(k, cpu);
}

#endif
