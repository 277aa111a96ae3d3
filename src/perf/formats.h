/* SPDX-License-Identifier: MIT */
/*
 * formats.h - how the kernel that recorded lays out its tracepoints: the formats that perf and
 * trace-cmd save, as tracefs has them, read by libtraceevent.
 */
#ifndef PERF_FORMATS_H
#define PERF_FORMATS_H

#include <stdbool.h>
#include <stdint.h>

#include <traceevent/event-parse.h>

#include <glib.h>

struct formats {
	struct tep_handle *tep; /* tep_find_event() by the tracepoint's number; NULL: not understood */
};

/*
 * Reads perf's tracing data, the feature's section or the record's payload, without its names of functions
 * and tasks. False: it is damaged at its byte `*bad`.
 */
bool formats_read(struct formats *f, const uint8_t *at, size_t size, size_t *bad);
void formats_clear(struct formats *f);

#endif
