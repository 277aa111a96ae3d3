/* SPDX-License-Identifier: MIT */
/*
 * graph.c - flightbox reading through a graph of babeltrace2's:
 *
 *	source component, one or more ─► utils.muxer ─► our sink ─► messages.c ─► fb_batch
 *
 * Each call of next() runs the graph until the sink has got events.
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <flightbox/error.h>

#include "bt2/build.h"
#include "ctf/read/find.h"
#include "source/sources.h"
#include "bt2/live.h"
#include "bt2/messages.h"
#include "ctf/read/stranger.h"

#define PAUSE_US 100000 /* before a live session is asked again */

struct graph {
	struct messages *messages;
	struct plugins plugins;
	bt_graph *graph;
	bool is_live;
	char *what; /* the first path, for errors */
	bool has_ended;
	bool is_pending; /* `batch` was read by open() and not handed out yet */
	struct fb_batch batch;
	GError *failure; /* of our sink */
};

/* Of the process, as signals are. */
static volatile sig_atomic_t is_interrupted;
static bt_interrupter *interrupter;

void babeltrace_interrupt(void)
{
	is_interrupted = true;
	if (interrupter)
		bt_interrupter_set(interrupter);
}

static struct graph *graph_of(struct fb_source *source)
{
	return ((struct messages *)source)->owner;
}

/* ---- our sink --------------------------------------------------------------------------- */

static bt_graph_simple_sink_component_consume_func_status consume(bt_message_iterator *iterator,
								  void *data)
{
	struct graph *g = data;
	bt_message_array_const messages;
	uint64_t n = 0;
	bt_message_iterator_next_status status = bt_message_iterator_next(iterator, &messages, &n);

	/* The values of both are the same. */
	if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_OK)
		return (bt_graph_simple_sink_component_consume_func_status)(int)status;
	if (messages_take(g->messages, messages, n, &g->batch, &g->failure))
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_OK;
	return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_ERROR;
}

/* ---- what to read ----------------------------------------------------------------------- */

static bool is_readable(const char *path, GError **error)
{
	if (g_file_test(path, G_FILE_TEST_EXISTS))
		return true;
	g_set_error(error, FB_ERROR, FB_ERROR_IO, "%s: %s", path, g_strerror(ENOENT));
	return false;
}

/* Plugins pass over in silence what may not be read. Why the first such thing may not; or NULL. */
static GError *find_unreadable(struct fb_source_info *info, const char *path)
{
	g_autoptr(GHashTable) visited = find_visited_new();
	g_autoptr(GPtrArray) dirs = g_ptr_array_new_with_free_func(g_free);
	GError *first = NULL, *error = NULL;

	if (!find_traces(path, visited, dirs, info, &first, &error))
		return error;
	for (guint i = 0; i < dirs->len; i++) {
		g_autofree char *metadata =
			g_build_filename(g_ptr_array_index(dirs, i), "metadata", NULL);

		if (!access(metadata, R_OK))
			continue;
		error = g_error_new(FB_ERROR, FB_ERROR_IO, "%s: %s", metadata, g_strerror(errno));
		info_problem(info, "%s", error->message);
		if (first)
			g_error_free(error);
		else
			first = error;
	}
	return first;
}

static bool find_input(struct graph *g, const char *path, GPtrArray *findings, GError **error)
{
	g_autoptr(GError) unreadable = NULL;

	if (is_live_url(path)) {
		g->is_live = true;
		return live_find(&g->plugins, path, findings, error);
	}
	if (!is_readable(path, error))
		return false;
	unreadable = find_unreadable(&g->messages->source.info, path);
	if (discover(&g->plugins, path, findings))
		return true;
	if (unreadable)
		g_propagate_error(error, g_steal_pointer(&unreadable));
	else if (!stranger_refuse(path, error))
		g_set_error(error, FB_ERROR, FB_ERROR_NOT_FOUND,
			    "%s: nothing here or below that babeltrace2's plugins recognise", path);
	return false;
}

static bool find_inputs(struct graph *g, const char *const *paths, size_t n, GPtrArray *findings,
			GError **error)
{
	for (size_t i = 0; i < n; i++)
		if (!find_input(g, paths[i], findings, error))
			return false;
	return true;
}

void babeltrace_prepare(void)
{
	plugins_load();
}

