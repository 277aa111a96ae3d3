/* SPDX-License-Identifier: MIT */
/* find.h - where below a path traces lie. */
#ifndef CTF_READ_FIND_H
#define CTF_READ_FIND_H

#include "ctf/read/info.h"

/* The directory that was named by `path`, or by a file in it, without links; NULL: none. */
char *find_root(const char *path);

/*
 * Whether a regular file is at `path`, below `root` of find_root(): a link may not lead out of
 * it. `error` tells of what is neither that nor a directory nor nothing at all.
 */
bool find_is_file(const char *path, const char *root, GError **error);

/*
 * Adds the directories at or below `path` that hold a file "metadata" to
 * `dirs`, in a fixed order. Symbolic links below the path are not followed;
 * `visited` (of find_visited_new()) holds directories that are not entered
 * again. False and `error` when the path itself cannot be read; directories
 * below that cannot become problems in `info`, which may be NULL, and `below`
 * says of the first one why.
 */
bool find_traces(const char *path, GHashTable *visited, GPtrArray *dirs,
		 struct fb_source_info *info, GError **below, GError **error);

GHashTable *find_visited_new(void);

/* The names in a directory, sorted, as people count; NULL and `error` when it cannot be read. */
GPtrArray *find_names(const char *dir, GError **error);

#endif
