/* SPDX-License-Identifier: MIT */
/*
 * world.h - made-up messages of babeltrace2's: a trace of one stream with two classes,
 * sched_switch and syscall_entry_read, and what messages.c makes of them.
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include "bt2/messages.h"

struct world {
	const char *domain, *hostname, *stream_name;
	bool no_clock, no_epoch, no_packets, no_cpu_id, no_snapshots, no_fields;
	bool in_options, no_content; /* next_comm and next_tid; of which there is none */
	uint64_t frequency;
	uint64_t cpu; /* 0: it is 2 */
	/* Fills `messages` of `self`. */
	void (*tell)(struct world *w);
	/* Made of that. */
	bt_trace_class *trace_class;
	bt_clock_class *clock;
	bt_stream_class *stream_class;
	bt_event_class *sched_switch, *read;
	bt_stream *stream;
	bt_packet *packet;
	bt_self_message_iterator *self;
	GPtrArray *messages;
	guint told;
	/* What came of it. */
	struct messages *reader;
	GString *text;
	GError *error;
};

/* ---- for `tell` ------------------------------------------------------------------------- */

void say(struct world *w, bt_message *message);
void say_begin(struct world *w, uint64_t time);
void say_switch(struct world *w, uint64_t time);
void say_read(struct world *w, uint64_t time);
void say_end(struct world *w, uint64_t time);

/* A count below 0 is not told. */
void say_lost_events(struct world *w, uint64_t from, uint64_t until, int64_t count);

/* ---- for the cases ---------------------------------------------------------------------- */

/* Makes the world and lets messages.c read it; the text is one line for each event. */
void world_run(struct world *w);
void world_clear(struct world *w);

/* A reader of the world's messages, for world.reader. */
struct messages *world_reader(void);

#endif
