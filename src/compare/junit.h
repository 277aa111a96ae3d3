/* SPDX-License-Identifier: MIT */
/*
 * junit.h - verdicts in the form in which CI systems read the results of tests: one suite, a
 * test case for each verdict.
 */
#ifndef COMPARE_JUNIT_H
#define COMPARE_JUNIT_H

#include <flightbox/profile.h>

#include "compare/compare.h"

enum junit_outcome { JUNIT_PASSED, JUNIT_FAILED, JUNIT_ERROR, JUNIT_SKIPPED };

struct junit;

/* `latest`: whose host and time the suite has, so that the same input gives the same bytes. */
struct junit *junit_new(const char *name, const struct fb_profile_run *latest);
void junit_free(struct junit *j);

/* `message`: one line; `details`: any number, or NULL. Neither is for a case that passed. */
void junit_add(struct junit *j, const char *class, const char *name, enum junit_outcome outcome,
	       const char *message, const char *details);

/* The file. Free with g_free(). */
char *junit_text(const struct junit *j);

/* A comparison: a case for each group that was tested, and one for whether it could be. */
struct junit *junit_of_comparison(const struct comparison *c);

#endif
