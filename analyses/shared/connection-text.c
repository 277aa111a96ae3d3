/* SPDX-License-Identifier: MIT */
/* connection-text.c - who talked with whom, what was waited for, and when nothing was said. */
#include "analyses/shared/connection-text.h"

#include "analyses/shared/ladder-text.h"
#include "analyses/shared/packet-row.h"
#include "analyses/shared/wait-row.h"

/* ---- all of them ------------------------------------------------------------------------- */

static struct fb_cell get_ends(struct fb_report *r, const void *connection)
{
	GString *to = fb_report_scratch(r);

	end_words(connection, SIDE_LEFT, to);
	g_string_append(to, " > ");
	end_words(connection, SIDE_RIGHT, to);
	return FB_TEXT(to->str);
}

static struct fb_cell get_protocol(struct fb_report *r, const void *connection)
{
	enum { UDP = 17 };

	(void)r;
	return FB_NAME(((const struct connection *)connection)->protocol == UDP ? "udp" : "tcp");
}

#define SUM_OF_BOTH(member)                                                                        \
	{                                                                                          \
		const struct connection *c = connection;                                           \
                                                                                                   \
		(void)r;                                                                           \
		return FB_INT(c->ends[SIDE_LEFT].member + c->ends[SIDE_RIGHT].member);             \
	}

static struct fb_cell get_packets(struct fb_report *r, const void *connection) SUM_OF_BOTH(packets)
static struct fb_cell get_bytes(struct fb_report *r, const void *connection) SUM_OF_BOTH(bytes)
static struct fb_cell get_again(struct fb_report *r, const void *connection) SUM_OF_BOTH(again)

static struct fb_cell get_n_waits(struct fb_report *r, const void *connection)
{
	const struct connection *c = connection;
	uint64_t n = 0;

	(void)r;
	for (guint i = 0; c->waits && i < c->waits->len; i++)
		n += g_array_index(c->waits, struct connection_waits, i).asleep.n;
	return FB_INT(n);
}

static struct fb_cell get_rtt(struct fb_report *r, const void *connection)
{
	const struct connection *c = connection;
	fb_ns least = FB_NS_NONE;

	(void)r;
	for (int side = 0; side < SIDES; side++)
		if (c->ends[side].rtt.n && (least == FB_NS_NONE || c->ends[side].rtt.min < least))
			least = c->ends[side].rtt.min;
	return FB_DURATION(least);
}

static const struct fb_table list_table = {
	.columns = {
		{ .heading = "Waits (ms)", FB_DURATION_OF(struct connection, asleep) },
		{ .heading = "Waits", FB_BY(INT, get_n_waits) },
		{ .heading = "Packets", FB_BY(INT, get_packets) },
		{ .heading = "Bytes", FB_BY(INT, get_bytes) },
		{ .heading = "Again", FB_BY(INT, get_again) },
		{ .heading = "RTT (ms)", FB_BY(DURATION, get_rtt) },
		{ .heading = "", FB_BY(TEXT, get_protocol) },
		{ .heading = "Connection", FB_BY(TEXT, get_ends) },
	},
};

void connections_report(struct fb_report *r, const GPtrArray *list, guint most)
{
	fb_report_table(r, &list_table, "Connections, by how long tasks waited for their packets");
	for (guint i = 0; i < list->len && i < most; i++)
		fb_report_row(r, list->pdata[i]);
	if (list->len > most)
		fb_report_note(r, "%u more connections (--top)", list->len - most);
}

/* ---- its ends ---------------------------------------------------------------------------- */

/* What is told of both ends in a line. */
struct fact {
	const char *name;
	bool (*is_known)(const struct connection_end *end);
	void (*put)(struct fb_report *r, const struct connection *c, enum side side, GString *to);
};

struct fact_row {
	const struct fact *fact;
	const struct connection *connection;
};

static void put_address(struct fb_report *r, const struct connection *c, enum side side, GString *to)
{
	(void)r;
	end_words(c, side, to);
}

