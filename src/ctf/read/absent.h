/* SPDX-License-Identifier: MIT */
/* absent.h - what a recording must have had, and what is not there. */
#ifndef CTF_READ_ABSENT_H
#define CTF_READ_ABSENT_H

#include <glib.h>

#include <flightbox/times.h>

struct fb_source_info;

/*
 * LTTng makes a file for each CPU in each channel, and ends all of them when it stops. CPUs
 * of which a channel has none are noted in `info`; files that end long before the trace
 * are taken for cut. Both are told. `streams` are struct stream *; the last packet of all
 * ends at `until`.
 */
void find_absent(const GPtrArray *streams, fb_ns until, struct fb_source_info *info);

#endif
