/* SPDX-License-Identifier: MIT */
/*
 * test_bottleneck.c - of the waiting time in recorded traces, given to whom or what it was for,
 * nothing is lost or made up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib.h>

#include "analyses/shared/blame.h"
#include "analyses/shared/follow.h"
#include "analyses/shared/shared-paths.h"
#include "between.h"
#include "played.h"
#include "traces.h"

/* ---- recorded traces ---------------------------------------------------------------------- */

static void add(const struct fb_segment *s, void *data)
{
	blames_add(data, s);
}

static const struct fb_path_funcs funcs = { .segment = add };

/* Follows all waits of a trace, with so much effort; returns their asleep time. */
static fb_ns follow_all(const struct played *p, struct follow *f)
{
	fb_ns asleep = 0;

	for (guint i = 0; i < p->waits->len; i++) {
		const struct fb_blocking *b = &g_array_index(p->waits, struct fb_blocking, i);

		follow_wait(f, b);
		if (fb_blocking_asleep(b) != FB_NS_NONE)
			asleep += fb_blocking_asleep(b);
	}
	return asleep;
}

static void assert_sums(const struct blames *blames, enum blame_by by, fb_ns asleep)
{
	g_autoptr(GArray) ranking = blames_rank(blames, by);
	fb_ns sum = 0, last = INT64_MAX;

	for (guint i = 0; i < ranking->len; i++) {
		const struct blame *b = &g_array_index(ranking, struct blame, i);

		assert_between(b->sum, 1, last);
		assert_true(b->n > 0);
		last = b->sum;
		sum += b->sum;
	}
	assert_int_equal(sum, asleep);
}

static void the_sum_of_blame_is_the_time_asleep_in(void **state)
{
	g_autofree char *path = recorded_path(*state, ((const struct recorded *)*state)->trace);
	struct played p = played_path(path);
	struct blames *blames = blames_new();
	struct follow f = { .history = p.history, .funcs = &funcs, .data = blames,
			    .begin = INT64_MIN, .end = INT64_MAX, .effort = FOLLOW_EFFORT };
	fb_ns asleep = follow_all(&p, &f);

	assert_int_not_equal(asleep, 0);
	assert_int_equal(f.not_followed, 0);
	for (enum blame_by by = BLAME_TASK; by <= BLAME_RESOURCE; by++)
		assert_sums(blames, by, asleep);
	blames_free(blames);
	played_clear(&p);
}

static void what_is_too_much_to_follow_is_unknown_and_counted(void **state)
{
	struct played p = played_trace("rpc-chain");
	struct blames *blames = blames_new();
	struct follow f = { .history = p.history, .funcs = &funcs, .data = blames,
			    .begin = INT64_MIN, .end = INT64_MAX, .effort = 1 };
	fb_ns asleep, unknown = 0;
	g_autoptr(GArray) ranking = NULL;

	(void)state;
	asleep = follow_all(&p, &f);
	assert_between(f.not_followed, 1, p.waits->len - 1);
	assert_sums(blames, BLAME_TASK, asleep);
	ranking = blames_rank(blames, BLAME_RESOURCE);
	for (guint i = 0; i < ranking->len; i++)
		if (g_array_index(ranking, struct blame, i).unknown == FB_UNKNOWN_EFFORT)
			unknown += g_array_index(ranking, struct blame, i).sum;
	assert_int_equal(unknown, f.not_followed_asleep);
	blames_free(blames);
	played_clear(&p);
}

/* ---- paths that share --------------------------------------------------------------------- */

/* The waits' blame in both ways: each path by itself, and together. */
struct both_ways {
	struct blames *blames[2];
	struct shared_paths *paths;
	struct follow follow[2];
};

static struct both_ways both_ways_of(struct fb_history *h)
{
	struct both_ways w = { .blames = { blames_new(), blames_new() } };

	w.paths = shared_paths_new(h, w.blames[1]);
	w.follow[0] = (struct follow){ .history = h, .funcs = &funcs, .data = w.blames[0],
				       .begin = INT64_MIN, .end = INT64_MAX,
				       .effort = FOLLOW_EFFORT };
	w.follow[1] = w.follow[0];
	w.follow[1].funcs = &shared_paths_funcs;
	w.follow[1].data = w.paths;
	return w;
}

static void follow_both_ways(struct both_ways *w, const struct fb_blocking *b)
{
	follow_wait(&w->follow[0], b);
	follow_wait(&w->follow[1], b);
	shared_paths_end(w->paths);
}

