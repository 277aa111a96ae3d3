/* SPDX-License-Identifier: MIT */
/* unpack.c - records that perf record -z compressed: see unpack.h. */
#include <zstd.h>

#include "perf/bytes.h"
#include "perf/unpack.h"

#define PACKED_MAX 65536	/* what a record can hold */
#define BYTES_MAX  (4 * 65536)	/* unpacked at once: more than a record */

void unpack_clear(struct unpack *u)
{
	ZSTD_freeDCtx(u->stream);
	g_free(u->packed);
	g_free(u->bytes);
	*u = (struct unpack){ 0 };
}

void unpack_add(struct unpack *u, const uint8_t *at, size_t n)
{
	g_assert(n <= PACKED_MAX && u->packed_at == u->packed_n);
	if (!u->stream) {
		u->stream = ZSTD_createDCtx();
		g_assert(u->stream);
		u->packed = g_malloc(PACKED_MAX);
		u->bytes = g_malloc(BYTES_MAX);
	}
	memcpy(u->packed, at, n);
	u->packed_at = 0;
	u->packed_n = n;
}

bool unpack_has_rest(const struct unpack *u)
{
	return u->at < u->n;
}

/* Behind what is left, as much as there is room for. False: it is damaged. */
static bool unpack_more(struct unpack *u)
{
	ZSTD_inBuffer in = { u->packed, u->packed_n, u->packed_at };
	ZSTD_outBuffer out = { u->bytes, BYTES_MAX, 0 };

	memmove(u->bytes, u->bytes + u->at, u->n - u->at);
	out.pos = u->n - u->at;
	u->at = 0;
	if (ZSTD_isError(ZSTD_decompressStream(u->stream, &out, &in)))
		return false;
	u->n = out.pos;
	u->was_full = out.pos == BYTES_MAX;
	u->packed_at = in.pos;
	return true;
}

static bool is_whole(const struct unpack *u, struct record *r, const char **problem)
{
	const uint8_t *at = u->bytes + u->at;
	const size_t left = u->n - u->at;

	if (left < RECORD_HEADER)
		return false;
	r->at = at;
	r->type = get32(at, u->is_big_endian);
	r->size = get16(at + 6, u->is_big_endian);
	if (r->size < RECORD_HEADER)
		*problem = "a compressed record is too short to be one";
	return r->size <= left;
}

bool unpack_next(struct unpack *u, struct record *r, const char **problem)
{
	while (u->stream && !*problem) {
		if (is_whole(u, r, problem)) {
			u->at += r->size;
			return !*problem;
		}
		if (u->packed_at == u->packed_n && !u->was_full)
			break;
		if (!unpack_more(u))
			*problem = "compressed records are damaged";
	}
	return false;
}
