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
#include "wait-row.h"
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
		WAIT_COLUMNS,
	},
};

/* ---- for programs ----------------------------------------------------------------------- */

static void write_row(struct fb_report *r, const struct fb_blocking *b)
{
	struct fb_cell cells[WAIT_CELLS];

	wait_cells(r, b, cells);
	fb_report_cells(r, cells, WAIT_CELLS);
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
	.saves = true,
	.init = blocking_init,
	.blocking = blocking_blocking,
	.report = blocking_report,
	.clear = blocking_clear,
};
