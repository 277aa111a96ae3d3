/* SPDX-License-Identifier: MIT */
/* runs.h - what a profile is made of: runs, which several profiles may share. */
#ifndef PROFILE_RUNS_H
#define PROFILE_RUNS_H

#include <flightbox/profile.h>
#include <flightbox/stats.h>

#include "base/out.h"

#define PROFILE_FORMAT  1  /* goes up when a key changes its meaning */
#define PROFILE_ID_SIZE 16 /* digits */

/* A group within one run. */
struct run_group {
	struct fb_profile_key key;
	struct fb_profile_values values; /* whose buckets are the run's */
};

/* Does not change once a profile has it. */
struct run {
	struct fb_profile_run pub;
	GStringChunk *texts;    /* all there are in `pub` and in keys; equal ones are one */
	GArray *groups;         /* struct run_group, by key */
	const char **missing;   /* pub.missing */
	int32_t *ids;           /* pub.selection.pids and tids */
	gatomicrefcount refs;
};

/* A run without anything, of one reference. */
struct run *run_new(void);
struct run *run_ref(struct run *run);
void run_unref(struct run *run);

/* The run's own copy of a text, made valid UTF-8; NULL of NULL. */
const char *run_text(struct run *run, const char *text);

/* Its own copy of n process and m thread numbers, in order. */
void run_set_ids(struct run *run, const int32_t *pids, size_t n, const int32_t *tids, size_t m);

/* Its own copies of `n` texts. */
void run_set_missing(struct run *run, const char *const *names, size_t n);

/* Sorts groups and adds up those of one key. */
void run_sort_groups(struct run *run);

/* ---- values.c --------------------------------------------------------------------------- */

/* A sum that stops at INT64_MAX; neither is negative. So it does not depend on the order. */
static inline int64_t add_capped(int64_t a, int64_t b)
{
	return a > INT64_MAX - b ? INT64_MAX : a + b;
}

/* Puts a wait where it belongs among the worst, if it does. */
void values_add_worst(struct fb_profile_values *v, const struct fb_profile_wait *wait);

/* Adds `from` to `to`, whose buckets are replaced; the old ones are freed. */
void values_add(struct fb_profile_values *to, const struct fb_profile_values *from);

/* ---- profile.c -------------------------------------------------------------------------- */

struct named_run {
	struct run *run;
	const char *name; /* of where it comes from */
};

/*
 * A profile of a list of struct named_run, which gets sorted. It takes references of the
 * runs. Fails as fb_profile_merge() does.
 */
struct fb_profile *profile_of_runs(GArray *list, GError **error);

/* ---- save.c ----------------------------------------------------------------------------- */

/* All that stands in its file. */
void profile_write(struct out *o, const struct fb_profile *p);

/* The run as it stands there, but for its id. */
void run_write(struct out *o, const struct run *run);

/* Its id is made of that. */
void run_set_id(struct run *run);

#endif