static void assert_same_blame(struct both_ways *w)
{
	g_autoptr(GArray) one = NULL, other = NULL;

	shared_paths_add_up(w->paths);
	one = blames_rank(w->blames[0], BLAME_TASK);
	other = blames_rank(w->blames[1], BLAME_TASK);
	assert_int_equal(one->len, other->len);
	for (guint i = 0; i < one->len; i++) {
		const struct blame *a = &g_array_index(one, struct blame, i),
				   *b = &g_array_index(other, struct blame, i);

		assert_ptr_equal(a->task, b->task);
		assert_ptr_equal(a->syscall, b->syscall);
		assert_ptr_equal(a->device, b->device);
		assert_int_equal(a->state, b->state);
		assert_int_equal(a->unknown, b->unknown);
		assert_int_equal(a->n, b->n);
		assert_int_equal(a->sum, b->sum);
	}
}

static void both_ways_clear(struct both_ways *w)
{
	shared_paths_free(w->paths);
	blames_free(w->blames[0]);
	blames_free(w->blames[1]);
}

/* Also where only the second half of the trace counts, which begins within waits and their wakers'. */
static void shared_paths_say_what_each_by_itself_says_in(void **state)
{
	g_autofree char *path = recorded_path(*state, ((const struct recorded *)*state)->trace);
	struct played p = played_path(path);
	const struct fb_source_info *info = &p.source->info;

	for (int half = 0; half < 2; half++) {
		struct both_ways w = both_ways_of(p.history);

		if (half)
			w.follow[0].begin = w.follow[1].begin = info->begin + (info->end - info->begin) / 2;
		for (guint i = 0; i < p.waits->len; i++)
			follow_both_ways(&w, &g_array_index(p.waits, struct fb_blocking, i));
		assert_same_blame(&w);
		both_ways_clear(&w);
	}
	played_clear(&p);
}

enum { DEEP = 200, ROUNDS = 50 };

/* One runs, wakes the next, and sleeps, each of DEEP after the other; returns when. */
static fb_ns run_chain(struct fb_history *h, const struct fb_task *tasks, struct both_ways *w,
		       bool again, fb_ns now)
{
	const struct fb_observer o = fb_history_observer(h);
	static fb_ns slept[DEEP];

	for (int i = 0; i < DEEP; i++) {
		const struct fb_cause cause = { .kind = i ? FB_CAUSE_TASK : FB_CAUSE_HRTIMER,
						.task = i ? &tasks[i - 1] : NULL };
		const struct fb_blocking b = { .task = &tasks[i], .begin = slept[i], .wake = now,
					       .end = now + 1 };

		if (again)
			o.ops->wake(o.data, &tasks[i], &cause, now);
		if (i) {
			slept[i - 1] = now + 1;
			o.ops->leave(o.data, &tasks[i - 1], 'S', now + 1);
		}
		o.ops->run(o.data, &tasks[i], now + 1);
		if (again)
			follow_both_ways(w, &b);
		now += 3 + i % 5;
	}
	slept[DEEP - 1] = now;
	o.ops->leave(o.data, &tasks[DEEP - 1], 'S', now);
	return now + 100;
}

/* A wait of the n-th has n tasks in its path, which that of the one before has as well. */
static void what_a_deep_chain_has_in_common_is_told_once(void **state)
{
	struct fb_history *h = fb_history_new(&(struct fb_history_options){ 0 });
	g_autofree struct fb_task *tasks = g_new0(struct fb_task, DEEP);
	struct both_ways w = both_ways_of(h);
	fb_ns now = 1000;

	(void)state;
	for (int i = 0; i < DEEP; i++)
		tasks[i] = (struct fb_task){ .tid = i + 1, .pid = i + 1, .number = i };
	w.follow[0].effort = DEEP;
	for (int round = 0; round <= ROUNDS; round++)
		now = run_chain(h, tasks, &w, round > 0, now);
	assert_int_equal(w.follow[1].waits, DEEP * ROUNDS);
	assert_int_equal(w.follow[0].not_followed, 0);
	assert_true(w.follow[0].segments > (uint64_t)DEEP * DEEP / 2 * ROUNDS);
	assert_true(w.follow[1].segments <= (uint64_t)4 * DEEP * ROUNDS);
	assert_same_blame(&w);
	both_ways_clear(&w);
	fb_history_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_deep_chain_has_in_common_is_told_once),
		cmocka_unit_test(what_is_too_much_to_follow_is_unknown_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) +
	       recorded_run("the_sum_of_blame_is_the_time_asleep_in", NULL,
			    the_sum_of_blame_is_the_time_asleep_in) +
	       recorded_run("shared_paths_say_what_each_by_itself_says_in", NULL,
			    shared_paths_say_what_each_by_itself_says_in);
}
