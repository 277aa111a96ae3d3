/* SPDX-License-Identifier: MIT */
/*
 * stream.h - the events of one stream: its packets in order, from one file or
 * from many, and what was lost between them. They come in chunks, and streams share
 * nothing that changes: each may be read by another thread.
 */
#ifndef CTF_READ_STREAM_H
#define CTF_READ_STREAM_H

#include "ctf/read/decode.h"
#include "ctf/read/packet.h"
#include "ctf/read/window.h"

/*
 * Marks stand among the events where the caller asked for them: FB_EV_NONE with one
 * of these as its flags. An event's `cpu` is then its stream's order.
 */
enum stream_mark {
	MARK_OPEN = 1, /* time: the end of the packet before. ref: the new packet's first byte;
	                  lost.count: its size; lost.until: the index of its file */
	MARK_BEGIN,    /* time: that packet's begin. ref: the same */
	MARK_END,      /* time: its end, or the last event's */
	MARK_LAST,     /* the same, and no packet follows */
};

/* What the streams of a source share. */
struct streams {
	const struct layouts *layouts;
	struct windows windows;
	fb_ns begin, end; /* packets outside are passed over; FB_NS_NONE: no bound */
	fb_ns first, last; /* when the first packet of all begins and the last one ends; FB_NS_NONE: not known */
	bool count;	  /* count the events of each class */
	bool condenses;	  /* see fb_source_options */
	bool marks;	  /* packets as marks instead of losses as LOST events */
	bool tells_ends;  /* a LOST event stands where a stream ends; see FB_LOST_LATER */
};

/* What one call decodes: not more than `room` events, all from one window. */
struct decoded_chunk {
	struct fb_event *events;
	size_t n, room;
	struct window *window;	    /* referred to; NULL: no event points anywhere */
	struct fb_source_info info; /* what was met on the way: see info_take() */
	uint64_t bytes;		    /* of packets that were opened */
};

void chunk_init(struct decoded_chunk *c, size_t room);
void chunk_clear(struct decoded_chunk *c, struct windows *all);

struct stream {
	struct streams *all;
	unsigned order;		/* among streams with events at the same time */
	GPtrArray *files;	/* struct data_file *, in order; owned by the source */
	guint file, packet;	/* the next packet to open */
	int fd;			/* of the file at hand; -1 while there is none */
	struct window *window;	/* the part of it at hand; NULL while there is none */
	uint64_t window_begin;	/* its place in the file */
	bool is_short;		/* the file was seen to end before it should */
	bool has_unopened;	/* a file could not be opened, and was left out */
	bool is_spoilt;		/* a file shrank while it was read: the chunk at hand may be wrong */
	bool in_packet;
	bool has_ended;		/* there is no packet left */
	bool is_full;		/* what comes next is for the next chunk */
	struct decoded_chunk *chunk;	/* being filled */
	struct decoded decoded; /* its events */
	/* In a packet: `d.base` is as many bytes behind its begin, and `d.end` may be that of the window. */
	uint64_t base_offset;
	uint64_t content;	/* bits of the packet that there are */
	struct decoder d;
	uint64_t events_noted;	/* d.events, when the span was noted last */
	uint64_t *counts_before; /* d.counts when the chunk began */
	/* The packet opened last: the one before, when the next is opened. */
	bool has_previous;
	bool has_gap; /* since then something could not be read */
	uint64_t seq, discarded;
	fb_ns begin, previous_end;
	bool is_lossy;		/* events are lost up to its end */
};

struct stream *stream_new(struct streams *all, GPtrArray *files, unsigned order);
void stream_free(struct stream *s);

/*
 * When its first event is; FB_NS_NONE: it has none. Of a stream that is then read no further.
 * Of problems only files that could not be opened are told: the rest is met again by who reads.
 */
fb_ns stream_first_time(struct stream *s, struct fb_source_info *info);

/* Decodes into the chunk, which loses what it had; the chunks before may still be in use. */
void stream_fill(struct stream *s, struct decoded_chunk *to);

/* The same for two streams at once, which is faster than one after the other. */
void stream_fill_two(struct stream *a, struct decoded_chunk *to_a, struct stream *b,
		     struct decoded_chunk *to_b);

#endif
