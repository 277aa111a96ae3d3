/* SPDX-License-Identifier: MIT */
/* latency-top.c - the longest calls. */
#include "analyses/shared/latency-top.h"
#include "analyses/shared/wait-row.h"

/* What is kept of a call. */
struct top {
	struct call call;   /* without shares */
	struct share thief; /* which interrupt had most of it; time is 0 when none had any */
};

/* A heap: no entry is shorter than the one at half its index. The first is at 1, and the shortest. */
struct latency_top {
	size_t size;
	GArray *heap;       /* struct top */
};

struct latency_top *latency_top_new(size_t n)
{
	struct latency_top *t = g_new(struct latency_top, 1);

	t->size = n;
	t->heap = g_array_new(FALSE, TRUE, sizeof(struct top));
	g_array_set_size(t->heap, 1);
	return t;
}

void latency_top_free(struct latency_top *t)
{
	if (!t)
		return;
	g_array_free(t->heap, TRUE);
	g_free(t);
}

/* Longest first; of two equal ones the earlier. */
static int compare_calls(const struct call *x, const struct call *y)
{
	fb_ns a = x->end - x->begin, b = y->end - y->begin;

	if (a != b)
		return a > b ? -1 : 1;
	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return x->task->number < y->task->number ? -1 : x->task->number > y->task->number;
}

static struct top *entry_at(const struct latency_top *t, size_t i)
{
	return &g_array_index(t->heap, struct top, i);
}

static bool is_shorter(const struct latency_top *t, size_t i, size_t j)
{
	return compare_calls(&entry_at(t, i)->call, &entry_at(t, j)->call) > 0;
}

static void swap(const struct latency_top *t, size_t i, size_t j)
{
	struct top entry = *entry_at(t, i);

	*entry_at(t, i) = *entry_at(t, j);
	*entry_at(t, j) = entry;
}

/* Lets the last entry rise to where it belongs. */
static void rise(struct latency_top *t)
{
	for (size_t i = t->heap->len - 1; i > 1 && is_shorter(t, i, i / 2); i /= 2)
		swap(t, i, i / 2);
}

/* Lets the first entry sink to where it belongs. */
static void sink(struct latency_top *t)
{
	size_t n = t->heap->len;

	for (size_t i = 1, child; (child = 2 * i) < n; i = child) {
		if (child + 1 < n && is_shorter(t, child + 1, child))
			child++;
		if (!is_shorter(t, child, i))
			return;
		swap(t, i, child);
	}
}

static struct top entry_of(const struct call *call)
{
	const struct share *thief = shares_greatest(&call->shares, PART_HARDIRQ, PART_SOFTIRQ);
	struct top entry = { .call = *call };

	entry.call.shares = (struct shares){ 0 };
	if (thief)
		entry.thief = *thief;
	return entry;
}

void latency_top_add(struct latency_top *t, const struct call *call)
{
	struct top entry;

	if (t->heap->len <= t->size) {
		entry = entry_of(call);
		g_array_append_val(t->heap, entry);
		rise(t);
	} else if (t->size && compare_calls(call, &entry_at(t, 1)->call) < 0) {
		*entry_at(t, 1) = entry_of(call);
		sink(t);
	}
}

/* ---- the tables ------------------------------------------------------------------------- */

#define CALL offsetof(struct top, call)

static bool has_blocker(const struct top *e)
{
	return e->call.blocker_time > 0;
}

static bool has_thief(const struct top *e)
{
	return e->thief.time > 0;
}

static struct fb_cell get_elapsed(struct fb_report *r, const void *call)
{
	const struct call *c = call;

	(void)r;
	return FB_DURATION(c->end - c->begin);
}

/* Tasks that ran before their CPU's first switch, or behind lost events, may never get a name. */
static struct fb_cell get_task(struct fb_report *r, const void *call)
{
	const struct call *c = call;
	GString *to = fb_report_scratch(r);

	if (c->task->tid < 0)
		return FB_NAME("?");
	fb_report_who(c->comm, c->exe, c->task->tid, to);
	return FB_TEXT(to->str);
}

static struct fb_cell get_tid(struct fb_report *r, const void *call)
{
	int32_t tid = ((const struct call *)call)->task->tid;

	(void)r;
	return tid < 0 ? FB_NULL : FB_INT(tid);
}

static struct fb_cell get_blocker(struct fb_report *r, const void *entry)
{
	const struct fb_blocking b = { .cause = ((const struct top *)entry)->call.blocker };
	GString *to = fb_report_scratch(r);

	if (!has_blocker(entry))
		return FB_NULL;
	fb_report_wakeup(r, &b, to);
	return FB_TEXT(to->str);
}

static struct fb_cell get_blocker_kind(struct fb_report *r, const void *entry)
{
	return has_blocker(entry) ?
		       get_cause_kind(r, &((const struct top *)entry)->call.blocker.kind) :
		       FB_NULL;
}

