/* SPDX-License-Identifier: MIT */
/*
 * binder.h - how the fields of a recorded event class become those of struct
 * fb_event, whoever reads them: which name stands for which field, and what the
 * class alone tells.
 */
#ifndef SOURCE_BINDER_H
#define SOURCE_BINDER_H

#include <flightbox/source.h>

/* What the class alone tells, and what stands for fields that are not recorded. */
void template_init(struct fb_event *ev, const struct fb_meaning *meaning, unsigned class);

/* Whether a class has a field of that name, which is without LTTng's leading underscore. */
typedef bool (*has_field_func)(const void *class, const char *name);

/*
 * The recorded name of each of fb_kinds[kind].fields that is inside of nothing; NULL for
 * those that are not recorded. System calls' entries have none: their arguments have names
 * of their own.
 */
void field_names(enum fb_kind kind, has_field_func has, const void *class,
		 const char *names[FB_TOP_FIELDS_MAX]);

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

/* Where a field that any event may have is found. */
struct extra_name {
	enum {
		SCOPE_STREAM, /* the context of all events of a stream */
		SCOPE_EVENT,  /* the class' own context */
		SCOPE_FIELDS,
		SCOPES
	} scope;
	const char *name;
	enum fb_extra extra;
};

/* The later one of an extra's names that exists counts. Ends with a row without name. */
extern const struct extra_name extra_names[];

#define EXTRAS (FB_EXTRA_END - FB_EXTRA_CONTEXT_TID)

static inline bool is_extra(int field)
{
	return field >= FB_EXTRA_CONTEXT_TID && field < FB_EXTRA_END;
}

/* The one that only this system call's entry or exit has, or NULL. */
const struct extra_name *call_extra(const struct fb_event *template);

/* Whether a field of a system call's entry is the call's own, and not one that perf adds. */
bool is_argument(const char *name);

/* Whether the place of the first argument is wanted: it is the descriptor that the call works on. */
bool wants_descriptor(const struct fb_event *template);

/* ---- fields that the record itself holds ------------------------------------------------- */

/* A number. False when the record holds none of that field; `field` < FB_FIELDS_MAX. */
bool record_field(const struct fb_event *ev, int field, struct fb_value *value);

/*
 * The same of a system call's entry, whose number and arguments are not the class's: where they
 * were not recorded the record says -1.
 */
bool call_field(const struct fb_event *ev, int field, struct fb_value *value);

/* ---- system calls recorded by number ---------------------------------------------------- */

/* Names of system calls by number, and whether they work on one descriptor. */
#define CALLS_MAX 1024

struct calls {
	struct {
		const char *name;
		bool takes_fd;
	} by_number[CALLS_MAX];
};

/* `compat`: the 32-bit table of that machine's kernel. */
void calls_init(struct calls *calls, enum fb_abi abi, bool compat);

/* Completes an entry or exit. True when the call works on a descriptor, its first argument. */
bool calls_name(const struct calls *calls, struct fb_event *ev, int64_t nr);

#endif
