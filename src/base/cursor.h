/* SPDX-License-Identifier: MIT */
/*
 * cursor.h - bounded reads of bits from one packet.
 *
 * Positions are bits from `base`, where alignment counts from too. A read past
 * the end yields zero and marks the cursor failed; no read ever leaves
 * [base, base + end). So a decoder runs straight ahead and looks at `fault`
 * once per event.
 */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <glib.h>

enum cursor_fault {
	CURSOR_FINE,
	CURSOR_END,	 /* something is longer than what is left */
	CURSOR_STRING,	 /* a string without end */
	CURSOR_SEQUENCE, /* a sequence of more elements than can follow */
	CURSOR_TAG,	 /* a value that selects no option of its variant */
	CURSOR_LEB128,	 /* an integer of more than 64 bits */
};

struct cursor {
	const uint8_t *base;
	uint64_t pos, end;	 /* bits; pos <= end */
	enum cursor_fault fault; /* the first one; nothing moves after it */
	uint64_t value;		 /* the offending length or tag */
};

static inline void cursor_fail(struct cursor *c, enum cursor_fault fault, uint64_t value)
{
	if (c->fault)
		return;
	c->fault = fault;
	c->value = value;
}

/* `alignment` in bits, a power of two. */
static inline void cursor_align(struct cursor *c, uint64_t alignment)
{
	uint64_t skip = -c->pos & (alignment - 1);

	if (skip > c->end - c->pos)
		cursor_fail(c, CURSOR_END, skip);
	else if (!c->fault)
		c->pos += skip;
}

static inline void cursor_skip(struct cursor *c, uint64_t bits)
{
	if (bits > c->end - c->pos)
		cursor_fail(c, CURSOR_END, bits);
	else if (!c->fault)
		c->pos += bits;
}

/* Past the NUL that ends a string of such characters; the cursor stands on a byte. */
static inline void cursor_string(struct cursor *c, unsigned unit)
{
	const uint8_t *at = c->base + c->pos / 8;
	size_t left = (c->end - c->pos) / 8;
	const uint8_t *nul = memchr(at, '\0', left);

	while (unit > 1 && nul) {
		static const uint8_t nuls[4];
		size_t from = (nul - at) / unit * unit;

		if (left - from < unit) {
			nul = NULL;
		} else if (!memcmp(at + from, nuls, unit)) {
			nul = at + from + unit - 1;
			break;
		} else {
			nul = memchr(at + from + unit, '\0', left - from - unit);
		}
	}
	if (!nul)
		cursor_fail(c, CURSOR_STRING, 0);
	else if (!c->fault)
		c->pos += (nul - at + 1) * 8;
}

#define LEB128_MAX 10 /* bytes of 64 bits */

/* The integer in LEB128 that is there as a whole, seven bits a byte from the lowest on. */
static inline uint64_t leb128_get(const uint8_t *at, bool is_signed)
{
	uint64_t value = 0;
	unsigned n = 0;

	do
		value |= (uint64_t)(at[n] & 0x7f) << 7 * n;
	while (at[n++] & 0x80 && n < LEB128_MAX);
	if (is_signed && n < LEB128_MAX && at[n - 1] & 0x40)
		value |= UINT64_MAX << 7 * n;
	return value;
}

/* How many bytes it has from the cursor on, which stands on a byte and stays; 0 and failed: none. */
static inline unsigned cursor_leb128(struct cursor *c, bool is_signed)
{
	const uint8_t *at = c->base + c->pos / 8;
	uint64_t left = (c->end - c->pos) / 8;
	unsigned n = 0;

	while (n < left && n < LEB128_MAX && at[n] & 0x80)
		n++;
	if (n == left) {
		cursor_fail(c, CURSOR_END, 8 * (n + 1));
		return 0;
	}
	/* The tenth byte has room for the highest bit alone, and for its copies. */
	if (n == LEB128_MAX ||
	    (n == LEB128_MAX - 1 && at[n] > 1 && !(is_signed && at[n] == 0x7f)) ||
	    (n == LEB128_MAX - 1 && is_signed && at[n] == 1)) {
		cursor_fail(c, CURSOR_LEB128, n);
		return 0;
	}
	return c->fault ? 0 : n + 1;
}

/* Bit-fields fill a byte from its low end in little-endian traces, from its high end otherwise. */
static inline uint64_t bits_get_odd(const uint8_t *base, uint64_t pos, unsigned size,
				    bool big_endian)
{
	const uint8_t *at = base + pos / 8;
	unsigned phase = pos % 8;
	uint64_t value = 0;

	for (unsigned done = 0; done < size; at++, phase = 0) {
		unsigned n = MIN(8 - phase, size - done);
		uint64_t mask = (1u << n) - 1;

		if (big_endian)
			value = value << n | (*at >> (8 - phase - n) & mask);
		else
			value |= (*at >> phase & mask) << done;
		done += n;
	}
	return value;
}

static inline uint16_t bytes_get16(const uint8_t *at)
{
	uint16_t v;

	memcpy(&v, at, sizeof(v));
	return v;
}

static inline uint32_t bytes_get32(const uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return v;
}

static inline uint64_t bytes_get64(const uint8_t *at)
{
	uint64_t v;

	memcpy(&v, at, sizeof(v));
	return v;
}

/* The `size` bits (1 to 64) at `pos`, which the caller knows to be there. */
static inline uint64_t bits_get(const uint8_t *base, uint64_t pos, unsigned size, bool big_endian)
{
	const uint8_t *at = base + pos / 8;

	if (pos % 8)
		return bits_get_odd(base, pos, size, big_endian);
	switch (size) {
	case 8:
		return *at;
	case 16:
		return big_endian ? GUINT16_FROM_BE(bytes_get16(at))
				  : GUINT16_FROM_LE(bytes_get16(at));
	case 32:
		return big_endian ? GUINT32_FROM_BE(bytes_get32(at))
				  : GUINT32_FROM_LE(bytes_get32(at));
	case 64:
		return big_endian ? GUINT64_FROM_BE(bytes_get64(at))
				  : GUINT64_FROM_LE(bytes_get64(at));
	default:
		return bits_get_odd(base, pos, size, big_endian);
	}
}

/* The same bits in the other order. */
static inline uint64_t bits_reverse(uint64_t value, unsigned size)
{
	uint64_t reversed = 0;

	for (unsigned i = 0; i < size; i++)
		reversed |= (value >> i & 1) << (size - 1 - i);
	return reversed;
}

static inline uint64_t sign_extend(uint64_t value, unsigned size)
{
	uint64_t sign = UINT64_C(1) << (size - 1);

	return (value ^ sign) - sign;
}

/* The `size` bits `ahead` of the cursor, which stays; 0 and failed when they are not there. */
static inline uint64_t cursor_peek(struct cursor *c, uint64_t ahead, unsigned size, bool big_endian)
{
	uint64_t left = c->end - c->pos;

	if (ahead > left || size > left - ahead) {
		cursor_fail(c, CURSOR_END, size);
		return 0;
	}
	return c->fault ? 0 : bits_get(c->base, c->pos + ahead, size, big_endian);
}

#endif
