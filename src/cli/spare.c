/* SPDX-License-Identifier: MIT */
/* spare.c - an output must not take the place of what is read. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "cli/cli.h"
#include "ctf/read/find.h"

#define DEPTH_MAX 16 /* as deep as traces are looked for */
#define BEGIN_BYTES 4096

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Streams and their indexes have zeros near their begin; reports, which may lie beside them, have none. */
static bool is_binary(const char *path)
{
	char bytes[BEGIN_BYTES];
	struct stat st;
	int fd = file_open(path, &st, NULL);
	ssize_t n = fd < 0 ? 0 : read(fd, bytes, sizeof(bytes));

	if (fd >= 0)
		close(fd);
	return n > 0 && memchr(bytes, '\0', n);
}

/* Of a file in the directory of a trace. */
static bool belongs_to_trace(const char *path)
{
	g_autofree char *name = g_path_get_basename(path);

	return !strcmp(name, "metadata") || g_str_has_prefix(name, "kallsyms") || is_binary(path);
}

/* The file's place in the directory, if it is one of the trace's; NULL: it is none. */
static char *find_in(const char *dir, const struct stat *file, unsigned depth)
{
	g_autoptr(GPtrArray) names = find_names(dir, NULL);
	char *found = NULL;

	for (guint i = 0; names && i < names->len && !found; i++) {
		g_autofree char *path = g_build_filename(dir, g_ptr_array_index(names, i), NULL);
		struct stat st, own;

		if (lstat(path, &own) || stat(path, &st))
			continue;
		if (S_ISDIR(own.st_mode) && depth < DEPTH_MAX)
			found = find_in(path, file, depth + 1);
		else if (is_same(&st, file) && belongs_to_trace(path))
			found = g_steal_pointer(&path);
	}
	return found;
}

static char *find_in_input(const char *input, const struct stat *file)
{
	const char *symbols = input_symbols(input);
	struct stat st;

	if (symbols && !stat(symbols, &st) && is_same(&st, file))
		return g_strdup(symbols);
	if (stat(input, &st))
		return NULL;
	if (S_ISDIR(st.st_mode))
		return find_in(input, file, 0);
	return is_same(&st, file) ? g_strdup(input) : NULL;
}

static bool is_same_path(const char *a, const char *b)
{
	g_autofree char *x = g_canonicalize_filename(a, NULL), *y = g_canonicalize_filename(b, NULL);

	return !strcmp(x, y);
}

bool output_spares(const char *output, char *const *inputs)
{
	g_autofree char *found = NULL;
	struct stat st;

	if (!output || stat(output, &st) || !S_ISREG(st.st_mode))
		return true;
	for (; inputs && *inputs && !found; inputs++)
		found = find_in_input(*inputs, &st);
	if (found && is_same_path(found, output))
		complain("%s: is read, and is not written over", output);
	else if (found)
		complain("%s: is read, and is not written over: it is %s", output, found);
	return !found;
}
