/* SPDX-License-Identifier: MIT */
/*
 * packets.h - packets that one task of this host sent to another: which sending a
 * received packet belongs to, and how long its data had lain in the sender's socket.
 *
 *	send()        net_dev_queue              net_if_receive_skb
 *	  |--- held ------|------- in flight ------------|  wakes the reader
 *	since           queued                        received
 *
 * A packet sent by the kernel itself answers another: what lets it go is the
 * acknowledgement that opens the window, the data to acknowledge, or a timer.
 */
#ifndef PACKETS_PACKETS_H
#define PACKETS_PACKETS_H

#include <flightbox/blocking.h>
#include <flightbox/kernel.h>
#include <flightbox/packet.h>
#include <flightbox/source.h>

#include "packets/join/join.h"

enum packet_match {
	PACKET_BY_SKB,	  /* the same buffer, queued last under this address */
	PACKET_BY_HEADER, /* another buffer with the same addresses, ports and TCP sequence */
};

/* Data that left later than it was handed in. */
struct packet_held {
	fb_ns since;		    /* its first byte was in; FB_NS_NONE: it was not held */
	const struct fb_task *task; /* whose call it was; NULL: the kernel's own acknowledgement */
	const char *syscall;	    /* interned */
	bool inferred; /* by bytes and times; else by the descriptor and the sequence numbers */
	/*
	 * The call was still at it. Then `since` is when it began or last sent: the data came
	 * in about then, or later.
	 */
	bool is_open;
	/*
	 * Nagle's algorithm held it until these bytes, sent before, were acknowledged. 0: something
	 * else did, or nothing proves that it was that.
	 */
	uint32_t unacknowledged;
	const struct fb_task *owner; /* of an acknowledgement: whose socket put it off; NULL: unknown */
};

/* Whose call a packet, or the last byte of its data, is: see struct fb_packet_call. */
struct packet_call {
	const struct fb_task *task; /* NULL: not known, or no call's doing */
	const char *comm, *syscall;
	int32_t fd;
	fb_ns begin, end;
	bool inferred;
};

/* A packet that was sent and received on this host. */
struct packet {
	uint64_t number; /* from 1, in the order of receipt */
	fb_ns queued, received;
	fb_ns sent; /* it left its queueing discipline; FB_NS_NONE: not recorded */
	uint16_t queue_cpu, receive_cpu;
	enum packet_match match;
	bool is_resent; /* its data was queued before, first at `first_queued` */
	fb_ns first_queued;
	/*
	 * Who queued it, as for a waking. TASK: in `syscall`, or on the way out of it
	 * (a close() sends its FIN there). SOFTIRQ NET_RX: in answer to `trigger`.
	 * TIMER, HRTIMER: `function` is TCP's.
	 */
	struct fb_cause sender;
	/*
	 * The packet that was received just before in the same NET_RX softirq; of an
	 * acknowledgement that came later, the one with the first byte it acknowledges.
	 * Received at `trigger_time`, FB_NS_NONE: there was none. Number 0: it was not
	 * sent on this host, or its sending was not seen.
	 */
	uint64_t trigger;
	fb_ns trigger_time;
	fb_ns trigger_queued, trigger_first; /* it was sent again; FB_NS_NONE: it was not. See first_queued */
	fb_ns trigger_delay; /* for how long that one had been put off; FB_NS_NONE: it was not */
	struct packet_held held;
	struct packet_call written;
	enum fb_packet_cause cause; /* why it did not leave sooner; see reason.c */
	bool cause_inferred;
	/* Held data that left in NET_RX: the acknowledgement received there; `received` FB_NS_NONE: none. */
	struct {
		uint32_t ack; /* counted from the SYN */
		fb_ns received, delayed;
	} released_by;
	struct packet_header header;
	uint32_t seq_base, ack_base; /* what TCP's numbers are counted from: the SYN's */
	struct joined captured; /* its numbers in captures, as it was received, else as it was sent to a card */
};

struct packets_counts {
	uint64_t queued, received;
	uint64_t by_skb, by_header; /* received packets whose sending was found */
	uint64_t resent;
	uint64_t held, held_inferred;
	uint64_t evicted;	/* queued packets that made room unreceived: sent elsewhere, or lost */
	uint64_t evicted_flows; /* connections that made room */
	uint64_t drifts;	/* times that more left on one than was seen to be handed in */
};

struct packets;

/*
 * Follows the packets of `source`, which must outlive it. `capacity`: packets in flight
 * at a time, 0: the default (8192). NULL when the recording has no network events,
 * and there is no capture of its packets either.
 */
struct packets *packets_new(struct fb_source *source, unsigned capacity);
void packets_free(struct packets *p);

/* Kinds of events that it makes use of. Others may be passed to it, or not. */
uint64_t packets_kinds(void);

/*
 * Takes the next event, after `k` did. Of a NET_RECEIVE the packet, when its sending
 * was found; else NULL. Lent until the next call.
 */
const struct packet *packets_event(struct packets *p, const struct fb_event *ev,
				   const struct fb_kernel *k);

/*
 * What the event that was taken last tells of a packet: it is queued to be sent, leaves its queueing discipline,
 * or is received. False: it tells of none, or what was told before.
 */
bool packets_sight(const struct packets *p, const struct fb_event *ev, enum fb_packet_sight *sight,
		   struct fb_packet *to);

/*
 * The packet that wakes `task` when a waking is logged in softirq NET_RX on `cpu`, before packets_event() gets that: see choice.h.
 * NULL: none is known, or it came from outside. Lent until the next call of packets_event().
 */
const struct packet *packets_waker(const struct packets *p, int cpu, const struct fb_task *task);

/* It is `now`: what was captured before may be why. */
void packets_advance(struct packets *p, fb_ns now);

/* … and all that is known of it, or why there is none. */
void packets_describe(const struct packets *p, int cpu, const struct fb_task *task,
		      struct fb_packet *to);

/* See fb_packets_capture(). */
bool packets_capture(const struct packets *p, unsigned i, struct fb_capture *capture);

/* Events were left out on purpose; what was under way before is not known any more. */
void packets_gap(struct packets *p);

const struct packets_counts *packets_counts(struct packets *p);

#endif
