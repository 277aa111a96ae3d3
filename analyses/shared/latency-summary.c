/* SPDX-License-Identifier: MIT */
/* latency-summary.c - what the calls of one system call have in common. */
#include <flightbox/stats.h>

#include "analyses/shared/latency-summary.h"

struct group {
	const char *syscall;        /* interned; NULL when its number has no name */
	struct fb_stats elapsed;
	fb_ns parts[PARTS];
	struct shares shares;
	uint64_t cut[FB_QUALITIES]; /* calls left out */
};

struct latency_summary {
	GHashTable *groups;         /* syscall -> struct group */
	struct group *last;         /* calls come in runs of one name; NULL before the first */
};

static void group_free(void *data)
{
	struct group *g = data;

	shares_clear(&g->shares);
	g_free(g);
}

struct latency_summary *latency_summary_new(void)
{
	struct latency_summary *s = g_new0(struct latency_summary, 1);

	s->groups = g_hash_table_new_full(NULL, NULL, NULL, group_free);
	return s;
}

void latency_summary_free(struct latency_summary *s)
{
	if (!s)
		return;
	g_hash_table_destroy(s->groups);
	g_free(s);
}

static struct group *group_get(struct latency_summary *s, const char *syscall)
{
	struct group *g = s->last;

	if (g && g->syscall == syscall)
		return g;
	g = g_hash_table_lookup(s->groups, syscall);
	if (!g) {
		g = g_new0(struct group, 1);
		g->syscall = syscall;
		g_hash_table_insert(s->groups, (void *)syscall, g);
	}
	s->last = g;
	return g;
}

void latency_summary_add(struct latency_summary *s, const struct call *call)
{
	struct group *g = group_get(s, call->syscall);

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
	GHashTableIter iter;
	void *group;

	g_hash_table_iter_init(&iter, s->groups);
	while (g_hash_table_iter_next(&iter, NULL, &group))
		if (((const struct group *)group)->elapsed.n)
			return true;
	return false;
}

uint64_t latency_summary_cut(const struct latency_summary *s, enum fb_quality quality)
{
	GHashTableIter iter;
	uint64_t n = 0;
	void *group;

	g_hash_table_iter_init(&iter, s->groups);
	while (g_hash_table_iter_next(&iter, NULL, &group))
		n += ((const struct group *)group)->cut[quality];
	return n;
}

/* ---- the tables ------------------------------------------------------------------------- */

static const struct fb_table people = {
	.columns = {
		{ .heading = "Syscall", .type = FB_CELL_TEXT },
		{ .heading = "N", .type = FB_CELL_INT },
		{ .heading = "Sum (ms)", .type = FB_CELL_DURATION },
		{ .heading = "P50", .type = FB_CELL_DURATION },
		{ .heading = "P95", .type = FB_CELL_DURATION },
		{ .heading = "P99", .type = FB_CELL_DURATION },
		{ .heading = "Max", .type = FB_CELL_DURATION },
		{ .heading = "Running %", .type = FB_CELL_PERCENT },
		{ .heading = "Ready %", .type = FB_CELL_PERCENT },
		{ .heading = "Blocked %", .type = FB_CELL_PERCENT },
		{ .heading = "Hardirq %", .type = FB_CELL_PERCENT },
		{ .heading = "Softirq %", .type = FB_CELL_PERCENT },
		{ .heading = "Blocked by", .type = FB_CELL_TEXT },
		{ .heading = "Stolen by", .type = FB_CELL_TEXT },
	},
};

static const struct fb_table programs = {
	.type = "latency",
	.columns = {
		{ .key = "syscall", .type = FB_CELL_TEXT },
		{ .key = "n", .type = FB_CELL_INT },
		{ .key = "edge", .type = FB_CELL_INT },
		{ .key = "lost", .type = FB_CELL_INT },
		{ .key = "sum", .type = FB_CELL_DURATION },
		{ .key = "p50", .type = FB_CELL_DURATION },
		{ .key = "p95", .type = FB_CELL_DURATION },
		{ .key = "p99", .type = FB_CELL_DURATION },
		{ .key = "max", .type = FB_CELL_DURATION },
		{ .key = "parts.running", .type = FB_CELL_DURATION },
		{ .key = "parts.ready", .type = FB_CELL_DURATION },
		{ .key = "parts.blocked", .type = FB_CELL_DURATION },
		{ .key = "parts.hardirq", .type = FB_CELL_DURATION },
		{ .key = "parts.softirq", .type = FB_CELL_DURATION },
		{ .key = "shares", .type = FB_CELL_LIST },
	},
};

static const struct fb_table people_shares = {
	.columns = {
		{ .heading = "Syscall", .type = FB_CELL_TEXT },
		{ .heading = "Part", .type = FB_CELL_TEXT },
		{ .heading = "By", .type = FB_CELL_TEXT },
		{ .heading = "Sum (ms)", .type = FB_CELL_DURATION },
		{ .heading = "% of the call", .type = FB_CELL_PERCENT },
	},
};

static const struct fb_table programs_shares = {
	.columns = {
		{ .key = "part", .type = FB_CELL_TEXT },
		{ .key = "by", .type = FB_CELL_TEXT },
		{ .key = "kind", .type = FB_CELL_TEXT },
		{ .key = "inline", .type = FB_CELL_BOOL },
		{ .key = "sum", .type = FB_CELL_DURATION },
	},
};

