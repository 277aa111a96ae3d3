/* SPDX-License-Identifier: MIT */
/*
 * test_bt2_filter.c - the waits that filter.flightbox.blocking hands out, written by
 * sink.ctf.fs and read back by babeltrace2, are the rows of the jsonl report.
 *
 * babeltrace2's text of an event is turned into the row:
 *
 *	{ tid = 7, exe = "-", cause = { kind = "irq", …, task = { tid = -1, … } }, … }
 *	{"type":"blocking","tid":7,"exe":null,"cause":{"kind":"irq",…,"task":null},…}
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bt2_run.h"
#include "traces.h"

/* ---- from babeltrace2's text to a row ---------------------------------------------------- */

/* From the opening quote to behind the closing one. */
static const char *behind_text(const char *at)
{
	for (at++; *at && *at != '"'; at++)
		at += *at == '\\' && at[1];
	return at + (*at == '"');
}

/* "begin wake" is ["begin","wake"], and "-" none. */
static void append_words(GString *json, const char *text)
{
	g_autofree char *words = g_strndup(text + 1, strlen(text) - 2);
	g_auto(GStrv) split = g_strsplit(words, " ", -1);
	g_autofree char *joined = g_strjoinv("\",\"", split);

	if (!strcmp(words, "-"))
		g_string_append(json, "[]");
	else
		g_string_append_printf(json, "[\"%s\"]", joined);
}

static void append_scalar(GString *json, const char *name, const char *value, size_t length)
{
	g_autofree char *text = g_strndup(value, length);

	if (!strcmp(name, "doubt"))
		append_words(json, text);
	else if (!strcmp(text, "-1") || !strcmp(text, "\"-\"") || !strcmp(text, "0x0"))
		g_string_append(json, "null");
	else if (!strcmp(name, "inline") || !strcmp(name, "early"))
		g_string_append(json, strcmp(text, "0") ? "true" : "false");
	else if (g_str_has_prefix(text, "0x"))
		g_string_append_printf(json, "\"0x%" G_GINT64_MODIFIER "x\"",
				       g_ascii_strtoull(text, NULL, 16));
	else
		g_string_append(json, text);
}

/* Appends the members of the structure that begins at the brace; returns what is behind it. */
static const char *append_object(GString *json, const char *at)
{
	gsize begin = json->len;
	bool is_null = false;

	g_string_append_c(json, '{');
	for (at += 2; *at != '}';) {
		g_autofree char *name = g_strndup(at, strcspn(at, " "));
		const char *value = at + strlen(name) + 3, *end;
		gsize from;

		g_string_append_printf(json, "%s\"%s\":", json->len > begin + 1 ? "," : "", name);
		from = json->len;
		if (*value == '{') {
			end = append_object(json, value);
		} else {
			end = *value == '"' ? behind_text(value) : value + strcspn(value, ", ");
			append_scalar(json, name, value, end - value);
		}
		/* An object whose first member is null is null itself. */
		if (from == begin + strlen(name) + 4)
			is_null = !strcmp(json->str + from, "null");
		at = end + (*end == ',') + 1;
	}
	g_string_append_c(json, '}');
	if (is_null) {
		g_string_truncate(json, begin);
		g_string_append(json, "null");
	}
	return at + 1;
}

/* [1795177256.489891491] rigvm flightbox:blocking: { … } */
static char *row_of(const char *line, int64_t *time)
{
	const char *fields = strstr(line, " flightbox:blocking: { ");
	GString *json = g_string_new(NULL);
	char *point;

	if (!fields)
		fail_msg("unexpected line: %s", line);
	*time = g_ascii_strtoll(line + 1, &point, 10) * 1000000000;
	*time += g_ascii_strtoll(point + 1, NULL, 10);
	append_object(json, strchr(fields, '{'));
	g_string_insert(json, 1, "\"type\":\"blocking\",");
	return g_string_free(json, FALSE);
}

/* ---- the three programs ------------------------------------------------------------------ */

/* A directory of its own, which remove_dir() removes. */
static char *make_dir(void)
{
	char *dir = g_dir_make_tmp("flightbox-test-XXXXXX", NULL);

	assert_non_null(dir);
	return dir;
}

static void remove_dir(const char *dir)
{
	g_autofree char *command = g_strdup_printf("rm -r %s", dir);

	assert_int_equal(system(command), 0);
}

