/* SPDX-License-Identifier: MIT */
/* live.c - finds a live session: net://HOST[:PORT]/host/TARGET/SESSION. */
#include <flightbox/error.h>

#include "bt2/live.h"
#include "bt2/messages.h"

/* The relay that the URL names, "net://HOST:PORT", and what stands behind it. */
static char *split_url(const char *url, const char **rest)
{
	const char *host = strstr(url, "://") + 3;
	const char *slash = strchr(host, '/');

	*rest = slash ? slash : "";
	return g_strndup(url, slash ? (size_t)(slash - url) : strlen(url));
}

/* What the relay has; NULL and `error` when it does not answer. */
static const bt_value *ask_sessions(const bt_component_class *class, const char *relay,
				    const char *url, GError **error)
{
	bt_value *params = bt_value_map_create();
	bt_query_executor *executor = NULL;
	const bt_value *sessions = NULL;

	if (params && !bt_value_map_insert_string_entry(params, "url", relay))
		executor = bt_query_executor_create(class, "sessions", params);
	if (!executor ||
	    bt_query_executor_query(executor, &sessions) != BT_QUERY_EXECUTOR_QUERY_STATUS_OK) {
		sessions = NULL;
		babeltrace_failed(error, url);
	}
	bt_query_executor_put_ref(executor);
	bt_value_put_ref(params);
	return sessions;
}

static const char *text_in(const bt_value *map, const char *key)
{
	const bt_value *value =
		bt_value_is_map(map) ? bt_value_map_borrow_entry_value_const(map, key) : NULL;

	return value && bt_value_is_string(value) ? bt_value_string_get(value) : "";
}

/* Whether one of the sessions is `wanted` ("/host/TARGET/SESSION"); lists what they are. */
static bool has_session(const bt_value *sessions, const char *relay, const char *wanted,
			GString *list)
{
	uint64_t n = bt_value_is_array(sessions) ? bt_value_array_get_length(sessions) : 0;
	bool found = false;

	for (uint64_t i = 0; i < n; i++) {
		const bt_value *session = bt_value_array_borrow_element_by_index_const(sessions, i);
		g_autofree char *path =
			g_strdup_printf("/host/%s/%s", text_in(session, "target-hostname"),
					text_in(session, "session-name"));

		found |= !strcmp(path, wanted);
		g_string_append_printf(list, "%s%s%s", list->len ? ", " : "", relay, path);
	}
	return found;
}

bool live_find(const struct plugins *p, const char *url, GPtrArray *findings, GError **error)
{
	const bt_component_class_source *class = plugins_find_source(p, "ctf", "lttng-live");
	g_autoptr(GString) list = g_string_new(NULL);
	const bt_value *sessions;
	g_autofree char *relay = NULL;
	struct component_finding *f;
	const char *path;
	bool found;

	if (!class) {
		g_set_error(error, FB_ERROR, FB_ERROR_NOT_FOUND,
			    "%s: babeltrace2's plugins are not where it looks for them: no "
			    "ctf.lttng-live",
			    url);
		return false;
	}
	relay = split_url(url, &path);
	sessions = ask_sessions(bt_component_class_source_as_component_class_const(class), relay,
				url, error);
	if (!sessions)
		return false;
	found = has_session(sessions, relay, path, list);
	bt_value_put_ref(sessions);
	if (!found) {
		g_set_error(error, FB_ERROR, FB_ERROR_NOT_FOUND,
			    "%s: no such session; expected %s/host/TARGET/SESSION, and there %s%s",
			    url, relay, list->len ? "are: " : "is none", list->str);
		return false;
	}
	f = g_new0(struct component_finding, 1);
	f->class = class;
	f->is_live = true;
	f->paths = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(f->paths, g_strdup(url));
	g_ptr_array_add(findings, f);
	return true;
}
