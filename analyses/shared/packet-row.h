/* SPDX-License-Identifier: MIT */
/* packet-row.h - the packet that ended a wait: as programs get it, and in a line for people. */
#ifndef ANALYSES_SHARED_PACKET_ROW_H
#define ANALYSES_SHARED_PACKET_ROW_H

#include <flightbox/packet.h>
#include <flightbox/report.h>

#include "analyses/shared/wait-row.h"

/* A row's part. All zeros: the wait ended by none. */
struct packet_row {
	bool is_some;
	struct fb_packet packet;
	fb_ns parts[FB_PARTS];
	struct fb_list others; /* struct fb_packet_key */
};

/* `packet` may be NULL, and is lent for as long as the row is. */
void packet_row_fill(struct packet_row *row, const struct fb_packet *packet,
		     const struct fb_blocking *b);

/* "#9 40426>8781 [P.] 1:28 ack 1, cork", with what is not certain about it. Appends to `to`. */
void packet_line(const struct fb_packet *packet, const struct fb_blocking *b, GString *to);

/* "[P.] 1:28 ack 1", "udp length 20": without its ends. Appends to `to`. */
void packet_numbers(const struct fb_packet_key *key, GString *to);

/* Of a struct fb_packet_key. */
#define PACKET_KEY_COLUMNS(in, at)                                                                 \
	{ .key = in "protocol", FB_BY(TEXT, get_packet_protocol, at) },                            \
	{ .key = in "src", FB_BY(TEXT, get_packet_src, at) },                                      \
	{ .key = in "dst", FB_BY(TEXT, get_packet_dst, at) },                                      \
	{ .key = in "seq", FB_BY(INT, get_packet_seq, at) },                                       \
	{ .key = in "ack", FB_BY(INT, get_packet_ack, at) },                                       \
	{ .key = in "raw_seq", FB_BY(INT, get_packet_raw_seq, at) },                               \
	{ .key = in "raw_ack", FB_BY(INT, get_packet_raw_ack, at) },                               \
	{ .key = in "flags", FB_BY(TEXT, get_packet_flags, at) },                                  \
	{ .key = in "window", FB_BY(INT, get_packet_window, at) },                                 \
	{ .key = in "len", FB_BY(INT, get_packet_len, at) },                                       \
	{ .key = in "file", FB_TEXT_OF(struct fb_packet_key, file, at) },                          \
	{ .key = in "number", FB_BY(INT, get_packet_number, at) },                                 \
	{ .key = in "captured", FB_BY(INT, get_packet_captured, at) },                             \
	{ .key = in "unnumbered", FB_BY(TEXT, get_packet_unnumbered, at) }

/* Of a struct fb_packet_call. */
#define PACKET_CALL_COLUMNS(in, at)                                                                \
	WAKER_COLUMNS(in, struct fb_packet_call, at),                                              \
	{ .key = in "fd", FB_ID_OF(struct fb_packet_call, fd, at) },                               \
	{ .key = in "begin", FB_TIME_OF(struct fb_packet_call, begin, at) },                       \
	{ .key = in "end", FB_TIME_OF(struct fb_packet_call, end, at) },                           \
	{ .key = in "inferred", FB_BOOL_OF(struct fb_packet_call, inferred, at) }

#define PACKET_PART_COLUMN(name, part, at)                                                         \
	{ .key = "packet.parts." name,                                                             \
	  FB_DURATION_OF(struct packet_row, parts[part], at) }

