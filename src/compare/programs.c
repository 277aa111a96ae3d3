/* SPDX-License-Identifier: MIT */
/* programs.c - a comparison as tables, for programs. */
#include "compare/tables.h"

#define FORMAT 1 /* of what they read; see docs/compare.md */

static struct fb_cell get_verdict(struct fb_report *r, const void *verdict)
{
	(void)r;
	return FB_NAME(verdict_name(*(const enum verdict *)verdict));
}

#define VERDICT_OF(type, member) FB_OF(TEXT, get_verdict, enum verdict, type, member)

static struct fb_cell get_presence(struct fb_report *r, const void *group)
{
	(void)r;
	return FB_NAME(presence_of(group));
}

struct warning {
	const char *text;
};

static const struct fb_table warning_list = {
	.columns = { { .key = "text", FB_TEXT_OF(struct warning, text) } },
};

struct compare_sums {
	struct comparison of;
	uint64_t runs[SIDES];
	enum verdict verdict;
	struct fb_list warnings, lacks; /* struct warning */
};

static struct fb_cell get_format(struct fb_report *r, const void *row)
{
	(void)r;
	(void)row;
	return FB_INT(FORMAT);
}

static struct fb_cell get_per(struct fb_report *r, const void *per_second)
{
	(void)r;
	return FB_NAME(*(const bool *)per_second ? "second" : "run");
}

static struct fb_cell get_hung_p(struct fb_report *r, const void *row)
{
	const struct hung *hung = &((const struct compare_sums *)row)->of.hung;

	(void)r;
	return hung->is_tested ? FB_REAL(hung->p) : FB_NULL;
}

static struct fb_cell get_hung_adjusted(struct fb_report *r, const void *row)
{
	const struct hung *hung = &((const struct compare_sums *)row)->of.hung;

	(void)r;
	return hung->is_tested ? FB_REAL(hung->adjusted) : FB_NULL;
}

static const struct fb_table summary = {
	.type = "comparison",
	.columns = {
		{ .key = "format", FB_BY(INT, get_format) },
		{ .key = "verdict", VERDICT_OF(struct compare_sums, verdict) },
		{ .key = "base_runs", FB_COUNT_OF(struct compare_sums, runs[BASE]) },
		{ .key = "new_runs", FB_COUNT_OF(struct compare_sums, runs[NEW]) },
		{ .key = "runs_needed", FB_UINT_OF(struct compare_sums, of.needed) },
		{ .key = "tests", FB_COUNT_OF(struct compare_sums, of.tests) },
		{ .key = "left_out", FB_COUNT_OF(struct compare_sums, of.left_out) },
		{ .key = "smallest_p", FB_REAL_OF(struct compare_sums, of.smallest_p) },
		{ .key = "alpha", FB_REAL_OF(struct compare_sums, of.options.alpha) },
		{ .key = "min_effect", FB_REAL_OF(struct compare_sums, of.options.min_effect) },
		{ .key = "min_time", FB_DURATION_OF(struct compare_sums, of.options.min_time) },
		{ .key = "per",
		  FB_OF(TEXT, get_per, bool, struct compare_sums, of.options.per_second) },
		{ .key = "hung.runs", FB_UINT_OF(struct compare_sums, of.hung.runs) },
		{ .key = "hung.p", FB_BY(REAL, get_hung_p) },
		{ .key = "hung.adjusted", FB_BY(REAL, get_hung_adjusted) },
		{ .key = "groups.hung", FB_COUNT_OF(struct compare_sums, of.of[VERDICT_HUNG]) },
		{ .key = "groups.worse", FB_COUNT_OF(struct compare_sums, of.of[VERDICT_WORSE]) },
		{ .key = "groups.better", FB_COUNT_OF(struct compare_sums, of.of[VERDICT_BETTER]) },
		{ .key = "groups.moved", FB_COUNT_OF(struct compare_sums, of.of[VERDICT_MOVED]) },
		{ .key = "groups.same", FB_COUNT_OF(struct compare_sums, of.of[VERDICT_SAME]) },
		{ .key = "groups.unknown",
		  FB_COUNT_OF(struct compare_sums, of.of[VERDICT_UNKNOWN]) },
		{ .key = "warnings", FB_LIST_OF(struct compare_sums, warnings) },
		{ .key = "lacks", FB_LIST_OF(struct compare_sums, lacks) },
	},
};

