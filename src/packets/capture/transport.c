/* SPDX-License-Identifier: MIT */
/* transport.c - the headers of TCP with its options, of UDP, and ICMP's errors. */
#include "packets/capture/dissect.h"

static void read_ports(const struct span *s, struct packet_header *h)
{
	h->has_ports = true;
	h->source_port = be16(s->at);
	h->dest_port = be16(s->at + 2);
}

/* ---- TCP -------------------------------------------------------------------------------- */

enum {
	OPTION_END = 0,
	OPTION_NOTHING = 1,
	OPTION_MSS = 2,
	OPTION_SCALE = 3,
	OPTION_SACK = 5,
	OPTION_TIMESTAMPS = 8
};

static void read_sacks(const uint8_t *at, unsigned size, struct captured *p)
{
	for (; size >= 8 && p->n_sacks < CAPTURED_SACKS; at += 8, size -= 8, p->n_sacks++) {
		p->sacks[p->n_sacks].begin = be32(at);
		p->sacks[p->n_sacks].end = be32(at + 4);
	}
}

/* `size` bytes behind the option's kind and length. */
static void read_option(unsigned kind, const uint8_t *at, unsigned size, struct captured *p)
{
	bool is_syn = p->header.flags & PACKET_SYN;

	if (kind == OPTION_MSS && size == 2 && is_syn) {
		p->mss = be16(at);
	} else if (kind == OPTION_SCALE && size == 1 && is_syn) {
		p->window_scale = at[0];
	} else if (kind == OPTION_TIMESTAMPS && size == 8) {
		p->has_timestamps = true;
		p->tsval = be32(at);
		p->tsecr = be32(at + 4);
	} else if (kind == OPTION_SACK) {
		read_sacks(at, size, p);
	}
}

static void read_options(const uint8_t *at, const uint8_t *end, struct captured *p)
{
	while (at < end && *at != OPTION_END) {
		if (*at == OPTION_NOTHING) {
			at++;
			continue;
		}
		/* One that is too long is cut off, or makes no sense. */
		if (end - at < 2 || at[1] < 2 || at[1] > end - at)
			return;
		read_option(at[0], at + 2, at[1] - 2, p);
		at += at[1];
	}
}

static void read_tcp(const struct span *s, struct captured *p)
{
	struct packet_header *h = &p->header;
	uint32_t size;

	p->is_cut = !span_has(s, 20);
	if (span_has(s, 4))
		read_ports(s, h);
	if (p->is_cut)
		return;
	h->has_seq = h->has_window = true;
	h->seq = be32(s->at + 4);
	h->ack_seq = be32(s->at + 8);
	h->flags = s->at[13];
	h->window = be16(s->at + 14);
	size = (s->at[12] >> 4) * 4;
	h->payload -= MIN(size, h->payload);
	p->is_cut = s->captured < MIN(size, s->length);
	if (size > 20)
		read_options(s->at + 20, s->at + MIN(size, s->captured), p);
}

/* ---- ICMP ------------------------------------------------------------------------------- */

/* Unreachable, source quench, redirect, time exceeded, parameter problem. */
static bool is_error(const struct captured *p)
{
	if (p->header.protocol == PROTOCOL_ICMPV6)
		return p->icmp_type >= 1 && p->icmp_type <= 4;
	return (p->icmp_type >= 3 && p->icmp_type <= 5) || p->icmp_type == 11 || p->icmp_type == 12;
}

static void read_icmp(struct span s, struct captured *p)
{
	p->is_cut = !span_has(&s, 8);
	if (p->is_cut)
		return;
	p->icmp_type = s.at[0];
	p->icmp_code = s.at[1];
	span_skip(&s, 8);
	p->has_about = is_error(p) && ip_dissect_quoted(s, &p->about);
}

/* ---- either ----------------------------------------------------------------------------- */

void transport_dissect(struct span s, struct captured *p)
{
	switch (p->header.protocol) {
	case PROTOCOL_TCP:
		read_tcp(&s, p);
		break;
	case PROTOCOL_UDP:
		p->is_cut = !span_has(&s, 8);
		if (span_has(&s, 4))
			read_ports(&s, &p->header);
		break;
	case PROTOCOL_ICMP:
	case PROTOCOL_ICMPV6:
		read_icmp(s, p);
		break;
	}
}

void transport_dissect_quoted(struct span s, struct packet_header *h)
{
	if ((h->protocol != PROTOCOL_TCP && h->protocol != PROTOCOL_UDP) || !span_has(&s, 8))
		return;
	read_ports(&s, h);
	h->has_seq = h->protocol == PROTOCOL_TCP;
	h->seq = h->has_seq ? be32(s.at + 4) : 0;
}
