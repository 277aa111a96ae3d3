/* SPDX-License-Identifier: MIT */
/*
 * stream-walk.h - what the files of a stream share.
 *
 *	stream.c         the walk: from packet to packet, and from chunk to chunk
 *	stream-packet.c  the bytes of its files: windows, packets' headers
 *	stream-loss.c    what is told where packets meet: losses, or marks
 *	stream-fault.c   what is wrong with an event, in words
 */
#ifndef CTF_READ_STREAM_WALK_H
#define CTF_READ_STREAM_WALK_H

#include "ctf/read/stream.h"

#define U64 G_GUINT64_FORMAT

static inline struct data_file *current_file(const struct stream *s)
{
	return g_ptr_array_index(s->files, s->file);
}

/* The one opened last, of the file at hand. */
static inline const struct packet_ref *current_packet(const struct stream *s)
{
	return &g_array_index(current_file(s)->packets, struct packet_ref, s->packet - 1);
}

/* stream-packet.c */
/* The file at hand, unless it is open. False: it cannot be opened, and said why. */
bool stream_open_file(struct stream *s);
/* And its window, to which events of the chunk at hand may still point. */
void stream_leave_file(struct stream *s);
/* Sets `is_spoilt` when the window may hold what the file never had. */
void stream_check_window(struct stream *s);
/*
 * Gets a window of `size` bytes or more for what is at `pos`, bits from the packet's begin, and
 * the decoder there. False: there are no bytes, and said why.
 */
bool stream_aim_window(struct stream *s, uint64_t pos, uint64_t size);
/*
 * Opens the next packet of the file at hand, or passes over one that cannot be read. False when
 * that takes another window, and the chunk has events of this one.
 */
bool stream_open_packet(struct stream *s);

/* stream-loss.c */
/* How many records the chunk needs room for: what one packet may bring before its events … */
#define EXTRA_MAX (5 + DECODE_ROOM) /* LOST events or marks */
/*
 * … and at its end: a mark, or the loss of what cannot be read, the end of that, and that of
 * the stream.
 */
#define END_MAX 3

/* What is to be told before the first event of the packet that was opened. */
void stream_emit_begin(struct stream *s, const struct ctf_packet *p);
/* … and behind its last one, where the decoder is. */
void stream_emit_end(struct stream *s);
/* What could not be read since the packet before: how many events that were nobody knows. */
void stream_emit_gap(struct stream *s, fb_ns until);

/* stream-fault.c */
/* The packet's first bad byte ends it. */
void stream_report_fault(struct stream *s);

#endif
