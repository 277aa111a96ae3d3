/* SPDX-License-Identifier: MIT */
/* trace-ir.c - traces, clocks, classes and streams, each made when it is first needed. */
#include <flightbox/error.h>

#include "bt2/mip.h"
#include "bt2/uuid.h"
#include "ctf/layout/header.h"
#include "plugin/trace-ir.h"

#define LTTNG "lttng.org,2009" /* the namespace of its traces */

struct builder {
	const struct reader *reader;
	bt_self_component *self;
	ir_wants wants;
	void *data;
	struct ir *ir;
	GError **error;
};

static bool no_memory(struct builder *b, const struct schema *s)
{
	g_set_error(b->error, FB_ERROR, FB_ERROR_IO, "%s: out of memory", s->dir);
	return false;
}

/* ---- the end ---------------------------------------------------------------------------- */

static void event_free(struct ir_event *e)
{
	if (!e)
		return;
	field_plan_clear(&e->context);
	field_plan_clear(&e->payload);
	g_free(e);
}

static void stream_class_free(struct ir_stream_class *sc, unsigned n_layouts)
{
	for (unsigned i = 0; sc->events && i < n_layouts; i++)
		event_free(sc->events[i]);
	g_free(sc->events);
	field_plan_clear(&sc->packet_context);
	field_plan_clear(&sc->context);
	bt_stream_class_put_ref(sc->class);
	g_free(sc);
}

static void trace_free(struct ir_trace *t, unsigned n_layouts)
{
	for (guint i = 0; i < t->stream_classes->len; i++)
		stream_class_free(g_ptr_array_index(t->stream_classes, i), n_layouts);
	g_ptr_array_unref(t->stream_classes);
	bt_trace_put_ref(t->trace);
	bt_clock_class_put_ref(t->clock);
	bt_trace_class_put_ref(t->class);
	g_free(t);
}

void ir_free(struct ir *ir)
{
	if (!ir)
		return;
	for (unsigned i = 0; i < ir->n_streams; i++)
		bt_stream_put_ref(ir->streams[i].stream);
	g_free(ir->streams);
	for (guint i = 0; i < ir->traces->len; i++)
		trace_free(g_ptr_array_index(ir->traces, i), ir->n_layouts);
	g_ptr_array_unref(ir->traces);
	g_free(ir);
}

/* ---- event classes ---------------------------------------------------------------------- */

static const struct slot *slot_of(const struct stream_class *sc, uint64_t id)
{
	return sc->has_id ? stream_class_find_slot(sc, id) : &sc->slots[0];
}

/* Makes a scope's class and plan; false and failed on error. */
static bool make_scope(struct builder *b, struct ir_trace *t, struct ir_stream_class *sc,
		       struct field_scope *scope, const struct field_scope *outer, unsigned n_outer,
		       unsigned *next_reg, const char *where, bt_field_class **class)
{
	const struct field_options options = {
		.trace_class = t->class,
		.where = where,
		.outer = outer,
		.n_outer = n_outer,
		.leaves_out_roles = scope->plan == &sc->packet_context,
		.next_reg = next_reg,
		.last_reg = (n_outer ? FIELD_REGS : FIELD_REGS_EVENT) - 1,
	};

	*class = scope->scope.type ? field_class_new(scope, &options, b->error) : NULL;
	return *class || !scope->scope.type;
}

static bool set_event_scopes(struct builder *b, struct ir_trace *t, struct ir_stream_class *sc,
			     const struct tsdl_event *event, struct ir_event *e)
{
	g_autofree char *where = g_strdup_printf("%s: event %s", t->schema->file, event->name);
	struct field_scope scopes[] = {
		{ { "event.fields", event->fields }, &e->payload },
		{ { "event.context", event->context }, &e->context },
		{ { "stream.event.context", sc->type->event_context }, &sc->context },
	};
	unsigned next_reg = FIELD_REGS_EVENT;
	bt_field_class *context = NULL, *payload = NULL;
	bool ok;

	ok = make_scope(b, t, sc, &scopes[1], &scopes[2], 1, &next_reg, where, &context) &&
	     make_scope(b, t, sc, &scopes[0], &scopes[1], 2, &next_reg, where, &payload);
	e->has_context = context != NULL;
	e->has_payload = payload != NULL;
	if (ok &&
	    ((context && bt_event_class_set_specific_context_field_class(e->class, context)) ||
	     (payload && bt_event_class_set_payload_field_class(e->class, payload))))
		ok = no_memory(b, t->schema);
	bt_field_class_put_ref(context);
	bt_field_class_put_ref(payload);
	return ok;
}

