/* SPDX-License-Identifier: MIT */
/* packet-way.c - a row for each part of a wait, in words: who had the packet meanwhile, and why. */
#include "analyses/shared/packet-way.h"

struct way_row {
	const struct fb_packet *packet;
	const struct fb_blocking *wait;
	enum fb_packet_part part;
	fb_ns begin, duration;
};

/* Of one from outside, the request's. */
static const struct fb_packet_call *call_of(const struct fb_packet *packet)
{
	return packet->is_outside ? &packet->request : &packet->written;
}

static void add_owner(const struct fb_packet *packet, const char *word, GString *to)
{
	const struct fb_packet_call *call = call_of(packet);

	if (!call->task)
		return;
	g_string_append(to, word);
	fb_report_who(call->comm, NULL, call->task->tid, to);
}

static void add_call(const struct fb_packet *packet, GString *to)
{
	const struct fb_packet_call *call = call_of(packet);

	if (call->syscall)
		g_string_append_printf(to, " in %s", call->syscall);
	if (call->fd >= 0)
		g_string_append_printf(to, ", fd %d", call->fd);
	if (call->inferred)
		g_string_append(to, " (inferred)");
}

/* ": Nagle, until ACK 20085 came, put off by 43.6 ms". */
static void add_cause(struct fb_report *r, const struct way_row *row, GString *to)
{
	const struct fb_packet *p = row->packet;

	if (fb_packet_cause_part(p->cause) == row->part)
		g_string_append_printf(to, ": %s%s", fb_packet_cause_words(p->cause),
				       p->cause_inferred ? " (inferred)" : "");
	if (p->unacknowledged && row->part == FB_PART_HELD)
		g_string_append_printf(to, " (%u bytes unacknowledged)", p->unacknowledged);
	if (row->part != FB_PART_HELD || p->released_by.received == FB_NS_NONE)
		return;
	g_string_append_printf(to, ", until ACK %u came", p->released_by.ack);
	if (p->released_by.delayed == FB_NS_NONE)
		return;
	g_string_append(to, ", put off by ");
	fb_report_ms(r, p->released_by.delayed, to);
}

static struct fb_cell get_way(struct fb_report *r, const void *way)
{
	static const char *const words[FB_PARTS] = {
		[FB_PART_NOT_WRITTEN] = "not written yet",
		[FB_PART_UNKNOWN] = "not known, until it left",
		[FB_PART_SENDING] = "sent",
		[FB_PART_ANSWERING] = "answered by the kernel",
		[FB_PART_DELAYED_ACK] = "acknowledgement put off",
		[FB_PART_HELD] = "held in the socket",
		[FB_PART_SENT_AGAIN] = "sent before, in vain",
		[FB_PART_QUEUED] = "queued for the device",
		[FB_PART_IN_FLIGHT] = "in flight",
		[FB_PART_OUTSIDE] = "outside of this host",
		[FB_PART_RECEIVE_TO_WAKE] = "receive to wake",
	};
	const struct way_row *row = way;
	GString *to = fb_report_scratch(r);

	g_string_append(to, words[row->part]);
	if (row->packet->is_outside && row->part < FB_PART_OUTSIDE && row->part != FB_PART_NOT_WRITTEN)
		g_string_append(to, " (what it answers)");
	if (row->part == FB_PART_SENDING) {
		add_owner(row->packet, " by ", to);
		add_call(row->packet, to);
	} else if (row->part == FB_PART_HELD) {
		add_owner(row->packet, " of ", to);
	}
	add_cause(r, row, to);
	return FB_TEXT(to->str);
}

static struct fb_cell get_way_percent(struct fb_report *r, const void *way)
{
	const struct way_row *row = way;

	(void)r;
	return FB_PERCENT(row->duration, fb_blocking_asleep(row->wait));
}

static const struct fb_table people_way = {
	.columns = {
		{ .heading = "Start", FB_TIME_OF(struct way_row, begin) },
		{ .heading = "Duration (ms)", FB_DURATION_OF(struct way_row, duration) },
		{ .heading = "%", FB_BY(PERCENT, get_way_percent) },
		{ .heading = "Its way", FB_BY(TEXT, get_way) },
	},
};

void packet_way_report(struct fb_report *r, const struct fb_packet *packet,
		       const struct fb_blocking *b, const char *title)
{
	fb_ns parts[FB_PARTS];
	struct way_row row = { .packet = packet, .wait = b, .begin = b->begin };

	fb_report_table(r, &people_way, title);
	if (!fb_packet_parts(packet, b, parts))
		return;
	for (unsigned i = 0; i < packet->n_stages; i++) {
		row.part = packet->stages[i].part;
		row.duration = parts[row.part];
		if (row.duration <= 0)
			continue;
		fb_report_row(r, &row);
		row.begin += row.duration;
	}
}
