/* SPDX-License-Identifier: MIT */
/* link.c - headers of links. Numbers of their types are LINKTYPE_ of the files, and those of libpcap. */
#include "packets/capture/dissect.h"

enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW_LIBPCAP = 12,
	LINK_RAW = 101,
	LINK_LOOP = 108,
	LINK_COOKED = 113,
	LINK_RAW_IPV4 = 228,
	LINK_RAW_IPV6 = 229,
	LINK_COOKED2 = 276
};

bool link_is_known(int type)
{
	static const int known[] = { LINK_NULL,	    LINK_ETHERNET, LINK_RAW_LIBPCAP,
				     LINK_RAW,	    LINK_LOOP,	   LINK_COOKED,
				     LINK_RAW_IPV4, LINK_RAW_IPV6, LINK_COOKED2 };

	for (unsigned i = 0; i < G_N_ELEMENTS(known); i++)
		if (type == known[i])
			return true;
	return false;
}

static bool take(struct span *s, uint32_t n, struct captured *p)
{
	if (!span_has(s, n)) {
		p->is_cut = true;
		return false;
	}
	span_skip(s, n);
	return true;
}

static bool is_vlan(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

/* `type` is that of what follows, of which VLAN tags may be several. */
static enum link_carries behind_tags(uint16_t type, struct span *s, struct captured *p)
{
	while (is_vlan(type)) {
		if (!take(s, 4, p))
			return LINK_OTHER;
		type = be16(s->at - 2);
	}
	return type == LINK_IPV4 || type == LINK_IPV6 ? type : LINK_OTHER;
}

static enum link_carries ethernet(struct span *s, struct captured *p)
{
	return take(s, 14, p) ? behind_tags(be16(s->at - 2), s, p) : LINK_OTHER;
}

/* To this host, to all, to a group, to another one that it overheard; or from this host. */
static enum captured_direction cooked_direction(unsigned type)
{
	return type <= 3 ? CAPTURED_IN : type == 4 ? CAPTURED_OUT : CAPTURED_ANYWAY;
}

/* What `tcpdump -i any` writes, in its first version and in its second. */
static enum link_carries cooked(struct span *s, struct captured *p)
{
	if (!take(s, 16, p))
		return LINK_OTHER;
	p->direction = cooked_direction(be16(s->at - 16));
	return behind_tags(be16(s->at - 2), s, p);
}

static enum link_carries cooked2(struct span *s, struct captured *p)
{
	if (!take(s, 20, p))
		return LINK_OTHER;
	p->ifindex = be32(s->at - 16);
	p->direction = cooked_direction(s->at[-10]);
	return behind_tags(be16(s->at - 20), s, p);
}

/* BSD's loopback: an address family, in the byte order of whoever captured. */
static enum link_carries loopback(struct span *s, struct captured *p)
{
	uint32_t family;

	if (!take(s, 4, p))
		return LINK_OTHER;
	family = be32(s->at - 4);
	if (family > 0xffff)
		family = GUINT32_SWAP_LE_BE(family);
	switch (family) {
	case 2:
		return LINK_IPV4;
	case 10: /* as Linux numbers it, and then NetBSD, FreeBSD and macOS */
	case 24:
	case 28:
	case 30:
		return LINK_IPV6;
	default:
		return LINK_OTHER;
	}
}

enum link_carries link_dissect(int type, struct span *s, struct captured *p)
{
	switch (type) {
	case LINK_ETHERNET:
		return ethernet(s, p);
	case LINK_COOKED:
		return cooked(s, p);
	case LINK_COOKED2:
		return cooked2(s, p);
	case LINK_NULL:
	case LINK_LOOP:
		return loopback(s, p);
	case LINK_RAW_IPV4:
		return LINK_IPV4;
	case LINK_RAW_IPV6:
		return LINK_IPV6;
	case LINK_RAW:
	case LINK_RAW_LIBPCAP:
		return LINK_IP;
	default:
		return LINK_OTHER;
	}
}
