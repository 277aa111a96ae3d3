/* SPDX-License-Identifier: MIT */
/*
 * test_bt2_source.c - what source.flightbox.lttng-kernel hands to babeltrace2's graph
 * is what babeltrace2's own reader (source.ctf.fs, and utils.muxer behind it) does:
 * classes, traces, streams, packets, discarded things and events, with all their fields
 * and times, as sink.text.details prints them.
 *
 * Three things cannot be the same and are passed over:
 *	- Events that flightbox does not model, and their classes.
 *	- The order of messages of the same time, and of those without time, of different
 *	  streams: streams are compared one by one, and that times never decrease.
 *	- Empty texts: babeltrace2 2.0's reader leaves there what an earlier event had.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <flightbox/event.h>

#include "bt2_details.h"
#include "bt2_run.h"
#include "ctf_text.h"
#include "traces.h"

#define OURS "--component=s:source.flightbox.lttng-kernel"

/* ---- the two sources --------------------------------------------------------------------- */

static struct details details_of_ctf_fs(const char *inputs)
{
	g_autofree char *params = g_strconcat("--params=", inputs, NULL);
	const char *const arguments[] = { "run",
					  "--component=s:source.ctf.fs",
					  params,
					  "--component=m:filter.utils.muxer",
					  "--component=k:sink.text.details",
					  "--connect=s:m",
					  "--connect=m:k",
					  NULL };
	struct details d = { 0 };

	details_parse(&d, bt2_print(arguments));
	return d;
}

static struct details details_of_ours(const char *inputs)
{
	g_autofree char *params = g_strconcat("--params=", inputs, NULL);
	const char *const arguments[] = { "run",	   OURS,
					  params,	   "--component=k:sink.text.details",
					  "--connect=s:k", NULL };
	struct details d = { 0 };

	details_parse(&d, bt2_print(arguments));
	return d;
}

/* ---- comparing -------------------------------------------------------------------------- */

/* Whether two lines are equal but for a text that is empty in ours. */
static bool is_same_line(const char *theirs, size_t n_theirs, const char *ours, size_t n_ours)
{
	bool is_empty = n_ours >= 2 && !strncmp(ours + n_ours - 2, ": ", 2);

	if (is_empty)
		return n_theirs >= n_ours && !strncmp(theirs, ours, n_ours);
	return n_theirs == n_ours && !strncmp(theirs, ours, n_ours);
}

static bool is_same(const char *theirs, const char *ours)
{
	while (*theirs && *ours) {
		size_t n_theirs = strcspn(theirs, "\n"), n_ours = strcspn(ours, "\n");

		if (!is_same_line(theirs, n_theirs, ours, n_ours))
			return false;
		theirs += n_theirs + (theirs[n_theirs] == '\n');
		ours += n_ours + (ours[n_ours] == '\n');
	}
	return !*theirs && !*ours;
}

static void compare_streams(const struct printed_stream *theirs, const struct printed_stream *ours,
			    struct problems *p)
{
	for (guint i = 0; i < MIN(theirs->messages->len, ours->messages->len); i++) {
		const char *a = g_ptr_array_index(theirs->messages, i);
		const char *b = g_ptr_array_index(ours->messages, i);

		if (!is_same(a, b))
			problem(p, "babeltrace2 prints\n%s\nbut of ours\n%s", a, b);
	}
	if (theirs->messages->len != ours->messages->len)
		problem(p, "%u messages, but %u of ours", theirs->messages->len,
			ours->messages->len);
}

/* The first line that differs tells enough. */
static void compare_classes(const char *theirs, const char *ours, struct problems *p)
{
	size_t line = 0;

	for (size_t i = 0; theirs[i] && theirs[i] == ours[i]; i++)
		line = theirs[i] == '\n' ? i + 1 : line;
	if (strcmp(theirs, ours))
		problem(p, "babeltrace2 prints of classes\n%.200s\nbut of ours\n%.200s",
			theirs + line, ours + line);
}

