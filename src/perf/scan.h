/* SPDX-License-Identifier: MIT */
/* scan.h - the records of a file from the first to the last, compressed ones among them, each only once. */
#ifndef PERF_SCAN_H
#define PERF_SCAN_H

#include "perf/file.h"
#include "perf/unpack.h"

struct scan {
	const struct perf_file *file;
	uint64_t offset, end; /* of the next record; of the last */
	uint8_t *window;
	uint64_t begin; /* the window's first byte in the file */
	size_t n;
	struct unpack unpack;
};

void scan_init(struct scan *s, const struct perf_file *file);
void scan_clear(struct scan *s);

/* A record of one that was compressed is nowhere in the file. */
#define SCAN_NOWHERE UINT64_MAX

/*
 * The next record, lent until the next call, and where it is in the file. False at the end, or where the file is
 * damaged: then `*problem` says what is wrong, to be freed.
 */
bool scan_next(struct scan *s, struct record *record, uint64_t *offset, char **problem);

#endif
