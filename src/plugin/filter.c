/* SPDX-License-Identifier: MIT */
/* filter.c - the component filter.flightbox.blocking: its parameters, its ports, its iterators. */
#include <flightbox/error.h>

#include "plugin/filter-component.h"
#include "plugin/params.h"

static void filter_free(struct filter *f)
{
	query_clear(&f->query);
	g_free(f);
}

static bool start(struct filter *f, bt_self_component_filter *self, const bt_value *params,
		  GError **error)
{
	if (!params_read(&f->query, params, error))
		return false;
	if (!bt_self_component_filter_add_input_port(self, "in", NULL, NULL) &&
	    !bt_self_component_filter_add_output_port(self, "out", NULL, NULL))
		return true;
	g_set_error(error, FB_ERROR, FB_ERROR_IO, "out of memory");
	return false;
}

bt_component_class_initialize_method_status filter_init(
	bt_self_component_filter *self_filter, bt_self_component_filter_configuration *config,
	const bt_value *params, void *data)
{
	bt_self_component *self = bt_self_component_filter_as_self_component(self_filter);
	struct filter *f = g_new0(struct filter, 1);
	g_autoptr(GError) error = NULL;

	(void)config;
	(void)data;
	f->self = self_filter;
	query_init(&f->query,
		   ASK_TASKS | ASK_WAITS | ASK_LEAD | ASK_ALL | ASK_EDGES | ASK_SYMBOLS, NULL, NULL,
		   &query_style_parameter);
	f->query.edges = true;
	if (!start(f, self_filter, params, &error)) {
		BT_CURRENT_THREAD_ERROR_APPEND_CAUSE_FROM_COMPONENT(self, "flightbox: %s",
								    error->message);
		filter_free(f);
		return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_ERROR;
	}
	bt_self_component_set_data(self, f);
	return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_OK;
}

void filter_finalize(bt_self_component_filter *self)
{
	filter_free(bt_self_component_get_data(bt_self_component_filter_as_self_component(self)));
}
