/* SPDX-License-Identifier: MIT */
/*
 * facts.h - from what a recording's metadata says to struct fb_source_info,
 * whoever parsed the metadata.
 */
#ifndef SOURCE_FACTS_H
#define SOURCE_FACTS_H

#include "source/binder.h"

/* What an event class tells of the recording. */
struct class_facts {
	const char *name; /* as recorded; equal ones are one string */
	const struct binding *bound;
};

/* Where a trace was recorded. NULL: not known. */
struct birthplace {
	const char *dir, *host, *boot;
};

struct clock_facts {
	const char *name, *uuid; /* NULL: not recorded */
	uint64_t frequency;	 /* Hz */
	int64_t seconds, ticks;	 /* from the epoch to its origin: their sum */
};

struct facts {
	/* Entries of the environment; NULL or false when there is none of that type. */
	const char *(*text)(const void *env, const char *name);
	bool (*number)(const void *env, const char *name, int64_t *number);
	const void *env;
	const struct clock_facts *clock; /* NULL: it has none */
	const char *format;		 /* of its files; NULL: not known */
	bool big_endian;
	const struct class_facts *classes;
	size_t n_classes;
};

void info_init(struct fb_source_info *info);
void info_clear(struct fb_source_info *info);

/* Fills in what the metadata tells. Texts are not copied: they must live as long as the info. */
void info_state(struct fb_source_info *info, const struct facts *facts);

/*
 * counts[i] of classes[i], or NULL, become info.classes; same names become one.
 * By name when there are counts: before, nobody looks, and there may be thousands.
 */
void info_set_counts(struct fb_source_info *info, const struct class_facts *classes, size_t n,
		     const uint64_t *counts);

void info_problem(struct fb_source_info *info, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Events of this CPU are not there, all through the trace. */
void info_absent(struct fb_source_info *info, int cpu);
/* What is there of a CPU begins late; of several streams the latest counts. */
void info_late(struct fb_source_info *info, int cpu, fb_ns begin);

/* A CPU's record ends there. */
void info_whole_until(struct fb_source_info *info, fb_ns end);

/* Widens begin and end. */
void info_span(struct fb_source_info *info, fb_ns begin, fb_ns end);

/*
 * Moves what reading brings (events, span, losses, problems, steps, broken packets; no classes)
 * from one to the other, which had more or none of it before.
 */
void info_take(struct fb_source_info *to, struct fb_source_info *from);

/* The same of the problems alone. */
void info_take_problems(struct fb_source_info *to, struct fb_source_info *from);

/* A clock value in nanoseconds. */
fb_ns scale_clock(uint64_t clock, uint64_t freq);

/* Whether both may be one host and boot; else false and `error`. */
bool birthplace_check(const struct birthplace *a, const struct birthplace *b, GError **error);

/* Whether the environment is that of a kernel's trace. */
bool facts_are_kernel(const struct facts *facts);

/* Says why not to read what is none; `domain`: the environment's, or NULL. */
void facts_refuse(GError **error, const char *path, const char *domain);

/* The name of the host, or NULL. */
const char *facts_host(const struct facts *facts);

#endif
