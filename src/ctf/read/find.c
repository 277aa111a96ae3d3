/* SPDX-License-Identifier: MIT */
/* find.c - where below a path traces lie. */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include <flightbox/error.h>

#include "ctf/read/find.h"

#define DEPTH_MAX 16

static bool io_error(const char *path, GError **error)
{
	g_set_error(error, FB_ERROR, FB_ERROR_IO, "%s: %s", path, g_strerror(errno));
	return false;
}

GHashTable *find_visited_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static int compare_names(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

/* NULL, and errno, when that fails; 0 at the end. */
static const struct dirent *next_entry(DIR *d)
{
	errno = 0;
	return readdir(d);
}

GPtrArray *find_names(const char *dir, GError **error)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;
	GPtrArray *names;

	if (!d) {
		io_error(dir, error);
		return NULL;
	}
	names = g_ptr_array_new_with_free_func(g_free);
	while ((entry = next_entry(d)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			g_ptr_array_add(names, g_strdup(entry->d_name));
	if (errno) {
		io_error(dir, error);
		g_clear_pointer(&names, g_ptr_array_unref);
	}
	closedir(d);
	if (names)
		g_ptr_array_sort(names, compare_names);
	return names;
}

/* What a search is handed from directory to directory. */
struct search {
	GHashTable *visited;
	GPtrArray *dirs;
	struct fb_source_info *info;
	GError **below;
};

/* False when the directory may be listed and not entered. */
static bool add_trace(const char *dir, GPtrArray *dirs, GError **error)
{
	g_autofree char *metadata = g_build_filename(dir, "metadata", NULL);
	struct stat st;

	if (stat(metadata, &st))
		return errno == EACCES ? io_error(metadata, error) : true;
	if (S_ISREG(st.st_mode))
		g_ptr_array_add(dirs, g_strdup(dir));
	return true;
}

static void tell_unreadable(const struct search *s, GError *why)
{
	if (s->info)
		info_problem(s->info, "%s", why->message);
	if (s->below && !*s->below)
		*s->below = why;
	else
		g_error_free(why);
}

static bool search(const struct search *s, const char *dir, const struct stat *st, unsigned depth,
		   GError **error)
{
	g_autofree char *key =
		g_strdup_printf("%ju:%ju", (uintmax_t)st->st_dev, (uintmax_t)st->st_ino);
	g_autoptr(GPtrArray) names = NULL;

	if (!g_hash_table_add(s->visited, g_steal_pointer(&key)))
		return true;
	names = find_names(dir, error);
	if (!names || !add_trace(dir, s->dirs, error))
		return false;
	for (guint i = 0; i < names->len && depth < DEPTH_MAX; i++) {
		g_autofree char *path = g_build_filename(dir, g_ptr_array_index(names, i), NULL);
		GError *why = NULL;
		struct stat below;

		if (lstat(path, &below) || !S_ISDIR(below.st_mode))
			continue;
		if (!search(s, path, &below, depth + 1, &why))
			tell_unreadable(s, why);
	}
	return true;
}

bool find_traces(const char *path, GHashTable *visited, GPtrArray *dirs,
		 struct fb_source_info *info, GError **below, GError **error)
{
	const struct search s = { visited, dirs, info, below };
	g_autofree char *parent = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	struct stat st;

	if (stat(path, &st))
		return io_error(path, error);
	if (S_ISREG(st.st_mode) && !strcmp(name, "metadata")) {
		path = parent;
		if (stat(path, &st))
			return io_error(path, error);
	}
	if (!S_ISDIR(st.st_mode))
		return true;
	return search(&s, path, &st, 0, error);
}
