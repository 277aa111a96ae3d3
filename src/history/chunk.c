/* SPDX-License-Identifier: MIT */
/* chunk.c - the memory of a history: chunks of records, the oldest of which are dropped. */
#include <stdlib.h>
#include <sys/mman.h>

#include "history/record.h"

fb_ns history_since(const struct fb_history *h)
{
	return h->counts.since == FB_NS_NONE ? INT64_MIN : h->counts.since;
}

/* Who did nothing since remains known by its past alone. */
static void forget_records(struct fb_history *h)
{
	for (uint32_t i = 0; i < h->n_tasks; i++) {
		struct past *p = &h->tasks[i];

		if (!is_live(h, p->last))
			p->last = NONE;
		if (!is_live(h, p->woken))
			p->woken = NONE;
		if (!is_live(h, p->woke))
			p->woke = NONE;
	}
}

static uint64_t chunk_size(const struct chunk *chunk)
{
	return CHUNK * sizeof(*chunk->records) + chunk->wakes_room * sizeof(*chunk->wakes) +
	       chunk->hops_room * sizeof(*chunk->hops) +
	       chunk->orders_room * sizeof(*chunk->orders);
}

static void chunk_free(struct chunk *chunk)
{
	if (!chunk)
		return;
	free(chunk->records);
	g_free(chunk->wakes);
	g_free(chunk->hops);
	g_free(chunk->orders);
	g_free(chunk);
}

static struct chunk *chunk_at(const struct fb_history *h, uint32_t i)
{
	return h->chunks[(h->first_chunk + i) & (h->room - 1)];
}

static void drop_first(struct fb_history *h)
{
	struct chunk *chunk = chunk_at(h, 0);

	h->first_chunk = (h->first_chunk + 1) & (UINT32_MAX >> CHUNK_BITS);
	h->n_chunks--;
	h->counts.since = chunk_at(h, 0)->base;
	h->counts.size -= chunk_size(chunk);
	chunk_free(h->spare);
	h->spare = chunk;
	forget_records(h);
}

/* Forgets what nobody will ask for, then what there is no room for. */
static void make_room(struct fb_history *h)
{
	const struct fb_history_options *o = &h->options;
	/* The next one will be like this one. */
	uint64_t more = h->head ? chunk_size(h->head) : 0;
	bool is_full = h->counts.size + more > o->size;
	fb_ns needed = INT64_MIN;

	if (h->n_chunks > 1 && o->needed_since)
		needed = o->needed_since(o->data, chunk_at(h, 1)->base, is_full);
	while (h->n_chunks > 2 && chunk_at(h, 1)->base <= needed)
		drop_first(h);
	while (h->n_chunks > 1 && h->counts.size + more > o->size) {
		h->counts.dropped += chunk_at(h, 0)->used;
		drop_first(h);
	}
}

static void chunks_grow(struct fb_history *h)
{
	uint32_t room = h->room ? h->room * 2 : 64;
	struct chunk **chunks = g_new0(struct chunk *, room);

	for (uint32_t i = 0; i < h->n_chunks; i++)
		chunks[(h->first_chunk + i) & (room - 1)] = chunk_at(h, i);
	g_free(h->chunks);
	h->chunks = chunks;
	h->room = room;
}

/* Large pages where the system has them: else a tenth of the time goes into getting small ones. */
static struct record *records_new(void)
{
	size_t size = CHUNK * sizeof(struct record);
	struct record *records = aligned_alloc(size, size);

	if (!records)
		g_error("out of memory");
	madvise(records, size, MADV_HUGEPAGE);
	return records;
}

static struct chunk *chunk_new(struct fb_history *h)
{
	struct chunk *chunk = h->spare;

	h->spare = NULL;
	if (!chunk) {
		chunk = g_new0(struct chunk, 1);
		chunk->records = records_new();
	}
	return chunk;
}

void history_next_chunk(struct fb_history *h, fb_ns now)
{
	uint32_t number = h->head ? (h->next - 1) >> CHUNK_BITS : UINT32_MAX;
	struct chunk *chunk;

	make_room(h);
	if (h->n_chunks == h->room)
		chunks_grow(h);
	number = (number + 1) & (UINT32_MAX >> CHUNK_BITS);
	chunk = chunk_new(h);
	chunk->base = now;
	chunk->used = chunk->n_wakes = chunk->n_hops = chunk->n_orders = 0;
	h->chunks[number & (h->room - 1)] = chunk;
	h->n_chunks++;
	h->head = chunk;
	h->next = number << CHUNK_BITS;
	h->counts.size += chunk_size(chunk);
	if (h->next == NONE) {
		memset(&chunk->records[0], 0, sizeof(chunk->records[0]));
		chunk->used = 1;
		h->next = 1;
	}
}

uint32_t history_grow(struct fb_history *h, void **array, uint32_t *n, uint32_t *room, size_t size)
{
	if (*n == *room) {
		uint32_t more = MAX(512, *room);

		*array = g_realloc_n(*array, *room + more, size);
		*room += more;
		h->counts.size += more * size;
	}
	return (*n)++;
}

void history_free_chunks(struct fb_history *h)
{
	for (uint32_t i = 0; i < h->n_chunks; i++)
		chunk_free(chunk_at(h, i));
	chunk_free(h->spare);
	g_free(h->chunks);
}
