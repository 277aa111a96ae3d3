/* SPDX-License-Identifier: MIT */
/* nearest.c - a task or a time that the trace does not have: what may have been meant. */
#include <flightbox/recording.h>

#include "cli/cli.h"
#include "run/selection.h"

int complain_of_unknown(const struct query *q, const struct fb_outcome *outcome, bool suffices)
{
	g_autoptr(GPtrArray) missing =
		selection_missing(&q->filter, outcome, q->style, suffices);

	for (guint i = 0; i < missing->len; i++)
		complain("%s", (const char *)g_ptr_array_index(missing, i));
	return missing->len ? STATUS_USAGE : STATUS_DONE;
}

char *outside_of(const struct query *q, const struct fb_source_info *info,
		 const struct fb_part *part)
{
	const struct fb_filter *f = &q->filter;
	fb_ns from = f->has_begin ? f->begin : FB_NS_NONE, to = f->has_end ? f->end : FB_NS_NONE;
	enum fb_outside outside =
		fb_recording_outside(info, part->end == FB_NS_NONE, from, to);
	char begin[FB_TIME_SIZE];

	if (!outside)
		return NULL;
	fb_time_format(begin, info->begin, q->time_form, fb_source_clock(info));
	return outside == FB_OUTSIDE_BEFORE ?
		       g_strdup_printf("--begin: the trace is over by then: it begins at %s", begin) :
		       g_strdup_printf("--end: the trace begins later, at %s", begin);
}

int complain_of_times(const struct query *q, const struct fb_source_info *info,
		      const struct fb_part *part)
{
	g_autofree char *outside = outside_of(q, info, part);

	if (!outside)
		return STATUS_DONE;
	complain("%s", outside);
	return STATUS_USAGE;
}

int complain_of_pids(const char *name, struct fb_source *source, bool has_comm)
{
	const struct fb_kernel_options options = { 0 };
	struct fb_kernel *kernel = fb_kernel_new(source, &options, NULL, NULL);
	g_autofree char *pids = NULL;
	GError *error = NULL;
	struct fb_batch batch;

	while (fb_source_next(source, &batch, &error) && batch.n)
		for (size_t i = 0; i < batch.n; i++)
			fb_kernel_event(kernel, &batch.events[i]);
	fb_kernel_finish(kernel);
	g_clear_error(&error);
	pids = selection_pids(kernel, name);
	if (*pids)
		complain("--pid %s: expected a number: %s runs as %s%s%s%s", name, name, pids,
			 has_comm ? "; --comm " : "", has_comm ? name : "",
			 has_comm ? " selects by name" : "");
	else
		complain("--pid %s: expected a number, and no process in the trace has that name",
			 name);
	fb_kernel_free(kernel);
	return STATUS_USAGE;
}
