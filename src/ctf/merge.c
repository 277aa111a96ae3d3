/* SPDX-License-Identifier: MIT */
/*
 * merge.c - many runs of events, each in time order, become one.
 *
 * The inlets stand in a sorted array. The first hands out events until it
 * passes the second, and is then put back where it belongs: close to the front, if
 * its CPU is a busy one. Traces have few CPUs, and events come in runs.
 */
#include <glib.h>

#include "merge.h"

static bool is_before(const struct inlet *a, const struct inlet *b)
{
	if (a->at->time != b->at->time)
		return a->at->time < b->at->time;
	return a->order < b->order;
}

/* How many of the heads behind the first come before it: gallops, then halves. */
static unsigned find_place(const struct merge *m)
{
	const struct inlet *first = m->heads[0];
	unsigned low = 0, step = 1, high;

	while (low + step < m->n && is_before(m->heads[low + step], first)) {
		low += step;
		step *= 2;
	}
	high = MIN(low + step, m->n);
	while (high - low > 1) {
		unsigned middle = low + (high - low) / 2;

		if (is_before(m->heads[middle], first))
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Moves the first, whose next event has changed, to its place. */
static void sink_first(struct merge *m)
{
	struct inlet *first = m->heads[0];
	unsigned place = find_place(m);

	for (unsigned i = 0; i < place; i++)
		m->heads[i] = m->heads[i + 1];
	m->heads[place] = first;
}

static void remove_first(struct merge *m)
{
	m->n--;
	memmove(m->heads, m->heads + 1, m->n * sizeof(*m->heads));
}

void merge_init(struct merge *m, unsigned capacity)
{
	m->heads = g_new(struct inlet *, MAX(capacity, 1));
	m->n = 0;
}

void merge_clear(struct merge *m)
{
	g_clear_pointer(&m->heads, g_free);
	m->n = 0;
}

void merge_add(struct merge *m, struct inlet *inlet)
{
	memmove(m->heads + 1, m->heads, m->n * sizeof(*m->heads));
	m->heads[0] = inlet;
	m->n++;
	sink_first(m);
}

/* The last time at which events of the first come before all others. */
static fb_ns first_until(const struct merge *m)
{
	const struct inlet *first = m->heads[0], *second;

	if (m->n == 1)
		return INT64_MAX;
	second = m->heads[1];
	return second->at->time - (first->order > second->order);
}

static size_t take_first(struct merge *m, struct fb_event *to, size_t room)
{
	struct inlet *first = m->heads[0];
	const struct fb_event *at = first->at, *end = first->end;
	fb_ns until = first_until(m);
	size_t n = 0;

	do
		to[n++] = *at++;
	while (at < end && n < room && at->time <= until);
	first->at = at;
	return n;
}

/*
 * With two inlets left, as on most small machines, which one comes next is
 * anybody's guess: choosing without a branch costs less than guessing. Ends
 * when one of them has no more.
 */
static size_t merge_two(struct merge *m, struct fb_event *to, size_t room)
{
	struct inlet *a = m->heads[0], *b = m->heads[1];
	const struct fb_event *at_a = a->at, *at_b = b->at;
	fb_ns tie = b->order < a->order;
	size_t n = 0;

	do {
		size_t left = MIN(room - n, (size_t)MIN(a->end - at_a, b->end - at_b));

		while (left--) {
			uintptr_t is_b = at_b->time < at_a->time + tie;

			/* Compilers make a branch of `is_b ? at_b : at_a`. */
			to[n++] = *(const struct fb_event *)((uintptr_t)at_a ^
							     (-is_b &
							      ((uintptr_t)at_a ^ (uintptr_t)at_b)));
			at_a += !is_b;
			at_b += is_b;
		}
	} while (n < room && at_a < a->end && at_b < b->end);
	a->at = at_a;
	b->at = at_b;
	/* The drained one first: it is the one to take out. */
	if (at_b == b->end) {
		m->heads[0] = b;
		m->heads[1] = a;
	}
	return n;
}

size_t merge_next(struct merge *m, struct fb_event *to, size_t room, struct inlet **drained)
{
	size_t n = 0;

	*drained = NULL;
	while (n < room && m->n) {
		struct inlet *first;

		if (m->n == 2)
			n += merge_two(m, to + n, room - n);
		else
			n += take_first(m, to + n, room - n);
		first = m->heads[0];
		if (first->at == first->end) {
			*drained = first;
			remove_first(m);
			break;
		}
		sink_first(m);
	}
	return n;
}
