/* SPDX-License-Identifier: MIT */
/* describe.h - a packet that ended a wait, as others get it. */
#ifndef PACKETS_DESCRIBE_H
#define PACKETS_DESCRIBE_H

#include <flightbox/packet.h>

struct captures;
struct choice;
struct in_flight;

/* `f` has those that this host sent, one of which it may answer; `captures` their numbers, or is NULL. */
void describe(const struct choice *choice, const struct in_flight *f,
	      const struct captures *captures, struct fb_packet *to);

#endif
