/* SPDX-License-Identifier: MIT */
/* latency-summary.c - what the calls of one system call have in common. */
#include "analyses/shared/latency-summary.h"
#include "analyses/shared/stats-row.h"
#include "analyses/shared/wait-row.h"
#include "base/groups.h"

struct call_group {
	const char *syscall;        /* the key: interned; NULL when its number has no name */
	struct fb_stats elapsed;
	fb_ns parts[PARTS];
	struct shares shares;
	struct fb_list list;        /* of them, for its row */
	uint64_t cut[FB_QUALITIES]; /* calls left out */
};

struct latency_summary {
	struct groups *groups; /* struct call_group */
};

static void group_clear(void *data)
{
	struct call_group *g = data;

	shares_clear(&g->shares);
}

struct latency_summary *latency_summary_new(void)
{
	struct latency_summary *s = g_new0(struct latency_summary, 1);

	s->groups = groups_new(sizeof(struct call_group), sizeof(const char *), group_clear);
	return s;
}

void latency_summary_free(struct latency_summary *s)
{
	if (!s)
		return;
	groups_free(s->groups);
	g_free(s);
}

void latency_summary_add(struct latency_summary *s, const struct call *call)
{
	struct call_group *g = groups_get(s->groups, &call->syscall, sizeof(call->syscall));

	if (call->quality != FB_QUALITY_EXACT) {
		g->cut[call->quality]++;
		return;
	}
	fb_stats_add(&g->elapsed, call->end - call->begin);
	for (int i = 0; i < PARTS; i++)
		g->parts[i] += call->parts[i];
	for (size_t i = 0; i < call->shares.n; i++)
		shares_add(&g->shares, &call->shares.items[i]);
}

bool latency_summary_has_calls(const struct latency_summary *s)
{
	for (size_t i = 0; i < groups_n(s->groups); i++)
		if (((const struct call_group *)groups_nth(s->groups, i))->elapsed.n)
			return true;
	return false;
}

uint64_t latency_summary_cut(const struct latency_summary *s, enum fb_quality quality)
{
	uint64_t n = 0;

	for (size_t i = 0; i < groups_n(s->groups); i++)
		n += ((const struct call_group *)groups_nth(s->groups, i))->cut[quality];
	return n;
}

/* ---- the tables ------------------------------------------------------------------------- */

/* Of which group it is one. */
struct group_share {
	struct share share;
	const struct call_group *group;
};

static const char *const part_names[PARTS] = {
	[PART_BLOCKED] = "blocked", [PART_HARDIRQ] = "hardirq", [PART_SOFTIRQ] = "softirq",
};

#define PART_GETTER(name, part)                                                     \
	static struct fb_cell name(struct fb_report *r, const void *group)          \
	{                                                                           \
		const struct call_group *g = group;                                      \
									            \
		(void)r;                                                            \
		return FB_PERCENT(g->parts[part], g->elapsed.sum);                  \
	}

PART_GETTER(get_running_share, PART_RUNNING)
PART_GETTER(get_ready_share, PART_READY)
PART_GETTER(get_blocked_share, PART_BLOCKED)
PART_GETTER(get_hardirq_share, PART_HARDIRQ)
PART_GETTER(get_softirq_share, PART_SOFTIRQ)

static struct fb_cell greatest(struct fb_report *r, const struct call_group *g, enum part first,
			       enum part last)
{
	const struct share *share = shares_greatest(&g->shares, first, last);

	return share ? get_key_name(r, &share->key) : FB_NULL;
}

static struct fb_cell get_blocker(struct fb_report *r, const void *group)
{
	return greatest(r, group, PART_BLOCKED, PART_BLOCKED);
}

static struct fb_cell get_thief(struct fb_report *r, const void *group)
{
	return greatest(r, group, PART_HARDIRQ, PART_SOFTIRQ);
}

#define ELAPSED offsetof(struct call_group, elapsed)

static const struct fb_table people = {
	.columns = {
		{ .heading = "Syscall", SYSCALL_OF(struct call_group, syscall) },
		{ .heading = "N", FB_COUNT_OF(struct call_group, elapsed.n) },
		{ .heading = "Sum (ms)", FB_DURATION_OF(struct call_group, elapsed.sum) },
		{ .heading = "P50", FB_BY(DURATION, get_p50, ELAPSED) },
		{ .heading = "P95", FB_BY(DURATION, get_p95, ELAPSED) },
		{ .heading = "P99", FB_BY(DURATION, get_p99, ELAPSED) },
		{ .heading = "Max", FB_BY(DURATION, get_max, ELAPSED) },
		{ .heading = "Running %", FB_BY(PERCENT, get_running_share) },
		{ .heading = "Ready %", FB_BY(PERCENT, get_ready_share) },
		{ .heading = "Blocked %", FB_BY(PERCENT, get_blocked_share) },
		{ .heading = "Hardirq %", FB_BY(PERCENT, get_hardirq_share) },
		{ .heading = "Softirq %", FB_BY(PERCENT, get_softirq_share) },
		{ .heading = "Blocked by", FB_BY(TEXT, get_blocker) },
		{ .heading = "Stolen by", FB_BY(TEXT, get_thief) },
	},
};

