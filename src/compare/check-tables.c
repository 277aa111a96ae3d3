/* SPDX-License-Identifier: MIT */
/* check-tables.c - what became of budgets, as a report and as the results of tests. */
#include "compare/check.h"

#define FORMAT 1 /* of what programs read; see docs/compare.md */

static const struct check *check_at(const GPtrArray *checks, guint i)
{
	return g_ptr_array_index(checks, i);
}

/* "12.100 ms", "103.2/s", "12.1% of time", "17" */
static void say_amount(const struct budget *b, double amount, enum words words, GString *to)
{
	static const struct {
		double scale;
		const char *format, *unit;
	} units[] = {
		[BUDGET_NUMBER] = { 1, "%g", "" },
		[BUDGET_PER_SECOND] = { 1, "%.3g", "/s" },
		[BUDGET_NS] = { 1e-6, "%.3f", " ms" },
		[BUDGET_SHARE] = { 100, "%.3g", "% of time" },
	};

	say_number(to, words, units[b->unit].format, amount * units[b->unit].scale);
	g_string_append(to, units[b->unit].unit);
}

/* "p99 is 12.100 ms, not < 5.000 ms, of 17 waits" */
static void say_check(const struct check *c, enum words words, GString *to)
{
	const struct budget *b = c->budget;

	if (c->outcome == CHECK_UNMATCHED) {
		g_string_append(to, "there is no such wait");
		return;
	}
	say_amount(b, c->found, words, to);
	g_string_append_printf(to, " is %s%s ", c->outcome == CHECK_BROKEN ? "not " : "",
			       b->or_equal ? "<=" : "<");
	say_amount(b, b->limit, words, to);
	g_string_append_printf(to, ", of %" G_GUINT64_FORMAT " wait%s", c->waits,
			       c->waits == 1 ? "" : "s");
}

static bool is_bad(const struct check *c, bool strict)
{
	return c->outcome == CHECK_BROKEN || (strict && c->outcome == CHECK_UNMATCHED);
}

/* "[process "nginx"] p99 < 5ms" */
static char *name_of(const struct budget *b)
{
	return g_strconcat(b->section, *b->section ? " " : "", b->text, NULL);
}

/* ---- for people --------------------------------------------------------------------------- */

static const struct fb_table people = {
	.columns = {
		{ .heading = "Verdict", .type = FB_CELL_TEXT },
		{ .heading = "Line", .type = FB_CELL_INT },
		{ .heading = "Budget", .type = FB_CELL_TEXT },
		{ .heading = "Found", .type = FB_CELL_TEXT },
		{ .heading = "Waits", .type = FB_CELL_INT },
	},
};

static const struct fb_table people_worst = {
	.columns = {
		{ .heading = "Start", .type = FB_CELL_TIME },
		{ .heading = "Duration (ms)", .type = FB_CELL_DURATION },
		{ .heading = "Tid", .type = FB_CELL_INT },
		{ .heading = "Root", .type = FB_CELL_TEXT },
	},
};

static const char *outcome_name(const struct check *c, bool strict)
{
	return c->outcome == CHECK_HELD ? "held" : is_bad(c, strict) ? "broken" : "no such wait";
}

static void report_row(struct fb_report *r, const struct check *c, bool strict)
{
	g_autofree char *name = name_of(c->budget);
	g_autoptr(GString) found = g_string_new(NULL);

	if (c->run)
		say_amount(c->budget, c->found, WORDS_FOR_PEOPLE, found);
	fb_report_row(r, FB_TEXT(outcome_name(c, strict)), FB_INT(c->budget->line), FB_TEXT(name),
		      c->run ? FB_TEXT(found->str) : FB_NULL, FB_INT(c->waits));
}

/* The waits that broke it, if any did. */
static void report_worst(struct fb_report *r, const struct check *c)
{
	g_autofree char *name = name_of(c->budget);
	g_autoptr(GString) title = g_string_new(name);

	g_string_append(title, ": ");
	say_check(c, WORDS_FOR_PEOPLE, title);
	if (!c->n_worst) {
		fb_report_note(r, "%s", title->str);
		return;
	}
	fb_report_table(r, &people_worst, title->str);
	for (size_t i = 0; i < c->n_worst; i++)
		fb_report_row(r, FB_TIME(c->worst[i].wait.begin),
			      FB_DURATION(c->worst[i].wait.asleep), FB_INT(c->worst[i].wait.tid),
			      FB_TEXT(c->roots[i]));
}

static void report_for_people(struct fb_report *r, const GPtrArray *checks, const char *file,
			      bool strict)
{
	size_t unmatched = checks_count(checks, CHECK_UNMATCHED);
	size_t broken = checks_count(checks, CHECK_BROKEN) + (strict ? unmatched : 0);

	fb_report_note(r, "%zu of %u budgets in %s %s broken", broken, checks->len, file,
		       broken == 1 ? "is" : "are");
	fb_report_table(r, &people, NULL);
	for (guint i = 0; i < checks->len; i++)
		report_row(r, check_at(checks, i), strict);
	for (guint i = 0; i < checks->len; i++)
		if (is_bad(check_at(checks, i), strict))
			report_worst(r, check_at(checks, i));
	if (unmatched && !strict)
		fb_report_note(r, "%zu budget%s on no wait at all (--strict: then they are broken)",
			       unmatched, unmatched == 1 ? " is" : "s are");
}

