/* SPDX-License-Identifier: MIT */
/* analysis.c - the life of an analysis, and what it is for a run. */
#include <flightbox/analysis.h>

#include "run/option.h"

void *fb_analysis_new(const struct fb_analysis *analysis)
{
	void *self = g_malloc0(analysis->size);

	options_init(analysis->options, self);
	return self;
}

struct fb_consumer fb_analysis_consumer(const struct fb_analysis *analysis, void *self)
{
	bool looks = !analysis->looks || analysis->looks(self);

	return (struct fb_consumer){
		.self = self,
		.kinds = looks && analysis->kinds ? analysis->kinds() : 0,
		.observe = looks ? analysis->observe : NULL,
		.event = looks ? analysis->event : NULL,
		.blocking = analysis->blocking,
		.edges = analysis->lists_edges && analysis->lists_edges(self),
		.bystander = analysis->bystander,
		.chooses = analysis->chooses,
	};
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
