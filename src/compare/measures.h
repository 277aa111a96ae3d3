/* SPDX-License-Identifier: MIT */
/* measures.h - how much both sides' runs differ in each group, one measure after the other. */
#ifndef COMPARE_MEASURES_H
#define COMPARE_MEASURES_H

#include "compare/compare.h"

#define LEVEL 0.95 /* of intervals */

/* Fills in `count`, `by` and `added` of all groups, with verdicts that adjusting has yet to confirm. */
void measure_groups(struct comparison *c);

#endif
