/* SPDX-License-Identifier: MIT */
/*
 * packets.c - what hosts said to each other: each connection with its ends, the waits that its
 * packets ended, its silences, and its packets one by one.
 *
 * What is kept of a connection does not grow with its packets, but for those that are shown.
 */
#include <flightbox/analysis.h>
#include <flightbox/packet.h>
#include <flightbox/run.h>

#include "analyses/shared/captures.h"
#include "analyses/shared/connection-row.h"
#include "analyses/shared/connection-text.h"
#include "analyses/shared/ladder.h"

struct talk {
	const char *wanted; /* options */
	int top, most;
	fb_ns at;
	const struct fb_filter *filter;
	struct fb_filter who; /* the part of the filter that chooses tasks */
	struct fb_report *report;
	struct fb_packets *packets;
	struct connections connections;
	struct ladder ladder;
	GArray *left;	      /* fb_ns, by the task's number: when it last left its CPU to wait */
	bool has_met_wanted;
};

/* ---- packets ----------------------------------------------------------------------------- */

static void on_first(struct talk *a, const struct fb_packet *p, fb_ns now)
{
	enum side side;
	bool again, passed_on;
	struct connection *c = connections_add(&a->connections, p, now, &side, &again, &passed_on);

	if (!c)
		return;
	connection_note(c, side, p, now);
	if (passed_on)
		ladder_pass_on(&a->ladder, c, p);
	else
		ladder_add(&a->ladder, c, side, again, p);
}

/* … where a packet went on that was met before. */
static void on_next(struct talk *a, enum fb_packet_sight sight, const struct fb_packet *p, fb_ns now)
{
	enum side side;
	struct connection *c = connections_find(&a->connections, &p->key, now, &side);
	struct rung *rung = c ? ladder_find(&a->ladder, c, p) : NULL;

	if (!c || c->first == FB_NS_NONE)
		return;
	connection_note(c, side, p, now);
	if (rung && p->sent != FB_NS_NONE)
		rung->sent = p->sent;
	if (sight != FB_PACKET_ARRIVES)
		return;
	connection_receive(c, side, p);
	if (!rung)
		return;
	rung->received = p->received;
	rung->key = p->key;
	rung->cause = p->cause;
	rung->cause_inferred = p->cause_inferred;
}

static fb_ns left_at(const struct talk *a, const struct fb_task *task)
{
	fb_ns left = task->number < a->left->len ? g_array_index(a->left, fb_ns, task->number) : 0;

	return left ? left : FB_NS_NONE;
}

static void on_wakes(struct talk *a, const struct fb_packet *p, const struct fb_task *task, fb_ns now)
{
	enum side side;
	struct connection *c;
	const struct fb_syscall *call;
	struct rung *rung;
	int32_t fd;

	if (p->match != FB_PACKET_EXACT && p->match != FB_PACKET_INFERRED)
		return;
	c = connections_find(&a->connections, &p->key, now, &side);
	if (!c)
		return;
	connection_add_task(c, side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT, task);
	rung = ladder_find(&a->ladder, c, p);
	if (!rung || rung->n_woken == RUNG_WOKEN)
		return;
	call = fb_task_call(task, &fd);
	rung->woken[rung->n_woken++] = (struct rung_woken){ .task = task,
							    .comm = task->comm,
							    .syscall = call ? call->name : NULL,
							    .wake = now,
							    .begin = left_at(a, task) };
}

/* Before what was asked for, and behind it, nothing counts. */
static bool is_of_part(struct talk *a, bool is_first, const struct fb_packet *p, fb_ns now)
{
	const struct fb_filter *f = a->filter;

	if (!f->has_begin || now >= f->begin)
		return !f->has_end || now <= f->end;
	if (is_first)
		connections_meet(&a->connections, p, now);
	return false;
}

static void on_sight(enum fb_packet_sight sight, const struct fb_packet *p,
		     const struct fb_task *task, fb_ns now, void *self)
{
	struct talk *a = self;
	bool is_first = sight == FB_PACKET_LEAVES || (sight == FB_PACKET_ARRIVES && p->left == FB_NS_NONE);

	if (!is_of_part(a, is_first, p, now))
		return;
	if (is_first)
		on_first(a, p, now);
	if (sight == FB_PACKET_WAKES)
		on_wakes(a, p, task, now);
	else if (sight != FB_PACKET_LEAVES)
		on_next(a, sight, p, now);
}

