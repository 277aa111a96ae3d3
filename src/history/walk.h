/* SPDX-License-Identifier: MIT */
/*
 * walk.h - a path in the making, shared by path.c and packet-path.c.
 *
 * A level is one task through one span. Its records are found from the newest to the
 * oldest, so they are put on a stack and come off it in the order of time. A wait
 * opens another level on top of them:
 *
 *	records:  … [ready] [blocked] | … [running] [blocked] | … [running]
 *	levels:   task 10             | task 20, its waker    | task 30, the waker of that
 *
 * So a path needs no recursion, and memory for the records of the levels open at
 * one time only. Spans of levels that are open together lie in each other, those of one
 * depth do not overlap: the work is bounded by what is in the history, but for records
 * of no duration.
 *
 * Pieces are segments that no record tells of, a packet's way after its sender's level.
 */
#ifndef HISTORY_WALK_H
#define HISTORY_WALK_H

#include "history/service.h"

struct level {
	const struct fb_task *task;
	fb_ns begin, end;
	guint base;             /* its records stand on the stack from here on */
	guint pieces;           /* … and what comes after it, on a stack of its own */
	uint32_t depth;
};

struct path {
	struct fb_history *h;
	const struct fb_path_funcs *funcs;
	void *data;
	fb_ns at;               /* the path is told until here */
	GArray *levels;         /* struct level, the innermost last */
	GArray *records;        /* record_number, the earliest of the innermost level last */
	GArray *pieces;         /* struct fb_segment, the earliest of the innermost level last */
	struct fb_segment held; /* told when it is known that the next does not continue it */
	bool has_held;
	uint64_t effort;        /* records that may still be looked at */
};

void path_add(struct path *p, const struct fb_segment *segment);
/* From where the path is until `end`; `like` tells the task and depth. */
void path_add_unknown(struct path *p, const struct fb_segment *like, fb_ns end,
		      enum fb_unknown why);
void path_add_around(struct path *p, const struct fb_segment *wait);

/* The pieces down to `base`, which come next. */
void path_add_pieces(struct path *p, guint base);

/* What a task is called in the end: it may have run unnamed. */
const struct fb_task *path_task_of(const struct path *p, const struct fb_task *task);

/*
 * A task through a span, who woke another or sent something at its end: as below, but of a servant
 * only what it did for that.
 */
void path_open(struct path *p, const struct level *level, record_number from,
	       enum record_kind kind, const char *syscall);

/*
 * A task through a span: its records from `from` back. Where there is none, what it did
 * at the end of the span was `kind`, in `syscall`.
 */
void path_open_level(struct path *p, const struct level *level, record_number from,
		     enum record_kind kind, const char *syscall);

/*
 * Goes from a wait to what its waker did meanwhile, or leaves it as it is. The pieces down to
 * `pieces` come behind it. `may_be_self`: a servant may have asked itself.
 */
void path_follow(struct path *p, struct fb_segment *wait, const struct recorded_wake *wake,
		 guint pieces, bool may_be_self);

/* packet-path.c: a wait that a packet of this host ended. Its cause is set. */
void path_follow_packet(struct path *p, struct fb_segment *wait, record_number packet,
			guint pieces);

/* service-path.c: a servant through a span, of which it did only the end for who waits. */
void path_open_service(struct path *p, const struct level *level, record_number from,
		       const struct service *service);

#endif
