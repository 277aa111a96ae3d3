/* SPDX-License-Identifier: MIT */
/*
 * dependency.c - CPU time that others spent on behalf of a process during its waits, as a tree.
 * See docs/dependency.md.
 */
#include <flightbox/analysis.h>
#include <flightbox/run.h>

#include "analyses/shared/cpu-tree.h"
#include "analyses/shared/follow.h"
#include "analyses/shared/path.h"
#include "analyses/shared/pending-waits.h"
#include "base/groups.h"

struct dependency {
	int top;  /* options */
	uint64_t size;
	struct fb_filter filter;
	struct fb_report *report;
	struct fb_history *history;
	struct cpu_tree *tree;
	struct pending_waits *pending;
	struct follow follow;
	GHashTable *waiting;    /* processes with waits that are asked for; */
	GHashTable *bystanders; /* … with others. Who has only those heads no tree */
	GHashTable *tasks;      /* tid -> the living, or else the latest, task */
	GHashTable *names;      /* process -> comm of the first thread of which anything is known */
};

/* One of the processes asked for. */
struct asked_process {
	int32_t id;
	fb_ns self, sub; /* `sub`: at most, until it is settled */
	uint32_t root;   /* NO_NODE until then */
};

/* A node of the tree as it is shown. */
struct dependency_row {
	int32_t root, process, parent; /* PROCESS_OTHERS: what is too little to be named */
	uint32_t depth;
	const char *comm;              /* see comm_of() */
	fb_ns self, sub, total;
};

static struct fb_cell get_parent(struct fb_report *r, const void *row)
{
	const struct dependency_row *n = row;

	(void)r;
	return n->depth ? FB_INT(n->parent) : FB_NULL;
}

static struct fb_cell get_process(struct fb_report *r, const void *row)
{
	const struct dependency_row *n = row;

	(void)r;
	return n->process > 0 ? FB_INT(n->process) : FB_NULL;
}

static struct fb_cell get_indented(struct fb_report *r, const void *row)
{
	const struct dependency_row *n = row;
	GString *to = fb_report_scratch(r);

	for (uint32_t i = 0; i < MIN(n->depth, 20); i++)
		g_string_append(to, "  ");
	if (n->process > 0)
		g_string_append_printf(to, "%s%s[%d]", n->comm ? n->comm : "", n->comm ? " " : "",
				       n->process);
	else
		g_string_append(to, "others");
	return FB_TEXT(to->str);
}

static const struct fb_table people = {
	.columns = {
		{ .heading = "Self (ms)", FB_DURATION_OF(struct dependency_row, self) },
		{ .heading = "Sub (ms)", FB_DURATION_OF(struct dependency_row, sub) },
		{ .heading = "Total (ms)", FB_DURATION_OF(struct dependency_row, total) },
		{ .heading = "Process", FB_BY(TEXT, get_indented) },
	},
};

static const struct fb_table programs = {
	.type = "dependency",
	.columns = {
		{ .key = "root", FB_INT_OF(struct dependency_row, root) },
		{ .key = "parent", FB_BY(INT, get_parent) },
		{ .key = "depth", FB_UINT_OF(struct dependency_row, depth) },
		{ .key = "pid", FB_BY(INT, get_process) },
		{ .key = "comm", FB_TEXT_OF(struct dependency_row, comm) },
		{ .key = "self", FB_DURATION_OF(struct dependency_row, self) },
		{ .key = "sub", FB_DURATION_OF(struct dependency_row, sub) },
		{ .key = "total", FB_DURATION_OF(struct dependency_row, total) },
	},
};

static void dependency_blocking(void *self, const struct fb_blocking *b)
{
	struct dependency *a = self;

	fb_report_wait(a->report, b);
	g_hash_table_add(a->waiting, GINT_TO_POINTER(fb_task_process(b->task)));
	a->follow.data = pending_waits_begin(a->pending, b);
	follow_wait(&a->follow, b);
	pending_waits_end(a->pending);
}

static void dependency_bystander(void *self, const struct fb_blocking *b)
{
	struct dependency *a = self;

	g_hash_table_add(a->bystanders, GINT_TO_POINTER(fb_task_process(b->task)));
}

/* ---- sums ------------------------------------------------------------------------------- */

/* What all below each node ran. Children have higher numbers than their parents. */
static fb_ns *sums_below(const struct cpu_node *nodes, uint32_t n)
{
	fb_ns *sub = g_new0(fb_ns, n);

	for (uint32_t i = n - 1; i > 0; i--)
		if (nodes[i].parent != NO_NODE)
			sub[nodes[i].parent] += nodes[i].self + sub[i];
	return sub;
}

struct gathering {
	const struct dependency *a;
	GHashTable *by_id; /* process -> its place in the array + 1 */
	GArray *processes; /* struct asked_process */
};

