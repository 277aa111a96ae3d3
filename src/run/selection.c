/* SPDX-License-Identifier: MIT */
/* selection.c - who was asked for, held against who is there. */
#include <stdlib.h>

#include "base/glob.h"
#include "base/nearest.h"
#include "run/selection.h"

struct task_search {
	const struct fb_filter *filter;
	const struct fb_kernel *kernel;
	const struct query_style *style;
	const char *where;       /* "the trace" */
	GHashTable *by_pid;      /* pid -> struct seen_process */
	GPtrArray *missing;      /* the sentences */
};

/* "--pid ", and what is wrong with it. */
static void miss(struct task_search *s, const char *option, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

static void miss(struct task_search *s, const char *option, const char *format, ...)
{
	g_autofree char *prefix = option ? g_strdup_printf(s->style->prefix, option) : g_strdup("");
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(s->missing, g_strconcat(prefix, what, NULL));
}

/* ---- numbers ---------------------------------------------------------------------------- */

struct seen_process {
	int32_t pid;
	const char *name;    /* of its first thread where that is known; or NULL */
	int64_t distance;    /* of its pid from the wanted one */
};

static void collect_process(const struct fb_task *task, void *by_pid)
{
	struct seen_process *process;

	if (task->pid <= 0)
		return;
	process = g_hash_table_lookup(by_pid, GINT_TO_POINTER(task->pid));
	if (!process) {
		process = g_new0(struct seen_process, 1);
		process->pid = task->pid;
		g_hash_table_insert(by_pid, GINT_TO_POINTER(task->pid), process);
	}
	if (!process->name || task->tid == task->pid)
		process->name = task->comm;
}

static int compare_processes(const void *a, const void *b)
{
	const struct seen_process *x = a, *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/* "; nearest: nc.openbsd 502, nc.openbsd 504", or nothing. */
static char *nearest_processes(const struct task_search *s, int32_t wanted, const char *before)
{
	g_autoptr(GList) sorted = g_hash_table_get_values(s->by_pid);
	GString *to = g_string_new(NULL);
	int n = 0;

	for (GList *at = sorted; at; at = at->next) {
		struct seen_process *process = at->data;

		process->distance = llabs((int64_t)process->pid - wanted);
	}
	sorted = g_list_sort(sorted, compare_processes);
	for (GList *at = sorted; at && n < NEAREST; at = at->next, n++) {
		const struct seen_process *process = at->data;

		g_string_append(to, n ? ", " : before);
		if (process->name)
			g_string_append_printf(to, "%s ", process->name);
		g_string_append_printf(to, "%d", process->pid);
	}
	return g_string_free(to, FALSE);
}

static void look_for_process(struct task_search *s, int32_t pid)
{
	const struct fb_task *task = fb_kernel_find_task(s->kernel, pid);
	g_autofree char *tid = g_strdup_printf(s->style->name, "tid");
	g_autofree char *nearest = NULL;

	if (g_hash_table_contains(s->by_pid, GINT_TO_POINTER(pid)))
		return;
	nearest = nearest_processes(s, pid, "; nearest: ");
	if (task && task->pid > 0)
		miss(s, "pid", "%d: a thread of process %d; %s %d selects it alone", pid, task->pid,
		     tid, pid);
	else if (task)
		miss(s, "pid", "%d: %s does not tell which threads belong to it; %s %d selects thread %d",
		     pid, s->where, tid, pid, pid);
	else
		miss(s, NULL, "no process %d in %s%s", pid, s->where, nearest);
}

static void look_for_thread(struct task_search *s, int32_t tid)
{
	g_autofree char *nearest = NULL;

	if (fb_kernel_find_task(s->kernel, tid))
		return;
	nearest = nearest_processes(s, tid, "; nearest processes: ");
	miss(s, NULL, "no thread %d in %s%s", tid, s->where, nearest);
}

/* ---- names ------------------------------------------------------------------------------ */

/* Every name of every task, and the base names of their programs. */
struct seen_names {
	GHashTable *seen; /* const char *, interned or part of such a text */
	const char *glob; /* whom to look for; */
	bool found;
};

static void collect_names(const struct fb_task *task, void *data)
{
	struct seen_names *names = data;
	const char *name;

	if (task->tid <= 0)
		return;
	names->found |= fb_task_is_called(task, names->glob);
	for (size_t i = 0; (name = fb_task_name(task, i)); i++)
		g_hash_table_add(names->seen, (char *)name);
	name = task->exe ? strrchr(task->exe, '/') : NULL;
	if (task->exe)
		g_hash_table_add(names->seen, (char *)(name ? name + 1 : task->exe));
}

static void look_for_name(struct task_search *s, const char *glob)
{
	struct seen_names names = { g_hash_table_new(g_str_hash, g_str_equal), glob, false };
	g_autofree char *nearest = NULL;

	fb_kernel_each_task(s->kernel, collect_names, &names);
	if (!names.found) {
		nearest = nearest_names(names.seen, glob);
		miss(s, "comm", "%s: no task in %s is called that%s", glob, s->where, nearest);
	}
	g_hash_table_destroy(names.seen);
}

static void look_for_names(struct task_search *s, const char *globs)
{
	for (;; globs++) {
		const char *end = glob_list_next(globs);
		g_autofree char *glob = g_strndup(globs, end - globs);

		look_for_name(s, glob);
		globs = end;
		if (!*globs)
			return;
	}
}

/* ---- all of them -------------------------------------------------------------------------- */

/* Each is there: but no task is all of it. */
static void look_for_all(struct task_search *s)
{
	const struct fb_filter *f = s->filter;
	const char *const options[] = { f->n_pids ? "pid" : NULL, f->n_tids ? "tid" : NULL,
					f->comm ? "comm" : NULL };
	g_autoptr(GString) given = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
		if (!options[i])
			continue;
		g_string_append(given, given->len ? " and " : "");
		g_string_append_printf(given, s->style->name, options[i]);
	}
	if (given->len && !fb_filter_tasks(f, s->kernel))
		miss(s, NULL, "no task in %s is of all that %s choose", s->where, given->str);
}

GPtrArray *selection_missing(const struct fb_filter *f, const struct fb_outcome *outcome,
			     const struct query_style *style, bool suffices)
{
	struct task_search s = {
		.filter = f,
		.kernel = outcome->kernel,
		.style = style,
		.where = fb_part_is_all(&outcome->part) ? "the trace" :
							  "the part of the trace that was read",
		.by_pid = g_hash_table_new_full(NULL, NULL, NULL, g_free),
		.missing = g_ptr_array_new_with_free_func(g_free),
	};

	fb_kernel_each_task(s.kernel, collect_process, s.by_pid);
	for (size_t i = 0; i < f->n_pids; i++)
		look_for_process(&s, f->pids[i]);
	for (size_t i = 0; i < f->n_tids; i++)
		look_for_thread(&s, f->tids[i]);
	if (f->comm)
		look_for_names(&s, f->comm);
	if (!s.missing->len && !suffices)
		look_for_all(&s);
	g_hash_table_destroy(s.by_pid);
	return s.missing;
}

/* ---- the processes of a name ---------------------------------------------------------------- */

struct of_name {
	const char *name;
	GArray *pids; /* int32_t */
};

static bool has_name(const struct fb_task *task, const char *name)
{
	const char *base = task->exe ? strrchr(task->exe, '/') : NULL;

	return !g_strcmp0(task->comm, name) ||
	       (task->exe && !strcmp(base ? base + 1 : task->exe, name));
}

static void collect_pid(const struct fb_task *task, void *data)
{
	struct of_name *of = data;

	if (task->pid > 0 && has_name(task, of->name))
		g_array_append_val(of->pids, task->pid);
}

static int compare_pids(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return x < y ? -1 : x > y;
}

char *selection_pids(const struct fb_kernel *kernel, const char *name)
{
	struct of_name of = { name, g_array_new(FALSE, FALSE, sizeof(int32_t)) };
	GString *to = g_string_new(NULL);
	int32_t last = 0;

	fb_kernel_each_task(kernel, collect_pid, &of);
	g_array_sort(of.pids, compare_pids);
	for (guint i = 0; i < of.pids->len; i++) {
		int32_t pid = g_array_index(of.pids, int32_t, i);

		if (pid != last)
			g_string_append_printf(to, "%s%d", last ? ", " : "", pid);
		last = pid;
	}
	g_array_unref(of.pids);
	return g_string_free(to, FALSE);
}
