/* SPDX-License-Identifier: MIT */
/* tables.c - a comparison as tables, for people. */
#include <math.h>

#include "compare/tables.h"

/* ---- cells ------------------------------------------------------------------------------ */

struct fb_cell get_ns(struct fb_report *r, const void *ns)
{
	double value = *(const double *)ns;

	(void)r;
	return isfinite(value) ? FB_DURATION(llrint(value)) : FB_NULL;
}

static struct fb_cell get_percent(struct fb_report *r, const void *share)
{
	(void)r;
	return FB_PERCENT(*(const double *)share, 1);
}

/* Medians of two runs may lie between counts, and rates anywhere. */
static struct fb_cell get_median_count(struct fb_report *r, const void *count)
{
	double n = *(const double *)count;

	(void)r;
	return n == floor(n) ? FB_INT((int64_t)n) : FB_REAL(n);
}

#define PERCENT_OF(type, member) FB_OF(PERCENT, get_percent, double, type, member)
#define MEDIAN_OF(type, member)  FB_OF(REAL, get_median_count, double, type, member)

/* Of a group. */
static struct fb_cell get_task(struct fb_report *r, const void *group)
{
	GString *to = fb_report_scratch(r);

	say_task(((const struct compared *)group)->key, to);
	return FB_TEXT(to->str);
}

static struct fb_cell get_syscall(struct fb_report *r, const void *group)
{
	const struct compared *g = group;
	GString *to = fb_report_scratch(r);

	if (!g->key->syscall)
		return FB_NULL;
	say_syscall(g, to);
	return FB_TEXT(to->str);
}

static struct fb_cell get_wakeup(struct fb_report *r, const void *group)
{
	GString *to = fb_report_scratch(r);

	say_cause(group, to);
	return FB_TEXT(to->str);
}

const char *presence_of(const struct compared *g)
{
	return !g->group[BASE] ? "new" : !g->group[NEW] ? "gone" : g->was ? "moved" : "both";
}

static bool is_tested(const struct compared *g)
{
	bool any = false;

	for (enum measure m = 0; m < MEASURES; m++)
		any |= g->by[m].is_tested;
	return any;
}

/* The surest one of the tests; of one that hung, that by which it did. */
static double adjusted_of(const struct compared *g)
{
	double p = INFINITY;

	if (g->verdict == VERDICT_HUNG)
		return g->hung_p;
	for (enum measure m = 0; m < MEASURES; m++)
		if (g->by[m].is_tested)
			p = MIN(p, g->by[m].adjusted);
	return p;
}

/* ---- for people ------------------------------------------------------------------------- */

static struct fb_cell get_verdict_words(struct fb_report *r, const void *group)
{
	const struct compared *g = group;
	GString *to = fb_report_scratch(r);

	g_string_append(to, verdict_name(g->verdict));
	if (!g->group[BASE] || !g->group[NEW] || (g->was && g->verdict != VERDICT_MOVED))
		g_string_append_printf(to, " (%s)", presence_of(g));
	return FB_TEXT(to->str);
}

static struct fb_cell get_adjusted(struct fb_report *r, const void *group)
{
	(void)r;
	return FB_REAL(adjusted_of(group));
}

static struct fb_cell get_lost(struct fb_report *r, const void *group)
{
	const struct compared *g = group;
	uint64_t lost = g->uncertain[BASE] + g->uncertain[NEW];

	(void)r;
	return lost ? FB_INT(lost) : FB_NULL;
}

static const struct fb_table people = {
	.columns = {
		{ .heading = "Verdict", FB_BY(TEXT, get_verdict_words) },
		{ .heading = "Added (ms)", NS_OF(struct compared, added) },
		{ .heading = "Base (ms)", NS_OF(struct compared, by[MEASURE_TOTAL].median[BASE]) },
		{ .heading = "New (ms)", NS_OF(struct compared, by[MEASURE_TOTAL].median[NEW]) },
		{ .heading = "%", PERCENT_OF(struct compared, by[MEASURE_TOTAL].effect) },
		{ .heading = "P50 %", PERCENT_OF(struct compared, by[MEASURE_P50].effect) },
		{ .heading = "P95 %", PERCENT_OF(struct compared, by[MEASURE_P95].effect) },
		{ .heading = "P99 %", PERCENT_OF(struct compared, by[MEASURE_P99].effect) },
		{ .heading = "p", FB_BY(REAL, get_adjusted) },
		{ .heading = "N base", MEDIAN_OF(struct compared, count[BASE]) },
		{ .heading = "N new", MEDIAN_OF(struct compared, count[NEW]) },
		{ .heading = "Lost", FB_BY(INT, get_lost) },
		{ .heading = "Task", FB_BY(TEXT, get_task) },
		{ .heading = "Syscall", FB_BY(TEXT, get_syscall) },
		{ .heading = "Wakeup", FB_BY(TEXT, get_wakeup) },
	},
};

