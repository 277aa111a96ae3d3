/* SPDX-License-Identifier: MIT */
/* decode.c - flightbox decode: the reader alone, for those who make it faster. */
#include <stdio.h>

#include <flightbox/kernel.h>

#include "cli/cli.h"
#include "run/option.h"

struct decode {
	struct asked asked;
	struct input in;
	bool condenses;
};

const struct fb_option decode_options[] = {
	{ "condense", "Leave out system calls as for waits alone",
	  offsetof(struct decode, condenses) },
	{ NULL },
};

static int decode(struct decode *d)
{
	const struct fb_source_options options = {
		.kinds = fb_kernel_kinds(), .begin = FB_NS_NONE, .end = FB_NS_NONE,
		.condenses = d->condenses,
	};
	uint64_t handed_out = 0;
	struct fb_batch batch;
	GError *error = NULL;
	int status;
	bool ok;

	if (!input_open(&d->in, NULL, &d->asked, &options, &status))
		return status;
	while ((ok = fb_source_next(d->in.source, &batch, &error)) && batch.n)
		handed_out += batch.n;
	if (!ok)
		return fail(error);
	printf("%" G_GUINT64_FORMAT " events read, %" G_GUINT64_FORMAT " handed out\n",
	       d->in.source->info.events, handed_out);
	return input_problems(&d->in);
}

int run_decode(const struct command *command, int argc, char **argv)
{
	struct decode d = { .in = { 0 } };
	int status;

	options_init(decode_options, &d);
	asked_init(&d.asked, command, &d);
	if (asked_parse(&d.asked, argc, argv, &status))
		status = decode(&d);
	input_clear(&d.in);
	asked_clear(&d.asked);
	return status;
}
