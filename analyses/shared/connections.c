/* SPDX-License-Identifier: MIT */
/* connections.c - takes packets and waits to the connections that they are of. */
#include "analyses/shared/connections.h"

#include <arpa/inet.h>

#define TICK	  ((fb_ns)1000000)	/* of TCP's timestamps */
#define ZERO_SPAN ((fb_ns)10000000000)	/* in which clocks drift by less than a tick */

enum { TCP = 6, UDP = 17 };

/* Two ends, the one with the lower bytes first. */
struct pair {
	struct pair_key {
		uint8_t low[16], high[16];
		uint16_t low_port, high_port;
		uint8_t address_bytes, protocol, unused[2];
	} key;
	struct connection *latest;
};

void connections_init(struct connections *c)
{
	c->pairs = groups_new(sizeof(struct pair), sizeof(struct pair_key), NULL);
	c->all = g_ptr_array_new();
}

static void connection_free(struct connection *c)
{
	if (c->waits)
		g_array_unref(c->waits);
	g_queue_clear_full(&c->rungs, g_free);
	g_free(c);
}

void connections_clear(struct connections *c)
{
	groups_free(c->pairs);
	if (!c->all)
		return;
	for (guint i = 0; i < c->all->len; i++)
		connection_free(c->all->pdata[i]);
	g_ptr_array_unref(c->all);
}

void some_add(struct some *s, fb_ns duration)
{
	s->min = s->n ? MIN(s->min, duration) : duration;
	s->max = s->n ? MAX(s->max, duration) : duration;
	s->sum += duration;
	s->n++;
}

/* ---- whose packet it is ------------------------------------------------------------------ */

static bool is_of_some(const struct fb_packet_key *key)
{
	return key->address_bytes && key->has_ports && (key->has_seq || key->protocol == UDP);
}

static struct pair_key key_of(const struct fb_packet_key *key)
{
	int order = memcmp(key->src, key->dst, sizeof(key->src));
	bool is_low = order < 0 || (!order && key->src_port <= key->dst_port);
	struct pair_key to = { .address_bytes = key->address_bytes, .protocol = key->protocol };

	memcpy(to.low, is_low ? key->src : key->dst, sizeof(to.low));
	memcpy(to.high, is_low ? key->dst : key->src, sizeof(to.high));
	to.low_port = is_low ? key->src_port : key->dst_port;
	to.high_port = is_low ? key->dst_port : key->src_port;
	return to;
}

static enum side side_of(const struct connection *c, const struct fb_packet_key *key)
{
	const struct connection_end *left = &c->ends[SIDE_LEFT];

	return left->port == key->src_port && !memcmp(left->address, key->src, sizeof(key->src)) ?
		       SIDE_LEFT :
		       SIDE_RIGHT;
}

static void end_init(struct connection_end *end, const uint8_t *address, uint16_t port)
{
	memcpy(end->address, address, sizeof(end->address));
	end->port = port;
	end->handshake = FB_NS_NONE;
}

static struct connection *connection_new(const struct fb_packet_key *key, fb_ns now)
{
	const unsigned answer = FB_PACKET_SYN | FB_PACKET_ACK;
	bool is_answer = key->has_seq && (key->flags & answer) == answer;
	struct connection *c = g_new0(struct connection, 1);

	c->protocol = key->protocol;
	c->address_bytes = key->address_bytes;
	c->began = now;
	c->first = c->last = FB_NS_NONE;
	c->asked = FB_NS_NONE;
	end_init(&c->ends[is_answer ? SIDE_RIGHT : SIDE_LEFT], key->src, key->src_port);
	end_init(&c->ends[is_answer ? SIDE_LEFT : SIDE_RIGHT], key->dst, key->dst_port);
	g_queue_init(&c->rungs);
	return c;
}

/* A SYN that is not the one of the connection that is known. */
static bool begins_another(const struct connection *c, const struct fb_packet_key *key)
{
	const struct connection_end *end = &c->ends[side_of(c, key)];

	return key->has_seq && (key->flags & (FB_PACKET_SYN | FB_PACKET_ACK)) == FB_PACKET_SYN &&
	       (!end->has_syn || end->syn != key->seq);
}

static struct connection *get(struct connections *c, const struct fb_packet_key *key, fb_ns now)
{
	struct pair_key ends = key_of(key);
	struct pair *pair;
	struct connection *made;

