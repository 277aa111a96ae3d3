/* SPDX-License-Identifier: MIT */
/*
 * packets.c - takes in events, and finds the sending of each received packet.
 */
#include "packets/state.h"

#include "packets/choice.h"
#include "packets/describe.h"

uint64_t packets_kinds(void)
{
	return FB_KIND_BIT(FB_EV_NET_QUEUE) | FB_KIND_BIT(FB_EV_NET_RECEIVE) |
	       FB_KIND_BIT(FB_EV_SYS_ENTER) | FB_KIND_BIT(FB_EV_SYS_EXIT) |
	       FB_KIND_BIT(FB_EV_NET_START) | FB_KIND_BIT(FB_EV_NET_LOOP) |
	       FB_KIND_BIT(FB_EV_NET_XMIT) |
	       FB_KIND_BIT(FB_EV_SKB_COPY) | FB_KIND_BIT(FB_EV_SKB_CONSUME) |
	       FB_KIND_BIT(FB_EV_SKB_FREE) | FB_KIND_BIT(FB_EV_FORK) |
	       FB_KIND_BIT(FB_EV_WAKING) | FB_KIND_BIT(FB_EV_SOFTIRQ_ENTER) |
	       FB_KIND_BIT(FB_EV_SOFTIRQ_EXIT);
}

struct packets *packets_new(struct fb_source *source, unsigned capacity)
{
	const uint64_t needed = FB_KIND_BIT(FB_EV_NET_QUEUE) | FB_KIND_BIT(FB_EV_NET_RECEIVE);
	bool has_packets = (source->info.kinds & needed) == needed;
	struct tapped *tapped = has_packets ? NULL : tapped_new(source);
	struct packets *p;

	if (!has_packets && !tapped)
		return NULL;
	p = g_new0(struct packets, 1);
	p->source = source;
	p->entered = g_array_new(FALSE, TRUE, sizeof(struct entered));
	header_fields_init(&p->fields);
	p->flows = flows_new(source);
	in_flight_init(&p->in_flight, capacity);
	p->tapped = tapped;
	if (has_packets)
		p->captures = captures_new(source);
	return p;
}

void packets_free(struct packets *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < p->n_cpus; i++)
		g_free(p->cpus[i]);
	g_free(p->cpus);
	g_array_unref(p->entered);
	in_flight_clear(&p->in_flight);
	captures_free(p->captures);
	tapped_free(p->tapped);
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

struct cpu_packets *packets_cpu(struct packets *p, unsigned number)
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
static const struct received *find_again(struct cpu_packets *cpu, const struct fb_event *ev,
					 const struct packet_header *header)
{
	const struct received *last = received_last(cpu, 0);

	return last && last->skb == ev->net.skbaddr && header->address_bytes &&
			       headers_agree(&last->packet.header, header)
		       ? last
		       : NULL;
}

/* Which list a packet belongs to that is received now. */
static unsigned list_at(struct cpu_packets *cpu, bool is_loopback)
{
	if (cpu->list_is_over || is_loopback)
		cpu->list++;
	cpu->list_is_over = false;
	return cpu->list;
}

static void find_socket(struct packets *p, struct received *r)
{
	const struct packet_header *header = &r->packet.header;
	struct flow *flow = NULL;

	if (is_tcp(header)) {
		flow = flows_receive(p->flows, &r->packet, &r->arrival);
	} else if (header->protocol == PROTOCOL_UDP && header->has_ports) {
		flow = flows_port(p->flows, header, true);
		r->arrival.can = CAN_READ;
	}
	r->flow = flow ? cache_ref(flow) : (struct cache_ref){ 0 };
	flows_fill(p->flows, r->skb, &r->packet, flow);
}

