/* SPDX-License-Identifier: MIT */
/*
 * bottleneck.c - who makes everybody wait: the waiting time of a selection, given to who ran
 * meanwhile or what was waited for in the end. See docs/bottleneck.md.
 */
#include <flightbox/analysis.h>

#include "analyses/shared/blame.h"
#include "analyses/shared/follow.h"
#include "analyses/shared/path-row.h"
#include "analyses/shared/shared-paths.h"

struct bottleneck {
	int top, by;  /* options */
	uint64_t size;
	struct fb_report *report;
	struct fb_history *history;
	struct blames *blames;
	struct shared_paths *paths;
	struct follow follow;
	GString *scratch;
};

/* How much waiting one is to blame for, or all others together. */
struct blame_row {
	struct blame blame;
	const struct fb_task *thread; /* NULL: it is more than that one, or nobody */
	const char *others;           /* NULL: it is no others; where its name stands: */
	bool of_resources;            /* in place of a state, not of a task */
	fb_ns whole;
};

struct others {
	uint64_t n;
	fb_ns sum;
};

static struct fb_cell get_percent(struct fb_report *r, const void *row)
{
	const struct blame_row *b = row;

	(void)r;
	return FB_PERCENT(b->blame.sum, b->whole);
}

static struct fb_cell get_blamed(struct fb_report *r, const void *row)
{
	const struct blame_row *b = row;
	const struct fb_task *task = b->blame.task;
	GString *to = fb_report_scratch(r);

	if (!task || !fb_report_for_people(r))
		return FB_NAME(task ? task->comm : b->others);
	path_task(task, to);
	return FB_TEXT(to->str);
}

static struct fb_cell get_blamed_state(struct fb_report *r, const void *row)
{
	const struct blame_row *b = row;

	if (b->others)
		return FB_NAME(b->of_resources ? b->others : NULL);
	return get_state(r, &b->blame.state);
}

static struct fb_cell get_blamed_syscall(struct fb_report *r, const void *syscall)
{
	return (fb_report_for_people(r) ? get_syscall : fb_get_name)(r, syscall);
}

/* People get why it is unknown, too. */
static struct fb_cell get_what(struct fb_report *r, const void *row)
{
	const struct blame *b = &((const struct blame_row *)row)->blame;

	return FB_NAME(fb_report_for_people(r) && b->unknown ? path_unknown(b->unknown) :
							       b->device);
}

/* The same for programs; people see only the columns that have a heading. */
#define BLAME_COLUMNS(who, in)                                                                     \
	{ .key = "share", .heading = "%", FB_BY(PERCENT, get_percent) },                           \
	{ .key = "sum", .heading = "Blame (ms)", FB_DURATION_OF(struct blame_row, blame.sum) },    \
	{ .key = "count", .heading = "N", FB_COUNT_OF(struct blame_row, blame.n) },                \
	{ .key = "tid", FB_TID_OF(struct blame_row, thread) },                                     \
	{ .key = "pid", FB_PID_OF(struct blame_row, blame.task) },                                 \
	{ .key = "comm", .heading = who, FB_BY(TEXT, get_blamed) },                                \
	{ .key = "state", .heading = "State", FB_BY(TEXT, get_blamed_state) },                     \
	{ .key = "syscall", .heading = in,                                                         \
	  FB_OF(TEXT, get_blamed_syscall, const char *, struct blame_row, blame.syscall) },        \
	{ .key = "device", .heading = "What", FB_BY(TEXT, get_what) },                             \
	{ .key = "unknown",                                                                        \
	  FB_OF(TEXT, get_unknown, enum fb_unknown, struct blame_row, blame.unknown) }

static const struct fb_table tasks = {
	.type = "blame",
	.columns = { BLAME_COLUMNS("Who", "Syscall") },
};

static const struct fb_table resources = {
	.type = "blame",
	.columns = { BLAME_COLUMNS(NULL, NULL) },
};

struct total {
	struct follow follow;
	struct others others;
};

static const struct fb_table total = {
	.type = "blame_total",
	.columns = {
		{ .key = "waits", FB_COUNT_OF(struct total, follow.waits) },
		{ .key = "asleep", FB_DURATION_OF(struct total, follow.asleep) },
		{ .key = "others.count", FB_COUNT_OF(struct total, others.n) },
		{ .key = "others.sum", FB_DURATION_OF(struct total, others.sum) },
		{ .key = "not_followed.waits", FB_COUNT_OF(struct total, follow.not_followed) },
		{ .key = "not_followed.asleep",
		  FB_DURATION_OF(struct total, follow.not_followed_asleep) },
	},
};