static bool is_wanted(const struct dependency *a, const struct fb_task *task)
{
	gconstpointer id = GINT_TO_POINTER(fb_task_process(task));
	const struct fb_blocking b = { .task = task, .comm = task->comm, .exe = task->exe,
				       .begin = FB_NS_NONE, .end = FB_NS_NONE };

	if (g_hash_table_contains(a->bystanders, id) && !g_hash_table_contains(a->waiting, id))
		return false;
	return fb_filter_matches(&a->filter, &b);
}

static void add_tid(const struct dependency *a, const struct fb_task *task)
{
	gpointer tid = GINT_TO_POINTER(task->tid);
	const struct fb_task *other = g_hash_table_lookup(a->tasks, tid);

	if (!other || task->generation >= other->generation)
		g_hash_table_insert(a->tasks, tid, (gpointer)task);
}

static void add_task(const struct fb_task *task, const struct fb_account *account, void *data)
{
	struct gathering *g = data;
	struct asked_process process = { .id = fb_task_process(task) };
	guint place;

	if (task->tid <= 0)
		return;
	add_tid(g->a, task);
	if (task->comm && !g_hash_table_contains(g->a->names, GINT_TO_POINTER(process.id)))
		g_hash_table_insert(g->a->names, GINT_TO_POINTER(process.id), (char *)task->comm);
	if (!is_wanted(g->a, task))
		return;
	place = GPOINTER_TO_UINT(g_hash_table_lookup(g->by_id, GINT_TO_POINTER(process.id)));
	if (!place) {
		process.sub = pending_waits_most(g->a->pending, process.id);
		g_array_append_val(g->processes, process);
		place = g->processes->len;
		g_hash_table_insert(g->by_id, GINT_TO_POINTER(process.id), GUINT_TO_POINTER(place));
	}
	g_array_index(g->processes, struct asked_process, place - 1).self += account->ran;
}

