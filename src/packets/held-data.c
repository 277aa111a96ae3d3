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

void hand_in(struct flows *f, struct flow *flow, const struct socket_call *call,
	     const struct fb_task *task, bool is_sure)
{
	if (!flow->knows_handed)
		return;
	flow->handed += (uint32_t)call->bytes; /* like sequence numbers, it wraps */
	push_handing(flow, &(struct handing){ .end = flow->handed,
					      .inferred = !is_sure || !flow->is_exact,
					      .since = call->end,
					      .task = task,
					      .syscall = call->what->name,
					      .last = *call });
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

static struct packet_held held_since(const struct handing *h)
{
	return (struct packet_held){ .since = h->since,
				     .task = h->task,
				     .syscall = h->syscall,
				     .inferred = h->inferred };
}

static void find_handing(const struct flow *flow, uint32_t begin, struct packet_held *held)
{
	unsigned n = MIN(flow->n_handings, HANDINGS);

	for (unsigned i = n; i > 0; i--) {
		const struct handing *h = &flow->handings[(flow->n_handings - i) % HANDINGS];

		if (!seq_before(begin, h->end))
			continue;
		*held = held_since(h);
		/* Nothing tells where the oldest one begins when older ones were forgotten. */
		if (i == n && flow->n_handings > n)
			held->inferred = true;
		return;
	}
}

static struct packet_call call_of(const struct socket_call *call, const struct fb_task *task,
				  fb_ns end, bool inferred)
{
	return (struct packet_call){ .task = task,
				     .comm = task->comm,
				     .syscall = call->what->name,
				     .fd = call->fd,
				     .begin = call->begin,
				     .end = end,
				     .inferred = inferred };
}

/* The handing that the last byte before `end` is of; NULL: none that is remembered. */
static const struct handing *last_handing(const struct flow *flow, uint32_t end)
{
	unsigned n = MIN(flow->n_handings, HANDINGS);

	for (unsigned i = n; i > 0; i--) {
		const struct handing *h = &flow->handings[(flow->n_handings - i) % HANDINGS];

		if (!seq_before(h->end, end))
			return h;
	}
	return NULL;
}

void find_written(struct flows *f, const struct flow *flow, const struct caller *caller,
		  uint32_t end, struct packet_call *written)
{
	const struct handing *handing = flow->knows_handed ? last_handing(flow, end) : NULL;

	if (!caller && flow->knows_handed)
		caller = open_caller(f, flow);
	if (handing)
		*written = call_of(&handing->last, handing->task, handing->last.end,
				   handing->inferred);
	else if (caller)
		*written = call_of(&caller->open, caller->task, FB_NS_NONE, !flow->is_exact);
}

/* ---- guesses --------------------------------------------------------------------------- */

/* Calls on one descriptor, the latest ones, that took just so many bytes. */
struct guess {
	const struct caller *caller;
	const struct socket_call *first, *last;
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
	const struct socket_call *last = caller_recent(caller, i), *call;

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
	const struct socket_call *call;

	for (unsigned i = 0; (call = caller_recent(caller, i)); i++) {
		struct guess guess;

		if (!had_newer(caller, i, call->fd) && !is_anothers(f, flow, caller, call->fd) &&
		    add_up(caller, i, bytes, &guess) &&
		    (!best->caller || guess.last->end > best->last->end))
			*best = guess;
	}
}

/* The latest fit of those whom the connection's packets wake; no caller when there is none. */
static struct guess guess_handing(struct flows *f, const struct flow *flow, uint32_t bytes)
{
	struct guess best = { 0 };

	for (unsigned i = 0; i < USERS; i++) {
		const struct caller *caller =
			flow->users[i].task ? callers_find(&f->callers, flow->users[i].task) : NULL;

		if (caller)
			guess_by_caller(f, flow, caller, bytes, &best);
	}
	return best;
}

/* From now on it is taken for what was seen. */
static void believe(struct flows *f, struct flow *flow, const struct guess *guess, uint32_t end,
		    struct packet_held *held)
{
	const struct handing handing = { .end = end,
					 .inferred = true,
					 .since = guess->first->end,
					 .task = guess->caller->task,
					 .syscall = guess->first->what->name,
					 .last = *guess->last };

	flow->handed = end;
	flow->knows_handed = true;
	flow->is_exact = false;
	descriptor_bind(&f->descriptors, guess->caller->task, guess->last->fd, flow, false);
	push_handing(flow, &handing);
	*held = held_since(&handing);
}

/* ---- new data -------------------------------------------------------------------------- */

/* What leaves, and in which call: NULL, in none. */
struct leaving {
	const struct caller *caller;
	uint32_t begin, end;
};

/* Each way says whether it was that one. */

static bool was_handed_in(struct flows *f, struct flow *flow, const struct leaving *l,
			  struct packet_held *held)
{
	(void)f;
	if (!flow->knows_handed || !seq_before(l->begin, flow->handed))
		return false;
	find_handing(flow, l->begin, held);
	return true;
}

/* Not held at all. */
static bool leaves_at_once(struct flows *f, struct flow *flow, const struct leaving *l,
			   struct packet_held *held)
{
	(void)f, (void)flow, (void)held;
	return l->caller;
}

static bool is_being_handed_in(struct flows *f, struct flow *flow, const struct leaving *l,
			       struct packet_held *held)
{
	const struct caller *caller = flow->knows_handed ? open_caller(f, flow) : NULL;
	const struct socket_call *call;

	(void)l;
	if (!caller)
		return false;
	call = &caller->open;
	*held = (struct packet_held){
		.since = call->last_sent == FB_NS_NONE ? call->begin : call->last_sent,
		.task = caller->task,
		.syscall = call->what->name,
		.is_open = true,
		.inferred = !flow->is_exact,
	};
	return true;
}

/*
 * Nobody was seen to hand the bytes in: maybe one of those whom the connection's packets
 * wake did. Data moves on to the socket last, so the latest fit is the likeliest.
 */
static bool is_guessed(struct flows *f, struct flow *flow, const struct leaving *l,
		       struct packet_held *held)
{
	struct guess guess = guess_handing(f, flow, l->end - l->begin);

	if (guess.caller)
		believe(f, flow, &guess, l->end, held);
	return guess.caller;
}

static bool is_of_nobody(struct flows *f, struct flow *flow, const struct leaving *l,
			 struct packet_held *held)
{
	(void)held;
	if (flow->knows_handed)
		drift(f, flow, l->end);
	return true;
}

/* The first packet that a call sends of data behind all that was handed in: there it begins. */
static void anchor(struct flows *f, struct flow *flow, const struct socket_call *call,
		   uint32_t begin)
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
	static bool (*const ways[])(struct flows *, struct flow *, const struct leaving *,
				    struct packet_held *) = {
		was_handed_in, leaves_at_once, is_being_handed_in, is_guessed, is_of_nobody,
	};
	const struct leaving leaving = { caller, begin, data_end(&p->header) };

	if (caller)
		anchor(f, flow, &caller->open, begin);
	for (unsigned i = 0; !ways[i](f, flow, &leaving, &p->held); i++)
		;
}