/* ---- waits ------------------------------------------------------------------------------- */

static void on_leave(void *self, const struct fb_task *task, char state, fb_ns now)
{
	struct talk *a = self;

	if (state == 'R' || state == 'X')
		return;
	if (task->number >= a->left->len)
		g_array_set_size(a->left, task->number + 1);
	g_array_index(a->left, fb_ns, task->number) = now;
}

static void on_gap(void *self, fb_ns until)
{
	(void)until;
	g_array_set_size(((struct talk *)self)->left, 0);
}

static void talk_blocking(void *self, const struct fb_blocking *b)
{
	struct talk *a = self;
	const struct fb_packet *p = fb_packets_of(a->packets, b);
	struct connection *c;
	enum side side;

	if (!p || (p->match != FB_PACKET_EXACT && p->match != FB_PACKET_INFERRED) ||
	    fb_blocking_asleep(b) == FB_NS_NONE)
		return;
	c = connections_find(&a->connections, &p->key, b->wake, &side);
	if (!c || c->first == FB_NS_NONE)
		return;
	fb_report_wait(a->report, b);
	connection_add_wait(c, p, b);
}

/* ---- which connections ------------------------------------------------------------------- */

/* "10.0.0.1:80", "10.0.0.1", ":80", "80". */
static bool is_called(const struct connection *c, enum side side, const char *text, gsize len)
{
	g_autoptr(GString) words = g_string_new(NULL);
	gsize port;

	end_words(c, side, words);
	port = (gsize)(strrchr(words->str, ':') - words->str);
	return (len == words->len && !strncmp(text, words->str, len)) ||
	       (len == port && !strncmp(text, words->str, len)) ||
	       (len == words->len - port && !strncmp(text, words->str + port, len)) ||
	       (len == words->len - port - 1 && !strncmp(text, words->str + port + 1, len));
}

static bool is_wanted(const struct talk *a, const struct connection *c)
{
	const char *dash = a->wanted ? strchr(a->wanted, '-') : NULL;
	gsize len = dash ? (gsize)(dash - a->wanted) : a->wanted ? strlen(a->wanted) : 0;

	if (!a->wanted)
		return true;
	for (int side = 0; side < SIDES; side++)
		if (is_called(c, side, a->wanted, len) &&
		    (!dash || is_called(c, !side, dash + 1, strlen(dash + 1))))
			return true;
	return false;
}

static bool is_of_tasks(const struct talk *a, const struct connection *c)
{
	if (!a->who.n_pids && !a->who.n_tids && !a->who.comm)
		return true;
	for (int side = 0; side < SIDES; side++)
		for (unsigned i = 0; i < c->ends[side].n_tasks; i++) {
			const struct fb_task *task = c->ends[side].tasks[i];
			const struct fb_blocking b = { .task = task, .comm = task->comm,
						       .exe = task->exe };

			if (fb_filter_matches(&a->who, &b))
				return true;
		}
	return false;
}

static bool is_chosen(struct talk *a, const struct connection *c)
{
	bool wanted = is_wanted(a, c);

	a->has_met_wanted |= wanted;
	return c->first != FB_NS_NONE && wanted && is_of_tasks(a, c) &&
	       (a->at == FB_NS_NONE || (a->at >= c->first && a->at <= c->last));
}

static uint64_t bytes_of(const struct connection *c)
{
	return c->ends[SIDE_LEFT].bytes + c->ends[SIDE_RIGHT].bytes;
}

