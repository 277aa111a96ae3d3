/* SPDX-License-Identifier: MIT */
/* tape.c - reads a file piece by piece, and inflates it when it is gzip's. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include <flightbox/error.h>

#include "base/files.h"
#include "packets/capture/tape.h"

#define WINDOW (2 * TAPE_MOST)
#define PIECE  65536 /* bytes of a compressed file at a time */

struct source_file {
	char *path;
	int fd;
	bool is_gzip, in_member; /* a gzip file is one member behind the other */
	z_stream inflater;
	uint8_t *piece;
	uint64_t position; /* behind the piece, in the file itself */
};

/* ---- the file --------------------------------------------------------------------------- */

static void fail(struct tape *s, uint64_t position, const char *what)
{
	if (!s->error)
		s->error =
			g_error_new(FB_ERROR, FB_ERROR_FORMAT, "%s: byte %" G_GUINT64_FORMAT ": %s",
				    s->file->path, position, what);
}

/* How many bytes were read; 0: it is the end, or it failed. */
static size_t read_some(struct tape *s, uint8_t *to, size_t most)
{
	ssize_t n;

	do
		n = read(s->file->fd, to, most);
	while (n < 0 && errno == EINTR);
	if (n < 0 && !s->error)
		s->error = g_error_new(FB_ERROR, FB_ERROR_IO, "%s: %s", s->file->path,
				       g_strerror(errno));
	return MAX(n, 0);
}

/* ---- gzip ------------------------------------------------------------------------------- */

static bool read_piece(struct tape *s)
{
	struct source_file *f = s->file;
	size_t left = f->inflater.avail_in, n;

	memmove(f->piece, f->inflater.next_in, left);
	n = read_some(s, f->piece + left, PIECE - left);
	f->position += n;
	f->inflater.next_in = f->piece;
	f->inflater.avail_in = left + n;
	return n > 0;
}

/* Whatever else follows a member is padding, as gzip itself takes it. */
static bool begin_member(struct tape *s)
{
	struct source_file *f = s->file;
	const z_stream *z = &f->inflater;

	while (z->avail_in < 2)
		if (!read_piece(s))
			return false;
	if (z->next_in[0] != 0x1f || z->next_in[1] != 0x8b)
		return false;
	inflateReset(&f->inflater);
	f->in_member = true;
	return true;
}

/* Like read_some(). */
static size_t inflate_some(struct tape *s, uint8_t *to, size_t most)
{
	struct source_file *f = s->file;
	z_stream *z = &f->inflater;
	int result;

	z->next_out = to;
	z->avail_out = most;
	while (z->avail_out == most && !s->error && (f->in_member || begin_member(s))) {
		if (!z->avail_in && !read_piece(s)) {
			fail(s, f->position, "the gzip data ends early");
			break;
		}
		result = inflate(z, Z_NO_FLUSH);
		if (result == Z_STREAM_END)
			f->in_member = false;
		else if (result != Z_OK && result != Z_BUF_ERROR)
			fail(s, f->position - z->avail_in, "damaged gzip data");
	}
	return most - z->avail_out;
}

static bool begin_gzip(struct source_file *f, const struct tape *s)
{
	size_t n = s->end - s->at;

	if (n < 2 || s->at[0] != 0x1f || s->at[1] != 0x8b)
		return false;
	f->piece = g_malloc(PIECE);
	memcpy(f->piece, s->at, n);
	f->inflater.next_in = f->piece;
	f->inflater.avail_in = n;
	f->position = n;
	/* 16: gzip's header, not zlib's. It fails for want of memory alone. */
	if (inflateInit2(&f->inflater, MAX_WBITS + 16) != Z_OK)
		g_error("out of memory");
	return f->in_member = true;
}

/* ---- the window ------------------------------------------------------------------------- */

bool tape_fill(struct tape *s, size_t n)
{
	size_t left = s->end - s->at, more;

	g_assert(n <= TAPE_MOST);
	s->window_position = tape_position(s);
	memmove(s->window, s->at, left);
	do {
		uint8_t *to = s->window + left;

		more = s->file->is_gzip ? inflate_some(s, to, WINDOW - left)
					: read_some(s, to, WINDOW - left);
		left += more;
	} while (left < n && more);
	s->at = s->window;
	s->end = s->window + left;
	return left >= n;
}

bool tape_skip(struct tape *s, uint64_t n)
{
	while (n > (size_t)(s->end - s->at)) {
		n -= s->end - s->at;
		s->at = s->end;
		if (!tape_fill(s, 1))
			return false;
	}
	s->at += n;
	return true;
}

uint64_t tape_position(const struct tape *s)
{
	return s->window_position + (s->at - s->window);
}

struct tape *tape_open(const char *path, GError **error)
{
	struct stat st;
	int fd = file_open(path, &st, error);
	struct tape *s;

	if (fd < 0)
		return NULL;
	s = g_new0(struct tape, 1);
	s->file = g_new0(struct source_file, 1);
	s->file->path = g_strdup(path);
	s->file->fd = fd;
	s->at = s->end = s->window = g_malloc(WINDOW);
	/* What read() gives at first fits into a piece. */
	s->end += read_some(s, s->window, PIECE);
	if ((s->file->is_gzip = begin_gzip(s->file, s)))
		s->end = s->at;
	return s;
}

void tape_close(struct tape *s)
{
	if (!s)
		return;
	if (s->file->is_gzip)
		inflateEnd(&s->file->inflater);
	close(s->file->fd);
	g_free(s->file->piece);
	g_free(s->file->path);
	g_free(s->file);
	g_free(s->window);
	g_clear_error(&s->error);
	g_free(s);
}
