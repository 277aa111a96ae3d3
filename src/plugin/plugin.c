/* SPDX-License-Identifier: MIT */
/* plugin.c - flightbox inside babeltrace2: its component classes. */
#include <babeltrace2/babeltrace.h>

#include "bt2/mip.h"
#include "plugin/filter.h"
#include "plugin/sink.h"
#include "plugin/source.h"

BT_PLUGIN_MODULE();
BT_PLUGIN(flightbox);
BT_PLUGIN_DESCRIPTION("What the tasks of a Linux system waited for");
BT_PLUGIN_LICENSE("MIT");

/* ---- versions of the protocol ----------------------------------------------------------- */

static bt_component_class_get_supported_mip_versions_method_status add_versions(
	bt_integer_range_set_unsigned *versions)
{
	return bt_integer_range_set_unsigned_add_range(versions, 0, mip_greatest())
		       ? BT_COMPONENT_CLASS_GET_SUPPORTED_MIP_VERSIONS_METHOD_STATUS_MEMORY_ERROR
		       : BT_COMPONENT_CLASS_GET_SUPPORTED_MIP_VERSIONS_METHOD_STATUS_OK;
}

/* The three differ in the type of what they are asked by, and nothing else. */
#define VERSIONS_OF(kind)                                                                  \
	static bt_component_class_get_supported_mip_versions_method_status kind##_versions(\
		bt_self_component_class_##kind *self, const bt_value *params, void *data,  \
		bt_logging_level level, bt_integer_range_set_unsigned *versions)           \
	{                                                                                  \
		(void)self;                                                                \
		(void)params;                                                              \
		(void)data;                                                                \
		(void)level;                                                               \
		return add_versions(versions);                                             \
	}

VERSIONS_OF(source)
VERSIONS_OF(filter)
VERSIONS_OF(sink)

/* ---- source.flightbox.lttng-kernel ------------------------------------------------------ */

BT_PLUGIN_SOURCE_COMPONENT_CLASS_WITH_ID(auto, source, "lttng-kernel", source_iterator_next);
BT_PLUGIN_SOURCE_COMPONENT_CLASS_DESCRIPTION_WITH_ID(auto, source,
						     "Read LTTng kernel traces fast");
BT_PLUGIN_SOURCE_COMPONENT_CLASS_GET_SUPPORTED_MIP_VERSIONS_METHOD_WITH_ID(auto, source,
								       source_versions);
BT_PLUGIN_SOURCE_COMPONENT_CLASS_INITIALIZE_METHOD_WITH_ID(auto, source, source_init);
BT_PLUGIN_SOURCE_COMPONENT_CLASS_FINALIZE_METHOD_WITH_ID(auto, source, source_finalize);
BT_PLUGIN_SOURCE_COMPONENT_CLASS_QUERY_METHOD_WITH_ID(auto, source, source_query);
BT_PLUGIN_SOURCE_COMPONENT_CLASS_MESSAGE_ITERATOR_CLASS_INITIALIZE_METHOD_WITH_ID(
	auto, source, source_iterator_init);
BT_PLUGIN_SOURCE_COMPONENT_CLASS_MESSAGE_ITERATOR_CLASS_FINALIZE_METHOD_WITH_ID(
	auto, source, source_iterator_finalize);
BT_PLUGIN_SOURCE_COMPONENT_CLASS_MESSAGE_ITERATOR_CLASS_SEEK_BEGINNING_METHODS_WITH_ID(
	auto, source, source_iterator_seek, source_iterator_can_seek);

/* ---- filter.flightbox.blocking ---------------------------------------------------------- */

BT_PLUGIN_FILTER_COMPONENT_CLASS_WITH_ID(auto, filter, "blocking", filter_iterator_next);
BT_PLUGIN_FILTER_COMPONENT_CLASS_DESCRIPTION_WITH_ID(
	auto, filter, "Turn kernel events into one event per wait of a task");
BT_PLUGIN_FILTER_COMPONENT_CLASS_GET_SUPPORTED_MIP_VERSIONS_METHOD_WITH_ID(auto, filter,
								       filter_versions);
BT_PLUGIN_FILTER_COMPONENT_CLASS_INITIALIZE_METHOD_WITH_ID(auto, filter, filter_init);
BT_PLUGIN_FILTER_COMPONENT_CLASS_FINALIZE_METHOD_WITH_ID(auto, filter, filter_finalize);
BT_PLUGIN_FILTER_COMPONENT_CLASS_MESSAGE_ITERATOR_CLASS_INITIALIZE_METHOD_WITH_ID(
	auto, filter, filter_iterator_init);
BT_PLUGIN_FILTER_COMPONENT_CLASS_MESSAGE_ITERATOR_CLASS_FINALIZE_METHOD_WITH_ID(
	auto, filter, filter_iterator_finalize);

/* ---- sink.flightbox.blocking ------------------------------------------------------------ */

BT_PLUGIN_SINK_COMPONENT_CLASS_WITH_ID(auto, sink, "blocking", sink_consume);
BT_PLUGIN_SINK_COMPONENT_CLASS_DESCRIPTION_WITH_ID(
	auto, sink, "Report who waited, where, and what ended it");
BT_PLUGIN_SINK_COMPONENT_CLASS_GET_SUPPORTED_MIP_VERSIONS_METHOD_WITH_ID(auto, sink,
								       sink_versions);
BT_PLUGIN_SINK_COMPONENT_CLASS_INITIALIZE_METHOD_WITH_ID(auto, sink, sink_init);
BT_PLUGIN_SINK_COMPONENT_CLASS_FINALIZE_METHOD_WITH_ID(auto, sink, sink_finalize);
BT_PLUGIN_SINK_COMPONENT_CLASS_GRAPH_IS_CONFIGURED_METHOD_WITH_ID(auto, sink,
								  sink_graph_is_configured);
