/* SPDX-License-Identifier: MIT */
/* schema.c - compiles a trace's metadata. */
#include <flightbox/error.h>

#include "base/hash.h"
#include "ctf/layout/header.h"
#include "ctf/layout/schema.h"
#include "ctf/metadata/ctf2.h"

static void stream_class_free(void *data)
{
	struct stream_class *sc = data;

	program_clear(&sc->header);
	program_clear(&sc->context);
	g_array_unref(sc->inner);
	g_clear_pointer(&sc->sparse, g_hash_table_unref);
	g_free(sc->slots);
	g_free(sc);
}

void schema_free(struct schema *s)
{
	if (!s)
		return;
	program_clear(&s->header);
	g_array_unref(s->inner);
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
	struct tsdl_trace *tsdl;
	bool cut = false;

	if (metadata_is_ctf2(s->text, s->length)) {
		tsdl = ctf2_parse(s->text, s->length, s->file, &cut, error);
		s->truncated |= cut;
		return tsdl;
	}
	tsdl = tsdl_parse(s->text, s->length, s->file, &why);
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
	s->inner = g_array_new(FALSE, TRUE, sizeof(struct inner_place));
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

static const char *env_text(const void *env, const char *name)
{
	return tsdl_env_text(env, name);
}

static bool env_number(const void *env, const char *name, int64_t *number)
{
	return tsdl_env_number(env, name, number);
}

struct facts schema_facts(const struct schema *s)
{
	return (struct facts){
		.text = env_text,
		.number = env_number,
		.env = s->tsdl,
		.format = s->tsdl->major == 2 ? "CTF 2" : "CTF 1.8",
		.big_endian = s->tsdl->big_endian,
	};
}

bool schema_is_kernel(const struct schema *s)
{
	const struct facts facts = schema_facts(s);

	return facts_are_kernel(&facts);
}

const struct tsdl_clock *schema_clock(const struct schema *s)
{
	const struct tsdl_clock *clock = NULL;

	for (guint i = 0; i < s->tsdl->streams->len && !clock; i++) {
		const struct tsdl_stream *stream = g_ptr_array_index(s->tsdl->streams, i);

		clock = stream->clock;
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
	if (type->kind == TSDL_STRUCT || type->kind == TSDL_VARIANT || type->kind == TSDL_OPTIONAL)
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

static void fill_outer(struct tsdl_scope *outer, const struct schema *s, const struct tsdl_stream *type)
{
	outer[OUTER_EVENT_HEADER] = (struct tsdl_scope){ "stream.event.header", type->event_header };
	outer[OUTER_PACKET_CONTEXT] =
		(struct tsdl_scope){ "stream.packet.context", type->packet_context };
	outer[OUTER_PACKET_HEADER] =
		(struct tsdl_scope){ "trace.packet.header", s->tsdl->packet_header };
}

static enum role role_of(const struct layout *l, uint64_t kinds)
{
	enum fb_kind kind = l->bound.template.kind;

	if (!kind || !(kinds & FB_KIND_BIT(kind)))
		return ROLE_UNWANTED;
	/* What takes the program's marks cannot be put off until the next event is known. */
	if (l->is_marked || l->calls)
		return ROLE_WANTED;
	return kind == FB_EV_SYS_ENTER || kind == FB_EV_SYS_EXIT ? ROLE_CALL : ROLE_WANTED;
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
static void allocate_slots(struct stream_class *sc, const GPtrArray *events)
{
	uint64_t most = 0;

	for (guint i = 0; i < events->len; i++)
		most = MAX(most, ((const struct tsdl_event *)g_ptr_array_index(events, i))->id);
	if (most < 1024 || most < 16 * (uint64_t)events->len)
		sc->n_dense = most + 1;
	else
		sc->sparse = g_hash_table_new(id_hash, g_int64_equal);
	sc->slots = g_new0(struct slot, sc->sparse ? events->len : sc->n_dense);
	for (uint64_t i = 0; i < sc->n_dense; i++)
		sc->slots[i].size = SLOT_VARIES;
}

static bool compile_events(struct schema *s, struct stream_class *sc, const GPtrArray *events,
			   struct layouts *layouts, uint64_t kinds, GError **error)
{
	struct tsdl_scope outer[OUTERS];

	fill_outer(outer, s, sc->type);
	allocate_slots(sc, events);
	for (guint i = 0; i < events->len; i++) {
		const struct tsdl_event *event = g_ptr_array_index(events, i);
		struct slot *slot = &sc->slots[sc->sparse ? i : event->id];
		int class = layouts_add(layouts, event, sc->type, outer, OUTERS, &s->outside,
					s->file, error);

		if (class < 0)
			return false;
		fill_slot(slot, layouts_get(layouts, class), class, kinds);
		if (sc->sparse)
			g_hash_table_replace(sc->sparse, (gpointer)&event->id, slot);
		if (!sc->has_id)
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
	struct tsdl_scope outer[OUTERS];
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
	sc->header_kind = HEADER_ANY;
	if (!is_header_referred_to(s))
		sc->header_kind = header_recognise(sc->type->event_header);
	return program_init(&sc->header, &o, where, error);
}

/* What roles tell of packets may lie in a struct inside of the header, or in a variant. */
static const uint32_t packet_roles[] = {
	[PACKET_MAGIC] = TSDL_ROLE_MAGIC,	[PACKET_UUID] = TSDL_ROLE_UUID,
	[PACKET_STREAM_ID] = TSDL_ROLE_STREAM_CLASS, [PACKET_INSTANCE] = TSDL_ROLE_STREAM,
	[PACKET_BEGIN] = TSDL_ROLE_TIME,	[PACKET_END] = TSDL_ROLE_END,
	[PACKET_CONTENT] = TSDL_ROLE_CONTENT,	[PACKET_SIZE] = TSDL_ROLE_SIZE,
	[PACKET_SEQ] = TSDL_ROLE_SEQ,		[PACKET_DISCARDED] = TSDL_ROLE_DISCARDED,
};

static int find_packet_field(const void *is_context, const struct tsdl_field *field,
			     const char *const *names, unsigned n)
{
	unsigned first = is_context ? PACKET_HEADER_FIELDS : 0;
	unsigned end = is_context ? G_N_ELEMENTS(packet_roles) : PACKET_HEADER_FIELDS;

	(void)names;
	(void)n;
	for (unsigned i = first; i < end; i++)
		if (field->roles & packet_roles[i])
			return i;
	return -1;
}

static bool compile_context(struct schema *s, struct stream_class *sc, GError **error)
{
	const struct want wants[] = {
		{ 0, NULL, &sc->places[PACKET_BEGIN], TSDL_ROLE_TIME },
		{ 0, NULL, &sc->places[PACKET_END], TSDL_ROLE_END },
		{ 0, NULL, &sc->places[PACKET_CONTENT], TSDL_ROLE_CONTENT },
		{ 0, NULL, &sc->places[PACKET_SIZE], TSDL_ROLE_SIZE },
		{ 0, NULL, &sc->places[PACKET_SEQ], TSDL_ROLE_SEQ },
		{ 0, NULL, &sc->places[PACKET_DISCARDED], TSDL_ROLE_DISCARDED },
		{ 0, "cpu_id", &sc->places[PACKET_CPU], 0, PACKET_CPU },
	};
	g_autofree char *where = g_strdup_printf("%s: stream %" G_GUINT64_FORMAT ": packet context",
						 s->file, sc->id);
	struct tsdl_scope outer[OUTERS];
	struct program_options o = {
		.scopes = &outer[OUTER_PACKET_CONTEXT],
		.n_scopes = 1,
		.outer = &outer[OUTER_PACKET_HEADER],
		.n_outer = 1,
		.outside = &s->outside,
		.wants = wants,
		.n_wants = G_N_ELEMENTS(wants),
		.optional = sc->inner,
		.inner = sc->inner,
		.find_inner = find_packet_field,
		.inner_data = sc,
	};

	fill_outer(outer, s, sc->type);
	need_align(s, sc->type->packet_context);
	return program_init(&sc->context, &o, where, error);
}

static struct stream_class *stream_class_new(const struct tsdl_stream *type,
					     const struct tsdl_clock *usual_clock)
{
	struct stream_class *sc = g_new0(struct stream_class, 1);
	const struct tsdl_clock *clock = type->clock ? type->clock : usual_clock;

	sc->inner = g_array_new(FALSE, TRUE, sizeof(struct inner_place));
	sc->id = type->id;
	sc->type = type;
	sc->freq = clock ? clock->freq : 1000000000;
	sc->has_id = header_has_id(type->event_header);
	return sc;
}

static bool compile_packet_header(struct schema *s, GError **error)
{
	const struct want wants[] = {
		{ 0, NULL, &s->places[PACKET_MAGIC], TSDL_ROLE_MAGIC },
		{ 0, NULL, &s->places[PACKET_UUID], TSDL_ROLE_UUID },
		{ 0, NULL, &s->places[PACKET_STREAM_ID], TSDL_ROLE_STREAM_CLASS },
		{ 0, NULL, &s->places[PACKET_INSTANCE], TSDL_ROLE_STREAM },
	};
	g_autofree char *where = g_strconcat(s->file, ": packet header", NULL);
	const struct tsdl_scope scope = { "trace.packet.header", s->tsdl->packet_header };
	struct program_options o = {
		.scopes = &scope,
		.n_scopes = 1,
		.outside = &s->outside,
		.wants = wants,
		.n_wants = G_N_ELEMENTS(wants),
		.inner = s->inner,
		.find_inner = find_packet_field,
	};

	need_align(s, s->tsdl->packet_header);
	return program_init(&s->header, &o, where, error);
}

/* The events of each stream, in the order of the text, by its id. */
static GHashTable *sort_events(const struct tsdl_trace *t)
{
	GHashTable *by_stream = g_hash_table_new_full(id_hash, g_int64_equal, NULL,
						      (GDestroyNotify)g_ptr_array_unref);
	const uint64_t *id = NULL;
	GPtrArray *events = NULL;

	for (guint i = 0; i < t->streams->len; i++) {
		const struct tsdl_stream *stream = g_ptr_array_index(t->streams, i);

		g_hash_table_insert(by_stream, (gpointer)&stream->id, g_ptr_array_new());
	}
	for (guint i = 0; i < t->events->len; i++) {
		struct tsdl_event *event = g_ptr_array_index(t->events, i);

		if (!id || *id != event->stream_id)
			events = g_hash_table_lookup(by_stream, &event->stream_id);
		id = &event->stream_id;
		if (events)
			g_ptr_array_add(events, event);
	}
	return by_stream;
}

bool schema_compile(struct schema *s, struct layouts *layouts, uint64_t kinds, GError **error)
{
	g_autoptr(GHashTable) events = sort_events(s->tsdl);
	const struct tsdl_clock *clock = schema_clock(s);

	for (guint i = 0; i < s->tsdl->streams->len; i++) {
		const struct tsdl_stream *type = g_ptr_array_index(s->tsdl->streams, i);
		struct stream_class *sc = stream_class_new(type, clock);

		g_ptr_array_add(s->streams, sc);
		if (!compile_events(s, sc, g_hash_table_lookup(events, &type->id), layouts, kinds,
				    error) ||
		    !compile_header(s, sc, error) || !compile_context(s, sc, error))
			return false;
	}
	/* What inner scopes refer to had to be known first. */
	return compile_packet_header(s, error);
}
