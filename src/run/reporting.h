/* SPDX-License-Identifier: MIT */
/*
 * reporting.h - one analysis of one trace into one report, whoever drives the run:
 *
 *	reporting_begin()  ->  fb_run_new() with the callbacks, …, fb_run_end()  ->  reporting_end()
 */
#ifndef RUN_REPORTING_H
#define RUN_REPORTING_H

#include <flightbox/report.h>
#include <flightbox/run.h>

struct reporting {
	const struct fb_analysis *analysis;
	void *self; /* the analysis', its options set */
	struct fb_report *report;
	bool edges;		      /* waits that began before or ended after what was read count, too */
	bool takes_edges;	      /* … or are rows like the others; by reporting_begin() */
	bool has_window;	      /* not all CPUs tell from the begin on: since when they do, */
	fb_ns whole_since;	      /* see fb_source_whole_since(); by reporting_begin(), too */
	/* Who gets every wait as well, whether it began or ended in what was read or not; or NULL. */
	void (*also)(void *data, const struct fb_blocking *b);
	void *also_data;
	struct fb_analysis callbacks; /* for the run, whose `self` is the reporting */
};

void reporting_begin(struct reporting *r);

/* The last table, and a note where there is no row. The outcome must outlive the report. */
void reporting_end(const struct reporting *r, const struct fb_outcome *outcome,
		   const struct fb_filter *filter);

/* Without context switches there are no waits: then false, and `error` tells how to record them. */
bool reporting_check(const struct fb_source_info *info, const char *what, GError **error);

#endif
