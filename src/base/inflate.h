/* SPDX-License-Identifier: MIT */
/* inflate.h - small files that may be compressed. */
#ifndef BASE_INFLATE_H
#define BASE_INFLATE_H

#include <glib.h>

/*
 * The text of a file, plain or compressed by gzip or xz as its first bytes tell,
 * with a NUL behind it. NULL and `error` when it cannot be read, is larger than
 * 256 MiB or holds a NUL. Free with g_free().
 */
char *read_inflated(const char *path, GError **error);

#endif
