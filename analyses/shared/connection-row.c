/* SPDX-License-Identifier: MIT */
/* connection-row.c - the columns of connections and of packets. */
#include "analyses/shared/connection-row.h"

#include "analyses/shared/packet-row.h"
#include "analyses/shared/wait-row.h"

/* A cause, and the time for which it was. */
struct cause_row {
	enum fb_packet_cause cause;
	fb_ns time;
};

struct end_row {
	const struct connection *connection;
	enum side side;
	struct connection_end end;
	struct fb_list tasks, causes;
	struct cause_row by_cause[FB_PACKET_CAUSES];
};

struct connection_row {
	uint32_t number;
	const struct connection *connection;
	fb_ns begin, end, asleep;
	fb_ns parts[FB_PARTS];
	struct end_row ends[SIDES];
	struct fb_list waits, silences;
	uint64_t packets_left_out;
};

struct rung_row {
	uint32_t connection;
	struct rung rung;
	struct fb_list woken;
};

/* ---- lists ------------------------------------------------------------------------------- */

static struct fb_cell get_task_tid(struct fb_report *r, const void *task)
{
	(void)r;
	return FB_INT((*(const struct fb_task *const *)task)->tid);
}

static struct fb_cell get_task_pid(struct fb_report *r, const void *task)
{
	const struct fb_task *t = *(const struct fb_task *const *)task;

	(void)r;
	return t->pid ? FB_INT(t->pid) : FB_NULL;
}

static struct fb_cell get_task_comm(struct fb_report *r, const void *task)
{
	(void)r;
	return FB_NAME((*(const struct fb_task *const *)task)->comm);
}

static const struct fb_table tasks_table = {
	.columns = {
		{ .key = "tid", FB_BY(INT, get_task_tid) },
		{ .key = "pid", FB_BY(INT, get_task_pid) },
		{ .key = "comm", FB_BY(TEXT, get_task_comm) },
	},
};

static struct fb_cell get_cause(struct fb_report *r, const void *row)
{
	(void)r;
	return FB_NAME(fb_packet_cause_name(((const struct cause_row *)row)->cause));
}

static const struct fb_table causes_table = {
	.columns = {
		{ .key = "cause", FB_BY(TEXT, get_cause) },
		{ .key = "time", FB_DURATION_OF(struct cause_row, time) },
	},
};

static const struct fb_table waits_table = {
	.columns = {
		TASK_COLUMNS("", struct connection_waits, task, 0),
		{ .key = "syscall", FB_NAME_OF(struct connection_waits, syscall) },
		{ .key = "count", FB_COUNT_OF(struct connection_waits, asleep.n) },
		{ .key = "sum", FB_DURATION_OF(struct connection_waits, asleep.sum) },
		{ .key = "max", FB_DURATION_OF(struct connection_waits, asleep.max) },
		{ .key = "longest", FB_TIME_OF(struct connection_waits, longest) },
	},
};

/* ---- parts ------------------------------------------------------------------------------- */

#define PART_COLUMN(in, name, type, part)                                                          \
	{ .key = in "parts." name, FB_DURATION_OF(type, parts[part]) }

#define PART_COLUMNS(in, type)                                                                     \
	PART_COLUMN(in, "not_written", type, FB_PART_NOT_WRITTEN),                                 \
	PART_COLUMN(in, "unknown", type, FB_PART_UNKNOWN),                                         \
	PART_COLUMN(in, "sending", type, FB_PART_SENDING),                                         \
	PART_COLUMN(in, "answering", type, FB_PART_ANSWERING),                                     \
	PART_COLUMN(in, "delayed_ack", type, FB_PART_DELAYED_ACK),                                 \
	PART_COLUMN(in, "held", type, FB_PART_HELD),                                               \
	PART_COLUMN(in, "sent_again", type, FB_PART_SENT_AGAIN),                                   \
	PART_COLUMN(in, "queued", type, FB_PART_QUEUED),                                           \
	PART_COLUMN(in, "in_flight", type, FB_PART_IN_FLIGHT),                                     \
	PART_COLUMN(in, "outside", type, FB_PART_OUTSIDE),                                         \
	PART_COLUMN(in, "receive_to_wake", type, FB_PART_RECEIVE_TO_WAKE)

static const char *side_name(enum side side)
{
	return side == SIDE_LEFT ? "left" : "right";
}

static struct fb_cell get_silence_side(struct fb_report *r, const void *silence)
{
	(void)r;
	return FB_NAME(side_name(((const struct silence *)silence)->side));
}

static struct fb_cell get_silence_cause(struct fb_report *r, const void *silence)
{
	(void)r;
	return FB_NAME(fb_packet_cause_name(((const struct silence *)silence)->cause));
}

