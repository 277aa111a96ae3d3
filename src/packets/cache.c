/* SPDX-License-Identifier: MIT */
/* cache.c - a hash table that forgets what is oldest: a key may lie in any of a few neighbouring slots. */
#include "packets/cache.h"

#include <glib.h>

#define WAYS 4

void cache_init(struct cache *c, size_t size, size_t n, cache_equal_func equal)
{
	*c = (struct cache){ .slots = g_malloc0_n(n, size), .size = size, .n = n, .equal = equal };
}

void cache_clear(struct cache *c)
{
	g_clear_pointer(&c->slots, g_free);
}

static struct cache_head *slot_at(const struct cache *c, size_t i)
{
	return (struct cache_head *)(c->slots + i * c->size);
}

static struct cache_head *first_way(const struct cache *c, uint64_t hash)
{
	return slot_at(c, hash & (c->n - WAYS));
}

static struct cache_head *next_way(const struct cache *c, struct cache_head *head)
{
	return (struct cache_head *)((char *)head + c->size);
}

void *cache_find(struct cache *c, uint64_t hash, const void *key)
{
	struct cache_head *head = first_way(c, hash);

	for (int way = 0; way < WAYS; way++, head = next_way(c, head))
		if (head->used && head->hash == hash && c->equal(head, key)) {
			head->used = ++c->clock;
			return head;
		}
	return NULL;
}

void *cache_get(struct cache *c, uint64_t hash, const void *key, bool *is_new)
{
	struct cache_head *head = cache_find(c, hash, key), *oldest;

	*is_new = !head;
	if (head)
		return head;
	oldest = head = first_way(c, hash);
	for (int way = 0; way < WAYS; way++, head = next_way(c, head))
		if (head->used < oldest->used)
			oldest = head;
	c->evicted += oldest->used != 0;
	memset(oldest, 0, c->size);
	*oldest = (struct cache_head){ .hash = hash, .used = ++c->clock, .id = ++c->last_id };
	return oldest;
}

void *cache_nth(const struct cache *c, size_t i)
{
	struct cache_head *head = slot_at(c, i);

	return head->used ? head : NULL;
}

struct cache_ref cache_ref(const void *slot)
{
	return (struct cache_ref){ (void *)slot, ((const struct cache_head *)slot)->id };
}

void *cache_deref(struct cache_ref ref)
{
	const struct cache_head *head = ref.slot;

	return ref.id && head->id == ref.id ? ref.slot : NULL;
}
