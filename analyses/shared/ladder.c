/* SPDX-License-Identifier: MIT */
/* ladder.c - a ring of the latest packets of all connections; what falls out of it is kept, or not. */
#include "analyses/shared/ladder.h"

struct pending {
	struct connection *connection;
	struct rung rung;
};

void ladder_init(struct ladder *l, guint most, fb_ns at)
{
	l->most = most;
	l->at = at;
	l->pending = g_new0(struct pending, LADDER_PENDING);
	l->by_time = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

void ladder_clear(struct ladder *l)
{
	if (!l->pending)
		return;
	g_free(l->pending);
	g_hash_table_destroy(l->by_time);
}

/* ---- what is kept ------------------------------------------------------------------------ */

/* Of those before the moment, half as many, the last ones are kept. */
static bool has_room(struct ladder *l, struct connection *c, const struct rung *rung)
{
	bool is_early = l->at != FB_NS_NONE && rung_time(rung) < l->at;

	if (g_queue_get_length(&c->rungs) < (is_early ? (l->most + 1) / 2 : l->most))
		return l->n < LADDER_MAX;
	if (!is_early || g_queue_is_empty(&c->rungs))
		return false;
	g_free(g_queue_pop_head(&c->rungs));
	c->not_shown++;
	l->n--;
	return true;
}

static void retire(struct ladder *l)
{
	struct pending *p = &l->pending[l->begin++ % LADDER_PENDING];
	struct connection *c = p->connection;

	if (p->rung.left != FB_NS_NONE && p->rung.sent != FB_NS_NONE)
		connection_sent(c, p->rung.side, p->rung.left, p->rung.sent);
	if (!has_room(l, c, &p->rung)) {
		c->not_shown++;
		return;
	}
	g_queue_push_tail(&c->rungs, g_memdup2(&p->rung, sizeof(p->rung)));
	l->n++;
}

void ladder_end(struct ladder *l)
{
	while (l->begin < l->end)
		retire(l);
	g_hash_table_remove_all(l->by_time);
}

/* ---- what is under way ------------------------------------------------------------------- */

static fb_ns time_of(const struct fb_packet *p)
{
	return p->left == FB_NS_NONE ? p->received : p->left;
}

static void enter(struct ladder *l, fb_ns time, uint64_t place)
{
	g_hash_table_insert(l->by_time, g_memdup2(&time, sizeof(time)), (void *)(uintptr_t)place);
}

static void forget_times(struct ladder *l)
{
	GHashTableIter i;
	void *place;

	g_hash_table_iter_init(&i, l->by_time);
	while (g_hash_table_iter_next(&i, NULL, &place))
		if ((uintptr_t)place < l->begin)
			g_hash_table_iter_remove(&i);
}

void ladder_add(struct ladder *l, struct connection *c, enum side side, bool again,
		const struct fb_packet *p)
{
	struct pending *to;

	if (l->end - l->begin == LADDER_PENDING)
		retire(l);
	if (g_hash_table_size(l->by_time) >= 2 * LADDER_PENDING)
		forget_times(l);
	enter(l, time_of(p), l->end);
	to = &l->pending[l->end++ % LADDER_PENDING];
	to->connection = c;
	to->rung = (struct rung){ .side = side,
				  .left = p->left,
				  .sent = p->sent,
				  .received = p->received,
				  .is_outside = p->is_outside,
				  .again = again,
				  .key = p->key,
				  .cause = p->cause,
				  .cause_inferred = p->cause_inferred,
				  .written = p->written };
	if (p->is_outside)
		return;
	to->rung.held = packet_stage(p, FB_PART_HELD);
	to->rung.put_off = packet_stage(p, FB_PART_DELAYED_ACK);
	to->rung.in_vain = packet_stage(p, FB_PART_SENT_AGAIN);
}

static struct pending *find(const struct ladder *l, const struct connection *c, fb_ns time)
{
	void *place;
	struct pending *p;

	if (!g_hash_table_lookup_extended(l->by_time, &time, NULL, &place) ||
	    (uintptr_t)place < l->begin)
		return NULL;
	p = &l->pending[(uintptr_t)place % LADDER_PENDING];
	return p->connection == c ? p : NULL;
}

struct rung *ladder_find(struct ladder *l, const struct connection *c, const struct fb_packet *p)
{
	struct pending *found = find(l, c, time_of(p));

	return found ? &found->rung : NULL;
}

void ladder_pass_on(struct ladder *l, const struct connection *c, const struct fb_packet *p)
{
	for (uint64_t place = l->end; place > l->begin; place--) {
		const struct pending *one = &l->pending[(place - 1) % LADDER_PENDING];

		if (one->connection != c || one->rung.key.seq != p->key.seq ||
		    one->rung.key.id != p->key.id)
			continue;
		enter(l, time_of(p), place - 1);
		return;
	}
}
