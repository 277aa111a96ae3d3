/* SPDX-License-Identifier: MIT */
/*
 * ladder-text.c - the left end's calls to the left, the right end's to the right, packets between.
 *
 *	  0.000  100.380  #1  connect(4)           [S] 0 --------->
 *	100.457  100.304  #2  wakes connect 201.6  <-- [S.] 0 ack 1
 */
#include "analyses/shared/ladder-text.h"

#include "analyses/shared/packet-row.h"

/* What is told of late packets: it took so long. */
#define WORTH ((fb_ns)1000000)
#define ARROW 26 /* characters, at least */

struct ladder_row {
	const struct connection *connection;
	const struct rung *rung;
};

static const struct connection_end *end_of(const struct ladder_row *row, enum side side)
{
	return &row->connection->ends[side];
}

static struct fb_cell get_after(struct fb_report *r, const void *at)
{
	const struct ladder_row *row = at;

	(void)r;
	return FB_DURATION(rung_time(row->rung) - row->connection->first);
}

static struct fb_cell get_way(struct fb_report *r, const void *at)
{
	const struct ladder_row *row = at;
	const struct rung *rung = row->rung;

	(void)r;
	if (rung->left == FB_NS_NONE || rung->received == FB_NS_NONE)
		return FB_NULL;
	return FB_DURATION(rung->received - rung->left);
}

static struct fb_cell get_number(struct fb_report *r, const void *at)
{
	const struct ladder_row *row = at;
	GString *to = fb_report_scratch(r);

	const struct fb_packet_key *key = &row->rung->key;

	if (key->file)
		g_string_append_printf(to, "#%" G_GUINT64_FORMAT, key->number);
	if (key->file && key->last_number != key->number)
		g_string_append_printf(to, "-%" G_GUINT64_FORMAT, key->last_number);
	return FB_TEXT(to->str);
}

/* Of several tasks at an end each is told from the others. */
static void add_task(const struct connection_end *end, const struct fb_task *task, GString *to)
{
	if (end->n_tasks > 1)
		g_string_append_printf(to, "%d ", task->tid);
}

void ms_words(const struct fb_report *r, fb_ns duration, GString *to)
{
	gsize begin = to->len;
	const char *unit;

	fb_report_ms(r, duration, to);
	unit = strchr(to->str + begin, ' ');
	if (unit)
		g_string_truncate(to, unit - to->str);
}

/* In as little room as there is. */
static const char *short_words(enum fb_packet_cause cause)
{
	static const char *const words[FB_PACKET_CAUSES] = {
		[FB_HOLD_RECEIVE_WINDOW] = "window",
		[FB_HOLD_CONGESTION_WINDOW] = "congestion",
		[FB_HOLD_ACCEPT_QUEUE_FULL] = "queue full",
		[FB_HOLD_RTO] = "time-out",
		[FB_HOLD_FAST_RETRANSMIT] = "fast again",
	};

	return words[cause] ? words[cause] : fb_packet_cause_words(cause);
}

/* Why it is late: what tells why in its place, else how. */
static void add_late(struct fb_report *r, const struct rung *rung, const char *how, fb_ns time,
		     enum fb_packet_part part, GString *to)
{
	bool is_why = rung->cause && fb_packet_cause_part(rung->cause) == part;

	if (time < WORTH)
		return;
	g_string_append_printf(to, "%s%s ", to->len ? ", " : "",
			       is_why ? short_words(rung->cause) : how);
	ms_words(r, time, to);
	if (is_why && rung->cause_inferred)
		g_string_append_c(to, '?');
}

