/* SPDX-License-Identifier: MIT */
/* statistics.c - medians, Mann and Whitney's test, Holm's correction, how much and how sure. */
#include "statistics.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double middle_of(const double *sorted, size_t n)
{
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

double sample_median(struct sample s)
{
	g_autofree double *sorted = g_memdup2(s.values, s.n * sizeof(double));

	qsort(sorted, s.n, sizeof(double), compare_doubles);
	return middle_of(sorted, s.n);
}

double mann_whitney_u(struct sample a, struct sample b)
{
	double u = 0;

	for (unsigned i = 0; i < a.n; i++)
		for (unsigned k = 0; k < b.n; k++)
			u += b.values[k] > a.values[i] ? 1 : b.values[k] == a.values[i] ? 0.5 : 0;
	return u;
}

double cliffs_delta(struct sample a, struct sample b)
{
	return 2 * mann_whitney_u(a, b) / ((double)a.n * b.n) - 1;
}

/* ---- ranks ------------------------------------------------------------------------------ */

/* Of all values together. */
struct ranks {
	unsigned n;
	unsigned *twice;  /* twice the rank, from 1, of each value: ties share the mean of theirs */
	double tied;      /* sum of t³ - t over groups of t equal values */
};

static void ranks_clear(struct ranks *r)
{
	g_free(r->twice);
}

/* `sorted` ascends. */
static struct ranks ranks_of(const double *sorted, unsigned n)
{
	struct ranks r = { .n = n, .twice = g_new(unsigned, n) };

	for (unsigned i = 0, end; i < n; i = end) {
		double t;

		for (end = i + 1; end < n && sorted[end] == sorted[i]; end++)
			;
		for (unsigned k = i; k < end; k++)
			r.twice[k] = i + 1 + end;
		t = end - i;
		r.tied += t * t * t - t;
	}
	return r;
}

static struct ranks ranks_of_both(struct sample a, struct sample b)
{
	unsigned n = a.n + b.n;
	g_autofree double *all = g_new(double, n);

	memcpy(all, a.values, a.n * sizeof(double));
	memcpy(all + a.n, b.values, b.n * sizeof(double));
	qsort(all, n, sizeof(double), compare_doubles);
	return ranks_of(all, n);
}

/* ---- in how many ways `k` of the ranks come to a sum -------------------------------------- */

struct ways {
	unsigned most;  /* the greatest sum */
	double *of_sum; /* 0 to most: how many choices of k ranks, doubled, have that sum */
	double all;
};

/*
 * Streitberg and Röhmel's shift algorithm: rank after rank, each one in or out. The numbers are
 * integers below 2^53 for up to MANN_WHITNEY_EXACT ranks, so nothing is rounded.
 */
static struct ways ways_of(const struct ranks *r, unsigned k)
{
	struct ways w = { .most = r->n * (r->n + 1), .all = splits(r->n - k, k) };
	unsigned row = w.most + 1, sum = 0;
	g_autofree double *counts = g_new0(double, (k + 1) * (size_t)row);

	counts[0] = 1;
	for (unsigned i = 0; i < r->n; i++) {
		unsigned rank = r->twice[i];

		sum += rank;
		for (unsigned chosen = MIN(k, i + 1); chosen > 0; chosen--)
			for (unsigned s = rank; s <= sum; s++)
				counts[chosen * row + s] += counts[(chosen - 1) * row + s - rank];
	}
	w.of_sum = g_memdup2(counts + k * row, row * sizeof(double));
	return w;
}

/* The chance of a sum that low or lower. */
static double lower_tail(const struct ways *w, unsigned sum)
{
	double ways = 0;

	for (unsigned s = 0; s <= MIN(sum, w->most); s++)
		ways += w->of_sum[s];
	return ways / w->all;
}

static double upper_tail(const struct ways *w, unsigned sum)
{
	double ways = 0;

	for (unsigned s = sum; s <= w->most; s++)
		ways += w->of_sum[s];
	return ways / w->all;
}

/* U is the rank sum less the smallest one there can be. */
static unsigned twice_sum(double u, unsigned k)
{
	return lrint(2 * u) + k * (k + 1);
}

static double exact_p(const struct ranks *r, double u, unsigned k)
{
	struct ways w = ways_of(r, k);
	unsigned sum = twice_sum(u, k);
	double p = 2 * MIN(lower_tail(&w, sum), upper_tail(&w, sum));

	g_free(w.of_sum);
	return MIN(p, 1);
}

/* ---- many values ------------------------------------------------------------------------ */

/* Of U without a difference. */
static double deviation_of(unsigned n, unsigned m, double tied)
{
	double all = n + m, nm = (double)n * m;

	return sqrt(nm / 12 * (all + 1 - tied / (all * (all - 1))));
}

static double normal_p(const struct ranks *r, double u, unsigned n, unsigned m)
{
	double off = fabs(u - (double)n * m / 2) - 0.5, deviation = deviation_of(n, m, r->tied);

	return deviation > 0 && off > 0 ? erfc(off / deviation / M_SQRT2) : 1;
}

double mann_whitney_p(struct sample a, struct sample b)
{
	/* Both samples tell the same; the shorter one takes less work. */
	struct sample few = a.n < b.n ? a : b, many = a.n < b.n ? b : a;
	double u = mann_whitney_u(many, few), p;
	struct ranks r = ranks_of_both(a, b);

	p = r.n <= MANN_WHITNEY_EXACT ? exact_p(&r, u, few.n) : normal_p(&r, u, a.n, b.n);
	ranks_clear(&r);
	return p;
}

/* ---- what so many runs can tell ----------------------------------------------------------- */

double splits(unsigned n, unsigned m)
{
	double ways = 1;

	for (unsigned i = 1; i <= MIN(n, m); i++)
		ways = ways * (MAX(n, m) + i) / i;
	return ways;
}

double difference_p(struct sample a, struct sample b)
{
	return a.n < FEW_RUNS || b.n < FEW_RUNS ? permutation_p(a, b) : mann_whitney_p(a, b);
}

double smallest_p(unsigned n, unsigned m)
{
	double all = splits(n, m);

	if (!n || !m)
		return 1;
	/* Where splits are drawn, the one that is there counts among them. */
	if ((n < FEW_RUNS || m < FEW_RUNS) && all > PERMUTATIONS_ALL)
		all = PERMUTATIONS_ALL + 1;
	return MIN(2 / all, 1);
}

unsigned runs_needed(double alpha, size_t tests)
{
	unsigned n = 1;

	while (smallest_p(n, n) * MAX(tests, 1) > alpha)
		n++;
	return n;
}

/* ---- many tests ------------------------------------------------------------------------- */

struct indexed {
	double p;
	size_t index;
};

static int compare_indexed(const void *a, const void *b)
{
	const struct indexed *x = a, *y = b;

	return compare_doubles(&x->p, &y->p);
}

void holm(const double *p, double *adjusted, size_t n)
{
	g_autofree struct indexed *sorted = g_new(struct indexed, n);
	double most = 0;

	if (!n)
		return;
	for (size_t i = 0; i < n; i++)
		sorted[i] = (struct indexed){ p[i], i };
	qsort(sorted, n, sizeof(*sorted), compare_indexed);
	for (size_t i = 0; i < n; i++) {
		most = MAX(most, MIN(sorted[i].p * (n - i), 1));
		adjusted[sorted[i].index] = most;
	}
}

/* ---- how much ----------------------------------------------------------------------------- */

/* How many differences to leave out at each end, and the level that this gives. */
static size_t left_out(unsigned n, unsigned m, double *level)
{
	double wanted = (1 - *level) / 2, below = 0, deviation = deviation_of(n, m, 0);
	size_t out = 0;

	if (n + m <= MANN_WHITNEY_EXACT) {
		g_autofree double *no_ties = g_new(double, n + m);
		struct ranks r;
		struct ways w;

		for (unsigned i = 0; i < n + m; i++)
			no_ties[i] = i;
		r = ranks_of(no_ties, n + m);
		w = ways_of(&r, n);
		while (lower_tail(&w, twice_sum(out, n)) <= wanted)
			out++;
		below = lower_tail(&w, twice_sum(out ? out - 1 : 0, n));
		g_free(w.of_sum);
		ranks_clear(&r);
	} else {
		/* P(U <= out - 1), with the correction for continuity. */
		while (erfc(((double)n * m / 2 - out - 0.5) / deviation / M_SQRT2) / 2 <= wanted)
			out++;
		below = erfc(((double)n * m / 2 - out + 0.5) / deviation / M_SQRT2) / 2;
	}
	*level = 1 - 2 * below;
	return out ? out - 1 : 0;
}

struct shift sample_shift(struct sample a, struct sample b, double level)
{
	size_t n = (size_t)a.n * b.n, out;
	g_autofree double *differences = g_new(double, n);
	struct shift s = { .level = level };

	for (unsigned i = 0; i < a.n; i++)
		for (unsigned k = 0; k < b.n; k++)
			differences[i * b.n + k] = b.values[k] - a.values[i];
	qsort(differences, n, sizeof(double), compare_doubles);
	out = left_out(a.n, b.n, &s.level);
	s.estimate = middle_of(differences, n);
	s.low = differences[out];
	s.high = differences[n - 1 - out];
	return s;
}
