/* SPDX-License-Identifier: MIT */
/*
 * params.h - parameters of components: babeltrace2's values as texts of a query. Numbers stand for
 * their text; of an option that may be given several times, each element of an array is one.
 */
#ifndef PLUGIN_PARAMS_H
#define PLUGIN_PARAMS_H

#include <babeltrace2/babeltrace.h>

#include "run/query.h"

/* False and `error` on what makes no sense, and on a name that the query does not have. */
bool params_read(const struct query *q, const bt_value *params, GError **error);

#endif
