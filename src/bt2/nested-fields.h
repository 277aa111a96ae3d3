/* SPDX-License-Identifier: MIT */
/* nested-fields.h - fields inside of an event's structures and variants, and what class.c and they read alike. */
#ifndef BT2_NESTED_FIELDS_H
#define BT2_NESTED_FIELDS_H

#include "bt2/class.h"

bool is_a(const bt_field_class *class, bt_field_class_type type);

/* MEMBER_NONE for what is no integer. */
enum member_type number_type(const bt_field_class *class);
enum member_type type_of(const bt_field_class *class);

/* An option or a variant; its type_of() is that of the first thing in it that can be read. */
bool is_optional(const bt_field_class *class);
/* The field that options and variants have at last; NULL: none. */
const bt_field *find_option(const bt_field *field);

int64_t read_number(enum member_type type, const bt_field *field);
/* False for what is neither a number nor a text. */
bool read_value(enum member_type type, const bt_field *field, struct fb_value *value);

/* Finds where the kind's inner fields lie; `payload` may be NULL. */
void want_inner(struct event_class *c, const bt_field_class *payload);
/* The value of fb_kinds[kind].fields[field]; false: the event does not have it. */
bool read_inner(const struct event_class *c, const bt_event *event, unsigned field,
		struct fb_value *value);

#endif
