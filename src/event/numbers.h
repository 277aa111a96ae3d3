/* SPDX-License-Identifier: MIT */
/* numbers.h - numbers of 1, 2, 4 or 8 bytes to struct fb_event. */
#ifndef EVENT_NUMBERS_H
#define EVENT_NUMBERS_H

#include <flightbox/event.h>

/* Where the lower `size` bytes of an int64_t begin. */
#define LOW_BYTES(size) (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 8 - (size) : 0)

/* Sets `size` bytes at the offset `to`; what reads them is fb_event_number(). */
static inline void event_set_number(struct fb_event *ev, unsigned to, unsigned size,
				     int64_t number)
{
	memcpy((char *)ev + to, (const char *)&number + LOW_BYTES(size), size);
}

#endif
