/* SPDX-License-Identifier: MIT */
/* ctf2.c - CTF 2 metadata -> type tree: the fragments. */
#include "ctf/metadata/ctf2.h"

#include <string.h>

#include <flightbox/error.h>

#include "base/hash.h"
#include "ctf/metadata/json.h"

/* ---- preamble ---------------------------------------------------------------------------- */

static bool parse_uuid(struct json_parser *p, const struct json_at *at)
{
	if (json_array_size(at->value) != 16)
		return json_fail_expected(p, at, "an array of the 16 bytes of a UUID");
	for (unsigned i = 0; i < 16; i++) {
		const struct json_at element = json_element(at, i);
		uint64_t byte = 0;

		if (!json_unsigned(p, &element, "a byte", &byte))
			return false;
		if (byte > 255)
			return json_fail_expected(p, &element, "a byte");
		p->trace->uuid[i] = byte;
	}
	p->trace->has_uuid = true;
	return true;
}

static bool parse_preamble(struct json_parser *p, const struct json_object *o)
{
	const struct json_at version = json_get(o, KEY_VERSION), uuid = json_get(o, KEY_UUID);
	uint64_t number = 0;

	if (p->record > 1)
		return json_fail(p, &o->at, "a second preamble");
	if (!json_unsigned(p, &version, "version 2", &number))
		return false;
	if (number != 2)
		return json_fail_unsupported(p, &version,
					     "not CTF version 2, the only one of this form that "
					     "flightbox reads");
	p->trace->major = 2;
	p->trace->minor = 0;
	return !uuid.value || parse_uuid(p, &uuid);
}

/* ---- aliases ----------------------------------------------------------------------------- */

static bool parse_alias(struct json_parser *p, const struct json_object *o)
{
	const struct json_at name = json_get(o, KEY_NAME), at = json_get(o, KEY_FIELD_CLASS);
	struct json_class class;
	const char *text;

	if (!json_text(p, &name, "a name", &text) || !ctf2_class(p, &at, &class))
		return false;
	p->known.is_off |= *text == KNOWN_CLASS;
	return g_hash_table_insert(p->aliases, (gpointer)text,
				   arena_copy(p->arena, &class, sizeof(class))) ||
	       json_fail(p, &name, "the alias '%s' is declared twice", text);
}

/* ---- trace class ------------------------------------------------------------------------- */

/* The struct of a scope, NULL where there is none. */
static bool get_scope(struct json_parser *p, const struct json_object *o, enum json_key key,
		      struct tsdl_type **scope)
{
	const struct json_at at = json_get(o, key);
	struct json_class class;

	if (!at.value)
		return true;
	if (!ctf2_class(p, &at, &class))
		return false;
	if (class.type->kind != TSDL_STRUCT)
		return json_fail(p, &at, "expected a structure");
	p->nodes += class.type->nodes;
	if (p->nodes > TSDL_MAX_NODES)
		return json_fail(p, &at, "more than %u fields in all", TSDL_MAX_NODES);
	*scope = class.type;
	return true;
}

static bool parse_environment(struct json_parser *p, const struct json_at *at)
{
	const char *name;
	json_t *value;

	if (at->value && !json_is_object(at->value))
		return json_fail_expected(p, at, "an object");
	json_object_foreach(at->value, name, value) {
		const struct json_at entry = { at, name, 0, value };
		struct tsdl_env env = { .name = arena_text(p->arena, name, strlen(name)) };

		if (json_is_integer(value))
			env.number = json_integer_value(value);
		else if (!json_text(p, &entry, "an integer or a string", &env.text))
			return false;
		g_array_append_val(p->trace->env, env);
	}
	return true;
}

/* The byte order of the machine: each integer has its own, but a magic is as the machine is. */
static void find_byte_order(struct tsdl_trace *t)
{
	const struct tsdl_type *header = t->packet_header;

	for (uint32_t i = 0; header && i < header->compound.n; i++) {
		const struct tsdl_field *f = &header->compound.fields[i];

		if (f->roles & TSDL_ROLE_MAGIC && f->type->kind == TSDL_INT)
			t->big_endian = f->type->integer.big_endian;
	}
}

static bool parse_trace(struct json_parser *p, const struct json_object *o)
{
	const struct json_at environment = json_get(o, KEY_ENVIRONMENT);

	if (p->has_trace)
		return json_fail(p, &o->at, "a second trace class");
	if (p->trace->streams->len)
		return json_fail(p, &o->at, "a trace class behind a data stream class");
	p->has_trace = true;
	if (!parse_environment(p, &environment) ||
	    !get_scope(p, o, KEY_PACKET_HEADER, &p->trace->packet_header))
		return false;
	find_byte_order(p->trace);
	return true;
}

