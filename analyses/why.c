/* SPDX-License-Identifier: MIT */
/*
 * why.c - the longest waits, each explained: who waited for whom, what the time consisted
 * of, and the root cause in one sentence. See docs/critical-path.md.
 *
 * A wait is explained at the end, or before the history may drop its begin.
 */
#include <flightbox/analysis.h>
#include <flightbox/history.h>
#include <flightbox/run.h>
#include <flightbox/times.h>

#include "analyses/shared/explain.h"
#include "base/glob.h"
#include "analyses/shared/wait-row.h"

struct why {
	int top;  /* options */
	fb_ns at;
	const char *syscall, *cause;
	uint64_t size;
	struct fb_filter who;  /* the part of the filter that chooses tasks */
	struct fb_report *report;
	struct fb_history *history;
	GArray *waits;  /* struct wait, the longest first */
	uint64_t unknown; /* waits of unknown duration */
	GString *task, *scratch, *words;
};

struct wait {
	struct fb_blocking blocking;
	fb_ns asleep;
	struct explanation *explanation; /* NULL: not yet */
};

/* ---- which waits ------------------------------------------------------------------------ */

static bool matches(const char *glob, const char *text)
{
	g_autofree char *lower = text ? g_ascii_strdown(text, -1) : NULL;

	return lower && glob_matches(glob, lower);
}

/* --cause: a kind, or the name of what did it, with no regard to case. */
static bool has_cause(struct why *a, const struct fb_cause *c)
{
	g_autofree char *glob = g_ascii_strdown(a->cause, -1);

	return matches(glob, fb_cause_kind_name(c->kind)) || matches(glob, fb_via_name(c->via)) ||
	       matches(glob, wait_name(a->report, c->name, c->function));
}

static bool is_wanted(struct why *a, const struct fb_blocking *b)
{
	if (a->syscall && (!b->syscall || !glob_matches(a->syscall, b->syscall)))
		return false;
	if (a->at != FB_NS_NONE && (a->at < b->begin || a->at > b->end))
		return false;
	return !a->cause || has_cause(a, &b->cause);
}

static struct wait *wait_at(const struct why *a, guint i)
{
	return &g_array_index(a->waits, struct wait, i);
}

static void why_blocking(void *self, const struct fb_blocking *b)
{
	struct why *a = self;
	struct wait wait = { .blocking = *b, .asleep = fb_blocking_asleep(b) };
	guint place = a->waits->len;

	if (wait.asleep == FB_NS_NONE)
		a->unknown += is_wanted(a, b);
	/* A wait of no duration has nothing to explain. */
	if (wait.asleep == FB_NS_NONE || wait.asleep == 0)
		return;
	if (place == (guint)a->top && wait.asleep <= wait_at(a, place - 1)->asleep)
		return;
	if (!is_wanted(a, b))
		return;
	while (place > 0 && wait_at(a, place - 1)->asleep < wait.asleep)
		place--;
	if (a->waits->len == (guint)a->top) {
		explanation_free(wait_at(a, a->top - 1)->explanation);
		g_array_set_size(a->waits, a->top - 1);
	}
	g_array_insert_val(a->waits, place, wait);
}

static void explain(struct why *a, struct wait *wait)
{
	const struct fb_blocking *b = &wait->blocking;

	if (!wait->explanation)
		wait->explanation = explanation_new(a->history, b->task, b->begin, b->wake,
						    false);
}

static bool is_of_wanted(const struct fb_task *task, void *data)
{
	const struct why *a = data;
	const struct fb_blocking b = { .task = task, .comm = task->comm, .exe = task->exe };

	return fb_filter_matches(&a->who, &b);
}

/*
 * Waits under way may be among the longest in the end. Of the others those that are now
 * are explained.
 */
static fb_ns needed_since(void *data, fb_ns until, bool is_full)
{
	struct why *a = data;
	fb_ns since = fb_history_waits_since(a->history, is_of_wanted, data);

	if (since < until && !is_full)
		return since;
	for (guint i = 0; i < a->waits->len; i++)
		if (wait_at(a, i)->blocking.begin < until)
			explain(a, wait_at(a, i));
	return since;
}

/* ---- for people ------------------------------------------------------------------------- */

