/* SPDX-License-Identifier: MIT */
/* test_formats.c - a report for programs, and hostile names in every format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "drawer.h"

static void jsonl_is_as_documented(void **state)
{
	struct drawer d = drawer("jsonl");
	struct fb_blocking b = wait_in_poll();

	(void)state;
	d.counts.waits[FB_QUALITY_EXACT] = 1;
	assert_report(&d, &b, 1,
		      "{\"type\":\"trace\",\"format\":1,\"host\":\"rigvm\",\"kernel\":\"6.1.0\","
		      "\"kernel_version\":null,\"tracer\":\"lttng-modules\",\"tracer_version\":"
		      "\"2.13.9\",\"session\":null,\"created\":null,\"machine\":\"x86_64\",\"clock\":"
		      "{\"name\":\"monotonic\",\"uuid\":null,\"frequency\":1000000000,\"offset\":"
		      "1000000000000},\"missing\":[]}\n"
		      "{\"type\":\"blocking\",\"tid\":504,\"pid\":504,\"comm\":\"nc.openbsd\",\"exe\":"
		      "\"/usr/bin/nc.openbsd\",\"begin\":1099706664372,\"wake\":1099908425372,\"end\":"
		      "1099908466372,\"asleep\":201761000,\"ready\":41000,\"state\":\"S\",\"syscall\":"
		      "\"poll\",\"fd\":null,\"cause\":{\"kind\":\"softirq\",\"id\":3,\"name\":\"NET_RX\","
		      "\"function\":null,\"cpu\":1,\"task\":null,\"origin\":null,\"via\":null,\"inline\":"
		      "false,\"early\":false},\"quality\":\"exact\",\"doubt\":[]}\n"
		      "{\"type\":\"end\",\"complete\":true,\"begin\":1099000000000,\"end\":1100000000000,"
		      "\"cpus\":2,\"events\":7,\"rows\":1,\"left_out\":{\"edge\":0,\"unknown\":0,\"bystander\":0},\"waits\":{\"exact\":1,\"inferred\":0,\"lost\":0,"
		      "\"edge\":0},\"asleep\":{\"exact\":201761000,\"inferred\":0,\"lost\":0,\"edge\":0},"
		      "\"losses\":[],\"window\":null,\"oddities\":{\"unknown_causes\":0,\"broken_waits\":0,\"late_wakings\":0,"
		      "\"switch_mismatches\":0,\"frames_cleared\":0,\"silent_cpus\":0,"
		      "\"clock_steps\":0,"
		      "\"broken_packets\":0,\"problems\":0}}\n");
}

static void nested_objects_of_jsonl_are_null_as_a_whole(void **state)
{
	struct drawer d = drawer("jsonl");
	struct fb_blocking b = wait_in_poll();
	g_autofree char *text = NULL;

	(void)state;
	b.cause.is_inline = true;
	b.cause.task = &server;
	b.cause.comm = server.comm;
	b.cause.syscall = "sendto";
	b.cause.via = FB_VIA_SIGNAL;
	b.cause.via_id = 14;
	b.cause.origin = (struct fb_origin){ .kind = FB_ORIGIN_TASK, .id = -1, .task = &nameless };
	text = draw(&d, &b, 1);
	assert_non_null(strstr(text,
			       "\"task\":{\"tid\":1234,\"pid\":1230,\"comm\":\"server\",\"syscall\":"
			       "\"sendto\"},\"origin\":{\"kind\":\"task\",\"id\":null,\"name\":null,"
			       "\"function\":null,\"task\":{\"tid\":77,\"pid\":null,\"comm\":null,"
			       "\"syscall\":null}},\"via\":{\"kind\":\"signal\",\"id\":14,\"name\":"
			       "\"SIGALRM\"},\"inline\":true,"));
	d = drawer("jsonl");
	b.cause.origin = (struct fb_origin){ .kind = FB_ORIGIN_HRTIMER, .id = -1, .function = 0xabc };
	g_free(text);
	text = draw(&d, &b, 1);
	assert_non_null(strstr(text, "\"origin\":{\"kind\":\"hrtimer\",\"id\":null,\"name\":null,"
				     "\"function\":\"0xabc\",\"task\":null},\"via\":"));
}

static void unknown_times_are_null_in_jsonl(void **state)
{
	struct drawer d = drawer("jsonl");
	struct fb_blocking b = wait_in_poll();
	g_autofree char *text = NULL;

	(void)state;
	b.wake = b.end = FB_NS_NONE;
	text = draw(&d, &b, 1);
	assert_non_null(strstr(text, "\"begin\":1099706664372,\"wake\":null,\"end\":null,"
				     "\"asleep\":null,\"ready\":null,"));
}

static void csv_is_one_table(void **state)
{
	struct drawer d = drawer("csv");
	struct fb_blocking b = wait_in_poll();

	(void)state;
	d.options.time = FB_TIME_UTC;
	assert_report(&d, &b, 1,
		      "tid,pid,comm,exe,begin,wake,end,asleep_ns,ready_ns,state,syscall,fd,cause_kind,"
		      "cause_id,cause_name,cause_function,cause_cpu,cause_task_tid,cause_task_pid,"
		      "cause_task_comm,cause_task_syscall,cause_origin_kind,cause_origin_id,"
		      "cause_origin_name,cause_origin_function,cause_origin_task_tid,"
		      "cause_origin_task_pid,cause_origin_task_comm,cause_origin_task_syscall,"
		      "cause_via_kind,cause_via_id,cause_via_name,cause_inline,cause_early,quality,doubt\n"
		      "504,504,nc.openbsd,/usr/bin/nc.openbsd,1970-01-01 00:18:19.706664372,"
		      "1970-01-01 00:18:19.908425372,1970-01-01 00:18:19.908466372,201761000,41000,S,"
		      "poll,,softirq,3,NET_RX,,1,,,,,,,,,,,,,,,,false,false,exact,\n");
}

static void csv_without_waits_has_its_header(void **state)
{
	struct drawer d = drawer("csv");
	g_autofree char *text = draw(&d, NULL, 0);

	(void)state;
	assert_true(g_str_has_prefix(text, "tid,pid,"));
	assert_null(strchr(strchr(text, '\n') + 1, '\n'));
}

/* ---- hostile names ---------------------------------------------------------------------- */

