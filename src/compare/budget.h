/* SPDX-License-Identifier: MIT */
/*
 * budget.h - limits that waits shall keep, read from a file:
 *
 *	# comment
 *	[process "nginx" thread "worker*"]
 *	syscall=epoll_wait cause=net_rx  p99 < 5ms, max < 50ms
 *	count < 100/s
 *	total < 10% of time
 *
 * docs/compare.md describes it.
 */
#ifndef COMPARE_BUDGET_H
#define COMPARE_BUDGET_H

#include <flightbox/profile.h>

enum budget_measure { BUDGET_COUNT, BUDGET_TOTAL, BUDGET_MAX, BUDGET_PERCENTILE };

enum budget_unit {
	BUDGET_NUMBER,     /* of waits in a run */
	BUDGET_PER_SECOND,
	BUDGET_NS,
	BUDGET_SHARE,      /* of the run's length; 0.1 for 10% */
};

struct budget {
	unsigned line;          /* of the file, from 1 */
	char *text;             /* that limit, as it is written; */
	char *section;          /* … and its section, "" for none */
	/* Globs; NULL: all. */
	char *process, *thread, *syscall, *cause;
	enum budget_measure measure;
	double percent;         /* PERCENTILE */
	enum budget_unit unit;
	bool or_equal;          /* <=, not < */
	double limit;           /* in that unit */
};

/*
 * Those of a text: struct budget, in its order; free with g_ptr_array_unref(). NULL and `error`,
 * whose message has three lines: "budget:3:12: expected …", the line, and a caret below the column.
 */
GPtrArray *budgets_parse(const char *text, const char *file, GError **error);

/* Whether it is on waits of that group's process and thread, whatever they wait in and for. */
bool budget_is_of(const struct budget *b, const struct fb_profile_key *key);

/* Whether it is on waits of that group. */
bool budget_matches(const struct budget *b, const struct fb_profile_key *key);

/*
 * The event without which waits that it is on look like others: of the names of those that a run lacks
 * (`missing`, see struct fb_profile_run), or NULL.
 */
const char *budget_blinded_by(const struct budget *b, const char *const *missing);

#endif