/* ---- clock class ------------------------------------------------------------------------- */

/* "unix-epoch", or what other clocks' origins are compared with. */
static bool parse_origin(struct json_parser *p, const struct json_object *o, struct tsdl_clock *c)
{
	static const char *const words[] = { "unix-epoch", NULL };
	const struct json_at at = json_get(o, KEY_ORIGIN);
	struct json_object origin;
	struct json_at name, uid;
	const char *text;
	unsigned word;

	if (!at.value)
		return true;
	if (json_is_string(at.value)) {
		c->absolute = true;
		return json_word(p, &at, words, "\"unix-epoch\" or an object", &word);
	}
	if (!json_open(p, &at, "\"unix-epoch\" or an object", &origin))
		return false;
	name = json_get(&origin, KEY_NAME);
	uid = json_get(&origin, KEY_UID);
	return json_text(p, &name, "a name", &text) && json_text(p, &uid, "a unique id", &text);
}

static bool parse_offset(struct json_parser *p, const struct json_object *o, struct tsdl_clock *c)
{
	const struct json_at at = json_get(o, KEY_OFFSET);
	struct json_object offset;
	struct json_at seconds, cycles;
	uint64_t number = 0;

	if (!at.value)
		return true;
	if (!json_open(p, &at, "an object of seconds and cycles", &offset))
		return false;
	seconds = json_get(&offset, KEY_SECONDS);
	cycles = json_get(&offset, KEY_CYCLES);
	if ((seconds.value && !json_signed(p, &seconds, "a number of seconds", &c->offset_s)) ||
	    !json_may_unsigned(p, &offset, KEY_CYCLES, "a number of cycles", &number))
		return false;
	if (number >= c->freq)
		return json_fail_expected(p, &cycles, "less cycles than a second has");
	c->offset = number;
	return true;
}

static bool parse_clock(struct json_parser *p, const struct json_object *o)
{
	const struct json_at at = json_get(o, KEY_ID), frequency = json_get(o, KEY_FREQUENCY);
	struct tsdl_clock *c = arena_alloc(p->arena, sizeof(*c));
	uint64_t precision = 0;
	const char *id;

	if (!json_text(p, &at, "an id", &id) || !json_may_text(p, o, KEY_NAME, "a name", &c->name) ||
	    !json_may_text(p, o, KEY_UID, "a unique id", &c->uuid) ||
	    !json_may_text(p, o, KEY_DESCRIPTION, "a description", &c->description) ||
	    !json_may_unsigned(p, o, KEY_PRECISION, "a number of cycles", &precision) ||
	    !json_unsigned(p, &frequency, "a number of Hz", &c->freq))
		return false;
	if (!c->freq)
		return json_fail_expected(p, &frequency, "1 Hz or more");
	if (!parse_origin(p, o, c) || !parse_offset(p, o, c))
		return false;
	if (!c->name)
		c->name = id;
	g_ptr_array_add(p->trace->clocks, c);
	return g_hash_table_insert(p->clocks, (gpointer)id, c) ||
	       json_fail(p, &at, "the clock class '%s' is declared twice", id);
}

/* ---- data stream class ------------------------------------------------------------------- */

static bool find_clock(struct json_parser *p, const struct json_object *o,
		       struct tsdl_clock **clock)
{
	const struct json_at at = json_get(o, KEY_CLOCK_ID);

	if (!at.value)
		return true;
	if (json_is_string(at.value))
		*clock = g_hash_table_lookup(p->clocks, json_string_value(at.value));
	return *clock || json_fail_expected(p, &at, "the id of a clock class before it");
}

static bool parse_stream(struct json_parser *p, const struct json_object *o)
{
	const struct json_at at = json_get(o, KEY_ID);
	struct tsdl_stream *s = arena_alloc(p->arena, sizeof(*s));

	if (p->trace->streams->len == TSDL_MAX_STREAMS)
		return json_fail(p, &o->at, "more than %u data stream classes", TSDL_MAX_STREAMS);
	if (!json_may_unsigned(p, o, KEY_ID, "an id", &s->id) || !find_clock(p, o, &s->clock) ||
	    !get_scope(p, o, KEY_PACKET_CONTEXT, &s->packet_context) ||
	    !get_scope(p, o, KEY_EVENT_HEADER, &s->event_header) ||
	    !get_scope(p, o, KEY_COMMON_CONTEXT, &s->event_context))
		return false;
	g_ptr_array_add(p->trace->streams, s);
	return g_hash_table_insert(p->streams, &s->id, s) ||
	       json_fail(p, &at, "the second data stream class of the id %" G_GUINT64_FORMAT, s->id);
}

