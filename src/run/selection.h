/* SPDX-License-Identifier: MIT */
/* selection.h - tasks that were asked for and are not there, and what may have been meant. */
#ifndef RUN_SELECTION_H
#define RUN_SELECTION_H

#include <flightbox/run.h>

#include "run/query.h"

/*
 * A sentence for each process, thread and name of the filter that is no task's, with what is
 * nearest, and one where each is somebody's and all together nobody's, unless any of them
 * `suffices`. char *; free with g_ptr_array_unref().
 */
GPtrArray *selection_missing(const struct fb_filter *f, const struct fb_outcome *outcome,
			     const struct query_style *style, bool suffices);

/* "502, 504": the processes of that name; "" where there is none. Free with g_free(). */
char *selection_pids(const struct fb_kernel *kernel, const char *name);

#endif
