/* SPDX-License-Identifier: MIT */
/* recode.c - walks over a packet's events and writes each behind the one before. */
#include "recode.h"

#include <flightbox/error.h>
#include <flightbox/source.h>

#include "ctf/layout/header.h"

#define U64	       G_GUINT64_FORMAT
#define PAGE	       4096u /* LTTng's packets are whole pages */
#define LEAST_HEADER   4u    /* bytes of the smallest event header */
#define MOST_HEADER    14u   /* bytes of the biggest, LTTng's large one */
#define COMPACT_ESCAPE 31u
#define LARGE_ESCAPE   UINT16_MAX

/* A number of an event that may have to change. */
struct patch {
	struct place place;
	bool is_cpu; /* else a task */
};

bool refuse(GError **error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_propagate_error(error, g_error_new_valist(FB_ERROR, FB_ERROR_UNSUPPORTED, format, args));
	va_end(args);
	return false;
}

/* ---- what to change in events ------------------------------------------------------------ */

static bool is_in_bytes(const struct place *p)
{
	return p->bits % 8 == 0 && p->offset % 8 == 0;
}

static bool add_patch(GArray *patches, const struct place *place, bool is_cpu, const char *event,
		      GError **error)
{
	struct patch patch = { *place, is_cpu };

	if (place->shape != SHAPE_INT)
		return true;
	/* Tids of copies need more than 16 bits. */
	if (!is_in_bytes(place) || place->bits < 32)
		return refuse(error, "event %s: a number of %u bits cannot be changed", event,
			    place->bits);
	g_array_append_val(patches, patch);
	return true;
}

static bool is_task(const char *field)
{
	return g_str_has_suffix(field, "tid") || g_str_has_suffix(field, "pid");
}

static GArray *find_patches(const struct layout *l, GError **error)
{
	const struct fb_kind_desc *kind = &fb_kinds[l->bound.template.kind];
	g_autoptr(GArray) patches = g_array_new(FALSE, FALSE, sizeof(struct patch));

	for (unsigned i = 0; i < FB_TOP_FIELDS_MAX && kind->fields[i].name; i++) {
		const char *name = kind->fields[i].name;
		bool is_cpu = !strcmp(name, "target_cpu");

		if ((is_cpu || is_task(name)) &&
		    !add_patch(patches, &l->places[i], is_cpu, l->name, error))
			return NULL;
	}
	for (int extra = FB_EXTRA_CONTEXT_TID; extra <= FB_EXTRA_CONTEXT_PID; extra++)
		if (!add_patch(patches, &l->places[bound_as(extra)], false, l->name, error))
			return NULL;
	return g_steal_pointer(&patches);
}

/* In bits; a type's own alignment says nothing of what is inside of variants. */
static uint32_t deepest_align(const struct tsdl_type *type)
{
	uint32_t align = type ? type->align : 1;

	if (!type)
		return align;
	if (type->kind == TSDL_STRUCT || type->kind == TSDL_VARIANT)
		for (uint32_t i = 0; i < type->compound.n; i++)
			align = MAX(align, deepest_align(type->compound.fields[i].type));
	if (type->kind == TSDL_ARRAY || type->kind == TSDL_SEQUENCE)
		align = MAX(align, deepest_align(type->array.element));
	return align;
}

static uint32_t align_of(const struct schema *s)
{
	uint32_t align = 8;

	for (guint i = 0; i < s->tsdl->events->len; i++) {
		const struct tsdl_event *event = g_ptr_array_index(s->tsdl->events, i);

		align = MAX(align, deepest_align(event->context));
		align = MAX(align, deepest_align(event->fields));
	}
	for (guint i = 0; i < s->tsdl->streams->len; i++) {
		const struct tsdl_stream *stream = g_ptr_array_index(s->tsdl->streams, i);

		align = MAX(align, deepest_align(stream->event_context));
	}
	return align / 8;
}