/* Of a struct packet_row. */
#define PACKET_COLUMNS(at)                                                                         \
	{ .key = "packet.match", FB_BY(TEXT, get_packet_match, at) },                              \
	{ .key = "packet.missing", FB_BY(TEXT, get_packet_missing, at) },                          \
	PACKET_KEY_COLUMNS("packet.", (at) + offsetof(struct packet_row, packet.key)),             \
	{ .key = "packet.others", FB_LIST_OF(struct packet_row, others, at) },                     \
	{ .key = "packet.outside", FB_BY(BOOL, get_packet_outside, at) },                          \
	{ .key = "packet.left", FB_TIME_OF(struct packet_row, packet.left, at) },                  \
	{ .key = "packet.sent", FB_TIME_OF(struct packet_row, packet.sent, at) },                  \
	{ .key = "packet.received", FB_TIME_OF(struct packet_row, packet.received, at) },          \
	PACKET_CALL_COLUMNS("packet.written.",                                                     \
			    (at) + offsetof(struct packet_row, packet.written)),                   \
	{ .key = "packet.request.left", FB_TIME_OF(struct packet_row, packet.request_left, at) },  \
	{ .key = "packet.request.sent", FB_TIME_OF(struct packet_row, packet.request_sent, at) },  \
	PACKET_CALL_COLUMNS("packet.request.call.",                                                \
			    (at) + offsetof(struct packet_row, packet.request)),                   \
	{ .key = "packet.cause", FB_BY(TEXT, get_packet_cause, at) },                              \
	{ .key = "packet.cause_inferred", FB_BY(BOOL, get_packet_cause_inferred, at) },            \
	{ .key = "packet.unacknowledged", FB_BY(INT, get_packet_unacknowledged, at) },              \
	{ .key = "packet.released_by.received",                                                    \
	  FB_TIME_OF(struct packet_row, packet.released_by.received, at) },                        \
	{ .key = "packet.released_by.ack",                                                         \
	  FB_UINT_OF(struct packet_row, packet.released_by.ack, at) },                             \
	{ .key = "packet.released_by.delayed",                                                     \
	  FB_DURATION_OF(struct packet_row, packet.released_by.delayed, at) },                     \
	{ .key = "packet.dropped.time",                                                            \
	  FB_TIME_OF(struct packet_row, packet.dropped.time, at) },                                \
	{ .key = "packet.dropped.reason",                                                          \
	  FB_ID_OF(struct packet_row, packet.dropped.reason, at) },                                \
	{ .key = "packet.behind.since",                                                            \
	  FB_TIME_OF(struct packet_row, packet.behind.since, at) },                                \
	{ .key = "packet.behind.packets",                                                          \
	  FB_UINT_OF(struct packet_row, packet.behind.packets, at) },                              \
	{ .key = "packet.behind.bytes",                                                            \
	  FB_UINT_OF(struct packet_row, packet.behind.bytes, at) },                                \
	PACKET_PART_COLUMN("not_written", FB_PART_NOT_WRITTEN, at),                                \
	PACKET_PART_COLUMN("unknown", FB_PART_UNKNOWN, at),                                        \
	PACKET_PART_COLUMN("sending", FB_PART_SENDING, at),                                        \
	PACKET_PART_COLUMN("answering", FB_PART_ANSWERING, at),                                    \
	PACKET_PART_COLUMN("delayed_ack", FB_PART_DELAYED_ACK, at),                                \
	PACKET_PART_COLUMN("held", FB_PART_HELD, at),                                              \
	PACKET_PART_COLUMN("sent_again", FB_PART_SENT_AGAIN, at),                                  \
	PACKET_PART_COLUMN("queued", FB_PART_QUEUED, at),                                          \
	PACKET_PART_COLUMN("in_flight", FB_PART_IN_FLIGHT, at),                                    \
	PACKET_PART_COLUMN("outside", FB_PART_OUTSIDE, at),                                        \
	PACKET_PART_COLUMN("receive_to_wake", FB_PART_RECEIVE_TO_WAKE, at)

/* A key, or */
struct fb_cell get_packet_protocol(struct fb_report *r, const void *key);
struct fb_cell get_packet_src(struct fb_report *r, const void *key);
struct fb_cell get_packet_dst(struct fb_report *r, const void *key);
struct fb_cell get_packet_seq(struct fb_report *r, const void *key);
struct fb_cell get_packet_ack(struct fb_report *r, const void *key);
struct fb_cell get_packet_raw_seq(struct fb_report *r, const void *key);
struct fb_cell get_packet_raw_ack(struct fb_report *r, const void *key);
struct fb_cell get_packet_flags(struct fb_report *r, const void *key);
struct fb_cell get_packet_window(struct fb_report *r, const void *key);
struct fb_cell get_packet_len(struct fb_report *r, const void *key);
struct fb_cell get_packet_number(struct fb_report *r, const void *key);
struct fb_cell get_packet_captured(struct fb_report *r, const void *key);
struct fb_cell get_packet_unnumbered(struct fb_report *r, const void *key);
/* … a struct packet_row. */
struct fb_cell get_packet_match(struct fb_report *r, const void *row);
struct fb_cell get_packet_missing(struct fb_report *r, const void *row);
struct fb_cell get_packet_outside(struct fb_report *r, const void *row);
struct fb_cell get_packet_cause(struct fb_report *r, const void *row);
struct fb_cell get_packet_cause_inferred(struct fb_report *r, const void *row);
struct fb_cell get_packet_unacknowledged(struct fb_report *r, const void *row);

#endif
