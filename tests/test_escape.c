/* SPDX-License-Identifier: MIT */
/*
 * test_escape.c - what a trace calls itself never drives a terminal: every command, in every
 * format, on a trace whose names are escape sequences, newlines and turned text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>

#include "ctf_text.h"

struct result {
	char *out, *err;
	int status;
};

static char *trace;

/* `more` arguments go behind those of the line, as they are. */
static struct result run(const char *arguments, const char *const *more)
{
	const char *binary = g_getenv("FLIGHTBOX");
	g_autofree char *line =
		g_strdup_printf("%s %s", binary ? binary : "build/flightbox", arguments);
	g_auto(GStrv) words = NULL;
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	struct result r;

	assert_true(g_shell_parse_argv(line, NULL, &words, NULL));
	for (char **word = words; *word; word++)
		g_ptr_array_add(argv, *word);
	for (; *more; more++)
		g_ptr_array_add(argv, (char *)*more);
	g_ptr_array_add(argv, NULL);
	assert_true(g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL,
				 &r.out, &r.err, &r.status, NULL));
	return r;
}

static void result_clear(struct result *r)
{
	g_free(r->out);
	g_free(r->err);
}

/* Of no use but to deceive: controls but for newline and tab, line separators, turners of text. */
static bool is_harmless(gunichar c)
{
	return c == '\n' || c == '\t' ||
	       !(c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e ||
			      c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
			      (c >= 0x2066 && c <= 0x2069));
}

static void assert_harmless(const char *what, const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		fail_msg("%s: not UTF-8: %s", what, text);
	for (; *text; text = g_utf8_next_char(text))
		if (!is_harmless(g_utf8_get_char(text)))
			fail_msg("%s: U+%04X", what, g_utf8_get_char(text));
}

/* On the trace, and exits with that; the output has `part`. */
static void assert_escaped(const char *arguments, int status, const char *part)
{
	const char *const paths[] = { trace, NULL };
	struct result r = run(arguments, paths);

	assert_harmless(arguments, r.out);
	assert_harmless(arguments, r.err);
	if (!WIFEXITED(r.status) || WEXITSTATUS(r.status) != status)
		fail_msg("%s: status %d: %s", arguments, r.status, r.err);
	if (!strstr(r.out, part) && !strstr(r.err, part))
		fail_msg("%s: no %s in %s%s", arguments, part, r.out, r.err);
	result_clear(&r);
}

