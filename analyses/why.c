/* SPDX-License-Identifier: MIT */
/*
 * why.c - the longest waits, each explained: who waited for whom, what the time consisted
 * of, and the root cause in one sentence. See docs/critical-path.md.
 *
 * A wait is explained at the end, or before the history may drop its begin.
 */
#include <math.h>
#include <signal.h>

#include <flightbox/analysis.h>
#include <flightbox/history.h>
#include <flightbox/run.h>
#include <flightbox/times.h>

#include "analyses/shared/brief.h"
#include "analyses/shared/captures.h"
#include "analyses/shared/packet-row.h"
#include "analyses/shared/packet-way.h"
#include "analyses/shared/path-row.h"
#include "analyses/shared/ready-sums.h"
#include "analyses/shared/ready.h"
#include "base/glob.h"
#include "base/nearest.h"

/* What an option chooses from. */
struct choice {
	GHashTable *seen; /* names */
	bool has_met;
};

struct why {
	int top;  /* options */
	bool full, with_packets;
	fb_ns at;
	const char *syscall, *cause;
	uint64_t size;
	const struct fb_filter *filter;
	struct fb_filter who;  /* the part of the filter that chooses tasks */
	struct fb_report *report;
	struct fb_history *history;
	struct fb_packets *packets; /* NULL unless asked for */
	struct ready_sums *ready;
	GArray *waits;  /* struct wait, the longest first */
	struct choice by_syscall, by_cause;
	uint64_t unknown; /* waits of unknown duration */
	double share_left_out, link_left_out; /* percent of a wait, the greatest that are not shown */
	GString *words;
};

struct wait {
	struct fb_blocking blocking;
	fb_ns asleep;
	struct explanation *explanation; /* NULL: not yet */
	struct fb_packet *packet;	 /* that ended it; NULL: none did, or nobody asked */
};

/* ---- which waits ------------------------------------------------------------------------ */

static bool matches(const char *glob, const char *text)
{
	g_autofree char *lower = text ? g_ascii_strdown(text, -1) : NULL;

	return lower && glob_matches(glob, lower);
}

/* --cause: a kind, or the name of what did it, with no regard to case. */
static bool has_cause(struct why *a, const struct fb_cause *c)
{
	g_autofree char *glob = g_ascii_strdown(a->cause, -1);

	return matches(glob, fb_cause_kind_name(c->kind)) || matches(glob, fb_via_name(c->via)) ||
	       matches(glob, name_or_symbol(a->report, c->name, c->function));
}

/* Of one that is cut off, it was under way as far as the trace tells of it. */
static bool is_under_way(const struct why *a, const struct fb_blocking *b)
{
	const struct fb_source_info *info = fb_report_info(a->report);
	fb_ns begin = b->begin == FB_NS_NONE ? info->begin : b->begin;
	fb_ns end = b->end == FB_NS_NONE ? info->end : b->end;

	return a->at >= begin && (end == FB_NS_NONE || a->at <= end);
}

static void see(struct choice *choice, const char *name)
{
	if (name && !g_hash_table_contains(choice->seen, name))
		g_hash_table_add(choice->seen, g_strdup(name));
}

/* What there is, for who asks for something else. */
static void see_wait(struct why *a, const struct fb_blocking *b)
{
	const struct fb_cause *c = &b->cause;

	if (a->syscall) {
		see(&a->by_syscall, b->syscall);
		a->by_syscall.has_met |= b->syscall && glob_matches(a->syscall, b->syscall);
	}
	if (!a->cause)
		return;
	see(&a->by_cause, fb_cause_kind_name(c->kind));
	see(&a->by_cause, fb_via_name(c->via));
	see(&a->by_cause, name_or_symbol(a->report, c->name, c->function));
	a->by_cause.has_met |= has_cause(a, c);
}

static bool is_chosen(struct why *a, const struct fb_blocking *b)
{
	if (a->syscall && (!b->syscall || !glob_matches(a->syscall, b->syscall)))
		return false;
	if (a->at != FB_NS_NONE && !is_under_way(a, b))
		return false;
	return !a->cause || has_cause(a, &b->cause);
}

