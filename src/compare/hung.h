/* SPDX-License-Identifier: MIT */
/* hung.h - whether more new runs hang than chance would give them. */
#ifndef COMPARE_HUNG_H
#define COMPARE_HUNG_H

#include "compare/compare.h"

/* Fills `hung` of the comparison, but for `adjusted`, and of its groups `hung_runs` and `longest`. */
void find_hangs(struct comparison *c);

#endif
