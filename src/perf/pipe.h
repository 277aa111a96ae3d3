/* SPDX-License-Identifier: MIT */
/*
 * pipe.h - what perf record -o - writes: attrs, features and formats are records themselves, before all
 * others.
 *
 *	magic  size:64 = 16 | attr, ids | attr, ids | feature … | formats | records …
 */
#ifndef PERF_PIPE_H
#define PERF_PIPE_H

#include "perf/file.h"

/* Finds where they are, as in another file, and where the others begin. False and `error`: it is damaged. */
bool pipe_read(struct perf_file *f, struct attrs *attrs, GError **error);

#endif
