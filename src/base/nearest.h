/* SPDX-License-Identifier: MIT */
/* nearest.h - what may have been meant by a name that nobody has. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <glib.h>

#define NEAREST 3 /* how many to name */

/*
 * "; nearest: sshd, bash": of a set of texts those that are most like the glob; nothing where there
 * are none. Free with g_free().
 */
char *nearest_names(GHashTable *seen, const char *glob);

#endif
