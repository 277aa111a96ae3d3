/* SPDX-License-Identifier: MIT */
/* tables.h - a comparison as a report. */
#ifndef COMPARE_TABLES_H
#define COMPARE_TABLES_H

#include <flightbox/report.h>

#include "compare/compare.h"

/* `brief`: without the groups that stayed the same. */
void report_comparison(struct fb_report *r, const struct comparison *c, bool brief);

/* "new", "gone", "moved", "both" */
const char *presence_of(const struct compared *g);

/* The column of a member that is a double, in ns. */
#define NS_OF(type, member) FB_OF(DURATION, get_ns, double, type, member)
struct fb_cell get_ns(struct fb_report *r, const void *ns);

/* ---- programs.c --------------------------------------------------------------------------- */

void report_comparison_rows(struct fb_report *r, const struct comparison *c);

/* ---- words.c ------------------------------------------------------------------------------ */

/* How a number reads: with the decimal point of the user's language, or one that never changes. */
enum words { WORDS_FOR_PEOPLE, WORDS_FOR_PROGRAMS };

/*
 * "8 base runs, 8 new runs: 1 group of waits got worse, …"; or what lacks, or how many runs would be
 * enough.
 */
void say_outcome(const struct comparison *c, GString *to);

/*
 * "nginx (worker-*)"; "sys_read", where it moved "sys_read -> sys_readv"; both, and "woken by SOFTIRQ
 * NET_RX" behind them.
 */
void say_task(const struct fb_profile_key *key, GString *to);
void say_syscall(const struct compared *g, GString *to);
void say_cause(const struct compared *g, GString *to);
void say_group(const struct compared *g, GString *to);

/*
 * "p95 12.100 -> 32.200 ms (+166.1 %, +19.8 to +20.4 ms at 95.0 %), p = 0.0012 among 9 tests";
 * "in 5 of 8 new runs for 10000.000 ms, in no base run for more than 28.983 ms, p = 0.043"
 */
void say_reason(const struct comparison *c, const struct compared *g, enum words words, GString *to);

/* A number in that format, one of printf's for doubles. Appends, as all of them. */
void say_number(GString *to, enum words words, const char *format, double x);

/* "tid 382 at 1795177446820886090: 65761313 ns" */
void say_worst(const struct fb_profile_wait *wait, GString *to);

/* ---- worst.c ------------------------------------------------------------------------------ */

/* One of the longest waits of a group. */
struct worst {
	struct fb_profile_wait wait;
	const struct fb_profile_run *run;
};

/* Those of all runs of a side, longest first. Returns how many. */
size_t find_worst(const struct fb_profile *p, const struct fb_profile_group *group,
		  struct worst worst[FB_PROFILE_WORST]);

#endif