static const char *const part_names[PARTS] = {
	[PART_BLOCKED] = "blocked", [PART_HARDIRQ] = "hardirq", [PART_SOFTIRQ] = "softirq",
};

static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->elapsed.sum != y->elapsed.sum)
		return x->elapsed.sum > y->elapsed.sum ? -1 : 1;
	return g_strcmp0(x->syscall, y->syscall);
}

static char *syscall_text(const struct group *g)
{
	return g->syscall ? g_strconcat("sys_", g->syscall, NULL) : NULL;
}

static char *greatest_name(struct fb_report *report, const struct group *g, enum part first,
			   enum part last)
{
	const struct share *share = shares_greatest(&g->shares, first, last);

	return share ? cause_key_name(report, &share->key) : NULL;
}

static void report_to_people(struct fb_report *report, const struct group *g)
{
	const struct fb_stats *s = &g->elapsed;
	g_autofree char *name = syscall_text(g);
	g_autofree char *blocker = greatest_name(report, g, PART_BLOCKED, PART_BLOCKED);
	g_autofree char *thief = greatest_name(report, g, PART_HARDIRQ, PART_SOFTIRQ);

	if (!s->n)
		return;
	fb_report_row(report, FB_TEXT(name), FB_INT(s->n), FB_DURATION(s->sum),
		      FB_DURATION(fb_stats_percentile(s, 50)),
		      FB_DURATION(fb_stats_percentile(s, 95)),
		      FB_DURATION(fb_stats_percentile(s, 99)), FB_DURATION(s->max),
		      FB_PERCENT(g->parts[PART_RUNNING], s->sum),
		      FB_PERCENT(g->parts[PART_READY], s->sum),
		      FB_PERCENT(g->parts[PART_BLOCKED], s->sum),
		      FB_PERCENT(g->parts[PART_HARDIRQ], s->sum),
		      FB_PERCENT(g->parts[PART_SOFTIRQ], s->sum), FB_TEXT(blocker), FB_TEXT(thief));
}

static int compare_shares(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	return x->time > y->time ? -1 : x->time < y->time;
}

static void report_to_programs(struct fb_report *report, const struct group *g)
{
	const struct fb_stats *s = &g->elapsed;
	g_autoptr(GArray) cells = g_array_new(FALSE, FALSE, sizeof(struct fb_cell));
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	struct fb_list shares = { .table = &programs_shares, .rows = g->shares.n };

	for (size_t i = 0; i < g->shares.n; i++) {
		const struct share *share = &g->shares.items[i];
		const struct cause_key *key = &share->key;
		char *by = cause_key_name(report, key);
		const struct fb_cell row[] = {
			FB_TEXT(part_names[share->part]), FB_TEXT(by),
			FB_TEXT(key->via ? NULL : fb_cause_kind_name(key->kind)),
			FB_BOOL(key->is_inline), FB_DURATION(share->time),
		};

		g_ptr_array_add(names, by);
		g_array_append_vals(cells, row, G_N_ELEMENTS(row));
	}
	shares.cells = (const struct fb_cell *)cells->data;
	fb_report_row(report, FB_TEXT(g->syscall), FB_INT(s->n), FB_INT(g->cut[FB_QUALITY_EDGE]),
		      FB_INT(g->cut[FB_QUALITY_LOST]), FB_DURATION(s->sum),
		      FB_DURATION(fb_stats_percentile(s, 50)),
		      FB_DURATION(fb_stats_percentile(s, 95)),
		      FB_DURATION(fb_stats_percentile(s, 99)),
		      FB_DURATION(s->n ? s->max : FB_NS_NONE), FB_DURATION(g->parts[PART_RUNNING]),
		      FB_DURATION(g->parts[PART_READY]), FB_DURATION(g->parts[PART_BLOCKED]),
		      FB_DURATION(g->parts[PART_HARDIRQ]), FB_DURATION(g->parts[PART_SOFTIRQ]),
		      FB_LIST(&shares));
}

static void report_shares(struct fb_report *report, const struct group *g)
{
	g_autofree char *name = syscall_text(g);

	for (size_t i = 0; i < g->shares.n; i++) {
		const struct share *s = &g->shares.items[i];
		g_autofree char *by = cause_key_name(report, &s->key);

		fb_report_row(report, FB_TEXT(name), FB_TEXT(part_names[s->part]), FB_TEXT(by),
			      FB_DURATION(s->time), FB_PERCENT(s->time, g->elapsed.sum));
	}
}

void latency_summary_report(const struct latency_summary *s, struct fb_report *report, bool parts)
{
	g_autoptr(GList) groups = g_list_sort(g_hash_table_get_values(s->groups), compare_groups);
	bool for_people = fb_report_for_people(report);

	fb_report_table(report, for_people ? &people : &programs, "System calls by elapsed time");
	for (const GList *at = groups; at; at = at->next) {
		const struct group *g = at->data;

		if (g->shares.n)
			qsort(g->shares.items, g->shares.n, sizeof(*g->shares.items),
			      compare_shares);
		(for_people ? report_to_people : report_to_programs)(report, g);
	}
	if (!for_people || !parts)
		return;
	fb_report_table(report, &people_shares,
			"What they were blocked by, and what ran on top of them");
	for (const GList *at = groups; at; at = at->next)
		report_shares(report, at->data);
}
