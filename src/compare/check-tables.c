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
static void say_name(const struct budget *b, GString *to)
{
	g_string_append_printf(to, "%s%s%s", b->section, *b->section ? " " : "", b->text);
}

/* ---- rows --------------------------------------------------------------------------------- */

struct row {
	struct check check;
	struct budget budget;
	bool strict;
	struct fb_list worst; /* struct worst_row */
};

struct worst_row {
	struct fb_profile_wait wait;
	const char *root;
};

static struct row row_of(const struct check *c, bool strict)
{
	return (struct row){ .check = *c, .budget = *c->budget, .strict = strict };
}

static struct worst_row worst_row_of(const struct check *c, size_t i)
{
	return (struct worst_row){ c->worst[i].wait, c->roots[i] };
}

/* ---- for people --------------------------------------------------------------------------- */

static struct fb_cell get_verdict(struct fb_report *r, const void *row)
{
	const struct row *of = row;

	(void)r;
	if (of->check.outcome == CHECK_HELD)
		return FB_NAME("held");
	return FB_NAME(is_bad(&of->check, of->strict) ? "broken" : "no such wait");
}

static struct fb_cell get_name(struct fb_report *r, const void *budget)
{
	GString *to = fb_report_scratch(r);

	say_name(budget, to);
	return FB_TEXT(to->str);
}

static struct fb_cell get_found_words(struct fb_report *r, const void *row)
{
	const struct row *of = row;
	GString *to = fb_report_scratch(r);

	if (!of->check.run)
		return FB_NULL;
	say_amount(&of->budget, of->check.found, WORDS_FOR_PEOPLE, to);
	return FB_TEXT(to->str);
}

static const struct fb_table people = {
	.columns = {
		{ .heading = "Verdict", FB_BY(TEXT, get_verdict) },
		{ .heading = "Line", FB_UINT_OF(struct row, budget.line) },
		{ .heading = "Budget", FB_BY(TEXT, get_name, offsetof(struct row, budget)) },
		{ .heading = "Found", FB_BY(TEXT, get_found_words) },
		{ .heading = "Waits", FB_COUNT_OF(struct row, check.waits) },
	},
};

static const struct fb_table people_worst = {
	.columns = {
		{ .heading = "Start", FB_TIME_OF(struct worst_row, wait.begin) },
		{ .heading = "Duration (ms)", FB_DURATION_OF(struct worst_row, wait.asleep) },
		{ .heading = "Tid", FB_INT_OF(struct worst_row, wait.tid) },
		{ .heading = "Root", FB_TEXT_OF(struct worst_row, root) },
	},
};

static void report_row(struct fb_report *r, const struct check *c, bool strict)
{
	const struct row row = row_of(c, strict);

	fb_report_row(r, &row);
}

