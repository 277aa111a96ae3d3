/* SPDX-License-Identifier: MIT */
/* roots.h - given waits of a trace, each with its root cause in words. */
#ifndef ANALYSES_SHARED_ROOTS_H
#define ANALYSES_SHARED_ROOTS_H

#include <flightbox/analysis.h>
#include <flightbox/report.h>

struct root {
	fb_ns begin;  /* of the wait, since the epoch */
	int32_t tid;
	char *words;  /* "50.3 ms of 60.5 ms: serverB [213] slept in clock_nanosleep, …"; NULL: not found */
};

struct roots;

/* `wanted`: struct root, to be filled; lent, as `names`, which knows the trace's symbols. */
struct roots *roots_new(GArray *wanted, struct fb_report *names);
void roots_free(struct roots *r);

/* For fb_run(), with the roots; what kinds of events the source has to give beside the model's. */
extern const struct fb_analysis roots_analysis;
uint64_t roots_kinds(void);

/* Fills in what was found, after the run and before the outcome is cleared. */
void roots_end(struct roots *r);

#endif
