/* SPDX-License-Identifier: MIT */
/* bt2_details.c - see bt2_details.h. */
#include "bt2_details.h"

#include <stdbool.h>
#include <string.h>

#include <flightbox/event.h>

static void printed_stream_free(void *data)
{
	struct printed_stream *s = data;

	g_ptr_array_unref(s->messages);
	g_free(s);
}

/* The text between backticks at `at`. */
static bool is_modelled(const char *at)
{
	g_autofree char *name = NULL;
	struct fb_meaning meaning;

	at = strchr(at, '`') + 1;
	name = g_strndup(at, strcspn(at, "`"));
	return fb_vocabulary_find(name, &meaning);
}

/* Lines without those about event classes that are not modelled. */
static void add_classes(struct details *d, const char *block)
{
	static const char begin[] = "    Event class `";
	bool drop = false;

	for (; *block; block += strcspn(block, "\n"), block += *block == '\n') {
		if (g_str_has_prefix(block, begin))
			drop = !is_modelled(block);
		else if (drop && !g_str_has_prefix(block, "      "))
			drop = false;
		if (!drop)
			g_string_append_printf(d->classes, "%.*s\n", (int)strcspn(block, "\n"),
					       block);
	}
}

struct printed_stream *details_stream(struct details *d, const char *name)
{
	size_t length = strcspn(name, "\n");
	struct printed_stream *s;

	for (guint i = 0; i < d->streams->len; i++) {
		s = g_ptr_array_index(d->streams, i);
		if (!strncmp(s->name, name, length))
			return s;
	}
	s = g_new0(struct printed_stream, 1);
	s->name = name;
	s->messages = g_ptr_array_new();
	g_ptr_array_add(d->streams, s);
	return s;
}

/* [95,776,075,606 cycles, …]; 0 for [Unknown] */
static uint64_t time_of(const char *block)
{
	uint64_t time = 0;

	if (g_ascii_isdigit(block[1]))
		for (block++; *block == ',' || g_ascii_isdigit(*block); block++)
			time = *block == ',' ? time : time * 10 + (*block - '0');
	return time;
}

static void add_message(struct details *d, char *block, uint64_t *last)
{
	const char *stream = strchr(block, '\n') + 1, *what = strchr(stream, '\n') + 1;
	uint64_t time = time_of(block);

	if (g_str_has_prefix(what, "Event `") && !is_modelled(what))
		return;
	d->disorder += time && time < *last;
	*last = MAX(*last, time);
	g_ptr_array_add(details_stream(d, stream)->messages, block);
}

/* The newline before the next blank line, or NULL. (ASan's strstr() reads all that follows.) */
static char *blank_line(char *at)
{
	for (at = strchr(at, '\n'); at && at[1] != '\n'; at = strchr(at + 1, '\n'))
		;
	return at;
}

void details_parse(struct details *d, char *text)
{
	uint64_t last = 0;
	char *next;

	d->text = text;
	d->classes = g_string_new(NULL);
	d->streams = g_ptr_array_new_with_free_func(printed_stream_free);
	for (char *block = text; block && *block; block = next) {
		next = blank_line(block);
		if (next) {
			*next = '\0';
			next += 2;
		}
		if (*block == '[')
			add_message(d, block, &last);
		else
			add_classes(d, block);
	}
}

void details_clear(struct details *d)
{
	g_string_free(d->classes, TRUE);
	g_ptr_array_unref(d->streams);
	g_free(d->text);
}
