/* SPDX-License-Identifier: MIT */
/* schema.c - compiles a trace's metadata. */
#include <flightbox/error.h>

#include "header.h"
#include "schema.h"

static void stream_class_free(void *data)
{
	struct stream_class *sc = data;

	program_clear(&sc->header);
	program_clear(&sc->context);
	g_clear_pointer(&sc->sparse, g_hash_table_unref);
	g_free(sc->slots);
	g_free(sc);
}

void schema_free(struct schema *s)
{
	if (!s)
		return;
	program_clear(&s->header);
	g_clear_pointer(&s->streams, g_ptr_array_unref);
	g_clear_pointer(&s->outside.regs, g_hash_table_unref);
	tsdl_free(s->tsdl);
	g_free(s->text);
	g_free(s->file);
	g_free(s->dir);
	g_free(s);
}

static struct tsdl_trace *parse_text(struct schema *s, bool in_packets, GError **error)
{
	GError *why = NULL;
	struct tsdl_trace *tsdl = tsdl_parse(s->text, s->length, s->file, &why);

	if (!tsdl && in_packets && metadata_cut(s->text, &s->length)) {
		s->truncated = true;
		g_error_free(why);
		return tsdl_parse(s->text, s->length, s->file, error);
	}
	if (why)
		g_propagate_error(error, why);
	return tsdl;
}

struct schema *schema_load(const char *dir, GError **error)
{
	struct schema *s = g_new0(struct schema, 1);
	bool in_packets;

	s->dir = g_strdup(dir);
	s->file = g_build_filename(dir, "metadata", NULL);
	s->streams = g_ptr_array_new_with_free_func(stream_class_free);
	s->outside.regs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	s->align = 8;
	s->text = metadata_load(dir, &s->length, &in_packets, &s->truncated, error);
	if (s->text)
		s->tsdl = parse_text(s, in_packets, error);
	if (!s->tsdl) {
		schema_free(s);
		return NULL;
	}
	return s;
}

bool schema_is_kernel(const struct schema *s)
{
	const char *domain = tsdl_env_text(s->tsdl, "domain");
	const char *tracer = tsdl_env_text(s->tsdl, "tracer_name");

	return !g_strcmp0(domain, "kernel") || !g_strcmp0(tracer, "perf");
}

const char *schema_hostname(const struct schema *s)
{
	const char *name = tsdl_env_text(s->tsdl, "hostname");

	return name ? name : tsdl_env_text(s->tsdl, "host");
}

const struct tsdl_clock *schema_clock(const struct schema *s)
{
	const struct tsdl_clock *clock = NULL;

	for (guint i = 0; i < s->tsdl->streams->len && !clock; i++) {
		const struct tsdl_stream *stream = g_ptr_array_index(s->tsdl->streams, i);

		clock = header_clock(stream->event_header);
	}
	if (!clock && s->tsdl->clocks->len)
		clock = g_ptr_array_index(s->tsdl->clocks, 0);
	return clock;
}

const struct stream_class *schema_find_stream(const struct schema *s, uint64_t id)
{
	for (guint i = 0; i < s->streams->len; i++) {
		const struct stream_class *sc = g_ptr_array_index(s->streams, i);

		if (sc->id == id)
			return sc;
	}
	return NULL;
}

const struct slot *stream_class_find_slot(const struct stream_class *sc, uint64_t id)
{
	static const struct slot unknown = { .size = SLOT_VARIES };
	const struct slot *slot = NULL;

	if (id < sc->n_dense)
		return &sc->slots[id];
	if (sc->sparse)
		slot = g_hash_table_lookup(sc->sparse, &id);
	return slot ? slot : &unknown;
}

/* ---- compilation ----------------------------------------------------------------------- */

static void need_align(struct schema *s, const struct tsdl_type *type)
{
	/* A type's alignment is the greatest inside of it, but variants hide their options'. */
	if (!type)
		return;
	s->align = MAX(s->align, type->align / 8);
	if (type->kind == TSDL_STRUCT || type->kind == TSDL_VARIANT)
		for (uint32_t i = 0; i < type->compound.n; i++)
			need_align(s, type->compound.fields[i].type);
	if (type->kind == TSDL_ARRAY || type->kind == TSDL_SEQUENCE)
		need_align(s, type->array.element);
}

