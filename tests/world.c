/* SPDX-License-Identifier: MIT */
/* world.c - see world.h. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <flightbox/dump.h>

static void member(bt_field_class *structure, const char *name, bt_field_class *class)
{
	assert_non_null(class);
	assert_int_equal(bt_field_class_structure_append_member(structure, name, class), 0);
	bt_field_class_put_ref(class);
}

/* A class, or an option of it. */
static bt_field_class *may_be(struct world *w, bt_field_class *class)
{
	bt_field_class *option;

	if (!w->in_options)
		return class;
	option = bt_field_class_option_without_selector_create(w->trace_class, class);
	bt_field_class_put_ref(class);
	return option;
}

static bt_event_class *make_class(struct world *w, const char *name, bt_field_class *fields)
{
	bt_event_class *class = bt_event_class_create(w->stream_class);

	assert_int_equal(bt_event_class_set_name(class, name), 0);
	assert_int_equal(bt_event_class_set_payload_field_class(class, fields), 0);
	bt_field_class_put_ref(fields);
	return class;
}

static void make_classes(struct world *w)
{
	bt_trace_class *t = w->trace_class;
	bt_field_class *fields = bt_field_class_structure_create(t);

	if (!w->no_fields) {
		member(fields, "next_comm", may_be(w, bt_field_class_string_create(t)));
		member(fields, "next_tid", may_be(w, bt_field_class_integer_signed_create(t)));
		member(fields, "_prev_tid", bt_field_class_integer_unsigned_create(t));
		member(fields, "next_prio", bt_field_class_bool_create(t));
	}
	/* What cannot be a number is not taken for one. */
	member(fields, "prev_state", bt_field_class_real_double_precision_create(t));
	w->sched_switch = make_class(w, "sched_switch", fields);
	fields = bt_field_class_structure_create(t);
	member(fields, "fd", bt_field_class_integer_unsigned_create(t));
	w->read = make_class(w, "syscall_entry_read", fields);
}

static void make_stream_class(struct world *w)
{
	bt_bool snapshots = !w->no_snapshots && !w->no_clock;
	bt_field_class *context;

	w->stream_class = bt_stream_class_create(w->trace_class);
	if (!w->no_clock)
		bt_stream_class_set_default_clock_class(w->stream_class, w->clock);
	if (!w->no_packets) {
		bt_stream_class_set_supports_packets(w->stream_class, BT_TRUE, snapshots,
						     snapshots);
		context = bt_field_class_structure_create(w->trace_class);
		if (!w->no_cpu_id)
			member(context, "cpu_id",
			       bt_field_class_integer_unsigned_create(w->trace_class));
		bt_stream_class_set_packet_context_field_class(w->stream_class, context);
		bt_field_class_put_ref(context);
	}
	bt_stream_class_set_supports_discarded_events(w->stream_class, BT_TRUE, snapshots);
	if (!w->no_packets)
		bt_stream_class_set_supports_discarded_packets(w->stream_class, BT_TRUE, snapshots);
	make_classes(w);
}

static void make_trace(struct world *w, bt_self_component *self)
{
	bt_trace *trace;

	w->trace_class = bt_trace_class_create(self);
	w->clock = bt_clock_class_create(self);
	bt_clock_class_set_frequency(w->clock, w->frequency ? w->frequency : 1000000000);
	bt_clock_class_set_origin_is_unix_epoch(w->clock, !w->no_epoch);
	bt_clock_class_set_name(w->clock, "monotonic");
	make_stream_class(w);
	trace = bt_trace_create(w->trace_class);
	bt_trace_set_environment_entry_string(trace, "domain", w->domain ? w->domain : "kernel");
	bt_trace_set_name(trace, "made-up");
	w->stream = bt_stream_create(w->stream_class, trace);
	bt_stream_set_name(w->stream, w->stream_name ? w->stream_name : "channel0_5");
	bt_trace_put_ref(trace);
	if (!w->no_packets) {
		w->packet = bt_packet_create(w->stream);
		if (!w->no_cpu_id)
			bt_field_integer_unsigned_set_value(
				bt_field_structure_borrow_member_field_by_index(
					bt_packet_borrow_context_field(w->packet), 0),
				w->cpu ? w->cpu : 2);
	}
}

