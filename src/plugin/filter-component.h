/* SPDX-License-Identifier: MIT */
/* filter-component.h - what the files of filter.flightbox.blocking share. */
#ifndef PLUGIN_FILTER_COMPONENT_H
#define PLUGIN_FILTER_COMPONENT_H

#include "plugin/filter.h"
#include "run/query.h"

struct filter {
	bt_self_component_filter *self;
	struct query query; /* its parameters; each iterator reads the times by its trace's clock */
};

#endif
