/* SPDX-License-Identifier: MIT */
/*
 * decode.c - the events of one packet.
 *
 * Each header kind that tracers write has a loop of its own, made from one
 * inline body: what it costs to pass over an event nobody wants is a header, a
 * slot and an addition. Whatever is unusual about an event leaves the loop.
 */
#include "ctf/read/decode-head.h"

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

/* ---- headers of a known kind ------------------------------------------------------------- */

#define INLINE static inline __attribute__((always_inline))

/*
 * Where entries to system calls and exits follow each other with nothing in between,
 * the first and the last tell all that the model takes from them. So behind one that was written
 * the next is held back until it is known what comes then.
 */
enum pairing {
	ROW_NONE,  /* the last record written is no system call's */
	ROW_BEGUN, /* it is one, */
	ROW_HELD,  /* … and behind it another one is held back */
};

/* An event held back. */
struct postponed {
	const uint8_t *at;
	fb_ns time;
};

/* What changes with every event: it must fit into registers, for two packets at once. */
struct hot {
	const uint8_t *at;
	struct fb_event *to;
	uint64_t clock;
	uint64_t events;
	enum pairing row;
	struct postponed held; /* ROW_HELD */
};

/* A packet in the loop. */
struct lane {
	struct hot hot;
	const uint8_t *end;
	/*
	 * The fast way is for events that begin before `fast_end` and are at most
	 * SMALL_MAX long: they cannot reach the packet's end.
	 */
	const uint8_t *fast_end;
	struct fb_event *room;
	const struct slot *slots;
	const struct recipe *recipes;
	uint64_t latest;
	uint32_t n_short, n_dense; /* ids below have slots: in the short form of a header, in any */
	uint16_t cpu;
	struct decoder *d;
};

/* What differs between the loops, known when they are compiled. */
struct loop {
	enum header_kind kind;
	bool condenses; /* and does not count: nobody wants both */
};

#define SMALL_MAX 512

static uint32_t count_short_ids(const struct stream_class *sc)
{
	switch (sc->header_kind) {
	case HEADER_COMPACT:
		return MIN(sc->n_dense, COMPACT_ESCAPE);
	case HEADER_LARGE:
		return MIN(sc->n_dense, LARGE_ESCAPE);
	default:
		return 0;
	}
}

static void lane_open(struct lane *l, struct decoder *d, const struct decoded *to)
{
	*l = (struct lane){
		.hot = { .at = d->base + (d->pos + 7) / 8,
			 .to = to->events + to->n,
			 .clock = d->clock },
		.end = d->base + d->end / 8,
		.room = to->events + to->room - (DECODE_ROOM - 1),
		.slots = d->sc->slots,
		.recipes = d->layouts->recipes,
		.latest = d->latest,
		.n_short = count_short_ids(d->sc),
		.n_dense = d->sc->n_dense,
		.cpu = d->cpu,
		.d = d,
	};
	l->fast_end = l->hot.at;
	if (l->end - l->hot.at > HEAD_MAX + SMALL_MAX && d->sc->freq == NS_PER_S)
		l->fast_end = l->end - (HEAD_MAX + SMALL_MAX);
}

INLINE struct fb_event *write_record(const struct lane *l, struct fb_event *to, unsigned class,
				     const uint8_t *body, fb_ns time)
{
	if (!fill_record(to, &l->recipes[class], body, time, l->cpu))
		complete_record(l->d, to);
	return to + 1;
}

/* What ends a row of system calls. */
static G_GNUC_NO_INLINE struct fb_event *write_held(const struct lane *l, struct fb_event *to,
						    struct postponed held)
{
	struct head h = { 0 };

	read_head(l->d->sc->header_kind, &h, held.at, l->end);
	return write_record(l, to, l->slots[h.id].class, h.body, held.time);
}

INLINE void flush(const struct lane *l, struct hot *h)
{
	if (h->row == ROW_HELD)
		h->to = write_held(l, h->to, h->held);
	h->row = ROW_NONE;
}

