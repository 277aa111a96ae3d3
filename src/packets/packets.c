/* SPDX-License-Identifier: MIT */
/*
 * packets.c - finds the sending of each received packet, and what it answers.
 */
#include "packets/packets.h"

#include "packets/flows.h"
#include "packets/in-flight.h"

#define RECEIVED 8 /* packets of one softirq that are remembered */

struct received {
	uint64_t skb;
	bool is_loopback;
	struct packet packet; /* number 0: its sending is not known */
};

struct cpu_packets {
	struct received received[RECEIVED]; /* in the softirq at hand: a ring */
	unsigned n_received;
	unsigned n_new; /* of them since the last waking */
	/* Who left a system call last, and which. */
	const struct fb_task *left;
	const struct fb_syscall *left_call;
};

struct packets {
	struct fb_source *source;
	struct header_fields fields;
	struct flows *flows;
	struct in_flight in_flight;
	struct cpu_packets **cpus;
	unsigned n_cpus;
	struct packets_counts counts;
};

uint64_t packets_kinds(void)
{
	return FB_KIND_BIT(FB_EV_NET_QUEUE) | FB_KIND_BIT(FB_EV_NET_RECEIVE) |
	       FB_KIND_BIT(FB_EV_SYS_ENTER) | FB_KIND_BIT(FB_EV_SYS_EXIT) |
	       FB_KIND_BIT(FB_EV_WAKING) | FB_KIND_BIT(FB_EV_SOFTIRQ_ENTER);
}

struct packets *packets_new(struct fb_source *source, unsigned capacity)
{
	const uint64_t needed = FB_KIND_BIT(FB_EV_NET_QUEUE) | FB_KIND_BIT(FB_EV_NET_RECEIVE);
	struct packets *p;

	if ((source->info.kinds & needed) != needed)
		return NULL;
	p = g_new0(struct packets, 1);
	p->source = source;
	header_fields_init(&p->fields);
	p->flows = flows_new(source);
	in_flight_init(&p->in_flight, capacity);
	return p;
}

void packets_free(struct packets *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < p->n_cpus; i++)
		g_free(p->cpus[i]);
	g_free(p->cpus);
	in_flight_clear(&p->in_flight);
	flows_free(p->flows);
	g_free(p);
}

const struct packets_counts *packets_counts(struct packets *p)
{
	struct flows_counts flows = flows_counts(p->flows);

	p->counts.evicted = p->in_flight.evicted;
	p->counts.drifts = flows.drifts;
	p->counts.evicted_flows = flows.evicted;
	return &p->counts;
}

static struct cpu_packets *cpu_get(struct packets *p, unsigned number)
{
	if (number >= p->n_cpus) {
		p->cpus = g_renew(struct cpu_packets *, p->cpus, number + 1);
		while (p->n_cpus <= number)
			p->cpus[p->n_cpus++] = NULL;
	}
	if (!p->cpus[number])
		p->cpus[number] = g_new0(struct cpu_packets, 1);
	return p->cpus[number];
}

/* ---- packets that are queued ------------------------------------------------------------- */

static bool is_answer(const struct packet_header *answer, const struct packet_header *to)
{
	struct ends a = ends_of(answer), b = ends_of(to);

	b = ends_reversed(&b);
	return ends_equal(&a, &b);
}

/* The i-th last packet received in the softirq at hand; NULL: there is none. */
static const struct received *received_last(const struct cpu_packets *cpu, unsigned i)
{
	if (i >= MIN(cpu->n_received, RECEIVED))
		return NULL;
	return &cpu->received[(cpu->n_received - 1 - i) % RECEIVED];
}

/*
 * The i-th last packet received before, of which several may be what is being processed:
 * drivers hand packets up by the batch, loopback does one by one.
 */
static const struct received *received_candidate(const struct cpu_packets *cpu, unsigned i)
{
	const struct received *last = received_last(cpu, 0);

	return last && i && last->is_loopback ? NULL : received_last(cpu, i);
}

/* Of a batch the one of the same connection, or that is passed on. */
static void find_trigger(const struct cpu_packets *cpu, struct queued *q)
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

static void on_queue(struct packets *p, const struct fb_event *ev, const struct fb_kernel *k)
{
	struct cpu_packets *cpu = cpu_get(p, ev->cpu);
	struct queued *q = in_flight_add(&p->in_flight, ev);
	struct packet *packet = &q->packet;

	p->counts.queued++;
	header_read(p->source, &p->fields, ev, &packet->header);
	fb_kernel_actor(k, ev->cpu, &packet->sender);
	complete_sender(cpu, &packet->sender);
	if (packet->sender.kind == FB_CAUSE_SOFTIRQ && packet->sender.id == FB_SOFTIRQ_NET_RX)
		find_trigger(cpu, q);
	if (packet->header.address_bytes)
		in_flight_add_ends(&p->in_flight, q);
	if (!is_tcp(&packet->header))
		return;
	flows_queue(p->flows, packet);
	if (packet->is_resent)
		packet->first_queued = in_flight_first(&p->in_flight, q);
	p->counts.resent += packet->is_resent;
	p->counts.held += packet->held.since != FB_NS_NONE;
	p->counts.held_inferred += packet->held.since != FB_NS_NONE && packet->held.inferred;
}

/* ---- packets that are received ----------------------------------------------------------- */

