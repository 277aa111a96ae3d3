/* SPDX-License-Identifier: MIT */
/*
 * hash.h - hashes of what stands in a trace. A secret seed is in them: else one
 * could choose names such that all collide, and make a look-up a search.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <glib.h>
#include <stdint.h>

/* That seed, which is odd. */
uint64_t hash_seed(void);

/* Both halves of the product: the upper bits of a word count as the lower ones do. */
static inline uint64_t hash_stir(uint64_t hash, uint64_t word)
{
	unsigned __int128 product = (unsigned __int128)(hash ^ word) * 0x9e3779b97f4a7c15;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

guint bytes_hash(const void *bytes, size_t length);

/* For GHashTable: of a string, and of a uint64_t. */
guint name_hash(const void *name);
guint id_hash(const void *id);

#endif
