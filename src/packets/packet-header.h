/* SPDX-License-Identifier: MIT */
/* packet-header.h - what a recorded event tells of its packet's headers. */
#ifndef PACKETS_PACKET_HEADER_H
#define PACKETS_PACKET_HEADER_H

#include "packets/packets.h"

/* The fields that headers are read from: indices in fb_kinds[].fields. */
struct header_fields {
	int saddr, daddr, protocol, ihl, tot_len, payload_len, id;
	int source_port, dest_port, seq, ack_seq, data_offset, flags, window;
};

void header_fields_init(struct header_fields *f);

/* Of a NET_QUEUE or NET_RECEIVE. All zeros when no headers were recorded. */
void header_read(struct fb_source *source, const struct header_fields *f, const struct fb_event *ev,
		 struct packet_header *header);

/* The two ends of a packet's way. Compared as bytes. */
struct ends {
	uint8_t saddr[16], daddr[16];
	uint16_t source_port, dest_port;
	uint8_t address_bytes, protocol;
	uint8_t unused[2];
};

struct ends ends_of(const struct packet_header *header);
struct ends ends_reversed(const struct ends *ends);
/* Never 0. */
uint64_t ends_hash(const struct ends *ends);

static inline bool ends_equal(const struct ends *a, const struct ends *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Whether `a` comes before `b` in TCP's sequence numbers, which wrap. */
static inline bool seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool is_tcp(const struct packet_header *header)
{
	return header->has_seq && header->address_bytes;
}

/* The sequence number of the first byte of data, and of the one behind the last. */
static inline uint32_t data_begin(const struct packet_header *header)
{
	return header->seq + !!(header->flags & PACKET_SYN);
}

/* What numbers are counted from where this packet is the first. */
static inline uint32_t base_of(const struct packet_header *header)
{
	return header->seq - !(header->flags & PACKET_SYN);
}

static inline uint32_t data_end(const struct packet_header *header)
{
	return data_begin(header) + header->payload;
}

#endif
