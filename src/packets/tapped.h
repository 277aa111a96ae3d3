/* SPDX-License-Identifier: MIT */
/*
 * tapped.h - packets of captures, where the trace itself tells of none.
 *
 *	CPU 0      |== NET_RX =====|           a packet that comes is captured while a softirq NET_RX
 *	captured      .     .   |  .           runs; what was captured until a waking may have been why
 *	                        waking
 *
 * The clock of the captures has to be the trace's. Which addresses are this host's is known by what was
 * captured so: all that comes, and of what is sent some.
 */
#ifndef PACKETS_TAPPED_H
#define PACKETS_TAPPED_H

#include <flightbox/event.h>
#include <flightbox/packet.h>
#include <flightbox/source.h>

struct packets;
struct received;
struct tapped;

typedef void (*tapped_func)(const struct received *r, void *data);

/* Those of source->info.captures that can be opened, NULL: none. The others are problems of the trace's. */
struct tapped *tapped_new(struct fb_source *source);
void tapped_free(struct tapped *t);

/* Who wants to know of each; NULL: nobody. */
void tapped_watch(struct tapped *t, tapped_func func, void *data);

/* What was captured before `now`, which never decreases, is told to sockets, and to the CPUs that may have received it. */
void tapped_advance(struct packets *p, fb_ns now);

/* A softirq begins, or ends; or events of that CPU were lost. */
void tapped_softirq(struct packets *p, const struct fb_event *ev);

/* See fb_packets_capture(). `t` may be NULL. */
bool tapped_nth(const struct tapped *t, unsigned i, struct fb_capture *to);

#endif
