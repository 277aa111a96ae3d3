/* SPDX-License-Identifier: MIT */
/*
 * merge.c - many runs of events, each in time order, become one.
 *
 *	inlet 0 ─┐
 *	inlet 1 ─┴ node ─┐
 *	inlet 2 ─┐       ├ root
 *	inlet 3 ─┴ node ─┘
 *
 * No branch predictor knows which CPU's event comes next: of the branches of a heap every
 * other one is missed. So two are merged at a time, by arithmetic. An event is
 * copied once for each level of the tree, and still that is three times as fast with eight CPUs.
 */
#include <glib.h>

#include "ctf/read/merge.h"

#define NODE_EVENTS 128

struct merge_node {
	struct inlet out;
	struct inlet *a, *b; /* all of `a` come before those of `b` at the same time */
	struct fb_event events[NODE_EVENTS];
};

static struct inlet *build(struct inlet *const *inlets, unsigned n)
{
	struct merge_node *node;

	if (n == 1)
		return inlets[0];
	node = g_new0(struct merge_node, 1);
	node->out.node = node;
	node->a = build(inlets, n / 2);
	node->b = build(inlets + n / 2, n - n / 2);
	return &node->out;
}

static void unbuild(struct inlet *inlet)
{
	if (!inlet || !inlet->node)
		return;
	unbuild(inlet->node->a);
	unbuild(inlet->node->b);
	g_free(inlet->node);
}

void merge_init(struct merge *m, struct inlet *const *inlets, unsigned n)
{
	m->root = n ? build(inlets, n) : NULL;
}

void merge_clear(struct merge *m)
{
	unbuild(m->root);
	m->root = NULL;
}

static size_t take(struct inlet *from, struct fb_event *to, size_t n)
{
	memcpy(to, from->at, n * sizeof(*to));
	from->at += n;
	return n;
}

/* Merges as many events as both are sure to have. */
static void merge_two(struct inlet *a, struct inlet *b, struct fb_event *to, size_t n)
{
	const struct fb_event *at_a = a->at, *at_b = b->at;

	while (n--) {
		uintptr_t is_b = at_b->time < at_a->time;

		/* Compilers make a branch of `is_b ? at_b : at_a`. */
		*to++ = *(const struct fb_event *)((uintptr_t)at_a ^
						   (-is_b & ((uintptr_t)at_a ^ (uintptr_t)at_b)));
		at_a += !is_b;
		at_b += is_b;
	}
	a->at = at_a;
	b->at = at_b;
}

/* The next events of both, which have some or have ended. */
static size_t merge_some(struct inlet *a, struct inlet *b, struct fb_event *to, size_t room)
{
	size_t n_a = MIN(room, (size_t)(a->end - a->at)), n_b = MIN(room, (size_t)(b->end - b->at));
	size_t n = MIN(n_a, n_b);

	if (!n_b || (n_a && a->at[n_a - 1].time <= b->at->time))
		return take(a, to, n_a);
	if (!n_a || b->at[n_b - 1].time < a->at->time)
		return take(b, to, n_b);
	merge_two(a, b, to, n);
	return n;
}

static size_t produce(struct merge_node *node, struct fb_event *to, size_t room,
		      struct inlet **drained);

/* Whether it is known what comes next: an event, or the end. Else `*drained` must tell. */
static bool is_ready(struct inlet *inlet, struct inlet **drained)
{
	struct inlet *stalled = NULL;
	size_t n;

	if (inlet->at < inlet->end || inlet->has_ended)
		return true;
	if (!inlet->node) {
		*drained = inlet;
		return false;
	}
	n = produce(inlet->node, inlet->node->events, NODE_EVENTS, &stalled);
	inlet->at = inlet->node->events;
	inlet->end = inlet->at + n;
	inlet->has_ended = !n && !stalled;
	if (!n)
		*drained = stalled;
	return n || !stalled;
}

static size_t produce(struct merge_node *node, struct fb_event *to, size_t room,
		      struct inlet **drained)
{
	size_t n = 0;

	while (n < room && is_ready(node->a, drained) && is_ready(node->b, drained)) {
		size_t some = merge_some(node->a, node->b, to + n, room - n);

		if (!some)
			break;
		n += some;
	}
	return n;
}

size_t merge_next(struct merge *m, struct fb_event *to, size_t room, struct inlet **drained)
{
	struct inlet *root = m->root;

	*drained = NULL;
	if (!root)
		return 0;
	if (root->node)
		return produce(root->node, to, room, drained);
	return is_ready(root, drained) ? take(root, to, MIN(room, (size_t)(root->end - root->at))) : 0;
}
