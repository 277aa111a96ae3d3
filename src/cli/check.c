/* SPDX-License-Identifier: MIT */
/* check.c - flightbox check --budget FILE TRACE...: do waits keep their limits? */
#include <sys/stat.h>

#include "base/files.h"
#include "compare/check.h"
#include "cli/cli.h"
#include "analyses/shared/roots.h"
#include "run/option.h"

#define BUDGET_BYTES_MAX (1u << 20) /* some ten thousand lines */

struct check_command {
	struct profiling profiling;
	const char *budget_file;
	bool strict;
	GPtrArray *budgets;
	struct checks *checks;
	struct fb_profile *profile;
};

/* ---- what is read ------------------------------------------------------------------------- */

/* The message, and where the file has it: three lines. */
static int complain_lines(GError *error)
{
	g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);

	for (char **line = lines; *line; line++)
		complain("%s", *line);
	g_error_free(error);
	return STATUS_USAGE;
}

static bool read_budgets(struct check_command *c, int *status)
{
	g_autofree char *text = NULL;
	GError *error = NULL;

	text = file_read(c->budget_file, BUDGET_BYTES_MAX, &error);
	if (!text) {
		*status = fail(error);
		return false;
	}
	c->budgets = budgets_parse(text, c->budget_file, &error);
	if (!c->budgets)
		*status = complain_lines(error);
	return c->budgets;
}

static void profile_free(void *profile)
{
	fb_profile_free(profile);
}

/* What could be read of a broken trace is checked all the same: *status is not STATUS_DONE then. */
static bool read_profile(struct check_command *c, int *status)
{
	g_autoptr(GPtrArray) profiles = g_ptr_array_new_with_free_func(profile_free);
	char **paths = c->profiling.asked.arguments;
	GError *error = NULL;
	int worse;

	*status = STATUS_DONE;
	for (char **path = paths; *path; path++) {
		struct fb_profile *one = profiling_read(&c->profiling, *path, &worse);

		if (!*status)
			*status = worse;
		if (!one)
			return false;
		g_ptr_array_add(profiles, one);
	}
	c->profile = fb_profile_merge((const struct fb_profile *const *)profiles->pdata,
				      (const char *const *)paths, profiles->len, &error);
	if (!c->profile)
		*status = fail(error);
	return c->profile;
}

/* ---- what broke budgets was for ------------------------------------------------------------- */

static void ignore_row(struct fb_report *r, const struct fb_table *table, const void *row,
		       void *data)
{
	(void)r;
	(void)table;
	(void)row;
	(void)data;
}

/* The worst waits of broken budgets, of all runs: which of them is in a trace shows there. */
static GArray *wanted_roots(const struct check_command *c)
{
	GArray *wanted = g_array_new(FALSE, FALSE, sizeof(struct root));

	for (guint i = 0; i < c->checks->all->len; i++) {
		const struct check *check = check_at(c->checks, i);

		for (size_t k = 0; check->outcome == CHECK_BROKEN && k < check->n_worst; k++) {
			const struct root root = { check->worst[k].wait.begin,
						   check->worst[k].wait.tid, NULL };

			g_array_append_val(wanted, root);
		}
	}
	return wanted;
}

/* In the order in which wanted_roots() asked. */
static void take_roots(struct check_command *c, const GArray *wanted)
{
	guint next = 0;

	for (guint i = 0; i < c->checks->all->len; i++) {
		struct check *check = check_at(c->checks, i);

		for (size_t k = 0; check->outcome == CHECK_BROKEN && k < check->n_worst; k++)
			check->roots[k] = g_array_index(wanted, struct root, next++).words;
	}
}

/* In a trace that was read before; what was wrong with it has been told then. */
static void find_roots_in(struct check_command *c, struct input *in, GArray *wanted)
{
	struct asked *asked = &c->profiling.asked;
	struct fb_run_options options;
	struct fb_report_options names = { .fd = -1, .on_row = ignore_row };
	struct fb_outcome outcome = { 0 };
	struct fb_consumer consumer;
	struct fb_report *report;
	struct roots *roots;

	if (!asked_times(asked, &in->source->info) || !output_symbols(&c->profiling.out, in))
		return;
	options = query_run_options(&asked->query);
	names.symbols = c->profiling.out.symbols;
	report = fb_report_new(&names, &in->source->info);
	roots = roots_new(wanted, report);
	consumer = roots_consumer(roots);
	fb_run(in->source, &options, &consumer, 1, &outcome, NULL);
	roots_end(roots);
	roots_free(roots);
	fb_report_free(report);
	fb_outcome_clear(&outcome);
	output_symbols_end(&c->profiling.out);
}

