/* SPDX-License-Identifier: MIT */
/* test_bt2_params.c - an analysis' own options as parameters of the sink. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>

#include <flightbox/analysis.h>

#include "plugin/sink-params.h"

struct values {
	bool yes;
	int top;
	fb_ns over, at;
	const char *name;
};

static const struct fb_option options[] = {
	{ "yes", "", offsetof(struct values, yes) },
	{ "top", "", offsetof(struct values, top), FB_OPTION_INT, "N", 10, .min = 1, .max = 1000 },
	{ "over", "", offsetof(struct values, over), FB_OPTION_DURATION, "D" },
	{ "at", "", offsetof(struct values, at), FB_OPTION_TIME, "T" },
	{ "name", "", offsetof(struct values, name), FB_OPTION_TEXT, "NAME" },
	{ NULL },
};

static const struct fb_analysis analysis = { .size = sizeof(struct values), .options = options };
static const struct fb_source_info info = { .begin = 5000000000, .end = 9000000000 };

/* What the sink makes of `map`, which is put away; NULL and `message` where it is refused. */
static struct values *read_params(bt_value *map, char **message)
{
	struct sink_params params = { 0 };
	struct values *v = fb_analysis_new(&analysis);
	GError *error = NULL;

	if (!sink_params_read(&params, map, &analysis, v, &error) ||
	    !sink_params_times(&params, v, &info, &error)) {
		*message = g_strdup(error->message);
		g_error_free(error);
		fb_analysis_free(&analysis, v);
		v = NULL;
	}
	sink_params_clear(&params);
	bt_value_put_ref(map);
	return v;
}

static void assert_refused(bt_value *map, const char *expected)
{
	g_autofree char *message = NULL;

	assert_null(read_params(map, &message));
	assert_string_equal(message, expected);
}

static void values_arrive_in_the_struct(void **state)
{
	bt_value *map = bt_value_map_create();
	g_autofree char *message = NULL;
	struct values *v;

	(void)state;
	bt_value_map_insert_bool_entry(map, "yes", BT_TRUE);
	bt_value_map_insert_unsigned_integer_entry(map, "top", 20);
	bt_value_map_insert_string_entry(map, "over", "5ms");
	bt_value_map_insert_string_entry(map, "at", "+1s");
	bt_value_map_insert_string_entry(map, "name", "read");
	v = read_params(map, &message);
	assert_non_null(v);
	assert_true(v->yes);
	assert_int_equal(v->top, 20);
	assert_int_equal(v->over, 5000000);
	assert_int_equal(v->at, 6000000000);
	assert_string_equal(v->name, "read");
	fb_analysis_free(&analysis, v);
}

static void numbers_may_be_texts_and_no_is_no(void **state)
{
	bt_value *map = bt_value_map_create();
	g_autofree char *message = NULL;
	struct values *v;

	(void)state;
	bt_value_map_insert_bool_entry(map, "yes", BT_FALSE);
	bt_value_map_insert_string_entry(map, "top", "30");
	v = read_params(map, &message);
	assert_non_null(v);
	assert_false(v->yes);
	assert_int_equal(v->top, 30);
	assert_int_equal(v->at, FB_NS_NONE);
	fb_analysis_free(&analysis, v);
}

static void what_makes_no_sense_is_refused(void **state)
{
	bt_value *map = bt_value_map_create();

	(void)state;
	bt_value_map_insert_signed_integer_entry(map, "top", -1);
	assert_refused(map, "parameter 'top': -1: expected a number from 1 to 1000");
	map = bt_value_map_create();
	bt_value_map_insert_bool_entry(map, "top", BT_TRUE);
	assert_refused(map, "parameter 'top': expected a number");
	map = bt_value_map_create();
	bt_value_map_insert_unsigned_integer_entry(map, "over", 5);
	assert_refused(map, "parameter 'over': expected a text");
	map = bt_value_map_create();
	bt_value_map_insert_string_entry(map, "over", "5");
	assert_refused(map, "parameter 'over': 5: expected a duration such as 10ms, 250us or 1.5s");
	map = bt_value_map_create();
	bt_value_map_insert_string_entry(map, "at", "noon");
	assert_refused(map, "parameter 'at': noon: expected a time such as 99500812873 (ns), +1.5s, "
			    "12:20:54.5 or \"2026-11-20 12:20:54\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_arrive_in_the_struct),
		cmocka_unit_test(numbers_may_be_texts_and_no_is_no),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
