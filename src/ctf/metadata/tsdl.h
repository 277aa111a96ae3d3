/* SPDX-License-Identifier: MIT */
/*
 * tsdl.h - CTF 1.8 metadata text (TSDL) -> type tree.
 *
 * The tree holds what the trace declares and nothing derived: the layout
 * compiler (layout.c) turns it into read steps.
 */
#ifndef CTF_METADATA_TSDL_H
#define CTF_METADATA_TSDL_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

enum tsdl_kind {
	TSDL_INT,
	TSDL_FLOAT,
	TSDL_ENUM,
	TSDL_STRING,
	TSDL_STRUCT,
	TSDL_VARIANT,
	TSDL_ARRAY,
	TSDL_SEQUENCE,
};

/* One `label = first ... last` of an enum; labels may repeat. Values as the container's 64 bits. */
struct tsdl_range {
	const char *label;
	int64_t first, last;
};

struct tsdl_clock;
struct tsdl_type;

/* A member of a struct or an option of a variant. */
struct tsdl_field {
	const char *name;      /* as written, with LTTng's leading underscore if it has one */
	struct tsdl_type *type;
};

/*
 * Bounds that hold for every type, so that a walk over a tree may recurse and add up bits without
 * checks of its own. Types are shared: without a bound on nodes, 64 structs of two members each
 * would make a tree of 2^64.
 */
#define TSDL_MAX_DEPTH  64u
#define TSDL_MAX_NODES  (1u << 22)        /* of all trees of the trace together */
#define TSDL_MAX_ALIGN  (1u << 16)
#define TSDL_MAX_NAME   1024u             /* bytes of a name; LTTng's are up to 256 */
#define TSDL_MAX_STREAMS 1024u            /* that is, channels */
#define TSDL_MAX_LENGTH ((uint64_t)1 << 32) /* of an array */
#define TSDL_MAX_BITS   ((uint64_t)1 << 40) /* of a type's fixed part, arrays unrolled */

/* Types may be shared between fields; they are not changed after the parse. */
struct tsdl_type {
	enum tsdl_kind kind;
	uint32_t align;              /* bits, a power of two, >= 1. Of structs: the greatest of its align()
	                                and its members'; of arrays and sequences: the element's; of enums:
	                                the container's; of strings 8; of variants 1 (each option aligns itself) */
	union {
		struct {             /* INT; of FLOAT only size and big_endian */
			uint32_t size;       /* bits, 1 to 64 */
			bool is_signed;
			bool big_endian;     /* resolved: the trace's byte order where "native" */
			bool text;           /* encoding UTF8 or ASCII */
			uint8_t base;        /* 2, 8, 10, 16 */
			struct tsdl_clock *clock; /* map = clock.NAME.value, or NULL */
		} integer;
		struct {
			struct tsdl_type *container; /* INT */
			struct tsdl_range *ranges;
			uint32_t n;
		} enumeration;
		struct {             /* STRUCT, VARIANT */
			struct tsdl_field *fields;
			uint32_t n;
			char *tag;           /* VARIANT: the path as written, "id", "_network_header_type",
			                        "stream.event.header.id"; NULL for an untagged variant type
			                        that gets its tag where it is used */
		} compound;
		struct {             /* ARRAY, SEQUENCE */
			struct tsdl_type *element;
			uint64_t length;     /* ARRAY */
			char *length_name;   /* SEQUENCE: the path as written */
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
	bool absolute;
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
 * plain, into one NUL-terminated text. CTF 2 is FB_ERROR_FOREIGN with a
 * line that says how to record CTF 1.8. A packetised file that ends inside a
 * packet yields those before it, with *truncated set.
 */
char *metadata_load(const char *dir, size_t *length, bool *in_packets, bool *truncated,
		    GError **error);

/*
 * A block goes on in the next packet as often as not: where packets are missing
 * at the end, their text ends inside one, and does not parse. Cuts it behind its
 * last whole block. False, and nothing done, when it has none or ends with it.
 */
bool metadata_cut(char *text, size_t *length);

#endif
