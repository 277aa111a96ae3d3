/* SPDX-License-Identifier: MIT */
/*
 * unpack.h - records that perf record -z compressed: all of them are one stream of zstd, and each record
 * COMPRESSED of the file holds the next piece of it. Where a piece ends a record need not.
 */
#ifndef PERF_UNPACK_H
#define PERF_UNPACK_H

#include "perf/attr.h"

struct unpack {
	struct ZSTD_DCtx_s *stream; /* NULL: nothing was compressed so far */
	uint8_t *packed;	    /* the piece, of which `packed_at` bytes are unpacked */
	size_t packed_at, packed_n;
	uint8_t *bytes;		    /* what that gave, from `at` on not handed out yet */
	size_t at, n;
	bool was_full;		    /* there was no room for more, which zstd may hold back */
	bool is_big_endian;
};

void unpack_clear(struct unpack *u);

/* The next piece, copied; the last one must have been used up. */
void unpack_add(struct unpack *u, const uint8_t *at, size_t n);

/*
 * The next record, lent until the next call. False: there is no whole one left, or `*problem` says what is wrong
 * with it.
 */
bool unpack_next(struct unpack *u, struct record *record, const char **problem);

/* Whether some of a record is left. */
bool unpack_has_rest(const struct unpack *u);

#endif
