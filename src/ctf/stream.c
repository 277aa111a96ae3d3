/* SPDX-License-Identifier: MIT */
/* stream.c - walks over the packets of a stream. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stream.h"

#define U64 G_GUINT64_FORMAT

#define EXTRA_MAX	 (5 + DECODE_ROOM) /* LOST events or marks that one packet may bring */
/*
 * … and at its end: a mark, or the loss of what cannot be read, the end of that, and that of
 * the stream.
 */
#define END_MAX 3
#define EVENT_BYTES_MAX	 (4u << 20)	   /* nothing that a tracer writes is bigger */
#define HEADER_BYTES_MAX (1u << 20)
#define HOUR_S		 3600u

/* ---- chunks and streams ---------------------------------------------------------------- */

void chunk_init(struct chunk *c, size_t room)
{
	*c = (struct chunk){ .events = g_new(struct fb_event, room), .room = room };
	info_init(&c->info);
}

void chunk_clear(struct chunk *c, struct windows *all)
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

static struct data_file *current_file(const struct stream *s)
{
	return g_ptr_array_index(s->files, s->file);
}

/* What was read from the window may be zeros that the file never had: the chunk is filled again. */
static void check_window(struct stream *s)
{
	struct data_file *f = current_file(s);

	if (!window_is_spoilt(s->window, s->fd, s->window_begin))
		return;
	f->is_unsteady = true;
	s->is_spoilt = true;
}

/* Events of the chunk at hand still point into it. */
static void leave_window(struct stream *s)
{
	if (s->window && s->chunk)
		check_window(s);
	if (s->window && s->chunk && s->decoded.n)
		s->chunk->window = s->window;
	else
		window_unref(&s->all->windows, s->window);
	s->window = NULL;
}

static void leave_file(struct stream *s)
{
	leave_window(s);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	s->chunk = NULL;
	leave_file(s);
	g_ptr_array_unref(s->files);
	g_free(s->d.counts);
	g_free(s->counts_before);
	g_free(s);
}

/* The packet at hand. */
static const struct packet_ref *current_packet(const struct stream *s)
{
	return &g_array_index(current_file(s)->packets, struct packet_ref, s->packet - 1);
}

/* False: not even one byte, and said why. */
static bool read_copy(struct stream *s, uint64_t begin, size_t size)
{
	const struct data_file *f = current_file(s);

	s->window = window_read(&s->all->windows, s->fd, begin, size, f->schema->align);
	if (!s->window) {
		info_problem(&s->chunk->info, "%s: byte %" U64 ": no memory for %zu bytes",
			     f->path, begin, size);
		return false;
	}
	/* Once for each file: all that comes behind is missing as well. */
	if (s->window->size < size && !s->is_short)
		info_problem(&s->chunk->info,
			     "%s: byte %" U64 ": expected %" U64 " more bytes, as when it was opened, found %s",
			     f->path, begin + s->window->size, f->size - begin - s->window->size,
			     errno ? g_strerror(errno) : "the end of the file");
	s->is_short |= s->window->size < size;
	return s->window->size > 0;
}

/* Whether nobody ever wrote these bytes: sparse files may claim more than there is time to read. */
static bool is_hole(const struct stream *s, uint64_t begin, uint64_t size)
{
	off_t data = lseek(s->fd, begin, SEEK_DATA);
	struct stat st;

	if (data >= 0)
		return (uint64_t)data >= begin + size;
	/* No data from there on: or the file shrank, which is found out otherwise. */
	return errno == ENXIO && !fstat(s->fd, &st) && (uint64_t)st.st_size >= begin + size;
}

/*
 * Gets `size` bytes of the file from `begin` on, or more; less where it ends. `begin` is
 * aligned within a packet as its types need it, and so is the window's `at`; the packet has
 * `left` bytes from there on. False: none, and said why.
 */
