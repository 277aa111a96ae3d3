/* SPDX-License-Identifier: MIT */
/* dump.c - `flightbox dump`: kernel events as text, the language of the tests. */
#include <flightbox/dump.h>

#include "cli/cli.h"
#include "base/glob.h"
#include "base/out.h"

struct dump {
	const struct command *command;
	struct input in;
	struct output out;
	struct select select;
	char **kinds_given;
	bool kinds[FB_EV_KINDS];
	bool by_task;              /* some tasks only: who runs must be known */
	struct fb_kernel *kernel;
	struct out text;
	struct progress progress;
};

static bool parse(struct dump *d, int argc, char **argv, int *status)
{
	GOptionContext *context = command_options_new(d->command);
	const GOptionEntry entries[] = {
		{ "kind", 0, 0, G_OPTION_ARG_STRING_ARRAY, &d->kinds_given,
		  "Only events whose name matches, such as 'sched_*'", "GLOB" },
		G_OPTION_ENTRY_NULL,
	};

	add_select(context, &d->select);
	g_option_context_add_main_entries(context, entries, NULL);
	add_output_file(context, &d->out);
	add_input(context, &d->in);
	if (!command_options_parse(context, d->command, argc, argv, status))
		return false;
	*status = STATUS_USAGE;
	return select_check(&d->select);
}

static bool matches_kind(const struct dump *d, const struct fb_event *ev)
{
	char name[128];

	if (!d->kinds_given)
		return true;
	fb_event_name(ev, name, sizeof(name));
	for (char **glob = d->kinds_given; *glob; glob++)
		if (glob_matches(*glob, name))
			return true;
	return false;
}

static bool is_selected(const struct dump *d, int32_t tid)
{
	const struct fb_filter *f = &d->select.filter;
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
	const struct fb_filter *f = &d->select.filter;

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
	return d->select.filter.has_end && batch->events[0].time > d->select.filter.end;
}

static bool dump_events(struct dump *d, GError **error)
{
	struct fb_source *source = d->in.source;
	GString *line = g_string_new(NULL);
	struct fb_batch batch;
	bool ok;

	/* Who runs at --begin the events before it tell. */
	if (d->select.filter.has_begin && !d->by_task)
		fb_source_skip(source, d->select.filter.begin);
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

static int dump(struct dump *d)
{
	const struct fb_source_options options = {
		.kinds = FB_KINDS_ALL, .begin = FB_NS_NONE, .end = FB_NS_NONE,
	};
	const struct fb_kernel_options kernel_options = { 0 };
	GError *error = NULL;
	int status, worse;

	if (!input_open(&d->in, &d->out, d->command, &options, &status))
		return status;
	if (d->select.not_a_pid)
		return tell_pids_of(d->select.not_a_pid, d->in.source, false);
	if (!select_times(&d->select, FB_TIME_MONOTONIC, &d->in.source->info))
		return STATUS_USAGE;
	if (!output_open(&d->out))
		return STATUS_TRACE;
	out_init(&d->text, d->out.fd);
	memory_save(save_text, &d->text);
	d->by_task = d->select.pids->len || d->select.tids->len;
	d->kernel = fb_kernel_new(d->in.source, &kernel_options, NULL, NULL);
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
	/* Cut off at --end, the model need not have seen all tasks. */
	if (!status && !d->select.filter.has_end)
		status = tell_unknown_tasks(&d->select, d->kernel, true);
	return status;
}

int run_dump(const struct command *command, int argc, char **argv)
{
	struct dump d = { .command = command };
	int status;

	if (parse(&d, argc, argv, &status))
		status = dump(&d);
	memory_save(NULL, NULL);
	out_clear(&d.text);
	fb_kernel_free(d.kernel);
	g_strfreev(d.kinds_given);
	input_clear(&d.in);
	output_clear(&d.out);
	select_clear(&d.select);
	return status;
}
