/* SPDX-License-Identifier: MIT */
/*
 * ready-sums.h - how long each task waited for a CPU in all, and who had the CPU meanwhile: a task that is
 * kept from its CPU loses it a few milliseconds at a time, a hundred times a second. Waits of less than 0.1 ms do
 * not count: as long takes any waking.
 */
#ifndef ANALYSES_SHARED_READY_SUMS_H
#define ANALYSES_SHARED_READY_SUMS_H

#include <flightbox/history.h>
#include <flightbox/report.h>
#include <flightbox/run.h>

struct ready;
struct ready_sums;

struct ready_sums_options {
	const struct fb_filter *filter; /* lent: of its tasks, in its part, of its least duration */
	/* Which of those count; NULL: all. */
	bool (*chooses)(void *data, const struct ready *ready);
	void *data;
	bool of_a_moment; /* those that count are only what was under way then: they need be no tenth of all time */
};

struct ready_sums *ready_sums_new(struct fb_report *report, const struct ready_sums_options *options);
void ready_sums_free(struct ready_sums *s);

struct fb_observer ready_sums_observer(struct ready_sums *s);
uint64_t ready_sums_kinds(void);

/* Nobody who asks for no task asks for that one: see fb_filter.no_bystanders. */
void ready_sums_bystander(struct ready_sums *s, const struct fb_task *task);

/*
 * After the last event: tasks that waited so for a tenth of their time or more, unless it is of a moment, and
 * 1 ms at least; `top` of them, the longest first. Not in csv, which has room for one table.
 */
void ready_sums_report(struct ready_sums *s, const struct fb_history *history, guint top);

#endif
