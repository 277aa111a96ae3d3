/* SPDX-License-Identifier: MIT */
/* test_times.c - times and durations to text and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include <flightbox/error.h>
#include <flightbox/source.h>
#include <flightbox/times.h>

/* 2026-11-20 12:20:56 UTC when the trace's clock stands at 95 s. */
static const struct fb_source_info info = {
	.clock_offset = INT64_C(1795177161000000000),
	.begin = INT64_C(95000000000),
	.end = INT64_C(105000000000),
};

static int use_new_york(void **state)
{
	(void)state;
	setenv("TZ", "EST5EDT,M3.2.0,M11.1.0", 1);
	tzset();
	return 0;
}

static void assert_form(fb_ns time, enum fb_time_form form, const char *expected)
{
	char text[FB_TIME_SIZE];

	assert_int_equal(fb_time_format(text, time, form, fb_source_clock(&info)), strlen(expected));
	assert_string_equal(text, expected);
}

static void every_form_is_written(void **state)
{
	(void)state;
	assert_form(95776089353, FB_TIME_MONOTONIC, "95776089353");
	assert_form(95776089353, FB_TIME_EPOCH, "1795177256776089353");
	assert_form(95776089353, FB_TIME_UTC, "2026-11-20 12:20:56.776089353");
	assert_form(95776089353, FB_TIME_LOCAL, "2026-11-20 07:20:56.776089353");
	assert_form(95776089353, FB_TIME_RELATIVE, "+0.776089353");
	assert_form(94999999999, FB_TIME_RELATIVE, "-0.000000001");
	assert_form(INT64_MIN + 1, FB_TIME_MONOTONIC, "-9223372036854775807");
}

static void every_form_is_read_back(void **state)
{
	(void)state;
	for (int form = FB_TIME_MONOTONIC; form <= FB_TIME_RELATIVE; form++) {
		const fb_ns times[] = { 95776089353, 95000000000, 104999999999, 94999999999 };

		for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
			char text[FB_TIME_SIZE];
			fb_ns time = 0;

			fb_time_format(text, times[i], form, fb_source_clock(&info));
			assert_true(fb_time_parse(text, form, fb_source_clock(&info), &time, NULL));
			assert_int_equal(time, times[i]);
		}
	}
}

static void assert_time(const char *text, enum fb_time_form form, fb_ns expected)
{
	GError *error = NULL;
	fb_ns time = 0;

	if (!fb_time_parse(text, form, fb_source_clock(&info), &time, &error))
		fail_msg("%s", error->message);
	assert_int_equal(time, expected);
}

static void people_write_times_shorter(void **state)
{
	(void)state;
	assert_time("+1.5s", FB_TIME_MONOTONIC, 96500000000);
	assert_time("+300ms", FB_TIME_MONOTONIC, 95300000000);
	assert_time("+2", FB_TIME_MONOTONIC, 97000000000);
	assert_time("07:20:58", FB_TIME_MONOTONIC, 97000000000);
	assert_time("12:20:58.25Z", FB_TIME_MONOTONIC, 97250000000);
	assert_time("12:20:58", FB_TIME_UTC, 97000000000);
	assert_time("2026-11-20T12:20:58Z", FB_TIME_LOCAL, 97000000000);
	assert_time("2026-11-20 07:20:58.0000000019", FB_TIME_LOCAL, 97000000001);
}

static void a_bare_number_is_the_reading_nearer_to_the_trace(void **state)
{
	(void)state;
	assert_time("0", FB_TIME_MONOTONIC, 0);
	assert_time("96000000000", FB_TIME_EPOCH, 96000000000);
	assert_time("1795177257000000000", FB_TIME_MONOTONIC, 96000000000);
}

static void assert_bad_time(const char *text)
{
	g_autofree char *message = g_strdup_printf(
		"%s: expected a time such as 99500812873 (ns), +1.5s, 12:20:54.5 or "
		"\"2026-11-20 12:20:54\"",
		text);
	GError *error = NULL;
	fb_ns time = 7;

	if (fb_time_parse(text, FB_TIME_UTC, fb_source_clock(&info), &time, &error))
		fail_msg("%s was read as %" G_GINT64_FORMAT, text, time);
	assert_true(g_error_matches(error, FB_ERROR, FB_ERROR_USAGE));
	assert_string_equal(error->message, message);
	assert_int_equal(time, 7);
	g_error_free(error);
}

static void what_is_no_time_is_told(void **state)
{
	static const char *const bad[] = {
		"", "x", "12.5", "+", "+1parsec", "+-1s", "12:20", "12:20:", "25:00:00", "12:60:00",
		"12:20:61", "12:20:58x", "2026-11-20", "2026-02-30 12:00:00", "2026-13-01 12:00:00",
		"99999999999999999999", "+99999999999999999999s", "9999-01-01 00:00:00", "12:20:5 8",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_bad_time(bad[i]);
}

static void durations_have_units(void **state)
{
	static const struct {
		const char *text;
		fb_ns ns;
	} good[] = {
		{ "100ns", 100 },          { "250us", 250000 },     { "250µs", 250000 },
		{ "10ms", 10000000 },      { "1.5s", 1500000000 },  { "0.000000001s", 1 },
		{ "2min", 120000000000 },  { "1h", 3600000000000 }, { "0", 0 },
		{ "1.9999999999ns", 1 },   { "10 ms", 10000000 },
	};
	static const char *const bad[] = {
		"", "10", "10parsecs", "ms", "-1ms", "1.ms", ".5s", "1..5s", "1e3s", "1,5s",
		"9999999999999999999ns", "99999999999s",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
		fb_ns ns = -1;

		if (!fb_duration_parse(good[i].text, &ns, NULL))
			fail_msg("%s was not read", good[i].text);
		assert_int_equal(ns, good[i].ns);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		fb_ns ns = 7;

		if (fb_duration_parse(bad[i], &ns, NULL) || ns != 7)
			fail_msg("%s was read", bad[i]);
	}
}

static void a_bad_duration_is_told_with_examples(void **state)
{
	GError *error = NULL;
	fb_ns ns;

	(void)state;
	assert_false(fb_duration_parse("10parsecs", &ns, &error));
	assert_string_equal(error->message,
			    "10parsecs: expected a duration such as 10ms, 250us or 1.5s");
	g_error_free(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_written),
		cmocka_unit_test(every_form_is_read_back),
		cmocka_unit_test(people_write_times_shorter),
		cmocka_unit_test(a_bare_number_is_the_reading_nearer_to_the_trace),
		cmocka_unit_test(what_is_no_time_is_told),
		cmocka_unit_test(durations_have_units),
		cmocka_unit_test(a_bad_duration_is_told_with_examples),
	};

	return cmocka_run_group_tests(tests, use_new_york, NULL);
}