static void compare(struct details *theirs, struct details *ours)
{
	struct problems p = { 0 };

	compare_classes(theirs->classes->str, ours->classes->str, &p);
	assert_int_equal(theirs->streams->len, ours->streams->len);
	for (guint i = 0; i < theirs->streams->len; i++) {
		struct printed_stream *s = g_ptr_array_index(theirs->streams, i);

		compare_streams(s, details_stream(ours, s->name), &p);
	}
	assert_int_equal(ours->streams->len, theirs->streams->len);
	if (ours->disorder)
		problem(&p, "%u messages go back in time", ours->disorder);
	problems_finish(&p);
}

static void messages_of(void **state)
{
	const struct recorded *trace = *state;
	g_autofree char *path = NULL, *inputs = NULL, *input = NULL;
	struct details theirs, ours;

	recorded_needs_babeltrace2(trace);
	path = recorded_path(trace, trace->trace);
	inputs = bt2_inputs(path);
	input = bt2_input(path);
	theirs = details_of_ctf_fs(inputs);
	ours = details_of_ours(input);
	compare(&theirs, &ours);
	details_clear(&theirs);
	details_clear(&ours);
}

/* ---- parameters and queries ------------------------------------------------------------- */

static char *classic(void)
{
	static const struct recorded trace = { .name = "tcp-delay-classic" };

	return recorded_path(&trace, "trace/kernel");
}

static void only_hands_out_what_it_names(void **state)
{
	g_autofree char *path = classic(), *params = NULL, *text = NULL;
	unsigned switches = 0, polls = 0, lines = 0;

	(void)state;
	params =
		g_strdup_printf("inputs=\"%s\",only=[\"sched_switch\",\"syscall_entry_p*\"]", path);
	text = bt2_print(
		(const char *const[]){ "-c", "source.flightbox.lttng-kernel", "-p", params, NULL });
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		lines++;
		switches += strstr(line, " sched_switch: ") != NULL;
		polls += strstr(line, " syscall_entry_p") != NULL;
	}
	assert_true(switches > 100 && polls > 0);
	assert_int_equal(lines, switches + polls);
}

static void trimmer_finds_a_time(void **state)
{
	g_autofree char *path = classic(), *params = bt2_input(path), *text = NULL;

	(void)state;
	text = bt2_print((const char *const[]){ "-c", "source.flightbox.lttng-kernel", "-p", params,
						"--clock-gmt", "--no-delta",
						"--timerange=12:20:58,12:20:59", NULL });
	assert_true(g_str_has_prefix(text, "[12:20:58.000016918] "));
	assert_non_null(strstr(text, "\n[12:20:58.99"));
	assert_null(strstr(text, "\n[12:20:59.0"));
}

static char *query(const char *params, const char *object)
{
	return bt2_print((const char *const[]){ "query", "-p", params,
						"source.flightbox.lttng-kernel", object, NULL });
}

static void support_info_bids_less_than_ctf_fs(void **state)
{
	g_autofree char *path = classic(), *params = NULL, *text = NULL;

	(void)state;
	params = g_strdup_printf("type=\"directory\",input=\"%s\"", path);
	text = query(params, "babeltrace.support-info");
	assert_string_equal(text,
			    "group: 8926bf9e-a812-d749-9d2a-61de207e38eb\nweight: 0.500000\n");
}

static void support_info_never_fails(void **state)
{
	static const char *const params[] = {
		"type=\"directory\",input=\"/nonexistent\"",
		"type=\"directory\",input=\"/\"",
		"type=\"file\",input=\"/etc/passwd\"",
		"type=\"string\",input=\"net://localhost/host/a/b\"",
		"type=1,input=2",
		"nothing=1",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(params); i++) {
		g_autofree char *text = query(params[i], "babeltrace.support-info");

		assert_string_equal(text, "0.000000\n");
	}
}

/* Other tools print what they always did, whether the plugin is there or not. */
static void plain_babeltrace2_prints_as_ever(void **state)
{
	g_autofree char *path = classic(), *with = NULL, *without = NULL;
	g_autofree char *command = g_strdup_printf("babeltrace2 %s", path);

	(void)state;
	with = bt2_print((const char *const[]){ path, NULL });
	assert_true(g_spawn_command_line_sync(command, &without, NULL, NULL, NULL));
	assert_true(!strcmp(with, without));
}

