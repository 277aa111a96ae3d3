/* SPDX-License-Identifier: MIT */
/* header.h - recognises the event headers that tracers really write. */
#ifndef CTF_LAYOUT_HEADER_H
#define CTF_LAYOUT_HEADER_H

#include "ctf/layout/schema.h"

/* HEADER_ANY unless the type is, field by field, one of the others. `type` may be NULL. */
enum header_kind header_recognise(const struct tsdl_type *type);

/* Whether it has an integer named id at any depth. */
bool header_has_id(const struct tsdl_type *type);

/* The clock that its integers are mapped to, or NULL. */
const struct tsdl_clock *header_clock(const struct tsdl_type *type);

#endif
