/* SPDX-License-Identifier: MIT */
/*
 * stream-loss.c - what a stream tells where packets meet: what was lost between them, or, where
 * the caller asked for them, marks.
 */
#include "ctf/read/stream-walk.h"
#include "source/losses.h"

/* ---- losses ---------------------------------------------------------------------------- */

/* A record that no decoder made. */
static struct fb_event *add_record(struct stream *s)
{
	return &s->decoded.events[s->decoded.n++];
}

static struct lossy lossy_of(const struct stream *s)
{
	return (struct lossy){ s->d.cpu, s->d.last };
}

static void add_lost(struct stream *s, fb_ns from, fb_ns until, uint64_t count, unsigned flags)
{
	struct lossy of = lossy_of(s);

	*add_record(s) = lost_event(&s->chunk->info, &of, from, until, count, flags);
	s->d.last = of.last;
}

static void add_loss_end(struct stream *s, fb_ns end)
{
	struct lossy of = lossy_of(s);

	*add_record(s) = lost_end(&s->chunk->info, &of, end);
	s->d.last = of.last;
}

static void add_stream_end(struct stream *s)
{
	struct lossy of = lossy_of(s);

	*add_record(s) = lost_later(&s->chunk->info, &of, s->previous_end);
	s->d.last = of.last;
}

/* How many events the running counter says were discarded since the packet before. */
static uint64_t newly_discarded(const struct stream *s, const struct ctf_packet *p)
{
	unsigned bits = p->sc->places[PACKET_DISCARDED].bits;
	uint64_t mask = bits < 64 ? (UINT64_C(1) << bits) - 1 : UINT64_MAX;
	uint64_t delta;

	if (!packet_has(p, PACKET_DISCARDED))
		return 0;
	/* The first packet of all counts from 0; any other may begin anywhere. */
	if (!s->has_previous)
		return packet_has(p, PACKET_SEQ) && !p->values[PACKET_SEQ]
			       ? p->values[PACKET_DISCARDED]
			       : 0;
	delta = (p->values[PACKET_DISCARDED] - s->discarded) & mask;
	/* More than half of its range: it went back, not forward. */
	return delta <= mask / 2 ? delta : 0;
}

static uint64_t missing_packets(const struct stream *s, const struct ctf_packet *p)
{
	if (!s->has_previous || !packet_has(p, PACKET_SEQ) || p->values[PACKET_SEQ] <= s->seq)
		return 0;
	return p->values[PACKET_SEQ] - s->seq - 1;
}

/* A time of the packet, or `otherwise` when it is not recorded; crashes leave ends of 0. */
static fb_ns packet_time(const struct ctf_packet *p, enum packet_field field, fb_ns otherwise)
{
	if (!packet_has(p, field) || (field == PACKET_END && !p->values[field]))
		return otherwise;
	return scale_clock(p->values[field], p->sc->freq);
}

/* Of the packet at hand. One that was never closed lasted at most until the next one began. */
static fb_ns end_of_packet(const struct stream *s, const struct ctf_packet *p, fb_ns begin)
{
	const GArray *packets = current_file(s)->packets;
	fb_ns end = packet_time(p, PACKET_END, FB_NS_NONE);

	if (end != FB_NS_NONE || s->packet >= packets->len)
		return MAX(end, begin);
	return MAX(begin, scale_clock(g_array_index(packets, struct packet_ref, s->packet).begin,
				      p->sc->freq));
}

/*
 * Events are lost somewhere between the end of the packet before and that of their own, whose
 * events come in between.
 */
static void note_losses(struct stream *s, const struct ctf_packet *p)
{
	fb_ns begin = packet_time(p, PACKET_BEGIN, s->d.last);
	fb_ns end = end_of_packet(s, p, begin);
	fb_ns from = s->has_previous ? MIN(s->previous_end, begin) : begin;
	uint64_t packets = missing_packets(s, p), events = newly_discarded(s, p);

	if (packets)
		add_lost(s, from, begin, packets, FB_LOST_PACKETS);
	if (events)
		add_lost(s, from, end, events, 0);
	s->is_lossy = events;
	if (packets && !events)
		add_loss_end(s, begin);
	s->has_previous = true;
	s->seq = p->values[PACKET_SEQ];
	s->discarded = p->values[PACKET_DISCARDED];
	s->begin = begin;
	s->previous_end = end;
}

void stream_emit_gap(struct stream *s, fb_ns until)
{
	fb_ns from = s->has_previous ? s->previous_end : s->all->first;

	if (s->has_gap && !s->all->marks && until > MAX(from, s->d.last)) {
		add_lost(s, from, until, 0, 0);
		add_loss_end(s, until);
	}
	s->has_gap = false;
}

/* The same before a packet. Where packets are numbered, note_losses() knows whether one is missing. */
static void note_gap_before(struct stream *s, const struct ctf_packet *p)
{
	bool is_numbered = packet_has(p, PACKET_SEQ) && p->values[PACKET_SEQ] > s->seq;

	if (s->has_previous && is_numbered)
		s->has_gap = false;
	stream_emit_gap(s, packet_time(p, PACKET_BEGIN, s->d.last));
}

/* ---- marks ----------------------------------------------------------------------------- */

static struct fb_event *add_mark(struct stream *s, enum stream_mark mark, fb_ns time)
{
	struct fb_event *ev = add_record(s);

	s->d.last = MAX(s->d.last, time);
	*ev = (struct fb_event){
		.time = s->d.last, .cpu = s->order, .kind = FB_EV_NONE, .flags = mark,
		.text = FB_NO_TEXT,
	};
	return ev;
}

static void mark_begin(struct stream *s, const struct ctf_packet *p)
{
	fb_ns begin = packet_time(p, PACKET_BEGIN, s->d.last);
	struct fb_event *open = add_mark(s, MARK_OPEN, s->has_previous ? s->d.last : begin);

	open->ref = s->d.base;
	open->lost.count = current_packet(s)->size;
	open->lost.until = s->file;
	add_mark(s, MARK_BEGIN, begin)->ref = s->d.base;
	s->has_previous = true;
	s->previous_end = packet_time(p, PACKET_END, begin);
}

static bool is_last_packet(const struct stream *s)
{
	return s->file + 1 == s->files->len && s->packet == current_file(s)->packets->len;
}

static void mark_end(struct stream *s)
{
	add_mark(s, is_last_packet(s) ? MARK_LAST : MARK_END, s->previous_end);
}

/* ---- packets --------------------------------------------------------------------------- */

void stream_emit_begin(struct stream *s, const struct ctf_packet *p)
{
	note_gap_before(s, p);
	if (s->all->marks)
		mark_begin(s, p);
	else
		note_losses(s, p);
}

void stream_emit_end(struct stream *s)
{
	const struct packet_ref *ref = current_packet(s);

	/* Of a packet that was never finished nobody knows how long it went on. */
	if (ref->is_open && !ref->end)
		s->previous_end = MAX(s->begin, s->d.last);
	if (s->all->marks) {
		mark_end(s);
		return;
	}
	/* How many events the rest had nobody knows. */
	if (s->base_offset * 8 + s->d.pos < s->content || ref->size * 8 < ref->content) {
		add_lost(s, s->begin, s->previous_end, 0, 0);
		s->is_lossy = true;
	}
	if (s->is_lossy)
		add_loss_end(s, s->previous_end);
	if (s->all->tells_ends && is_last_packet(s))
		add_stream_end(s);
}
