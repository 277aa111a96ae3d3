/* SPDX-License-Identifier: MIT */
/* view.c - the views, one row each. */
#include "view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "blame_text.h"
#include "call_text.h"
#include "packet_text.h"
#include "path_text.h"
#include "ready_text.h"
#include "scenario.h"

/* ---- arguments ---------------------------------------------------------------------------- */

/* What stands behind "NAME=", or NULL. */
static const char *value_of(const char *arg, const char *name)
{
	size_t length = strlen(name);

	return g_str_has_prefix(arg, name) && arg[length] == '=' ? arg + length + 1 : NULL;
}

static int64_t number_of(const char *text)
{
	char *end;
	int64_t number = g_ascii_strtoll(text, &end, 10);

	if (*end || end == text)
		fail_msg("'%s': expected a number", text);
	return number;
}

static void take_span(const char *text, fb_ns *begin, fb_ns *end)
{
	g_auto(GStrv) times = g_strsplit(text, "..", 2);

	if (g_strv_length(times) != 2)
		fail_msg("'%s': expected BEGIN..END", text);
	*begin = strcmp(times[0], "?") ? number_of(times[0]) : FB_NS_NONE;
	*end = strcmp(times[1], "?") ? number_of(times[1]) : FB_NS_NONE;
}

/* What is asked of a trace. */
struct asked {
	struct fb_filter filter;
	GArray *pids, *tids; /* int32_t */
};

static void asked_init(struct asked *a)
{
	*a = (struct asked){ .pids = g_array_new(FALSE, FALSE, sizeof(int32_t)),
			     .tids = g_array_new(FALSE, FALSE, sizeof(int32_t)) };
}

static void asked_clear(struct asked *a)
{
	g_array_unref(a->pids);
	g_array_unref(a->tids);
}

static const int32_t *take_ids(GArray *ids, const char *text, size_t *n)
{
	g_auto(GStrv) list = g_strsplit(text, ",", -1);

	for (char **id = list; *id; id++) {
		int32_t number = number_of(*id);

		g_array_append_val(ids, number);
	}
	*n = ids->len;
	return (const int32_t *)ids->data;
}

/* False when that is none of what can be asked of a trace. */
static bool asked_take(struct asked *a, const char *arg)
{
	struct fb_filter *f = &a->filter;
	const char *value;

	if ((value = value_of(arg, "pid"))) {
		f->pids = take_ids(a->pids, value, &f->n_pids);
	} else if ((value = value_of(arg, "tid"))) {
		f->tids = take_ids(a->tids, value, &f->n_tids);
	} else if ((value = value_of(arg, "begin"))) {
		f->has_begin = true;
		f->begin = number_of(value);
	} else if ((value = value_of(arg, "end"))) {
		f->has_end = true;
		f->end = number_of(value);
	} else if ((value = value_of(arg, "min"))) {
		f->min_duration = number_of(value);
	} else if (!strcmp(arg, "bystanders=no")) {
		f->no_bystanders = true;
	} else {
		return false;
	}
	return true;
}

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

/* By sources of all habits. */
static char *run_part(const char *events, const struct fb_run_options *options)
{
	g_autofree char *first = NULL;

	for (size_t batch = 1; batch <= 64; batch = batch * 2 + (batch == 2))
		for (int skips = 0; skips < 2; skips++) {
			const struct scenario_reader reader = { batch, skips, NULL };
			g_autofree char *got = scenario_run(events, options, &reader);

			if (first)
				assert_string_equal(got, first);
			else
				first = g_steal_pointer(&got);
		}
	return g_steal_pointer(&first);
}

static char *count_skipped(const char *events, const struct fb_run_options *options)
{
	unsigned skipped = 0;
	const struct scenario_reader reader = { 1, true, &skipped };

	g_free(scenario_run(events, options, &reader));
	return g_strdup_printf("skipped %u\n", skipped);
}

