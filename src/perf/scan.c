/* SPDX-License-Identifier: MIT */
/* scan.c - the records of a file one after the other. */
#include <errno.h>

#include "perf/bytes.h"
#include "perf/scan.h"

#define WINDOW (1 << 20)

void scan_init(struct scan *s, const struct perf_file *file)
{
	*s = (struct scan){
		.file = file,
		.offset = file->data.offset,
		.end = file->data.offset + file->data.size,
		.window = g_malloc(WINDOW),
	};
}

void scan_clear(struct scan *s)
{
	unpack_clear(&s->unpack);
	g_clear_pointer(&s->window, g_free);
}

/* `n` bytes of the next record; NULL: the file ends before, or cannot be read. */
static const uint8_t *bytes_at(struct scan *s, size_t n)
{
	ssize_t got;

	if (s->offset + n > s->end)
		return NULL;
	if (s->offset < s->begin || s->offset + n > s->begin + s->n) {
		got = perf_file_read(s->file, s->offset, s->window,
				     MIN(WINDOW, s->end - s->offset));
		if (got < (ssize_t)n)
			return NULL;
		s->begin = s->offset;
		s->n = got;
	}
	return s->window + (s->offset - s->begin);
}

static bool fail(struct scan *s, const char *what, char **problem)
{
	*problem = g_strdup_printf("%s: byte %" G_GUINT64_FORMAT ": %s; the rest is not read",
				   s->file->path, s->offset, what);
	s->offset = s->end;
	return false;
}

/* What follows a record of perf's own that is not counted in its size. */
static bool skip_payload(struct scan *s, const struct record *r)
{
	const bool be = s->file->big_endian;
	uint64_t payload = 0;

	if (r->type == RECORD_AUXTRACE && r->size >= 16)
		payload = get64(r->at + 8, be);
	else if (r->type == RECORD_TRACING_DATA && r->size >= 12)
		payload = get32(r->at + 8, be);
	if (payload > s->end - s->offset)
		return false;
	s->offset += payload;
	return true;
}

/* The next one as the file has it. */
static bool next_of_file(struct scan *s, struct record *record, char **problem)
{
	const bool be = s->file->big_endian;
	const uint8_t *at;

	at = bytes_at(s, RECORD_HEADER);
	if (!at)
		return fail(s, "a record is cut off", problem);
	record->type = get32(at, be);
	record->size = get16(at + 6, be);
	if (record->size < RECORD_HEADER)
		return fail(s, "a record is too short to be one", problem);
	at = bytes_at(s, record->size);
	if (!at)
		return fail(s, "a record is cut off", problem);
	record->at = at;
	s->offset += record->size;
	return skip_payload(s, record) || fail(s, "what belongs to a record is cut off", problem);
}

/* Perf 6.16 begins to say how many of its bytes count: the others align the next record. */
static void take_packed(struct scan *s, const struct record *r)
{
	size_t n = r->size - RECORD_HEADER;

	s->unpack.is_big_endian = s->file->big_endian;
	if (r->type == RECORD_COMPRESSED)
		unpack_add(&s->unpack, r->at + RECORD_HEADER, n);
	else if (n >= 8)
		unpack_add(&s->unpack, r->at + RECORD_HEADER + 8,
			   MIN(get64(r->at + RECORD_HEADER, s->file->big_endian), n - 8));
}

bool scan_next(struct scan *s, struct record *record, uint64_t *offset, char **problem)
{
	const char *damage = NULL;

	for (;;) {
		*offset = SCAN_NOWHERE;
		if (unpack_next(&s->unpack, record, &damage))
			return true;
		if (!damage && s->offset >= s->end && unpack_has_rest(&s->unpack))
			damage = "a compressed record is cut off";
		if (damage) {
			unpack_clear(&s->unpack);
			return fail(s, damage, problem);
		}
		if (s->offset >= s->end)
			return false;
		*offset = s->offset;
		if (!next_of_file(s, record, problem))
			return false;
		if (record->type != RECORD_COMPRESSED && record->type != RECORD_COMPRESSED2)
			return true;
		take_packed(s, record);
	}
}
