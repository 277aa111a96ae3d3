/* SPDX-License-Identifier: MIT */
/* reporting.c - what stands between the waits of a run and the report on them. */
#include <flightbox/error.h>
#include <flightbox/recording.h>

#include "reporting.h"

/* Waits that the trace cuts off are left out, but counted where they would have stood. */
static void on_blocking(void *self, const struct fb_blocking *b)
{
	struct reporting *r = self;

	if (b->quality == FB_QUALITY_EDGE && !r->edges)
		fb_report_left_out(r->report, b);
	else
		r->analysis->blocking(r->self, b);
}

static void on_event(void *self, const struct fb_event *ev, const struct fb_kernel *k)
{
	struct reporting *r = self;

	r->analysis->event(r->self, ev, k);
}

static const struct fb_observer *on_observe(void *self, void **data)
{
	struct reporting *r = self;

	return r->analysis->observe(r->self, data);
}

void reporting_begin(struct reporting *r)
{
	r->callbacks = (struct fb_analysis){
		.blocking = r->analysis->blocking ? on_blocking : NULL,
		.event = r->analysis->event ? on_event : NULL,
		.observe = r->analysis->observe ? on_observe : NULL,
	};
	fb_analysis_begin(r->analysis, r->self, r->report);
}

static bool note_no_waits_of(const struct reporting *r, const struct fb_kernel *kernel,
			     const int32_t *ids, size_t n, const char *what)
{
	bool noted = false;

	for (size_t i = 0; i < n; i++) {
		const struct fb_task *task = fb_kernel_find_task(kernel, ids[i]);
		const char *name = task ? (task->exe ? task->exe : task->comm) : NULL;

		if (!task)
			continue;
		fb_report_note(r->report, "No waits of %s %s%s[%d]", what, name ? name : "",
			       name ? " " : "", ids[i]);
		noted = true;
	}
	return noted;
}

/* People wonder about an empty report. Those that are not on waits have words of their own. */
static void note_no_waits(const struct reporting *r, const struct fb_kernel *kernel,
			  const struct fb_filter *f)
{
	bool noted;

	if (fb_report_rows(r->report) || !r->analysis->blocking)
		return;
	noted = note_no_waits_of(r, kernel, f->pids, f->n_pids, "process");
	noted |= note_no_waits_of(r, kernel, f->tids, f->n_tids, "task");
	if (!noted)
		fb_report_note(r->report, "No waits");
}

void reporting_end(const struct reporting *r, const struct fb_kernel *kernel,
		   const struct fb_filter *filter)
{
	fb_analysis_report(r->analysis, r->self, r->report);
	note_no_waits(r, kernel, filter);
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
