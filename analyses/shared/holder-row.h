/* SPDX-License-Identifier: MIT */
/* holder-row.h - who had a CPU, in a report: in words, and as the entries of a list. */
#ifndef ANALYSES_SHARED_HOLDER_ROW_H
#define ANALYSES_SHARED_HOLDER_ROW_H

#include <flightbox/report.h>

#include "analyses/shared/cpu-log.h"

/* "hog [203]", "SOFTIRQ NET_RX", "nobody": appends to `to`. */
void holder_words(struct fb_report *r, const struct holder *who, GString *to);

/* Of struct holding: `had_cpu` of programs. */
extern const struct fb_table holder_list;

/* Of an int16_t, PRIORITY_NONE: null. */
struct fb_cell get_priority(struct fb_report *r, const void *priority);

#endif
