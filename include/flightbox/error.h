/* SPDX-License-Identifier: MIT */
/*
 * error.h - how flightbox's functions fail.
 *
 * A function that can fail takes a GError ** last and returns bool or a
 * pointer. On failure it sets the error and touches no other output. The
 * message is complete: it names the file, the byte offset (or line and column)
 * and what was expected, so callers add nothing.
 *
 * Odd traces (lost events, unknown tids, clocks that step back) are not errors:
 * they are clamped, counted, and the counts stand in the report.
 */
#ifndef FLIGHTBOX_ERROR_H
#define FLIGHTBOX_ERROR_H

#include <glib.h>

#define FB_ERROR (fb_error_quark())

enum fb_error {
	FB_ERROR_IO,          /* the system refused: open, read, map, write */
	FB_ERROR_NOT_FOUND,   /* no kernel trace at or below the path */
	FB_ERROR_FORMAT,      /* bytes or text that are not what the format demands */
	FB_ERROR_UNSUPPORTED, /* well-formed, but nothing that flightbox reads (user space) */
	FB_ERROR_USAGE,       /* an option or its value makes no sense */
	FB_ERROR_FOREIGN,     /* a format that only another reader may know */
};

GQuark fb_error_quark(void);

#endif
