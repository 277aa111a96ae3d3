/* SPDX-License-Identifier: MIT */
/*
 * json.h - what the parts of the parser of CTF 2 metadata share.
 *
 *	json.c         records, where in them something stands, errors, values
 *	json-known.c   classes whose text was met before
 *	ctf2-scalar.c  numbers, texts and bytes
 *	ctf2-type.c    structures, arrays, optionals, variants; what they refer to; aliases
 *	ctf2.c         fragments
 *
 * Every function that can fail returns false or NULL after json_fail() has set the error, and the
 * parse ends there: the arena and the parser's tables are freed as a whole.
 */
#ifndef CTF_METADATA_JSON_H
#define CTF_METADATA_JSON_H

#include <jansson.h>

#include "ctf/metadata/type.h"

/* What a text begins with that stands for an integer beyond 2^63: see json_next(). */
#define BIG_NUMBER 0x1f

/* And what one begins with that stands for a class whose text was met before. */
#define KNOWN_CLASS 0x1d

/* A value, and the way to it. */
struct json_at {
	const struct json_at *up; /* what it is in; NULL: it is the record */
	const char *key;	  /* in there; NULL: */
	size_t index;
	json_t *value;		  /* NULL: there is none */
};

/* All keys that mean something in CTF 2. */
enum json_key {
	KEY_ALIGNMENT,
	KEY_BIT_ORDER,
	KEY_BYTE_ORDER,
	KEY_CYCLES,
	KEY_STREAM_CLASS_ID,
	KEY_CLOCK_ID,
	KEY_DESCRIPTION,
	KEY_ELEMENT,
	KEY_ENCODING,
	KEY_ENVIRONMENT,
	KEY_COMMON_CONTEXT,
	KEY_EVENT_HEADER,
	KEY_EXTENSIONS,
	KEY_FIELD_CLASS,
	KEY_FLAGS,
	KEY_FREQUENCY,
	KEY_ID,
	KEY_LENGTH,
	KEY_LENGTH_LOCATION,
	KEY_MAPPINGS,
	KEY_MEMBERS,
	KEY_MINIMUM_ALIGNMENT,
	KEY_NAME,
	KEY_OFFSET,
	KEY_OPTIONS,
	KEY_ORIGIN,
	KEY_PACKET_CONTEXT,
	KEY_PACKET_HEADER,
	KEY_PATH,
	KEY_PAYLOAD,
	KEY_PRECISION,
	KEY_BASE,
	KEY_ROLES,
	KEY_SECONDS,
	KEY_SELECTOR_LOCATION,
	KEY_SELECTOR_RANGES,
	KEY_SPECIFIC_CONTEXT,
	KEY_TYPE,
	KEY_UID,
	KEY_UUID,
	KEY_VERSION,
	KEYS,
};

/* An object's values of these. */
struct json_object {
	struct json_at at;
	json_t *values[KEYS]; /* NULL: it has none */
};

/* Field classes by their text. */
struct json_known {
	GHashTable *by_text;
	GPtrArray *all;
	GString *scratch;
	bool is_off; /* an alias has a name that one of them could have */
};

struct json_parser {
	const char *file;
	guint record;	/* the one at hand, from 1 */
	size_t byte;	/* where it begins */
	struct tsdl_trace *trace;
	struct arena *arena;   /* the trace's */
	GHashTable *aliases;   /* name -> struct json_class */
	GHashTable *clocks;    /* id -> struct tsdl_clock */
	GHashTable *streams;   /* ids of those declared */
	GHashTable *events;    /* struct tsdl_event by stream and id */
	struct json_known known;
	GArray *ranges;	       /* struct tsdl_range: those of a type while they are read */
	guint depth;	       /* classes being parsed inside each other */
	uint64_t nodes;	       /* of all trees so far, see TSDL_MAX_NODES */
	bool has_trace;
	GError **error;
};

/* A field class. */
struct json_class {
	struct tsdl_type *type;
	uint32_t roles;
};