static bool get_window(struct stream *s, uint64_t begin, uint64_t size, uint64_t left)
{
	const struct data_file *f = current_file(s);
	/* Where packets are not aligned in the file the next one takes another window. */
	uint64_t usual = f->is_jagged ? MIN(s->all->windows.bytes, left) : s->all->windows.bytes;

	leave_window(s);
	s->window_begin = begin;
	size = MIN(MAX(size, usual), f->size - begin);
	if (is_hole(s, begin, size)) {
		info_problem(&s->chunk->info,
			     "%s: byte %" U64 ": expected events, found a hole in the file", f->path,
			     begin);
		return false;
	}
	if (!f->is_unsteady && !f->is_jagged && f->schema->align <= sysconf(_SC_PAGESIZE))
		s->window = window_map(&s->all->windows, s->fd, begin, size);
	return s->window || read_copy(s, begin, size);
}

/* ---- losses ---------------------------------------------------------------------------- */

/* A record that no decoder made. */
static struct fb_event *add_record(struct stream *s)
{
	return &s->decoded.events[s->decoded.n++];
}

static void add_lost(struct stream *s, fb_ns from, fb_ns until, uint64_t events, uint64_t packets)
{
	struct fb_event *ev = add_record(s);

	from = MAX(from, s->d.last);
	s->d.last = from;
	*ev = (struct fb_event){
		.time = from,
		.cpu = s->d.cpu,
		.kind = FB_EV_LOST,
		.text = FB_NO_TEXT,
		.flags = packets ? FB_LOST_PACKETS : 0,
	};
	ev->lost.until = MAX(from, until);
	ev->lost.count = MIN(packets ? packets : events, (uint64_t)INT64_MAX);
	info_lost(&s->chunk->info, ev);
}

/* Other CPUs may go on. */
static void add_end(struct stream *s)
{
	struct fb_event *ev = add_record(s);

	s->d.last = MAX(s->d.last, s->previous_end);
	*ev = (struct fb_event){
		.time = s->d.last, .cpu = s->d.cpu, .kind = FB_EV_LOST, .text = FB_NO_TEXT,
		.flags = FB_LOST_LATER, .lost.until = s->d.last,
	};
	info_whole_until(&s->chunk->info, ev->time);
}

/* How many events the running counter says were discarded since the packet before. */
static uint64_t newly_discarded(const struct stream *s, const struct packet *p)
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

static uint64_t missing_packets(const struct stream *s, const struct packet *p)
{
	if (!s->has_previous || !packet_has(p, PACKET_SEQ) || p->values[PACKET_SEQ] <= s->seq)
		return 0;
	return p->values[PACKET_SEQ] - s->seq - 1;
}

/* A time of the packet, or `otherwise` when it is not recorded; crashes leave ends of 0. */
static fb_ns packet_time(const struct packet *p, enum packet_field field, fb_ns otherwise)
{
	if (!packet_has(p, field) || (field == PACKET_END && !p->values[field]))
		return otherwise;
	return scale_clock(p->values[field], p->sc->freq);
}

/* Of the packet at hand. One that was never closed lasted at most until the next one began. */
static fb_ns end_of_packet(const struct stream *s, const struct packet *p, fb_ns begin)
{
	const GArray *packets = current_file(s)->packets;
	fb_ns end = packet_time(p, PACKET_END, FB_NS_NONE);

	if (end != FB_NS_NONE || s->packet >= packets->len)
		return MAX(end, begin);
	return MAX(begin, scale_clock(g_array_index(packets, struct packet_ref, s->packet).begin,
				      p->sc->freq));
}

/*
 * A loss is told where it begins and, by one of nothing, where it ends. Events are lost somewhere
 * between the end of the packet before and that of their own, whose events come in between.
 */
static void note_losses(struct stream *s, const struct packet *p)
{
	fb_ns begin = packet_time(p, PACKET_BEGIN, s->d.last);
	fb_ns end = end_of_packet(s, p, begin);
	fb_ns from = s->has_previous ? MIN(s->previous_end, begin) : begin;
	uint64_t packets = missing_packets(s, p), events = newly_discarded(s, p);

	if (packets)
		add_lost(s, from, begin, 0, packets);
	if (events)
		add_lost(s, from, end, events, 0);
	s->is_lossy = events;
	if (packets && !events)
		add_lost(s, begin, begin, 0, 0);
	s->has_previous = true;
	s->seq = p->values[PACKET_SEQ];
	s->discarded = p->values[PACKET_DISCARDED];
	s->begin = begin;
	s->previous_end = end;
}

