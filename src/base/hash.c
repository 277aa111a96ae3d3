/* SPDX-License-Identifier: MIT */
/* hash.c - hashes of what stands in a trace. */
#include "base/hash.h"

#include <string.h>
#include <sys/random.h>

static gsize seed; /* 0: not made yet */

static G_GNUC_NO_INLINE void make_seed(void)
{
	gsize random;

	if (!g_once_init_enter(&seed))
		return;
	/* GLib's generator reads a file, and fills a table that nobody else uses. */
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
		random = g_random_int();
	g_once_init_leave(&seed, random | 1);
}

/* Asked for with each name that is looked up. */
static inline uint64_t get_seed(void)
{
	if (G_UNLIKELY(!__atomic_load_n(&seed, __ATOMIC_ACQUIRE)))
		make_seed();
	return seed;
}

uint64_t hash_seed(void)
{
	return get_seed();
}

static uint64_t word_at(const char *bytes, size_t length)
{
	uint64_t word = 0;

	memcpy(&word, bytes, length);
	return word;
}

guint bytes_hash(const void *bytes, size_t length)
{
	const size_t word = sizeof(uint64_t);
	const char *at = bytes, *end = at + length;
	uint64_t hash = hash_stir(get_seed(), length);

	if (length < word)
		return hash_stir(hash, word_at(at, length)) >> 32;
	for (; at < end - word; at += word)
		hash = hash_stir(hash, word_at(at, word));
	/* The last word may repeat some of the one before. */
	return hash_stir(hash, word_at(end - word, word)) >> 32;
}

guint name_hash(const void *name)
{
	return bytes_hash(name, strlen(name));
}

guint id_hash(const void *id)
{
	return bytes_hash(id, sizeof(uint64_t));
}