/* ---- json.c ------------------------------------------------------------------------------ */

/* Both set the error and return NULL, which is also false. */
void *json_fail(struct json_parser *p, const struct json_at *at, const char *format, ...)
	G_GNUC_PRINTF(3, 4);
/* "expected WHAT, found …" */
void *json_fail_expected(struct json_parser *p, const struct json_at *at, const char *what);
void *json_fail_unsupported(struct json_parser *p, const struct json_at *at, const char *what);

/* Looks an object's keys up, and refuses its extensions. `what` it is to be, "a field class". */
bool json_open(struct json_parser *p, const struct json_at *at, const char *what,
	       struct json_object *o);
struct json_at json_get(const struct json_object *o, enum json_key key);
static inline bool json_has(const struct json_object *o, enum json_key key)
{
	return o->values[key] != NULL;
}

/* `at` is an array; of its element there is nothing to be freed. */
static inline struct json_at json_element(const struct json_at *at, size_t i)
{
	return (struct json_at){ at, NULL, i, json_array_get(at->value, i) };
}

/* Values that must be there. Texts are the arena's. */
bool json_text(struct json_parser *p, const struct json_at *at, const char *what,
	       const char **text);
bool json_unsigned(struct json_parser *p, const struct json_at *at, const char *what, uint64_t *n);
bool json_signed(struct json_parser *p, const struct json_at *at, const char *what, int64_t *n);

/* The same where it may be missing, and *text and *n then stay. */
bool json_may_text(struct json_parser *p, const struct json_object *o, enum json_key key,
		   const char *what, const char **text);
bool json_may_unsigned(struct json_parser *p, const struct json_object *o, enum json_key key,
		       const char *what, uint64_t *n);

/* The words that a text may be; their number in `words`, which a NULL ends. */
bool json_word(struct json_parser *p, const struct json_at *at, const char *const *words,
	       const char *what, unsigned *number);

/*
 * [[first, last], …], appended to p->ranges with `label`. Of what is signed or unsigned both
 * bounds must fit; TSDL_ANY_SIGN is for what a selector selects.
 */
enum json_sign { JSON_SIGNED, JSON_UNSIGNED, JSON_ANY_SIGN };
bool json_ranges(struct json_parser *p, const struct json_at *at, enum json_sign sign,
		 const char *label);

/* The next record's object, to be freed; NULL at the end, or with the error. */
struct json_text {
	const char *text;
	size_t length, at; /* at: where the next one begins */
	bool truncated;	   /* the last one was not whole */
};
json_t *json_next(struct json_parser *p, struct json_text *t);

/* ---- json-known.c ------------------------------------------------------------------------- */

void json_known_init(struct json_known *known);
void json_known_clear(struct json_known *known);
/* The record with the known classes in it named; lent until the next. */
const GString *json_known_shorten(struct json_parser *p, const char *text, size_t length);
/* False when it names none. */
bool json_known_find(const struct json_parser *p, const char *name, struct json_class *class);

/* ---- ctf2-scalar.c ------------------------------------------------------------------------ */

/* NULL without an error: `type`, which is the object's, is no scalar's. */
struct tsdl_type *ctf2_scalar(struct json_parser *p, const struct json_object *o, const char *type,
			      uint32_t *roles);

/* ---- ctf2-type.c -------------------------------------------------------------------------- */

/* A field class, or the name of one. */
bool ctf2_class(struct json_parser *p, const struct json_at *at, struct json_class *class);
/* A copy of a type whose parts are complete, if it keeps within the bounds of tsdl.h. */
struct tsdl_type *ctf2_type(struct json_parser *p, const struct json_at *at, struct tsdl_type *type);
/* {"origin": …, "path": […]}, and in words "event.fields.a.b". */
struct tsdl_location *ctf2_location(struct json_parser *p, const struct json_object *o,
				    enum json_key key, char **words);
bool ctf2_alignment(struct json_parser *p, const struct json_object *o, enum json_key key,
		    uint32_t *align);

#endif
