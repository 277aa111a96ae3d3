/* SPDX-License-Identifier: MIT */
/*
 * reference.h - which field a length or a tag is.
 *
 * CTF 1.8 (7.3.2) has names: an absolute path, "stream.event.context._n"; else a path that begins
 * among the members that come before, of the struct at hand first, then of those around it, then of
 * the scopes around that, from the innermost one outwards. What is no integer is passed over. The
 * ways of variants and arrays cannot be named: their options and elements are not always there.
 *
 * CTF 2 (5.3.1) has locations, each one place: members by name, from a scope or from the struct at
 * hand. Variants and optionals are seen through, whatever of them is there, and so is the
 * element at hand of an array.
 */
#ifndef CTF_METADATA_REFERENCE_H
#define CTF_METADATA_REFERENCE_H

#include "ctf/metadata/tsdl.h"

/* A struct that is being walked over. */
struct tsdl_frame {
	const struct tsdl_frame *up; /* the one around it; NULL: it is the scope itself */
	const struct tsdl_type *type;
	uint32_t done; /* members that lie behind; the next one is at hand */
};

/* A struct that lies behind as a whole. */
struct tsdl_scope {
	const char *path;	      /* "stream.event.context" */
	const struct tsdl_type *type; /* NULL: there is none */
};

/* Where a name stands, and what it may refer to. */
struct tsdl_sight {
	const char *path;		/* of the scope at hand */
	const struct tsdl_frame *frame; /* the innermost one */
	const struct tsdl_scope *outer; /* innermost first */
	unsigned n_outer;
	uint64_t work; /* names compared so far */
};

/*
 * The way to an integer. Where it leads through a variant, each option may have one: they are then
 * all signed or all unsigned.
 */
struct tsdl_reference {
	const struct tsdl_type *type;	/* TSDL_INT or TSDL_ENUM: the first of them */
	const struct tsdl_frame *frame; /* what the way begins in, or, when it is NULL, */
	unsigned scope;			/* outer[scope] */
	const char *names[TSDL_MAX_DEPTH]; /* of members, from there */
	unsigned n;
	bool is_mixed; /* they are not, and it refers to none */
};

/* False when it refers to none. `location`: CTF 2's, else NULL, and `name` tells. */
bool tsdl_refer(struct tsdl_sight *sight, const char *name, const struct tsdl_location *location,
		struct tsdl_reference *to);

/* "_next_tid" as LTTng writes it means "next_tid". */
static inline const char *plain_name(const char *name)
{
	return *name == '_' ? name + 1 : name;
}

/* The integer itself, of which an enum has labels. */
static inline const struct tsdl_type *plain_int(const struct tsdl_type *type)
{
	return type->kind == TSDL_ENUM ? type->enumeration.container : type;
}

#endif