/* ---- for programs ------------------------------------------------------------------------- */

static const struct fb_table summary = {
	.type = "check",
	.columns = {
		{ .key = "format", .type = FB_CELL_INT },
		{ .key = "budgets.held", .type = FB_CELL_INT },
		{ .key = "budgets.broken", .type = FB_CELL_INT },
		{ .key = "budgets.unmatched", .type = FB_CELL_INT },
		{ .key = "strict", .type = FB_CELL_BOOL },
	},
};

static const struct fb_table worst_list = {
	.columns = {
		{ .key = "begin", .type = FB_CELL_TIME },
		{ .key = "asleep", .type = FB_CELL_DURATION },
		{ .key = "tid", .type = FB_CELL_INT },
		{ .key = "root", .type = FB_CELL_TEXT },
	},
};

enum { WORST_CELLS = 4 };

static const struct fb_table programs = {
	.type = "budget",
	.columns = {
		{ .key = "line", .type = FB_CELL_INT },
		{ .key = "section", .type = FB_CELL_TEXT },
		{ .key = "budget", .type = FB_CELL_TEXT },
		{ .key = "outcome", .type = FB_CELL_TEXT },
		{ .key = "unit", .type = FB_CELL_TEXT },
		{ .key = "limit", .type = FB_CELL_REAL },
		{ .key = "found", .type = FB_CELL_REAL },
		{ .key = "waits", .type = FB_CELL_INT },
		{ .key = "run", .type = FB_CELL_TEXT },
		{ .key = "worst", .type = FB_CELL_LIST },
	},
};

static void report_for_programs(struct fb_report *r, const struct check *c)
{
	static const char *const outcomes[] = { "held", "broken", "unmatched" };
	static const char *const units[] = { "waits", "waits/s", "ns", "share" };
	struct fb_cell worst[FB_PROFILE_WORST * WORST_CELLS];
	const struct fb_list list = { &worst_list, worst, c->n_worst };
	const struct budget *b = c->budget;

	for (size_t i = 0; i < c->n_worst; i++) {
		struct fb_cell *cells = worst + i * WORST_CELLS;

		cells[0] = FB_TIME(c->worst[i].wait.begin);
		cells[1] = FB_DURATION(c->worst[i].wait.asleep);
		cells[2] = FB_INT(c->worst[i].wait.tid);
		cells[3] = FB_TEXT(c->roots[i]);
	}
	fb_report_row(r, FB_INT(b->line), FB_TEXT(b->section), FB_TEXT(b->text),
		      FB_TEXT(outcomes[c->outcome]), FB_TEXT(units[b->unit]), FB_REAL(b->limit),
		      c->run ? FB_REAL(c->found) : FB_NULL, FB_INT(c->waits),
		      FB_TEXT(c->run ? c->run->id : NULL), FB_LIST(&list));
}

void report_checks(struct fb_report *r, const GPtrArray *checks, const char *file, bool strict)
{
	if (fb_report_for_people(r)) {
		report_for_people(r, checks, file, strict);
		return;
	}
	fb_report_table(r, &summary, NULL);
	fb_report_row(r, FB_INT(FORMAT), FB_INT(checks_count(checks, CHECK_HELD)),
		      FB_INT(checks_count(checks, CHECK_BROKEN)),
		      FB_INT(checks_count(checks, CHECK_UNMATCHED)), FB_BOOL(strict));
	fb_report_table(r, &programs, NULL);
	for (guint i = 0; i < checks->len; i++)
		report_for_programs(r, check_at(checks, i));
}

/* ---- the results of tests ------------------------------------------------------------------- */

static void add_check(struct junit *j, const struct check *c, const char *file, bool strict)
{
	const char *process = c->budget->process;
	g_autofree char *name = name_of(c->budget);
	g_autoptr(GString) message = g_string_new(NULL), details = g_string_new(NULL);
	enum junit_outcome outcome = is_bad(c, strict)	  ? JUNIT_FAILED :
				     c->outcome == CHECK_HELD ? JUNIT_PASSED :
							    JUNIT_SKIPPED;

	say_check(c, WORDS_FOR_PROGRAMS, message);
	g_string_append_printf(details, "%s:%u: %s\n%s\n", file, c->budget->line, name,
			       message->str);
	for (size_t i = 0; i < c->n_worst; i++) {
		say_worst(&c->worst[i].wait, details);
		g_string_append_printf(details, "%s%s\n", c->roots[i] ? ": " : "",
				       c->roots[i] ? c->roots[i] : "");
	}
	junit_add(j, process && *process ? process : "*", name, outcome, message->str,
		  details->str);
}

struct junit *junit_of_checks(const GPtrArray *checks, const char *file, bool strict,
			      const struct fb_profile_run *latest)
{
	struct junit *j = junit_new("flightbox check", latest);

	for (guint i = 0; i < checks->len; i++)
		add_check(j, check_at(checks, i), file, strict);
	return j;
}
