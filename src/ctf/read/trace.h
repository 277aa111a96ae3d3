/* SPDX-License-Identifier: MIT */
/*
 * trace.h - what stands behind fb_source_native, for those who hand out more than
 * events: its schemas, its streams and, with `shared.marks`, where packets begin and end.
 */
#ifndef CTF_READ_TRACE_H
#define CTF_READ_TRACE_H

#include <flightbox/source.h>

#include "ctf/read/pipeline.h"

struct reader {
	struct fb_source source;
	struct fb_source_options options;
	GPtrArray *schemas;	   /* struct schema * */
	GPtrArray *files;	   /* struct data_file * */
	GPtrArray *streams;	   /* struct stream * */
	struct layouts *layouts;
	struct streams shared;	   /* may be changed until the first batch is asked for */
	struct pipeline *pipeline; /* NULL until then */
	uint64_t bytes, done;	   /* of all packets; of those begun */
	fb_ns latest;		   /* time of the last event handed out; FB_NS_NONE: none */
	bool has_ended, is_to_restart;
	bool has_cpus_in_events;   /* streams are not each of one CPU */
	uint64_t problems_at_open, broken_at_open; /* what no restart forgets */
	/* Where events of this batch lie whose fields were asked for, by CPU. */
	const struct window *windows[16];
	struct {
		const uint8_t *ref; /* NULL: none */
		uint16_t class;
		struct machine machine;
	} asked; /* the event whose field was asked for last */
};

/* The reader of a source that fb_source_native opened. */
static inline struct reader *reader_of(struct fb_source *source)
{
	return (struct reader *)source;
}

/* trace-field.c: what fb_source_native reads a field with; see fb_source_ops. */
bool reader_field(struct fb_source *source, const struct fb_event *ev, int field,
		  struct fb_value *value);

#endif
