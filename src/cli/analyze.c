/* SPDX-License-Identifier: MIT */
/* analyze.c - the command of every analysis: a trace through the model to a report. */
#include <flightbox/analysis.h>
#include <flightbox/recording.h>

#include "cli.h"

#define OPTIONS_MAX 16 /* of one analysis */

struct analyze {
	const struct command *command;
	const struct fb_analysis *analysis;
	void *self;
	struct input in;
	struct output out;
	struct select select;
	gboolean all, edges;
	gboolean given[OPTIONS_MAX];   /* the analysis' own options */
	struct fb_report *report;
	struct fb_kernel *kernel;      /* NULL until the run is over */
	struct progress progress;
};

/* ---- options ---------------------------------------------------------------------------- */

static void add_analysis(GOptionContext *context, struct analyze *a)
{
	const GOptionEntry entries[] = {
		{ "all", 0, 0, G_OPTION_ARG_NONE, &a->all,
		  "Also idle kernel threads, and parked, stopped and traced tasks", NULL },
		{ "include-edges", 0, 0, G_OPTION_ARG_NONE, &a->edges,
		  "Also waits that began before or ended after the trace", NULL },
		G_OPTION_ENTRY_NULL,
	};
	const struct fb_option *option = a->analysis->options;

	g_option_context_add_main_entries(context, entries, NULL);
	for (int i = 0; option && option[i].name; i++) {
		const GOptionEntry own[] = {
			{ option[i].name, 0, 0, G_OPTION_ARG_NONE, &a->given[i], option[i].help,
			  NULL },
			G_OPTION_ENTRY_NULL,
		};

		g_assert(i < OPTIONS_MAX);
		g_option_context_add_main_entries(context, own, NULL);
	}
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
	return output_check(&a->out) && select_check(&a->select);
}

static void set_options(struct analyze *a)
{
	const struct fb_option *option = a->analysis->options;

	for (int i = 0; option && option[i].name; i++)
		*fb_option_value(a->self, &option[i]) = a->given[i];
}

/* ---- the run ---------------------------------------------------------------------------- */

static bool on_progress(double done, void *data)
{
	struct analyze *a = data;

	progress_update(&a->progress, done);
	return !fb_report_failed(a->report);
}

/* Without context switches there are no waits. */
static bool has_switches(const struct analyze *a)
{
	const struct fb_source_info *info = &a->in.source->info;
	g_autofree char *command = fb_need_command(&fb_needs[0], info);

	if (info->kinds & FB_KIND_BIT(FB_EV_SWITCH))
		return true;
	complain("%s: no %s events were recorded, and without them %s; to record them: %s",
		 a->in.paths[0], fb_needs[0].name, fb_needs[0].loss, command);
	return false;
}

static bool note_no_waits_of(struct analyze *a, const GArray *ids, const char *what)
{
	bool noted = false;

	for (guint i = 0; i < ids->len; i++) {
		int32_t id = g_array_index(ids, int32_t, i);
		const struct fb_task *task = fb_kernel_find_task(a->kernel, id);
		const char *name = task ? (task->exe ? task->exe : task->comm) : NULL;

		if (!task)
			continue;
		fb_report_note(a->report, "No waits of %s %s%s[%d]", what, name ? name : "",
			       name ? " " : "", id);
		noted = true;
	}
	return noted;
}

/* People wonder about an empty report. */
static void note_no_waits(struct analyze *a)
{
	bool noted;

	if (fb_report_rows(a->report))
		return;
	noted = note_no_waits_of(a, a->select.pids, "process");
	noted |= note_no_waits_of(a, a->select.tids, "task");
	if (!noted)
		fb_report_note(a->report, "No waits");
}

/* Waits that the trace cuts off are left out, but counted where they would have stood. */
static void on_blocking(void *self, const struct fb_blocking *b)
{
	struct analyze *a = self;

	if (b->quality == FB_QUALITY_EDGE && !a->edges)
		fb_report_left_out(a->report, b);
	else
		a->analysis->blocking(a->self, b);
}

static void on_event(void *self, const struct fb_event *ev, const struct fb_kernel *k)
{
	struct analyze *a = self;

	a->analysis->event(a->self, ev, k);
}

static bool run(struct analyze *a, GError **error)
{
	const struct fb_analysis callbacks = {
		.blocking = a->analysis->blocking ? on_blocking : NULL,
		.event = a->analysis->event ? on_event : NULL,
	};
	const struct fb_run_options options = {
		.kernel = { .all = a->all, .edges = true },
		.filter = a->select.filter,
		.progress = on_progress,
		.progress_data = a,
	};
	bool scrolls = output_is_terminal(&a->out) && !fb_report_for_people(a->report);
	bool ok;

	a->self = fb_analysis_new(a->analysis);
	set_options(a);
	fb_analysis_begin(a->analysis, a->self, a->report);
	progress_init(&a->progress, &a->in, scrolls);
	ok = fb_run(a->in.source, &options, &callbacks, a, &a->kernel, error);
	progress_clear(&a->progress);
	fb_analysis_report(a->analysis, a->self, a->report);
	note_no_waits(a);
	return ok;
}

static int report(struct analyze *a)
{
	GError *error = NULL;
	int status, worse;
	bool complete;

	a->report = output_report(&a->out, &a->in, false);
	if (!a->report)
		return STATUS_TRACE;
	complete = run(a, &error);
	status = output_finish(&a->out, a->report, fb_kernel_counts(a->kernel), complete);
	if (!complete)
		status = fail(error);
	worse = input_problems(&a->in);
	if (!status)
		status = worse;
	worse = tell_unknown_tasks(&a->select, a->kernel);
	return status ? status : worse;
}

static int analyze(struct analyze *a)
{
	const struct fb_source_options options = {
		.kinds = fb_kernel_kinds(), .begin = FB_NS_NONE, .end = FB_NS_NONE,
	};
	int status;

	if (!input_open(&a->in, a->command, &options, &status))
		return status;
	if (!has_switches(a))
		return STATUS_TRACE;
	if (a->select.not_a_pid)
		return tell_pids_of(a->select.not_a_pid, a->in.source, true);
	if (!select_times(&a->select, a->out.time_form, &a->in.source->info))
		return STATUS_USAGE;
	return report(a);
}

int run_analysis(const struct command *command, int argc, char **argv)
{
	struct analyze a = {
		.command = command,
		.analysis = fb_analysis_find(command->name),
	};
	int status;

	if (parse(&a, argc, argv, &status))
		status = analyze(&a);
	fb_analysis_free(a.analysis, a.self);
	fb_report_free(a.report);
	fb_kernel_free(a.kernel);
	input_clear(&a.in);
	output_clear(&a.out);
	select_clear(&a.select);
	return status;
}
