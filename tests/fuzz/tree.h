/* SPDX-License-Identifier: MIT */
/* tree.h - what the targets that parse metadata check of a type tree, and of its layouts. */
#ifndef TESTS_FUZZ_TREE_H
#define TESTS_FUZZ_TREE_H

#include "ctf/layout/schema.h"

/* The bounds that tsdl.h promises, so that whoever walks a tree need not check. */
void check_trace(const struct tsdl_trace *t);

/* Writes the bytes as a metadata file, and does with it all that opening a trace does. */
void check_file(const uint8_t *data, size_t size);

#endif
