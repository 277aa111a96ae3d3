/* SPDX-License-Identifier: MIT */
/* field-maker.h - what the files that make field classes share. */
#ifndef PLUGIN_FIELD_MAKER_H
#define PLUGIN_FIELD_MAKER_H

#include "bt2/mip.h"
#include "plugin/fields.h"

/* A struct that is being made. */
struct made_struct {
	struct tsdl_frame frame;
	struct field_plan *plan;
};

struct maker {
	const struct field_options *o;
	const struct field_scope *scope;
	const struct tsdl_frame *frame; /* struct made_struct: the innermost one */
	const char *name; /* of the member at hand */
	GError **error;
};

/* Sets the error, "FILE: event E: field F: what", unless it is set, and returns NULL. */
bt_field_class *make_failed(struct maker *m, const char *format, ...) G_GNUC_PRINTF(2, 3);

/*
 * The register of the integer that a name or a location refers to; 0 and failed when there is
 * none.
 */
uint8_t make_reference(struct maker *m, const char *name, const struct tsdl_location *location,
		       const struct tsdl_type **type, struct field_link *link);

/* Each makes a class, whose reference is the caller's, and the plan; NULL and failed. */
bt_field_class *make_field(struct maker *m, const struct tsdl_type *type, struct field_plan *plan);
bt_field_class *make_int(struct maker *m, const struct tsdl_type *type, struct field_plan *plan);
bt_field_class *make_real(struct maker *m, const struct tsdl_type *type, struct field_plan *plan);
bt_field_class *make_enum(struct maker *m, const struct tsdl_type *type, struct field_plan *plan);
bt_field_class *make_variant(struct maker *m, const struct tsdl_type *type,
			     struct field_plan *plan);
bt_field_class *make_optional(struct maker *m, const struct tsdl_type *type,
			      struct field_plan *plan);

#endif
