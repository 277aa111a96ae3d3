/* SPDX-License-Identifier: MIT */
/* filter.c - the component filter.flightbox.blocking: see filter.h. */
#include <flightbox/error.h>
#include <flightbox/times.h>

#include "plugin/filter-component.h"

/* ---- parameters ------------------------------------------------------------------------- */

static bool wrong(GError **error, const char *name, const char *expected)
{
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE, "parameter '%s': expected %s", name, expected);
	return false;
}

static bool add_number(const bt_value *value, const char *name, GArray *to, GError **error)
{
	int64_t number = -1;

	if (bt_value_is_signed_integer(value))
		number = bt_value_integer_signed_get(value);
	else if (bt_value_is_unsigned_integer(value))
		number = MIN(bt_value_integer_unsigned_get(value), (uint64_t)INT64_MAX);
	if (number < 0 || number > INT32_MAX)
		return wrong(error, name, "a number or an array of numbers, none negative");
	g_array_append_vals(to, &(int32_t){ number }, 1);
	return true;
}

static bool read_numbers(const bt_value *value, const char *name, GArray *to, GError **error)
{
	if (!bt_value_is_array(value))
		return add_number(value, name, to, error);
	for (uint64_t i = 0; i < bt_value_array_get_length(value); i++)
		if (!add_number(bt_value_array_borrow_element_by_index_const(value, i), name, to,
				error))
			return false;
	return true;
}

static bool read_text(const bt_value *value, const char *name, char **to, GError **error)
{
	if (!bt_value_is_string(value))
		return wrong(error, name, "a text");
	g_free(*to);
	*to = g_strdup(bt_value_string_get(value));
	return true;
}

static bool read_bool(const bt_value *value, const char *name, bool *to, GError **error)
{
	if (!bt_value_is_bool(value))
		return wrong(error, name, "yes or no");
	*to = bt_value_bool_get(value);
	return true;
}

static bool read_duration(const bt_value *value, const char *name, fb_ns *to, GError **error)
{
	g_autofree char *text = NULL;

	return read_text(value, name, &text, error) && fb_duration_parse(text, to, error);
}

struct reading {
	struct filter *filter;
	GError *error;
};

static bool read_param(struct filter *f, const char *name, const bt_value *value, GError **error)
{
	if (!strcmp(name, "pid"))
		return read_numbers(value, name, f->pids, error);
	if (!strcmp(name, "tid"))
		return read_numbers(value, name, f->tids, error);
	if (!strcmp(name, "comm"))
		return read_text(value, name, &f->comm, error);
	if (!strcmp(name, "kallsyms"))
		return read_text(value, name, &f->kallsyms, error);
	if (!strcmp(name, "min-duration"))
		return read_duration(value, name, &f->min_duration, error);
	if (!strcmp(name, "all"))
		return read_bool(value, name, &f->all, error);
	if (!strcmp(name, "include-edges"))
		return read_bool(value, name, &f->edges, error);
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
		    "parameter '%s': there is none of that name; there are pid, tid, comm, "
		    "min-duration, all, include-edges and kallsyms",
		    name);
	return false;
}

static bt_value_map_foreach_entry_const_func_status on_param(const char *name,
							     const bt_value *value, void *data)
{
	struct reading *r = data;

	return read_param(r->filter, name, value, &r->error)
		       ? BT_VALUE_MAP_FOREACH_ENTRY_CONST_FUNC_STATUS_OK
		       : BT_VALUE_MAP_FOREACH_ENTRY_CONST_FUNC_STATUS_INTERRUPT;
}

/* ---- the component ---------------------------------------------------------------------- */

static void filter_free(struct filter *f)
{
	g_array_unref(f->pids);
	g_array_unref(f->tids);
	g_free(f->comm);
	g_free(f->kallsyms);
	g_free(f);
}

static bool start(struct filter *f, bt_self_component_filter *self, const bt_value *params,
		  GError **error)
{
	struct reading reading = { .filter = f };

	if (bt_value_map_foreach_entry_const(params, on_param, &reading) || reading.error) {
		if (reading.error)
			g_propagate_error(error, reading.error);
		else
			g_set_error(error, FB_ERROR, FB_ERROR_IO, "out of memory");
		return false;
	}
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
	f->pids = g_array_new(FALSE, FALSE, sizeof(int32_t));
	f->tids = g_array_new(FALSE, FALSE, sizeof(int32_t));
	f->edges = true;
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
