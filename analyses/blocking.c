/* SPDX-License-Identifier: MIT */
/*
 * blocking.c - who waited, where, and what ended it.
 *
 * For programs every wait is written as it ends. People get one table per task,
 * the task that slept longest first; until the end a wait takes 40 bytes. Tasks of which
 * every wait is cut off by the begin or end of what was read, daemons mostly, share one
 * table below. With --summary no wait is kept at all, only what they have in common.
 */
#include <flightbox/analysis.h>
#include <flightbox/run.h>

#include "analyses/shared/blocking-summary.h"
#include "analyses/shared/captures.h"
#include "analyses/shared/packet-row.h"
#include "analyses/shared/ready-rows.h"
#include "analyses/shared/wait-row.h"
#include "analyses/shared/wakeup-texts.h"
#include "base/groups.h"

struct blocking_row {
	fb_ns begin;
	fb_ns asleep;       /* negative: at least that, no more is known */
	fb_ns ready;
	const char *syscall;
	const char *wakeup; /* of struct blocking.wakeups */
};

struct task_rows {
	const struct fb_task *task; /* the key */
	fb_ns asleep;       /* of all rows that are no edges */
	fb_ns edges;        /* what is known of the others */
	bool has_whole;     /* one of its waits was seen from begin to end */
	GArray *rows;       /* struct blocking_row */
	GPtrArray *packets; /* with --packets a text for each, or NULL */
};

struct blocking {
	bool by_summary, with_ready, ready_waits, with_packets; /* options */
	const struct fb_filter *filter;
	struct fb_report *report;
	struct waits_summary *summary;
	struct groups *tasks;         /* struct task_rows */
	struct wakeup_texts *wakeups;
	struct ready_rows *ready;     /* NULL unless asked for */
	struct fb_packets *packets;
};

/* As it is shown. */
struct shown {
	struct blocking_row row;
	const struct fb_task *task;
	const char *packet;
};

/* … and written. */
struct written {
	struct fb_blocking wait;
	struct packet_row packet;
};

/* A negative time asleep is the least that it was. */
static struct fb_cell get_known(struct fb_report *r, const void *shown)
{
	fb_ns asleep = ((const struct shown *)shown)->row.asleep;

	(void)r;
	return asleep < 0 && asleep != FB_NS_NONE ? FB_AT_LEAST(-asleep) : FB_DURATION(asleep);
}

static struct fb_cell get_task(struct fb_report *r, const void *shown)
{
	const struct fb_task *task = ((const struct shown *)shown)->task;
	GString *to = fb_report_scratch(r);

	fb_report_who(task->comm, task->exe, task->tid, to);
	return FB_TEXT(to->str);
}

#define WHEN_COLUMNS \
	{ .heading = "Start", FB_TIME_OF(struct shown, row.begin) }, \
	{ .heading = "Duration (ms)", FB_BY(DURATION, get_known) }
#define READY_COLUMN { .heading = "Ready (ms)", FB_DURATION_OF(struct shown, row.ready) }
#define TASK_COLUMN { .heading = "Task", FB_BY(TEXT, get_task) }
#define WHAT_COLUMNS \
	{ .heading = "Syscall", SYSCALL_OF(struct shown, row.syscall) }, \
	{ .heading = "Wakeup", FB_TEXT_OF(struct shown, row.wakeup) }

#define PACKET_COLUMN { .heading = "Packet", FB_TEXT_OF(struct shown, packet) }

static const struct fb_table people[2][2][2] = { /* with ready times? with the tasks' names? with packets? */
	{ { { .columns = { WHEN_COLUMNS, WHAT_COLUMNS } },
	    { .columns = { WHEN_COLUMNS, WHAT_COLUMNS, PACKET_COLUMN } } },
	  { { .columns = { WHEN_COLUMNS, TASK_COLUMN, WHAT_COLUMNS } },
	    { .columns = { WHEN_COLUMNS, TASK_COLUMN, WHAT_COLUMNS, PACKET_COLUMN } } } },
	{ { { .columns = { WHEN_COLUMNS, READY_COLUMN, WHAT_COLUMNS } },
	    { .columns = { WHEN_COLUMNS, READY_COLUMN, WHAT_COLUMNS, PACKET_COLUMN } } },
	  { { .columns = { WHEN_COLUMNS, READY_COLUMN, TASK_COLUMN, WHAT_COLUMNS } },
	    { .columns = { WHEN_COLUMNS, READY_COLUMN, TASK_COLUMN, WHAT_COLUMNS,
			   PACKET_COLUMN } } } },
};

