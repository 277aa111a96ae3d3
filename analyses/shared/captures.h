/* SPDX-License-Identifier: MIT */
/* captures.h - how the captures that were read along and the trace agree. */
#ifndef ANALYSES_SHARED_CAPTURES_H
#define ANALYSES_SHARED_CAPTURES_H

#include <flightbox/packet.h>
#include <flightbox/report.h>

/* At the end: for people a note, for programs a row for each; nothing where there are none. */
void captures_report(struct fb_packets *packets, struct fb_report *report);

#endif