/* What could not be read since the packet before: how many events that were nobody knows. */
static void note_gap(struct stream *s, fb_ns until)
{
	fb_ns from = s->has_previous ? s->previous_end : s->all->first;

	if (s->has_gap && !s->all->marks && until > MAX(from, s->d.last)) {
		add_lost(s, from, until, 0, 0);
		add_lost(s, until, until, 0, 0);
	}
	s->has_gap = false;
}

/* The same before a packet. Where packets are numbered, note_losses() knows whether one is missing. */
static void note_gap_before(struct stream *s, const struct packet *p)
{
	bool is_numbered = packet_has(p, PACKET_SEQ) && p->values[PACKET_SEQ] > s->seq;

	if (s->has_previous && is_numbered)
		s->has_gap = false;
	note_gap(s, packet_time(p, PACKET_BEGIN, s->d.last));
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

static void mark_begin(struct stream *s, const struct packet *p, const uint8_t *base, uint64_t size)
{
	fb_ns begin = packet_time(p, PACKET_BEGIN, s->d.last);
	struct fb_event *open = add_mark(s, MARK_OPEN, s->has_previous ? s->d.last : begin);

	open->ref = base;
	open->lost.count = size;
	open->lost.until = s->file;
	add_mark(s, MARK_BEGIN, begin)->ref = base;
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

/* The window's bytes from `offset` in the file on; 0 when it has none of them, or not as aligned. */
static uint64_t bytes_at_hand(const struct stream *s, uint64_t offset)
{
	uint64_t distance = offset - s->window_begin;

	if (!s->window || offset < s->window_begin || distance >= s->window->size ||
	    distance % current_file(s)->schema->align)
		return 0;
	return s->window->size - distance;
}

/* Reads a packet's header; what was at hand may not have been all of it. */
static enum packet_status read_header(struct stream *s, const struct packet_ref *ref,
				      struct packet *p, GString *problem)
{
	uint64_t at_hand = MIN(bytes_at_hand(s, ref->offset), ref->size);
	const struct packet_bytes bytes = {
		s->window->at + (ref->offset - s->window_begin), at_hand, ref->size
	};

	return packet_read(p, current_file(s)->schema, &s->d.m, &bytes, ref->offset, problem);
}

/* Puts the decoder to `pos`, bits from the packet's begin, within the window. */
static void aim_decoder(struct stream *s, uint64_t pos)
{
	const struct packet_ref *ref = current_packet(s);
	uint64_t first = MAX(ref->offset, s->window_begin), at_hand;

	s->base_offset = first - ref->offset;
	at_hand = s->window_begin + s->window->size - first;
	s->d.base = s->window->at + (first - s->window_begin);
	s->d.pos = pos - s->base_offset * 8;
	s->d.end = MIN(s->content - s->base_offset * 8, at_hand * 8);
}

static void begin_events(struct stream *s, const struct packet *p)
{
	struct decoder *d = &s->d;
	uint64_t end = p->values[PACKET_END], slack = HOUR_S * p->sc->freq;

	d->sc = p->sc;
	s->content = MIN(MIN(p->content, current_packet(s)->content), current_packet(s)->size * 8);
	aim_decoder(s, p->first);
	if (packet_has(p, PACKET_BEGIN))
		d->clock = p->values[PACKET_BEGIN];
	/* Old tracers close packets a little early; an hour is no little. */
	d->latest = UINT64_MAX;
	if (packet_has(p, PACKET_END) && end && end >= p->values[PACKET_BEGIN])
		d->latest = MAX(end + slack, end);
	d->fault = DECODE_FINE;
	s->in_packet = true;
}

/* A packet of which even the header cannot be read, as it could when the file was opened. */
static void report_packet(struct stream *s, const char *problem)
{
	if (*problem)
		info_problem(&s->chunk->info, "%s: %s", current_file(s)->path, problem);
	s->chunk->info.broken_packets++;
	s->has_gap = true;
}

/*
 * Opens the next packet of the file at hand. False when that takes another window, and
 * the chunk has events of this one.
 */
static bool open_packet(struct stream *s)
{
	const struct packet_ref *ref =
		&g_array_index(current_file(s)->packets, struct packet_ref, s->packet);
	g_autoptr(GString) problem = g_string_new(NULL);
	enum packet_status status = PACKET_SHORT;
	struct packet p;

	if (bytes_at_hand(s, ref->offset))
		status = read_header(s, ref, &p, problem);
	for (size_t size = 0; status == PACKET_SHORT && size <= HEADER_BYTES_MAX;
	     size = 2 * MAX(size, s->all->windows.bytes)) {
		if (s->decoded.n)
			return false;
		if (!get_window(s, ref->offset, size, ref->size))
			break;
		status = read_header(s, ref, &p, problem);
	}
	s->packet++;
	s->has_gap |= ref->is_after_gap;
	s->chunk->bytes += ref->size;
	if (status != PACKET_FINE && status != PACKET_OPEN) {
		report_packet(s, problem->str);
		return true;
	}
	s->d.cpu = s->all->marks ? s->order : packet_cpu(&p);
	begin_events(s, &p);
	note_gap_before(s, &p);
	if (s->all->marks)
		mark_begin(s, &p, s->d.base, ref->size);
	else
		note_losses(s, &p);
	return true;
}

/* ---- faults ---------------------------------------------------------------------------- */

static const char *cursor_fault_text(const struct cursor *c)
{
	switch (c->fault) {
	case CURSOR_STRING:
		return "a string that ends";
	case CURSOR_SEQUENCE:
		return "a sequence that fits";
	case CURSOR_TAG:
		return "a tag that selects an option";
	default:
		return "all of its bytes";
	}
}

static void describe_body(const struct decoder *d, GString *text)
{
	const struct cursor *c = &d->m.c;

	g_string_append_printf(text, "expected %s in event %s, found ", cursor_fault_text(c),
			       layouts_get(d->layouts, d->class)->name);
	if (c->fault == CURSOR_TAG)
		g_string_append_printf(text, "the value %" G_GINT64_FORMAT, (int64_t)c->value);
	else if (c->fault == CURSOR_SEQUENCE)
		g_string_append_printf(text, "a length of %" U64, c->value);
	else
		g_string_append(text, "the end of the packet's content");
}

static void describe_fault(const struct decoder *d, GString *text)
{
	switch (d->fault) {
	case DECODE_HEADER:
		g_string_append(text,
				"expected an event header, found the end of the packet's content");
		break;
	case DECODE_ID:
		g_string_append_printf(text,
				       "expected the id of an event of stream %" U64
				       ", found %" U64,
				       d->sc->id, d->value);
		break;
	case DECODE_TIME:
		g_string_append_printf(text, "expected a time within the packet, found %" U64,
				       d->value);
		break;
	case DECODE_EMPTY:
		g_string_append(text, "expected an event, found one of no bytes");
		break;
	default:
		describe_body(d, text);
	}
}

/* The packet's first bad byte ends it. */
static void report_fault(struct stream *s, const struct packet_ref *ref)
{
	const struct data_file *f = current_file(s);
	const struct decoder *d = &s->d;
	bool is_cut = ref->size * 8 < ref->content || ref->is_open || s->is_short;
	uint64_t pos = d->fault == DECODE_BODY ? d->m.c.pos : d->pos;
	g_autoptr(GString) text = g_string_new(NULL);

	/* That the file ends early was said when it was opened, or read. */
	if (is_cut && (d->fault == DECODE_HEADER || d->fault == DECODE_BODY))
		return;
	describe_fault(d, text);
	info_problem(&s->chunk->info, "%s: byte %" U64 ": %s", f->path,
		     ref->offset + s->base_offset + pos / 8, text->str);
	s->chunk->info.broken_packets++;
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

static bool open_file(struct stream *s)
{
	struct data_file *f = current_file(s);
	struct stat st;

	if (s->fd >= 0)
		return true;
	s->fd = open(f->path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0 || fstat(s->fd, &st)) {
		info_problem(&s->chunk->info, "%s: %s", f->path, g_strerror(errno));
		s->has_gap = true;
		return false;
	}
	f->is_unsteady |= (uint64_t)st.st_size < f->size;
	s->is_short = false;
	return true;
}

/* Goes to the file with the next packet. False when there is none. */
static bool find_packet(struct stream *s)
{
	while (s->file < s->files->len) {
		skip_outside(s);
		if (s->packet < current_file(s)->packets->len && open_file(s))
			return true;
		leave_file(s);
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
			note_gap(s, s->all->last);
			s->has_ended = true;
			return false;
		}
		if (!open_packet(s))
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
	       (d->fault == DECODE_BODY && d->m.c.fault != CURSOR_TAG);
}

/* Gets a window of `size` bytes or more for what is at `pos`, bits from the packet's begin. */
static bool aim_window(struct stream *s, uint64_t pos, uint64_t size)
{
	const struct packet_ref *ref = current_packet(s);
	uint64_t from = pos / 8 & -(uint64_t)current_file(s)->schema->align;

	if (!get_window(s, ref->offset + from, size, ref->size - from))
		return false;
	aim_decoder(s, pos);
	s->d.fault = DECODE_FINE;
	return true;
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
	return size <= EVENT_BYTES_MAX && !s->is_short && aim_window(s, pos, size);
}

static void end_packet(struct stream *s)
{
	const struct packet_ref *ref = current_packet(s);

	s->in_packet = false;
	/* Of a packet that was never finished nobody knows how long it went on. */
	if (ref->is_open && !ref->end)
		s->previous_end = MAX(s->begin, s->d.last);
	/* How many events the rest had nobody knows. */
	if (s->all->marks) {
		mark_end(s);
		return;
	}
	if (s->base_offset * 8 + s->d.pos < s->content || ref->size * 8 < ref->content) {
		add_lost(s, s->begin, s->previous_end, 0, 0);
		s->is_lossy = true;
	}
	if (s->is_lossy)
		add_lost(s, s->previous_end, s->previous_end, 0, 0);
	if (s->all->tells_ends && is_last_packet(s))
		add_end(s);
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
		report_fault(s, current_packet(s));
	else if (s->d.pos < s->d.end)
		return;
	end_packet(s);
}

static void begin_chunk(struct stream *s, struct chunk *c)
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
	struct chunk *c = s->chunk;

	if (s->window)
		check_window(s);
	c->n = s->decoded.n;
	c->info.events += s->d.events;
	c->info.clock_steps += s->d.steps;
	s->d.events = s->d.steps = 0;
	if (!c->n)
		return;
	info_span(&c->info, c->events[0].time, c->events[c->n - 1].time);
	if (s->window)
		c->window = window_ref(s->window);
}

static void fill_rest(struct stream *s)
{
	while (find_events(s)) {
		decode(&s->d, &s->decoded);
		after_decoding(s);
	}
	end_chunk(s);
}

/* Goes back to where the chunk began, and into the middle of a packet. */
static void go_back(struct stream *s, const struct stream *before)
{
	struct chunk *c = s->chunk;

	s->decoded.n = 0;
	leave_file(s);
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
	if (open_file(s) && aim_window(s, s->base_offset * 8 + s->d.pos, 0))
		return;
	/* Nothing is left of the packet. */
	s->has_gap = true;
	end_packet(s);
}

/*
 * Fills the chunk once more if files turned out to have shrunk: from copies, which cannot. What is
 * behind their ends is missing then, as if they had never had it.
 */
static void fill_again(struct stream *s, struct chunk *to, const struct stream *before)
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

void stream_fill(struct stream *s, struct chunk *to)
{
	const struct stream before = *s;

	remember_counts(s);
	begin_chunk(s, to);
	fill_rest(s);
	fill_again(s, to, &before);
}

void stream_fill_two(struct stream *a, struct chunk *to_a, struct stream *b, struct chunk *to_b)
{
	const struct stream before_a = *a, before_b = *b;

	remember_counts(a);
	remember_counts(b);
	begin_chunk(a, to_a);
	begin_chunk(b, to_b);
	while (find_events(a) && find_events(b)) {
		decode_two(&a->d, &a->decoded, &b->d, &b->decoded);
		after_decoding(a);
		after_decoding(b);
	}
	end_chunk(a);
	end_chunk(b);
	fill_again(a, to_a, &before_a);
	fill_again(b, to_b, &before_b);
}
