/* SPDX-License-Identifier: MIT */
/* cause-name.h - causes that count as one, in words. */
#ifndef ANALYSES_SHARED_CAUSE_NAME_H
#define ANALYSES_SHARED_CAUSE_NAME_H

#include <flightbox/report.h>

#include "kernel/cause-key.h"

/* The wakeup column of a cause_key_by_call(): without the waker's name. Appends to `to`. */
void cause_key_name(struct fb_report *report, const struct cause_key *key, GString *to);

/* The same as a cell. */
struct fb_cell get_key_name(struct fb_report *report, const void *key);

#endif
