/* SPDX-License-Identifier: MIT */
/* cpu-tree.c - running segments of paths become time of nodes, each nanosecond once. */
#include "analyses/shared/cpu-tree.h"
#include "analyses/shared/covered.h"
#include "base/groups.h"

enum { SPANS_LEAST = 1 << 16 }; /* before any are forgotten */

/* What ran on behalf of a process, of one task. */
struct served_time {
	struct service_key {
		int32_t process;
		uint32_t task;  /* its number */
	} key;
	struct covered covered;
};

/* A node by whom it is below. */
struct child {
	struct child_key {
		uint32_t parent;
		int32_t process;
	} key;
	uint32_t node;
};

/* A wait of the path being told, that is gone around. */
struct rung {
	const struct fb_task *task;
	uint32_t node;            /* NO_NODE: not looked for yet */
	/* Who ran last on its behalf, which is mostly the next one, too. */
	const struct fb_task *waker;
	uint32_t waker_node;
	struct covered *covered;
};

struct cpu_tree {
	struct fb_history *history;
	GArray *nodes;          /* struct cpu_node; the first is none */
	struct groups *children; /* struct child */
	GArray *chain;          /* numbers of nodes by level, from a root to the one asked about last */
	GHashTable *levels;     /* process -> 1 + its level when it was in the chain last */
	struct groups *services; /* struct served_time */
	GArray *rungs;          /* struct rung, by depth */
	int32_t process;        /* who waits */
	fb_ns ran;              /* of all nodes */
	uint64_t steps;         /* of the chain, written anew */
	uint64_t spans, spans_most; /* about how many there are, and how many there may be */
};

/* ---- nodes ------------------------------------------------------------------------------ */

static struct cpu_node *node_at(const struct cpu_tree *t, uint32_t number)
{
	return &g_array_index(t->nodes, struct cpu_node, number);
}

static uint32_t add_node(struct cpu_tree *t, uint32_t parent, int32_t process)
{
	const struct child_key key = { parent, process };
	struct child *child = groups_get(t->children, &key, sizeof(key));
	struct cpu_node node = { .process = process, .parent = parent };
	uint32_t number = t->nodes->len;

	if (parent != NO_NODE) {
		node.level = node_at(t, parent)->level + 1;
		node.next = node_at(t, parent)->child;
		node_at(t, parent)->child = number;
	}
	g_array_append_val(t->nodes, node);
	child->node = number;
	return number;
}

static uint32_t find_node(const struct cpu_tree *t, uint32_t parent, int32_t process)
{
	const struct child_key key = { parent, process };
	const struct child *child = groups_find(t->children, &key);

	return child ? child->node : NO_NODE;
}

static uint32_t in_chain(const struct cpu_tree *t, uint32_t level)
{
	return level < t->chain->len ? g_array_index(t->chain, uint32_t, level) : NO_NODE;
}

/* Has the chain lead to a node, if it does not pass it; what comes before both stays. */
static void aim_chain(struct cpu_tree *t, uint32_t node)
{
	uint32_t level = node_at(t, node)->level;

	if (in_chain(t, level) == node)
		return;
	g_array_set_size(t->chain, level + 1);
	for (; in_chain(t, level) != node; level--) {
		const struct cpu_node *n = node_at(t, node);

		t->steps++;
		g_array_index(t->chain, uint32_t, level) = node;
		g_hash_table_insert(t->levels, GINT_TO_POINTER(n->process), GUINT_TO_POINTER(level + 1));
		node = n->parent;
		if (node == NO_NODE)
			return;
	}
}

/* The node of a process among a node and those above it. NO_NODE: it is none of these. */
static uint32_t find_above(struct cpu_tree *t, uint32_t node, int32_t process)
{
	guint level;
	uint32_t above;

	aim_chain(t, node);
	level = GPOINTER_TO_UINT(g_hash_table_lookup(t->levels, GINT_TO_POINTER(process)));
	if (!level || level - 1 > node_at(t, node)->level)
		return NO_NODE;
	above = in_chain(t, level - 1);
	return node_at(t, above)->process == process ? above : NO_NODE;
}

/*
 * The node of a process that `parent` waited for. Who waits for itself in the end, over others, is
 * in the chain already: then it goes on from there.
 */
static uint32_t node_below(struct cpu_tree *t, uint32_t parent, int32_t process)
{
	uint32_t node = find_node(t, parent, process);

	if (node != NO_NODE)
		return node;
	if (parent == NO_NODE)
		return add_node(t, parent, process);
	node = find_above(t, parent, process);
	if (node != NO_NODE)
		return node;
	if (node_at(t, parent)->process == PROCESS_OTHERS)
		return parent;
	if (t->nodes->len >= NODES_MAX) {
		process = PROCESS_OTHERS;
		node = find_node(t, parent, process);
	}
	return node != NO_NODE ? node : add_node(t, parent, process);
}

/* The node of who waited at that depth. */
static uint32_t node_of_rung(struct cpu_tree *t, uint32_t depth)
{
	uint32_t i = depth;
	uint32_t node = NO_NODE;

	while (i > 0 && g_array_index(t->rungs, struct rung, i).node == NO_NODE)
		i--;
	for (; i <= depth; i++) {
		struct rung *rung = &g_array_index(t->rungs, struct rung, i);

		if (rung->node == NO_NODE)
			rung->node = node_below(t, node, fb_task_process(rung->task));
		node = rung->node;
	}
	return node;
}

