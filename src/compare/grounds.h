/* SPDX-License-Identifier: MIT */
/*
 * grounds.h - whether runs hold anything that a verdict can be based on: a task that was chosen,
 * waits, and more of them certain than not.
 */
#ifndef COMPARE_GROUNDS_H
#define COMPARE_GROUNDS_H

#include <flightbox/profile.h>

/*
 * Whether no fewer waits count than do not, by their number and by the time asleep in them.
 */
bool values_count(const struct fb_profile_values *v);
/* … of all runs. NULL: there are none, and nothing speaks against it. */
bool group_counts(const struct fb_profile_group *group);

/*
 * Appends a sentence (char *) for each kind of thing that any run of a side lacks, with what to do.
 * `side`: "base ", "new ", or "". `told`: not that nobody was chosen, which was told in other words.
 */
void find_lacks(const struct fb_profile *p, const char *side, bool told, GPtrArray *to);

/* … and for --strict: that any wait does not count. */
void find_uncounted(const struct fb_profile *p, const char *side, GPtrArray *to);

/* "the first; and 2 more reasons". NULL: there is nothing; free it with g_free(). */
char *say_lacks(const GPtrArray *lacks);

#endif