static const struct fb_table people_chain = {
	.columns = {
		{ .heading = "Start", .type = FB_CELL_TIME },
		{ .heading = "Duration (ms)", .type = FB_CELL_DURATION },
		{ .heading = "%", .type = FB_CELL_PERCENT },
		{ .heading = "Who waited for whom", .type = FB_CELL_TEXT },
		{ .heading = "State", .type = FB_CELL_TEXT },
		{ .heading = "Syscall", .type = FB_CELL_TEXT },
		{ .heading = "Ended by", .type = FB_CELL_TEXT },
	},
};

static const struct fb_table people_breakdown = {
	.columns = {
		{ .heading = "%", .type = FB_CELL_PERCENT },
		{ .heading = "Sum (ms)", .type = FB_CELL_DURATION },
		{ .heading = "N", .type = FB_CELL_INT },
		{ .heading = "What it consisted of", .type = FB_CELL_TEXT },
		{ .heading = "State", .type = FB_CELL_TEXT },
		{ .heading = "Syscall", .type = FB_CELL_TEXT },
	},
};

static const char *link_state(const struct link *link)
{
	if (link->kind == LINK_WAIT)
		return "waits";
	return link->kind == LINK_BIRTH ? "not born" : fb_state_name(link->segment.state);
}

static void report_link(struct why *a, const struct explanation *e, const struct link *link)
{
	const struct fb_segment *s = &link->segment;

	fb_report_row(a->report, FB_TIME(s->begin), FB_DURATION(s->end - s->begin),
		      FB_PERCENT(s->end - s->begin, e->asleep), path_who(s, a->task),
		      FB_TEXT(link_state(link)), FB_TEXT(path_syscall(s->syscall, a->scratch)),
		      path_end(a->report, s, a->words));
}

static void report_share(struct why *a, const struct explanation *e, const struct path_share *s)
{
	g_string_assign(a->task, "");
	path_task(s->task, a->task);
	fb_report_row(a->report, FB_PERCENT(s->sum, e->asleep), FB_DURATION(s->sum), FB_INT(s->n),
		      FB_TEXT(a->task->str), FB_TEXT(fb_state_name(s->state)),
		      FB_TEXT(path_syscall(s->syscall, a->scratch)));
}

/* The shares down to half a percent, then all others in one line. */
static void report_breakdown(struct why *a, const struct explanation *e)
{
	fb_ns sum, shown = 0;
	size_t n, i;
	const struct path_share *shares = path_shares_sort(e->shares, &n, &sum);
	uint64_t rest = 0;

	fb_report_table(a->report, &people_breakdown, NULL);
	for (i = 0; i < n && (i < 2 || shares[i].sum * 200 >= sum); i++) {
		report_share(a, e, &shares[i]);
		shown += shares[i].sum;
	}
	for (; i < n; i++)
		rest += shares[i].n;
	if (rest)
		fb_report_row(a->report, FB_PERCENT(sum - shown, sum), FB_DURATION(sum - shown),
			      FB_INT(rest), FB_TEXT("others"), FB_NULL, FB_NULL);
}

static void report_root(struct why *a, const struct explanation *e)
{
	g_string_assign(a->words, "Root: ");
	if (explanation_root(a->report, e, a->words))
		fb_report_note(a->report, "%s", a->words->str);
}

static void report_for_people(struct why *a, const struct wait *wait, guint number)
{
	const struct fb_blocking *b = &wait->blocking;
	const struct explanation *e = wait->explanation;

	g_string_printf(a->words, "%u. ", number);
	path_task(b->task, a->words);
	g_string_append(a->words, " waited ");
	fb_report_ms(a->report, wait->asleep, a->words);
	if (b->syscall)
		g_string_append_printf(a->words, " in %s", b->syscall);
	g_string_append(a->words, ", woken by ");
	fb_report_wakeup(a->report, b, a->words);
	fb_report_table(a->report, &people_chain, a->words->str);
	for (guint i = 0; i < e->chain->len; i++)
		report_link(a, e, &g_array_index(e->chain, struct link, i));
	if (e->left_out)
		fb_report_note(a->report, "%" G_GUINT64_FORMAT " shorter part%s not shown",
			       e->left_out, e->left_out == 1 ? " is" : "s are");
	report_breakdown(a, e);
	report_root(a, e);
}

/* ---- for programs ----------------------------------------------------------------------- */

#define CAUSE_COLUMNS(in)                                                                          \
	{ .key = in "cause.kind", .type = FB_CELL_TEXT },                                          \
	{ .key = in "cause.id", .type = FB_CELL_INT },                                             \
	{ .key = in "cause.name", .type = FB_CELL_TEXT },                                          \
	{ .key = in "cause.tid", .type = FB_CELL_INT }

