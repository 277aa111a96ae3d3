/* SPDX-License-Identifier: MIT */
/* file.c - the packets of a file: where each begins, even behind one that is broken. */
#include <errno.h>
#include <unistd.h>

#include "base/files.h"
#include "ctf/read/packet.h"

#define HEADER_BYTES	 512 /* enough for any header and context that tracers write */
#define HEADER_BYTES_MAX (1u << 20)
#define SCAN_BYTES	 (64u << 10)
#define TRIES_MAX	 (64u << 10) /* magics that begin no packet, before the rest is given up */

#define U64 G_GUINT64_FORMAT

/* Reads as much as there is. */
static uint64_t read_at(const struct data_file *f, uint8_t *to, uint64_t n, uint64_t offset)
{
	uint64_t done = 0;

	while (done < n) {
		ssize_t got = pread(f->fd, to + done, n - done, offset + done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += got;
	}
	return done;
}

/* Reads a packet's header and context from the file. */
static enum packet_status read_packet(const struct data_file *f, uint64_t offset,
				      struct ctf_packet *p, struct machine *m, GString *problem)
{
	uint32_t size = MAX(HEADER_BYTES, f->schema->align);
	enum packet_status status;

	do {
		uint8_t *buffer = NULL;
		struct packet_bytes bytes = { .left = f->size - offset };

		if (posix_memalign((void **)&buffer, f->schema->align, size))
			g_error("out of memory");
		bytes.at = buffer;
		bytes.n = read_at(f, buffer, MIN(size, bytes.left), offset);
		bytes.left = bytes.n < MIN(size, bytes.left) ? bytes.n : bytes.left;
		if (size >= HEADER_BYTES_MAX)
			bytes.left = bytes.n;
		status = packet_read(p, f->schema, m, &bytes, offset, problem);
		free(buffer);
		size *= 8;
	} while (status == PACKET_SHORT);
	return status;
}

/* Whether a packet that can be read begins there. One without end shows that by the trace's UUID. */
static bool is_packet(const struct data_file *f, uint64_t offset, struct machine *m)
{
	bool has_uuid = f->schema->tsdl->has_uuid && f->schema->places[PACKET_UUID].shape;
	g_autoptr(GString) ignored = g_string_new(NULL);
	struct ctf_packet p;
	enum packet_status status = read_packet(f, offset, &p, m, ignored);

	return status == PACKET_FINE || (status == PACKET_OPEN && has_uuid);
}

/* Where bytes were written, from `offset` on: nobody wrote into the holes of a sparse file. */
static uint64_t skip_hole(const struct data_file *f, uint64_t offset)
{
	off_t data = lseek(f->fd, offset, SEEK_DATA);

	if (data < 0)
		return errno == ENXIO ? f->size : offset;
	return MIN((uint64_t)data, f->size);
}

/* Looks for packets, and for the end of what was written. */
struct file_scan {
	const struct data_file *f;
	struct machine *m;
	uint32_t magic;	   /* as it stands in the file */
	bool has_magic;	   /* without, no packet can be found */
	unsigned tries;	   /* left */
	uint64_t next;	   /* where a packet begins, or the end of the file */
	uint64_t written;  /* behind the last byte before it that is not 0 */
};

static void scan_init(struct file_scan *s, const struct data_file *f, struct machine *m)
{
	const struct place *place = &f->schema->places[PACKET_MAGIC];
	bool big_endian = f->schema->tsdl->big_endian;

	*s = (struct file_scan){
		.f = f,
		.m = m,
		.magic = big_endian ? GUINT32_TO_BE(CTF_MAGIC) : GUINT32_TO_LE(CTF_MAGIC),
		.has_magic = place->shape == SHAPE_INT && !place->mark && !place->offset &&
			     place->bits == 32,
		.tries = TRIES_MAX,
	};
}

/* Whether one of these bytes of the file begins a packet. */
static bool scan_block(struct file_scan *s, const uint8_t *block, uint64_t n, uint64_t offset)
{
	const uint8_t *at = block, *end = block + n, *found;

	while (s->has_magic && s->tries &&
	       (found = memmem(at, end - at, &s->magic, sizeof(s->magic)))) {
		s->tries--;
		if (is_packet(s->f, offset + (found - block), s->m)) {
			s->next = offset + (found - block);
			end = found;
			break;
		}
		at = found + 1;
	}
	for (at = end; at > block && !at[-1]; at--)
		;
	if (at > block)
		s->written = offset + (at - block);
	return end < block + n;
}

/* Searches from `offset` to `until` at most, the end of the file or of a packet. */
static void scan(struct file_scan *s, uint64_t offset, uint64_t until)
{
	g_autofree uint8_t *block = g_malloc(SCAN_BYTES);

	s->next = until;
	s->written = offset;
	while (offset < until) {
		uint64_t n;

		offset = MIN(skip_hole(s->f, offset), until);
		n = read_at(s->f, block, MIN(SCAN_BYTES, until - offset), offset);
		if (scan_block(s, block, n, offset) || n < SCAN_BYTES)
			return;
		/* A magic may lie across. */
		offset += n - (sizeof(s->magic) - 1);
	}
}

/* Where the next packet begins behind `offset`: at a magic whose header makes sense. */
static uint64_t find_packet(const struct data_file *f, uint64_t offset, struct machine *m)
{
	struct file_scan s;

	scan_init(&s, f, m);
	if (!s.has_magic)
		return f->size;
	scan(&s, offset + 1, f->size);
	return s.next;
}

static void add_packet(struct data_file *f, const struct ctf_packet *p, uint64_t offset,
		       bool is_open)
{
	struct packet_ref ref = {
		.offset = offset,
		.size = p->size,
		.begin = p->values[PACKET_BEGIN],
		.end = p->values[PACKET_END],
		.seq = p->values[PACKET_SEQ],
		.content = p->content,
		.discarded = p->values[PACKET_DISCARDED],
		.is_open = is_open,
		.is_after_gap = f->ends_in_gap,
	};

	f->ends_in_gap = false;
	f->is_jagged |= offset % f->schema->align != 0;
	if (!f->packets->len) {
		f->sc = p->sc;
		f->has_instance = packet_has(p, PACKET_INSTANCE) || packet_has(p, PACKET_CPU);
		f->instance = packet_has(p, PACKET_INSTANCE) ? p->values[PACKET_INSTANCE]
							     : p->values[PACKET_CPU];
	}
	f->cpus = MAX(f->cpus, packet_cpu(p) + 1);
	g_array_append_val(f->packets, ref);
}

static void report(const struct data_file *f, struct fb_source_info *info, const char *problem)
{
	info_problem(info, "%s: %s", f->path, problem);
	info->broken_packets++;
}

/* A packet that says it goes on behind the end of the file: cut off, or its size is wrong. */
static void shorten(const struct data_file *f, uint64_t offset, struct ctf_packet *p,
		    struct machine *m, struct fb_source_info *info)
{
	g_autofree char *problem = NULL;
	uint64_t next = find_packet(f, offset, m);

	problem = g_strdup_printf("byte %" U64 ": expected a packet of %" U64 " bytes, found %" U64,
				  offset, p->size, next - offset);
	p->size = next - offset;
	report(f, info, problem);
}

/* A packet without believable sizes ends where the next one begins, and its content with zeros. */
static void find_end(const struct data_file *f, uint64_t offset, struct ctf_packet *p,
		     struct machine *m)
{
	uint64_t left = f->size - offset, first = p->first / 8;
	struct file_scan s;

	scan_init(&s, f, m);
	s.has_magic &= !p->size || p->size > left;
	scan(&s, offset + MIN(first, left), p->size && p->size <= left ? offset + p->size : f->size);
	p->size = s.next - offset;
	if (p->content > p->size * 8)
		p->content = MAX((s.written - offset) * 8, p->first);
}

/* Nothing at `offset` can be believed. Goes on at the next packet, which the one before may have swallowed. */
static uint64_t pass_over(struct data_file *f, uint64_t offset, struct machine *m,
			  struct fb_source_info *info, const char *problem)
{
	struct packet_ref *last = f->packets->len ? &g_array_index(f->packets, struct packet_ref,
								   f->packets->len - 1) : NULL;
	uint64_t from = offset, next;
	g_autofree char *text = NULL;

	if (last && last->offset + last->size == offset)
		from = last->offset + MIN(MAX(last->content / 8, 1), last->size) - 1;
	next = find_packet(f, from, m);
	if (next < offset)
		last->size = next - last->offset;
	text = g_strdup_printf("%s; passed over %" U64 " bytes", problem,
			       next > offset ? next - offset : 0);
	report(f, info, text);
	f->ends_in_gap = true;
	return next;
}

/* CHANNEL_0, CHANNEL_0_12, perf_stream_0 */
static bool is_stream_name(const char *path)
{
	const char *tail = strrchr(path, '_');

	return tail && tail[1] && strspn(tail + 1, "0123456789") == strlen(tail + 1);
}

/* Takes the packet at `offset`, of which something can be believed. Returns where it ends. */
static uint64_t take_packet(struct data_file *f, uint64_t offset, struct ctf_packet *p,
			    enum packet_status status, struct machine *m,
			    struct fb_source_info *info)
{
	bool is_cut = p->size > f->size - offset;

	if (status == PACKET_OPEN)
		find_end(f, offset, p, m);
	else if (is_cut && status == PACKET_FINE)
		shorten(f, offset, p, m, info);
	else if (is_cut)
		p->size = find_packet(f, offset, m) - offset;
	if (status != PACKET_BROKEN)
		add_packet(f, p, offset, status == PACKET_OPEN);
	f->ends_in_gap = is_cut || status != PACKET_FINE;
	return offset + p->size;
}

static void find_packets(struct data_file *f, struct fb_source_info *info)
{
	g_autoptr(GString) problem = g_string_new(NULL);
	g_autofree struct machine *m = g_new0(struct machine, 1);

	for (uint64_t offset = 0; offset < f->size;) {
		struct ctf_packet p;
		enum packet_status status = read_packet(f, offset, &p, m, problem);

		if (status == PACKET_ASTRAY && !offset && !is_stream_name(f->path))
			return;
		if (status == PACKET_ASTRAY) {
			offset = pass_over(f, offset, m, info, problem->str);
			continue;
		}
		if (status != PACKET_FINE)
			report(f, info, problem->str);
		offset = take_packet(f, offset, &p, status, m, info);
	}
}

struct data_file *data_file_new(const char *path, const struct schema *s,
				struct fb_source_info *info)
{
	struct data_file *f = g_new0(struct data_file, 1);
	g_autoptr(GError) error = NULL;
	struct stat st;

	f->path = g_strdup(path);
	f->schema = s;
	f->packets = g_array_new(FALSE, FALSE, sizeof(struct packet_ref));
	f->fd = file_open(path, &st, &error);
	if (f->fd >= 0) {
		f->size = st.st_size;
		find_packets(f, info);
		close(f->fd);
	} else {
		info_problem(info, "%s", error->message);
	}
	f->fd = -1;
	if (!f->packets->len)
		g_clear_pointer(&f, data_file_free);
	return f;
}

void data_file_free(struct data_file *f)
{
	if (!f)
		return;
	g_array_unref(f->packets);
	g_free(f->path);
	g_free(f);
}