static void find_roots(struct check_command *c)
{
	const struct fb_consumer consumer = roots_consumer(NULL);
	const struct fb_source_options options = fb_run_wants(&consumer, 1);
	g_autoptr(GArray) wanted = wanted_roots(c);

	for (char **path = c->profiling.asked.arguments; wanted->len && *path; path++) {
		struct input in;
		int status;

		if (!profiling_open(&c->profiling, *path, &options, &in, &status))
			continue;
		find_roots_in(c, &in, wanted);
		input_clear(&in);
	}
	take_roots(c, wanted);
}

/* ---- the outcome ------------------------------------------------------------------------- */

static int write_outcome(struct check_command *c)
{
	struct output *out = &c->profiling.out;
	struct fb_report *r;
	int status;

	if (!g_strcmp0(out->query->format, "junit"))
		return output_junit(out, junit_of_checks(c->checks));
	r = output_bare_report(out);
	if (!r)
		return STATUS_TRACE;
	report_checks(r, c->checks);
	status = output_finish(out, r, NULL, true);
	fb_report_free(r);
	return status;
}

/* Returns the exit status; tells why nothing could be told. */
static int judge(const struct checks *c)
{
	static const int statuses[] = {
		[CHECKS_HELD] = STATUS_DONE, [CHECKS_BROKEN] = STATUS_WORSE,
		[CHECKS_OPEN] = STATUS_UNKNOWN,
	};
	enum check_verdict verdict = checks_verdict(c);
	g_autoptr(GString) why = g_string_new(NULL);

	if (verdict == CHECKS_OPEN) {
		say_open(c, why);
		complain("%s", why->str);
	}
	return statuses[verdict];
}

static int check(struct check_command *c)
{
	char *const budget[] = { (char *)c->budget_file, NULL };
	int status, worse;

	if (!read_budgets(c, &status))
		return status;
	if (!output_spares(c->profiling.asked.query.output, c->profiling.asked.arguments) ||
	    !output_spares(c->profiling.asked.query.output, budget))
		return STATUS_USAGE;
	if (!output_prepare(&c->profiling.out))
		return STATUS_TRACE;
	if (!read_profile(c, &status))
		return status;
	c->checks = checks_new(c->budgets, c->budget_file, c->strict, c->profile,
			       c->profiling.missing);
	find_roots(c);
	worse = write_outcome(c);
	if (!status)
		status = worse;
	worse = judge(c->checks);
	return status ? status : worse;
}

/* ---- options ------------------------------------------------------------------------------ */

const struct fb_option check_options[] = {
	{ "budget", "The limits, one or more a line", offsetof(struct check_command, budget_file),
	  FB_OPTION_FILE, "FILE" },
	{ "strict", "A budget on no wait at all is broken, and all waits have to count",
	  offsetof(struct check_command, strict) },
	{ NULL },
};

static bool parse(struct check_command *c, int argc, char **argv, int *status)
{
	if (!asked_parse(&c->profiling.asked, argc, argv, status))
		return false;
	*status = STATUS_USAGE;
	if (c->budget_file && c->profiling.asked.arguments)
		return profiling_times(&c->profiling);
	complain("check: expected --budget FILE TRACE...; see 'flightbox help check'");
	return false;
}

int run_check(const struct command *command, int argc, char **argv)
{
	struct check_command c = { 0 };
	int status;

	options_init(check_options, &c);
	profiling_init(&c.profiling, command, &c, true);
	if (parse(&c, argc, argv, &status))
		status = check(&c);
	checks_free(c.checks);
	if (c.budgets)
		g_ptr_array_unref(c.budgets);
	fb_profile_free(c.profile);
	profiling_clear(&c.profiling);
	options_clear(check_options, &c);
	return status;
}
