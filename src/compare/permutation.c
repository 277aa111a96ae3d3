/* SPDX-License-Identifier: MIT */
/* permutation.c - the means' difference against that of all other ways to deal runs out to sides. */
#include <glib.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "compare/statistics.h"

/*
 * The sum over one side decides the difference of the means. All values are there, those of that
 * side first; a way to deal them out is a choice of `k` of them.
 */
struct deal {
	double *values;
	unsigned n, k;
	double sum, slack; /* as they are; sums that differ by less are equal but for rounding */
	double below, above, all; /* ways with a sum as low or lower, as high or higher; ways seen */
};

static void see(struct deal *d, double sum)
{
	d->below += sum <= d->sum + d->slack;
	d->above += sum >= d->sum - d->slack;
	d->all++;
}

/* Every choice of `left` more out of those from `at` on. */
static void choose(struct deal *d, unsigned at, unsigned left, double sum)
{
	if (!left) {
		see(d, sum);
		return;
	}
	for (unsigned i = at; i + left <= d->n; i++)
		choose(d, i + 1, left - 1, sum + d->values[i]);
}

/* Steele, Lea and Flood's SplitMix64: the same numbers everywhere. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Fisher and Yates' shuffle, as far as values are taken. */
static double draw_sum(struct deal *d, uint64_t *state)
{
	double sum = 0;

	for (unsigned i = 0; i < d->k; i++) {
		unsigned other = i + next_random(state) % (d->n - i);
		double value = d->values[other];

		d->values[other] = d->values[i];
		d->values[i] = value;
		sum += value;
	}
	return sum;
}

/* Every choice of `left` more out of those from `at` on. */
static void deal_all(bool *is_chosen, unsigned n, unsigned at, unsigned left, deal_func func,
		     void *data)
{
	if (!left) {
		func(is_chosen, data);
		return;
	}
	for (unsigned i = at; i + left <= n; i++) {
		is_chosen[i] = true;
		deal_all(is_chosen, n, i + 1, left - 1, func, data);
		is_chosen[i] = false;
	}
}

/* Knuth's selection sampling: each one in, by how many are wanted still of how many there are. */
static void deal_one(bool *is_chosen, unsigned n, unsigned k, uint64_t *state)
{
	for (unsigned i = 0; i < n; i++) {
		is_chosen[i] = next_random(state) % (n - i) < k;
		k -= is_chosen[i];
	}
}

void each_deal(unsigned n, unsigned k, deal_func func, void *data)
{
	g_autofree bool *is_chosen = g_new0(bool, n);
	uint64_t state = 1;

	if (splits(k, n - k) <= PERMUTATIONS_ALL) {
		deal_all(is_chosen, n, 0, k, func, data);
		return;
	}
	for (unsigned i = 0; i < k; i++)
		is_chosen[i] = true;
	func(is_chosen, data);
	for (unsigned i = 0; i < PERMUTATIONS_ALL; i++) {
		deal_one(is_chosen, n, k, &state);
		func(is_chosen, data);
	}
}

double permutation_p(struct sample a, struct sample b)
{
	struct sample few = a.n < b.n ? a : b, many = a.n < b.n ? b : a;
	g_autofree double *values = g_new(double, a.n + b.n);
	struct deal d = { .values = values, .n = a.n + b.n, .k = few.n };
	uint64_t state = 1;
	double size = 0;

	memcpy(values, few.values, few.n * sizeof(double));
	memcpy(values + few.n, many.values, many.n * sizeof(double));
	for (unsigned i = 0; i < d.n; i++) {
		d.sum += i < d.k ? values[i] : 0;
		size += fabs(values[i]);
	}
	d.slack = size * 1e-12;
	if (splits(a.n, b.n) <= PERMUTATIONS_ALL) {
		choose(&d, 0, d.k, 0);
	} else {
		see(&d, d.sum);
		for (unsigned i = 0; i < PERMUTATIONS_ALL; i++)
			see(&d, draw_sum(&d, &state));
	}
	return MIN(2 * MIN(d.below, d.above) / d.all, 1);
}
