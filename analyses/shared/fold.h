/* SPDX-License-Identifier: MIT */
/*
 * fold.h - waits and segments of a chain, those that say the same put together:
 *
 *	A waits for B    10 ms            A waits for B    30 ms, 2 times
 *	  B reads a disk  8 ms              B reads a disk 24 ms, 3 times
 *	A waits for B    20 ms      ──►
 *	  B reads a disk  9 ms
 *	  B reads a disk  7 ms
 *
 * Two say the same when all that is shown of them is the same but for times, and so it is with
 * the waits that they stand in for. What is too little to be shown counts as the same, where it is
 * one task's and of one state, in whatever system calls.
 */
#ifndef ANALYSES_SHARED_FOLD_H
#define ANALYSES_SHARED_FOLD_H

#include "analyses/shared/explain.h"

struct fold *fold_new(void);
void fold_free(struct fold *f);

/* In the order of the chain: a wait before what stands in for it. */
void fold_add(struct fold *f, const struct link *link);

/* Once all are added: chooses those of `least` and more in all, the `max` greatest at most. */
void fold_choose(struct fold *f, fb_ns least, guint max);

/*
 * The `max` greatest of the chosen ones, each behind the wait that it stands in for, which is never left
 * out: struct link. Free with g_array_unref(). `*left_out` is the greatest of those that are not among them.
 */
GArray *fold_links(const struct fold *f, guint max, fb_ns *left_out);

#endif