static void lane_close(struct lane *l, struct decoded *to)
{
	struct decoder *d = l->d;

	flush(l, &l->hot);
	to->n = l->hot.to - to->events;
	d->clock = l->hot.clock;
	d->events += l->hot.events;
	d->pos = l->hot.at < l->end ? (uint64_t)(l->hot.at - d->base) * 8 : d->end;
}

INLINE bool lane_is_open(const struct lane *l)
{
	return l->hot.at < l->end && l->hot.to < l->room;
}

/* The long form, where the short one does not tell. False when that takes slow_step(). */
INLINE bool read_long_head(const struct lane *l, struct head *head, const uint8_t *at,
			   uint64_t clock, struct loop loop)
{
	switch (loop.kind) {
	case HEADER_COMPACT:
		if (head->id != COMPACT_ESCAPE)
			return false;
		at += 1;
		break;
	case HEADER_LARGE:
		if (head->id != LARGE_ESCAPE)
			return false;
		at += 2;
		break;
	default:
		break;
	}
	*head = whole_head(at);
	return head->id < l->n_dense && head->clock >= clock;
}

/* The header of the event at hand, which is there in full. False when that takes slow_step(). */
INLINE bool read_fast_head(const struct lane *l, const struct hot *h, struct head *head,
			   struct loop loop)
{
	if (loop.kind == HEADER_PLAIN)
		head->id = UINT32_MAX;
	else
		read_short_head(loop.kind, head, h->at);
	return head->id < l->n_short || read_long_head(l, head, h->at, h->clock, loop);
}

/* Whether a wanted event is held back for now, if it is a system call's; one before it may be due. */
INLINE bool condense(const struct lane *l, struct hot *h, const struct slot *slot,
		     const uint8_t *at)
{
	if (slot->role == ROLE_CALL && h->row) {
		h->held = (struct postponed){ at, h->clock };
		h->row = ROW_HELD;
		return true;
	}
	flush(l, h);
	h->row = slot->role == ROLE_CALL ? ROW_BEGUN : ROW_NONE;
	return false;
}

/* Passes over one event. False when that takes slow_step(). */
INLINE bool fast_step(const struct lane *l, struct hot *h, struct loop loop)
{
	const uint8_t *at = h->at;
	struct head head = { .clock = h->clock };
	const struct slot *slot;

	if (G_UNLIKELY(at >= l->fast_end))
		return false;
	if (!read_fast_head(l, h, &head, loop))
		return false;
	slot = &l->slots[head.id];
	if (G_UNLIKELY(head.clock > l->latest || slot->size > SMALL_MAX || h->to >= l->room))
		return false;
	h->clock = head.clock;
	h->at = head.body + slot->size;
	h->events++;
	if (!loop.condenses && l->d->counts)
		l->d->counts[slot->class]++;
	if (!slot->role)
		return true;
	if (loop.condenses && condense(l, h, slot, at))
		return true;
	h->to = write_record(l, h->to, slot->class, head.body, head.clock);
	return true;
}

/* The same for any event; false and the decoder's fault when it is broken. */
static bool slow_step(struct lane *l)
{
	struct decoder *d = l->d;
	struct hot *h = &l->hot;
	struct head head = { .clock = h->clock };
	const struct slot *slot;
	const uint8_t *next;

	flush(l, h);
	if (!read_head(d->sc->header_kind, &head, h->at, l->end)) {
		fail(d, DECODE_HEADER, 0);
		return false;
	}
	slot = stream_class_find_slot(d->sc, head.id);
	if (slot->size <= (size_t)(l->end - head.body) && head.clock <= l->latest)
		next = head.body + slot->size;
	else
		next = end_of_event(d, &head, slot);
	if (!next)
		return false;
	d->last = event_time(head.clock, d->sc->freq, d->last, &d->steps);
	if (d->counts)
		d->counts[slot->class]++;
	if (slot->role)
		h->to = write_record(l, h->to, slot->class, head.body, d->last);
	h->events++;
	h->clock = head.clock;
	h->at = next;
	return true;
}