static int graph_probe(const char *path)
{
	g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(finding_free);
	struct plugins plugins;
	unsigned n = 0;

	if (is_live_url(path))
		return 100;
	if (g_file_test(path, G_FILE_TEST_EXISTS) && plugins_init(&plugins, NULL)) {
		n = discover(&plugins, path, findings);
		g_ptr_array_set_size(findings, 0);
		plugins_clear(&plugins);
	}
	return n ? 50 : 0;
}

/* ---- the source ------------------------------------------------------------------------- */

static void graph_close(struct fb_source *source)
{
	struct graph *g = graph_of(source);

	bt_graph_put_ref(g->graph);
	messages_free(g->messages);
	plugins_clear(&g->plugins);
	g_clear_error(&g->failure);
	g_free(g->what);
	g_free(g);
	BT_INTERRUPTER_PUT_REF_AND_RESET(interrupter);
	bt_current_thread_clear_error();
}

static bool end(struct graph *g, GError **error)
{
	g->has_ended = true;
	g->batch.n = 0;
	if (is_interrupted && !g->messages->traces->len) {
		g_set_error(error, FB_ERROR, FB_ERROR_NOT_FOUND,
			    "%s: interrupted before any event of a kernel came", g->what);
		return false;
	}
	if (!messages_describe(g->messages, error))
		return false;
	messages_end(g->messages);
	return true;
}

static bool fail(struct graph *g, GError **error)
{
	if (!g->failure)
		return babeltrace_failed(error, g->what);
	bt_current_thread_clear_error();
	g_propagate_error(error, g_steal_pointer(&g->failure));
	return false;
}

/* Runs the graph until there are events or no more will come. */
static bool run(struct graph *g, GError **error)
{
	g->batch.n = 0;
	while (!g->batch.n && !g->has_ended) {
		if (is_interrupted)
			return end(g, error);
		switch (bt_graph_run_once(g->graph)) {
		case BT_GRAPH_RUN_ONCE_STATUS_OK:
			break;
		case BT_GRAPH_RUN_ONCE_STATUS_AGAIN:
			g_usleep(PAUSE_US);
			break;
		case BT_GRAPH_RUN_ONCE_STATUS_END:
			return end(g, error);
		default:
			/* A call that a signal broke off may have failed for that. */
			if (is_interrupted && !g->failure) {
				bt_current_thread_clear_error();
				return end(g, error);
			}
			g->has_ended = true;
			return fail(g, error);
		}
	}
	return true;
}

static bool graph_next(struct fb_source *source, struct fb_batch *batch, GError **error)
{
	struct graph *g = graph_of(source);

	if (!g->is_pending && !run(g, error))
		return false;
	g->is_pending = false;
	*batch = g->batch;
	return true;
}

/* The metadata is known when the first event is. */
static bool start(struct graph *g, const char *const *paths, size_t n, GError **error)
{
	g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(finding_free);
	const struct design design = {
		.plugins = &g->plugins,
		.findings = findings,
		.what = g->what,
		.interrupter = interrupter,
		.consume = consume,
		.data = g,
	};

	if (!plugins_init(&g->plugins, error) || !find_inputs(g, paths, n, findings, error))
		return false;
	g->graph = graph_build(&design, error);
	if (!g->graph || !run(g, error))
		return false;
	g->is_pending = true;
	return true;
}

static struct fb_source *graph_open(const char *const *paths, size_t n,
				    const struct fb_source_options *options, GError **error)
{
	struct graph *g = g_new0(struct graph, 1);

	g->messages = messages_new(&fb_source_babeltrace, options->kinds, options->count);
	g->messages->owner = g;
	g->messages->paths = g_new0(char *, n + 1);
	for (size_t i = 0; i < n; i++)
		g->messages->paths[i] = g_strdup(paths[i]);
	g->what = g_strdup(n ? paths[0] : "no trace");
	interrupter = bt_interrupter_create();
	if (interrupter && start(g, paths, n, error))
		return &g->messages->source;
	if (!interrupter)
		babeltrace_failed(error, g->what);
	graph_close(&g->messages->source);
	return NULL;
}

static double graph_progress(struct fb_source *source)
{
	return graph_of(source)->has_ended ? 1 : -1;
}

const struct fb_source_ops fb_source_babeltrace = {
	.name = "babeltrace",
	.probe = graph_probe,
	.open = graph_open,
	.next = graph_next,
	.field = messages_field,
	.progress = graph_progress,
	.close = graph_close,
};
