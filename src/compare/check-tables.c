/* SPDX-License-Identifier: MIT */
/* check-tables.c - what became of budgets, as a report and as the results of tests. */
#include "compare/check.h"
#include "compare/grounds.h"

#define FORMAT 1 /* of what programs read; see docs/compare.md */

/* ---- rows --------------------------------------------------------------------------------- */

struct check_row {
	struct check check;
	struct budget budget;
	bool is_broken;
	struct fb_list worst; /* struct worst_row */
};

struct worst_row {
	struct fb_profile_wait wait;
	const char *root;
};

static struct check_row row_of(const struct checks *all, const struct check *c)
{
	return (struct check_row){ .check = *c, .budget = *c->budget,
			     .is_broken = check_is_broken(all, c) };
}

static struct worst_row worst_row_of(const struct check *c, size_t i)
{
	return (struct worst_row){ c->worst[i].wait, c->roots[i] };
}

/* ---- for people --------------------------------------------------------------------------- */

static struct fb_cell get_verdict(struct fb_report *r, const void *row)
{
	static const char *const words[CHECK_OUTCOMES] = {
		"held", "broken", "no such wait", "no such task", "not counted", "not recorded",
	};
	const struct check_row *of = row;

	(void)r;
	return FB_NAME(of->is_broken ? "broken" : words[of->check.outcome]);
}

static struct fb_cell get_name(struct fb_report *r, const void *budget)
{
	GString *to = fb_report_scratch(r);

	say_name(budget, to);
	return FB_TEXT(to->str);
}

static struct fb_cell get_found_words(struct fb_report *r, const void *row)
{
	const struct check_row *of = row;
	GString *to = fb_report_scratch(r);

	if (!of->check.run)
		return FB_NULL;
	say_amount(&of->budget, of->check.found, WORDS_FOR_PEOPLE, to);
	return FB_TEXT(to->str);
}

