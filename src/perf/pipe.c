/* SPDX-License-Identifier: MIT */
/* pipe.c - the records with which what perf wrote to a pipe begins: see pipe.h. */
#include <flightbox/error.h>

#include "perf/bytes.h"
#include "perf/pipe.h"
#include "perf/scan.h"

/* An attr says its own size; ids follow. */
static bool take_attr(struct attrs *attrs, const struct record *r)
{
	const uint8_t *at = r->at + RECORD_HEADER;
	size_t left = r->size - RECORD_HEADER, size;

	if (left < ATTR_SIZE_MIN)
		return false;
	size = get32(at + 4, attrs->big_endian);
	if (size < ATTR_SIZE_MIN || size > left)
		return false;
	attrs_add(attrs, at, size);
	for (; size + 8 <= left; size += 8)
		attrs_add_id(attrs, get64(at + size, attrs->big_endian));
	return true;
}

/* Behind its number is what the feature's section would have. */
static bool take_feature(struct perf_file *f, const struct record *r, uint64_t offset)
{
	uint64_t feature;

	if (r->size < RECORD_HEADER + 8)
		return false;
	feature = get64(r->at + RECORD_HEADER, f->big_endian);
	if (feature < FEATURES)
		f->features[feature] = (struct section){ offset + RECORD_HEADER + 8,
							 r->size - RECORD_HEADER - 8 };
	return true;
}

static bool take_formats(struct perf_file *f, const struct record *r, uint64_t offset)
{
	if (r->size < RECORD_HEADER + 4)
		return false;
	f->features[FEATURE_TRACING_DATA] = (struct section){
		offset + r->size, get32(r->at + RECORD_HEADER, f->big_endian) };
	return true;
}

/* False: it is too short. */
static bool take(struct perf_file *f, struct attrs *attrs, const struct record *r, uint64_t offset)
{
	switch (r->type) {
	case RECORD_HEADER_ATTR:
		return take_attr(attrs, r);
	case RECORD_HEADER_FEATURE:
		return take_feature(f, r, offset);
	case RECORD_TRACING_DATA:
		return take_formats(f, r, offset);
	default:
		return true;
	}
}

/* Up to the first record of the kernel's, or the first that was compressed. */
static bool read_records(struct perf_file *f, struct attrs *attrs, struct scan *s, GError **error)
{
	struct record r;
	uint64_t offset;
	char *problem = NULL;

	while (scan_next(s, &r, &offset, &problem)) {
		if (offset == SCAN_NOWHERE || r.type < RECORD_USER || r.type == RECORD_FINISHED_ROUND)
			return true;
		if (take(f, attrs, &r, offset))
			continue;
		g_set_error(error, FB_ERROR, FB_ERROR_FORMAT, "%s: byte %" G_GUINT64_FORMAT
			    ": a record of %u bytes is too short for what it is", f->path, offset, r.size);
		return false;
	}
	if (!problem)
		return true;
	g_set_error(error, FB_ERROR, FB_ERROR_FORMAT, "%s", problem);
	g_free(problem);
	return false;
}

bool pipe_read(struct perf_file *f, struct attrs *attrs, GError **error)
{
	struct scan s;
	bool ok;

	f->attrs.offset = f->data.offset;
	scan_init(&s, f);
	ok = read_records(f, attrs, &s, error);
	scan_clear(&s);
	return ok && perf_file_finish_attrs(f, attrs, error);
}
