/* SPDX-License-Identifier: MIT */
/* glob.c - matches character by character, and goes back to the last star where that fails. */
#include <glib.h>
#include <string.h>

#include "base/glob.h"

/* The character at `at`, which is not the text's end, and in *next what is behind it. */
static gunichar character_at(const char *at, const char **next)
{
	gunichar c = g_utf8_get_char_validated(at, -1);

	if (c == (gunichar)-1 || c == (gunichar)-2) {
		*next = at + 1;
		return 0x110000 + (unsigned char)*at; /* like no character there is */
	}
	*next = g_utf8_next_char(at);
	return c;
}

static const char *next_character(const char *at)
{
	const char *next;

	character_at(at, &next);
	return next;
}

/* The ']' that ends the set at `from`, which is a '['; NULL: it is not ended, and a '[' like any other. */
static const char *end_of_set(const char *from, const char *end)
{
	const char *at = from + 1;

	at += at < end && (*at == '!' || *at == '^');
	at += at < end; /* a ']' that comes first is one of the set */
	return at < end ? memchr(at, ']', end - at) : NULL;
}

/* Whether `c` is in the set that begins at `from` and ends at `last`. */
static bool is_in_set(const char *from, const char *last, gunichar c)
{
	const char *at = from + 1;
	bool others = *at == '!' || *at == '^', found = false;

	at += others;
	while (at < last) {
		gunichar low = character_at(at, &at), high = low;

		if (*at == '-' && at + 1 < last)
			high = character_at(at + 1, &at);
		found |= low <= c && c <= high;
	}
	return found != others;
}

/* Whether the pattern's next part, which is no star, takes the text's next character; moves both on. */
static bool take_one(const char **glob, const char *end, const char **text)
{
	const char *last, *at = *glob;
	gunichar c;

	if (at == end)
		return false;
	if (*at == '?') {
		++*glob;
		*text = next_character(*text);
		return true;
	}
	last = *at == '[' ? end_of_set(at, end) : NULL;
	if (last) {
		*glob = last + 1;
		c = character_at(*text, text);
		return is_in_set(at, last, c);
	}
	at += *at == '\\' && at + 1 < end && at[1] == ',';
	*glob = at + 1;
	return *at == *(*text)++;
}

static bool matches(const char *glob, const char *end, const char *text)
{
	const char *behind = NULL; /* the last '*', which has taken the text up to `taken` */
	const char *taken = NULL;

	while (*text) {
		if (glob < end && *glob == '*') {
			behind = ++glob;
			taken = text;
		} else if (!take_one(&glob, end, &text)) {
			if (!behind)
				return false;
			glob = behind;
			text = taken = next_character(taken);
		}
	}
	while (glob < end && *glob == '*')
		glob++;
	return glob == end;
}

bool glob_matches(const char *glob, const char *text)
{
	return matches(glob, glob + strlen(glob), text);
}

const char *glob_list_next(const char *globs)
{
	while (*globs && *globs != ',')
		globs += globs[0] == '\\' && globs[1] == ',' ? 2 : 1;
	return globs;
}

bool glob_list_matches(const char *globs, const char *text)
{
	for (;; globs++) {
		const char *end = glob_list_next(globs);

		if (matches(globs, end, text))
			return true;
		globs = end;
		if (!*globs)
			return false;
	}
}
