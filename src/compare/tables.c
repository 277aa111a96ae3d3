/* SPDX-License-Identifier: MIT */
/* tables.c - a comparison as tables, for people and for programs. */
#include <math.h>

#include "compare/tables.h"

#define FORMAT 1 /* of what programs read; see docs/compare.md */

/* ---- cells ------------------------------------------------------------------------------ */

static struct fb_cell ns_cell(double ns)
{
	return isfinite(ns) ? FB_DURATION(llrint(ns)) : FB_NULL;
}

static struct fb_cell percent_cell(double share)
{
	return FB_PERCENT(share, 1);
}

/* Medians of two runs may lie between counts, and rates anywhere. */
static struct fb_cell count_cell(double n)
{
	return n == floor(n) ? FB_INT((int64_t)n) : FB_REAL(n);
}

static const char *presence_of(const struct compared *g)
{
	return !g->group[BASE] ? "new" : !g->group[NEW] ? "gone" : "both";
}

static bool is_tested(const struct compared *g)
{
	bool any = false;

	for (enum measure m = 0; m < MEASURES; m++)
		any |= g->by[m].is_tested;
	return any;
}

/* The surest one of the tests. */
static double adjusted_of(const struct compared *g)
{
	double p = INFINITY;

	for (enum measure m = 0; m < MEASURES; m++)
		if (g->by[m].is_tested)
			p = MIN(p, g->by[m].adjusted);
	return p;
}

/* ---- for people ------------------------------------------------------------------------- */

static const struct fb_table people = {
	.columns = {
		{ .heading = "Verdict", .type = FB_CELL_TEXT },
		{ .heading = "Added (ms)", .type = FB_CELL_DURATION },
		{ .heading = "Base (ms)", .type = FB_CELL_DURATION },
		{ .heading = "New (ms)", .type = FB_CELL_DURATION },
		{ .heading = "%", .type = FB_CELL_PERCENT },
		{ .heading = "P50 %", .type = FB_CELL_PERCENT },
		{ .heading = "P95 %", .type = FB_CELL_PERCENT },
		{ .heading = "P99 %", .type = FB_CELL_PERCENT },
		{ .heading = "p", .type = FB_CELL_REAL },
		{ .heading = "N base", .type = FB_CELL_INT },
		{ .heading = "N new", .type = FB_CELL_INT },
		{ .heading = "Lost", .type = FB_CELL_INT },
		{ .heading = "Task", .type = FB_CELL_TEXT },
		{ .heading = "Syscall", .type = FB_CELL_TEXT },
		{ .heading = "Wakeup", .type = FB_CELL_TEXT },
	},
};

static void report_group(struct fb_report *r, const struct compared *g)
{
	const struct change *total = &g->by[MEASURE_TOTAL];
	uint64_t lost = g->uncertain[BASE] + g->uncertain[NEW];
	g_autoptr(GString) verdict = g_string_new(verdict_name(g->verdict));
	g_autoptr(GString) task = g_string_new(NULL), syscall = g_string_new(NULL);
	g_autoptr(GString) cause = g_string_new(NULL);

	if (!g->group[BASE] || !g->group[NEW])
		g_string_append_printf(verdict, " (%s)", presence_of(g));
	say_task(g->key, task);
	if (g->key->syscall)
		g_string_printf(syscall, "sys_%s", g->key->syscall);
	fb_profile_cause(g->key, cause);
	fb_report_row(r, FB_TEXT(verdict->str), ns_cell(g->added), ns_cell(total->median[BASE]),
		      ns_cell(total->median[NEW]), percent_cell(total->effect),
		      percent_cell(g->by[MEASURE_P50].effect),
		      percent_cell(g->by[MEASURE_P95].effect),
		      percent_cell(g->by[MEASURE_P99].effect), FB_REAL(adjusted_of(g)),
		      count_cell(g->count[BASE]), count_cell(g->count[NEW]),
		      lost ? FB_INT(lost) : FB_NULL, FB_TEXT(task->str),
		      g->key->syscall ? FB_TEXT(syscall->str) : FB_NULL, FB_TEXT(cause->str));
}

