/* SPDX-License-Identifier: MIT */
/* captures.c - one line or row for each capture, and for each time that its clock was set. */
#include "analyses/shared/captures.h"

struct capture_row {
	struct fb_capture capture;
	struct fb_list clocks;
};

static struct fb_cell get_drift(struct fb_report *r, const void *clock)
{
	(void)r;
	return FB_REAL(((const struct fb_capture_clock *)clock)->drift_ppm);
}

static const struct fb_table clocks_table = {
	.columns = {
		{ .key = "begin", FB_TIME_OF(struct fb_capture_clock, begin) },
		{ .key = "end", FB_TIME_OF(struct fb_capture_clock, end) },
		{ .key = "packets", FB_COUNT_OF(struct fb_capture_clock, packets) },
		{ .key = "offset", FB_DURATION_OF(struct fb_capture_clock, offset) },
		{ .key = "spread", FB_DURATION_OF(struct fb_capture_clock, spread) },
		{ .key = "drift_ppm", FB_BY(REAL, get_drift) },
		{ .key = "exact", FB_BOOL_OF(struct fb_capture_clock, is_exact) },
	},
};

static const struct fb_table programs = {
	.type = "capture",
	.columns = {
		{ .key = "file", FB_TEXT_OF(struct capture_row, capture.path) },
		{ .key = "packets", FB_COUNT_OF(struct capture_row, capture.packets) },
		{ .key = "matched", FB_COUNT_OF(struct capture_row, capture.matched) },
		{ .key = "alone", FB_BOOL_OF(struct capture_row, capture.is_alone) },
		{ .key = "by_sent", FB_BOOL_OF(struct capture_row, capture.is_by_sent) },
		{ .key = "clocks", FB_LIST_OF(struct capture_row, clocks) },
	},
};

/* "+0.006 ms, spread 0.009 ms, drift 20 ppm"; how far one of less than a line's worth may be wrong nobody knows. */
static void add_clock(struct fb_report *r, const struct fb_capture_clock *clock, GString *to)
{
	g_string_append(to, clock->offset < 0 ? "-" : "+");
	fb_report_ms(r, ABS(clock->offset), to);
	g_string_append(to, ", spread ");
	fb_report_ms(r, clock->spread, to);
	if (clock->drift_ppm)
		g_string_append_printf(to, ", drift %+.0f ppm", clock->drift_ppm);
	if (!clock->is_exact)
		g_string_append(to, " (inexact)");
}

/* All that comes is captured then, and of what goes some. */
static void note_alone(struct fb_report *r, const struct fb_capture *c, const char *name)
{
	bool fits = c->matched && c->matched * 4 >= c->packets;

	fb_report_note(r, "Capture %s: %" G_GUINT64_FORMAT " packets of that time, %" G_GUINT64_FORMAT
			  " of them while softirq NET_RX ran%s", name, c->packets, c->matched,
		       fits ? "; the trace tells of none, so who waited for which is inferred" :
			      ": it is of another time or host, or its clock is wrong");
}

static void note(struct fb_report *r, const struct fb_capture *c)
{
	g_autofree char *name = g_path_get_basename(c->path);
	g_autoptr(GString) text = g_string_new(NULL);

	if (c->is_alone) {
		note_alone(r, c, name);
		return;
	}
	for (unsigned i = 0; i < c->n_clocks; i++) {
		g_string_append(text, i ? ", then set to " : "; its clock - the trace's ");
		add_clock(r, &c->clocks[i], text);
	}
	if (c->n_clocks && c->is_by_sent)
		g_string_append(text, ", by packets sent");
	fb_report_note(r, "Capture %s: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
			  " packets matched%s", name, c->matched, c->packets, text->str);
}

static void write_row(struct fb_report *r, const struct fb_capture *c)
{
	struct capture_row row = { .capture = *c };

	row.clocks = (struct fb_list){ &clocks_table, row.capture.clocks, c->n_clocks,
				       sizeof(c->clocks[0]) };
	fb_report_table(r, &programs, NULL);
	fb_report_row(r, &row);
}

void captures_report(struct fb_packets *packets, struct fb_report *report)
{
	struct fb_capture capture;

	for (unsigned i = 0; fb_packets_capture(packets, i, &capture); i++)
		if (fb_report_for_people(report))
			note(report, &capture);
		else
			write_row(report, &capture);
}