/* ---- event record class ------------------------------------------------------------------ */

static guint event_hash(const void *event)
{
	const struct tsdl_event *e = event;
	const uint64_t ids[] = { e->stream_id, e->id };

	return bytes_hash(ids, sizeof(ids));
}

static gboolean event_equal(const void *a_, const void *b_)
{
	const struct tsdl_event *a = a_, *b = b_;

	return a->id == b->id && a->stream_id == b->stream_id;
}

/* What has no name gets one, to be told by. */
static void name_event(struct json_parser *p, struct tsdl_event *e)
{
	g_autofree char *name = NULL;

	if (e->name)
		return;
	name = g_strdup_printf("event %" G_GUINT64_FORMAT, e->id);
	e->name = arena_text(p->arena, name, strlen(name));
}

static bool parse_event(struct json_parser *p, const struct json_object *o)
{
	const struct json_at id = json_get(o, KEY_ID), stream = json_get(o, KEY_STREAM_CLASS_ID);
	struct tsdl_event *e = arena_alloc(p->arena, sizeof(*e));

	if (!json_may_unsigned(p, o, KEY_ID, "an id", &e->id) ||
	    !json_may_unsigned(p, o, KEY_STREAM_CLASS_ID, "an id", &e->stream_id) ||
	    !json_may_text(p, o, KEY_NAME, "a name", &e->name) ||
	    !get_scope(p, o, KEY_SPECIFIC_CONTEXT, &e->context) ||
	    !get_scope(p, o, KEY_PAYLOAD, &e->fields))
		return false;
	if (!g_hash_table_contains(p->streams, &e->stream_id))
		return json_fail_expected(p, &stream, "the id of a data stream class before it");
	name_event(p, e);
	g_ptr_array_add(p->trace->events, e);
	return g_hash_table_add(p->events, e) ||
	       json_fail(p, &id, "the second event record class of the id %" G_GUINT64_FORMAT, e->id);
}

/* ---- all of them ------------------------------------------------------------------------- */

static const struct {
	const char *type;
	bool (*parse)(struct json_parser *p, const struct json_object *o);
} fragments[] = {
	{ "event-record-class", parse_event },	   { "field-class-alias", parse_alias },
	{ "data-stream-class", parse_stream },	   { "clock-class", parse_clock },
	{ "trace-class", parse_trace },		   { "preamble", parse_preamble },
};

static bool parse_fragment(struct json_parser *p, json_t *value)
{
	const struct json_at at = { NULL, NULL, 0, value };
	struct json_at type;
	struct json_object o;
	const char *word;

	if (!json_open(p, &at, "an object", &o))
		return false;
	type = json_get(&o, KEY_TYPE);
	word = json_string_value(type.value);
	if (p->record == 1 && g_strcmp0(word, "preamble"))
		return json_fail_expected(p, &type, "\"preamble\" first");
	for (unsigned i = 0; word && i < G_N_ELEMENTS(fragments); i++)
		if (!strcmp(word, fragments[i].type))
			return fragments[i].parse(p, &o);
	return json_fail_expected(p, &type, "the type of a fragment");
}

static bool parse_all(struct json_parser *p, struct json_text *text)
{
	json_t *value;
	bool ok = true;

	while (ok && (value = json_next(p, text))) {
		ok = parse_fragment(p, value);
		json_decref(value);
	}
	if (*p->error)
		return false;
	return p->trace->streams->len || json_fail(p, NULL, "expected a data stream class, found the "
							     "end of the metadata");
}

struct tsdl_trace *ctf2_parse(const char *text, size_t length, const char *file, bool *truncated,
			      GError **error)
{
	struct tsdl_trace *t = tsdl_trace_new();
	struct json_text records = { .text = text, .length = length };
	GError *why = NULL;
	struct json_parser p = { .file = file, .trace = t, .arena = t->arena, .error = &why };

	p.aliases = g_hash_table_new(name_hash, g_str_equal);
	p.clocks = g_hash_table_new(name_hash, g_str_equal);
	p.streams = g_hash_table_new(id_hash, g_int64_equal);
	p.events = g_hash_table_new(event_hash, event_equal);
	p.ranges = g_array_new(FALSE, FALSE, sizeof(struct tsdl_range));
	json_known_init(&p.known);
	if (!parse_all(&p, &records)) {
		g_propagate_error(error, why);
		g_clear_pointer(&t, tsdl_free);
	}
	*truncated = records.truncated;
	g_hash_table_unref(p.aliases);
	g_hash_table_unref(p.clocks);
	g_hash_table_unref(p.streams);
	g_hash_table_unref(p.events);
	g_array_unref(p.ranges);
	json_known_clear(&p.known);
	return t;
}
