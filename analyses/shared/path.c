/* SPDX-License-Identifier: MIT */
/* path.c - what the analyses of critical paths have in common. */
#include "analyses/shared/path.h"
#include "base/groups.h"

void path_cause(struct fb_report *r, const struct fb_cause *cause, GString *to)
{
	struct fb_blocking wait = { .quality = FB_QUALITY_EXACT };

	if (!cause)
		return;
	wait.cause = *cause;
	if (cause->task && !cause->comm)
		wait.cause.comm = cause->task->comm; /* it ran unnamed then */
	fb_report_wakeup(r, &wait, to);
}

void path_task(const struct fb_task *task, GString *to)
{
	if (task->comm)
		g_string_append_printf(to, "%s ", task->comm);
	g_string_append_printf(to, "[%d]", task->tid);
}

const char *path_unknown(enum fb_unknown unknown)
{
	static const char *const words[FB_UNKNOWNS] = {
		[FB_UNKNOWN_CAUSE] = "nothing tells what ended it",
		[FB_UNKNOWN_EDGE] = "before or after the trace",
		[FB_UNKNOWN_LOST] = "events lost",
		[FB_UNKNOWN_DROPPED] = "dropped from the history",
		[FB_UNKNOWN_EFFORT] = "too long to follow",
	};

	return words[unknown];
}

static const struct fb_table history_row = {
	.type = "history",
	.columns = {
		{ .key = "records", FB_COUNT_OF(struct fb_history_counts, records) },
		{ .key = "dropped", FB_COUNT_OF(struct fb_history_counts, dropped) },
		{ .key = "since", FB_TIME_OF(struct fb_history_counts, since) },
	},
};

void path_cost(struct fb_report *r, const struct fb_history *h)
{
	const struct fb_history_counts *c = fb_history_counts(h);

	if (!c->dropped)
		return;
	if (!fb_report_for_people(r)) {
		fb_report_table(r, &history_row, NULL);
		fb_report_row(r, c);
		return;
	}
	fb_report_note(r, "The history was too small: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
			  " transitions were dropped, %" G_GUINT64_FORMAT
			  " segments are unknown for that (--history takes more)",
		       c->dropped, c->records, c->unknown[FB_UNKNOWN_DROPPED]);
}

/* ---- shares ----------------------------------------------------------------------------- */

/* What tells shares apart is what they begin with. */
enum { KEY_SIZE = offsetof(struct path_share, n) };

struct path_shares {
	struct groups *all;  /* struct path_share */
	GArray *sorted;      /* struct path_share */
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
	g_array_free(s->sorted, TRUE);
	g_free(s);
}

void path_shares_add(struct path_shares *s, const struct fb_segment *segment)
{
	const struct path_share key = { .task = segment->task, .syscall = segment->syscall,
					.state = segment->state, .unknown = segment->unknown };
	struct path_share *share = groups_get(s->all, &key, KEY_SIZE);
	fb_ns time = segment->end - segment->begin;

	share->n++;
	share->sum += time;
	s->sum += time;
	if (time <= share->longest)
		return;
	share->longest = time;
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
	return g_strcmp0(x->syscall, y->syscall);
}

const struct path_share *path_shares_sort(struct path_shares *s, size_t *n, fb_ns *sum)
{
	g_array_set_size(s->sorted, 0);
	for (size_t i = 0; i < groups_n(s->all); i++)
		g_array_append_vals(s->sorted, groups_nth(s->all, i), 1);
	g_array_sort(s->sorted, compare_shares);
	*n = s->sorted->len;
	*sum = s->sum;
	return (const struct path_share *)s->sorted->data;
}

/*
 * What counts as one share: what a task did of one kind, in all its system calls; packets are
 * anybody's.
 */
struct group {
	struct path_share all; /* but for the sums that of the greatest */
	fb_ns greatest;
};

