/* SPDX-License-Identifier: MIT */
/*
 * waits.c - the packets that ended waits, from the waking until the wait is handed out.
 *
 * A wait may be handed out long after its waking: when it has run, and all names are known.
 */
#include "packets/waits.h"

#include "packets/describe.h"
#include "packets/packets.h"
#include "packets/state.h"

/* So many are kept: nobody may ask for them. */
#define WOKEN 8192

/* A waking in softirq NET_RX. */
struct woken {
	struct woken *next; /* of the same task, later */
	const struct fb_task *task;
	fb_ns wake;
	size_t place;
	struct fb_packet packet;
};

struct fb_packets {
	struct packets *packets; /* NULL: there are no network events */
	const struct packet *received; /* what the event at hand tells of, or NULL */
	GHashTable *woken;	 /* struct fb_task: the first of its struct woken */
	struct woken *ring[WOKEN]; /* all of them, and NULL for those that were asked for */
	size_t n;
	fb_ns forgotten;	 /* the last waking that made room; FB_NS_NONE: none did */
	struct woken *lent;
	fb_packet_sight_func watch; /* NULL: nobody wants to know of all packets */
	void *watcher;
};

struct fb_packets *fb_packets_new(void)
{
	struct fb_packets *p = g_new0(struct fb_packets, 1);

	p->woken = g_hash_table_new(NULL, NULL);
	p->forgotten = FB_NS_NONE;
	return p;
}

void fb_packets_free(struct fb_packets *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < WOKEN; i++)
		g_free(p->ring[i]);
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

static void tell_tapped(const struct received *r, void *data)
{
	const struct fb_packets *p = data;
	struct fb_packet packet;

	describe_received(r, NULL, NULL, &packet);
	p->watch(FB_PACKET_ARRIVES, &packet, NULL, packet.received, p->watcher);
}

static uint64_t on_begin(void *data, struct fb_source *source)
{
	struct fb_packets *p = data;

	p->packets = packets_new(source, 0);
	if (p->packets && p->packets->tapped && p->watch)
		tapped_watch(p->packets->tapped, tell_tapped, p);
	return p->packets ? packets_kinds() : 0;
}

static void tell(const struct fb_packets *p, const struct fb_event *ev)
{
	enum fb_packet_sight sight;
	struct fb_packet packet;

	if (packets_sight(p->packets, ev, &sight, &packet))
		p->watch(sight, &packet, NULL, ev->time, p->watcher);
}

static void on_event(void *data, const struct fb_event *ev, const struct fb_kernel *k)
{
	struct fb_packets *p = data;

	p->received = packets_event(p->packets, ev, k);
	if (p->watch)
		tell(p, ev);
}

static void on_gap(void *data, fb_ns now)
{
	struct fb_packets *p = data;

	(void)now;
	if (p->packets)
		packets_gap(p->packets);
}

/* The first of its task: it is not kept any longer. */
static void take_out(struct fb_packets *p, struct woken *one)
{
	p->ring[one->place] = NULL;
	if (one->next)
		g_hash_table_insert(p->woken, (void *)one->task, one->next);
	else
		g_hash_table_remove(p->woken, one->task);
}

/* The oldest of all is the first of its task. */
static void make_room(struct fb_packets *p)
{
	struct woken *oldest = p->ring[p->n % WOKEN];

	if (!oldest)
		return;
	p->forgotten = oldest->wake;
	take_out(p, oldest);
	g_free(oldest);
}

static void keep(struct fb_packets *p, struct woken *one)
{
	struct woken *last;

	make_room(p);
	one->place = p->n++ % WOKEN;
	p->ring[one->place] = one;
	last = g_hash_table_lookup(p->woken, one->task);
	if (!last) {
		g_hash_table_insert(p->woken, (void *)one->task, one);
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

	if (!p->packets || cause->early || cause->kind != FB_CAUSE_SOFTIRQ ||
	    cause->id != FB_SOFTIRQ_NET_RX)
		return;
	one = g_new(struct woken, 1);
	one->next = NULL;
	one->task = task;
	one->wake = now;
	packets_advance(p->packets, now);
	packets_describe(p->packets, cause->cpu, task, &one->packet);
	if (p->watch)
		p->watch(FB_PACKET_WAKES, &one->packet, task, now, p->watcher);
	keep(p, one);
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

struct packets *waits_packets(const struct fb_packets *p)
{
	return p->packets;
}

const struct packet *waits_received(const struct fb_packets *p)
{
	return p->received;
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

/* Nothing is kept of it: either there was nothing, or there is no more. */
static const struct fb_packet *forgotten(const struct fb_packets *p, const struct fb_blocking *b)
{
	static const struct fb_packet none = { .match = FB_PACKET_NONE,
					       .none = FB_PACKET_NONE_FORGOTTEN };

	return p->forgotten != FB_NS_NONE && b->wake <= p->forgotten &&
			       b->cause.id == FB_SOFTIRQ_NET_RX && !b->cause.early ?
		       &none :
		       NULL;
}

/* Waits of a task are handed out in their order: what is older is of none. */
const struct fb_packet *fb_packets_of(struct fb_packets *p, const struct fb_blocking *b)
{
	struct woken *first;

	g_clear_pointer(&p->lent, g_free);
	if (b->wake == FB_NS_NONE || b->cause.kind != FB_CAUSE_SOFTIRQ)
		return NULL;
	while ((first = g_hash_table_lookup(p->woken, b->task)) && first->wake < b->wake) {
		take_out(p, first);
		g_free(first);
	}
	if (!first || first->wake != b->wake)
		return forgotten(p, b);
	take_out(p, first);
	p->lent = first;
	if (b->begin != FB_NS_NONE && first->packet.dropped.time != FB_NS_NONE)
		keep_dropped(&first->packet, b);
	if (b->begin != FB_NS_NONE && first->packet.request_left != FB_NS_NONE)
		keep_request(&first->packet, b);
	return &first->packet;
}

void fb_packets_watch(struct fb_packets *p, fb_packet_sight_func func, void *data)
{
	p->watch = func;
	p->watcher = data;
}

bool fb_packets_capture(struct fb_packets *p, unsigned i, struct fb_capture *capture)
{
	return p->packets && packets_capture(p->packets, i, capture);
}
