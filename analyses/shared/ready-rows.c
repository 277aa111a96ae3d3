/* SPDX-License-Identifier: MIT */
/* ready-rows.c - waits for a CPU as rows. */
#include "analyses/shared/ready-rows.h"
#include "analyses/shared/holder-row.h"
#include "analyses/shared/ready.h"
#include "analyses/shared/wait-row.h"
#include "base/groups.h"

#define SHOWN_HOLDERS 3     /* in text */
#define HELD_MAX      65536 /* whose names are not known yet */

/* As it is shown to people. */
struct ready_text {
	fb_ns begin;
	fb_ns time;     /* negative: at least that, it was not seen to run any more */
	const char *how, *syscall;
	int32_t cpu;
	const char *had;
};

struct ready_task {
	const struct fb_task *task; /* the key */
	fb_ns time;
	GArray *texts;              /* struct ready_text */
};

struct ready_rows {
	struct fb_report *report;
	const struct fb_filter *filter;
	struct ready_waits *waits;
	bool by_name, is_early;     /* see latency.c: rows whose names may yet be told are held back */
	GArray *held;               /* struct ready; what they point to is their own */
	struct groups *tasks;       /* struct ready_task */
};

/* ---- in words --------------------------------------------------------------------------- */

/* "hog [203] 62.1 ms, NET_RX 0.3 ms, 2 others 0.1 ms" */
static char *had_text(struct fb_report *r, const struct ready *ready)
{
	GString *to = g_string_new(NULL);
	fb_ns rest = 0;

	if (ready->bar)
		g_string_append_printf(to, "%s: ", ready_bar_words(ready->bar));
	for (size_t i = 0; i < ready->n_had; i++) {
		const struct holding *h = &ready->had[i];

		if (i >= SHOWN_HOLDERS && ready->n_had > SHOWN_HOLDERS + 1) {
			rest += h->time;
			continue;
		}
		if (i)
			g_string_append(to, ", ");
		holder_words(r, &h->who, to);
		g_string_append_c(to, ' ');
		fb_report_ms(r, h->time, to);
	}
	if (rest) {
		g_string_append_printf(to, ", %zu others ", ready->n_had - SHOWN_HOLDERS);
		fb_report_ms(r, rest, to);
	}
	return g_string_free(to, FALSE);
}

/* ---- the tables ------------------------------------------------------------------------- */

static struct fb_cell get_time(struct fb_report *r, const void *text)
{
	fb_ns time = ((const struct ready_text *)text)->time;

	(void)r;
	return time < 0 ? FB_AT_LEAST(-time) : FB_DURATION(time);
}

static const struct fb_table people = {
	.columns = {
		{ .heading = "Start", FB_TIME_OF(struct ready_text, begin) },
		{ .heading = "Ready (ms)", FB_BY(DURATION, get_time) },
		{ .heading = "Since it was", FB_NAME_OF(struct ready_text, how) },
		{ .heading = "Syscall", SYSCALL_OF(struct ready_text, syscall) },
		{ .heading = "CPU", FB_ID_OF(struct ready_text, cpu) },
		{ .heading = "Who had the CPU", FB_TEXT_OF(struct ready_text, had) },
	},
};

/* A row, with what its list is made of. */
struct ready_row {
	struct ready ready;
	struct fb_list had;
};

static struct fb_cell get_how(struct fb_report *r, const void *how)
{
	(void)r;
	return FB_NAME(ready_how_name(*(const enum ready_how *)how));
}

static struct fb_cell get_bar(struct fb_report *r, const void *bar)
{
	(void)r;
	return FB_NAME(ready_bar_name(*(const enum ready_bar *)bar));
}

static struct fb_cell get_whole(struct fb_report *r, const void *row)
{
	const struct ready *ready = row;

	(void)r;
	return ready->end == FB_NS_NONE ? FB_NULL : FB_DURATION(ready->end - ready->begin);
}

static struct fb_cell get_ready_quality(struct fb_report *r, const void *row)
{
	const struct ready *ready = row;

	(void)r;
	return FB_NAME(fb_quality_name(ready->end == FB_NS_NONE ? FB_QUALITY_EDGE :
				       ready->is_lost		? FB_QUALITY_LOST :
								  FB_QUALITY_EXACT));
}

#define IDLE_CPU_COLUMNS                                                                           \
	{ .key = "idle_elsewhere.cpu", FB_ID_OF(struct ready_row, ready.idle_cpu) },               \
	{ .key = "idle_elsewhere.time", FB_DURATION_OF(struct ready_row, ready.idle_elsewhere) }

static const struct fb_table programs = {
	.type = "ready",
	.columns = {
		TASK_COLUMNS("", struct ready_row, ready.task, 0),
		{ .key = "exe", FB_NAME_OF(struct ready_row, ready.exe) },
		{ .key = "begin", FB_TIME_OF(struct ready_row, ready.begin) },
		{ .key = "end", FB_TIME_OF(struct ready_row, ready.end) },
		{ .key = "ready", FB_BY(DURATION, get_whole) },
		{ .key = "how", FB_OF(TEXT, get_how, enum ready_how, struct ready_row, ready.how) },
		{ .key = "syscall", FB_NAME_OF(struct ready_row, ready.syscall) },
		{ .key = "priority", FB_OF(INT, get_priority, int16_t, struct ready_row, ready.priority) },
		{ .key = "cpu", FB_ID_OF(struct ready_row, ready.cpu) },
		{ .key = "ran_on", FB_ID_OF(struct ready_row, ready.ran_on) },
		{ .key = "had_cpu", FB_LIST_OF(struct ready_row, had) },
		IDLE_CPU_COLUMNS,
		{ .key = "bar", FB_OF(TEXT, get_bar, enum ready_bar, struct ready_row, ready.bar) },
		{ .key = "quality", FB_BY(TEXT, get_ready_quality) },
	},
};