struct recoder *recoder_new(const GPtrArray *schemas, const struct layouts *layouts,
			    GError **error)
{
	struct recoder *r = g_new0(struct recoder, 1);

	r->layouts = layouts;
	r->patches = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
	r->align = 1;
	for (guint i = 0; i < schemas->len; i++)
		r->align = MAX(r->align, align_of(g_ptr_array_index(schemas, i)));
	for (guint i = 0; i < layouts->all->len; i++) {
		GArray *patches = find_patches(layouts_get(layouts, i), error);

		if (!patches) {
			recoder_free(r);
			return NULL;
		}
		g_ptr_array_add(r->patches, patches);
	}
	return r;
}

void recoder_free(struct recoder *r)
{
	if (!r)
		return;
	g_ptr_array_unref(r->patches);
	g_free(r->to);
	g_free(r);
}

/* ---- numbers ----------------------------------------------------------------------------- */

static void put_int(uint8_t *to, unsigned bytes, bool big_endian, uint64_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		to[big_endian ? bytes - 1 - i : i] = value >> 8 * i;
}

static void patch_event(const GArray *patches, const struct machine *m, uint8_t *body,
			const struct edit *e)
{
	for (guint i = 0; i < patches->len; i++) {
		const struct patch *patch = &g_array_index(patches, struct patch, i);
		const struct place *p = &patch->place;
		uint64_t pos = place_pos(p, m->marks[0], m->marks);
		int64_t value = place_int(p, m->c.base, pos);

		if (patch->is_cpu || value > 0)
			put_int(body + (pos - m->marks[0]) / 8, p->bits / 8, p->big_endian,
				value + (patch->is_cpu ? e->cpu : e->tid));
	}
}

static uint64_t new_clock(const struct edit *e, uint64_t clock)
{
	return (e->move ? e->move(clock, e->move_data) : clock) + e->time;
}

/* ---- event headers ------------------------------------------------------------------------ */

/* Whether a short header can hold both. */
static bool is_short(enum header_kind kind, uint64_t id, uint64_t ahead)
{
	if (kind == HEADER_COMPACT)
		return id < COMPACT_ESCAPE && ahead >> 27 == 0;
	return kind == HEADER_LARGE && id < LARGE_ESCAPE && ahead >> 32 == 0;
}

/* Returns where the event's body begins. All kinds are little-endian, and aligned to bytes. */
static uint8_t *put_head(uint8_t *at, enum header_kind kind, uint32_t id, uint64_t clock,
			 bool is_full)
{
	if (!is_full && kind == HEADER_COMPACT) {
		put_int(at, 4, false, id | (uint32_t)clock << 5);
		return at + 4;
	}
	if (!is_full) {
		put_int(at, 2, false, id);
		put_int(at + 2, 4, false, clock);
		return at + 6;
	}
	if (kind == HEADER_COMPACT)
		*at++ = COMPACT_ESCAPE;
	if (kind == HEADER_LARGE) {
		put_int(at, 2, false, LARGE_ESCAPE);
		at += 2;
	}
	put_int(at, 4, false, id);
	put_int(at + 4, 8, false, clock);
	return at + 12;
}

/* ---- events ------------------------------------------------------------------------------ */

/* Where a packet is read and written. */
struct walk {
	struct recoder *r;
	const struct edit *edit;
	const struct stream_class *sc;
	enum header_kind kind; /* to write */
	struct machine m;
	uint64_t clock; /* of the last event, as it was, in full */
	uint8_t *at;	/* where to write */
	/* The piece being written. */
	uint8_t *piece;
	uint64_t events;      /* in it */
	uint64_t begin, last; /* clock: its own, and of the event written last, or begin */
	bool begins_with_event;
};

/* Goes over the header of an event; false when there is no such event. */
static bool read_head(struct walk *w, const struct slot **slot)
{
	struct machine *m = &w->m;
	uint64_t mask;

	m->time_bits = 0;
	if (!program_run(&w->sc->header, m))
		return false;
	mask = m->time_bits < 64 ? (UINT64_C(1) << m->time_bits) - 1 : UINT64_MAX;
	w->clock = m->time_bits < 64 ? w->clock + ((m->regs[REG_TIME] - w->clock) & mask)
				     : m->regs[REG_TIME];
	*slot = stream_class_find_slot(w->sc, w->sc->has_id ? m->regs[REG_ID] : 0);
	return (*slot)->is_known;
}

