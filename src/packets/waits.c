/* SPDX-License-Identifier: MIT */
/*
 * waits.c - the packets that ended waits, from the waking until the wait is handed out.
 *
 * A wait may be handed out long after its waking: when it has run, and all names are known.
 */
#include <flightbox/packet.h>

#include "packets/packets.h"

/* A waking in softirq NET_RX. */
struct woken {
	struct woken *next; /* of the same task, later */
	fb_ns wake;
	struct fb_packet packet;
};

struct fb_packets {
	struct packets *packets; /* NULL: there are no network events */
	GHashTable *woken;	 /* struct fb_task: the first of its struct woken */
	struct woken *lent;
};

struct fb_packets *fb_packets_new(void)
{
	struct fb_packets *p = g_new0(struct fb_packets, 1);

	p->woken = g_hash_table_new(NULL, NULL);
	return p;
}

static void free_woken(struct woken *one)
{
	while (one) {
		struct woken *next = one->next;

		g_free(one);
		one = next;
	}
}

void fb_packets_free(struct fb_packets *p)
{
	GHashTableIter iter;
	void *first;

	if (!p)
		return;
	g_hash_table_iter_init(&iter, p->woken);
	while (g_hash_table_iter_next(&iter, NULL, &first))
		free_woken(first);
	g_hash_table_destroy(p->woken);
	g_free(p->lent);
	packets_free(p->packets);
	g_free(p);
}

uint64_t fb_packets_kinds(void)
{
	return packets_kinds();
}

/* ---- what the model tells ---------------------------------------------------------------- */

static uint64_t on_begin(void *data, struct fb_source *source)
{
	struct fb_packets *p = data;

	p->packets = packets_new(source, 0);
	return p->packets ? packets_kinds() : 0;
}

static void on_event(void *data, const struct fb_event *ev, const struct fb_kernel *k)
{
	packets_event(((struct fb_packets *)data)->packets, ev, k);
}

static void on_gap(void *data, fb_ns now)
{
	struct fb_packets *p = data;

	(void)now;
	if (p->packets)
		packets_gap(p->packets);
}

static void keep(struct fb_packets *p, const struct fb_task *task, struct woken *one)
{
	struct woken *last = g_hash_table_lookup(p->woken, task);

	if (!last) {
		g_hash_table_insert(p->woken, (void *)task, one);
		return;
	}
	while (last->next)
		last = last->next;
	last->next = one;
}

/* It is called before the waking itself is taken in. */
static void on_wake(void *data, const struct fb_task *task, const struct fb_cause *cause, fb_ns now)
{
	struct fb_packets *p = data;
	struct woken *one;

	if (!p->packets || cause->kind != FB_CAUSE_SOFTIRQ || cause->id != FB_SOFTIRQ_NET_RX)
		return;
	one = g_new(struct woken, 1);
	one->next = NULL;
	one->wake = now;
	packets_describe(p->packets, cause->cpu, task, &one->packet);
	keep(p, task, one);
}

struct fb_observer fb_packets_observer(struct fb_packets *p)
{
	static const struct fb_observer_ops ops = {
		.begin = on_begin,
		.event = on_event,
		.wake = on_wake,
		.gap = on_gap,
	};

	return (struct fb_observer){ &ops, p };
}

/* ---- what others ask --------------------------------------------------------------------- */

/* What was dropped before the wait began is none of its causes. */
static void keep_dropped(struct fb_packet *packet, const struct fb_blocking *b)
{
	if (packet->dropped.time >= b->begin)
		return;
	packet->dropped.time = FB_NS_NONE;
	if (packet->cause == FB_HOLD_DROPPED)
		packet->cause = FB_HOLD_UNKNOWN;
}

/* … and no more is why its request had left late. */
static void keep_request(struct fb_packet *packet, const struct fb_blocking *b)
{
	if (packet->request_left >= b->begin || packet->cause >= FB_HOLD_REFUSED)
		return;
	packet->cause = FB_HOLD_UNKNOWN;
	packet->released_by.received = packet->released_by.delayed = FB_NS_NONE;
}

/* Waits of a task are handed out in their order: what is older is of none. */
const struct fb_packet *fb_packets_of(struct fb_packets *p, const struct fb_blocking *b)
{
	struct woken *one = g_hash_table_lookup(p->woken, b->task), *first = one;

	g_clear_pointer(&p->lent, g_free);
	if (b->wake == FB_NS_NONE)
		return NULL;
	while (first && first->wake < b->wake) {
		one = first->next;
		g_free(first);
		first = one;
	}
	if (first && first->wake == b->wake) {
		p->lent = first;
		first = first->next;
		p->lent->next = NULL;
	}
	if (first)
		g_hash_table_insert(p->woken, (void *)b->task, first);
	else
		g_hash_table_remove(p->woken, b->task);
	if (!p->lent || b->cause.kind != FB_CAUSE_SOFTIRQ)
		return NULL;
	if (b->begin != FB_NS_NONE && p->lent->packet.dropped.time != FB_NS_NONE)
		keep_dropped(&p->lent->packet, b);
	if (b->begin != FB_NS_NONE && p->lent->packet.request_left != FB_NS_NONE)
		keep_request(&p->lent->packet, b);
	return &p->lent->packet;
}

bool fb_packets_capture(struct fb_packets *p, unsigned i, struct fb_capture *capture)
{
	return p->packets && packets_capture(p->packets, i, capture);
}
