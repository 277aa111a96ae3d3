/* SPDX-License-Identifier: MIT */
/* blocking-summary.c - what waits have in common, by system call and by cause. */
#include <flightbox/stats.h>

#include "analyses/shared/blocking-summary.h"
#include "analyses/shared/cause-key.h"

/* Waits that count as one: ended by one cause, or of one system call, whose name is the key then. */
struct group {
	struct cause_key key; /* first: the table's key points here */
	struct fb_stats asleep;
};

#define RECENT 256

struct groups {
	GHashTable *all;               /* struct cause_key -> struct group */
	struct group *recent[RECENT];  /* by hash, the latest with it: nearly always the one asked for */
};

struct summary {
	struct groups by_syscall, by_cause;
	uint64_t unknown; /* waits whose time asleep is not known */
};

struct summary *summary_new(void)
{
	struct summary *s = g_new0(struct summary, 1);

	s->by_syscall.all = g_hash_table_new_full(cause_key_hash, cause_key_equal, NULL, g_free);
	s->by_cause.all = g_hash_table_new_full(cause_key_hash, cause_key_equal, NULL, g_free);
	return s;
}

void summary_free(struct summary *s)
{
	if (!s)
		return;
	g_hash_table_destroy(s->by_syscall.all);
	g_hash_table_destroy(s->by_cause.all);
	g_free(s);
}

static struct group *group_get(GHashTable *groups, const struct cause_key *key)
{
	struct group *group = g_hash_table_lookup(groups, key);

	if (!group) {
		group = g_new0(struct group, 1);
		group->key = *key;
		g_hash_table_insert(groups, group, group);
	}
	return group;
}

static void add(struct groups *groups, const struct cause_key *key, fb_ns asleep)
{
	struct group **recent = &groups->recent[cause_key_hash(key) % RECENT];

	if (!*recent || !cause_key_equal(&(*recent)->key, key))
		*recent = group_get(groups->all, key);
	fb_stats_add(&(*recent)->asleep, asleep);
}

void summary_add(struct summary *s, const struct fb_blocking *b)
{
	const struct cause_key by_syscall = { .syscall = b->syscall };
	const struct cause_key by_cause = cause_key_of(&b->cause);
	fb_ns asleep = fb_blocking_known(b);

	if (asleep == FB_NS_NONE) {
		s->unknown++;
		return;
	}
	add(&s->by_syscall, &by_syscall, asleep);
	add(&s->by_cause, &by_cause, asleep);
}

/* ---- the tables ------------------------------------------------------------------------- */

#define STATS_COLUMNS \
	{ .key = "n", .heading = "N", .type = FB_CELL_INT }, \
	{ .key = "sum", .heading = "Sum (ms)", .type = FB_CELL_DURATION }, \
	{ .key = "min", .heading = "Min", .type = FB_CELL_DURATION }, \
	{ .key = "max", .heading = "Max", .type = FB_CELL_DURATION }, \
	{ .key = "mean", .heading = "Mean", .type = FB_CELL_DURATION }, \
	{ .key = "stddev", .heading = "Stddev", .type = FB_CELL_DURATION }, \
	{ .key = "p50", .heading = "P50", .type = FB_CELL_DURATION }, \
	{ .key = "p95", .heading = "P95", .type = FB_CELL_DURATION }, \
	{ .key = "p99", .heading = "P99", .type = FB_CELL_DURATION }

static const struct fb_table programs = {
	.type = "summary",
	.columns = {
		{ .key = "by", .type = FB_CELL_TEXT },
		{ .key = "name", .type = FB_CELL_TEXT },
		STATS_COLUMNS,
	},
};

static const struct fb_table people_syscalls = {
	.columns = {
		{ .key = "by", .type = FB_CELL_TEXT },
		{ .key = "name", .heading = "Syscall", .type = FB_CELL_TEXT },
		STATS_COLUMNS,
	},
};

static const struct fb_table people_causes = {
	.columns = {
		{ .key = "by", .type = FB_CELL_TEXT },
		{ .key = "name", .heading = "Wakeup", .type = FB_CELL_TEXT },
		STATS_COLUMNS,
	},
};

/* "-" in text, null in JSON, for waits outside of any system call. */
static char *syscall_name(struct fb_report *report, const struct cause_key *key)
{
	if (!key->syscall)
		return NULL;
	return g_strconcat(fb_report_for_people(report) ? "sys_" : "", key->syscall, NULL);
}

static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->asleep.sum != y->asleep.sum)
		return x->asleep.sum > y->asleep.sum ? -1 : 1;
	if (x->asleep.n != y->asleep.n)
		return x->asleep.n > y->asleep.n ? -1 : 1;
	if (x->key.syscall != y->key.syscall)
		return g_strcmp0(x->key.syscall, y->key.syscall);
	return x->asleep.max > y->asleep.max ? -1 : x->asleep.max < y->asleep.max;
}

static void report_groups(struct fb_report *report, GHashTable *groups, const char *by,
			  char *(*name_of)(struct fb_report *, const struct cause_key *))
{
	g_autoptr(GList) sorted = g_list_sort(g_hash_table_get_values(groups), compare_groups);

	for (const GList *at = sorted; at; at = at->next) {
		const struct group *group = at->data;
		const struct fb_stats *s = &group->asleep;
		g_autofree char *name = name_of(report, &group->key);

		fb_report_row(report, FB_TEXT(by), FB_TEXT(name), FB_INT(s->n),
			      FB_DURATION(s->sum), FB_DURATION(s->min), FB_DURATION(s->max),
			      FB_DURATION(fb_stats_mean(s)),
			      FB_DURATION(fb_stats_deviation(s)),
			      FB_DURATION(fb_stats_percentile(s, 50)),
			      FB_DURATION(fb_stats_percentile(s, 95)),
			      FB_DURATION(fb_stats_percentile(s, 99)));
	}
}

void summary_report(struct summary *s, struct fb_report *report)
{
	bool people = fb_report_for_people(report);

	fb_report_table(report, people ? &people_syscalls : &programs, "Waits by system call");
	report_groups(report, s->by_syscall.all, "syscall", syscall_name);
	fb_report_table(report, people ? &people_causes : &programs, "Waits by cause");
	report_groups(report, s->by_cause.all, "cause", cause_key_name);
	fb_report_unmeasured(report, s->unknown);
}
