/* SPDX-License-Identifier: MIT */
/*
 * graph.h - flightbox reading through babeltrace2: whatever its installed plugins
 * recognise, and live sessions. Part of the command, not of the library. Built
 * without babeltrace2 it opens nothing and says so.
 */
#ifndef BT2_GRAPH_H
#define BT2_GRAPH_H

#include <flightbox/source.h>

extern const struct fb_source_ops fb_source_babeltrace;

/* Whether that is the address of a live session: net://HOST/host/TARGET/SESSION. */
bool is_live_url(const char *path);

/*
 * Has whatever fb_source_babeltrace is doing end soon: a source under way ends as
 * if its trace ended here. May be called from a signal's handler.
 */
void babeltrace_interrupt(void);

#endif
