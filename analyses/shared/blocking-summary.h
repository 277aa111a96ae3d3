/* SPDX-License-Identifier: MIT */
/* blocking-summary.h - what waits have in common, by system call and by cause. */
#ifndef ANALYSES_SHARED_BLOCKING_SUMMARY_H
#define ANALYSES_SHARED_BLOCKING_SUMMARY_H

#include <flightbox/analysis.h>

struct waits_summary;

struct waits_summary *summary_new(void);
void summary_free(struct waits_summary *s);
void summary_add(struct waits_summary *s, const struct fb_blocking *b);
void summary_report(struct waits_summary *s, struct fb_report *report);

#endif