/* ---- rows ------------------------------------------------------------------------------- */

static void task_clear(void *data)
{
	struct ready_task *task = data;

	for (guint i = 0; task->texts && i < task->texts->len; i++)
		g_free((char *)g_array_index(task->texts, struct ready_text, i).had);
	if (task->texts)
		g_array_free(task->texts, TRUE);
}

static void keep(struct ready_rows *rows, const struct ready *ready)
{
	struct ready_task *task = groups_get(rows->tasks, &ready->task, sizeof(ready->task));
	fb_ns time = ready->until - ready->begin;
	struct ready_text text = {
		.begin = ready->begin,
		.time = ready->end == FB_NS_NONE ? -time : time,
		.how = ready_how_name(ready->how),
		.syscall = ready->syscall,
		.cpu = ready->cpu,
		.had = had_text(rows->report, ready),
	};

	if (!task->texts)
		task->texts = g_array_new(FALSE, FALSE, sizeof(struct ready_text));
	task->time += time;
	g_array_append_val(task->texts, text);
}

static void write_row(struct ready_rows *rows, const struct ready *ready)
{
	struct ready_row row = { *ready, { &holder_list, ready->had, ready->n_had, sizeof(*ready->had) } };

	fb_report_table(rows->report, &programs, NULL);
	fb_report_row(rows->report, &row);
}

static void take(struct ready_rows *rows, const struct ready *ready)
{
	const struct fb_blocking as = { .task = ready->task, .comm = ready->comm, .exe = ready->exe,
					.begin = ready->begin, .wake = ready->until,
					.end = ready->until };

	if (!fb_filter_matches(rows->filter, &as))
		return;
	if (fb_report_for_people(rows->report))
		keep(rows, ready);
	else
		write_row(rows, ready);
}

static void release(struct ready_rows *rows)
{
	for (guint i = 0; i < rows->held->len; i++) {
		struct ready *ready = &g_array_index(rows->held, struct ready, i);

		ready->comm = ready->task->comm;
		ready->exe = ready->task->exe;
		take(rows, ready);
		g_free((struct holding *)ready->had);
	}
	g_array_set_size(rows->held, 0);
}

static void on_ready(const struct ready *ready, void *data)
{
	struct ready_rows *rows = data;
	struct ready held = *ready;

	if (!rows->by_name || (!rows->is_early && ready->task->tid >= 0)) {
		take(rows, ready);
		return;
	}
	held.had = g_memdup2(ready->had, ready->n_had * sizeof(*ready->had));
	g_array_append_val(rows->held, held);
	if (rows->held->len == HELD_MAX)
		release(rows);
}

static const char *symbol(void *data, uint64_t address)
{
	const struct ready_rows *rows = data;

	return fb_report_symbol(rows->report, address);
}

static int compare_tasks(const void *a, const void *b)
{
	const struct ready_task *x = a, *y = b;

	if (x->time != y->time)
		return x->time > y->time ? -1 : 1;
	return x->task->number < y->task->number ? -1 : 1;
}

static void report_task(struct ready_rows *rows, const struct ready_task *task)
{
	g_autoptr(GString) title = g_string_new("Waits for a CPU of task ");

	fb_report_who(task->task->comm, task->task->exe, task->task->tid, title);
	fb_report_table(rows->report, &people, title->str);
	for (guint i = 0; i < task->texts->len; i++)
		fb_report_row(rows->report, &g_array_index(task->texts, struct ready_text, i));
}

/* ---- their life ------------------------------------------------------------------------- */

struct ready_rows *ready_rows_new(struct fb_report *report, const struct fb_filter *filter)
{
	struct ready_rows *rows = g_new0(struct ready_rows, 1);

	rows->report = report;
	rows->filter = filter;
	rows->by_name = filter->n_pids || filter->n_tids || filter->comm;
	rows->is_early = true;
	rows->waits = ready_waits_new(filter->min_duration, 0, on_ready, symbol, rows);
	rows->held = g_array_new(FALSE, FALSE, sizeof(struct ready));
	rows->tasks = groups_new(sizeof(struct ready_task), sizeof(const struct fb_task *), task_clear);
	return rows;
}

void ready_rows_free(struct ready_rows *rows)
{
	if (!rows)
		return;
	ready_waits_free(rows->waits);
	g_array_free(rows->held, TRUE);
	groups_free(rows->tasks);
	g_free(rows);
}

struct fb_observer ready_rows_observer(struct ready_rows *rows)
{
	return ready_waits_observer(rows->waits);
}

uint64_t ready_rows_kinds(void)
{
	return ready_waits_kinds();
}

void ready_rows_named(struct ready_rows *rows)
{
	rows->is_early = false;
	release(rows);
}

void ready_rows_report(struct ready_rows *rows)
{
	g_autoptr(GPtrArray) tasks = NULL;

	ready_waits_finish(rows->waits);
	release(rows);
	tasks = groups_sorted(rows->tasks, compare_tasks);
	for (guint i = 0; i < tasks->len; i++)
		report_task(rows, tasks->pdata[i]);
}
