/* SPDX-License-Identifier: MIT */
/* beside.h - captures that lie where a trace does. */
#ifndef CAPTURE_BESIDE_H
#define CAPTURE_BESIDE_H

#include <glib.h>

/*
 * Adds the paths of files named *.pcap* in the trace's directory and the one above, or in these of the
 * session that it is a part of, sorted by their names.
 */
void captures_beside(const char *trace, GPtrArray *paths);

#endif
