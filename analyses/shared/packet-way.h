/* SPDX-License-Identifier: MIT */
/* packet-way.h - the way of the packet that ended a wait, for people. */
#ifndef ANALYSES_SHARED_PACKET_WAY_H
#define ANALYSES_SHARED_PACKET_WAY_H

#include <flightbox/packet.h>
#include <flightbox/report.h>

/* A table of what the wait consisted of by that, below `title`. The packet is named. */
void packet_way_report(struct fb_report *r, const struct fb_packet *packet,
		       const struct fb_blocking *b, const char *title);

#endif