/* Writes the waits of `inputs` below `dir` and gives the lines that babeltrace2 reads there. */
static char **waits_of(const char *source, const char *inputs, const char *filter, const char *dir)
{
	g_autofree char *component = g_strconcat("--component=s:", source, NULL);
	g_autofree char *path = g_strdup_printf("path=\"%s/waits\"", dir);
	g_autofree char *back = g_build_filename(dir, "waits", NULL);
	g_autofree char *text = NULL;

	g_free(bt2_print((const char *const[]){
		"run", component, "--params", inputs, "--component=m:filter.utils.muxer",
		"--component=f:filter.flightbox.blocking", "--params", filter,
		"--component=k:sink.ctf.fs", "--params", path, "--connect=s:m", "--connect=m:f",
		"--connect=f:k", NULL }));
	text = bt2_print((const char *const[]){ back, "--no-delta", "--clock-seconds", NULL });
	return g_strsplit(g_strchomp(text), "\n", -1);
}

/* The lines of the jsonl report between its first and its last. */
static char **rows_of(const char *path, const char *options)
{
	const char *program = g_getenv("FLIGHTBOX");
	g_autofree char *command =
		g_strdup_printf("%s blocking --format jsonl %s %s",
				program ? program : "build/flightbox", options, path);
	g_autofree char *out = NULL, *end = NULL;
	char *first;

	assert_true(g_spawn_command_line_sync(command, &out, NULL, NULL, NULL));
	first = strchr(out, '\n') + 1;
	end = g_strdup(first);
	*g_strrstr(end, "{\"type\":\"end\"") = '\0';
	return g_strsplit(g_strchomp(end), "\n", -1);
}

static int64_t end_of(const char *row)
{
	return g_ascii_strtoll(strstr(row, ",\"end\":") + strlen(",\"end\":"), NULL, 10);
}

static void compare(char **waits, char **rows)
{
	struct problems p = { 0 };

	assert_int_equal(g_strv_length(waits), g_strv_length(rows));
	for (guint i = 0; rows[i] && *rows[i]; i++) {
		int64_t time;
		g_autofree char *row = row_of(waits[i], &time);

		if (strcmp(row, rows[i]))
			problem(&p, "the report has\n%s\nbut the trace\n%s", rows[i], row);
		/* Where the end was lost, nothing tells when the wait was over. */
		if (time != end_of(rows[i]) && !strstr(rows[i], ",\"end\":null,"))
			problem(&p, "at %" G_GINT64_FORMAT " and not at its end: %s", time,
				rows[i]);
	}
	problems_finish(&p);
}

/* ---- the tests --------------------------------------------------------------------------- */

static void rows_of_trace(void **state)
{
	const struct recorded *trace = *state;
	g_autofree char *path = recorded_path(trace, trace->trace), *input = bt2_input(path);
	g_autofree char *dir = make_dir();
	g_auto(GStrv) waits = waits_of("source.flightbox.lttng-kernel", input, "all=no", dir);
	g_auto(GStrv) rows = rows_of(path, "");

	compare(waits, rows);
	remove_dir(dir);
}

static char *futex(void)
{
	static const struct recorded trace = { .name = "waits-futex" };

	return recorded_path(&trace, "trace");
}

static void any_source_will_do(void **state)
{
	g_autofree char *path = futex(), *inputs = bt2_inputs(path), *dir = make_dir();
	g_auto(GStrv) waits = waits_of("source.ctf.fs", inputs, "all=no", dir);
	g_auto(GStrv) rows = rows_of(path, "");

	(void)state;
	compare(waits, rows);
	remove_dir(dir);
}

static void assert_selection(const char *params, const char *options)
{
	g_autofree char *path = futex(), *input = bt2_input(path), *dir = make_dir();
	g_auto(GStrv) waits = waits_of("source.flightbox.lttng-kernel", input, params, dir);
	g_auto(GStrv) rows = rows_of(path, options);

	assert_true(g_strv_length(rows) > 1);
	compare(waits, rows);
	remove_dir(dir);
}

static void parameters_select_like_options(void **state)
{
	(void)state;
	assert_selection("all=yes", "--all");
	assert_selection("min-duration=\"5ms\"", "--min-duration 5ms");
	assert_selection("comm=\"b*\"", "--comm b*");
	assert_selection("tid=\"161,179\"", "--tid 161,179");
	assert_selection("begin=\"+0.5s\",end=\"+1s\",lead=\"100ms\"",
			 "--begin +0.5s --end +1s --lead 100ms");
}