static bool why_chooses(void *self, const struct fb_blocking *b)
{
	see_wait(self, b);
	return is_chosen(self, b);
}

/* The same of a wait for a CPU, which nothing ends but that the CPU is free. */
static bool chooses_ready(void *self, const struct ready *ready)
{
	struct why *a = self;

	if (a->cause || (a->syscall && (!ready->syscall || !glob_matches(a->syscall, ready->syscall))))
		return false;
	a->by_syscall.has_met = true;
	return a->at == FB_NS_NONE || (a->at >= ready->begin && a->at <= ready->until);
}

static struct wait *wait_at(const struct why *a, guint i)
{
	return &g_array_index(a->waits, struct wait, i);
}

static void wait_clear(struct wait *wait)
{
	explanation_free(wait->explanation);
	g_free(wait->packet);
}

static void why_blocking(void *self, const struct fb_blocking *b)
{
	struct why *a = self;
	struct wait wait = { .blocking = *b, .asleep = fb_blocking_asleep(b) };
	guint place = a->waits->len;

	see_wait(a, b);
	if (wait.asleep == FB_NS_NONE)
		a->unknown += is_chosen(a, b);
	/* A wait of no duration has nothing to explain. */
	if (wait.asleep == FB_NS_NONE || wait.asleep == 0)
		return;
	if (place == (guint)a->top && wait.asleep <= wait_at(a, place - 1)->asleep)
		return;
	if (!is_chosen(a, b))
		return;
	while (place > 0 && wait_at(a, place - 1)->asleep < wait.asleep)
		place--;
	if (a->waits->len == (guint)a->top) {
		wait_clear(wait_at(a, a->top - 1));
		g_array_set_size(a->waits, a->top - 1);
	}
	if (a->packets)
		wait.packet = g_memdup2(fb_packets_of(a->packets, b), sizeof(*wait.packet));
	g_array_insert_val(a->waits, place, wait);
}

static void why_bystander(void *self, const struct fb_blocking *b)
{
	struct why *a = self;

	ready_sums_bystander(a->ready, b->task);
}

static void explain(struct why *a, struct wait *wait)
{
	const struct fb_blocking *b = &wait->blocking;
	enum explain_detail detail = fb_report_for_people(a->report) ? EXPLAIN_BRIEF : EXPLAIN_LONG;

	if (!wait->explanation)
		wait->explanation = explanation_new(a->history, b->task, b->begin, b->wake,
						    a->full ? EXPLAIN_FULL : detail);
}

static bool is_of_wanted(const struct fb_task *task, void *data)
{
	const struct why *a = data;
	const struct fb_blocking b = { .task = task, .comm = task->comm, .exe = task->exe };

	return fb_filter_matches(&a->who, &b);
}

/*
 * Waits under way may be among the longest in the end. Of the others those that are now
 * are explained.
 */
static fb_ns needed_since(void *data, fb_ns until, bool is_full)
{
	struct why *a = data;
	fb_ns since = fb_history_waits_since(a->history, is_of_wanted, data);

	if (since < until && !is_full)
		return since;
	for (guint i = 0; i < a->waits->len; i++)
		if (wait_at(a, i)->blocking.begin < until)
			explain(a, wait_at(a, i));
	return since;
}

/* ---- for people ------------------------------------------------------------------------- */

/* A link, and how long the wait is that it is a part of. */
struct link_row {
	struct link link;
	fb_ns whole;
};

static struct fb_cell get_link_percent(struct fb_report *r, const void *row)
{
	const struct link_row *l = row;

	(void)r;
	return FB_PERCENT(l->link.sum, l->whole);
}

static const char *link_state(const struct link *link)
{
	if (link->kind == LINK_WAIT)
		return "waits";
	return link->kind == LINK_BIRTH ? "not born" : fb_state_name(link->segment.state);
}

static struct fb_cell get_link_state(struct fb_report *r, const void *row)
{
	const struct link_row *l = row;
	GString *to = fb_report_scratch(r);

	g_string_append(to, link_state(&l->link));
	if (l->link.n > 1)
		g_string_append_printf(to, ", %" G_GUINT64_FORMAT " times", l->link.n);
	return FB_TEXT(to->str);
}