static const struct fb_table silences_table = {
	.columns = {
		{ .key = "begin", FB_TIME_OF(struct silence, begin) },
		{ .key = "end", FB_TIME_OF(struct silence, end) },
		{ .key = "from", FB_BY(TEXT, get_silence_side) },
		PACKET_KEY_COLUMNS("packet.", offsetof(struct silence, key)),
		{ .key = "received", FB_BOOL_OF(struct silence, has_come) },
		{ .key = "outside", FB_BOOL_OF(struct silence, is_outside) },
		{ .key = "cause", FB_BY(TEXT, get_silence_cause) },
		{ .key = "busy_least", FB_DURATION_OF(struct silence, busy_least) },
		{ .key = "busy_most", FB_DURATION_OF(struct silence, busy_most) },
		PACKET_CALL_COLUMNS("call.", offsetof(struct silence, call)),
		PART_COLUMNS("", struct silence),
	},
};

/* ---- ends -------------------------------------------------------------------------------- */

static struct fb_cell get_address(struct fb_report *r, const void *end)
{
	const struct end_row *row = end;
	GString *to = fb_report_scratch(r);

	end_words(row->connection, row->side, to);
	return FB_TEXT(to->str);
}

static struct fb_cell of_some(const struct some *s, fb_ns value)
{
	return s->n ? FB_DURATION(value) : FB_NULL;
}

static struct fb_cell get_some_min(struct fb_report *r, const void *some)
{
	(void)r;
	return of_some(some, ((const struct some *)some)->min);
}

static struct fb_cell get_some_max(struct fb_report *r, const void *some)
{
	(void)r;
	return of_some(some, ((const struct some *)some)->max);
}

#define SOME_COLUMNS(in, at)                                                                       \
	{ .key = in "count", FB_COUNT_OF(struct some, n, at) },                                    \
	{ .key = in "sum", FB_DURATION_OF(struct some, sum, at) },                                 \
	{ .key = in "min", FB_BY(DURATION, get_some_min, at) },                                    \
	{ .key = in "max", FB_BY(DURATION, get_some_max, at) }

#define END_COLUMNS(in, at)                                                                        \
	{ .key = in "address", FB_BY(TEXT, get_address, at) },                                     \
	{ .key = in "here", FB_BOOL_OF(struct end_row, end.is_here, at) },                         \
	{ .key = in "tasks", FB_LIST_OF(struct end_row, tasks, at) },                              \
	{ .key = in "packets", FB_COUNT_OF(struct end_row, end.packets, at) },                     \
	{ .key = in "bytes", FB_COUNT_OF(struct end_row, end.bytes, at) },                         \
	{ .key = in "again", FB_COUNT_OF(struct end_row, end.again, at) },                         \
	{ .key = in "zero_windows", FB_COUNT_OF(struct end_row, end.zero_windows, at) },           \
	{ .key = in "handshake", FB_DURATION_OF(struct end_row, end.handshake, at) },              \
	SOME_COLUMNS(in "rtt.", (at) + offsetof(struct end_row, end.rtt)),                         \
	SOME_COLUMNS(in "answers.", (at) + offsetof(struct end_row, end.answers)),                 \
	{ .key = in "busy.count", FB_COUNT_OF(struct end_row, end.busy_most.n, at) },              \
	{ .key = in "busy.least", FB_DURATION_OF(struct end_row, end.busy_least.sum, at) },        \
	{ .key = in "busy.most", FB_DURATION_OF(struct end_row, end.busy_most.sum, at) },          \
	{ .key = in "held", FB_DURATION_OF(struct end_row, end.held, at) },                        \
	{ .key = in "queued", FB_DURATION_OF(struct end_row, end.queued, at) },                    \
	{ .key = in "causes", FB_LIST_OF(struct end_row, causes, at) }

static struct fb_cell get_protocol(struct fb_report *r, const void *row)
{
	const struct fb_packet_key key = {
		.protocol = ((const struct connection_row *)row)->connection->protocol,
		.address_bytes = 4
	};

	return get_packet_protocol(r, &key);
}

static const struct fb_table connection_table = {
	.type = "connection",
	.columns = {
		{ .key = "connection", FB_UINT_OF(struct connection_row, number) },
		{ .key = "protocol", FB_BY(TEXT, get_protocol) },
		{ .key = "begin", FB_TIME_OF(struct connection_row, begin) },
		{ .key = "end", FB_TIME_OF(struct connection_row, end) },
		END_COLUMNS("left.", offsetof(struct connection_row, ends[SIDE_LEFT])),
		END_COLUMNS("right.", offsetof(struct connection_row, ends[SIDE_RIGHT])),
		{ .key = "asleep", FB_DURATION_OF(struct connection_row, asleep) },
		PART_COLUMNS("", struct connection_row),
		{ .key = "waits", FB_LIST_OF(struct connection_row, waits) },
		{ .key = "silences", FB_LIST_OF(struct connection_row, silences) },
		{ .key = "packets_left_out", FB_COUNT_OF(struct connection_row, packets_left_out) },
	},
};

