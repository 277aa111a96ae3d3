/* SPDX-License-Identifier: MIT */
/*
 * test_dependency.c - who ran on whose behalf in recorded traces, as told by all segments of all
 * waits, sorted and put together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib.h>

#include "analyses/shared/covered.h"
#include "analyses/shared/cpu-tree.h"
#include "analyses/shared/follow.h"
#include "played.h"
#include "traces.h"

/* ---- no room ------------------------------------------------------------------------------ */

enum { MORE = 100 };

/* 1 waits for 2 to NODES_MAX + MORE, one after the other, for a nanosecond each. */
static void what_there_is_no_room_for_is_of_others(void **state)
{
	const struct fb_task waiter = { .tid = 1, .pid = 1 };
	const struct fb_segment wait = { .task = &waiter, .begin = 0, .end = NODES_MAX + MORE };
	const struct fb_blocking b = { .task = &waiter, .end = 1 };
	struct fb_history *history = fb_history_new(&(struct fb_history_options){ 0 });
	struct cpu_tree *tree = cpu_tree_new(history);
	g_autofree struct fb_task *tasks = g_new0(struct fb_task, NODES_MAX + MORE + 1);
	const struct cpu_node *nodes;
	fb_ns others = 0, sum = 0;
	const struct fb_segment below = { .task = &tasks[NODES_MAX + MORE], .depth = 1 };
	const struct fb_segment last = { .task = &tasks[2], .begin = 1, .end = 2,
					 .state = FB_STATE_RUNNING, .depth = 2 };
	uint32_t n, full;

	(void)state;
	cpu_tree_wait(tree, &b);
	cpu_tree_funcs.around(&wait, tree);
	for (uint32_t tid = 2; tid <= NODES_MAX + MORE; tid++) {
		const struct fb_segment s = { .task = &tasks[tid], .begin = tid, .end = tid + 1,
					      .state = FB_STATE_RUNNING, .depth = 1 };

		tasks[tid] = (struct fb_task){ .tid = tid, .pid = tid, .number = tid };
		cpu_tree_funcs.segment(&s, tree);
	}
	/* Who runs for one of the others is one, too: there is no room below. */
	cpu_tree_nodes(tree, &full);
	cpu_tree_funcs.around(&below, tree);
	cpu_tree_funcs.segment(&last, tree);
	nodes = cpu_tree_nodes(tree, &n);
	assert_int_equal(n, full);
	for (uint32_t i = 1; i < n; i++) {
		sum += nodes[i].self;
		others += nodes[i].process == PROCESS_OTHERS ? nodes[i].self : 0;
	}
	assert_int_equal(sum, NODES_MAX + MORE);
	/* One is none, one is the root. */
	assert_int_equal(others, sum - (NODES_MAX - 2));
	cpu_tree_free(tree);
	fb_history_free(history);
}

/* ---- deep chains -------------------------------------------------------------------------- */

enum { DEEP = 2000 };

/* One of a path, of task `who`; time goes on by one with each. */
static void run(struct cpu_tree *tree, const struct fb_task *who, uint32_t depth, fb_ns *time)
{
	const struct fb_segment s = { .task = who, .begin = *time, .end = *time + 1,
				      .state = FB_STATE_RUNNING, .depth = depth };

	++*time;
	cpu_tree_funcs.segment(&s, tree);
}

/*
 * Each of 0 to DEEP - 1 waits for the next one, which runs, and then for task 1, which is in the
 * chain already: all of them are told on the way back.
 */
