/* SPDX-License-Identifier: MIT */
/* build.h - makes the graph that flightbox reads through. */
#ifndef BT2_BUILD_H
#define BT2_BUILD_H

#include "bt2/discover.h"

/* What it is made of. */
struct design {
	const struct plugins *plugins;
	const GPtrArray *findings; /* struct component_finding *: a source for each */
	const char *what;	   /* the first path, for errors */
	const bt_interrupter *interrupter;
	bt_graph_simple_sink_component_consume_func consume; /* with `data` */
	void *data;
};

/* NULL and `error` on failure. */
bt_graph *graph_build(const struct design *design, GError **error);

#endif
