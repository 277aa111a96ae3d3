/* SPDX-License-Identifier: MIT */
/*
 * program.h - type trees -> a flat list of steps that walks over their bytes.
 *
 * What lies at a fixed distance from the start costs no step: its place is
 * known when the program is compiled. A region is a stretch of such fixed
 * distances; each string, sequence or variant ends one and begins the next:
 *
 *	u32 _id; u64 _len; string _name;         u16 _port; u8 _addr[_len];   u32 _x;
 *	|------- region 0 -------------|-ADVANCE-STRING-|-- region 1 --|-SEQUENCE-|-- region 2
 *
 * A wanted field of a later region is found by the mark that the program leaves
 * at the region's start.
 */
#ifndef CTF_LAYOUT_PROGRAM_H
#define CTF_LAYOUT_PROGRAM_H

#include <glib.h>

#include "base/cursor.h"
#include "ctf/metadata/reference.h"

enum shape {
	SHAPE_NONE, /* the field does not exist */
	SHAPE_INT,
	SHAPE_STRING,
	SHAPE_CHARS,	/* array of 8-bit integers */
	SHAPE_SEQUENCE, /* sequence of 8-bit integers */
	SHAPE_NUMBERS,	/* array of integers: the place of the first */
};

/* Where a field lies, and how to read it. */
struct place {
	uint8_t shape; /* enum shape */
	uint8_t bits;  /* INT, NUMBERS: 1 to 64 */
	bool is_signed, big_endian;
	bool reversed, leb128; /* INT, NUMBERS: see tsdl.h */
	uint8_t mark;	    /* 0: `offset` counts from the start, else from machine.marks[mark] */
	uint8_t length_reg; /* SEQUENCE */
	uint32_t length;    /* CHARS */
	uint64_t offset;    /* bits */
};

#define REG_MAX	 64
#define MARK_MAX 32

/* Registers hold lengths and tags. The first ones outlive a program. */
enum {
	REG_ID,	     /* event header: id, the last one read */
	REG_TIME,    /* event header: the integer mapped to a clock */
	REG_OUTSIDE, /* what other scopes refer to; see struct outside */
	REG_LOCAL = 16,
};

/* What a program works on. */
struct machine {
	struct cursor c;
	uint64_t regs[REG_MAX];	  /* sign-extended where the field is signed */
	uint64_t marks[MARK_MAX]; /* bits from c.base; 0 is where the program began */
	uint8_t time_bits;	  /* how many bits REG_TIME has, 0: none read */
};

struct step;
struct range_table;

struct program {
	struct step *steps; /* NULL when fixed */
	uint32_t n_steps;
	struct range_table *tables;
	uint32_t n_tables;
	uint32_t align;	     /* bits; the start is aligned to it first */
	bool fixed;	     /* always `size` bits long */
	bool refers_outside; /* uses registers of other programs */
	bool marks_vary;     /* some lie in options: those of an option that is not there are 0 */
	uint64_t size;	     /* bits when fixed */
};

/*
 * What crafted metadata could make cost more than its size: fields are walked over once for each
 * event that has them, and searched once for each name. Of the recorded traces of the tests none
 * takes more than 7368 such steps, 35 steps in a program, and 4 ranges in a tag.
 */
#define WORK_MAX   (1u << 22)
#define STEPS_MAX  4096u
#define RANGES_MAX 4096u

/* Fields of packet header, packet context and event header that later scopes name. */
struct outside {
	GHashTable *regs; /* path -> register */
	uint64_t work;	  /* fields walked over and names compared so far */
};

/* A field of a scope's top level to locate. */
struct want {
	unsigned scope;	     /* index */
	const char *name;    /* without LTTng's leading underscore; NULL where `role` tells */
	struct place *place; /* SHAPE_NONE until found */
	uint32_t role;	     /* one of enum tsdl_role, or 0 */
	int field;	     /* its number in `optional`: where it is an optional or a variant */
};

/* Where a field that need not be there lies: it may have several places, one for each option. */
struct inner_place {
	int field;
	struct place place;
};

struct program_options {
	const char *event; /* to be named in messages, or NULL */
	const struct tsdl_scope *scopes; /* which it walks over, one after the other */
	unsigned n_scopes;
	const struct tsdl_scope *outer; /* scopes that names may also refer to, innermost first */
	unsigned n_outer;
	struct outside *outside;
	const struct want *wants;
	unsigned n_wants;
	GArray *optional; /* struct inner_place: of what is wanted, by want.field; NULL: none */
	/*
	 * Asked for each field of the structs and variants inside of the last scope: the number
	 * under which to add its place to `inner`, or -1. `names` lead from the scope to the field.
	 */
	int (*find_inner)(const void *data, const struct tsdl_field *field,
			  const char *const *names, unsigned n);
	const void *inner_data;
	GArray *inner;	/* struct inner_place; NULL: none is wanted */
	bool is_header; /* read ids and clock values into REG_ID and REG_TIME */
};

/* `where` begins the message, "FILE: event sched_switch". False for what cannot be compiled. */
bool program_init(struct program *p, const struct program_options *options, const char *where,
		  GError **error);
void program_clear(struct program *p);

/*
 * Moves m->c past the types; false when it failed on the way. Where marks vary, those that it did
 * not pass are 0 then.
 */
bool program_run(const struct program *p, struct machine *m);

/* Whether both do the same. */
bool program_equal(const struct program *a, const struct program *b);
guint program_hash(const struct program *p);

/* Bit position of a place that exists; `start` is where the program began. */
static inline uint64_t place_pos(const struct place *p, uint64_t start, const uint64_t *marks)
{
	return (p->mark ? marks[p->mark] : start) + p->offset;
}

/* Whether the program passed the place: one in an option has a mark, and something lies before it. */
static inline bool place_is_there(const struct place *p, const uint64_t *marks)
{
	return !p->mark || marks[p->mark];
}

/* An integer's value, of unsigned ones the same 64 bits. */
static inline int64_t place_int(const struct place *p, const uint8_t *base, uint64_t pos)
{
	uint64_t value;

	if (G_UNLIKELY(p->leb128))
		return leb128_get(base + pos / 8, p->is_signed);
	value = bits_get(base, pos, p->bits, p->big_endian);
	if (G_UNLIKELY(p->reversed))
		value = bits_reverse(value, p->bits);
	return p->is_signed ? (int64_t)sign_extend(value, p->bits) : (int64_t)value;
}

#endif
