/* SPDX-License-Identifier: MIT */
/* reporting.c - what stands between the waits of a run and the report on them. */
#include <flightbox/error.h>
#include <flightbox/recording.h>

#include "run/reporting.h"

/* One that touches lost events is no edge, but may reach out all the same. */
static bool reaches_out(const struct reporting *r, const struct fb_blocking *b)
{
	fb_ns until = fb_report_info(r->report)->whole_until;

	return (b->begin != FB_NS_NONE && b->begin < r->whole_since) ||
	       (b->end != FB_NS_NONE && until != FB_NS_NONE && b->end > until);
}

/* Waits cut off by where reading began or ended are left out of sums, but counted. */
static G_NO_INLINE void on_edge(struct reporting *r, const struct fb_blocking *b)
{
	if (!r->takes_edges && (b->quality == FB_QUALITY_EDGE || reaches_out(r, b)))
		fb_report_left_out(r->report, b);
	else
		r->analysis->blocking(r->self, b);
}

/* Nearly all waits pass here: no more than that is done with them. */
static void on_blocking(void *self, const struct fb_blocking *b)
{
	struct reporting *r = self;

	if (r->also)
		r->also(r->also_data, b);
	if (G_UNLIKELY(b->quality == FB_QUALITY_EDGE || r->has_window))
		on_edge(r, b);
	else
		r->analysis->blocking(r->self, b);
}

static void on_event(void *self, const struct fb_event *ev, const struct fb_kernel *k)
{
	struct reporting *r = self;

	r->analysis->event(r->self, ev, k);
}

static struct fb_observer on_observe(void *self)
{
	struct reporting *r = self;

	return r->analysis->observe(r->self);
}

void reporting_begin(struct reporting *r)
{
	r->callbacks = (struct fb_analysis){
		.blocking = r->analysis->blocking ? on_blocking : NULL,
		.event = r->analysis->event ? on_event : NULL,
		.observe = r->analysis->observe ? on_observe : NULL,
	};
	fb_analysis_begin(r->analysis, r->self, r->report);
	r->whole_since = fb_source_whole_since(fb_report_info(r->report));
	r->has_window = r->whole_since != FB_NS_NONE;
	r->takes_edges = r->edges || (r->analysis->lists_edges && r->analysis->lists_edges(r->self));
}

/* One may reach out of it, or have gone on all the while. */
static const char *where(const struct fb_outcome *outcome)
{
	return fb_part_is_all(&outcome->part) ? "" : " within what was read";
}

static bool note_no_waits_of(const struct reporting *r, const struct fb_outcome *outcome,
			     const int32_t *ids, size_t n, const char *what)
{
	bool noted = false;

	for (size_t i = 0; i < n; i++) {
		const struct fb_task *task = fb_kernel_find_task(outcome->kernel, ids[i]);
		const char *name = task ? (task->exe ? task->exe : task->comm) : NULL;

		if (!task)
			continue;
		fb_report_note(r->report, "No waits of %s %s%s[%d]%s", what, name ? name : "",
			       name ? " " : "", ids[i], where(outcome));
		noted = true;
	}
	return noted;
}

/* People wonder about an empty report. Those that are not on waits have words of their own. */
static void note_no_waits(const struct reporting *r, const struct fb_outcome *outcome,
			  const struct fb_filter *f)
{
	bool noted;

	if (fb_report_rows(r->report) || !r->analysis->blocking)
		return;
	noted = note_no_waits_of(r, outcome, f->pids, f->n_pids, "process");
	noted |= note_no_waits_of(r, outcome, f->tids, f->n_tids, "task");
	if (!noted)
		fb_report_note(r->report, "No waits%s", where(outcome));
}

static void count_unknown_process(const struct fb_task *task, void *data)
{
	if (task->tid > 0 && task->pid <= 0)
		++*(int *)data;
}

/* Who was made in the gap. */
static void note_unknown_processes(const struct reporting *r, const struct fb_outcome *outcome,
				   const struct fb_filter *f)
{
	int n = 0;

	if (!f->n_pids || outcome->part.begin == FB_NS_NONE)
		return;
	fb_kernel_each_task(outcome->kernel, count_unknown_process, &n);
	if (n)
		fb_report_note(r->report, "%d thread%s of unknown process, made in what was not "
			       "read: --pid passes over %s",
			       n, n == 1 ? " is" : "s are", n == 1 ? "it" : "them");
}

void reporting_end(const struct reporting *r, const struct fb_outcome *outcome,
		   const struct fb_filter *filter)
{
	fb_report_part(r->report, &outcome->part);
	fb_analysis_report(r->analysis, r->self, r->report);
	note_no_waits(r, outcome, filter);
	note_unknown_processes(r, outcome, filter);
}

bool reporting_check(const struct fb_source_info *info, const char *what, GError **error)
{
	g_autofree char *command = fb_need_command(&fb_needs[0], info);

	if (info->kinds & FB_KIND_BIT(FB_EV_SWITCH))
		return true;
	g_set_error(error, FB_ERROR, FB_ERROR_UNSUPPORTED,
		    "%s: no %s events were recorded, and without them %s; to record them: %s", what,
		    fb_needs[0].name, fb_needs[0].loss, command);
	return false;
}
