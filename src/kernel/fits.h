/* SPDX-License-Identifier: MIT */
/* fits.h - what proves that no interrupt behind a waking went unrecorded. */
#ifndef KERNEL_FITS_H
#define KERNEL_FITS_H

#include "kernel/context.h"

/* Whether of all that wakes or signals only the vectors are not recorded: then the rest may tell. */
bool fits_may_tell(const struct fb_kernel *k);

/*
 * Whether what is seen on that CPU is what the wakee waits for, and no vector can have done
 * that instead. `cause` is the one that was made of it.
 */
bool fits(const struct cpu *cpu, const struct task *wakee, const struct fb_cause *cause);

/* … whether the signal came from the current task. */
bool fits_signal(const struct cpu *cpu, const struct fb_event *signal);

#endif
