/* SPDX-License-Identifier: MIT */
/* choice.h - which of the packets at hand ends a wait. */
#ifndef PACKETS_CHOICE_H
#define PACKETS_CHOICE_H

#include <flightbox/packet.h>

#include "packets/received.h"

struct flows;

struct choice {
	enum fb_packet_match match;
	enum fb_packet_none none;	      /* FB_PACKET_NONE: why there is none */
	struct received *received;	      /* NULL then */
	struct received *others[FB_PACKET_OTHERS]; /* AMBIGUOUS: that it may have been as well */
	unsigned n_others;
	struct cache_ref socket; /* of the wait, where that is known */
};

/*
 * The packet that wakes the task now, in softirq NET_RX of that CPU: of its socket the first that
 * can end its system call by itself.
 */
struct choice choose(struct flows *f, struct cpu_packets *cpu, const struct fb_task *task);

/* It did: what that tells of the task's descriptor. */
void choice_learn(struct flows *f, const struct choice *choice, const struct fb_task *task);

#endif
