/* SPDX-License-Identifier: MIT */
/* tapped.c - what was captured, by time, to the sockets and CPUs of the trace. */
#include "packets/tapped.h"

#include "packets/capture/capture.h"
#include "packets/state.h"
#include "source/facts.h"

#define SET_BACK  ((fb_ns)100000000) /* between two packets in a file: its clock was set */
#define ASTRAY	  4  /* packets of the last 32, beyond which the clock is wrong */
#define ADDRESSES 64 /* that are told apart; of others nobody knows whose they are */

/* One capture, read ahead by a packet. */
struct tap {
	struct capture *capture;
	struct captured next;
	bool has_next;
	uint32_t astray; /* a bit for each of the last that came, set where no CPU was in NET_RX */
	uint64_t packets, inside; /* read; of them those that came while some CPU was in NET_RX */
};

/* What was captured for an address. */
struct known_address {
	uint8_t address[16];
	uint64_t packets, inside;
};

struct tapped {
	struct fb_source *source;
	GArray *taps;	/* struct tap */
	GArray *in_rx;	/* bool, by the CPU's number */
	unsigned n_in_rx;
	struct known_address known[ADDRESSES];
	unsigned n_known;
	tapped_func func;
	void *data;
};

/* ---- reading ----------------------------------------------------------------------------- */

static bool is_of_use(const struct captured *c)
{
	return c->header.address_bytes && !c->is_fragment && !c->is_cut && c->time != FB_NS_NONE;
}

/* What comes behind that cannot be put in its place. */
static bool is_set_back(struct tapped *t, struct tap *tap, fb_ns before)
{
	if (before - tap->next.time < SET_BACK)
		return false;
	info_problem(&t->source->info,
		     "%s: packet %" G_GUINT64_FORMAT ": its clock was set back by %" G_GINT64_FORMAT
		     " ms: expected that of the trace, which tells of no packets itself",
		     capture_path(tap->capture), tap->next.number,
		     (before - tap->next.time) / 1000000);
	return true;
}

static void read_on(struct tapped *t, struct tap *tap)
{
	fb_ns before = tap->has_next ? tap->next.time : 0;
	GError *error = NULL;
	int got;

	do {
		got = capture_next(tap->capture, &tap->next, &error);
	} while (got > 0 && !is_of_use(&tap->next));
	tap->has_next = got > 0 && !is_set_back(t, tap, before);
	if (got >= 0)
		return;
	info_problem(&t->source->info, "%s", error->message);
	g_error_free(error);
}

static void add(struct tapped *t, const char *path)
{
	GError *error = NULL;
	struct tap tap = { .capture = capture_open(path, &error) };

	if (tap.capture) {
		read_on(t, &tap);
		g_array_append_val(t->taps, tap);
		return;
	}
	info_problem(&t->source->info, "%s", error->message);
	g_error_free(error);
}

struct tapped *tapped_new(struct fb_source *source)
{
	const GPtrArray *paths = source->info.captures;
	struct tapped *t;

	if (!paths || !paths->pdata[0])
		return NULL;
	t = g_new0(struct tapped, 1);
	t->source = source;
	t->taps = g_array_new(FALSE, FALSE, sizeof(struct tap));
	t->in_rx = g_array_new(FALSE, TRUE, sizeof(bool));
	for (guint i = 0; paths->pdata[i]; i++)
		add(t, paths->pdata[i]);
	if (t->taps->len)
		return t;
	tapped_free(t);
	return NULL;
}

static struct tap *tap_at(const struct tapped *t, guint i)
{
	return &g_array_index(t->taps, struct tap, i);
}

void tapped_free(struct tapped *t)
{
	if (!t)
		return;
	for (guint i = 0; i < t->taps->len; i++)
		capture_close(tap_at(t, i)->capture);
	g_array_unref(t->taps);
	g_array_unref(t->in_rx);
	g_free(t);
}

void tapped_watch(struct tapped *t, tapped_func func, void *data)
{
	t->func = func;
	t->data = data;
}

/* The one whose next packet is the earliest; NULL: there is none before `now`. */
static struct tap *earliest(const struct tapped *t, fb_ns now)
{
	struct tap *found = NULL;

	for (guint i = 0; i < t->taps->len; i++) {
		struct tap *tap = tap_at(t, i);

		if (tap->has_next && tap->next.time <= now &&
		    (!found || tap->next.time < found->next.time))
			found = tap;
	}
	return found;
}

/* ---- whose it is ------------------------------------------------------------------------- */

static struct known_address *known(struct tapped *t, const uint8_t *address)
{
	for (unsigned i = 0; i < t->n_known; i++)
		if (!memcmp(t->known[i].address, address, sizeof(t->known[i].address)))
			return &t->known[i];
	if (t->n_known == ADDRESSES)
		return NULL;
	memcpy(t->known[t->n_known].address, address, sizeof(t->known[0].address));
	return &t->known[t->n_known++];
}

