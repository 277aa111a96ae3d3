/* SPDX-License-Identifier: MIT */
/* frames.c - a ring of frames as they were read, and a table of lists that finds them. */
#include "packets/join/frames.h"

#include "base/hash.h"

#define NO_FRAME  UINT32_MAX
#define INITIALLY 1024

struct list {
	uint32_t first, last; /* in the order of the file */
};

struct frames {
	struct capture *capture;
	GError *error;
	struct frame *ring; /* frame i at i modulo the capacity, which is a power of two */
	struct list *table; /* as many lists */
	uint32_t capacity;
	uint64_t begin, end; /* those that are held, from 0 for the first of the file */
	bool has_ahead;
	struct captured ahead; /* the next one, which nobody asked for yet */
	struct frames_span span;
};

/* ---- where frames stand ------------------------------------------------------------------ */

static uint64_t stir_address(uint64_t hash, const uint8_t *address, unsigned bytes)
{
	uint64_t words[2] = { 0 };

	memcpy(words, address, bytes);
	return hash_stir(hash_stir(hash, words[0]), words[1]);
}

/*
 * Data stand at their sequence number, whatever their length and what they acknowledge; an
 * acknowledgement at what it acknowledges, too, and what has no sequence at its number and length.
 */
static uint64_t place_of(const struct packet_header *h, uint32_t seq)
{
	uint64_t hash = stir_address(hash_seed(), h->saddr, h->address_bytes);
	uint32_t beside = h->has_seq && h->payload ? 0 : h->ack_seq;

	hash = stir_address(hash, h->daddr, h->address_bytes);
	hash = hash_stir(hash, (uint64_t)h->source_port << 32 | (uint64_t)h->dest_port << 16 |
				       (h->has_seq && h->payload) << 8 | h->protocol);
	if (!h->has_seq)
		return hash_stir(hash, (uint64_t)h->id << 32 | h->payload);
	return hash_stir(hash, (uint64_t)seq << 32 | beside);
}

static struct frame *frame_at(const struct frames *f, uint32_t slot)
{
	return slot == NO_FRAME ? NULL : &f->ring[slot];
}

static struct list *list_of(const struct frames *f, uint64_t place)
{
	return &f->table[place & (f->capacity - 1)];
}

static void link_frame(struct frames *f, uint32_t slot)
{
	struct list *list = list_of(f, f->ring[slot].place);

	f->ring[slot].next = NO_FRAME;
	if (list->first == NO_FRAME)
		list->first = slot;
	else
		f->ring[list->last].next = slot;
	list->last = slot;
}

static void unlink_frame(struct frames *f, uint32_t slot)
{
	struct list *list = list_of(f, f->ring[slot].place);
	uint32_t before = NO_FRAME, at = list->first;

	while (at != slot) {
		before = at;
		at = f->ring[at].next;
	}
	if (before == NO_FRAME)
		list->first = f->ring[slot].next;
	else
		f->ring[before].next = f->ring[slot].next;
	if (list->last == slot)
		list->last = before;
}

/* ---- the ring ---------------------------------------------------------------------------- */

static void set_capacity(struct frames *f, uint32_t capacity)
{
	struct frame *old = f->ring;
	uint32_t old_capacity = f->capacity;

	f->ring = g_new(struct frame, capacity);
	f->capacity = capacity;
	g_free(f->table);
	f->table = g_new(struct list, capacity);
	memset(f->table, 0xff, sizeof(*f->table) * capacity);
	for (uint64_t i = f->begin; i < f->end; i++) {
		uint32_t slot = i & (capacity - 1);

		f->ring[slot] = old[i & (old_capacity - 1)];
		if (!f->ring[slot].is_taken)
			link_frame(f, slot);
	}
	g_free(old);
}

static void let_go_first(struct frames *f)
{
	uint32_t slot = f->begin++ & (f->capacity - 1);

	if (!f->ring[slot].is_taken)
		unlink_frame(f, slot);
}

/*
 * Whether it is one that a trace's could equal: pieces of a datagram but the first have no ports,
 * and no clock is a hundred years wrong.
 */
static bool is_of_use(const struct captured *c)
{
	return c->header.address_bytes && !c->is_fragment && c->time >= 0 &&
	       c->time <= INT64_MAX / 2 &&
	       (c->header.has_seq || c->header.protocol != PROTOCOL_TCP);
}

static void hold(struct frames *f, const struct captured *c)
{
	const struct packet_header *h = &c->header;
	uint32_t slot;

	if (f->end - f->begin == FRAMES_MOST)
		let_go_first(f);
	if (f->end - f->begin == f->capacity)
		set_capacity(f, f->capacity * 2);
	slot = f->end++ & (f->capacity - 1);
	f->ring[slot] = (struct frame){ .place = place_of(h, h->seq),
					.number = c->number,
					.time = c->time,
					.seq = h->seq,
					.ack_seq = h->ack_seq,
					.payload = h->payload,
					.id = h->id,
					.flags = h->flags,
					.has_tsval = c->has_timestamps,
					.tsval = c->tsval };
	link_frame(f, slot);
}

