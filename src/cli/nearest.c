/* SPDX-License-Identifier: MIT */
/* nearest.c - a task that the trace does not have: what may have been meant. */
#include <stdlib.h>

#include "cli/cli.h"

#define NEAREST 3 /* how many to name */

struct process {
	int32_t pid;
	const char *name;    /* of its first thread where that is known; or NULL */
	int64_t distance;    /* of its pid from the wanted one */
};

struct collection {
	GHashTable *by_pid;  /* pid -> struct process */
	const char *name;    /* only processes of this name; NULL: all */
};

static bool has_name(const struct fb_task *task, const char *name)
{
	const char *base = task->exe ? strrchr(task->exe, '/') : NULL;

	return !g_strcmp0(task->comm, name) ||
	       (task->exe && !strcmp(base ? base + 1 : task->exe, name));
}

static void collect(const struct fb_task *task, void *data)
{
	struct collection *all = data;
	struct process *process;

	if (task->pid <= 0 || (all->name && !has_name(task, all->name)))
		return;
	process = g_hash_table_lookup(all->by_pid, GINT_TO_POINTER(task->pid));
	if (!process) {
		process = g_new0(struct process, 1);
		process->pid = task->pid;
		g_hash_table_insert(all->by_pid, GINT_TO_POINTER(task->pid), process);
	}
	if (!process->name || task->tid == task->pid)
		process->name = task->comm;
}

static int compare_processes(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/* "nc.openbsd 502, nc.openbsd 504": the nearest of the collection, or all when `most` is 0. */
static char *list_processes(struct collection *all, int32_t wanted, int most)
{
	g_autoptr(GList) sorted = g_hash_table_get_values(all->by_pid);
	GString *to = g_string_new(NULL);
	int n = 0;

	for (GList *at = sorted; at; at = at->next) {
		struct process *process = at->data;

		process->distance = most ? llabs((int64_t)process->pid - wanted) : 0;
	}
	sorted = g_list_sort(sorted, compare_processes);
	for (GList *at = sorted; at && (!most || n < most); at = at->next, n++) {
		const struct process *process = at->data;

		if (n)
			g_string_append(to, ", ");
		if (most && process->name)
			g_string_append_printf(to, "%s ", process->name);
		g_string_append_printf(to, "%d", process->pid);
	}
	return g_string_free(to, FALSE);
}

static void tell_unknown_pid(int32_t pid, struct collection *all, const struct fb_kernel *kernel,
			     const char *where)
{
	const struct fb_task *task = fb_kernel_find_task(kernel, pid);
	g_autofree char *nearest = list_processes(all, pid, NEAREST);

	if (task && task->pid > 0)
		complain("--pid %d: a thread of process %d; --tid %d selects it alone", pid,
			 task->pid, pid);
	else if (task)
		complain("--pid %d: %s does not tell which threads belong to it; "
			 "--tid %d selects thread %d",
			 pid, where, pid, pid);
	else
		complain("no process %d in %s%s%s", pid, where, *nearest ? "; nearest: " : "",
			 nearest);
}

int tell_unknown_tasks(const struct query *q, const struct fb_kernel *kernel, bool all_was_read)
{
	const char *where = all_was_read ? "the trace" : "the part of the trace that was read";
	struct collection all = {
		.by_pid = g_hash_table_new_full(NULL, NULL, NULL, g_free),
	};
	int status = STATUS_DONE;

	fb_kernel_each_task(kernel, collect, &all);
	for (guint i = 0; i < q->pids->len; i++) {
		int32_t pid = g_array_index(q->pids, int32_t, i);

		if (g_hash_table_contains(all.by_pid, GINT_TO_POINTER(pid)))
			continue;
		tell_unknown_pid(pid, &all, kernel, where);
		status = STATUS_USAGE;
	}
	for (guint i = 0; i < q->tids->len; i++) {
		int32_t tid = g_array_index(q->tids, int32_t, i);
		g_autofree char *nearest = NULL;

		if (fb_kernel_find_task(kernel, tid))
			continue;
		nearest = list_processes(&all, tid, NEAREST);
		complain("no thread %d in %s%s%s", tid, where,
			 *nearest ? "; nearest processes: " : "", nearest);
		status = STATUS_USAGE;
	}
	g_hash_table_destroy(all.by_pid);
	return status;
}

int tell_pids_of(const char *name, struct fb_source *source, bool has_comm)
{
	struct collection all = {
		.by_pid = g_hash_table_new_full(NULL, NULL, NULL, g_free),
		.name = name,
	};
	const struct fb_kernel_options options = { 0 };
	struct fb_kernel *kernel = fb_kernel_new(source, &options, NULL, NULL);
	g_autofree char *pids = NULL;
	GError *error = NULL;
	struct fb_batch batch;

	while (fb_source_next(source, &batch, &error) && batch.n)
		for (size_t i = 0; i < batch.n; i++)
			fb_kernel_event(kernel, &batch.events[i]);
	fb_kernel_finish(kernel);
	g_clear_error(&error);
	fb_kernel_each_task(kernel, collect, &all);
	pids = list_processes(&all, 0, 0);
	if (*pids)
		complain("--pid %s: expected a number: %s runs as %s%s%s%s", name, name, pids,
			 has_comm ? "; --comm " : "", has_comm ? name : "",
			 has_comm ? " selects by name" : "");
	else
		complain("--pid %s: expected a number, and no process in the trace has that name",
			 name);
	fb_kernel_free(kernel);
	g_hash_table_destroy(all.by_pid);
	return STATUS_USAGE;
}
