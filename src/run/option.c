/* SPDX-License-Identifier: MIT */
/* option.c - what users wrote -> the members of an analysis' struct. */
#include <flightbox/error.h>
#include <flightbox/times.h>

#include "run/option.h"

static void *value(const struct fb_option *option, void *self)
{
	return (char *)self + option->offset;
}

void options_init(const struct fb_option *options, void *self)
{
	for (const struct fb_option *o = options; o && o->name; o++) {
		if (o->type == FB_OPTION_INT || o->type == FB_OPTION_CHOICE)
			*(int *)value(o, self) = o->initial;
		else if (o->type == FB_OPTION_DURATION)
			*(fb_ns *)value(o, self) = o->initial;
		else if (o->type == FB_OPTION_TIME)
			*(fb_ns *)value(o, self) = FB_NS_NONE;
		else if (o->type == FB_OPTION_SIZE)
			*(uint64_t *)value(o, self) = o->initial;
	}
}

void options_clear(const struct fb_option *options, void *self)
{
	for (const struct fb_option *o = options; o && o->name; o++)
		if (o->type == FB_OPTION_TEXT)
			g_free(*(char **)value(o, self));
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

static bool set_choice(const struct fb_option *o, const char *text, int *to, GError **error)
{
	g_autofree char *names = NULL;

	for (int i = 0; o->choices[i]; i++)
		if (!strcmp(text, o->choices[i])) {
			*to = i;
			return true;
		}
	names = g_strjoinv(", ", (char **)o->choices);
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE, "%s: expected one of %s", text, names);
	return false;
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

	if (!g_ascii_string_to_unsigned(digits, 10, 1, G_MAXINT64 >> shift, &number, NULL)) {
		g_set_error(error, FB_ERROR, FB_ERROR_USAGE, "%s: expected a size like 64M", text);
		return false;
	}
	*to = number << shift;
	return true;
}

static void set_text(const char *text, char **to)
{
	g_free(*to);
	*to = g_strdup(text);
}

bool fb_option_set(const struct fb_option *option, void *self, const char *text, GError **error)
{
	void *to = value(option, self);

	switch (option->type) {
	case FB_OPTION_BOOL:
		*(bool *)to = true;
		return true;
	case FB_OPTION_INT:
		return set_int(option, text, to, error);
	case FB_OPTION_DURATION:
		return fb_duration_parse(text, to, error);
	case FB_OPTION_TEXT:
		set_text(text, to);
		return true;
	case FB_OPTION_CHOICE:
		return set_choice(option, text, to, error);
	case FB_OPTION_SIZE:
		return set_size(text, to, error);
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