/* Puts the next frame of use into `ahead`, unless there is one. */
static bool look_ahead(struct frames *f)
{
	while (!f->has_ahead && !f->span.is_over) {
		f->span.is_over = capture_next(f->capture, &f->ahead, &f->error) != 1;
		f->has_ahead = !f->span.is_over && is_of_use(&f->ahead);
	}
	return f->has_ahead;
}

/* Captures tell any times. */
static fb_ns later(fb_ns time, fb_ns by)
{
	fb_ns sum;

	return __builtin_add_overflow(time, by, &sum) ? INT64_MAX : sum;
}

static bool is_wanted(const struct frames *f, fb_ns now)
{
	return f->end - f->begin < FRAMES_FEW || f->ahead.time <= later(now, FRAMES_AROUND);
}

static void read_next(struct frames *f)
{
	hold(f, &f->ahead);
	f->has_ahead = false;
	if (f->span.first == FB_NS_NONE)
		f->span.first = f->ahead.time;
	f->span.last = f->ahead.time;
}

void frames_advance(struct frames *f, fb_ns now)
{
	while (look_ahead(f) && is_wanted(f, now)) {
		read_next(f);
		while (f->end - f->begin > FRAMES_FEW &&
		       later(f->ring[f->begin & (f->capacity - 1)].time, FRAMES_AROUND) < now)
			let_go_first(f);
	}
}

/* ---- finding ----------------------------------------------------------------------------- */

static uint64_t distance(const struct frame *frame, fb_ns near)
{
	return frame->time > near ? (uint64_t)frame->time - near : (uint64_t)near - frame->time;
}

static bool is_nearer(const struct frame *a, const struct frame *b, fb_ns near)
{
	return !b || distance(a, near) < distance(b, near);
}

static bool is_equal(const struct frame *frame, const struct packet_header *h)
{
	return frame->seq == h->seq && frame->ack_seq == h->ack_seq &&
	       frame->payload == h->payload && frame->flags == h->flags &&
	       frame->id == (uint16_t)h->id;
}

struct frame *frames_find(struct frames *f, const struct packet_header *header, fb_ns near)
{
	uint64_t place = place_of(header, header->seq);
	struct frame *found = NULL, *at;

	for (at = frame_at(f, list_of(f, place)->first); at; at = frame_at(f, at->next)) {
		if (at->place == place && is_equal(at, header) && is_nearer(at, found, near))
			found = at;
		if (found && at->time > near)
			break;
	}
	return found;
}

/*
 * Each piece has the number of the IP packet before it and one more, or all have one; IPv6 numbers none. What is
 * sent again has another. That there is no more data the last one tells alone.
 */
static bool is_piece(const struct frame *frame, const struct packet_header *h, uint32_t seq, unsigned n)
{
	enum { COUNT = PACKET_FIN | PACKET_SYN | PACKET_RST | PACKET_ACK };
	uint32_t rest = h->seq + h->payload - seq;
	uint8_t differ = (frame->flags ^ h->flags) & COUNT;
	uint16_t further = frame->id - h->id;

	return frame->seq == seq && frame->payload && frame->payload <= rest &&
	       frame->ack_seq == h->ack_seq && (further == n || !further) &&
	       !(frame->payload == rest ? differ : differ & ~PACKET_FIN);
}

static struct frame *find_piece(struct frames *f, const struct packet_header *h, uint32_t seq,
				unsigned n, fb_ns near)
{
	uint64_t place = place_of(h, seq);
	struct frame *found = NULL, *at;

	for (at = frame_at(f, list_of(f, place)->first); at; at = frame_at(f, at->next)) {
		if (at->place == place && is_piece(at, h, seq, n) && is_nearer(at, found, near))
			found = at;
		if (found && at->time > near)
			break;
	}
	return found;
}

unsigned frames_find_pieces(struct frames *f, const struct packet_header *header, fb_ns near,
			    struct frame *pieces[FRAMES_PIECES])
{
	uint32_t at = header->seq, end = header->seq + header->payload;
	unsigned n = 0;

	if (!header->has_seq)
		return 0;
	while (at != end) {
		struct frame *piece = n < FRAMES_PIECES ? find_piece(f, header, at, n, near) : NULL;

		if (!piece)
			return 0;
		at += piece->payload;
		pieces[n++] = piece;
	}
	return n > 1 ? n : 0;
}

void frames_take(struct frames *f, struct frame *frame)
{
	unlink_frame(f, frame - f->ring);
	frame->is_taken = true;
}

/* ---- its life ---------------------------------------------------------------------------- */

struct frames *frames_new(struct capture *capture)
{
	struct frames *f = g_new0(struct frames, 1);

	_Static_assert(sizeof(struct frame) == 48, "what a packet may cost");
	f->capture = capture;
	f->span = (struct frames_span){ FB_NS_NONE, FB_NS_NONE, false };
	set_capacity(f, INITIALLY);
	return f;
}

void frames_free(struct frames *f)
{
	if (!f)
		return;
	capture_close(f->capture);
	g_clear_error(&f->error);
	g_free(f->ring);
	g_free(f->table);
	g_free(f);
}

const struct capture *frames_capture(const struct frames *f)
{
	return f->capture;
}

const GError *frames_error(const struct frames *f)
{
	return f->error;
}

struct frames_span frames_span(const struct frames *f)
{
	return f->span;
}
