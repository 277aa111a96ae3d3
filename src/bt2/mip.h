/* SPDX-License-Identifier: MIT */
/*
 * mip.h - what is not the same in all versions of the message interchange protocol (MIP), of which
 * the components of a graph have one: 0 since babeltrace2 2.0, 1 since 2.1. CTF 2 needs 1.
 *
 * There are two of it: mip-0.c, where flightbox is built with babeltrace2 2.0, knows 0 alone;
 * mip-1.c, with 2.1, knows both, and asks each object which one its graph has.
 */
#ifndef BT2_MIP_H
#define BT2_MIP_H

#include <babeltrace2/babeltrace.h>
#include <glib.h>
#include <stdbool.h>

#define FIELD_LINK_NAMES 128

/* The greatest that flightbox and the library know. */
uint64_t mip_greatest(void);

/* What tells a clock from that of another boot, as text; NULL: it has none. The caller's. */
char *clock_uid(const bt_clock_class *clock);

/* Where that has to be a UUID, MIP 0, what is none is left out. False: out of memory. */
bool clock_set_uid(bt_clock_class *clock, const char *uid);

/* Says of a clock which one it is, how precise, and since when it counts: as another does. */
bool clock_copy(bt_clock_class *to, const bt_clock_class *from);

/* Names a trace as its recorder did; both may be NULL. False: out of memory. */
bool trace_identify(bt_trace *trace, const char *namespace, const char *uid);

/*
 * Where the integer is that a length or a tag refers to. By MIP 1 each option of a variant on the way may
 * have one.
 */
struct field_link {
	bt_field_class *class; /* of the only one, lent; NULL: there are several, or it is not there */
	bool is_there;	       /* babeltrace2 gets all of them */
	bt_field_path_scope scope;
	const char *names[FIELD_LINK_NAMES]; /* of members, from there */
	unsigned n;
};

/* Whether a class can have it. */
bool link_works(const bt_trace_class *trace, const struct field_link *link);

/* The references are the caller's; NULL: out of memory. `length` may be NULL. */
bt_field_class *sequence_class_new(bt_trace_class *trace, bt_field_class *element,
				   const struct field_link *length);
bt_field_class *variant_class_new(bt_trace_class *trace, const struct field_link *tag,
				  bool is_signed);
bool options_need_names(const bt_trace_class *trace);
/* The tag is a boolean, unless either of the sets is given. */
bt_field_class *optional_class_new(bt_trace_class *trace, bt_field_class *content,
				   const struct field_link *tag,
				   const bt_integer_range_set_signed *numbers,
				   const bt_integer_range_set_unsigned *naturals);

#endif
