/* SPDX-License-Identifier: MIT */
/*
 * reporting.h - one analysis of one trace into one report, whoever drives the run:
 *
 *	reporting_begin()  ->  fb_run_new() with its consumer, …, fb_run_end()  ->  reporting_end()
 */
#ifndef RUN_REPORTING_H
#define RUN_REPORTING_H

#include <flightbox/analysis.h>

struct reporting {
	const struct fb_analysis *analysis;
	void *self; /* the analysis', its options set */
	struct fb_report *report;
	bool edges; /* waits that are cut off count, too, even where the analysis lists none */
};

/* Begins the analysis, and gives what it is for the run. */
struct fb_consumer reporting_begin(const struct reporting *r);

/* The last table, and a note where there is no row. The outcome must outlive the report. */
void reporting_end(const struct reporting *r, const struct fb_outcome *outcome,
		   const struct fb_filter *filter);

/* Without context switches there are no waits: then false, and `error` tells how to record them. */
bool reporting_check(const struct fb_source_info *info, const char *what, GError **error);

#endif
