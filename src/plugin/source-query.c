/* SPDX-License-Identifier: MIT */
/*
 * source-query.c - what babeltrace2 asks the source's class.
 *
 *	babeltrace.support-info   whether a path is for it. Kernel traces are, but less than
 *	                          for babeltrace2's own reader: it stays the one that reads
 *	                          them when nobody asks for another. Never fails.
 *	babeltrace.trace-infos    the traces of `inputs` and the time spans of their streams.
 */
#include <flightbox/error.h>

#include "bt2/uuid.h"
#include "ctf/read/info.h"
#include "plugin/source-component.h"

#define WEIGHT 0.5 /* babeltrace2's own reader says 0.75 */

/* ---- support-info ----------------------------------------------------------------------- */

static const char *borrow_text(const bt_value *params, const char *name)
{
	const bt_value *value = NULL;

	if (bt_value_is_map(params))
		value = bt_value_map_borrow_entry_value_const(params, name);
	return value && bt_value_is_string(value) ? bt_value_string_get(value) : NULL;
}

/* The kernel trace that lies in the directory itself, or NULL. */
static struct schema *load_kernel(const char *dir)
{
	struct schema *s = schema_load(dir, NULL);

	if (s && !schema_is_kernel(s))
		g_clear_pointer(&s, schema_free);
	return s;
}

static const bt_value *support_info(const bt_value *params)
{
	const char *type = borrow_text(params, "type"), *input = borrow_text(params, "input");
	bool is_directory = input && !g_strcmp0(type, "directory");
	struct schema *s = is_directory ? load_kernel(input) : NULL;
	g_autofree char *group = s && s->tsdl->has_uuid ? uuid_text(s->tsdl->uuid) : NULL;
	bt_value *result = s ? bt_value_map_create() : bt_value_real_create_init(0);

	schema_free(s);
	if (!s || !result)
		return result;
	if (!bt_value_map_insert_real_entry(result, "weight", WEIGHT) &&
	    (!group || !bt_value_map_insert_string_entry(result, "group", group)))
		return result;
	bt_value_put_ref(result);
	return NULL;
}

/* ---- trace-infos ------------------------------------------------------------------------ */

/* ns from the clock's origin. */
static int64_t from_origin(const struct fb_source_info *info, uint64_t clock)
{
	return scale_clock(clock, info->clock_frequency) + info->clock_offset;
}

static bool span_of(const struct stream *s, uint64_t *begin, uint64_t *end)
{
	*begin = UINT64_MAX;
	*end = 0;
	for (guint i = 0; i < s->files->len; i++) {
		const struct data_file *f = g_ptr_array_index(s->files, i);

		for (guint k = 0; k < f->packets->len; k++) {
			const struct packet_ref *p =
				&g_array_index(f->packets, struct packet_ref, k);

			*begin = MIN(*begin, p->begin);
			*end = MAX(*end, MAX(p->begin, p->end));
		}
	}
	return *end > 0;
}

static bool add_stream_info(bt_value *streams, const struct stream *s,
			    const struct fb_source_info *info)
{
	bt_value *map, *range;
	uint64_t begin, end;

	if (bt_value_array_append_empty_map_element(streams, &map) ||
	    bt_value_map_insert_string_entry(map, "port-name", "out"))
		return false;
	if (!span_of(s, &begin, &end))
		return true;
	return !bt_value_map_insert_empty_map_entry(map, "range-ns", &range) &&
	       !bt_value_map_insert_signed_integer_entry(range, "begin",
							 from_origin(info, begin)) &&
	       !bt_value_map_insert_signed_integer_entry(range, "end", from_origin(info, end));
}

/* All streams come through one port: for babeltrace2 they are one trace. */
static bt_value *trace_infos(const struct reader *r)
{
	bt_value *result = bt_value_array_create(), *map, *streams;
	bool ok = result && !bt_value_array_append_empty_map_element(result, &map) &&
		  !bt_value_map_insert_empty_array_entry(map, "stream-infos", &streams);

	for (guint i = 0; ok && i < r->streams->len; i++)
		ok = add_stream_info(streams, g_ptr_array_index(r->streams, i), &r->source.info);
	if (ok)
		return result;
	bt_value_put_ref(result);
	return NULL;
}

static const bt_value *query_trace_infos(const bt_value *params, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	const struct fb_source_options options = { .begin = FB_NS_NONE, .end = FB_NS_NONE };
	const bt_value *result = NULL;
	struct fb_source *source;

	if (!source_texts(params, "inputs", paths, error))
		return NULL;
	if (!paths->len) {
		g_set_error(error, FB_ERROR, FB_ERROR_USAGE, "parameter 'inputs' is missing");
		return NULL;
	}
	source = fb_source_native.open((const char *const *)paths->pdata, paths->len, &options,
				       error);
	if (!source)
		return NULL;
	result = trace_infos(reader_of(source));
	if (!result)
		g_set_error(error, FB_ERROR, FB_ERROR_IO, "out of memory");
	fb_source_close(source);
	return result;
}

/* ---- the method ------------------------------------------------------------------------- */

bt_component_class_query_method_status source_query(bt_self_component_class_source *self,
						    bt_private_query_executor *executor,
						    const char *object, const bt_value *params,
						    void *data, const bt_value **result)
{
	bt_self_component_class *class =
		bt_self_component_class_source_as_self_component_class(self);
	g_autoptr(GError) error = NULL;

	(void)executor;
	(void)data;
	if (!strcmp(object, "babeltrace.support-info")) {
		*result = support_info(params);
		return *result ? BT_COMPONENT_CLASS_QUERY_METHOD_STATUS_OK
			       : BT_COMPONENT_CLASS_QUERY_METHOD_STATUS_MEMORY_ERROR;
	}
	if (strcmp(object, "babeltrace.trace-infos"))
		return BT_COMPONENT_CLASS_QUERY_METHOD_STATUS_UNKNOWN_OBJECT;
	*result = query_trace_infos(params, &error);
	if (*result)
		return BT_COMPONENT_CLASS_QUERY_METHOD_STATUS_OK;
	BT_CURRENT_THREAD_ERROR_APPEND_CAUSE_FROM_COMPONENT_CLASS(class, "flightbox: %s",
								  error->message);
	return BT_COMPONENT_CLASS_QUERY_METHOD_STATUS_ERROR;
}
