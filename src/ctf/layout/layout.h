/* SPDX-License-Identifier: MIT */
/*
 * layout.h - how an event class becomes fb_events: a template, which holds all
 * that the class alone tells, and a few moves from the bytes to the record.
 *
 *	bytes     prev_comm[16] prev_tid prev_prio prev_state next_comm[16] next_tid …
 *	                           |                 |              |          |
 *	moves                      v                 v              |          v
 *	record    kind class …  prev_tid         prev_state    text = 32    next_tid
 */
#ifndef CTF_LAYOUT_LAYOUT_H
#define CTF_LAYOUT_LAYOUT_H

#include <flightbox/event.h>

#include "source/binder.h"
#include "ctf/layout/program.h"

#define RECORD_HEAD  offsetof(struct fb_event, cpu)
#define RECORD_LANES offsetof(struct fb_event, lost)
#define LANES	     4

/*
 * The moves of most layouts once more, in a single cache line and without a
 * branch: the union of struct fb_event is four lanes of four bytes, and each
 * is made of a constant and of four bytes of the event.
 */
struct recipe {
	uint64_t head; /* the record's bytes from `cpu` to `text` */
	uint32_t constants[LANES];
	uint32_t masks[LANES]; /* of the event's bytes: all bits or none */
	int32_t from[LANES];   /* bytes from the event's start; -4, in its header, for none */
	bool is_partial;       /* the rest is for layout_fill() */
};

struct layout {
	struct binding bound;
	bool is_marked;		   /* moves or texts need the program's marks */
	int is_odd;		   /* was seen to begin inside a byte, which `ref` cannot tell */
	uint8_t text, prev_text; /* those texts that need marks or need not be there, else BOUNDS */
	const struct syscall_numbers *calls; /* to complete system calls recorded by number */
	struct program body;	   /* stream event context, event context, fields */
	GArray *inner; /* struct inner_place: of fields inside of others; NULL: none */
	GArray *optional; /* struct inner_place: BOUND_* that are optionals or variants; NULL: none */
	const struct place *places; /* BOUNDS of them; the set has equal ones once */
	const char *name;	    /* as recorded; the set has each once */
};

/* The layouts of all traces of a source. fb_event.class is an index. */
struct layouts {
	GPtrArray *all;		/* struct layout * */
	GHashTable *by_name;	/* name -> its first layout */
	GHashTable *twins;	/* all further layouts, by all that they are */
	GHashTable *places;	/* struct place[BOUNDS] */
	GArray *fields;		/* struct class_field: of the class that is being added */
	struct arena *arena;	/* what the layouts are made of, but their programs */
	struct recipe *recipes; /* by class; after layouts_finish() */
	struct syscall_numbers native, compat;
};

struct layouts *layouts_new(void);
void layouts_free(struct layouts *l);

/* Call it once all are added: makes the recipes, and the tables of system calls by number. */
void layouts_finish(struct layouts *l, enum fb_abi abi);

/*
 * The index of the event's layout, equal ones being one. -1 and `error` when it
 * cannot be read. `outer`: scopes from event header outwards.
 */
int layouts_add(struct layouts *l, const struct tsdl_event *event, const struct tsdl_stream *stream,
		const struct tsdl_scope *outer, unsigned n_outer, struct outside *outside,
		const char *where, GError **error);

/* A text of 16 bytes or less, as FB_COMM16 says. */
static inline bool place_is_comm16(const struct place *p)
{
	return p->shape == SHAPE_CHARS && p->length == 16;
}

/* Whether a record can tell where the text ends. */
static inline bool place_is_record_text(const struct place *p)
{
	return p->shape == SHAPE_STRING || place_is_comm16(p);
}

static inline const struct layout *layouts_get(const struct layouts *l, unsigned class)
{
	return g_ptr_array_index(l->all, class);
}

/*
 * Where a field inside of others lies in the event over which `m` has run; NULL: the event does
 * not have it. And what of enum BOUND_* is wanted.
 */
const struct place *layout_find_inner(const struct layout *l, int field, const struct machine *m);
const struct place *layout_find(const struct layout *l, unsigned bound, const struct machine *m);

/* Streams are decoded by several threads. */
static inline void layout_note_odd(struct layout *l)
{
	g_atomic_int_set(&l->is_odd, true);
}

static inline bool layout_is_odd(const struct layout *l)
{
	return g_atomic_int_get(&l->is_odd);
}

/* Completes an event that has the template, time, reference and CPU. `m` ran over its body. */
void layout_fill(const struct layout *l, struct fb_event *ev, const struct machine *m);

#endif
