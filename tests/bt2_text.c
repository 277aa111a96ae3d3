/* SPDX-License-Identifier: MIT */
/* bt2_text.c - see bt2_text.h. */
#include "bt2_text.h"

#include <stdlib.h>
#include <string.h>

static bool skip(const char **at, const char *text)
{
	size_t length = strlen(text);

	if (strncmp(*at, text, length))
		return false;
	*at += length;
	return true;
}

/* From the opening quote to behind the closing one; NULL when there is none. */
static const char *behind_string(const char *at)
{
	for (at++; *at && *at != '"'; at++)
		if (*at == '\\' && at[1])
			at++;
	return *at ? at + 1 : NULL;
}

/* To the ',' or the blank and bracket that ends the value at any depth of brackets. */
static const char *behind_value(const char *at)
{
	int depth = 0;

	while (at && *at) {
		if (*at == '"') {
			at = behind_string(at);
			continue;
		}
		if (depth == 0 && (*at == ',' || *at == ' '))
			return at;
		if (strchr("{[(", *at))
			depth++;
		else if (strchr("}])", *at) && --depth < 0)
			return NULL;
		at++;
	}
	return NULL;
}

/* `{ a = 1, b = "x" }` or `{ }`. */
static bool parse_fields(const char **at, struct bt2_fields *fields)
{
	fields->n = 0;
	if (!skip(at, "{ "))
		return false;
	while (!skip(at, "}")) {
		struct bt2_field *f = &fields->at[fields->n++];

		if (fields->n == BT2_FIELDS_MAX)
			return false;
		f->name = *at;
		f->name_length = strcspn(*at, " ");
		*at += f->name_length;
		if (!skip(at, " = "))
			return false;
		f->value = *at;
		*at = behind_value(*at);
		if (!*at)
			return false;
		f->value_length = *at - f->value;
		skip(at, ",");
		if (!skip(at, " "))
			return false;
	}
	return true;
}

static bool parse_head(const char **at, struct bt2_event *ev)
{
	const char *name, *end;
	char *behind;

	if (!skip(at, "["))
		return false;
	ev->time = g_ascii_strtoll(*at, &behind, 10);
	end = strstr(behind, ": { ");
	if (*behind != ']' || !end)
		return false;
	for (name = end; name > behind && name[-1] != ' ';)
		name--;
	*at = end + 2;
	return g_strlcpy(ev->name, name, MIN(sizeof(ev->name), (size_t)(end - name) + 1)) > 0;
}

bool bt2_event_parse(const char *line, struct bt2_event *ev)
{
	struct bt2_fields packet;
	int64_t cpu;

	if (!parse_head(&line, ev) || !parse_fields(&line, &packet) || !skip(&line, ", ") ||
	    !bt2_number(bt2_find(&packet, "cpu_id"), &cpu) || !parse_fields(&line, &ev->fields))
		return false;
	ev->cpu = cpu;
	ev->context.n = 0;
	if (skip(&line, ", ")) {
		ev->context = ev->fields;
		if (!parse_fields(&line, &ev->fields))
			return false;
	}
	return *line == '\n' || *line == '\0';
}

const struct bt2_field *bt2_find(const struct bt2_fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->n; i++)
		if (strlen(name) == fields->at[i].name_length &&
		    !memcmp(name, fields->at[i].name, fields->at[i].name_length))
			return &fields->at[i];
	return NULL;
}

/* What a variant's or a structure's braces hold. */
static bool open_braces(struct bt2_field *value)
{
	if (value->value_length < 4 || strncmp(value->value, "{ ", 2))
		return false;
	value->value += 2;
	value->value_length -= 4;
	return true;
}

bool bt2_find_within(const struct bt2_fields *fields, const char *within, const char *name,
		     struct bt2_field *found)
{
	g_auto(GStrv) way = g_strsplit(within, ".", -1);
	struct bt2_fields inner = *fields;

	for (char **step = way; *step; step++) {
		const struct bt2_field *next = bt2_find(&inner, *step);
		struct bt2_field variant;
		const char *at;

		if (!next)
			return false;
		variant = *next;
		/* The option that a variant has is printed without its name. */
		if (step[1] && !strcmp(step[1], "*")) {
			step++;
			if (!open_braces(&variant))
				return false;
		}
		at = variant.value;
		if (!parse_fields(&at, &inner))
			return false;
	}
	if (!bt2_find(&inner, name))
		return false;
	*found = *bt2_find(&inner, name);
	return true;
}

size_t bt2_address(const struct bt2_field *field, uint8_t to[16])
{
	g_autofree char *text = g_strndup(field->value, field->value_length);
	unsigned long numbers[17];
	size_t n = 0;

	for (const char *at = text; n < 17 && (at = strstr(at, "] = ")); n++)
		numbers[n] = strtoul(at + 4, (char **)&at, 0);
	if (n != 4 && n != 8 && n != 16)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (n == 8)
			to[2 * i] = numbers[i] >> 8;
		to[n == 8 ? 2 * i + 1 : i] = numbers[i];
	}
	return n == 8 ? 16 : n;
}

bool bt2_number(const struct bt2_field *field, int64_t *number)
{
	const char *at, *container = " : container = ", *first = "[ [0] = ";
	char *end;

	if (!field)
		return false;
	at = field->value;
	if (*at == '(') {
		at = g_strstr_len(at, field->value_length, container);
		if (!at)
			return false;
		at += strlen(container);
	} else {
		skip(&at, first);
	}
	if (*at != '-' && !g_ascii_isdigit(*at))
		return false;
	*number = *at == '-' ? strtoll(at, &end, 0) : (int64_t)strtoull(at, &end, 0);
	return end > at && end <= field->value + field->value_length;
}

GString *bt2_string(const struct bt2_field *field)
{
	static const char letters[] = "0abefnrtv", meant[] = "\0\a\b\033\f\n\r\t\v";
	const char *at = field->value + 1, *end = field->value + field->value_length - 1;
	GString *text;

	if (field->value_length < 2 || *field->value != '"' || *end != '"')
		return NULL;
	text = g_string_new(NULL);
	for (; at < end; at++) {
		const char *letter;

		if (*at != '\\' || at + 1 == end) {
			g_string_append_c(text, *at);
			continue;
		}
		at++;
		letter = strchr(letters, *at);
		if (*at == 'x' && at + 2 < end) {
			g_string_append_c(text, g_ascii_xdigit_value(at[1]) << 4 |
							g_ascii_xdigit_value(at[2]));
			at += 2;
		} else {
			g_string_append_c(text, letter ? meant[letter - letters] : *at);
		}
	}
	return text;
}