static void trace_infos_give_the_span_of_each_stream(void **state)
{
	g_autofree char *path = classic(), *params = bt2_input(path), *text = NULL;

	(void)state;
	text = query(params, "babeltrace.trace-infos");
	assert_string_equal(text, "- \n"
				  "  stream-infos: \n"
				  "    - \n"
				  "      port-name: out\n"
				  "      range-ns: \n"
				  "        begin: 1795177254630823093\n"
				  "        end: 1795177263734207079\n"
				  "    - \n"
				  "      port-name: out\n"
				  "      range-ns: \n"
				  "        begin: 1795177254677897561\n"
				  "        end: 1795177263734230821\n");
}

/* ---- failures --------------------------------------------------------------------------- */

/* babeltrace2 breaks its lines where it likes. */
static void assert_cause(const char *params, const char *cause)
{
	struct bt2_output o = bt2_run((const char *const[]){ "run", OURS, "--params", params,
							     "--component=k:sink.utils.dummy",
							     "--connect=s:k", NULL });
	g_auto(GStrv) words = g_strsplit_set(o.err, " \n", -1);
	GString *text = g_string_new(NULL);

	for (char **word = words; *word; word++)
		if (**word)
			g_string_append_printf(text, "%s ", *word);
	if (!o.status || !strstr(text->str, cause))
		fail_msg("status %d, expected the cause '%s' in:\n%s", o.status, cause, o.err);
	g_string_free(text, TRUE);
	bt2_output_clear(&o);
}

static void wrong_parameters_are_refused(void **state)
{
	(void)state;
	assert_cause("foo=1", "flightbox: parameter 'foo': there is none of that name");
	assert_cause("only=\"sched_switch\"", "flightbox: parameter 'inputs' is missing");
	assert_cause("inputs=3", "flightbox: parameter 'inputs': expected a text");
	assert_cause("inputs=[\"/tmp\",3]", "flightbox: parameter 'inputs': expected a text");
	assert_cause("inputs=\"/tmp\",only=\"no_such_event\"",
		     "flightbox: parameter 'only': flightbox models no event 'no_such_event'");
	assert_cause("inputs=\"/nonexistent\"", "flightbox: /nonexistent: No such file");
}

/* A copy of the trace where `n` bytes at `offset` of its first stream are set, or cut off. */
static char *spoil(off_t offset, size_t n)
{
	g_autofree char *path = classic(), *dir = g_strdup("/tmp/flightbox-test-XXXXXX");
	g_autofree char *command = NULL, *stream = NULL, *bytes = g_malloc(MAX(n, 1));
	FILE *file;

	assert_non_null(g_mkdtemp(dir));
	command = g_strdup_printf("cp -r %s %s/kernel", path, dir);
	assert_int_equal(system(command), 0);
	stream = g_build_filename(dir, "kernel", "ch_0", NULL);
	memset(bytes, 0xff, n);
	file = fopen(stream, "r+b");
	assert_non_null(file);
	if (n) {
		assert_int_equal(fseeko(file, offset, SEEK_SET), 0);
		assert_int_equal(fwrite(bytes, 1, n, file), n);
	} else {
		assert_int_equal(ftruncate(fileno(file), offset), 0);
	}
	fclose(file);
	return g_steal_pointer(&dir);
}

static void assert_spoiled(off_t offset, size_t n, const char *cause)
{
	g_autofree char *dir = spoil(offset, n), *params = bt2_input(dir);
	g_autofree char *command = g_strdup_printf("rm -r %s", dir);
	g_autofree char *whole = g_strdup_printf("flightbox: %s/kernel/ch_0: %s", dir, cause);

	assert_cause(params, whole);
	assert_int_equal(system(command), 0);
}

static void broken_traces_are_named(void **state)
{
	(void)state;
	assert_spoiled(300000, 0, "byte 0: expected a packet of 454656 bytes, found 300000");
	assert_spoiled(0, 4, "byte 0: expected the CTF magic");
	assert_spoiled(100000, 3000, "byte 100");
}

/* ---- memory ----------------------------------------------------------------------------- */

