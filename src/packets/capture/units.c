/* SPDX-License-Identifier: MIT */
/* units.c - any of pcapng's resolutions to nanoseconds. */
#include "packets/capture/units.h"

#define SECOND 1000000000

static __int128 multiply_by_tens(__int128 number, unsigned n)
{
	while (n--)
		number *= 10;
	return number;
}

static uint64_t divide_by_tens(uint64_t number, unsigned n)
{
	while (n-- && number)
		number /= 10;
	return number;
}

fb_ns units_to_ns(uint8_t resolution, uint64_t ticks, int64_t seconds)
{
	unsigned n = resolution & (UNITS_OF_TWO - 1);
	__int128 ns;

	if (resolution & UNITS_OF_TWO)
		ns = (__int128)ticks * SECOND >> n;
	else
		ns = n <= 9 ? multiply_by_tens(ticks, 9 - n) : divide_by_tens(ticks, n - 9);
	ns += (__int128)seconds * SECOND;
	return ns >= INT64_MIN && ns <= INT64_MAX ? (fb_ns)ns : FB_NS_NONE;
}
