/* SPDX-License-Identifier: MIT */
/*
 * groups.h - what counts as one, by what it has in common: a table of items, each made
 * when its key is first met.
 *
 * An item begins with its key. Keys are compared as bytes, so they have no padding, texts in
 * them are interned, and their size is a multiple of eight. Items stay where they are.
 *
 *	slots   . a . . c b . .     by hash; a next one where several want one, of which the
 *	                            first has who was asked for last
 *	items   a b c               in the order in which they were met
 */
#ifndef BASE_GROUPS_H
#define BASE_GROUPS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"

struct groups {
	size_t item_size, key_size;
	void (*clear)(void *item); /* of what an item owns; or NULL */
	uint64_t seed;
	void **slots;              /* NULL: free; most are */
	unsigned shift;            /* that leaves as many bits of a hash as slots have */
	GPtrArray *items;
	struct arena *memory;      /* theirs */
};

/* `key_size`: of the first so many bytes of an item. Free with groups_free(). */
struct groups *groups_new(size_t item_size, size_t key_size, void (*clear)(void *item));
void groups_free(struct groups *g);

/* Forgets all items. */
void groups_clear(struct groups *g);

/* Sorted by `compare`, which gets two items; equal ones are in the order in which they were met. */
GPtrArray *groups_sorted(const struct groups *g, int (*compare)(const void *a, const void *b));

/*
 * Puts the item into its place among the first `max` of those that were put in before; what is
 * equal stays in the order in which it came. For a few of many, which need not all be sorted.
 */
void groups_keep_first(GPtrArray *first, void *item, int (*compare)(const void *a, const void *b),
		       guint max);

static inline size_t groups_n(const struct groups *g)
{
	return g->items->len;
}

static inline void *groups_nth(const struct groups *g, size_t i)
{
	return g_ptr_array_index(g->items, i);
}

/* ---- looking up: in here, as nearly always the first slot is the right one ---------------- */

static inline uint64_t groups_word(const void *key, size_t at)
{
	uint64_t word;

	memcpy(&word, (const char *)key + at, sizeof(word));
	return word;
}

static inline __attribute__((always_inline)) uint64_t groups_hash(const struct groups *g,
								  const void *key, size_t size)
{
	uint64_t hash = g->seed;

	for (size_t at = 0; at < size; at += sizeof(uint64_t))
		hash = hash_stir(hash, groups_word(key, at));
	return hash;
}

static inline __attribute__((always_inline)) bool groups_equal(const void *a, const void *b,
							       size_t size)
{
	uint64_t differing = 0;

	for (size_t at = 0; at < size; at += sizeof(uint64_t))
		differing |= groups_word(a, at) ^ groups_word(b, at);
	return !differing;
}

/* Beyond the first slot. */
void *groups_look_up(struct groups *g, const void *key, uint64_t hash, bool make);

/* The item with that key; made when there is none, zero bytes behind the key. `key_size` as above. */
static inline __attribute__((always_inline)) void *groups_get(struct groups *g, const void *key,
							      size_t key_size)
{
	uint64_t hash = groups_hash(g, key, key_size);
	void *item = g->slots[hash >> g->shift];

	if (G_LIKELY(item && groups_equal(item, key, key_size)))
		return item;
	return groups_look_up(g, key, hash, true);
}

/* The same, but NULL when there is none. */
static inline void *groups_find(struct groups *g, const void *key)
{
	return groups_look_up(g, key, groups_hash(g, key, g->key_size), false);
}

#endif
