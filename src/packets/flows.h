/* SPDX-License-Identifier: MIT */
/*
 * flows.h - TCP connections, each direction by itself: who hands data to the socket, and
 * what of it has left.
 *
 *	write() = 100        write() = 50                 tail leaves at last
 *	|--- sent at once ---|--- held -------------------|
 *	seq ------------- next, handed ------------- handed
 *
 * `next` is behind the last byte that was queued, `handed` behind the last that a call
 * returned for. A packet of bytes before `handed` that no call in progress accounts for was
 * held since the call that handed its first byte in returned.
 *
 * Which socket a call writes to is known where a packet of it was queued inside a call on
 * that descriptor (connect() does for a client), or where accept() told the peer's port.
 * Else it is inferred: a task that packets of the connection woke made a call of just so
 * many bytes.
 */
#ifndef PACKETS_FLOWS_H
#define PACKETS_FLOWS_H

#include "packets/packet-header.h"

struct flows;

struct flows_counts {
	uint64_t drifts, evicted; /* see struct packets_counts */
};

struct flows *flows_new(struct fb_source *source);
void flows_free(struct flows *f);

/* A system call's entry or exit, of the task that makes it. */
void flows_enter(struct flows *f, const struct fb_event *ev, const struct fb_task *task);
void flows_exit(struct flows *f, const struct fb_event *ev, const struct fb_task *task);

/* A TCP packet is queued by its `sender`: finds out what lets it leave so late. */
void flows_queue(struct flows *f, struct packet *p);
/* … is received. */
void flows_receive(struct flows *f, const struct packet *p);
/* … and woke a task. */
void flows_woken(struct flows *f, const struct packet_header *header, const struct fb_task *task);

/* Whether the task was seen to send on the connection at whose other end the packet was sent. */
bool flows_uses(struct flows *f, const struct packet_header *header, const struct fb_task *task);

/* Events were lost: bytes are no longer accounted for. */
void flows_lost(struct flows *f);

struct flows_counts flows_counts(const struct flows *f);

#endif
