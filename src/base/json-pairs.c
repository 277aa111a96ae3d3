/* SPDX-License-Identifier: MIT */
/* json-pairs.c - writes them, texts escaped. */
#include "base/json-pairs.h"

void out_key(struct out *o, const char *key)
{
	if (o->at > o->buffer && o->at[-1] != '{')
		out_char(o, ',');
	out_json_text(o, key);
	out_char(o, ':');
}

void out_pair_text(struct out *o, const char *key, const char *value)
{
	out_key(o, key);
	if (value)
		out_json_text(o, value);
	else
		out_string(o, "null");
}

void out_pair_int(struct out *o, const char *key, int64_t value)
{
	out_key(o, key);
	out_int(o, value);
}

void out_pair_bool(struct out *o, const char *key, bool value)
{
	out_key(o, key);
	out_string(o, value ? "true" : "false");
}
