/* SPDX-License-Identifier: MIT */
/* source.c - the component source.flightbox.lttng-kernel: its parameters, a port for each stream. */
#include <flightbox/error.h>

#include "base/glob.h"
#include "plugin/source-component.h"

#define NS_PER_S 1000000000u

/* ---- parameters ------------------------------------------------------------------------- */

static bool add_text(const bt_value *value, const char *name, GPtrArray *to, GError **error)
{
	if (!bt_value_is_string(value)) {
		g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
			    "parameter '%s': expected a text or an array of texts", name);
		return false;
	}
	g_ptr_array_add(to, g_strdup(bt_value_string_get(value)));
	return true;
}

bool source_texts(const bt_value *params, const char *name, GPtrArray *to, GError **error)
{
	const bt_value *value = NULL;

	if (bt_value_is_map(params))
		value = bt_value_map_borrow_entry_value_const(params, name);
	if (!value)
		return true;
	if (!bt_value_is_array(value))
		return add_text(value, name, to, error);
	for (uint64_t i = 0; i < bt_value_array_get_length(value); i++)
		if (!add_text(bt_value_array_borrow_element_by_index_const(value, i), name, to,
			      error))
			return false;
	return true;
}

static bt_value_map_foreach_entry_const_func_status check_name(const char *name,
							       const bt_value *value, void *data)
{
	GError **error = data;

	(void)value;
	if (!strcmp(name, "inputs") || !strcmp(name, "only"))
		return BT_VALUE_MAP_FOREACH_ENTRY_CONST_FUNC_STATUS_OK;
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
		    "parameter '%s': there is none of that name; there are 'inputs' and 'only'",
		    name);
	return BT_VALUE_MAP_FOREACH_ENTRY_CONST_FUNC_STATUS_INTERRUPT;
}

/* A name without wildcards must be one that flightbox knows. */
static bool check_only(const GPtrArray *only, GError **error)
{
	for (guint i = 0; i < only->len; i++) {
		const char *name = g_ptr_array_index(only, i);
		struct fb_meaning meaning;

		if (strpbrk(name, "*?") || fb_vocabulary_find(name, &meaning))
			continue;
		g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
			    "parameter 'only': flightbox models no event '%s'", name);
		return false;
	}
	return true;
}

static bool read_params(struct source *s, const bt_value *params, GError **error)
{
	GError *why = NULL;

	if (bt_value_map_foreach_entry_const(params, check_name, &why) || why) {
		if (!why)
			g_set_error(&why, FB_ERROR, FB_ERROR_IO, "out of memory");
		g_propagate_error(error, why);
		return false;
	}
	if (!source_texts(params, "inputs", s->paths, error) ||
	    !source_texts(params, "only", s->only, error))
		return false;
	if (s->paths->len)
		return check_only(s->only, error);
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
		    "parameter 'inputs' is missing: a trace directory or an array of them");
	return false;
}

static bool wants(const struct layout *layout, void *data)
{
	const GPtrArray *only = data;
	char name[256];

	fb_event_name(&layout->bound.template, name, sizeof(name));
	for (guint i = 0; i < only->len; i++) {
		const char *pattern = g_ptr_array_index(only, i);

		if (glob_matches(pattern, name) || glob_matches(pattern, layout->name))
			return true;
	}
	return !only->len;
}

/* ---- the reader ------------------------------------------------------------------------- */

bool source_problem(const struct fb_source *reader, GError **error)
{
	const GPtrArray *problems = reader->info.problems;

	if (!reader->info.problem_count || !problems->len)
		return false;
	g_set_error_literal(error, FB_ERROR, FB_ERROR_FORMAT, g_ptr_array_index(problems, 0));
	return true;
}

struct fb_source *source_open(const GPtrArray *paths, GError **error)
{
	const struct fb_source_options options = {
		.kinds = FB_KINDS_ALL,
		.begin = FB_NS_NONE,
		.end = FB_NS_NONE,
	};
	struct fb_source *source = fb_source_native.open((const char *const *)paths->pdata,
							 paths->len, &options, error);
	struct reader *r;

	if (!source)
		return NULL;
	if (source_problem(source, error)) {
		fb_source_close(source);
		return NULL;
	}
	r = reader_of(source);
	r->shared.marks = true;
	/* Clock values as they were recorded: babeltrace2 converts them. */
	for (guint i = 0; i < r->schemas->len; i++) {
		const struct schema *s = g_ptr_array_index(r->schemas, i);

		for (guint k = 0; k < s->streams->len; k++)
			((struct stream_class *)g_ptr_array_index(s->streams, k))->freq = NS_PER_S;
	}
	/* The records stay empty: fields are decoded from the bytes. */
	for (guint i = 0; i < r->layouts->all->len; i++) {
		struct layout *l = g_ptr_array_index(r->layouts->all, i);

		l->bound.n_moves = 0;
		l->is_marked = false;
		l->calls = NULL;
	}
	layouts_finish(r->layouts, source->info.abi);
	return source;
}

/* What nobody gets is passed over like the events that flightbox does not model. */
static void drop_unwanted(struct reader *r, GPtrArray *only)
{
	for (guint i = 0; i < r->schemas->len; i++) {
		const struct schema *s = g_ptr_array_index(r->schemas, i);

		for (guint k = 0; k < s->tsdl->events->len; k++) {
			const struct tsdl_event *event = g_ptr_array_index(s->tsdl->events, k);
			const struct stream_class *sc = schema_find_stream(s, event->stream_id);
			struct slot *slot;

			if (!sc)
				continue;
			slot = (struct slot *)(sc->has_id ? stream_class_find_slot(sc, event->id)
							  : &sc->slots[0]);
			if (!wants(layouts_get(r->layouts, slot->class), only))
				slot->role = ROLE_UNWANTED;
		}
	}
}

/* ---- the component ---------------------------------------------------------------------- */

static void source_free(struct source *s)
{
	ir_free(s->ir);
	fb_source_close(s->first);
	g_ptr_array_unref(s->paths);
	g_ptr_array_unref(s->only);
	g_free(s);
}

static bool source_start(struct source *s, bt_self_component *self, const bt_value *params,
			 GError **error)
{
	if (!read_params(s, params, error))
		return false;
	s->first = source_open(s->paths, error);
	if (!s->first)
		return false;
	if (s->only->len)
		drop_unwanted(reader_of(s->first), s->only);
	s->ir = ir_new(reader_of(s->first), self, wants, s->only, error);
	return s->ir != NULL;
}

bt_component_class_initialize_method_status source_init(
	bt_self_component_source *self_source, bt_self_component_source_configuration *config,
	const bt_value *params, void *data)
{
	bt_self_component *self = bt_self_component_source_as_self_component(self_source);
	struct source *s = g_new0(struct source, 1);
	g_autoptr(GError) error = NULL;

	(void)config;
	(void)data;
	s->paths = g_ptr_array_new_with_free_func(g_free);
	s->only = g_ptr_array_new_with_free_func(g_free);
	if (source_start(s, self, params, &error) &&
	    bt_self_component_source_add_output_port(self_source, "out", s, NULL))
		g_set_error(&error, FB_ERROR, FB_ERROR_IO, "out of memory");
	if (error) {
		BT_CURRENT_THREAD_ERROR_APPEND_CAUSE_FROM_COMPONENT(self, "flightbox: %s",
								    error->message);
		source_free(s);
		return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_ERROR;
	}
	bt_self_component_set_data(self, s);
	return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_OK;
}

void source_finalize(bt_self_component_source *self)
{
	source_free(bt_self_component_get_data(bt_self_component_source_as_self_component(self)));
}