	if (c->all->len >= CONNECTIONS_MAX) {
		pair = groups_find(c->pairs, &ends);
		return pair ? pair->latest : NULL;
	}
	pair = groups_get(c->pairs, &ends, sizeof(ends));
	if (pair->latest && !begins_another(pair->latest, key))
		return pair->latest;
	made = connection_new(key, now);
	made->older = pair->latest;
	pair->latest = made;
	g_ptr_array_add(c->all, made);
	return made;
}

struct connection *connections_find(struct connections *c, const struct fb_packet_key *key,
				    fb_ns time, enum side *side)
{
	struct pair_key ends = key_of(key);
	const struct pair *pair = is_of_some(key) ? groups_find(c->pairs, &ends) : NULL;
	struct connection *found = pair ? pair->latest : NULL;

	while (found && found->began > time)
		found = found->older;
	if (found)
		*side = side_of(found, key);
	return found;
}

/* ---- what a packet counts for ------------------------------------------------------------ */

static bool before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* Sequence numbers that it takes. */
static uint32_t flags_of(const struct fb_packet_key *key)
{
	return !!(key->flags & FB_PACKET_SYN) + !!(key->flags & FB_PACKET_FIN);
}

static uint32_t takes(const struct fb_packet_key *key)
{
	return key->len + flags_of(key);
}

/* The same packet, behind a bridge or a router that this host is: a new one has a number of its own. */
static bool is_passed_on(const struct connection_end *end, const struct fb_packet_key *key)
{
	const struct fb_packet_key *last = &end->last;

	return end->packets && key->id && key->id == last->id && key->seq == last->seq &&
	       key->ack == last->ack && key->len == last->len && key->flags == last->flags;
}

/* What is sent again says nothing of how long it takes there and back. */
static void await(struct connection_end *end, const struct fb_packet_key *key, fb_ns left,
		  bool again)
{
	if (again)
		end->n_awaited = 0;
	else if (end->n_awaited < CONNECTION_AWAITED)
		end->awaited[end->n_awaited++] =
			(struct awaited){ key->seq + takes(key), left };
}

/* Where its data stands. Returns by how many bytes they go on; *again: they do not, but there are some. */
static uint32_t advance(struct connection_end *end, const struct fb_packet_key *key, bool *again)
{
	uint32_t next = key->seq + takes(key), on = key->len;

	*again = takes(key) && end->knows_next && !before(end->next, next);
	if (key->flags & FB_PACKET_SYN) {
		end->has_syn = true;
		end->syn = key->seq;
	}
	if (*again)
		return 0;
	if (end->knows_next && takes(key))
		on = next - end->next - flags_of(key);
	if (!end->knows_next || before(end->next, next))
		end->next = next;
	end->knows_next = true;
	return on;
}

/* Returns whether its data was sent before. */
static bool count_tcp(struct connection_end *end, const struct fb_packet *p)
{
	const struct fb_packet_key *key = &p->key;
	bool again;

	end->bytes += advance(end, key, &again);
	end->again += again;
	if (takes(key) && !p->is_outside)
		await(end, key, p->left == FB_NS_NONE ? p->received : p->left, again);
	if (key->has_window && !key->window &&
	    !(key->flags & (FB_PACKET_SYN | FB_PACKET_FIN | FB_PACKET_RST)))
		end->zero_windows++;
	return again;
}

/* ---- timestamps -------------------------------------------------------------------------- */

/*
 * They are cut off to ms. No packet comes before it left, so the least of what is between tells most; clocks
 * drift, so only for a while.
 */
static void note_zero(struct connection_end *end, const struct fb_packet *p)
{
	fb_ns zero = p->received - p->key.tsval * TICK;

	if (!end->zero.is_known || p->received - end->zero.since > ZERO_SPAN) {
		end->zero.before = end->zero.is_known ? end->zero.least : zero;
		end->zero.least = zero;
		end->zero.since = p->received;
		end->zero.is_known = true;
	}
	end->zero.least = MIN(end->zero.least, zero);
}

/*
 *	asked                                        it came
 *	--|------ network ------|-- busy --|-- network --|
 *	                      ACK's      answer's timestamp
 *
 * An acknowledgement may be put off, and so be too late to tell when the request came, but not too early.
 */
static void note_busy(struct connection *c, struct connection_end *end, const struct fb_packet *p)
{
	fb_ns left = MIN(p->received,
			 p->key.tsval * TICK + TICK + MIN(end->zero.least, end->zero.before));
	fb_ns least = c->has_ack ? (fb_ns)(int32_t)(p->key.tsval - c->ack_tsval) * TICK - TICK : 0;

	c->busy_most = MAX(0, left - c->asked);
	c->busy_least = CLAMP(least, 0, c->busy_most);
	some_add(&end->busy_least, c->busy_least);
	some_add(&end->busy_most, c->busy_most);
}

