/* SPDX-License-Identifier: MIT */
/*
 * test_scenarios.c - runs the cases of tests/scenarios, each as a test of its own.
 *
 *	build/tests/test_scenarios [--update] [NAME|GLOB|FILE.txt …]
 *
 * What differs is shown as a diff of the case's file; --update writes it there instead.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "corpus.h"
#include "view.h"

#define DIR "tests/scenarios"

static bool update;
static bool is_over; /* all that was to be found out of the case was */

/* ---- one case ----------------------------------------------------------------------------- */

/* Line numbers are those of the file. */
static void show_difference(const struct corpus_case *c)
{
	g_autofree char *path = g_shell_quote(c->corpus->path);
	g_autofree char *command = g_strdup_printf("diff -u --label %s --label got %s -", path, path);
	g_autofree char *text = corpus_updated(c->corpus, c);
	FILE *diff;

	fflush(stdout);
	diff = popen(command, "w");
	assert_non_null(diff);
	fputs(text, diff);
	pclose(diff);
}

static int begin_case(void **state)
{
	(void)state;
	is_over = false;
	return 0;
}

static void a_case(void **state)
{
	struct corpus_case *c = *state;

	for (guint i = 0; i < c->expected->len; i++) {
		struct expectation *e = &g_array_index(c->expected, struct expectation, i);

		e->got = view_render(e->view, c->events);
	}
	is_over = true;
	if (update || corpus_case_holds(c))
		return;
	show_difference(c);
	fail_msg("%s:%u: not as expected", c->corpus->path, c->line);
}

/* What else fails does not know where it stands. */
static int end_case(void **state)
{
	const struct corpus_case *c = *state;

	if (!is_over)
		printf("%s:%u: %s\n", c->corpus->path, c->line, c->name);
	return 0;
}

/* ---- the files ---------------------------------------------------------------------------- */

static gint by_path(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *paths_of(char **wanted)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	GDir *dir;
	const char *name;

	for (; *wanted; wanted++)
		if (g_str_has_suffix(*wanted, ".txt"))
			g_ptr_array_add(paths, g_strdup(*wanted));
	if (paths->len)
		return paths;
	dir = g_dir_open(DIR, 0, NULL);
	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_suffix(name, ".txt"))
			g_ptr_array_add(paths, g_build_filename(DIR, name, NULL));
	if (dir)
		g_dir_close(dir);
	g_ptr_array_sort(paths, by_path);
	return paths;
}

/* NULL, and a message, when one of them cannot be read. */
static GPtrArray *read_all(char **wanted)
{
	g_autoptr(GPtrArray) paths = paths_of(wanted);
	GPtrArray *files = g_ptr_array_new_with_free_func((GDestroyNotify)corpus_free);
	GError *error = NULL;

	for (guint i = 0; i < paths->len; i++) {
		struct corpus *corpus = corpus_open(paths->pdata[i], &error);

		if (!corpus) {
			fprintf(stderr, "%s\n", error->message);
			return NULL;
		}
		g_ptr_array_add(files, corpus);
	}
	return files;
}

static bool write_all(GPtrArray *files)
{
	bool ok = true;

	for (guint i = 0; i < files->len; i++) {
		const struct corpus *corpus = files->pdata[i];
		g_autofree char *text = corpus_updated(corpus, NULL);
		GError *error = NULL;

		if (g_file_set_contents(corpus->path, text, -1, &error))
			continue;
		fprintf(stderr, "%s\n", error->message);
		ok = false;
	}
	return ok;
}

/* ---- running ------------------------------------------------------------------------------ */

static bool is_wanted(const char *name, char **wanted)
{
	bool all = true;

	for (; *wanted; wanted++) {
		if (g_str_has_suffix(*wanted, ".txt"))
			continue;
		if (g_pattern_match_simple(*wanted, name))
			return true;
		all = false;
	}
	return all;
}

/* False, and a message, when two have one name: nobody could run the second alone. */
static bool are_names_unique(GPtrArray *files)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	bool ok = true;

	for (guint i = 0; i < files->len; i++) {
		const struct corpus *corpus = files->pdata[i];

		for (guint j = 0; j < corpus->cases->len; j++) {
			struct corpus_case *c = corpus->cases->pdata[j];

			if (g_hash_table_add(names, c->name))
				continue;
			fprintf(stderr, "%s:%u: %s: another case has that name\n", corpus->path, c->line,
				c->name);
			ok = false;
		}
	}
	return ok;
}

static int run(GPtrArray *files, char **wanted)
{
	GArray *tests = g_array_new(FALSE, FALSE, sizeof(struct CMUnitTest));
	int failed = 1;

	for (guint i = 0; i < files->len; i++) {
		const struct corpus *corpus = files->pdata[i];

		for (guint j = 0; j < corpus->cases->len; j++) {
			struct corpus_case *c = corpus->cases->pdata[j];
			const struct CMUnitTest test = {
				.name = c->name, .test_func = a_case, .setup_func = begin_case,
				.teardown_func = end_case, .initial_state = c,
			};

			if (is_wanted(c->name, wanted))
				g_array_append_val(tests, test);
		}
	}
	if (tests->len)
		failed = _cmocka_run_group_tests("scenarios", (const struct CMUnitTest *)tests->data,
						 tests->len, NULL, NULL);
	else
		fprintf(stderr, "no case has such a name\n");
	g_array_free(tests, TRUE);
	return failed;
}

int main(int argc, char **argv)
{
	char **wanted = argv + (argc > 0);
	GPtrArray *files;
	int failed;

	if (*wanted && !strcmp(*wanted, "--update")) {
		update = true;
		wanted++;
	}
	files = read_all(wanted);
	if (!files)
		return 1;
	failed = are_names_unique(files) ? run(files, wanted) : 1;
	if (update && !write_all(files))
		failed = 1;
	g_ptr_array_unref(files);
	return failed;
}