static const struct packet *on_receive(struct packets *p, const struct fb_event *ev)
{
	struct cpu_packets *cpu = packets_cpu(p, ev->cpu);
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
	*r = (struct received){ .skb = ev->net.skbaddr,
				.list = list_at(cpu, is_loopback(ev)),
				.is_loopback = is_loopback(ev),
				.packet = { .header = header,
					    .queued = FB_NS_NONE,
					    .received = ev->time,
					    .receive_cpu = ev->cpu } };
	if (q)
		link_packet(p, q, PACKET_BY_SKB, ev, &r->packet);
	else if ((q = in_flight_find_header(&p->in_flight, &header, ev->time)))
		link_packet(p, q, PACKET_BY_HEADER, ev, &r->packet);
	if (p->captures)
		r->packet.captured = captures_received(p->captures, ev, &header);
	find_socket(p, r);
	return q ? &r->packet : NULL;
}

/* The i-th last was dropped: those behind it find other things there than was thought. */
static void receive_again(struct cpu_packets *cpu, unsigned i)
{
	const struct received *dropped = received_last(cpu, i);

	while (i--) {
		struct received *r = received_last(cpu, i);
		unsigned could = r->arrival.can;

		if (r->is_dropped || r->flow.slot != dropped->flow.slot || !is_tcp(&r->packet.header))
			continue;
		flows_receive_again(r->flow, &r->packet, &r->arrival);
		r->arrival.can |= could;
	}
}

/* What was received is not delivered when it is dropped in the same softirq. */
static void on_free(struct packets *p, const struct fb_event *ev, const struct fb_kernel *k)
{
	enum { NOT_SPECIFIED = 2 }; /* of the kernel's reasons */
	struct cpu_packets *cpu = ev->cpu < p->n_cpus ? p->cpus[ev->cpu] : NULL;
	bool is_drop = ev->net.reason < 0 || ev->net.reason > NOT_SPECIFIED;
	struct received *r;

	flows_drop(p->flows, ev->net.skbaddr);
	if (!cpu || !is_drop || fb_kernel_context(k, ev->cpu) != FB_FRAME_SOFTIRQ)
		return;
	for (unsigned i = 0; (r = received_last(cpu, i)); i++)
		if (r->skb == ev->net.skbaddr && !r->is_dropped) {
			r->is_dropped = true;
			r->reason = ev->net.reason;
			flows_dropped(r->flow, &r->arrival, ev->time, ev->net.reason);
			receive_again(cpu, i);
			return;
		}
}

/* ---- the rest ---------------------------------------------------------------------------- */

static void on_waking(struct packets *p, const struct fb_event *ev, const struct fb_kernel *k)
{
	struct cpu_packets *cpu = ev->cpu < p->n_cpus ? p->cpus[ev->cpu] : NULL;
	const struct fb_task *task;
	struct choice choice;

	if (!cpu || !cpu->n_received || fb_kernel_context(k, ev->cpu) != FB_FRAME_SOFTIRQ)
		return;
	task = fb_kernel_find_task(k, ev->sched.tid);
	if (!task)
		return;
	choice = choose(p->flows, cpu, task);
	choice_learn(p->flows, &choice, task);
	cpu->list_is_over = true;
}

static void on_taken(struct packets *p, const struct fb_event *ev, const struct fb_kernel *k)
{
	const struct fb_task *task = fb_kernel_current(k, ev->cpu);

	if (fb_kernel_context(k, ev->cpu) == FB_FRAME_NONE && task)
		flows_take(p->flows, ev, task);
	else
		flows_drop(p->flows, ev->net.skbaddr);
}

static void on_sys_enter(struct packets *p, const struct fb_event *ev, const struct fb_task *task)
{
	if (task->number >= p->entered->len)
		g_array_set_size(p->entered, task->number + 1);
	g_array_index(p->entered, struct entered, task->number) =
		(struct entered){ ev->time, ev->sys_enter.fd };
	flows_enter(p->flows, ev, task);
}

