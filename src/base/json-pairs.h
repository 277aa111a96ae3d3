/* SPDX-License-Identifier: MIT */
/*
 * json-pairs.h - keys and values of JSON objects that are written by hand. A comma comes
 * before each key but an object's first.
 */
#ifndef BASE_JSON_PAIRS_H
#define BASE_JSON_PAIRS_H

#include "base/out.h"

/* "key": */
void out_key(struct out *o, const char *key);

/* A NULL text is null. */
void out_pair_text(struct out *o, const char *key, const char *value);
void out_pair_int(struct out *o, const char *key, int64_t value);
void out_pair_bool(struct out *o, const char *key, bool value);

#endif