static void valgrind_finds_nothing(void **state)
{
	static const struct recorded small = { .name = "lost-events-overwrite" };
	g_autofree char *path = NULL, *params = NULL;

	(void)state;
	bt2_valgrind_wanted();
	path = recorded_path(&small, "trace");
	params = bt2_input(path);
	bt2_valgrind((const char *const[]){ "run", OURS, "--params", params,
					    "--component=k:sink.utils.dummy", "--connect=s:k",
					    NULL });
}

/* ---- field classes of CTF 2 --------------------------------------------------------------- */

/* What babeltrace2 prints of one of tests/ctf, without the times. */
static char *printed_of(const char *name)
{
	g_autofree char *path = g_build_filename("tests/ctf", name, NULL);
	g_autofree char *text = NULL, *dir = NULL, *input = NULL, *params = NULL, *all = NULL;
	GString *events = g_string_new(NULL);
	g_auto(GStrv) lines = NULL;
	struct ctf_text *t;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	t = ctf_text_parse(text);
	dir = ctf_text_write(t);
	input = bt2_input(dir);
	params = g_strconcat("--params=", input, NULL);
	{
		const char *const arguments[] = { "run", OURS, params,
						  "--component=k:sink.text.pretty",
						  "--connect=s:k", NULL };

		all = bt2_print(arguments);
	}
	lines = g_strsplit(all, "\n", -1);
	for (unsigned i = 0; lines[i]; i++) {
		const char *event = strstr(lines[i], " box ");

		g_string_append_printf(events, "%s%s", event ? event + strlen(" box ") : "",
				       event ? "\n" : "");
	}
	ctf_text_remove(g_steal_pointer(&dir));
	ctf_text_free(t);
	return g_string_free(events, FALSE);
}

