/* SPDX-License-Identifier: MIT */
/* ctf2-text.c - what metadata of CTF 1.8 says, said in CTF 2. */
#include "ctf2-text.h"

#include <string.h>

#include <jansson.h>

#include "ctf/metadata/reference.h"
#include "recode.h"

#define UUID_BYTES 16

/* The scopes of CTF 1.8, and their names in CTF 2. */
enum { PACKET_HEADER, PACKET_CONTEXT, EVENT_HEADER, COMMON_CONTEXT, SPECIFIC_CONTEXT, PAYLOAD, SCOPES_OF_CTF };

static const struct {
	const char *path, *origin, *key;
} scopes[SCOPES_OF_CTF] = {
	{ "trace.packet.header", "packet-header", "packet-header-field-class" },
	{ "stream.packet.context", "packet-context", "packet-context-field-class" },
	{ "stream.event.header", "event-record-header", "event-record-header-field-class" },
	{ "stream.event.context", "event-record-common-context",
	  "event-record-common-context-field-class" },
	{ "event.context", "event-record-specific-context", "specific-context-field-class" },
	{ "event.fields", "event-record-payload", "payload-field-class" },
};

/* In the order of enum tsdl_role. */
static const char *const role_names[] = {
	"packet-magic-number",
	"metadata-stream-uuid",
	"data-stream-class-id",
	"data-stream-id",
	"default-clock-timestamp",
	"packet-end-default-clock-timestamp",
	"packet-content-length",
	"packet-total-length",
	"packet-sequence-number",
	"discarded-event-record-counter-snapshot",
	"event-record-class-id",
};

struct writer {
	GString *to;
	const struct tsdl_type *types[SCOPES_OF_CTF]; /* of the stream and the event at hand */
	unsigned scope;			       /* the one at hand */
	const struct tsdl_frame *frame;	       /* the innermost struct */
	GError **error;
};

static json_t *class_new(struct writer *w, const struct tsdl_type *type, uint32_t roles);

/* Takes the value. */
static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static json_t *typed(const char *type)
{
	return json_pack("{s:s}", "type", type);
}

static void set_roles(json_t *class, uint32_t roles)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < G_N_ELEMENTS(role_names); i++)
		if (roles >> i & 1)
			json_array_append_new(array, json_string(role_names[i]));
	if (roles)
		set(class, "roles", json_incref(array));
	json_decref(array);
}

/* ---- references --------------------------------------------------------------------------- */

/* The scopes around the one at hand, innermost first, and which they are. */
static unsigned find_outer(const struct writer *w, struct tsdl_scope *outer)
{
	unsigned n = 0;

	for (unsigned i = w->scope; i-- > 0;)
		outer[n++] = (struct tsdl_scope){ scopes[i].path, w->types[i] };
	return n;
}

/* Writes the one place that a name means, and tells what is there. */
static json_t *location_new(struct writer *w, const char *name, const struct tsdl_type **type)
{
	struct tsdl_scope outer[SCOPES_OF_CTF];
	struct tsdl_sight sight = { .path = scopes[w->scope].path, .frame = w->frame,
				    .outer = outer, .n_outer = find_outer(w, outer) };
	struct tsdl_reference to;
	json_t *location, *path;

	if (!tsdl_refer(&sight, name, NULL, &to)) {
		refuse(w->error, "%s: refers to no integer", name);
		return NULL;
	}
	path = json_array();
	for (const struct tsdl_frame *f = w->frame; to.frame && f != to.frame; f = f->up)
		json_array_append_new(path, json_null());
	for (unsigned i = 0; i < to.n; i++)
		json_array_append_new(path, json_string(plain_name(to.names[i])));
	location = json_pack("{s:o}", "path", path);
	if (!to.frame)
		set(location, "origin", json_string(scopes[w->scope - 1 - to.scope].origin));
	*type = to.type;
	return location;
}

/* ---- classes ------------------------------------------------------------------------------- */

static json_t *fixed_new(const struct tsdl_type *type, const char *name)
{
	json_t *class = typed(name);

	set(class, "length", json_integer(type->integer.size));
	set(class, "byte-order", json_string(type->integer.big_endian ? "big-endian" : "little-endian"));
	if (type->align > 1)
		set(class, "alignment", json_integer(type->align));
	return class;
}

static json_t *integer_new(const struct tsdl_type *type, uint32_t roles)
{
	json_t *class = fixed_new(type, type->integer.is_signed ? "fixed-length-signed-integer"
							       : "fixed-length-unsigned-integer");

	if (type->integer.base != 10)
		set(class, "preferred-display-base", json_integer(type->integer.base));
	set_roles(class, roles);
	return class;
}

static json_t *range_new(const struct tsdl_range *range)
{
	return json_pack("[II]", (json_int_t)range->first, (json_int_t)range->last);
}

