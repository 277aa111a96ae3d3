/* SPDX-License-Identifier: MIT */
/* out.c - a large buffer before a file descriptor. */
#include <errno.h>
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

void out_flush(struct out *o)
{
	const char *from = o->buffer;

	while (from < o->at && !o->failed) {
		ssize_t n = write(o->fd, from, o->at - from);

		if (n >= 0)
			from += n;
		else if (errno != EINTR)
			o->failed = errno;
	}
	o->at = o->buffer;
}

void out_save(struct out *o)
{
	char *newline = memrchr(o->buffer, '\n', o->at - o->buffer);

	o->at = newline ? newline + 1 : o->buffer;
	if (o->fd != OUT_MEMORY)
		out_flush(o);
}

void out_make_room(struct out *o, size_t n)
{
	size_t size = o->end - o->buffer, used;

	if (o->fd != OUT_MEMORY)
		out_flush(o);
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
