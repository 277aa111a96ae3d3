/* SPDX-License-Identifier: MIT */
/*
 * choose.h - which packets of a trace are to be damaged. Its first and its last packet frame
 * a stream: what is missing before or behind them no tracer would tell.
 */
#ifndef TOOLS_CHOOSE_H
#define TOOLS_CHOOSE_H

#include "ctf/read/packet.h"

/*
 * A set of struct packet_ref *: `n` of those between the streams' first and last ones. `streams`:
 * struct stream *. NULL and `error`: there are not so many. Free with g_hash_table_unref().
 */
GHashTable *choose_random(const GPtrArray *streams, int n, GRand *dice, GError **error);

/* The same for packets named "CPU:SEQ,CPU:SEQ…", wherever they stand. */
GHashTable *choose_named(const GPtrArray *streams, const char *names, GError **error);

#endif