/* Those of one state, in the order of their greatest shares, which come first among all. */
static GArray *group_shares(const struct path_share *shares, size_t n, enum fb_state state)
{
	GArray *groups = g_array_new(FALSE, FALSE, sizeof(struct group));
	g_autoptr(GHashTable) places = g_hash_table_new(NULL, NULL); /* of a task's, + 1 */

	for (size_t i = 0; i < n; i++) {
		const struct path_share *s = &shares[i];
		gconstpointer whose = state == FB_STATE_IN_FLIGHT ? NULL : s->task;
		struct group *group, first = { .all = *s, .greatest = s->sum };
		guint place;

		if (s->state != state)
			continue;
		place = GPOINTER_TO_UINT(g_hash_table_lookup(places, whose));
		if (!place) {
			g_array_append_val(groups, first);
			g_hash_table_insert(places, (gpointer)whose, GUINT_TO_POINTER(groups->len));
			continue;
		}
		group = &g_array_index(groups, struct group, place - 1);
		group->all.n += s->n;
		group->all.sum += s->sum;
	}
	return groups;
}

static void find_root(const struct path_share *shares, size_t n, enum fb_state state,
		      struct path_share *root)
{
	g_autoptr(GArray) groups = group_shares(shares, n, state);

	for (guint i = 0; i < groups->len; i++) {
		struct group *group = &g_array_index(groups, struct group, i);
		struct path_share *all = &group->all;

		if (group->greatest <= all->sum / 2)
			all->syscall = NULL;
		if (all->sum > root->sum || (root->state == state && root->task == all->task))
			*root = *all;
	}
}

bool path_shares_root(struct path_shares *s, struct path_share *root)
{
	fb_ns sum;
	size_t n;
	const struct path_share *shares = path_shares_sort(s, &n, &sum);

	if (!n)
		return false;
	*root = shares[0];
	find_root(shares, n, FB_STATE_RUNNING, root);
	find_root(shares, n, FB_STATE_READY, root);
	find_root(shares, n, FB_STATE_IN_FLIGHT, root);
	return true;
}

/* ---- in words --------------------------------------------------------------------------- */

static void add_in_syscall(const char *syscall, GString *to)
{
	if (syscall)
		g_string_append_printf(to, " in %s", syscall);
}

static void add_woken_by(struct fb_report *r, const struct path_share *share, GString *to)
{
	if (!share->has_cause)
		return;
	g_string_append(to, share->state == FB_STATE_HELD ? ", sent by " : ", woken by ");
	path_cause(r, &share->cause, to);
}

/* Interrupts on top of a task have no CPU of a waking. */
static bool is_on_top(const struct path_share *share)
{
	return share->has_cause && share->cause.cpu < 0;
}

void path_share_words(struct fb_report *r, const struct path_share *share, GString *to)
{
	static const char *const did[FB_STATES] = {
		[FB_STATE_RUNNING] = "ran",
		[FB_STATE_READY] = "waited for a CPU",
		[FB_STATE_TIMER] = "slept",
		[FB_STATE_BLOCK] = "waited for a disk",
		[FB_STATE_NETWORK] = "waited for the network",
		[FB_STATE_HELD] = "had its data held back",
		[FB_STATE_IRQ] = "waited for an interrupt",
		[FB_STATE_IPI] = "waited for another CPU",
		[FB_STATE_SOFTIRQ] = "waited for a softirq",
		[FB_STATE_QUEUED] = "had the work waiting in its queue",
		[FB_STATE_BLOCKED] = "slept",
	};

	if (share->state == FB_STATE_UNKNOWN) {
		g_string_append_printf(to, "unknown, %s, of ", path_unknown(share->unknown));
		path_task(share->task, to);
		add_in_syscall(share->syscall, to);
	} else if (share->state == FB_STATE_IN_FLIGHT) {
		g_string_append(to, share->n == 1 ? "a packet was in flight" : "packets were in flight");
	} else if (is_on_top(share)) {
		path_cause(r, &share->cause, to);
		g_string_append(to, " ran on top of ");
		path_task(share->task, to);
		add_in_syscall(share->syscall, to);
	} else {
		path_task(share->task, to);
		g_string_append_printf(to, " %s", did[share->state]);
		add_in_syscall(share->syscall, to);
		add_woken_by(r, share, to);
	}
}
