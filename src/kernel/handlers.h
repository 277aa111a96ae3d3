/* SPDX-License-Identifier: MIT */
/* handlers.h - one function for each kind of event; model.c holds the table. */
#ifndef KERNEL_HANDLERS_H
#define KERNEL_HANDLERS_H

#include "kernel/model.h"

#define HANDLER(name) void name(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)

/* sched.c */
HANDLER(on_switch);
HANDLER(on_waking);
HANDLER(on_wakeup);

/* life.c */
HANDLER(on_wakeup_new);
HANDLER(on_fork);
HANDLER(on_exec);
HANDLER(on_process_exit);
HANDLER(on_syscall);
HANDLER(on_fault);
HANDLER(on_task_state);
HANDLER(on_statedump_end);

/* interrupt.c */
HANDLER(on_irq_enter);
HANDLER(on_irq_exit);
HANDLER(on_vec_enter);
HANDLER(on_vec_exit);
HANDLER(on_softirq_raise);
HANDLER(on_softirq_enter);
HANDLER(on_softirq_exit);
HANDLER(on_hrtimer_enter);
HANDLER(on_hrtimer_exit);
HANDLER(on_timer_enter);
HANDLER(on_timer_exit);
HANDLER(on_signal_generate);
HANDLER(on_signal_deliver);
HANDLER(on_block_complete);
HANDLER(on_work_start);
HANDLER(on_work_end);

#endif