static bool has_changed(const struct compared *g)
{
	return g->verdict != VERDICT_SAME && g->verdict != VERDICT_UNKNOWN;
}

static bool is_unknown(const struct compared *g)
{
	return g->verdict == VERDICT_UNKNOWN;
}

static bool is_the_same(const struct compared *g)
{
	return g->verdict == VERDICT_SAME && is_tested(g);
}

static void report_groups(struct fb_report *r, const struct comparison *c, const char *title,
			  bool (*is_wanted)(const struct compared *))
{
	bool is_begun = false;

	for (size_t i = 0; i < c->groups->len; i++) {
		const struct compared *g = compared_at(c, i);

		if (!is_wanted(g))
			continue;
		if (!is_begun)
			fb_report_table(r, &people, title);
		is_begun = true;
		fb_report_row(r, g);
	}
}

static struct fb_cell get_recorded(struct fb_report *r, const void *worst)
{
	const struct fb_profile_run *run = ((const struct worst *)worst)->run;

	(void)r;
	return FB_TEXT(run->created ? run->created : run->id);
}

static const struct fb_table people_worst = {
	.columns = {
		{ .heading = "Start", FB_TIME_OF(struct worst, wait.begin) },
		{ .heading = "Duration (ms)", FB_DURATION_OF(struct worst, wait.asleep) },
		{ .heading = "Tid", FB_INT_OF(struct worst, wait.tid) },
		{ .heading = "Recorded", FB_BY(TEXT, get_recorded) },
	},
};

/* Why it is worse, and where to look. */
static void explain_group(struct fb_report *r, const struct comparison *c, const struct compared *g)
{
	struct worst worst[FB_PROFILE_WORST];
	size_t n = find_worst(c->side[NEW], g->group[NEW], worst);
	g_autoptr(GString) words = g_string_new(g->verdict == VERDICT_HUNG ? "Hung: " : "Worse: ");

	say_group(g, words);
	g_string_append(words, ": ");
	say_reason(c, g, WORDS_FOR_PEOPLE, words);
	fb_report_table(r, &people_worst, words->str);
	for (size_t i = 0; i < n; i++)
		fb_report_row(r, &worst[i]);
}

static void report_for_people(struct fb_report *r, const struct comparison *c, bool brief)
{
	g_autoptr(GString) words = g_string_new(NULL);

	say_outcome(c, words);
	fb_report_note(r, "%s", words->str);
	for (guint i = 1; i < c->lacks->len; i++)
		fb_report_note(r, "Also: %s", (const char *)g_ptr_array_index(c->lacks, i));
	for (guint i = 0; i < c->warnings->len; i++)
		fb_report_note(r, "Warning: %s", (const char *)g_ptr_array_index(c->warnings, i));
	report_groups(r, c, "What changed", has_changed);
	for (size_t i = 0; i < c->groups->len; i++)
		if (is_regression(compared_at(c, i)))
			explain_group(r, c, compared_at(c, i));
	if (c->of[VERDICT_WORSE] + c->of[VERDICT_HUNG])
		fb_report_note(r, "flightbox why --tid TID --at START TRACE tells what such a wait "
				  "was for");
	report_groups(r, c, "What may have changed", is_unknown);
	if (!brief)
		report_groups(r, c, "What stayed the same", is_the_same);
	if (c->groups->len > c->tested + c->uncounted)
		fb_report_note(r, "%zu more groups differ by too little between any runs to be "
				  "looked at", c->groups->len - c->tested - c->uncounted);
	if (c->uncounted)
		fb_report_note(r, "%zu group%s not looked at: fewer than half of the waits count, by "
				  "number or time (--strict: then nothing can be told)",
			       c->uncounted, c->uncounted == 1 ? " is" : "s are");
}

void report_comparison(struct fb_report *r, const struct comparison *c, bool brief)
{
	if (fb_report_for_people(r)) {
		report_for_people(r, c, brief);
		return;
	}
	report_comparison_rows(r, c);
}
