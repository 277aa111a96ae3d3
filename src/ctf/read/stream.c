/* SPDX-License-Identifier: MIT */
/* stream.c - walks over the packets of a stream. */
#include "ctf/read/stream-walk.h"

#define EVENT_BYTES_MAX (4u << 20) /* nothing that a tracer writes is bigger */

/* ---- chunks and streams ---------------------------------------------------------------- */

void chunk_init(struct decoded_chunk *c, size_t room)
{
	*c = (struct decoded_chunk){ .events = g_new(struct fb_event, room), .room = room };
	info_init(&c->info);
}

void chunk_clear(struct decoded_chunk *c, struct windows *all)
{
	g_free(c->events);
	window_unref(all, c->window);
	info_clear(&c->info);
}

struct stream *stream_new(struct streams *all, GPtrArray *files, unsigned order)
{
	struct stream *s = g_new0(struct stream, 1);

	s->all = all;
	s->files = g_ptr_array_ref(files);
	s->order = order;
	s->fd = -1;
	s->d.layouts = all->layouts;
	s->d.condenses = all->condenses && !all->marks;
	if (all->count)
		s->d.counts = g_new0(uint64_t, MAX(all->layouts->all->len, 1));
	if (all->count)
		s->counts_before = g_new(uint64_t, MAX(all->layouts->all->len, 1));
	return s;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	s->chunk = NULL;
	stream_leave_file(s);
	g_ptr_array_unref(s->files);
	g_free(s->d.counts);
	g_free(s->counts_before);
	g_free(s);
}

/* ---- the walk -------------------------------------------------------------------------- */

static bool is_outside(const struct stream *s, const struct data_file *f,
		       const struct packet_ref *ref)
{
	uint64_t freq = f->sc->freq;

	return (s->all->begin != FB_NS_NONE && ref->end &&
		scale_clock(ref->end, freq) < s->all->begin) ||
	       (s->all->end != FB_NS_NONE && ref->begin &&
		scale_clock(ref->begin, freq) > s->all->end);
}

/* Packets that nobody wants are not even touched. The next one's losses count from the last. */
static void skip_outside(struct stream *s)
{
	const struct data_file *f = current_file(s);

	for (; s->packet < f->packets->len; s->packet++) {
		const struct packet_ref *ref =
			&g_array_index(f->packets, struct packet_ref, s->packet);

		if (!is_outside(s, f, ref))
			return;
		s->chunk->bytes += ref->size;
		s->has_previous = true;
		s->seq = ref->seq;
		s->discarded = ref->discarded;
		s->previous_end = scale_clock(MAX(ref->begin, ref->end), f->sc->freq);
	}
}

/* Goes to the file with the next packet. False when there is none. */
static bool find_packet(struct stream *s)
{
	while (s->file < s->files->len) {
		skip_outside(s);
		if (s->packet < current_file(s)->packets->len && stream_open_file(s))
			return true;
		stream_leave_file(s);
		s->has_gap |= current_file(s)->ends_in_gap;
		s->file++;
		s->packet = 0;
	}
	return false;
}

/* Opens packets until one has events. False when there is none, or the chunk is full. */
static bool find_events(struct stream *s)
{
	while (s->decoded.n + EXTRA_MAX < s->decoded.room && !s->is_full) {
		if (s->in_packet)
			return true;
		if (!find_packet(s)) {
			stream_emit_gap(s, s->all->last);
			s->has_ended = true;
			return false;
		}
		if (!stream_open_packet(s))
			return false;
	}
	return false;
}

/* The packet goes on where the window ends: what the decoder took for a fault is none. */
static bool is_at_windows_end(const struct stream *s)
{
	const struct decoder *d = &s->d;

	if (s->base_offset * 8 + d->end >= s->content)
		return false;
	if (!d->fault)
		return d->pos >= d->end;
	return d->fault == DECODE_HEADER ||
	       (d->fault == DECODE_BODY && d->m.c.fault != CURSOR_TAG &&
		d->m.c.fault != CURSOR_LEB128);
}

/*
 * Reads on from the event that the window cuts off. False when that cannot be: it is
 * longer than any event, or the file ends.
 */
static bool move_window(struct stream *s)
{
	const struct packet_ref *ref = current_packet(s);
	uint64_t align = current_file(s)->schema->align;
	uint64_t pos = s->base_offset * 8 + s->d.pos, from = pos / 8 & -align;
	uint64_t size = s->all->windows.bytes;

	/* It began where the window does, and did not fit. */
	if (from == s->base_offset && s->window_begin >= ref->offset)
		size = s->window->size * 2;
	return size <= EVENT_BYTES_MAX && !s->is_short && stream_aim_window(s, pos, size);
}

static void end_packet(struct stream *s)
{
	s->in_packet = false;
	stream_emit_end(s);
}

