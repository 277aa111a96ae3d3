/* SPDX-License-Identifier: MIT */
/*
 * run.h - one pass over a trace: source -> model -> analyses.
 */
#ifndef FLIGHTBOX_RUN_H
#define FLIGHTBOX_RUN_H

#include <flightbox/analysis.h>
#include <flightbox/blocking.h>
#include <flightbox/kernel.h>
#include <flightbox/source.h>

/* Which waits the analyses see. A wait must pass every test. Zero bytes select all. */
struct fb_filter {
	const int32_t *pids;      /* processes; any of n_pids; 0: all */
	size_t n_pids;
	const int32_t *tids;
	size_t n_tids;
	const char *comm;         /* a glob for the command name or the base name of its file; NULL: all */
	bool has_begin, has_end;  /* only waits that overlap [begin, end] by the trace's clock */
	fb_ns begin, end;
	fb_ns min_duration;       /* asleep at least this long */
};

bool fb_filter_matches(const struct fb_filter *f, const struct fb_blocking *b);

struct fb_run_options {
	struct fb_kernel_options kernel;
	struct fb_filter filter;
	/* Called now and then with the share done, 0 to 1 or -1; NULL: never. False stops the run early. */
	bool (*progress)(double done, void *data);
	void *progress_data;
};

/*
 * Reads `source` to its end through a model and the analysis, whose `self` is
 * made by fb_analysis_new(). The model is handed back in *kernel for what the
 * report needs (tasks, counts); free it after the analysis. Returns false and sets
 * `error` when the source failed; what was read until then has been analysed all the same.
 */
bool fb_run(struct fb_source *source, const struct fb_run_options *options,
	    const struct fb_analysis *analysis, void *self, struct fb_kernel **kernel,
	    GError **error);

#endif
