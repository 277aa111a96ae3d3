/* SPDX-License-Identifier: MIT */
/* decode-head.h - the headers that tracers put before an event. */
#ifndef CTF_READ_DECODE_HEAD_H
#define CTF_READ_DECODE_HEAD_H

#include "ctf/read/decode-times.h"

/* What an event's header tells. */
struct head {
	uint32_t id;
	uint64_t clock;
	const uint8_t *body;
};

enum {
	COMPACT_ESCAPE = 31, /* ids that say: the real one follows, and the whole time */
	LARGE_ESCAPE = UINT16_MAX,
	HEAD_MAX = 14, /* bytes of the longest header */
};

/* id:32 time:64, which is there. */
static inline struct head whole_head(const uint8_t *at)
{
	return (struct head){
		.id = GUINT32_FROM_LE(bytes_get32(at)),
		.clock = GUINT64_FROM_LE(bytes_get64(at + 4)),
		.body = at + 12,
	};
}

/* The same; false when the packet cuts it off. */
static inline bool read_whole_head(struct head *h, const uint8_t *at, const uint8_t *end)
{
	if (end - at < 12)
		return false;
	*h = whole_head(at);
	return true;
}

/* The short form of a header, of which four or six bytes are there. */
static inline void read_short_head(enum header_kind kind, struct head *h, const uint8_t *at)
{
	uint32_t word;

	if (kind == HEADER_COMPACT) {
		word = GUINT32_FROM_LE(bytes_get32(at));
		h->id = word & 31;
		h->clock = advance_clock(h->clock, word >> 5, 27);
		h->body = at + 4;
	} else {
		h->id = GUINT16_FROM_LE(bytes_get16(at));
		h->clock = advance_clock(h->clock, GUINT32_FROM_LE(bytes_get32(at + 2)), 32);
		h->body = at + 6;
	}
}

/* Any form. False when the packet cuts it off. */
static inline bool read_head(enum header_kind kind, struct head *h, const uint8_t *at, const uint8_t *end)
{
	struct head brief = *h;
	size_t left = end - at;

	switch (kind) {
	case HEADER_COMPACT:
		if (left < 4)
			return false;
		read_short_head(kind, &brief, at);
		if (brief.id == COMPACT_ESCAPE)
			return read_whole_head(h, at + 1, end);
		break;
	case HEADER_LARGE:
		if (left < 6)
			return false;
		read_short_head(kind, &brief, at);
		if (brief.id == LARGE_ESCAPE)
			return read_whole_head(h, at + 2, end);
		break;
	default:
		return read_whole_head(h, at, end);
	}
	*h = brief;
	return true;
}

#endif
