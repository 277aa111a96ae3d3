/* SPDX-License-Identifier: MIT */
/* run.c - one pass: batches of events through the model, its waits through the filter, to the analysis. */
#include <flightbox/run.h>

struct fb_run {
	struct fb_run_options options;
	const struct fb_analysis *analysis;
	void *self;
	struct fb_kernel *kernel;
	uint64_t observed; /* kinds of events that the observer wants */
};

static bool has(const int32_t *list, size_t n, int32_t value)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == value)
			return true;
	return false;
}

static bool matches_name(const char *glob, const struct fb_blocking *b)
{
	const char *base = b->exe ? strrchr(b->exe, '/') : NULL;

	if (b->comm && g_pattern_match_simple(glob, b->comm))
		return true;
	return b->exe && g_pattern_match_simple(glob, base ? base + 1 : b->exe);
}

bool fb_filter_matches(const struct fb_filter *f, const struct fb_blocking *b)
{
	/* A wait cut off by the trace's begin or end reaches at least to it. */
	fb_ns begin = b->begin == FB_NS_NONE ? INT64_MIN : b->begin;
	fb_ns end = b->end == FB_NS_NONE ? INT64_MAX : b->end;

	if (f->n_tids && !has(f->tids, f->n_tids, b->task->tid))
		return false;
	if (f->n_pids && !has(f->pids, f->n_pids, b->task->pid))
		return false;
	if (f->min_duration > 0 && fb_blocking_asleep(b) < f->min_duration)
		return false;
	if ((f->has_begin && end < f->begin) || (f->has_end && begin > f->end))
		return false;
	return !f->comm || matches_name(f->comm, b);
}

static void on_blocking(const struct fb_blocking *b, void *data)
{
	const struct fb_run *run = data;

	if (fb_filter_matches(&run->options.filter, b))
		run->analysis->blocking(run->self, b);
}

struct fb_run *fb_run_new(struct fb_source *source, const struct fb_run_options *options,
			  const struct fb_analysis *analysis, void *self)
{
	struct fb_run *run = g_new0(struct fb_run, 1);
	const struct fb_observer *observer;

	run->options = *options;
	run->analysis = analysis;
	run->self = self;
	if (analysis->observe)
		run->options.kernel.observer =
			analysis->observe(self, &run->options.kernel.observer_data);
	observer = run->options.kernel.observer;
	if (observer && observer->begin)
		run->observed = observer->begin(run->options.kernel.observer_data, source);
	run->kernel = fb_kernel_new(source, &run->options.kernel,
				    analysis->blocking ? on_blocking : NULL, run);
	return run;
}

static void observe_event(struct fb_run *run, const struct fb_event *ev)
{
	const struct fb_kernel_options *o = &run->options.kernel;

	o->observer->event(o->observer_data, ev, run->kernel);
}

void fb_run_feed(struct fb_run *run, const struct fb_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		fb_kernel_event(run->kernel, &batch->events[i]);
		if (run->observed & FB_KIND_BIT(batch->events[i].kind))
			observe_event(run, &batch->events[i]);
		if (run->analysis->event)
			run->analysis->event(run->self, &batch->events[i], run->kernel);
	}
}

struct fb_kernel *fb_run_end(struct fb_run *run)
{
	struct fb_kernel *kernel = run->kernel;

	fb_kernel_finish(kernel);
	g_free(run);
	return kernel;
}

static bool report_progress(struct fb_source *source, const struct fb_run_options *options)
{
	return !options->progress ||
	       options->progress(source->ops->progress(source), options->progress_data);
}

bool fb_run(struct fb_source *source, const struct fb_run_options *options,
	    const struct fb_analysis *analysis, void *self, struct fb_kernel **kernel,
	    GError **error)
{
	struct fb_run *run = fb_run_new(source, options, analysis, self);
	struct fb_batch batch;
	bool ok;

	while ((ok = fb_source_next(source, &batch, error)) && batch.n) {
		fb_run_feed(run, &batch);
		if (!report_progress(source, options))
			break;
	}
	*kernel = fb_run_end(run);
	return ok;
}
