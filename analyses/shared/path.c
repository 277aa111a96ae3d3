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

/* Interrupts on top of a task have no CPU of a waking. */
static bool is_on_top(const struct fb_cause *cause)
{
	return cause->cpu < 0;
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
		return s->cause && is_on_top(s->cause);
	case FB_STATE_SOFTIRQ:
		return s->cause && s->cause->via != FB_VIA_SOFTIRQ_OVERLOAD &&
		       (is_on_top(s->cause) || is_with_packet(s->cause));
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

	share->n++;
	share->sum += time;
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
struct share_group {
	const struct fb_task *task; /* the key: NULL: of all tasks */
	const char *syscall;        /* NULL: in all calls */
	enum fb_state state;
	enum fb_unknown unknown;
	uint64_t is_work;
	struct path_share all;      /* but for the sums that of the greatest, which comes first */
	fb_ns greatest;
};

static struct share_group *group_of(struct groups *groups, const struct path_share *s)
{
	bool is_all = s->state == FB_STATE_RUNNING || s->state == FB_STATE_READY;
	bool is_anybodys = s->state == FB_STATE_IN_FLIGHT;
	const struct share_group key = {
		.task = is_anybodys ? NULL : s->task,
		.syscall = is_all || is_anybodys ? NULL : s->syscall,
		.state = s->state,
		.unknown = s->unknown,
		.is_work = s->is_work,
	};

	return groups_get(groups, &key, offsetof(struct share_group, all));
}

static struct groups *group_shares(const struct path_share *shares, size_t n)
{
	struct groups *groups =
		groups_new(sizeof(struct share_group), offsetof(struct share_group, all), NULL);

	for (size_t i = 0; i < n; i++) {
		const struct path_share *s = &shares[i];
		struct share_group *group = group_of(groups, s);

		if (!group->all.n) {
			group->all = *s;
			group->greatest = s->sum;
			continue;
		}
		group->all.n += s->n;
		group->all.sum += s->sum;
	}
	return groups;
}

static int compare_groups(const void *a, const void *b)
{
	const struct share_group *x = a, *y = b;

	return x->all.sum == y->all.sum ? 0 : x->all.sum > y->all.sum ? -1 : 1;
}

size_t path_shares_greatest(struct path_shares *s, struct path_share *greatest, size_t max)
{
	fb_ns sum;
	size_t n;
	const struct path_share *shares = path_shares_sort(s, &n, &sum);
	struct groups *groups = group_shares(shares, n);
	g_autoptr(GPtrArray) sorted = groups_sorted(groups, compare_groups);

	n = MIN(sorted->len, max);
	for (size_t i = 0; i < n; i++) {
		const struct share_group *group = sorted->pdata[i];

		greatest[i] = group->all;
		if (group->greatest <= group->all.sum / 2)
			greatest[i].syscall = NULL;
	}
	groups_free(groups);
	return n;
}

bool path_shares_root(struct path_shares *s, struct path_share *root)
{
	return path_shares_greatest(s, root, 1) > 0;
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

/* RCU's own threads are woken by its softirq, too: not when a grace period is over. */
static bool is_of_rcu(const struct fb_task *task)
{
	return task->comm && g_str_has_prefix(task->comm, "rcu");
}

static const char *softirq_words(const struct path_share *share)
{
	const struct fb_cause *c = &share->cause;

	if (!share->has_cause)
		return "waited for a softirq";
	if (c->via == FB_VIA_SOFTIRQ_OVERLOAD)
		return "waited for softirqs to run";
	if (c->kind == FB_CAUSE_SOFTIRQ && !g_strcmp0(c->name, "RCU") && !is_of_rcu(share->task))
		return "waited for the end of an RCU grace period";
	return "waited for a softirq";
}

/* A CPU interrupts itself for an irq_work: who asked for it, a task or an interrupt, no event tells. */
static const char *ipi_words(const struct path_share *share)
{
	if (share->has_cause && !g_strcmp0(share->cause.name, "irq_work"))
		return "waited for an irq_work of unknown origin";
	return "waited for another CPU";
}

/* "proxy [315]'s 20000 bytes were held (Nagle: 42 bytes unacknowledged)": of several only what holds for all. */
static void add_held_data(const struct path_share *share, GString *to)
{
	const struct fb_held *held = &share->held;
	bool is_one = share->n == 1;
	g_autofree char *data = is_one ? g_strdup_printf("%u bytes", held->bytes) : g_strdup("data");

	if (held->is_awaited)
		g_string_append_printf(to, "%s for ", data);
	path_task(share->task, to);
	if (!held->is_awaited)
		g_string_append_printf(to, "'s %s", data);
	g_string_append(to, " were held");
	if (held->unacknowledged && is_one)
		g_string_append_printf(to, " (Nagle: %u bytes unacknowledged)", held->unacknowledged);
	else if (held->unacknowledged)
		g_string_append(to, " (Nagle)");
	g_string_append(to, " until");
}

static void add_acker(const struct path_share *share, GString *to)
{
	const struct fb_task *acker = share->held.acker;

	if (!acker)
		g_string_append(to, "the other end's");
	else if (acker == share->task)
		g_string_append(to, "its own");
	else
		path_task(acker, to);
	if (acker && acker != share->task)
		g_string_append(to, "'s");
}

/* "… until the ACK that proxy [316]'s kernel delayed by 43.6 ms"; "writer [10] waited for the ACK that …". */
static void add_put_off(struct fb_report *r, const struct path_share *share, GString *to)
{
	const struct fb_held *held = &share->held;

	if (held->bytes) {
		add_held_data(share, to);
	} else {
		path_task(share->task, to);
		g_string_append(to, " waited for");
	}
	g_string_append(to, share->n > 1 ? " the ACKs that " : " the ACK that ");
	add_acker(share, to);
	g_string_append(to, " kernel delayed");
	if (share->n > 1)
		return;
	g_string_append(to, " by ");
	fb_report_ms(r, held->delay, to);
}

static const char *share_did(const struct path_share *share)
{
	static const char *const did[FB_STATES] = {
		[FB_STATE_RUNNING] = "ran",
		[FB_STATE_READY] = "waited for a CPU",
		[FB_STATE_TIMER] = "slept",
		[FB_STATE_BLOCK] = "waited for a disk",
		[FB_STATE_NETWORK] = "waited for the network",
		[FB_STATE_HELD] = "had its data held back",
		[FB_STATE_IRQ] = "waited for an interrupt",
		[FB_STATE_QUEUED] = "had the work waiting in its queue",
		[FB_STATE_BLOCKED] = "slept",
	};

	if (share->state == FB_STATE_SOFTIRQ)
		return softirq_words(share);
	return share->state == FB_STATE_IPI ? ipi_words(share) : did[share->state];
}

/* What ended it is known, but for its name. */
static bool is_untraced(const struct path_share *share)
{
	return share->unknown == FB_UNKNOWN_CAUSE && share->has_cause &&
	       share->cause.kind == FB_CAUSE_UNTRACED;
}

void path_share_words(struct fb_report *r, const struct path_share *share, GString *to)
{
	if (is_untraced(share)) {
		path_task(share->task, to);
		g_string_append(to, " slept");
		add_in_syscall(share->syscall, to);
		g_string_append(to, ", woken by an interrupt that was not recorded");
	} else if (share->state == FB_STATE_UNKNOWN) {
		g_string_append_printf(to, "unknown, %s, of ", path_unknown(share->unknown));
		path_task(share->task, to);
		add_in_syscall(share->syscall, to);
	} else if (share->state == FB_STATE_IN_FLIGHT) {
		g_string_append(to, share->n == 1 ? "a packet was in flight" : "packets were in flight");
	} else if (share->is_work) {
		path_cause(r, &share->cause, to);
		g_string_append(to, is_on_top(&share->cause) ? " ran on top of " :
							       " handled a packet of ");
		path_task(share->task, to);
		add_in_syscall(share->syscall, to);
	} else if (share->state == FB_STATE_HELD && share->held.delay > 0) {
		add_put_off(r, share, to);
	} else {
		path_task(share->task, to);
		g_string_append_printf(to, " %s", share_did(share));
		add_in_syscall(share->syscall, to);
		add_woken_by(r, share, to);
	}
}
