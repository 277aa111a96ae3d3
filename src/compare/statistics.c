/* SPDX-License-Identifier: MIT */
/* statistics.c - medians, Mann and Whitney's test, Holm's correction, how much and how sure. */
#include "compare/statistics.h"

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
	unsigned most;  /* the greatest sum that was asked for */
	double *of_sum; /* 0 to most: how many choices of k ranks, doubled, have that sum */
	double all;     /* choices of any sum */
};

/*
 * Streitberg and Röhmel's shift algorithm: rank after rank, each one in or out. The numbers are
 * integers below 2^53 for up to MANN_WHITNEY_EXACT ranks, so nothing is rounded. Greater sums than
 * `most` are of no use for smaller ones.
 */
static struct ways ways_of(const struct ranks *r, unsigned k, unsigned most)
{
	struct ways w = { .most = most, .all = splits(r->n - k, k) };
	unsigned row = most + 1, sum = 0;
	g_autofree double *counts = g_new0(double, (k + 1) * (size_t)row);

	counts[0] = 1;
	for (unsigned i = 0; i < r->n; i++) {
		unsigned rank = r->twice[i];

		sum = MIN(sum + rank, most);
		for (unsigned chosen = MIN(k, i + 1); chosen > 0; chosen--)
			for (unsigned s = rank; s <= sum; s++)
				counts[chosen * row + s] += counts[(chosen - 1) * row + s - rank];
	}
	w.of_sum = g_memdup2(counts + k * row, row * sizeof(double));
	return w;
}

/* The chance of a sum that low or lower. */
static double tail(const struct ways *w, unsigned sum)
{
	double ways = 0;

	for (unsigned s = 0; s <= sum; s++)
		ways += w->of_sum[s];
	return ways / w->all;
}

/* U is the rank sum less the smallest one there can be. */
static unsigned twice_sum(double u, unsigned k)
{
	return lrint(2 * u) + k * (k + 1);
}

/* From the other end: what was the highest rank is 1. */
static void turn_around(struct ranks *r)
{
	for (unsigned i = 0; i < r->n; i++)
		r->twice[i] = 2 * (r->n + 1) - r->twice[i];
}

static double exact_p(struct ranks *r, double u, unsigned k)
{
	double most = (double)k * (r->n - k);
	unsigned sum;
	struct ways w;
	double p;

	if (u > most / 2) {
		turn_around(r);
		u = most - u;
	}
	sum = twice_sum(u, k);
	w = ways_of(r, k, sum);
	p = 2 * tail(&w, sum);
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

/* By all sums of ranks without ties. */
static void exact_order(struct shift_order *o, double wanted)
{
	g_autofree double *no_ties = g_new(double, o->n + o->m);
	unsigned most = twice_sum((double)o->n * o->m, o->n);
	struct ranks r;
	struct ways w;

	for (unsigned i = 0; i < o->n + o->m; i++)
		no_ties[i] = i;
	r = ranks_of(no_ties, o->n + o->m);
	w = ways_of(&r, o->n, most);
	while (tail(&w, twice_sum(o->left_out, o->n)) <= wanted)
		o->left_out++;
	o->left_out -= o->left_out > 0;
	o->level = 1 - 2 * tail(&w, twice_sum(o->left_out, o->n));
	g_free(w.of_sum);
	ranks_clear(&r);
}

/* P(U <= u), with the correction for continuity. */
static double normal_tail(const struct shift_order *o, double u)
{
	return erfc(((double)o->n * o->m / 2 - u - 0.5) / deviation_of(o->n, o->m, 0) / M_SQRT2) / 2;
}

struct shift_order shift_order(unsigned n, unsigned m, double level)
{
	struct shift_order o = { .n = n, .m = m };
	double wanted = (1 - level) / 2;

	if (n + m <= MANN_WHITNEY_EXACT) {
		exact_order(&o, wanted);
		return o;
	}
	while (normal_tail(&o, o.left_out) <= wanted)
		o.left_out++;
	o.left_out -= o.left_out > 0;
	o.level = 1 - 2 * normal_tail(&o, o.left_out);
	return o;
}

struct shift sample_shift(struct sample a, struct sample b, const struct shift_order *o)
{
	size_t n = (size_t)a.n * b.n;
	g_autofree double *differences = g_new(double, n);
	struct shift s = { .level = o->level };

	for (unsigned i = 0; i < a.n; i++)
		for (unsigned k = 0; k < b.n; k++)
			differences[i * b.n + k] = b.values[k] - a.values[i];
	qsort(differences, n, sizeof(double), compare_doubles);
	s.estimate = middle_of(differences, n);
	s.low = differences[o->left_out];
	s.high = differences[n - 1 - o->left_out];
	return s;
}