static struct fb_cell get_link_syscall(struct fb_report *r, const void *row)
{
	const struct link *link = &((const struct link_row *)row)->link;

	return link->is_mixed ? FB_NAME("several") : get_syscall(r, &link->segment.syscall);
}

#define SEGMENT offsetof(struct link_row, link.segment)

static const struct fb_table people_chain = {
	.columns = {
		{ .heading = "Start", FB_TIME_OF(struct link_row, link.segment.begin) },
		{ .heading = "Duration (ms)", FB_DURATION_OF(struct link_row, link.sum) },
		{ .heading = "%", FB_BY(PERCENT, get_link_percent) },
		{ .heading = "Who waited for whom", FB_BY(TEXT, get_who, SEGMENT) },
		{ .heading = "State", FB_BY(TEXT, get_link_state) },
		{ .heading = "Syscall", FB_BY(TEXT, get_link_syscall) },
		{ .heading = "Ended by", FB_BY(TEXT, get_end, SEGMENT) },
	},
};

/* Those that are too small to be named have no task. */
static struct fb_cell get_share_who(struct fb_report *r, const void *row)
{
	const struct share_row *s = row;
	GString *to = fb_report_scratch(r);

	if (!s->share.task)
		return FB_NAME("others");
	if (s->share.is_of_several)
		return FB_NAME("packets"); /* nothing else of several tasks counts as one */
	path_task(s->share.task, to);
	return FB_TEXT(to->str);
}

static struct fb_cell get_share_syscall(struct fb_report *r, const void *row)
{
	const struct path_share *share = &((const struct share_row *)row)->share;

	return share->in_syscall < share->sum ? FB_NAME(share->task ? "several" : NULL) :
						get_syscall(r, &share->syscall);
}

static const struct fb_table people_breakdown = {
	.columns = {
		{ .heading = "%", FB_BY(PERCENT, get_share_percent) },
		{ .heading = "Sum (ms)", FB_BY(DURATION, get_share_sum) },
		{ .heading = "N", FB_BY(INT, get_share_count) },
		{ .heading = "What it consisted of", FB_BY(TEXT, get_share_who) },
		{ .heading = "State", FB_BY(TEXT, get_share_state) },
		{ .heading = "Syscall", FB_BY(TEXT, get_share_syscall) },
	},
};

static void report_share(struct why *a, const struct path_share *share, fb_ns whole)
{
	const struct share_row row = share_row_of(share, whole);

	fb_report_row(a->report, &row);
}

static void report_breakdown(struct why *a, const struct explanation *e)
{
	fb_ns sum;
	size_t n;
	const struct path_share *shares;

	fb_report_table(a->report, &people_breakdown, NULL);
	if (e->brief) {
		shares = (const struct path_share *)e->brief->shares->data;
		n = e->brief->shares->len;
	} else {
		shares = path_shares_sort(e->shares, &n, &sum);
	}
	for (size_t i = 0; i < n; i++)
		report_share(a, &shares[i], e->asleep);
	if (e->brief && e->brief->rest.n)
		report_share(a, &e->brief->rest, e->asleep);
}

static void report_root(struct why *a, const struct explanation *e)
{
	g_string_assign(a->words, "Root: ");
	if (explanation_root(a->report, e, a->words))
		fb_report_note(a->report, "%s", a->words->str);
}

/* Whoever is killed is woken, and by the end of his process, too: it was no lock that was handed over. */
static bool is_killed(const struct fb_blocking *b)
{
	const struct fb_cause *c = &b->cause;

	if (c->via == FB_VIA_SIGNAL)
		return c->via_id == SIGKILL;
	return c->kind == FB_CAUSE_TASK && c->task && b->task->pid > 0 &&
	       c->task->pid == b->task->pid && !g_strcmp0(c->syscall, "exit_group");
}

static void report_chain(struct why *a, const struct explanation *e)
{
	const GArray *links = e->brief ? e->brief->links : e->chain;

	for (guint i = 0; i < links->len; i++)
		fb_report_row(a->report, &(const struct link_row){
						 g_array_index(links, struct link, i), e->asleep });
	if (!e->brief && e->left_out)
		fb_report_note(a->report, "%" G_GUINT64_FORMAT " shorter part%s not shown",
			       e->left_out, e->left_out == 1 ? " is" : "s are");
}