static void who_is_in_a_deep_chain_is_found_at_once(void **state)
{
	struct fb_history *history = fb_history_new(&(struct fb_history_options){ 0 });
	struct cpu_tree *tree = cpu_tree_new(history);
	g_autofree struct fb_task *tasks = g_new0(struct fb_task, DEEP + 1);
	const struct fb_blocking b = { .task = &tasks[0], .end = 1 };
	const struct cpu_node *nodes;
	fb_ns time = 0;
	uint32_t n;

	(void)state;
	for (uint32_t i = 0; i <= DEEP; i++)
		tasks[i] = (struct fb_task){ .tid = i + 1, .pid = i + 1, .number = i };
	cpu_tree_wait(tree, &b);
	for (uint32_t i = 0; i < DEEP; i++) {
		const struct fb_segment wait = { .task = &tasks[i], .depth = i, .end = 4 * DEEP };

		cpu_tree_funcs.around(&wait, tree);
	}
	for (uint32_t depth = DEEP; depth > 0; depth--) {
		run(tree, &tasks[depth], depth, &time);
		run(tree, &tasks[1], depth, &time);
	}
	nodes = cpu_tree_nodes(tree, &n);
	/* One is none. Task 1's node is the first below the root, whatever waited for it. */
	assert_int_equal(n, DEEP + 2);
	assert_int_equal(nodes[2].process, 2);
	assert_int_equal(nodes[2].self, DEEP + 1);
	assert_true(cpu_tree_steps(tree) <= 4 * DEEP);
	cpu_tree_free(tree);
	fb_history_free(history);
}

/* ---- spans -------------------------------------------------------------------------------- */

enum { TIMES = 64, SPANS = 400, SEED = 20261120 };

/* Against a table of all times. What is before `forgotten` is not added any more. */
static void a_nanosecond_is_covered_once(void **state)
{
	GRand *random = g_rand_new_with_seed(SEED);

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct covered c = { 0 };
		bool is_covered[TIMES] = { false };
		int forgotten = 0;

		covered_forget(&c, 0);
		for (int i = 0; i < SPANS / 10; i++) {
			int begin = g_rand_int_range(random, forgotten, TIMES - 1);
			int end = g_rand_int_range(random, begin + 1, MIN(TIMES, begin + 9));
			int new = 0;

			for (int time = begin; time < end; time++) {
				new += !is_covered[time];
				is_covered[time] = true;
			}
			assert_int_equal(covered_add(&c, begin, end), new);
			for (uint32_t s = 1; s < c.n; s++)
				assert_true(c.spans[s - 1].end < c.spans[s].begin);
			if (i % 16 == 15) {
				forgotten = MIN(TIMES - 2, forgotten + 3);
				covered_forget(&c, forgotten);
				assert_true(!c.n || c.spans[0].end >= forgotten);
			}
		}
		covered_clear(&c);
	}
	g_rand_free(random);
}

/* ---- recorded traces ---------------------------------------------------------------------- */

/* A task ran while a process waited for it. */
struct ran {
	int32_t process;
	uint32_t task;
	fb_ns begin, end;
};

struct listing {
	GArray *all; /* struct ran */
	int32_t process;
};

static void list(const struct fb_segment *s, void *data)
{
	struct listing *l = data;
	const struct ran ran = { l->process, s->task->number, s->begin, s->end };

	if (s->depth && s->state == FB_STATE_RUNNING && fb_task_process(s->task) != l->process)
		g_array_append_val(l->all, ran);
}

static gint compare_ran(gconstpointer a, gconstpointer b)
{
	const struct ran *x = a, *y = b;

	if (x->process != y->process)
		return x->process < y->process ? -1 : 1;
	if (x->task != y->task)
		return x->task < y->task ? -1 : 1;
	return x->begin < y->begin ? -1 : x->begin > y->begin;
}

/* What ran for each process, each nanosecond of each task once. */
static GHashTable *sums_of(GArray *all)
{
	GHashTable *sums = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	const struct ran *before = NULL;
	fb_ns until = 0;

	g_array_sort(all, compare_ran);
	for (guint i = 0; i < all->len; before = &g_array_index(all, struct ran, i++)) {
		const struct ran *r = &g_array_index(all, struct ran, i);
		fb_ns *sum = g_hash_table_lookup(sums, GINT_TO_POINTER(r->process));

		if (!sum) {
			sum = g_new0(fb_ns, 1);
			g_hash_table_insert(sums, GINT_TO_POINTER(r->process), sum);
		}
		if (!before || before->process != r->process || before->task != r->task)
			until = INT64_MIN;
		*sum += MAX(0, r->end - MAX(r->begin, until));
		until = MAX(until, r->end);
	}
	return sums;
}

static fb_ns sum_below(const struct cpu_node *nodes, uint32_t node)
{
	fb_ns sum = 0;

	for (uint32_t i = nodes[node].child; i != NO_NODE; i = nodes[i].next) {
		assert_int_equal(nodes[i].parent, node);
		sum += nodes[i].self + sum_below(nodes, i);
	}
	return sum;
}

