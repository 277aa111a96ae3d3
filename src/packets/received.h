/* SPDX-License-Identifier: MIT */
/*
 * received.h - the packets that a CPU received in the NET_RX softirq at hand.
 *
 * Drivers hand packets up in lists: all of a list are received before the first of it is
 * delivered, so what is received last is not what is being processed. On lo a list is one packet.
 */
#ifndef PACKETS_RECEIVED_H
#define PACKETS_RECEIVED_H

#include "packets/arrival.h"
#include "packets/cache.h"
#include "packets/packets.h"

#define RECEIVED 64 /* packets of one softirq that are remembered */

struct received {
	uint64_t skb;
	unsigned list; /* counted in the softirq */
	bool is_loopback;
	bool is_dropped;
	int32_t reason;
	struct cache_ref flow; /* the socket that it is for */
	struct arrival arrival;
	const struct fb_task *woke; /* the last one; NULL: nobody yet */
	struct packet packet;	    /* number 0: its sending is not known */
};

struct cpu_packets {
	struct received received[RECEIVED]; /* in the softirq at hand: a ring */
	unsigned n_received;
	unsigned list;
	bool list_is_over; /* something of it was delivered: what comes next is another */

	/* Who left a system call last, and which. */
	const struct fb_task *left;
	const struct fb_syscall *left_call;
};

/* The i-th last packet received in the softirq at hand; NULL: there is none. */
static inline struct received *received_last(struct cpu_packets *cpu, unsigned i)
{
	if (i >= MIN(cpu->n_received, RECEIVED))
		return NULL;
	return &cpu->received[(cpu->n_received - 1 - i) % RECEIVED];
}

#endif
