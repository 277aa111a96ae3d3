/* SPDX-License-Identifier: MIT */
/*
 * decode.c - the events of one packet.
 *
 * Each header kind that tracers write has a loop of its own, made from one
 * inline body: what it costs to pass over an event nobody wants is a header, a
 * slot and an addition. Whatever is unusual about an event leaves the loop.
 */
#include "decode.h"

#define NS_PER_S 1000000000u

fb_ns scale_clock(uint64_t clock, uint64_t freq)
{
	uint64_t seconds, rest;

	if (freq == NS_PER_S || !freq)
		return MIN(clock, (uint64_t)INT64_MAX);
	seconds = clock / freq;
	rest = clock % freq;
	/* The product is exact below 18 GHz; no clock is faster. */
	rest = rest <= UINT64_MAX / NS_PER_S ? rest * NS_PER_S / freq : rest / (freq / NS_PER_S);
	if (seconds > INT64_MAX / NS_PER_S - 1)
		return INT64_MAX;
	return seconds * NS_PER_S + rest;
}

/* The whole clock value, of which an event has only the low bits. */
static inline uint64_t advance_clock(uint64_t clock, uint64_t low, unsigned bits)
{
	if (bits >= 64)
		return low;
	return clock + ((low - clock) & ((UINT64_C(1) << bits) - 1));
}

/* The event's time; one before the last event's is taken for the same. */
static inline fb_ns event_time(struct decoder *d, uint64_t clock, fb_ns *last)
{
	fb_ns time =
		G_LIKELY(d->sc->freq == NS_PER_S) ? (fb_ns)clock : scale_clock(clock, d->sc->freq);

	if (G_UNLIKELY(time < *last)) {
		d->steps++;
		return *last;
	}
	*last = time;
	return time;
}

static inline void begin_event(const struct decoder *d, const struct layout *l, struct fb_event *ev,
			       const uint8_t *body, fb_ns time)
{
	*ev = l->template;
	ev->time = time;
	ev->ref = body;
	ev->cpu = d->cpu;
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

static inline __attribute__((always_inline)) size_t decode_quick(struct decoder *d,
								 struct fb_event *to, size_t room,
								 enum header_kind kind)
{
	const struct slot *slots = d->sc->slots;
	const uint32_t n_dense = d->sc->n_dense;
	const uint8_t *at = d->base + (d->pos + 7) / 8, *end = d->base + d->end / 8, *next;
	struct head h = { .clock = d->clock };
	fb_ns last = d->last;
	uint64_t events = 0;
	size_t n = 0;

	while (n < room && at < end) {
		const struct slot *slot;
		fb_ns time;

		if (!read_head(kind, &h, at, end)) {
			fail(d, DECODE_HEADER, 0);
			break;
		}
		slot = G_LIKELY(h.id < n_dense) ? &slots[h.id]
						: stream_class_find_slot(d->sc, h.id);
		if (G_LIKELY(slot->size <= (size_t)(end - h.body) && h.clock <= d->latest))
			next = h.body + slot->size;
		else
			next = end_of_event(d, &h, slot);
		if (G_UNLIKELY(!next))
			break;
		time = event_time(d, h.clock, &last);
		if (d->counts)
			d->counts[slot->class]++;
		if (slot->is_wanted) {
			const struct layout *l = layouts_get(d->layouts, slot->class);

			begin_event(d, l, &to[n], h.body, time);
			if (G_LIKELY(!l->is_marked))
				layout_fill(l, &to[n], h.body);
			else
				layout_fill_marked(l, &to[n], &d->m);
			n++;
		}
		events++;
		d->clock = h.clock;
		at = next;
	}
	d->last = last;
	d->events += events;
	d->pos = (at - d->base) * 8;
	if (at >= end)
		d->pos = d->end;
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
		fb_ns time;

		if (!run_event(d, &slot, &clock))
			return n;
		time = event_time(d, clock, &d->last);
		if (d->counts)
			d->counts[slot->class]++;
		if (slot->is_wanted) {
			struct layout *l = g_ptr_array_index(d->layouts->all, slot->class);
			uint64_t start = d->m.marks[0];

			begin_event(d, l, &to[n], d->base + start / 8, time);
			layout_fill_marked(l, &to[n], &d->m);
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
