/* SPDX-License-Identifier: MIT */
/* units.h - times as pcapng's interfaces count them. */
#ifndef CAPTURE_UNITS_H
#define CAPTURE_UNITS_H

#include <flightbox/ns.h>

#define UNITS_OF_TWO 0x80

/*
 * Ticks of 10^-N s, or of 2^-N s when the resolution is UNITS_OF_TWO | N, in ns since the epoch, from
 * which they count so many seconds later. FB_NS_NONE: more than 64 bits hold.
 */
fb_ns units_to_ns(uint8_t resolution, uint64_t ticks, int64_t seconds);

#endif
