/* SPDX-License-Identifier: MIT */
/* dissect.h - the captured bytes of a packet -> what its headers say. */
#ifndef CAPTURE_DISSECT_H
#define CAPTURE_DISSECT_H

#include "packets/capture/capture.h"

/* Bytes of a packet from some header on. No read leaves the captured ones. */
struct span {
	const uint8_t *at;
	uint32_t captured;
	uint32_t length; /* on the wire, padding included */
};

static inline uint16_t be16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static inline uint32_t be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

static inline bool span_has(const struct span *s, uint32_t n)
{
	return s->captured >= n;
}

/* Past a header that is there. */
static inline void span_skip(struct span *s, uint32_t n)
{
	s->at += n;
	s->captured -= n;
	s->length -= MIN(n, s->length);
}

/* What follows a link's header, by its number as an Ethernet type. */
enum link_carries {
	LINK_IPV4 = 0x0800,
	LINK_IPV6 = 0x86dd,
	LINK_IP = 1, /* one of both, as its first byte tells */
	LINK_OTHER = 0
};

/* Whether there are packets of such links that can be read. */
bool link_is_known(int type);
/*
 * Leaves the span behind the link's header, VLAN tags included, and sets what that tells. LINK_OTHER,
 * too, where captured bytes end before the header does.
 */
enum link_carries link_dissect(int type, struct span *s, struct captured *packet);

/* From IP's header on. */
void ip_dissect(enum link_carries carries, struct span s, struct captured *packet);

/* Behind IP's header, whose `payload` the header has; `s` holds no more than that. */
void transport_dissect(struct span s, struct captured *packet);
/* The same of the packet that an ICMP error quotes, of which eight bytes are enough. */
void transport_dissect_quoted(struct span s, struct packet_header *header);
/* The IP packet in an ICMP error. */
bool ip_dissect_quoted(struct span s, struct packet_header *header);

#endif