/* The scopes that names in an event may refer to, from its header outwards. */
enum {
	OUTER_EVENT_HEADER,
	OUTER_PACKET_CONTEXT,
	OUTER_PACKET_HEADER,
	OUTERS
};

static void fill_outer(struct scope *outer, const struct schema *s, const struct tsdl_stream *type)
{
	outer[OUTER_EVENT_HEADER] = (struct scope){ "stream.event.header", type->event_header };
	outer[OUTER_PACKET_CONTEXT] =
		(struct scope){ "stream.packet.context", type->packet_context };
	outer[OUTER_PACKET_HEADER] =
		(struct scope){ "trace.packet.header", s->tsdl->packet_header };
}

static enum role role_of(const struct layout *l, uint64_t kinds)
{
	enum fb_kind kind = l->template.kind;

	if (!kind || !(kinds & FB_KIND_BIT(kind)))
		return ROLE_UNWANTED;
	/* What takes the program's marks cannot be put off until the next event is known. */
	if (l->is_marked || l->calls)
		return ROLE_WANTED;
	if (kind == FB_EV_SYS_ENTER)
		return ROLE_ENTRY;
	return kind == FB_EV_SYS_EXIT ? ROLE_EXIT : ROLE_WANTED;
}

static void fill_slot(struct slot *slot, const struct layout *l, unsigned class, uint64_t kinds)
{
	const struct program *body = &l->body;

	slot->class = class;
	slot->is_known = true;
	slot->role = role_of(l, kinds);
	slot->size = SLOT_VARIES;
	/* Where slots are used headers begin on bytes: what is left of one is padding. */
	if (body->fixed && body->align <= 8 && body->size < UINT32_MAX)
		slot->size = (body->size + 7) / 8;
}

/* Ids are small and dense in all that tracers write; still a single huge one must cost no more. */
static void allocate_slots(struct stream_class *sc, const struct tsdl_trace *tsdl)
{
	uint64_t n = 0, most = 0;

	for (guint i = 0; i < tsdl->events->len; i++) {
		const struct tsdl_event *event = g_ptr_array_index(tsdl->events, i);

		if (event->stream_id != sc->id)
			continue;
		n++;
		most = MAX(most, event->id);
	}
	if (most < 1024 || most < 16 * n)
		sc->n_dense = most + 1;
	else
		sc->sparse = g_hash_table_new(g_int64_hash, g_int64_equal);
	sc->slots = g_new0(struct slot, sc->sparse ? n : sc->n_dense);
	for (uint64_t i = 0; i < sc->n_dense; i++)
		sc->slots[i].size = SLOT_VARIES;
}

static bool compile_events(struct schema *s, struct stream_class *sc, struct layouts *layouts,
			   uint64_t kinds, GError **error)
{
	struct scope outer[OUTERS];
	size_t n = 0;

	fill_outer(outer, s, sc->type);
	allocate_slots(sc, s->tsdl);
	for (guint i = 0; i < s->tsdl->events->len; i++) {
		const struct tsdl_event *event = g_ptr_array_index(s->tsdl->events, i);
		struct slot *slot;
		int class;

		if (event->stream_id != sc->id)
			continue;
		class = layouts_add(layouts, event, sc->type, outer, OUTERS, &s->outside, s->file,
				    error);
		if (class < 0)
			return false;
		slot = sc->sparse ? &sc->slots[n++] : &sc->slots[event->id];
		fill_slot(slot, layouts_get(layouts, class), class, kinds);
		if (sc->sparse)
			g_hash_table_replace(sc->sparse, (gpointer)&event->id, slot);
		if (!header_has_id(sc->type->event_header))
			sc->slots[0] = *slot;
		need_align(s, event->context);
		need_align(s, event->fields);
	}
	return true;
}

/* Whether events need the header's fields in registers: only its program writes those. */
static bool is_header_referred_to(const struct schema *s)
{
	GHashTableIter i;
	gpointer path;

	g_hash_table_iter_init(&i, s->outside.regs);
	while (g_hash_table_iter_next(&i, &path, NULL))
		if (g_str_has_prefix(path, "stream.event.header."))
			return true;
	return false;
}

