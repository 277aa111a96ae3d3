/* SPDX-License-Identifier: MIT */
/* info.c - `flightbox info`: what is in a trace, what it can answer, what was lost. */
#include <inttypes.h>
#include <locale.h>

#include <flightbox/history.h>
#include <flightbox/recording.h>
#include <flightbox/times.h>

#include "cli/cli.h"

struct info {
	struct asked asked;
	struct input in;
	struct output out;
	struct fb_report *report;
	struct progress progress;
	uint64_t cpus_seen[FB_CPUS_MAX / 64]; /* bits: those that there are events of */
};

/* ---- the trace as a whole, for people; jsonl has it in its first and last line ---------- */

struct fact {
	const char *name, *text;
};

static const struct fb_table facts = {
	.columns = {
		{ .heading = "", FB_TEXT_OF(struct fact, name) },
		{ .heading = "", FB_TEXT_OF(struct fact, text) },
	},
};

static void fact(struct fb_report *r, const char *name, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

static void fact(struct fb_report *r, const char *name, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	fb_report_row(r, &(const struct fact){ name, text });
}

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

static void report_time(struct info *i, const char *name, fb_ns time)
{
	const struct fb_source_info *info = &i->in.source->info;
	char wanted[FB_TIME_SIZE], date[FB_TIME_SIZE];

	if (time == FB_NS_NONE)
		return;
	fb_time_format(wanted, time, i->asked.query.time_form, fb_source_clock(info));
	fb_time_format(date, time, FB_TIME_UTC, fb_source_clock(info));
	if (i->asked.query.time_form == FB_TIME_UTC)
		fact(i->report, name, "%s", wanted);
	else
		fact(i->report, name, "%s (%s UTC)", wanted, date);
}

static void report_duration(struct info *i)
{
	const struct fb_source_info *info = &i->in.source->info;
	const char *point = localeconv()->decimal_point;
	fb_ns duration = info->end - info->begin;

	if (info->begin == FB_NS_NONE || info->end == FB_NS_NONE)
		return;
	fact(i->report, "Duration", "%" PRId64 "%s%03d s", duration / 1000000000, point,
	     (int)(duration % 1000000000 / 1000000));
}

/* A file may be missing, or the CPU did nothing. */
static void report_cpus(struct info *i)
{
	g_autoptr(GString) silent = g_string_new(NULL);
	int cpus = i->in.source->info.cpus;

	for (int cpu = 0; cpu < MIN(cpus, FB_CPUS_MAX); cpu++)
		if (!(i->cpus_seen[cpu / 64] >> cpu % 64 & 1))
			g_string_append_printf(silent, "%s%d", silent->len ? ", " : "", cpu);
	if (silent->len)
		fact(i->report, "CPUs", "%d, but nothing is recorded of CPU %s", cpus, silent->str);
	else
		fact(i->report, "CPUs", "%d", cpus);
}

static void report_origin(struct info *i)
{
	const struct fb_source_info *info = &i->in.source->info;
	struct fb_report *r = i->report;
	char zero[FB_TIME_SIZE];

	for (char **path = i->in.paths; *path; path++)
		fact(r, "Trace", "%s", *path);
	fact(r, "Host", "%s", or_dash(info->hostname));
	fact(r, "Kernel", "%s%s%s", or_dash(info->kernel_release), info->kernel_version ? " " : "",
	     info->kernel_version ? info->kernel_version : "");
	fact(r, "Tracer", "%s %d.%d.%d", or_dash(info->tracer_name), info->tracer_major,
	     info->tracer_minor, info->tracer_patch);
	if (info->format)
		fact(r, "Format", "%s", info->format);
	if (info->trace_name && *info->trace_name)
		fact(r, "Session", "%s%s%s", info->trace_name,
		     info->created ? ", created " : "", info->created ? info->created : "");
	fb_time_format(zero, 0, FB_TIME_UTC, fb_source_clock(info));
	fact(r, "Clock", "%s, 0 is %s UTC", or_dash(info->clock_name), zero);
	report_cpus(i);
}

static void report_losses(struct info *i)
{
	const struct fb_source_info *info = &i->in.source->info;
	g_autoptr(GString) text = g_string_new(NULL);
	char first[FB_TIME_SIZE];

	for (guint n = 0; n < info->losses->len; n++) {
		const struct fb_cpu_loss *loss =
			&g_array_index(info->losses, struct fb_cpu_loss, n);

		fb_time_format(first, loss->first, i->asked.query.time_form, fb_source_clock(info));
		g_string_printf(text, "cpu %d: %" PRIu64 " events, %" PRIu64 " packets, in %" PRIu64
				" spans of ", loss->cpu, loss->events, loss->packets, loss->spans);
		fb_report_ms(i->report, loss->time, text);
		fact(i->report, "Lost", "%s, the first at %s", text->str, first);
	}
}

static void report_facts(struct info *i)
{
	const struct fb_source_info *info = &i->in.source->info;

	fb_report_table(i->report, &facts, NULL);
	report_origin(i);
	report_time(i, "Begin", info->begin);
	report_time(i, "End", info->end);
	report_duration(i);
	fact(i->report, "Events", "%" PRIu64, info->events);
	report_losses(i);
}

/* ---- events by name --------------------------------------------------------------------- */

static struct fb_cell get_used(struct fb_report *r, const void *class)
{
	uint64_t used = fb_kernel_kinds() | fb_history_kinds();

	(void)r;
	return FB_BOOL(used & FB_KIND_BIT(((const struct fb_class_count *)class)->kind));
}

static const struct fb_table events = {
	.type = "event",
	.columns = {
		{ .key = "name", .heading = "Event", FB_TEXT_OF(struct fb_class_count, name) },
		{ .key = "count", .heading = "Count", FB_COUNT_OF(struct fb_class_count, count) },
		{ .key = "used", .heading = "Used", FB_BY(BOOL, get_used) },
	},
};

static int compare_counts(const void *a, const void *b)
{
	const struct fb_class_count *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Of those without any events there may be a thousand: only programs get them. */
static void report_events(struct info *i)
{
	const struct fb_source_info *info = &i->in.source->info;

	g_array_sort(info->classes, compare_counts);
	fb_report_table(i->report, &events, "Events by name");
	for (guint n = 0; n < info->classes->len; n++) {
		const struct fb_class_count *class =
			&g_array_index(info->classes, struct fb_class_count, n);

		if (class->count || !fb_report_for_people(i->report))
			fb_report_row(i->report, class);
	}
}

/* ---- questions -------------------------------------------------------------------------- */

struct question {
	const char *question;
	bool is_met;
	const char *loss, *command; /* NULL when it is met */
};

static const struct fb_table questions = {
	.type = "question",
	.columns = {
		{ .key = "question", .heading = "Question", FB_TEXT_OF(struct question, question) },
		{ .key = "answered", .heading = "Answered", FB_BOOL_OF(struct question, is_met) },
		{ .key = "loss", .heading = "Without it", FB_TEXT_OF(struct question, loss) },
		{ .key = "record", .heading = "To record it", FB_TEXT_OF(struct question, command) },
	},
};

static void report_questions(struct info *i)
{
	const struct fb_source_info *info = &i->in.source->info;
	const char *last = "";

	fb_report_table(i->report, &questions, "What the recording can answer");
	for (const struct fb_need *need = fb_needs; need->question; need++) {
		bool met = fb_need_is_met(need, info);
		g_autofree char *command = met ? NULL : fb_need_command(need, info);
		const char *loss = met ? NULL : fb_need_loss(need, info);

		/* The first event that answers it is the one that should have been recorded. */
		if (!fb_need_applies(need, info) || !strcmp(need->question, last))
			continue;
		fb_report_row(i->report,
			      &(const struct question){ need->question, met, loss, command });
		last = need->question;
	}
}

/* ---- the command ------------------------------------------------------------------------ */

static bool read_all(struct info *i, GError **error)
{
	struct fb_source *source = i->in.source;
	struct fb_batch batch;
	bool ok;

	progress_init(&i->progress, &i->in, false);
	while ((ok = fb_source_next(source, &batch, error)) && batch.n) {
		for (size_t n = 0; n < batch.n; n++)
			i->cpus_seen[batch.events[n].cpu / 64] |= UINT64_C(1) << batch.events[n].cpu % 64;
		progress_update(&i->progress, source->ops->progress(source));
	}
	progress_clear(&i->progress);
	return ok;
}

static int report(struct info *i)
{
	GError *error = NULL;
	int status, worse;
	bool complete;

	i->report = output_report(&i->out, &i->in, true, 0);
	if (!i->report)
		return STATUS_TRACE;
	complete = read_all(i, &error);
	if (fb_report_for_people(i->report))
		report_facts(i);
	report_events(i);
	report_questions(i);
	status = output_finish(&i->out, i->report, NULL, complete);
	if (!complete)
		status = fail(error);
	worse = input_problems(&i->in);
	return status ? status : worse;
}

int run_info(const struct command *command, int argc, char **argv)
{
	const struct fb_source_options options = {
		.kinds = FB_KINDS_ALL, .count = true, .begin = FB_NS_NONE, .end = FB_NS_NONE,
	};
	struct info i = { .out = { .query = &i.asked.query, .fd = -1 } };
	int status;

	asked_init(&i.asked, command, NULL);
	if (asked_parse(&i.asked, argc, argv, &status) &&
	    input_open(&i.in, &i.out, &i.asked, &options, &status))
		status = report(&i);
	fb_report_free(i.report);
	input_clear(&i.in);
	output_clear(&i.out);
	asked_clear(&i.asked);
	return status;
}
