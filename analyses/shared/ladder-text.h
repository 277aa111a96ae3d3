/* SPDX-License-Identifier: MIT */
/* ladder-text.h - the packets of a connection for people: who sent each, and whom it woke. */
#ifndef ANALYSES_SHARED_LADDER_TEXT_H
#define ANALYSES_SHARED_LADDER_TEXT_H

#include <flightbox/report.h>

#include "analyses/shared/ladder.h"

/* "428.0", "0.123": without its unit. Appends to `to`. */
void ms_words(const struct fb_report *r, fb_ns duration, GString *to);

void ladder_report(struct fb_report *r, const struct connection *c);

#endif
