/* SPDX-License-Identifier: MIT */
/* discover.h - which source component class reads a path, by asking all that are installed. */
#ifndef BT2_DISCOVER_H
#define BT2_DISCOVER_H

#include <babeltrace2/babeltrace.h>
#include <glib.h>
#include <stdbool.h>

/* One component to make: a class and the inputs that it wants together. */
struct component_finding {
	const bt_component_class_source *class;
	bool is_live;
	char *group;	  /* NULL: its own */
	GPtrArray *paths; /* char * */
};

/* The plugins that babeltrace2 finds where it looks. */
struct plugins {
	const bt_plugin_set *set; /* NULL when there are none */
};

bool plugins_init(struct plugins *p, GError **error);

/* Loads them once and for all: they are what plugins_init() has from then on. */
void plugins_load(void);
void plugins_clear(struct plugins *p);

/* A class of theirs, or NULL. */
const bt_component_class_source *plugins_find_source(const struct plugins *p, const char *plugin,
						     const char *class);
const bt_component_class_filter *plugins_find_filter(const struct plugins *p, const char *plugin,
						     const char *class);

/*
 * Adds what reads `path`, or what is below it, to `findings` (struct component_finding *).
 * Returns how many inputs were found; flightbox' own classes are not asked.
 */
unsigned discover(const struct plugins *p, const char *path, GPtrArray *findings);

void finding_free(void *finding);

#endif