/* The fast way takes clock values for times: right as long as none is below the last time. */
INLINE bool begin_fast(struct lane *l)
{
	return l->hot.at < l->fast_end && (fb_ns)l->hot.clock >= l->d->last;
}

INLINE void end_fast(struct lane *l, const struct hot *h)
{
	if (h->events > l->hot.events)
		l->d->last = h->clock;
	l->hot = *h;
}

INLINE void run_one(struct decoder *d, struct decoded *to, struct loop loop)
{
	struct lane l;

	lane_open(&l, d, to);
	while (lane_is_open(&l)) {
		if (begin_fast(&l)) {
			struct hot h = l.hot;

			while (fast_step(&l, &h, loop))
				;
			end_fast(&l, &h);
		}
		if (lane_is_open(&l) && !slow_step(&l))
			break;
	}
	lane_close(&l, to);
}

INLINE void run_two(struct decoder *da, struct decoded *to_a, struct decoder *db,
		    struct decoded *to_b, struct loop loop)
{
	struct lane a, b;

	lane_open(&a, da, to_a);
	lane_open(&b, db, to_b);
	while (lane_is_open(&a) && lane_is_open(&b)) {
		if (begin_fast(&a) && begin_fast(&b)) {
			struct hot ha = a.hot, hb = b.hot;

			while (fast_step(&a, &ha, loop) && fast_step(&b, &hb, loop))
				;
			end_fast(&a, &ha);
			end_fast(&b, &hb);
		}
		if ((lane_is_open(&a) && !slow_step(&a)) || (lane_is_open(&b) && !slow_step(&b)))
			break;
	}
	lane_close(&a, to_a);
	lane_close(&b, to_b);
}

/* A loop for one packet, and one for two. */
#define LOOPS(name, ...) \
	static void name(struct decoder *d, struct decoded *to) \
	{ \
		run_one(d, to, (struct loop){ __VA_ARGS__ }); \
	} \
	static void name##_two(struct decoder *a, struct decoded *to_a, struct decoder *b, \
			       struct decoded *to_b) \
	{ \
		run_two(a, to_a, b, to_b, (struct loop){ __VA_ARGS__ }); \
	}

LOOPS(decode_compact, HEADER_COMPACT, false)
LOOPS(decode_large, HEADER_LARGE, false)
LOOPS(decode_plain, HEADER_PLAIN, false)
LOOPS(condense_compact, HEADER_COMPACT, true)
LOOPS(condense_large, HEADER_LARGE, true)
LOOPS(condense_plain, HEADER_PLAIN, true)

/* ---- a packet ---------------------------------------------------------------------------- */

static bool does_condense(const struct decoder *d)
{
	return d->condenses && !d->counts;
}

void decode(struct decoder *d, struct decoded *to)
{
	static void (*const loops[][2])(struct decoder *, struct decoded *) = {
		[HEADER_ANY] = { decode_any, decode_any },
		[HEADER_COMPACT] = { decode_compact, condense_compact },
		[HEADER_LARGE] = { decode_large, condense_large },
		[HEADER_PLAIN] = { decode_plain, condense_plain },
	};

	loops[d->sc->header_kind][does_condense(d)](d, to);
}

void decode_two(struct decoder *a, struct decoded *to_a, struct decoder *b, struct decoded *to_b)
{
	static void (*const loops[][2])(struct decoder *, struct decoded *, struct decoder *,
					struct decoded *) = {
		[HEADER_COMPACT] = { decode_compact_two, condense_compact_two },
		[HEADER_LARGE] = { decode_large_two, condense_large_two },
		[HEADER_PLAIN] = { decode_plain_two, condense_plain_two },
	};
	enum header_kind kind = a->sc->header_kind;

	if (kind != HEADER_ANY && kind == b->sc->header_kind)
		loops[kind][does_condense(a)](a, to_a, b, to_b);
	else
		decode(a, to_a);
}
