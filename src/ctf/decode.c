/* SPDX-License-Identifier: MIT */
/*
 * decode.c - the events of one packet.
 *
 * Each header kind that tracers write has a loop of its own, made from one
 * inline body: what it costs to pass over an event nobody wants is a header, a
 * slot and an addition. Whatever is unusual about an event leaves the loop.
 */
#include "decode.h"
#include "facts.h"

#define NS_PER_S 1000000000u

/* The whole clock value, of which an event has only the low bits. */
static inline uint64_t advance_clock(uint64_t clock, uint64_t low, unsigned bits)
{
	if (bits >= 64)
		return low;
	return clock + ((low - clock) & ((UINT64_C(1) << bits) - 1));
}

/* An event's time; one before the last event's is taken for the same. */
static inline fb_ns event_time(uint64_t clock, uint64_t freq, fb_ns last, uint64_t *steps)
{
	fb_ns time = G_LIKELY(freq == NS_PER_S) ? (fb_ns)clock : scale_clock(clock, freq);

	if (G_LIKELY(time >= last))
		return time;
	++*steps;
	return last;
}

static size_t fail(struct decoder *d, enum decode_fault fault, uint64_t value)
{
	d->fault = fault;
	d->value = value;
	return 0;
}

/* What an event's header tells. */
struct head {
	uint32_t id;
	uint64_t clock;
	const uint8_t *body;
};

/* False when the packet cuts the header off. */
static inline bool read_head(enum header_kind kind, struct head *h, const uint8_t *at,
			     const uint8_t *end)
{
	size_t left = end - at;
	uint32_t word;

	switch (kind) {
	case HEADER_COMPACT:
		if (G_UNLIKELY(left < 4))
			return false;
		word = GUINT32_FROM_LE(bytes_get32(at));
		h->id = word & 31;
		h->body = at + 4;
		if (G_LIKELY(h->id != 31)) {
			h->clock = advance_clock(h->clock, word >> 5, 27);
			return true;
		}
		at += 1;
		break;
	case HEADER_LARGE:
		if (G_UNLIKELY(left < 6))
			return false;
		h->id = GUINT16_FROM_LE(bytes_get16(at));
		h->body = at + 6;
		if (G_LIKELY(h->id != UINT16_MAX)) {
			h->clock =
				advance_clock(h->clock, GUINT32_FROM_LE(bytes_get32(at + 2)), 32);
			return true;
		}
		at += 2;
		break;
	default:
		break;
	}
	/* id:32 time:64 */
	if (end - at < 12)
		return false;
	h->id = GUINT32_FROM_LE(bytes_get32(at));
	h->clock = GUINT64_FROM_LE(bytes_get64(at + 4));
	h->body = at + 12;
	return true;
}

/* An event whose size varies: runs its program. Returns where it ends, or NULL and the fault. */
static G_GNUC_NO_INLINE const uint8_t *run_body(struct decoder *d, const struct slot *slot,
						const uint8_t *body)
{
	const struct layout *l = layouts_get(d->layouts, slot->class);

	d->m.c = (struct cursor){ d->base, (body - d->base) * 8, d->end, CURSOR_FINE, 0 };
	d->class = slot->class;
	if (!program_run(&l->body, &d->m)) {
		fail(d, DECODE_BODY, 0);
		return NULL;
	}
	return d->base + (d->m.c.pos + 7) / 8;
}

/* Where an event without a fixed size ends, or one that does not fit; NULL and the fault. */
static const uint8_t *end_of_event(struct decoder *d, const struct head *h, const struct slot *slot)
{
	if (h->clock > d->latest)
		fail(d, DECODE_TIME, h->clock);
	else if (!slot->is_known)
		fail(d, DECODE_ID, h->id);
	else
		return run_body(d, slot, h->body);
	return NULL;
}

/* Writes the record; false when layout_fill() must complete it. */
static inline bool fill_record(struct fb_event *ev, const struct recipe *r, const uint8_t *body,
			       fb_ns time, uint16_t cpu)
{
	uint32_t lanes[LANES];

	for (unsigned i = 0; i < LANES; i++)
		lanes[i] = r->constants[i] | (bytes_get32(body + r->from[i]) & r->masks[i]);
	ev->time = time;
	ev->ref = body;
	memcpy((char *)ev + RECORD_HEAD, &r->head, sizeof(r->head));
	ev->cpu = cpu;
	memcpy((char *)ev + RECORD_LANES, lanes, sizeof(lanes));
	return !r->is_partial;
}

/* What no recipe does. */
static G_GNUC_NO_INLINE void complete_record(struct decoder *d, struct fb_event *ev)
{
	d->m.c.base = d->base;
	d->m.marks[0] = (ev->ref - d->base) * 8;
	layout_fill(layouts_get(d->layouts, ev->class), ev, &d->m);
}

