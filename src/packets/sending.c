/* SPDX-License-Identifier: MIT */
/* sending.c - a packet is queued: whose doing that is, and what it answers. */
#include "packets/state.h"

#include "packets/reason.h"

static bool is_answer(const struct packet_header *answer, const struct packet_header *to)
{
	struct ends a = ends_of(answer), b = ends_of(to);

	b = ends_reversed(&b);
	return ends_equal(&a, &b);
}

/*
 * The i-th last packet received before, of which several may be what is being processed:
 * drivers hand packets up by the batch, loopback does one by one.
 */
static struct received *received_candidate(struct cpu_packets *cpu, unsigned i)
{
	const struct received *last = received_last(cpu, 0);

	return last && i && last->is_loopback ? NULL : received_last(cpu, i);
}

/* It answers what was sent in vain before: that is why it comes so late. */
static void note_again(struct packet *answer, const struct packet *again)
{
	answer->trigger_queued = again->queued;
	answer->trigger_first = again->first_queued;
	answer->cause = again->cause;
	answer->cause_inferred = again->cause_inferred;
}

/* Of a batch the one of the same connection, or that is passed on. */
static void find_trigger(struct cpu_packets *cpu, struct queued *q)
{
	const struct received *found = received_last(cpu, 0), *r;

	for (unsigned i = 0; (r = received_candidate(cpu, i)); i++)
		if (r->skb == q->skb || is_answer(&q->packet.header, &r->packet.header)) {
			found = r;
			break;
		}
	if (!found)
		return;
	q->packet.trigger = found->packet.number;
	q->packet.trigger_time = found->packet.received;
	if (was_put_off(&found->packet))
		q->packet.trigger_delay = found->packet.queued - found->packet.held.since;
	if (!q->packet.header.payload && found->packet.is_resent &&
	    found->packet.first_queued != FB_NS_NONE)
		note_again(&q->packet, &found->packet);
}

/* What is sent again is still the doing of who wrote it. */
static void note_first(const struct packets *p, struct queued *q)
{
	const struct queued *first = in_flight_first(&p->in_flight, q);

	if (!first)
		return;
	q->packet.first_queued = first->packet.queued;
	q->packet.written = first->packet.written;
	reason_again(&q->packet, first->is_received);
}

/*
 * What close() began is done on the way back to user mode, after the call's exit event.
 * User mode itself sends nothing.
 */
static void complete_sender(const struct cpu_packets *cpu, struct fb_cause *sender)
{
	if (sender->kind == FB_CAUSE_TASK && !sender->syscall && sender->task == cpu->left &&
	    !sender->task->kthread)
		sender->syscall = cpu->left_call ? cpu->left_call->name : NULL;
}

static const struct entered *entered_find(const struct packets *p, const struct fb_task *task)
{
	const struct entered *one = task->number < p->entered->len ?
					    &g_array_index(p->entered, struct entered, task->number) :
					    NULL;

	return one && one->time ? one : NULL;
}

/* Whatever is queued in a system call is its doing, until more is known. */
static void note_call(const struct packets *p, struct packet *packet)
{
	const struct fb_cause *sender = &packet->sender;
	const struct entered *entered;

	if (sender->kind != FB_CAUSE_TASK || !sender->syscall)
		return;
	entered = entered_find(p, sender->task);
	if (entered)
		packet->written = (struct packet_call){ .task = sender->task,
							.comm = sender->task->comm,
							.syscall = sender->syscall,
							.fd = entered->fd,
							.begin = entered->time,
							.end = FB_NS_NONE };
}

void packets_queue(struct packets *p, const struct fb_event *ev, const struct fb_kernel *k)
{
	struct cpu_packets *cpu = packets_cpu(p, ev->cpu);
	struct queued *q = in_flight_add(&p->in_flight, ev);
	struct packet *packet = &q->packet;

	p->counts.queued++;
	header_read(p->source, &p->fields, ev, &packet->header);
	fb_kernel_actor(k, ev->cpu, &packet->sender);
	complete_sender(cpu, &packet->sender);
	note_call(p, packet);
	if (packet->sender.kind == FB_CAUSE_SOFTIRQ && packet->sender.id == FB_SOFTIRQ_NET_RX) {
		find_trigger(cpu, q);
		cpu->list_is_over = true;
	}
	/* What this host sends to itself is captured when it is received. */
	if (p->captures && !q->is_loopback)
		packet->captured = captures_sent(p->captures, ev, &packet->header);
	if (packet->header.address_bytes)
		in_flight_add_ends(&p->in_flight, q);
	if (packet->header.protocol == PROTOCOL_UDP && packet->header.has_ports)
		flows_queue_datagram(p->flows, packet);
	if (!is_tcp(&packet->header))
		return;
	flows_queue(p->flows, packet);
	if (packet->is_resent)
		note_first(p, q);
	p->counts.resent += packet->is_resent;
	p->counts.held += packet->held.since != FB_NS_NONE;
	p->counts.held_inferred += packet->held.since != FB_NS_NONE && packet->held.inferred;
}