static void field_classes_of_ctf_2(void **state)
{
	static const char *const printed[][2] = {
		{ "pass-ctf2-arrays.ctf",
		  "irq_softirq_raise: { a = [ [0] = true, [1] = false, [2] = true, [3] = false, "
		  "[4] = true ], vec = 3 }\n"
		  "irq_softirq_entry: { n = 2, a = [ [0] = 7, [1] = 8 ], vec = 4 }\n"
		  "irq_softirq_entry: { n = 0, a = [ ], vec = 5 }\n"
		  "irq_softirq_exit: { n = 1, s = [ [0] = { n = 2, own = [ [0] = 1, [1] = 2 ], "
		  "outer = [ [0] = \"o\" ], absolute = [ [0] = 0x1, [1] = 0x2 ] }, [1] = { n = 1, "
		  "own = [ [0] = 1 ], outer = [ [0] = \"p\" ], absolute = [ [0] = 0x3 ] } ], "
		  "vec = 6 }\n"
		  "irq_handler_entry: { s = { _n = 1, n = 3 }, a = [ [0] = 0x1, [1] = 0x2, "
		  "[2] = 0x3 ], b = [ [0] = 0x4 ], irq = 27, name = \"disk\" }\n"
		  "irq_handler_exit: { none = [ ], empty = { }, irq = 27 }\n" },
		{ "pass-ctf2-leb128.ctf",
		  "irq_handler_entry: { irq = -2, name = \"two\" }\n"
		  "irq_handler_entry: { irq = 624485, name = \"disk\" }\n"
		  "irq_handler_entry: { irq = -2147483648, name = \"min\" }\n"
		  "irq_softirq_raise: { vec = ( <unknown> : container = 128 ) }\n"
		  "irq_softirq_entry: { bit = 1, n = 3, bytes = [ [0] = 1, [1] = -1, [2] = 0 ], "
		  "vec = 9 }\n" },
		{ "pass-ctf2-optionals.ctf",
		  "irq_softirq_raise: { is = false, x = <none>, vec = 1 }\n"
		  "irq_softirq_raise: { is = true, x = { 9 }, vec = 2 }\n"
		  "irq_softirq_entry: { sel = -2, x = { \"is\" }, vec = 3 }\n"
		  "irq_softirq_entry: { sel = -1, x = <none>, vec = 4 }\n"
		  "irq_softirq_entry: { sel = 6, x = { \"is\" }, vec = 5 }\n"
		  "irq_softirq_exit: { sel = 300, x = { { is = true, y = { 7 }, z = { 8 } } }, "
		  "vec = 6 }\n"
		  "irq_softirq_exit: { sel = 300, x = { { is = false, y = <none>, z = <none> } }, "
		  "vec = 7 }\n"
		  "irq_softirq_exit: { sel = 1, x = <none>, vec = 8 }\n"
		  "irq_handler_entry: { is = true, irq = { 27 }, name = \"disk\" }\n"
		  "irq_handler_entry: { is = false, irq = <none>, name = \"none\" }\n" },
		{ "pass-ctf2-texts.ctf",
		  "irq_handler_entry: { irq = 1, name = \"one\" }\n"
		  "irq_handler_entry: { irq = 2, name = \"two\" }\n"
		  "irq_handler_entry: { irq = 3, name = \"eightttt\" }\n"
		  "irq_handler_entry: { irq = 4, n = 5, name = \"fiver\" }\n"
		  "irq_handler_entry: { irq = 5, n = 4, name = \"in\" }\n"
		  "irq_handler_entry: { irq = 6, n = 0, name = \"\" }\n"
		  "irq_softirq_raise: { a = \"aĀ\", b = \"ba\", vec = 7 }\n"
		  "irq_softirq_raise: { a = \"\", b = \"\", vec = 8 }\n"
		  "irq_softirq_raise: { a = \"\\x01\\x02\\x03\", n = 8, b = \"a\", vec = 9 }\n"
		  "irq_softirq_raise: { bit = 1, a = [ [0] = 0x1, [1] = 0x2, [2] = 0x3 ], n = 2, "
		  "b = [ [0] = 0x4, [1] = 0x5 ], empty = [ ], vec = 10 }\n"
		  "irq_handler_entry: { irq = 11, name = \"a\" }\n" },
		{ "pass-ctf2-variants.ctf",
		  "irq_softirq_raise: { sel = -5, v = { 1 }, vec = 1 }\n"
		  "irq_softirq_raise: { sel = 0, v = { \"text\" }, vec = 2 }\n"
		  "irq_softirq_raise: { sel = 6, v = { 9 }, vec = 3 }\n"
		  "irq_softirq_entry: { sel = 0, glass = { 2 }, margin = [ [0] = 0x0, [1] = 0x0 ], "
		  "vec = 4 }\n"
		  "irq_softirq_entry: { sel = 1, glass = { 3 }, margin = [ [0] = 0x0, [1] = 0x0, "
		  "[2] = 0x0 ], vec = 5 }\n"
		  "irq_softirq_entry: { sel = 2, glass = { 1 }, margin = [ [0] = 0x0 ], vec = 6 }\n"
		  "irq_softirq_exit: { sel = 0, glass = { { eagle = 2, road = \"road\" } }, margin = "
		  "[ [0] = \"a\", [1] = \"b\" ], vec = 7 }\n"
		  "irq_softirq_exit: { sel = 5, glass = { { nuance = \"n\", eagle = 1, lock = "
		  "[ [0] = 0x0 ] } }, margin = [ [0] = \"c\" ], vec = 8 }\n" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(printed); i++) {
		g_autofree char *got = printed_of(printed[i][0]);

		assert_string_equal(got, printed[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_hands_out_what_it_names),
		cmocka_unit_test(trimmer_finds_a_time),
		cmocka_unit_test(support_info_bids_less_than_ctf_fs),
		cmocka_unit_test(support_info_never_fails),
		cmocka_unit_test(plain_babeltrace2_prints_as_ever),
		cmocka_unit_test(trace_infos_give_the_span_of_each_stream),
		cmocka_unit_test(wrong_parameters_are_refused),
		cmocka_unit_test(broken_traces_are_named),
		cmocka_unit_test(field_classes_of_ctf_2),
		cmocka_unit_test(valgrind_finds_nothing),
	};
	int failed = recorded_run("messages_of", recorded_any, messages_of);

	return failed + cmocka_run_group_tests_name("bt2_source", tests, NULL, NULL);
}