static void drop_trace(struct world *w)
{
	bt_packet_put_ref(w->packet);
	bt_stream_put_ref(w->stream);
	bt_event_class_put_ref(w->sched_switch);
	bt_event_class_put_ref(w->read);
	bt_stream_class_put_ref(w->stream_class);
	bt_clock_class_put_ref(w->clock);
	bt_trace_class_put_ref(w->trace_class);
}

/* ---- what a world tells ----------------------------------------------------------------- */

void say(struct world *w, bt_message *message)
{
	assert_non_null(message);
	g_ptr_array_add(w->messages, message);
}

void say_begin(struct world *w, uint64_t time)
{
	say(w, bt_message_stream_beginning_create(w->self, w->stream));
	if (w->packet && w->no_snapshots)
		say(w, bt_message_packet_beginning_create(w->self, w->packet));
	else if (w->packet)
		say(w, bt_message_packet_beginning_create_with_default_clock_snapshot(
			       w->self, w->packet, time));
}

static bt_field *say_event(struct world *w, const bt_event_class *class, uint64_t time)
{
	bt_message *message;

	if (w->packet)
		message = bt_message_event_create_with_packet_and_default_clock_snapshot(
			w->self, class, w->packet, time);
	else
		message = bt_message_event_create_with_default_clock_snapshot(w->self, class,
									      w->stream, time);
	say(w, message);
	return bt_event_borrow_payload_field(bt_message_event_borrow_event(message));
}

static bt_field *part(bt_field *structure, const char *name)
{
	return bt_field_structure_borrow_member_field_by_name(structure, name);
}

static bt_field *content(const struct world *w, bt_field *structure, const char *name)
{
	bt_field *field = part(structure, name);

	return w->in_options ? bt_field_option_borrow_field(field) : field;
}

void say_switch(struct world *w, uint64_t time)
{
	bt_field *fields = say_event(w, w->sched_switch, time);

	bt_field_real_double_precision_set_value(part(fields, "prev_state"), 1);
	if (w->no_fields)
		return;
	if (w->in_options) {
		bt_field_option_set_has_field(part(fields, "next_comm"), !w->no_content);
		bt_field_option_set_has_field(part(fields, "next_tid"), !w->no_content);
	}
	if (!w->no_content) {
		bt_field_string_set_value(content(w, fields, "next_comm"), "cat");
		bt_field_integer_signed_set_value(content(w, fields, "next_tid"), -7);
	}
	bt_field_integer_unsigned_set_value(part(fields, "_prev_tid"), 41);
	bt_field_bool_set_value(part(fields, "next_prio"), BT_TRUE);
}

void say_read(struct world *w, uint64_t time)
{
	bt_field_integer_unsigned_set_value(part(say_event(w, w->read, time), "fd"), 3);
}

void say_end(struct world *w, uint64_t time)
{
	if (w->packet && w->no_snapshots)
		say(w, bt_message_packet_end_create(w->self, w->packet));
	else if (w->packet)
		say(w, bt_message_packet_end_create_with_default_clock_snapshot(w->self, w->packet,
										time));
	say(w, bt_message_stream_end_create(w->self, w->stream));
}

void say_lost_events(struct world *w, uint64_t from, uint64_t until, int64_t count)
{
	bt_message *message =
		w->no_snapshots ? bt_message_discarded_events_create(w->self, w->stream)
				: bt_message_discarded_events_create_with_default_clock_snapshots(
					  w->self, w->stream, from, until);

	if (count >= 0)
		bt_message_discarded_events_set_count(message, count);
	say(w, message);
}

/* ---- running it ------------------------------------------------------------------------- */

static bt_component_class_initialize_method_status init(
	bt_self_component_source *source, bt_self_component_source_configuration *config,
	const bt_value *params, void *data)
{
	bt_self_component *self = bt_self_component_source_as_self_component(source);

	(void)config;
	(void)params;
	make_trace(data, self);
	bt_self_component_set_data(self, data);
	return (int)bt_self_component_source_add_output_port(source, "out", NULL, NULL);
}

