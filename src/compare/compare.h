/* SPDX-License-Identifier: MIT */
/*
 * compare.h - the runs of one profile against those of another, group by group. What the
 * words mean and why it is done so: docs/compare.md.
 */
#ifndef COMPARE_COMPARE_H
#define COMPARE_COMPARE_H

#include <flightbox/profile.h>

#include "compare/statistics.h"

enum side { BASE, NEW, SIDES };

/* One number for each run and group. */
enum measure {
	MEASURE_TOTAL, /* time asleep in all waits together */
	MEASURE_P50,   /* that so many percent of the waits do not exceed */
	MEASURE_P95,
	MEASURE_P99,
	MEASURES
};

enum verdict {
	VERDICT_SAME,
	VERDICT_BETTER,
	VERDICT_WORSE,
	VERDICT_HUNG,    /* some new runs have a wait far beyond the longest of the base */
	VERDICT_MOVED,   /* the same waits in another system call that does the same, or ended by another cause */
	VERDICT_UNKNOWN, /* too few runs to tell, or waits that count */
	VERDICTS
};

/* "total", "p95"; "worse", "not enough data". */
const char *measure_name(enum measure measure);
const char *verdict_name(enum verdict verdict);

struct compare_options {
	double alpha;       /* chance of any false verdict at all */
	double min_effect;  /* changes of a smaller share are none: 0.05 */
	fb_ns min_time;     /* changes of less time per run are none */
	bool strict;        /* waits that do not count are no grounds for a verdict */
	const GPtrArray *missing; /* char *: what was asked for and is not there; NULL: nothing. Lent */
	bool per_second;    /* totals and counts are those of a second, not of a run */
};

/* Of one group. In ns; `base` and `new` are medians over runs. */
struct change {
	double median[SIDES]; /* NAN where no run has it */
	double effect;        /* share of the base by which the median changed; INFINITY: from 0 */
	bool is_tested;       /* what follows means something; of all runs but for single ones far off */
	bool is_left_out;     /* was worth a test, but others were more, and so few runs allow no more tests */
	double promise;       /* of those worth a test: how much the runs differ, by both share and time */
	double p, adjusted;   /* by itself; among all tests */
	double delta;         /* Cliff's */
	struct shift shift;
	enum verdict verdict;
};

/* Of all groups together. */
struct hung {
	bool is_tested;
	unsigned runs;       /* new ones that hang */
	int wanted;          /* how many more of them a group has to have than base runs */
	double p, adjusted;  /* of as many by chance; with the other tests */
};

struct compared {
	const struct fb_profile_key *key;
	const struct fb_profile_key *was; /* what the base has in its place, by another call or waker; NULL: the same */
	const struct fb_profile_group *group[SIDES]; /* NULL: that side has none of it */
	double count[SIDES];  /* waits, the median over runs */
	uint64_t uncertain[SIDES]; /* further waits of all runs: lost events touched them */
	bool counts;          /* neither side's are fewer than those; else it is not tested */
	double added;         /* time asleep per run, ns */
	double hung_p;        /* HUNG: that of the comparison, adjusted */
	unsigned hung_runs[SIDES]; /* runs that hang in it … */
	fb_ns longest[SIDES]; /* … and the longest waits, of the base in those that do not; 0: none does */
	struct change by[MEASURES];
	enum verdict verdict;
	enum measure reason;  /* WORSE, BETTER: the measure that has it, the surest of them */
};

struct comparison {
	const struct fb_profile *side[SIDES];
	struct compare_options options;
	struct shift_order order;
	GArray *groups;          /* struct compared: worse ones first; waits in system calls first; then what added most */
	size_t of[VERDICTS];     /* groups by verdict */
	size_t tests, tested;    /* how many; groups with any, made or left out */
	size_t left_out;         /* further tests, which so few runs do not allow */
	struct hung hung;
	size_t uncounted;        /* groups that do not count */
	double smallest_p;       /* that so many runs can come to */
	bool decides;            /* that is small enough for so many tests, and nothing lacks */
	bool can_tell;           /* … and no test was left out */
	GPtrArray *lacks;        /* char *: why nothing can be told, whatever the tests say */
	unsigned needed;         /* runs a side that would be enough, for those left out too */
	GPtrArray *warnings;     /* char *: what makes both sides less alike */
};

/* What a build fails for. */
static inline bool is_regression(const struct compared *g)
{
	return g->verdict == VERDICT_WORSE || g->verdict == VERDICT_HUNG;
}

/* The profiles must outlive it. */
struct comparison *comparison_new(const struct fb_profile *base, const struct fb_profile *new,
				  const struct compare_options *options);
void comparison_free(struct comparison *c);

static inline const struct compared *compared_at(const struct comparison *c, size_t i)
{
	return &g_array_index(c->groups, struct compared, i);
}

/* Adds to `warnings`. */
void find_warnings(struct comparison *c);

#endif
