/* SPDX-License-Identifier: MIT */
/* path.c - what the analyses of critical paths have in common. */
#include "analyses/shared/path.h"

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

/* ---- in words --------------------------------------------------------------------------- */

/* "in clone"; of what was in several calls " (7.421 ms of it in clone)". */
static void add_in_syscall(struct fb_report *r, const struct path_share *share, GString *to)
{
	g_autoptr(GString) all = g_string_new(NULL), part = g_string_new(NULL);

	if (!share->syscall)
		return;
	fb_report_ms(r, share->sum, all);
	fb_report_ms(r, share->in_syscall, part);
	if (g_string_equal(all, part))
		g_string_append_printf(to, " in %s", share->syscall);
	else
		g_string_append_printf(to, " (%s of it in %s)", part->str, share->syscall);
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
		add_in_syscall(r, share, to);
		g_string_append(to, ", woken by an interrupt that was not recorded");
	} else if (share->state == FB_STATE_UNKNOWN) {
		g_string_append_printf(to, "unknown, %s, of ", path_unknown(share->unknown));
		path_task(share->task, to);
		add_in_syscall(r, share, to);
	} else if (share->state == FB_STATE_IN_FLIGHT) {
		g_string_append(to, share->n == 1 ? "a packet was in flight" : "packets were in flight");
	} else if (share->state == FB_STATE_QDISC) {
		g_string_append(to, share->n == 1 ? "a packet was in its queueing discipline" :
						    "packets were in their queueing discipline");
	} else if (share->is_work) {
		path_cause(r, &share->cause, to);
		g_string_append(to, path_is_on_top(&share->cause) ? " ran on top of " :
							       " handled a packet of ");
		path_task(share->task, to);
		add_in_syscall(r, share, to);
	} else if (share->state == FB_STATE_HELD && share->held.delay > 0) {
		add_put_off(r, share, to);
	} else {
		path_task(share->task, to);
		g_string_append_printf(to, " %s", share_did(share));
		add_in_syscall(r, share, to);
		add_woken_by(r, share, to);
	}
}
