/* SPDX-License-Identifier: MIT */
/* analyze.c - the command of every analysis: a trace through the model to a report. */
#include <flightbox/analysis.h>

#include "cli/cli.h"
#include "run/reporting.h"

#define OPTIONS_MAX   16	 /* of one analysis */
#define LIVE_PATIENCE 2000000000 /* ns: a row late by that much is more use than a name in it */

struct analyze {
	const struct command *command;
	const struct fb_analysis *analysis;
	void *self;
	struct input in;
	struct output out;
	struct select select;
	gboolean all, edges;
	char *save;                /* where to write a profile to, or NULL */
	struct fb_profile_recorder *recorder;
	struct fb_consumer consumers[2]; /* the analysis, and the recorder where there is one */
	size_t n_consumers;
	/* the analysis' own options */
	gboolean given[OPTIONS_MAX]; /* those without a value */
	char *values[OPTIONS_MAX];
	struct fb_report *report;
	struct fb_outcome outcome; /* zero bytes until the run is over */
	struct progress progress;
};

/* ---- options ---------------------------------------------------------------------------- */

static void add_analysis(GOptionContext *context, struct analyze *a)
{
	const GOptionEntry entries[] = {
		{ "include-edges", 0, 0, G_OPTION_ARG_NONE, &a->edges,
		  "Sums take in waits that began before or ended after what was read", NULL },
		G_OPTION_ENTRY_NULL,
	};
	const GOptionEntry save[] = {
		{ "save", 0, 0, G_OPTION_ARG_FILENAME, &a->save,
		  "Also write a profile of these waits to FILE", "FILE" },
		G_OPTION_ENTRY_NULL,
	};
	const struct fb_option *option = a->analysis->options;

	if (a->analysis->blocking) {
		add_all(context, &a->all);
		g_option_context_add_main_entries(context, entries, NULL);
	}
	if (a->analysis->saves)
		g_option_context_add_main_entries(context, save, NULL);
	for (int i = 0; option && option[i].name; i++) {
		GOptionEntry own[] = {
			{ option[i].name, 0, 0, G_OPTION_ARG_NONE, &a->given[i], option[i].help,
			  option[i].arg },
			G_OPTION_ENTRY_NULL,
		};

		g_assert(i < OPTIONS_MAX);
		if (option[i].type != FB_OPTION_BOOL) {
			own[0].arg = G_OPTION_ARG_STRING;
			own[0].arg_data = &a->values[i];
		}
		g_option_context_add_main_entries(context, own, NULL);
	}
}

/* Sets the options that are times, once the clock is known, or all others. */
static bool set_options(struct analyze *a, bool times)
{
	const struct fb_option *option = a->analysis->options;
	GError *error = NULL;

	for (int i = 0; option && option[i].name && !error; i++) {
		if ((!a->given[i] && !a->values[i]) || (option[i].type == FB_OPTION_TIME) != times)
			continue;
		if (times)
			fb_option_set_time(&option[i], a->self, a->values[i], a->out.time_form,
					   &a->in.source->info, &error);
		else
			fb_option_set(&option[i], a->self, a->values[i], &error);
		if (error)
			g_prefix_error(&error, "--%s ", option[i].name);
	}
	return !error || fail(error) == STATUS_DONE;
}

/* One place holds a report or a profile, not both. */
static bool save_check(const struct analyze *a)
{
	const char *report = a->out.file ? a->out.file : "-";

	if (!a->save || strcmp(a->save, report))
		return true;
	complain("--save %s: that is where the report goes; --output FILE writes it elsewhere",
		 a->save);
	return false;
}

static bool parse(struct analyze *a, int argc, char **argv, int *status)
{
	GOptionContext *context = command_options_new(a->command);

	add_select(context, &a->select);
	add_select_waits(context, &a->select);
	add_analysis(context, a);
	add_symbols(context, &a->out);
	add_output(context, &a->out);
	add_input(context, &a->in);
	if (!command_options_parse(context, a->command, argc, argv, status))
		return false;
	*status = STATUS_USAGE;
	return output_check(&a->out) && select_check(&a->select) && set_options(a, false) &&
	       save_check(a);
}

/* ---- the run ---------------------------------------------------------------------------- */

static bool on_progress(double done, void *data)
{
	struct analyze *a = data;

	progress_update(&a->progress, done);
	if (a->in.is_live)
		fb_report_flush(a->report);
	return !fb_report_failed(a->report);
}

