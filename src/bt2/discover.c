/* SPDX-License-Identifier: MIT */
/*
 * discover.c - finds readers as the command babeltrace2 does: each source component
 * class is asked by the query babeltrace.support-info how well it reads an input,
 * and a directory that nobody reads is searched.
 */
#include "base/files.h"
#include "bt2/discover.h"
#include "ctf/read/find.h"
#include "bt2/messages.h"

#define DEPTH_MAX 16

static bool find_plugins(struct plugins *p, GError **error)
{
	bt_plugin_find_all_status status =
		bt_plugin_find_all(BT_TRUE, BT_TRUE, BT_TRUE, BT_TRUE, BT_FALSE, &p->set);

	if (status == BT_PLUGIN_FIND_ALL_STATUS_OK)
		return true;
	p->set = NULL;
	return status == BT_PLUGIN_FIND_ALL_STATUS_NOT_FOUND ||
	       babeltrace_failed(error, "looking for babeltrace2's plugins");
}

static const bt_plugin_set *loaded; /* NULL: not yet, or none */

void plugins_load(void)
{
	struct plugins p;

	if (!loaded && find_plugins(&p, NULL))
		loaded = p.set;
}

bool plugins_init(struct plugins *p, GError **error)
{
	p->set = loaded;
	if (!loaded)
		return find_plugins(p, error);
	bt_plugin_set_get_ref(loaded);
	return true;
}

void plugins_clear(struct plugins *p)
{
	bt_plugin_set_put_ref(p->set);
	p->set = NULL;
}

void finding_free(void *data)
{
	struct component_finding *f = data;

	g_ptr_array_unref(f->paths);
	g_free(f->group);
	g_free(f);
}

static const bt_plugin *find_plugin(const struct plugins *p, const char *name)
{
	uint64_t n = p->set ? bt_plugin_set_get_plugin_count(p->set) : 0;

	for (uint64_t i = 0; i < n; i++) {
		const bt_plugin *plugin = bt_plugin_set_borrow_plugin_by_index_const(p->set, i);

		if (!strcmp(bt_plugin_get_name(plugin), name))
			return plugin;
	}
	return NULL;
}

const bt_component_class_source *plugins_find_source(const struct plugins *p, const char *plugin,
						     const char *class)
{
	const bt_plugin *found = find_plugin(p, plugin);

	return found ? bt_plugin_borrow_source_component_class_by_name_const(found, class) : NULL;
}

const bt_component_class_filter *plugins_find_filter(const struct plugins *p, const char *plugin,
						     const char *class)
{
	const bt_plugin *found = find_plugin(p, plugin);

	return found ? bt_plugin_borrow_filter_component_class_by_name_const(found, class) : NULL;
}

/* ---- asking ----------------------------------------------------------------------------- */

static const bt_value *ask(const bt_component_class *class, const char *type, const char *input)
{
	bt_value *params = bt_value_map_create();
	bt_query_executor *executor = NULL;
	const bt_value *answer = NULL;

	if (params && !bt_value_map_insert_string_entry(params, "type", type) &&
	    !bt_value_map_insert_string_entry(params, "input", input))
		executor = bt_query_executor_create(class, "babeltrace.support-info", params);
	/* Most classes do not know the query. */
	if (executor &&
	    bt_query_executor_query(executor, &answer) != BT_QUERY_EXECUTOR_QUERY_STATUS_OK)
		answer = NULL;
	bt_current_thread_clear_error();
	bt_query_executor_put_ref(executor);
	bt_value_put_ref(params);
	return answer;
}

static double weight_of(const bt_value *answer)
{
	if (bt_value_is_map(answer))
		answer = bt_value_map_borrow_entry_value_const(answer, "weight");
	return answer && bt_value_is_real(answer) ? bt_value_real_get(answer) : 0;
}

static char *group_of(const bt_value *answer)
{
	const bt_value *group = bt_value_is_map(answer)
					? bt_value_map_borrow_entry_value_const(answer, "group")
					: NULL;

	return group && bt_value_is_string(group) ? g_strdup(bt_value_string_get(group)) : NULL;
}

/* Whoever says that it reads that input best; NULL when nobody does. */
static const bt_component_class_source *best_reader(const struct plugins *p, const char *type,
						    const char *input, char **group)
{
	uint64_t n = p->set ? bt_plugin_set_get_plugin_count(p->set) : 0;
	const bt_component_class_source *best = NULL;
	double most = 0;

	for (uint64_t i = 0; i < n; i++) {
		const bt_plugin *plugin = bt_plugin_set_borrow_plugin_by_index_const(p->set, i);
		uint64_t classes = bt_plugin_get_source_component_class_count(plugin);

		if (!strcmp(bt_plugin_get_name(plugin), "flightbox"))
			continue;
		for (uint64_t k = 0; k < classes; k++) {
			const bt_component_class_source *class =
				bt_plugin_borrow_source_component_class_by_index_const(plugin, k);
			const bt_value *answer =
				ask(bt_component_class_source_as_component_class_const(class), type,
				    input);

			if (answer && weight_of(answer) > most) {
				most = weight_of(answer);
				best = class;
				g_free(*group);
				*group = group_of(answer);
			}
			bt_value_put_ref(answer);
		}
	}
	return best;
}

static void add_finding(GPtrArray *findings, const bt_component_class_source *class, char *group,
			const char *path)
{
	struct component_finding *f = NULL;

	for (guint i = 0; group && !f && i < findings->len; i++) {
		f = g_ptr_array_index(findings, i);
		if (f->class != class || g_strcmp0(f->group, group) != 0)
			f = NULL;
	}
	if (!f) {
		f = g_new0(struct component_finding, 1);
		f->class = class;
		f->group = g_steal_pointer(&group);
		f->paths = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(findings, f);
	}
	g_ptr_array_add(f->paths, g_strdup(path));
	g_free(group);
}

/* Plugins open whatever has the right name, and would wait for whoever writes into a FIFO. */
static bool is_safe(const char *path)
{
	g_autofree char *metadata = g_build_filename(path, "metadata", NULL);
	struct stat st;

	return (stat(path, &st) || !file_type_name(st.st_mode)) &&
	       (stat(metadata, &st) || !file_type_name(st.st_mode));
}

static unsigned search(const struct plugins *p, const char *path, unsigned depth,
		       GPtrArray *findings)
{
	bool is_directory = g_file_test(path, G_FILE_TEST_IS_DIR);
	g_autoptr(GPtrArray) names = NULL;
	const bt_component_class_source *class;
	char *group = NULL;
	unsigned n = 0;

	class = is_safe(path) ? best_reader(p, is_directory ? "directory" : "file", path, &group)
			      : NULL;
	if (class) {
		add_finding(findings, class, group, path);
		return 1;
	}
	if (!is_directory || depth == DEPTH_MAX)
		return 0;
	names = find_names(path, NULL);
	for (guint i = 0; names && i < names->len; i++) {
		g_autofree char *below = g_build_filename(path, g_ptr_array_index(names, i), NULL);

		if (!g_file_test(below, G_FILE_TEST_IS_SYMLINK))
			n += search(p, below, depth + 1, findings);
	}
	return n;
}

unsigned discover(const struct plugins *p, const char *path, GPtrArray *findings)
{
	return search(p, path, 0, findings);
}
