/* SPDX-License-Identifier: MIT */
/* held-data.c - which bytes were handed in by whom, and which of them left only later. */
#include "packets/flow.h"

static void push_handing(struct flow *flow, const struct handing *handing)
{
	flow->handings[flow->n_handings++ % HANDINGS] = *handing;
}

/* More has left than was seen to be handed in, by somebody not known. */
static void drift(struct flows *f, struct flow *flow, uint32_t handed)
{
	flow->handed = handed;
	flow->is_exact = false;
	flow->epoch++;
	f->drifts++;
}

void hand_in(struct flows *f, struct flow *flow, const struct call *call,
	     const struct fb_task *task, bool is_sure)
{
	if (!flow->knows_handed)
		return;
	flow->handed += (uint32_t)call->bytes; /* like sequence numbers, it wraps */
	push_handing(flow, &(struct handing){ .end = flow->handed,
					      .inferred = !is_sure || !flow->is_exact,
					      .since = call->end,
					      .task = task,
					      .syscall = call->what->name });
	if (flow->knows_next && seq_before(flow->handed, flow->next))
		drift(f, flow, flow->next);
}

/* A caller that is inside of a call on the flow just now. */
static const struct caller *open_caller(struct flows *f, const struct flow *flow)
{
	const struct caller *caller = cache_deref(flow->writer);
	bool is_sure;

	return caller && takes_bytes(&caller->open) &&
			       flow_of(f, caller->task, caller->open.fd, &is_sure) == flow
		       ? caller
		       : NULL;
}

void hand_in_unknown(struct flow *flow)
{
	flow->handed = flow->next;
	flow->knows_handed = flow->knows_next;
	flow->is_exact = false;
}

static void held_by_handing(const struct flow *flow, uint32_t begin, struct packet_held *held)
{
	unsigned n = MIN(flow->n_handings, HANDINGS);

	for (unsigned i = n; i > 0; i--) {
		const struct handing *h = &flow->handings[(flow->n_handings - i) % HANDINGS];

		if (!seq_before(begin, h->end))
			continue;
		*held = (struct packet_held){ .since = h->since,
					      .task = h->task,
					      .syscall = h->syscall,
					      .inferred = h->inferred };
		/* Nothing tells where the oldest one begins when older ones were forgotten. */
		if (i == n && flow->n_handings > n)
			held->inferred = true;
		return;
	}
}

static void held_by_open(const struct flow *flow, const struct caller *caller,
			 struct packet_held *held)
{
	const struct call *call = &caller->open;

	*held = (struct packet_held){
		.since = call->last_sent == FB_NS_NONE ? call->begin : call->last_sent,
		.task = caller->task,
		.syscall = call->what->name,
		.is_open = true,
		.inferred = !flow->is_exact,
	};
}

/* Calls on one descriptor, the latest ones, that took just so many bytes. */
struct guess {
	const struct caller *caller;
	const struct call *first, *last;
};

static bool had_newer(const struct caller *caller, unsigned i, int32_t fd)
{
	for (unsigned k = 0; k < i; k++)
		if (caller_recent(caller, k)->fd == fd)
			return true;
	return false;
}

/* Whether the calls from the i-th last on, on its descriptor, add up to it. */
static bool add_up(const struct caller *caller, unsigned i, int64_t bytes, struct guess *guess)
{
	const struct call *last = caller_recent(caller, i), *call;

	*guess = (struct guess){ 0 };
	for (; bytes > 0 && (call = caller_recent(caller, i)); i++) {
		if (call->fd != last->fd)
			continue;
		bytes -= call->bytes;
		*guess = (struct guess){ caller, call, last };
		if (last->fd < 0)
			break;
	}
	return guess->caller && bytes == 0;
}

/* Whether the descriptor is known to be of another connection. */
static bool is_anothers(struct flows *f, const struct flow *flow, const struct caller *caller,
			int32_t fd)
{
	bool is_sure = false;
	const struct flow *its = flow_of(f, caller->task, fd, &is_sure);

	return its && its != flow && is_sure;
}

static void guess_by_caller(struct flows *f, const struct flow *flow, const struct caller *caller,
			    uint32_t bytes, struct guess *best)
{
	const struct call *call;

	for (unsigned i = 0; (call = caller_recent(caller, i)); i++) {
		struct guess guess;

		if (!had_newer(caller, i, call->fd) && !is_anothers(f, flow, caller, call->fd) &&
		    add_up(caller, i, bytes, &guess) &&
		    (!best->caller || guess.last->end > best->last->end))
			*best = guess;
	}
}

/*
 * Nobody was seen to hand the bytes in: maybe one of those whom the connection's packets
 * wake did. Data moves on to the socket last, so the latest fit is the likeliest.
 */
static bool held_by_guess(struct flows *f, struct flow *flow, uint32_t begin, uint32_t end,
			  struct packet_held *held)
{
	struct guess best = { 0 };

	for (unsigned i = 0; i < USERS; i++) {
		const struct caller *caller =
			flow->users[i].task ? callers_find(&f->callers, flow->users[i].task) : NULL;

		if (caller)
			guess_by_caller(f, flow, caller, end - begin, &best);
	}
	if (!best.caller)
		return false;
	flow->handed = end;
	flow->knows_handed = true;
	flow->is_exact = false;
	bind_descriptor(f, best.caller->task, best.last->fd, flow, false);
	*held = (struct packet_held){ .since = best.first->end,
				      .task = best.caller->task,
				      .syscall = best.first->what->name,
				      .inferred = true };
	push_handing(flow, &(struct handing){ .end = end,
					      .inferred = true,
					      .since = best.first->end,
					      .task = best.caller->task,
					      .syscall = best.first->what->name });
	return true;
}

/* The first packet that a call sends of data behind all that was handed in: there it begins. */
static void anchor(struct flows *f, struct flow *flow, const struct call *call, uint32_t begin)
{
	if (!flow->knows_handed) {
		flow->handed = begin;
		flow->knows_handed = true;
	} else if (call->last_sent == FB_NS_NONE && seq_before(flow->handed, begin)) {
		drift(f, flow, begin);
	}
}

/* New data leaves, in the call that hands it in or later. */
void queue_data(struct flows *f, struct flow *flow, const struct caller *caller, uint32_t begin,
		struct packet *p)
{
	uint32_t end = data_end(&p->header);
	const struct caller *open;

	if (caller)
		anchor(f, flow, &caller->open, begin);
	if (flow->knows_handed && seq_before(begin, flow->handed)) {
		held_by_handing(flow, begin, &p->held);
		return;
	}
	if (caller)
		return;
	open = flow->knows_handed ? open_caller(f, flow) : NULL;
	if (open)
		held_by_open(flow, open, &p->held);
	else if (!held_by_guess(f, flow, begin, end, &p->held) && flow->knows_handed)
		drift(f, flow, end);
}