static bt_message_iterator_class_initialize_method_status iterator_init(
	bt_self_message_iterator *self, bt_self_message_iterator_configuration *config,
	bt_self_component_port_output *port)
{
	struct world *w =
		bt_self_component_get_data(bt_self_message_iterator_borrow_component(self));

	(void)config;
	(void)port;
	w->self = self;
	w->messages = g_ptr_array_new();
	w->tell(w);
	bt_self_message_iterator_set_data(self, w);
	return BT_MESSAGE_ITERATOR_CLASS_INITIALIZE_METHOD_STATUS_OK;
}

/* Two at a time, so that there are several batches. */
static bt_message_iterator_class_next_method_status next(bt_self_message_iterator *self,
							 bt_message_array_const messages,
							 uint64_t capacity, uint64_t *count)
{
	struct world *w = bt_self_message_iterator_get_data(self);

	for (*count = 0; *count < MIN(capacity, 2) && w->told < w->messages->len; ++*count)
		messages[*count] = g_ptr_array_index(w->messages, w->told++);
	return *count ? BT_MESSAGE_ITERATOR_CLASS_NEXT_METHOD_STATUS_OK
		      : BT_MESSAGE_ITERATOR_CLASS_NEXT_METHOD_STATUS_END;
}

static const struct fb_source_ops ops = { .name = "made-up", .field = messages_field };

static bt_graph_simple_sink_component_consume_func_status consume(bt_message_iterator *iterator,
								  void *data)
{
	struct world *w = data;
	bt_message_array_const messages;
	struct fb_batch batch;
	uint64_t n;
	int status = bt_message_iterator_next(iterator, &messages, &n);

	if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_OK)
		return status;
	if (!messages_take(w->reader, messages, n, &batch, &w->error))
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_ERROR;
	for (size_t i = 0; i < batch.n; i++) {
		fb_event_text(w->text, &w->reader->source, &batch.events[i]);
		g_string_append_c(w->text, '\n');
	}
	return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_OK;
}

static void connect_all(bt_graph *graph, const bt_component_class_source *class, struct world *w)
{
	const bt_component_source *source;
	const bt_component_sink *sink;

	assert_int_equal(bt_graph_add_source_component_with_initialize_method_data(
				 graph, class, "source", NULL, w, BT_LOGGING_LEVEL_NONE, &source),
			 0);
	assert_int_equal(bt_graph_add_simple_sink_component(graph, "sink", NULL, consume, NULL, w,
							    &sink),
			 0);
	assert_int_equal(bt_graph_connect_ports(
				 graph,
				 bt_component_source_borrow_output_port_by_index_const(source, 0),
				 bt_component_sink_borrow_input_port_by_index_const(sink, 0), NULL),
			 0);
}

struct messages *world_reader(void)
{
	return messages_new(&ops, FB_KINDS_ALL, true);
}

void world_run(struct world *w)
{
	bt_message_iterator_class *iterator = bt_message_iterator_class_create(next);
	bt_component_class_source *class = bt_component_class_source_create("made-up", iterator);
	bt_graph *graph = bt_graph_create(0);

	assert_int_equal(bt_message_iterator_class_set_initialize_method(iterator, iterator_init),
			 0);
	assert_int_equal(bt_component_class_source_set_initialize_method(class, init), 0);
	w->text = g_string_new(NULL);
	if (!w->reader)
		w->reader = world_reader();
	connect_all(graph, class, w);
	if (bt_graph_run(graph) == BT_GRAPH_RUN_STATUS_OK &&
	    messages_describe(w->reader, &w->error))
		messages_end(w->reader);
	bt_current_thread_clear_error();
	/* The events' messages go back to a graph that is still there. */
	while (w->told < w->messages->len)
		bt_message_put_ref(g_ptr_array_index(w->messages, w->told++));
	g_ptr_array_unref(w->messages);
	bt_graph_put_ref(graph);
	bt_component_class_source_put_ref(class);
	bt_message_iterator_class_put_ref(iterator);
	drop_trace(w);
}

void world_clear(struct world *w)
{
	messages_free(w->reader);
	g_string_free(w->text, TRUE);
	g_clear_error(&w->error);
}
