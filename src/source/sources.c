/* SPDX-License-Identifier: MIT */
/* sources.c - the list of sources, and which of them reads a trace. */
#include <flightbox/error.h>

#include "source/sources.h"

const struct source_row sources[] = {
	{ &fb_source_native },
	{ &fb_source_perf },
	/* Damaged metadata may hold it up for ever: what is native's must not come here. */
	{ &fb_source_babeltrace, is_live_url, babeltrace_interrupt, babeltrace_prepare },
	{ NULL },
};

const char *const source_names[] = { "auto", "native", "perf", "babeltrace", NULL };

const struct source_row *source_find(const char *name)
{
	for (const struct source_row *row = sources; row->ops; row++)
		if (!strcmp(row->ops->name, name))
			return row;
	return NULL;
}

const struct source_row *source_of_live(const char *path)
{
	for (const struct source_row *row = sources; row->ops; row++)
		if (row->is_live && row->is_live(path))
			return row;
	return NULL;
}

static bool is_not_ours(const GError *error)
{
	return error->domain == FB_ERROR &&
	       (error->code == FB_ERROR_FOREIGN || error->code == FB_ERROR_NOT_FOUND);
}

struct fb_source *source_open_any(const char *const *paths, size_t n,
				  const struct fb_source_options *options, GError **error)
{
	GError *why = NULL;

	for (const struct source_row *row = sources; row->ops; row++) {
		GError *why_not = NULL;
		struct fb_source *source;

		if (why && (!is_not_ours(why) || !row->ops->probe(paths[0])))
			continue;
		source = row->ops->open(paths, n, options, &why_not);
		/* Who recognises something has more to say than who did not. */
		g_clear_error(&why);
		if (source)
			return source;
		why = why_not;
	}
	g_propagate_error(error, why);
	return NULL;
}
