/* SPDX-License-Identifier: MIT */
/*
 * trace-ir.h - a reader's schemas and streams as babeltrace2's trace IR: traces,
 * their classes and streams, named as babeltrace2's own reader names them.
 */
#ifndef PLUGIN_TRACE_IR_H
#define PLUGIN_TRACE_IR_H

#include "plugin/fields.h"
#include "ctf/read/trace.h"

/* An event class that is handed out. */
struct ir_event {
	bt_event_class *class; /* lent */
	bool has_context, has_payload;
	struct field_plan context, payload;
};

struct ir_stream_class {
	const struct tsdl_stream *type;
	bt_stream_class *class;
	bool has_begin, has_end;     /* packets tell their times */
	bool has_discarded, has_seq; /* … what was discarded before, and their number */
	bool has_packet_context, has_context;
	unsigned discarded_bits;
	struct field_plan packet_context, context;
	struct ir_event **events; /* by the layouts' class; NULL for what is not handed out */
	unsigned next_reg;
};

/* Traces of one UUID are one. */
struct ir_trace {
	const struct schema *schema; /* the one that declares the most */
	bt_trace_class *class;
	bt_clock_class *clock;
	bt_trace *trace;
	GPtrArray *stream_classes; /* struct ir_stream_class * */
	uint64_t next_stream_id;   /* for streams that have none */
};

struct ir_stream {
	bt_stream *stream;
	const struct ir_stream_class *class;
};

struct ir {
	GPtrArray *traces;	   /* struct ir_trace * */
	struct ir_stream *streams; /* by their order */
	unsigned n_streams, n_layouts;
};

/* Which event classes are handed out. */
typedef bool (*ir_wants)(const struct layout *layout, void *data);

/* NULL and `error` on failure. The reader must live as long. */
struct ir *ir_new(const struct reader *r, bt_self_component *self, ir_wants wants, void *data,
		  GError **error);
void ir_free(struct ir *ir);

/* The class of the clock of a trace's events; NULL and `error` when they have none. */
bt_clock_class *ir_clock_new(const struct schema *s, bt_self_component *self, GError **error);

#endif
