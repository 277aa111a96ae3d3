/* SPDX-License-Identifier: MIT */
/* source-component.h - what the files of source.flightbox.lttng-kernel share. */
#ifndef PLUGIN_SOURCE_COMPONENT_H
#define PLUGIN_SOURCE_COMPONENT_H

#include "plugin/source.h"
#include "plugin/trace-ir.h"

struct source {
	GPtrArray *paths;	 /* char * */
	GPtrArray *only;	 /* char *; empty: all */
	struct fb_source *first; /* the reader whose metadata the classes were made of */
	bool is_lent;		 /* … and that an iterator reads */
	struct ir *ir;
};

/* One text or an array of them; false and `error` for anything else. */
bool source_texts(const bt_value *params, const char *name, GPtrArray *to, GError **error);

/*
 * Opens the paths for marks and raw clock values. NULL and `error` when that fails or when
 * anything of them is broken.
 */
struct fb_source *source_open(const GPtrArray *paths, GError **error);

/* The first problem that the reader met, as an error; false when it met none. */
bool source_problem(const struct fb_source *reader, GError **error);

#endif