static bool add_event(struct builder *b, struct ir_trace *t, struct ir_stream_class *sc,
		      const struct tsdl_event *event, unsigned class)
{
	struct ir_event *e;

	if (bt_stream_class_borrow_event_class_by_id_const(sc->class, event->id)) {
		g_set_error(b->error, FB_ERROR, FB_ERROR_FORMAT,
			    "%s: event %s: another event of "
			    "the stream has the id %" G_GUINT64_FORMAT,
			    t->schema->file, event->name, event->id);
		return false;
	}
	if (sc->events[class])
		return true;
	e = sc->events[class] = g_new0(struct ir_event, 1);
	e->class = bt_event_class_create_with_id(sc->class, event->id);
	if (!e->class || bt_event_class_set_name(e->class, event->name))
		return no_memory(b, t->schema);
	/* The stream class keeps it. */
	bt_event_class_put_ref(e->class);
	return set_event_scopes(b, t, sc, event, e);
}

static bool add_events(struct builder *b, struct ir_trace *t, struct ir_stream_class *sc,
		       const struct stream_class *from)
{
	const GPtrArray *events = t->schema->tsdl->events;

	sc->events = g_new0(struct ir_event *, MAX(b->ir->n_layouts, 1));
	for (guint i = 0; i < events->len; i++) {
		const struct tsdl_event *event = g_ptr_array_index(events, i);
		const struct slot *slot;

		if (event->stream_id != from->id)
			continue;
		slot = slot_of(from, event->id);
		if (slot->role &&
		    b->wants(layouts_get(b->reader->layouts, slot->class), b->data) &&
		    !add_event(b, t, sc, event, slot->class))
			return false;
	}
	return true;
}

/* ---- stream classes --------------------------------------------------------------------- */

static bool has_place(const struct stream_class *sc, enum packet_field field)
{
	return sc->places[field].shape == SHAPE_INT;
}

static void describe_packets(struct ir_stream_class *sc, const struct stream_class *from)
{
	bool has_times;

	sc->has_begin = has_place(from, PACKET_BEGIN);
	sc->has_end = has_place(from, PACKET_END);
	sc->has_discarded = has_place(from, PACKET_DISCARDED);
	sc->has_seq = has_place(from, PACKET_SEQ);
	has_times = sc->has_begin && sc->has_end;
	bt_stream_class_set_supports_packets(sc->class, BT_TRUE, sc->has_begin, sc->has_end);
	bt_stream_class_set_supports_discarded_events(sc->class, sc->has_discarded,
						      sc->has_discarded && has_times);
	bt_stream_class_set_supports_discarded_packets(sc->class, sc->has_seq,
						       sc->has_seq && has_times);
}

static bool set_stream_scopes(struct builder *b, struct ir_trace *t, struct ir_stream_class *sc)
{
	g_autofree char *where =
		g_strdup_printf("%s: stream %" G_GUINT64_FORMAT, t->schema->file, sc->type->id);
	struct field_scope packet = { { "stream.packet.context", sc->type->packet_context },
				      &sc->packet_context };
	struct field_scope event = { { "stream.event.context", sc->type->event_context },
				     &sc->context };
	unsigned packet_reg = 1;
	bt_field_class *class = NULL;
	bool ok;

	sc->next_reg = 1;
	ok = make_scope(b, t, sc, &packet, NULL, 0, &packet_reg, where, &class);
	/* All of its members may be such that babeltrace2 keeps to itself. */
	sc->has_packet_context = class && bt_field_class_structure_get_member_count(class);
	if (ok && sc->has_packet_context &&
	    bt_stream_class_set_packet_context_field_class(sc->class, class))
		ok = no_memory(b, t->schema);
	bt_field_class_put_ref(class);
	if (!ok)
		return false;
	ok = make_scope(b, t, sc, &event, NULL, 0, &sc->next_reg, where, &class);
	sc->has_context = class != NULL;
	if (ok && class && bt_stream_class_set_event_common_context_field_class(sc->class, class))
		ok = no_memory(b, t->schema);
	bt_field_class_put_ref(class);
	return ok;
}

