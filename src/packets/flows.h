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

#include "packets/arrival.h"
#include "packets/cache.h"
#include "packets/packet-header.h"

struct flow;
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
/* … or a datagram. */
void flows_queue_datagram(struct flows *f, const struct packet *p);
/* One was captured: what its being sent tells of who sent it, who may be another host. */
void flows_tap(struct flows *f, struct packet *p);
/* A TCP packet is received: for which socket, and what it can do there. */
struct flow *flows_receive(struct flows *f, const struct packet *p, struct arrival *arrival);
/* … and dropped: as if it had never come. */
void flows_dropped(struct cache_ref flow, const struct arrival *arrival, fb_ns time, int32_t reason);
/* … so that those behind it may do something else. */
void flows_receive_again(struct cache_ref flow, const struct packet *p, struct arrival *arrival);
/* A task is woken by a packet of the socket. */
void flows_woken(struct flow *flow, const struct fb_task *task);

/* The socket that the packet's port belongs to whatever its other end: made, if it is wanted. */
struct flow *flows_port(struct flows *f, const struct packet_header *header, bool is_wanted);

/* A process is made, with its parent's descriptors. */
void flows_fork(struct flows *f, const struct fb_event *ev);

/* What a buffer holds is for the socket; a task takes it out of there; it is there no longer. */
void flows_fill(struct flows *f, uint64_t skb, const struct packet *p, struct flow *flow);
void flows_take(struct flows *f, const struct fb_event *ev, const struct fb_task *task);
void flows_drop(struct flows *f, uint64_t skb);

/* Events were lost: bytes are no longer accounted for. */
void flows_lost(struct flows *f);

struct flows_counts flows_counts(const struct flows *f);

#endif
