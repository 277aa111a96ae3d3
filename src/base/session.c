/* SPDX-License-Identifier: MIT */
/* session.c - the directories of LTTng's sessions, by their names. */
#include "base/session.h"

#include <stdbool.h>
#include <string.h>

static void step_up(char **path)
{
	char *parent = g_path_get_dirname(*path);

	g_free(*path);
	*path = parent;
}

static bool is_named(const char *path, const char *wanted)
{
	g_autofree char *name = g_path_get_basename(path);

	return !strcmp(name, wanted);
}

/* Where "-DIGITS" before `end` begins; NULL: none. `n` is how many digits, 0 for any number. */
static const char *back_over(const char *begin, const char *end, ptrdiff_t n)
{
	const char *at = end;

	while (at > begin && g_ascii_isdigit(at[-1]))
		at--;
	if (at == end || (n && end - at != n) || at == begin || at[-1] != '-')
		return NULL;
	return at - 1;
}

/* NAME-DATE-TIME-NUMBER. By hand: where memory ends, GLib's regular expressions crash. */
static bool is_snapshot(const char *path)
{
	g_autofree char *name = g_path_get_basename(path);
	const char *at = back_over(name, name + strlen(name), 0);

	at = at ? back_over(name, at, strlen("hhmmss")) : NULL;
	return at && back_over(name, at, strlen("yyyymmdd"));
}

char *session_of(const char *absolute)
{
	char *at = g_strdup(absolute);
	g_autofree char *parent = NULL;

	if (is_named(at, "kernel"))
		step_up(&at);
	/* SESSION/archives/CHUNK, SESSION/SNAPSHOT-DATE-TIME-NUMBER */
	parent = g_path_get_dirname(at);
	if (is_named(parent, "archives"))
		step_up(&at);
	if (is_named(at, "archives") || is_snapshot(at))
		step_up(&at);
	return at;
}
