/* SPDX-License-Identifier: MIT */
/*
 * filter.h - filter.flightbox.blocking: messages of kernel traces in, one event
 * `flightbox:blocking` per wait out. The methods that plugin.c registers.
 *
 * An event has the fields of the row that `flightbox blocking --format jsonl` writes,
 * under the same names; objects are structures. CTF knows no null: numbers are -1,
 * addresses 0 and texts "-" where the row has it.
 *
 * Its time is the wait's end, when the task ran again: waits come in that order, and it
 * is the first moment at which all is known. The clock is the input's, so that viewers
 * line both traces up.
 *
 * Parameters, as the options of the command:
 *	pid, tid, comm, min-duration, begin, end, lead, all, kallsyms
 *	include-edges   yes unless told: waits that the begin or end of what is read cuts off
 */
#ifndef PLUGIN_FILTER_H
#define PLUGIN_FILTER_H

#include <babeltrace2/babeltrace.h>

bt_component_class_initialize_method_status filter_init(
	bt_self_component_filter *self, bt_self_component_filter_configuration *config,
	const bt_value *params, void *data);
void filter_finalize(bt_self_component_filter *self);

bt_message_iterator_class_initialize_method_status filter_iterator_init(
	bt_self_message_iterator *self, bt_self_message_iterator_configuration *config,
	bt_self_component_port_output *port);
void filter_iterator_finalize(bt_self_message_iterator *self);
bt_message_iterator_class_next_method_status filter_iterator_next(bt_self_message_iterator *self,
								  bt_message_array_const messages,
								  uint64_t capacity,
								  uint64_t *count);

#endif
