/* SPDX-License-Identifier: MIT */
/*
 * fuzz_model.c - any events (made.h) through the model, with a history that observes it, and once
 * more through an analysis to its report. What waits and paths promise is checked.
 */
#include <fcntl.h>
#include <unistd.h>

#include <flightbox/analysis.h>
#include <flightbox/history.h>
#include <flightbox/run.h>

#include "fuzz.h"
#include "made.h"
#include "run/reporting.h"

#define PATHS_MAX 16 /* tasks whose paths are walked */

struct play {
	const struct made *made;
	struct fb_kernel *kernel;
	struct fb_history *history;
	unsigned paths;
};

/* ---- waits ------------------------------------------------------------------------------ */

static bool in_order(fb_ns a, fb_ns b)
{
	return a == FB_NS_NONE || b == FB_NS_NONE || a <= b;
}

static void check_wait(const struct fb_blocking *b, const struct made *m)
{
	CHECK(b->task);
	CHECK(b->quality < FB_QUALITIES && b->cause.kind < FB_CAUSE_KINDS && b->cause.via < FB_VIAS);
	CHECK(b->cause.origin.kind < FB_ORIGIN_KINDS);
	if (m->head[0] & MADE_GOES_BACK)
		return;
	CHECK(in_order(b->begin, b->wake) && in_order(b->wake, b->end) &&
	      in_order(b->begin, b->end));
	CHECK(b->quality == FB_QUALITY_EDGE || b->quality == FB_QUALITY_LOST ||
	      (b->begin != FB_NS_NONE && b->end != FB_NS_NONE));
}

static void on_wait(const struct fb_blocking *b, void *data)
{
	const struct play *p = data;

	check_wait(b, p->made);
	/* The others are not named, and found by none. */
	CHECK(b->task->tid <= 0 || fb_kernel_find_task(p->kernel, b->task->tid));
}

/* ---- paths ------------------------------------------------------------------------------ */

struct tiles {
	fb_ns at;
};

static void on_segment(const struct fb_segment *s, void *data)
{
	struct tiles *t = data;

	CHECK(s->begin == t->at && s->end > s->begin && s->state < FB_STATES && s->task);
	t->at = s->end;
}

static void check_path(struct fb_history *h, const struct fb_task *task, fb_ns begin, fb_ns end)
{
	static const struct fb_path_funcs funcs = { .segment = on_segment };
	struct tiles t = { begin };

	fb_history_path(h, task, begin, end, &funcs, &t);
	CHECK(begin >= end || t.at == end);
}

static void walk(const struct fb_task *task, const struct fb_account *account, void *data)
{
	struct play *p = data;
	fb_ns begin, end;

	if (p->paths++ >= PATHS_MAX || !fb_history_life(p->history, task, &begin, &end))
		return;
	CHECK(p->made->head[0] & MADE_GOES_BACK || account->ran >= 0);
	check_path(p->history, task, begin, end);
	check_path(p->history, task, made_time(p->made, p->made->head[5]),
		   made_time(p->made, p->made->head[6]));
}

/* ---- the model -------------------------------------------------------------------------- */

static void take(struct play *p, const struct fb_event *ev)
{
	fb_kernel_event(p->kernel, ev);
	CHECK(fb_kernel_context(p->kernel, ev->cpu) <= FB_FRAME_VECTOR);
}

static void play_all(struct play *p)
{
	struct made *m = (struct made *)p->made;
	size_t gap = m->head[0] & MADE_GAP ? m->n / 2 : SIZE_MAX;

	for (size_t i = 0; i < m->n; i++) {
		if (i == gap)
			fb_kernel_gap(p->kernel, m->events[i].time);
		take(p, &m->events[i]);
	}
	fb_kernel_finish(p->kernel);
	/* Paths are only as good as the times that they are made of. */
	if (!(m->head[0] & MADE_GOES_BACK))
		fb_history_each_task(p->history, walk, p);
}

static struct fb_kernel_options kernel_options(const struct made *m)
{
	return (struct fb_kernel_options){
		.all = m->head[0] & MADE_ALL,
		.edges = m->head[0] & MADE_EDGES,
		.hold = m->head[0] & MADE_HOLD ? 2 : 0,
		.patience = m->head[0] & MADE_PATIENCE ? 1000 : 0,
	};
}

