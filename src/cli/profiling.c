/* SPDX-License-Identifier: MIT */
/* profiling.c - traces, each of them one run, and files of profiles. */
#include <sys/stat.h>

#include <flightbox/profile.h>

#include "cli/cli.h"
#include "ctf/read/stranger.h"
#include "run/reporting.h"
#include "run/selection.h"

void profiling_init(struct profiling *p, const struct command *command, void *self,
		    bool gives_verdict)
{
	*p = (struct profiling){ .out = { .query = &p->asked.query, .fd = -1 } };
	if (gives_verdict)
		p->missing = g_ptr_array_new_with_free_func(g_free);
	asked_init(&p->asked, command, self);
}

void profiling_clear(struct profiling *p)
{
	output_clear(&p->out);
	asked_clear(&p->asked);
	g_clear_pointer(&p->missing, g_ptr_array_unref);
}

bool profiling_times(const struct profiling *p)
{
	if (p->asked.query.time_form != FB_TIME_RELATIVE)
		return true;
	complain("--time relative: runs have no begin in common");
	return false;
}

/* ---- a trace ---------------------------------------------------------------------------- */

struct recording {
	struct profiling *profiling;
	struct input in;          /* of this trace */
	struct fb_profile_recorder *recorder;
	struct fb_consumer consumer; /* it, for the run */
	struct progress progress;
};

static bool on_progress(double done, void *data)
{
	struct recording *r = data;

	progress_update(&r->progress, done);
	return true;
}

/* Returns the exit status. */
static int look_for_selected(struct recording *r, const char *path, const struct fb_outcome *outcome)
{
	struct profiling *p = r->profiling;
	const struct query *q = &p->asked.query;
	const struct fb_source_info *info = &r->in.source->info;
	g_autoptr(GPtrArray) missing = NULL;
	g_autofree char *outside = NULL;
	int status;

	if (!p->missing) {
		status = complain_of_times(q, info, &outcome->part);
		return status ? status : complain_of_unknown(q, outcome, false);
	}
	outside = outside_of(q, info, &outcome->part);
	if (outside)
		g_ptr_array_add(p->missing, g_strdup_printf("%s: %s", path, outside));
	missing = selection_missing(&q->filter, outcome, q->style, false);
	for (guint i = 0; i < missing->len; i++)
		g_ptr_array_add(p->missing,
				g_strdup_printf("%s: %s", path, (char *)missing->pdata[i]));
	return STATUS_DONE;
}

static struct fb_profile *record(struct recording *r, const char *path, int *status)
{
	struct profiling *p = r->profiling;
	struct fb_run_options options = query_run_options(&p->asked.query);
	struct fb_outcome outcome = { 0 };
	struct fb_profile_recording recording = {
		.info = &r->in.source->info,
		.outcome = &outcome,
		.options = &options,
		.symbols = p->out.symbols,
	};
	struct fb_profile *profile;
	GError *error = NULL;

	options.progress = on_progress;
	options.progress_data = r;
	progress_init(&r->progress, &r->in, false);
	recording.complete = fb_run(r->in.source, &options, &r->consumer, 1, &outcome, &error);
	progress_clear(&r->progress);
	profile = fb_profile_recorder_end(r->recorder, &recording);
	*status = recording.complete ? STATUS_DONE : fail(error);
	if (!*status)
		*status = look_for_selected(r, path, &outcome);
	fb_outcome_clear(&outcome);
	return profile;
}

static struct fb_profile *record_opened(struct recording *r, const char *path, int *status)
{
	struct profiling *p = r->profiling;
	struct fb_profile *profile = NULL;
	GError *error = NULL;
	int worse;

	*status = STATUS_TRACE;
	if (!reporting_check(&r->in.source->info, path, &error)) {
		*status = fail(error);
		return NULL;
	}
	if (p->asked.not_a_pid) {
		*status = complain_of_pids(p->asked.not_a_pid, r->in.source, true);
		return NULL;
	}
	if (!asked_times(&p->asked, &r->in.source->info)) {
		*status = STATUS_USAGE;
		return NULL;
	}
	if (!output_symbols(&p->out, &r->in))
		return NULL;
	profile = record(r, path, status);
	worse = input_problems(&r->in);
	if (!*status)
		*status = worse;
	output_symbols_end(&p->out);
	return profile;
}

static bool open_trace(const struct profiling *p, const char *path,
		       const struct fb_source_options *options, struct input *in, int *status)
{
	*in = (struct input){ .writes_files = p->writes_files, .one_path = { (char *)path } };
	in->paths = in->one_path;
	if (input_open(in, NULL, &p->asked, options, status))
		return true;
	input_clear(in);
	return false;
}

static struct fb_profile *read_trace(struct profiling *p, const char *path, int *status)
{
	struct recording r = { .profiling = p, .recorder = fb_profile_recorder_new() };
	struct fb_profile *profile = NULL;
	struct fb_source_options options;

	r.consumer = fb_profile_recorder_consumer(r.recorder);
	options = fb_run_wants(&r.consumer, 1);
	if (open_trace(p, path, &options, &r.in, status)) {
		profile = record_opened(&r, path, status);
		input_clear(&r.in);
	}
	fb_profile_recorder_free(r.recorder);
	return profile;
}

/* ---- whatever it is --------------------------------------------------------------------- */

/* A trace is a directory, or a URL. */
static bool is_profile(const char *path)
{
	struct stat about;

	if (!strcmp(path, "-"))
		return true;
	return stat(path, &about) == 0 && !S_ISDIR(about.st_mode) && !fb_source_perf.probe(path);
}

bool profiling_open(const struct profiling *p, const char *path,
		    const struct fb_source_options *options, struct input *in, int *status)
{
	return !is_profile(path) && open_trace(p, path, options, in, status);
}

/* Its waits were chosen when it was made: options that choose would do nothing, silently. */
static bool can_choose_of(const struct profiling *p, const char *path)
{
	if (!query_chooses(&p->asked.query))
		return true;
	complain("%s: is a profile, whose waits have been chosen already", path);
	return false;
}

struct fb_profile *profiling_read(struct profiling *p, const char *path, int *status)
{
	struct fb_profile *profile;
	GError *error = NULL, *stranger = NULL;

	if (!is_profile(path))
		return read_trace(p, path, status);
	*status = STATUS_USAGE;
	if (!can_choose_of(p, path))
		return NULL;
	profile = fb_profile_load(path, &error);
	if (profile) {
		*status = STATUS_DONE;
		return profile;
	}
	if (stranger_refuse_profile(path, &stranger))
		g_clear_error(&error);
	*status = fail(error ? error : stranger);
	return NULL;
}
