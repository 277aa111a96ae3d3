/* SPDX-License-Identifier: MIT */
/* decode-times.h - what decode.c and decode-any.c do alike: times, and faults. */
#ifndef CTF_READ_DECODE_TIMES_H
#define CTF_READ_DECODE_TIMES_H

#include "ctf/read/decode.h"
#include "source/facts.h"

#define NS_PER_S 1000000000u

/* The whole clock value, of which an event has only the low bits. */
static inline uint64_t advance_clock(uint64_t clock, uint64_t low, unsigned bits)
{
	if (bits >= 64)
		return low;
	return clock + ((low - clock) & ((UINT64_C(1) << bits) - 1));
}

/* An event's time; one before the last event's is taken for the same. */
static inline fb_ns event_time(uint64_t clock, uint64_t freq, fb_ns last, uint64_t *steps)
{
	fb_ns time = G_LIKELY(freq == NS_PER_S) ? (fb_ns)clock : scale_clock(clock, freq);

	if (G_LIKELY(time >= last))
		return time;
	++*steps;
	return last;
}

static inline size_t fail(struct decoder *d, enum decode_fault fault, uint64_t value)
{
	d->fault = fault;
	d->value = value;
	return 0;
}

/* decode-any.c */
/* Like decode(), step by step as the header's program and each event's tell. */
void decode_any(struct decoder *d, struct decoded *to);

#endif
