/* SPDX-License-Identifier: MIT */
/* flows.c - finds the connection of a packet or a descriptor, and takes in what happens to it. */
#include "packets/flow.h"

#define FLOWS	    1024
#define DESCRIPTORS 2048

static bool flow_equal(const void *slot, const void *key)
{
	return ends_equal(&((const struct flow *)slot)->ends, key);
}

static bool descriptor_equal(const void *slot, const void *key)
{
	const struct descriptor *a = slot, *b = key;

	return a->process == b->process && a->fd == b->fd;
}

struct flows *flows_new(struct fb_source *source)
{
	const uint64_t calls = FB_KIND_BIT(FB_EV_SYS_ENTER) | FB_KIND_BIT(FB_EV_SYS_EXIT);
	struct flows *f = g_new0(struct flows, 1);

	f->source = source;
	f->has_calls = (source->info.kinds & calls) == calls;
	cache_init(&f->all, sizeof(struct flow), FLOWS, flow_equal);
	cache_init(&f->descriptors, sizeof(struct descriptor), DESCRIPTORS, descriptor_equal);
	callers_init(&f->callers, source);
	return f;
}

void flows_free(struct flows *f)
{
	if (!f)
		return;
	callers_clear(&f->callers);
	cache_clear(&f->descriptors);
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
		*flow = (struct flow){ .head = flow->head, .ends = *ends, .last_queued = FB_NS_NONE };
	return flow;
}

/* The direction back to where the packet came from. */
static struct flow *find_back(struct flows *f, const struct packet_header *header)
{
	struct ends ends = ends_of(header);

	ends = ends_reversed(&ends);
	return find_flow(f, &ends);
}

/* ---- whose descriptors they are ---------------------------------------------------------- */

static uint64_t descriptor_hash(int32_t process, int32_t fd)
{
	return hash_add(hash_add(0, (uint32_t)process), (uint32_t)fd);
}

void bind_descriptor(struct flows *f, const struct fb_task *task, int32_t fd,
		     const struct flow *flow, bool is_sure)
{
	struct descriptor key = { .process = fb_task_process(task), .fd = fd }, *d;
	bool is_new;

	if (fd < 0)
		return;
	d = cache_get(&f->descriptors, descriptor_hash(key.process, fd), &key, &is_new);
	d->process = key.process;
	d->fd = fd;
	d->flow = cache_ref(flow);
	d->is_sure = is_sure;
	d->epoch = flow->epoch;
}

struct flow *flow_of(struct flows *f, const struct fb_task *task, int32_t fd, bool *is_sure)
{
	struct descriptor key = { .process = fb_task_process(task), .fd = fd };
	struct descriptor *d = cache_find(&f->descriptors, descriptor_hash(key.process, fd), &key);
	struct flow *flow = d ? cache_deref(d->flow) : NULL;

	if (!flow || flow->is_over || (!d->is_sure && d->epoch != flow->epoch))
		return NULL;
	*is_sure = d->is_sure;
	return flow;
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

/* The peer's port tells the connection, the youngest one where there are several. */
static void accepted(struct flows *f, const struct fb_event *ev, const struct fb_task *task)
{
	struct flow *found = NULL;
	struct fb_value port;

	if (ev->sys_exit.ret < 0 || ev->sys_exit.ret > INT32_MAX ||
	    !fb_source_field(f->source, ev, FB_EXTRA_PEER_PORT, &port) || !port.number)
		return;
	for (size_t i = 0; i < f->all.n; i++) {
		struct flow *flow = cache_nth(&f->all, i);

		if (flow && flow->ends.dest_port == port.number && !flow->is_over &&
		    (!found || flow->head.used > found->head.used))
			found = flow;
	}
	if (found)
		bind_descriptor(f, task, ev->sys_exit.ret, found, true);
}

void flows_enter(struct flows *f, const struct fb_event *ev, const struct fb_task *task)
{
	struct caller *caller = callers_enter(&f->callers, ev, task);
	struct flow *flow = NULL;
	bool is_sure;

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

	if (!callers_exit(&f->callers, ev, task, &call))
		return;
	if (call.what->flags & FB_CALL_ACCEPT) {
		accepted(f, ev, task);
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
	queue_data(f, flow, caller && takes_bytes(&caller->open) ? caller : NULL, begin, p);
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
	acknowledge(flow, p);
	if (caller && !fb_syscall_is(caller->open.what, FB_CALL_ACCEPT)) {
		add_user(flow, caller->task, true);
		bind_descriptor(f, caller->task, caller->open.fd, flow, true);
		flow->writer = cache_ref(caller);
	}
	if (p->header.payload)
		take_data(f, flow, caller, p);
	if (caller)
		caller->open.last_sent = p->queued;
	if (!flow->knows_next || seq_before(flow->next, end))
		flow->next = end;
	flow->knows_next = true;
	flow->is_over |= (p->header.flags & (PACKET_FIN | PACKET_RST)) != 0;
}

/* How far the other end has received, and how much more it takes. */
static void note_acked(struct flow *flow, const struct packet *p)
{
	if (!(p->header.flags & PACKET_ACK) || p->header.flags & PACKET_SYN)
		return;
	flow->acked_before = flow->acked;
	flow->acked.is_known = p->header.has_window;
	flow->acked.seq = p->header.ack_seq;
	flow->acked.window = p->header.window;
	flow->acked.time = p->received;
}

void flows_receive(struct flows *f, const struct packet *p)
{
	struct flow *back = find_back(f, &p->header);

	if (!back)
		return;
	note_acked(back, p);
	if (!p->header.payload || back->unacked.is_set)
		return;
	back->unacked.is_set = true;
	back->unacked.end = data_end(&p->header);
	back->unacked.number = p->number;
	back->unacked.time = p->received;
}

void flows_woken(struct flows *f, const struct packet_header *header, const struct fb_task *task)
{
	struct flow *back = find_back(f, header);

	if (back)
		add_user(back, task, false);
}

bool flows_uses(struct flows *f, const struct packet_header *header, const struct fb_task *task)
{
	const struct flow *back = find_back(f, header);

	for (unsigned i = 0; back && i < USERS; i++)
		if (back->users[i].task == task && back->users[i].sends)
			return true;
	return false;
}

void flows_lost(struct flows *f)
{
	callers_lost(&f->callers);
	for (size_t i = 0; i < f->all.n; i++) {
		struct flow *flow = cache_nth(&f->all, i);

		if (!flow)
			continue;
		flow->knows_handed = flow->is_exact = false;
		flow->unacked.is_set = false;
		flow->acked.is_known = flow->acked_before.is_known = false;
	}
}
