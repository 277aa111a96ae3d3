/* SPDX-License-Identifier: MIT */
/*
 * choice.c - of the packets of the latest list those of the wait's socket, and of these the first
 * that can end its system call by itself: who waited for it was awake before the next one.
 */
#include "packets/choice.h"

#include "packets/flow.h"

/* What the task waits for. */
struct want {
	const struct fb_syscall *call; /* NULL: not known */
	int32_t fd;
	unsigned can;	     /* one of these ends it */
	struct flow *socket; /* NULL: not known */
	bool is_sure;
	const struct fb_task *task;
};

static bool does_as(const struct fb_syscall *call, const char *family)
{
	return !strcmp(call->like ? call->like : call->name, family);
}

static bool waits_for_many(const struct fb_syscall *call)
{
	return does_as(call, "poll") || does_as(call, "select") || does_as(call, "epoll_wait");
}

/* What ends a call; 0: no packet does. */
static unsigned ends_call(const struct fb_syscall *call)
{
	if (!call)
		return CAN_READ | CAN_WRITE | CAN_CONNECT | CAN_ACCEPT;
	if (waits_for_many(call))
		return CAN_READ | CAN_CONNECT | CAN_ACCEPT;
	if (call->flags & FB_CALL_ACCEPT)
		return CAN_ACCEPT;
	if (call->flags & FB_CALL_CONNECT)
		return CAN_CONNECT;
	if (call->flags & FB_CALL_RECEIVE)
		return CAN_READ;
	if (call->flags & FB_CALL_FD_OUT)
		return CAN_READ | CAN_WRITE;
	if (call->flags & (FB_CALL_SEND | FB_CALL_SEND_MANY))
		return CAN_WRITE;
	/* It lingers until all is acknowledged, its own end as well. */
	return call->flags & FB_CALL_CLOSE ? CAN_READ | CAN_WRITE : 0;
}

static struct want want_of(struct flows *f, const struct fb_task *task)
{
	struct want want = { .task = task };

	want.call = f->has_calls ? fb_task_call(task, &want.fd) : NULL;
	want.can = ends_call(want.call);
	if (!want.call || waits_for_many(want.call))
		want.fd = -1;
	if (want.fd >= 0)
		want.socket = descriptor_find(&f->descriptors, task, want.fd, &want.is_sure);
	return want;
}

/* ---- which of them may be it ------------------------------------------------------------- */

/* The packets of the list at hand that the task was not woken by before, in their order. */
struct list {
	struct received *packets[RECEIVED];
	unsigned n;
	unsigned in_softirq; /* all that were received in it */
};

static struct list list_of(struct cpu_packets *cpu, const struct fb_task *task)
{
	struct list list = { .n = 0 };
	struct received *r;

	for (unsigned i = MIN(cpu->n_received, RECEIVED); i-- > 0;) {
		r = received_last(cpu, i);
		list.in_softirq += !r->is_dropped;
		if (r->list != cpu->list || r->is_dropped)
			continue;
		list.packets[list.n++] = r;
		if (r->woke == task)
			list.n = 0;
	}
	return list;
}

static bool is_port(const struct flow *flow)
{
	return !flow->ends.address_bytes;
}

static bool is_of_socket(const struct received *r, const struct flow *socket)
{
	const struct packet_header *h = &r->packet.header;

	if (!is_port(socket))
		return cache_deref(r->flow) == socket;
	return h->protocol == socket->ends.protocol && h->dest_port == socket->ends.source_port &&
	       (h->protocol != PROTOCOL_TCP || r->arrival.can & CAN_ACCEPT);
}

/* Whether the process has the packet's socket, or the one that listens for its connection. */
static bool is_of_process(struct flows *f, const struct received *r, const struct fb_task *task,
			  bool *is_sure)
{
	const struct flow *flow = cache_deref(r->flow), *port;

	if (r->arrival.can & CAN_ACCEPT) {
		port = flows_port(f, &r->packet.header, false);
		return port && is_owner(port, task, is_sure);
	}
	return flow && is_owner(flow, task, is_sure);
}

/* Whether others were seen to have its socket, and the task was not. */
static bool is_anothers(struct flows *f, const struct received *r, const struct fb_task *task)
{
	const struct flow *flow = r->arrival.can & CAN_ACCEPT ?
					  flows_port(f, &r->packet.header, false) :
					  cache_deref(r->flow);
	bool is_sure;

	if (flow && is_owner(flow, task, &is_sure))
		return false;
	for (unsigned i = 0; flow && i < OWNERS; i++)
		if (flow->owners[i].descriptors && flow->owners[i].is_sure)
			return true;
	return false;
}

/* ---- the choice -------------------------------------------------------------------------- */

static struct choice none(enum fb_packet_none why)
{
	return (struct choice){ .match = FB_PACKET_NONE, .none = why };
}

