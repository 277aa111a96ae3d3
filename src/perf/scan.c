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
	uint64_t payload = 0;

	if (r->type == RECORD_AUXTRACE && r->size >= 16)
		payload = get64(r->at + 8, s->file->big_endian);
	if (payload > s->end - s->offset)
		return false;
	s->offset += payload;
	return true;
}

bool scan_next(struct scan *s, struct record *record, uint64_t *offset, char **problem)
{
	const bool be = s->file->big_endian;
	const uint8_t *at;

	if (s->offset >= s->end)
		return false;
	at = bytes_at(s, RECORD_HEADER);
	if (!at)
		return fail(s, "a record is cut off", problem);
	record->type = get32(at, be);
	record->size = get16(at + 6, be);
	if (record->size < RECORD_HEADER)
		return fail(s, "a record is too short to be one", problem);
	if (record->type == RECORD_COMPRESSED)
		return fail(s, "records that perf record -z compressed", problem);
	at = bytes_at(s, record->size);
	if (!at)
		return fail(s, "a record is cut off", problem);
	record->at = at;
	*offset = s->offset;
	s->offset += record->size;
	return skip_payload(s, record) || fail(s, "a record's trace is cut off", problem);
}
