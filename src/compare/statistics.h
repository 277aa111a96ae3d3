/* SPDX-License-Identifier: MIT */
/*
 * statistics.h - do two samples differ, by how much, and could so few values tell at all?
 *
 * A sample is one value for each run of a side. Nothing is assumed of how values are
 * distributed, but that without a difference each run might as well have been one of the
 * other side. All tests are two-sided: twice the smaller one of both tails, 1 at most.
 */
#ifndef COMPARE_STATISTICS_H
#define COMPARE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

/* Lent. */
struct sample {
	const double *values;
	unsigned n; /* 1 or more, but where 0 is said to be allowed */
};

/* The mean of both middle ones where their number is even. */
double sample_median(struct sample s);

/* How many of all pairs have the higher value in `b`; equal ones count half. 0 to a.n × b.n. */
double mann_whitney_u(struct sample a, struct sample b);

/*
 * Mann and Whitney's test: are values of one sample higher than those of the other more often than
 * not? Exact, with ties too, for up to MANN_WHITNEY_EXACT values; by the normal distribution,
 * corrected for ties and continuity, for more.
 */
#define MANN_WHITNEY_EXACT 40
double mann_whitney_p(struct sample a, struct sample b);

/*
 * Is the means' difference greater than what dealing the values out to both sides anew gives?
 * All ways to do that are gone through where there are PERMUTATIONS_ALL at most, else as many
 * are drawn, always the same ones.
 */
#define PERMUTATIONS_ALL 20000
double permutation_p(struct sample a, struct sample b);

/*
 * Calls for ways to choose k of n: for all there are where these are PERMUTATIONS_ALL at most, else for
 * the first k and then for as many that are drawn, always the same ones. 0 < k < n.
 */
typedef void (*deal_func)(const bool *is_chosen, void *data);
void each_deal(unsigned n, unsigned k, deal_func func, void *data);

/* Fewer runs than that on a side: the test is by permutation. */
#define FEW_RUNS 6
/* The one of both tests that so many runs ask for. */
double difference_p(struct sample a, struct sample b);

/* In how many ways n + m runs can be dealt out to sides of n and m. */
double splits(unsigned n, unsigned m);

/* The smallest value that difference_p() may have for so many runs; 1 where a side has none. */
double smallest_p(unsigned n, unsigned m);

/* How many runs a side are needed to find something at `alpha` in one of so many tests. */
unsigned runs_needed(double alpha, size_t tests);

/*
 * Holm's correction: of `n` tests with these values, the chance that any of those taken for a
 * difference is none stays below alpha where `adjusted` is compared with it.
 */
void holm(const double *p, double *adjusted, size_t n);

/* Cliff's delta: from -1, all of `b` below all of `a`, over 0 to 1, all above. */
double cliffs_delta(struct sample a, struct sample b);

/*
 * Hodges and Lehmann's estimate of how much higher `b` is: the median of all pairs'
 * differences, between two of them that enclose it at `level`.
 */
struct shift {
	double estimate, low, high;
	double level;
};

/* Which ones, of samples of n and m values: the same for all such samples. */
struct shift_order {
	unsigned n, m;
	size_t left_out; /* differences at either end */
	double level;    /* as wanted or above; below where so few runs cannot reach it: then none is left out */
};

struct shift_order shift_order(unsigned n, unsigned m, double level);
struct shift sample_shift(struct sample a, struct sample b, const struct shift_order *o);

#endif