static int compare_processes(const void *a, const void *b)
{
	const struct asked_process *x = a, *y = b;
	fb_ns mine = x->self + x->sub, other = y->self + y->sub;

	if (mine != other)
		return mine > other ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* ---- the report ------------------------------------------------------------------------- */

struct drawing {
	struct dependency *a;
	struct fb_report *report;
	const struct cpu_node *nodes;
	const fb_ns *sub;
	const struct asked_process *of;
};

/* Of the process' first thread, or, where nothing is known of that, of another; or NULL. */
static const char *comm_of(const struct dependency *a, int32_t process)
{
	const struct fb_task *task = g_hash_table_lookup(a->tasks, GINT_TO_POINTER(process));

	return task && task->comm ? task->comm :
				    g_hash_table_lookup(a->names, GINT_TO_POINTER(process));
}

static void report_row(const struct drawing *d, int32_t process, int32_t parent, uint32_t depth,
		       fb_ns self, fb_ns sub)
{
	const struct dependency_row row = {
		.root = d->of->id, .process = process, .parent = parent, .depth = depth,
		.comm = comm_of(d->a, process), .self = self, .sub = sub, .total = self + sub };

	fb_report_row(d->report, &row);
}

static gint compare_nodes(gconstpointer a, gconstpointer b, gpointer data)
{
	const struct drawing *d = data;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	fb_ns mine = d->nodes[x].self + d->sub[x], other = d->nodes[y].self + d->sub[y];

	if (mine != other)
		return mine > other ? -1 : 1;
	return d->nodes[x].process < d->nodes[y].process ? -1 :
	       d->nodes[x].process > d->nodes[y].process;
}

/* For people only what is a hundredth of all, the rest in one line. */
static bool is_named(const struct drawing *d, uint32_t node)
{
	fb_ns total = d->nodes[node].self + d->sub[node];

	return total && (!fb_report_for_people(d->report) || total >= d->of->sub / 100);
}

static void report_below(const struct drawing *d, uint32_t node, uint32_t depth)
{
	g_autoptr(GArray) children = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	fb_ns self = 0, sub = 0;

	for (uint32_t i = d->nodes[node].child; i != NO_NODE; i = d->nodes[i].next)
		g_array_append_val(children, i);
	g_array_sort_with_data(children, compare_nodes, (gpointer)d);
	for (guint i = 0; i < children->len; i++) {
		uint32_t child = g_array_index(children, uint32_t, i);

		if (is_named(d, child)) {
			report_row(d, d->nodes[child].process, d->nodes[node].process, depth,
				   d->nodes[child].self, d->sub[child]);
			report_below(d, child, depth + 1);
		} else {
			self += d->nodes[child].self;
			sub += d->sub[child];
		}
	}
	if (self + sub)
		report_row(d, PROCESS_OTHERS, d->nodes[node].process, depth, self, sub);
}

static void report_process(const struct drawing *d)
{
	report_row(d, d->of->id, 0, 0, d->of->self, d->of->sub);
	if (d->of->root != NO_NODE)
		report_below(d, d->of->root, 1);
}

/*
 * The first of all processes with their trees. `candidates` may have less below them than is
 * known of them yet: they are settled from the largest on until the others cannot be among the first.
 */
static GPtrArray *settle_first(struct dependency *a, GArray *candidates)
{
	GPtrArray *first = g_ptr_array_new();

	g_array_sort(candidates, compare_processes);
	for (guint i = 0; i < candidates->len; i++) {
		struct asked_process *p = &g_array_index(candidates, struct asked_process, i);

		if (first->len == (guint)a->top &&
		    compare_processes(g_ptr_array_index(first, first->len - 1), p) < 0)
			break;
		p->sub = pending_waits_settle(a->pending, p->id);
		p->root = cpu_tree_root(a->tree, p->id);
		groups_keep_first(first, p, compare_processes, (guint)a->top);
	}
	return first;
}

static void report_cost(struct dependency *a, struct fb_report *r)
{
	fb_ns asleep;

	a->follow.not_followed += pending_waits_left_out(a->pending, &asleep);
	a->follow.not_followed_asleep += asleep;
	follow_cost(&a->follow, r);
}

static void dependency_report(void *self, struct fb_report *r)
{
	struct dependency *a = self;
	g_autoptr(GHashTable) by_id = g_hash_table_new(NULL, NULL);
	g_autoptr(GArray) processes = g_array_new(FALSE, FALSE, sizeof(struct asked_process));
	struct gathering gathering = { a, by_id, processes };
	g_autoptr(GPtrArray) first = NULL;
	uint32_t n;
	const struct cpu_node *nodes;
	g_autofree fb_ns *sub = NULL;

	fb_history_each_task(a->history, add_task, &gathering);
	first = settle_first(a, processes);
	nodes = cpu_tree_nodes(a->tree, &n);
	sub = sums_below(nodes, n);
	if (processes->len)
		fb_report_table(r, fb_report_for_people(r) ? &people : &programs,
				"CPU time of processes, and of those who ran on their behalf");
	for (guint i = 0; i < first->len; i++)
		report_process(&(struct drawing){ .a = a, .report = r, .nodes = nodes, .sub = sub,
						  .of = g_ptr_array_index(first, i) });
	if (processes->len > first->len)
		fb_report_note(r, "%u more processes are not shown (--top)",
			       processes->len - first->len);
	report_cost(a, r);
}

/* ---- the analysis ----------------------------------------------------------------------- */

static bool dependency_select(void *self, const struct fb_filter *filter, GError **error)
{
	struct dependency *a = self;

	(void)error;
	a->filter = *filter;
	a->filter.min_duration = 0; /* of tasks, there is no wait to measure */
	return true;
}

static void dependency_init(void *self, struct fb_report *report)
{
	struct dependency *a = self;
	const struct fb_filter *f = &a->filter;
	const struct fb_history_options options = {
		.size = a->size,
		.begin = f->has_begin ? f->begin : INT64_MIN,
		.end = f->has_end ? f->end : INT64_MAX,
	};

	a->report = report;
	a->history = fb_history_new(&options);
	a->tree = cpu_tree_new(a->history);
	a->pending = pending_waits_new(a->history, a->tree, PENDING_EFFORT);
	a->waiting = g_hash_table_new(NULL, NULL);
	a->bystanders = g_hash_table_new(NULL, NULL);
	a->tasks = g_hash_table_new(NULL, NULL);
	a->names = g_hash_table_new(NULL, NULL);
	a->follow = (struct follow){ .history = a->history, .funcs = &kept_paths_funcs,
				     .begin = options.begin, .end = options.end,
				     .effort = FOLLOW_EFFORT };
}

static size_t dependency_observe(void *self, struct fb_observer *observers)
{
	const struct dependency *a = self;

	observers[0] = fb_history_observer(a->history);
	return 1;
}

static void dependency_clear(void *self)
{
	struct dependency *a = self;

	if (!a->history)
		return;
	g_hash_table_unref(a->waiting);
	g_hash_table_unref(a->bystanders);
	g_hash_table_unref(a->tasks);
	g_hash_table_unref(a->names);
	pending_waits_free(a->pending);
	cpu_tree_free(a->tree);
	fb_history_free(a->history);
}

static const struct fb_option options[] = {
	{ "top", "How many processes, those with the largest totals (default 10)",
	  offsetof(struct dependency, top), FB_OPTION_INT, .arg = "N", .initial = 10, .min = 1,
	  .max = 100000 },
	{ "history", "How much of the past to keep in memory (default 192M)",
	  offsetof(struct dependency, size), FB_OPTION_SIZE, .arg = "SIZE",
	  .initial = FB_HISTORY_SIZE },
	{ NULL },
};

const struct fb_analysis fb_dependency_analysis = {
	.name = "dependency",
	.help = "CPU time that others spent on behalf of a process while it waited",
	.size = sizeof(struct dependency),
	.options = options,
	.no_bystanders = true,
	.select = dependency_select,
	.init = dependency_init,
	.observe = dependency_observe,
	.kinds = fb_history_kinds,
	.blocking = dependency_blocking,
	.bystander = dependency_bystander,
	.report = dependency_report,
	.clear = dependency_clear,
};
