/* SPDX-License-Identifier: MIT */
/* compiler.h - a program in the making. */
#ifndef CTF_LAYOUT_COMPILER_H
#define CTF_LAYOUT_COMPILER_H

#include "ctf/layout/steps.h"

#define SIZE_MAX_BITS (UINT64_C(1) << 40) /* far beyond any packet; sums cannot overflow */

/* The way from a scope to a field, which is written out only where it matters. */
struct field_path {
	const struct field_path *outer; /* NULL: a scope, and `name` is its path */
	const char *name;
};

#define VISIBLE_MAX 8

struct compiler {
	const struct program_options *o;
	const char *where;
	GError **error;
	GArray *steps;	   /* NULL before the first one, as with most programs for good */
	GArray *tables;	   /* likewise */
	uint64_t referred; /* name_bit()s of what anything refers to: others need not be kept */
	GHashTable *regs;  /* path -> register of those referred to; NULL: there are none */
	const struct field_path *path;	/* of the field at hand */
	const struct tsdl_frame *frame; /* the struct around it */
	/* The scopes that names may refer to beside the one at hand, innermost first. */
	struct tsdl_scope visible[VISIBLE_MAX];
	unsigned n_visible, n_own; /* the first n_own are this program's */
	bool is_last;		       /* its scope */
	bool is_rehearsal;	       /* the first walk: write no steps */
	bool refers_outside, marks_vary; /* see struct program */
	unsigned n_regs, n_marks, depth, n_options; /* n_options: those around what is at hand */
	/* Where the places in a wanted field's options go; NULL: nowhere. And its number there. */
	GArray *optional;
	int optional_field;
	/* The region at hand. */
	uint64_t guarantee; /* bits: its start is known to be aligned to that */
	uint64_t pending;   /* bits from its start that no step has moved over yet */
	uint8_t mark;	    /* 0, or what marks its start; 255 while nobody needed that */
};

/* Sets the error, with the path of the field at hand. Returns false. */
bool compile_fail(struct compiler *c, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Counts `n` towards WORK_MAX. */
bool compile_work(struct compiler *c, uint64_t n);

/* Appends a step, but in a rehearsal. Returns its index. */
uint32_t step_emit(struct compiler *c, struct step step);
/* The index of the next one. */
uint32_t step_next(const struct compiler *c);
void step_set_target(struct compiler *c, uint32_t step, uint32_t target);

/* What follows is at an unknown distance, but aligned to `guarantee` bits. */
void region_begin(struct compiler *c, uint64_t guarantee);
/* Moves over what is pending. */
void region_flush(struct compiler *c);
void region_align(struct compiler *c, uint64_t alignment);
bool region_advance(struct compiler *c, uint64_t bits);
/* Notes where the field at hand begins; `found` may be NULL. */
void region_locate(struct compiler *c, struct place *found, enum shape shape);

/* Appends what walks over one type; `roles` are its field's, `found` may be NULL. */
bool compile_type(struct compiler *c, const struct tsdl_type *type, uint32_t roles,
		  struct place *found);
bool compile_array(struct compiler *c, const struct tsdl_type *type, struct place *found);
bool compile_sequence(struct compiler *c, const struct tsdl_type *type, struct place *found);
bool compile_variant(struct compiler *c, const struct tsdl_type *type, bool is_wanted);
/* Notes that an integer begins at hand, or as many as `shape` says; `found` may be NULL. */
void locate_int(struct compiler *c, struct place *found, const struct tsdl_type *leaf,
		enum shape shape);
/* A member of a struct inside of another type, or an option, which find_inner() may want. */
bool compile_inner_field(struct compiler *c, const struct tsdl_field *field);

/*
 * Resolves what a sequence or a variant refers to: the integer's type and the
 * register that will hold it.
 */
bool compile_refer(struct compiler *c, const char *written, const struct tsdl_location *location,
		   const struct tsdl_type **type, uint8_t *reg);

/*
 * The path of the integer at hand, by which its register is known: the scope's and those of the
 * members, without leading underscores: "event.fields.a.b". Options of one variant share it.
 */
char *int_path_here(const struct compiler *c);

/* One of 64 bits, so that a word tells which names are not among some. */
uint64_t name_bit(const char *name);
/* Those of all that a type refers to, itself or in its parts. */
uint64_t names_referred_by(const struct tsdl_type *type);

#endif
