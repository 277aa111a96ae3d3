/* SPDX-License-Identifier: MIT */
/* params.c - babeltrace2's values -> what a query was given. */
#include <inttypes.h>

#include <flightbox/error.h>

#include "plugin/params.h"

struct params_reading {
	const struct query *query;
	GError *error;
};

static bool is_number(const struct fb_option *o)
{
	return o->type == FB_OPTION_INT || o->type == FB_OPTION_NUMBERS;
}

/* What has no text. */
static bool refuse_type(const struct fb_option *o, GError **error)
{
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE, "parameter '%s': expected %s", o->name,
		    o->type == FB_OPTION_BOOL ? "yes or no" : is_number(o) ? "a number" : "a text");
	return false;
}

/* The word yes, unquoted, is no text: who means one would see it become another. */
static char *text_of(const struct fb_option *o, const bt_value *value)
{
	if (bt_value_is_string(value))
		return g_strdup(bt_value_string_get(value));
	if (bt_value_is_signed_integer(value))
		return g_strdup_printf("%" PRId64, bt_value_integer_signed_get(value));
	if (bt_value_is_unsigned_integer(value))
		return g_strdup_printf("%" PRIu64, bt_value_integer_unsigned_get(value));
	if (bt_value_is_bool(value) && o->type == FB_OPTION_BOOL)
		return g_strdup(bt_value_bool_get(value) ? "yes" : "no");
	return NULL;
}

static bool read_one(const struct query *q, struct query_option *option, const bt_value *value,
		     GError **error)
{
	g_autofree char *text = text_of(option->row, value);

	return text ? query_set(q, option, text, error) : refuse_type(option->row, error);
}

static bool read_value(const struct query *q, struct query_option *option, const bt_value *value,
		       GError **error)
{
	enum fb_option_type type = option->row->type;

	if (!bt_value_is_array(value) || (type != FB_OPTION_NUMBERS && type != FB_OPTION_TEXTS &&
					  type != FB_OPTION_FILES))
		return read_one(q, option, value, error);
	for (uint64_t i = 0; i < bt_value_array_get_length(value); i++)
		if (!read_one(q, option, bt_value_array_borrow_element_by_index_const(value, i),
			      error))
			return false;
	return true;
}

static bool refuse_name(const struct query *q, const char *name, GError **error)
{
	g_autoptr(GString) names = g_string_new(NULL);

	for (guint i = 0; i < q->options->len; i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "",
				       g_array_index(q->options, struct query_option, i).row->name);
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
		    "parameter '%s': there is none of that name; there are %s", name, names->str);
	return false;
}

static bt_value_map_foreach_entry_const_func_status on_param(const char *name,
							     const bt_value *value, void *data)
{
	struct params_reading *r = data;
	struct query_option *option = query_find(r->query, name);

	return (option ? read_value(r->query, option, value, &r->error) :
			   refuse_name(r->query, name, &r->error)) ?
		       BT_VALUE_MAP_FOREACH_ENTRY_CONST_FUNC_STATUS_OK :
		       BT_VALUE_MAP_FOREACH_ENTRY_CONST_FUNC_STATUS_INTERRUPT;
}

bool params_read(const struct query *q, const bt_value *params, GError **error)
{
	struct params_reading reading = { .query = q };

	if (bt_value_map_foreach_entry_const(params, on_param, &reading) ==
	    BT_VALUE_MAP_FOREACH_ENTRY_CONST_STATUS_OK)
		return true;
	if (!reading.error)
		g_set_error(&reading.error, FB_ERROR, FB_ERROR_IO, "out of memory");
	g_propagate_error(error, reading.error);
	return false;
}
