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
};

struct check {
	const struct budget *budget;
	enum check_outcome outcome;
	double found;      /* in the budget's unit, in the run that is furthest from keeping it */
	const struct fb_profile_run *run; /* that one; NULL when unmatched */
	uint64_t waits;    /* that match, of that run */
	/* The longest of them, in that run. */
	struct worst worst[FB_PROFILE_WORST];
	size_t n_worst;
	char *roots[FB_PROFILE_WORST]; /* what they were for, in words; NULL: not known */
};

/* One for each budget: struct check, in their order. Each run has to keep each budget. */
GPtrArray *checks_new(const GPtrArray *budgets, const struct fb_profile *p);

/* How many of an outcome there are. */
size_t checks_count(const GPtrArray *checks, enum check_outcome outcome);

/* `file`: of the budgets. `strict`: a budget without waits is broken. */
void report_checks(struct fb_report *r, const GPtrArray *checks, const char *file, bool strict);
struct junit *junit_of_checks(const GPtrArray *checks, const char *file, bool strict,
			      const struct fb_profile_run *latest);

#endif