/* The groups with a verdict, or those without one that were tested. */
static void report_groups(struct fb_report *r, const struct comparison *c, const char *title,
			  bool changed)
{
	bool is_begun = false;

	for (size_t i = 0; i < c->groups->len; i++) {
		const struct compared *g = compared_at(c, i);

		if (!is_tested(g) || (g->verdict != VERDICT_SAME) != changed)
			continue;
		if (!is_begun)
			fb_report_table(r, &people, title);
		is_begun = true;
		report_group(r, g);
	}
}

static const struct fb_table people_worst = {
	.columns = {
		{ .heading = "Start", .type = FB_CELL_TIME },
		{ .heading = "Duration (ms)", .type = FB_CELL_DURATION },
		{ .heading = "Tid", .type = FB_CELL_INT },
		{ .heading = "Recorded", .type = FB_CELL_TEXT },
	},
};

/* Why it is worse, and where to look. */
static void explain_group(struct fb_report *r, const struct comparison *c, const struct compared *g)
{
	struct worst worst[FB_PROFILE_WORST];
	size_t n = find_worst(c->side[NEW], g->group[NEW], worst);
	g_autoptr(GString) words = g_string_new("Worse: ");

	say_group(g->key, words);
	g_string_append(words, ": ");
	say_reason(c, g, WORDS_FOR_PEOPLE, words);
	fb_report_table(r, &people_worst, words->str);
	for (size_t i = 0; i < n; i++) {
		const struct fb_profile_run *run = worst[i].run;

		fb_report_row(r, FB_TIME(worst[i].wait.begin), FB_DURATION(worst[i].wait.asleep),
			      FB_INT(worst[i].wait.tid),
			      FB_TEXT(run->created ? run->created : run->id));
	}
}

static void report_for_people(struct fb_report *r, const struct comparison *c, bool brief)
{
	g_autoptr(GString) words = g_string_new(NULL);

	say_outcome(c, words);
	fb_report_note(r, "%s", words->str);
	for (guint i = 0; i < c->warnings->len; i++)
		fb_report_note(r, "Warning: %s", (const char *)g_ptr_array_index(c->warnings, i));
	report_groups(r, c, c->can_tell ? "What changed" : "What may have changed", true);
	for (size_t i = 0; i < c->groups->len; i++)
		if (compared_at(c, i)->verdict == VERDICT_WORSE)
			explain_group(r, c, compared_at(c, i));
	if (c->of[VERDICT_WORSE])
		fb_report_note(r, "flightbox why --tid TID --at START TRACE tells what such a wait "
				  "was for");
	if (!brief)
		report_groups(r, c, "What stayed the same", false);
	if (c->groups->len > c->tested)
		fb_report_note(r, "%zu more groups differ by too little between any runs to be "
				  "looked at", c->groups->len - c->tested);
}

/* ---- for programs ----------------------------------------------------------------------- */

static const struct fb_table warning_list = {
	.columns = { { .key = "text", .type = FB_CELL_TEXT } },
};

static const struct fb_table summary = {
	.type = "comparison",
	.columns = {
		{ .key = "format", .type = FB_CELL_INT },
		{ .key = "verdict", .type = FB_CELL_TEXT },
		{ .key = "base_runs", .type = FB_CELL_INT },
		{ .key = "new_runs", .type = FB_CELL_INT },
		{ .key = "runs_needed", .type = FB_CELL_INT },
		{ .key = "tests", .type = FB_CELL_INT },
		{ .key = "smallest_p", .type = FB_CELL_REAL },
		{ .key = "alpha", .type = FB_CELL_REAL },
		{ .key = "min_effect", .type = FB_CELL_REAL },
		{ .key = "min_time", .type = FB_CELL_DURATION },
		{ .key = "per", .type = FB_CELL_TEXT },
		{ .key = "groups.worse", .type = FB_CELL_INT },
		{ .key = "groups.better", .type = FB_CELL_INT },
		{ .key = "groups.same", .type = FB_CELL_INT },
		{ .key = "groups.unknown", .type = FB_CELL_INT },
		{ .key = "warnings", .type = FB_CELL_LIST },
	},
};

