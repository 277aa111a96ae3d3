/* SPDX-License-Identifier: MIT */
/* blame.h - waiting time added up by who, or what, it was spent on. */
#ifndef ANALYSES_SHARED_BLAME_H
#define ANALYSES_SHARED_BLAME_H

#include <flightbox/history.h>

/* What is told apart. */
enum blame_by { BLAME_TASK, BLAME_PROCESS, BLAME_RESOURCE };

struct blame {
	/* NULL by resource. By process, its first thread where that is known, else one of them. */
	const struct fb_task *task;
	const char *syscall;     /* that more than half was in; NULL: there is none, or none known */
	const char *device;      /* which disk, interrupt or softirq more than half was; likewise */
	enum fb_state state;
	enum fb_unknown unknown;
	uint64_t n;              /* segments */
	fb_ns sum;
};

struct blames;

struct blames *blames_new(void);
void blames_free(struct blames *b);
void blames_add(struct blames *b, const struct fb_segment *segment);

/* What such segments are added to. It stays where it is. */
struct blame *blames_get(struct blames *b, const struct fb_segment *segment);

/* All of them, the greatest first: struct blame. Free with g_array_free(). */
GArray *blames_rank(const struct blames *b, enum blame_by by);

#endif
