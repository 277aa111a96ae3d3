/* SPDX-License-Identifier: MIT */
/* covered.c - spans in order: what a new one adds, and with which it becomes one. */
#include <string.h>

#include <glib.h>

#include "analyses/shared/covered.h"

enum { ROOM_LEAST = 4 };

void covered_clear(struct covered *c)
{
	g_clear_pointer(&c->spans, g_free);
	c->n = c->room = 0;
}

/* The first span that ends at a time or later; n: none does. */
static uint32_t find(const struct covered *c, fb_ns time)
{
	uint32_t low = 0, high = c->n;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (c->spans[middle].end < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void insert(struct covered *c, uint32_t at, struct span span)
{
	if (c->n == c->room) {
		c->room = MAX(ROOM_LEAST, c->room * 2);
		c->spans = g_renew(struct span, c->spans, c->room);
	}
	memmove(&c->spans[at + 1], &c->spans[at], (c->n - at) * sizeof(span));
	c->spans[at] = span;
	c->n++;
}

static void take_out(struct covered *c, uint32_t at, uint32_t n)
{
	memmove(&c->spans[at], &c->spans[at + n], (c->n - at - n) * sizeof(struct span));
	c->n -= n;
}

fb_ns covered_add(struct covered *c, fb_ns begin, fb_ns end)
{
	uint32_t first, last;
	struct span all = { begin, end };
	fb_ns before = 0;

	/* They mostly come in the order of time. */
	first = c->n && c->spans[c->n - 1].end < begin ? c->n : find(c, begin);
	for (last = first; last < c->n && c->spans[last].begin <= end; last++) {
		const struct span *s = &c->spans[last];

		before += MIN(s->end, end) - MAX(s->begin, begin);
		all.begin = MIN(all.begin, s->begin);
		all.end = MAX(all.end, s->end);
	}
	if (last > first) {
		c->spans[first] = all;
		take_out(c, first + 1, last - first - 1);
	} else {
		insert(c, first, all);
	}
	return end - begin - before;
}

void covered_forget(struct covered *c, fb_ns before)
{
	if (!c->n)
		return;
	take_out(c, 0, find(c, before));
	if (c->room <= ROOM_LEAST || c->n >= c->room / 4)
		return;
	c->room = MAX(ROOM_LEAST, c->n);
	c->spans = g_renew(struct span, c->spans, c->room);
}
