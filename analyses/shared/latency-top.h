/* SPDX-License-Identifier: MIT */
/* latency-top.h - the longest calls. */
#ifndef ANALYSES_SHARED_LATENCY_TOP_H
#define ANALYSES_SHARED_LATENCY_TOP_H

#include <flightbox/report.h>

#include "analyses/shared/latency-call.h"

struct latency_top;

/* Keeps `n` calls at most. */
struct latency_top *latency_top_new(size_t n);
void latency_top_free(struct latency_top *t);
void latency_top_add(struct latency_top *t, const struct call *call);

/* The longest first. To be called once. */
void latency_top_report(struct latency_top *t, struct fb_report *report);

#endif