static void report_summary(struct fb_report *r, const struct comparison *c)
{
	struct compare_sums row = {
		.of = *c,
		.runs = { [BASE] = c->side[BASE]->n_runs, [NEW] = c->side[NEW]->n_runs },
		.verdict = c->of[VERDICT_HUNG]	 ? VERDICT_HUNG :
			   c->of[VERDICT_WORSE]	 ? VERDICT_WORSE :
			   !c->can_tell		 ? VERDICT_UNKNOWN :
			   c->of[VERDICT_BETTER] ? VERDICT_BETTER :
						   VERDICT_SAME,
		/* An array of pointers is one of struct warning. */
		.warnings = { &warning_list, c->warnings->pdata, c->warnings->len,
			      sizeof(struct warning) },
		.lacks = { &warning_list, c->lacks->pdata, c->lacks->len, sizeof(struct warning) },
	};

	fb_report_table(r, &summary, NULL);
	fb_report_row(r, &row);
}

/* One measure of a group. */
struct measure_row {
	enum measure measure;
	struct change change;
};

/* What there is only where it was tested. */
static struct fb_cell if_tested(const void *row, struct fb_cell cell)
{
	return ((const struct measure_row *)row)->change.is_tested ? cell : FB_NULL;
}

#define TEST_GETTER(name, cell)                                                \
	static struct fb_cell name(struct fb_report *r, const void *row)       \
	{                                                                      \
		const struct change *c = &((const struct measure_row *)row)->change; \
									       \
		(void)r;                                                       \
		return if_tested(row, cell);                                   \
	}

TEST_GETTER(get_test_verdict, FB_NAME(verdict_name(c->verdict)))
TEST_GETTER(get_p, FB_REAL(c->p))
TEST_GETTER(get_test_adjusted, FB_REAL(c->adjusted))
TEST_GETTER(get_delta, FB_REAL(c->delta))
TEST_GETTER(get_shift, get_ns(r, &c->shift.estimate))
TEST_GETTER(get_low, get_ns(r, &c->shift.low))
TEST_GETTER(get_high, get_ns(r, &c->shift.high))
TEST_GETTER(get_level, FB_REAL(c->shift.level))

static struct fb_cell get_measure(struct fb_report *r, const void *measure)
{
	(void)r;
	return FB_NAME(measure_name(*(const enum measure *)measure));
}

static const struct fb_table measure_list = {
	.columns = {
		{ .key = "name",
		  FB_OF(TEXT, get_measure, enum measure, struct measure_row, measure) },
		{ .key = "base", NS_OF(struct measure_row, change.median[BASE]) },
		{ .key = "new", NS_OF(struct measure_row, change.median[NEW]) },
		{ .key = "effect", FB_REAL_OF(struct measure_row, change.effect) },
		{ .key = "verdict", FB_BY(TEXT, get_test_verdict) },
		{ .key = "test.p", FB_BY(REAL, get_p) },
		{ .key = "test.adjusted", FB_BY(REAL, get_test_adjusted) },
		{ .key = "test.delta", FB_BY(REAL, get_delta) },
		{ .key = "test.shift", FB_BY(DURATION, get_shift) },
		{ .key = "test.low", FB_BY(DURATION, get_low) },
		{ .key = "test.high", FB_BY(DURATION, get_high) },
		{ .key = "test.level", FB_BY(REAL, get_level) },
	},
};

static struct fb_cell get_run(struct fb_report *r, const void *worst)
{
	(void)r;
	return FB_TEXT(((const struct worst *)worst)->run->id);
}

static const struct fb_table worst_list = {
	.columns = {
		{ .key = "begin", FB_TIME_OF(struct worst, wait.begin) },
		{ .key = "asleep", FB_DURATION_OF(struct worst, wait.asleep) },
		{ .key = "tid", FB_INT_OF(struct worst, wait.tid) },
		{ .key = "run", FB_BY(TEXT, get_run) },
	},
};

struct diff_row {
	struct compared group;
	struct fb_profile_key key;
	struct fb_profile_key was; /* in the base, where that was another; else all NULL */
	struct fb_list measures, worst;
};

static struct fb_cell get_reason(struct fb_report *r, const void *group)
{
	const struct compared *g = group;
	bool has_reason = g->verdict == VERDICT_WORSE || g->verdict == VERDICT_BETTER;