static bool write_event(struct walk *w, const struct slot *slot)
{
	const struct machine *m = &w->m;
	uint64_t size = (m->c.pos - m->marks[0] + 7) / 8;
	uint64_t clock = new_clock(w->edit, w->clock);
	uint8_t *body;
	bool is_full;

	if (w->begins_with_event && !w->events)
		w->begin = w->last = w->clock;
	/* What was written in full stays so: the tracer knew of events that it then discarded. */
	is_full = (w->kind == w->sc->header_kind && m->time_bits == 64) ||
		  !is_short(w->kind, m->regs[REG_ID], clock - new_clock(w->edit, w->last));
	body = put_head(w->at, w->kind, m->regs[REG_ID], clock, is_full);
	if (m->marks[0] % 8 || (m->marks[0] / 8 - (body - w->piece)) % w->r->align)
		return false;
	memcpy(body, m->c.base + m->marks[0] / 8, size);
	patch_event(g_ptr_array_index(w->r->patches, slot->class), m, body, w->edit);
	w->at = body + size;
	w->last = w->clock;
	w->events++;
	return true;
}

static bool recode_event(struct walk *w)
{
	const struct slot *slot;

	if (!read_head(w, &slot) ||
	    !program_run(&layouts_get(w->r->layouts, slot->class)->body, &w->m))
		return false;
	if (w->edit->dice && g_rand_double(w->edit->dice) < w->edit->chance) {
		w->r->left_out++;
		return true;
	}
	return write_event(w, slot);
}

/* All that follows is padding. */
static bool is_at_end(const struct walk *w)
{
	uint64_t align = w->sc->header.align;

	return ((w->m.c.pos + align - 1) & -align) >= w->m.c.end;
}

static bool recode_events(struct walk *w)
{
	while (!is_at_end(w) && (!w->edit->events || w->events < w->edit->events))
		if (!recode_event(w))
			return false;
	return true;
}

/* ---- packets ----------------------------------------------------------------------------- */

static void put_field(const struct walk *w, const struct schema *s, const uint64_t *marks,
		      enum packet_field field, uint64_t value)
{
	const struct ctf_packet *packet = &w->r->packet;
	const struct place *p = field < PACKET_HEADER_FIELDS ? &s->places[field]
							     : &packet->sc->places[field];
	uint64_t start = field < PACKET_HEADER_FIELDS ? 0 : marks[0];

	if (packet_has(packet, field))
		put_int(w->piece + place_pos(p, start, marks) / 8, p->bits / 8, p->big_endian, value);
}

/* The end of a packet that is cut into pieces is that of the last one. */
static uint64_t end_of_piece(const struct walk *w)
{
	uint64_t end = w->r->packet.values[PACKET_END];

	if (!is_at_end(w))
		return new_clock(w->edit, w->last);
	/* 0: the tracer never closed it. */
	return end ? new_clock(w->edit, end) : 0;
}

static void put_fields(const struct walk *w, const struct schema *s, const uint64_t *marks,
		       uint64_t content, uint64_t size)
{
	const uint64_t *old = w->r->packet.values;
	const struct edit *e = w->edit;

	put_field(w, s, marks, PACKET_INSTANCE, old[PACKET_INSTANCE] + e->cpu);
	put_field(w, s, marks, PACKET_CPU, old[PACKET_CPU] + e->cpu);
	put_field(w, s, marks, PACKET_BEGIN, new_clock(e, w->begin));
	put_field(w, s, marks, PACKET_END, end_of_piece(w));
	put_field(w, s, marks, PACKET_SEQ, old[PACKET_SEQ] + e->seq + w->r->pieces);
	put_field(w, s, marks, PACKET_DISCARDED,
		  old[PACKET_DISCARDED] + e->discarded + w->r->left_out);
	put_field(w, s, marks, PACKET_CONTENT, content);
	put_field(w, s, marks, PACKET_SIZE, size * 8);
}

