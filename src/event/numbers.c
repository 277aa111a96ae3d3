/* SPDX-License-Identifier: MIT */
/* numbers.c - the numbers in struct fb_event, by the fields that the vocabulary lists. */
#include "event/numbers.h"

int64_t fb_event_number(const struct fb_event *ev, const struct fb_field *field)
{
	int unused = 64 - 8 * field->size;
	uint64_t bits = 0;

	memcpy((char *)&bits + LOW_BYTES(field->size), (const char *)ev + field->offset,
	       field->size);
	/* The sign, where there is one, is the top bit of the bytes there are. */
	return field->type == FB_FIELD_INT ? (int64_t)(bits << unused) >> unused : (int64_t)bits;
}
