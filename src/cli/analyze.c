/* SPDX-License-Identifier: MIT */
/* analyze.c - the command of every analysis: a trace through the model to a report. */
#include <flightbox/analysis.h>

#include "cli/cli.h"
#include "run/reporting.h"

#define LIVE_PATIENCE 2000000000 /* ns: a row late by that much is more use than a name in it */

struct analyze {
	const struct fb_analysis *analysis;
	void *self;
	struct asked asked;
	struct input in;
	struct output out;
	struct fb_profile_recorder *recorder;
	struct fb_consumer consumers[2]; /* the analysis, and the recorder where there is one */
	size_t n_consumers;
	struct fb_report *report;
	struct fb_outcome outcome; /* zero bytes until the run is over */
	struct progress progress;
};

/* ---- options ---------------------------------------------------------------------------- */

/* One place holds a report or a profile, not both. */
static bool save_check(const struct analyze *a)
{
	const struct query *q = &a->asked.query;

	if (!q->save || strcmp(q->save, q->output ? q->output : "-"))
		return true;
	complain("--save %s: that is where the report goes; --output FILE writes it elsewhere",
		 q->save);
	return false;
}

static bool format_check(const struct query *q)
{
	if (!q->format || strcmp(q->format, "html") || fb_report_has_pages())
		return true;
	complain("--format html: this flightbox was built without D3, which pages are drawn with (Debian: "
		 "node-d3-zoom, node-d3-scale)");
	return false;
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
	struct fb_run_options options = query_run_options(&a->asked.query);

	options.kernel.patience = a->in.is_live ? LIVE_PATIENCE : 0;
	options.progress = on_progress;
	options.progress_data = a;
	return options;
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
	bool ok = fb_profile_save(profile, a->asked.query.save, &error);

	fb_profile_free(profile);
	return ok ? STATUS_DONE : fail(error);
}

static bool run(struct analyze *a, GError **error)
{
	struct reporting reporting = {
		.analysis = a->analysis,
		.self = a->self,
		.report = a->report,
		.edges = a->asked.query.edges,
	};
	const struct fb_run_options options = run_options(a);
	bool scrolls = output_is_terminal(&a->out) && !fb_report_for_people(a->report);
	bool ok;

	a->consumers[0] = reporting_begin(&reporting);
	progress_init(&a->progress, &a->in, scrolls);
	ok = fb_run(a->in.source, &options, a->consumers, a->n_consumers, &a->outcome, error);
	progress_clear(&a->progress);
	reporting_end(&reporting, &a->outcome, &a->asked.query.filter);
	return ok;
}

static void save_report(void *report)
{
	fb_report_save(report);
}

static int complain_of_missed(const struct analyze *a)
{
	const char *option;
	g_autofree char *missed = a->analysis->missed ? a->analysis->missed(a->self, &option) : NULL;

	if (!missed)
		return STATUS_DONE;
	complain("--%s %s", option, missed);
	return STATUS_USAGE;
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
	if (a->recorder)
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
	worse = complain_of_times(&a->asked.query, &a->in.source->info, &a->outcome.part);
	if (!worse)
		worse = complain_of_unknown(&a->asked.query, &a->outcome, false);
	if (!worse)
		worse = complain_of_missed(a);
	return status ? status : worse;
}

/* The analysis may not work on every selection. */
static bool check_selection(struct analyze *a, GError **error)
{
	return !a->analysis->select || a->analysis->select(a->self, &a->asked.query.filter, error);
}

static void set_consumers(struct analyze *a)
{
	a->consumers[a->n_consumers++] = fb_analysis_consumer(a->analysis, a->self);
	if (!a->asked.query.save)
		return;
	a->recorder = fb_profile_recorder_new();
	a->consumers[a->n_consumers++] = fb_profile_recorder_consumer(a->recorder);
}

static int analyze(struct analyze *a)
{
	struct fb_source_options options;
	GError *error = NULL;
	int status;

	if (!save_check(a) || !format_check(&a->asked.query))
		return STATUS_USAGE;
	set_consumers(a);
	options = fb_run_wants(a->consumers, a->n_consumers);
	a->in.writes_files = a->asked.query.save != NULL;
	if (!input_open(&a->in, &a->out, &a->asked, &options, &status))
		return status;
	if (!reporting_check(&a->in.source->info, a->in.paths[0], &error))
		return fail(error);
	if (a->asked.not_a_pid)
		return complain_of_pids(a->asked.not_a_pid, a->in.source, true);
	if (!asked_times(&a->asked, &a->in.source->info))
		return STATUS_USAGE;
	if (!check_selection(a, &error))
		return fail(error);
	return report(a);
}

int run_analysis(const struct command *command, int argc, char **argv)
{
	struct analyze a = {
		.analysis = fb_analysis_find(command->name),
		.out = { .query = &a.asked.query, .fd = -1 },
	};
	int status;

	a.self = fb_analysis_new(a.analysis);
	asked_init(&a.asked, command, a.self);
	if (asked_parse(&a.asked, argc, argv, &status))
		status = analyze(&a);
	memory_save(NULL, NULL);
	fb_analysis_free(a.analysis, a.self);
	fb_profile_recorder_free(a.recorder);
	fb_report_free(a.report);
	fb_outcome_clear(&a.outcome);
	input_clear(&a.in);
	output_clear(&a.out);
	asked_clear(&a.asked);
	return status;
}