static void report_for_people(struct why *a, const struct wait *wait, guint number)
{
	const struct fb_blocking *b = &wait->blocking;
	const struct explanation *e = wait->explanation;

	g_string_printf(a->words, "%u. ", number);
	fb_report_who(b->task->comm, b->task->exe, b->task->tid, a->words);
	g_string_append(a->words, " waited ");
	fb_report_ms(a->report, wait->asleep, a->words);
	if (b->syscall)
		g_string_append_printf(a->words, " in %s", b->syscall);
	g_string_append(a->words, ", woken by ");
	fb_report_wakeup(a->report, b, a->words);
	if (is_killed(b))
		g_string_append(a->words, ", which killed it: what it waited for never came");
	if (wait->packet && wait->packet->match) {
		g_string_append(a->words, ", by packet ");
		packet_line(wait->packet, b, a->words);
		packet_way_report(a->report, wait->packet, b, a->words->str);
		g_string_truncate(a->words, 0);
	}
	fb_report_table(a->report, &people_chain, a->words->len ? a->words->str : NULL);
	report_chain(a, e);
	report_breakdown(a, e);
	report_root(a, e);
	if (!e->brief)
		return;
	a->share_left_out = MAX(a->share_left_out, 100.0 * e->brief->share_left_out / e->asleep);
	a->link_left_out = MAX(a->link_left_out, 100.0 * e->brief->link_left_out / e->asleep);
}

/* ---- for programs ----------------------------------------------------------------------- */

static struct fb_cell get_cause_tid(struct fb_report *r, const void *cause)
{
	const struct fb_cause *c = *(const struct fb_cause *const *)cause;

	return c ? fb_get_tid(r, &c->task) : FB_NULL;
}

/* Of a struct whose `cause` points to one, or is NULL. */
#define ENDED_COLUMNS(in, type, at)                                                                \
	PATH_CAUSE_COLUMNS(in, type, at),                                                          \
	{ .key = in "cause.tid",                                                                   \
	  FB_OF(INT, get_cause_tid, const struct fb_cause *, type, cause, at) }

/* Of a struct share_row. */
#define SHARE_COLUMNS(in, at)                                                                      \
	TASK_COLUMNS(in, struct share_row, share.task, at),                                        \
	{ .key = in "state", FB_BY(TEXT, get_share_state, at) },                                   \
	{ .key = in "syscall", FB_NAME_OF(struct share_row, share.syscall, at) },                  \
	{ .key = in "count", FB_BY(INT, get_share_count, at) },                                    \
	{ .key = in "sum", FB_BY(DURATION, get_share_sum, at) },                                   \
	{ .key = in "share", FB_BY(PERCENT, get_share_percent, at) },                              \
	ENDED_COLUMNS(in, struct share_row, at),                                                   \
	HELD_COLUMNS(in, struct share_row, share.held, at)

static struct fb_cell get_link_kind(struct fb_report *r, const void *link)
{
	static const char *const kinds[] = { "wait", "birth", "leaf", "stretch" };

	(void)r;
	return FB_NAME(kinds[((const struct link *)link)->kind]);
}

static const struct fb_table chain_list = {
	.columns = {
		TASK_COLUMNS("", struct link, segment.task, 0),
		{ .key = "begin", FB_TIME_OF(struct link, segment.begin) },
		{ .key = "end", FB_TIME_OF(struct link, segment.end) },
		{ .key = "depth", FB_UINT_OF(struct link, segment.depth) },
		{ .key = "kind", FB_BY(TEXT, get_link_kind) },
		{ .key = "state",
		  FB_OF(TEXT, get_state, enum fb_state, struct link, segment.state) },
		{ .key = "syscall", FB_NAME_OF(struct link, segment.syscall) },
		{ .key = "count", FB_COUNT_OF(struct link, n) },
		{ .key = "sum", FB_DURATION_OF(struct link, sum) },
		ENDED_COLUMNS("", struct fb_segment, offsetof(struct link, segment)),
		HELD_COLUMNS("", struct link, segment.held, 0),
	},
};

