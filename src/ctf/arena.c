/* SPDX-License-Identifier: MIT */
/* arena.c - memory that is freed all at once. */
#include "arena.h"

#include <stdalign.h>
#include <string.h>

#include <glib.h>

#define CHUNK_SIZE (64 * 1024)

struct chunk {
	struct chunk *next;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct chunk *chunks;
	char *at; /* the free part of the newest shared chunk */
	size_t left;
};

struct arena *arena_new(void)
{
	return g_new0(struct arena, 1);
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	for (struct chunk *c = a->chunks, *next; c; c = next) {
		next = c->next;
		g_free(c);
	}
	g_free(a);
}

static char *chunk_add(struct arena *a, size_t size)
{
	struct chunk *c = g_malloc0(sizeof(*c) + size);

	c->next = a->chunks;
	a->chunks = c;
	return c->bytes;
}

void *arena_alloc(struct arena *a, size_t size)
{
	const size_t unit = alignof(max_align_t);
	void *memory;

	g_assert(size <= G_MAXSIZE / 2);
	size = (size + unit - 1) / unit * unit;
	/* What would waste much of a chunk gets one of its own. */
	if (size > CHUNK_SIZE / 8)
		return chunk_add(a, size);
	if (size > a->left) {
		a->at = chunk_add(a, CHUNK_SIZE);
		a->left = CHUNK_SIZE;
	}
	memory = a->at;
	a->at += size;
	a->left -= size;
	return memory;
}

void *arena_copy(struct arena *a, const void *from, size_t size)
{
	void *memory = arena_alloc(a, size);

	if (size)
		memcpy(memory, from, size);
	return memory;
}

char *arena_text(struct arena *a, const char *text, size_t length)
{
	char *copy = arena_alloc(a, length + 1);

	memcpy(copy, text, length);
	return copy;
}
