/* SPDX-License-Identifier: MIT */
/* file.c - the header of a perf.data: see file.h. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <flightbox/error.h>

#include "base/files.h"
#include "perf/bytes.h"
#include "perf/file.h"

#define MAGIC_SIZE    8
#define HEADER_SIZE   104
#define HEADER_PIPE   16	 /* of what perf wrote to a pipe */
#define ATTRS_MAX     (64 << 20) /* bytes of attrs; of their ids as many */
#define FEATURE_WORDS (FEATURES / 64)

/* ---- bytes ------------------------------------------------------------------------------ */

ssize_t perf_file_read(const struct perf_file *f, uint64_t offset, void *to, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = pread(f->fd, (char *)to + done, n - done, offset + done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += got;
	}
	return done;
}

static bool fail_section(const struct perf_file *f, const struct section *s, const char *what,
			 GError **error)
{
	g_set_error(error, FB_ERROR, FB_ERROR_FORMAT,
		    "%s: byte %" G_GUINT64_FORMAT ": %s of %" G_GUINT64_FORMAT
		    " bytes, but the file has %" G_GUINT64_FORMAT "; is it cut off?",
		    f->path, s->offset, what, s->size, f->size);
	return false;
}

uint8_t *perf_file_section(const struct perf_file *f, const struct section *s, uint64_t most,
			   const char *what, GError **error)
{
	uint8_t *bytes;

	if (s->offset > f->size || s->size > f->size - s->offset || s->size > most) {
		fail_section(f, s, what, error);
		return NULL;
	}
	bytes = g_malloc(s->size + 1);
	bytes[s->size] = '\0';
	if (perf_file_read(f, s->offset, bytes, s->size) == (ssize_t)s->size)
		return bytes;
	g_free(bytes);
	fail_section(f, s, what, error);
	return NULL;
}

/* ---- the header ------------------------------------------------------------------------- */

static bool is_magic(const uint8_t *at, bool *big_endian)
{
	*big_endian = !memcmp(at, "2ELIFREP", MAGIC_SIZE);
	return *big_endian || !memcmp(at, "PERFILE2", MAGIC_SIZE);
}

bool perf_file_probe(const char *path)
{
	uint8_t magic[MAGIC_SIZE];
	struct stat st;
	struct perf_file f = { .fd = file_open(path, &st, NULL) };
	bool be, is_one = f.fd >= 0 && S_ISREG(st.st_mode) &&
			  perf_file_read(&f, 0, magic, sizeof(magic)) == sizeof(magic) &&
			  is_magic(magic, &be);

	if (f.fd >= 0)
		close(f.fd);
	return is_one;
}

static struct section section_at(const uint8_t *at, bool be)
{
	return (struct section){ get64(at, be), get64(at + 8, be) };
}

/* Behind the data, for each bit that is set, where its section is. */
static bool find_features(struct perf_file *f, const uint8_t *bits, GError **error)
{
	uint64_t at = f->data.offset + f->data.size;

	for (unsigned i = 0; i < FEATURES; i++) {
		const struct section where = { at, 16 };
		uint8_t bytes[16];

		if (!(get64(bits + i / 64 * 8, f->big_endian) >> i % 64 & 1))
			continue;
		if (perf_file_read(f, at, bytes, sizeof(bytes)) != sizeof(bytes))
			return fail_section(f, &where, "the place of a feature", error);
		f->features[i] = section_at(bytes, f->big_endian);
		at += sizeof(bytes);
	}
	return true;
}

static bool read_header(struct perf_file *f, GError **error)
{
	uint8_t h[HEADER_SIZE] = { 0 };
	ssize_t n = perf_file_read(f, 0, h, sizeof(h));
	uint64_t size;

	if (n < MAGIC_SIZE || !is_magic(h, &f->big_endian)) {
		g_set_error(error, FB_ERROR, FB_ERROR_FOREIGN, "%s: is no recording of perf", f->path);
		return false;
	}
	size = get64(h + 8, f->big_endian);
	if (size == HEADER_PIPE) {
		f->data = (struct section){ HEADER_PIPE, f->size - MIN(f->size, HEADER_PIPE) };
		return true;
	}
	if (n < HEADER_SIZE || size < HEADER_SIZE)
		return fail_section(f, &(struct section){ 0, MAX(size, HEADER_SIZE) }, "a header",
				    error);
	f->attr_size = get64(h + 16, f->big_endian);
	f->attrs = section_at(h + 24, f->big_endian);
	f->data = section_at(h + 40, f->big_endian);
	if (!f->data.size) {
		g_set_error(error, FB_ERROR, FB_ERROR_FORMAT,
			    "%s: byte 48: perf has not ended this recording, and without its formats "
			    "nobody can read it",
			    f->path);
		return false;
	}
	if (f->data.offset > f->size || f->data.size > f->size - f->data.offset)
		return fail_section(f, &f->data, "data", error);
	return find_features(f, h + 72, error);
}

bool perf_file_open(struct perf_file *f, const char *path, GError **error)
{
	struct stat st;

	*f = (struct perf_file){ .path = path, .fd = file_open(path, &st, error) };
	if (f->fd < 0)
		return false;
	f->size = st.st_size;
	return read_header(f, error);
}

void perf_file_close(struct perf_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* ---- attrs ------------------------------------------------------------------------------ */

static bool add_ids(const struct perf_file *f, struct attrs *attrs, const struct section *s,
		    GError **error)
{
	g_autofree uint8_t *ids = perf_file_section(f, s, ATTRS_MAX, "ids of an event", error);

	for (uint64_t i = 0; ids && i < s->size / 8; i++)
		attrs_add_id(attrs, get64(ids + i * 8, f->big_endian));
	return ids != NULL;
}

bool perf_file_attrs(struct perf_file *f, struct attrs *attrs, GError **error)
{
	g_autofree uint8_t *all = perf_file_section(f, &f->attrs, ATTRS_MAX, "attrs", error);

	if (!all)
		return false;
	if (f->attr_size < ATTR_SIZE_MIN + 16 || f->attr_size > f->attrs.size ||
	    f->attrs.size % f->attr_size)
		return fail_section(f, &f->attrs, "attrs of an odd size", error);
	for (uint64_t at = 0; at < f->attrs.size; at += f->attr_size) {
		const uint8_t *end = all + at + f->attr_size;
		const struct section ids = section_at(end - 16, f->big_endian);

		attrs_add(attrs, all + at, f->attr_size - 16);
		if (!add_ids(f, attrs, &ids, error))
			return false;
	}
	return perf_file_finish_attrs(f, attrs, error);
}

bool perf_file_finish_attrs(const struct perf_file *f, struct attrs *attrs, GError **error)
{
	if (attrs_finish(attrs))
		return true;
	g_set_error(error, FB_ERROR, FB_ERROR_FORMAT,
		    "%s: byte %" G_GUINT64_FORMAT
		    ": events whose records cannot be told from each other",
		    f->path, f->attrs.offset);
	return false;
}
