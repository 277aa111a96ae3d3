/* SPDX-License-Identifier: MIT */
/* type.h - what both parsers of metadata do with a type whose parts are complete. */
#ifndef CTF_METADATA_TYPE_H
#define CTF_METADATA_TYPE_H

#include "base/arena.h"
#include "ctf/metadata/tsdl.h"

/*
 * Sets depth, nodes and most_bits, and raises the alignment, from what is in it. Of a struct or an
 * array `align` is the least that it may have.
 */
void type_sum(struct tsdl_type *type);

/* What of it exceeds the bounds of tsdl.h, to be freed; NULL: nothing. */
char *type_excess(const struct tsdl_type *type);

/* Whether it may be an alignment: a power of two up to TSDL_MAX_ALIGN. */
static inline bool is_alignment(uint64_t align)
{
	return align && align <= TSDL_MAX_ALIGN && !(align & (align - 1));
}

#endif
