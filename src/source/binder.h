/* SPDX-License-Identifier: MIT */
/*
 * binder.h - how the fields of a recorded event class become those of struct
 * fb_event, whoever reads them: which name stands for which field, and what the
 * class alone tells. A source describes its classes and fetches values:
 *
 *	name, fields ─► binding ─► the template, copied; moves, done; texts, placed ─► fb_event
 */
#ifndef SOURCE_BINDER_H
#define SOURCE_BINDER_H

#include <flightbox/source.h>

/* What the class alone tells, and what stands for fields that are not recorded. */
void template_init(struct fb_event *ev, const struct fb_meaning *meaning, unsigned class);

/* Where a field stands. */
enum event_scope {
	SCOPE_STREAM, /* in the context that all events of a stream have */
	SCOPE_EVENT,  /* in the class' own context */
	SCOPE_FIELDS, /* among the event's own fields */
	SCOPES
};

/* What a field can be taken as. */
enum class_field_type {
	CLASS_FIELD_OTHER, /* as nothing that a record has */
	CLASS_FIELD_NUMBER,
	CLASS_FIELD_NUMBERS, /* an array of integers, of which the first can be taken */
	CLASS_FIELD_TEXT,
};

/* A field of a recorded class that is inside of no other. */
struct class_field {
	const char *name; /* as recorded: LTTng's leading underscore counts for nothing */
	uint8_t scope;	  /* enum event_scope */
	uint8_t type;	  /* enum class_field_type */
	uint8_t bits;	  /* of an integer; 0: not known */
};

/* What of a class is wanted: fb_kinds[kind].fields that are inside of nothing, then these. */
enum {
	BOUND_TID = FB_TOP_FIELDS_MAX, /* in the order of enum fb_extra */
	BOUND_NUMBER = BOUND_TID + FB_EXTRA_END - FB_EXTRA_CONTEXT_TID, /* of a system call */
	BOUND_FIRST,			/* the descriptor that it works on: its first argument */
	BOUND_CPU,			/* where no stream is one CPU's: in the event */
	BOUNDS
};

#define MOVES_MAX 8

/* A number to be copied into the record by event_set_number(). */
struct move {
	uint8_t from; /* what is wanted */
	uint8_t size; /* bytes to write */
	uint16_t to;  /* offset in struct fb_event */
};

/* What a class is to flightbox. */
struct binding {
	struct fb_event template; /* what the class alone tells, and what stands for what it lacks */
	int16_t fields[BOUNDS];	  /* index of the class_field for what is wanted; -1: it has none */
	struct move moves[MOVES_MAX];
	uint8_t n_moves;
	uint8_t text, prev_text; /* wanted as fb_event.text and sched_switch.prev_comm; BOUNDS: none */
	bool by_number;	 /* calls_name() completes the event: by BOUND_NUMBER and BOUND_FIRST */
	uint64_t has;	 /* FB_HAS_CONTEXT_* and FB_HAS_COMMON_FLAGS */
	uint8_t bits[FB_TOP_FIELDS_MAX]; /* of the kind's integers; 0: not recorded, or not known */
};

/*
 * Binds a class by its name, which may be NULL; `class` is what its events say. False for one that
 * flightbox does not model: it needs no fields.
 */
bool binding_init(struct binding *b, const char *name, unsigned class);

/* Binds its fields: all of them, in the order of the scopes and, there, of the record. The first INT16_MAX count. */
void binding_fields(struct binding *b, const struct class_field *fields, size_t n);

/* The source cannot get at what is wanted after all. */
void binding_drop(struct binding *b, unsigned wanted);

/* The numbers behind FB_TOP_FIELDS_MAX by enum fb_extra. */
static inline bool is_extra(int field)
{
	return field >= FB_EXTRA_CONTEXT_TID && field < FB_EXTRA_END;
}

/* What of a class is wanted as a field, for fb_source_ops.field(); -1: nothing of its top level. */
static inline int bound_as(int field)
{
	if (field >= 0 && field < FB_TOP_FIELDS_MAX)
		return field;
	return is_extra(field) ? BOUND_TID + field - FB_EXTRA_CONTEXT_TID : -1;
}

/* ---- fields inside of others -------------------------------------------------------------- */

/* Whether some of the kind's fields are inside of others. */
bool has_inner_fields(enum fb_kind kind);

/*
 * Which of fb_kinds[kind].fields is known by these names, from the event's top level to
 * its own: "network_header", "ipv4", "saddr". Each may have a leading underscore. -1: none.
 */
int inner_field(enum fb_kind kind, const char *const *names, unsigned n);

/* Whether that many elements of that many bytes can be an IP address. */
static inline bool is_address(uint64_t length, unsigned size)
{
	return (size == 1 && (length == 4 || length == 16)) || (size == 2 && length == 8);
}

/* ---- fields that the record itself holds ------------------------------------------------- */

/* A number. False when the record holds none of that field; `field` < FB_FIELDS_MAX. */
bool record_field(const struct fb_event *ev, int field, struct fb_value *value);

/*
 * The same of a system call's entry, whose number and arguments are not the class's: where they
 * were not recorded the record says -1.
 */
bool call_field(const struct fb_event *ev, int field, struct fb_value *value);

/* ---- system calls recorded by number ---------------------------------------------------- */

#define CALLS_MAX 1024

/* The system calls of a recording's kernel; NULL where no table names a number. */
struct syscall_numbers {
	const struct fb_syscall *by_number[CALLS_MAX];
};

/* `compat`: the 32-bit table of that machine's kernel. */
void calls_init(struct syscall_numbers *calls, enum fb_abi abi, bool compat);

/* Completes an entry or exit; a call that has no name is called by its number, "230". True when the call works on a descriptor, its first argument. */
bool calls_name(const struct syscall_numbers *calls, struct fb_event *ev, int64_t nr);

#endif
