/* SPDX-License-Identifier: MIT */
/* test_bt2_params.c - an analysis' own options as parameters of the sink. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>

#include <flightbox/analysis.h>

#include "plugin/params.h"

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

#define PARTS (ASK_TASKS | ASK_WAITS | ASK_ALL | ASK_ROWS | ASK_LOOKS)

/* What a component makes of `map`, which is put away; NULL and `message` where it is refused. */
static struct values *read_query(struct query *q, bt_value *map, char **message)
{
	struct values *v = fb_analysis_new(&analysis);
	GError *error = NULL;

	query_init(q, PARTS, options, v, &query_style_parameter);
	if (!params_read(q, map, &error) || !query_times(q, &info, &error)) {
		*message = g_strdup(error->message);
		g_error_free(error);
		fb_analysis_free(&analysis, v);
		v = NULL;
	}
	bt_value_put_ref(map);
	return v;
}

static struct values *read_params(bt_value *map, char **message)
{
	struct query q;
	struct values *v = read_query(&q, map, message);

	query_clear(&q);
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
	assert_refused(map, "parameter 'over': 5: expected a duration such as 10ms, 250us or 1.5s");
	map = bt_value_map_create();
	bt_value_map_insert_bool_entry(map, "name", BT_TRUE);
	assert_refused(map, "parameter 'name': expected a text");
	map = bt_value_map_create();
	bt_value_map_insert_real_entry(map, "yes", 1);
	assert_refused(map, "parameter 'yes': expected yes or no");
	map = bt_value_map_create();
	bt_value_map_insert_string_entry(map, "over", "5");
	assert_refused(map, "parameter 'over': 5: expected a duration such as 10ms, 250us or 1.5s");
	map = bt_value_map_create();
	bt_value_map_insert_string_entry(map, "at", "noon");
	assert_refused(map, "parameter 'at': noon: expected a time such as 99500812873 (ns), +1.5s, "
			    "12:20:54.5 or \"2026-11-20 12:20:54\"");
}

static void lists_are_numbers_texts_or_arrays_of_them(void **state)
{
	bt_value *map = bt_value_map_create(), *array = NULL;
	g_autofree char *message = NULL;
	struct values *v;
	struct query q;

	(void)state;
	bt_value_map_insert_string_entry(map, "tid", "502,504");
	assert_int_equal(bt_value_map_insert_empty_array_entry(map, "pid", &array), 0);
	bt_value_array_append_unsigned_integer_element(array, 7);
	bt_value_array_append_signed_integer_element(array, 8);
	bt_value_array_append_string_element(array, "9,10");
	v = read_query(&q, map, &message);
	assert_non_null(v);
	assert_int_equal(q.filter.n_tids, 2);
	assert_int_equal(q.filter.tids[0], 502);
	assert_int_equal(q.filter.tids[1], 504);
	assert_int_equal(q.filter.n_pids, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(q.filter.pids[i], 7 + i);
	fb_analysis_free(&analysis, v);
	query_clear(&q);
}

/* ---- the same as the command ------------------------------------------------------------- */

/* What is behind the option's name in the message, or NULL where all is well. */
static char *ask(const char *name, const char *text, bool by_param)
{
	struct values v = { 0 };
	g_autofree char *prefix = g_strdup_printf(by_param ? "parameter '%s': " : "--%s ", name);
	bt_value *map = bt_value_map_create();
	GError *error = NULL;
	char *message = NULL;
	struct query q;
	bool ok;

	query_init(&q, PARTS, options, &v,
		   by_param ? &query_style_parameter : &query_style_command);
	bt_value_map_insert_string_entry(map, name, text);
	ok = by_param ? params_read(&q, map, &error) :
			query_set(&q, query_find(&q, name), text, &error);
	if (!(ok && query_times(&q, &info, &error))) {
		assert_true(g_str_has_prefix(error->message, prefix));
		message = g_strdup(error->message + strlen(prefix));
		g_error_free(error);
	}
	bt_value_put_ref(map);
	query_clear(&q);
	g_free((char *)v.name);
	return message;
}

static void command_and_components_refuse_the_same_in_the_same_words(void **state)
{
	static const char *const texts[] = { "",	"0",	 "7",	 "-1",	   "1e3",  "nc",
					     "5,,6",	"5,6",	 "10ms", "+1s",	   "noon", "text",
					     "csv",	"dot",	 "utc",	 "always", "yes",  "no",
					     "99999999999", "nc*" };
	struct values v = { 0 };
	struct query q;
	guint refused = 0, taken = 0;

	(void)state;
	query_init(&q, PARTS, options, &v, &query_style_command);
	for (guint i = 0; i < q.options->len; i++) {
		const char *name = g_array_index(q.options, struct query_option, i).row->name;

		for (size_t k = 0; k < G_N_ELEMENTS(texts); k++) {
			g_autofree char *by_option = ask(name, texts[k], false);
			g_autofree char *by_param = ask(name, texts[k], true);

			if (g_strcmp0(by_option, by_param))
				fail_msg("%s=%s: '%s' and '%s'", name, texts[k], by_option, by_param);
			if (by_option)
				refused++;
			else
				taken++;
		}
	}
	assert_true(refused > 100 && taken > 50);
	query_clear(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_arrive_in_the_struct),
		cmocka_unit_test(numbers_may_be_texts_and_no_is_no),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(lists_are_numbers_texts_or_arrays_of_them),
		cmocka_unit_test(command_and_components_refuse_the_same_in_the_same_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