static void put_who(struct fb_report *r, const struct connection *c, enum side side, GString *to)
{
	const struct connection_end *end = &c->ends[side];

	(void)r;
	for (unsigned i = 0; i < end->n_tasks; i++) {
		g_string_append(to, i ? ", " : "");
		fb_report_who(end->tasks[i]->comm, end->tasks[i]->exe, end->tasks[i]->tid, to);
	}
	if (end->has_more_tasks)
		g_string_append(to, " …");
	if (!end->n_tasks)
		g_string_append(to, end->is_outside ? "another host" : "not known");
}

#define PUT_COUNT(name, member)                                                                    \
	static void put_##name(struct fb_report *r, const struct connection *c, enum side side,    \
			       GString *to)                                                        \
	{                                                                                          \
		(void)r;                                                                           \
		g_string_append_printf(to, "%" G_GUINT64_FORMAT, c->ends[side].member);            \
	}                                                                                          \
	static bool has_##name(const struct connection_end *end)                                   \
	{                                                                                          \
		return end->member > 0;                                                            \
	}

PUT_COUNT(packets, packets)
PUT_COUNT(bytes, bytes)
PUT_COUNT(again, again)
PUT_COUNT(zero_windows, zero_windows)

/* "0.123 to 43.6, mean 12.3 ms". */
static void put_some(struct fb_report *r, const struct some *s, GString *to)
{
	if (!s->n) {
		g_string_append_c(to, '-');
		return;
	}
	if (s->n == 1) {
		fb_report_ms(r, s->min, to);
		return;
	}
	ms_words(r, s->min, to);
	g_string_append(to, " to ");
	ms_words(r, s->max, to);
	g_string_append(to, ", mean ");
	fb_report_ms(r, s->sum / (fb_ns)s->n, to);
}

#define PUT_SOME(name)                                                                             \
	static void put_##name(struct fb_report *r, const struct connection *c, enum side side,    \
			       GString *to)                                                        \
	{                                                                                          \
		put_some(r, &c->ends[side].name, to);                                              \
	}                                                                                          \
	static bool has_##name(const struct connection_end *end)                                   \
	{                                                                                          \
		return end->name.n > 0;                                                            \
	}

PUT_SOME(rtt)
PUT_SOME(answers)

static bool has_busy(const struct connection_end *end)
{
	return end->busy_most.n > 0;
}

/* "in the mean 45.2 to 48.6 ms". */
static void put_busy(struct fb_report *r, const struct connection *c, enum side side, GString *to)
{
	const struct some *least = &c->ends[side].busy_least, *most = &c->ends[side].busy_most;

	if (!most->n) {
		g_string_append_c(to, '-');
		return;
	}
	g_string_append(to, "in the mean ");
	ms_words(r, least->sum / (fb_ns)least->n, to);
	g_string_append(to, " to ");
	fb_report_ms(r, most->sum / (fb_ns)most->n, to);
}

static bool has_queued(const struct connection_end *end)
{
	return end->queued > 0;
}

static void put_queued(struct fb_report *r, const struct connection *c, enum side side, GString *to)
{
	fb_report_ms(r, c->ends[side].queued, to);
}

static bool has_held(const struct connection_end *end)
{
	return end->held > 0;
}

static void put_held(struct fb_report *r, const struct connection *c, enum side side, GString *to)
{
	fb_report_ms(r, c->ends[side].held, to);
}

static bool has_causes(const struct connection_end *end)
{
	for (int i = 0; i < FB_PACKET_CAUSES; i++)
		if (end->by_cause[i])
			return true;
	return false;
}

static void put_causes(struct fb_report *r, const struct connection *c, enum side side, GString *to)
{
	const struct connection_end *end = &c->ends[side];
	bool any = false;

	for (int i = 0; i < FB_PACKET_CAUSES; i++) {
		if (!end->by_cause[i])
			continue;
		g_string_append_printf(to, "%s%s ", any ? ", " : "", fb_packet_cause_words(i));
		fb_report_ms(r, end->by_cause[i], to);
		any = true;
	}
	if (!any)
		g_string_append_c(to, '-');
}

static const struct fact facts[] = {
	{ "End", NULL, put_address },
	{ "Tasks", NULL, put_who },
	{ "Packets", has_packets, put_packets },
	{ "Bytes", has_bytes, put_bytes },
	{ "Sent again", has_again, put_again },
	{ "Zero windows", has_zero_windows, put_zero_windows },
	{ "There and back", has_rtt, put_rtt },
	{ "Answered after", has_answers, put_answers },
	{ "Busy for that", has_busy, put_busy },
	{ "Held in socket", has_held, put_held },
	{ "Left late by", has_causes, put_causes },
	{ "Queued", has_queued, put_queued },
};

