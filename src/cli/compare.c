/* SPDX-License-Identifier: MIT */
/* compare.c - flightbox compare BASE... -- NEW...: which waits got longer. */
#include "cli/cli.h"
#include "compare/junit.h"
#include "compare/tables.h"
#include "run/option.h"

struct compare {
	struct profiling profiling; /* its arguments are the base */
	char **new_paths;           /* lent */
	const char *alpha, *min_effect;
	fb_ns min_time;
	int per;                    /* of `pers` */
	bool strict;
	struct compare_options options;
	struct fb_profile *sides[SIDES];
};

/* ---- options ---------------------------------------------------------------------------- */

enum { PER_RUN, PER_SECOND };

static const char *const pers[] = { "run", "second", NULL };

const struct fb_option compare_options[] = {
	{ "alpha", "Chance of taking anything for a change that is none; default: 0.05",
	  offsetof(struct compare, alpha), FB_OPTION_TEXT, "P" },
	{ "min-effect", "Smaller changes are none; default: 5%",
	  offsetof(struct compare, min_effect), FB_OPTION_TEXT, "PERCENT" },
	{ "min-time", "Changes of less per run are none; default: 1ms",
	  offsetof(struct compare, min_time), FB_OPTION_DURATION, "D", .initial = 1000000 },
	{ "per", "What totals and counts are of", offsetof(struct compare, per), FB_OPTION_CHOICE,
	  "run|second", .initial = PER_RUN, .choices = pers },
	{ "strict", "Nothing can be told where any wait does not count",
	  offsetof(struct compare, strict) },
	{ NULL },
};

static bool read_alpha(const char *text, double *alpha)
{
	char *end;

	*alpha = g_strtod(text, &end);
	if (end != text && !*end && *alpha > 0 && *alpha < 1)
		return true;
	complain("--alpha: expected a number above 0 and below 1");
	return false;
}

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
	c->options = (struct compare_options){
		.alpha = 0.05, .min_effect = 0.05, .min_time = c->min_time,
		.per_second = c->per == PER_SECOND, .strict = c->strict,
		.missing = c->profiling.missing,
	};
	return (!c->alpha || read_alpha(c->alpha, &c->options.alpha)) &&
	       (!c->min_effect || read_share(c->min_effect, &c->options.min_effect));
}

static bool parse(struct compare *c, int argc, char **argv, int *status)
{
	if (!asked_parse(&c->profiling.asked, argc, argv, status))
		return false;
	*status = STATUS_USAGE;
	if (!c->profiling.asked.arguments || !c->new_paths || !*c->new_paths) {
		complain("compare: expected BASE... -- NEW...; see 'flightbox help compare'");
		return false;
	}
	return profiling_times(&c->profiling) && read_options(c);
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

	if (!g_strcmp0(out->query->format, "junit"))
		return output_junit(out, junit_of_comparison(c));
	r = output_bare_report(out);
	if (!r)
		return STATUS_TRACE;
	report_comparison(r, c, !g_strcmp0(out->query->format, "markdown"));
	status = output_finish(out, r, NULL, true);
	fb_report_free(r);
	return status;
}

static int compare(struct compare *c)
{
	struct comparison *comparison;
	g_autoptr(GString) outcome = g_string_new(NULL);
	int status;

	if (!output_spares(c->profiling.asked.query.output, c->profiling.asked.arguments) ||
	    !output_spares(c->profiling.asked.query.output, c->new_paths))
		return STATUS_USAGE;
	if (!output_prepare(&c->profiling.out))
		return STATUS_TRACE;
	input_allow(c->new_paths);
	if (!read_side(c, BASE, c->profiling.asked.arguments, &status) ||
	    !read_side(c, NEW, c->new_paths, &status) || !is_alike(c, &status))
		return status;
	comparison = comparison_new(c->sides[BASE], c->sides[NEW], &c->options);
	status = write_outcome(&c->profiling.out, comparison);
	if (!status && comparison->of[VERDICT_WORSE] + comparison->of[VERDICT_HUNG]) {
		status = STATUS_WORSE;
	} else if (!status && !comparison->can_tell) {
		say_outcome(comparison, outcome);
		complain("%s", outcome->str);
		status = STATUS_UNKNOWN;
	}
	comparison_free(comparison);
	return status;
}

int run_compare(const struct command *command, int argc, char **argv)
{
	struct compare c = { 0 };
	int status;

	argc = split(argc, argv, &c.new_paths);
	options_init(compare_options, &c);
	profiling_init(&c.profiling, command, &c, true);
	if (parse(&c, argc, argv, &status))
		status = compare(&c);
	for (enum side side = BASE; side < SIDES; side++)
		fb_profile_free(c.sides[side]);
	profiling_clear(&c.profiling);
	options_clear(compare_options, &c);
	return status;
}
