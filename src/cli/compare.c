/* SPDX-License-Identifier: MIT */
/* compare.c - flightbox compare BASE... -- NEW...: which waits got longer. */
#include <flightbox/times.h>

#include "cli/cli.h"
#include "compare/junit.h"
#include "compare/tables.h"

struct compare {
	struct profiling profiling; /* its paths are the base */
	char **new_paths;           /* lent */
	gdouble alpha;
	char *min_effect, *min_time, *per;
	struct compare_options options;
	struct fb_profile *sides[SIDES];
};

/* ---- options ---------------------------------------------------------------------------- */

static bool read_share(const char *text, double *share)
{
	char *end;

	*share = g_ascii_strtod(text, &end) / 100;
	if (end != text && !strcmp(end, "%") && *share >= 0 && *share < 1e6)
		return true;
	complain("--min-effect %s: expected a percentage, as 5%%", text);
	return false;
}

static bool read_options(struct compare *c)
{
	GError *error = NULL;

	c->options = (struct compare_options){
		.alpha = c->alpha, .min_effect = 0.05, .min_time = 1000000,
		.per_second = !g_strcmp0(c->per, "second"),
	};
	if (!(c->alpha > 0 && c->alpha < 1)) {
		complain("--alpha: expected a number above 0 and below 1");
		return false;
	}
	if (c->per && !c->options.per_second && strcmp(c->per, "run")) {
		complain("--per %s: expected run or second", c->per);
		return false;
	}
	if (c->min_effect && !read_share(c->min_effect, &c->options.min_effect))
		return false;
	if (!c->min_time || fb_duration_parse(c->min_time, &c->options.min_time, &error))
		return true;
	g_prefix_error(&error, "--min-time ");
	fail(error);
	return false;
}

static bool parse(struct compare *c, const struct command *command, int argc, char **argv,
		  int *status)
{
	const GOptionEntry entries[] = {
		{ "alpha", 0, 0, G_OPTION_ARG_DOUBLE, &c->alpha,
		  "Chance of taking anything for a change that is none; default: 0.05", "P" },
		{ "min-effect", 0, 0, G_OPTION_ARG_STRING, &c->min_effect,
		  "Smaller changes are none; default: 5%", "PERCENT" },
		{ "min-time", 0, 0, G_OPTION_ARG_STRING, &c->min_time,
		  "Changes of less per run are none; default: 1ms", "D" },
		{ "per", 0, 0, G_OPTION_ARG_STRING, &c->per,
		  "Totals and counts of a run (default), or of a second", "run|second" },
		G_OPTION_ENTRY_NULL,
	};
	GOptionContext *context = command_options_new(command);

	c->profiling.out.formats = comparison_formats;
	g_option_context_add_main_entries(context, entries, NULL);
	add_output(context, &c->profiling.out);
	add_profiling(context, &c->profiling);
	if (!command_options_parse(context, command, argc, argv, status))
		return false;
	*status = STATUS_USAGE;
	if (!c->profiling.in.paths || !c->new_paths || !*c->new_paths) {
		complain("compare: expected BASE... -- NEW...; see 'flightbox help compare'");
		return false;
	}
	return output_check(&c->profiling.out) && profiling_check(&c->profiling) && read_options(c);
}

/* The last -- stands between both sides. Returns how many arguments are before it. */
static int split(int argc, char **argv, char ***behind)
{
	for (int i = argc - 1; i > 0; i--)
		if (!strcmp(argv[i], "--")) {
			*behind = argv + i + 1;
			return i;
		}
	*behind = NULL;
	return argc;
}

/* ---- both sides ------------------------------------------------------------------------- */

static void profile_free(void *profile)
{
	fb_profile_free(profile);
}

/* All runs of a side. False: *status says how to exit. */
static bool read_side(struct compare *c, enum side side, char **paths, int *status)
{
	g_autoptr(GPtrArray) profiles = g_ptr_array_new_with_free_func(profile_free);
	GError *error = NULL;

	for (char **path = paths; *path; path++) {
		struct fb_profile *one = profiling_read(&c->profiling, *path, status);

		if (one)
			g_ptr_array_add(profiles, one);
		if (*status)
			return false;
	}
	c->sides[side] = fb_profile_merge((const struct fb_profile *const *)profiles->pdata,
					  (const char *const *)paths, profiles->len, &error);
	*status = c->sides[side] ? STATUS_DONE : fail(error);
	return c->sides[side];
}

/* Waits of both sides must have been chosen alike; merging asks for the same. */
static bool is_alike(const struct compare *c, int *status)
{
	static const char *const names[] = { "the base", "the new side" };
	GError *error = NULL;
	struct fb_profile *both = fb_profile_merge((const struct fb_profile *const *)c->sides, names,
						   SIDES, &error);

	fb_profile_free(both);
	*status = both ? STATUS_DONE : fail(error);
	return both;
}

/* ---- the outcome ------------------------------------------------------------------------ */

static int write_outcome(struct output *out, const struct comparison *c)
{
	struct fb_report *r;
	int status;

	if (!g_strcmp0(out->format, "junit"))
		return output_junit(out, junit_of_comparison(c));
	r = output_bare_report(out);
	if (!r)
		return STATUS_TRACE;
	report_comparison(r, c, !g_strcmp0(out->format, "markdown"));
	status = output_finish(out, r, NULL, true);
	fb_report_free(r);
	return status;
}

static int compare(struct compare *c)
{
	struct comparison *comparison;
	g_autoptr(GString) outcome = g_string_new(NULL);
	int status;

	if (!output_prepare(&c->profiling.out))
		return STATUS_TRACE;
	if (!read_side(c, BASE, c->profiling.in.paths, &status) ||
	    !read_side(c, NEW, c->new_paths, &status) || !is_alike(c, &status))
		return status;
	comparison = comparison_new(c->sides[BASE], c->sides[NEW], &c->options);
	status = write_outcome(&c->profiling.out, comparison);
	if (!status && !comparison->can_tell) {
		say_outcome(comparison, outcome);
		complain("%s", outcome->str);
		status = STATUS_UNKNOWN;
	} else if (!status && comparison->of[VERDICT_WORSE]) {
		status = STATUS_WORSE;
	}
	comparison_free(comparison);
	return status;
}

int run_compare(const struct command *command, int argc, char **argv)
{
	struct compare c = { .profiling = { .command = command }, .alpha = 0.05 };
	int status;

	argc = split(argc, argv, &c.new_paths);
	if (parse(&c, command, argc, argv, &status))
		status = compare(&c);
	for (enum side side = BASE; side < SIDES; side++)
		fb_profile_free(c.sides[side]);
	profiling_clear(&c.profiling);
	g_free(c.min_effect);
	g_free(c.min_time);
	g_free(c.per);
	return status;
}