static inline __attribute__((always_inline)) size_t decode_quick(struct decoder *d,
								 struct fb_event *to, size_t room,
								 enum header_kind kind)
{
	/* What the compiler cannot know to stay the same while records are written. */
	const struct slot *const slots = d->sc->slots;
	const uint32_t n_dense = d->sc->n_dense;
	const struct recipe *const recipes = d->layouts->recipes;
	const uint64_t freq = d->sc->freq, latest = d->latest;
	uint64_t *const counts = d->counts;
	const uint16_t cpu = d->cpu;
	const uint8_t *at = d->base + (d->pos + 7) / 8, *const end = d->base + d->end / 8, *next;
	struct head h = { .clock = d->clock };
	uint64_t clock = d->clock, events = 0, steps = 0;
	fb_ns last = d->last;
	size_t n = 0;

	while (n < room && at < end) {
		const struct slot *slot;

		if (!read_head(kind, &h, at, end)) {
			fail(d, DECODE_HEADER, 0);
			break;
		}
		slot = G_LIKELY(h.id < n_dense) ? &slots[h.id]
						: stream_class_find_slot(d->sc, h.id);
		if (G_LIKELY(slot->size <= (size_t)(end - h.body) && h.clock <= latest))
			next = h.body + slot->size;
		else
			next = end_of_event(d, &h, slot);
		if (G_UNLIKELY(!next))
			break;
		last = event_time(h.clock, freq, last, &steps);
		if (counts)
			counts[slot->class]++;
		if (slot->is_wanted) {
			if (!fill_record(&to[n], &recipes[slot->class], h.body, last, cpu))
				complete_record(d, &to[n]);
			n++;
		}
		events++;
		clock = h.clock;
		at = next;
	}
	d->clock = clock;
	d->last = last;
	d->events += events;
	d->steps += steps;
	d->pos = at < end ? (uint64_t)(at - d->base) * 8 : d->end;
	return n;
}

static size_t decode_compact(struct decoder *d, struct fb_event *to, size_t room)
{
	return decode_quick(d, to, room, HEADER_COMPACT);
}

static size_t decode_large(struct decoder *d, struct fb_event *to, size_t room)
{
	return decode_quick(d, to, room, HEADER_LARGE);
}

static size_t decode_plain(struct decoder *d, struct fb_event *to, size_t room)
{
	return decode_quick(d, to, room, HEADER_PLAIN);
}

/* ---- any header ------------------------------------------------------------------------ */

/* Passes over one event, of which d->m keeps the marks; false and the fault when it is broken. */
static bool run_event(struct decoder *d, const struct slot **slot, uint64_t *clock)
{
	struct machine *m = &d->m;

	m->c = (struct cursor){ d->base, d->pos, d->end, CURSOR_FINE, 0 };
	m->time_bits = 0;
	if (!program_run(&d->sc->header, m)) {
		fail(d, DECODE_HEADER, 0);
		return false;
	}
	*clock = m->time_bits ? advance_clock(d->clock, m->regs[REG_TIME], m->time_bits) : d->clock;
	*slot = d->sc->has_id ? stream_class_find_slot(d->sc, m->regs[REG_ID]) : &d->sc->slots[0];
	if (!(*slot)->is_known)
		fail(d, DECODE_ID, m->regs[REG_ID]);
	else if (*clock > d->latest)
		fail(d, DECODE_TIME, *clock);
	else if (!program_run(&layouts_get(d->layouts, (*slot)->class)->body, m))
		fail(d, DECODE_BODY, 0);
	else if (m->c.pos == d->pos)
		fail(d, DECODE_EMPTY, 0);
	d->class = (*slot)->class;
	return !d->fault;
}

static size_t decode_any(struct decoder *d, struct fb_event *to, size_t room)
{
	uint64_t align = d->sc->header.align;
	size_t n = 0;

	while (n < room && ((d->pos + align - 1) & -align) < d->end) {
		const struct slot *slot;
		uint64_t clock;

		if (!run_event(d, &slot, &clock))
			return n;
		d->last = event_time(clock, d->sc->freq, d->last, &d->steps);
		if (d->counts)
			d->counts[slot->class]++;
		if (slot->is_wanted) {
			struct layout *l = g_ptr_array_index(d->layouts->all, slot->class);
			uint64_t start = d->m.marks[0];

			to[n] = l->template;
			to[n].time = d->last;
			to[n].ref = d->base + start / 8;
			to[n].cpu = d->cpu;
			layout_fill(l, &to[n], &d->m);
			l->is_odd |= start % 8 != 0;
			n++;
		}
		d->events++;
		d->clock = clock;
		d->pos = d->m.c.pos;
	}
	if (n < room)
		d->pos = d->end;
	return n;
}

size_t decode(struct decoder *d, struct fb_event *to, size_t room)
{
	static size_t (*const loops[])(struct decoder *, struct fb_event *, size_t) = {
		[HEADER_ANY] = decode_any,
		[HEADER_COMPACT] = decode_compact,
		[HEADER_LARGE] = decode_large,
		[HEADER_PLAIN] = decode_plain,
	};

	return loops[d->sc->header_kind](d, to, room);
}
