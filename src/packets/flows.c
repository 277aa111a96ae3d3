/* SPDX-License-Identifier: MIT */
/* flows.c - finds the connection of a packet or a descriptor, and takes in what happens to it. */
#include "packets/flow.h"

#define FLOWS 1024

static bool flow_equal(const void *slot, const void *key)
{
	return ends_equal(&((const struct flow *)slot)->ends, key);
}

struct flows *flows_new(struct fb_source *source)
{
	const uint64_t calls = FB_KIND_BIT(FB_EV_SYS_ENTER) | FB_KIND_BIT(FB_EV_SYS_EXIT);
	struct flows *f = g_new0(struct flows, 1);

	f->source = source;
	f->has_calls = (source->info.kinds & calls) == calls;
	cache_init(&f->all, sizeof(struct flow), FLOWS, flow_equal);
	descriptors_init(&f->descriptors);
	buffers_init(&f->buffers);
	callers_init(&f->callers, source);
	return f;
}

void flows_free(struct flows *f)
{
	if (!f)
		return;
	callers_clear(&f->callers);
	buffers_clear(&f->buffers);
	descriptors_clear(&f->descriptors);
	cache_clear(&f->all);
	g_free(f);
}

struct flows_counts flows_counts(const struct flows *f)
{
	return (struct flows_counts){ .drifts = f->drifts, .evicted = f->all.evicted };
}

static struct flow *find_flow(struct flows *f, const struct ends *ends)
{
	return cache_find(&f->all, ends_hash(ends), ends);
}

static struct flow *get_flow(struct flows *f, const struct ends *ends)
{
	bool is_new;
	struct flow *flow = cache_get(&f->all, ends_hash(ends), ends, &is_new);

	if (is_new)
		*flow = (struct flow){ .head = flow->head,
				       .ends = *ends,
				       .full_until = FB_NS_NONE,
				       .dropped = { .time = FB_NS_NONE },
				       .last_queued = FB_NS_NONE };
	return flow;
}

/* The socket that a TCP packet is for. */
static struct flow *get_back(struct flows *f, const struct packet_header *header)
{
	struct ends ends = ends_of(header);

	ends = ends_reversed(&ends);
	return get_flow(f, &ends);
}

struct flow *flows_port(struct flows *f, const struct packet_header *header, bool is_wanted)
{
	struct ends port = { .protocol = header->protocol, .source_port = header->dest_port };

	return is_wanted ? get_flow(f, &port) : find_flow(f, &port);
}

/* ---- whose descriptors they are ---------------------------------------------------------- */

struct flow *flow_of(struct flows *f, const struct fb_task *task, int32_t fd, bool *is_sure)
{
	struct flow *flow = descriptor_find(&f->descriptors, task, fd, is_sure);

	return flow && !flow->is_over ? flow : NULL;
}

static void add_user(struct flow *flow, const struct fb_task *task, bool sends)
{
	for (unsigned i = 0; i < USERS; i++)
		if (flow->users[i].task == task) {
			flow->users[i].sends |= sends;
			return;
		}
	flow->users[flow->next_user].task = task;
	flow->users[flow->next_user].sends = sends;
	flow->next_user = (flow->next_user + 1) % USERS;
}

/* The connection that the peer's port tells, the youngest one where there are several. */
static struct flow *find_peer(struct flows *f, uint16_t port)
{
	struct flow *found = NULL;

	for (size_t i = 0; i < f->all.n; i++) {
		struct flow *flow = cache_nth(&f->all, i);

		if (flow && flow->ends.dest_port == port && !flow->is_over &&
		    (!found || flow->head.used > found->head.used))
			found = flow;
	}
	return found;
}

/* What a socket that listens hands out next: connections in the order in which they were complete. */
static struct flow *next_completed(const struct flow *port)
{
	return port->n_completed > port->n_accepted && port->n_completed - port->n_accepted <= COMPLETED ?
		       cache_deref(port->completed[port->n_accepted % COMPLETED]) :
		       NULL;
}

static void accepted(struct flows *f, const struct fb_event *ev, const struct fb_task *task,
		     int32_t listening)
{
	struct flow *found = NULL, *port;
	struct fb_value peer;
	bool is_sure;

	if (ev->sys_exit.ret < 0 || ev->sys_exit.ret > INT32_MAX)
		return;
	descriptor_close(&f->descriptors, task, ev->sys_exit.ret);
	port = descriptor_find(&f->descriptors, task, listening, &is_sure);
	if (fb_source_field(f->source, ev, FB_EXTRA_PEER_PORT, &peer) && peer.number)
		found = find_peer(f, peer.number);
	is_sure = found != NULL;
	if (port && !found)
		found = next_completed(port);
	if (port)
		port->n_accepted++;
	if (found)
		descriptor_bind(&f->descriptors, task, ev->sys_exit.ret, found, is_sure);
}

