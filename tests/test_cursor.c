/* SPDX-License-Identifier: MIT */
/* test_cursor.c - bounded reads of bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cursor.h"

/* One bit as the byte order counts them. */
static unsigned bit_at(const uint8_t *bytes, uint64_t pos, bool big_endian)
{
	return bytes[pos / 8] >> (big_endian ? 7 - pos % 8 : pos % 8) & 1;
}

/* The value, bit by bit. */
static uint64_t slow_bits(const uint8_t *bytes, uint64_t pos, unsigned size, bool big_endian)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (uint64_t)bit_at(bytes, pos + i, big_endian)
			 << (big_endian ? size - 1 - i : i);
	return value;
}

static void bits_of_any_size_at_any_place(void **state)
{
	uint8_t bytes[16];

	(void)state;
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = i * 151 + 29;
	for (unsigned pos = 0; pos < 64; pos++)
		for (unsigned size = 1; size <= 64; size++) {
			assert_int_equal(bits_get(bytes, pos, size, false),
					 slow_bits(bytes, pos, size, false));
			assert_int_equal(bits_get(bytes, pos, size, true),
					 slow_bits(bytes, pos, size, true));
		}
}

static void reads_touch_no_byte_but_their_own(void **state)
{
	(void)state;
	for (unsigned pos = 0; pos < 16; pos++)
		for (unsigned size = 1; size <= 64; size++) {
			size_t n = (pos + size + 7) / 8;
			/* Exactly as long as needed, so that a byte too far is seen. */
			uint8_t *bytes = g_malloc0(n);

			assert_int_equal(bits_get(bytes, pos, size, false), 0);
			assert_int_equal(bits_get(bytes, pos, size, true), 0);
			g_free(bytes);
		}
}

static void signs_extend(void **state)
{
	(void)state;
	assert_int_equal((int64_t)sign_extend(0x1f, 5), -1);
	assert_int_equal((int64_t)sign_extend(0x0f, 5), 15);
	assert_int_equal((int64_t)sign_extend(1, 1), -1);
	assert_int_equal((int64_t)sign_extend(UINT64_C(1) << 63, 64), INT64_MIN);
}

static void the_first_fault_sticks(void **state)
{
	const uint8_t bytes[4] = { 1, 2, 3, 4 };
	struct cursor c = { .base = bytes, .end = 32 };

	(void)state;
	cursor_skip(&c, 24);
	cursor_skip(&c, 9);
	assert_int_equal(c.fault, CURSOR_END);
	assert_int_equal(c.pos, 24);
	cursor_skip(&c, 1);
	cursor_align(&c, 32);
	cursor_string(&c, 1);
	assert_int_equal(c.fault, CURSOR_END);
	assert_int_equal(c.pos, 24);
	assert_int_equal(cursor_peek(&c, 0, 8, false), 0);
}

static void huge_sizes_do_not_wrap(void **state)
{
	const uint8_t bytes[4] = { 1, 2, 3, 4 };
	struct cursor c = { .base = bytes, .pos = 8, .end = 32 };

	(void)state;
	cursor_skip(&c, UINT64_MAX);
	assert_int_equal(c.fault, CURSOR_END);
	c.fault = CURSOR_FINE;
	assert_int_equal(cursor_peek(&c, UINT64_MAX - 7, 8, false), 0);
	assert_int_equal(c.fault, CURSOR_END);
}

static void strings_end_within_their_bytes(void **state)
{
	static const char text[] = "abc";

	(void)state;
	for (size_t n = 0; n <= sizeof(text); n++) {
		uint8_t *copy = malloc(n);
		struct cursor c = { .base = copy, .end = n * 8 };

		memcpy(copy, text, n);
		cursor_string(&c, 1);
		assert_int_equal(c.fault, n < sizeof(text) ? CURSOR_STRING : CURSOR_FINE);
		assert_int_equal(c.pos, n < sizeof(text) ? 0 : sizeof(text) * 8);
		free(copy);
	}
}

static void alignment_counts_from_the_base(void **state)
{
	const uint8_t bytes[16] = { 0 };
	struct cursor c = { .base = bytes, .pos = 1, .end = 100 };

	(void)state;
	cursor_align(&c, 1);
	assert_int_equal(c.pos, 1);
	cursor_align(&c, 8);
	assert_int_equal(c.pos, 8);
	cursor_align(&c, 64);
	assert_int_equal(c.pos, 64);
	cursor_skip(&c, 1);
	cursor_align(&c, 64);
	assert_int_equal(c.fault, CURSOR_END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_of_any_size_at_any_place),
		cmocka_unit_test(reads_touch_no_byte_but_their_own),
		cmocka_unit_test(signs_extend),
		cmocka_unit_test(the_first_fault_sticks),
		cmocka_unit_test(huge_sizes_do_not_wrap),
		cmocka_unit_test(strings_end_within_their_bytes),
		cmocka_unit_test(alignment_counts_from_the_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
