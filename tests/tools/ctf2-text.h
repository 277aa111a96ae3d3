/* SPDX-License-Identifier: MIT */
/* ctf2-text.h - what metadata of CTF 1.8 says, said in CTF 2. */
#ifndef TOOLS_CTF2_TEXT_H
#define TOOLS_CTF2_TEXT_H

#include "ctf/metadata/tsdl.h"

/*
 * The records of a tree that tsdl_parse() made; the same bytes are then events of either. NULL and
 * `error` for what only CTF 1.8 can say. Free with g_free().
 */
char *ctf2_text(const struct tsdl_trace *t, GError **error);

#endif
