/* SPDX-License-Identifier: MIT */
/* header.h - recognises the event headers that tracers really write. */
#ifndef CTF_LAYOUT_HEADER_H
#define CTF_LAYOUT_HEADER_H

#include "ctf/layout/schema.h"

/* HEADER_ANY unless the type is, field by field, one of the others. `type` may be NULL. */
enum header_kind header_recognise(const struct tsdl_type *type);

/* Whether an integer at any depth of it is the event's id. */
bool header_has_id(const struct tsdl_type *type);

#endif