static const struct fb_table programs[2] = { /* with packets? */
	{ .type = "blocking", .columns = { WAIT_COLUMNS(0) } },
	{ .type = "blocking",
	  .columns = { WAIT_COLUMNS(offsetof(struct written, wait)),
		       PACKET_COLUMNS(offsetof(struct written, packet)) } },
};

static const struct fb_table *table_for_people(const struct blocking *a, bool with_tasks)
{
	return &people[a->with_ready][with_tasks][a->with_packets];
}

static const struct fb_table *table_for_programs(const struct blocking *a)
{
	return &programs[a->with_packets];
}

/* ---- for people ------------------------------------------------------------------------- */

static void task_rows_clear(void *data)
{
	struct task_rows *rows = data;

	g_array_free(rows->rows, TRUE);
	g_clear_pointer(&rows->packets, g_ptr_array_unref);
}

static struct task_rows *task_rows_get(struct blocking *a, const struct fb_task *task)
{
	struct task_rows *rows = groups_get(a->tasks, &task, sizeof(task));

	if (!rows->rows)
		rows->rows = g_array_new(FALSE, FALSE, sizeof(struct blocking_row));
	return rows;
}

/* One of which something is missing. */
static G_NO_INLINE void keep_part(struct task_rows *rows, const struct fb_blocking *b,
				  struct blocking_row *row)
{
	fb_ns known = fb_blocking_known(b);

	if (row->asleep == FB_NS_NONE && known != FB_NS_NONE)
		row->asleep = -known;
	if (known != FB_NS_NONE)
		rows->edges += known;
	rows->has_whole |= b->begin != FB_NS_NONE && b->end != FB_NS_NONE;
}

static void keep_packet(struct blocking *a, struct task_rows *rows, const struct fb_blocking *b)
{
	const struct fb_packet *packet = fb_packets_of(a->packets, b);
	GString *text = packet ? g_string_new(NULL) : NULL;

	if (!rows->packets)
		rows->packets = g_ptr_array_new_with_free_func(g_free);
	if (packet)
		packet_line(packet, b, text);
	g_ptr_array_add(rows->packets, packet ? g_string_free(text, FALSE) : NULL);
}

static void keep_row(struct blocking *a, const struct fb_blocking *b)
{
	struct task_rows *rows = task_rows_get(a, b->task);
	struct blocking_row row = {
		.begin = b->begin,
		.asleep = fb_blocking_asleep(b),
		.ready = fb_blocking_ready(b),
		.syscall = b->syscall,
		.wakeup = wakeup_texts_get(a->wakeups, b),
	};

	if (G_UNLIKELY(row.asleep == FB_NS_NONE || row.ready == FB_NS_NONE ||
		       b->quality == FB_QUALITY_EDGE)) {
		keep_part(rows, b, &row);
	} else {
		rows->asleep += row.asleep;
		rows->has_whole = true;
	}
	g_array_append_val(rows->rows, row);
	if (a->packets)
		keep_packet(a, rows, b);
}

static void report_rows(struct blocking *a, const struct task_rows *rows)
{
	for (guint i = 0; i < rows->rows->len; i++) {
		const struct shown shown = { g_array_index(rows->rows, struct blocking_row, i),
					     rows->task,
					     rows->packets ? rows->packets->pdata[i] : NULL };

		fb_report_row(a->report, &shown);
	}
}

static void report_task(struct blocking *a, const struct task_rows *rows)
{
	g_autoptr(GString) title = g_string_new("Blocking report for task ");

	fb_report_who(rows->task->comm, rows->task->exe, rows->task->tid, title);
	fb_report_table(a->report, table_for_people(a, false), title->str);
	report_rows(a, rows);
}

/* Those with whole waits first; the longest asleep first. */
static int compare_tasks(const void *a, const void *b)
{
	const struct task_rows *x = a, *y = b;

	if (x->has_whole != y->has_whole)
		return x->has_whole ? -1 : 1;
	if (x->asleep != y->asleep)
		return x->asleep > y->asleep ? -1 : 1;
	if (x->edges != y->edges)
		return x->edges > y->edges ? -1 : 1;
	if (x->task->tid != y->task->tid)
		return x->task->tid < y->task->tid ? -1 : 1;
	return x->task->generation < y->task->generation ? -1 : 1;
}

