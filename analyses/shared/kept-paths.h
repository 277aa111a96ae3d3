/* SPDX-License-Identifier: MIT */
/*
 * kept-paths.h - what others ran in the paths of many waits, to be told later, as often as one likes.
 *
 *	A waits for B, who waits for C:     "B's path, then B ran", not what is in B's path
 *	B waits for C:                      "C ran"
 *
 * Whoever is the n-th of a chain has a path of n tasks; kept one by one, the paths of all take
 * the square of that, in time and memory. Here a path names the one that lies in it.
 */
#ifndef ANALYSES_SHARED_KEPT_PATHS_H
#define ANALYSES_SHARED_KEPT_PATHS_H

#include <flightbox/history.h>

#define NO_PATH 0 /* nobody ran in it */

struct kept_paths;

/* The history is lent. */
struct kept_paths *kept_paths_new(struct fb_history *h);
void kept_paths_free(struct kept_paths *p);

/* For the path of one wait; then its number, until all are forgotten. */
extern const struct fb_path_funcs kept_paths_funcs;
uint32_t kept_paths_end(struct kept_paths *p);

/* How long its wait was, and how long others ran in it at most. */
fb_ns kept_paths_duration(const struct kept_paths *p, uint32_t path);
fb_ns kept_paths_ran(const struct kept_paths *p, uint32_t path);

/*
 * Calls `around` and `segment` as for the path itself, but of the segments only for those
 * in state running, with their task, span and depth alone, and of `around` the task and depth.
 */
void kept_paths_tell(struct kept_paths *p, uint32_t path, const struct fb_path_funcs *funcs,
		     void *data);

/* How much is kept, and how much was told: pieces. */
uint32_t kept_paths_n(const struct kept_paths *p);
uint64_t kept_paths_told(const struct kept_paths *p);

void kept_paths_forget(struct kept_paths *p);

#endif