/* Over lo: captured once, as it is received. */
static bool is_to_itself(const struct packet_header *h)
{
	return !memcmp(h->saddr, h->daddr, sizeof(h->saddr)) ||
	       (h->address_bytes == 4 && h->daddr[0] == 127);
}

/* How likely it is that an address is this host's. */
static double share(const struct known_address *a)
{
	return a ? (a->inside + 1.0) / (a->packets + 2.0) : 0.5;
}

static bool comes(struct tapped *t, const struct captured *c)
{
	const struct packet_header *h = &c->header;
	struct known_address *to = known(t, h->daddr), *from = known(t, h->saddr);
	bool is_inside = t->n_in_rx > 0;

	if (to) {
		to->packets++;
		to->inside += is_inside;
	}
	if (c->direction != CAPTURED_ANYWAY)
		return c->direction == CAPTURED_IN;
	return is_to_itself(h) || (is_inside && share(to) >= share(from));
}

/* ---- one packet -------------------------------------------------------------------------- */

static void find_socket(struct packets *p, struct received *r, bool is_received)
{
	struct packet_header *h = &r->packet.header;
	struct flow *flow = NULL;

	if (is_tcp(h))
		flows_tap(p->flows, &r->packet);
	if (is_tcp(h) && is_received) {
		flow = flows_receive(p->flows, &r->packet, &r->arrival);
	} else if (h->protocol == PROTOCOL_UDP && h->has_ports && is_received) {
		flow = flows_port(p->flows, h, true);
		r->arrival.can = CAN_READ;
	}
	if (!is_received) {
		r->arrival.seq_base = r->packet.seq_base;
		r->arrival.ack_base = r->packet.ack_base;
	}
	if (flow)
		r->flow = cache_ref(flow);
}

static void hand_to_cpu(struct cpu_packets *cpu, const struct received *r)
{
	struct received *to = &cpu->received[cpu->n_received++ % RECEIVED];

	*to = *r;
	if (cpu->list_is_over || r->is_loopback)
		cpu->list++;
	cpu->list_is_over = false;
	to->list = cpu->list;
}

static void take(struct packets *p, struct tap *tap)
{
	struct tapped *t = p->tapped;
	const struct captured *c = &tap->next;
	fb_ns time = c->time - t->source->info.clock_offset;
	bool is_received = comes(t, c);
	struct received r = {
		.is_loopback = is_to_itself(&c->header),
		.packet = { .header = c->header,
			    .queued = FB_NS_NONE,
			    .received = time,
			    .captured = { .path = capture_path(tap->capture),
					  .n = 1,
					  .first = c->number,
					  .last = c->number,
					  .captured = c->time,
					  .has_tsval = c->has_timestamps,
					  .tsval = c->tsval } },
	};

	tap->packets++;
	tap->inside += t->n_in_rx > 0;
	if (r.is_loopback || c->direction == CAPTURED_IN)
		tap->astray = tap->astray << 1 | !t->n_in_rx;
	find_socket(p, &r, is_received);
	for (guint i = 0; is_received && i < t->in_rx->len; i++)
		if (__builtin_popcount(tap->astray) <= ASTRAY && g_array_index(t->in_rx, bool, i))
			hand_to_cpu(packets_cpu(p, i), &r);
	if (t->func)
		t->func(&r, t->data);
}

void tapped_advance(struct packets *p, fb_ns now)
{
	struct tapped *t = p->tapped;
	struct tap *tap;

	while ((tap = earliest(t, now + t->source->info.clock_offset))) {
		take(p, tap);
		read_on(t, tap);
	}
}

void tapped_softirq(struct packets *p, const struct fb_event *ev)
{
	GArray *in_rx = p->tapped->in_rx;
	bool enters = ev->kind == FB_EV_SOFTIRQ_ENTER && ev->softirq.vec == FB_SOFTIRQ_NET_RX;
	bool *is_in;

	if (ev->cpu >= in_rx->len)
		g_array_set_size(in_rx, ev->cpu + 1);
	is_in = &g_array_index(in_rx, bool, ev->cpu);
	p->tapped->n_in_rx += enters - *is_in;
	*is_in = enters;
}

/* ---- what was found ---------------------------------------------------------------------- */

bool tapped_nth(const struct tapped *t, unsigned i, struct fb_capture *to)
{
	if (!t || i >= t->taps->len)
		return false;
	*to = (struct fb_capture){ .path = capture_path(tap_at(t, i)->capture),
				   .packets = tap_at(t, i)->packets,
				   .is_alone = true,
				   .matched = tap_at(t, i)->inside };
	return true;
}
