/* SPDX-License-Identifier: MIT */
/* table.c - all analyses, one line each, and the life of one. */
#include <flightbox/analysis.h>

#include "run/option.h"

extern const struct fb_analysis fb_blocking_analysis;
extern const struct fb_analysis fb_bottleneck_analysis;
extern const struct fb_analysis fb_critical_path_analysis;
extern const struct fb_analysis fb_dependency_analysis;
extern const struct fb_analysis fb_latency_analysis;
extern const struct fb_analysis fb_why_analysis;

const struct fb_analysis *const fb_analyses[] = {
	&fb_blocking_analysis,
	&fb_bottleneck_analysis,
	&fb_critical_path_analysis,
	&fb_dependency_analysis,
	&fb_latency_analysis,
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

void *fb_analysis_new(const struct fb_analysis *analysis)
{
	void *self = g_malloc0(analysis->size);

	options_init(analysis->options, self);
	return self;
}

void fb_analysis_begin(const struct fb_analysis *analysis, void *self, struct fb_report *report)
{
	if (analysis->init)
		analysis->init(self, report);
}

void fb_analysis_report(const struct fb_analysis *analysis, void *self, struct fb_report *report)
{
	analysis->report(self, report);
}

void fb_analysis_free(const struct fb_analysis *analysis, void *self)
{
	if (!self)
		return;
	if (analysis->clear)
		analysis->clear(self);
	options_clear(analysis->options, self);
	g_free(self);
}