static void on_sys_exit(struct packets *p, const struct fb_event *ev, const struct fb_task *task)
{
	struct cpu_packets *cpu = packets_cpu(p, ev->cpu);

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
		p->cpus[number]->n_received = 0;
}

void packets_gap(struct packets *p)
{
	for (unsigned i = 0; i < p->n_cpus; i++) {
		forget_received(p, i);
		forget_calls(p, i);
	}
	g_array_set_size(p->entered, 0);
	flows_lost(p->flows);
}

const struct packet *packets_event(struct packets *p, const struct fb_event *ev,
				   const struct fb_kernel *k)
{
	const struct fb_task *current;

	p->sent = NULL;
	if (p->tapped)
		tapped_advance(p, ev->time);
	switch (ev->kind) {
	case FB_EV_NET_QUEUE:
		packets_queue(p, ev, k);
		break;
	case FB_EV_NET_RECEIVE:
		return on_receive(p, ev);
	case FB_EV_SYS_ENTER:
		current = fb_kernel_current(k, ev->cpu);
		if (current)
			on_sys_enter(p, ev, current);
		break;
	case FB_EV_SYS_EXIT:
		current = fb_kernel_current(k, ev->cpu);
		if (current)
			on_sys_exit(p, ev, current);
		break;
	case FB_EV_WAKING:
		on_waking(p, ev, k);
		break;
	case FB_EV_NET_START:
	case FB_EV_NET_LOOP:
	case FB_EV_NET_XMIT:
		p->sent = in_flight_send(&p->in_flight, ev);
		break;
	case FB_EV_SKB_COPY:
	case FB_EV_SKB_CONSUME:
		on_taken(p, ev, k);
		break;
	case FB_EV_SKB_FREE:
		on_free(p, ev, k);
		break;
	case FB_EV_FORK:
		flows_fork(p->flows, ev);
		break;
	case FB_EV_SOFTIRQ_ENTER:
		forget_received(p, ev->cpu);
		if (p->tapped)
			tapped_softirq(p, ev);
		break;
	case FB_EV_SOFTIRQ_EXIT:
		if (p->tapped)
			tapped_softirq(p, ev);
		break;
	case FB_EV_LOST:
		if (p->tapped)
			tapped_softirq(p, ev);
		forget_received(p, ev->cpu);
		forget_calls(p, ev->cpu);
		g_array_set_size(p->entered, 0);
		flows_lost(p->flows);
		break;
	default:
		break;
	}
	return NULL;
}

static struct cpu_packets *cpu_find(const struct packets *p, int number)
{
	return number >= 0 && (unsigned)number < p->n_cpus ? p->cpus[number] : NULL;
}

void packets_advance(struct packets *p, fb_ns now)
{
	if (p->tapped)
		tapped_advance(p, now);
}

void packets_describe(const struct packets *p, int number, const struct fb_task *task,
		      struct fb_packet *to)
{
	struct cpu_packets *cpu = cpu_find(p, number);
	struct choice choice = { .match = FB_PACKET_NONE, .none = FB_PACKET_NONE_SEEN };

	if (cpu)
		choice = choose(p->flows, cpu, task);
	/* That it was received just there, by that CPU, no event tells. */
	if (p->tapped && choice.match == FB_PACKET_EXACT)
		choice.match = FB_PACKET_INFERRED;
	describe(&choice, &p->in_flight, p->captures, to);
}

const struct packet *packets_waker(const struct packets *p, int number, const struct fb_task *task)
{
	struct cpu_packets *cpu = cpu_find(p, number);
	struct choice choice;

	if (!cpu || !task)
		return NULL;
	choice = choose(p->flows, cpu, task);
	return choice.received && choice.received->packet.number ? &choice.received->packet : NULL;
}

bool packets_capture(const struct packets *p, unsigned i, struct fb_capture *capture)
{
	if (p->tapped)
		return tapped_nth(p->tapped, i, capture);
	captures_end(p->captures);
	return captures_nth(p->captures, i, capture);
}
