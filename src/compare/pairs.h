/* SPDX-License-Identifier: MIT */
/* pairs.h - the groups of both sides, each with what the other side has of it. */
#ifndef COMPARE_PAIRS_H
#define COMPARE_PAIRS_H

#include "compare/compare.h"

/*
 * Fills the comparison's groups. What only one side has may have moved to another call that does
 * the same, or be woken by a program of another name now: then both are one.
 */
void pair_groups(struct comparison *c);

#endif
