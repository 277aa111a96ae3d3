/* SPDX-License-Identifier: MIT */
/* latency-softirq.h - softirqs that ran long, and on top of whom. */
#ifndef ANALYSES_SHARED_LATENCY_SOFTIRQ_H
#define ANALYSES_SHARED_LATENCY_SOFTIRQ_H

#include <flightbox/report.h>

#include "analyses/shared/latency-call.h"

/* MAX_SOFTIRQ_TIME of kernel/softirq.c: after so long the kernel leaves the rest to ksoftirqd. */
#define SOFTIRQ_LIMIT ((fb_ns)2000000)

struct softirq {
	const struct fb_task *task; /* on top of whom; the idle task: of nobody */
	const char *syscall;        /* that the task was in; NULL outside of any or unknown */
	int32_t cpu, vec;
	fb_ns begin, end;
	struct fb_origin origin;    /* who raised it */
};

/* Follows softirqs from entry to exit. */
struct softirqs *softirqs_new(const struct calls *calls);
void softirqs_free(struct softirqs *s);

/* Takes the next event, which the model has had. True when it ended a softirq, *done. */
bool softirqs_event(struct softirqs *s, const struct fb_event *ev, const struct fb_kernel *k,
		    struct softirq *done);

void softirq_table(struct fb_report *report);
void softirq_row(struct fb_report *report, const struct softirq *s);

#endif
