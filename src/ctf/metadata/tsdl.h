/* SPDX-License-Identifier: MIT */
/*
 * tsdl.h - metadata text -> type tree: CTF 1.8's (TSDL), and CTF 2's (JSON).
 *
 * The tree is the same for both. It holds what the trace declares and nothing derived: the
 * layout compiler (layout.c) turns it into read steps.
 */
#ifndef CTF_METADATA_TSDL_H
#define CTF_METADATA_TSDL_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

enum tsdl_kind {
	TSDL_INT,
	TSDL_FLOAT,
	TSDL_BITS, /* more of them than an integer may have */
	TSDL_ENUM,
	TSDL_STRING,
	TSDL_STRUCT,
	TSDL_VARIANT,
	TSDL_OPTIONAL,
	TSDL_ARRAY,
	TSDL_SEQUENCE,
};

/* What the integers of headers and packet contexts are. CTF 1.8 tells by their names. */
enum tsdl_role {
	TSDL_ROLE_MAGIC = 1 << 0,
	TSDL_ROLE_UUID = 1 << 1, /* an array of 16 bytes */
	TSDL_ROLE_STREAM_CLASS = 1 << 2,
	TSDL_ROLE_STREAM = 1 << 3,
	TSDL_ROLE_TIME = 1 << 4, /* of an event; of a packet, when it begins */
	TSDL_ROLE_END = 1 << 5,
	TSDL_ROLE_CONTENT = 1 << 6,
	TSDL_ROLE_SIZE = 1 << 7,
	TSDL_ROLE_SEQ = 1 << 8,
	TSDL_ROLE_DISCARDED = 1 << 9,
	TSDL_ROLE_EVENT = 1 << 10, /* the event's id */
};

/* What an integer of CTF 2 is besides. */
enum tsdl_meaning {
	TSDL_NUMBER,
	TSDL_BIT_ARRAY, /* bit maps, too */
	TSDL_BOOLEAN,	/* any value but 0 is true */
};

/* One `label = first ... last` of an enum; labels may repeat. Values as the container's 64 bits. */
struct tsdl_range {
	const char *label;
	int64_t first, last;
};

struct tsdl_clock;
struct tsdl_type;

/*
 * A member of a struct or an option of a variant. In CTF 1.8 a leading underscore is no part of
 * the name; a name of CTF 2 that has one has got another one here. Options of CTF 2 may have none: "".
 */
struct tsdl_field {
	const char *name;
	struct tsdl_type *type;
	uint32_t roles; /* enum tsdl_role */
};

/* Where CTF 2 has a length or a selector. */
struct tsdl_location {
	const char *origin; /* the scope's path, "event.fields"; NULL: from the struct around */
	const char **names; /* of members; NULL: the struct around the one at hand */
	uint32_t n;	    /* at least 1, and the last is a name */
};

/* The values of a tag that select an option. */
struct tsdl_selector {
	struct tsdl_range *ranges; /* without labels */
	uint32_t n;
};

/*
 * Bounds that hold for every type, so that a walk over a tree may recurse and add up bits without
 * checks of its own. Types are shared: without a bound on nodes, 64 structs of two members each
 * would make a tree of 2^64.
 */
#define TSDL_MAX_DEPTH  64u
#define TSDL_MAX_NODES  (1u << 22)        /* of all trees of the trace together */
#define TSDL_MAX_ALIGN  (1u << 16)
#define TSDL_MAX_SCALAR (1u << 16)        /* bits of a FLOAT or BITS */
#define TSDL_MAX_NAME   1024u             /* bytes of a name; LTTng's are up to 256 */
#define TSDL_MAX_STREAMS 1024u            /* that is, channels */
#define TSDL_MAX_LENGTH ((uint64_t)1 << 32) /* of an array */
#define TSDL_MAX_BITS   ((uint64_t)1 << 40) /* of a type's fixed part, arrays unrolled */

