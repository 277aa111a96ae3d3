/* SPDX-License-Identifier: MIT */
/* test_stats.c - what many durations have in common. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <glib.h>

#include <flightbox/stats.h>

static int compare(const void *a, const void *b)
{
	fb_ns x = *(const fb_ns *)a, y = *(const fb_ns *)b;

	return x < y ? -1 : x > y;
}

/* Durations from nanoseconds to hours, as many short as long ones. */
static fb_ns any_duration(GRand *rand)
{
	return (fb_ns)(((uint64_t)g_rand_int(rand) << 12 | 1) >> g_rand_int_range(rand, 0, 43));
}

static void percentiles_are_within_one_percent(void **state)
{
	static const double percents[] = { 0, 1, 50, 95, 99, 99.9, 100 };
	g_autofree struct fb_stats *s = g_new0(struct fb_stats, 1);
	fb_ns all[10000];
	GRand *rand = g_rand_new_with_seed(1);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
		all[i] = any_duration(rand);
		fb_stats_add(s, all[i]);
	}
	g_rand_free(rand);
	qsort(all, G_N_ELEMENTS(all), sizeof(*all), compare);
	for (size_t i = 0; i < G_N_ELEMENTS(percents); i++) {
		size_t rank = MAX(percents[i] * G_N_ELEMENTS(all) / 100, 1);
		fb_ns exact = all[rank - 1], found = fb_stats_percentile(s, percents[i]);

		if (llabs(found - exact) * 100 > exact)
			fail_msg("p%g: %ld instead of %ld", percents[i], found, exact);
	}
	assert_int_equal(s->min, all[0]);
	assert_int_equal(s->max, all[G_N_ELEMENTS(all) - 1]);
}

static void a_few_durations_have_exact_percentiles(void **state)
{
	g_autofree struct fb_stats *s = g_new0(struct fb_stats, 1);

	(void)state;
	for (fb_ns i = FB_STATS_EXACT; i > 0; i--)
		fb_stats_add(s, i * 1000003);
	assert_int_equal(fb_stats_percentile(s, 50), 50 * 1000003);
	assert_int_equal(fb_stats_percentile(s, 95), 95 * 1000003);
	assert_int_equal(fb_stats_percentile(s, 99.5), 100 * 1000003);
}

static void deviation_is_that_of_a_sample(void **state)
{
	static const fb_ns durations[] = { 2, 4, 4, 4, 5, 5, 7, 9 };
	g_autofree struct fb_stats *s = g_new0(struct fb_stats, 1);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(durations); i++)
		fb_stats_add(s, durations[i] * 1000);
	assert_int_equal(s->n, 8);
	assert_int_equal(s->sum, 40000);
	assert_int_equal(fb_stats_mean(s), 5000);
	assert_int_equal(fb_stats_deviation(s), 2138);
}

static void deviation_of_long_durations_that_differ_little_is_exact(void **state)
{
	g_autofree struct fb_stats *s = g_new0(struct fb_stats, 1);
	const fb_ns day = INT64_C(86400000000000);

	(void)state;
	for (int i = 0; i < 100; i++)
		fb_stats_add(s, 1000 * day + (i % 2 ? 7 : -7));
	assert_int_equal(fb_stats_mean(s), 1000 * day);
	assert_int_equal(fb_stats_deviation(s), 7);
}

static void mean_is_rounded(void **state)
{
	static const struct {
		fb_ns first, second, third, mean;
	} cases[] = { { 1, 1, 2, 1 }, { 1, 2, 2, 2 }, { 0, 0, 1, 0 }, { 5, 5, 5, 5 } };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree struct fb_stats *s = g_new0(struct fb_stats, 1);

		fb_stats_add(s, cases[i].first);
		fb_stats_add(s, cases[i].second);
		fb_stats_add(s, cases[i].third);
		assert_int_equal(fb_stats_mean(s), cases[i].mean);
	}
}

static void half_a_nanosecond_of_mean_is_rounded_up(void **state)
{
	g_autofree struct fb_stats *s = g_new0(struct fb_stats, 1);

	(void)state;
	fb_stats_add(s, 2);
	fb_stats_add(s, 3);
	assert_int_equal(fb_stats_mean(s), 3);
}

static void none_and_one_have_no_deviation(void **state)
{
	g_autofree struct fb_stats *s = g_new0(struct fb_stats, 1);

	(void)state;
	assert_int_equal(fb_stats_percentile(s, 50), FB_NS_NONE);
	assert_int_equal(fb_stats_mean(s), FB_NS_NONE);
	assert_int_equal(fb_stats_deviation(s), FB_NS_NONE);
	fb_stats_add(s, INT64_MAX);
	assert_int_equal(fb_stats_mean(s), INT64_MAX);
	assert_int_equal(fb_stats_percentile(s, 50), INT64_MAX);
	assert_int_equal(fb_stats_deviation(s), FB_NS_NONE);
}

static void every_bucket_holds_its_middle_and_follows_the_one_before(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < FB_STATS_BUCKETS; i++) {
		assert_int_equal(fb_stats_bucket(fb_stats_bucket_middle(i)), i);
		assert_true(!i || fb_stats_bucket_middle(i) > fb_stats_bucket_middle(i - 1));
	}
	assert_int_equal(fb_stats_bucket(-1), 0);
	assert_int_equal(fb_stats_bucket(INT64_MAX), FB_STATS_BUCKETS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_are_within_one_percent),
		cmocka_unit_test(a_few_durations_have_exact_percentiles),
		cmocka_unit_test(deviation_is_that_of_a_sample),
		cmocka_unit_test(deviation_of_long_durations_that_differ_little_is_exact),
		cmocka_unit_test(mean_is_rounded),
		cmocka_unit_test(half_a_nanosecond_of_mean_is_rounded_up),
		cmocka_unit_test(every_bucket_holds_its_middle_and_follows_the_one_before),
		cmocka_unit_test(none_and_one_have_no_deviation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
