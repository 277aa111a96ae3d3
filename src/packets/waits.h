/* SPDX-License-Identifier: MIT */
/* waits.h - the packets of waits and whoever else follows packets share one model of them. */
#ifndef PACKETS_WAITS_H
#define PACKETS_WAITS_H

#include <flightbox/packet.h>

struct packet;
struct packets;

/* NULL: the recording tells of none. Set when it is told that the trace begins. */
struct packets *waits_packets(const struct fb_packets *p);

/* What packets_event() said of the event at hand. */
const struct packet *waits_received(const struct fb_packets *p);

#endif