/* ---- each nanosecond once ---------------------------------------------------------------- */

static void service_clear(void *service)
{
	covered_clear(&((struct served_time *)service)->covered);
}

static struct served_time *service_get(struct cpu_tree *t, const struct fb_task *task)
{
	const struct service_key key = { .process = t->process, .task = task->number };

	return groups_get(t->services, &key, sizeof(key));
}

static void add_since(const struct fb_task *task, const struct fb_account *account, void *data)
{
	gpointer process = GINT_TO_POINTER(fb_task_process(task));
	fb_ns *since = g_hash_table_lookup(data, process);

	if (!since) {
		since = g_new(fb_ns, 1);
		*since = INT64_MAX;
		g_hash_table_insert(data, process, since);
	}
	*since = MIN(*since, account->wait_since);
}

/* Forgets what came before every wait that is under way. */
static void forget_spans(struct cpu_tree *t)
{
	g_autoptr(GHashTable) since = g_hash_table_new_full(NULL, NULL, NULL, g_free);

	fb_history_each_task(t->history, add_since, since);
	t->spans = 0;
	for (size_t i = 0; i < groups_n(t->services); i++) {
		struct served_time *s = groups_nth(t->services, i);
		const fb_ns *time = g_hash_table_lookup(since, GINT_TO_POINTER(s->key.process));

		if (time)
			covered_forget(&s->covered, *time);
		t->spans += s->covered.n;
	}
	/* … and look at all services again only after as many more as there are. */
	t->spans_most = MAX(SPANS_LEAST, t->spans * 2 + groups_n(t->services));
}

void cpu_tree_may_forget(struct cpu_tree *t)
{
	if (t->spans > t->spans_most)
		forget_spans(t);
}

/* ---- a path ----------------------------------------------------------------------------- */

static void on_around(const struct fb_segment *s, void *data)
{
	struct cpu_tree *t = data;

	g_array_set_size(t->rungs, s->depth + 1);
	g_array_index(t->rungs, struct rung, s->depth) = (struct rung){ .task = s->task };
}

static void look_up(struct cpu_tree *t, uint32_t depth, const struct fb_task *waker)
{
	uint32_t node = node_below(t, node_of_rung(t, depth), fb_task_process(waker));
	struct rung *rung = &g_array_index(t->rungs, struct rung, depth);

	rung->waker = waker;
	rung->waker_node = node;
	rung->covered = &service_get(t, waker)->covered;
}

static void on_segment(const struct fb_segment *s, void *data)
{
	struct cpu_tree *t = data;
	const struct rung *rung;
	fb_ns new;

	if (s->state != FB_STATE_RUNNING || !s->depth || fb_task_process(s->task) == t->process)
		return;
	rung = &g_array_index(t->rungs, struct rung, s->depth - 1);
	if (rung->waker != s->task)
		look_up(t, s->depth - 1, s->task);
	new = covered_add(rung->covered, s->begin, s->end);
	node_at(t, rung->waker_node)->self += new;
	t->ran += new;
	t->spans++;
}

const struct fb_path_funcs cpu_tree_funcs = { .segment = on_segment, .around = on_around };

void cpu_tree_begin(struct cpu_tree *t, int32_t process)
{
	t->process = process;
}

/* ---- the tree --------------------------------------------------------------------------- */

struct cpu_tree *cpu_tree_new(struct fb_history *h)
{
	struct cpu_tree *t = g_new0(struct cpu_tree, 1);

	t->history = h;
	t->nodes = g_array_new(FALSE, TRUE, sizeof(struct cpu_node));
	g_array_set_size(t->nodes, 1);
	t->chain = g_array_new(FALSE, TRUE, sizeof(uint32_t));
	t->levels = g_hash_table_new(NULL, NULL);
	t->children = groups_new(sizeof(struct child), sizeof(struct child_key), NULL);
	t->services =
		groups_new(sizeof(struct served_time), sizeof(struct service_key), service_clear);
	t->rungs = g_array_new(FALSE, FALSE, sizeof(struct rung));
	t->spans_most = SPANS_LEAST;
	return t;
}

void cpu_tree_free(struct cpu_tree *t)
{
	if (!t)
		return;
	g_array_free(t->nodes, TRUE);
	groups_free(t->children);
	g_array_free(t->chain, TRUE);
	g_hash_table_destroy(t->levels);
	groups_free(t->services);
	g_array_free(t->rungs, TRUE);
	g_free(t);
}

const struct cpu_node *cpu_tree_nodes(const struct cpu_tree *t, uint32_t *n)
{
	*n = t->nodes->len;
	return (const struct cpu_node *)t->nodes->data;
}

uint32_t cpu_tree_root(const struct cpu_tree *t, int32_t process)
{
	return find_node(t, NO_NODE, process);
}

fb_ns cpu_tree_ran(const struct cpu_tree *t)
{
	return t->ran;
}

uint64_t cpu_tree_steps(const struct cpu_tree *t)
{
	return t->steps;
}
