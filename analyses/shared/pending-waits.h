/* SPDX-License-Identifier: MIT */
/*
 * pending-waits.h - waits whose paths become a tree of CPU time later, process by process: of
 * those whose tree nobody looks at not at all.
 */
#ifndef ANALYSES_SHARED_PENDING_WAITS_H
#define ANALYSES_SHARED_PENDING_WAITS_H

#include "analyses/shared/cpu-tree.h"
#include "analyses/shared/kept-paths.h"

/*
 * How many pieces of paths may be told for each transition recorded so far, while more waits come:
 * then those of processes on whose behalf the least was run are left out. In the end, for those
 * processes that are asked for, it may be FOLLOW_EFFORT.
 */
enum { PENDING_EFFORT = 2 };

struct pending_waits;

/* Both are lent. The effort is PENDING_EFFORT, for anybody but tests. */
struct pending_waits *pending_waits_new(struct fb_history *h, struct cpu_tree *t, uint64_t effort);
void pending_waits_free(struct pending_waits *p);

/* A wait comes next: kept_paths_funcs with what is returned as their data, then its end. */
void pending_waits_all(struct pending_waits *p);
struct kept_paths *pending_waits_begin(struct pending_waits *p, const struct fb_blocking *b);
void pending_waits_end(struct pending_waits *p);

/* What others ran on behalf of a process: so much at most, … */
fb_ns pending_waits_most(const struct pending_waits *p, int32_t process);
/* … and so much indeed. Only then its tree is there. */
fb_ns pending_waits_settle(struct pending_waits *p, int32_t process);

/* How many waits were left out as too much work, and their time asleep. */
uint64_t pending_waits_left_out(const struct pending_waits *p, fb_ns *asleep);

#endif
