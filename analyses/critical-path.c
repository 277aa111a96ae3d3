/* SPDX-License-Identifier: MIT */
/*
 * critical-path.c - what the elapsed time of one task consisted of, waits followed to
 * whom they waited for. See docs/critical-path.md.
 */
#include <flightbox/analysis.h>
#include <flightbox/error.h>
#include <flightbox/history.h>
#include <flightbox/run.h>

#include "analyses/shared/explain.h"
#include "analyses/shared/path-row.h"

struct critical_path {
	bool by_summary;  /* options */
	uint64_t size;
	const struct fb_filter *filter;
	int32_t tid;
	struct fb_report *report;
	struct fb_history *history;
	struct path_shares *shares;
	GString *task, *cause; /* scratch */
};

/* A segment, or a wait that the path goes around. */
struct path_part {
	struct fb_segment segment;
	const char *state;
};

#define SEGMENT offsetof(struct path_part, segment)

static const struct fb_table people = {
	.columns = {
		{ .heading = "Start", FB_TIME_OF(struct path_part, segment.begin) },
		{ .heading = "Duration (ms)", FB_BY(DURATION, get_duration, SEGMENT) },
		{ .heading = "Task", FB_BY(TEXT, get_who, SEGMENT) },
		{ .heading = "State", FB_NAME_OF(struct path_part, state) },
		{ .heading = "Syscall", SYSCALL_OF(struct path_part, segment.syscall) },
		{ .heading = "Cause", FB_BY(TEXT, get_end, SEGMENT) },
	},
};

static const struct fb_table programs = {
	.type = "segment",
	.columns = {
		TASK_COLUMNS("", struct fb_segment, task, SEGMENT),
		{ .key = "begin", FB_TIME_OF(struct path_part, segment.begin) },
		{ .key = "end", FB_TIME_OF(struct path_part, segment.end) },
		{ .key = "state", FB_NAME_OF(struct path_part, state) },
		{ .key = "syscall", FB_NAME_OF(struct path_part, segment.syscall) },
		PATH_CAUSE_COLUMNS("", struct fb_segment, SEGMENT),
		HELD_COLUMNS("", struct path_part, segment.held, 0),
		{ .key = "depth", FB_UINT_OF(struct path_part, segment.depth) },
		{ .key = "unknown",
		  FB_OF(TEXT, get_unknown, enum fb_unknown, struct path_part, segment.unknown) },
	},
};

static struct fb_cell get_share_task(struct fb_report *r, const void *task)
{
	const struct fb_task *of = *(const struct fb_task *const *)task;
	GString *to = fb_report_scratch(r);

	if (!fb_report_for_people(r))
		return FB_NAME(of->comm);
	path_task(of, to);
	return FB_TEXT(to->str);
}

static struct fb_cell get_share_syscall(struct fb_report *r, const void *syscall)
{
	return (fb_report_for_people(r) ? get_syscall : fb_get_name)(r, syscall);
}

#define SHARE_OF(cell_type, getter, member_type, member) \
	FB_OF(cell_type, getter, member_type, struct share_row, share.member)

static const struct fb_table summary = {
	.type = "path_share",
	.columns = {
		{ .key = "tid", FB_TID_OF(struct share_row, share.task) },
		{ .key = "pid", FB_PID_OF(struct share_row, share.task) },
		{ .key = "comm", .heading = "Task",
		  SHARE_OF(TEXT, get_share_task, const struct fb_task *, task) },
		{ .key = "state", .heading = "State", FB_BY(TEXT, get_share_state) },
		{ .key = "syscall", .heading = "Syscall",
		  SHARE_OF(TEXT, get_share_syscall, const char *, syscall) },
		{ .key = "count", .heading = "N", FB_BY(INT, get_share_count) },
		{ .key = "sum", .heading = "Sum (ms)", FB_BY(DURATION, get_share_sum) },
		{ .key = "share", .heading = "%", FB_BY(PERCENT, get_share_percent) },
	},
};

/* ---- segments --------------------------------------------------------------------------- */

static void on_segment(const struct fb_segment *s, void *data)
{
	struct critical_path *a = data;

	path_shares_add(a->shares, s);
	if (!a->by_summary)
		fb_report_row(a->report,
			      &(const struct path_part){ *s, fb_state_name(s->state) });
}

static void on_around(const struct fb_segment *s, void *data)
{
	struct critical_path *a = data;

	if (!a->by_summary && fb_report_for_people(a->report))
		fb_report_row(a->report, &(const struct path_part){
						 *s, s->is_birth ? "not born" : "waits" });
}

static const struct fb_path_funcs funcs = { .segment = on_segment, .around = on_around };

/* ---- a graph ---------------------------------------------------------------------------- */

/* "waits in sys_read\n52.4 ms\nSOFTIRQ NET_RX by serverB [213] in sys_write" */
static void label_node(struct critical_path *a, const struct link *link)
{
	const struct fb_segment *s = &link->segment;

	g_string_assign(a->cause, link->kind == LINK_WAIT ? "waits" :
				  link->kind == LINK_BIRTH ? "not born" : fb_state_name(s->state));
	if (s->syscall)
		g_string_append_printf(a->cause, " in sys_%s", s->syscall);
	g_string_append_c(a->cause, '\n');
	fb_report_ms(a->report, s->end - s->begin, a->cause);
	if (s->cause)
		g_string_append_c(a->cause, '\n');
	path_cause(a->report, s->cause, a->cause);
}

