/* SPDX-License-Identifier: MIT */
/*
 * latency-call.h - system calls, from entry to exit, and where their time went.
 *
 *	begin                                                                      exit     end
 *	--|- running -|- softirq -|- hardirq -|- softirq -|- blocked -|- ready -|- running -|--
 *	              on top of the task: the innermost     off its CPU
 *	              interrupt has the time
 *
 * The parts of a call sum to what elapsed, to the nanosecond.
 *
 * It ends when its task is back in user mode: with its exit event, mostly. But the kernel
 * logs that before it looks whether another task shall run. A task that then leaves its CPU,
 * no interrupt having come in between, is still on its way out, and returns when it runs again.
 */
#ifndef ANALYSES_SHARED_LATENCY_CALL_H
#define ANALYSES_SHARED_LATENCY_CALL_H

#include <flightbox/blocking.h>
#include <flightbox/kernel.h>

#include "analyses/shared/cause-name.h"

enum part {
	PART_RUNNING,
	PART_READY,
	PART_BLOCKED,
	PART_HARDIRQ,
	PART_SOFTIRQ,
	PARTS
};

/* Columns of a struct that has its `parts` so, in ns. */
#define PARTS_COLUMNS(type, parts)                                                                 \
	{ .key = "parts.running", FB_DURATION_OF(type, parts[PART_RUNNING]) },                     \
	{ .key = "parts.ready", FB_DURATION_OF(type, parts[PART_READY]) },                         \
	{ .key = "parts.blocked", FB_DURATION_OF(type, parts[PART_BLOCKED]) },                     \
	{ .key = "parts.hardirq", FB_DURATION_OF(type, parts[PART_HARDIRQ]) },                     \
	{ .key = "parts.softirq", FB_DURATION_OF(type, parts[PART_SOFTIRQ]) }

/* How much of a part one cause of blocking, or one interrupt, has. */
struct share {
	enum part part; /* BLOCKED, HARDIRQ, SOFTIRQ */
	struct cause_key key;
	fb_ns time;
};

/* A few: one of them is found by looking at all. Zero bytes are none. */
struct shares {
	struct share *items;
	size_t n, size;
};

void shares_add(struct shares *shares, const struct share *share);
void shares_clear(struct shares *shares);

/* The greatest of the parts from `first` to `last`; NULL when there is none. */
const struct share *shares_greatest(const struct shares *shares, enum part first, enum part last);

struct call {
	const struct fb_task *task;
	const char *comm, *exe;   /* the task's at its end */
	const char *syscall;      /* NULL when its number has no name */
	enum fb_quality quality;  /* LOST, EDGE: begin or end is not known, or what was between; no parts */
	fb_ns begin, exit, end;   /* FB_NS_NONE where unknown */
	fb_ns parts[PARTS];       /* sum: end - begin */
	struct shares shares;
	fb_ns blocker_time;       /* the longest wait; 0: there was none */
	struct fb_cause blocker;  /* … what ended it; means nothing when there was none */
};

/* Hands out calls when they are known to be over, each lent for the call of `func`. `kinds`: what was recorded. */
struct calls *calls_new(uint64_t kinds, void (*func)(const struct call *call, void *data),
			void *data);
void calls_free(struct calls *c);

/* To be told of a model's transitions. */
struct fb_observer calls_observer(struct calls *c);

/* The trace has ended: hands out those under way. */
void calls_finish(struct calls *c);

/* The call that a task is in; NULL outside of any, or unknown. */
const char *calls_syscall(const struct calls *c, const struct fb_task *task);

/* What began before was cut off by a gap. */
fb_ns calls_known_since(const struct calls *c);

#endif
