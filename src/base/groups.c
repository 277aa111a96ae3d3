/* SPDX-License-Identifier: MIT */
/* groups.c - a table of items by key: how it grows, and what is done once for each item. */
#include "base/groups.h"

#define FIRST_BITS 8 /* of the slots' number */
#define ROOM       4 /* slots for each item */

static size_t n_slots(const struct groups *g)
{
	return (size_t)1 << (64 - g->shift);
}

struct groups *groups_new(size_t item_size, size_t key_size, void (*clear)(void *item))
{
	struct groups *g = g_new(struct groups, 1);

	g_assert(key_size && key_size % sizeof(uint64_t) == 0 && key_size <= item_size);
	*g = (struct groups){ .item_size = item_size, .key_size = key_size, .clear = clear,
			      .seed = hash_seed(), .shift = 64 - FIRST_BITS,
			      .items = g_ptr_array_new(), .memory = arena_new() };
	g->slots = g_new0(void *, n_slots(g));
	return g;
}

void groups_clear(struct groups *g)
{
	for (guint i = 0; g->clear && i < g->items->len; i++)
		g->clear(groups_nth(g, i));
	g_ptr_array_set_size(g->items, 0);
	arena_free(g->memory);
	g->memory = arena_new();
	memset(g->slots, 0, n_slots(g) * sizeof(*g->slots));
}

void groups_free(struct groups *g)
{
	if (!g)
		return;
	groups_clear(g);
	arena_free(g->memory);
	g_ptr_array_free(g->items, TRUE);
	g_free(g->slots);
	g_free(g);
}

/* Where the key's item is, or would be. */
static void **slot_of(struct groups *g, const void *key, uint64_t hash)
{
	size_t last = n_slots(g) - 1, i = hash >> g->shift;

	while (g->slots[i] && !groups_equal(g->slots[i], key, g->key_size))
		i = (i + 1) & last;
	return &g->slots[i];
}

static void grow(struct groups *g)
{
	g->shift--;
	g_free(g->slots);
	g->slots = g_new0(void *, n_slots(g));
	for (guint i = 0; i < g->items->len; i++) {
		void *item = groups_nth(g, i);

		*slot_of(g, item, groups_hash(g, item, g->key_size)) = item;
	}
}

void *groups_look_up(struct groups *g, const void *key, uint64_t hash, bool make)
{
	void **slot = slot_of(g, key, hash), **first = &g->slots[hash >> g->shift], *item = *slot;

	/* Whoever is there is found from its own first slot on here as well. */
	if (item) {
		*slot = *first;
		*first = item;
	}
	if (item || !make)
		return item;
	item = arena_alloc(g->memory, g->item_size);
	memcpy(item, key, g->key_size);
	g_ptr_array_add(g->items, item);
	*slot = item;
	if (g->items->len > n_slots(g) / ROOM)
		grow(g);
	return item;
}

static int compare_pointed(const void *a, const void *b, void *compare)
{
	return (*(int (**)(const void *, const void *))compare)(*(void *const *)a, *(void *const *)b);
}

GPtrArray *groups_sorted(const struct groups *g, int (*compare)(const void *a, const void *b))
{
	GPtrArray *sorted = g_ptr_array_sized_new(g->items->len);

	for (guint i = 0; i < g->items->len; i++)
		g_ptr_array_add(sorted, groups_nth(g, i));
	g_ptr_array_sort_with_data(sorted, compare_pointed, &compare);
	return sorted;
}

void groups_keep_first(GPtrArray *first, void *item, int (*compare)(const void *a, const void *b),
		       guint max)
{
	guint place = first->len;

	if (!max || (place == max && compare(item, first->pdata[place - 1]) >= 0))
		return;
	while (place && compare(item, first->pdata[place - 1]) < 0)
		place--;
	if (first->len == max)
		g_ptr_array_set_size(first, max - 1);
	g_ptr_array_insert(first, place, item);
}
