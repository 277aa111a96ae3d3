/* SPDX-License-Identifier: MIT */
/* glob.c - matches byte by byte, and goes back to the last star where that fails. */
#include <glib.h>

#include "base/glob.h"

/* `at` is not at the text's end. */
static const char *next_character(const char *at)
{
	gunichar c = g_utf8_get_char_validated(at, -1);

	return c == (gunichar)-1 || c == (gunichar)-2 ? at + 1 : g_utf8_next_char(at);
}

bool glob_matches(const char *glob, const char *text)
{
	const char *behind = NULL; /* the last '*', which has taken the text up to `taken` */
	const char *taken = NULL;

	while (*text) {
		if (*glob == '*') {
			behind = ++glob;
			taken = text;
		} else if (*glob == '?') {
			glob++;
			text = next_character(text);
		} else if (*glob == *text) {
			glob++;
			text++;
		} else if (behind) {
			glob = behind;
			text = taken = next_character(taken);
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return !*glob;
}
