/* SPDX-License-Identifier: MIT */
/*
 * told.h - what an event itself says of where it happened: perf and ftrace put the kernel's own
 * account into every event, common_flags and common_pid.
 */
#ifndef KERNEL_TOLD_H
#define KERNEL_TOLD_H

#include "kernel/model.h"

/* Takes what the event says, and mends by it what the events before it said. */
void told_take(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev);

#endif
