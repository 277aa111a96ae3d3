/* SPDX-License-Identifier: MIT */
/*
 * replay.c - a fuzz target as an ordinary test, without libFuzzer: fuzz_NAME gives it each input
 * of tests/fuzz/regressions/NAME, one case each, and those of build/corpus/NAME. With arguments:
 * these files. Each input has a process of its own, so that one that ends it is told.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

#define SECONDS 10 /* as much as `make fuzz` gives an input */

/* An input of that very size in memory: what reads past it is seen. */
static _Noreturn void run(const char *path)
{
	int null = open("/dev/null", O_WRONLY);
	char *bytes;
	gsize size;

	if (!g_file_get_contents(path, &bytes, &size, NULL))
		_exit(127);
	dup2(null, STDOUT_FILENO);
	bytes = g_realloc(bytes, MAX(size, 1));
	alarm(SECONDS);
	LLVMFuzzerTestOneInput((const uint8_t *)bytes, size);
	g_free(bytes);
	exit(0);
}

/* What it had to say while it ran is of interest when it failed. */
static void show(FILE *messages)
{
	char line[1024];

	rewind(messages);
	while (fgets(line, sizeof(line), messages))
		printf("# %s", line);
}

static bool input_passes(const char *path)
{
	FILE *messages = tmpfile();
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (!child) {
		dup2(fileno(messages), STDERR_FILENO);
		run(path);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		g_error("cannot run a test: %m");
	if (status) {
		show(messages);
		printf("# %s: %s %d\n", path, WIFSIGNALED(status) ? "signal" : "exit status",
		       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	}
	fclose(messages);
	return !status;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *inputs_below(const char *parent, const char *target)
{
	g_autofree char *path = g_build_filename(parent, target, NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (*name != '.')
			g_ptr_array_add(paths, g_build_filename(path, name, NULL));
	g_ptr_array_sort(paths, compare_paths);
	return paths;
}

static bool told(bool ok, const char *target, const char *what)
{
	printf("%sok - fuzz_%s: %s\n", ok ? "" : "not ", target, what);
	return ok;
}

static bool replay_each(const char *target, const GPtrArray *paths)
{
	bool ok = true;

	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);

		ok &= told(input_passes(path), target, path);
	}
	return ok;
}

/* Without a corpus nothing would be seen to fail. */
static bool replay_corpus(const char *target)
{
	g_autoptr(GPtrArray) paths = inputs_below("build/corpus", target);
	g_autofree char *what = g_strdup_printf("a corpus of %u inputs", paths->len);
	bool ok = paths->len > 0;

	for (guint i = 0; i < paths->len; i++)
		ok &= input_passes(g_ptr_array_index(paths, i));
	return told(ok, target, what);
}

int main(int argc, char **argv)
{
	const char *target = strrchr(argv[0], '_') ? strrchr(argv[0], '_') + 1 : argv[0];
	g_autoptr(GPtrArray) paths = NULL;
	bool ok;

	scratch_dir();
	if (argc > 1) {
		paths = g_ptr_array_new();
		for (int i = 1; i < argc; i++)
			g_ptr_array_add(paths, argv[i]);
		return replay_each(target, paths) ? 0 : 1;
	}
	paths = inputs_below("tests/fuzz/regressions", target);
	ok = replay_each(target, paths);
	return replay_corpus(target) && ok ? 0 : 1;
}
