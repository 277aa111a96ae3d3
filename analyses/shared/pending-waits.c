/* SPDX-License-Identifier: MIT */
/* pending-waits.c - waits by process, and when their paths are told after all. */
#include "analyses/shared/follow.h"
#include "analyses/shared/pending-waits.h"
#include "base/groups.h"

/* What short recordings may take in any case. */
#define EFFORT_LEAST UINT64_C(1000)

enum { PIECES_MOST = 1 << 18 }; /* some 10 MiB, before all are told and forgotten */

/* Number 0 is none. */
struct pending_wait {
	uint32_t path;
	uint32_t next; /* of the same process */
};

struct pending_process {
	int64_t id;           /* the key */
	uint32_t first, last; /* waits not told yet, in the order in which they came; 0: there are none */
	fb_ns most;           /* what was run in them, at most */
	fb_ns ran;            /* … and in those told before, on its behalf */
};

struct pending_waits {
	struct fb_history *history;
	struct cpu_tree *tree;
	struct kept_paths *paths;
	GArray *waits;            /* struct pending_wait */
	struct groups *processes; /* struct pending_process */
	int32_t process;          /* whose wait comes */
	uint64_t effort;
	uint64_t left_out;
	fb_ns left_out_asleep;
};

static struct pending_wait *wait_at(const struct pending_waits *p, uint32_t number)
{
	return &g_array_index(p->waits, struct pending_wait, number);
}

/* ---- their paths are told ----------------------------------------------------------------- */

static bool is_too_much(const struct pending_waits *p, uint64_t effort)
{
	uint64_t told = kept_paths_told(p->paths);

	return told > EFFORT_LEAST && told / effort > fb_history_counts(p->history)->records;
}

static void settle(struct pending_waits *p, struct pending_process *process, uint64_t effort)
{
	fb_ns before = cpu_tree_ran(p->tree);

	cpu_tree_begin(p->tree, (int32_t)process->id);
	for (uint32_t i = process->first; i; i = wait_at(p, i)->next) {
		if (is_too_much(p, effort)) {
			p->left_out++;
			p->left_out_asleep += kept_paths_duration(p->paths, wait_at(p, i)->path);
		} else {
			kept_paths_tell(p->paths, wait_at(p, i)->path, &cpu_tree_funcs, p->tree);
		}
	}
	process->first = 0;
	process->most = 0;
	process->ran += cpu_tree_ran(p->tree) - before;
}

static int compare_most(const void *a, const void *b)
{
	const struct pending_process *x = a, *y = b;
	fb_ns mine = x->most + x->ran, other = y->most + y->ran;

	return mine == other ? 0 : mine > other ? -1 : 1;
}

static void settle_all(struct pending_waits *p)
{
	g_autoptr(GPtrArray) processes = groups_sorted(p->processes, compare_most);

	for (guint i = 0; i < processes->len; i++)
		settle(p, g_ptr_array_index(processes, i), p->effort);
	g_array_set_size(p->waits, 1);
	kept_paths_forget(p->paths);
}

/* ---- one comes ---------------------------------------------------------------------------- */

/* Waits come in the order in which they end, so while one is held back they come late. */
static bool is_held_back(const struct pending_waits *p, const struct fb_blocking *b)
{
	fb_ns begin, now;

	return !fb_history_life(p->history, b->task, &begin, &now) || b->end == FB_NS_NONE ||
	       now > b->end;
}

struct kept_paths *pending_waits_begin(struct pending_waits *p, const struct fb_blocking *b)
{
	if (kept_paths_n(p->paths) > PIECES_MOST) {
		settle_all(p);
		if (!is_held_back(p, b))
			cpu_tree_may_forget(p->tree);
	}
	p->process = fb_task_process(b->task);
	return p->paths;
}

void pending_waits_end(struct pending_waits *p)
{
	const struct pending_wait wait = { .path = kept_paths_end(p->paths) };
	struct pending_process *process;

	if (wait.path == NO_PATH)
		return;
	process = groups_get(p->processes, &(const int64_t){ p->process }, sizeof(process->id));
	g_array_append_val(p->waits, wait);
	if (process->first)
		wait_at(p, process->last)->next = p->waits->len - 1;
	else
		process->first = p->waits->len - 1;
	process->last = p->waits->len - 1;
	process->most += kept_paths_ran(p->paths, wait.path);
}

/* ---- what there is in the end ------------------------------------------------------------- */

fb_ns pending_waits_most(const struct pending_waits *p, int32_t process)
{
	const struct pending_process *known =
		groups_find(p->processes, &(const int64_t){ process });

	return known ? known->most + known->ran : 0;
}

fb_ns pending_waits_settle(struct pending_waits *p, int32_t process)
{
	struct pending_process *known = groups_find(p->processes, &(const int64_t){ process });

	if (!known)
		return 0;
	settle(p, known, FOLLOW_EFFORT);
	return known->ran;
}

uint64_t pending_waits_left_out(const struct pending_waits *p, fb_ns *asleep)
{
	*asleep = p->left_out_asleep;
	return p->left_out;
}

struct pending_waits *pending_waits_new(struct fb_history *h, struct cpu_tree *t, uint64_t effort)
{
	struct pending_waits *p = g_new0(struct pending_waits, 1);

	p->history = h;
	p->tree = t;
	p->effort = effort;
	p->paths = kept_paths_new(h);
	p->waits = g_array_new(FALSE, TRUE, sizeof(struct pending_wait));
	g_array_set_size(p->waits, 1);
	p->processes = groups_new(sizeof(struct pending_process), sizeof(int64_t), NULL);
	return p;
}

void pending_waits_free(struct pending_waits *p)
{
	if (!p)
		return;
	kept_paths_free(p->paths);
	g_array_free(p->waits, TRUE);
	groups_free(p->processes);
	g_free(p);
}
