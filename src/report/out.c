/* SPDX-License-Identifier: MIT */
/* out.c - a large buffer before a file descriptor, and numbers as digits. */
#include <errno.h>
#include <unistd.h>

#include <glib.h>

#include "out.h"

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

static const char digit_pairs[] = "00010203040506070809"
				  "10111213141516171819"
				  "20212223242526272829"
				  "30313233343536373839"
				  "40414243444546474849"
				  "50515253545556575859"
				  "60616263646566676869"
				  "70717273747576777879"
				  "80818283848586878889"
				  "90919293949596979899";

static inline void put_pair(char *to, uint32_t n)
{
	memcpy(to, digit_pairs + 2 * n, 2);
}

static inline char *put_eight(char *to, uint32_t n)
{
	uint32_t high = n / 10000, low = n % 10000;

	put_pair(to, high / 100);
	put_pair(to + 2, high % 100);
	put_pair(to + 4, low / 100);
	put_pair(to + 6, low % 100);
	return to + 8;
}

char *put_nine(char *to, uint32_t n)
{
	*to = '0' + n / 100000000;
	return put_eight(to + 1, n % 100000000);
}

/* n < 100000000, without leading zeros. */
static inline char *put_small(char *to, uint32_t n)
{
	char digits[8];
	int skip;

	if (n < 10) {
		*to = '0' + n;
		return to + 1;
	}
	put_eight(digits, n);
	skip = n < 10000 ? (n < 100 ? 6 : n < 1000 ? 5 : 4) :
			   (n < 100000 ? 3 : n < 1000000 ? 2 : n < 10000000 ? 1 : 0);
	memcpy(to, digits + skip, 8 - skip);
	return to + 8 - skip;
}

char *put_uint(char *to, uint64_t n)
{
	if (n < 100000000)
		return put_small(to, n);
	to = put_uint(to, n / 100000000);
	return put_eight(to, n % 100000000);
}

char *put_int(char *to, int64_t n)
{
	if (n >= 0)
		return put_uint(to, n);
	*to++ = '-';
	return put_uint(to, -(uint64_t)n);
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

void out_real(struct out *o, double x)
{
	char digits[G_ASCII_DTOSTR_BUF_SIZE];

	out_string(o, g_ascii_formatd(digits, sizeof(digits), "%.9g", x));
}
