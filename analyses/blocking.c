/* SPDX-License-Identifier: MIT */
/*
 * blocking.c - who waited, where, and what ended it.
 *
 * For programs every wait is written as it ends. People get one table per task,
 * the task that slept longest first; until the end a wait takes 40 bytes. With
 * --summary no wait is kept at all, only what they have in common.
 */
#include <flightbox/analysis.h>

#include "blocking-summary.h"
#include "wakeup-texts.h"

struct row {
	fb_ns begin, asleep, ready;
	const char *syscall;
	const char *wakeup; /* of struct blocking.wakeups */
};

struct task_rows {
	const struct fb_task *task;
	fb_ns asleep;       /* of all rows */
	GArray *rows;       /* struct row */
};

struct blocking {
	bool by_summary, with_ready;  /* options */
	struct fb_report *report;
	struct summary *summary;
	GHashTable *tasks;            /* struct fb_task -> struct task_rows */
	struct wakeup_texts *wakeups;
	GString *text;                /* scratch */
};

static const struct fb_table people = {
	.columns = {
		{ .heading = "Start", .type = FB_CELL_TIME },
		{ .heading = "Duration (ms)", .type = FB_CELL_DURATION },
		{ .heading = "Syscall", .type = FB_CELL_TEXT },
		{ .heading = "Wakeup", .type = FB_CELL_TEXT },
	},
};

static const struct fb_table people_with_ready = {
	.columns = {
		{ .heading = "Start", .type = FB_CELL_TIME },
		{ .heading = "Duration (ms)", .type = FB_CELL_DURATION },
		{ .heading = "Ready (ms)", .type = FB_CELL_DURATION },
		{ .heading = "Syscall", .type = FB_CELL_TEXT },
		{ .heading = "Wakeup", .type = FB_CELL_TEXT },
	},
};

static const struct fb_table programs = {
	.type = "blocking",
	.columns = {
		{ .key = "tid", .type = FB_CELL_INT },
		{ .key = "pid", .type = FB_CELL_INT },
		{ .key = "comm", .type = FB_CELL_TEXT },
		{ .key = "exe", .type = FB_CELL_TEXT },
		{ .key = "begin", .type = FB_CELL_TIME },
		{ .key = "wake", .type = FB_CELL_TIME },
		{ .key = "end", .type = FB_CELL_TIME },
		{ .key = "asleep", .type = FB_CELL_DURATION },
		{ .key = "ready", .type = FB_CELL_DURATION },
		{ .key = "state", .type = FB_CELL_TEXT },
		{ .key = "syscall", .type = FB_CELL_TEXT },
		{ .key = "fd", .type = FB_CELL_INT },
		{ .key = "cause.kind", .type = FB_CELL_TEXT },
		{ .key = "cause.id", .type = FB_CELL_INT },
		{ .key = "cause.name", .type = FB_CELL_TEXT },
		{ .key = "cause.function", .type = FB_CELL_ADDRESS },
		{ .key = "cause.cpu", .type = FB_CELL_INT },
		{ .key = "cause.task.tid", .type = FB_CELL_INT },
		{ .key = "cause.task.pid", .type = FB_CELL_INT },
		{ .key = "cause.task.comm", .type = FB_CELL_TEXT },
		{ .key = "cause.task.syscall", .type = FB_CELL_TEXT },
		{ .key = "cause.origin.kind", .type = FB_CELL_TEXT },
		{ .key = "cause.origin.id", .type = FB_CELL_INT },
		{ .key = "cause.origin.name", .type = FB_CELL_TEXT },
		{ .key = "cause.origin.function", .type = FB_CELL_ADDRESS },
		{ .key = "cause.origin.task.tid", .type = FB_CELL_INT },
		{ .key = "cause.origin.task.pid", .type = FB_CELL_INT },
		{ .key = "cause.origin.task.comm", .type = FB_CELL_TEXT },
		{ .key = "cause.origin.task.syscall", .type = FB_CELL_TEXT },
		{ .key = "cause.via.kind", .type = FB_CELL_TEXT },
		{ .key = "cause.via.id", .type = FB_CELL_INT },
		{ .key = "cause.via.name", .type = FB_CELL_TEXT },
		{ .key = "cause.inline", .type = FB_CELL_BOOL },
		{ .key = "cause.early", .type = FB_CELL_BOOL },
		{ .key = "quality", .type = FB_CELL_TEXT },
	},
};