static struct fb_cell get_fact(struct fb_report *r, const void *row)
{
	(void)r;
	return FB_NAME(((const struct fact_row *)row)->fact->name);
}

static struct fb_cell fact_cell(struct fb_report *r, const struct fact_row *row, enum side side)
{
	GString *to = fb_report_scratch(r);

	row->fact->put(r, row->connection, side, to);
	return FB_TEXT(to->str);
}

static struct fb_cell get_left(struct fb_report *r, const void *row)
{
	return fact_cell(r, row, SIDE_LEFT);
}

static struct fb_cell get_right(struct fb_report *r, const void *row)
{
	return fact_cell(r, row, SIDE_RIGHT);
}

static const struct fb_table facts_table = {
	.columns = {
		{ .heading = "", FB_BY(TEXT, get_fact) },
		{ .heading = "Left", FB_BY(TEXT, get_left) },
		{ .heading = "Right", FB_BY(TEXT, get_right) },
	},
};

static void report_ends(struct fb_report *r, const struct connection *c)
{
	g_autoptr(GString) title = g_string_new("Connection ");

	end_words(c, SIDE_LEFT, title);
	g_string_append(title, " > ");
	end_words(c, SIDE_RIGHT, title);
	fb_report_table(r, &facts_table, title->str);
	for (size_t i = 0; i < G_N_ELEMENTS(facts); i++) {
		const struct fact_row row = { &facts[i], c };

		if (!facts[i].is_known || facts[i].is_known(&c->ends[SIDE_LEFT]) ||
		    facts[i].is_known(&c->ends[SIDE_RIGHT]))
			fb_report_row(r, &row);
	}
}

/* ---- waits ------------------------------------------------------------------------------- */

static struct fb_cell get_task(struct fb_report *r, const void *waits)
{
	const struct fb_task *task = ((const struct connection_waits *)waits)->task;
	GString *to = fb_report_scratch(r);

	fb_report_who(task->comm, task->exe, task->tid, to);
	return FB_TEXT(to->str);
}

static const struct fb_table waits_table = {
	.columns = {
		{ .heading = "Sum (ms)", FB_DURATION_OF(struct connection_waits, asleep.sum) },
		{ .heading = "Waits", FB_COUNT_OF(struct connection_waits, asleep.n) },
		{ .heading = "Longest (ms)", FB_DURATION_OF(struct connection_waits, asleep.max) },
		{ .heading = "Its start", FB_TIME_OF(struct connection_waits, longest) },
		{ .heading = "Syscall", SYSCALL_OF(struct connection_waits, syscall) },
		{ .heading = "Task", FB_BY(TEXT, get_task) },
	},
};

static const char *const part_words[FB_PARTS] = {
	[FB_PART_NOT_WRITTEN] = "not written yet",
	[FB_PART_UNKNOWN] = "not known",
	[FB_PART_SENDING] = "being sent",
	[FB_PART_ANSWERING] = "answered by the kernel",
	[FB_PART_DELAYED_ACK] = "acknowledgement put off",
	[FB_PART_HELD] = "held in the socket",
	[FB_PART_SENT_AGAIN] = "sent before, in vain",
	[FB_PART_QUEUED] = "queued for the device",
	[FB_PART_IN_FLIGHT] = "in flight",
	[FB_PART_OUTSIDE] = "outside of this host",
	[FB_PART_RECEIVE_TO_WAKE] = "receive to wake",
};

static int compare_waits(const void *a, const void *b)
{
	const struct connection_waits *x = a, *y = b;

	return (x->asleep.sum < y->asleep.sum) - (x->asleep.sum > y->asleep.sum);
}

