/* SPDX-License-Identifier: MIT */
/* live.h - live sessions, which babeltrace2's source.ctf.lttng-live reads. */
#ifndef BT2_LIVE_H
#define BT2_LIVE_H

#include "bt2/discover.h"

/*
 * Adds what reads the session at `url` to `findings`, once it is known to be there;
 * false and `error` tell why not, and which sessions are.
 */
bool live_find(const struct plugins *p, const char *url, GPtrArray *findings, GError **error);

#endif