static void report_summary(struct fb_report *r, const struct comparison *c)
{
	g_autofree struct fb_cell *warnings = g_new(struct fb_cell, c->warnings->len);
	const struct fb_list list = { &warning_list, warnings, c->warnings->len };
	enum verdict all = !c->can_tell		  ? VERDICT_UNKNOWN :
			   c->of[VERDICT_WORSE]	  ? VERDICT_WORSE :
			   c->of[VERDICT_BETTER] ? VERDICT_BETTER :
						    VERDICT_SAME;

	for (guint i = 0; i < c->warnings->len; i++)
		warnings[i] = FB_TEXT(g_ptr_array_index(c->warnings, i));
	fb_report_table(r, &summary, NULL);
	fb_report_row(r, FB_INT(FORMAT), FB_TEXT(verdict_name(all)),
		      FB_INT(c->side[BASE]->n_runs), FB_INT(c->side[NEW]->n_runs),
		      FB_INT(c->needed), FB_INT(c->tests), FB_REAL(c->smallest_p), FB_REAL(c->options.alpha),
		      FB_REAL(c->options.min_effect), FB_DURATION(c->options.min_time),
		      FB_TEXT(c->options.per_second ? "second" : "run"),
		      FB_INT(c->of[VERDICT_WORSE]), FB_INT(c->of[VERDICT_BETTER]),
		      FB_INT(c->of[VERDICT_SAME]), FB_INT(c->of[VERDICT_UNKNOWN]), FB_LIST(&list));
}

static const struct fb_table measure_list = {
	.columns = {
		{ .key = "name", .type = FB_CELL_TEXT },
		{ .key = "base", .type = FB_CELL_DURATION },
		{ .key = "new", .type = FB_CELL_DURATION },
		{ .key = "effect", .type = FB_CELL_REAL },
		{ .key = "verdict", .type = FB_CELL_TEXT },
		{ .key = "test.p", .type = FB_CELL_REAL },
		{ .key = "test.adjusted", .type = FB_CELL_REAL },
		{ .key = "test.delta", .type = FB_CELL_REAL },
		{ .key = "test.shift", .type = FB_CELL_DURATION },
		{ .key = "test.low", .type = FB_CELL_DURATION },
		{ .key = "test.high", .type = FB_CELL_DURATION },
		{ .key = "test.level", .type = FB_CELL_REAL },
	},
};

enum { MEASURE_CELLS = 12, WORST_CELLS = 4 };

static const struct fb_table worst_list = {
	.columns = {
		{ .key = "begin", .type = FB_CELL_TIME },
		{ .key = "asleep", .type = FB_CELL_DURATION },
		{ .key = "tid", .type = FB_CELL_INT },
		{ .key = "run", .type = FB_CELL_TEXT },
	},
};

static const struct fb_table programs = {
	.type = "group",
	.columns = {
		{ .key = "verdict", .type = FB_CELL_TEXT },
		{ .key = "reason", .type = FB_CELL_TEXT },
		{ .key = "present", .type = FB_CELL_TEXT },
		{ .key = "command", .type = FB_CELL_TEXT },
		{ .key = "thread", .type = FB_CELL_TEXT },
		{ .key = "syscall", .type = FB_CELL_TEXT },
		{ .key = "cause.kind", .type = FB_CELL_TEXT },
		{ .key = "cause.name", .type = FB_CELL_TEXT },
		{ .key = "cause.via", .type = FB_CELL_TEXT },
		{ .key = "cause.signal", .type = FB_CELL_TEXT },
		{ .key = "count.base", .type = FB_CELL_REAL },
		{ .key = "count.new", .type = FB_CELL_REAL },
		{ .key = "uncertain.base", .type = FB_CELL_INT },
		{ .key = "uncertain.new", .type = FB_CELL_INT },
		{ .key = "added", .type = FB_CELL_DURATION },
		{ .key = "measures", .type = FB_CELL_LIST },
		{ .key = "worst", .type = FB_CELL_LIST },
	},
};

