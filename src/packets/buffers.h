/* SPDX-License-Identifier: MIT */
/* buffers.h - which buffer holds data for which socket, until somebody takes it out. */
#ifndef PACKETS_BUFFERS_H
#define PACKETS_BUFFERS_H

#include "packets/cache.h"

struct buffer {
	struct cache_head head;
	uint64_t skb; /* its address; used again when it is free */
	struct cache_ref flow;
	uint32_t left; /* bytes in it */
	bool is_datagram;
};

struct buffers {
	struct cache all;
};

void buffers_init(struct buffers *b);
void buffers_clear(struct buffers *b);
void buffers_lost(struct buffers *b);

#endif
