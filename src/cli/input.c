/* SPDX-License-Identifier: MIT */
/* input.c - which trace to read, and by which reader. */
#include <signal.h>
#include <time.h>

#include <flightbox/error.h>

#include "cli/cli.h"
#include "bt2/graph.h"
#include "cli/sandbox.h"

#define JOBS_MAX 1024

void add_input(GOptionContext *context, struct input *in)
{
	const GOptionEntry entries[] = {
		{ "source", 0, 0, G_OPTION_ARG_STRING, &in->source_name,
		  "Who reads the trace: auto (default), native or babeltrace", "NAME" },
		{ "jobs", 0, 0, G_OPTION_ARG_INT, &in->jobs,
		  "Threads that read the trace; default: one for each processor", "N" },
		{ "no-progress", 0, 0, G_OPTION_ARG_NONE, &in->no_progress,
		  "No progress bar on a terminal", NULL },
		{ "no-sandbox", 0, 0, G_OPTION_ARG_NONE, &in->no_sandbox,
		  "Keep all rights while reading the trace", NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &in->paths, NULL,
		  "TRACE..." },
		G_OPTION_ENTRY_NULL,
	};

	g_option_context_add_main_entries(context, entries, NULL);
}

static bool find_source(const char *name, const struct fb_source_ops **ops)
{
	*ops = NULL;
	if (!name || !strcmp(name, "auto"))
		return true;
	if (!strcmp(name, fb_source_native.name))
		*ops = &fb_source_native;
	else if (!strcmp(name, fb_source_babeltrace.name))
		*ops = &fb_source_babeltrace;
	else
		complain("--source %s: expected auto, native or babeltrace", name);
	return *ops != NULL;
}

static bool find_jobs(gint given, unsigned *jobs)
{
	*jobs = given ? (guint)given : g_get_num_processors();
	if (given < 0 || given > JOBS_MAX)
		complain("--jobs %d: expected 1 to %d, or 0 for one for each processor", given,
			 JOBS_MAX);
	return given >= 0 && given <= JOBS_MAX;
}

static bool has_live(char **paths)
{
	for (; *paths; paths++)
		if (is_live_url(*paths))
			return true;
	return false;
}

static struct fb_source *open_by(const struct fb_source_ops *ops, const struct input *in,
				 const struct fb_source_options *options, GError **error)
{
	return ops->open((const char *const *)in->paths, g_strv_length(in->paths), options, error);
}

/*
 * What is no CTF 1.8 may be for a plugin of babeltrace2's. Of what is, our own reader is the
 * judge: there is damaged metadata over which babeltrace2 2.0.4 never comes to an end.
 */
static bool is_not_ours(const GError *error)
{
	return error->domain == FB_ERROR &&
	       (error->code == FB_ERROR_FOREIGN || error->code == FB_ERROR_NOT_FOUND);
}

static struct fb_source *open_by_any(const struct input *in,
				     const struct fb_source_options *options, GError **error)
{
	GError *why = NULL, *why_not = NULL;
	struct fb_source *source = open_by(&fb_source_native, in, options, &why);

	if (source)
		return source;
	if (is_not_ours(why) && fb_source_babeltrace.probe(in->paths[0]))
		source = open_by(&fb_source_babeltrace, in, options, &why_not);
	if (source) {
		g_error_free(why);
		return source;
	}
	/* Where babeltrace2 recognises something it has more to say. */
	if (why_not) {
		g_error_free(why);
		why = why_not;
	}
	g_propagate_error(error, why);
	return NULL;
}

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
	babeltrace_interrupt();
}

static void catch_signals(void)
{
	/* Without SA_RESTART: what waits for the network is to stop waiting. */
	const struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool input_open(struct input *in, struct output *out, const struct command *command,
		const struct fb_source_options *options, int *status)
{
	struct fb_source_options all = *options;
	const struct fb_source_ops *ops;
	GError *error = NULL;

	*status = STATUS_USAGE;
	if (!find_source(in->source_name, &ops) || !find_jobs(in->jobs, &all.jobs))
		return false;
	if (!in->paths) {
		complain("%s: no TRACE given; see 'flightbox help %s'", command->name,
			 command->name);
		return false;
	}
	in->is_live = has_live(in->paths);
	if (in->is_live) {
		if (ops == &fb_source_native) {
			complain("--source native: only babeltrace reads live sessions");
			return false;
		}
		ops = &fb_source_babeltrace;
		catch_signals();
	}
	*status = STATUS_TRACE;
	if (out && !output_prepare(out))
		return false;
	if (!in->no_sandbox)
		sandbox_enter((in->is_live ? SANDBOX_NETWORK : 0) |
			      (in->writes_files ? SANDBOX_FILES : 0));
	in->source = ops ? open_by(ops, in, &all, &error) : open_by_any(in, &all, &error);
	if (in->source)
		return true;
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
	g_strfreev(in->paths);
	g_free(in->source_name);
	fb_source_close(in->source);
	*in = (struct input){ 0 };
}
