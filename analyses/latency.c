/* SPDX-License-Identifier: MIT */
/*
 * latency.c - how long system calls took, and where the time went: on the CPU, waiting
 * for one, blocked, or stolen by interrupts that ran on top. With --softirq: which
 * softirqs ran long, and on top of whom.
 */
#include <flightbox/analysis.h>
#include <flightbox/run.h>

#include "analyses/shared/latency-softirq.h"
#include "analyses/shared/latency-summary.h"
#include "analyses/shared/latency-top.h"

#define TOP_DEFAULT 10
#define TOP_MAX     100000
#define HELD_MAX    65536 /* calls or softirqs whose tasks are not named yet */

struct latency {
	int top;                     /* option; -1: not given */
	bool with_parts, of_softirqs; /* options */
	const struct fb_filter *filter;
	bool chooses;                /* the filter does not let everything pass */
	fb_ns softirq_limit;
	struct fb_report *report;
	struct calls *calls;
	struct latency_summary *summary;
	struct latency_top *longest;
	struct softirqs *softirqs;   /* NULL unless asked for */
	uint64_t rows;               /* softirqs written */
	/*
	 * Where the filter asks for names, what ends before the statedump has told them all
	 * is held back, and later what an unnamed task does.
	 */
	bool by_name, is_early;
	GArray *held_calls;          /* struct call; the shares are its own */
	GArray *held_softirqs;       /* struct softirq */
};

/* ---- what passes the filter ------------------------------------------------------------- */

/* As for a wait of this length. */
static bool is_wanted(const struct latency *a, const struct fb_task *task, const char *comm,
		      const char *exe, fb_ns begin, fb_ns end)
{
	const struct fb_blocking b = { .task = task, .comm = comm ? comm : task->comm,
				       .exe = exe ? exe : task->exe, .begin = begin, .wake = end,
				       .end = end };

	return !a->chooses || fb_filter_matches(a->filter, &b);
}

static void take_call(struct latency *a, const struct call *call)
{
	if (!is_wanted(a, call->task, call->comm, call->exe, call->begin, call->end))
		return;
	latency_summary_add(a->summary, call);
	if (call->quality == FB_QUALITY_EXACT)
		latency_top_add(a->longest, call);
}

static void take_softirq(struct latency *a, const struct softirq *s)
{
	if (!is_wanted(a, s->task, NULL, NULL, s->begin, s->end))
		return;
	if (!a->rows)
		softirq_table(a->report);
	softirq_row(a->report, s);
	a->rows++;
}

/* ---- what is held back ------------------------------------------------------------------ */

static void release(struct latency *a)
{
	a->is_early = false;
	for (guint i = 0; i < a->held_calls->len; i++) {
		struct call *call = &g_array_index(a->held_calls, struct call, i);

		take_call(a, call);
		shares_clear(&call->shares);
	}
	for (guint i = 0; i < a->held_softirqs->len; i++)
		take_softirq(a, &g_array_index(a->held_softirqs, struct softirq, i));
	g_array_set_size(a->held_calls, 0);
	g_array_set_size(a->held_softirqs, 0);
}

static bool is_held(const struct latency *a, const struct fb_task *task)
{
	return a->by_name && (a->is_early || task->tid < 0);
}

static void hold_call(struct latency *a, const struct call *call)
{
	struct call held = *call;

	held.shares.size = held.shares.n;
	held.shares.items = g_memdup2(call->shares.items, call->shares.n * sizeof(struct share));
	g_array_append_val(a->held_calls, held);
	if (a->held_calls->len == HELD_MAX)
		release(a);
}

static void on_call(const struct call *call, void *data)
{
	struct latency *a = data;

	if (a->softirqs)
		return;
	if (is_held(a, call->task))
		hold_call(a, call);
	else
		take_call(a, call);
}

static void on_softirq(struct latency *a, const struct softirq *s)
{
	if (s->end - s->begin < a->softirq_limit)
		return;
	if (!is_held(a, s->task)) {
		take_softirq(a, s);
		return;
	}
	g_array_append_val(a->held_softirqs, *s);
	if (a->held_softirqs->len == HELD_MAX)
		release(a);
}

/* ---- the analysis ----------------------------------------------------------------------- */

