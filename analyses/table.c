/* SPDX-License-Identifier: MIT */
/* table.c - all analyses, one line each. */
#include <flightbox/analysis.h>

extern const struct fb_analysis fb_blocking_analysis;
extern const struct fb_analysis fb_bottleneck_analysis;
extern const struct fb_analysis fb_critical_path_analysis;
extern const struct fb_analysis fb_dependency_analysis;
extern const struct fb_analysis fb_latency_analysis;
extern const struct fb_analysis fb_packets_analysis;
extern const struct fb_analysis fb_timeline_analysis;
extern const struct fb_analysis fb_why_analysis;

const struct fb_analysis *const fb_analyses[] = {
	&fb_blocking_analysis,
	&fb_bottleneck_analysis,
	&fb_critical_path_analysis,
	&fb_dependency_analysis,
	&fb_latency_analysis,
	&fb_packets_analysis,
	&fb_timeline_analysis,
	&fb_why_analysis,
	NULL,
};

const struct fb_analysis *fb_analysis_find(const char *name)
{
	for (const struct fb_analysis *const *a = fb_analyses; *a; a++)
		if (!strcmp(name, (*a)->name))
			return *a;
	return NULL;
}