static bool add_stream_class(struct builder *b, struct ir_trace *t, const struct stream_class *from)
{
	struct ir_stream_class *sc = g_new0(struct ir_stream_class, 1);

	g_ptr_array_add(t->stream_classes, sc);
	sc->type = from->type;
	sc->class = bt_stream_class_create_with_id(t->class, from->id);
	if (!sc->class || bt_stream_class_set_default_clock_class(sc->class, t->clock))
		return no_memory(b, t->schema);
	bt_stream_class_set_assigns_automatic_event_class_id(sc->class, BT_FALSE);
	bt_stream_class_set_assigns_automatic_stream_id(sc->class, BT_FALSE);
	describe_packets(sc, from);
	return set_stream_scopes(b, t, sc) && add_events(b, t, sc, from);
}

/* ---- traces ----------------------------------------------------------------------------- */

static bool set_environment(struct builder *b, struct ir_trace *t)
{
	const GArray *env = t->schema->tsdl->env;

	for (guint i = 0; i < env->len; i++) {
		const struct tsdl_env *e = &g_array_index(env, struct tsdl_env, i);

		if (e->text ? bt_trace_set_environment_entry_string(t->trace, e->name, e->text)
			    : bt_trace_set_environment_entry_integer(t->trace, e->name, e->number))
			return no_memory(b, t->schema);
	}
	return true;
}

static bool make_trace(struct builder *b, struct ir_trace *t)
{
	const struct schema *s = t->schema;
	const char *host = tsdl_env_text(s->tsdl, "hostname");
	const char *tracer = tsdl_env_text(s->tsdl, "tracer_name");
	g_autofree char *uid = s->tsdl->has_uuid ? uuid_text(s->tsdl->uuid) : NULL;

	t->clock = ir_clock_new(s, b->self, b->error);
	if (!t->clock)
		return false;
	t->class = bt_trace_class_create(b->self);
	if (!t->class)
		return no_memory(b, s);
	bt_trace_class_set_assigns_automatic_stream_class_id(t->class, BT_FALSE);
	for (guint i = 0; i < s->streams->len; i++)
		if (!add_stream_class(b, t, g_ptr_array_index(s->streams, i)))
			return false;
	t->trace = bt_trace_create(t->class);
	if (!t->trace || (host && bt_trace_set_name(t->trace, host)) ||
	    !trace_identify(t->trace, tracer && g_str_has_prefix(tracer, "lttng") ? LTTNG : NULL, uid))
		return no_memory(b, s);
	return set_environment(b, t);
}

static bool is_same_trace(const struct schema *a, const struct schema *b)
{
	return a == b || (a->tsdl->has_uuid && b->tsdl->has_uuid &&
			  !memcmp(a->tsdl->uuid, b->tsdl->uuid, sizeof(a->tsdl->uuid)));
}

static struct ir_trace *find_trace(const struct ir *ir, const struct schema *s)
{
	for (guint i = 0; i < ir->traces->len; i++) {
		struct ir_trace *t = g_ptr_array_index(ir->traces, i);

		if (is_same_trace(t->schema, s))
			return t;
	}
	return NULL;
}

/* Metadata grows while a session runs: of several versions the longest tells all. */
static void collect_traces(struct builder *b)
{
	for (guint i = 0; i < b->reader->schemas->len; i++) {
		const struct schema *s = g_ptr_array_index(b->reader->schemas, i);
		struct ir_trace *t = find_trace(b->ir, s);

		if (!t) {
			t = g_new0(struct ir_trace, 1);
			t->stream_classes = g_ptr_array_new();
			t->schema = s;
			g_ptr_array_add(b->ir->traces, t);
		} else if (s->tsdl->events->len > t->schema->tsdl->events->len) {
			t->schema = s;
		}
	}
}

