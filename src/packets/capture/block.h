/* SPDX-License-Identifier: MIT */
/*
 * block.h - the blocks of a pcapng file, one by one:
 *
 *	type  length  body …  length again
 *
 * All functions that fail set `error`, name the block's place and return -1.
 */
#ifndef CAPTURE_BLOCK_H
#define CAPTURE_BLOCK_H

#include <string.h>

#include "packets/capture/tape.h"

#define BLOCK_SECTION 0x0a0d0d0a /* the same in either byte order */

struct block {
	struct tape *tape;
	const char *path;
	bool is_swapped; /* against this machine's byte order */
	uint32_t type, length;
	uint32_t left;	   /* bytes of the body */
	uint64_t position; /* of the block in the file */
	uint64_t packets;  /* that came before it; the caller's to count */
};

/* 1: a block, whose body comes next; 0: there is no more. */
int block_begin(struct block *b, GError **error);
/* Passes over what is left of it. */
int block_end(struct block *b, GError **error);

/* The next bytes of the body, lent until the next read. NULL: it does not have so many, or the file. */
const uint8_t *block_take(struct block *b, uint32_t n);
bool block_pass(struct block *b, uint32_t n);

struct block_option {
	unsigned code, length;
	const uint8_t *value; /* lent until the next one */
};

/* False: there is no more of them, or what is left of the block is none. */
bool block_option(struct block *b, struct block_option *option);

int block_fail(const struct block *b, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* Something is missing that the body should have had. */
int block_fail_short(const struct block *b, GError **error, const char *what);

static inline uint32_t block_padded(uint32_t n)
{
	return n + (-n & 3);
}

static inline uint16_t block_number16(const struct block *b, const uint8_t *at)
{
	uint16_t number;

	memcpy(&number, at, sizeof(number));
	return b->is_swapped ? GUINT16_SWAP_LE_BE(number) : number;
}

static inline uint32_t block_number32(const struct block *b, const uint8_t *at)
{
	uint32_t number;

	memcpy(&number, at, sizeof(number));
	return b->is_swapped ? GUINT32_SWAP_LE_BE(number) : number;
}

static inline uint64_t block_number64(const struct block *b, const uint8_t *at)
{
	uint64_t number;

	memcpy(&number, at, sizeof(number));
	return b->is_swapped ? GUINT64_SWAP_LE_BE(number) : number;
}

#endif