static const struct fb_table breakdown_list = {
	.columns = {
		SHARE_COLUMNS("", 0),
	},
};

/* A wait explained. */
struct why_row {
	struct fb_blocking wait;
	struct fb_list chain, breakdown;
	struct share_row root;
	struct packet_row packet;
};

#define WHY_COLUMNS                                                                                \
	WAIT_COLUMNS(offsetof(struct why_row, wait)),                                              \
	{ .key = "chain", FB_LIST_OF(struct why_row, chain) },                                     \
	{ .key = "breakdown", FB_LIST_OF(struct why_row, breakdown) },                             \
	SHARE_COLUMNS("root.", offsetof(struct why_row, root)),                                    \
	{ .key = "root.in_syscall",                                                                \
	  FB_BY(DURATION, get_share_in_syscall, offsetof(struct why_row, root)) }

static const struct fb_table programs[2] = { /* with packets? */
	{ .type = "why", .columns = { WHY_COLUMNS } },
	{ .type = "why", .columns = { WHY_COLUMNS, PACKET_COLUMNS(offsetof(struct why_row, packet)) } },
};

static void report_for_programs(struct why *a, const struct wait *wait)
{
	const struct explanation *e = wait->explanation;
	struct why_row row = { .wait = wait->blocking };
	struct path_share root;
	bool has_root = path_shares_root(e->shares, &root);
	size_t n;
	fb_ns sum;
	const struct path_share *shares = path_shares_sort(e->shares, &n, &sum);
	g_autofree struct share_row *breakdown = g_new(struct share_row, n);

	for (size_t i = 0; i < n; i++)
		breakdown[i] = share_row_of(&shares[i], e->asleep);
	row.chain = (struct fb_list){ &chain_list, e->chain->data, e->chain->len,
				      sizeof(struct link) };
	row.breakdown = (struct fb_list){ &breakdown_list, breakdown, n, sizeof(*breakdown) };
	if (has_root)
		row.root = share_row_of(&root, e->asleep);
	packet_row_fill(&row.packet, wait->packet, &wait->blocking);
	fb_report_row(a->report, &row);
}

/* ---- the analysis ----------------------------------------------------------------------- */

static bool why_select(void *self, const struct fb_filter *filter, GError **error)
{
	struct why *a = self;

	(void)error;
	a->filter = filter;
	a->who = (struct fb_filter){
		.pids = filter->pids, .n_pids = filter->n_pids,
		.tids = filter->tids, .n_tids = filter->n_tids,
		.comm = filter->comm,
	};
	return true;
}