/* ---- for programs ----------------------------------------------------------------------- */

/* Ids and descriptors are -1 where there is none. */
static struct fb_cell number_or_null(int32_t n)
{
	return n < 0 ? FB_NULL : FB_INT(n);
}

static struct fb_cell tid_or_null(const struct fb_task *task)
{
	return task ? FB_INT(task->tid) : FB_NULL;
}

static struct fb_cell pid_or_null(const struct fb_task *task)
{
	return task && task->pid > 0 ? FB_INT(task->pid) : FB_NULL;
}

static struct fb_cell comm_or_null(const struct fb_task *task)
{
	return FB_NAME(task ? task->comm : NULL);
}

static const char *state_name(char state)
{
	static const char *const names[128] = {
		['S'] = "S", ['D'] = "D", ['T'] = "T", ['t'] = "t", ['P'] = "P", ['I'] = "I",
	};

	return names[state & 0x7f];
}

static const char *via_subject(const struct fb_cause *c)
{
	if (c->via == FB_VIA_SIGNAL)
		return fb_signal_name(c->via_id);
	return c->task && c->task->tid == c->via_id ? c->task->comm : NULL;
}

/* A signal's number is not known where signal_generate was not recorded. */
static bool via_has_id(const struct fb_cause *c)
{
	return c->via_id > 0 && (c->via == FB_VIA_SIGNAL ||
				 (c->via >= FB_VIA_CHILD_EXIT && c->via <= FB_VIA_VFORK));
}

static const char *name_or_symbol(struct fb_report *r, const char *name, uint64_t function)
{
	return name || !function ? name : fb_report_symbol(r, function);
}

static void write_row(struct fb_report *r, const struct fb_blocking *b)
{
	const struct fb_cause *c = &b->cause;
	const struct fb_origin *o = &c->origin;

	fb_report_row(r, FB_INT(b->task->tid), pid_or_null(b->task), FB_NAME(b->comm),
		      FB_NAME(b->exe), FB_TIME(b->begin), FB_TIME(b->wake), FB_TIME(b->end),
		      FB_DURATION(fb_blocking_asleep(b)), FB_DURATION(fb_blocking_ready(b)),
		      FB_NAME(state_name(b->state)), FB_NAME(b->syscall), number_or_null(b->fd),
		      FB_NAME(fb_cause_kind_name(c->kind)), number_or_null(c->id),
		      FB_NAME(name_or_symbol(r, c->name, c->function)), FB_ADDRESS(c->function),
		      number_or_null(c->cpu), tid_or_null(c->task), pid_or_null(c->task),
		      comm_or_null(c->task), FB_NAME(c->syscall),
		      FB_NAME(fb_origin_kind_name(o->kind)), number_or_null(o->id),
		      FB_NAME(name_or_symbol(r, o->name, o->function)), FB_ADDRESS(o->function),
		      tid_or_null(o->task), pid_or_null(o->task), comm_or_null(o->task),
		      FB_NAME(o->syscall), FB_NAME(fb_via_name(c->via)),
		      via_has_id(c) ? FB_INT(c->via_id) : FB_NULL, FB_NAME(via_subject(c)),
		      FB_BOOL(c->is_inline), FB_BOOL(c->early),
		      FB_NAME(fb_quality_name(b->quality)));
}

/* ---- for people ------------------------------------------------------------------------- */

static void task_rows_free(void *data)
{
	struct task_rows *rows = data;

	g_array_free(rows->rows, TRUE);
	g_free(rows);
}

static struct task_rows *task_rows_get(struct blocking *a, const struct fb_task *task)
{
	struct task_rows *rows = g_hash_table_lookup(a->tasks, task);

	if (rows)
		return rows;
	rows = g_new0(struct task_rows, 1);
	rows->task = task;
	rows->rows = g_array_new(FALSE, FALSE, sizeof(struct row));
	g_hash_table_insert(a->tasks, (void *)task, rows);
	return rows;
}