static void link_packet(struct packets *p, struct queued *q, enum packet_match match,
			const struct fb_event *ev, struct packet *to)
{
	struct packet_header header = to->header;

	in_flight_receive(&p->in_flight, q);
	*to = q->packet;
	to->header = header;
	to->match = match;
	to->received = ev->time;
	to->receive_cpu = ev->cpu;
	to->number = p->counts.by_skb + p->counts.by_header + 1;
	if (match == PACKET_BY_SKB)
		p->counts.by_skb++;
	else
		p->counts.by_header++;
}

/* A bridge hands the packet up to itself as one that it received: the same once more. */
static const struct received *find_again(const struct cpu_packets *cpu, const struct fb_event *ev,
					 const struct packet_header *header)
{
	const struct received *last = received_last(cpu, 0);

	return last && last->skb == ev->net.skbaddr && header->address_bytes &&
			       headers_agree(&last->packet.header, header)
		       ? last
		       : NULL;
}

static const struct packet *on_receive(struct packets *p, const struct fb_event *ev)
{
	struct cpu_packets *cpu = cpu_get(p, ev->cpu);
	const struct received *again;
	struct packet_header header;
	struct received *r;
	struct queued *q;

	p->counts.received++;
	header_read(p->source, &p->fields, ev, &header);
	q = in_flight_find_skb(&p->in_flight, ev, &header);
	again = q ? NULL : find_again(cpu, ev, &header);
	if (again)
		return again->packet.number ? &again->packet : NULL;
	r = &cpu->received[cpu->n_received++ % RECEIVED];
	cpu->n_new++;
	*r = (struct received){ .skb = ev->net.skbaddr,
				.is_loopback = is_loopback(ev),
				.packet = { .header = header,
					    .queued = FB_NS_NONE,
					    .received = ev->time,
					    .receive_cpu = ev->cpu } };
	if (q)
		link_packet(p, q, PACKET_BY_SKB, ev, &r->packet);
	else if ((q = in_flight_find_header(&p->in_flight, &header, ev->time)))
		link_packet(p, q, PACKET_BY_HEADER, ev, &r->packet);
	if (is_tcp(&header))
		flows_receive(p->flows, &r->packet);
	return q ? &r->packet : NULL;
}

/* ---- the rest ---------------------------------------------------------------------------- */

/* Whose data it is that is received: whom the packet wakes. */
static void on_waking(struct packets *p, const struct fb_event *ev, const struct fb_kernel *k)
{
	struct cpu_packets *cpu = ev->cpu < p->n_cpus ? p->cpus[ev->cpu] : NULL;
	const struct received *last = cpu ? received_last(cpu, 0) : NULL;
	const struct fb_task *task;

	if (!last || fb_kernel_context(k, ev->cpu) != FB_FRAME_SOFTIRQ)
		return;
	task = fb_kernel_find_task(k, ev->sched.tid);
	/* After a batch nobody knows which one it was. */
	if (task && (last->is_loopback || cpu->n_new <= 1) && is_tcp(&last->packet.header))
		flows_woken(p->flows, &last->packet.header, task);
	cpu->n_new = 0;
}

static void on_sys_exit(struct packets *p, const struct fb_event *ev, const struct fb_task *task)
{
	struct cpu_packets *cpu = cpu_get(p, ev->cpu);

	cpu->left = task;
	cpu->left_call = ev->sys_exit.call;
	flows_exit(p->flows, ev, task);
}

/* What was lost may have been calls, too. */
static void forget_calls(struct packets *p, unsigned number)
{
	if (number < p->n_cpus && p->cpus[number])
		p->cpus[number]->left = NULL;
}

static void forget_received(struct packets *p, unsigned number)
{
	if (number < p->n_cpus && p->cpus[number])
		p->cpus[number]->n_received = p->cpus[number]->n_new = 0;
}

void packets_gap(struct packets *p)
{
	for (unsigned i = 0; i < p->n_cpus; i++) {
		forget_received(p, i);
		forget_calls(p, i);
	}
	flows_lost(p->flows);
}

const struct packet *packets_event(struct packets *p, const struct fb_event *ev,
				   const struct fb_kernel *k)
{
	const struct fb_task *current;

	switch (ev->kind) {
	case FB_EV_NET_QUEUE:
		on_queue(p, ev, k);
		break;
	case FB_EV_NET_RECEIVE:
		return on_receive(p, ev);
	case FB_EV_SYS_ENTER:
		current = fb_kernel_current(k, ev->cpu);
		if (current)
			flows_enter(p->flows, ev, current);
		break;
	case FB_EV_SYS_EXIT:
		current = fb_kernel_current(k, ev->cpu);
		if (current)
			on_sys_exit(p, ev, current);
		break;
	case FB_EV_WAKING:
		on_waking(p, ev, k);
		break;
	case FB_EV_SOFTIRQ_ENTER:
		forget_received(p, ev->cpu);
		break;
	case FB_EV_LOST:
		forget_received(p, ev->cpu);
		forget_calls(p, ev->cpu);
		flows_lost(p->flows);
		break;
	default:
		break;
	}
	return NULL;
}

const struct packet *packets_waker(const struct packets *p, int number, const struct fb_task *task)
{
	const struct cpu_packets *cpu =
		number >= 0 && (unsigned)number < p->n_cpus ? p->cpus[number] : NULL;
	const struct received *found = cpu ? received_last(cpu, 0) : NULL, *r;

	for (unsigned i = 0; cpu && task && (r = received_candidate(cpu, i)); i++)
		if (is_tcp(&r->packet.header) && flows_uses(p->flows, &r->packet.header, task)) {
			found = r;
			break;
		}
	return found && found->packet.number ? &found->packet : NULL;
}
