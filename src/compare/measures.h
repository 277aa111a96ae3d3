/* SPDX-License-Identifier: MIT */
/* measures.h - how much both sides' runs differ in each group, one measure after the other. */
#ifndef COMPARE_MEASURES_H
#define COMPARE_MEASURES_H

#include "compare/compare.h"

#define LEVEL 0.95 /* of intervals */

/* Fills in `count`, `by` and `added` of all groups, with verdicts that adjusting has yet to confirm. */
void measure_groups(struct comparison *c);

/* What a run has of a group; NULL: nothing. */
const struct fb_profile_values *values_in(const struct compared *g, enum side side, size_t run);

/* What a run's sums are multiplied by. */
double scale_of(const struct comparison *c, enum side side, size_t run);

/* A run's value, of what it has; NAN: a percentile of nothing. */
double measure_of(const struct comparison *c, enum side side, size_t run, enum measure measure,
		  const struct fb_profile_values *v);

/*
 * What a change of so much costs a run of so many waits. A percentile's change is that of all waits which
 * are as long or longer.
 */
double cost_of(enum measure measure, double change, double waits);

/* By how much the new runs are above the base's. */
struct shift shift_of(const struct comparison *c, struct sample base, struct sample new);

#endif
