/* SPDX-License-Identifier: MIT */
/* input.c - which trace to read, and by which reader. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include <flightbox/error.h>
#include <flightbox/symbols.h>

#include "cli/cli.h"
#include "cli/sandbox.h"
#include "packets/capture/beside.h"
#include "source/sources.h"

#define JOBS_MAX 1024

const struct fb_option reading_options[] = {
	{ "source", "Who reads the trace", offsetof(struct trace_reading, source), FB_OPTION_TEXT,
	  "NAME", .choices = source_names },
	{ "jobs", "Threads that read the trace; default: one for each processor",
	  offsetof(struct trace_reading, jobs), FB_OPTION_INT, "N", .max = JOBS_MAX },
	{ "no-progress", "No progress bar on a terminal",
	  offsetof(struct trace_reading, no_progress) },
	{ "no-sandbox", "Keep all rights while reading the trace",
	  offsetof(struct trace_reading, no_sandbox) },
	{ NULL },
};

/* Who reads the live session that is among the paths; NULL: none is. */
static const struct source_row *find_live(char **paths)
{
	const struct source_row *row = NULL;

	for (; *paths && !row; paths++)
		row = source_of_live(*paths);
	return row;
}

static void (*interrupt_source)(void);

/*
 * The first signal ends a live session in good order; one that comes a while later
 * ends flightbox. What stops a process may send two at once.
 */
static void on_signal(int number)
{
	static volatile sig_atomic_t first;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (first && now.tv_sec > first + 1) {
		signal(number, SIG_DFL);
		raise(number);
	}
	if (!first)
		first = now.tv_sec;
	interrupt_source();
}

