/* SPDX-License-Identifier: MIT */
/*
 * stream.h - the events of one stream: its packets in order, from one file or
 * from many, and what was lost between them.
 */
#ifndef CTF_STREAM_H
#define CTF_STREAM_H

#include "decode.h"
#include "packet.h"

#define STREAM_EVENTS 512

/* A file's bytes in memory, or a packet copied to where it is aligned. */
struct mapping {
	uint8_t *at;
	size_t size;
	bool is_copy;
	bool is_lent; /* events were decoded from it */
};

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
	struct fb_source_info *info;
	fb_ns begin, end; /* packets outside are passed over; FB_NS_NONE: no bound */
	uint64_t *counts; /* by class, or NULL */
	bool marks;	  /* packets as marks instead of losses as LOST events */
	/* struct mapping: read, but events that the caller was lent may still point there. */
	GArray *retired;
	uint64_t bytes; /* done */
};

struct stream {
	struct streams *all;
	unsigned order;	     /* among streams with events at the same time */
	GPtrArray *files;    /* struct data_file *, in order; owned by the source */
	guint file, packet;  /* the next packet to open */
	struct mapping map;  /* of the file at hand; at is NULL while there is none */
	struct mapping copy; /* of the packet at hand when it lies badly in its file */
	uint64_t dropped;    /* bytes of the file whose pages were given back */
	bool in_packet;
	struct decoder d;
	/* The packet opened last: the one before, when the next is opened. */
	bool has_previous;
	uint64_t seq, discarded;
	fb_ns begin, previous_end;
	/* Decoded but not yet taken. */
	struct fb_event *events;
	size_t n, taken;
};

struct stream *stream_new(struct streams *all, GPtrArray *files, unsigned order);
void stream_free(struct stream *s);

/* Decodes more events once all are taken. False when there are none. */
bool stream_fill(struct stream *s);

void mapping_clear(struct mapping *m);

#endif