/* What babeltrace2 prints of the clock of the only trace below `path`. */
static char *clock_of(const char *path)
{
	static const char begin[] = "    Default clock class:\n";
	g_autofree char *text = bt2_print(
		(const char *const[]){ path, "--component=sink.text.details", NULL });
	const char *clock = strstr(text, begin), *end;

	if (!clock)
		fail_msg("no clock in %.400s", text);
	clock += strlen(begin);
	for (end = clock; g_str_has_prefix(end, "      "); end = strchr(end, '\n') + 1)
		;
	return g_strndup(clock, end - clock);
}

/* Viewers line up traces whose clocks are one. */
static void the_clock_is_that_of_the_input(void **state)
{
	g_autofree char *path = futex(), *inputs = bt2_inputs(path), *dir = make_dir();
	g_auto(GStrv) waits = waits_of("source.ctf.fs", inputs, "all=no", dir);
	g_autofree char *kernel = g_build_filename(path, "kernel", NULL);
	g_autofree char *out = g_build_filename(dir, "waits", NULL);
	g_autofree char *theirs = clock_of(kernel), *ours = clock_of(out);

	(void)state;
	assert_non_null(waits);
	assert_non_null(strstr(theirs, "cb85938b-f236-4b91-95b3-d11b258cec4e"));
	assert_string_equal(ours, theirs);
	remove_dir(dir);
}

static void assert_cause(const char *inputs, const char *params, const char *cause)
{
	struct bt2_output o = bt2_run((const char *const[]){
		"run", "--component=s:source.ctf.fs", "--params", inputs,
		"--component=m:filter.utils.muxer", "--component=f:filter.flightbox.blocking",
		"--params", params, "--component=k:sink.utils.dummy", "--connect=s:m",
		"--connect=m:f", "--connect=f:k", NULL });
	g_auto(GStrv) lines = g_strsplit(o.err, "\n  ", -1);
	g_autofree char *text = g_strjoinv(" ", lines);

	if (!o.status || !strstr(text, cause))
		fail_msg("status %d, expected the cause '%s' in:\n%s", o.status, cause, o.err);
	bt2_output_clear(&o);
}

static void failures_have_a_cause(void **state)
{
	g_autofree char *path = futex(), *inputs = bt2_inputs(path), *dir = make_dir();
	g_auto(GStrv) waits = waits_of("source.ctf.fs", inputs, "all=no", dir);
	g_autofree char *no_kernel = g_strdup_printf("inputs=[\"%s/waits/flightbox\"]", dir);

	(void)state;
	assert_non_null(waits);
	assert_cause(inputs, "tid=\"x\"", "flightbox: parameter 'tid': x: expected a number");
	assert_cause(inputs, "begin=\"noon\"", "flightbox: parameter 'begin': noon: expected a");
	assert_cause(inputs, "foo=1", "flightbox: parameter 'foo': there is none");
	assert_cause(inputs, "min-duration=\"5\"", "flightbox: ");
	assert_cause(inputs, "kallsyms=\"/nonexistent\"", "flightbox: /nonexistent: ");
	assert_cause(no_kernel, "all=no", "flightbox: ");
	remove_dir(dir);
}

static void valgrind_finds_nothing(void **state)
{
	g_autofree char *path = NULL, *inputs = NULL, *dir = NULL, *to = NULL;

	(void)state;
	bt2_valgrind_wanted();
	path = futex();
	inputs = bt2_inputs(path);
	dir = make_dir();
	to = g_strdup_printf("path=\"%s/waits\"", dir);
	bt2_valgrind((const char *const[]){
		"run", "--component=s:source.ctf.fs", "--params", inputs,
		"--component=m:filter.utils.muxer", "--component=f:filter.flightbox.blocking",
		"--component=k:sink.ctf.fs", "--params", to, "--connect=s:m", "--connect=m:f",
		"--connect=f:k", NULL });
	remove_dir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_source_will_do),
		cmocka_unit_test(parameters_select_like_options),
		cmocka_unit_test(the_clock_is_that_of_the_input),
		cmocka_unit_test(failures_have_a_cause),
		cmocka_unit_test(valgrind_finds_nothing),
	};
	int failed = recorded_run("rows_of", recorded_any, rows_of_trace);

	return failed + cmocka_run_group_tests_name("bt2_filter", tests, NULL, NULL);
}
