/* SPDX-License-Identifier: MIT */
/*
 * mutate_ctf.c - changes a trace part by part. Left alone, libFuzzer would nearly always break the
 * metadata, the greater part of a small trace, and hardly ever reach an event.
 */
#include <string.h>

#include "fuzz.h"
#include "parts.h"

/* The packets of most inputs: magic, UUID, stream, instance, begin, end, content, size, … */
enum { CONTENT = 48, SIZE = 56, EVENTS = 84 };

/* Where to change something. */
struct range {
	size_t at, size;
};

static struct range range_of_part(const uint8_t *data, size_t size, GRand *random)
{
	struct part parts[PARTS_MAX];
	unsigned n = parts_find(parts, data, size), i;

	if (!n)
		return (struct range){ 0, size };
	/* The metadata is the first one: half as often as any other. */
	i = g_rand_int_range(random, 0, 2 * n) / 2;
	if (!i)
		i = g_rand_int_range(random, 0, n);
	if (i && parts[i].size > EVENTS && g_rand_boolean(random))
		return (struct range){ parts[i].bytes + EVENTS - data, parts[i].size - EVENTS };
	return (struct range){ parts[i].bytes - data, parts[i].size };
}

static void put_bits(uint8_t *packet, size_t at, uint64_t bytes)
{
	const uint64_t bits = GUINT64_TO_LE(bytes * 8);

	memcpy(packet + at, &bits, sizeof(bits));
}

/* Where a part is one packet, it says so again. */
static void mend(uint8_t *data, size_t size)
{
	static const uint8_t magic[] = { 0xc1, 0x1f, 0xfc, 0xc1 };
	struct part parts[PARTS_MAX];
	unsigned n = parts_find(parts, data, size);

	for (unsigned i = 0; i < n; i++) {
		uint8_t *packet = data + (parts[i].bytes - data);

		if (parts[i].size < EVENTS || memcmp(packet, magic, sizeof(magic)))
			continue;
		put_bits(packet, CONTENT, parts[i].size);
		put_bits(packet, SIZE, parts[i].size);
	}
}

static size_t change(uint8_t *data, size_t size, size_t max_size, struct range range)
{
	size_t rest = size - range.at - range.size, room = max_size - (size - range.size);
	g_autofree uint8_t *copy = g_malloc(MAX(range.size + room, 1));
	g_autofree uint8_t *tail = g_malloc(MAX(rest, 1));

	memcpy(copy, data + range.at, range.size);
	memcpy(tail, data + range.at + range.size, rest);
	range.size = LLVMFuzzerMutate(copy, range.size, room);
	memcpy(data + range.at, copy, range.size);
	memcpy(data + range.at + range.size, tail, rest);
	return range.at + range.size + rest;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	GRand *random = g_rand_new_with_seed(seed);
	int choice = g_rand_int_range(random, 0, 16);
	struct range range = { 0, size };

	if (choice == 0 && size >= PARTS_OPTIONS)
		data[g_rand_int_range(random, 0, PARTS_OPTIONS)] = g_rand_int_range(random, 0, 256);
	else if (choice > 1)
		range = range_of_part(data, size, random);
	if (choice && range.size)
		size = change(data, size, max_size, range);
	if (g_rand_boolean(random))
		mend(data, size);
	g_rand_free(random);
	return size;
}
