/* SPDX-License-Identifier: MIT */
/* input.c - which trace to read, and by which reader. */
#include "cli.h"

void add_input(GOptionContext *context, struct input *in)
{
	const GOptionEntry entries[] = {
		{ "source", 0, 0, G_OPTION_ARG_STRING, &in->source_name,
		  "Who reads the trace: auto (default), native or babeltrace", "NAME" },
		{ "no-progress", 0, 0, G_OPTION_ARG_NONE, &in->no_progress,
		  "No progress bar on a terminal", NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &in->paths, NULL,
		  "TRACE..." },
		G_OPTION_ENTRY_NULL,
	};

	g_option_context_add_main_entries(context, entries, NULL);
}

static const struct fb_source_ops *find_source(const char *name)
{
	if (!name || !strcmp(name, "auto") || !strcmp(name, fb_source_native.name))
		return &fb_source_native;
	if (!strcmp(name, "babeltrace"))
		complain("--source babeltrace: this flightbox was built without babeltrace2; "
			 "leave the option out");
	else
		complain("--source %s: expected auto, native or babeltrace", name);
	return NULL;
}

/* A live session's address instead of a directory. */
static bool is_url(const char *path)
{
	return g_str_has_prefix(path, "net://") || g_str_has_prefix(path, "net4://") ||
	       g_str_has_prefix(path, "net6://");
}

bool input_open(struct input *in, const struct command *command,
		const struct fb_source_options *options, int *status)
{
	const struct fb_source_ops *ops = find_source(in->source_name);
	GError *error = NULL;

	*status = STATUS_USAGE;
	if (!ops)
		return false;
	if (!in->paths) {
		complain("%s: no TRACE given; see 'flightbox help %s'", command->name,
			 command->name);
		return false;
	}
	for (char **path = in->paths; *path; path++)
		if (is_url(*path)) {
			complain("%s: this flightbox was built without babeltrace2, which reads "
				 "live sessions",
				 *path);
			return false;
		}
	in->source = ops->open((const char *const *)in->paths, g_strv_length(in->paths), options,
			       &error);
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
