/* SPDX-License-Identifier: MIT */
/* environment.h - what the header of a perf.data tells of machine, recorder and clock. */
#ifndef PERF_ENVIRONMENT_H
#define PERF_ENVIRONMENT_H

#include "perf/file.h"
#include "source/facts.h"

struct environment {
	char *host, *release, *machine, *version; /* NULL: not recorded */
	unsigned cpus;				  /* of the machine; 0: not known */
	const char *clock;			  /* "monotonic" */
	int64_t offset;				  /* ns, from the epoch to its origin; 0: not known */
};

/* What is damaged, or cut off, is a problem of `info`, and not known. */
void environment_read(struct environment *e, const struct perf_file *f, struct fb_source_info *info);
void environment_clear(struct environment *e);

/* The same as facts, but for the classes; `clock` is filled in, and lent as the environment is. */
struct facts environment_facts(const struct environment *e, bool big_endian,
			       struct clock_facts *clock);

#endif
