/* SPDX-License-Identifier: MIT */
/*
 * build.c - the components of the graph, and which of its ports are connected. All of them talk one
 * version of the message interchange protocol: the greatest that they support.
 */
#include <flightbox/error.h>

#include "bt2/build.h"
#include "bt2/messages.h"
#include "bt2/mip.h"
#include "ctf/read/find.h"

struct building {
	const struct design *design;
	const bt_component_class_filter *muxer_class;
	GPtrArray *params; /* bt_value *: of each source */
	bt_graph *graph;
	const bt_component_filter *muxer;
	GError **error;
};

static const struct component_finding *finding(const struct building *b, guint i)
{
	return g_ptr_array_index(b->design->findings, i);
}

static const bt_component_class *class_of(const struct component_finding *f)
{
	return bt_component_class_source_as_component_class_const(f->class);
}

static bool fail(struct building *b)
{
	return babeltrace_failed(b->error, b->design->what);
}

/* ---- before there is a graph ------------------------------------------------------------ */

static bool find_muxer(struct building *b)
{
	b->muxer_class = plugins_find_filter(b->design->plugins, "utils", "muxer");
	if (!b->muxer_class)
		g_set_error(b->error, FB_ERROR, FB_ERROR_NOT_FOUND,
			    "%s: babeltrace2's plugins are not where it looks for them: no "
			    "utils.muxer",
			    b->design->what);
	return b->muxer_class != NULL;
}

static bt_value *params_of(const struct component_finding *f, bool is_ctf)
{
	bt_value *params = bt_value_map_create(), *inputs = NULL;
	bool ok = params && !bt_value_map_insert_empty_array_entry(params, "inputs", &inputs);

	for (guint i = 0; ok && i < f->paths->len; i++)
		ok = !bt_value_array_append_string_element(inputs, g_ptr_array_index(f->paths, i));
	/* Times of day are printed all the same where the recording does not tell: perf's does not. */
	if (ok && is_ctf)
		ok = !bt_value_map_insert_bool_entry(params, "force-clock-class-origin-unix-epoch",
						     BT_TRUE);
	if (ok && f->is_live)
		ok = !bt_value_map_insert_string_entry(params, "session-not-found-action", "end");
	if (!ok)
		BT_VALUE_PUT_REF_AND_RESET(params);
	return params;
}

/* ctf.fs takes every file beside the metadata for a stream, and cannot be told otherwise. */
static bool refuse_kallsyms(const struct component_finding *f, GError **error)
{
	for (guint i = 0; i < f->paths->len; i++) {
		const char *dir = g_ptr_array_index(f->paths, i);
		g_autoptr(GPtrArray) names = find_names(dir, NULL);

		for (guint k = 0; names && k < names->len; k++) {
			const char *name = g_ptr_array_index(names, k);

			if (!g_str_has_prefix(name, "kallsyms"))
				continue;
			g_set_error(error, FB_ERROR, FB_ERROR_UNSUPPORTED,
				    "%s/%s: babeltrace2 takes it for a part of the trace: move it "
				    "out of that directory, beside it",
				    dir, name);
			return false;
		}
	}
	return true;
}

static bool make_params(struct building *b)
{
	const bt_component_class_source *ctf =
		plugins_find_source(b->design->plugins, "ctf", "fs");

	for (guint i = 0; i < b->design->findings->len; i++) {
		const struct component_finding *f = finding(b, i);
		bt_value *params;

		if (f->class == ctf && !refuse_kallsyms(f, b->error))
			return false;
		params = params_of(f, f->class == ctf);
		if (!params)
			return fail(b);
		g_ptr_array_add(b->params, params);
	}
	return true;
}

static bool describe_components(const struct building *b, bt_component_descriptor_set *set)
{
	bool ok = !bt_component_descriptor_set_add_descriptor(
		set, bt_component_class_filter_as_component_class_const(b->muxer_class), NULL);

	for (guint i = 0; ok && i < b->design->findings->len; i++)
		ok = !bt_component_descriptor_set_add_descriptor(
			set, class_of(finding(b, i)), g_ptr_array_index(b->params, i));
	return ok;
}

/* Sources that are asked may read their traces, and fail over one. */
static bool fail_asked(struct building *b)
{
	const GPtrArray *paths = finding(b, 0)->paths;

	return b->design->findings->len == 1
		       ? babeltrace_failed(b->error, g_ptr_array_index(paths, 0))
		       : fail(b);
}