#define SHARE_COLUMNS(in)                                                                          \
	{ .key = in "tid", .type = FB_CELL_INT },                                                  \
	{ .key = in "pid", .type = FB_CELL_INT },                                                  \
	{ .key = in "comm", .type = FB_CELL_TEXT },                                                \
	{ .key = in "state", .type = FB_CELL_TEXT },                                               \
	{ .key = in "syscall", .type = FB_CELL_TEXT },                                             \
	{ .key = in "count", .type = FB_CELL_INT },                                                \
	{ .key = in "sum", .type = FB_CELL_DURATION },                                             \
	{ .key = in "share", .type = FB_CELL_PERCENT },                                            \
	CAUSE_COLUMNS(in)

static const struct fb_table chain_list = {
	.columns = {
		{ .key = "tid", .type = FB_CELL_INT },
		{ .key = "pid", .type = FB_CELL_INT },
		{ .key = "comm", .type = FB_CELL_TEXT },
		{ .key = "begin", .type = FB_CELL_TIME },
		{ .key = "end", .type = FB_CELL_TIME },
		{ .key = "depth", .type = FB_CELL_INT },
		{ .key = "kind", .type = FB_CELL_TEXT },
		{ .key = "state", .type = FB_CELL_TEXT },
		{ .key = "syscall", .type = FB_CELL_TEXT },
		CAUSE_COLUMNS(""),
	},
};

enum { CHAIN_CELLS = 13, SHARE_CELLS = 12 };

static const struct fb_table breakdown_list = {
	.columns = {
		SHARE_COLUMNS(""),
	},
};

static const struct fb_table programs = {
	.type = "why",
	.columns = {
		WAIT_COLUMNS,
		{ .key = "chain", .type = FB_CELL_LIST },
		{ .key = "breakdown", .type = FB_CELL_LIST },
		SHARE_COLUMNS("root."),
	},
};

static void cause_cells(struct fb_report *r, const struct fb_cause *c, struct fb_cell cells[4])
{
	cells[0] = FB_TEXT(c ? fb_cause_kind_name(c->kind) : NULL);
	cells[1] = c ? wait_number(c->id) : FB_NULL;
	cells[2] = FB_TEXT(c ? wait_name(r, c->name, c->function) : NULL);
	cells[3] = c && c->task ? FB_INT(c->task->tid) : FB_NULL;
}

static void link_cells(struct fb_report *r, const struct link *link, struct fb_cell *cells)
{
	static const char *const kinds[] = { "wait", "birth", "leaf", "stretch" };
	const struct fb_segment *s = &link->segment;

	cells[0] = FB_INT(s->task->tid);
	cells[1] = wait_pid(s->task);
	cells[2] = FB_TEXT(s->task->comm);
	cells[3] = FB_TIME(s->begin);
	cells[4] = FB_TIME(s->end);
	cells[5] = FB_INT(s->depth);
	cells[6] = FB_TEXT(kinds[link->kind]);
	cells[7] = FB_TEXT(fb_state_name(s->state));
	cells[8] = FB_TEXT(s->syscall);
	cause_cells(r, s->cause, cells + 9);
}

static void share_cells(struct fb_report *r, const struct path_share *s, fb_ns asleep,
			struct fb_cell *cells)
{
	cells[0] = FB_INT(s->task->tid);
	cells[1] = wait_pid(s->task);
	cells[2] = FB_TEXT(s->task->comm);
	cells[3] = FB_TEXT(fb_state_name(s->state));
	cells[4] = FB_TEXT(s->syscall);
	cells[5] = FB_INT(s->n);
	cells[6] = FB_DURATION(s->sum);
	cells[7] = FB_PERCENT(s->sum, asleep);
	cause_cells(r, s->has_cause ? &s->cause : NULL, cells + 8);
}

