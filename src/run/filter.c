/* SPDX-License-Identifier: MIT */
/* filter.c - which waits, and whose, a filter lets pass. */
#include <flightbox/run.h>

#include "base/glob.h"

static bool has(const int32_t *list, size_t n, int32_t value)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == value)
			return true;
	return false;
}

static bool matches_name(const char *globs, const char *comm, const char *exe)
{
	const char *base = exe ? strrchr(exe, '/') : NULL;

	if (comm && glob_list_matches(globs, comm))
		return true;
	return exe && glob_list_matches(globs, base ? base + 1 : exe);
}

bool fb_filter_matches(const struct fb_filter *f, const struct fb_blocking *b)
{
	/* A wait cut off by the trace's begin or end reaches at least to it. */
	fb_ns begin = b->begin == FB_NS_NONE ? INT64_MIN : b->begin;
	fb_ns end = b->end == FB_NS_NONE ? INT64_MAX : b->end;

	if (f->n_tids && !has(f->tids, f->n_tids, b->task->tid))
		return false;
	if (f->n_pids && !has(f->pids, f->n_pids, b->task->pid))
		return false;
	if (f->min_duration > 0 && fb_blocking_known(b) < f->min_duration)
		return false;
	if ((f->has_begin && end < f->begin) || (f->has_end && begin > f->end))
		return false;
	return !f->comm || matches_name(f->comm, b->comm, b->exe);
}

/* By any of its names: its waits have the one that it had then. */
bool fb_task_is_called(const struct fb_task *task, const char *globs)
{
	const char *name;

	if (matches_name(globs, NULL, task->exe))
		return true;
	for (size_t i = 0; (name = fb_task_name(task, i)); i++)
		if (glob_list_matches(globs, name))
			return true;
	return false;
}

struct count {
	const struct fb_filter *filter;
	uint64_t n;
};

static void count(const struct fb_task *task, void *data)
{
	struct count *c = data;
	const struct fb_filter *f = c->filter;

	c->n += task->tid > 0 && (!f->n_tids || has(f->tids, f->n_tids, task->tid)) &&
		(!f->n_pids || has(f->pids, f->n_pids, task->pid)) &&
		(!f->comm || fb_task_is_called(task, f->comm));
}

uint64_t fb_filter_tasks(const struct fb_filter *f, const struct fb_kernel *kernel)
{
	struct count c = { f, 0 };

	fb_kernel_each_task(kernel, count, &c);
	return c.n;
}
