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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_too_much_to_follow_is_unknown_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) +
	       recorded_run("the_sum_of_blame_is_the_time_asleep_in", NULL,
			    the_sum_of_blame_is_the_time_asleep_in);
}