/* Our sink, which is no class that could be asked, does what flightbox does. */
static bool choose_version(struct building *b, uint64_t *version)
{
	bt_component_descriptor_set *set = bt_component_descriptor_set_create();
	bt_get_greatest_operative_mip_version_status status =
		BT_GET_GREATEST_OPERATIVE_MIP_VERSION_STATUS_ERROR;

	if (set && describe_components(b, set))
		status = bt_get_greatest_operative_mip_version(set, BT_LOGGING_LEVEL_NONE, version);
	bt_component_descriptor_set_put_ref(set);
	if (status == BT_GET_GREATEST_OPERATIVE_MIP_VERSION_STATUS_OK) {
		*version = MIN(*version, mip_greatest());
		return true;
	}
	if (status != BT_GET_GREATEST_OPERATIVE_MIP_VERSION_STATUS_NO_MATCH)
		return fail_asked(b);
	bt_current_thread_clear_error();
	g_set_error(b->error, FB_ERROR, FB_ERROR_UNSUPPORTED,
		    "%s: babeltrace2's plugins that read it have no version of its message "
		    "interchange protocol in common",
		    b->design->what);
	return false;
}

/* ---- the graph -------------------------------------------------------------------------- */

static bool connect_ports(struct building *b, const bt_port_output *from, const bt_port_input *to)
{
	return bt_graph_connect_ports(b->graph, from, to, NULL) ==
		       BT_GRAPH_CONNECT_PORTS_STATUS_OK ||
	       fail(b);
}

/* All output ports of a source to free input ports of the muxer, which makes one more for each. */
static bool connect_source(struct building *b, const bt_component_source *source)
{
	uint64_t n = bt_component_source_get_output_port_count(source);

	for (uint64_t i = 0; i < n; i++) {
		uint64_t free_port = bt_component_filter_get_input_port_count(b->muxer) - 1;

		if (!connect_ports(
			    b, bt_component_source_borrow_output_port_by_index_const(source, i),
			    bt_component_filter_borrow_input_port_by_index_const(b->muxer,
										 free_port)))
			return false;
	}
	return true;
}

static bool add_source(struct building *b, guint i)
{
	const struct component_finding *f = finding(b, i);
	g_autofree char *name =
		g_strdup_printf("%s %u", bt_component_class_get_name(class_of(f)), i);
	const bt_component_source *source;

	if (bt_graph_add_source_component(b->graph, f->class, name, g_ptr_array_index(b->params, i),
					  BT_LOGGING_LEVEL_NONE,
					  &source) != BT_GRAPH_ADD_COMPONENT_STATUS_OK)
		return babeltrace_failed(b->error, g_ptr_array_index(f->paths, 0));
	return connect_source(b, source);
}

static bool add_muxer(struct building *b)
{
	return bt_graph_add_filter_component(b->graph, b->muxer_class, "muxer", NULL,
					     BT_LOGGING_LEVEL_NONE,
					     &b->muxer) == BT_GRAPH_ADD_COMPONENT_STATUS_OK ||
	       fail(b);
}

static bool add_sink(struct building *b)
{
	const bt_component_sink *sink;

	if (bt_graph_add_simple_sink_component(b->graph, "flightbox", NULL, b->design->consume,
					       NULL, b->design->data,
					       &sink) != BT_GRAPH_ADD_COMPONENT_STATUS_OK)
		return fail(b);
	return connect_ports(b, bt_component_filter_borrow_output_port_by_index_const(b->muxer, 0),
			     bt_component_sink_borrow_input_port_by_index_const(sink, 0));
}

static bool fill_graph(struct building *b, uint64_t version)
{
	b->graph = bt_graph_create(version);
	if (!b->graph || bt_graph_add_interrupter(b->graph, b->design->interrupter) !=
				 BT_GRAPH_ADD_INTERRUPTER_STATUS_OK)
		return fail(b);
	if (!add_muxer(b))
		return false;
	for (guint i = 0; i < b->design->findings->len; i++)
		if (!add_source(b, i))
			return false;
	return add_sink(b);
}

bt_graph *graph_build(const struct design *design, GError **error)
{
	g_autoptr(GPtrArray) params =
		g_ptr_array_new_with_free_func((GDestroyNotify)bt_value_put_ref);
	struct building b = { .design = design, .params = params, .error = error };
	uint64_t version;

	if (find_muxer(&b) && make_params(&b) && choose_version(&b, &version) &&
	    fill_graph(&b, version))
		return b.graph;
	bt_graph_put_ref(b.graph);
	return NULL;
}
