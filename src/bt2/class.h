/* SPDX-License-Identifier: MIT */
/*
 * class.h - how events of one of babeltrace2's event classes become fb_events: a
 * template, and the indices of the members that the record wants. Bound once, by
 * name; an event costs no name look-up.
 */
#ifndef BT2_CLASS_H
#define BT2_CLASS_H

#include <babeltrace2/babeltrace.h>
#include <glib.h>

#include <flightbox/source.h>

#include "source/binder.h"

enum member_type {
	MEMBER_NONE, /* the class has no such field */
	MEMBER_UNSIGNED,
	MEMBER_SIGNED,
	MEMBER_BOOL,
	MEMBER_BITS,
	MEMBER_TEXT,
	MEMBER_ARRAY, /* of integers: the first is meant */
};

struct member {
	uint8_t type;  /* enum member_type */
	uint8_t scope; /* enum event_scope */
	bool is_optional; /* an option or a variant: not each event has it, nor has it that type */
	uint32_t index;
};

#define INNER_DEPTH_MAX 6

/* A field inside of others: the way there from the payload. */
struct inner_member {
	uint8_t field; /* index in fb_kinds[kind].fields */
	uint8_t depth;
	uint8_t steps[INNER_DEPTH_MAX]; /* indices: a structure's member, the option a variant must have */
};

struct event_class {
	struct binding bound;
	const char *name; /* as recorded; interned */
	struct member members[BOUNDS];
	GArray *inner; /* struct inner_member; NULL: none */
};

/* The class of index `number`. Free with event_class_free(). */
struct event_class *event_class_new(const bt_event_class *class, unsigned number);
void event_class_free(void *class);

/*
 * Completes an event that has the template, time and cpu, and appends its texts to
 * `bytes`. ev->text counts from `start`, an offset in `bytes`.
 */
void event_class_fill(const struct event_class *c, const bt_event *event,
		      const struct syscall_numbers *calls, struct fb_event *ev, GByteArray *bytes,
		      size_t start);

/* The value of fb_kinds[kind].fields[field], or of an enum fb_extra; false: the event has none. */
bool event_class_field(const struct event_class *c, const bt_event *event, int field,
		       struct fb_value *value);

/* The member of that name, with or without a leading underscore; -1: there is none. */
int64_t find_member(const bt_field_class *structure, const char *name,
		    const bt_field_class **class);

#endif