static void end_row_fill(struct end_row *row, const struct connection *c, enum side side)
{
	unsigned n = 0;

	row->connection = c;
	row->side = side;
	row->end = c->ends[side];
	for (int i = 0; i < FB_PACKET_CAUSES; i++)
		if (row->end.by_cause[i])
			row->by_cause[n++] = (struct cause_row){ i, row->end.by_cause[i] };
	row->causes = (struct fb_list){ &causes_table, row->by_cause, n, sizeof(*row->by_cause) };
	row->tasks = (struct fb_list){ &tasks_table, row->end.tasks, row->end.n_tasks,
				       sizeof(*row->end.tasks) };
}

static void write_connection(struct fb_report *r, const struct connection *c, guint number)
{
	struct connection_row row = { .number = number,
				      .connection = c,
				      .begin = c->first,
				      .end = c->last,
				      .asleep = c->asleep,
				      .packets_left_out = c->not_shown };

	memcpy(row.parts, c->parts, sizeof(row.parts));
	for (int side = 0; side < SIDES; side++)
		end_row_fill(&row.ends[side], c, side);
	row.waits = (struct fb_list){ &waits_table, c->waits ? c->waits->data : NULL,
				      c->waits ? c->waits->len : 0,
				      sizeof(struct connection_waits) };
	row.silences = (struct fb_list){ &silences_table, c->silences, c->n_silences,
					 sizeof(*c->silences) };
	fb_report_row(r, &row);
}

/* ---- packets ----------------------------------------------------------------------------- */

static struct fb_cell get_woken_asleep(struct fb_report *r, const void *at)
{
	const struct rung_woken *woken = at;

	(void)r;
	return FB_DURATION(woken->begin == FB_NS_NONE ? FB_NS_NONE : woken->wake - woken->begin);
}

static const struct fb_table woken_table = {
	.columns = {
		WAKER_COLUMNS("", struct rung_woken, 0),
		{ .key = "wake", FB_TIME_OF(struct rung_woken, wake) },
		{ .key = "asleep", FB_BY(DURATION, get_woken_asleep) },
	},
};

static struct fb_cell get_last_number(struct fb_report *r, const void *row)
{
	const struct fb_packet_key *key = &((const struct rung_row *)row)->rung.key;

	(void)r;
	return key->file ? FB_INT(key->last_number) : FB_NULL;
}

static struct fb_cell get_rung_side(struct fb_report *r, const void *row)
{
	(void)r;
	return FB_NAME(side_name(((const struct rung_row *)row)->rung.side));
}

static struct fb_cell get_rung_cause(struct fb_report *r, const void *row)
{
	(void)r;
	return FB_NAME(fb_packet_cause_name(((const struct rung_row *)row)->rung.cause));
}

static struct fb_cell get_rung_inferred(struct fb_report *r, const void *row)
{
	const struct rung *rung = &((const struct rung_row *)row)->rung;

	(void)r;
	return rung->cause ? FB_BOOL(rung->cause_inferred) : FB_NULL;
}

static const struct fb_table packet_table = {
	.type = "packet",
	.columns = {
		{ .key = "connection", FB_UINT_OF(struct rung_row, connection) },
		{ .key = "from", FB_BY(TEXT, get_rung_side) },
		PACKET_KEY_COLUMNS("", offsetof(struct rung_row, rung.key)),
		{ .key = "last_number", FB_BY(INT, get_last_number) },
		{ .key = "again", FB_BOOL_OF(struct rung_row, rung.again) },
		{ .key = "outside", FB_BOOL_OF(struct rung_row, rung.is_outside) },
		{ .key = "left", FB_TIME_OF(struct rung_row, rung.left) },
		{ .key = "sent", FB_TIME_OF(struct rung_row, rung.sent) },
		{ .key = "received", FB_TIME_OF(struct rung_row, rung.received) },
		PACKET_CALL_COLUMNS("written.", offsetof(struct rung_row, rung.written)),
		{ .key = "held", FB_DURATION_OF(struct rung_row, rung.held) },
		{ .key = "put_off", FB_DURATION_OF(struct rung_row, rung.put_off) },
		{ .key = "in_vain", FB_DURATION_OF(struct rung_row, rung.in_vain) },
		{ .key = "cause", FB_BY(TEXT, get_rung_cause) },
		{ .key = "cause_inferred", FB_BY(BOOL, get_rung_inferred) },
		{ .key = "woken", FB_LIST_OF(struct rung_row, woken) },
	},
};

static void write_packets(struct fb_report *r, const struct connection *c, guint number)
{
	for (const GList *i = c->rungs.head; i; i = i->next) {
		struct rung_row row = { .connection = number, .rung = *(const struct rung *)i->data };

		row.woken = (struct fb_list){ &woken_table, row.rung.woken, row.rung.n_woken,
					      sizeof(*row.rung.woken) };
		fb_report_row(r, &row);
	}
}

void connection_rows(struct fb_report *r, const GPtrArray *list, guint most)
{
	fb_report_table(r, &connection_table, NULL);
	for (guint i = 0; i < list->len && i < most; i++)
		write_connection(r, list->pdata[i], i);
	fb_report_table(r, &packet_table, NULL);
	for (guint i = 0; i < list->len && i < most; i++)
		write_packets(r, list->pdata[i], i);
}
