/* SPDX-License-Identifier: MIT */
/* path-shares.c - a path's time by task, state and system call, and what of it counts as one. */
#include "analyses/shared/path.h"
#include "base/groups.h"

/* What tells shares apart is what they begin with. */
enum { KEY_SIZE = offsetof(struct path_share, n) };

struct path_shares {
	struct groups *all;  /* struct path_share */
	GArray *sorted;      /* struct path_share */
	bool is_sorted;      /* it has all of them; */
	struct groups *groups; /* … struct share_group, of them; NULL: not made yet */
	fb_ns sum;
};

struct path_shares *path_shares_new(void)
{
	struct path_shares *s = g_new0(struct path_shares, 1);

	s->all = groups_new(sizeof(struct path_share), KEY_SIZE, NULL);
	s->sorted = g_array_new(FALSE, FALSE, sizeof(struct path_share));
	return s;
}

void path_shares_free(struct path_shares *s)
{
	if (!s)
		return;
	groups_free(s->all);
	groups_free(s->groups);
	g_array_free(s->sorted, TRUE);
	g_free(s);
}

/* From its receipt on, or its sending, a packet is with softirqs; what they end is no wait for them. */
static bool is_with_packet(const struct fb_cause *cause)
{
	return cause->kind != FB_CAUSE_SOFTIRQ || !g_strcmp0(cause->name, "NET_RX") ||
	       !g_strcmp0(cause->name, "NET_TX");
}

static bool is_work(const struct fb_segment *s)
{
	switch (s->state) {
	case FB_STATE_IRQ:
	case FB_STATE_IPI:
		return s->cause && path_is_on_top(s->cause);
	case FB_STATE_SOFTIRQ:
		return s->cause && s->cause->via != FB_VIA_SOFTIRQ_OVERLOAD &&
		       (path_is_on_top(s->cause) || is_with_packet(s->cause));
	default:
		return false;
	}
}

void path_shares_add(struct path_shares *s, const struct fb_segment *segment)
{
	const struct path_share key = { .task = segment->task, .syscall = segment->syscall,
					.state = segment->state, .unknown = segment->unknown,
					.is_work = is_work(segment) };
	struct path_share *share = groups_get(s->all, &key, KEY_SIZE);
	fb_ns time = segment->end - segment->begin;

	s->is_sorted = false;
	g_clear_pointer(&s->groups, groups_free);
	share->n++;
	share->sum += time;
	share->in_syscall += time;
	s->sum += time;
	if (time <= share->longest)
		return;
	share->longest = time;
	share->held = segment->held;
	share->has_cause = segment->cause != NULL;
	if (segment->cause)
		share->cause = *segment->cause;
}

static gint compare_shares(gconstpointer a, gconstpointer b)
{
	const struct path_share *x = a, *y = b;

	if (x->sum != y->sum)
		return x->sum > y->sum ? -1 : 1;
	if (x->task->number != y->task->number)
		return x->task->number < y->task->number ? -1 : 1;
	if (x->state != y->state)
		return x->state < y->state ? -1 : 1;
	if (x->unknown != y->unknown)
		return x->unknown < y->unknown ? -1 : 1;
	if (x->is_work != y->is_work)
		return x->is_work < y->is_work ? -1 : 1;
	return g_strcmp0(x->syscall, y->syscall);
}

const struct path_share *path_shares_sort(struct path_shares *s, size_t *n, fb_ns *sum)
{
	if (!s->is_sorted) {
		g_array_set_size(s->sorted, 0);
		for (size_t i = 0; i < groups_n(s->all); i++)
			g_array_append_vals(s->sorted, groups_nth(s->all, i), 1);
		g_array_sort(s->sorted, compare_shares);
	}
	s->is_sorted = true;
	*n = s->sorted->len;
	*sum = s->sum;
	return (const struct path_share *)s->sorted->data;
}

/*
 * What counts as one share: what a task did of one kind, in all its system calls; packets are
 * anybody's.
 */
struct share_group {
	const struct fb_task *task; /* the key: NULL: of all tasks */
	const char *syscall;        /* NULL: in all calls */
	enum fb_state state;
	enum fb_unknown unknown;
	uint64_t is_work;
	struct path_share all;      /* but for the sums that of the greatest, which comes first */
	/* For rows: whether it is one of them, and how many of its are seen, with what sum. */
	bool is_one;
	guint n_seen;
	fb_ns seen;
};

static struct share_group *group_of(struct groups *groups, const struct path_share *s)
{
	bool is_all = s->state == FB_STATE_RUNNING || s->state == FB_STATE_READY;
	bool is_anybodys = s->state == FB_STATE_IN_FLIGHT || s->state == FB_STATE_QDISC;
	const struct share_group key = {
		.task = is_anybodys ? NULL : s->task,
		.syscall = is_all || is_anybodys ? NULL : s->syscall,
		.state = s->state,
		.unknown = s->unknown,
		.is_work = s->is_work,
	};