static char *render_part(const char *events, char **args)
{
	struct fb_run_options options = { .kernel.edges = true };
	g_autofree char *skipped = NULL, *waits = NULL;
	bool skips = false;
	struct asked asked;
	fb_ns begin, end;

	asked_init(&asked);
	take_span(args[0] ? args[0] : "", &begin, &end);
	for (char **arg = args + 1; *arg; arg++)
		if (!strcmp(*arg, "skipped"))
			skips = true;
		else if (value_of(*arg, "lead"))
			options.lead = number_of(value_of(*arg, "lead"));
		else if (!asked_take(&asked, *arg))
			fail_msg("part: '%s': expected lead=, pid= or skipped", *arg);
	options.filter = asked.filter;
	options.filter.has_begin = begin != FB_NS_NONE;
	options.filter.begin = begin;
	options.filter.has_end = end != FB_NS_NONE;
	options.filter.end = end;
	waits = run_part(events, &options);
	skipped = skips ? count_skipped(events, &options) : g_strdup("");
	asked_clear(&asked);
	return g_strconcat(waits, skipped, NULL);
}

/* ---- paths, calls, packets ---------------------------------------------------------------- */

static char *render_path(const char *events, char **args)
{
	fb_ns begin = FB_NS_NONE, end = FB_NS_NONE;

	if (!args[0])
		fail_msg("path: expected a tid");
	if (args[1])
		take_span(args[1], &begin, &end);
	assert_tiles_wherever_cut(events);
	return path_text(events, number_of(args[0]), begin, end);
}

static char *render_calls(const char *events, char **args)
{
	if (*args)
		fail_msg("calls: '%s': expected nothing", *args);
	assert_calls_wherever_cut(events);
	return calls_text(events);
}

static char *render_ready(const char *events, char **args)
{
	fb_ns least = args[0] && value_of(args[0], "min") ? number_of(value_of(args[0], "min")) : 0;

	if (args[0] && (!value_of(args[0], "min") || args[1]))
		fail_msg("ready: '%s': expected min=", args[0]);
	assert_ready_sums_wherever_cut(events);
	return ready_text(events, least);
}

static char *render_packets(const char *events, char **args)
{
	g_autofree char *text = NULL, *named = NULL;
	struct packets_counts counts;
	const char *names = "";
	unsigned room = 0;

	for (; *args; args++)
		if (value_of(*args, "room"))
			room = number_of(value_of(*args, "room"));
		else if (value_of(*args, "counts"))
			names = value_of(*args, "counts");
		else
			fail_msg("packets: '%s': expected room= or counts=", *args);
	counts = play_text(events, room, &text);
	named = packets_counts_text(&counts, names);
	return g_strconcat(text, named, NULL);
}

/* ---- reports ------------------------------------------------------------------------------ */

/* jsonl's first and last line tell of the recording. */
static char *without_ends(char *jsonl)
{
	g_auto(GStrv) lines = g_strsplit(jsonl, "\n", -1);
	GString *rows = g_string_new(NULL);

	for (char **line = lines + 1; line[0] && line[1] && *line[1]; line++)
		g_string_append_printf(rows, "%s\n", *line);
	g_free(jsonl);
	return g_string_free(rows, FALSE);
}

static char *render_report(const char *events, char **args)
{
	const char *command = args[0] ? args[0] : "", *format = "csv";
	GPtrArray *given = g_ptr_array_new();
	struct asked asked;
	char *report;

	asked_init(&asked);
	for (char **arg = args + 1; *args && *arg; arg++)
		if (!strchr(*arg, '='))
			format = *arg;
		else if (!asked_take(&asked, *arg))
			g_ptr_array_add(given, *arg);
	g_ptr_array_add(given, NULL);
	if (!strcmp(command, "bottleneck"))
		assert_all_is_given_away_wherever_cut(events);
	report = scenario_report(events, command, format, (char **)given->pdata, &asked.filter);
	g_ptr_array_free(given, TRUE);
	asked_clear(&asked);
	return strcmp(format, "jsonl") ? report : without_ends(report);
}

/* ---- all of them -------------------------------------------------------------------------- */

static const struct view {
	const char *name;
	char *(*render)(const char *events, char **args);
} views[] = {
	{ "waits", render_waits },
	{ "part", render_part },
	{ "path", render_path },
	{ "calls", render_calls },
	{ "ready", render_ready },
	{ "packets", render_packets },
	{ "report", render_report },
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