/* The waits that broke it, if any did. */
static void report_worst(struct fb_report *r, const struct check *c)
{
	g_autoptr(GString) title = g_string_new(NULL);

	say_name(c->budget, title);
	g_string_append(title, ": ");
	say_check(c, WORDS_FOR_PEOPLE, title);
	if (!c->n_worst) {
		fb_report_note(r, "%s", title->str);
		return;
	}
	fb_report_table(r, &people_worst, title->str);
	for (size_t i = 0; i < c->n_worst; i++) {
		const struct worst_row row = worst_row_of(c, i);

		fb_report_row(r, &row);
	}
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

struct summary {
	uint64_t of[CHECK_UNMATCHED + 1]; /* by outcome */
	bool strict;
};

static struct fb_cell get_format(struct fb_report *r, const void *row)
{
	(void)r;
	(void)row;
	return FB_INT(FORMAT);
}

static const struct fb_table summary = {
	.type = "check",
	.columns = {
		{ .key = "format", FB_BY(INT, get_format) },
		{ .key = "budgets.held", FB_COUNT_OF(struct summary, of[CHECK_HELD]) },
		{ .key = "budgets.broken", FB_COUNT_OF(struct summary, of[CHECK_BROKEN]) },
		{ .key = "budgets.unmatched", FB_COUNT_OF(struct summary, of[CHECK_UNMATCHED]) },
		{ .key = "strict", FB_BOOL_OF(struct summary, strict) },
	},
};

static const struct fb_table worst_list = {
	.columns = {
		{ .key = "begin", FB_TIME_OF(struct worst_row, wait.begin) },
		{ .key = "asleep", FB_DURATION_OF(struct worst_row, wait.asleep) },
		{ .key = "tid", FB_INT_OF(struct worst_row, wait.tid) },
		{ .key = "root", FB_TEXT_OF(struct worst_row, root) },
	},
};

static struct fb_cell get_outcome(struct fb_report *r, const void *outcome)
{
	static const char *const names[] = { "held", "broken", "unmatched" };

	(void)r;
	return FB_NAME(names[*(const enum check_outcome *)outcome]);
}

static struct fb_cell get_unit(struct fb_report *r, const void *unit)
{
	static const char *const names[] = { "waits", "waits/s", "ns", "share" };

	(void)r;
	return FB_NAME(names[*(const enum budget_unit *)unit]);
}

static struct fb_cell get_section(struct fb_report *r, const void *budget)
{
	(void)r;
	return FB_TEXT(((const struct budget *)budget)->section);
}

static struct fb_cell get_text(struct fb_report *r, const void *budget)
{
	(void)r;
	return FB_TEXT(((const struct budget *)budget)->text);
}

static struct fb_cell get_found(struct fb_report *r, const void *check)
{
	const struct check *c = check;

	(void)r;
	return c->run ? FB_REAL(c->found) : FB_NULL;
}

static struct fb_cell get_run(struct fb_report *r, const void *check)
{
	const struct check *c = check;

	(void)r;
	return FB_TEXT(c->run ? c->run->id : NULL);
}

#define CHECK  offsetof(struct row, check)
#define BUDGET offsetof(struct row, budget)

static const struct fb_table programs = {
	.type = "budget",
	.columns = {
		{ .key = "line", FB_UINT_OF(struct row, budget.line) },
		{ .key = "section", FB_BY(TEXT, get_section, BUDGET) },
		{ .key = "budget", FB_BY(TEXT, get_text, BUDGET) },
		{ .key = "outcome",
		  FB_OF(TEXT, get_outcome, enum check_outcome, struct row, check.outcome) },
		{ .key = "unit", FB_OF(TEXT, get_unit, enum budget_unit, struct row, budget.unit) },
		{ .key = "limit", FB_REAL_OF(struct row, budget.limit) },
		{ .key = "found", FB_BY(REAL, get_found, CHECK) },
		{ .key = "waits", FB_COUNT_OF(struct row, check.waits) },
		{ .key = "run", FB_BY(TEXT, get_run, CHECK) },
		{ .key = "worst", FB_LIST_OF(struct row, worst) },
	},
};

static void report_for_programs(struct fb_report *r, const struct check *c, bool strict)
{
	struct worst_row worst[FB_PROFILE_WORST];
	struct row row = row_of(c, strict);

	for (size_t i = 0; i < c->n_worst; i++)
		worst[i] = worst_row_of(c, i);
	row.worst = (struct fb_list){ &worst_list, worst, c->n_worst, sizeof(*worst) };
	fb_report_row(r, &row);
}

void report_checks(struct fb_report *r, const GPtrArray *checks, const char *file, bool strict)
{
	struct summary of_all = { .strict = strict };

	if (fb_report_for_people(r)) {
		report_for_people(r, checks, file, strict);
		return;
	}
	for (enum check_outcome outcome = CHECK_HELD; outcome <= CHECK_UNMATCHED; outcome++)
		of_all.of[outcome] = checks_count(checks, outcome);
	fb_report_table(r, &summary, NULL);
	fb_report_row(r, &of_all);
	fb_report_table(r, &programs, NULL);
	for (guint i = 0; i < checks->len; i++)
		report_for_programs(r, check_at(checks, i), strict);
}

/* ---- the results of tests ------------------------------------------------------------------- */

static void add_check(struct junit *j, const struct check *c, const char *file, bool strict)
{
	const char *process = c->budget->process;
	g_autoptr(GString) name = g_string_new(NULL);
	g_autoptr(GString) message = g_string_new(NULL), details = g_string_new(NULL);
	enum junit_outcome outcome = is_bad(c, strict)	  ? JUNIT_FAILED :
				     c->outcome == CHECK_HELD ? JUNIT_PASSED :
							    JUNIT_SKIPPED;

	say_name(c->budget, name);
	say_check(c, WORDS_FOR_PROGRAMS, message);
	g_string_append_printf(details, "%s:%u: %s\n%s\n", file, c->budget->line, name->str,
			       message->str);
	for (size_t i = 0; i < c->n_worst; i++) {
		say_worst(&c->worst[i].wait, details);
		g_string_append_printf(details, "%s%s\n", c->roots[i] ? ": " : "",
				       c->roots[i] ? c->roots[i] : "");
	}
	junit_add(j, process && *process ? process : "*", name->str, outcome, message->str,
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