/* What leads from one link to the next; NULL: the same task goes on. */
static const char *edge_label(const struct link *from, const struct link *to)
{
	if (from->kind == LINK_WAIT)
		return "for";
	return to->segment.depth < from->segment.depth ? "wakes" : NULL;
}

/* A node for each link, in the order of time; waits lead to what stands in for them. */
static void draw(struct critical_path *a, const struct explanation *e)
{
	for (guint i = 0; i < e->chain->len; i++) {
		const struct link *link = &g_array_index(e->chain, struct link, i);

		g_string_assign(a->task, "");
		path_task(link->segment.task, a->task);
		label_node(a, link);
		fb_report_table(a->report, &fb_graph_nodes, NULL);
		fb_report_row(a->report,
			      &(const struct fb_graph_node){ i, link->segment.task->number,
							     a->task->str, a->cause->str });
		if (!i)
			continue;
		fb_report_table(a->report, &fb_graph_edges, NULL);
		fb_report_row(a->report, &(const struct fb_graph_edge){
						 i - 1, i, edge_label(link - 1, link) });
	}
}

static void draw_path(struct critical_path *a, const struct fb_task *task, fb_ns begin, fb_ns end)
{
	struct explanation *e = explanation_new(a->history, task, begin, end, EXPLAIN_GRAPH);

	draw(a, e);
	explanation_free(e);
}

/* ---- the analysis ----------------------------------------------------------------------- */

static bool critical_path_select(void *self, const struct fb_filter *filter, GError **error)
{
	struct critical_path *a = self;

	if (filter->comm || filter->min_duration) {
		g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
			    "critical-path takes neither --comm nor --min-duration: it is of one task, all its time");
		return false;
	}
	if (filter->n_tids + filter->n_pids != 1) {
		g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
			    "critical-path follows one task: give one --tid, or the --pid of its process");
		return false;
	}
	a->filter = filter;
	a->tid = filter->n_tids ? filter->tids[0] : filter->pids[0];
	return true;
}

static fb_ns needed_since(void *data, fb_ns until, bool is_full)
{
	const struct critical_path *a = data;

	(void)until;
	(void)is_full;
	return a->filter->has_begin ? a->filter->begin : INT64_MIN;
}

static void critical_path_init(void *self, struct fb_report *report)
{
	struct critical_path *a = self;
	const struct fb_history_options options = {
		.size = a->size, .needed_since = needed_since, .data = a };

	a->report = report;
	a->history = fb_history_new(&options);
	a->shares = path_shares_new();
	a->task = g_string_new(NULL);
	a->cause = g_string_new(NULL);
}

static size_t critical_path_observe(void *self, struct fb_observer *observers)
{
	const struct critical_path *a = self;

	observers[0] = fb_history_observer(a->history);
	return 1;
}

static void report_summary(struct critical_path *a)
{
	const struct path_share *shares;
	size_t n;
	fb_ns sum;

	fb_report_table(a->report, &summary, "Where the time went");
	shares = path_shares_sort(a->shares, &n, &sum);
	for (size_t i = 0; i < n; i++) {
		const struct share_row row = share_row_of(&shares[i], sum);

		fb_report_row(a->report, &row);
	}
}

/* False: nothing is known of the task, or not in the part that is wanted. */
static bool report_path(struct critical_path *a, const struct fb_task *task)
{
	const struct fb_filter *f = a->filter;
	g_autoptr(GString) title = g_string_new("Critical path of task ");
	fb_ns begin, end;

	fb_history_life(a->history, task, &begin, &end);
	if (f->has_begin)
		begin = MAX(begin, f->begin);
	if (f->has_end)
		end = MIN(end, f->end);
	if (begin >= end)
		return false;
	if (fb_report_is_graph(a->report)) {
		draw_path(a, task, begin, end);
		return true;
	}
	fb_report_who(task->comm, task->exe, task->tid, title);
	if (!a->by_summary)
		fb_report_table(a->report, fb_report_for_people(a->report) ? &people : &programs,
				title->str);
	fb_history_path(a->history, task, begin, end, &funcs, a);
	report_summary(a);
	return true;
}

static void critical_path_report(void *self, struct fb_report *report)
{
	struct critical_path *a = self;
	const struct fb_task *task = fb_history_find_task(a->history, a->tid);

	if ((!task || !report_path(a, task)) && fb_report_for_people(report))
		fb_report_note(report, "Nothing is known of thread %d in that time: it did not live, or no event tells of it",
			       a->tid);
	path_cost(report, a->history);
}

static void critical_path_clear(void *self)
{
	struct critical_path *a = self;

	if (!a->report)
		return;
	fb_history_free(a->history);
	path_shares_free(a->shares);
	g_string_free(a->task, TRUE);
	g_string_free(a->cause, TRUE);
}

static const struct fb_option options[] = {
	{ "summary", "Only where the time went, not each segment",
	  offsetof(struct critical_path, by_summary) },
	{ "history", "How much of the past to keep in memory (default 192M)",
	  offsetof(struct critical_path, size), FB_OPTION_SIZE, .arg = "SIZE",
	  .initial = FB_HISTORY_SIZE },
	{ NULL },
};

const struct fb_analysis fb_critical_path_analysis = {
	.name = "critical-path",
	.help = "what the elapsed time of one task consisted of",
	.size = sizeof(struct critical_path),
	.options = options,
	.of_one_task = true,
	.graphs = true,
	.select = critical_path_select,
	.init = critical_path_init,
	.observe = critical_path_observe,
	.kinds = fb_history_kinds,
	.report = critical_path_report,
	.clear = critical_path_clear,
};