static void report_for_programs(struct why *a, const struct wait *wait)
{
	const struct explanation *e = wait->explanation;
	size_t n, links = e->chain->len;
	fb_ns sum;
	const struct path_share *shares = path_shares_sort(e->shares, &n, &sum);
	g_autofree struct fb_cell *chain = g_new(struct fb_cell, links * CHAIN_CELLS + 1);
	g_autofree struct fb_cell *breakdown = g_new(struct fb_cell, n * SHARE_CELLS + 1);
	const struct fb_list lists[] = {
		{ &chain_list, chain, links },
		{ &breakdown_list, breakdown, n },
	};
	struct fb_cell cells[WAIT_CELLS + 2 + SHARE_CELLS] = { 0 };
	struct path_share root;

	for (size_t i = 0; i < links; i++)
		link_cells(a->report, &g_array_index(e->chain, struct link, i),
			   chain + i * CHAIN_CELLS);
	for (size_t i = 0; i < n; i++)
		share_cells(a->report, &shares[i], e->asleep, breakdown + i * SHARE_CELLS);
	wait_cells(a->report, &wait->blocking, cells);
	cells[WAIT_CELLS] = FB_LIST(&lists[0]);
	cells[WAIT_CELLS + 1] = FB_LIST(&lists[1]);
	if (path_shares_root(e->shares, &root))
		share_cells(a->report, &root, e->asleep, cells + WAIT_CELLS + 2);
	fb_report_cells(a->report, cells, G_N_ELEMENTS(cells));
}

/* ---- the analysis ----------------------------------------------------------------------- */

static bool why_select(void *self, const struct fb_filter *filter, GError **error)
{
	struct why *a = self;

	(void)error;
	a->who = (struct fb_filter){
		.pids = filter->pids, .n_pids = filter->n_pids,
		.tids = filter->tids, .n_tids = filter->n_tids,
		.comm = filter->comm,
	};
	return true;
}

static void why_init(void *self, struct fb_report *report)
{
	struct why *a = self;
	const struct fb_history_options options = {
		.size = a->size, .needed_since = needed_since, .data = a };

	a->report = report;
	a->history = fb_history_new(&options);
	a->waits = g_array_new(FALSE, FALSE, sizeof(struct wait));
	a->task = g_string_new(NULL);
	a->scratch = g_string_new(NULL);
	a->words = g_string_new(NULL);
}

static struct fb_observer why_observe(void *self)
{
	const struct why *a = self;

	return fb_history_observer(a->history);
}

static void why_report(void *self, struct fb_report *report)
{
	struct why *a = self;

	if (!fb_report_for_people(report))
		fb_report_table(report, &programs, NULL);
	for (guint i = 0; i < a->waits->len; i++) {
		struct wait *wait = wait_at(a, i);

		explain(a, wait);
		fb_report_wait(report, &wait->blocking);
		if (fb_report_for_people(report))
			report_for_people(a, wait, i + 1);
		else
			report_for_programs(a, wait);
	}
	path_cost(report, a->history);
	fb_report_unmeasured(report, a->unknown);
}

static void why_clear(void *self)
{
	struct why *a = self;

	if (!a->report)
		return;
	for (guint i = 0; i < a->waits->len; i++)
		explanation_free(wait_at(a, i)->explanation);
	g_array_free(a->waits, TRUE);
	fb_history_free(a->history);
	g_string_free(a->task, TRUE);
	g_string_free(a->scratch, TRUE);
	g_string_free(a->words, TRUE);
}

static const struct fb_option options[] = {
	{ "top", "How many waits to explain, the longest ones (default 10)",
	  offsetof(struct why, top), FB_OPTION_INT, .arg = "N", .initial = 10, .min = 1,
	  .max = 100000 },
	{ "at", "Only waits that were under way at T", offsetof(struct why, at), FB_OPTION_TIME,
	  .arg = "T" },
	{ "syscall", "Only waits in system calls that match", offsetof(struct why, syscall),
	  FB_OPTION_TEXT, .arg = "GLOB" },
	{ "cause", "Only waits ended by a kind or name that matches: timer, net_rx, virtio*",
	  offsetof(struct why, cause), FB_OPTION_TEXT, .arg = "GLOB" },
	{ "history", "How much of the past to keep in memory (default 192M)",
	  offsetof(struct why, size), FB_OPTION_SIZE, .arg = "SIZE", .initial = FB_HISTORY_SIZE },
	{ NULL },
};

const struct fb_analysis fb_why_analysis = {
	.name = "why",
	.help = "the longest waits, followed to their root cause",
	.size = sizeof(struct why),
	.options = options,
	.select = why_select,
	.init = why_init,
	.observe = why_observe,
	.kinds = fb_history_kinds,
	.blocking = why_blocking,
	.report = why_report,
	.clear = why_clear,
};