static const struct fb_table people = {
	.columns = {
		{ .heading = "Verdict", FB_BY(TEXT, get_verdict) },
		{ .heading = "Line", FB_UINT_OF(struct check_row, budget.line) },
		{ .heading = "Budget", FB_BY(TEXT, get_name, offsetof(struct check_row, budget)) },
		{ .heading = "Found", FB_BY(TEXT, get_found_words) },
		{ .heading = "Waits", FB_COUNT_OF(struct check_row, check.waits) },
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

static void report_row(struct fb_report *r, const struct checks *all, const struct check *c)
{
	const struct check_row row = row_of(all, c);

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

/* Of which budgets nothing is known, or no more than that no wait was there. */
static void report_open(struct fb_report *r, const struct checks *c, const size_t *of)
{
	size_t open = of[CHECK_UNSEEN] + of[CHECK_UNCOUNTED] + of[CHECK_UNRECORDED];

	if (open)
		fb_report_note(r, "%zu budget%s cannot be told: no wait of such a task counts, too few do, "
				  "or what tells them was not recorded", open, open == 1 ? "" : "s");
	if (of[CHECK_UNMATCHED] && !c->strict)
		fb_report_note(r, "%zu budget%s on no wait at all (--strict: then they are broken)",
			       of[CHECK_UNMATCHED], of[CHECK_UNMATCHED] == 1 ? " is" : "s are");
}

static void count_outcomes(const struct checks *c, size_t *of)
{
	for (guint i = 0; i < c->all->len; i++)
		of[check_at(c, i)->outcome]++;
}

static void report_for_people(struct fb_report *r, const struct checks *c)
{
	size_t of[CHECK_OUTCOMES] = { 0 }, broken;

	count_outcomes(c, of);
	for (guint i = 0; i < c->lacks->len; i++)
		fb_report_note(r, "Nothing can be told: %s", (char *)c->lacks->pdata[i]);
	broken = of[CHECK_BROKEN] + (c->strict ? of[CHECK_UNMATCHED] : 0);
	fb_report_note(r, "%zu of %u budgets in %s %s broken", broken, c->all->len, c->file,
		       broken == 1 ? "is" : "are");
	fb_report_table(r, &people, NULL);
	for (guint i = 0; i < c->all->len; i++)
		report_row(r, c, check_at(c, i));
	for (guint i = 0; i < c->all->len; i++)
		if (check_is_broken(c, check_at(c, i)))
			report_worst(r, check_at(c, i));
	report_open(r, c, of);
}

/* ---- for programs ------------------------------------------------------------------------- */

struct check_sums {
	size_t of[CHECK_OUTCOMES];
	enum check_verdict verdict;
	bool strict;
	struct fb_list lacks; /* struct lack_row */
};

struct lack_row {
	const char *text;
};

static struct fb_cell get_verdict_of_all(struct fb_report *r, const void *verdict)
{
	static const char *const words[] = { "held", "broken", "not enough data" };

	(void)r;
	return FB_NAME(words[*(const enum check_verdict *)verdict]);
}

static const struct fb_table lack_list = {
	.columns = { { .key = "text", FB_TEXT_OF(struct lack_row, text) } },
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
		{ .key = "budgets.held", FB_COUNT_OF(struct check_sums, of[CHECK_HELD]) },
		{ .key = "budgets.broken", FB_COUNT_OF(struct check_sums, of[CHECK_BROKEN]) },
		{ .key = "budgets.unmatched", FB_COUNT_OF(struct check_sums, of[CHECK_UNMATCHED]) },
		{ .key = "budgets.unseen", FB_COUNT_OF(struct check_sums, of[CHECK_UNSEEN]) },
		{ .key = "budgets.uncounted", FB_COUNT_OF(struct check_sums, of[CHECK_UNCOUNTED]) },
		{ .key = "budgets.unrecorded", FB_COUNT_OF(struct check_sums, of[CHECK_UNRECORDED]) },
		{ .key = "strict", FB_BOOL_OF(struct check_sums, strict) },
		{ .key = "verdict",
		  FB_OF(TEXT, get_verdict_of_all, enum check_verdict, struct check_sums, verdict) },
		{ .key = "lacks", FB_LIST_OF(struct check_sums, lacks) },
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
	static const char *const names[CHECK_OUTCOMES] = {
		"held", "broken", "unmatched", "unseen", "uncounted", "unrecorded",
	};

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

#define CHECK  offsetof(struct check_row, check)
#define BUDGET offsetof(struct check_row, budget)

static const struct fb_table programs = {
	.type = "budget",
	.columns = {
		{ .key = "line", FB_UINT_OF(struct check_row, budget.line) },
		{ .key = "section", FB_BY(TEXT, get_section, BUDGET) },
		{ .key = "budget", FB_BY(TEXT, get_text, BUDGET) },
		{ .key = "outcome",
		  FB_OF(TEXT, get_outcome, enum check_outcome, struct check_row, check.outcome) },
		{ .key = "unit",
		  FB_OF(TEXT, get_unit, enum budget_unit, struct check_row, budget.unit) },
		{ .key = "limit", FB_REAL_OF(struct check_row, budget.limit) },
		{ .key = "found", FB_BY(REAL, get_found, CHECK) },
		{ .key = "waits", FB_COUNT_OF(struct check_row, check.waits) },
		{ .key = "run", FB_BY(TEXT, get_run, CHECK) },
		{ .key = "worst", FB_LIST_OF(struct check_row, worst) },
	},
};

static void report_for_programs(struct fb_report *r, const struct checks *all,
				const struct check *c)
{
	struct worst_row worst[FB_PROFILE_WORST];
	struct check_row row = row_of(all, c);

	for (size_t i = 0; i < c->n_worst; i++)
		worst[i] = worst_row_of(c, i);
	row.worst = (struct fb_list){ &worst_list, worst, c->n_worst, sizeof(*worst) };
	fb_report_row(r, &row);
}

void report_checks(struct fb_report *r, const struct checks *c)
{
	struct check_sums of_all = {
		.verdict = checks_verdict(c),
		.strict = c->strict,
		/* An array of pointers is one of struct lack_row. */
		.lacks = { &lack_list, c->lacks->pdata, c->lacks->len, sizeof(struct lack_row) },
	};

	if (fb_report_for_people(r)) {
		report_for_people(r, c);
		return;
	}
	count_outcomes(c, of_all.of);
	fb_report_table(r, &summary, NULL);
	fb_report_row(r, &of_all);
	fb_report_table(r, &programs, NULL);
	for (guint i = 0; i < c->all->len; i++)
		report_for_programs(r, c, check_at(c, i));
}

/* ---- the results of tests ------------------------------------------------------------------- */

static enum junit_outcome junit_outcome_of(const struct checks *all, const struct check *c)
{
	static const enum junit_outcome outcomes[CHECK_OUTCOMES] = {
		JUNIT_PASSED, JUNIT_FAILED, JUNIT_SKIPPED, JUNIT_ERROR, JUNIT_ERROR, JUNIT_ERROR,
	};

	return check_is_broken(all, c) ? JUNIT_FAILED : outcomes[c->outcome];
}

static void add_check(struct junit *j, const struct checks *all, const struct check *c)
{
	const char *process = c->budget->process;
	g_autoptr(GString) name = g_string_new(NULL);
	g_autoptr(GString) message = g_string_new(NULL), details = g_string_new(NULL);

	say_name(c->budget, name);
	say_check(c, WORDS_FOR_PROGRAMS, message);
	g_string_append_printf(details, "%s:%u: %s\n%s\n", all->file, c->budget->line, name->str,
			       message->str);
	for (size_t i = 0; i < c->n_worst; i++) {
		say_worst(&c->worst[i].wait, details);
		g_string_append_printf(details, "%s%s\n", c->roots[i] ? ": " : "",
				       c->roots[i] ? c->roots[i] : "");
	}
	junit_add(j, process && *process ? process : "*", name->str, junit_outcome_of(all, c),
		  message->str, details->str);
}

struct junit *junit_of_checks(const struct checks *c)
{
	const struct fb_profile *p = c->profile;
	struct junit *j = junit_new("flightbox check", p->runs[p->n_runs - 1]);
	g_autofree char *lacks = say_lacks(c->lacks);

	if (lacks)
		junit_add(j, "flightbox", "enough to tell", JUNIT_ERROR, lacks, NULL);
	for (guint i = 0; i < c->all->len; i++)
		add_check(j, c, check_at(c, i));
	return j;
}
