/* SPDX-License-Identifier: MIT */
/* file.c - the packets of a file: where each begins, even behind one that is broken. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "packet.h"

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
static enum packet_status read_packet(const struct data_file *f, uint64_t offset, struct packet *p,
				      struct machine *m, GString *problem)
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

/* Whether a packet that can be read begins there. */
static bool is_packet(const struct data_file *f, uint64_t offset, struct machine *m)
{
	g_autoptr(GString) ignored = g_string_new(NULL);
	struct packet p;

	return read_packet(f, offset, &p, m, ignored) == PACKET_FINE;
}

/* Where the next packet begins behind `offset`: at a magic whose header makes sense. */
static uint64_t find_packet(const struct data_file *f, uint64_t offset, struct machine *m)
{
	uint32_t magic =
		f->schema->tsdl->big_endian ? GUINT32_TO_BE(CTF_MAGIC) : GUINT32_TO_LE(CTF_MAGIC);
	g_autofree uint8_t *buffer = NULL;
	const struct place *place = &f->schema->places[PACKET_MAGIC];
	unsigned tries = 0;

	if (place->shape != SHAPE_INT || place->mark || place->offset || place->bits != 32)
		return f->size;
	buffer = g_malloc(SCAN_BYTES);
	for (offset++; offset < f->size && tries < TRIES_MAX;) {
		uint64_t n = read_at(f, buffer, MIN(SCAN_BYTES, f->size - offset), offset);
		uint8_t *at = buffer, *found;

		while ((found = memmem(at, buffer + n - at, &magic, sizeof(magic)))) {
			if (is_packet(f, offset + (found - buffer), m))
				return offset + (found - buffer);
			if (++tries == TRIES_MAX)
				break;
			at = found + 1;
		}
		if (n < SCAN_BYTES)
			break;
		offset += n - (sizeof(magic) - 1);
	}
	return f->size;
}

static void add_packet(struct data_file *f, const struct packet *p, uint64_t offset)
{
	struct packet_ref ref = {
		.offset = offset,
		.size = p->size,
		.begin = p->values[PACKET_BEGIN],
		.end = p->values[PACKET_END],
		.seq = p->values[PACKET_SEQ],
		.content = p->content,
		.discarded = p->values[PACKET_DISCARDED],
	};

	if (!f->packets->len) {
		f->sc = p->sc;
		f->has_instance = packet_has(p, PACKET_INSTANCE) || packet_has(p, PACKET_CPU);
		f->instance = packet_has(p, PACKET_INSTANCE) ? p->values[PACKET_INSTANCE]
							     : p->values[PACKET_CPU];
	}
	f->cpus = MAX(f->cpus, packet_cpu(p) + 1u);
	g_array_append_val(f->packets, ref);
}

static void report(const struct data_file *f, struct fb_source_info *info, const char *problem)
{
	info_problem(info, "%s: %s", f->path, problem);
	info->broken_packets++;
}

/* A packet that says it goes on behind the end of the file: cut off, or its size is wrong. */
static void shorten(const struct data_file *f, uint64_t offset, struct packet *p, struct machine *m,
		    struct fb_source_info *info)
{
	g_autofree char *problem = NULL;
	uint64_t next = find_packet(f, offset, m);

	problem = g_strdup_printf("byte %" U64 ": expected a packet of %" U64 " bytes, found %" U64,
				  offset, p->size, next - offset);
	p->size = next - offset;
	report(f, info, problem);
}

/* CHANNEL_0, CHANNEL_0_12, perf_stream_0 */
static bool is_stream_name(const char *path)
{
	const char *tail = strrchr(path, '_');

	return tail && tail[1] && strspn(tail + 1, "0123456789") == strlen(tail + 1);
}

static void find_packets(struct data_file *f, struct fb_source_info *info)
{
	g_autoptr(GString) problem = g_string_new(NULL);
	g_autofree struct machine *m = g_new0(struct machine, 1);

	for (uint64_t offset = 0; offset < f->size;) {
		struct packet p;
		enum packet_status status = read_packet(f, offset, &p, m, problem);

		if (status == PACKET_ASTRAY && !offset && !is_stream_name(f->path))
			return;
		if (status != PACKET_FINE)
			report(f, info, problem->str);
		if (status == PACKET_ASTRAY) {
			offset = find_packet(f, offset, m);
			continue;
		}
		if (p.size > f->size - offset) {
			if (status == PACKET_FINE)
				shorten(f, offset, &p, m, info);
			else
				p.size = find_packet(f, offset, m) - offset;
		}
		if (status == PACKET_FINE)
			add_packet(f, &p, offset);
		offset += p.size;
	}
}

struct data_file *data_file_new(const char *path, const struct schema *s,
				struct fb_source_info *info)
{
	struct data_file *f = g_new0(struct data_file, 1);
	struct stat st;

	f->path = g_strdup(path);
	f->schema = s;
	f->packets = g_array_new(FALSE, FALSE, sizeof(struct packet_ref));
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (f->fd < 0 || fstat(f->fd, &st)) {
		info_problem(info, "%s: %s", path, g_strerror(errno));
	} else if (S_ISREG(st.st_mode)) {
		f->size = st.st_size;
		find_packets(f, info);
	}
	if (f->fd >= 0)
		close(f->fd);
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
