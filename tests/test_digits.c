/* SPDX-License-Identifier: MIT */
/* test_digits.c - numbers as digits, against printf. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/digits.h"

static void assert_digits(const char *digits, const char *end, const char *expected)
{
	g_autofree char *got = g_strndup(digits, end - digits);

	assert_string_equal(got, expected);
}

static void assert_uint(uint64_t n)
{
	char digits[DIGITS_ROOM], expected[32];

	snprintf(expected, sizeof(expected), "%" PRIu64, n);
	assert_digits(digits, put_uint(digits, n), expected);
}

static void assert_int(int64_t n)
{
	char digits[DIGITS_ROOM], expected[32];

	snprintf(expected, sizeof(expected), "%" PRId64, n);
	assert_digits(digits, put_int(digits, n), expected);
}

static void numbers_round_powers_of_ten_have_their_digits(void **state)
{
	uint64_t power = 1;

	(void)state;
	for (int i = 0; i < 20; i++, power *= 10)
		for (uint64_t n = power - 1; n <= power + 1; n++) {
			assert_uint(n);
			assert_uint(n * 9);
			assert_int(-(int64_t)n);
		}
}

static void the_ends_of_the_range_have_their_digits(void **state)
{
	(void)state;
	assert_uint(UINT64_MAX);
	assert_int(INT64_MAX);
	assert_int(INT64_MIN);
	assert_int(-1);
}

static void numbers_of_every_length_have_their_digits(void **state)
{
	GRand *rand = g_rand_new_with_seed(1);

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t n = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);

		assert_uint(n >> g_rand_int_range(rand, 0, 64));
	}
	g_rand_free(rand);
}

static void nine_digits_are_nine(void **state)
{
	static const struct {
		uint32_t n;
		const char *digits;
	} cases[] = {
		{ 0, "000000000" }, { 1, "000000001" }, { 99999999, "099999999" },
		{ 100000000, "100000000" }, { 120345678, "120345678" }, { 999999999, "999999999" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char digits[9];

		assert_digits(digits, put_nine(digits, cases[i].n), cases[i].digits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_round_powers_of_ten_have_their_digits),
		cmocka_unit_test(the_ends_of_the_range_have_their_digits),
		cmocka_unit_test(numbers_of_every_length_have_their_digits),
		cmocka_unit_test(nine_digits_are_nine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
