/* SPDX-License-Identifier: MIT */
/* option.c - what users wrote -> the members of a struct. */
#include <flightbox/error.h>
#include <flightbox/times.h>

#include "run/option.h"

static void *value(const struct fb_option *option, void *self)
{
	return (char *)self + option->offset;
}

void option_init(const struct fb_option *o, void *self)
{
	void *to = value(o, self);

	switch (o->type) {
	case FB_OPTION_BOOL:
		*(bool *)to = o->initial;
		break;
	case FB_OPTION_INT:
	case FB_OPTION_CHOICE:
		*(int *)to = o->initial;
		break;
	case FB_OPTION_DURATION:
		*(fb_ns *)to = o->initial;
		break;
	case FB_OPTION_TIME:
		*(fb_ns *)to = FB_NS_NONE;
		break;
	case FB_OPTION_SIZE:
		*(uint64_t *)to = o->initial;
		break;
	case FB_OPTION_TEXT:
	case FB_OPTION_FILE:
		*(char **)to = NULL;
		break;
	case FB_OPTION_NUMBERS:
		*(GArray **)to = g_array_new(FALSE, FALSE, sizeof(int32_t));
		break;
	case FB_OPTION_TEXTS:
	case FB_OPTION_FILES:
		*(GPtrArray **)to = g_ptr_array_new_with_free_func(g_free);
		break;
	}
}

void option_clear(const struct fb_option *o, void *self)
{
	void *to = value(o, self);

	if (o->type == FB_OPTION_TEXT || o->type == FB_OPTION_FILE)
		g_clear_pointer((char **)to, g_free);
	else if (o->type == FB_OPTION_NUMBERS)
		g_clear_pointer((GArray **)to, g_array_unref);
	else if (o->type == FB_OPTION_TEXTS || o->type == FB_OPTION_FILES)
		g_clear_pointer((GPtrArray **)to, g_ptr_array_unref);
}

void options_init(const struct fb_option *options, void *self)
{
	for (const struct fb_option *o = options; o && o->name; o++)
		option_init(o, self);
}

void options_clear(const struct fb_option *options, void *self)
{
	for (const struct fb_option *o = options; o && o->name; o++)
		option_clear(o, self);
}

/* ---- words ------------------------------------------------------------------------------ */

/* "text, jsonl or csv"; `mark` is put behind the first one. */
static char *list_choices(const struct fb_option *o, const char *mark)
{
	GString *list = g_string_new(NULL);

	for (int i = 0; o->choices[i]; i++) {
		if (i)
			g_string_append(list, o->choices[i + 1] ? ", " : " or ");
		g_string_append(list, o->choices[i]);
		if (!i)
			g_string_append(list, mark);
	}
	return g_string_free(list, FALSE);
}

char *option_help(const struct fb_option *o)
{
	g_autofree char *choices = o->choices ? list_choices(o, " (default)") : NULL;

	if (!choices)
		return g_strdup(o->help);
	return o->help ? g_strconcat(o->help, ": ", choices, NULL) : g_steal_pointer(&choices);
}

static bool refuse(const char *text, const char *expected, GError **error)
{
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE, "%s: expected %s", text, expected);
	return false;
}

/* ---- values ----------------------------------------------------------------------------- */

static bool set_bool(const char *text, bool *to, GError **error)
{
	bool yes = !text || !strcmp(text, "yes");

	if (!yes && strcmp(text, "no"))
		return refuse(text, "yes or no", error);
	*to = yes;
	return true;
}

static bool set_int(const struct fb_option *o, const char *text, int *to, GError **error)
{
	gint64 number;

	if (!g_ascii_string_to_signed(text, 10, o->min, o->max, &number, NULL)) {
		g_set_error(error, FB_ERROR, FB_ERROR_USAGE, "%s: expected a number from %d to %d",
			    text, o->min, o->max);
		return false;
	}
	*to = number;
	return true;
}

static bool find_choice(const struct fb_option *o, const char *text, int *which, GError **error)
{
	g_autofree char *choices = NULL;

	for (int i = 0; o->choices[i]; i++)
		if (!strcmp(text, o->choices[i])) {
			*which = i;
			return true;
		}
	choices = list_choices(o, "");
	return refuse(text, choices, error);
}

/* "64M": a number with a power of 1024. */
static bool set_size(const char *text, uint64_t *to, GError **error)
{
	static const char units[] = "KMG";
	size_t length = strlen(text);
	const char *unit = length ? strchr(units, g_ascii_toupper(text[length - 1])) : NULL;
	int shift = unit && *unit ? 10 * (unit - units + 1) : 0;
	g_autofree char *digits = g_strndup(text, length - (shift > 0));
	guint64 number;

	if (!g_ascii_string_to_unsigned(digits, 10, 1, G_MAXINT64 >> shift, &number, NULL))
		return refuse(text, "a size like 64M", error);
	*to = number << shift;
	return true;
}

static bool set_text(const struct fb_option *o, const char *text, char **to, GError **error)
{
	int which;

	if (o->choices && !find_choice(o, text, &which, error))
		return false;
	g_free(*to);
	*to = g_strdup(text);
	return true;
}

static bool add_numbers(const char *text, GArray *to, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(text, ",", -1);

	if (!*parts)
		return refuse(text, "a number", error);
	for (char **part = parts; *part; part++) {
		guint64 number;

		if (!g_ascii_string_to_unsigned(*part, 10, 0, INT32_MAX, &number, NULL))
			return refuse(*part, "a number", error);
		g_array_append_vals(to, &(int32_t){ number }, 1);
	}
	return true;
}

bool fb_option_set(const struct fb_option *option, void *self, const char *text, GError **error)
{
	void *to = value(option, self);

	switch (option->type) {
	case FB_OPTION_BOOL:
		return set_bool(text, to, error);
	case FB_OPTION_INT:
		return set_int(option, text, to, error);
	case FB_OPTION_DURATION:
		return fb_duration_parse(text, to, error);
	case FB_OPTION_TEXT:
	case FB_OPTION_FILE:
		return set_text(option, text, to, error);
	case FB_OPTION_CHOICE:
		return find_choice(option, text, to, error);
	case FB_OPTION_SIZE:
		return set_size(text, to, error);
	case FB_OPTION_NUMBERS:
		return add_numbers(text, *(GArray **)to, error);
	case FB_OPTION_TEXTS:
	case FB_OPTION_FILES:
		g_ptr_array_add(*(GPtrArray **)to, g_strdup(text));
		return true;
	case FB_OPTION_TIME:
		break;
	}
	g_assert_not_reached();
}

bool fb_option_set_time(const struct fb_option *option, void *self, const char *text,
			enum fb_time_form form, const struct fb_source_info *info, GError **error)
{
	g_assert(option->type == FB_OPTION_TIME);
	return fb_time_parse(text, form, fb_source_clock(info), value(option, self), error);
}
