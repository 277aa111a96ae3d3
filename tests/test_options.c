/* SPDX-License-Identifier: MIT */
/* test_options.c - the options of an analysis: texts in, members of its struct out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>

#include <flightbox/analysis.h>
#include <flightbox/error.h>

#include "run/option.h"

struct values {
	bool yes;
	int top, kind;
	fb_ns over, at;
	const char *name;
	uint64_t room;
	GArray *tids;
};

static const char *const kinds[] = { "task", "irq", NULL };

static const struct fb_option options[] = {
	{ "yes", "", offsetof(struct values, yes) },
	{ "top", "", offsetof(struct values, top), FB_OPTION_INT, "N", 10, .min = 1, .max = 1000 },
	{ "over", "", offsetof(struct values, over), FB_OPTION_DURATION, "D", 2000000 },
	{ "at", "", offsetof(struct values, at), FB_OPTION_TIME, "T" },
	{ "name", "", offsetof(struct values, name), FB_OPTION_TEXT, "NAME" },
	{ "kind", "", offsetof(struct values, kind), FB_OPTION_CHOICE, "KIND", -1,
	  .choices = kinds },
	{ "room", "", offsetof(struct values, room), FB_OPTION_SIZE, "SIZE", 5 },
	{ "tids", "", offsetof(struct values, tids), FB_OPTION_NUMBERS, "N,..." },
	{ NULL },
};

enum { YES, TOP, OVER, AT, NAME, KIND, ROOM, TIDS };

/* A trace that begins at 5 s by its clock. */
static const struct fb_source_info info = { .begin = 5000000000, .end = 9000000000 };

static void assert_taken(struct values *v, int option, const char *text)
{
	GError *error = NULL;

	if (!fb_option_set(&options[option], v, text, &error))
		fail_msg("%s", error->message);
}

static void assert_usage(bool ok, GError *error, const char *message)
{
	assert_false(ok);
	assert_int_equal(error->code, FB_ERROR_USAGE);
	assert_string_equal(error->message, message);
	g_error_free(error);
}

/* … and nothing is changed. */
static void assert_refused(int option, const char *text, const char *message)
{
	struct values v = { .top = 7, .over = 8, .kind = 9 };
	GError *error = NULL;
	bool ok = fb_option_set(&options[option], &v, text, &error);

	assert_usage(ok, error, message);
	assert_int_equal(v.top, 7);
	assert_int_equal(v.over, 8);
	assert_int_equal(v.kind, 9);
}

static void what_is_not_given_has_its_initial_value(void **state)
{
	struct values v = { 0 };

	(void)state;
	options_init(options, &v);
	assert_false(v.yes);
	assert_int_equal(v.top, 10);
	assert_int_equal(v.over, 2000000);
	assert_int_equal(v.at, FB_NS_NONE);
	assert_null(v.name);
	assert_int_equal(v.kind, -1);
	assert_int_equal(v.room, 5);
	assert_int_equal(v.tids->len, 0);
	options_clear(options, &v);
}

static void values_arrive_in_the_struct(void **state)
{
	struct values v = { 0 };

	(void)state;
	options_init(options, &v);
	assert_taken(&v, YES, NULL);
	assert_taken(&v, TOP, "1000");
	assert_taken(&v, OVER, "250us");
	assert_taken(&v, NAME, "lost");
	assert_taken(&v, NAME, "read");
	assert_taken(&v, KIND, "irq");
	assert_true(v.yes);
	assert_int_equal(v.top, 1000);
	assert_int_equal(v.over, 250000);
	assert_string_equal(v.name, "read");
	assert_int_equal(v.kind, 1);
	options_clear(options, &v);
}

static void sizes_are_in_powers_of_1024(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} sizes[] = { { "1", 1 }, { "64K", 65536 }, { "3M", 3 << 20 }, { "2g", UINT64_C(2) << 30 },
		      { "8589934591G", UINT64_C(8589934591) << 30 } };
	static const char *const none[] = { "", "0", "M", "-1", "1T", "1.5G", "8589934592G" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		struct values v = { 0 };

		assert_taken(&v, ROOM, sizes[i].text);
		assert_true(v.room == sizes[i].bytes);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(none); i++) {
		g_autofree char *message = g_strconcat(none[i], ": expected a size like 64M", NULL);

		assert_refused(ROOM, none[i], message);
	}
}

static void numbers_add_up(void **state)
{
	struct values v = { 0 };
	GError *error = NULL;
	bool ok;

	(void)state;
	options_init(options, &v);
	assert_taken(&v, TIDS, "502,504");
	assert_taken(&v, TIDS, "7");
	assert_int_equal(v.tids->len, 3);
	assert_int_equal(g_array_index(v.tids, int32_t, 1), 504);
	assert_int_equal(g_array_index(v.tids, int32_t, 2), 7);
	ok = fb_option_set(&options[TIDS], &v, "", &error);
	assert_usage(ok, error, ": expected a number");
	error = NULL;
	ok = fb_option_set(&options[TIDS], &v, "1,,2", &error);
	assert_usage(ok, error, ": expected a number");
	options_clear(options, &v);
}

static void times_are_those_of_begin(void **state)
{
	struct values v = { 0 };
	GError *error = NULL;
	bool ok = fb_option_set_time(&options[AT], &v, "+1.5s", FB_TIME_MONOTONIC, &info, &error);

	(void)state;
	assert_true(ok);
	assert_int_equal(v.at, 6500000000);
	ok = fb_option_set_time(&options[AT], &v, "noon", FB_TIME_MONOTONIC, &info, &error);
	assert_usage(ok, error,
		     "noon: expected a time such as 99500812873 (ns), +1.5s, 12:20:54.5 or "
		     "\"2026-11-20 12:20:54\"");
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const char *const numbers[] = { "0", "1001", "-1", "ten", "", "5ms", "99999999999" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		g_autofree char *message =
			g_strconcat(numbers[i], ": expected a number from 1 to 1000", NULL);

		assert_refused(TOP, numbers[i], message);
	}
	assert_refused(OVER, "10", "10: expected a duration such as 10ms, 250us or 1.5s");
	assert_refused(OVER, "10kB", "10kB: expected a duration such as 10ms, 250us or 1.5s");
	assert_refused(YES, "maybe", "maybe: expected yes or no");
	assert_refused(KIND, "disk", "disk: expected task or irq");
	assert_refused(KIND, "", ": expected task or irq");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_given_has_its_initial_value),
		cmocka_unit_test(values_arrive_in_the_struct),
		cmocka_unit_test(sizes_are_in_powers_of_1024),
		cmocka_unit_test(numbers_add_up),
		cmocka_unit_test(times_are_those_of_begin),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
