/* SPDX-License-Identifier: MIT */
/*
 * ladder.h - the packets of connections that are shown one by one, and what happened to each until
 * it had arrived and had woken somebody.
 */
#ifndef ANALYSES_SHARED_LADDER_H
#define ANALYSES_SHARED_LADDER_H

#include "analyses/shared/connections.h"

#define LADDER_PENDING 4096  /* packets of which more may be heard */
#define LADDER_MAX     (1 << 18) /* rungs in all */
#define RUNG_WOKEN     3

/* A task that the packet woke, for which it had waited. */
struct rung_woken {
	const struct fb_task *task;
	const char *comm, *syscall;
	fb_ns wake;
	fb_ns begin; /* of its wait; FB_NS_NONE: before what was read */
};

struct rung {
	enum side side; /* that sent it */
	fb_ns left, sent, received; /* as in struct fb_packet */
	bool is_outside, again;
	struct fb_packet_key key;
	enum fb_packet_cause cause;
	bool cause_inferred;
	struct fb_packet_call written;
	fb_ns held, put_off, in_vain; /* in the socket; an acknowledgement; since it was sent first */
	struct rung_woken woken[RUNG_WOKEN];
	unsigned n_woken;
};

struct pending; /* a ring */

struct ladder {
	guint most; /* of a connection; 0: none at all */
	fb_ns at;   /* half of them before it; FB_NS_NONE: the first ones */
	uint64_t n; /* in all */
	struct pending *pending;
	uint64_t begin, end;
	GHashTable *by_time; /* when it left, or was received from outside: its place */
};

void ladder_init(struct ladder *l, guint most, fb_ns at);
void ladder_clear(struct ladder *l);

/* A packet that counts: the first of it. */
void ladder_add(struct ladder *l, struct connection *c, enum side side, bool again,
		const struct fb_packet *packet);

/* It goes on: NULL, it is none that more may be heard of. */
struct rung *ladder_find(struct ladder *l, const struct connection *c,
			 const struct fb_packet *packet);

/* It is known under another time, too: it leaves once more. */
void ladder_pass_on(struct ladder *l, const struct connection *c, const struct fb_packet *packet);

/* No more is heard of any. */
void ladder_end(struct ladder *l);

/* When it came to be known. */
static inline fb_ns rung_time(const struct rung *rung)
{
	return rung->left == FB_NS_NONE ? rung->received : rung->left;
}

#endif
