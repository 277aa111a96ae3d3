/* SPDX-License-Identifier: MIT */
/* latency-top.c - the longest calls. */
#include "analyses/shared/latency-top.h"
#include "analyses/shared/wait-row.h"

/* What is kept of a call. */
struct entry {
	struct call call;   /* without shares */
	struct share thief; /* which interrupt had most of it; time is 0 when none had any */
};

/* A heap: no entry is shorter than the one at half its index. The first is at 1, and the shortest. */
struct latency_top {
	size_t size;
	GArray *heap;       /* struct entry */
};

struct latency_top *latency_top_new(size_t n)
{
	struct latency_top *t = g_new(struct latency_top, 1);

	t->size = n;
	t->heap = g_array_new(FALSE, TRUE, sizeof(struct entry));
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

static struct entry *entry_at(const struct latency_top *t, size_t i)
{
	return &g_array_index(t->heap, struct entry, i);
}

static bool is_shorter(const struct latency_top *t, size_t i, size_t j)
{
	return compare_calls(&entry_at(t, i)->call, &entry_at(t, j)->call) > 0;
}

static void swap(const struct latency_top *t, size_t i, size_t j)
{
	struct entry entry = *entry_at(t, i);

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

static struct entry entry_of(const struct call *call)
{
	const struct share *thief = shares_greatest(&call->shares, PART_HARDIRQ, PART_SOFTIRQ);
	struct entry entry = { .call = *call };

	entry.call.shares = (struct shares){ 0 };
	if (thief)
		entry.thief = *thief;
	return entry;
}

void latency_top_add(struct latency_top *t, const struct call *call)
{
	struct entry entry;

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

static const struct fb_table people = {
	.columns = {
		{ .heading = "Start", .type = FB_CELL_TIME },
		{ .heading = "Elapsed (ms)", .type = FB_CELL_DURATION },
		{ .heading = "Syscall", .type = FB_CELL_TEXT },
		{ .heading = "Task", .type = FB_CELL_TEXT },
		{ .heading = "Running", .type = FB_CELL_DURATION },
		{ .heading = "Ready", .type = FB_CELL_DURATION },
		{ .heading = "Blocked", .type = FB_CELL_DURATION },
		{ .heading = "Hardirq", .type = FB_CELL_DURATION },
		{ .heading = "Softirq", .type = FB_CELL_DURATION },
		{ .heading = "Blocked by", .type = FB_CELL_TEXT },
		{ .heading = "Stolen by", .type = FB_CELL_TEXT },
	},
};

static const struct fb_table programs = {
	.type = "call",
	.columns = {
		{ .key = "tid", .type = FB_CELL_INT },
		{ .key = "pid", .type = FB_CELL_INT },
		{ .key = "comm", .type = FB_CELL_TEXT },
		{ .key = "exe", .type = FB_CELL_TEXT },
		{ .key = "syscall", .type = FB_CELL_TEXT },
		{ .key = "begin", .type = FB_CELL_TIME },
		{ .key = "exit", .type = FB_CELL_TIME },
		{ .key = "end", .type = FB_CELL_TIME },
		{ .key = "elapsed", .type = FB_CELL_DURATION },
		{ .key = "parts.running", .type = FB_CELL_DURATION },
		{ .key = "parts.ready", .type = FB_CELL_DURATION },
		{ .key = "parts.blocked", .type = FB_CELL_DURATION },
		{ .key = "parts.hardirq", .type = FB_CELL_DURATION },
		{ .key = "parts.softirq", .type = FB_CELL_DURATION },
		{ .key = "blocker.kind", .type = FB_CELL_TEXT },
		{ .key = "blocker.by", .type = FB_CELL_TEXT },
		{ .key = "blocker.asleep", .type = FB_CELL_DURATION },
		{ .key = "blocker.task.tid", .type = FB_CELL_INT },
		{ .key = "blocker.task.pid", .type = FB_CELL_INT },
		{ .key = "blocker.task.comm", .type = FB_CELL_TEXT },
		{ .key = "blocker.task.syscall", .type = FB_CELL_TEXT },
		{ .key = "thief.kind", .type = FB_CELL_TEXT },
		{ .key = "thief.by", .type = FB_CELL_TEXT },
		{ .key = "thief.time", .type = FB_CELL_DURATION },
		{ .key = "thief.inline", .type = FB_CELL_BOOL },
	},
};

/* A task that ran unnamed when it woke the caller has a name by now, or was the idle task after all. */
static void settle(struct fb_cause *cause)
{
	if (!cause->task || cause->task->tid > 0)
		return;
	if (cause->task->tid == 0 && cause->kind == FB_CAUSE_TASK)
		cause->kind = FB_CAUSE_UNTRACED;
	cause->task = NULL;
	cause->syscall = NULL;
	cause->is_inline = false;
}

static char *blocker_text(struct fb_report *report, const struct call *call)
{
	const struct fb_blocking b = { .cause = call->blocker };
	GString *text;

	if (!call->blocker_time)
		return NULL;
	text = g_string_new(NULL);
	fb_report_wakeup(report, &b, text);
	return g_string_free(text, FALSE);
}

static struct fb_cell parts_cell(const struct call *call, enum part part)
{
	return FB_DURATION(call->parts[part]);
}

/* Tasks that ran before their CPU's first switch, or behind lost events, may never get a name. */
static char *task_text(const struct call *call)
{
	if (call->task->tid < 0)
		return g_strdup("?");
	return g_strdup_printf("%s%s[%d]", call->comm ? call->comm : "", call->comm ? " " : "",
			       call->task->tid);
}

static void report_to_people(struct fb_report *report, const struct entry *e)
{
	const struct call *call = &e->call;
	g_autofree char *syscall = call->syscall ? g_strconcat("sys_", call->syscall, NULL) : NULL;
	g_autofree char *task = task_text(call);
	g_autofree char *blocker = blocker_text(report, call);
	g_autofree char *thief = e->thief.time ? cause_key_name(report, &e->thief.key) : NULL;

	fb_report_row(report, FB_TIME(call->begin), FB_DURATION(call->end - call->begin),
		      FB_TEXT(syscall), FB_TEXT(task), parts_cell(call, PART_RUNNING),
		      parts_cell(call, PART_READY), parts_cell(call, PART_BLOCKED),
		      parts_cell(call, PART_HARDIRQ), parts_cell(call, PART_SOFTIRQ),
		      FB_TEXT(blocker), FB_TEXT(thief));
}

static void report_to_programs(struct fb_report *report, const struct entry *e)
{
	const struct call *call = &e->call;
	const struct fb_task *task = call->task, *by = call->blocker.task;
	bool has_blocker = call->blocker_time > 0, has_thief = e->thief.time > 0;
	g_autofree char *blocker = blocker_text(report, call);
	g_autofree char *thief = has_thief ? cause_key_name(report, &e->thief.key) : NULL;

	fb_report_row(report, wait_number(task->tid), wait_pid(task),
		      FB_TEXT(call->comm), FB_TEXT(call->exe), FB_TEXT(call->syscall),
		      FB_TIME(call->begin), FB_TIME(call->exit), FB_TIME(call->end),
		      FB_DURATION(call->end - call->begin), parts_cell(call, PART_RUNNING),
		      parts_cell(call, PART_READY), parts_cell(call, PART_BLOCKED),
		      parts_cell(call, PART_HARDIRQ), parts_cell(call, PART_SOFTIRQ),
		      FB_TEXT(has_blocker ? fb_cause_kind_name(call->blocker.kind) : NULL),
		      FB_TEXT(blocker), has_blocker ? FB_DURATION(call->blocker_time) : FB_NULL,
		      by ? FB_INT(by->tid) : FB_NULL, wait_pid(by),
		      FB_TEXT(by ? by->comm : NULL), FB_TEXT(call->blocker.syscall),
		      FB_TEXT(has_thief ? fb_cause_kind_name(e->thief.key.kind) : NULL),
		      FB_TEXT(thief), has_thief ? FB_DURATION(e->thief.time) : FB_NULL,
		      has_thief ? FB_BOOL(e->thief.key.is_inline) : FB_NULL);
}

static int compare_entries(const void *a, const void *b)
{
	return compare_calls(&((const struct entry *)a)->call, &((const struct entry *)b)->call);
}

void latency_top_report(struct latency_top *t, struct fb_report *report)
{
	bool for_people = fb_report_for_people(report);

	g_array_remove_index(t->heap, 0);
	g_array_sort(t->heap, compare_entries);
	fb_report_table(report, for_people ? &people : &programs, "The longest calls (ms)");
	for (guint i = 0; i < t->heap->len; i++) {
		struct entry *e = entry_at(t, i);

		settle(&e->call.blocker);
		(for_people ? report_to_people : report_to_programs)(report, e);
	}
}
