/* SPDX-License-Identifier: MIT */
/*
 * parts.h - a trace as one run of bytes:
 *
 *	4 bytes      how to read it, see fuzz_ctf.c
 *	--- m        and a newline: what follows is the file `metadata`
 *	--- a        … `ch_0`, up to the next such line; see part_name()
 */
#ifndef TESTS_FUZZ_PARTS_H
#define TESTS_FUZZ_PARTS_H

#include <stddef.h>
#include <stdint.h>

#define PARTS_OPTIONS 4 /* bytes before the first part */
#define PARTS_MAX     8
#define PARTS_TITLE   6 /* bytes of "--- m\n" */

struct part {
	char letter;
	const uint8_t *bytes; /* behind the title */
	size_t size;
};

/* Where the parts are; returns how many. What is before the first one and behind the last is lost. */
unsigned parts_find(struct part parts[PARTS_MAX], const uint8_t *data, size_t size);

/* The file that a part is: "metadata", "b/ch_0_1"; NULL: none. */
const char *part_name(char letter);

#endif
