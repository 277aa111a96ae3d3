/* SPDX-License-Identifier: MIT */
/* dump.c - `flightbox dump`: kernel events as text, the language of the tests. */
#include <flightbox/dump.h>

#include "cli/cli.h"
#include "base/glob.h"
#include "base/nearest.h"
#include "base/out.h"
#include "run/option.h"

struct dump {
	struct asked asked;
	struct input in;
	struct output out;
	GPtrArray *kinds_given;    /* globs */
	bool *met;                 /* of each: an event has such a name */
	GHashTable *names;         /* of events, where kinds are given */
	bool by_task;              /* some tasks only: who runs must be known */
	struct fb_kernel *kernel;
	struct out text;
	struct progress progress;
};

const struct fb_option dump_options[] = {
	{ "kind", "Only events whose name matches, such as 'sched_*'",
	  offsetof(struct dump, kinds_given), FB_OPTION_TEXTS, "GLOB" },
	{ NULL },
};

static bool matches_kind(struct dump *d, const struct fb_event *ev)
{
	char name[128];
	bool matches = false;

	if (!d->kinds_given->len)
		return true;
	fb_event_name(ev, name, sizeof(name));
	if (!g_hash_table_contains(d->names, name))
		g_hash_table_add(d->names, g_strdup(name));
	for (guint i = 0; i < d->kinds_given->len; i++) {
		if (!glob_matches(d->kinds_given->pdata[i], name))
			continue;
		d->met[i] = true;
		matches = true;
	}
	return matches;
}

static bool is_selected(const struct dump *d, int32_t tid)
{
	const struct fb_filter *f = &d->asked.query.filter;
	const struct fb_task *task = fb_kernel_find_task(d->kernel, tid);

	for (size_t i = 0; i < f->n_tids; i++)
		if (f->tids[i] == tid)
			return true;
	for (size_t i = 0; i < f->n_pids; i++)
		if (f->pids[i] == tid || (task && f->pids[i] == task->pid))
			return true;
	return false;
}

/* Whether the event is about such a task, whoever runs. */
static bool names_selected(const struct dump *d, const struct fb_event *ev)
{
	switch (ev->kind) {
	case FB_EV_SWITCH:
		return is_selected(d, ev->sched_switch.prev_tid) ||
		       is_selected(d, ev->sched_switch.next_tid);
	case FB_EV_WAKING:
	case FB_EV_WAKEUP:
	case FB_EV_WAKEUP_NEW:
	case FB_EV_EXIT:
	case FB_EV_FREE:
		return is_selected(d, ev->sched.tid);
	case FB_EV_FORK:
		return is_selected(d, ev->fork.parent_tid) || is_selected(d, ev->fork.child_tid);
	case FB_EV_EXEC:
		return is_selected(d, ev->exec.tid) || is_selected(d, ev->exec.old_tid);
	case FB_EV_SIGNAL_GENERATE:
		return is_selected(d, ev->signal.tid);
	case FB_EV_BLOCK_ISSUE:
		return is_selected(d, ev->block.tid);
	case FB_EV_TASK_STATE:
		return is_selected(d, ev->task_state.tid);
	default:
		return false;
	}
}

static bool matches_task(const struct dump *d, const struct fb_event *ev)
{
	const struct fb_task *current;

	if (!d->by_task)
		return true;
	current = fb_kernel_current(d->kernel, ev->cpu);
	return (current && is_selected(d, current->tid)) || names_selected(d, ev);
}

static bool matches_time(const struct dump *d, fb_ns time)
{
	const struct fb_filter *f = &d->asked.query.filter;

	return (!f->has_begin || time >= f->begin) && (!f->has_end || time <= f->end);
}

static void dump_event(struct dump *d, const struct fb_event *ev, GString *line)
{
	if (matches_time(d, ev->time) && matches_kind(d, ev) && matches_task(d, ev)) {
		g_string_truncate(line, 0);
		fb_event_text(line, d->in.source, ev);
		g_string_append_c(line, '\n');
		out_bytes(&d->text, line->str, line->len);
	}
	if (d->by_task)
		fb_kernel_event(d->kernel, ev);
}