static void report_tasks(struct blocking *a)
{
	g_autoptr(GPtrArray) tasks = groups_sorted(a->tasks, compare_tasks);
	guint i = 0;

	for (; i < tasks->len && ((const struct task_rows *)tasks->pdata[i])->has_whole; i++)
		report_task(a, tasks->pdata[i]);
	if (i < tasks->len)
		fb_report_table(a->report, table_for_people(a, true),
				"Tasks with no wait seen from begin to end");
	for (; i < tasks->len; i++)
		report_rows(a, tasks->pdata[i]);
}

/* ---- the analysis ----------------------------------------------------------------------- */

static bool blocking_select(void *self, const struct fb_filter *filter, GError **error)
{
	struct blocking *a = self;

	(void)error;
	a->filter = filter;
	return true;
}

static bool wants_ready_waits(const void *self)
{
	const struct blocking *a = self;

	return a->ready_waits && !a->by_summary;
}

static bool wants_packets(const struct blocking *a)
{
	return a->with_packets && !a->by_summary;
}

/* More than the waits. */
static bool blocking_looks(const void *self)
{
	return wants_ready_waits(self) || wants_packets(self);
}

static uint64_t blocking_kinds(void)
{
	return ready_rows_kinds() | fb_packets_kinds();
}

static void blocking_init(void *self, struct fb_report *report)
{
	struct blocking *a = self;

	a->report = report;
	if (wants_ready_waits(a))
		a->ready = ready_rows_new(report, a->filter);
	if (wants_packets(a))
		a->packets = fb_packets_new();
	a->tasks = groups_new(sizeof(struct task_rows), sizeof(const struct fb_task *),
			      task_rows_clear);
	if (a->by_summary)
		a->summary = summary_new();
	else if (fb_report_for_people(report))
		a->wakeups = wakeup_texts_new(report);
	else
		fb_report_table(report, table_for_programs(a), NULL);
}

/* A wait that is cut off is a row, but it would spoil a sum. */
static bool blocking_lists_edges(const void *self)
{
	return !((const struct blocking *)self)->by_summary;
}

static size_t blocking_observe(void *self, struct fb_observer *observers)
{
	const struct blocking *a = self;
	size_t n = 0;

	if (a->ready)
		observers[n++] = ready_rows_observer(a->ready);
	if (a->packets)
		observers[n++] = fb_packets_observer(a->packets);
	return n;
}

static void blocking_event(void *self, const struct fb_event *ev, const struct fb_kernel *k)
{
	const struct blocking *a = self;

	(void)k;
	if (a->ready && ev->kind == FB_EV_STATEDUMP_END)
		ready_rows_named(a->ready);
}

static void write_with_packet(struct blocking *a, const struct fb_blocking *b)
{
	struct written written = { .wait = *b };

	packet_row_fill(&written.packet, fb_packets_of(a->packets, b), b);
	fb_report_row(a->report, &written);
}

/* Rows of the other kind may stand before it. */
static void write_row(struct blocking *a, const struct fb_blocking *b)
{
	if (a->ready)
		fb_report_table(a->report, table_for_programs(a), NULL);
	if (a->packets)
		write_with_packet(a, b);
	else
		fb_report_row(a->report, b);
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
		write_row(a, b);
}

static void blocking_report(void *self, struct fb_report *report)
{
	struct blocking *a = self;

	if (a->summary)
		summary_report(a->summary, report);
	else if (fb_report_for_people(report))
		report_tasks(a);
	if (a->ready)
		ready_rows_report(a->ready);
	if (a->packets)
		captures_report(a->packets, report);
}

static void blocking_clear(void *self)
{
	struct blocking *a = self;

	if (!a->report)
		return;
	summary_free(a->summary);
	groups_free(a->tasks);
	wakeup_texts_free(a->wakeups);
	ready_rows_free(a->ready);
	fb_packets_free(a->packets);
}

static const struct fb_option options[] = {
	{ "summary", "Statistics by system call and by cause instead of the waits",
	  offsetof(struct blocking, by_summary) },
	{ "ready-waits", "Also waits for a CPU, and who had it meanwhile",
	  offsetof(struct blocking, ready_waits) },
	{ "packets", "The packet of the trace that ended each wait, and what the wait was for by that",
	  offsetof(struct blocking, with_packets) },
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
	.packets = true,
	.select = blocking_select,
	.looks = blocking_looks,
	.kinds = blocking_kinds,
	.init = blocking_init,
	.observe = blocking_observe,
	.event = blocking_event,
	.blocking = blocking_blocking,
	.lists_edges = blocking_lists_edges,
	.report = blocking_report,
	.clear = blocking_clear,
};
