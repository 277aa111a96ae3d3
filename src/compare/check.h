/* SPDX-License-Identifier: MIT */
/* check.h - the runs of a profile against budgets. */
#ifndef COMPARE_CHECK_H
#define COMPARE_CHECK_H

#include <flightbox/report.h>

#include "compare/budget.h"
#include "compare/junit.h"
#include "compare/tables.h"

enum check_outcome {
	CHECK_HELD,
	CHECK_BROKEN,
	CHECK_UNMATCHED, /* there is no such wait in any run */
	CHECK_UNSEEN,    /* no wait of such a process and thread counts in some run */
	CHECK_UNCOUNTED, /* held by those that count, and fewer than half do in some run */
	CHECK_UNRECORDED, /* there is no such wait in some run, and the event that would tell it was not recorded */
	CHECK_OUTCOMES
};

struct check {
	const struct budget *budget;
	enum check_outcome outcome;
	double found;      /* in the budget's unit, in the run that is furthest from keeping it */
	const struct fb_profile_run *run; /* that one; NULL: no such wait counts in any */
	uint64_t waits;    /* that match, of that run */
	size_t runs, unseen; /* how many there are; in which no wait of such a process and thread counts */
	const char *unrecorded; /* that event, of the first such run */
	/* The longest of them, in that run. */
	struct worst worst[FB_PROFILE_WORST];
	size_t n_worst;
	char *roots[FB_PROFILE_WORST]; /* what they were for, in words; NULL: not known */
};

/* What became of a file of budgets. */
struct checks {
	const char *file;
	bool strict;      /* a budget without waits is broken, and all of its waits have to count */
	const struct fb_profile *profile;
	GPtrArray *all;   /* struct check: one for each budget, in their order */
	GPtrArray *lacks; /* char *: why nothing can be told, whatever became of budgets */
};

/*
 * Each run has to keep each budget. `missing`: char *, what was asked for and is not there. `file`
 * and `profile` are lent.
 */
struct checks *checks_new(const GPtrArray *budgets, const char *file, bool strict,
			  const struct fb_profile *profile, const GPtrArray *missing);
void checks_free(struct checks *c);

static inline struct check *check_at(const struct checks *c, guint i)
{
	return g_ptr_array_index(c->all, i);
}

/* Whether it is broken, and whether that cannot be told. */
bool check_is_broken(const struct checks *c, const struct check *one);
bool check_is_open(const struct check *one);

enum check_verdict { CHECKS_HELD, CHECKS_BROKEN, CHECKS_OPEN };

/* Of all together: nothing can be told where anything lacks, and what is broken is so whatever else is open. */
enum check_verdict checks_verdict(const struct checks *c);

/* ---- check-words.c: each appends ----------------------------------------------------------- */

/* "[process "nginx"] p99 < 5ms" */
void say_name(const struct budget *b, GString *to);

/* "12.100 ms", "103.2/s", "12.1% of time", "17" */
void say_amount(const struct budget *b, double amount, enum words words, GString *to);

/* "12.100 ms is not < 5.000 ms, of 17 waits" */
void say_check(const struct check *c, enum words words, GString *to);

/* Why the verdict is OPEN, in one line. */
void say_open(const struct checks *c, GString *to);

/* ---- check-tables.c ------------------------------------------------------------------------ */

void report_checks(struct fb_report *r, const struct checks *c);
struct junit *junit_of_checks(const struct checks *c);

#endif
