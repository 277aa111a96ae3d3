/* SPDX-License-Identifier: MIT */
/* nearest.c - a task that the trace does not have: what may have been meant. */
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