/* Each acknowledgement of a list frees some room: nothing tells which one freed enough. */
static void add_others(struct choice *choice, const struct list *list, struct flow *socket)
{
	for (unsigned i = 0; i < list->n; i++) {
		struct received *r = list->packets[i];

		if (r == choice->received || !(r->arrival.can & CAN_WRITE) ||
		    !is_of_socket(r, socket))
			continue;
		choice->match = FB_PACKET_AMBIGUOUS;
		if (choice->n_others < FB_PACKET_OTHERS)
			choice->others[choice->n_others++] = r;
	}
}

static struct choice of_socket(const struct want *want, const struct list *list)
{
	struct choice choice = none(FB_PACKET_NONE_OF_SOCKET);

	for (unsigned i = 0; i < list->n; i++) {
		struct received *r = list->packets[i];

		if (!is_of_socket(r, want->socket))
			continue;
		choice.none = FB_PACKET_NONE_CAN;
		if (!(r->arrival.can & want->can))
			continue;
		choice = (struct choice){ .match = want->is_sure || list->in_softirq == 1 ?
							  FB_PACKET_EXACT :
							  FB_PACKET_INFERRED,
					  .received = r };
		if (want->can == CAN_WRITE)
			add_others(&choice, list, want->socket);
		break;
	}
	choice.socket = cache_ref(want->socket);
	return choice;
}

/* poll() and the like: any of the process's sockets. */
static struct choice of_process(struct flows *f, const struct want *want, const struct list *list)
{
	struct choice choice = none(FB_PACKET_NONE_OF_SOCKET);
	bool is_sure;

	for (unsigned i = 0; i < list->n; i++) {
		struct received *r = list->packets[i];

		if (!is_of_process(f, r, want->task, &is_sure))
			continue;
		choice.none = FB_PACKET_NONE_CAN;
		if (!(r->arrival.can & want->can))
			continue;
		choice.match = is_sure || list->in_softirq == 1 ? FB_PACKET_EXACT :
								  FB_PACKET_INFERRED;
		choice.received = r;
		choice.socket = r->flow;
		break;
	}
	return choice;
}

/* Nothing tells what poll() is for. Where no packet can end it otherwise, it is for room. */
static struct choice of_process_for_writing(struct flows *f, struct want want,
					    const struct list *list)
{
	struct choice choice;

	want.can = CAN_WRITE;
	choice = of_process(f, &want, list);
	if (choice.received)
		choice.match = FB_PACKET_INFERRED;
	return choice;
}

static bool is_of_connection(const struct received *a, const struct received *b)
{
	return a->flow.slot == b->flow.slot && a->flow.id == b->flow.id;
}

/* Whose socket it is nobody saw. */
static struct choice of_anybody(struct flows *f, const struct want *want, const struct list *list)
{
	struct choice choice = none(FB_PACKET_NONE_CAN);
	bool is_alone = list->n == 1 && list->in_softirq == 1, is_mixed = false;

	for (unsigned i = 0; i < list->n; i++) {
		struct received *r = list->packets[i];
		bool is_plain = !r->packet.header.address_bytes || r->arrival.is_first || !want->call;

		if (!(r->arrival.can & want->can) && !(is_alone && is_plain))
			continue;
		if (!is_alone && is_anothers(f, r, want->task))
			continue;
		if (!choice.received)
			choice.received = r;
		else
			is_mixed |= !is_of_connection(choice.received, r);
	}
	if (!choice.received)
		return choice;
	if (is_alone && want->call)
		choice.match = FB_PACKET_EXACT;
	else
		choice.match = is_mixed ? FB_PACKET_GUESSED : FB_PACKET_INFERRED;
	return choice;
}

struct choice choose(struct flows *f, struct cpu_packets *cpu, const struct fb_task *task)
{
	struct want want = want_of(f, task);
	struct list list = list_of(cpu, task);
	struct choice choice;

	if (!want.can || task->kthread)
		return none(FB_PACKET_NONE_CALL);
	if (!list.n)
		return none(FB_PACKET_NONE_SEEN);
	if (want.socket) {
		choice = of_socket(&want, &list);
		if (choice.received || want.is_sure)
			return choice;
	} else if (!want.call || waits_for_many(want.call)) {
		choice = of_process(f, &want, &list);
		if (!choice.received && want.call)
			choice = of_process_for_writing(f, want, &list);
		if (choice.received)
			return choice;
	}
	choice = of_anybody(f, &want, &list);
	if (want.socket && choice.received)
		choice.match = FB_PACKET_GUESSED;
	return choice;
}

/* ---- what it tells ----------------------------------------------------------------------- */

void choice_learn(struct flows *f, const struct choice *choice, const struct fb_task *task)
{
	struct received *r = choice->received;
	struct flow *flow = r ? cache_deref(r->flow) : NULL;
	bool is_sure = choice->match == FB_PACKET_EXACT;
	struct want want;

	if (!r)
		return;
	r->woke = task;
	if (!flow)
		return;
	flows_woken(flow, task);
	want = want_of(f, task);
	if (!want.call || choice->match == FB_PACKET_GUESSED)
		return;
	if (r->arrival.can & CAN_ACCEPT)
		flow = flows_port(f, &r->packet.header, true);
	descriptor_bind(&f->descriptors, task, want.fd, flow, is_sure);
}
