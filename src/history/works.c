/* SPDX-License-Identifier: MIT */
/* works.c - a table by the work's address. */
#include "history/works.h"

#include "history/record.h"
#include "packets/cache.h"

#define WORKS 2048

struct queued_work {
	struct cache_head head;
	uint64_t work;
	bool is_pending;
	struct order order;
};

struct works {
	struct cache queued;
	uint64_t kinds;
};

#define K(kind) FB_KIND_BIT(FB_EV_##kind)

uint64_t works_kinds(void)
{
	return K(WORK_QUEUE) | K(WORK_ACTIVATE) | K(WORK_START) | K(WORK_END);
}

static bool work_equal(const void *slot, const void *key)
{
	return ((const struct queued_work *)slot)->work == *(const uint64_t *)key;
}

struct works *works_new(const struct fb_source *source)
{
	struct works *w;

	if (!(source->info.kinds & works_kinds()))
		return NULL;
	w = g_new0(struct works, 1);
	w->kinds = source->info.kinds;
	cache_init(&w->queued, sizeof(struct queued_work), WORKS, work_equal);
	return w;
}

void works_free(struct works *w)
{
	if (!w)
		return;
	cache_clear(&w->queued);
	g_free(w);
}

void works_queue(struct works *w, uint64_t work, const struct order *order)
{
	bool is_new;
	struct queued_work *q = cache_get(&w->queued, hash_add(0, work), &work, &is_new);

	q->work = work;
	q->is_pending = true;
	q->order = *order;
}

void works_activate(struct works *w, uint64_t work, const struct order *order)
{
	const struct queued_work *q = cache_find(&w->queued, hash_add(0, work), &work);

	if ((!q || !q->is_pending) && !(w->kinds & K(WORK_QUEUE)))
		works_queue(w, work, order);
}

bool works_take(struct works *w, uint64_t work, struct order *order)
{
	struct queued_work *q = cache_find(&w->queued, hash_add(0, work), &work);

	if (!q || !q->is_pending)
		return false;
	q->is_pending = false;
	*order = q->order;
	return true;
}

void works_forget(struct works *w)
{
	for (size_t i = 0; i < w->queued.n; i++) {
		struct queued_work *q = cache_nth(&w->queued, i);

		if (q)
			q->is_pending = false;
	}
}

bool works_sees_queuing(const struct works *w)
{
	return w && w->kinds & (K(WORK_QUEUE) | K(WORK_ACTIVATE));
}

bool works_sees_begins(const struct works *w)
{
	return w && w->kinds & K(WORK_START);
}

bool works_sees_ends(const struct works *w)
{
	return w && w->kinds & K(WORK_END);
}