static void bottleneck_blocking(void *self, const struct fb_blocking *b)
{
	struct bottleneck *a = self;

	fb_report_wait(a->report, b);
	follow_wait(&a->follow, b);
	shared_paths_end(a->paths);
}

static void report_blame(struct bottleneck *a, struct fb_report *r, const struct blame *b)
{
	const struct blame_row row = { .blame = *b,
					.thread = a->by == BLAME_TASK ? b->task : NULL,
					.whole = a->follow.asleep };

	fb_report_row(r, &row);
}

static struct others others_of(const GArray *ranking, guint from)
{
	struct others o = { 0 };

	for (guint i = from; i < ranking->len; i++) {
		o.n += g_array_index(ranking, struct blame, i).n;
		o.sum += g_array_index(ranking, struct blame, i).sum;
	}
	return o;
}

static void report_total(struct bottleneck *a, struct fb_report *r, const struct others *o)
{
	const struct blame_row row = { .blame = { .n = o->n, .sum = o->sum },
					.others = "others",
					.of_resources = a->by == BLAME_RESOURCE,
					.whole = a->follow.asleep };

	if (fb_report_for_people(r)) {
		if (o->n)
			fb_report_row(r, &row);
		return;
	}
	fb_report_table(r, &total, NULL);
	fb_report_row(r, &(const struct total){ a->follow, *o });
}

static void bottleneck_report(void *self, struct fb_report *r)
{
	static const char *const by[] = { "whom", "whose process", "what" };
	struct bottleneck *a = self;
	g_autoptr(GArray) ranking = NULL;
	struct others all, others;
	guint shown;

	shared_paths_add_up(a->paths);
	ranking = blames_rank(a->blames, a->by);
	shown = MIN(ranking->len, (guint)a->top);
	all = others_of(ranking, 0);
	others = others_of(ranking, shown);
	/* Waiting time is given away, all of it. */
	g_assert(all.sum == a->follow.asleep);
	if (a->follow.waits) {
		g_string_printf(a->scratch, "%" G_GUINT64_FORMAT " waits, ", a->follow.waits);
		fb_report_ms(r, a->follow.asleep, a->scratch);
		g_string_append_printf(a->scratch, " in all, by %s they were for", by[a->by]);
		fb_report_table(r, a->by == BLAME_RESOURCE ? &resources : &tasks, a->scratch->str);
		for (guint i = 0; i < shown; i++)
			report_blame(a, r, &g_array_index(ranking, struct blame, i));
		report_total(a, r, &others);
	}
	follow_cost(&a->follow, r);
}

static void bottleneck_init(void *self, struct fb_report *report)
{
	struct bottleneck *a = self;

	a->report = report;
	a->history = fb_history_new(&(struct fb_history_options){ .size = a->size });
	a->blames = blames_new();
	a->paths = shared_paths_new(a->history, a->blames);
	a->follow = (struct follow){ .history = a->history, .funcs = &shared_paths_funcs,
				     .data = a->paths, .begin = INT64_MIN, .end = INT64_MAX,
				     .effort = FOLLOW_EFFORT };
	a->scratch = g_string_new(NULL);
}

static size_t bottleneck_observe(void *self, struct fb_observer *observers)
{
	const struct bottleneck *a = self;

	observers[0] = fb_history_observer(a->history);
	return 1;
}

static void bottleneck_clear(void *self)
{
	struct bottleneck *a = self;

	if (!a->history)
		return;
	shared_paths_free(a->paths);
	fb_history_free(a->history);
	blames_free(a->blames);
	g_string_free(a->scratch, TRUE);
}

static const char *const by_names[] = { "task", "process", "resource", NULL };

static const struct fb_option options[] = {
	{ "top", "How many lines, the largest shares (default 20)", offsetof(struct bottleneck, top),
	  FB_OPTION_INT, .arg = "N", .initial = 20, .min = 1, .max = 100000 },
	{ "by", "What is told apart",
	  offsetof(struct bottleneck, by), FB_OPTION_CHOICE, .arg = "WHAT", .initial = BLAME_TASK,
	  .choices = by_names },
	{ "history", "How much of the past to keep in memory (default 192M)",
	  offsetof(struct bottleneck, size), FB_OPTION_SIZE, .arg = "SIZE",
	  .initial = FB_HISTORY_SIZE },
	{ NULL },
};

const struct fb_analysis fb_bottleneck_analysis = {
	.name = "bottleneck",
	.help = "who makes everybody wait: waiting time by whom or what it was for",
	.size = sizeof(struct bottleneck),
	.options = options,
	.no_bystanders = true,
	.init = bottleneck_init,
	.observe = bottleneck_observe,
	.kinds = fb_history_kinds,
	.blocking = bottleneck_blocking,
	.report = bottleneck_report,
	.clear = bottleneck_clear,
};
