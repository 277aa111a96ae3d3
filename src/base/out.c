/* SPDX-License-Identifier: MIT */
/* out.c - a large buffer before a file descriptor. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <glib.h>

#include "base/out.h"

#define BUFFER_SIZE (256 * 1024)

void out_init(struct out *o, int fd)
{
	*o = (struct out){ .fd = fd, .buffer = g_malloc(BUFFER_SIZE) };
	o->at = o->buffer;
	o->end = o->buffer + BUFFER_SIZE;
}

void out_clear(struct out *o)
{
	g_free(o->buffer);
	*o = (struct out){ .fd = -1 };
}

/* ---- the end by a signal ----------------------------------------------------------------- */

static volatile sig_atomic_t is_writing; /* between two ends of lines */
static volatile sig_atomic_t ends_by;    /* the signal that came meanwhile; 0: none */

void out_end_by(int number)
{
	/* The second one wants it at once: nobody may be there to take the line. */
	if (is_writing && !ends_by) {
		ends_by = number;
		return;
	}
	signal(number, SIG_DFL);
	raise(number);
}

/* How many of the `n` bytes from `from` on are still to be written, behind `done` of them. */
static size_t left_to_write(const char *from, size_t done, size_t n)
{
	const char *newline;

	if (!ends_by || done == n)
		return n - done;
	if (!done || from[done - 1] == '\n')
		return 0;
	newline = memchr(from + done, '\n', n - done);
	return newline ? (size_t)(newline + 1 - from) - done : n - done;
}

/* Writes lines; where a signal wants the end, no more than the one that was begun. */
static void write_lines(struct out *o, size_t n)
{
	size_t done = 0, left;

	is_writing = true;
	while (!o->failed && (left = left_to_write(o->buffer, done, n))) {
		ssize_t written = write(o->fd, o->buffer + done, left);

		if (written >= 0)
			done += written;
		else if (errno != EINTR)
			o->failed = errno;
	}
	is_writing = false;
	if (ends_by)
		out_end_by(ends_by);
}

/* ---- the buffer -------------------------------------------------------------------------- */

static size_t whole_lines(const struct out *o)
{
	const char *newline = memrchr(o->buffer, '\n', o->at - o->buffer);

	return newline ? newline + 1 - o->buffer : 0;
}

void out_flush(struct out *o)
{
	write_lines(o, o->at - o->buffer);
	o->at = o->buffer;
}

void out_save(struct out *o)
{
	o->at = o->buffer + whole_lines(o);
	if (o->fd != OUT_MEMORY)
		out_flush(o);
}

/* Keeps a line that has only begun. */
static void flush_lines(struct out *o)
{
	size_t n = whole_lines(o), rest = o->at - o->buffer - n;

	if (!n)
		return;
	write_lines(o, n);
	memmove(o->buffer, o->buffer + n, rest);
	o->at = o->buffer + rest;
}

void out_make_room(struct out *o, size_t n)
{
	size_t size = o->end - o->buffer, used;

	if (o->fd != OUT_MEMORY)
		flush_lines(o);
	used = o->at - o->buffer;
	if (n <= size - used)
		return;
	size = MAX(2 * size, used + n);
	o->buffer = g_realloc(o->buffer, size);
	o->at = o->buffer + used;
	o->end = o->buffer + size;
}

char *put_hex(char *to, uint64_t n)
{
	int shift = n ? (63 - __builtin_clzll(n)) & ~3 : 0;

	*to++ = '0';
	*to++ = 'x';
	for (; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[n >> shift & 15];
	return to;
}

void out_int(struct out *o, int64_t n)
{
	o->at = put_int(out_room(o, OUT_NUMBER), n);
}

char *put_real(char *to, double x)
{
	g_ascii_formatd(to, REAL_ROOM, "%.9g", x);
	return to + strlen(to);
}
