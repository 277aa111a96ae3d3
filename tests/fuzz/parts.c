/* SPDX-License-Identifier: MIT */
/* parts.c - see parts.h. */
#include <string.h>

#include "parts.h"

/* A second trace lies below the first; an index beside it. */
static const struct {
	char letter;
	const char *name;
} names[] = {
	{ 'm', "metadata" },   { 'a', "ch_0" },   { 'b', "ch_1" },   { 'c', "ch_0_0" },
	{ 'd', "ch_0_1" },     { 'M', "b/metadata" }, { 'A', "b/ch_0" }, { 'B', "b/ch_1" },
	{ 'C', "b/ch_0_0" },   { 'i', "index/ch_0.idx" },
};

const char *part_name(char letter)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].letter == letter)
			return names[i].name;
	return NULL;
}

/* The next title at or behind `at`, or `end`. */
static const uint8_t *find_title(const uint8_t *at, const uint8_t *end)
{
	while ((at = memmem(at, end - at, "--- ", 4))) {
		if (end - at >= PARTS_TITLE && at[5] == '\n' && part_name(at[4]))
			return at;
		at++;
	}
	return end;
}

unsigned parts_find(struct part parts[PARTS_MAX], const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size, *at, *next;
	unsigned n = 0;

	if (size <= PARTS_OPTIONS)
		return 0;
	for (at = find_title(data + PARTS_OPTIONS, end); at < end && n < PARTS_MAX; at = next) {
		next = find_title(at + PARTS_TITLE, end);
		parts[n++] = (struct part){ at[4], at + PARTS_TITLE, next - at - PARTS_TITLE };
	}
	return n;
}
