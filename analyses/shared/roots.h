/* SPDX-License-Identifier: MIT */
/* roots.h - given waits of a trace, each with its root cause in words. */
#ifndef ANALYSES_SHARED_ROOTS_H
#define ANALYSES_SHARED_ROOTS_H

#include <flightbox/report.h>
#include <flightbox/run.h>

struct root {
	fb_ns begin;  /* of the wait, since the epoch */
	int32_t tid;
	char *words;  /* "50.3 ms of 60.5 ms: serverB [213] slept in clock_nanosleep, …"; NULL: not found */
};

struct roots;

/* `wanted`: struct root, to be filled; lent, as `names`, which knows the trace's symbols. */
struct roots *roots_new(GArray *wanted, struct fb_report *names);
void roots_free(struct roots *r);

/* What they are for a run; `r` may be NULL for fb_run_wants(). */
struct fb_consumer roots_consumer(struct roots *r);

/* Fills in what was found, after the run and before the outcome is cleared. */
void roots_end(struct roots *r);

#endif
