/* SPDX-License-Identifier: MIT */
/* sources.h - the list of sources. It belongs to the command: the library has no babeltrace2. */
#ifndef SOURCE_SOURCES_H
#define SOURCE_SOURCES_H

#include <flightbox/source.h>

struct source_row {
	const struct fb_source_ops *ops; /* its name is that of --source */
	/* Whether a path is the address of a live session; NULL: it reads none. */
	bool (*is_live)(const char *path);
	/*
	 * Has a live session end soon, as if its trace ended here. May be called from a signal's
	 * handler. NULL: it reads none.
	 */
	void (*interrupt)(void);
	/* Loads what it is made of, as long as all files can be opened. NULL: it is all here. */
	void (*prepare)(void);
};

/* In the order in which they are tried; ends with one without ops. */
extern const struct source_row sources[];

/* The one of that name; NULL: "auto". */
const struct source_row *source_find(const char *name);

/* The one that reads the live session at that address; NULL when it is none. */
const struct source_row *source_of_live(const char *path);

/*
 * Opens by the first source that takes the paths. What one says is none of its formats
 * (FB_ERROR_FOREIGN, FB_ERROR_NOT_FOUND) is offered to those behind it that recognise the first path.
 */
struct fb_source *source_open_any(const char *const *paths, size_t n,
				  const struct fb_source_options *options, GError **error);

/* "auto" for any of them, and each of their names; NULL-terminated. */
extern const char *const source_names[];

/* ---- the sources that are not the library's ----------------------------------------------- */

/*
 * src/bt2/graph.c: through babeltrace2, whatever its installed plugins recognise. Built without
 * babeltrace2 it opens nothing and says so.
 */
extern const struct fb_source_ops fb_source_babeltrace;

/* Whether that is the address of a live session: net://HOST/host/TARGET/SESSION. */
bool is_live_url(const char *path);

/* Loads the plugins that are installed: no files are needed for that later. */
void babeltrace_prepare(void);

/* A source under way ends as if its trace ended here. May be called from a signal's handler. */
void babeltrace_interrupt(void);

#endif
