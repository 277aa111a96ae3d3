/* SPDX-License-Identifier: MIT */
/* causes.h - waits of one call that are ended by another cause than they were. */
#ifndef COMPARE_CAUSES_H
#define COMPARE_CAUSES_H

#include "compare/compare.h"

/*
 * Whether the time that a group has more or less than before is what the other causes of the same threads'
 * same call have less or more, and all of them together are what they were. By MEASURE_TOTAL alone, which
 * must have been tested; verdicts of the others are looked at.
 */
bool moved_among_causes(const struct comparison *c, const struct compared *g);

#endif
