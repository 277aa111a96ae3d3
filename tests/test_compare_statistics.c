/* SPDX-License-Identifier: MIT */
/*
 * test_compare_statistics.c - tests of difference against published tables and examples, against R's
 * documented results, and against small cases counted out by hand.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>

#include "compare/statistics.h"

#define SAMPLE(...) \
	((struct sample){ (const double[]){ __VA_ARGS__ }, \
			  G_N_ELEMENTS(((const double[]){ __VA_ARGS__ })) })

static void assert_near(double found, double expected, double by)
{
	if (fabs(found - expected) > by)
		fail_msg("%.9g, expected %.9g", found, expected);
}

/* 1 to n + m, dealt out so that `u` pairs have the higher value in `b`. */
struct dealt {
	double a[32], b[32];
	unsigned n;
};

static void deal(struct dealt *d, unsigned n, unsigned u)
{
	double next = 1;
	unsigned a = 0;

	d->n = n;
	/* The values of `b`, from the lowest: each is above as many of `a` as `u` still asks for. */
	for (unsigned i = 0; i < n; i++) {
		unsigned left = n - i, below = u > (left - 1) * n ? u - (left - 1) * n : 0;

		for (; a < below; a++)
			d->a[a] = next++;
		d->b[i] = next++;
		u -= below;
	}
	while (a < n)
		d->a[a++] = next++;
}

static double p_of_u(unsigned n, unsigned u)
{
	struct dealt d;
	struct sample a = { d.a, n }, b = { d.b, n };

	deal(&d, n, u);
	assert_near(mann_whitney_u(a, b), u, 0);
	return mann_whitney_p(a, b);
}

/* The table in Siegel, Nonparametric Statistics, K, and in many other books: the greatest U of two sides of n. */
static void critical_values_are_those_of_the_table(void **state)
{
	static const struct {
		unsigned n, at_5, at_1;
	} table[] = {
		{ 5, 2, 0 }, { 6, 5, 2 }, { 7, 8, 4 }, { 8, 13, 7 }, { 9, 17, 11 },
		{ 10, 23, 16 }, { 12, 37, 27 }, { 15, 64, 51 }, { 20, 127, 105 },
	};

	(void)state;
	assert_true(p_of_u(4, 0) <= 0.05 && p_of_u(4, 1) > 0.05);
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		unsigned n = table[i].n;

		assert_true(p_of_u(n, table[i].at_5) <= 0.05);
		assert_true(p_of_u(n, table[i].at_5 + 1) > 0.05);
		assert_true(p_of_u(n, table[i].at_1) <= 0.01);
		assert_true(p_of_u(n, table[i].at_1 + 1) > 0.01);
		/* From the other end it is the same. */
		assert_near(p_of_u(n, n * n - table[i].at_5), p_of_u(n, table[i].at_5), 1e-12);
	}
}

/* Hollander and Wolfe, Nonparametric Statistical Methods, table 4.1, also R's ?wilcox.test: W = 35, one-sided p = 0.1272. */
static const double at_term[] = { 0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46 };
static const double early[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };
static const struct sample chorion_b = { at_term, 10 }, chorion_a = { early, 5 };

static void exact_p_is_that_of_the_textbook(void **state)
{
	(void)state;
	assert_near(mann_whitney_u(chorion_a, chorion_b), 35, 0);
	assert_near(mann_whitney_p(chorion_a, chorion_b), 2 * 0.1272, 1e-4);
	assert_near(mann_whitney_p(chorion_b, chorion_a), 2 * 0.1272, 1e-4);
}