static void assert_name(const char *format, const char *comm, const char *expected)
{
	struct drawer d = drawer(format);
	struct fb_blocking b = wait_in_poll();
	struct fb_task task = { .tid = 9, .comm = comm };
	g_autofree char *text = NULL;

	b.task = &task;
	b.comm = comm;
	text = draw(&d, &b, 1);
	if (!strstr(text, expected))
		fail_msg("%s not in %s", expected, text);
}

static void hostile_names_are_escaped(void **state)
{
	(void)state;
	assert_name("jsonl", "a\"b\\c\n\033[2J", "\"comm\":\"a\\\"b\\\\c\\n\\u001b[2J\",");
	assert_name("jsonl", "\x7f", "\"comm\":\"\\u007f\",");
	assert_name("jsonl", "longer than a word\x01", "\"comm\":\"longer than a word\\u0001\",");
	assert_name("jsonl", "caf\xc3\xa9 \xf0\x9f\x90\xa7", "\"comm\":\"caf\xc3\xa9 \xf0\x9f\x90\xa7\",");
	assert_name("jsonl", "\xff\xc0\xaf\xed\xa0\x80",
		    "\"comm\":\"\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\",");
	assert_name("jsonl", "\xc2\x9b\xe2\x80\xae\xd8\x9c\xe2\x81\xa9", "\"comm\":\"\\u009b\\u202e\\u061c\\u2069\",");
	assert_name("jsonl", "\xc2\xa0\xe2\x80\xa7\xe2\x80\xaf\xd8\x9b",
		    "\"comm\":\"\xc2\xa0\xe2\x80\xa7\xe2\x80\xaf\xd8\x9b\",");
	assert_name("jsonl", "cut \xf0\x9f\x90", "\"comm\":\"cut \\ufffd\\ufffd\\ufffd\",");
	assert_name("text", "a\033[2J\x7f", "task a\\x1b[2J\\x7f [9]\n");
	assert_name("text", "\xc2\x9b" "2J\xff", "task \\xc2\\x9b2J\\xff [9]\n");
	assert_name("text", "\xe2\x80\xae\xe2\x81", "task \\xe2\\x80\\xae\\xe2\\x81 [9]\n");
	assert_name("text", "caf\xc3\xa9", "task caf\xc3\xa9 [9]\n");
	assert_name("text", "eight by\x1bte", "task eight by\\x1bte [9]\n");
	assert_name("text", "longer than a word\x7f", "task longer than a word\\x7f [9]\n");
	assert_name("text", "sixteen of ASCII\xc3\xa9\xff", "task sixteen of ASCII\xc3\xa9\\xff [9]\n");
	assert_name("csv", "a,\"b\"", ",\"a,\"\"b\"\"\",");
	assert_name("csv", "a\nb\033\xc2\x9b\xe2\x80\xae", ",a\\x0ab\\x1b\\xc2\\x9b\\xe2\\x80\\xae,");
	assert_name("csv", " a", ",\" a\",");
	assert_name("csv", "a\xff", ",a\xef\xbf\xbd,");
	/* A spreadsheet takes what begins like that for a formula. */
	assert_name("csv", "=cmd|a", ",'=cmd|a,");
	assert_name("csv", "+1,2", ",\"'+1,2\",");
	assert_name("csv", "-bash", ",'-bash,");
	assert_name("csv", "@x", ",'@x,");
	assert_name("csv", "a=-+@b", ",a=-+@b,");
}

