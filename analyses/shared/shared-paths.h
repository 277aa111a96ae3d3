/* SPDX-License-Identifier: MIT */
/*
 * shared-paths.h - the paths of many waits as blame, where what several have in common is told once.
 *
 *	A waits for B, who waited for C:     C's pieces, then B's
 *	B waits for C:                       C's pieces
 *
 * Whoever is the n-th of a chain has a path of n tasks; told one by one, the paths of all take the
 * square of that. Here a path is the last of its pieces, each of which knows the one before it.
 * Where a wait lies in another's path, that one goes on behind its pieces, or has one piece that
 * stands for them. How often each is in a path is found out for all at once, from the latest back.
 */
#ifndef ANALYSES_SHARED_SHARED_PATHS_H
#define ANALYSES_SHARED_SHARED_PATHS_H

#include "analyses/shared/blame.h"

struct shared_paths;

/* Both are lent. */
struct shared_paths *shared_paths_new(struct fb_history *h, struct blames *b);
void shared_paths_free(struct shared_paths *p);

/* For the path of one wait, which has then been told. */
extern const struct fb_path_funcs shared_paths_funcs;
void shared_paths_end(struct shared_paths *p);

/* Until then not all of the blame is there. */
void shared_paths_add_up(struct shared_paths *p);

#endif
