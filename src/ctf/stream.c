/* SPDX-License-Identifier: MIT */
/* stream.c - walks over the packets of a stream. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stream.h"

#define U64 G_GUINT64_FORMAT

#define EXTRA_MAX  3		/* LOST events or marks that one packet may bring */
#define DROP_BYTES (1u << 20)	/* give pages back in such pieces … */
#define KEEP_BYTES (256u << 10) /* … but not those whose events are still in the buffer */
#define HOUR_S	   3600u

struct stream *stream_new(struct streams *all, GPtrArray *files, unsigned order)
{
	struct stream *s = g_new0(struct stream, 1);

	s->all = all;
	s->files = g_ptr_array_ref(files);
	s->order = order;
	s->events = g_new(struct fb_event, STREAM_EVENTS);
	s->d.layouts = all->layouts;
	s->d.counts = all->counts;
	return s;
}

void mapping_clear(struct mapping *m)
{
	if (m->is_copy)
		free(m->at);
	else if (m->at)
		munmap(m->at, m->size);
	memset(m, 0, sizeof(*m));
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	mapping_clear(&s->map);
	mapping_clear(&s->copy);
	g_ptr_array_unref(s->files);
	g_free(s->events);
	g_free(s);
}

static void retire(struct stream *s, struct mapping *m)
{
	if (!m->is_lent)
		mapping_clear(m);
	else if (m->at)
		g_array_append_val(s->all->retired, *m);
	memset(m, 0, sizeof(*m));
}

static struct data_file *current_file(const struct stream *s)
{
	return g_ptr_array_index(s->files, s->file);
}

