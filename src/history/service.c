/* SPDX-License-Identifier: MIT */
/* service.c - where a servant's service began, and who asked for it. */
#include "history/service.h"

static bool is_called(const struct fb_task *task, const char *prefix)
{
	return task->comm && g_str_has_prefix(task->comm, prefix);
}

static bool is_kworker(const struct fb_task *task)
{
	return is_called(task, "kworker/");
}

static bool is_io_worker(const struct fb_task *task)
{
	return is_called(task, "iou-wrk-");
}

bool is_servant(const struct fb_task *task)
{
	/* Where nothing tells which are the kernel's threads. */
	static const char *const names[] = {
		"kworker/", "ksoftirqd/", "irq/", "migration/", "jbd2/", "rcu_preempt",
		"rcu_sched", "rcuc/", "rcuog/", "rcuop/", NULL,
	};

	if (task->kthread || is_io_worker(task))
		return true;
	for (const char *const *name = names; *name; name++)
		if (is_called(task, *name))
			return true;
	return false;
}

/* ---- idleness ----------------------------------------------------------------------------- */

/*
 * io_uring's workers are user tasks: they sleep the same way for want of requests and in them.
 * The ring's user asks, or the thread that polls it for him.
 */
static bool is_asked_by_ring(const struct fb_cause *cause)
{
	return cause->kind == FB_CAUSE_TASK && cause->task &&
	       (!g_strcmp0(cause->syscall, "io_uring_enter") || is_called(cause->task, "iou-"));
}

/*
 * Whether it was idle until this waking: a kernel thread has no other reason to sleep
 * interruptibly than to wait for work, except in the midst of a work.
 */
static bool ends_idleness(const struct fb_history *h, const struct fb_task *task,
			  record_number number)
{
	const struct record *r = record_at(h, number), *blocked;

	if (r->kind != REC_WOKEN)
		return false;
	if (is_io_worker(task))
		return is_asked_by_ring(&record_wake(h, number)->cause);
	if (r->before == REC_NOTHING)
		return true;
	if (r->before != REC_BLOCKED || !is_live(h, r->prev))
		return false;
	blocked = record_at(h, r->prev);
	return blocked->kind == REC_BLOCKED && (blocked->arg == 'S' || blocked->arg == 'I');
}

/*
 * A worker is woken by another one that goes to sleep in the midst of a work, or is about to take
 * up one of several: neither asks for anything.
 */
static bool is_request(const struct fb_history *h, const struct recorded_wake *wake)
{
	const struct fb_cause *cause = &wake->cause;

	if (wake->is_handover)
		return false;
	return cause->kind != FB_CAUSE_TASK || !cause->task || !is_kworker(cause->task) ||
	       cause->function || !works_sees_begins(h->works);
}

/* ---- the service -------------------------------------------------------------------------- */

/* What was found on the way back. */
struct found {
	record_number work;     /* the one at hand: a WORK; NONE: none */
	bool is_behind;         /* … another, without a pause */
	record_number woken;    /* from idleness; NONE: not found */
	fb_ns oldest;           /* looked back until here */
};

/*
 * A work that nobody queued, where all queuing is recorded, tells who waits for the one before it
 * that this is done (flush_work()).
 */
static void find_work(const struct fb_history *h, record_number number, struct found *f)
{
	bool is_behind = record_at(h, number)->arg & BEHIND;

	if (f->work != NONE || (is_behind && !record_order(h, number) &&
				works_sees_queuing(h->works)))
		return;
	f->work = number;
	f->is_behind = is_behind;
}

static void look_back(const struct fb_history *h, const struct fb_task *task, record_number at,
		      fb_ns since, uint64_t *effort, struct found *f)
{
	*f = (struct found){ .oldest = INT64_MAX };
	for (; is_live(h, at) && *effort; at = record_at(h, at)->prev, --*effort) {
		const struct record *r = record_at(h, at);

		if (r->kind == REC_LOST)
			return;
		f->oldest = record_time(h, at);
		if (r->kind == REC_WORK)
			find_work(h, at, f);
		else if (ends_idleness(h, task, at))
			f->woken = at;
		if (f->woken != NONE || f->oldest <= since ||
		    (f->is_behind && record_order(h, f->work)))
			return;
	}
}

/* Whether the waking came from whoever had just queued the work. */
static bool is_same_actor(const struct fb_cause *a, const struct fb_cause *b)
{
	return a->kind == b->kind && a->task == b->task &&
	       (a->kind == FB_CAUSE_TASK || a->cpu == b->cpu);
}

static void asked_by_order(const struct fb_history *h, const struct found *f,
			   const struct order *order, struct service *s)
{
	const struct recorded_wake *wake;

	*s = (struct service){ .asked = order->time, .begin = order->time, .by = &order->by };
	if (f->is_behind)
		s->begin = record_time(h, f->work);
	if (f->is_behind || f->woken == NONE)
		return;
	wake = record_wake(h, f->woken);
	s->begin = MAX(record_time(h, f->woken), order->time);
	if (s->begin > order->time && is_same_actor(&wake->cause, &order->by.cause)) {
		s->asked = s->begin;
		s->by = wake;
	}
}

static void asked_by_waking(const struct fb_history *h, const struct found *f, struct service *s)
{
	const struct recorded_wake *wake = record_wake(h, f->woken);

	s->asked = record_time(h, f->woken);
	s->begin = f->is_behind ? record_time(h, f->work) : s->asked;
	s->by = is_request(h, wake) ? wake : NULL;
}

bool service_find(const struct fb_history *h, const struct fb_task *task, record_number at,
		  fb_ns since, uint64_t *effort, struct service *s)
{
	const struct order *order;
	struct found f;

	look_back(h, task, at, since, effort, &f);
	order = f.work != NONE ? record_order(h, f.work) : NULL;
	if (order)
		asked_by_order(h, &f, order, s);
	else if (f.woken != NONE)
		asked_by_waking(h, &f, s);
	else if (f.is_behind && f.oldest <= since)
		*s = (struct service){ .asked = INT64_MIN, .begin = record_time(h, f.work) };
	else
		return false;
	return s->begin > since && s->begin >= f.oldest;
}
