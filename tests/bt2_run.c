/* SPDX-License-Identifier: MIT */
/* bt2_run.c - see bt2_run.h. */
#include "bt2_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "ctf/read/find.h"

/* A plugin with ASan needs its library loaded first; what babeltrace2 leaks is not ours. */
static char **environment(void)
{
	char **env = g_get_environ();
#ifdef __SANITIZE_ADDRESS__
	g_autofree char *library = NULL;

	if (g_spawn_command_line_sync("gcc -print-file-name=libasan.so", &library, NULL, NULL,
				      NULL))
		env = g_environ_setenv(env, "LD_PRELOAD", g_strchomp(library), TRUE);
	env = g_environ_setenv(env, "ASAN_OPTIONS", "detect_leaks=0", TRUE);
#endif
	return env;
}

static const char *const no_words[] = { NULL };

static struct bt2_output run(const char *const *before, const char *const *arguments)
{
	const char *build = g_getenv("BUILD");
	g_autofree char *path = g_strconcat("--plugin-path=", build ? build : "build", NULL);
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_auto(GStrv) env = environment();
	struct bt2_output o = { 0 };
	GError *error = NULL;
	int status;

	for (; *before; before++)
		g_ptr_array_add(argv, (char *)*before);
	g_ptr_array_add(argv, (char *)"babeltrace2");
	g_ptr_array_add(argv, path);
	for (; *arguments; arguments++)
		g_ptr_array_add(argv, (char *)*arguments);
	g_ptr_array_add(argv, NULL);
	if (!g_spawn_sync(NULL, (char **)argv->pdata, env, G_SPAWN_SEARCH_PATH, NULL, NULL, &o.out,
			  &o.err, &status, &error))
		fail_msg("%s", error->message);
	if (!WIFEXITED(status))
		fail_msg("babeltrace2 was ended by signal %d:\n%s", WTERMSIG(status), o.err);
	o.status = WEXITSTATUS(status);
	o.length = strlen(o.out);
	return o;
}

struct bt2_output bt2_run(const char *const *arguments)
{
	return run(no_words, arguments);
}

void bt2_pass_over_glib(void)
{
	/* To know whose a block was, stacks must be whole. */
	g_setenv("LSAN_OPTIONS", "suppressions=tests/lsan.supp:print_suppressions=0", TRUE);
	g_setenv("ASAN_OPTIONS", "fast_unwind_on_malloc=0", TRUE);
}

void bt2_valgrind_wanted(void)
{
	g_autofree char *program = g_find_program_in_path("valgrind");
	bool has_valgrind = program != NULL;

	g_clear_pointer(&program, g_free);
#ifdef __SANITIZE_ADDRESS__
	has_valgrind = false;
#endif
	if (!has_valgrind)
		skip();
}

void bt2_valgrind(const char *const *arguments)
{
	static const char *const valgrind[] = {
		"valgrind",
		"-q",
		"--leak-check=full",
		"--show-leak-kinds=definite",
		"--errors-for-leak-kinds=definite",
		"--error-exitcode=99",
		"--suppressions=tests/valgrind.supp",
		NULL,
	};
	struct bt2_output o = run(valgrind, arguments);

	if (o.status)
		fail_msg("%s", o.err);
	bt2_output_clear(&o);
}

void bt2_output_clear(struct bt2_output *o)
{
	g_free(o->out);
	g_free(o->err);
	memset(o, 0, sizeof(*o));
}

char *bt2_print(const char *const *arguments)
{
	struct bt2_output o = bt2_run(arguments);

	if (o.status)
		fail_msg("babeltrace2 failed:\n%s", o.err);
	g_free(o.err);
	return o.out;
}

static char *inputs_of(GPtrArray *dirs)
{
	GString *text = g_string_new("inputs=[");

	for (guint i = 0; i < dirs->len; i++)
		g_string_append_printf(text, "%s\"%s\"", i ? "," : "",
				       (char *)g_ptr_array_index(dirs, i));
	g_string_append_c(text, ']');
	return g_string_free(text, FALSE);
}

char *bt2_inputs(const char *path)
{
	g_autoptr(GHashTable) visited = find_visited_new();
	g_autoptr(GPtrArray) dirs = g_ptr_array_new_with_free_func(g_free);

	if (!find_traces(path, visited, dirs, NULL, NULL, NULL) || !dirs->len)
		fail_msg("%s: no trace", path);
	return inputs_of(dirs);
}

char *bt2_input(const char *path)
{
	return g_strdup_printf("inputs=[\"%s\"]", path);
}