static void keep_row(struct blocking *a, const struct fb_blocking *b)
{
	struct task_rows *rows = task_rows_get(a, b->task);
	struct row row = {
		.begin = b->begin,
		.asleep = fb_blocking_asleep(b),
		.ready = fb_blocking_ready(b),
		.syscall = b->syscall,
		.wakeup = wakeup_texts_get(a->wakeups, b),
	};

	if (row.asleep != FB_NS_NONE)
		rows->asleep += row.asleep;
	g_array_append_val(rows->rows, row);
}

static void report_task(struct blocking *a, const struct task_rows *rows)
{
	const char *name = rows->task->exe ? rows->task->exe : rows->task->comm;
	g_autofree char *title = NULL;

	if (name)
		title = g_strdup_printf("Blocking report for task %s [%d]", name, rows->task->tid);
	else
		title = g_strdup_printf("Blocking report for task tid %d", rows->task->tid);
	fb_report_table(a->report, a->with_ready ? &people_with_ready : &people, title);
	for (guint i = 0; i < rows->rows->len; i++) {
		const struct row *row = &g_array_index(rows->rows, struct row, i);

		g_string_assign(a->text, row->syscall ? "sys_" : "-");
		if (row->syscall)
			g_string_append(a->text, row->syscall);
		if (a->with_ready)
			fb_report_row(a->report, FB_TIME(row->begin), FB_DURATION(row->asleep),
				      FB_DURATION(row->ready), FB_TEXT(a->text->str),
				      FB_TEXT(row->wakeup));
		else
			fb_report_row(a->report, FB_TIME(row->begin), FB_DURATION(row->asleep),
				      FB_TEXT(a->text->str), FB_TEXT(row->wakeup));
	}
}

/* Longest asleep first. */
static int compare_tasks(const void *a, const void *b)
{
	const struct task_rows *x = a, *y = b;

	if (x->asleep != y->asleep)
		return x->asleep > y->asleep ? -1 : 1;
	if (x->task->tid != y->task->tid)
		return x->task->tid < y->task->tid ? -1 : 1;
	return x->task->generation < y->task->generation ? -1 : 1;
}

static void report_tasks(struct blocking *a)
{
	g_autoptr(GList) tasks = g_hash_table_get_values(a->tasks);

	tasks = g_list_sort(tasks, compare_tasks);
	for (const GList *task = tasks; task; task = task->next)
		report_task(a, task->data);
}

/* ---- the analysis ----------------------------------------------------------------------- */

static void blocking_init(void *self, struct fb_report *report)
{
	struct blocking *a = self;

	a->report = report;
	a->text = g_string_new(NULL);
	a->tasks = g_hash_table_new_full(NULL, NULL, NULL, task_rows_free);
	if (a->by_summary)
		a->summary = summary_new();
	else if (fb_report_for_people(report))
		a->wakeups = wakeup_texts_new(report);
	else
		fb_report_table(report, &programs, NULL);
}

static void blocking_blocking(void *self, const struct fb_blocking *b)
{
	struct blocking *a = self;

	fb_report_wait(a->report, b);
	if (a->summary)
		summary_add(a->summary, b);
	else if (fb_report_for_people(a->report))
		keep_row(a, b);
	else
		write_row(a->report, b);
}

static void blocking_report(void *self, struct fb_report *report)
{
	struct blocking *a = self;

	if (a->summary)
		summary_report(a->summary, report);
	else if (fb_report_for_people(report))
		report_tasks(a);
}

static void blocking_clear(void *self)
{
	struct blocking *a = self;

	if (!a->report)
		return;
	summary_free(a->summary);
	g_hash_table_destroy(a->tasks);
	wakeup_texts_free(a->wakeups);
	g_string_free(a->text, TRUE);
}

static const struct fb_option options[] = {
	{ "summary", "Statistics by system call and by cause instead of the waits",
	  offsetof(struct blocking, by_summary) },
	{ "ready", "In text: a column with the time from wakeup to running",
	  offsetof(struct blocking, with_ready) },
	{ NULL },
};

const struct fb_analysis fb_blocking_analysis = {
	.name = "blocking",
	.help = "who waited, where, and what ended it",
	.size = sizeof(struct blocking),
	.options = options,
	.init = blocking_init,
	.blocking = blocking_blocking,
	.report = blocking_report,
	.clear = blocking_clear,
};
