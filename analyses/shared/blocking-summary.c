/* SPDX-License-Identifier: MIT */
/* blocking-summary.c - what waits have in common, by system call and by cause. */
#include "analyses/shared/blocking-summary.h"
#include "analyses/shared/cause-name.h"
#include "analyses/shared/stats-row.h"
#include "analyses/shared/wait-row.h"
#include "base/groups.h"

/* Waits that count as one: ended by one cause, or of one system call, whose name is the key then. */
struct summed {
	struct cause_key key;
	bool is_cause;        /* else a system call */
	struct fb_stats asleep;
};

struct waits_summary {
	struct groups *by_syscall, *by_cause; /* struct summed */
	uint64_t unknown; /* waits whose time asleep is not known */
};

struct waits_summary *summary_new(void)
{
	struct waits_summary *s = g_new0(struct waits_summary, 1);

	s->by_syscall = groups_new(sizeof(struct summed), sizeof(struct cause_key), NULL);
	s->by_cause = groups_new(sizeof(struct summed), sizeof(struct cause_key), NULL);
	return s;
}

void summary_free(struct waits_summary *s)
{
	if (!s)
		return;
	groups_free(s->by_syscall);
	groups_free(s->by_cause);
	g_free(s);
}

static void add(struct groups *groups, const struct cause_key *key, bool is_cause, fb_ns asleep)
{
	struct summed *group = groups_get(groups, key, sizeof(*key));

	group->is_cause = is_cause;
	fb_stats_add(&group->asleep, asleep);
}

void summary_add(struct waits_summary *s, const struct fb_blocking *b)
{
	const struct cause_key by_syscall = { .syscall = b->syscall };
	const struct cause_key by_cause = cause_key_by_call(&b->cause);
	fb_ns asleep = fb_blocking_known(b);

	if (asleep == FB_NS_NONE) {
		s->unknown++;
		return;
	}
	add(s->by_syscall, &by_syscall, false, asleep);
	add(s->by_cause, &by_cause, true, asleep);
}

/* ---- the tables ------------------------------------------------------------------------- */

static struct fb_cell get_by(struct fb_report *r, const void *group)
{
	(void)r;
	return FB_NAME(((const struct summed *)group)->is_cause ? "cause" : "syscall");
}

static struct fb_cell get_name(struct fb_report *r, const void *group)
{
	const struct summed *g = group;

	return g->is_cause ? get_key_name(r, &g->key) : FB_NAME(g->key.syscall);
}

#define STATS offsetof(struct summed, asleep)
#define STATS_COLUMNS \
	{ .key = "n", .heading = "N", FB_COUNT_OF(struct fb_stats, n, STATS) }, \
	{ .key = "sum", .heading = "Sum (ms)", FB_DURATION_OF(struct fb_stats, sum, STATS) }, \
	{ .key = "min", .heading = "Min", FB_DURATION_OF(struct fb_stats, min, STATS) }, \
	{ .key = "max", .heading = "Max", FB_DURATION_OF(struct fb_stats, max, STATS) }, \
	{ .key = "mean", .heading = "Mean", FB_BY(DURATION, get_mean, STATS) }, \
	{ .key = "stddev", .heading = "Stddev", FB_BY(DURATION, get_deviation, STATS) }, \
	{ .key = "p50", .heading = "P50", FB_BY(DURATION, get_p50, STATS) }, \
	{ .key = "p95", .heading = "P95", FB_BY(DURATION, get_p95, STATS) }, \
	{ .key = "p99", .heading = "P99", FB_BY(DURATION, get_p99, STATS) }

static const struct fb_table programs = {
	.type = "summary",
	.columns = {
		{ .key = "by", FB_BY(TEXT, get_by) },
		{ .key = "name", FB_BY(TEXT, get_name) },
		STATS_COLUMNS,
	},
};

static const struct fb_table people_syscalls = {
	.columns = {
		{ .heading = "Syscall", SYSCALL_OF(struct summed, key.syscall) },
		STATS_COLUMNS,
	},
};

static const struct fb_table people_causes = {
	.columns = {
		{ .heading = "Wakeup", FB_BY(TEXT, get_key_name, offsetof(struct summed, key)) },
		STATS_COLUMNS,
	},
};

static int compare_groups(const void *a, const void *b)
{
	const struct summed *x = a, *y = b;

	if (x->asleep.sum != y->asleep.sum)
		return x->asleep.sum > y->asleep.sum ? -1 : 1;
	if (x->asleep.n != y->asleep.n)
		return x->asleep.n > y->asleep.n ? -1 : 1;
	if (x->key.syscall != y->key.syscall)
		return g_strcmp0(x->key.syscall, y->key.syscall);
	return x->asleep.max > y->asleep.max ? -1 : x->asleep.max < y->asleep.max;
}

static void report_groups(struct fb_report *report, const struct groups *groups)
{
	g_autoptr(GPtrArray) sorted = groups_sorted(groups, compare_groups);

	for (guint i = 0; i < sorted->len; i++)
		fb_report_row(report, sorted->pdata[i]);
}

void summary_report(struct waits_summary *s, struct fb_report *report)
{
	bool people = fb_report_for_people(report);

	fb_report_table(report, people ? &people_syscalls : &programs, "Waits by system call");
	report_groups(report, s->by_syscall);
	fb_report_table(report, people ? &people_causes : &programs, "Waits by cause");
	report_groups(report, s->by_cause);
	fb_report_unmeasured(report, s->unknown);
}