/* The trace lasts to its last event, wanted or not. When it begins was told before. */
static void note_span(struct stream *s)
{
	if (s->d.events == s->events_noted)
		return;
	s->events_noted = s->d.events;
	info_span(&s->chunk->info, s->d.last, s->d.last);
}

/* Looks at how far the decoder got. */
static void after_decoding(struct stream *s)
{
	if (is_at_windows_end(s)) {
		/* Events of this chunk point into this window: the next chunk has another. */
		s->is_full = s->decoded.n > 0;
		if (s->is_full || move_window(s))
			return;
	}
	if (s->d.fault)
		stream_report_fault(s);
	else if (s->d.pos < s->d.end)
		return;
	end_packet(s);
}

static void begin_chunk(struct stream *s, struct decoded_chunk *c)
{
	s->chunk = c;
	s->decoded = (struct decoded){ .events = c->events, .room = c->room - END_MAX };
	s->is_full = false;
	window_unref(&s->all->windows, c->window);
	c->window = NULL;
	/* Put off from the chunk before. */
	if (s->in_packet)
		after_decoding(s);
}

static void end_chunk(struct stream *s)
{
	struct decoded_chunk *c = s->chunk;

	if (s->window)
		stream_check_window(s);
	c->n = s->decoded.n;
	c->info.events += s->d.events;
	c->info.clock_steps += s->d.steps;
	s->d.events = s->d.steps = s->events_noted = 0;
	if (c->n && s->window)
		c->window = window_ref(s->window);
}

static void fill_rest(struct stream *s)
{
	while (find_events(s)) {
		decode(&s->d, &s->decoded);
		note_span(s);
		after_decoding(s);
	}
	end_chunk(s);
}

/* Goes back to where the chunk began, and into the middle of a packet. */
static void go_back(struct stream *s, const struct stream *before)
{
	struct decoded_chunk *c = s->chunk;

	s->decoded.n = 0;
	stream_leave_file(s);
	window_unref(&s->all->windows, c->window);
	c->window = NULL;
	c->bytes = 0;
	info_clear(&c->info);
	info_init(&c->info);
	*s = *before;
	s->chunk = c;
	s->window = NULL;
	s->fd = -1;
	if (s->d.counts)
		memcpy(s->d.counts, s->counts_before, s->all->layouts->all->len * sizeof(uint64_t));
	s->decoded = (struct decoded){ .events = c->events, .room = c->room - END_MAX };
	if (!s->in_packet)
		return;
	if (stream_open_file(s) && stream_aim_window(s, s->base_offset * 8 + s->d.pos, 0))
		return;
	/* Nothing is left of the packet. */
	s->has_gap = true;
	end_packet(s);
}

/*
 * Fills the chunk once more if files turned out to have shrunk: from copies, which cannot. What is
 * behind their ends is missing then, as if they had never had it.
 */
static void fill_again(struct stream *s, struct decoded_chunk *to, const struct stream *before)
{
	while (s->is_spoilt) {
		s->chunk = to;
		go_back(s, before);
		fill_rest(s);
	}
}

static void remember_counts(struct stream *s)
{
	if (s->d.counts)
		memcpy(s->counts_before, s->d.counts, s->all->layouts->all->len * sizeof(uint64_t));
}

fb_ns stream_first_time(struct stream *s, struct fb_source_info *info)
{
	struct decoded_chunk chunk;
	fb_ns time = FB_NS_NONE;

	chunk_init(&chunk, EXTRA_MAX + 1 + END_MAX);
	begin_chunk(s, &chunk);
	while (time == FB_NS_NONE && find_events(s)) {
		time = decode_time(&s->d);
		end_packet(s);
		s->decoded.n = 0;
	}
	end_chunk(s);
	if (s->has_unopened)
		info_take_problems(info, &chunk.info);
	stream_leave_file(s);
	s->chunk = NULL;
	chunk_clear(&chunk, &s->all->windows);
	return time;
}

void stream_fill(struct stream *s, struct decoded_chunk *to)
{
	const struct stream before = *s;

	remember_counts(s);
	begin_chunk(s, to);
	fill_rest(s);
	fill_again(s, to, &before);
}

void stream_fill_two(struct stream *a, struct decoded_chunk *to_a, struct stream *b,
		     struct decoded_chunk *to_b)
{
	const struct stream before_a = *a, before_b = *b;

	remember_counts(a);
	remember_counts(b);
	begin_chunk(a, to_a);
	begin_chunk(b, to_b);
	while (find_events(a) && find_events(b)) {
		decode_two(&a->d, &a->decoded, &b->d, &b->decoded);
		note_span(a);
		note_span(b);
		after_decoding(a);
		after_decoding(b);
	}
	end_chunk(a);
	end_chunk(b);
	fill_again(a, to_a, &before_a);
	fill_again(b, to_b, &before_b);
}