/* Of 6 ways to choose 2 of the ranks 1, 2.5, 2.5, 4, 1 + 2.5 comes twice and is the lowest sum. */
static void ties_are_counted_out(void **state)
{
	(void)state;
	assert_near(mann_whitney_p(SAMPLE(1, 2), SAMPLE(2, 3)), 2.0 * 2 / 6, 1e-12);
	assert_near(mann_whitney_p(SAMPLE(5, 5, 5), SAMPLE(5, 5)), 1, 0);
	/* 5 zeros on one side, 5 on the other that are none: ranks 3 and 8, 2 of C(10, 5) ways. */
	assert_near(mann_whitney_p(SAMPLE(0, 0, 0, 0, 0), SAMPLE(7, 7, 7, 7, 7)), 2.0 / 252, 1e-12);
	/* One zero went over: ranks 3 (five times) and 8: choose 4 threes and an eight, 25 ways, or 5 threes. */
	assert_near(mann_whitney_p(SAMPLE(0, 0, 0, 0, 7), SAMPLE(0, 7, 7, 7, 7)), 2.0 * 26 / 252, 1e-12);
}

/* R's ?wilcox.test: airquality, ozone in May against August, W = 127.5, p-value = 0.0001208. */
static void normal_p_is_that_of_r(void **state)
{
	const struct sample may = SAMPLE(41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34,
					 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37);
	const struct sample august = SAMPLE(39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59,
					    23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85);

	(void)state;
	assert_int_equal(may.n + august.n, 52);
	assert_near(mann_whitney_u(august, may), 127.5, 0);
	assert_near(mann_whitney_p(may, august), 0.0001208, 5e-8);
	assert_near(mann_whitney_p(august, may), 0.0001208, 5e-8);
}

/*
 * 20 and 20 values are the last that are counted, 21 and 21 the first that are not: as far from
 * the middle, in deviations of U, the p is the same but for what rounding U gives.
 */
static void normal_p_goes_on_from_the_exact_one(void **state)
{
	const double deviation = sqrt(20 * 20 * 41 / 12.0), wider = sqrt(21 * 21 * 43 / 12.0);

	(void)state;
	for (unsigned u = 90; u <= 190; u += 10)
		assert_near(p_of_u(21, lrint(220.5 - (200 - u) / deviation * wider)),
			    p_of_u(20, u), 0.01);
}

static void permutations_are_counted_out(void **state)
{
	(void)state;
	/* 1 + 2 + 3 is the only lowest sum of three. */
	assert_near(permutation_p(SAMPLE(1, 2, 3), SAMPLE(4, 5, 9)), 2.0 / 20, 1e-12);
	/* 8 or lower: 1 2 3, 1 2 4, 1 2 5, 1 3 4. */
	assert_near(permutation_p(SAMPLE(1, 2, 5), SAMPLE(3, 4, 9)), 2.0 * 4 / 20, 1e-12);
	/* All ways give the same. */
	assert_near(permutation_p(SAMPLE(3, 3), SAMPLE(3, 3)), 1, 0);
	/* Sides of one and three: the highest of four alone. */
	assert_near(permutation_p(SAMPLE(8), SAMPLE(1, 2, 3)), 2.0 / 4, 1e-12);
	/* Which side is which makes no difference. */
	assert_near(permutation_p(SAMPLE(3, 4, 9), SAMPLE(1, 2, 5)), 2.0 * 4 / 20, 1e-12);
}

/*
 * Efron and Tibshirani, An Introduction to the Bootstrap, table 2.1: mice, 7 treated and 9
 * not. Their 1000 permutations gave a one-sided level of 0.132.
 */
static void permutations_are_near_the_textbook(void **state)
{
	const struct sample treated = SAMPLE(94, 197, 16, 38, 99, 141, 23);
	const struct sample control = SAMPLE(52, 104, 146, 10, 51, 30, 40, 27, 46);

	(void)state;
	assert_near(permutation_p(control, treated) / 2, 0.132, 3 * sqrt(0.132 * 0.868 / 1000));
}

