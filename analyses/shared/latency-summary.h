/* SPDX-License-Identifier: MIT */
/* latency-summary.h - what the calls of one system call have in common. */
#ifndef ANALYSES_SHARED_LATENCY_SUMMARY_H
#define ANALYSES_SHARED_LATENCY_SUMMARY_H

#include <flightbox/report.h>

#include "analyses/shared/latency-call.h"

struct latency_summary;

struct latency_summary *latency_summary_new(void);
void latency_summary_free(struct latency_summary *s);
void latency_summary_add(struct latency_summary *s, const struct call *call);

/* A table; for people who want the `parts` another one, of what had a share in them. */
void latency_summary_report(const struct latency_summary *s, struct fb_report *report, bool parts);

/* Whether there is any call in the statistics. */
bool latency_summary_has_calls(const struct latency_summary *s);

/* How many calls the statistics leave out, because of that. */
uint64_t latency_summary_cut(const struct latency_summary *s, enum fb_quality quality);

#endif
