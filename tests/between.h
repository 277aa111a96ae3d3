/* SPDX-License-Identifier: MIT */
/*
 * between.h - that a number is not below one and not above another. cmocka's own assert_in_range()
 * is deprecated since 2.0, and what takes its place is not in 1.1. To be included behind cmocka.h.
 */
#ifndef BETWEEN_H
#define BETWEEN_H

#define assert_between(value, min, max) \
	assert_true((int64_t)(value) >= (int64_t)(min) && (int64_t)(value) <= (int64_t)(max))

#endif