static struct cpu_tree *tree_of(const struct played *p, struct listing *l)
{
	static const struct fb_path_funcs lists = { .segment = list };
	struct cpu_tree *tree = cpu_tree_new(p->history);
	struct follow f = { .history = p->history, .funcs = &cpu_tree_funcs, .data = tree,
			    .begin = INT64_MIN, .end = INT64_MAX, .effort = FOLLOW_EFFORT };
	struct follow again = f;

	again.funcs = &lists;
	again.data = l;
	for (guint i = 0; i < p->waits->len; i++) {
		const struct fb_blocking *b = &g_array_index(p->waits, struct fb_blocking, i);

		cpu_tree_wait(tree, b);
		follow_wait(&f, b);
		l->process = fb_task_process(b->task);
		follow_wait(&again, b);
	}
	assert_int_equal(f.not_followed, 0);
	return tree;
}

static void who_ran_for_a_process_did_so_once_in(void **state)
{
	g_autofree char *path = recorded_path(*state, ((const struct recorded *)*state)->trace);
	struct played p = played_path(path);
	struct listing l = { .all = g_array_new(FALSE, FALSE, sizeof(struct ran)) };
	struct cpu_tree *tree = tree_of(&p, &l);
	g_autoptr(GHashTable) sums = sums_of(l.all);
	GHashTableIter iter;
	gpointer process, sum;
	uint32_t n;
	const struct cpu_node *nodes = cpu_tree_nodes(tree, &n);

	assert_int_not_equal(g_hash_table_size(sums), 0);
	g_hash_table_iter_init(&iter, sums);
	while (g_hash_table_iter_next(&iter, &process, &sum)) {
		uint32_t root = cpu_tree_root(tree, GPOINTER_TO_INT(process));

		assert_int_not_equal(root, NO_NODE);
		assert_int_equal(nodes[root].self, 0);
		assert_int_equal(sum_below(nodes, root), *(fb_ns *)sum);
	}
	for (uint32_t i = 1; i < n; i++)
		assert_true(nodes[i].self >= 0 && nodes[i].process != PROCESS_OTHERS);
	cpu_tree_free(tree);
	g_array_free(l.all, TRUE);
	played_clear(&p);
}

/* A task's runs are as long in its path as in its account. */
static void add_running(const struct fb_segment *s, void *data)
{
	if (!s->depth && s->state == FB_STATE_RUNNING)
		*(fb_ns *)data += s->end - s->begin;
}

struct checking {
	struct fb_history *history;
	struct problems problems;
	unsigned tasks;
};

static void check_account(const struct fb_task *task, const struct fb_account *account, void *data)
{
	static const struct fb_path_funcs funcs = { .segment = add_running };
	struct checking *c = data;
	fb_ns begin, end, ran = 0;

	assert_true(fb_history_life(c->history, task, &begin, &end));
	fb_history_path(c->history, task, begin, end, &funcs, &ran);
	c->tasks++;
	if (ran != account->ran)
		problem(&c->problems, "%d: ran %" G_GINT64_FORMAT ", but its path says %"
			G_GINT64_FORMAT, task->tid, account->ran, ran);
}

static void a_task_ran_as_long_as_its_path_says_in(void **state)
{
	g_autofree char *path = recorded_path(*state, ((const struct recorded *)*state)->trace);
	struct played p = played_path(path);
	struct checking c = { .history = p.history };

	fb_history_each_task(p.history, check_account, &c);
	assert_int_not_equal(c.tasks, 0);
	problems_finish(&c.problems);
	played_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_there_is_no_room_for_is_of_others),
		cmocka_unit_test(who_is_in_a_deep_chain_is_found_at_once),
		cmocka_unit_test(a_nanosecond_is_covered_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) +
	       recorded_run("who_ran_for_a_process_did_so_once_in", NULL,
			    who_ran_for_a_process_did_so_once_in) +
	       recorded_run("a_task_ran_as_long_as_its_path_says_in", NULL,
			    a_task_ran_as_long_as_its_path_says_in);
}
