/* SPDX-License-Identifier: MIT */
/* stream-packet.c - the bytes of a stream: its files, windows of them, its packets' headers. */
#include <errno.h>
#include <unistd.h>

#include "base/files.h"
#include "ctf/read/stream-walk.h"

#define HEADER_BYTES_MAX (1u << 20)
#define HOUR_S		 3600u

/* ---- windows --------------------------------------------------------------------------- */

/* What was read from the window may be zeros that the file never had: the chunk is filled again. */
void stream_check_window(struct stream *s)
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
		stream_check_window(s);
	if (s->window && s->chunk && s->decoded.n)
		s->chunk->window = s->window;
	else
		window_unref(&s->all->windows, s->window);
	s->window = NULL;
}

void stream_leave_file(struct stream *s)
{
	leave_window(s);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

bool stream_open_file(struct stream *s)
{
	struct data_file *f = current_file(s);
	g_autoptr(GError) error = NULL;
	struct stat st;

	if (s->fd >= 0)
		return true;
	s->fd = file_open(f->path, &st, &error);
	if (s->fd < 0) {
		info_problem(&s->chunk->info, "%s", error->message);
		s->has_gap = s->has_unopened = true;
		return false;
	}
	f->is_unsteady |= (uint64_t)st.st_size < f->size;
	s->is_short = false;
	return true;
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

/* The window's bytes from `offset` in the file on; 0 when it has none of them, or not as aligned. */
static uint64_t bytes_at_hand(const struct stream *s, uint64_t offset)
{
	uint64_t distance = offset - s->window_begin;

	if (!s->window || offset < s->window_begin || distance >= s->window->size ||
	    distance % current_file(s)->schema->align)
		return 0;
	return s->window->size - distance;
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

bool stream_aim_window(struct stream *s, uint64_t pos, uint64_t size)
{
	const struct packet_ref *ref = current_packet(s);
	uint64_t from = pos / 8 & -(uint64_t)current_file(s)->schema->align;

	if (!get_window(s, ref->offset + from, size, ref->size - from))
		return false;
	aim_decoder(s, pos);
	s->d.fault = DECODE_FINE;
	return true;
}

/* ---- headers --------------------------------------------------------------------------- */

/* Reads a packet's header; what was at hand may not have been all of it. */
static enum packet_status read_header(struct stream *s, const struct packet_ref *ref,
				      struct ctf_packet *p, GString *problem)
{
	uint64_t at_hand = MIN(bytes_at_hand(s, ref->offset), ref->size);
	const struct packet_bytes bytes = {
		s->window->at + (ref->offset - s->window_begin), at_hand, ref->size
	};

	return packet_read(p, current_file(s)->schema, &s->d.m, &bytes, ref->offset, problem);
}

static void begin_events(struct stream *s, const struct ctf_packet *p)
{
	struct decoder *d = &s->d;
	uint64_t end = p->values[PACKET_END], slack = HOUR_S * p->sc->freq;
	bool is_turned = packet_has(p, PACKET_END) && end && end < p->values[PACKET_BEGIN];

	d->sc = p->sc;
	s->content = MIN(MIN(p->content, current_packet(s)->content), current_packet(s)->size * 8);
	aim_decoder(s, p->first);
	/* Where one of both is wrong the event before tells what the next one's short clock means. */
	if (is_turned && s->has_previous)
		d->steps++;
	else if (packet_has(p, PACKET_BEGIN))
		d->clock = p->values[PACKET_BEGIN];
	/* Old tracers close packets a little early; an hour is no little. */
	d->latest = UINT64_MAX;
	if (packet_has(p, PACKET_END) && end && !is_turned)
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

/* The header of a packet that begins outside of the window, or does not end in it. */
static enum packet_status fetch_header(struct stream *s, const struct packet_ref *ref,
				       struct ctf_packet *p, GString *problem)
{
	enum packet_status status = PACKET_SHORT;

	for (size_t size = 0; status == PACKET_SHORT && size <= HEADER_BYTES_MAX;
	     size = 2 * MAX(size, s->all->windows.bytes)) {
		if (!get_window(s, ref->offset, size, ref->size))
			break;
		status = read_header(s, ref, p, problem);
	}
	return status;
}

static void pass_packet(struct stream *s, const struct packet_ref *ref)
{
	s->packet++;
	s->has_gap |= ref->is_after_gap;
	s->chunk->bytes += ref->size;
}

bool stream_open_packet(struct stream *s)
{
	const struct packet_ref *ref =
		&g_array_index(current_file(s)->packets, struct packet_ref, s->packet);
	g_autoptr(GString) problem = g_string_new(NULL);
	enum packet_status status = PACKET_SHORT;
	struct ctf_packet p;

	if (bytes_at_hand(s, ref->offset))
		status = read_header(s, ref, &p, problem);
	/* Another window is for another chunk: events of this one point into the one at hand. */
	if (status == PACKET_SHORT && s->decoded.n)
		return false;
	if (status == PACKET_SHORT)
		status = fetch_header(s, ref, &p, problem);
	pass_packet(s, ref);
	if (status != PACKET_FINE && status != PACKET_OPEN) {
		report_packet(s, problem->str);
		return true;
	}
	s->d.cpu = s->all->marks ? s->order : packet_cpu(&p);
	begin_events(s, &p);
	stream_emit_begin(s, &p);
	return true;
}
