/* SPDX-License-Identifier: MIT */
/*
 * test_dependency.c - who ran on whose behalf in recorded traces, as told by all segments of all
 * waits, sorted and put together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <glib.h>

#include "analyses/shared/covered.h"
#include "analyses/shared/cpu-tree.h"
#include "analyses/shared/follow.h"
#include "analyses/shared/pending-waits.h"
#include "between.h"
#include "played.h"
#include "traces.h"

/* ---- no room ------------------------------------------------------------------------------ */

enum { MORE = 100 };

/* 1 waits for 2 to NODES_MAX + MORE, one after the other, for a nanosecond each. */
static void what_there_is_no_room_for_is_of_others(void **state)
{
	const struct fb_task waiter = { .tid = 1, .pid = 1 };
	const struct fb_segment wait = { .task = &waiter, .begin = 0, .end = NODES_MAX + MORE };
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
	cpu_tree_begin(tree, 1);
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
	const struct cpu_node *nodes;
	fb_ns time = 0;
	uint32_t n;

	(void)state;
	for (uint32_t i = 0; i <= DEEP; i++)
		tasks[i] = (struct fb_task){ .tid = i + 1, .pid = i + 1, .number = i };
	cpu_tree_begin(tree, 1);
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

/*
 * 0 waits for 1, that for 2, that for 3, and that for 4, which runs; then 3 runs for 1, who does
 * not wait for 2 any more: that is another chain, though 3 was in the one before.
 */
static void who_ran_deeper_before_is_not_above(void **state)
{
	struct fb_history *history = fb_history_new(&(struct fb_history_options){ 0 });
	struct cpu_tree *tree = cpu_tree_new(history);
	struct fb_task tasks[5];
	const struct cpu_node *nodes;
	fb_ns time = 0;
	uint32_t n;

	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		tasks[i] = (struct fb_task){ .tid = (int32_t)i + 1, .pid = (int32_t)i + 1, .number = i };
	cpu_tree_begin(tree, 1);
	for (uint32_t i = 0; i < 4; i++)
		cpu_tree_funcs.around(&(struct fb_segment){ .task = &tasks[i], .depth = i, .end = 9 },
				      tree);
	run(tree, &tasks[4], 4, &time);
	run(tree, &tasks[3], 2, &time);
	nodes = cpu_tree_nodes(tree, &n);
	/* None, 0, 1, 2, 3, 4, and the other 3. */
	assert_int_equal(n, 7);
	assert_int_equal(nodes[6].process, 4);
	assert_int_equal(nodes[6].level, 2);
	assert_int_equal(nodes[6].self, 1);
	cpu_tree_free(tree);
	fb_history_free(history);
}

/* A task ran while a process waited for it. */
struct ran {
	int32_t process;
	uint32_t task;
	fb_ns begin, end;
};

/* ---- paths that are kept ------------------------------------------------------------------- */

/* Task n waits for n - 1, which waited until UNTIL(n - 1), and runs for RUN: 1 waits for nobody. */
#define RUN 10
#define UNTIL(n) ((fb_ns)(n) * RUN)

/* Keeps the path of the n-th wait from `begin` on, but for its end; whether it has the one before in it. */
static bool keep(struct kept_paths *p, struct fb_task *tasks, uint32_t n, fb_ns begin)
{
	const struct fb_segment wait = { .task = &tasks[n], .begin = begin, .end = UNTIL(n), .wait = n };
	const struct fb_segment inner = { .task = &tasks[n - 1], .begin = begin, .end = UNTIL(n - 1),
					  .depth = 1, .wait = n - 1 };
	const struct fb_segment ran = { .task = &tasks[n - 1], .begin = MAX(begin, UNTIL(n - 1)),
					.end = UNTIL(n), .depth = 1, .state = FB_STATE_RUNNING };
	bool is_known;

	assert_false((kept_paths_funcs.skip)(&wait, p));
	kept_paths_funcs.around(&wait, p);
	is_known = n > 1 && (kept_paths_funcs.skip)(&inner, p);
	kept_paths_funcs.segment(&ran, p);
	return is_known;
}

struct told {
	GArray *ran;    /* struct ran; the task is its number, the process its depth */
	uint32_t depth; /* of the last wait that it goes around */
};

static void tell_ran(const struct fb_segment *s, void *data)
{
	struct told *told = data;
	const struct ran ran = { (int32_t)s->depth, s->task->number, s->begin, s->end };

	/* No deeper than the waits around it. */
	assert_true(s->depth <= told->depth + 1);
	g_array_append_val(told->ran, ran);
}

static void tell_around(const struct fb_segment *s, void *data)
{
	((struct told *)data)->depth = s->depth;
}

static const struct fb_path_funcs tells = { .segment = tell_ran, .around = tell_around };

/* All of a wait's path from `begin` on: each task ran until the next one did. */
static void assert_told(struct kept_paths *p, uint32_t path, uint32_t n, fb_ns begin)
{
	struct told told = { .ran = g_array_new(FALSE, FALSE, sizeof(struct ran)) };

	kept_paths_tell(p, path, &tells, &told);
	assert_int_equal(told.ran->len, n - begin / RUN);
	for (guint i = 0; i < told.ran->len; i++) {
		const struct ran *r = &g_array_index(told.ran, struct ran, i);
		uint32_t task = (uint32_t)(begin / RUN) + i;

		assert_int_equal(r->task, task);
		assert_int_equal(r->process, n - task);
		assert_int_equal(r->begin, MAX(begin, UNTIL(task)));
		assert_int_equal(r->end, UNTIL(task + 1));
	}
	g_array_free(told.ran, TRUE);
}

static void what_lies_in_another_path_is_kept_once(void **state)
{
	struct fb_history *history = fb_history_new(&(struct fb_history_options){ 0 });
	struct kept_paths *p = kept_paths_new(history);
	g_autofree struct fb_task *tasks = g_new0(struct fb_task, DEEP + 2);
	const fb_ns late = UNTIL(DEEP) - 7 * RUN - 3;
	uint32_t path = NO_PATH, late_path;

	(void)state;
	for (uint32_t i = 0; i <= DEEP + 1; i++)
		tasks[i] = (struct fb_task){ .tid = i + 1, .pid = i + 1, .number = i };
	for (uint32_t n = 1; n <= DEEP; n++) {
		assert_int_equal(keep(p, tasks, n, 0), n > 1);
		path = kept_paths_end(p);
	}
	/* A wait, another's path, and who ran behind that. */
	assert_true(kept_paths_n(p) <= 3 * DEEP + 1);
	assert_int_equal(kept_paths_ran(p, path), UNTIL(DEEP));
	assert_told(p, path, DEEP, 0);
	/* Only the end of another's path: */
	assert_true(keep(p, tasks, DEEP + 1, late));
	late_path = kept_paths_end(p);
	assert_int_equal(kept_paths_duration(p, late_path), UNTIL(DEEP + 1) - late);
	assert_told(p, late_path, DEEP + 1, late);
	/* … but what is known from later on only is not known. */
	assert_false((kept_paths_funcs.skip)(&(const struct fb_segment){
		.task = &tasks[DEEP + 1], .begin = late - 1, .end = UNTIL(DEEP + 1), .depth = 1,
		.wait = DEEP + 1 }, p));
	kept_paths_end(p);
	kept_paths_forget(p);
	assert_false(keep(p, tasks, DEEP, 0));
	kept_paths_free(p);
	fb_history_free(history);
}

enum { MANY = 90000 };

/* Each process waits once, all for each other: the last one's path is all that there is work for. */
static void who_waited_least_is_left_out_when_there_is_no_room(void **state)
{
	struct fb_history *history = fb_history_new(&(struct fb_history_options){ 0 });
	struct cpu_tree *tree = cpu_tree_new(history);
	struct pending_waits *p = pending_waits_new(history, tree, PENDING_EFFORT);
	g_autofree struct fb_task *tasks = g_new0(struct fb_task, MANY + 1);
	uint32_t waits = 0;
	fb_ns asleep, expected = 0;

	(void)state;
	for (uint32_t i = 0; i <= MANY; i++)
		tasks[i] = (struct fb_task){ .tid = i + 1, .pid = i + 1, .number = i };
	while (!pending_waits_left_out(p, &asleep) && waits < MANY) {
		const struct fb_blocking b = { .task = &tasks[waits + 1], .end = UNTIL(waits + 1) };
		struct kept_paths *paths = pending_waits_begin(p, &b);

		keep(paths, tasks, ++waits, 0);
		pending_waits_end(p);
	}
	/* All but the last one before there was no room, and this one, which came then. */
	assert_int_equal(pending_waits_left_out(p, &asleep), waits - 2);
	for (uint32_t n = 1; n < waits - 1; n++)
		expected += UNTIL(n);
	assert_int_equal(asleep, expected);
	assert_int_equal(pending_waits_most(p, (int32_t)waits), UNTIL(waits - 1));
	assert_int_equal(pending_waits_settle(p, (int32_t)waits), UNTIL(waits - 1));
	assert_int_equal(pending_waits_settle(p, (int32_t)waits - 1), 0);
	pending_waits_free(p);
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

		cpu_tree_begin(tree, fb_task_process(b->task));
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

static gint compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What all chains ran, each as "1 2 3 self": the order of nodes does not matter. */
static GPtrArray *chains_of(const struct cpu_tree *tree)
{
	GPtrArray *chains = g_ptr_array_new_with_free_func(g_free);
	uint32_t n;
	const struct cpu_node *nodes = cpu_tree_nodes(tree, &n);

	for (uint32_t i = 1; i < n; i++) {
		GString *chain = g_string_new(NULL);

		for (uint32_t at = i; at != NO_NODE; at = nodes[at].parent)
			g_string_append_printf(chain, "%d ", nodes[at].process);
		g_string_append_printf(chain, "%" G_GINT64_FORMAT, nodes[i].self);
		g_ptr_array_add(chains, g_string_free(chain, FALSE));
	}
	g_ptr_array_sort(chains, compare_texts);
	return chains;
}

static void settle_process(const struct fb_task *task, const struct fb_account *account, void *data)
{
	struct pending_waits *pending = data;
	int32_t process = fb_task_process(task);
	fb_ns most = pending_waits_most(pending, process), ran;

	(void)account;
	ran = pending_waits_settle(pending, process);
	assert_between(ran, 0, most);
	assert_int_equal(pending_waits_settle(pending, process), ran);
	assert_int_equal(pending_waits_most(pending, process), ran);
}

/* The same tree, whether each path is told at once or all of a process later. */
static void what_is_told_later_is_the_same_in(void **state)
{
	g_autofree char *path = recorded_path(*state, ((const struct recorded *)*state)->trace);
	struct played p = played_path(path);
	struct listing l = { .all = g_array_new(FALSE, FALSE, sizeof(struct ran)) };
	struct cpu_tree *at_once = tree_of(&p, &l), *later = cpu_tree_new(p.history);
	struct pending_waits *pending = pending_waits_new(p.history, later, PENDING_EFFORT);
	struct follow f = { .history = p.history, .funcs = &kept_paths_funcs, .begin = INT64_MIN,
			    .end = INT64_MAX, .effort = FOLLOW_EFFORT };
	g_autoptr(GPtrArray) expected = NULL, chains = NULL;
	fb_ns asleep;

	for (guint i = 0; i < p.waits->len; i++) {
		f.data = pending_waits_begin(pending, &g_array_index(p.waits, struct fb_blocking, i));
		follow_wait(&f, &g_array_index(p.waits, struct fb_blocking, i));
		pending_waits_end(pending);
	}
	fb_history_each_task(p.history, settle_process, pending);
	assert_int_equal(pending_waits_left_out(pending, &asleep), 0);
	expected = chains_of(at_once);
	chains = chains_of(later);
	assert_int_equal(chains->len, expected->len);
	for (guint i = 0; i < chains->len; i++)
		assert_string_equal(chains->pdata[i], expected->pdata[i]);
	assert_int_equal(cpu_tree_ran(later), cpu_tree_ran(at_once));
	pending_waits_free(pending);
	cpu_tree_free(later);
	cpu_tree_free(at_once);
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
		cmocka_unit_test(who_ran_deeper_before_is_not_above),
		cmocka_unit_test(what_lies_in_another_path_is_kept_once),
		cmocka_unit_test(who_waited_least_is_left_out_when_there_is_no_room),
		cmocka_unit_test(a_nanosecond_is_covered_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) +
	       recorded_run("who_ran_for_a_process_did_so_once_in", NULL,
			    who_ran_for_a_process_did_so_once_in) +
	       recorded_run("what_is_told_later_is_the_same_in", NULL,
			    what_is_told_later_is_the_same_in) +
	       recorded_run("a_task_ran_as_long_as_its_path_says_in", NULL,
			    a_task_ran_as_long_as_its_path_says_in);
}