static void every_command_escapes_names(void **state)
{
	static const char *const cases[][2] = {
		{ "blocking", "task \\x1b]0;x\\x07a\\x0ab\\x9b\\xff\\xe2\\x80\\xae (\\x1b]0;x\\x07a\\x0ab\\x9b\\xff\\xe2\\x80\\xae\\xc2\\x9b\\x7f) [10]\n" },
		{ "blocking", "  IRQ 19 disk\\x1b]0;x\\x07\\x0a\\x9b\n" },
		{ "blocking", "TIMER evil\\x1b]0;x\\x07\\x9b" },
		{ "blocking --summary", "disk\\x1b]0;x\\x07" },
		{ "blocking --format jsonl",
		  "\"comm\":\"\\u001b]0;x\\u0007a\\nb\\ufffd\\ufffd\\u202e\",\"exe\":\"/bin/\\u001b]0;x"
		  "\\u0007a\\nb\\ufffd\\ufffd\\u202e\\u009b\\u007f\"" },
		{ "blocking --format jsonl", "\"host\":\"box\\u001b]0;x\\u0007\\n\\ufffd\\ufffd\\u202e\"" },
		{ "blocking --format csv",
		  ",\"\\x1b]0;x\\x07a\\x0ab\xef\xbf\xbd\xef\xbf\xbd\\xe2\\x80\\xae\",\"/bin/\\x1b" },
		{ "latency", "\\x1b]0;x\\x07" },
		{ "why", "\\x1b]0;x\\x07" },
		{ "why --format jsonl", "\\u001b]0;x\\u0007" },
		{ "critical-path --tid 10", "\\x1b]0;x\\x07" },
		{ "critical-path --tid 10 --format dot", "\\\\x1b]0;x\\\\x07" },
		{ "bottleneck", "\\x1b]0;x\\x07" },
		{ "timeline", "\\x1b]0;x\\x07" },
		{ "timeline --format svg", "\\x1b]0;x\\x07" },
		{ "dependency", "\\x1b]0;x\\x07" },
		{ "info", "box\\x1b]0;x\\x07\\x0a\\x9b\\xff\\xe2\\x80\\xae\n" },
		{ "info", "\nnot_modelled\\x1b]0;x\\x07\\x0a\\x9b " },
		{ "info", "auto\\x1b]0;x\\x07\\xe2\\x81\\xa6, created today\\x1b]0;x\\x07\n" },
		{ "info --format jsonl", "\"not_modelled\\u001b]0;x\\u0007\\n\\ufffd\"" },
		{ "info --format csv", "not_modelled\\x1b]0;x\\x07" },
		{ "dump", "\"syscall_entry_re\\033]0;x\\007\\012\\233ad\"\n" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_escaped(cases[i][0], 0, cases[i][1]);
}

static void messages_escape_what_they_quote(void **state)
{
	static const struct {
		const char *arguments, *hostile, *expected;
		bool has_trace;
	} cases[] = {
		{ "blocking", "/no/\033]0;x\007\n\x9b\xe2\x80\xae",
		  "flightbox: /no/\\x1b]0;x\\x07\\x0a\\x9b\\xe2\\x80\\xae: No such file or directory\n" },
		{ "", "\033[2J\xc2\x9b", "unknown command '\\x1b[2J\\xc2\\x9b'" },
		{ "blocking --begin", "\033[2J", "--begin \\x1b[2J: expected", true },
		{ "blocking --pid", "a\033[2J", "--pid a\\x1b[2J: expected", true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *const more[] = { cases[i].hostile, cases[i].has_trace ? trace : NULL,
					     NULL };
		struct result r = run(cases[i].arguments, more);

		assert_harmless(cases[i].expected, r.err);
		if (!strstr(r.err, cases[i].expected))
			fail_msg("no %s in %s", cases[i].expected, r.err);
		result_clear(&r);
	}
}

static void errors_in_metadata_are_escaped(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("flightbox-XXXXXX", NULL);
	g_autofree char *file = g_build_filename(dir, "metadata", NULL);
	const char *const paths[] = { dir, NULL };
	struct result r;

	(void)state;
	assert_true(g_file_set_contents(
		file, "/* CTF 1.8 */\ntrace { major = 1; x\033]0;x\007 := \x9b \"\033[2J\"; };\n", -1,
		NULL));
	r = run("info", paths);
	assert_int_equal(WEXITSTATUS(r.status), 1);
	assert_harmless("info", r.err);
	assert_non_null(strstr(r.err, "metadata"));
	result_clear(&r);
	g_unlink(file);
	g_rmdir(dir);
}

static void a_row_of_csv_is_a_line(void **state)
{
	const char *const paths[] = { trace, NULL };
	struct result r = run("blocking --all --include-edges --format csv", paths);
	g_auto(GStrv) lines = g_strsplit(r.out, "\n", -1);
	guint columns = 0, rows = 0;

	(void)state;
	for (char **line = lines; **line; line++, rows++) {
		g_auto(GStrv) cells = g_strsplit(*line, ",", -1);

		if (!columns)
			columns = g_strv_length(cells);
		assert_int_equal(g_strv_length(cells), columns);
	}
	assert_int_equal(rows, 3);
	result_clear(&r);
}

static int write_trace(void **state)
{
	g_autofree char *text = NULL, *symbols = NULL;
	struct ctf_text *t;

	(void)state;
	assert_true(g_file_get_contents("tests/ctf/pass-hostile-names.ctf", &text, NULL, NULL));
	t = ctf_text_parse(text);
	trace = ctf_text_write(t);
	ctf_text_free(t);
	symbols = g_build_filename(trace, "kallsyms", NULL);
	assert_true(g_file_set_contents(
		symbols, "ffffffff80000000 T _text\nffffffff81000000 t evil\033]0;x\007\x9b\n", -1, NULL));
	return 0;
}

static int remove_trace(void **state)
{
	g_autofree char *symbols = g_build_filename(trace, "kallsyms", NULL);

	(void)state;
	g_unlink(symbols);
	ctf_text_remove(trace);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_escapes_names),
		cmocka_unit_test(messages_escape_what_they_quote),
		cmocka_unit_test(errors_in_metadata_are_escaped),
		cmocka_unit_test(a_row_of_csv_is_a_line),
	};

	return cmocka_run_group_tests(tests, write_trace, remove_trace);
}
