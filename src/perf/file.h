/* SPDX-License-Identifier: MIT */
/*
 * file.h - a perf.data, and what its header says: see tools/perf/Documentation/perf.data-file-format.txt
 * of Linux.
 *
 *	header | attrs, ids | data: records | sections of features: formats, hostname, clock …
 */
#ifndef PERF_FILE_H
#define PERF_FILE_H

#include <stddef.h>

#include "perf/attr.h"

struct section {
	uint64_t offset, size; /* size 0: it is not there */
};

enum { /* the features that are looked at */
	FEATURE_TRACING_DATA = 1,
	FEATURE_HOSTNAME = 3,
	FEATURE_OSRELEASE = 4,
	FEATURE_VERSION = 5,
	FEATURE_ARCH = 6,
	FEATURE_NRCPUS = 7,
	FEATURE_CLOCK_DATA = 29,
	FEATURES = 256
};

struct perf_file {
	const char *path; /* lent */
	int fd;
	uint64_t size;
	bool big_endian;
	struct section attrs, data;
	uint64_t attr_size; /* of each of attrs; 0: perf wrote to a pipe, see pipe.h */
	struct section features[FEATURES];
};

/* The first bytes are those of a perf.data. */
bool perf_file_probe(const char *path);

/* False and `error`: it is none, or damaged. */
bool perf_file_open(struct perf_file *f, const char *path, GError **error);
void perf_file_close(struct perf_file *f);

/* As many bytes as there are from `offset` on, `n` at most; -1: they cannot be read, see errno. */
ssize_t perf_file_read(const struct perf_file *f, uint64_t offset, void *to, size_t n);

/*
 * All of a section, and a 0 behind it. NULL and `error`: it reaches past the end, or has more than `most`
 * bytes. Free with g_free().
 */
uint8_t *perf_file_section(const struct perf_file *f, const struct section *s, uint64_t most,
			   const char *what, GError **error);

/* The attrs and their ids. */
bool perf_file_attrs(struct perf_file *f, struct attrs *attrs, GError **error);

/* When all are there. False and `error`: no record could be read by them. */
bool perf_file_finish_attrs(const struct perf_file *f, struct attrs *attrs, GError **error);

#endif
