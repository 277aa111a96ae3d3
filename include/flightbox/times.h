/* SPDX-License-Identifier: MIT */
/*
 * times.h - times and durations as people write them. Whatever a report prints,
 * --begin and --end take back.
 */
#ifndef FLIGHTBOX_TIMES_H
#define FLIGHTBOX_TIMES_H

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#include <flightbox/ns.h>

enum fb_time_form {
	FB_TIME_MONOTONIC, /* ns by the trace's clock */
	FB_TIME_EPOCH,     /* ns since 1970 */
	FB_TIME_UTC,       /* 2026-11-20 12:20:54.123456789 */
	FB_TIME_LOCAL,
	FB_TIME_RELATIVE,  /* +1.234567890: seconds since the trace's begin */
};

/* What a time by a trace's clock means to people; see fb_source_clock(). */
struct fb_clock {
	fb_ns offset; /* add to a time: ns since the epoch */
	fb_ns begin;  /* of the trace */
};

#define FB_TIME_SIZE 48 /* bytes for any time with its NUL */

/* Their names, in that order, NULL-terminated. */
extern const char *const fb_time_forms[];

/* Writes a time of the trace's clock into `to` and returns its length. */
size_t fb_time_format(char to[FB_TIME_SIZE], fb_ns time, enum fb_time_form form,
		      struct fb_clock clock);

/*
 * Reads a time into the trace's clock:
 *
 *	99500812873                     ns by the trace's clock
 *	1795177254123456789             ns since the epoch: what lies nearer to the trace
 *	+1.5s  +300ms  +1.234567890     after the trace's begin; seconds when it has no unit
 *	2026-11-20 12:20:54.123456789   date and time, with T instead of the blank and with or
 *	                                without a fraction; UTC with `form` UTC or Z at its end,
 *	                                else local time
 *	12:20:54.123                    on the day of the trace's begin
 */
bool fb_time_parse(const char *text, enum fb_time_form form, struct fb_clock clock,
		   fb_ns *time, GError **error);

/* Reads a duration: "10ms", "250us", "1.5s", "100ns", "2min"; a bare 0 needs no unit. */
bool fb_duration_parse(const char *text, fb_ns *duration, GError **error);

#endif
