/* SPDX-License-Identifier: MIT */
/*
 * schema.h - one trace's metadata made ready for reading: a table of event ids
 * for each stream class, and where the fields of packets lie.
 */
#ifndef CTF_LAYOUT_SCHEMA_H
#define CTF_LAYOUT_SCHEMA_H

#include "ctf/layout/layout.h"
#include "source/facts.h"

/* What an event is to who decodes it. */
enum role {
	ROLE_UNWANTED, /* to be passed over */
	ROLE_WANTED,
	ROLE_CALL, /* wanted, and a system call's entry or exit: see decode.c */
};

/* What to do with an event id. Eight bytes: a whole table stays in the first-level cache. */
struct slot {
	uint32_t size;	/* bytes of the event behind its header; SLOT_VARIES: ask the layout */
	uint16_t class; /* index of the layout */
	bool is_known;
	uint8_t role; /* enum role */
};

#define SLOT_VARIES UINT32_MAX

/* Event headers with a fast path of their own; all little-endian and aligned to bytes. */
enum header_kind {
	HEADER_ANY,	/* by its program */
	HEADER_COMPACT, /* id:5 time:27, or id:5 = 31, 3 bits of padding, id:32 time:64 */
	HEADER_LARGE,	/* id:16 time:32, or id:16 = 65535 id:32 time:64 */
	HEADER_PLAIN,	/* id:32 time:64 */
};

/* Fields of the packet header and the packet context. */
enum packet_field {
	PACKET_MAGIC,
	PACKET_UUID,
	PACKET_STREAM_ID,
	PACKET_INSTANCE,
	PACKET_HEADER_FIELDS,
	PACKET_BEGIN = PACKET_HEADER_FIELDS,
	PACKET_END,
	PACKET_CONTENT,
	PACKET_SIZE,
	PACKET_SEQ,
	PACKET_DISCARDED,
	PACKET_CPU,
	PACKET_FIELDS
};

struct stream_class {
	uint64_t id;
	const struct tsdl_stream *type;
	enum header_kind header_kind;
	struct program header;		    /* event header */
	struct program context;		    /* packet context */
	struct place places[PACKET_FIELDS]; /* those of the context */
	GArray *inner;			    /* struct inner_place: enum packet_field inside of others */
	struct slot *slots;		    /* ids up to n_dense, then those of `sparse` */
	uint32_t n_dense;
	GHashTable *sparse; /* id -> its slot, or NULL */
	bool has_id;	    /* else all events are of the only class, slots[0] */
	uint64_t freq;	    /* Hz of its clock */
};

struct schema {
	char *file; /* path of the metadata */
	char *dir;
	char *text;
	size_t length;
	bool truncated;
	struct tsdl_trace *tsdl;
	struct program header; /* packet header */
	struct place places[PACKET_HEADER_FIELDS];
	GArray *inner;	    /* struct inner_place: enum packet_field inside of others */
	GPtrArray *streams; /* struct stream_class * */
	struct outside outside;
	uint32_t align; /* bytes, a power of two, at least 8: of packets in memory */
};

/* Reads DIR/metadata. NULL and `error` when that fails. */
struct schema *schema_load(const char *dir, GError **error);
void schema_free(struct schema *s);

/* Whether it describes a kernel's trace. */
bool schema_is_kernel(const struct schema *s);

/* Compiles everything. `kinds`: FB_KIND_BITs of the events to hand out. */
bool schema_compile(struct schema *s, struct layouts *layouts, uint64_t kinds, GError **error);

/* NULL when the trace declares no such stream. */
const struct stream_class *schema_find_stream(const struct schema *s, uint64_t id);

/* The slot of an id beyond n_dense; one that is not known when the stream has no such event. */
const struct slot *stream_class_find_slot(const struct stream_class *sc, uint64_t id);

/* What its environment and byte order tell; lent. */
struct facts schema_facts(const struct schema *s);

/* The clock of the trace's events; NULL when it declares none. */
const struct tsdl_clock *schema_clock(const struct schema *s);

#endif
