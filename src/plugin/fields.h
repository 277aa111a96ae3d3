/* SPDX-License-Identifier: MIT */
/*
 * fields.h - from the bytes of a trace to the fields of babeltrace2's trace IR.
 *
 * A type tree is turned once into babeltrace2's field class and, beside it, a
 * plan: the same tree with all that decoding needs in one place. What the class
 * lacks (integers that hold a clock's value) the plan still moves over.
 */
#ifndef PLUGIN_FIELDS_H
#define PLUGIN_FIELDS_H

#include <babeltrace2/babeltrace.h>

#include "ctf/metadata/reference.h"

enum field_op {
	FIELD_U8,
	FIELD_U16,
	FIELD_U32,
	FIELD_U64, /* in the machine's own byte order, on whole bytes */
	FIELD_S8,
	FIELD_S16,
	FIELD_S32,
	FIELD_S64,
	FIELD_INT, /* any other */
	FIELD_REAL,
	FIELD_STRING,
	FIELD_CHARS, /* an array of `n` characters */
	FIELD_TEXT,  /* a sequence of characters */
	FIELD_STRUCT,
	FIELD_ARRAY,
	FIELD_SEQUENCE,
	FIELD_VARIANT,
	FIELD_OPTIONAL, /* a variant that may have none of its only part */
};

#define FIELD_REGS	 256 /* registers for lengths and tags; 0 is none */
#define FIELD_REGS_EVENT 64 /* the first one of events; those before are of what all events share */
#define FIELD_NO_MEMBER	 (-1)

/* Values of a tag that select an option. */
struct field_range {
	uint64_t first, last;
	uint32_t option;
};

struct field_plan {
	uint8_t op;   /* enum field_op */
	uint8_t size; /* bits, of numbers; bytes, of a text's characters, or of half of one */
	bool is_signed, big_endian, reversed, leb128;
	uint8_t meaning;   /* INT: enum tsdl_meaning */
	uint8_t keep;	   /* INT: the register that its value is kept in, or 0 */
	uint8_t reg;	   /* TEXT, SEQUENCE: of the length; VARIANT, OPTIONAL: of the tag */
	bool may_be_empty; /* SEQUENCE: an element may take no bits */
	bool is_flat;	   /* STRUCT: members of fixed sizes on whole bytes, none left out */
	int32_t member;	   /* index in babeltrace2's structure or variant, or FIELD_NO_MEMBER */
	uint32_t align;	   /* bits */
	uint64_t n;	   /* of `parts`; ARRAY, CHARS: its length */
	uint64_t bytes;	   /* of a flat struct's member */
	struct field_plan
		*parts; /* STRUCT: members; ARRAY, SEQUENCE: the element; VARIANT: options */
	struct field_range *ranges; /* VARIANT */
	uint32_t n_ranges;
	bt_field_class *class; /* lent; NULL when babeltrace2 does not get the field */
};

/* ---- making plans (field-classes.c) ------------------------------------------------------ */

#define FIELD_OUTER_MAX 2

/* A struct type whose fields later ones may refer to. */
struct field_scope {
	struct tsdl_scope scope;
	struct field_plan *plan;
};

struct field_options {
	bt_trace_class *trace_class;
	const char *where;		 /* begins messages: "FILE: event sched_switch" */
	const struct field_scope *outer; /* innermost first */
	unsigned n_outer;		 /* at most FIELD_OUTER_MAX */
	bool leaves_out_roles; /* babeltrace2 does not get what has one */
	unsigned *next_reg, last_reg;
};

/*
 * Makes scope->plan and the class of scope->type, whose reference is the caller's.
 * NULL and `error` on failure; the plan is then to be cleared all the same.
 */
bt_field_class *field_class_new(struct field_scope *scope, const struct field_options *options,
				GError **error);
void field_plan_clear(struct field_plan *plan);

/* ---- decoding (fields.c) ----------------------------------------------------------------- */

enum field_fault {
	FIELD_FINE,
	FIELD_NO_MEMORY,
	FIELD_TOO_LONG, /* a sequence of more elements of no size than make sense */
	FIELD_NO_OPTION,
};

struct field_decoder {
	const uint8_t *base;	/* aligned as all types need it */
	uint64_t pos;		/* bits from there */
	enum field_fault fault; /* the first one */
	uint64_t regs[FIELD_REGS];
};

/* Stands the decoder on the byte at `at`. */
static inline void field_decoder_set(struct field_decoder *d, const uint8_t *at)
{
	d->base = (const uint8_t *)((uintptr_t)at & -(uintptr_t)(TSDL_MAX_ALIGN / 8));
	d->pos = (uint64_t)(at - d->base) * 8;
}

/* Decodes bytes that were found to be whole into a structure field and stands behind them. */
void field_decode(struct field_decoder *d, const struct field_plan *plan, bt_field *field);

/* "out of memory" and the like, for an error's cause. */
const char *field_fault_text(enum field_fault fault);

#endif