static bool map_file(struct stream *s, const struct data_file *f)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	bool shrank = false;
	void *at = MAP_FAILED;
	struct stat st;

	/* A file that shrinks from here on ends the process with SIGBUS: recordings only grow. */
	if (fd >= 0 && !fstat(fd, &st)) {
		shrank = (uint64_t)st.st_size < f->size;
		at = shrank ? MAP_FAILED : mmap(NULL, f->size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (at == MAP_FAILED)
		info_problem(s->all->info, "%s: %s", f->path,
			     shrank ? "became shorter while it was read" : g_strerror(errno));
	if (fd >= 0)
		close(fd);
	if (at == MAP_FAILED)
		return false;
	madvise(at, f->size, MADV_SEQUENTIAL);
	s->map = (struct mapping){ .at = at, .size = f->size };
	s->dropped = 0;
	return true;
}

/* Gives back the pages that lie behind. The bytes stay readable: they would be read again. */
static void drop_pages(struct stream *s, uint64_t position)
{
	uint64_t page = sysconf(_SC_PAGESIZE), to;

	if (position < s->dropped + DROP_BYTES)
		return;
	to = (position - KEEP_BYTES) & -page;
	madvise(s->map.at + s->dropped, to - s->dropped, MADV_DONTNEED);
	s->dropped = to;
}

/* ---- losses ---------------------------------------------------------------------------- */

static void add_lost(struct stream *s, fb_ns from, fb_ns until, uint64_t events, uint64_t packets)
{
	struct fb_event *ev = &s->events[s->n++];

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
	if (packets || events)
		info_lost(s->all->info, s->d.cpu, events, packets);
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

static void note_losses(struct stream *s, const struct packet *p)
{
	fb_ns begin = packet_time(p, PACKET_BEGIN, s->d.last);
	fb_ns end = packet_time(p, PACKET_END, begin);
	fb_ns from = s->has_previous ? MIN(s->previous_end, begin) : begin;
	uint64_t packets = missing_packets(s, p), events = newly_discarded(s, p);

	if (packets)
		add_lost(s, from, begin, 0, packets);
	if (events)
		add_lost(s, from, end, events, 0);
	s->has_previous = true;
	s->seq = p->values[PACKET_SEQ];
	s->discarded = p->values[PACKET_DISCARDED];
	s->begin = begin;
	s->previous_end = end;
}

/* ---- marks ----------------------------------------------------------------------------- */

static struct fb_event *add_mark(struct stream *s, enum stream_mark mark, fb_ns time)
{
	struct fb_event *ev = &s->events[s->n++];

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

static void mark_end(struct stream *s)
{
	bool is_last = s->file + 1 == s->files->len && s->packet == current_file(s)->packets->len;

	add_mark(s, is_last ? MARK_LAST : MARK_END, s->previous_end);
}

/* ---- packets --------------------------------------------------------------------------- */

/* Where the packet's bytes are, aligned as its types need it. */
static const uint8_t *packet_base(struct stream *s, const struct data_file *f,
				  const struct packet_ref *ref)
{
	uint8_t *at = s->map.at + ref->offset;

	if (!((uintptr_t)at % f->schema->align))
		return at;
	if (posix_memalign((void **)&s->copy.at, f->schema->align, ref->size))
		return NULL;
	s->copy.is_copy = true;
	s->copy.size = ref->size;
	return memcpy(s->copy.at, at, ref->size);
}

static bool is_outside(const struct stream *s, const struct packet *p)
{
	return (s->all->begin != FB_NS_NONE &&
		packet_time(p, PACKET_END, INT64_MAX) < s->all->begin) ||
	       (s->all->end != FB_NS_NONE && packet_time(p, PACKET_BEGIN, 0) > s->all->end);
}

static void begin_events(struct stream *s, const struct packet *p, const uint8_t *base,
			 const struct packet_ref *ref)
{
	struct decoder *d = &s->d;
	uint64_t end = p->values[PACKET_END], slack = HOUR_S * p->sc->freq;

	d->sc = p->sc;
	d->base = base;
	d->pos = p->first;
	d->end = MIN(p->content, ref->size * 8);
	if (packet_has(p, PACKET_BEGIN))
		d->clock = p->values[PACKET_BEGIN];
	/* Old tracers close packets a little early; an hour is no little. */
	d->latest = UINT64_MAX;
	if (packet_has(p, PACKET_END) && end && end >= p->values[PACKET_BEGIN])
		d->latest = MAX(end + slack, end);
	d->fault = DECODE_FINE;
	if (is_outside(s, p))
		d->pos = d->end;
	s->in_packet = true;
}

/* Opens the next packet of the file at hand. */
static void open_packet(struct stream *s)
{
	struct data_file *f = current_file(s);
	const struct packet_ref *ref = &g_array_index(f->packets, struct packet_ref, s->packet++);
	g_autoptr(GString) problem = g_string_new(NULL);
	const uint8_t *base = packet_base(s, f, ref);
	struct packet_bytes bytes = { base, ref->size, ref->size };
	struct packet p;

	s->all->bytes += ref->size;
	/* It was read before: only a file that changed meanwhile fails here. */
	if (!base ||
	    packet_read(&p, f->schema, &s->d.m, &bytes, ref->offset, problem) != PACKET_FINE) {
		info_problem(s->all->info, "%s: %s", f->path,
			     problem->len ? problem->str : g_strerror(ENOMEM));
		s->all->info->broken_packets++;
		return;
	}
	s->d.cpu = s->all->marks ? s->order : packet_cpu(&p);
	if (s->all->marks)
		mark_begin(s, &p, base, ref->size);
	else
		note_losses(s, &p);
	begin_events(s, &p, base, ref);
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
	bool is_cut = ref->size * 8 < ref->content;
	uint64_t pos = d->fault == DECODE_BODY ? d->m.c.pos : d->pos;
	g_autoptr(GString) text = g_string_new(NULL);

	/* That the file ends early was said when it was opened. */
	if (is_cut && (d->fault == DECODE_HEADER || d->fault == DECODE_BODY))
		return;
	describe_fault(d, text);
	info_problem(s->all->info, "%s: byte %" U64 ": %s", f->path, ref->offset + pos / 8,
		     text->str);
	s->all->info->broken_packets++;
}

/* ---- the walk -------------------------------------------------------------------------- */

/* Goes to the next file once all of this one's events are taken. False when there is none. */
static bool open_file(struct stream *s)
{
	retire(s, &s->copy);
	while (s->file < s->files->len) {
		struct data_file *f = current_file(s);

		if (s->packet < f->packets->len && (s->map.at || map_file(s, f)))
			return true;
		retire(s, &s->map);
		s->file++;
		s->packet = 0;
	}
	return false;
}

/* Decodes into the free room. */
static void decode_packet(struct stream *s)
{
	const struct packet_ref *ref =
		&g_array_index(current_file(s)->packets, struct packet_ref, s->packet - 1);

	/* Room is left for the mark of the packet's end, or the loss of what cannot be read. */
	s->n += decode(&s->d, s->events + s->n, STREAM_EVENTS - s->n - 1);
	drop_pages(s, ref->offset + s->d.pos / 8);
	if (s->d.fault)
		report_fault(s, ref);
	else if (s->d.pos < s->d.end)
		return;
	s->in_packet = false;
	/* How many events the rest had nobody knows. */
	if (s->all->marks)
		mark_end(s);
	else if (s->d.fault || ref->size * 8 < ref->content)
		add_lost(s, s->begin, s->previous_end, 0, 0);
}

bool stream_fill(struct stream *s)
{
	struct fb_source_info *info = s->all->info;

	s->n = s->taken = 0;
	while (!s->n) {
		if (!s->in_packet && !open_file(s))
			break;
		/* A mapping is kept as long as events in the buffer point there. */
		while (s->n + EXTRA_MAX < STREAM_EVENTS) {
			if (!s->in_packet) {
				if (s->copy.at || s->packet == current_file(s)->packets->len)
					break;
				open_packet(s);
			}
			if (s->in_packet)
				decode_packet(s);
		}
	}
	info->events += s->d.events;
	info->clock_steps += s->d.steps;
	s->d.events = s->d.steps = 0;
	if (!s->n)
		return false;
	s->map.is_lent = s->copy.is_lent = true;
	info_span(info, s->events[0].time, s->events[s->n - 1].time);
	return true;
}
