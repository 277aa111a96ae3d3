/* SPDX-License-Identifier: MIT */
/* sights.c - what each event of a packet tells of it, whether it ends a wait or not. */
#include "packets/state.h"

#include "packets/describe.h"

static bool sight_received(const struct packets *p, const struct fb_event *ev, struct fb_packet *to)
{
	struct cpu_packets *cpu = ev->cpu < p->n_cpus ? p->cpus[ev->cpu] : NULL;
	const struct received *r = cpu ? received_last(cpu, 0) : NULL;

	if (!r || r->skb != ev->net.skbaddr || r->packet.received != ev->time)
		return false;
	describe_received(r, &p->in_flight, p->captures, to);
	return true;
}

bool packets_sight(const struct packets *p, const struct fb_event *ev, enum fb_packet_sight *sight,
		   struct fb_packet *to)
{
	if (p->tapped)
		return false;
	if (ev->kind == FB_EV_NET_RECEIVE) {
		*sight = FB_PACKET_ARRIVES;
		return sight_received(p, ev, to);
	}
	if (ev->kind == FB_EV_NET_QUEUE) {
		*sight = FB_PACKET_LEAVES;
		describe_sent(&in_flight_last(&p->in_flight)->packet, p->captures, to);
		return true;
	}
	if (!p->sent)
		return false;
	*sight = FB_PACKET_GOES;
	describe_sent(&p->sent->packet, p->captures, to);
	return true;
}