static void why_init(void *self, struct fb_report *report)
{
	struct why *a = self;
	const struct fb_history_options options = {
		.size = a->size, .needed_since = needed_since, .data = a,
		.packets = a->with_packets ? fb_packets_new() : NULL };
	const struct ready_sums_options ready = {
		.filter = a->filter, .chooses = chooses_ready, .data = a,
		.of_a_moment = a->at != FB_NS_NONE };

	a->report = report;
	a->packets = options.packets;
	a->history = fb_history_new(&options);
	a->ready = ready_sums_new(report, &ready);
	a->waits = g_array_new(FALSE, FALSE, sizeof(struct wait));
	a->words = g_string_new(NULL);
	a->by_syscall.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	a->by_cause.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static size_t why_observe(void *self, struct fb_observer *observers)
{
	const struct why *a = self;
	size_t n = 0;

	if (a->packets)
		observers[n++] = fb_packets_observer(a->packets);
	observers[n++] = fb_history_observer(a->history);
	observers[n++] = ready_sums_observer(a->ready);
	return n;
}

/* "Shares of up to 4.1 % and links of up to 11.9 % of a wait are not shown": rounded up, so it is true. */
static void report_left_out(struct why *a)
{
	g_string_truncate(a->words, 0);
	if (a->share_left_out > 0)
		g_string_append_printf(a->words, "Shares of up to %.1f %%", ceil(a->share_left_out * 10) / 10);
	if (a->link_left_out > 0)
		g_string_append_printf(a->words, "%s of up to %.1f %%", a->words->len ? " and links" : "Links",
				       ceil(a->link_left_out * 10) / 10);
	if (a->words->len)
		fb_report_note(a->report, "%s of a wait are not shown (--full shows all)",
			       a->words->str);
}

static void why_report(void *self, struct fb_report *report)
{
	struct why *a = self;

	if (!fb_report_for_people(report))
		fb_report_table(report, &programs[a->with_packets], NULL);
	for (guint i = 0; i < a->waits->len; i++) {
		struct wait *wait = wait_at(a, i);

		explain(a, wait);
		fb_report_wait(report, &wait->blocking);
		if (fb_report_for_people(report))
			report_for_people(a, wait, i + 1);
		else
			report_for_programs(a, wait);
	}
	report_left_out(a);
	ready_sums_report(a->ready, a->history, (guint)a->top);
	path_cost(report, a->history);
	if (a->packets)
		captures_report(a->packets, report);
	fb_report_unmeasured(report, a->unknown);
}

static char *missed_choice(const struct choice *choice, const char *glob, const char *what)
{
	g_autofree char *nearest = NULL;

	if (!glob || choice->has_met || !g_hash_table_size(choice->seen))
		return NULL;
	nearest = nearest_names(choice->seen, glob);
	return g_strdup_printf("%s: no wait %s%s", glob, what, nearest);
}

static char *why_missed(void *self, const char **option)
{
	const struct why *a = self;
	char *missed = missed_choice(&a->by_syscall, a->syscall, "is in a system call of that name");

	*option = "syscall";
	if (missed)
		return missed;
	*option = "cause";
	return missed_choice(&a->by_cause, a->cause, "was ended by what has that name");
}

static void why_clear(void *self)
{
	struct why *a = self;

	if (!a->report)
		return;
	for (guint i = 0; i < a->waits->len; i++)
		wait_clear(wait_at(a, i));
	g_array_free(a->waits, TRUE);
	fb_history_free(a->history);
	fb_packets_free(a->packets);
	ready_sums_free(a->ready);
	g_hash_table_destroy(a->by_syscall.seen);
	g_hash_table_destroy(a->by_cause.seen);
	g_string_free(a->words, TRUE);
}

static uint64_t why_kinds(void)
{
	return fb_history_kinds() | ready_sums_kinds();
}

static const struct fb_option options[] = {
	{ "full", "Each link of the chains, and in text all of the breakdowns",
	  offsetof(struct why, full), FB_OPTION_BOOL },
	{ "packets", "The packet that ended each wait, and its way",
	  offsetof(struct why, with_packets), FB_OPTION_BOOL },
	{ "top", "How many waits to explain, the longest ones (default 10)",
	  offsetof(struct why, top), FB_OPTION_INT, .arg = "N", .initial = 10, .min = 1,
	  .max = 100000 },
	{ "at", "Only waits that were under way at T", offsetof(struct why, at), FB_OPTION_TIME,
	  .arg = "T" },
	{ "syscall", "Only waits in system calls that match", offsetof(struct why, syscall),
	  FB_OPTION_TEXT, .arg = "GLOB" },
	{ "cause", "Only waits ended by a kind or name that matches: timer, net_rx, virtio*",
	  offsetof(struct why, cause), FB_OPTION_TEXT, .arg = "GLOB" },
	{ "history", "How much of the past to keep in memory (default 192M)",
	  offsetof(struct why, size), FB_OPTION_SIZE, .arg = "SIZE", .initial = FB_HISTORY_SIZE },
	{ NULL },
};

const struct fb_analysis fb_why_analysis = {
	.name = "why",
	.help = "the longest waits, followed to their root cause",
	.size = sizeof(struct why),
	.options = options,
	.no_bystanders = true,
	.packets = true,
	.select = why_select,
	.init = why_init,
	.observe = why_observe,
	.kinds = why_kinds,
	.blocking = why_blocking,
	.bystander = why_bystander,
	.chooses = why_chooses,
	.report = why_report,
	.missed = why_missed,
	.clear = why_clear,
};