static int compare(const void *a, const void *b)
{
	const struct connection *x = *(const struct connection *const *)a;
	const struct connection *y = *(const struct connection *const *)b;

	if (x->asleep != y->asleep)
		return x->asleep > y->asleep ? -1 : 1;
	if (bytes_of(x) != bytes_of(y))
		return bytes_of(x) > bytes_of(y) ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

static GPtrArray *chosen(struct talk *a)
{
	GPtrArray *list = g_ptr_array_new();

	for (guint i = 0; i < a->connections.all->len; i++)
		if (is_chosen(a, a->connections.all->pdata[i]))
			g_ptr_array_add(list, a->connections.all->pdata[i]);
	g_ptr_array_sort(list, compare);
	return list;
}

/* ---- the analysis ------------------------------------------------------------------------ */

static bool talk_select(void *self, const struct fb_filter *filter, GError **error)
{
	struct talk *a = self;

	(void)error;
	a->filter = filter;
	a->who = (struct fb_filter){ .pids = filter->pids, .n_pids = filter->n_pids,
				     .tids = filter->tids, .n_tids = filter->n_tids,
				     .comm = filter->comm };
	return true;
}

static void talk_init(void *self, struct fb_report *report)
{
	struct talk *a = self;

	a->report = report;
	a->packets = fb_packets_new();
	fb_packets_watch(a->packets, on_sight, a);
	connections_init(&a->connections);
	ladder_init(&a->ladder, a->most, a->at);
	a->left = g_array_new(FALSE, TRUE, sizeof(fb_ns));
}

static size_t talk_observe(void *self, struct fb_observer *observers)
{
	static const struct fb_observer_ops leaves = { .leave = on_leave, .gap = on_gap };
	struct talk *a = self;

	observers[0] = fb_packets_observer(a->packets);
	observers[1] = (struct fb_observer){ &leaves, a };
	return 2;
}

/* In detail the first one, or those that were asked for. */
static void report_for_people(struct talk *a, const GPtrArray *list)
{
	guint most = MIN(list->len, (guint)a->top);

	if (!list->len) {
		fb_report_note(a->report, "No connection");
		return;
	}
	connections_report(a->report, list, a->top);
	if (list->len > 1 && !a->wanted)
		fb_report_note(a->report, "In detail the first one; others with --connection END");
	if (!a->wanted)
		most = MIN(most, 1);
	for (guint i = 0; i < most; i++)
		connection_report(a->report, list->pdata[i]);
}

static void note_left_out(const struct talk *a)
{
	if (a->connections.left_out)
		fb_report_note(a->report, "%" G_GUINT64_FORMAT " packets of connections for which there was no room",
			       a->connections.left_out);
	if (a->connections.others)
		fb_report_note(a->report, "%" G_GUINT64_FORMAT " packets of no connection: other protocols, or no headers",
			       a->connections.others);
}

static void talk_report(void *self, struct fb_report *report)
{
	struct talk *a = self;
	g_autoptr(GPtrArray) list = NULL;

	ladder_end(&a->ladder);
	list = chosen(a);
	if (fb_report_for_people(report))
		report_for_people(a, list);
	else
		connection_rows(report, list, a->top);
	captures_report(a->packets, report);
	note_left_out(a);
}

static char *talk_missed(void *self, const char **option)
{
	const struct talk *a = self;

	*option = "connection";
	if (!a->wanted || a->has_met_wanted || !a->connections.all->len)
		return NULL;
	return g_strdup_printf("%s: no connection has such an end", a->wanted);
}

static void talk_clear(void *self)
{
	struct talk *a = self;

	if (!a->report)
		return;
	ladder_clear(&a->ladder);
	connections_clear(&a->connections);
	fb_packets_free(a->packets);
	g_array_unref(a->left);
}

static const struct fb_option options[] = {
	{ "connection", "Only connections with the end ADDRESS:PORT, ADDRESS or PORT, or END-END", offsetof(struct talk, wanted),
	  FB_OPTION_TEXT, .arg = "END" },
	{ "top", "How many connections, those that were waited for longest (default 10)", offsetof(struct talk, top),
	  FB_OPTION_INT, .arg = "N", .initial = 10, .min = 1, .max = 100000 },
	{ "ladder", "How many packets of a connection are shown, the first ones (default 40)", offsetof(struct talk, most),
	  FB_OPTION_INT, .arg = "N", .initial = 40, .min = 0, .max = LADDER_MAX },
	{ "at", "Only connections that were under way at T, and their packets around that", offsetof(struct talk, at),
	  FB_OPTION_TIME, .arg = "T" },
	{ NULL },
};

const struct fb_analysis fb_packets_analysis = {
	.name = "packets",
	.help = "what was said on each connection, and what waited for that",
	.size = sizeof(struct talk),
	.options = options,
	.packets = true,
	.select = talk_select,
	.kinds = fb_packets_kinds,
	.init = talk_init,
	.observe = talk_observe,
	.blocking = talk_blocking,
	.report = talk_report,
	.missed = talk_missed,
	.clear = talk_clear,
};
