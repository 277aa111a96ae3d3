/* SPDX-License-Identifier: MIT */
/*
 * rows.h - rows of a report as babeltrace2's events: a trace of one stream, whose
 * only event class has the columns of the table as its fields.
 */
#ifndef PLUGIN_ROWS_H
#define PLUGIN_ROWS_H

#include <babeltrace2/babeltrace.h>

#include <flightbox/report.h>

#define ROW_DEPTH 4 /* levels of objects in a column's key */

/* Where a column's field lies. */
struct row_place {
	unsigned depth;		     /* of `members`; 0: the column has no key */
	uint64_t members[ROW_DEPTH]; /* indices, outermost first */
};

struct rows {
	bt_self_message_iterator *self;
	const struct fb_table *table;
	fb_ns clock_offset; /* added to times */
	uint64_t frequency;
	struct row_place places[FB_COLUMNS_MAX];
	bt_trace_class *trace_class;
	bt_stream_class *stream_class;
	bt_event_class *event_class;
	bt_trace *trace;
	bt_stream *stream;
	bt_packet *packet;  /* NULL outside of packets */
	unsigned in_packet; /* events */
	uint64_t last;	    /* cycles: time of the last message */
	GQueue messages;    /* bt_message: made and not taken yet */
};

/*
 * Makes the classes and the messages that begin the stream. `like` is a trace and `clock`
 * its clock, which are copied. NULL and `error` on failure.
 */
struct rows *rows_new(bt_self_message_iterator *self, const struct fb_table *table,
		      const bt_trace *like, const bt_clock_class *clock,
		      const struct fb_source_info *info, GError **error);
void rows_free(struct rows *rows);

/* Adds the event of a row whose time is `time`, and what packets need. False and `error`. */
bool rows_add(struct rows *rows, struct fb_report *report, const void *row, fb_ns time,
	      GError **error);

/* Adds the messages that end the stream. */
bool rows_end(struct rows *rows, GError **error);

#endif