static void report_waits(struct fb_report *r, const struct connection *c)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (!c->waits)
		return;
	g_array_sort(c->waits, compare_waits);
	fb_report_table(r, &waits_table, "Waits that its packets ended");
	for (guint i = 0; i < c->waits->len; i++)
		fb_report_row(r, &g_array_index(c->waits, struct connection_waits, i));
	for (int i = 0; i < FB_PARTS; i++) {
		if (c->parts[i] * 100 < c->asleep || !c->parts[i])
			continue;
		g_string_append(text, text->len ? ", " : "");
		g_string_append_printf(text, "%s ", part_words[i]);
		fb_report_ms(r, c->parts[i], text);
	}
	if (text->len)
		fb_report_note(r, "Meanwhile: %s", text->str);
}

/* ---- silences ---------------------------------------------------------------------------- */

struct silence_row {
	const struct silence *silence;
	bool is_first;
	enum fb_packet_part part;
	fb_ns begin, duration;
};

/* "< #15 [P.] 1:20043". */
static struct fb_cell get_until(struct fb_report *r, const void *at)
{
	const struct silence_row *row = at;
	const struct silence *s = row->silence;
	struct fb_packet_key key = s->key;
	GString *to = fb_report_scratch(r);

	if (!row->is_first)
		return FB_TEXT(to->str);
	g_string_append(to, s->side == SIDE_LEFT ? "> " : "< ");
	if (key.file)
		g_string_append_printf(to, "#%" G_GUINT64_FORMAT " ", key.number);
	packet_numbers(&key, to);
	if (key.has_seq && strstr(to->str, " ack"))
		g_string_truncate(to, strstr(to->str, " ack") - to->str);
	return FB_TEXT(to->str);
}

static void add_caller(const struct silence *s, GString *to)
{
	if (!s->call.task)
		return;
	g_string_append(to, " by ");
	fb_report_who(s->call.comm, NULL, s->call.task->tid, to);
	if (s->call.syscall)
		g_string_append_printf(to, " in %s", s->call.syscall);
}

static struct fb_cell get_meanwhile(struct fb_report *r, const void *at)
{
	const struct silence_row *row = at;
	const struct silence *s = row->silence;
	GString *to = fb_report_scratch(r);

	g_string_append(to, part_words[row->part]);
	if (row->part == FB_PART_NOT_WRITTEN || row->part == FB_PART_SENDING)
		add_caller(s, to);
	if (fb_packet_cause_part(s->cause) == row->part)
		g_string_append_printf(to, ": %s", fb_packet_cause_words(s->cause));
	if (row->part == FB_PART_OUTSIDE && s->busy_most != FB_NS_NONE) {
		g_string_append(to, ", busy there ");
		ms_words(r, s->busy_least, to);
		g_string_append(to, " to ");
		fb_report_ms(r, s->busy_most, to);
	}
	return FB_TEXT(to->str);
}

static const struct fb_table silences_table = {
	.columns = {
		{ .heading = "Start", FB_TIME_OF(struct silence_row, begin) },
		{ .heading = "Silent (ms)", FB_DURATION_OF(struct silence_row, duration) },
		{ .heading = "Until", FB_BY(TEXT, get_until) },
		{ .heading = "Meanwhile that packet was", FB_BY(TEXT, get_meanwhile) },
	},
};

/* Its parts by time, without those of less than 1 %. */
static void report_silence(struct fb_report *r, const struct silence *s)
{
	struct silence_row row = { .silence = s, .is_first = true };

	for (unsigned i = 0; i < s->n_stages; i++) {
		bool is_last = i + 1 == s->n_stages;
		fb_ns begin = i ? CLAMP(s->stages[i].begin, s->begin, s->end) : s->begin;
		fb_ns end = is_last ? s->end : CLAMP(s->stages[i + 1].begin, begin, s->end);

		row.part = s->stages[i].part;
		row.begin = begin;
		row.duration = end - begin;
		if (row.duration * 100 < s->end - s->begin)
			continue;
		fb_report_row(r, &row);
		row.is_first = false;
	}
}

static void report_silences(struct fb_report *r, const struct connection *c)
{
	if (!c->n_silences)
		return;
	fb_report_table(r, &silences_table, "Its longest silences");
	for (unsigned i = 0; i < c->n_silences; i++)
		report_silence(r, &c->silences[i]);
}

void connection_report(struct fb_report *r, const struct connection *c)
{
	report_ends(r, c);
	report_waits(r, c);
	report_silences(r, c);
	ladder_report(r, c);
}
