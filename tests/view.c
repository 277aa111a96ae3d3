/* SPDX-License-Identifier: MIT */
/* view.c - the views, one row each. */
#include "view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "scenario.h"

/* ---- waits -------------------------------------------------------------------------------- */

static char *render_waits(const char *events, char **args)
{
	struct fb_kernel_options options = { 0 };

	for (char **arg = args; *arg; arg++)
		if (!strcmp(*arg, "all"))
			options.all = true;
		else if (!strcmp(*arg, "edges"))
			options.edges = true;
		else
			fail_msg("waits: '%s': expected 'all' or 'edges'", *arg);
	return scenario_play(events, &options);
}

/* ---- all of them -------------------------------------------------------------------------- */

static const struct view {
	const char *name;
	char *(*render)(const char *events, char **args);
} views[] = {
	{ "waits", render_waits },
};

char *view_render(const char *view, const char *events)
{
	g_auto(GStrv) words = g_strsplit(*view ? view : "waits", " ", -1);

	for (size_t i = 0; i < G_N_ELEMENTS(views); i++)
		if (!strcmp(views[i].name, words[0]))
			return views[i].render(events, words + 1);
	fail_msg("'%s': no such view", words[0]);
	return NULL;
}
