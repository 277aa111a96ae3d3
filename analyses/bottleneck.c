/* SPDX-License-Identifier: MIT */
/*
 * bottleneck.c - who makes everybody wait: the waiting time of a selection, given to who ran
 * meanwhile or what was waited for in the end. See docs/bottleneck.md.
 */
#include <flightbox/analysis.h>

#include "analyses/shared/blame.h"
#include "analyses/shared/follow.h"
#include "analyses/shared/path.h"
#include "analyses/shared/wait-row.h"

struct bottleneck {
	int top, by;  /* options */
	uint64_t size;
	struct fb_report *report;
	struct fb_history *history;
	struct blames *blames;
	struct follow follow;
	GString *task, *syscall, *scratch;
};

/* The same for programs; people see only the columns that have a heading. */
#define BLAME_COLUMNS(who, in)                                                                     \
	{ .key = "share", .heading = "%", .type = FB_CELL_PERCENT },                               \
	{ .key = "sum", .heading = "Blame (ms)", .type = FB_CELL_DURATION },                       \
	{ .key = "count", .heading = "N", .type = FB_CELL_INT },                                   \
	{ .key = "tid", .type = FB_CELL_INT },                                                     \
	{ .key = "pid", .type = FB_CELL_INT },                                                     \
	{ .key = "comm", .heading = who, .type = FB_CELL_TEXT },                                   \
	{ .key = "state", .heading = "State", .type = FB_CELL_TEXT },                              \
	{ .key = "syscall", .heading = in, .type = FB_CELL_TEXT },                                 \
	{ .key = "device", .heading = "What", .type = FB_CELL_TEXT },                              \
	{ .key = "unknown", .type = FB_CELL_TEXT }

static const struct fb_table tasks = {
	.type = "blame",
	.columns = { BLAME_COLUMNS("Who", "Syscall") },
};

static const struct fb_table resources = {
	.type = "blame",
	.columns = { BLAME_COLUMNS(NULL, NULL) },
};

static const struct fb_table total = {
	.type = "blame_total",
	.columns = {
		{ .key = "waits", .type = FB_CELL_INT },
		{ .key = "asleep", .type = FB_CELL_DURATION },
		{ .key = "others.count", .type = FB_CELL_INT },
		{ .key = "others.sum", .type = FB_CELL_DURATION },
		{ .key = "not_followed.waits", .type = FB_CELL_INT },
		{ .key = "not_followed.asleep", .type = FB_CELL_DURATION },
	},
};

static void on_segment(const struct fb_segment *s, void *data)
{
	blames_add(data, s);
}

static void bottleneck_blocking(void *self, const struct fb_blocking *b)
{
	struct bottleneck *a = self;

	fb_report_wait(a->report, b);
	follow_wait(&a->follow, b);
}

static void report_blame(struct bottleneck *a, struct fb_report *r, const struct blame *b)
{
	bool for_people = fb_report_for_people(r);
	const struct fb_task *t = b->task;
	const char *who = t ? t->comm : NULL, *syscall = b->syscall;

	if (for_people && t) {
		g_string_assign(a->task, "");
		path_task(t, a->task);
		who = a->task->str;
		syscall = path_syscall(syscall, a->syscall);
	}
	fb_report_row(r, FB_PERCENT(b->sum, a->follow.asleep), FB_DURATION(b->sum), FB_INT(b->n),
		      t && a->by == BLAME_TASK ? FB_INT(t->tid) : FB_NULL,
		      t ? wait_pid(t) : FB_NULL, FB_TEXT(who), FB_TEXT(fb_state_name(b->state)),
		      FB_TEXT(syscall), FB_TEXT(for_people && b->unknown ? path_unknown(b->unknown) :
									    b->device),
		      FB_TEXT(fb_unknown_name(b->unknown)));
}

struct others {
	uint64_t n;
	fb_ns sum;
};

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
	const struct follow *f = &a->follow;

	if (fb_report_for_people(r)) {
		if (o->n)
			fb_report_row(r, FB_PERCENT(o->sum, f->asleep), FB_DURATION(o->sum),
				      FB_INT(o->n), FB_NULL, FB_NULL, FB_TEXT("others"),
				      FB_TEXT(a->by == BLAME_RESOURCE ? "others" : NULL), FB_NULL, FB_NULL,
				      FB_NULL);
		return;
	}
	fb_report_table(r, &total, NULL);
	fb_report_row(r, FB_INT(f->waits), FB_DURATION(f->asleep), FB_INT(o->n), FB_DURATION(o->sum),
		      FB_INT(f->not_followed), FB_DURATION(f->not_followed_asleep));
}

static void bottleneck_report(void *self, struct fb_report *r)
{
	static const char *const by[] = { "whom", "whose process", "what" };
	struct bottleneck *a = self;
	g_autoptr(GArray) ranking = blames_rank(a->blames, a->by);
	guint shown = MIN(ranking->len, (guint)a->top);
	struct others all = others_of(ranking, 0), others = others_of(ranking, shown);

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
	static const struct fb_path_funcs funcs = { .segment = on_segment };
	struct bottleneck *a = self;

	a->report = report;
	a->history = fb_history_new(&(struct fb_history_options){ .size = a->size });
	a->blames = blames_new();
	a->follow = (struct follow){ .history = a->history, .funcs = &funcs, .data = a->blames,
				     .begin = INT64_MIN, .end = INT64_MAX,
				     .effort = FOLLOW_EFFORT };
	a->task = g_string_new(NULL);
	a->syscall = g_string_new(NULL);
	a->scratch = g_string_new(NULL);
}

static struct fb_observer bottleneck_observe(void *self)
{
	const struct bottleneck *a = self;

	return fb_history_observer(a->history);
}

static void bottleneck_clear(void *self)
{
	struct bottleneck *a = self;

	if (!a->history)
		return;
	fb_history_free(a->history);
	blames_free(a->blames);
	g_string_free(a->task, TRUE);
	g_string_free(a->syscall, TRUE);
	g_string_free(a->scratch, TRUE);
}

static const char *const by_names[] = { "task", "process", "resource", NULL };

static const struct fb_option options[] = {
	{ "top", "How many lines, the largest shares (default 20)", offsetof(struct bottleneck, top),
	  FB_OPTION_INT, .arg = "N", .initial = 20, .min = 1, .max = 100000 },
	{ "by", "What is told apart: task (default), process or resource",
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
	.init = bottleneck_init,
	.observe = bottleneck_observe,
	.kinds = fb_history_kinds,
	.blocking = bottleneck_blocking,
	.report = bottleneck_report,
	.clear = bottleneck_clear,
};