/* Types may be shared between fields; they are not changed after the parse. */
struct tsdl_type {
	enum tsdl_kind kind;
	uint32_t align;              /* bits, a power of two, >= 1. Of structs: the greatest of its align()
	                                and its members'; of arrays and sequences: the element's; of enums:
	                                the container's; of strings 8; of variants 1 (each option aligns
	                                itself). CTF 2 may raise that of arrays and sequences */
	union {
		struct {             /* INT; of FLOAT and BITS only size, big_endian and reversed */
			uint32_t size;       /* bits, 1 to 64; of FLOAT and BITS up to TSDL_MAX_SCALAR */
			bool is_signed;
			bool big_endian;     /* resolved: the trace's byte order where "native" */
			bool reversed;       /* the first bit is the other one than byte order has */
			bool leb128;         /* as many bytes as the value takes; size is 64, align 8 */
			uint8_t unit;        /* a byte of a text whose characters have so many, or half
			                        of one: 1 UTF-8 and ASCII, 2 UTF-16, 4 UTF-32; 0: no text */
			uint8_t base;        /* 2, 8, 10, 16 */
			uint8_t meaning;     /* enum tsdl_meaning */
			struct tsdl_clock *clock; /* map = clock.NAME.value, or NULL */
		} integer;
		struct {
			struct tsdl_type *container; /* INT */
			struct tsdl_range *ranges;
			uint32_t n;
		} enumeration;
		struct {             /* STRING */
			uint8_t unit;        /* bytes of a character, or half of one: 1, 2 or 4 */
			bool big_endian;     /* of these */
		} string;
		struct {             /* STRUCT, VARIANT, OPTIONAL: what it may have, the only field */
			struct tsdl_field *fields;
			uint32_t n;
			char *tag;           /* VARIANT, OPTIONAL: the path as written, "id",
			                        "_network_header_type", "stream.event.header.id"; NULL for an
			                        untagged variant type that gets its tag where it is used */
			struct tsdl_location *location; /* of the tag in CTF 2, else NULL */
			struct tsdl_selector *selectors; /* of each field in CTF 2, else NULL: the tag's
			                        labels tell. NULL for an OPTIONAL whose tag is a boolean */
		} compound;
		struct {             /* ARRAY, SEQUENCE */
			struct tsdl_type *element;
			uint64_t length;     /* ARRAY */
			char *length_name;   /* SEQUENCE: the path as written */
			struct tsdl_location *location; /* of the length in CTF 2, else NULL */
		} array;
	};
	uint32_t depth;              /* levels of the tree, 1 for a scalar */
	uint32_t nodes;              /* types in the tree; an array's element counts once */
	uint64_t most_bits;          /* at least what the fixed part takes, with all its padding;
	                                0 for the elements of a sequence, the text of a string */
};

struct tsdl_clock {
	const char *name;            /* never NULL */
	const char *uuid;            /* or NULL */
	const char *description;     /* or NULL */
	uint64_t freq;               /* Hz, 10^9 where not given */
	int64_t offset_s;            /* seconds */
	int64_t offset;              /* cycles */
	bool absolute;               /* the offset is from 1970; CTF 2: its origin is "unix-epoch" */
};

struct tsdl_event {
	const char *name;
	uint64_t id, stream_id;
	struct tsdl_type *context;   /* `context := struct`, or NULL */
	struct tsdl_type *fields;    /* STRUCT, or NULL */
};

struct tsdl_stream {
	uint64_t id;
	struct tsdl_type *packet_context; /* STRUCTs or NULL */
	struct tsdl_type *event_header;
	struct tsdl_type *event_context;
	struct tsdl_clock *clock;         /* of its events' times, or NULL */
};

struct tsdl_env {
	const char *name;
	const char *text;            /* NULL for numbers */
	int64_t number;
};

struct tsdl_trace {
	int major, minor;
	bool big_endian;
	bool has_uuid;
	uint8_t uuid[16];
	struct tsdl_type *packet_header; /* STRUCT or NULL */
	GPtrArray *streams;          /* struct tsdl_stream *, at least one */
	GPtrArray *events;           /* struct tsdl_event *, in the order of the text */
	GPtrArray *clocks;           /* struct tsdl_clock * */
	GArray *env;                 /* struct tsdl_env */
	/* The tree's memory; freed by tsdl_free(). */
	struct arena *arena;
};

/* Without anything in it. */
struct tsdl_trace *tsdl_trace_new(void);

/*
 * Parses metadata text of `length` bytes. `file` names it in messages:
 * "FILE: line 12, column 7: expected ';' after …". A `trace` block may come late in the text:
 * byte orders are resolved at the end. NULL and `error` on failure.
 */
struct tsdl_trace *tsdl_parse(const char *text, size_t length, const char *file, GError **error);
void tsdl_free(struct tsdl_trace *t);

/* The value of an env entry; NULL when it is missing or of the other type. */
const char *tsdl_env_text(const struct tsdl_trace *t, const char *name);
bool tsdl_env_number(const struct tsdl_trace *t, const char *name, int64_t *number);

/*
 * Reads DIR/metadata, packetised (magic 0x75D11D57 in either byte order) or
 * plain, into one NUL-terminated text. A packetised file that ends inside a
 * packet yields those before it, with *truncated set.
 */
char *metadata_load(const char *dir, size_t *length, bool *in_packets, bool *truncated,
		    GError **error);

/* Whether a text is CTF 2's. */
bool metadata_is_ctf2(const char *text, size_t length);

/*
 * A block goes on in the next packet as often as not: where packets are missing
 * at the end, their text ends inside one, and does not parse. Cuts it behind its
 * last whole block. False, and nothing done, when it has none or ends with it.
 */
bool metadata_cut(char *text, size_t *length);

#endif
