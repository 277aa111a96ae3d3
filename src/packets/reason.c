/* SPDX-License-Identifier: MIT */
/*
 * reason.c - why a packet did not leave sooner, by who sent it and what was acknowledged before.
 *
 *	write()                       an ACK, or a timer
 *	  |---------- held ------------|--- leaves
 *
 * What an acknowledgement lets go had waited for what that tells: that a small segment has arrived
 * (Nagle), that the other end has room (receive window), that less is under way (congestion window). Windows
 * are scaled by what nobody records, so that only a window of 0 is certain.
 */
#include "packets/reason.h"

#include "packets/flow.h"

/* The least that a segment of an Ethernet carries: what has room for that is not held for want of room. */
#define SEGMENT 1448

/* tcp_rto_min: what a timer sends again sooner was a tail loss probe. */
#define RTO_MIN ((fb_ns)200000000)

static bool is_syn(const struct packet *p)
{
	return p->header.flags & PACKET_SYN;
}

void reason_again(struct packet *p, bool arrived)
{
	bool by_timer = p->sender.kind == FB_CAUSE_TIMER || p->sender.kind == FB_CAUSE_HRTIMER;

	if (is_syn(p) && p->header.flags & PACKET_ACK) {
		p->cause = FB_HOLD_SYNACK_AGAIN;
	} else if (is_syn(p)) {
		p->cause = arrived ? FB_HOLD_ACCEPT_QUEUE_FULL : FB_HOLD_SYN_AGAIN;
		p->cause_inferred = arrived;
	} else if (by_timer) {
		p->cause = FB_HOLD_RTO;
		p->cause_inferred = p->queued - p->first_queued < RTO_MIN;
	} else {
		p->cause = FB_HOLD_FAST_RETRANSMIT;
		p->cause_inferred = p->sender.kind != FB_CAUSE_SOFTIRQ;
	}
}

/* The most that the other end would have taken before the acknowledgement at hand. */
static int64_t room_before(const struct flow *flow, uint32_t begin)
{
	unsigned scale = flow->acked_before.is_whole ? 0 : SCALE_MAX - flow->scale_room;
	int64_t window = (int64_t)flow->acked_before.window << scale;

	return window - (int64_t)(uint32_t)(begin - flow->acked_before.seq);
}

static void let_go(const struct flow *flow, struct packet *p)
{
	p->released_by.ack = flow->acked.seq - flow->base;
	p->released_by.received = flow->acked.time;
	p->released_by.delayed = p->trigger_delay;
}

/* Of new data that leaves in the softirq that received an acknowledgement. */
static void by_acknowledgement(const struct flow *flow, struct packet *p)
{
	if (p->trigger_time != flow->acked.time)
		return;
	let_go(flow, p);
	if (p->held.unacknowledged) {
		p->cause = FB_HOLD_NAGLE;
		return;
	}
	if (!flow->acked.is_known || !flow->acked_before.is_known)
		return;
	if (!flow->acked_before.window) {
		p->cause = FB_HOLD_ZERO_WINDOW;
		return;
	}
	p->cause_inferred = true;
	p->cause = room_before(flow, data_begin(&p->header)) < MIN(p->header.payload, SEGMENT) ?
			   FB_HOLD_RECEIVE_WINDOW :
			   FB_HOLD_CONGESTION_WINDOW;
}

/*
 * A window never shrinks: what is acknowledged may be taken from it, but its far end stays. That
 * bounds the scale of those that get smaller, since the other end does not read.
 */
static void bound_scale(struct flow *flow)
{
	int64_t moved = (uint32_t)(flow->acked.seq - flow->acked_before.seq);
	int64_t shrunk = (int64_t)flow->acked_before.window - flow->acked.window;

	while (flow->scale_room < SCALE_MAX) {
		unsigned scale = SCALE_MAX - flow->scale_room;

		/* It is rounded to a multiple of the scale. */
		if (moved + ((int64_t)1 << scale) > shrunk << scale)
			break;
		flow->scale_room++;
	}
}

void note_window(struct flow *flow)
{
	if (!flow->acked.is_known || !flow->acked_before.is_known)
		return;
	if (!flow->acked_before.is_whole && !seq_before(flow->acked.seq, flow->acked_before.seq))
		bound_scale(flow);
	if (flow->knows_next && room_before(flow, flow->next) < SEGMENT)
		flow->full_until = flow->acked.time;
}

/* … in a timer, with nothing under way: what it waited for did not come. */
static void by_timer(const struct flow *flow, struct packet *p)
{
	if (!flow->in.knows_acked || flow->in.acked != data_begin(&p->header))
		return;
	p->cause = flow->acked.is_known && !flow->acked.window ? FB_HOLD_ZERO_WINDOW : FB_HOLD_CORK;
}

/* Whether there was no room for it most of the time that it was held. */
static bool lacked_room(const struct flow *flow, const struct packet *p)
{
	fb_ns since = p->written.end != FB_NS_NONE ? p->written.end : p->written.begin;

	return flow->full_until != FB_NS_NONE && flow->full_until > since &&
	       flow->full_until - since > p->queued - flow->full_until;
}

void find_reason(const struct flow *flow, struct packet *p)
{
	bool is_timer = p->sender.kind == FB_CAUSE_TIMER;

	if (p->is_resent)
		return;
	if (was_put_off(p)) {
		if (is_timer)
			p->cause = FB_HOLD_DELAYED_ACK;
		return;
	}
	if (!p->header.payload || !p->written.task || sent_by_writer(p))
		return;
	if (is_timer)
		by_timer(flow, p);
	else if (p->sender.kind == FB_CAUSE_SOFTIRQ && p->trigger_time != FB_NS_NONE)
		by_acknowledgement(flow, p);
	if ((!p->cause || p->cause == FB_HOLD_CONGESTION_WINDOW) && lacked_room(flow, p)) {
		p->cause = FB_HOLD_RECEIVE_WINDOW;
		p->cause_inferred = true;
	}
}
