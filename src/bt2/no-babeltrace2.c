/* SPDX-License-Identifier: MIT */
/* no-babeltrace2.c - stands in for graph.c where there is no babeltrace2. */
#include <flightbox/error.h>

#include "source/sources.h"

static int no_probe(const char *path)
{
	(void)path;
	return 0;
}

static struct fb_source *no_open(const char *const *paths, size_t n,
				 const struct fb_source_options *options, GError **error)
{
	(void)options;
	if (n && is_live_url(paths[0]))
		g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
			    "%s: this flightbox was built without babeltrace2, which reads live "
			    "sessions",
			    paths[0]);
	else
		g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
			    "--source babeltrace: this flightbox was built without babeltrace2");
	return NULL;
}

const struct fb_source_ops fb_source_babeltrace = {
	.name = "babeltrace",
	.probe = no_probe,
	.open = no_open,
};

void babeltrace_interrupt(void)
{
}

void babeltrace_prepare(void)
{
}