static bool compile_header(struct schema *s, struct stream_class *sc, GError **error)
{
	g_autofree char *where =
		g_strdup_printf("%s: stream %" G_GUINT64_FORMAT ": event header", s->file, sc->id);
	struct scope outer[OUTERS];
	struct program_options o = {
		.scopes = &outer[OUTER_EVENT_HEADER],
		.n_scopes = 1,
		.outer = &outer[OUTER_PACKET_CONTEXT],
		.n_outer = 2,
		.outside = &s->outside,
		.is_header = true,
	};

	fill_outer(outer, s, sc->type);
	need_align(s, sc->type->event_header);
	need_align(s, sc->type->event_context);
	sc->has_id = header_has_id(sc->type->event_header);
	sc->header_kind = HEADER_ANY;
	if (!is_header_referred_to(s))
		sc->header_kind = header_recognise(sc->type->event_header);
	return program_init(&sc->header, &o, where, error);
}

static bool compile_context(struct schema *s, struct stream_class *sc, GError **error)
{
	const struct want wants[] = {
		{ 0, "timestamp_begin", &sc->places[PACKET_BEGIN] },
		{ 0, "timestamp_end", &sc->places[PACKET_END] },
		{ 0, "content_size", &sc->places[PACKET_CONTENT] },
		{ 0, "packet_size", &sc->places[PACKET_SIZE] },
		{ 0, "packet_seq_num", &sc->places[PACKET_SEQ] },
		{ 0, "events_discarded", &sc->places[PACKET_DISCARDED] },
		{ 0, "cpu_id", &sc->places[PACKET_CPU] },
	};
	g_autofree char *where = g_strdup_printf("%s: stream %" G_GUINT64_FORMAT ": packet context",
						 s->file, sc->id);
	struct scope outer[OUTERS];
	struct program_options o = {
		.scopes = &outer[OUTER_PACKET_CONTEXT],
		.n_scopes = 1,
		.outer = &outer[OUTER_PACKET_HEADER],
		.n_outer = 1,
		.outside = &s->outside,
		.wants = wants,
		.n_wants = G_N_ELEMENTS(wants),
	};

	fill_outer(outer, s, sc->type);
	need_align(s, sc->type->packet_context);
	return program_init(&sc->context, &o, where, error);
}

static bool compile_stream(struct schema *s, const struct tsdl_stream *type,
			   struct layouts *layouts, uint64_t kinds, GError **error)
{
	struct stream_class *sc = g_new0(struct stream_class, 1);
	const struct tsdl_clock *clock = header_clock(type->event_header);

	g_ptr_array_add(s->streams, sc);
	if (!clock)
		clock = schema_clock(s);
	sc->id = type->id;
	sc->type = type;
	sc->freq = clock ? clock->freq : 1000000000;
	return compile_events(s, sc, layouts, kinds, error) && compile_header(s, sc, error) &&
	       compile_context(s, sc, error);
}

static bool compile_packet_header(struct schema *s, GError **error)
{
	const struct want wants[] = {
		{ 0, "magic", &s->places[PACKET_MAGIC] },
		{ 0, "uuid", &s->places[PACKET_UUID] },
		{ 0, "stream_id", &s->places[PACKET_STREAM_ID] },
		{ 0, "stream_instance_id", &s->places[PACKET_INSTANCE] },
	};
	g_autofree char *where = g_strconcat(s->file, ": packet header", NULL);
	const struct scope scope = { "trace.packet.header", s->tsdl->packet_header };
	struct program_options o = {
		.scopes = &scope,
		.n_scopes = 1,
		.outside = &s->outside,
		.wants = wants,
		.n_wants = G_N_ELEMENTS(wants),
	};

	need_align(s, s->tsdl->packet_header);
	return program_init(&s->header, &o, where, error);
}

bool schema_compile(struct schema *s, struct layouts *layouts, uint64_t kinds, GError **error)
{
	for (guint i = 0; i < s->tsdl->streams->len; i++)
		if (!compile_stream(s, g_ptr_array_index(s->tsdl->streams, i), layouts, kinds,
				    error))
			return false;
	/* What inner scopes refer to had to be known first. */
	return compile_packet_header(s, error);
}