/*
 * All times are merged as they were recorded, in cycles. Traces of one boot have one
 * clock, but each its own reading of how far that is from the epoch.
 */
static bool check_clocks(struct builder *b)
{
	const struct schema *first = g_ptr_array_index(b->reader->schemas, 0);

	for (guint i = 1; i < b->reader->schemas->len; i++) {
		const struct schema *s = g_ptr_array_index(b->reader->schemas, i);
		const struct tsdl_clock *a = schema_clock(first), *c = schema_clock(s);

		if (!a || !c ||
		    (a->freq == c->freq && a->offset == c->offset && a->offset_s == c->offset_s))
			continue;
		g_set_error(b->error, FB_ERROR, FB_ERROR_UNSUPPORTED,
			    "%s: its clock is not that of %s: give each to a component of its own",
			    s->dir, first->dir);
		return false;
	}
	return true;
}

/* ---- streams ---------------------------------------------------------------------------- */

static const struct ir_stream_class *find_class(const struct ir_trace *t, uint64_t id)
{
	for (guint i = 0; i < t->stream_classes->len; i++) {
		const struct ir_stream_class *sc = g_ptr_array_index(t->stream_classes, i);

		if (sc->type->id == id)
			return sc;
	}
	return NULL;
}

static bool is_taken(const struct ir_trace *t, const struct ir_stream_class *sc, uint64_t id)
{
	for (uint64_t i = 0; i < bt_trace_get_stream_count(t->trace); i++) {
		const bt_stream *stream = bt_trace_borrow_stream_by_index_const(t->trace, i);

		if (bt_stream_get_id(stream) == id &&
		    bt_stream_borrow_class_const(stream) == sc->class)
			return true;
	}
	return false;
}

/* The recorded number of the stream, or the next that is free. */
static uint64_t stream_id(struct ir_trace *t, const struct data_file *f,
			  const struct ir_stream_class *sc)
{
	bool is_recorded = f->schema->places[PACKET_INSTANCE].shape == SHAPE_INT && f->has_instance;
	uint64_t id = is_recorded ? f->instance : t->next_stream_id++;

	while (is_taken(t, sc, id))
		id = t->next_stream_id++;
	return id;
}

static bool add_stream(struct builder *b, const struct stream *from, struct ir_stream *to)
{
	const struct data_file *f = g_ptr_array_index(from->files, 0);
	/* ctf.fs names streams by absolute paths, however it was given the trace. */
	g_autofree char *name = g_canonicalize_filename(f->path, NULL);
	struct ir_trace *t = find_trace(b->ir, f->schema);

	to->class = find_class(t, f->sc->id);
	if (!to->class) {
		g_set_error(b->error, FB_ERROR, FB_ERROR_FORMAT,
			    "%s: is of a stream that %s does not declare", f->path,
			    t->schema->file);
		return false;
	}
	to->stream =
		bt_stream_create_with_id(to->class->class, t->trace, stream_id(t, f, to->class));
	if (!to->stream || bt_stream_set_name(to->stream, name))
		return no_memory(b, f->schema);
	return true;
}

struct ir *ir_new(const struct reader *r, bt_self_component *self, ir_wants wants, void *data,
		  GError **error)
{
	struct builder b = {
		.reader = r, .self = self, .wants = wants, .data = data, .error = error
	};
	bool ok;

	b.ir = g_new0(struct ir, 1);
	b.ir->traces = g_ptr_array_new();
	b.ir->n_layouts = r->layouts->all->len;
	b.ir->n_streams = r->streams->len;
	b.ir->streams = g_new0(struct ir_stream, MAX(b.ir->n_streams, 1));
	collect_traces(&b);
	ok = check_clocks(&b);
	for (guint i = 0; ok && i < b.ir->traces->len; i++)
		ok = make_trace(&b, g_ptr_array_index(b.ir->traces, i));
	for (unsigned i = 0; ok && i < b.ir->n_streams; i++)
		ok = add_stream(&b, g_ptr_array_index(r->streams, i), &b.ir->streams[i]);
	if (ok)
		return b.ir;
	ir_free(b.ir);
	return NULL;
}
