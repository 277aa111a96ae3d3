/* SPDX-License-Identifier: MIT */
/* reporting.c - an analysis begins with its report, and what that says when the run is over. */
#include <flightbox/error.h>
#include <flightbox/recording.h>

#include "run/reporting.h"

struct fb_consumer reporting_begin(const struct reporting *r)
{
	struct fb_consumer consumer;

	fb_analysis_begin(r->analysis, r->self, r->report);
	consumer = fb_analysis_consumer(r->analysis, r->self);
	consumer.edges |= r->edges;
	consumer.report = r->report;
	return consumer;
}

/* One may reach out of it, or have gone on all the while. */
static const char *where(const struct fb_outcome *outcome)
{
	return fb_part_is_all(&outcome->part) ? "" : " within what was read";
}

static bool note_no_waits_of(const struct reporting *r, const struct fb_outcome *outcome,
			     const int32_t *ids, size_t n, const char *what)
{
	g_autoptr(GString) who = g_string_new(NULL);
	bool noted = false;

	for (size_t i = 0; i < n; i++) {
		const struct fb_task *task = fb_kernel_find_task(outcome->kernel, ids[i]);

		if (!task)
			continue;
		g_string_truncate(who, 0);
		fb_report_who(task->comm, task->exe, ids[i], who);
		fb_report_note(r->report, "No waits of %s %s%s", what, who->str, where(outcome));
		noted = true;
	}
	return noted;
}

/* People wonder about an empty report. Those that are not on waits have words of their own. */
static void note_no_waits(const struct reporting *r, const struct fb_outcome *outcome,
			  const struct fb_filter *f)
{
	bool noted;

	if (fb_report_rows(r->report) ||
	    fb_report_note_outside(r->report, f->has_begin ? f->begin : FB_NS_NONE,
				   f->has_end ? f->end : FB_NS_NONE) ||
	    !r->analysis->blocking)
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