static void add_sender(struct fb_report *r, const struct ladder_row *row, enum side side, GString *to)
{
	const struct rung *rung = row->rung;
	const struct fb_packet_call *call = &rung->written;

	if (call->task && !rung->is_outside) {
		add_task(end_of(row, side), call->task, to);
		g_string_append(to, call->syscall ? call->syscall : "-");
		if (call->fd >= 0)
			g_string_append_printf(to, "(%d)", call->fd);
	}
	add_late(r, rung, "held", rung->held, FB_PART_HELD, to);
	add_late(r, rung, "put off", rung->put_off, FB_PART_DELAYED_ACK, to);
	add_late(r, rung, "in vain", rung->in_vain, FB_PART_SENT_AGAIN, to);
}

static void add_woken(struct fb_report *r, const struct ladder_row *row, enum side side, GString *to)
{
	for (unsigned i = 0; i < row->rung->n_woken; i++) {
		const struct rung_woken *woken = &row->rung->woken[i];

		g_string_append(to, i ? ", wakes " : "wakes ");
		add_task(end_of(row, side), woken->task, to);
		g_string_append(to, woken->syscall ? woken->syscall : "-");
		if (woken->begin == FB_NS_NONE)
			continue;
		g_string_append_c(to, ' ');
		ms_words(r, woken->wake - woken->begin, to);
	}
}

static struct fb_cell side_cell(struct fb_report *r, const struct ladder_row *row, enum side side)
{
	GString *to = fb_report_scratch(r);

	if (row->rung->side == side)
		add_sender(r, row, side, to);
	else
		add_woken(r, row, side, to);
	return FB_TEXT(to->str);
}

static struct fb_cell get_left(struct fb_report *r, const void *at)
{
	return side_cell(r, at, SIDE_LEFT);
}

static struct fb_cell get_right(struct fb_report *r, const void *at)
{
	return side_cell(r, at, SIDE_RIGHT);
}

static void add_packet(const struct rung *rung, GString *to)
{
	packet_numbers(&rung->key, to);
	if (rung->key.has_window && !rung->key.window && !(rung->key.flags & FB_PACKET_RST))
		g_string_append(to, " win 0");
	if (rung->again)
		g_string_append(to, " again");
}

/* "[S] 0 ----->", "<----- [S.] 0 ack 1". */
static struct fb_cell get_packet(struct fb_report *r, const void *at)
{
	const struct ladder_row *row = at;
	GString *to = fb_report_scratch(r);
	gsize dashes;

	add_packet(row->rung, to);
	dashes = to->len + 3 < ARROW ? ARROW - to->len - 2 : 1;
	if (row->rung->side == SIDE_LEFT) {
		g_string_append_c(to, ' ');
		while (dashes--)
			g_string_append_c(to, '-');
		g_string_append_c(to, '>');
	} else {
		g_string_prepend_c(to, ' ');
		while (dashes--)
			g_string_prepend_c(to, '-');
		g_string_prepend_c(to, '<');
	}
	return FB_TEXT(to->str);
}

static const struct fb_table ladder_table = {
	.columns = {
		{ .heading = "After", FB_BY(DURATION, get_after) },
		{ .heading = "Way", FB_BY(DURATION, get_way) },
		{ .heading = "", FB_BY(TEXT, get_number) },
		{ .heading = "Left", FB_BY(TEXT, get_left) },
		{ .heading = "Packet", FB_BY(TEXT, get_packet) },
		{ .heading = "Right", FB_BY(TEXT, get_right) },
	},
};

void ladder_report(struct fb_report *r, const struct connection *c)
{
	g_autoptr(GString) title = g_string_new("Its packets, from ");

	if (!c->rungs.length)
		return;
	fb_report_when(r, c->first, title);
	g_string_append(title, ", with all times in ms");
	fb_report_table(r, &ladder_table, title->str);
	for (const GList *i = c->rungs.head; i; i = i->next) {
		const struct ladder_row row = { c, i->data };

		fb_report_row(r, &row);
	}
	if (c->not_shown)
		fb_report_note(r, "%" G_GUINT64_FORMAT " more of its packets (--ladder, --at, --begin)",
			       c->not_shown);
}
