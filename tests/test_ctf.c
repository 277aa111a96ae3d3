/* SPDX-License-Identifier: MIT */
/*
 * test_ctf.c - the reader on the traces written as text in tests/ctf, whole,
 * cut at every byte, and with every byte changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ctf_text.h"

#define DIR_OF_TRACES "tests/ctf"

static struct ctf_text *load(const char *name)
{
	g_autofree char *path = g_build_filename(DIR_OF_TRACES, name, NULL);
	g_autofree char *text = NULL;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return ctf_text_parse(text);
}

static char *read_back(const struct ctf_text *t)
{
	char *dir = ctf_text_write(t);
	char *text = trace_text(dir);

	ctf_text_remove(dir);
	return text;
}

static void trace_reads_as_expected(void **state)
{
	struct ctf_text *t = load(*state);
	g_autofree char *text = read_back(t);

	assert_string_equal(text, t->expected);
	ctf_text_free(t);
}

/* What is printed of events, without the totals. */
static char *only_events(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GString *events = g_string_new(NULL);

	for (unsigned i = 0; lines[i]; i++)
		if (g_ascii_isdigit(*lines[i]) && !strstr(lines[i], " lost "))
			g_string_append_printf(events, "%s\n", lines[i]);
	return g_string_free(events, FALSE);
}

/* The only file of packets, or NULL when there are several. */
static struct ctf_file *only_stream(const struct ctf_text *t)
{
	struct ctf_file *only = NULL;

	for (guint i = 0; i < t->files->len; i++) {
		struct ctf_file *f = g_ptr_array_index(t->files, i);

		if (g_str_has_suffix(f->path, "metadata"))
			continue;
		if (only)
			return NULL;
		only = f;
	}
	return only;
}

/* Writes the file again, below the directory of its trace. */
static void rewrite(const char *dir, const struct ctf_file *f, size_t size)
{
	g_autofree char *path = g_build_filename(dir, f->path, NULL);
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_true(!size || fwrite(f->bytes->data, 1, size, file) == size);
	fclose(file);
}

static void cut_at_any_byte_keeps_the_events_before(void **state)
{
	struct ctf_text *t = load(*state);
	struct ctf_file *f = only_stream(t);
	g_autofree char *whole = only_events(t->expected);
	char *dir = ctf_text_write(t);

	for (size_t size = 0; f && size < f->bytes->len; size++) {
		g_autofree char *text = NULL, *events = NULL;

		rewrite(dir, f, size);
		text = trace_text(dir);
		events = only_events(text);
		assert_true(g_str_has_prefix(whole, events));
	}
	ctf_text_remove(dir);
	ctf_text_free(t);
}

/* It may read anything; it must come to an end, and stay within its bytes. */
static void any_byte_may_be_wrong(void **state)
{
	static const guint8 masks[] = { 0x01, 0xff };
	struct ctf_text *t = load(*state);
	char *dir = ctf_text_write(t);

	for (guint i = 0; i < t->files->len; i++) {
		struct ctf_file *f = g_ptr_array_index(t->files, i);

		if (g_str_has_suffix(f->path, "metadata"))
			continue;
		for (guint at = 0; at < f->bytes->len; at++)
			for (guint k = 0; k < G_N_ELEMENTS(masks); k++) {
				f->bytes->data[at] ^= masks[k];
				rewrite(dir, f, f->bytes->len);
				g_free(trace_text(dir));
				f->bytes->data[at] ^= masks[k];
			}
		rewrite(dir, f, f->bytes->len);
	}
	ctf_text_remove(dir);
	ctf_text_free(t);
}

static void add_test(GArray *tests, const char *trace, const char *fact,
		     CMUnitTestFunction function)
{
	struct CMUnitTest test = {
		.name = g_strdup_printf("%s: %s", trace, fact),
		.test_func = function,
		.initial_state = g_strdup(trace),
	};

	g_array_append_val(tests, test);
}

static gint compare_tests(const void *a, const void *b)
{
	return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

/* Only the cases of such names, "*: reads as expected", where a pattern is given. */
int main(int argc, char **argv)
{
	GArray *tests = g_array_new(FALSE, FALSE, sizeof(struct CMUnitTest));
	g_autoptr(GDir) dir = g_dir_open(DIR_OF_TRACES, 0, NULL);
	const char *name;
	int failed;

	while (dir && (name = g_dir_read_name(dir))) {
		if (!g_str_has_suffix(name, ".ctf"))
			continue;
		add_test(tests, name, "reads as expected", trace_reads_as_expected);
		if (!g_str_has_prefix(name, "pass-"))
			continue;
		add_test(tests, name, "cut at any byte", cut_at_any_byte_keeps_the_events_before);
		add_test(tests, name, "any byte wrong", any_byte_may_be_wrong);
	}
	g_array_sort(tests, compare_tests);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	failed = _cmocka_run_group_tests("ctf", (struct CMUnitTest *)tests->data, tests->len, NULL,
					 NULL);
	for (guint i = 0; i < tests->len; i++) {
		g_free((char *)g_array_index(tests, struct CMUnitTest, i).name);
		g_free(g_array_index(tests, struct CMUnitTest, i).initial_state);
	}
	g_array_unref(tests);
	return failed || !dir;
}
