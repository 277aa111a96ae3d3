/* SPDX-License-Identifier: MIT */
/* path.h - what the analyses of critical paths have in common: words and rows. */
#ifndef ANALYSES_SHARED_PATH_H
#define ANALYSES_SHARED_PATH_H

#include <flightbox/history.h>
#include <flightbox/report.h>

/* "TASK server [1234] in sys_write", "SOFTIRQ NET_RX"; nothing for none. Appends to `to`. */
void path_cause(struct fb_report *r, const struct fb_cause *cause, GString *to);

/* "server [1234]". Appends to `to`. */
void path_task(const struct fb_task *task, GString *to);

/* Whether it is an interrupt on top of a task: they have no CPU of a waking. */
static inline bool path_is_on_top(const struct fb_cause *cause)
{
	return cause->cpu < 0;
}

/* Why a segment is unknown, in words; NULL when it is not. */
const char *path_unknown(enum fb_unknown unknown);

/* What a history that was too small cost, and what else is unknown. */
void path_cost(struct fb_report *r, const struct fb_history *h);

/* ---- a path's time by task, state and system call ----------------------------------------- */

struct path_share {
	const struct fb_task *task;
	const char *syscall;
	enum fb_state state;
	enum fb_unknown unknown;
	uint64_t is_work;      /* of interrupts: what they did, not waits that they ended */
	uint64_t n;
	fb_ns sum;
	fb_ns in_syscall;      /* … of which so much was in `syscall`: all, but where several count as one */
	bool is_of_several;    /* tasks, of which `task` is that of most of it */
	fb_ns longest;         /* of its segments; */
	bool has_cause;        /* … whether that one has a cause, */
	struct fb_cause cause; /* … and which; */
	struct fb_held held;   /* … what is known of its data */
};

struct path_shares;

struct path_shares *path_shares_new(void);
void path_shares_free(struct path_shares *s);
void path_shares_add(struct path_shares *s, const struct fb_segment *segment);
/* The greatest first, in the shares' own memory; *sum is of all. */
const struct path_share *path_shares_sort(struct path_shares *s, size_t *n, fb_ns *sum);

/*
 * The greatest share. What a task ran, or was ready, counts as one in all system calls, and what
 * was in flight, or in queueing disciplines, as one for all tasks: then
 * `syscall` is the one with more than half of it, NULL when there is none. False: no shares.
 */
bool path_shares_root(struct path_shares *s, struct path_share *root);

/* The `max` greatest of that kind; returns how many there are. */
size_t path_shares_greatest(struct path_shares *s, struct path_share *greatest, size_t max);

/*
 * All of them as rows, of which those from `small` on will be seen, `max` of them, or one less and the rest's.
 * What counts as one stands as one where otherwise something of `large` shares would be hidden that is not
 * small. struct path_share, the greatest first. Free with g_array_unref().
 */
GArray *path_shares_rows(struct path_shares *s, fb_ns large, fb_ns small, guint max);

/* "serverB [213] slept in clock_nanosleep, woken by TIMER hrtimer_wakeup". Appends to `to`. */
void path_share_words(struct fb_report *r, const struct path_share *share, GString *to);

#endif
