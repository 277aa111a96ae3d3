/* SPDX-License-Identifier: MIT */
/*
 * source.h - source.flightbox.lttng-kernel: the native reader as a source of
 * babeltrace2's messages. The methods that plugin.c registers.
 *
 * Parameters:
 *	inputs   a path or an array of paths: trace directories, searched recursively; one boot
 *	only     a name or an array of names of events to emit, as flightbox names them
 *	         ("sched_switch", "syscall_entry_*"); all that flightbox models when absent
 */
#ifndef PLUGIN_SOURCE_H
#define PLUGIN_SOURCE_H

#include <babeltrace2/babeltrace.h>

bt_component_class_initialize_method_status source_init(
	bt_self_component_source *self, bt_self_component_source_configuration *config,
	const bt_value *params, void *data);
void source_finalize(bt_self_component_source *self);

bt_component_class_query_method_status source_query(bt_self_component_class_source *self,
						    bt_private_query_executor *executor,
						    const char *object, const bt_value *params,
						    void *data, const bt_value **result);

bt_message_iterator_class_initialize_method_status source_iterator_init(
	bt_self_message_iterator *self, bt_self_message_iterator_configuration *config,
	bt_self_component_port_output *port);
void source_iterator_finalize(bt_self_message_iterator *self);
bt_message_iterator_class_next_method_status source_iterator_next(bt_self_message_iterator *self,
								  bt_message_array_const messages,
								  uint64_t capacity,
								  uint64_t *count);
bt_message_iterator_class_can_seek_beginning_method_status source_iterator_can_seek(
	bt_self_message_iterator *self, bt_bool *can);
bt_message_iterator_class_seek_beginning_method_status source_iterator_seek(
	bt_self_message_iterator *self);

#endif