/* 4 runs against 60 are dealt out in 635 376 ways, of which 20 000 are drawn. */
static void drawn_permutations_are_near_all(void **state)
{
	double many[60], few[] = { 55, 57, 58, 60.5 }, low[] = { -1, -2, -3, -4 };
	double p, sum_p = 0;
	unsigned below = 0;

	(void)state;
	for (unsigned i = 0; i < 60; i++)
		many[i] = i;
	p = permutation_p((struct sample){ many, 60 }, (struct sample){ few, 4 });
	assert_true(p == permutation_p((struct sample){ many, 60 }, (struct sample){ few, 4 }));
	/* All ways, the few being chosen among 64 one by one. */
	for (unsigned i = 0; i < 64; i++)
		for (unsigned k = 0; k < i; k++)
			for (unsigned l = 0; l < k; l++)
				for (unsigned j = 0; j < l; j++) {
					const unsigned at[] = { i, k, l, j };
					double sum = 0;

					for (unsigned x = 0; x < 4; x++)
						sum += at[x] < 60 ? many[at[x]] : few[at[x] - 60];
					below += sum >= 55 + 57 + 58 + 60.5;
				}
	sum_p = 2 * below / 635376.0;
	assert_near(p, sum_p, 4 * 2 * sqrt(sum_p / 2 / PERMUTATIONS_ALL));
	/* Nothing drawn can be surer than one in all that were seen. */
	assert_near(permutation_p((struct sample){ many, 60 }, (struct sample){ low, 4 }),
		    smallest_p(60, 4), 1e-3);
	assert_near(smallest_p(60, 4), 2.0 / 20001, 1e-12);
}

static void runs_needed_are_those_that_suffice(void **state)
{
	(void)state;
	assert_near(splits(4, 4), 70, 0);
	assert_near(splits(8, 8), 12870, 0);
	assert_near(splits(3, 7), 120, 0);
	assert_near(smallest_p(4, 4), 2.0 / 70, 1e-12);
	assert_near(smallest_p(8, 8), 2.0 / 12870, 1e-12);
	assert_near(smallest_p(1, 1), 1, 0);
	assert_near(smallest_p(0, 3), 1, 0);
	/* 3 and 3: 2 / 20 = 0.1; 4 and 4: 0.0286; 5 and 5: 0.0079, for 6 tests; 8 and 8 for 321. */
	assert_int_equal(runs_needed(0.05, 0), 4);
	assert_int_equal(runs_needed(0.05, 1), 4);
	assert_int_equal(runs_needed(0.05, 2), 5);
	assert_int_equal(runs_needed(0.05, 6), 5);
	assert_int_equal(runs_needed(0.05, 7), 6);
	assert_int_equal(runs_needed(0.05, 321), 8);
	assert_int_equal(runs_needed(0.05, 322), 9);
	/* What is attained by the test itself where both sides are apart. */
	assert_near(difference_p(SAMPLE(1, 2, 3, 4), SAMPLE(5, 6, 7, 8)), smallest_p(4, 4), 1e-12);
	assert_near(difference_p(SAMPLE(1, 2, 3, 4, 5, 6), SAMPLE(17, 16, 15, 18, 19, 20)),
		    smallest_p(6, 6), 1e-12);
}

/* R: p.adjust(c(0.01, 0.02, 0.03, 0.04), "holm") is 0.04 0.06 0.06 0.06, in any order. */
static void holm_is_that_of_r(void **state)
{
	const double p[] = { 0.03, 0.01, 0.04, 0.02 }, high[] = { 0.5, 0.9, 0.004 };
	double adjusted[4];

	(void)state;
	holm(p, adjusted, 4);
	assert_near(adjusted[1], 0.04, 1e-12);
	assert_near(adjusted[3], 0.06, 1e-12);
	assert_near(adjusted[0], 0.06, 1e-12);
	assert_near(adjusted[2], 0.06, 1e-12);
	holm(high, adjusted, 3);
	assert_near(adjusted[2], 0.012, 1e-12);
	assert_near(adjusted[0], 1, 0);
	assert_near(adjusted[1], 1, 0);
	holm(NULL, NULL, 0);
}