static bool is_past_end(const struct dump *d, const struct fb_batch *batch)
{
	return d->asked.query.filter.has_end && batch->events[0].time > d->asked.query.filter.end;
}

static bool dump_events(struct dump *d, GError **error)
{
	struct fb_source *source = d->in.source;
	GString *line = g_string_new(NULL);
	struct fb_batch batch;
	bool ok;

	/* Who runs at --begin the events before it tell. */
	if (d->asked.query.filter.has_begin && !d->by_task)
		fb_source_skip(source, d->asked.query.filter.begin);
	while ((ok = fb_source_next(source, &batch, error)) && batch.n) {
		if (d->text.failed || is_past_end(d, &batch))
			break;
		for (size_t i = 0; i < batch.n; i++)
			dump_event(d, &batch.events[i], line);
		progress_update(&d->progress, source->ops->progress(source));
	}
	g_string_free(line, TRUE);
	return ok;
}

static void save_text(void *text)
{
	out_save(text);
}

/* Of a part of the trace in which nothing happened nobody can say what there is. */
static int complain_of_kinds(const struct dump *d)
{
	int status = STATUS_DONE;

	for (guint i = 0; i < d->kinds_given->len && g_hash_table_size(d->names); i++) {
		const char *glob = d->kinds_given->pdata[i];
		g_autofree char *nearest = NULL;

		if (d->met[i])
			continue;
		nearest = nearest_names(d->names, glob);
		complain("--kind %s: no event that was read is called that%s", glob, nearest);
		status = STATUS_USAGE;
	}
	return status;
}

static int dump(struct dump *d)
{
	const struct fb_source_options options = {
		.kinds = FB_KINDS_ALL, .begin = FB_NS_NONE, .end = FB_NS_NONE,
	};
	const struct fb_kernel_options kernel_options = { 0 };
	struct fb_outcome read = { .part = { FB_NS_NONE, FB_NS_NONE } };
	GError *error = NULL;
	int status, worse;

	if (!input_open(&d->in, &d->out, &d->asked, &options, &status))
		return status;
	if (d->asked.not_a_pid)
		return complain_of_pids(d->asked.not_a_pid, d->in.source, false);
	if (!asked_times(&d->asked, &d->in.source->info))
		return STATUS_USAGE;
	if (!output_open(&d->out))
		return STATUS_TRACE;
	d->met = g_new0(bool, d->kinds_given->len);
	d->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	out_init(&d->text, d->out.fd);
	memory_save(save_text, &d->text);
	d->by_task = d->asked.query.pids->len || d->asked.query.tids->len;
	d->kernel = read.kernel = fb_kernel_new(d->in.source, &kernel_options, NULL, NULL);
	progress_init(&d->progress, &d->in, output_is_terminal(&d->out));
	if (!dump_events(d, &error))
		status = fail(error);
	else
		status = STATUS_DONE;
	progress_clear(&d->progress);
	out_flush(&d->text);
	if (d->text.failed) {
		complain("cannot write the events: %s", g_strerror(d->text.failed));
		status = STATUS_TRACE;
	}
	worse = input_problems(&d->in);
	if (!status)
		status = worse;
	if (!status)
		status = complain_of_times(&d->asked.query, &d->in.source->info, &read.part);
	/* Cut off at --end, the model need not have seen all tasks. */
	if (!status && !d->asked.query.filter.has_end)
		status = complain_of_unknown(&d->asked.query, &read, true);
	return status ? status : complain_of_kinds(d);
}

int run_dump(const struct command *command, int argc, char **argv)
{
	struct dump d = { .out = { .query = &d.asked.query, .fd = -1 } };
	int status;

	options_init(dump_options, &d);
	asked_init(&d.asked, command, &d);
	if (asked_parse(&d.asked, argc, argv, &status))
		status = dump(&d);
	memory_save(NULL, NULL);
	out_clear(&d.text);
	fb_kernel_free(d.kernel);
	g_free(d.met);
	g_clear_pointer(&d.names, g_hash_table_destroy);
	input_clear(&d.in);
	output_clear(&d.out);
	asked_clear(&d.asked);
	options_clear(dump_options, &d);
	return status;
}