/*
 * Names are escaped once and remembered: more of them than are remembered, longer ones too,
 * each twice.
 */
static void assert_names_are_written_twice(const char *format, const char *before,
					   const char *quote, const char *after)
{
	enum { NAMES = 3000 };
	struct drawer d = drawer(format);
	g_autofree struct fb_blocking *waits = g_new(struct fb_blocking, 2 * NAMES);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	for (int i = 0; i < 2 * NAMES; i++) {
		g_autofree char *tail = g_strnfill(i % 70, 'x');

		if (i < NAMES)
			g_ptr_array_add(names, g_strdup_printf("%d\"%s", i, tail));
		waits[i] = wait_in_poll();
		waits[i].comm = names->pdata[i % NAMES];
	}
	text = draw(&d, waits, 2 * NAMES);
	lines = g_strsplit(text, "\n", -1);
	for (int i = 0; i < 2 * NAMES; i++) {
		g_autofree char *tail = g_strnfill(i % NAMES % 70, 'x');
		g_autofree char *expected = g_strdup_printf("%s%d%s%s%s", before, i % NAMES, quote,
							    tail, after);

		if (!strstr(lines[1 + i], expected))
			fail_msg("%s not in %s", expected, lines[1 + i]);
	}
}

static void names_that_come_again_are_written_the_same(void **state)
{
	(void)state;
	assert_names_are_written_twice("jsonl", "\"comm\":\"", "\\\"", "\",\"exe\":\"/usr/");
	assert_names_are_written_twice("csv", "504,504,\"", "\"\"", "\",/usr/");
}

static void a_summary_in_jsonl_is_rows(void **state)
{
	struct drawer d = drawer("jsonl");
	struct fb_blocking b = wait_in_poll();
	g_autofree char *text = NULL;
	g_autofree char *row = NULL;

	(void)state;
	d.option = "summary";
	text = draw(&d, &b, 1);
	row = line_of(text, 1);
	assert_string_equal(row, "{\"type\":\"summary\",\"by\":\"syscall\",\"name\":\"poll\",\"n\":1,"
				 "\"sum\":201761000,\"min\":201761000,\"max\":201761000,\"mean\":"
				 "201761000,\"stddev\":null,\"p50\":201761000,\"p95\":201761000,"
				 "\"p99\":201761000}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jsonl_is_as_documented),
		cmocka_unit_test(nested_objects_of_jsonl_are_null_as_a_whole),
		cmocka_unit_test(unknown_times_are_null_in_jsonl),
		cmocka_unit_test(csv_is_one_table),
		cmocka_unit_test(csv_without_waits_has_its_header),
		cmocka_unit_test(hostile_names_are_escaped),
		cmocka_unit_test(names_that_come_again_are_written_the_same),
		cmocka_unit_test(a_summary_in_jsonl_is_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
