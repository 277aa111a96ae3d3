/* SPDX-License-Identifier: MIT */
/* arena.c - memory that is freed all at once. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <string.h>

#include <glib.h>

#define CHUNK_SIZE (64 * 1024)

struct arena_block {
	struct arena_block *next;
	alignas(max_align_t) char bytes[];
};

/* Objects grow up from the begin of a chunk, all aligned; text down from its end. */
struct arena {
	struct arena_block *chunks;
	char *at, *end; /* the free part of the newest shared chunk */
};

static char *chunk_add(struct arena *a, size_t size)
{
	struct arena_block *c = g_malloc(sizeof(*c) + size);

	c->next = a->chunks;
	a->chunks = c;
	return c->bytes;
}

struct arena *arena_new(void)
{
	return g_new0(struct arena, 1);
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	for (struct arena_block *c = a->chunks, *next; c; c = next) {
		next = c->next;
		g_free(c);
	}
	g_free(a);
}

/* Makes room in the shared chunk. False for what would waste much of one: it gets its own. */
static bool make_room(struct arena *a, size_t size)
{
	g_assert(size <= G_MAXSIZE / 2);
	if (size > CHUNK_SIZE / 8)
		return false;
	if (size > (size_t)(a->end - a->at) || !a->at) {
		a->at = chunk_add(a, CHUNK_SIZE);
		a->end = a->at + CHUNK_SIZE;
	}
	return true;
}

static void *take(struct arena *a, size_t size)
{
	const size_t unit = alignof(max_align_t);
	void *memory;

	size = (size + unit - 1) / unit * unit;
	if (!make_room(a, size))
		return chunk_add(a, size);
	memory = a->at;
	a->at += size;
	return memory;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return memset(take(a, size), 0, size);
}

void *arena_copy(struct arena *a, const void *from, size_t size)
{
	void *memory = take(a, size);

	if (size)
		memcpy(memory, from, size);
	return memory;
}

char *arena_room(struct arena *a, size_t size)
{
	if (!make_room(a, size))
		return chunk_add(a, size);
	return a->end -= size;
}

char *arena_text(struct arena *a, const char *text, size_t length)
{
	char *copy = arena_room(a, length + 1);

	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}
