/* SPDX-License-Identifier: MIT */
/*
 * cache.h - a table of fixed size: what was used longest ago makes room.
 *
 * A slot begins with struct cache_head. Who remembers a slot for later keeps a
 * struct cache_ref, which tells when the slot has become another's.
 */
#ifndef PACKETS_CACHE_H
#define PACKETS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cache_head {
	uint64_t hash;
	uint64_t used; /* when last; 0: the slot is free */
	uint64_t id;   /* of this occupation; from 1 */
};

struct cache_ref {
	void *slot;
	uint64_t id; /* 0: refers to nothing */
};

typedef bool (*cache_equal_func)(const void *slot, const void *key);

struct cache {
	char *slots;
	size_t size, n; /* bytes of a slot; their number, a power of two */
	cache_equal_func equal;
	uint64_t clock, last_id;
	uint64_t evicted; /* slots that made room */
};

void cache_init(struct cache *c, size_t size, size_t n, cache_equal_func equal);
void cache_clear(struct cache *c);

/* The slot of `key`, or NULL. */
void *cache_find(struct cache *c, uint64_t hash, const void *key);

/* The slot of `key`, made of zeroed bytes behind the head when there is none; then *is_new. */
void *cache_get(struct cache *c, uint64_t hash, const void *key, bool *is_new);

/* The i-th slot, of `n`; NULL when it is free. */
void *cache_nth(const struct cache *c, size_t i);

struct cache_ref cache_ref(const void *slot);

/* What it refers to; NULL when that was evicted since, or nothing. */
void *cache_deref(struct cache_ref ref);

/* Hashes of keys: spread the bits of `value` into `hash`. */
static inline uint64_t hash_add(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

#endif