static bool latency_select(void *self, const struct fb_filter *f, GError **error)
{
	struct latency *a = self;

	(void)error;
	a->filter = f;
	a->by_name = f->n_pids || f->n_tids || f->comm;
	a->is_early = true;
	a->chooses = a->by_name || f->has_begin || f->has_end || f->min_duration;
	return true;
}

static void latency_init(void *self, struct fb_report *report)
{
	struct latency *a = self;

	a->report = report;
	a->calls = calls_new(fb_report_info(report)->kinds, on_call, a);
	a->summary = latency_summary_new();
	a->longest = latency_top_new(a->top < 0 ? TOP_DEFAULT : a->top);
	a->held_calls = g_array_new(FALSE, FALSE, sizeof(struct call));
	a->held_softirqs = g_array_new(FALSE, FALSE, sizeof(struct softirq));
	if (!a->of_softirqs)
		return;
	a->softirq_limit = a->filter->min_duration ? a->filter->min_duration : SOFTIRQ_LIMIT;
	a->softirqs = softirqs_new(a->calls);
}

static size_t latency_observe(void *self, struct fb_observer *observers)
{
	const struct latency *a = self;

	observers[0] = calls_observer(a->calls);
	return 1;
}

static void latency_event(void *self, const struct fb_event *ev, const struct fb_kernel *k)
{
	struct latency *a = self;
	struct softirq done;

	if (ev->kind == FB_EV_STATEDUMP_END && a->is_early)
		release(a);
	if (a->softirqs && softirqs_event(a->softirqs, ev, k, &done))
		on_softirq(a, &done);
}

static void note_cut(const struct latency *a, enum fb_quality quality, const char *one,
		     const char *several)
{
	uint64_t n = latency_summary_cut(a->summary, quality);

	if (n)
		fb_report_note(a->report, "%" G_GUINT64_FORMAT " call%s %s, and %s left out", n,
			       n == 1 ? "" : "s", n == 1 ? one : several, n == 1 ? "is" : "are");
}

static void report_calls(struct latency *a, struct fb_report *report)
{
	/* A csv report has room for one table: let it be the one that was asked for. */
	bool top_first = !fb_report_for_people(report) && a->top >= 0;

	if (top_first)
		latency_top_report(a->longest, report);
	latency_summary_report(a->summary, report, a->with_parts);
	if (!top_first && a->top)
		latency_top_report(a->longest, report);
}

static void latency_report(void *self, struct fb_report *report)
{
	struct latency *a = self;
	bool for_people = fb_report_for_people(report);

	calls_finish(a->calls);
	release(a);
	if (a->softirqs && !a->rows) {
		if (!for_people)
			softirq_table(report);
		fb_report_note(report, "No softirqs");
	}
	if (a->softirqs)
		return;
	if (latency_summary_has_calls(a->summary) || !for_people)
		report_calls(a, report);
	else
		fb_report_note(report, "No system calls");
	note_cut(a, FB_QUALITY_EDGE, "reaches out of what was read", "reach out of what was read");
	note_cut(a, FB_QUALITY_LOST, "touches lost events", "touch lost events");
}

static void latency_clear(void *self)
{
	struct latency *a = self;

	if (!a->report)
		return;
	calls_free(a->calls);
	latency_summary_free(a->summary);
	latency_top_free(a->longest);
	softirqs_free(a->softirqs);
	g_array_free(a->held_calls, TRUE);
	g_array_free(a->held_softirqs, TRUE);
}

static const struct fb_option options[] = {
	{ "top", "How many of the longest calls are listed (10)", offsetof(struct latency, top),
	  FB_OPTION_INT, "N", -1, .min = 0, .max = TOP_MAX },
	{ "parts", "In text: also each cause of blocking and each interrupt, by system call",
	  offsetof(struct latency, with_parts) },
	{ "softirq", "Instead of calls: softirqs of at least --min-duration, or longer than 2ms",
	  offsetof(struct latency, of_softirqs) },
	{ NULL },
};

const struct fb_analysis fb_latency_analysis = {
	.name = "latency",
	.help = "how long system calls took, and who had the time",
	.size = sizeof(struct latency),
	.options = options,
	.select = latency_select,
	.init = latency_init,
	.observe = latency_observe,
	.event = latency_event,
	.report = latency_report,
	.clear = latency_clear,
};