static struct fb_cell get_blocker_time(struct fb_report *r, const void *entry)
{
	(void)r;
	return has_blocker(entry) ? FB_DURATION(((const struct top *)entry)->call.blocker_time)
				  : FB_NULL;
}

static struct fb_cell get_thief(struct fb_report *r, const void *entry)
{
	return has_thief(entry) ? get_key_name(r, &((const struct top *)entry)->thief.key) :
				  FB_NULL;
}

static struct fb_cell get_thief_kind(struct fb_report *r, const void *entry)
{
	(void)r;
	return FB_NAME(has_thief(entry) ? fb_cause_kind_name(
						  ((const struct top *)entry)->thief.key.kind)
					: NULL);
}

static struct fb_cell get_thief_time(struct fb_report *r, const void *entry)
{
	(void)r;
	return has_thief(entry) ? FB_DURATION(((const struct top *)entry)->thief.time)
				: FB_NULL;
}

static struct fb_cell get_thief_inline(struct fb_report *r, const void *entry)
{
	(void)r;
	return has_thief(entry) ? FB_BOOL(((const struct top *)entry)->thief.key.is_inline) :
				  FB_NULL;
}

static const struct fb_table people = {
	.columns = {
		{ .heading = "Start", FB_TIME_OF(struct top, call.begin) },
		{ .heading = "Elapsed (ms)", FB_BY(DURATION, get_elapsed, CALL) },
		{ .heading = "Syscall", SYSCALL_OF(struct top, call.syscall) },
		{ .heading = "Task", FB_BY(TEXT, get_task, CALL) },
		{ .heading = "Running", FB_DURATION_OF(struct top, call.parts[PART_RUNNING]) },
		{ .heading = "Ready", FB_DURATION_OF(struct top, call.parts[PART_READY]) },
		{ .heading = "Blocked", FB_DURATION_OF(struct top, call.parts[PART_BLOCKED]) },
		{ .heading = "Hardirq", FB_DURATION_OF(struct top, call.parts[PART_HARDIRQ]) },
		{ .heading = "Softirq", FB_DURATION_OF(struct top, call.parts[PART_SOFTIRQ]) },
		{ .heading = "Blocked by", FB_BY(TEXT, get_blocker) },
		{ .heading = "Stolen by", FB_BY(TEXT, get_thief) },
	},
};

static const struct fb_table programs = {
	.type = "call",
	.columns = {
		{ .key = "tid", FB_BY(INT, get_tid, CALL) },
		{ .key = "pid", FB_PID_OF(struct top, call.task) },
		{ .key = "comm", FB_NAME_OF(struct top, call.comm) },
		{ .key = "exe", FB_NAME_OF(struct top, call.exe) },
		{ .key = "syscall", FB_NAME_OF(struct top, call.syscall) },
		{ .key = "begin", FB_TIME_OF(struct top, call.begin) },
		{ .key = "exit", FB_TIME_OF(struct top, call.exit) },
		{ .key = "end", FB_TIME_OF(struct top, call.end) },
		{ .key = "elapsed", FB_BY(DURATION, get_elapsed, CALL) },
		PARTS_COLUMNS(struct top, call.parts),
		{ .key = "blocker.kind", FB_BY(TEXT, get_blocker_kind) },
		{ .key = "blocker.by", FB_BY(TEXT, get_blocker) },
		{ .key = "blocker.asleep", FB_BY(DURATION, get_blocker_time) },
		CALLER_COLUMNS("blocker.task.", struct fb_cause,
			       offsetof(struct top, call.blocker)),
		{ .key = "thief.kind", FB_BY(TEXT, get_thief_kind) },
		{ .key = "thief.by", FB_BY(TEXT, get_thief) },
		{ .key = "thief.time", FB_BY(DURATION, get_thief_time) },
		{ .key = "thief.inline", FB_BY(BOOL, get_thief_inline) },
	},
};

/* A task that ran unnamed when it woke the caller has a name by now, or was the idle task after all. */
static void settle(struct fb_cause *cause)
{
	if (cause->task && cause->task->tid > 0 && !cause->comm)
		cause->comm = cause->task->comm;
	if (!cause->task || cause->task->tid > 0)
		return;
	if (cause->task->tid == 0 && cause->kind == FB_CAUSE_TASK)
		cause->kind = FB_CAUSE_UNTRACED;
	cause->task = NULL;
	cause->comm = cause->syscall = NULL;
	cause->is_inline = false;
}

static int compare_entries(const void *a, const void *b)
{
	return compare_calls(&((const struct top *)a)->call,
			     &((const struct top *)b)->call);
}

void latency_top_report(struct latency_top *t, struct fb_report *report)
{
	g_array_remove_index(t->heap, 0);
	g_array_sort(t->heap, compare_entries);
	fb_report_table(report, fb_report_for_people(report) ? &people : &programs,
			"The longest calls (ms)");
	for (guint i = 0; i < t->heap->len; i++) {
		struct top *e = entry_at(t, i);

		settle(&e->call.blocker);
		fb_report_row(report, e);
	}
}