	return groups_get(groups, &key, offsetof(struct share_group, all));
}

static struct groups *group_shares(struct path_shares *s)
{
	fb_ns sum;
	size_t n;
	const struct path_share *shares = path_shares_sort(s, &n, &sum);

	if (s->groups)
		return s->groups;
	s->groups = groups_new(sizeof(struct share_group), offsetof(struct share_group, all), NULL);
	for (size_t i = 0; i < n; i++) {
		const struct path_share *share = &shares[i];
		struct share_group *group = group_of(s->groups, share);

		if (!group->all.n) {
			group->all = *share;
			continue;
		}
		group->all.n += share->n;
		group->all.sum += share->sum;
		group->all.is_of_several |= share->task != group->all.task;
	}
	return s->groups;
}

static int compare_groups(const void *a, const void *b)
{
	const struct share_group *x = a, *y = b;

	return x->all.sum == y->all.sum ? 0 : x->all.sum > y->all.sum ? -1 : 1;
}

size_t path_shares_greatest(struct path_shares *s, struct path_share *greatest, size_t max)
{
	struct groups *groups = group_shares(s);
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();
	size_t n;

	for (size_t i = 0; i < groups_n(groups); i++)
		groups_keep_first(sorted, groups_nth(groups, i), compare_groups, max);
	n = sorted->len;
	for (size_t i = 0; i < n; i++) {
		const struct share_group *group = sorted->pdata[i];

		greatest[i] = group->all;
		if (group->all.in_syscall <= group->all.sum / 2)
			greatest[i].syscall = NULL;
	}
	return n;
}

bool path_shares_root(struct path_shares *s, struct path_share *root)
{
	return path_shares_greatest(s, root, 1) > 0;
}

/* ---- rows ------------------------------------------------------------------------------- */

/* `shares` are in their order. */
static void make_rows(GArray *rows, const struct path_share *shares, size_t n, struct groups *groups)
{
	bool is_sorted = true;

	g_array_set_size(rows, 0);
	for (size_t i = 0; i < n; i++)
		if (!group_of(groups, &shares[i])->is_one)
			g_array_append_val(rows, shares[i]);
	for (size_t i = 0; i < groups_n(groups); i++) {
		const struct share_group *group = groups_nth(groups, i);
		struct path_share row = group->all;

		if (!group->is_one)
			continue;
		if (row.in_syscall < row.sum)
			row.syscall = NULL;
		g_array_append_val(rows, row);
		is_sorted = false;
	}
	if (!is_sorted)
		g_array_sort(rows, compare_shares);
}

/* What of each group is in the rows that will be seen. */
static void look_at(const GArray *rows, fb_ns small, guint max, struct groups *groups)
{
	for (size_t i = 0; i < groups_n(groups); i++) {
		struct share_group *group = groups_nth(groups, i);

		group->n_seen = 0;
		group->seen = 0;
	}
	for (guint i = 0; i < MIN(rows->len, max); i++) {
		const struct path_share *row = &g_array_index(rows, struct path_share, i);
		struct share_group *group = group_of(groups, row);

		if (row->sum < small)
			return;
		group->n_seen++;
		group->seen += row->sum;
	}
}

/*
 * The group that is to become one row, as otherwise a large one would not be seen but for something small;
 * NULL: none.
 */
static struct share_group *group_to_join(const GPtrArray *groups, fb_ns large, fb_ns small)
{
	struct share_group *widest = NULL;
	bool is_hidden = false;

	for (guint i = 0; i < groups->len; i++) {
		struct share_group *group = groups->pdata[i];

		if (group->all.sum >= large && group->all.sum - group->seen > small) {
			if (!group->is_one && group->all.in_syscall < group->all.sum)
				return group;
			is_hidden = true;
		}
		if (!group->is_one && group->n_seen > 1 &&
		    (!widest || group->n_seen > widest->n_seen))
			widest = group;
	}
	return is_hidden ? widest : NULL;
}

GArray *path_shares_rows(struct path_shares *s, fb_ns large, fb_ns small, guint max)
{
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct path_share));
	fb_ns sum;
	size_t n;
	const struct path_share *shares = path_shares_sort(s, &n, &sum);
	struct groups *groups;
	g_autoptr(GPtrArray) sorted = NULL;
	struct share_group *join = NULL;

	if (n <= max)
		return g_array_append_vals(rows, shares, n);
	groups = group_shares(s);
	sorted = groups_sorted(groups, compare_groups);
	for (size_t i = 0; i < groups_n(groups); i++)
		((struct share_group *)groups_nth(groups, i))->is_one = false;
	do {
		if (join)
			join->is_one = true;
		make_rows(rows, shares, n, groups);
		look_at(rows, small, max - 1, groups);
		join = group_to_join(sorted, large, small);
	} while (join);
	return rows;
}
