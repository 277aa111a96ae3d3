/* SPDX-License-Identifier: MIT */
/* blocking-summary.c - what waits have in common, by system call and by cause. */
#include <flightbox/stats.h>

#include "blocking-summary.h"

/*
 * Waits that count as one: of one system call, or ended by one cause. Wakers are
 * told apart by their system call, not by who they are.
 */
struct key {
	const char *syscall;  /* the sleeper's by system call, the waker's by cause; interned */
	const char *name;     /* interned */
	uint64_t function;
	int32_t kind, via, id;
	bool is_inline;
};

struct group {
	struct key key;       /* first: the table's key points here */
	struct fb_stats asleep;
};

#define RECENT 256

struct groups {
	GHashTable *all;               /* struct key -> struct group */
	struct group *recent[RECENT];  /* by hash, the latest with it: nearly always the one asked for */
};

struct summary {
	struct groups by_syscall, by_cause;
};

static guint key_hash(const void *data)
{
	const struct key *key = data;
	uint64_t hash = (uintptr_t)key->syscall;

	hash = hash * 31 + (uintptr_t)key->name;
	hash = hash * 31 + key->function;
	hash = hash * 31 + (uint32_t)(key->kind << 8 ^ key->via << 16 ^ key->id);
	return (hash * UINT64_C(0x9e3779b97f4a7c15)) >> 32;
}

static gboolean key_equal(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	return x->syscall == y->syscall && x->name == y->name && x->function == y->function &&
	       x->kind == y->kind && x->via == y->via && x->id == y->id &&
	       x->is_inline == y->is_inline;
}

struct summary *summary_new(void)
{
	struct summary *s = g_new0(struct summary, 1);

	s->by_syscall.all = g_hash_table_new_full(key_hash, key_equal, NULL, g_free);
	s->by_cause.all = g_hash_table_new_full(key_hash, key_equal, NULL, g_free);
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

static struct group *group_get(GHashTable *groups, const struct key *key)
{
	struct group *group = g_hash_table_lookup(groups, key);

	if (!group) {
		group = g_new0(struct group, 1);
		group->key = *key;
		g_hash_table_insert(groups, group, group);
	}
	return group;
}

static void add(struct groups *groups, const struct key *key, fb_ns asleep)
{
	struct group **recent = &groups->recent[key_hash(key) % RECENT];

	if (!*recent || !key_equal(&(*recent)->key, key))
		*recent = group_get(groups->all, key);
	fb_stats_add(&(*recent)->asleep, asleep);
}

static struct key key_of_cause(const struct fb_cause *c)
{
	struct key key = { .via = c->via };

	/* One group for all children, and whatever context told of them. */
	if (c->via != FB_VIA_NONE && c->via != FB_VIA_SIGNAL)
		return key;
	key.kind = c->kind;
	key.name = c->name;
	key.function = c->function;
	key.id = c->via == FB_VIA_SIGNAL ? c->via_id : c->id;
	key.is_inline = c->is_inline;
	if (c->kind == FB_CAUSE_TASK || c->is_inline)
		key.syscall = c->syscall;
	return key;
}

void summary_add(struct summary *s, const struct fb_blocking *b)
{
	const struct key by_syscall = { .syscall = b->syscall };
	const struct key by_cause = key_of_cause(&b->cause);
	fb_ns asleep = fb_blocking_asleep(b);

	if (asleep == FB_NS_NONE)
		return;
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
static char *syscall_name(struct fb_report *report, const struct key *key)
{
	if (!key->syscall)
		return NULL;
	return g_strconcat(fb_report_for_people(report) ? "sys_" : "", key->syscall, NULL);
}

/* " in sys_write work wb_workfn": what a group knows of its wakers. */
static void add_waker(struct fb_report *report, const struct key *key, GString *to)
{
	const char *symbol = fb_report_symbol(report, key->function);

	if (key->is_inline)
		g_string_append(to, " inline");
	if (key->syscall)
		g_string_append_printf(to, " in sys_%s", key->syscall);
	if (key->kind != FB_CAUSE_TASK || !key->function)
		return;
	if (symbol)
		g_string_append_printf(to, " work %s", symbol);
	else
		g_string_append_printf(to, " work 0x%" G_GINT64_MODIFIER "x", key->function);
}

/* The wakeup column without the waker's name. */
static char *cause_name(struct fb_report *report, const struct key *key)
{
	static const char *const words[FB_VIAS] = {
		[FB_VIA_CHILD_EXIT] = "CHILD EXIT",
		[FB_VIA_CHILD_STOP] = "CHILD STOP",
		[FB_VIA_CHILD_CONTINUE] = "CHILD CONTINUE",
		[FB_VIA_CHILD_TRAP] = "CHILD TRAP",
		[FB_VIA_VFORK] = "VFORK",
	};
	const struct fb_blocking b = { .cause = {
		.kind = key->kind, .via = key->via, .name = key->name, .function = key->function,
		.id = key->id, .via_id = key->id,
	} };
	GString *name;

	if (words[key->via])
		return g_strdup(words[key->via]);
	name = g_string_new(NULL);
	if (key->kind != FB_CAUSE_TASK) {
		fb_report_wakeup(report, &b, name);
	} else if (key->via == FB_VIA_SIGNAL) {
		const char *signal = fb_signal_name(key->id);

		g_string_printf(name, "SIGNAL%s%s by TASK", signal ? " " : "", signal ? signal : "");
	} else {
		g_string_assign(name, "TASK");
	}
	add_waker(report, key, name);
	return g_string_free(name, FALSE);
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
			  char *(*name_of)(struct fb_report *, const struct key *))
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
	report_groups(report, s->by_cause.all, "cause", cause_name);
}
