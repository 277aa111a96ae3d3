/* SPDX-License-Identifier: MIT */
/*
 * analysis.h - the table that an analysis fills. See docs/writing-an-analysis.md.
 */
#ifndef FLIGHTBOX_ANALYSIS_H
#define FLIGHTBOX_ANALYSIS_H

#include <flightbox/blocking.h>
#include <flightbox/event.h>
#include <flightbox/kernel.h>
#include <flightbox/report.h>

/* An option of one analysis, on top of those that all take. */
struct fb_option {
	const char *name;  /* long name without dashes; NULL ends the list */
	const char *help;
	size_t offset;     /* of a bool in the analysis' struct */
};

/* All callbacks but `report` may be NULL. */
struct fb_analysis {
	const char *name;  /* the command's */
	const char *help;  /* one line */
	size_t size;       /* zeroed bytes that the run allocates as `self` */
	const struct fb_option *options;
	/* Before the first event, options set. The report lives until `clear`. */
	void (*init)(void *self, struct fb_report *report);
	void (*event)(void *self, const struct fb_event *ev, const struct fb_kernel *k);
	/* A wait that passed the filter, in the order in which waits end; lent. */
	void (*blocking)(void *self, const struct fb_blocking *b);
	/* After the last event. */
	void (*report)(void *self, struct fb_report *report);
	void (*clear)(void *self);
};

/* All analyses, NULL-terminated: one line each in analyses/table.c. */
extern const struct fb_analysis *const fb_analyses[];

/* The analysis of that name, or NULL. */
const struct fb_analysis *fb_analysis_find(const char *name);

/*
 * The life of an analysis' `self`: fb_analysis_new(), options set, fb_analysis_begin(),
 * the run, fb_analysis_report(), fb_analysis_free(). NULL may be freed.
 */
void *fb_analysis_new(const struct fb_analysis *analysis);
void fb_analysis_begin(const struct fb_analysis *analysis, void *self, struct fb_report *report);
void fb_analysis_report(const struct fb_analysis *analysis, void *self, struct fb_report *report);
void fb_analysis_free(const struct fb_analysis *analysis, void *self);

/* Where an option's value is kept. */
static inline bool *fb_option_value(void *self, const struct fb_option *option)
{
	return (bool *)((char *)self + option->offset);
}

#endif