void flows_enter(struct flows *f, const struct fb_event *ev, const struct fb_task *task)
{
	struct caller *caller = callers_enter(&f->callers, ev, task);
	struct flow *flow = NULL;
	bool is_sure;

	if (fb_syscall_is(ev->sys_enter.call, FB_CALL_CLOSE))
		descriptor_close(&f->descriptors, task, ev->sys_enter.fd);
	if (caller && caller->open.fd >= 0)
		flow = flow_of(f, task, caller->open.fd, &is_sure);
	if (flow)
		flow->writer = cache_ref(caller);
}

void flows_exit(struct flows *f, const struct fb_event *ev, const struct fb_task *task)
{
	struct socket_call call;
	struct flow *flow;
	bool is_sure;

	/* Whoever closed what it stood for was not seen: an exec, close_range(). */
	if (fb_syscall_is(ev->sys_exit.call, FB_CALL_MAKES_FD) && ev->sys_exit.ret >= 0)
		descriptor_close(&f->descriptors, task, MIN(ev->sys_exit.ret, INT32_MAX));
	if (!callers_exit(&f->callers, ev, task, &call))
		return;
	if (call.what->flags & FB_CALL_ACCEPT) {
		accepted(f, ev, task, call.fd);
		return;
	}
	if (call.what->flags & (FB_CALL_DUP | FB_CALL_FCNTL)) {
		descriptor_copy(&f->descriptors, task, call.fd, MIN(ev->sys_exit.ret, INT32_MAX));
		return;
	}
	flow = flow_of(f, task, call.fd, &is_sure);
	if (flow && call.bytes)
		hand_in(f, flow, &call, task, is_sure);
	else if (flow && call.what->flags & FB_CALL_SEND_MANY && ev->sys_exit.ret > 0)
		hand_in_unknown(flow);
}

/* ---- packets ----------------------------------------------------------------------------- */

/* The caller that queues the packet itself, inside its call. */
static struct caller *caller_of(struct flows *f, const struct packet *p)
{
	struct caller *caller = NULL;

	if (p->sender.kind == FB_CAUSE_TASK)
		caller = callers_find(&f->callers, p->sender.task);
	return caller && caller->open.what ? caller : NULL;
}

static void take_data(struct flows *f, struct flow *flow, const struct caller *caller,
		      struct packet *p)
{
	uint32_t begin = data_begin(&p->header);

	if (!flow->knows_next)
		flow->next = begin;
	flow->knows_next = true;
	if (seq_before(begin, flow->next)) {
		p->is_resent = flow->has_resent = true;
		begin = flow->next;
	}
	if (!seq_before(begin, data_end(&p->header)))
		return;
	caller = caller && takes_bytes(&caller->open) ? caller : NULL;
	queue_data(f, flow, caller, begin, p);
	find_written(f, flow, caller, data_end(&p->header), &p->written);
	p->held.unacknowledged = nagle_unacknowledged(flow, p);
	flow->last_queued = p->queued;
	flow->last_payload = p->header.payload;
}

/* A new connection: its bytes count from here. */
static void begin_flow(const struct flows *f, struct flow *flow, struct packet *p)
{
	uint32_t begin = data_begin(&p->header);

	if (flow->knows_next && flow->next == begin && !flow->is_over) {
		p->is_resent = true;
		return;
	}
	*flow = (struct flow){ .head = flow->head,
			       .ends = flow->ends,
			       .epoch = flow->epoch + 1,
			       .next = begin,
			       .handed = begin,
			       .knows_next = true,
			       .knows_handed = f->has_calls,
			       .is_exact = true,
			       .is_connecting = !(p->header.flags & PACKET_ACK),
			       .full_until = FB_NS_NONE,
			       .dropped = { .time = FB_NS_NONE },
			       .last_queued = FB_NS_NONE };
}

/* Who uses the socket that sends on the flow: NULL when nobody was seen to. */
static const struct fb_task *owner_of(const struct flow *flow)
{
	const struct caller *caller = cache_deref(flow->writer);
	const struct fb_task *owner = NULL;

	if (caller)
		return caller->task;
	for (unsigned i = 0; i < USERS; i++)
		if (flow->users[i].task && (!owner || flow->users[i].sends))
			owner = flow->users[i].task;
	return owner;
}

/* Data that was received before waits for this: on purpose, in the hope of more. */
static void acknowledge(struct flow *flow, struct packet *p)
{
	bool is_bare =
		!p->header.payload && !(p->header.flags & (PACKET_SYN | PACKET_FIN | PACKET_RST));

	if (!(p->header.flags & PACKET_ACK) || !flow->unacked.is_set ||
	    seq_before(p->header.ack_seq, flow->unacked.end))
		return;
	flow->unacked.is_set = false;
	if (!is_bare || p->trigger_time != FB_NS_NONE)
		return;
	p->trigger = flow->unacked.number;
	p->trigger_time = p->held.since = flow->unacked.time;
	p->held.owner = owner_of(flow);
}

