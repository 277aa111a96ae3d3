/* SPDX-License-Identifier: MIT */
/*
 * cpu-log.h - who had each CPU, as far back as is kept.
 *
 *	cpu 0   A ──── softirq ── A ──── idle ── B ────
 *	             ^ the innermost has the time
 */
#ifndef ANALYSES_SHARED_CPU_LOG_H
#define ANALYSES_SHARED_CPU_LOG_H

#include <glib.h>

#include <flightbox/blocking.h>
#include <flightbox/kernel.h>

enum holder_kind {
	HOLDER_UNKNOWN,   /* events were lost, nothing was seen of the CPU yet, or not so much is kept */
	HOLDER_IDLE,
	HOLDER_TASK,
	HOLDER_INTERRUPT, /* hard, soft, or a timer's callback in one: see `cause` */
	HOLDER_KINDS
};

/* "task"; of an interrupt its cause's kind tells more. */
const char *holder_kind_name(enum holder_kind kind);

/* Who has a CPU. Compared as bytes. */
struct holder {
	const struct fb_task *task; /* TASK */
	const char *name;           /* INTERRUPT: as fb_cause.name */
	uint64_t function;          /* … and fb_cause.function */
	int32_t id;                 /* … and fb_cause.id */
	int16_t priority;           /* TASK: the kernel's: 120 for nice 0, below 100 real-time, below 0 deadline */
	uint8_t kind;               /* enum holder_kind */
	uint8_t cause;              /* INTERRUPT: enum fb_cause_kind */
};

/* For how long somebody had it. */
struct holding {
	struct holder who;
	fb_ns time;
};

#define PRIORITY_NONE INT16_MIN /* not recorded, or not known */

struct cpu_log;

struct cpu_log *cpu_log_new(struct fb_source *source);
void cpu_log_free(struct cpu_log *log);

/* What it wants to see, and the next of it, which the model has had. */
uint64_t cpu_log_kinds(void);
void cpu_log_event(struct cpu_log *log, const struct fb_event *ev, const struct fb_kernel *k);
/* Of no CPU anything is known any more. */
void cpu_log_gap(struct cpu_log *log);

/* With which the task runs that came to run by this switch, or did before this other event. */
int16_t cpu_log_priority(const struct cpu_log *log, const struct fb_event *ev,
			 const struct fb_task *task);

/* CPUs that were seen: those below. */
int cpu_log_cpus(const struct cpu_log *log);

/* Adds to those of the same, whatever its priority, or as one more. */
void holdings_add(GArray *holdings, const struct holder *who, fb_ns time);

/*
 * Adds who had a CPU from `begin` to `end`, which is not past the last event: struct holding, one for
 * each. They sum to that time. Looks at the last `most` turns only: what was before is UNKNOWN. Returns
 * at how many it looked.
 */
uint64_t cpu_log_between(const struct cpu_log *log, int cpu, fb_ns begin, fb_ns end, uint64_t most,
			 GArray *holdings);

/* How long it idled in between. */
fb_ns cpu_log_idle(const struct cpu_log *log, int cpu, fb_ns begin, fb_ns end);

#endif