static bool is_writable(const struct ctf_packet *p, const struct schema *s)
{
	static const enum packet_field needed[] = { PACKET_BEGIN, PACKET_CONTENT, PACKET_SIZE };
	const struct place *instance = &s->places[PACKET_INSTANCE];

	for (unsigned i = 0; i < G_N_ELEMENTS(needed); i++)
		if (!packet_has(p, needed[i]))
			return false;
	for (unsigned i = PACKET_BEGIN; i < PACKET_FIELDS; i++)
		if (packet_has(p, i) && !is_in_bytes(&p->sc->places[i]))
			return false;
	/* The marks of a header are overwritten by those of its context. */
	return !packet_has(p, PACKET_INSTANCE) || (is_in_bytes(instance) && !instance->mark);
}

static void make_room(struct recoder *r, uint64_t size, const struct edit *edit)
{
	uint64_t events = size / LEAST_HEADER;
	uint64_t pieces = edit->events ? events / edit->events + 1 : 1;
	uint64_t head = (r->packet.first + 7) / 8;
	uint64_t room = events * MOST_HEADER + size + pieces * (head + 2 * PAGE);

	if (room <= r->room)
		return;
	g_free(r->to);
	r->to = g_malloc(room);
	r->room = room;
}

/* Fills up behind the events. Returns the piece's size in bytes and its content's in bits. */
static uint64_t pad(struct walk *w, const uint8_t *from, uint64_t *content)
{
	const struct ctf_packet *p = &w->r->packet;
	uint64_t bytes = w->at - w->piece;
	/* The padding tells how big the tracer's buffers were: it is kept where nothing moved. */
	bool is_same = bytes == (p->content + 7) / 8;
	uint64_t size = is_same ? p->size : (bytes + PAGE - 1) & -(uint64_t)PAGE;

	if (is_same)
		memcpy(w->piece + bytes, from + bytes, size - bytes);
	else
		memset(w->piece + bytes, 0, size - bytes);
	*content = is_same ? p->content : bytes * 8;
	return size;
}

static void begin_piece(struct walk *w, uint8_t *at, const uint8_t *bytes)
{
	uint64_t head = (w->r->packet.first + 7) / 8;

	memcpy(at, bytes, head);
	w->piece = at;
	w->at = at + head;
	w->events = 0;
	w->begin = w->last = w->r->packet.values[PACKET_BEGIN];
	w->begins_with_event = w->r->pieces > 0;
}

/* One packet, or what it is cut into. */
static bool recode_pieces(struct walk *w, const struct schema *s, const uint8_t *bytes,
			  const uint64_t *marks)
{
	struct recoder *r = w->r;
	uint64_t content, size;

	r->pieces = r->left_out = r->size = 0;
	do {
		begin_piece(w, r->to + r->size, bytes);
		if (!recode_events(w))
			return false;
		size = pad(w, bytes, &content);
		put_fields(w, s, marks, content, size);
		r->size += size;
		r->pieces++;
	} while (!is_at_end(w));
	return true;
}

bool recode(struct recoder *r, const struct data_file *f, const struct packet_ref *ref,
	    const uint8_t *bytes, const struct edit *edit, GError **error)
{
	const struct packet_bytes all = { bytes, ref->size, ref->size };
	g_autoptr(GString) problem = g_string_new(NULL);
	struct ctf_packet *p = &r->packet;
	struct walk w = { .r = r, .edit = edit };
	uint64_t marks[MARK_MAX];

	if (packet_read(p, f->schema, &w.m, &all, ref->offset, problem) != PACKET_FINE)
		return refuse(error, "%s: %s", f->path, problem->str);
	w.sc = p->sc;
	w.kind = edit->is_compact ? HEADER_COMPACT : p->sc->header_kind;
	w.clock = p->values[PACKET_BEGIN];
	if (w.kind == HEADER_ANY || !is_writable(p, f->schema))
		return refuse(error, "%s: byte %" U64 ": packets of this form cannot be written",
			      f->path, ref->offset);
	memcpy(marks, w.m.marks, sizeof(marks));
	make_room(r, ref->size, edit);
	w.m.c.pos = p->first;
	w.m.c.end = p->content;
	if (!recode_pieces(&w, f->schema, bytes, marks))
		return refuse(error, "%s: byte %" U64 ": this event cannot be written", f->path,
			      ref->offset + w.m.c.pos / 8);
	return true;
}