/* The ranges of a label; none of an unsigned value beyond 2^63, which jansson cannot write. */
static json_t *ranges_of(const struct tsdl_type *type, const char *label)
{
	bool is_signed = type->enumeration.container->integer.is_signed;
	json_t *ranges = json_array();

	for (uint32_t i = 0; i < type->enumeration.n; i++) {
		const struct tsdl_range *r = &type->enumeration.ranges[i];

		if (!strcmp(plain_name(r->label), plain_name(label)) &&
		    (is_signed || (r->first >= 0 && r->last >= 0)))
			json_array_append_new(ranges, range_new(r));
	}
	return ranges;
}

static json_t *enumeration_new(const struct tsdl_type *type, uint32_t roles)
{
	json_t *class = integer_new(type->enumeration.container, roles), *mappings = json_object();

	for (uint32_t i = 0; i < type->enumeration.n; i++) {
		const char *label = type->enumeration.ranges[i].label;
		json_t *ranges = ranges_of(type, label);

		if (json_array_size(ranges))
			set(mappings, label, json_incref(ranges));
		json_decref(ranges);
	}
	set(class, "mappings", mappings);
	return class;
}

/* The members that lie behind are what names may refer to. */
static json_t *structure_new(struct writer *w, const struct tsdl_type *type)
{
	struct tsdl_frame frame = { .up = w->frame, .type = type };
	json_t *members = json_array(), *class;

	w->frame = &frame;
	for (uint32_t i = 0; members && i < type->compound.n; i++) {
		const struct tsdl_field *f = &type->compound.fields[i];

		frame.done = i;
		class = class_new(w, f->type, f->roles);
		if (class)
			json_array_append_new(members, json_pack("{s:s,s:o}", "name",
								 plain_name(f->name), "field-class",
								 class));
		else
			g_clear_pointer(&members, json_decref);
	}
	w->frame = frame.up;
	return members ? json_pack("{s:s,s:I,s:o}", "type", "structure", "minimum-alignment",
				   (json_int_t)type->align, "member-classes", members)
		       : NULL;
}

static json_t *option_new(struct writer *w, const struct tsdl_type *tag,
			  const struct tsdl_field *option)
{
	json_t *class = class_new(w, option->type, option->roles);

	return class ? json_pack("{s:s,s:o,s:o}", "name", plain_name(option->name), "field-class",
				 class, "selector-field-ranges", ranges_of(tag, option->name))
		     : NULL;
}

static json_t *variant_new(struct writer *w, const struct tsdl_type *type)
{
	json_t *options = json_array(), *class = typed("variant"), *location;
	const struct tsdl_type *tag = NULL;

	location = location_new(w, type->compound.tag, &tag);
	for (uint32_t i = 0; location && options && i < type->compound.n; i++) {
		json_t *option = option_new(w, tag, &type->compound.fields[i]);

		if (option)
			json_array_append_new(options, option);
		else
			g_clear_pointer(&options, json_decref);
	}
	set(class, "selector-field-location", location);
	set(class, "options", options);
	if (!location || !options)
		g_clear_pointer(&class, json_decref);
	return class;
}

/* Characters are bytes: a text of so many. */
static bool is_text(const struct tsdl_type *element)
{
	return element->kind == TSDL_INT && element->integer.unit && element->integer.size == 8 &&
	       element->align == 8;
}

static json_t *array_new(struct writer *w, const struct tsdl_type *type, uint32_t roles)
{
	bool is_static = type->kind == TSDL_ARRAY;
	json_t *class = json_object(), *length, *element;
	const struct tsdl_type *ignored;
	const char *what = "array";

	length = is_static ? json_integer(type->array.length)
			   : location_new(w, type->array.length_name, &ignored);
	if (roles & TSDL_ROLE_UUID && type->array.length == UUID_BYTES)
		what = "blob";
	else if (is_text(type->array.element))
		what = "string";
	set(class, "type", json_sprintf("%s-length-%s", is_static ? "static" : "dynamic", what));
	set(class, is_static ? "length" : "length-field-location", length);
	set_roles(class, roles);
	if (*what == 'a') {
		element = class_new(w, type->array.element, 0);
		set(class, "element-field-class", element);
		set(class, "minimum-alignment", json_integer(type->align));
		if (!element)
			g_clear_pointer(&class, json_decref);
	}
	if (!length)
		g_clear_pointer(&class, json_decref);
	return class;
}

static json_t *class_new(struct writer *w, const struct tsdl_type *type, uint32_t roles)
{
	switch (type->kind) {
	case TSDL_INT:
		return integer_new(type, roles);
	case TSDL_FLOAT:
		return fixed_new(type, "fixed-length-floating-point-number");
	case TSDL_ENUM:
		return enumeration_new(type, roles);
	case TSDL_STRING:
		return typed("null-terminated-string");
	case TSDL_STRUCT:
		return structure_new(w, type);
	case TSDL_VARIANT:
		return variant_new(w, type);
	case TSDL_ARRAY:
	case TSDL_SEQUENCE:
		return array_new(w, type, roles);
	default:
		refuse(w->error, "is in CTF 2 already");
		return NULL;
	}
}

