/* SPDX-License-Identifier: MIT */
/* describe.h - a packet that ended a wait, as others get it. */
#ifndef PACKETS_DESCRIBE_H
#define PACKETS_DESCRIBE_H

#include <flightbox/packet.h>

struct captures;
struct choice;
struct in_flight;
struct packet;
struct received;

/* `f` has those that this host sent, one of which it may answer; `captures` their numbers, or is NULL. */
void describe(const struct choice *choice, const struct in_flight *f,
	      const struct captures *captures, struct fb_packet *to);

/* One that is received, whomever it will wake. */
void describe_received(const struct received *r, const struct in_flight *f,
		       const struct captures *captures, struct fb_packet *to);

/* One that is sent, as far as is known by now. */
void describe_sent(const struct packet *p, const struct captures *captures, struct fb_packet *to);

#endif
