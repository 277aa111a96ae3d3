/* SPDX-License-Identifier: MIT */
/*
 * works.h - work items that were queued and did not begin yet: who queued each.
 *
 *	task 10, or an interrupt   ── queues ──┐
 *	kworker                      other work│  it begins
 */
#ifndef HISTORY_WORKS_H
#define HISTORY_WORKS_H

#include <flightbox/event.h>
#include <flightbox/kernel.h>

struct fb_history;
struct order;
struct works;

/* NULL: the recording tells of none. */
struct works *works_new(const struct fb_source *source);
void works_free(struct works *w);

/* Kinds of events that tell of works. */
uint64_t works_kinds(void);

/* A work of that address, queued already, may be asked for by somebody else only when it has begun. */
void works_queue(struct works *w, uint64_t work, const struct order *order);
/* … may begin now: by whom, where its queuing was not recorded. */
void works_activate(struct works *w, uint64_t work, const struct order *order);

/* It begins: what was known of it, which is now forgotten; false: nothing. */
bool works_take(struct works *w, uint64_t work, struct order *order);

/* What was queued before is not known any more. */
void works_forget(struct works *w);

/* Whether the recording tells who queues works, and when a kworker begins and ends one. */
bool works_sees_queuing(const struct works *w);
bool works_sees_begins(const struct works *w);
bool works_sees_ends(const struct works *w);

#endif