static const struct fb_table programs = {
	.type = "latency",
	.columns = {
		{ .key = "syscall", FB_NAME_OF(struct call_group, syscall) },
		{ .key = "n", FB_COUNT_OF(struct call_group, elapsed.n) },
		{ .key = "edge", FB_COUNT_OF(struct call_group, cut[FB_QUALITY_EDGE]) },
		{ .key = "lost", FB_COUNT_OF(struct call_group, cut[FB_QUALITY_LOST]) },
		{ .key = "sum", FB_DURATION_OF(struct call_group, elapsed.sum) },
		{ .key = "p50", FB_BY(DURATION, get_p50, ELAPSED) },
		{ .key = "p95", FB_BY(DURATION, get_p95, ELAPSED) },
		{ .key = "p99", FB_BY(DURATION, get_p99, ELAPSED) },
		{ .key = "max", FB_BY(DURATION, get_max, ELAPSED) },
		PARTS_COLUMNS(struct call_group, parts),
		{ .key = "shares", FB_LIST_OF(struct call_group, list) },
	},
};

static struct fb_cell get_part(struct fb_report *r, const void *share)
{
	(void)r;
	return FB_NAME(part_names[((const struct share *)share)->part]);
}

static struct fb_cell get_kind(struct fb_report *r, const void *share)
{
	const struct cause_key *key = &((const struct share *)share)->key;

	(void)r;
	return FB_NAME(key->via ? NULL : fb_cause_kind_name(key->kind));
}

static struct fb_cell get_share_syscall(struct fb_report *r, const void *row)
{
	return get_syscall(r, &((const struct group_share *)row)->group->syscall);
}

static struct fb_cell get_percent(struct fb_report *r, const void *row)
{
	const struct group_share *s = row;

	(void)r;
	return FB_PERCENT(s->share.time, s->group->elapsed.sum);
}

#define SHARE offsetof(struct group_share, share)

static const struct fb_table people_shares = {
	.columns = {
		{ .heading = "Syscall", FB_BY(TEXT, get_share_syscall) },
		{ .heading = "Part", FB_BY(TEXT, get_part, SHARE) },
		{ .heading = "By", FB_BY(TEXT, get_key_name, SHARE + offsetof(struct share, key)) },
		{ .heading = "Sum (ms)", FB_DURATION_OF(struct group_share, share.time) },
		{ .heading = "% of the call", FB_BY(PERCENT, get_percent) },
	},
};

static const struct fb_table programs_shares = {
	.columns = {
		{ .key = "part", FB_BY(TEXT, get_part) },
		{ .key = "by", FB_BY(TEXT, get_key_name, offsetof(struct share, key)) },
		{ .key = "kind", FB_BY(TEXT, get_kind) },
		{ .key = "inline", FB_BOOL_OF(struct share, key.is_inline) },
		{ .key = "sum", FB_DURATION_OF(struct share, time) },
	},
};

static int compare_groups(const void *a, const void *b)
{
	const struct call_group *x = a, *y = b;

	if (x->elapsed.sum != y->elapsed.sum)
		return x->elapsed.sum > y->elapsed.sum ? -1 : 1;
	return g_strcmp0(x->syscall, y->syscall);
}

static int compare_shares(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	return x->time > y->time ? -1 : x->time < y->time;
}

static void report_group(struct fb_report *report, struct call_group *g)
{
	if (g->shares.n)
		qsort(g->shares.items, g->shares.n, sizeof(*g->shares.items), compare_shares);
	g->list = (struct fb_list){ &programs_shares, g->shares.items, g->shares.n,
				    sizeof(*g->shares.items) };
	if (g->elapsed.n || !fb_report_for_people(report))
		fb_report_row(report, g);
}

static void report_shares(struct fb_report *report, const struct call_group *g)
{
	for (size_t i = 0; i < g->shares.n; i++)
		fb_report_row(report, &(const struct group_share){ g->shares.items[i], g });
}

void latency_summary_report(const struct latency_summary *s, struct fb_report *report, bool parts)
{
	g_autoptr(GPtrArray) groups = groups_sorted(s->groups, compare_groups);
	bool for_people = fb_report_for_people(report);

	fb_report_table(report, for_people ? &people : &programs, "System calls by elapsed time");
	for (guint i = 0; i < groups->len; i++)
		report_group(report, groups->pdata[i]);
	if (!for_people || !parts)
		return;
	fb_report_table(report, &people_shares,
			"What they were blocked by, and what ran on top of them");
	for (guint i = 0; i < groups->len; i++)
		report_shares(report, groups->pdata[i]);
}