static struct fb_run_options run_options(struct analyze *a)
{
	return (struct fb_run_options){
		.kernel = { .all = a->all,
			    .edges = true,
			    .patience = a->in.is_live ? LIVE_PATIENCE : 0 },
		.filter = a->select.filter,
		.lead = a->select.lead,
		.progress = on_progress,
		.progress_data = a,
	};
}

/* Writes the profile of the waits that were reported on. Returns the exit status. */
static int save(struct analyze *a, bool complete)
{
	const struct fb_run_options options = run_options(a);
	const struct fb_profile_recording recording = {
		.info = &a->in.source->info,
		.outcome = &a->outcome,
		.options = &options,
		.symbols = a->out.symbols,
		.complete = complete && !fb_report_failed(a->report),
	};
	struct fb_profile *profile = fb_profile_recorder_end(a->recorder, &recording);
	GError *error = NULL;
	bool ok = fb_profile_save(profile, a->save, &error);

	fb_profile_free(profile);
	return ok ? STATUS_DONE : fail(error);
}

static bool run(struct analyze *a, GError **error)
{
	struct reporting reporting = {
		.analysis = a->analysis,
		.self = a->self,
		.report = a->report,
		.edges = a->edges,
	};
	const struct fb_run_options options = run_options(a);
	bool scrolls = output_is_terminal(&a->out) && !fb_report_for_people(a->report);
	bool ok;

	a->consumers[0] = reporting_begin(&reporting);
	progress_init(&a->progress, &a->in, scrolls);
	ok = fb_run(a->in.source, &options, a->consumers, a->n_consumers, &a->outcome, error);
	progress_clear(&a->progress);
	reporting_end(&reporting, &a->outcome, &a->select.filter);
	return ok;
}

static void save_report(void *report)
{
	fb_report_save(report);
}

static int report(struct analyze *a)
{
	GError *error = NULL;
	int status, worse = STATUS_DONE;
	bool complete;

	a->report = output_report(&a->out, &a->in, false, a->consumers[0].kinds);
	if (!a->report)
		return STATUS_TRACE;
	memory_save(save_report, a->report);
	complete = run(a, &error);
	if (a->save)
		worse = save(a, complete);
	status = output_finish(&a->out, a->report, fb_kernel_counts(a->outcome.kernel),
			       complete);
	if (!complete)
		status = fail(error);
	if (!status)
		status = worse;
	worse = input_problems(&a->in);
	if (!status)
		status = worse;
	worse = tell_unknown_tasks(&a->select, a->outcome.kernel,
				   fb_part_is_all(&a->outcome.part));
	return status ? status : worse;
}

/* The analysis may not work on every selection. */
static bool check_selection(struct analyze *a, GError **error)
{
	return !a->analysis->select || a->analysis->select(a->self, &a->select.filter, error);
}

static void set_consumers(struct analyze *a)
{
	a->consumers[a->n_consumers++] = fb_analysis_consumer(a->analysis, a->self);
	if (!a->save)
		return;
	a->recorder = fb_profile_recorder_new();
	a->consumers[a->n_consumers++] = fb_profile_recorder_consumer(a->recorder);
}

static int analyze(struct analyze *a)
{
	struct fb_source_options options;
	GError *error = NULL;
	int status;

	set_consumers(a);
	options = fb_run_wants(a->consumers, a->n_consumers);
	a->in.writes_files = a->save != NULL;
	if (!input_open(&a->in, &a->out, a->command, &options, &status))
		return status;
	if (!reporting_check(&a->in.source->info, a->in.paths[0], &error))
		return fail(error);
	if (a->select.not_a_pid)
		return tell_pids_of(a->select.not_a_pid, a->in.source, true);
	if (!select_times(&a->select, a->out.time_form, &a->in.source->info) ||
	    !set_options(a, true))
		return STATUS_USAGE;
	if (!check_selection(a, &error))
		return fail(error);
	return report(a);
}

int run_analysis(const struct command *command, int argc, char **argv)
{
	struct analyze a = {
		.command = command,
		.analysis = fb_analysis_find(command->name),
	};
	int status;

	a.out.graphs = a.analysis->graphs;
	a.self = fb_analysis_new(a.analysis);
	if (parse(&a, argc, argv, &status))
		status = analyze(&a);
	memory_save(NULL, NULL);
	fb_analysis_free(a.analysis, a.self);
	fb_profile_recorder_free(a.recorder);
	g_free(a.save);
	fb_report_free(a.report);
	fb_outcome_clear(&a.outcome);
	input_clear(&a.in);
	output_clear(&a.out);
	select_clear(&a.select);
	for (int i = 0; i < OPTIONS_MAX; i++)
		g_free(a.values[i]);
	return status;
}
