/* SPDX-License-Identifier: MIT */
/* ip.c - the headers of IPv4, and of IPv6 with its extensions. */
#include <string.h>

#include "packets/capture/dissect.h"

/* How far IP itself could be read. */
enum reading {
	READ_NOTHING, /* it is no IP */
	READ_CUT,     /* captured bytes end within its headers */
	READ_ALL
};

struct ip {
	struct packet_header *header;
	bool is_fragment; /* not the first one */
};

/* What is behind IP's packet is padding of the link. */
static void limit(struct span *s, uint32_t length)
{
	s->length = length;
	s->captured = MIN(s->captured, length);
}

/* ---- IPv4 ------------------------------------------------------------------------------- */

static enum reading read_ipv4(struct span *s, struct ip *ip)
{
	struct packet_header *h = ip->header;
	const uint8_t *at = s->at;
	uint32_t words, length;

	if (!span_has(s, 20))
		return READ_CUT;
	words = at[0] & 15;
	length = be16(at + 2);
	/* A packet that the card cuts into smaller ones, and that is too long for the field. */
	if (!length)
		length = s->length;
	if (at[0] >> 4 != 4 || words < 5 || length < words * 4)
		return READ_NOTHING;
	h->address_bytes = 4;
	h->protocol = at[9];
	h->id = be16(at + 4);
	h->payload = length - words * 4;
	memcpy(h->saddr, at + 12, 4);
	memcpy(h->daddr, at + 16, 4);
	ip->is_fragment = be16(at + 6) & 0x1fff;
	if (!span_has(s, words * 4))
		return READ_CUT;
	span_skip(s, words * 4);
	limit(s, h->payload);
	return READ_ALL;
}

/* ---- IPv6 ------------------------------------------------------------------------------- */

/* The length of an extension header whose first two bytes are there; 0: it is none. */
static uint32_t extension_length(unsigned type, const uint8_t *at)
{
	switch (type) {
	case 0:	  /* hop by hop */
	case 43:  /* routing */
	case 60:  /* destination */
	case 135: /* mobility */
	case 139: /* host identity */
	case 140: /* shim6 */
		return (at[1] + 1) * 8;
	case 44: /* fragment */
		return 8;
	case 51: /* authentication */
		return (at[1] + 2) * 4;
	default:
		return 0;
	}
}

static enum reading skip_extensions(struct span *s, struct ip *ip)
{
	struct packet_header *h = ip->header;
	uint32_t length;

	/* Behind the first fragment's come pieces of the packet, and no headers. */
	while (!ip->is_fragment && span_has(s, 2) &&
	       (length = extension_length(h->protocol, s->at))) {
		if (!span_has(s, length))
			return READ_CUT;
		ip->is_fragment = h->protocol == 44 && be16(s->at + 2) >> 3;
		h->protocol = s->at[0];
		h->payload -= MIN(length, h->payload);
		span_skip(s, length);
	}
	return READ_ALL;
}

static enum reading read_ipv6(struct span *s, struct ip *ip)
{
	struct packet_header *h = ip->header;
	const uint8_t *at = s->at;

	if (!span_has(s, 40))
		return READ_CUT;
	if (at[0] >> 4 != 6)
		return READ_NOTHING;
	h->address_bytes = 16;
	h->protocol = at[6];
	h->payload = be16(at + 4);
	memcpy(h->saddr, at + 8, 16);
	memcpy(h->daddr, at + 24, 16);
	span_skip(s, 40);
	if (!h->payload) /* a jumbogram */
		h->payload = s->length;
	limit(s, h->payload);
	return skip_extensions(s, ip);
}

/* ---- either ----------------------------------------------------------------------------- */

static enum reading read_ip(enum link_carries carries, struct span *s, struct ip *ip)
{
	if (carries == LINK_IP && !span_has(s, 1))
		return READ_CUT;
	if (carries == LINK_IP)
		carries = s->at[0] >> 4 == 6 ? LINK_IPV6 : LINK_IPV4;
	return carries == LINK_IPV6 ? read_ipv6(s, ip) : read_ipv4(s, ip);
}

void ip_dissect(enum link_carries carries, struct span s, struct captured *p)
{
	struct ip ip = { .header = &p->header };
	enum reading reading = read_ip(carries, &s, &ip);

	p->is_fragment = ip.is_fragment;
	p->is_cut = reading == READ_CUT;
	if (reading == READ_ALL && !p->is_fragment)
		transport_dissect(s, p);
}

bool ip_dissect_quoted(struct span s, struct packet_header *header)
{
	struct ip ip = { .header = header };

	if (read_ip(LINK_IP, &s, &ip) == READ_ALL && !ip.is_fragment)
		transport_dissect_quoted(s, header);
	return header->address_bytes;
}
