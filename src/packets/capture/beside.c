/* SPDX-License-Identifier: MIT */
/* beside.c - looks for captures where people, and scripts/record, put them. */
#include "packets/capture/beside.h"

#include <string.h>

#include "base/session.h"

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Those in the directory. False: there is none. */
static gboolean add_those_in(const char *directory, GPtrArray *paths)
{
	GDir *dir = g_dir_open(directory, 0, NULL);
	guint before = paths->len;
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *path = strstr(name, ".pcap") ? g_build_filename(directory, name, NULL) : NULL;

		if (path && g_file_test(path, G_FILE_TEST_IS_REGULAR))
			g_ptr_array_add(paths, path);
		else
			g_free(path);
	}
	if (dir)
		g_dir_close(dir);
	if (paths->len > before)
		qsort(paths->pdata + before, paths->len - before, sizeof(*paths->pdata),
		      compare_paths);
	return paths->len > before;
}

static gboolean add_those_around(const char *directory, GPtrArray *paths)
{
	g_autofree char *parent = g_path_get_dirname(directory);

	return add_those_in(directory, paths) || add_those_in(parent, paths);
}

void captures_beside(const char *trace, GPtrArray *paths)
{
	g_autofree char *absolute = g_canonicalize_filename(trace, NULL);
	g_autofree char *session = session_of(absolute);

	if (!add_those_around(absolute, paths))
		add_those_around(session, paths);
}
