/* SPDX-License-Identifier: MIT */
/*
 * sink.h - sink.flightbox.blocking: any messages in, the report of `flightbox
 * blocking` out. The methods that plugin.c registers.
 *
 * Parameters are the command's options without their dashes: texts (format, time,
 * comm, begin, end, min-duration, kallsyms, color, output), numbers, arrays of them
 * or texts as the command takes them (pid, tid), and yes or no (all, include-edges,
 * and the analysis' own: summary, ready).
 */
#ifndef PLUGIN_SINK_H
#define PLUGIN_SINK_H

#include <babeltrace2/babeltrace.h>

bt_component_class_initialize_method_status sink_init(bt_self_component_sink *self,
						      bt_self_component_sink_configuration *config,
						      const bt_value *params, void *data);
void sink_finalize(bt_self_component_sink *self);
bt_component_class_sink_graph_is_configured_method_status sink_graph_is_configured(
	bt_self_component_sink *self);
bt_component_class_sink_consume_method_status sink_consume(bt_self_component_sink *self);

#endif