static void catch_signals(void (*interrupt)(void))
{
	/* Without SA_RESTART: what waits for the network is to stop waiting. */
	const struct sigaction action = { .sa_handler = on_signal };

	interrupt_source = interrupt;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static struct fb_source *open_paths(const struct source_row *row, const struct input *in,
				    const struct fb_source_options *options, GError **error)
{
	const char *const *paths = (const char *const *)in->paths;
	size_t n = g_strv_length(in->paths);

	return row ? row->ops->open(paths, n, options, error)
		   : source_open_any(paths, n, options, error);
}

/* A live session chooses its reader. */
static bool choose_live(struct input *in, const struct source_row **row)
{
	const struct source_row *live = find_live(in->paths);

	in->is_live = live != NULL;
	if (!live)
		return true;
	if (*row && !(*row)->is_live) {
		complain("--source %s: only %s reads live sessions", (*row)->ops->name,
			 live->ops->name);
		return false;
	}
	*row = live;
	catch_signals(live->interrupt);
	return true;
}

/* The captures to be read along: those given, else those that lie beside the trace. */
static GPtrArray *find_captures(const struct input *in, const struct query *q)
{
	GPtrArray *paths = query_captures(q);

	if (!paths)
		return NULL;
	for (char **path = in->paths; *path && !paths->len && !q->no_captures && !in->is_live; path++)
		captures_beside(*path, paths);
	g_ptr_array_add(paths, NULL);
	return paths;
}

/* What lies beside each path that was asked for, by fb_symbols_locate(): found once. */
static GHashTable *beside;

const char *input_symbols(const char *path)
{
	if (!beside)
		beside = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (!g_hash_table_contains(beside, path))
		g_hash_table_insert(beside, g_strdup(path), fb_symbols_locate(path));
	return g_hash_table_lookup(beside, path);
}

void input_allow(char *const *paths)
{
	for (; paths && *paths; paths++) {
		g_autofree char *dir = g_path_get_dirname(*paths);
		g_autofree char *name = g_path_get_basename(*paths);
		const char *symbols = input_symbols(*paths);

		sandbox_allow_reading(*paths);
		/* It stands for its directory. */
		if (!strcmp(name, "metadata") && !g_file_test(*paths, G_FILE_TEST_IS_DIR))
			sandbox_allow_reading(dir);
		if (symbols)
			sandbox_allow_reading(symbols);
	}
}

/* A resolver of names reads these, and loads what they want. */
static void allow_names(void)
{
	static const char *const files[] = {
		"/etc/hosts", "/etc/host.conf", "/etc/resolv.conf", "/etc/nsswitch.conf",
		"/etc/gai.conf", "/etc/services", "/etc/ld.so.cache", "/lib", "/lib64", "/usr/lib",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
		sandbox_allow_reading(files[i]);
}

/* The file is written beside its place, or there, when all is read. */
static void allow_file(const char *path)
{
	char *target = realpath(path, NULL);
	g_autofree char *dir = g_path_get_dirname(target ? target : path);

	sandbox_allow_writing(dir);
	if (target)
		sandbox_allow_writing(target);
	free(target);
}

/* What would lie elsewhere is read before, or allowed. */
static void enter_sandbox(const struct input *in, const struct asked *asked)
{
	const struct query *q = &asked->query;

	input_allow(in->paths);
	input_allow(asked->arguments);
	if (q->kallsyms)
		sandbox_allow_reading(q->kallsyms);
	for (guint i = 0; in->captures && in->captures->pdata[i]; i++)
		sandbox_allow_reading(in->captures->pdata[i]);
	if (in->is_live)
		allow_names();
	if (in->writes_files && (q->save || q->output))
		allow_file(q->save ? q->save : q->output);
	/* The C library's zone of time, and what it converts texts by. */
	tzset();
	(void)g_strerror(EACCES);
	sandbox_enter((in->is_live ? SANDBOX_NETWORK : 0) | (in->writes_files ? SANDBOX_FILES : 0));
}

/* Before the sandbox: plugins may lie anywhere. None is loaded where nobody will ask for it. */
static void prepare(const struct source_row *row, char *const *paths)
{
	bool is_any = !row;

	for (const struct source_row *r = sources; is_any && r->ops; r++)
		if (r->prepare)
			row = r;
	while (is_any && *paths &&
	       (fb_source_native.probe(*paths) || fb_source_perf.probe(*paths)))
		paths++;
	if (row && row->prepare && (!is_any || *paths))
		row->prepare();
}

static bool spares_inputs(const struct input *in, const struct asked *asked)
{
	const struct query *q = &asked->query;
	char *const symbols[] = { q->kallsyms ? (char *)q->kallsyms : NULL, NULL };
	char *const *captures = in->captures ? (char *const *)in->captures->pdata : NULL;

	return output_spares(q->output, in->paths) && output_spares(q->save, in->paths) &&
	       output_spares(q->output, symbols) && output_spares(q->save, symbols) &&
	       output_spares(q->output, captures) && output_spares(q->save, captures);
}

bool input_open(struct input *in, struct output *out, const struct asked *asked,
		const struct fb_source_options *options, int *status)
{
	const struct trace_reading *reading = &asked->reading;
	const struct source_row *row = reading->source ? source_find(reading->source) : NULL;
	struct fb_source_options all = *options;
	GError *error = NULL;

	in->reading = reading;
	if (!in->paths)
		in->paths = asked->arguments;
	all.jobs = reading->jobs ? (guint)reading->jobs : g_get_num_processors();
	*status = STATUS_USAGE;
	if (!in->paths) {
		complain("%s: no TRACE given; see 'flightbox help %s'", asked->command->name,
			 asked->command->name);
		return false;
	}
	if (!choose_live(in, &row))
		return false;
	in->captures = find_captures(in, &asked->query);
	if (!spares_inputs(in, asked))
		return false;
	*status = STATUS_TRACE;
	if (out && !output_prepare(out))
		return false;
	if (!reading->no_sandbox) {
		prepare(row, in->paths);
		enter_sandbox(in, asked);
	}
	in->source = open_paths(row, in, &all, &error);
	if (in->source) {
		in->source->info.captures = g_steal_pointer(&in->captures);
		return true;
	}
	*status = fail(error);
	return false;
}

int input_problems(const struct input *in)
{
	const struct fb_source_info *info = &in->source->info;
	guint told = info->problems ? info->problems->len : 0;

	for (guint i = 0; i < told; i++)
		complain("%s", (const char *)g_ptr_array_index(info->problems, i));
	if (info->problem_count > told)
		complain("%" G_GUINT64_FORMAT " further problems", info->problem_count - told);
	return info->problem_count || info->broken_packets ? STATUS_TRACE : STATUS_DONE;
}

void input_clear(struct input *in)
{
	fb_source_close(in->source);
	g_clear_pointer(&in->captures, g_ptr_array_unref);
	*in = (struct input){ 0 };
}
