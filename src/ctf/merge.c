/* SPDX-License-Identifier: MIT */
/*
 * merge.c - many streams, each in time order, become one.
 *
 * The streams stand in a sorted array. The first hands out events until it
 * passes the second, and is then put back where it belongs. Traces have few
 * CPUs, and events come in runs: that beats a heap up to eight streams.
 */
#include "merge.h"

static const struct fb_event *head(const struct stream *s)
{
	return &s->events[s->taken];
}

static bool is_before(const struct stream *a, const struct stream *b)
{
	if (head(a)->time != head(b)->time)
		return head(a)->time < head(b)->time;
	return a->order < b->order;
}

/* Moves the first stream, whose head has changed, to its place. */
static void sink_first(struct merge *m)
{
	struct stream *s = m->heads[0];
	unsigned i = 1;

	for (; i < m->n && is_before(m->heads[i], s); i++)
		m->heads[i - 1] = m->heads[i];
	m->heads[i - 1] = s;
}

static void remove_first(struct merge *m)
{
	m->n--;
	memmove(m->heads, m->heads + 1, m->n * sizeof(*m->heads));
}

void merge_init(struct merge *m, GPtrArray *streams)
{
	m->heads = g_new0(struct stream *, streams->len);
	m->n = 0;
	for (guint i = streams->len; i-- > 0;) {
		struct stream *s = g_ptr_array_index(streams, i);

		if (!stream_fill(s))
			continue;
		memmove(m->heads + 1, m->heads, m->n * sizeof(*m->heads));
		m->heads[0] = s;
		m->n++;
		sink_first(m);
	}
}

void merge_clear(struct merge *m)
{
	g_clear_pointer(&m->heads, g_free);
	m->n = 0;
}

/* The last time at which events of the first stream come before all others. */
static fb_ns first_until(const struct merge *m)
{
	const struct stream *s = m->heads[0], *second;

	if (m->n == 1)
		return INT64_MAX;
	second = m->heads[1];
	return head(second)->time - (s->order > second->order);
}

static size_t take_first(struct merge *m, struct fb_event *to, size_t room)
{
	struct stream *s = m->heads[0];
	fb_ns until = first_until(m);
	size_t n = 0;

	do
		to[n++] = s->events[s->taken++];
	while (s->taken < s->n && n < room && head(s)->time <= until);
	return n;
}

/*
 * With two streams left, as on most small machines, which one comes next is
 * anybody's guess: choosing without a branch costs less than guessing. Ends
 * when one of them has to decode more.
 */
static size_t merge_two(struct merge *m, struct fb_event *to, size_t room)
{
	struct stream *a = m->heads[0], *b = m->heads[1];
	const struct fb_event *at_a = head(a), *end_a = a->events + a->n;
	const struct fb_event *at_b = head(b), *end_b = b->events + b->n;
	fb_ns tie = b->order < a->order;
	size_t n = 0;

	do {
		size_t left = MIN(room - n, (size_t)MIN(end_a - at_a, end_b - at_b));

		while (left--) {
			uintptr_t is_b = at_b->time < at_a->time + tie;

			/* Compilers make a branch of `is_b ? at_b : at_a`. */
			to[n++] = *(const struct fb_event *)((uintptr_t)at_a ^
							     (-is_b &
							      ((uintptr_t)at_a ^ (uintptr_t)at_b)));
			at_a += !is_b;
			at_b += is_b;
		}
	} while (n < room && at_a < end_a && at_b < end_b);
	a->taken = at_a - a->events;
	b->taken = at_b - b->events;
	/* The drained one first: it is the one to fill. */
	if (at_b == end_b) {
		m->heads[0] = b;
		m->heads[1] = a;
	}
	return n;
}

size_t merge_next(struct merge *m, struct fb_event *to, size_t room)
{
	size_t n = 0;

	while (n < room && m->n) {
		struct stream *s;

		if (m->n == 2)
			n += merge_two(m, to + n, room - n);
		else
			n += take_first(m, to + n, room - n);
		s = m->heads[0];
		if (s->taken == s->n && !stream_fill(s))
			remove_first(m);
		else if (m->n > 1)
			sink_first(m);
	}
	return n;
}
