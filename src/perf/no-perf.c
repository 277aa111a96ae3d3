/* SPDX-License-Identifier: MIT */
/* no-perf.c - stands in for source.c where there is no libtraceevent or no libzstd. */
#include <flightbox/error.h>
#include <flightbox/source.h>

/* It takes no path, so that the others say of a perf.data what it is. */
static int no_probe(const char *path)
{
	(void)path;
	return 0;
}

static struct fb_source *no_open(const char *const *paths, size_t n,
				 const struct fb_source_options *options, GError **error)
{
	(void)paths, (void)n, (void)options;
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
		    "--source perf: this flightbox was built without libtraceevent and libzstd");
	return NULL;
}

const struct fb_source_ops fb_source_perf = {
	.name = "perf",
	.probe = no_probe,
	.open = no_open,
};
