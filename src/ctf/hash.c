/* SPDX-License-Identifier: MIT */
/* hash.c - hashes of what stands in a trace. */
#include "hash.h"

#include <stdint.h>
#include <string.h>

static uint64_t secret_seed(void)
{
	static gsize seed;

	if (g_once_init_enter(&seed))
		g_once_init_leave(&seed, (gsize)g_random_int() << 1 | 1);
	return seed;
}

/* Both halves of the product: the upper bits of a word count as the lower ones do. */
static uint64_t stir(uint64_t hash, uint64_t word)
{
	unsigned __int128 product = (unsigned __int128)(hash ^ word) * 0x9e3779b97f4a7c15;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

guint bytes_hash(const char *bytes, size_t length)
{
	uint64_t hash = stir(secret_seed(), length), word;

	for (; length >= sizeof(word); length -= sizeof(word), bytes += sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		hash = stir(hash, word);
	}
	for (word = 0; length; length--)
		word = word << 8 | (unsigned char)bytes[length - 1];
	return stir(hash, word) >> 32;
}

guint name_hash(const void *name)
{
	return bytes_hash(name, strlen(name));
}