void flows_queue(struct flows *f, struct packet *p)
{
	struct ends ends = ends_of(&p->header);
	struct flow *flow = get_flow(f, &ends);
	struct caller *caller = caller_of(f, p);
	uint32_t end = data_end(&p->header) + !!(p->header.flags & PACKET_FIN);

	if (p->header.flags & PACKET_SYN)
		begin_flow(f, flow, p);
	if (!flow->has_base)
		flow->base = base_of(&p->header);
	flow->has_base = true;
	receiving_sent(flow, &p->header);
	p->seq_base = flow->base;
	p->ack_base = flow->in.base;
	acknowledge(flow, p);
	if (caller && !fb_syscall_is(caller->open.what, FB_CALL_ACCEPT)) {
		add_user(flow, caller->task, true);
		descriptor_bind(&f->descriptors, caller->task, caller->open.fd, flow, true);
		flow->writer = cache_ref(caller);
	}
	if (p->header.payload)
		take_data(f, flow, caller, p);
	find_reason(flow, p);
	if (caller)
		caller->open.last_sent = p->queued;
	if (!flow->knows_next || seq_before(flow->next, end))
		flow->next = end;
	flow->knows_next = true;
	flow->is_over |= (p->header.flags & (PACKET_FIN | PACKET_RST)) != 0;
}

void flows_tap(struct flows *f, struct packet *p)
{
	struct ends ends = ends_of(&p->header);
	struct flow *flow = get_flow(f, &ends);

	if (p->header.flags & PACKET_SYN)
		begin_flow(f, flow, p);
	if (!flow->has_base)
		flow->base = base_of(&p->header);
	flow->has_base = true;
	receiving_sent(flow, &p->header);
	p->seq_base = flow->base;
	p->ack_base = flow->in.base;
}

/* How far the other end has received, and how much more it takes. */
static void note_acked(struct flow *flow, const struct packet *p)
{
	if (!(p->header.flags & PACKET_ACK))
		return;
	flow->acked_before = flow->acked;
	flow->acked.is_known = p->header.has_window;
	flow->acked.seq = p->header.ack_seq;
	flow->acked.window = p->header.window;
	flow->acked.is_whole = p->header.flags & PACKET_SYN;
	flow->acked.time = p->received;
	note_window(flow);
}

/* Of what the socket sent itself nothing may have been seen. */
static uint32_t ack_base(struct flow *flow, const struct packet_header *header)
{
	if (!flow->has_base && header->flags & PACKET_ACK) {
		flow->base = header->ack_seq - 1;
		flow->has_base = true;
	}
	return flow->base;
}

struct flow *flows_receive(struct flows *f, const struct packet *p, struct arrival *arrival)
{
	struct flow *flow = get_back(f, &p->header), *port;

	*arrival = receive(flow, &p->header, p->received);
	arrival->is_early = flow->is_connecting;
	flow->is_connecting = false;
	arrival->seq_base = flow->in.base;
	arrival->ack_base = ack_base(flow, &p->header);
	note_acked(flow, p);
	if (arrival->can & CAN_ACCEPT) {
		port = flows_port(f, &p->header, true);
		port->completed[port->n_completed++ % COMPLETED] = cache_ref(flow);
	}
	if (!p->header.payload || flow->unacked.is_set)
		return flow;
	flow->unacked.is_set = true;
	flow->unacked.end = data_end(&p->header);
	flow->unacked.number = p->number;
	flow->unacked.time = p->received;
	return flow;
}

void flows_queue_datagram(struct flows *f, const struct packet *p)
{
	struct ends port = { .protocol = p->header.protocol, .source_port = p->header.source_port };
	struct caller *caller = caller_of(f, p);

	if (caller && takes_bytes(&caller->open))
		descriptor_bind(&f->descriptors, caller->task, caller->open.fd, get_flow(f, &port), true);
}

void flows_dropped(struct cache_ref ref, const struct arrival *arrival, fb_ns time, int32_t reason)
{
	struct flow *flow = cache_deref(ref);

	if (!flow)
		return;
	receive_dropped(flow, arrival);
	flow->dropped.time = time;
	flow->dropped.reason = reason;
}

void flows_receive_again(struct cache_ref ref, const struct packet *p, struct arrival *arrival)
{
	struct flow *flow = cache_deref(ref);

	if (flow)
		*arrival = receive(flow, &p->header, p->received);
}

void flows_fork(struct flows *f, const struct fb_event *ev)
{
	int32_t parent = ev->fork.parent_pid ? ev->fork.parent_pid : ev->fork.parent_tid;

	if (!ev->fork.child_pid || ev->fork.child_pid == ev->fork.child_tid)
		descriptors_fork(&f->descriptors, parent, ev->fork.child_tid);
}

void flows_woken(struct flow *flow, const struct fb_task *task)
{
	add_user(flow, task, false);
}

void flows_lost(struct flows *f)
{
	callers_lost(&f->callers);
	descriptors_lost(&f->descriptors);
	buffers_lost(&f->buffers);
	for (size_t i = 0; i < f->all.n; i++) {
		struct flow *flow = cache_nth(&f->all, i);

		if (!flow)
			continue;
		flow->knows_handed = flow->is_exact = false;
		receiving_lost(flow);
		flow->unacked.is_set = false;
		flow->acked.is_known = flow->acked_before.is_known = false;
	}
}
