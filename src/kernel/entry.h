/* SPDX-License-Identifier: MIT */
/* entry.h - whether a wait outside of any system call was at the entry to the next one. */
#ifndef KERNEL_ENTRY_H
#define KERNEL_ENTRY_H

#include "kernel/model.h"

/* What the wait may be that begins now, as its task leaves the CPU in `state`. */
enum entry_wait entry_wait_begins(const struct fb_kernel *k, const struct task *task,
				  const struct cpu *cpu, enum prev_state state);

/* Whether what ended it, when its task runs again, may be who held it there. */
bool entry_wait_may_be_over(const struct task *task);

/* Whether the event of a call that comes now tells that the wait was at the entry to that one. */
bool entry_is_direct(const struct task *task, const struct cpu *cpu, fb_ns now);

/* … and whether none will any more, of a wait that was over at `end`. */
bool entry_is_too_late(fb_ns end, fb_ns now);

#endif
