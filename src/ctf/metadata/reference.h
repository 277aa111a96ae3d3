/* SPDX-License-Identifier: MIT */
/*
 * reference.h - which field the name in a sequence or a variant refers to.
 *
 * A name is looked up as CTF 1.8 says (7.3.2): as an absolute path, "stream.event.context._n"; else
 * among the members that come before, of the struct at hand first, then of those around it, then of
 * the scopes around that, from the innermost one outwards. What is no integer is passed over. The
 * ways of variants and arrays cannot be named: their options and elements are not always there.
 */
#ifndef CTF_METADATA_REFERENCE_H
#define CTF_METADATA_REFERENCE_H

#include "ctf/metadata/tsdl.h"

/* A struct that is being walked over. */
struct tsdl_frame {
	const struct tsdl_frame *up; /* the one around it; NULL: it is the scope itself */
	const struct tsdl_type *type;
	uint32_t done; /* members that lie behind */
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

/* The way to an integer. */
struct tsdl_reference {
	const struct tsdl_type *type;	/* TSDL_INT or TSDL_ENUM */
	const struct tsdl_frame *frame; /* from there, or, when it is NULL, */
	unsigned scope;			/* from outer[scope] */
	uint32_t members[TSDL_MAX_DEPTH];
	unsigned n;
};

/* False when it refers to none. */
bool tsdl_refer(struct tsdl_sight *sight, const char *name, struct tsdl_reference *to);

/* "_next_tid" as LTTng writes it means "next_tid". */
static inline const char *plain_name(const char *name)
{
	return *name == '_' ? name + 1 : name;
}

#endif
