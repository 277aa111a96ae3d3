/* SPDX-License-Identifier: MIT */
/*
 * describe.c - what is known of a packet and its way, when it ends a wait.
 *
 * Its way begins where something led to it: a call that wrote it, a packet that it answers. Of one
 * from outside that is what this host had sent before.
 */
#include "packets/describe.h"

#include "packets/captures.h"
#include "packets/choice.h"
#include "packets/flow.h"
#include "packets/in-flight.h"
#include "packets/reason.h"

/* A queueing discipline that lets packets go at once takes some microseconds. */
#define SHAPED ((fb_ns)1000000)

#define UDP_HEADER 8

static struct fb_packet_key key_of(const struct packet *p, uint32_t seq_base, uint32_t ack_base,
				   const struct captures *captures)
{
	const struct packet_header *h = &p->header;
	struct fb_packet_key key = {
		.address_bytes = h->address_bytes,
		.protocol = h->protocol,
		.flags = h->flags,
		.has_ports = h->has_ports,
		.has_seq = h->has_seq,
		.has_window = h->has_window,
		.src_port = h->source_port,
		.dst_port = h->dest_port,
		.window = h->window,
		.seq = h->seq,
		.ack = h->ack_seq,
		.id = h->address_bytes == 4 ? h->id : 0,
		.len = h->payload,
	};

	memcpy(key.src, h->saddr, sizeof(key.src));
	memcpy(key.dst, h->daddr, sizeof(key.dst));
	if (h->protocol == PROTOCOL_UDP && h->has_ports)
		key.len = MAX(h->payload, UDP_HEADER) - UDP_HEADER;
	if (h->has_seq)
		key.relative_seq = h->seq - seq_base;
	if (h->has_seq && h->flags & PACKET_ACK)
		key.relative_ack = h->ack_seq - ack_base;
	captures_tell(captures, &p->captured, &key);
	return key;
}

static struct fb_packet_key key_received(const struct received *r, const struct captures *captures)
{
	return key_of(&r->packet, r->arrival.seq_base, r->arrival.ack_base, captures);
}

static struct fb_packet_call call_of(const struct packet_call *call)
{
	if (!call->task)
		return (struct fb_packet_call){ .fd = -1, .begin = FB_NS_NONE, .end = FB_NS_NONE };
	return (struct fb_packet_call){ .task = call->task,
					.comm = call->comm,
					.syscall = call->syscall,
					.fd = call->fd,
					.begin = call->begin,
					.end = call->end,
					.inferred = call->inferred };
}

/* ---- its way ----------------------------------------------------------------------------- */

static void add_stage(struct fb_packet *to, enum fb_packet_part part, fb_ns begin)
{
	to->stages[to->n_stages++] = (struct fb_packet_stage){ part, begin };
}

/* How it came to leave. */
static void add_leaving(struct fb_packet *to, const struct packet *p)
{
	const struct packet_call *call = &p->written;
	bool is_by_writer = p->is_resent || sent_by_writer(p);

	if (call->task) {
		add_stage(to, FB_PART_NOT_WRITTEN, FB_NS_NONE);
		if (is_by_writer || call->end != FB_NS_NONE)
			add_stage(to, FB_PART_SENDING, call->begin);
		if (!is_by_writer || call->end != FB_NS_NONE)
			add_stage(to, FB_PART_HELD, call->end != FB_NS_NONE ? call->end : call->begin);
	} else if (p->trigger_time != FB_NS_NONE && !p->header.payload && !p->is_resent) {
		add_stage(to, FB_PART_NOT_WRITTEN, FB_NS_NONE);
		if (p->trigger_first != FB_NS_NONE) {
			add_stage(to, FB_PART_SENT_AGAIN, p->trigger_first);
			add_stage(to, FB_PART_IN_FLIGHT, p->trigger_queued);
		}
		add_stage(to, was_put_off(p) ? FB_PART_DELAYED_ACK : FB_PART_ANSWERING,
			  p->trigger_time);
	} else {
		add_stage(to, FB_PART_UNKNOWN, FB_NS_NONE);
	}
	if (p->is_resent && p->first_queued != FB_NS_NONE)
		add_stage(to, FB_PART_SENT_AGAIN, p->first_queued);
	add_stage(to, FB_PART_QUEUED, p->queued);
}

/* Why it left so late. */
static void add_cause(struct fb_packet *to, const struct packet *p)
{
	to->cause = p->cause;
	to->cause_inferred = p->cause_inferred;
	to->unacknowledged = p->cause == FB_HOLD_NAGLE ? p->held.unacknowledged : 0;
	to->released_by.ack = p->released_by.ack;
	to->released_by.received = p->released_by.received;
	to->released_by.delayed = p->released_by.delayed;
	if (!to->cause && p->sent != FB_NS_NONE && p->sent - p->queued >= SHAPED)
		to->cause = FB_HOLD_SHAPING;
}

