/* SPDX-License-Identifier: MIT */
/*
 * digits.h - numbers as decimal digits. A row has a dozen of them, so there is no
 * loop and no branch on how many digits one has: eight digits are made at once,
 * leading zeros are shifted out, and eight bytes are written always.
 */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include <stdint.h>
#include <string.h>

#include <glib.h>

#define DIGITS_ROOM 24 /* for any integer; all of them may be written to */

/*
 * The digits of n < 100000000, a byte each, the first one lowest. Halves, quarters,
 * eighths: each step divides in all lanes of the word at once, by multiplication.
 */
static inline uint64_t eight_digits(uint32_t n)
{
	uint64_t lanes = n / 10000 | (uint64_t)(n % 10000) << 32;
	uint64_t tops = (lanes * 5243 >> 19) & UINT64_C(0x0000007f0000007f);

	lanes = tops | (lanes - tops * 100) << 16;
	tops = (lanes * 103 >> 10) & UINT64_C(0x000f000f000f000f);
	return tops | (lanes - tops * 10) << 8;
}

static inline void put_bytes_of(char *to, uint64_t digits)
{
	digits = GUINT64_TO_LE(digits);
	memcpy(to, &digits, sizeof(digits));
}

#define ASCII_ZEROS UINT64_C(0x3030303030303030)

static inline char *put_eight(char *to, uint32_t n)
{
	put_bytes_of(to, eight_digits(n) + ASCII_ZEROS);
	return to + 8;
}

/* n < 100000000, without leading zeros. */
static inline char *put_small(char *to, uint32_t n)
{
	uint64_t digits = eight_digits(n);
	int zeros = __builtin_ctzll(digits | UINT64_C(1) << 56) / 8;

	put_bytes_of(to, (digits + ASCII_ZEROS) >> 8 * zeros);
	return to + 8 - zeros;
}

/* These write to `to`, which has DIGITS_ROOM bytes, and return where they stopped. */
static inline char *put_uint(char *to, uint64_t n)
{
	const uint64_t eight = 100000000;

	if (n < eight)
		return put_small(to, n);
	if (n < eight * eight)
		return put_eight(put_small(to, n / eight), n % eight);
	to = put_small(to, n / (eight * eight));
	to = put_eight(to, n / eight % eight);
	return put_eight(to, n % eight);
}

static inline char *put_int(char *to, int64_t n)
{
	*to = '-';
	return n < 0 ? put_uint(to + 1, -(uint64_t)n) : put_uint(to, n);
}

/* Exactly nine digits of n < 1000000000. */
static inline char *put_nine(char *to, uint32_t n)
{
	*to = '0' + n / 100000000;
	return put_eight(to + 1, n % 100000000);
}

#endif
