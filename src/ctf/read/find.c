/* SPDX-License-Identifier: MIT */
/* find.c - where below a path traces lie. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <flightbox/error.h>

#include "base/files.h"
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

static bool is_below(const char *path, const char *root)
{
	size_t n = strlen(root);

	/* The root of all ends with a slash, others do not. */
	return g_str_has_prefix(path, root) && (path[n] == '/' || root[n - 1] == '/');
}

/* Whether the link may be followed, and what is behind it. */
static bool may_follow(const char *path, const char *root, struct stat *st, GError **error)
{
	char *target = realpath(path, NULL);
	bool ok = target && !stat(target, st);

	if (!ok) {
		io_error(path, error);
	} else if (!is_below(target, root)) {
		ok = false;
		g_set_error(error, FB_ERROR, FB_ERROR_IO,
			    "%s: is a link that leads out of the trace, to %s", path, target);
	}
	free(target);
	return ok;
}

bool find_is_file(const char *path, const char *root, GError **error)
{
	struct stat st;

	if (lstat(path, &st) || (S_ISLNK(st.st_mode) && !may_follow(path, root, &st, error)))
		return false;
	if (file_type_name(st.st_mode))
		g_set_error(error, FB_ERROR, FB_ERROR_IO, "%s: is %s, not a file", path,
			    file_type_name(st.st_mode));
	return S_ISREG(st.st_mode);
}

/* What a search is handed from directory to directory. */
struct search {
	const char *root;
	bool is_named; /* the first one's metadata was: a link may lead anywhere then */
	GHashTable *visited;
	GPtrArray *dirs;
	struct fb_source_info *info;
	GError **below;
};

static void keep_unreadable(const struct search *s, GError *why)
{
	if (s->info)
		info_problem(s->info, "%s", why->message);
	if (s->below && !*s->below)
		*s->below = why;
	else
		g_error_free(why);
}

/* False when the directory may be listed and not entered. */
static bool add_trace(const struct search *s, const char *dir, unsigned depth, GError **error)
{
	g_autofree char *metadata = g_build_filename(dir, "metadata", NULL);
	GError *why = NULL;
	struct stat st;

	if (lstat(metadata, &st) && errno == EACCES)
		return io_error(metadata, error);
	if ((s->is_named && !depth) || find_is_file(metadata, s->root, &why))
		g_ptr_array_add(s->dirs, g_strdup(dir));
	if (why)
		keep_unreadable(s, why);
	return true;
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
	if (!names || !add_trace(s, dir, depth, error))
		return false;
	for (guint i = 0; i < names->len && depth < DEPTH_MAX; i++) {
		g_autofree char *path = g_build_filename(dir, g_ptr_array_index(names, i), NULL);
		GError *why = NULL;
		struct stat below;

		if (lstat(path, &below) || !S_ISDIR(below.st_mode))
			continue;
		if (!search(s, path, &below, depth + 1, &why))
			keep_unreadable(s, why);
	}
	return true;
}

char *find_root(const char *path)
{
	g_autofree char *parent = g_path_get_dirname(path);
	char *real = realpath(g_file_test(path, G_FILE_TEST_IS_REGULAR) ? parent : path, NULL);
	char *root = g_strdup(real);

	free(real);
	return root;
}

bool find_traces(const char *path, GHashTable *visited, GPtrArray *dirs,
		 struct fb_source_info *info, GError **below, GError **error)
{
	g_autofree char *parent = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *root = find_root(path);
	struct search s = { root, false, visited, dirs, info, below };
	struct stat st;

	if (stat(path, &st))
		return io_error(path, error);
	if (S_ISREG(st.st_mode) && !strcmp(name, "metadata")) {
		s.is_named = true;
		path = parent;
		if (stat(path, &st))
			return io_error(path, error);
	}
	if (!S_ISDIR(st.st_mode))
		return true;
	if (!root)
		return io_error(path, error);
	return search(&s, path, &st, 0, error);
}