/* ---- fragments ----------------------------------------------------------------------------- */

/* Takes the object. */
static void write_record(struct writer *w, json_t *fragment)
{
	char *text = json_dumps(fragment, JSON_COMPACT);

	g_string_append_printf(w->to, "\x1e%s\n", text);
	free(text);
	json_decref(fragment);
}

static bool set_scope(struct writer *w, json_t *fragment, unsigned scope,
		      const struct tsdl_type *type)
{
	json_t *class;

	w->types[scope] = type;
	w->scope = scope;
	if (!type)
		return true;
	class = class_new(w, type, 0);
	if (class)
		set(fragment, scopes[scope].key, class);
	return class != NULL;
}

static void write_preamble(struct writer *w, const struct tsdl_trace *t)
{
	json_t *preamble = json_pack("{s:s,s:i}", "type", "preamble", "version", 2);
	json_t *uuid = json_array();

	for (unsigned i = 0; i < UUID_BYTES; i++)
		json_array_append_new(uuid, json_integer(t->uuid[i]));
	if (t->has_uuid)
		set(preamble, "uuid", json_incref(uuid));
	json_decref(uuid);
	write_record(w, preamble);
}

static bool write_trace(struct writer *w, const struct tsdl_trace *t)
{
	json_t *trace = typed("trace-class"), *environment = json_object();
	bool done = set_scope(w, trace, PACKET_HEADER, t->packet_header);

	for (guint i = 0; i < t->env->len; i++) {
		const struct tsdl_env *e = &g_array_index(t->env, struct tsdl_env, i);

		set(environment, e->name, e->text ? json_string(e->text) : json_integer(e->number));
	}
	set(trace, "environment", environment);
	write_record(w, trace);
	return done;
}

/* The cycles of a clock's offset may be any number; here they are less than a second. */
static void write_clock(struct writer *w, const struct tsdl_clock *c)
{
	int64_t frequency = c->freq, cycles = (c->offset % frequency + frequency) % frequency;
	int64_t seconds = c->offset_s + (c->offset - cycles) / frequency;
	json_t *clock = json_pack("{s:s,s:s,s:s,s:I,s:s,s:{s:I,s:I}}", "type", "clock-class", "id",
				  c->name, "name", c->name, "frequency", (json_int_t)c->freq, "origin",
				  "unix-epoch", "offset-from-origin", "seconds", (json_int_t)seconds,
				  "cycles", (json_int_t)cycles);

	if (c->uuid)
		set(clock, "uid", json_string(c->uuid));
	if (c->description)
		set(clock, "description", json_string(c->description));
	write_record(w, clock);
}

static bool write_stream(struct writer *w, const struct tsdl_stream *s)
{
	json_t *stream = json_pack("{s:s,s:I}", "type", "data-stream-class", "id", (json_int_t)s->id);
	bool done;

	if (s->clock)
		set(stream, "default-clock-class-id", json_string(s->clock->name));
	done = set_scope(w, stream, PACKET_CONTEXT, s->packet_context) &&
	       set_scope(w, stream, EVENT_HEADER, s->event_header) &&
	       set_scope(w, stream, COMMON_CONTEXT, s->event_context);
	write_record(w, stream);
	return done;
}

static bool write_event(struct writer *w, const struct tsdl_event *e)
{
	json_t *event = json_pack("{s:s,s:I,s:I,s:s}", "type", "event-record-class", "id",
				  (json_int_t)e->id, "data-stream-class-id", (json_int_t)e->stream_id,
				  "name", e->name);
	bool done = set_scope(w, event, SPECIFIC_CONTEXT, e->context) &&
		    set_scope(w, event, PAYLOAD, e->fields);

	write_record(w, event);
	return done;
}

/* A stream, and its events behind it: what they refer to is the stream's. */
static bool write_stream_and_events(struct writer *w, const struct tsdl_trace *t,
				    const struct tsdl_stream *s)
{
	if (!write_stream(w, s))
		return false;
	for (guint i = 0; i < t->events->len; i++) {
		const struct tsdl_event *e = g_ptr_array_index(t->events, i);

		if (e->stream_id == s->id && !write_event(w, e))
			return false;
	}
	return true;
}

char *ctf2_text(const struct tsdl_trace *t, GError **error)
{
	struct writer w = { .to = g_string_new(NULL), .error = error };
	bool done;

	write_preamble(&w, t);
	done = write_trace(&w, t);
	for (guint i = 0; i < t->clocks->len; i++)
		write_clock(&w, g_ptr_array_index(t->clocks, i));
	for (guint i = 0; done && i < t->streams->len; i++)
		done = write_stream_and_events(&w, t, g_ptr_array_index(t->streams, i));
	return g_string_free(w.to, !done);
}