	(void)r;
	if (g->verdict == VERDICT_HUNG)
		return FB_NAME("longest");
	return FB_NAME(has_reason ? measure_name(g->reason) : NULL);
}

static struct fb_cell get_kind(struct fb_report *r, const void *kind)
{
	(void)r;
	return FB_NAME(fb_cause_kind_name(*(const enum fb_cause_kind *)kind));
}

static struct fb_cell get_via(struct fb_report *r, const void *via)
{
	(void)r;
	return FB_NAME(fb_via_name(*(const enum fb_via *)via));
}

static struct fb_cell get_old_waker(struct fb_report *r, const void *row)
{
	const struct fb_profile_key *was = &((const struct diff_row *)row)->was;

	(void)r;
	return FB_NAME(was->kind == FB_CAUSE_TASK ? was->name : NULL);
}

static const struct fb_table programs = {
	.type = "group",
	.columns = {
		{ .key = "verdict", VERDICT_OF(struct diff_row, group.verdict) },
		{ .key = "reason", FB_BY(TEXT, get_reason, offsetof(struct diff_row, group)) },
		{ .key = "present", FB_BY(TEXT, get_presence, offsetof(struct diff_row, group)) },
		{ .key = "was.syscall", FB_TEXT_OF(struct diff_row, was.syscall) },
		{ .key = "was.waker", FB_BY(TEXT, get_old_waker) },
		{ .key = "command", FB_TEXT_OF(struct diff_row, key.command) },
		{ .key = "thread", FB_TEXT_OF(struct diff_row, key.thread) },
		{ .key = "syscall", FB_TEXT_OF(struct diff_row, key.syscall) },
		{ .key = "cause.kind",
		  FB_OF(TEXT, get_kind, enum fb_cause_kind, struct diff_row, key.kind) },
		{ .key = "cause.name", FB_TEXT_OF(struct diff_row, key.name) },
		{ .key = "cause.via", FB_OF(TEXT, get_via, enum fb_via, struct diff_row, key.via) },
		{ .key = "cause.signal", FB_TEXT_OF(struct diff_row, key.signal) },
		{ .key = "count.base", FB_REAL_OF(struct diff_row, group.count[BASE]) },
		{ .key = "count.new", FB_REAL_OF(struct diff_row, group.count[NEW]) },
		{ .key = "uncertain.base", FB_COUNT_OF(struct diff_row, group.uncertain[BASE]) },
		{ .key = "uncertain.new", FB_COUNT_OF(struct diff_row, group.uncertain[NEW]) },
		{ .key = "added", NS_OF(struct diff_row, group.added) },
		{ .key = "hung.base_runs", FB_UINT_OF(struct diff_row, group.hung_runs[BASE]) },
		{ .key = "hung.new_runs", FB_UINT_OF(struct diff_row, group.hung_runs[NEW]) },
		{ .key = "hung.base", FB_DURATION_OF(struct diff_row, group.longest[BASE]) },
		{ .key = "hung.new", FB_DURATION_OF(struct diff_row, group.longest[NEW]) },
		{ .key = "measures", FB_LIST_OF(struct diff_row, measures) },
		{ .key = "worst", FB_LIST_OF(struct diff_row, worst) },
	},
};

static void report_group(struct fb_report *r, const struct comparison *c, const struct compared *g)
{
	struct measure_row measures[MEASURES];
	struct worst worst[FB_PROFILE_WORST];
	struct diff_row row = { .group = *g, .key = *g->key,
				.was = g->was ? *g->was : (struct fb_profile_key){ 0 } };

	for (enum measure m = 0; m < MEASURES; m++)
		measures[m] = (struct measure_row){ m, g->by[m] };
	row.measures = (struct fb_list){ &measure_list, measures, MEASURES, sizeof(*measures) };
	row.worst = (struct fb_list){ &worst_list, worst, find_worst(c->side[NEW], g->group[NEW], worst),
				      sizeof(*worst) };
	fb_report_row(r, &row);
}

void report_comparison_rows(struct fb_report *r, const struct comparison *c)
{
	report_summary(r, c);
	fb_report_table(r, &programs, NULL);
	for (size_t i = 0; i < c->groups->len; i++)
		report_group(r, c, compared_at(c, i));
}