static void add_dropped(struct fb_packet *to, const struct received *r)
{
	const struct flow *flow = cache_deref(r->flow);

	if (!flow)
		return;
	to->dropped.time = flow->dropped.time;
	to->dropped.reason = flow->dropped.reason;
}

/* What the packet tells by itself comes first. */
static void add_own_cause(struct fb_packet *to, const struct received *r)
{
	if (to->key.flags & FB_PACKET_RST) {
		to->cause = r->arrival.is_early ? FB_HOLD_REFUSED : FB_HOLD_RESET;
	} else if (r->arrival.fills) {
		to->cause = FB_HOLD_HOLE;
		to->behind.packets = r->arrival.packets_behind;
		to->behind.bytes = r->arrival.bytes_behind;
		to->behind.since = r->arrival.behind_since;
	} else if (to->dropped.time != FB_NS_NONE && !to->cause) {
		to->cause = FB_HOLD_DROPPED;
	} else {
		return;
	}
	to->cause_inferred = false;
}

static void of_this_host(struct fb_packet *to, const struct packet *p)
{
	to->left = p->queued;
	to->sent = p->sent;
	to->written = call_of(&p->written);
	add_leaving(to, p);
	add_cause(to, p);
	add_stage(to, FB_PART_IN_FLIGHT, p->sent != FB_NS_NONE ? p->sent : p->queued);
}

static void from_outside(struct fb_packet *to, const struct received *r, const struct in_flight *f)
{
	const struct queued *q = r->arrival.answers ? in_flight_answered(f, &r->packet.header) : NULL;
	const struct packet *request = q ? &q->packet : NULL;

	to->is_outside = true;
	if (!request) {
		add_stage(to, FB_PART_OUTSIDE, FB_NS_NONE);
		return;
	}
	to->request_left = request->queued;
	to->request_sent = request->sent;
	to->request = call_of(&request->written);
	add_leaving(to, request);
	add_cause(to, request);
	add_stage(to, FB_PART_OUTSIDE, request->sent != FB_NS_NONE ? request->sent : request->queued);
}

/* Nothing is known of it. */
static struct fb_packet unknown_packet(enum fb_packet_match match, enum fb_packet_none none)
{
	const struct packet_call nobody = { 0 };

	return (struct fb_packet){ .match = match,
				   .none = none,
				   .received = FB_NS_NONE,
				   .left = FB_NS_NONE,
				   .sent = FB_NS_NONE,
				   .written = call_of(&nobody),
				   .released_by = { .received = FB_NS_NONE, .delayed = FB_NS_NONE },
				   .dropped = { .time = FB_NS_NONE },
				   .behind = { .since = FB_NS_NONE },
				   .request_left = FB_NS_NONE,
				   .request_sent = FB_NS_NONE,
				   .request = call_of(&nobody) };
}

static void add_received(struct fb_packet *to, const struct received *r, const struct in_flight *f,
			 const struct captures *captures)
{
	/* Where sending is not recorded nobody knows where it comes from. */
	bool is_tapped = !captures && r->packet.captured.n;

	to->key = key_received(r, captures);
	to->received = r->packet.received;
	if (r->packet.number)
		of_this_host(to, &r->packet);
	else if (is_tapped)
		add_stage(to, FB_PART_UNKNOWN, FB_NS_NONE);
	else
		from_outside(to, r, f);
	add_stage(to, FB_PART_RECEIVE_TO_WAKE, r->packet.received);
	add_dropped(to, r);
	add_own_cause(to, r);
}

void describe_received(const struct received *r, const struct in_flight *f,
		       const struct captures *captures, struct fb_packet *to)
{
	*to = unknown_packet(FB_PACKET_EXACT, FB_PACKET_NONE_NOT);
	add_received(to, r, f, captures);
}

void describe_sent(const struct packet *p, const struct captures *captures, struct fb_packet *to)
{
	*to = unknown_packet(FB_PACKET_EXACT, FB_PACKET_NONE_NOT);
	to->key = key_of(p, p->seq_base, p->ack_base, captures);
	of_this_host(to, p);
}

void describe(const struct choice *choice, const struct in_flight *f,
	      const struct captures *captures, struct fb_packet *to)
{
	const struct received *r = choice->received;

	*to = unknown_packet(choice->match, r ? FB_PACKET_NONE_NOT : choice->none);
	if (!r)
		return;
	add_received(to, r, f, captures);
	for (unsigned i = 0; i < choice->n_others; i++)
		to->others[to->n_others++] = key_received(choice->others[i], captures);
}
