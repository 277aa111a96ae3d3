/* SPDX-License-Identifier: MIT */
/* decode.c - flightbox decode: the reader alone, for those who make it faster. */
#include <stdio.h>

#include <flightbox/kernel.h>

#include "cli/cli.h"

static int decode(struct input *in, gboolean condenses, const struct command *command)
{
	const struct fb_source_options options = {
		.kinds = fb_kernel_kinds(), .begin = FB_NS_NONE, .end = FB_NS_NONE,
		.condenses = condenses,
	};
	uint64_t handed_out = 0;
	struct fb_batch batch;
	GError *error = NULL;
	int status;
	bool ok;

	if (!input_open(in, NULL, command, &options, &status))
		return status;
	while ((ok = fb_source_next(in->source, &batch, &error)) && batch.n)
		handed_out += batch.n;
	if (!ok)
		return fail(error);
	printf("%" G_GUINT64_FORMAT " events read, %" G_GUINT64_FORMAT " handed out\n",
	       in->source->info.events, handed_out);
	return input_problems(in);
}

int run_decode(const struct command *command, int argc, char **argv)
{
	GOptionContext *context = command_options_new(command);
	struct input in = { 0 };
	gboolean condenses = FALSE;
	const GOptionEntry entries[] = {
		{ "condense", 0, 0, G_OPTION_ARG_NONE, &condenses,
		  "Leave out system calls as for waits alone", NULL },
		G_OPTION_ENTRY_NULL,
	};
	int status;

	g_option_context_add_main_entries(context, entries, NULL);
	add_input(context, &in);
	if (command_options_parse(context, command, argc, argv, &status))
		status = decode(&in, condenses, command);
	input_clear(&in);
	return status;
}
