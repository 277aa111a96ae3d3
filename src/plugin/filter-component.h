/* SPDX-License-Identifier: MIT */
/* filter-component.h - what the files of filter.flightbox.blocking share. */
#ifndef PLUGIN_FILTER_COMPONENT_H
#define PLUGIN_FILTER_COMPONENT_H

#include <glib.h>

#include <flightbox/event.h>

#include "plugin/filter.h"

struct filter {
	bt_self_component_filter *self;
	/* Its parameters. */
	GArray *pids, *tids; /* int32_t */
	char *comm, *kallsyms;
	fb_ns min_duration;
	bool all, edges; /* edges: unless told otherwise */
};

#endif