static void note_acked(struct connection *c, const struct fb_packet *p)
{
	if (c->has_ack || !(p->key.flags & FB_PACKET_ACK) || before(p->key.ack, c->asked_end))
		return;
	c->has_ack = true;
	c->ack_tsval = p->key.tsval;
}

static void note_answer(struct connection *c, enum side side, const struct fb_packet *p, fb_ns now)
{
	bool answers = c->is_asked && c->asker != side;
	bool has_clock = p->is_outside && p->key.has_tsval;

	if (has_clock)
		note_zero(&c->ends[side], p);
	if (has_clock && answers)
		note_acked(c, p);
	if (!p->key.len)
		return;
	if (answers)
		some_add(&c->ends[side].answers, now - c->asked);
	if (has_clock && answers)
		note_busy(c, &c->ends[side], p);
	c->is_asked = true;
	c->asker = side;
	c->asked = now;
	c->asked_end = p->key.seq + p->key.len;
	c->has_ack = false;
}

/* ---- how long it lay --------------------------------------------------------------------- */

/* NULL: it was not in that stage before its last one, or nobody knows since when. */
static const struct fb_packet_stage *stage_of(const struct fb_packet *p, enum fb_packet_part part)
{
	for (unsigned i = 0; i + 1 < p->n_stages; i++)
		if (p->stages[i].part == part && p->stages[i].begin != FB_NS_NONE)
			return &p->stages[i];
	return NULL;
}

fb_ns packet_stage(const struct fb_packet *p, enum fb_packet_part part)
{
	const struct fb_packet_stage *stage = stage_of(p, part);

	return stage ? MAX(0, stage[1].begin - stage->begin) : 0;
}

/* Several packets may lie there at a time: what of that was not counted yet. */
static fb_ns count_time(struct connection_end *end, enum fb_packet_part part, fb_ns begin, fb_ns until)
{
	fb_ns more = MAX(0, until - MAX(begin, end->until[part]));

	end->until[part] = MAX(end->until[part], until);
	return more;
}

static void count_held(struct connection_end *end, const struct fb_packet *p)
{
	static const enum fb_packet_part parts[] = { FB_PART_HELD, FB_PART_DELAYED_ACK,
						     FB_PART_SENT_AGAIN };

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		const struct fb_packet_stage *stage = stage_of(p, parts[i]);
		fb_ns time = stage ? count_time(end, parts[i], stage->begin, stage[1].begin) : 0;

		if (parts[i] == FB_PART_HELD)
			end->held += time;
		if (p->cause && fb_packet_cause_part(p->cause) == parts[i])
			end->by_cause[p->cause] += time;
	}
}

void connection_sent(struct connection *c, enum side from, fb_ns left, fb_ns sent)
{
	c->ends[from].queued += count_time(&c->ends[from], FB_PART_QUEUED, left, sent);
}

struct connection *connections_add(struct connections *all, const struct fb_packet *p, fb_ns now,
				   enum side *side, bool *again, bool *passed_on)
{
	struct connection *c = is_of_some(&p->key) ? get(all, &p->key, now) : NULL;
	struct connection_end *end;

	if (!c) {
		all->others += !is_of_some(&p->key);
		all->left_out += is_of_some(&p->key);
		return NULL;
	}
	*side = side_of(c, &p->key);
	end = &c->ends[*side];
	*passed_on = is_passed_on(end, &p->key);
	*again = false;
	c->busy_least = c->busy_most = FB_NS_NONE;
	if (*passed_on)
		return c;
	if (c->first == FB_NS_NONE)
		c->first = c->last = now;
	if (p->key.has_seq)
		*again = count_tcp(end, p);
	else
		end->bytes += p->key.len;
	end->packets++;
	end->last = p->key;
	end->is_here |= p->left != FB_NS_NONE;
	end->is_outside |= p->is_outside;
	if (!p->is_outside)
		count_held(end, p);
	if (!p->is_outside && p->written.task)
		connection_add_task(c, *side, p->written.task);
	if (!*again)
		note_answer(c, *side, p, now);
	return c;
}

void connections_meet(struct connections *all, const struct fb_packet *p, fb_ns now)
{
	struct connection *c = is_of_some(&p->key) ? get(all, &p->key, now) : NULL;
	enum side side;
	bool again;

	if (!c)
		return;
	side = side_of(c, &p->key);
	if (p->key.has_seq)
		advance(&c->ends[side], &p->key, &again);
	if (!p->is_outside && p->written.task)
		connection_add_task(c, side, p->written.task);
}

