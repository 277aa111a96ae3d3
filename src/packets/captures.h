/* SPDX-License-Identifier: MIT */
/* captures.h - the captures that go with a trace, as its packets are found in them. */
#ifndef PACKETS_CAPTURES_H
#define PACKETS_CAPTURES_H

#include <flightbox/event.h>
#include <flightbox/packet.h>
#include <flightbox/source.h>

#include "packets/join/join.h"

struct captures;

/* Those of source->info.captures that can be opened, NULL: none. The others are problems of the trace's. */
struct captures *captures_new(struct fb_source *source);
void captures_free(struct captures *c);

/* The packet that the event tells of. */
struct joined captures_received(struct captures *c, const struct fb_event *ev,
				const struct packet_header *header);
/* … to a card. */
struct joined captures_sent(struct captures *c, const struct fb_event *ev,
			    const struct packet_header *header);

/* No packet comes any more: what could not be read is a problem, too. */
void captures_end(struct captures *c);

/* Puts what was found into a packet's key. `c` may be NULL. */
void captures_tell(const struct captures *c, const struct joined *found, struct fb_packet_key *to);

/* See fb_packets_capture(). `c` may be NULL. */
bool captures_nth(const struct captures *c, unsigned i, struct fb_capture *to);

#endif