static void measure_cells(const struct compared *g, enum measure m, struct fb_cell *cells)
{
	const struct change *change = &g->by[m];

	cells[0] = FB_TEXT(measure_name(m));
	cells[1] = ns_cell(change->median[BASE]);
	cells[2] = ns_cell(change->median[NEW]);
	cells[3] = FB_REAL(change->effect);
	for (size_t i = 4; i < MEASURE_CELLS; i++)
		cells[i] = FB_NULL;
	if (!change->is_tested)
		return;
	cells[4] = FB_TEXT(verdict_name(change->verdict));
	cells[5] = FB_REAL(change->p);
	cells[6] = FB_REAL(change->adjusted);
	cells[7] = FB_REAL(change->delta);
	cells[8] = ns_cell(change->shift.estimate);
	cells[9] = ns_cell(change->shift.low);
	cells[10] = ns_cell(change->shift.high);
	cells[11] = FB_REAL(change->shift.level);
}

static size_t worst_cells(const struct comparison *c, const struct compared *g,
			  struct fb_cell *cells)
{
	struct worst worst[FB_PROFILE_WORST];
	size_t n = find_worst(c->side[NEW], g->group[NEW], worst);

	for (size_t i = 0; i < n; i++, cells += WORST_CELLS) {
		cells[0] = FB_TIME(worst[i].wait.begin);
		cells[1] = FB_DURATION(worst[i].wait.asleep);
		cells[2] = FB_INT(worst[i].wait.tid);
		cells[3] = FB_TEXT(worst[i].run->id);
	}
	return n;
}

static void report_for_programs(struct fb_report *r, const struct comparison *c,
				const struct compared *g)
{
	struct fb_cell measures[MEASURES * MEASURE_CELLS], worst[FB_PROFILE_WORST * WORST_CELLS];
	const struct fb_list lists[] = {
		{ &measure_list, measures, MEASURES },
		{ &worst_list, worst, worst_cells(c, g, worst) },
	};
	const struct fb_profile_key *key = g->key;
	bool has_reason = g->verdict == VERDICT_WORSE || g->verdict == VERDICT_BETTER;

	for (enum measure m = 0; m < MEASURES; m++)
		measure_cells(g, m, measures + m * MEASURE_CELLS);
	fb_report_row(r, FB_TEXT(verdict_name(g->verdict)),
		      FB_TEXT(has_reason ? measure_name(g->reason) : NULL),
		      FB_TEXT(presence_of(g)), FB_TEXT(key->command), FB_TEXT(key->thread),
		      FB_TEXT(key->syscall), FB_TEXT(fb_cause_kind_name(key->kind)),
		      FB_TEXT(key->name), FB_TEXT(fb_via_name(key->via)), FB_TEXT(key->signal),
		      FB_REAL(g->count[BASE]), FB_REAL(g->count[NEW]), FB_INT(g->uncertain[BASE]),
		      FB_INT(g->uncertain[NEW]), ns_cell(g->added), FB_LIST(&lists[0]),
		      FB_LIST(&lists[1]));
}

void report_comparison(struct fb_report *r, const struct comparison *c, bool brief)
{
	if (fb_report_for_people(r)) {
		report_for_people(r, c, brief);
		return;
	}
	report_summary(r, c);
	fb_report_table(r, &programs, NULL);
	for (size_t i = 0; i < c->groups->len; i++)
		report_for_programs(r, c, compared_at(c, i));
}