static void effects_are_counted_out(void **state)
{
	(void)state;
	assert_near(sample_median(SAMPLE(9, 1, 5)), 5, 0);
	assert_near(sample_median(SAMPLE(9, 1, 5, 6)), 5.5, 0);
	assert_near(cliffs_delta(SAMPLE(1, 2), SAMPLE(3, 4)), 1, 0);
	assert_near(cliffs_delta(SAMPLE(3, 4), SAMPLE(1, 2)), -1, 0);
	/* 1<2, 1<4, 3>2, 3<4: three of four. */
	assert_near(cliffs_delta(SAMPLE(1, 3), SAMPLE(2, 4)), 0.5, 0);
	assert_near(cliffs_delta(SAMPLE(1, 1), SAMPLE(1)), 0, 0);
}

static struct shift shift_of(struct sample a, struct sample b)
{
	const struct shift_order order = shift_order(a.n, b.n, 0.95);

	return sample_shift(a, b, &order);
}

/* Hollander and Wolfe, examples 4.3 and 4.5: 0.305, and from -0.15 to 0.76 at 96 %. */
static void shift_is_that_of_the_textbook(void **state)
{
	struct shift s = shift_of(chorion_a, chorion_b);

	(void)state;
	assert_near(s.estimate, 0.305, 1e-9);
	assert_near(s.low, -0.15, 1e-9);
	assert_near(s.high, 0.76, 1e-9);
	assert_near(s.level, 0.96, 0.005);
}

static void few_runs_tell_what_level_they_reach(void **state)
{
	struct shift s = shift_of(SAMPLE(1, 2), SAMPLE(11, 14));
	double a[21], b[21];

	(void)state;
	/* Differences 9, 10, 12, 13; outside of them in 2 of 6 cases. */
	assert_near(s.estimate, 11, 1e-12);
	assert_near(s.low, 9, 0);
	assert_near(s.high, 13, 0);
	assert_near(s.level, 1 - 2.0 / 6, 1e-12);
	s = shift_of(SAMPLE(3), SAMPLE(5));
	assert_near(s.level, 0, 1e-12);
	/* The table's U of 8 and 8 is 13: the 14th difference from either end. */
	for (unsigned i = 0; i < 8; i++) {
		a[i] = i * 8;
		b[i] = 1000 + i;
	}
	/* Differences are 944 to 1007, each once. */
	s = shift_of((struct sample){ a, 8 }, (struct sample){ b, 8 });
	assert_near(s.low, 944 + 13, 0);
	assert_near(s.high, 1007 - 13, 0);
	assert_true(s.level >= 0.95 && s.level < 0.97);
	/* Of more values by the normal distribution: Conover's table A7 has 127 + 1 of 20 and 20, 21 needs some more. */
	for (unsigned i = 0; i < 21; i++) {
		a[i] = i * 21;
		b[i] = 1000 + i;
	}
	s = shift_of((struct sample){ a, 21 }, (struct sample){ b, 21 });
	assert_near(s.low - (1000 - 420), 142, 1);
	assert_true(s.level >= 0.95 && s.level < 0.96);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(critical_values_are_those_of_the_table),
		cmocka_unit_test(exact_p_is_that_of_the_textbook),
		cmocka_unit_test(ties_are_counted_out),
		cmocka_unit_test(normal_p_is_that_of_r),
		cmocka_unit_test(normal_p_goes_on_from_the_exact_one),
		cmocka_unit_test(permutations_are_counted_out),
		cmocka_unit_test(permutations_are_near_the_textbook),
		cmocka_unit_test(drawn_permutations_are_near_all),
		cmocka_unit_test(runs_needed_are_those_that_suffice),
		cmocka_unit_test(holm_is_that_of_r),
		cmocka_unit_test(effects_are_counted_out),
		cmocka_unit_test(shift_is_that_of_the_textbook),
		cmocka_unit_test(few_runs_tell_what_level_they_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
