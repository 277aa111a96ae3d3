/* SPDX-License-Identifier: MIT */
/* ctf2.h - CTF 2 metadata: JSON objects behind record separators (RFC 7464) -> type tree. */
#ifndef CTF_METADATA_CTF2_H
#define CTF_METADATA_CTF2_H

#include "ctf/metadata/tsdl.h"

/*
 * Parses metadata text of `length` bytes. `file` names it in messages:
 * "FILE: record 12 at byte 4711: payload-field-class.member-classes[2].name: expected …".
 * A last record that is not whole is left out, with *truncated set. NULL and `error` on failure.
 */
struct tsdl_trace *ctf2_parse(const char *text, size_t length, const char *file, bool *truncated,
			      GError **error);

#endif
