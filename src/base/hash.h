/* SPDX-License-Identifier: MIT */
/*
 * hash.h - hashes of what stands in a trace. A secret seed is in them: else one
 * could choose names such that all collide, and make a look-up a search.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <glib.h>

guint bytes_hash(const void *bytes, size_t length);

/* For GHashTable: of a string, and of a uint64_t. */
guint name_hash(const void *name);
guint id_hash(const void *id);

#endif