static void run_model(const uint8_t *data, size_t size)
{
	struct made *m = made_new(data, size);
	/* A small one forgets. */
	const struct fb_history_options history = { .size = m->head[1] & 0x20 ? 1 << 14 : 0 };
	struct play p = { .made = m, .history = fb_history_new(&history) };
	const struct fb_observer observer = fb_history_observer(p.history);
	struct fb_kernel_options options = kernel_options(m);

	options.observers = &observer;
	options.n_observers = 1;
	p.kernel = fb_kernel_new(&m->source, &options, on_wait, &p);
	play_all(&p);
	fb_history_free(p.history);
	fb_kernel_free(p.kernel);
	fb_source_close(&m->source);
}

/* ---- an analysis ------------------------------------------------------------------------ */

static void set_option(const struct made *m, const struct fb_option *o, void *self)
{
	static const char *const values[] = {
		[FB_OPTION_INT] = "2", [FB_OPTION_DURATION] = "1us", [FB_OPTION_TEXT] = "*e*",
		[FB_OPTION_SIZE] = "1",
	};

	if (o->type == FB_OPTION_TIME)
		*(fb_ns *)((char *)self + o->offset) = made_time(m, m->head[5]);
	else
		fb_option_set(o, self, o->type == FB_OPTION_CHOICE ? o->choices[0] : values[o->type],
			      NULL);
}

/* Which of its options are set, a byte says. */
static void set_options(const struct made *m, const struct fb_analysis *analysis, void *self)
{
	const struct fb_option *o = analysis->options;

	for (int i = 0; o && o[i].name; i++)
		if (m->head[4] >> (1 + i % 7) & 1)
			set_option(m, &o[i], self);
}

static struct fb_filter filter_of(const struct made *m)
{
	static const int32_t ids[] = { 1, 2, 3 };
	uint8_t b = m->head[6];
	struct fb_filter f = { .pids = ids, .n_pids = b & 1, .tids = ids,
			       .n_tids = b & 2 ? b & 64 ? 3 : 1 : 0, .comm = b & 4 ? "*er*" : NULL,
			       .min_duration = b & 8 ? 100 : 0 };

	if (!(m->head[0] & MADE_PART))
		return f;
	f.has_begin = b & 16;
	f.has_end = b & 32;
	f.begin = made_time(m, m->head[5]);
	f.end = made_time(m, m->head[5] | 0x80);
	return f;
}

static void report(struct made *m, const struct fb_analysis *analysis, void *self, int fd)
{
	static const char *const formats[] = { "text", "jsonl", "csv", "dot" };
	const struct fb_report_options to = {
		.format = formats[m->head[4] >> 4 & (analysis->graphs ? 3 : 1)], .fd = fd,
		.time = m->head[4] >> 2 & 1 ? FB_TIME_RELATIVE : FB_TIME_UTC,
		.color = m->head[4] & 1,
	};
	const struct fb_run_options options = { .kernel = kernel_options(m),
						.filter = filter_of(m), .lead = 1000 };
	struct reporting reporting = {
		.analysis = analysis, .self = self, .edges = m->head[0] & MADE_EDGES,
		.report = fb_report_new(&to, &m->source.info),
	};
	const struct fb_consumer consumer = reporting_begin(&reporting);
	struct fb_outcome outcome;

	CHECK(fb_run(&m->source, &options, &consumer, 1, &outcome, NULL));
	reporting_end(&reporting, &outcome, &options.filter);
	CHECK(fb_report_finish(reporting.report, fb_kernel_counts(outcome.kernel), true, NULL));
	fb_analysis_free(analysis, self);
	fb_report_free(reporting.report);
	fb_outcome_clear(&outcome);
}

static void run_analysis(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct made *m = made_new(data, size);
	const struct fb_filter filter = filter_of(m);
	const struct fb_analysis *analysis;
	unsigned n = 0;
	void *self;

	if (fd < 0)
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	while (fb_analyses[n])
		n++;
	analysis = fb_analyses[m->head[1] % n];
	self = fb_analysis_new(analysis);
	set_options(m, analysis, self);
	if (analysis->select && !analysis->select(self, &filter, NULL))
		fb_analysis_free(analysis, self);
	else
		report(m, analysis, self, fd);
	fb_source_close(&m->source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < MADE_HEAD)
		return 0;
	run_model(data, size);
	/* Sources never go back: the model takes it, what builds on it need not. */
	if (!(data[0] & MADE_GOES_BACK))
		run_analysis(data, size);
	return 0;
}
