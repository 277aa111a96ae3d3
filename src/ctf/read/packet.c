/* SPDX-License-Identifier: MIT */
/* packet.c - packet headers. */
#include "ctf/read/packet.h"

#define U64 G_GUINT64_FORMAT

static void read_value(struct ctf_packet *p, unsigned field, const struct place *place,
		       const struct machine *m)
{
	p->values[field] = place_int(place, m->c.base, place_pos(place, m->marks[0], m->marks));
	p->has |= 1u << field;
}

/*
 * Reads the places of one scope, `first` to `last`, into p->values. Those inside of others the
 * program passed if it left their mark, where `m` had none before.
 */
static void read_values(struct ctf_packet *p, const struct place *places, const GArray *inner,
			unsigned first, unsigned last, const struct machine *m)
{
	for (unsigned i = first; i < last; i++)
		if (places[i].shape == SHAPE_INT)
			read_value(p, i, &places[i], m);
	for (guint i = 0; i < inner->len; i++) {
		const struct inner_place *in = &g_array_index(inner, struct inner_place, i);

		if (in->place.shape == SHAPE_INT && place_is_there(&in->place, m->marks))
			read_value(p, in->field, &in->place, m);
	}
}

/* Byte in the file of a place in the scope that `m` went over last. */
static uint64_t byte_of(const struct place *place, const struct machine *m, uint64_t offset)
{
	return offset + place_pos(place, m->marks[0], m->marks) / 8;
}

static bool is_our_uuid(const struct schema *s, const struct machine *m)
{
	const struct place *place = &s->places[PACKET_UUID];
	uint64_t pos;

	if (!s->tsdl->has_uuid || place->shape != SHAPE_CHARS || place->length != 16)
		return true;
	pos = place_pos(place, m->marks[0], m->marks);
	return !memcmp(m->c.base + pos / 8, s->tsdl->uuid, 16);
}

static enum packet_status out_of_bytes(const struct packet_bytes *bytes, uint64_t offset,
				       const char *what, GString *problem)
{
	if (bytes->n < bytes->left)
		return PACKET_SHORT;
	g_string_printf(problem, "byte %" U64 ": expected %s, found the end of the file", offset,
			what);
	return PACKET_ASTRAY;
}

static enum packet_status read_header(struct ctf_packet *p, const struct schema *s,
				      struct machine *m, const struct packet_bytes *bytes,
				      uint64_t offset, GString *problem)
{
	uint64_t id;

	memset(m->marks, 0, sizeof(m->marks));
	if (!program_run(&s->header, m))
		return out_of_bytes(bytes, offset, "a packet header", problem);
	read_values(p, s->places, s->inner, 0, PACKET_HEADER_FIELDS, m);
	if (packet_has(p, PACKET_MAGIC) && p->values[PACKET_MAGIC] != CTF_MAGIC) {
		g_string_printf(problem, "byte %" U64 ": expected the CTF magic 0x%X, found 0x%X",
				byte_of(&s->places[PACKET_MAGIC], m, offset), CTF_MAGIC,
				(unsigned)p->values[PACKET_MAGIC]);
		return PACKET_ASTRAY;
	}
	id = packet_has(p, PACKET_STREAM_ID) ? p->values[PACKET_STREAM_ID] : 0;
	p->sc = schema_find_stream(s, id);
	if (!p->sc && !packet_has(p, PACKET_STREAM_ID))
		p->sc = g_ptr_array_index(s->streams, 0);
	if (!p->sc) {
		g_string_printf(problem,
				"byte %" U64 ": expected the id of a stream in the metadata, "
				"found %" U64,
				byte_of(&s->places[PACKET_STREAM_ID], m, offset), id);
		return PACKET_ASTRAY;
	}
	if (!is_our_uuid(s, m)) {
		g_string_printf(problem, "byte %" U64 ": expected the trace's UUID, found another",
				byte_of(&s->places[PACKET_UUID], m, offset));
		return PACKET_BROKEN;
	}
	return PACKET_FINE;
}

/*
 * Where the packet and its content end, as far as that can be believed. Tracers write both when
 * the packet is full; until then they are 0, LTTng's kernel tracer's all ones.
 */
static enum packet_status read_sizes(struct ctf_packet *p, const struct machine *m,
				     const struct packet_bytes *bytes, uint64_t offset,
				     GString *problem)
{
	const struct place *places = p->sc->places;
	uint64_t content = p->values[PACKET_CONTENT], size = p->values[PACKET_SIZE];

	/* Without sizes it is all that is left. */
	if (!packet_has(p, PACKET_CONTENT) && !size)
		size = bytes->left * 8;
	else if (!packet_has(p, PACKET_SIZE))
		size = (content + 7) / 8 * 8;
	if (!packet_has(p, PACKET_CONTENT))
		content = size;
	p->first = m->c.pos;
	p->content = content >= p->first ? content : CONTENT_UNKNOWN;
	p->size = size % 8 || size < p->first ? 0 : size / 8;
	if (p->size && content > size)
		p->content = CONTENT_UNKNOWN;
	if (p->size && p->content != CONTENT_UNKNOWN)
		return PACKET_FINE;
	if (!p->size && packet_has(p, PACKET_SIZE))
		g_string_printf(problem,
				"byte %" U64 ": expected a packet size of at least %" U64
				" bits in whole bytes, found %" U64,
				byte_of(&places[PACKET_SIZE], m, offset), p->first, size);
	else
		g_string_printf(problem,
				"byte %" U64 ": expected a content size of %" U64 " to %" U64
				" bits, found %" U64,
				byte_of(&places[PACKET_CONTENT], m, offset), p->first,
				MAX(size, p->first), content);
	return PACKET_OPEN;
}

/* That of a packet which is broken otherwise: where its size is unknown, nothing of it is left. */
static enum packet_status broken(struct ctf_packet *p, const struct machine *m,
				 const struct packet_bytes *bytes, uint64_t offset)
{
	g_autoptr(GString) ignored = g_string_new(NULL);

	read_sizes(p, m, bytes, offset, ignored);
	return p->size ? PACKET_BROKEN : PACKET_ASTRAY;
}

enum packet_status packet_read(struct ctf_packet *p, const struct schema *s, struct machine *m,
			       const struct packet_bytes *bytes, uint64_t offset, GString *problem)
{
	enum packet_status header;

	memset(p, 0, sizeof(*p));
	m->c = (struct cursor){ .base = bytes->at, .end = bytes->n * 8 };
	header = read_header(p, s, m, bytes, offset, problem);
	if (header != PACKET_FINE && header != PACKET_BROKEN)
		return header;
	memset(m->marks, 0, sizeof(m->marks));
	if (!program_run(&p->sc->context, m))
		return out_of_bytes(bytes, offset, "a packet context", problem);
	read_values(p, p->sc->places, p->sc->inner, PACKET_BEGIN, PACKET_FIELDS, m);
	if (header != PACKET_FINE)
		return broken(p, m, bytes, offset);
	if (packet_cpu(p) >= FB_CPUS_MAX) {
		g_string_printf(problem,
				"byte %" U64 ": expected a CPU number below %u, found %" U64,
				packet_has(p, PACKET_CPU) ?
					byte_of(&p->sc->places[PACKET_CPU], m, offset) : offset,
				FB_CPUS_MAX, packet_cpu(p));
		return broken(p, m, bytes, offset);
	}
	return read_sizes(p, m, bytes, offset, problem);
}
