/* SPDX-License-Identifier: MIT */
/*
 * bt2_text.h - an event as `babeltrace2 --clock-cycles` prints it, taken apart:
 *
 *	[00000000009564335260] (+000000551681) HOST NAME: { cpu_id = 1 }, { tid = 3 }, { irq = 7 }
 *	 time                                       name    packet         contexts     fields
 */
#ifndef TESTS_BT2_TEXT_H
#define TESTS_BT2_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* `name = value`, both lent from the line and not NUL-terminated. */
struct bt2_field {
	const char *name, *value;
	size_t name_length, value_length;
};

#define BT2_FIELDS_MAX 64

struct bt2_fields {
	struct bt2_field at[BT2_FIELDS_MAX]; /* those of inner structures are within their values */
	size_t n;
};

struct bt2_event {
	int64_t time;   /* cycles of the trace's clock */
	int cpu;
	char name[128];
	struct bt2_fields context, fields;
};

/* Returns false when the line is none that babeltrace2 prints for an event. */
bool bt2_event_parse(const char *line, struct bt2_event *ev);

/* NULL when there is no such field. */
const struct bt2_field *bt2_find(const struct bt2_fields *fields, const char *name);

/*
 * A field inside of others, by fb_field.within: "network_header.*" is what the variant
 * network_header holds. False when there is none.
 */
bool bt2_find_within(const struct bt2_fields *fields, const char *within, const char *name,
		     struct bt2_field *found);

/*
 * Decimal, octal (02), hexadecimal, or an enum's: ( "label" : container = 5 ); of an
 * array the first element. False for anything else.
 */
bool bt2_number(const struct bt2_field *field, int64_t *number);

/* An array of bytes, or of 16-bit numbers when there are 8, into 16 bytes; their number, or 0. */
size_t bt2_address(const struct bt2_field *field, uint8_t to[16]);

/* The text without quotes and escapes; free with g_string_free(). NULL when it is no text. */
GString *bt2_string(const struct bt2_field *field);

#endif