void connection_receive(struct connection *c, enum side from, const struct fb_packet *p)
{
	struct connection_end *end = &c->ends[from == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT];
	unsigned n = 0;

	if (!p->key.has_seq || !(p->key.flags & FB_PACKET_ACK))
		return;
	while (n < end->n_awaited && !before(p->key.ack, end->awaited[n].end))
		n++;
	if (!n)
		return;
	some_add(&end->rtt, p->received - end->awaited[n - 1].left);
	if (end->has_syn && end->awaited[0].end == end->syn + 1)
		end->handshake = p->received - end->awaited[0].left;
	memmove(end->awaited, end->awaited + n, (end->n_awaited - n) * sizeof(*end->awaited));
	end->n_awaited -= n;
}

/* ---- silences ---------------------------------------------------------------------------- */

static void explain(const struct connection *c, struct silence *s, const struct fb_packet *p)
{
	const struct fb_blocking gap = { .begin = s->begin, .wake = s->end, .end = s->end,
					 .quality = FB_QUALITY_EXACT };

	s->key = p->key;
	s->cause = p->cause;
	s->is_outside = p->is_outside;
	s->busy_least = c->busy_least;
	s->busy_most = c->busy_most;
	s->has_come = p->received != FB_NS_NONE;
	s->call = p->is_outside ? p->request : p->written;
	s->n_stages = p->n_stages;
	memcpy(s->stages, p->stages, sizeof(s->stages));
	if (!fb_packet_parts(p, &gap, s->parts))
		memset(s->parts, 0, sizeof(s->parts));
}

void connection_note(struct connection *c, enum side from, const struct fb_packet *p, fb_ns now)
{
	struct silence silence = { .begin = c->last, .end = now, .side = from };
	unsigned at = c->n_silences;

	c->last = MAX(c->last, now);
	if (silence.begin >= now)
		return;
	while (at > 0 && c->silences[at - 1].end - c->silences[at - 1].begin < now - silence.begin)
		at--;
	if (at == CONNECTION_SILENCES)
		return;
	c->n_silences = MIN(c->n_silences + 1, CONNECTION_SILENCES);
	memmove(&c->silences[at + 1], &c->silences[at],
		(c->n_silences - 1 - at) * sizeof(*c->silences));
	explain(c, &silence, p);
	c->silences[at] = silence;
}

/* ---- tasks and their waits --------------------------------------------------------------- */

void connection_add_task(struct connection *c, enum side side, const struct fb_task *task)
{
	struct connection_end *end = &c->ends[side];

	for (unsigned i = 0; i < end->n_tasks; i++)
		if (end->tasks[i] == task)
			return;
	if (end->n_tasks < CONNECTION_TASKS)
		end->tasks[end->n_tasks++] = task;
	else
		end->has_more_tasks = true;
}

static struct connection_waits *waits_get(struct connection *c, const struct fb_blocking *b)
{
	struct connection_waits made = { .task = b->task, .syscall = b->syscall };

	if (!c->waits)
		c->waits = g_array_new(FALSE, FALSE, sizeof(struct connection_waits));
	for (guint i = 0; i < c->waits->len; i++) {
		struct connection_waits *w = &g_array_index(c->waits, struct connection_waits, i);

		if (w->task == b->task && w->syscall == b->syscall)
			return w;
	}
	g_array_append_val(c->waits, made);
	return &g_array_index(c->waits, struct connection_waits, c->waits->len - 1);
}

void connection_add_wait(struct connection *c, const struct fb_packet *p,
			 const struct fb_blocking *b)
{
	fb_ns asleep = fb_blocking_asleep(b), parts[FB_PARTS];
	struct connection_waits *w = waits_get(c, b);

	if (!w->asleep.n || asleep > w->asleep.max)
		w->longest = b->begin;
	some_add(&w->asleep, asleep);
	c->asleep += asleep;
	if (fb_packet_parts(p, b, parts))
		for (unsigned i = 0; i < FB_PARTS; i++)
			c->parts[i] += parts[i];
}

/* ---- in words ---------------------------------------------------------------------------- */

void end_words(const struct connection *c, enum side side, GString *to)
{
	const struct connection_end *end = &c->ends[side];
	char text[INET6_ADDRSTRLEN];

	inet_ntop(c->address_bytes == 4 ? AF_INET : AF_INET6, end->address, text, sizeof(text));
	g_string_append_printf(to, c->address_bytes == 4 ? "%s:%u" : "[%s]:%u", text, end->port);
}
