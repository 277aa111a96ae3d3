/* SPDX-License-Identifier: MIT */
/* test_compare.c - made-up runs in, verdicts out. The numbers are worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "compare/compare.h"
#include "compare/junit.h"
#include "made_profile.h"
#include "compare/tables.h"

/* Two sides and what comes of them. */
struct world {
	struct made_profile *side[SIDES];
	struct compare_options options;
	struct comparison *c;
};

static struct world world(unsigned base_runs, const struct made_group *base, unsigned new_runs,
			  const struct made_group *new)
{
	struct world w = { .options = { .alpha = 0.05, .min_effect = 0.05, .min_time = 1000000 } };

	w.side[BASE] = made_profile_new(base_runs, 1, base);
	w.side[NEW] = made_profile_new(new_runs, 101, new);
	return w;
}

static void compare(struct world *w)
{
	w->c = comparison_new(&w->side[BASE]->pub, &w->side[NEW]->pub, &w->options);
}

static void clear(struct world *w)
{
	comparison_free(w->c);
	for (enum side side = BASE; side < SIDES; side++)
		made_profile_free(w->side[side]);
}

static const struct compared *group(const struct world *w, const char *command)
{
	for (size_t i = 0; i < w->c->groups->len; i++)
		if (!strcmp(compared_at(w->c, i)->key->command, command))
			return compared_at(w->c, i);
	fail_msg("no group %s", command);
	return NULL;
}

static void assert_verdict(const struct world *w, const char *command, enum verdict expected)
{
	assert_string_equal(verdict_name(group(w, command)->verdict), verdict_name(expected));
}

#define ALL(x)   { x, x, x, x, x, x, x, x, x, x, x, x }
/* Eight runs and four more, each a little different. */
#define ABOUT(x) { x, x * 1.001, x * 0.999, x * 1.002, x * 0.998, x * 1.003, x * 0.997, \
		   x * 1.004, x * 0.996, x * 1.005, x * 0.995, x * 1.006 }

static const struct made_group no_groups[] = { { NULL } };

static void what_grew_is_worse_and_what_shrank_better(void **state)
{
	static const struct made_group base[] = {
		{ "grew", ALL(10), ABOUT(20) },
		{ "same", ALL(10), ABOUT(20) },
		{ "shrank", ALL(10), ABOUT(20) },
		{ NULL },
	};
	static const struct made_group new[] = {
		{ "grew", ALL(10), ABOUT(24) },
		{ "same", ALL(10), ABOUT(20) },
		{ "shrank", ALL(10), ABOUT(12) },
		{ NULL },
	};
	struct world w = world(8, base, 8, new);

	(void)state;
	compare(&w);
	assert_verdict(&w, "grew", VERDICT_WORSE);
	assert_verdict(&w, "same", VERDICT_SAME);
	assert_verdict(&w, "shrank", VERDICT_BETTER);
	assert_int_equal(w.c->of[VERDICT_WORSE], 1);
	assert_int_equal(w.c->of[VERDICT_BETTER], 1);
	/* Total and p50 of the first and the last; all runs of `same` are within 2 %. */
	assert_int_equal(w.c->tests, 4);
	assert_true(w.c->can_tell);
	/* Medians are 200 and 240 ms: means of runs 1 and 1.001 times that, of 1.0005. */
	assert_true(fabs(group(&w, "grew")->added - 40e6 * 1.0005) < 1e4);
	assert_true(fabs(group(&w, "grew")->by[MEASURE_TOTAL].effect - 0.2) < 1e-3);
	assert_true(fabs(group(&w, "grew")->by[MEASURE_TOTAL].p - 2 / 12870.0) < 1e-12);
	assert_true(fabs(group(&w, "grew")->by[MEASURE_TOTAL].adjusted - 8 / 12870.0) < 1e-12);
	assert_true(group(&w, "grew")->by[MEASURE_TOTAL].delta == 1);
	assert_ptr_equal(compared_at(w.c, 0), group(&w, "grew"));
	clear(&w);
}

/* Of a change by 4 % in 80 ms, and one by 20 % in 3 ms. */
static void changes_below_the_noise_are_none(void **state)
{
	static const struct made_group base[] = {
		{ "little-share", ALL(4), ALL(20) }, { "little-time", ALL(1), ALL(3) }, { NULL },
	};
	static const struct made_group new[] = {
		{ "little-share", ALL(4), ALL(20.8) }, { "little-time", ALL(1), ALL(3.6) }, { NULL },
	};
	struct world w = world(8, base, 8, new);

	(void)state;
	compare(&w);
	assert_verdict(&w, "little-share", VERDICT_SAME);
	assert_verdict(&w, "little-time", VERDICT_SAME);
	assert_int_equal(w.c->tests, 0);
	comparison_free(w.c);
	w.options.min_effect = 0.03;
	w.options.min_time = 500000;
	compare(&w);
	assert_verdict(&w, "little-share", VERDICT_WORSE);
	assert_verdict(&w, "little-time", VERDICT_WORSE);
	clear(&w);
}

/* Two of eight new runs are as the base: U is 16 of 64, p 0.1. */
static void what_changed_in_some_runs_only_is_the_same(void **state)
{
	static const struct made_group base[] = {
		{ "flaky", ALL(1), { 20, 21, 22, 23, 24, 25, 26, 27 } }, { NULL },
	};
	static const struct made_group new[] = {
		{ "flaky", ALL(1), { 19, 18, 40, 40.5, 41, 41.5, 42, 42.5 } }, { NULL },
	};
	struct world w = world(8, base, 8, new);

	(void)state;
	compare(&w);
	assert_verdict(&w, "flaky", VERDICT_SAME);
	assert_true(group(&w, "flaky")->by[MEASURE_TOTAL].is_tested);
	assert_true(group(&w, "flaky")->by[MEASURE_TOTAL].adjusted > 0.05);
	assert_true(group(&w, "flaky")->by[MEASURE_TOTAL].effect > 0.05);
	clear(&w);
}

static void runs_that_hang_are_told(void **state)
{
	static const struct made_group base[] = {
		{ "fine", ALL(50), ABOUT(5) }, { "hangs", ALL(1), ABOUT(20) }, { NULL },
	};
	static const struct made_group new[] = {
		{ "fine", ALL(50), ABOUT(5) },
		{ "hangs", ALL(1), { 20, 9000, 21, 9000, 9000, 20.5, 9000, 9000 } },
		{ NULL },
	};
	struct world w = world(8, base, 8, new);
	g_autoptr(GString) words = g_string_new(NULL);

	(void)state;
	compare(&w);
	assert_verdict(&w, "hangs", VERDICT_HUNG);
	assert_verdict(&w, "fine", VERDICT_SAME);
	assert_int_equal(w.c->hung.runs, 5);
	/* All five that are far off are new: the other three new ones are any of eleven. */
	assert_true(fabs(w.c->hung.p - 165 / 12870.0) < 1e-12);
	assert_true(fabs(w.c->hung.adjusted - 165 / 12870.0 / 0.3) < 1e-12);
	assert_true(is_regression(group(&w, "hangs")));
	say_reason(w.c, group(&w, "hangs"), WORDS_FOR_PROGRAMS, words);
	assert_string_equal(words->str, "in 5 of 8 new runs for up to 9000.000 ms, in no base run "
					"for more than 20.080 ms, p = 0.043");
	clear(&w);
}

/*
 * Four of eight may hang by chance; waits 4 times as long are no hang, nor are short ones; and where as
 * many base runs hang nothing has changed.
 */
static void what_may_be_chance_is_no_hang(void **state)
{
	static const struct made_group base[] = {
		{ "both", ALL(1), { 20, 9000, 22, 9000, 24, 25, 9000, 26 } },
		{ "few", ALL(1), ABOUT(20) },
		{ "near", ALL(1), ABOUT(200) },
		{ "short", ALL(1), ABOUT(2) },
		{ NULL },
	};
	static const struct made_group new[] = {
		{ "both", ALL(1), { 9000, 20, 21, 9000, 9000, 20.5, 22, 23 } },
		{ "few", ALL(1), { 20, 9000, 21, 9000, 9000, 20.5, 9000, 20 } },
		{ "near", ALL(1), { 200, 790, 210, 790, 790, 205, 790, 790 } },
		{ "short", ALL(1), { 2, 90, 2, 90, 90, 2, 90, 90 } },
		{ NULL },
	};
	struct world w = world(8, base, 8, new);

	(void)state;
	compare(&w);
	assert_int_equal(w.c->of[VERDICT_HUNG], 0);
	assert_int_equal(group(&w, "few")->hung_runs[NEW], 4);
	assert_int_equal(group(&w, "both")->hung_runs[BASE], 3);
	assert_int_equal(group(&w, "both")->hung_runs[NEW], 3);
	assert_int_equal(group(&w, "near")->hung_runs[NEW], 0);
	assert_int_equal(group(&w, "short")->hung_runs[NEW], 0);
	clear(&w);
}

/* One base run hangs, too. Of 8 that do 7 or more are new in 65 of 12 870 ways. */
static void a_base_that_hung_once_does_not_excuse_the_new_runs(void **state)
{
	static const struct made_group base[] = {
		{ "hangs", ALL(1), { 20, 21, 9000, 22, 23, 24, 25, 26 } }, { NULL },
	};
	static const struct made_group new[] = {
		{ "hangs", ALL(1), { 9000, 9000, 9000, 22, 9000, 9000, 9000, 9000 } }, { NULL },
	};
	struct world w = world(8, base, 8, new);
	g_autoptr(GString) words = g_string_new(NULL);

	(void)state;
	compare(&w);
	assert_verdict(&w, "hangs", VERDICT_HUNG);
	assert_true(fabs(w.c->hung.p - 65 / 12870.0) < 1e-12);
	say_reason(w.c, group(&w, "hangs"), WORDS_FOR_PROGRAMS, words);
	assert_string_equal(words->str, "in 7 of 8 new runs for up to 9000.000 ms, in 1 of 8 base runs "
					"and in no other for more than 26.000 ms, p = 0.017");
	clear(&w);
}

/* All new runs hang, now here and now there: no group has half of them. */
static void hangs_here_and_there_are_told(void **state)
{
	static const struct made_group base[] = {
		{ "a", ALL(1), ABOUT(20) }, { "b", ALL(1), ABOUT(20) }, { "c", ALL(1), ABOUT(20) },
		{ NULL },
	};
	static const struct made_group new[] = {
		{ "a", ALL(1), { 9000, 20, 20, 9000, 20, 20, 9000, 20 } },
		{ "b", ALL(1), { 20, 9000, 20, 20, 9000, 20, 20, 9000 } },
		{ "c", ALL(1), { 20, 20, 9000, 20, 20, 9000, 20, 20 } },
		{ NULL },
	};
	struct world w = world(8, base, 8, new);

	(void)state;
	compare(&w);
	assert_int_equal(w.c->hung.runs, 8);
	assert_verdict(&w, "a", VERDICT_HUNG);
	assert_verdict(&w, "b", VERDICT_HUNG);
	assert_verdict(&w, "c", VERDICT_SAME);
	clear(&w);
}

/* Four of four: one way of 70. That so few runs cannot tell more changes nothing. */
static void few_runs_that_all_hang_are_told(void **state)
{
	static const struct made_group base[] = {
		{ "a", ALL(1), { 10, 20, 30, 40 } }, { "b", ALL(1), { 50, 60, 70, 80 } },
		{ "hangs", ALL(1), ABOUT(20) }, { NULL },
	};
	static const struct made_group new[] = {
		{ "a", ALL(1), { 20, 30, 40, 10 } }, { "b", ALL(1), { 60, 70, 80, 50 } },
		{ "hangs", ALL(1), ABOUT(3000) }, { NULL },
	};
	struct world w = world(4, base, 4, new);

	(void)state;
	compare(&w);
	assert_false(w.c->can_tell);
	assert_verdict(&w, "hangs", VERDICT_HUNG);
	assert_verdict(&w, "a", VERDICT_UNKNOWN);
	clear(&w);
}

/* A base run that took a hundred times as long hides nothing: what remains is as in 7 runs against 8. */
/* In a call in which the base never waited that is the same; but what is there in all new runs is just new. */
static void a_new_wait_may_hang(void **state)
{
	static const struct made_group base[] = { { "fine", ALL(10), ABOUT(20) }, { NULL } };
	static const struct made_group new[] = {
		{ "fine", ALL(10), ABOUT(20) },
		{ "lock", { 1, 0, 1, 0, 1, 1, 0, 1 }, ALL(5000) },
		{ "slow", ALL(1), ABOUT(500) },
		{ NULL },
	};
	struct world w = world(8, base, 8, new);

	(void)state;
	compare(&w);
	assert_verdict(&w, "lock", VERDICT_HUNG);
	assert_verdict(&w, "slow", VERDICT_WORSE);
	clear(&w);
}

static void a_run_that_is_far_off_hides_no_change(void **state)
{
	static const struct made_group base[] = {
		{ "slower", ALL(1), { 100, 101, 102, 103, 104, 105, 106, 10000 } }, { NULL },
	};
	static const struct made_group new[] = {
		{ "slower", ALL(1), { 130, 131, 132, 133, 134, 135, 136, 137 } }, { NULL },
	};
	struct world w = world(8, base, 8, new);
	const struct change *change;

	(void)state;
	compare(&w);
	assert_verdict(&w, "slower", VERDICT_WORSE);
	change = &group(&w, "slower")->by[MEASURE_TOTAL];
	assert_true(fabs(change->p - 2 / 6435.0) < 1e-12);
	assert_true(fabs(change->shift.estimate - 30.5e6) < 1e6);
	clear(&w);
}

/* Three such runs are no exception any more. */
static void runs_that_are_far_off_count_where_they_are_many(void **state)
{
	static const struct made_group base[] = {
		{ "slower", ALL(1), { 100, 101, 102, 103, 104, 10000, 10000, 10000 } }, { NULL },
	};
	static const struct made_group new[] = {
		{ "slower", ALL(1), { 130, 131, 132, 133, 134, 135, 136, 137 } }, { NULL },
	};
	struct world w = world(8, base, 8, new);

	(void)state;
	compare(&w);
	assert_verdict(&w, "slower", VERDICT_SAME);
	assert_true(group(&w, "slower")->by[MEASURE_TOTAL].p > 0.05);
	clear(&w);
}

static void set_syscall(struct made_profile *p, const char *command, const char *syscall)
{
	for (size_t i = 0; i < p->pub.n_groups; i++)
		if (!strcmp(p->pub.groups[i].key.command, command))
			((struct fb_profile_group *)&p->pub.groups[i])->key.syscall = syscall;
}

static void waits_may_move_to_a_call_that_does_the_same(void **state)
{
	static const struct made_group base[] = {
		{ "moved", ALL(10), ABOUT(20) }, { "other", ALL(10), ABOUT(20) },
		{ "slower", ALL(10), ABOUT(20) }, { NULL },
	};
	static const struct made_group new[] = {
		{ "moved", ALL(10), ABOUT(20) }, { "other", ALL(10), ABOUT(20) },
		{ "slower", ALL(10), ABOUT(30) }, { NULL },
	};
	struct world w = world(8, base, 8, new);
	g_autoptr(GString) words = g_string_new(NULL);

	(void)state;
	set_syscall(w.side[BASE], "moved", "epoll_wait");
	set_syscall(w.side[NEW], "moved", "epoll_pwait2");
	set_syscall(w.side[BASE], "slower", "read");
	set_syscall(w.side[NEW], "slower", "readv");
	set_syscall(w.side[NEW], "other", "splice");
	compare(&w);
	assert_verdict(&w, "moved", VERDICT_MOVED);
	assert_false(is_regression(group(&w, "moved")));
	assert_string_equal(presence_of(group(&w, "moved")), "moved");
	say_group(group(&w, "moved"), words);
	assert_string_equal(words->str, "moved in sys_epoll_wait -> sys_epoll_pwait2, woken by "
					"SOFTIRQ NET_RX");
	assert_verdict(&w, "slower", VERDICT_WORSE);
	/* A splice is no read. */
	assert_int_equal(w.c->of[VERDICT_MOVED], 1);
	assert_int_equal(w.c->groups->len, 4);
	clear(&w);
}

static void set_waker(struct made_profile *p, const char *name)
{
	for (size_t i = 0; i < p->pub.n_groups; i++) {
		struct fb_profile_key *key = &((struct fb_profile_group *)&p->pub.groups[i])->key;

		key->kind = FB_CAUSE_TASK;
		key->name = name;
	}
}

static void a_waker_may_be_called_another_name(void **state)
{
	static const struct made_group base[] = { { "woken", ALL(10), ABOUT(20) }, { NULL } };
	static const struct made_group new[] = { { "woken", ALL(10), ABOUT(20) }, { NULL } };
	struct world w = world(8, base, 8, new);
	g_autoptr(GString) words = g_string_new(NULL);

	(void)state;
	set_waker(w.side[BASE], "server");
	set_waker(w.side[NEW], "serverd");
	compare(&w);
	assert_verdict(&w, "woken", VERDICT_MOVED);
	say_group(group(&w, "woken"), words);
	assert_string_equal(words->str, "woken in sys_read, woken by TASK server -> TASK serverd");
	clear(&w);
}

static void groups_come_and_go(void **state)
{
	static const struct made_group base[] = { { "gone", ALL(2), ABOUT(20) }, { NULL } };
	static const struct made_group new[] = { { "new", ALL(2), ABOUT(20) }, { NULL } };
	struct world w = world(8, base, 8, new);

	(void)state;
	compare(&w);
	assert_verdict(&w, "gone", VERDICT_BETTER);
	assert_verdict(&w, "new", VERDICT_WORSE);
	assert_null(group(&w, "new")->group[BASE]);
	assert_true(isinf(group(&w, "new")->by[MEASURE_TOTAL].effect));
	/* No percentile of nothing. */
	assert_true(isnan(group(&w, "new")->by[MEASURE_P50].median[BASE]));
	assert_int_equal(w.c->tests, 2);
	clear(&w);
}

/* More, shorter waits of the same total: the median is better, and that is no regression. */
static void percentiles_are_tested_of_waits_enough(void **state)
{
	static const struct made_group base[] = {
		{ "few", ALL(3), ALL(20) }, { "many", ALL(100), ALL(2) }, { NULL },
	};
	static const struct made_group new[] = {
		{ "few", ALL(4), ALL(15) }, { "many", ALL(200), ALL(1) }, { NULL },
	};
	struct world w = world(8, base, 8, new);

	(void)state;
	compare(&w);
	assert_false(group(&w, "few")->by[MEASURE_P50].is_tested);
	assert_false(group(&w, "many")->by[MEASURE_TOTAL].is_tested);
	assert_true(group(&w, "many")->by[MEASURE_P50].is_tested);
	assert_true(group(&w, "many")->by[MEASURE_P99].is_tested);
	assert_verdict(&w, "few", VERDICT_SAME);
	assert_verdict(&w, "many", VERDICT_BETTER);
	assert_int_equal(group(&w, "many")->reason, MEASURE_P50);
	clear(&w);
}

static void a_percentile_costs_what_its_waits_do(void **state)
{
	static const struct made_group base[] = { { "slow", ALL(200), ALL(0.1) }, { NULL } };
	static const struct made_group new[] = { { "slow", ALL(200), ALL(0.11) }, { NULL } };
	struct world w = world(8, base, 8, new);

	(void)state;
	compare(&w);
	/* 10 µs each: 2 ms in all, 1 ms in the upper half, 0.02 ms of those above p99. */
	assert_true(group(&w, "slow")->by[MEASURE_TOTAL].is_tested);
	assert_false(group(&w, "slow")->by[MEASURE_P99].is_tested);
	assert_verdict(&w, "slow", VERDICT_WORSE);
	assert_int_equal(group(&w, "slow")->reason, MEASURE_TOTAL);
	clear(&w);
}

static void sides_change_places_with_their_verdicts(void **state)
{
	static const struct made_group base[] = {
		{ "a", ALL(5), ABOUT(20) }, { "b", ALL(5), ABOUT(30) }, { NULL },
	};
	static const struct made_group new[] = {
		{ "a", ALL(5), ABOUT(30) }, { "b", ALL(6), ABOUT(22) }, { NULL },
	};
	struct world there = world(8, base, 7, new), back = world(7, new, 8, base);

	(void)state;
	compare(&there);
	compare(&back);
	assert_verdict(&there, "a", VERDICT_WORSE);
	assert_verdict(&back, "a", VERDICT_BETTER);
	assert_verdict(&there, "b", VERDICT_BETTER);
	assert_verdict(&back, "b", VERDICT_WORSE);
	assert_int_equal(there.c->tests, back.c->tests);
	assert_true(group(&there, "a")->by[MEASURE_TOTAL].p ==
		    group(&back, "a")->by[MEASURE_TOTAL].p);
	clear(&there);
	clear(&back);
}

static void too_few_runs_never_pass(void **state)
{
	static const struct made_group base[] = {
		{ "grew", ALL(1), ABOUT(20) }, { "same", ALL(1), ALL(20) }, { NULL },
	};
	static const struct made_group new[] = {
		{ "grew", ALL(1), ABOUT(90) }, { "same", ALL(1), ALL(20) }, { NULL },
	};
	static const struct {
		unsigned base, new;
		bool can_tell;
	} cases[] = { { 1, 1, false }, { 2, 2, false }, { 3, 3, false }, { 4, 4, true }, { 2, 12, true } };
	g_autoptr(GString) words = g_string_new(NULL);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct world w = world(cases[i].base, base, cases[i].new, new);

		compare(&w);
		assert_int_equal(w.c->tests, 1);
		assert_int_equal(w.c->can_tell, cases[i].can_tell);
		assert_int_equal(w.c->needed, 4);
		assert_verdict(&w, "grew", cases[i].can_tell ? VERDICT_WORSE : VERDICT_UNKNOWN);
		assert_verdict(&w, "same", VERDICT_SAME);
		if (cases[i].base == 2 && cases[i].new == 2)
			say_outcome(w.c, words);
		clear(&w);
	}
	assert_string_equal(words->str, "2 base runs, 2 new runs: too few to tell. At least 4 runs on "
					"each side are needed for 1 test at --alpha 0.05");
}

/* Even where nothing is to be tested: it could not have been seen. */
static void runs_that_are_alike_but_too_few_do_not_pass(void **state)
{
	static const struct made_group any[] = { { "same", ALL(1), ALL(20) }, { NULL } };
	struct world w = world(3, any, 3, any);

	(void)state;
	compare(&w);
	assert_int_equal(w.c->tests, 0);
	assert_false(w.c->can_tell);
	clear(&w);
}

/* Of 60 groups that all grow five runs a side cannot tell any: 2/252 is more than 0.05/60; 2/3432 is less. */
static void many_tests_ask_for_more_runs(void **state)
{
	struct made_group base[61] = { { NULL } }, new[61] = { { NULL } };
	const struct made_group is = { "", ALL(1), ABOUT(20) }, was = { "", ALL(1), ABOUT(10) };
	char names[60][8];
	struct world five, eight;

	(void)state;
	for (int i = 0; i < 60; i++) {
		g_snprintf(names[i], sizeof(names[i]), "g%02d", i);
		base[i] = was;
		new[i] = is;
		base[i].command = new[i].command = names[i];
	}
	five = world(5, base, 5, new);
	eight = world(8, base, 8, new);
	compare(&five);
	compare(&eight);
	/* 252 ways to deal out ten runs, two of which are as sure: six tests at most. */
	assert_int_equal(five.c->tests, 6);
	assert_int_equal(five.c->left_out, 54);
	assert_false(five.c->can_tell);
	assert_int_equal(five.c->of[VERDICT_WORSE], 6);
	assert_int_equal(five.c->of[VERDICT_UNKNOWN], 54);
	assert_int_equal(five.c->needed, 7);
	assert_int_equal(eight.c->of[VERDICT_WORSE], 60);
	clear(&five);
	clear(&eight);
}

/*
 * 340 groups whose runs differ by a tenth are 680 tests, more than 16 runs allow: the one that is four
 * times slower is found, and of those that were not looked at nothing is said.
 */
static void what_differs_most_is_tested_first(void **state)
{
	static const struct made_group noisy = { "", ALL(10), { 20, 22, 20.5, 21, 20.2, 21.8, 20.9, 21.3 } };
	struct made_group base[341] = { { NULL } }, new[341] = { { NULL } };
	g_autoptr(GString) words = g_string_new(NULL);
	char names[340][8];
	struct world w;

	(void)state;
	for (int i = 0; i < 340; i++) {
		g_snprintf(names[i], sizeof(names[i]), "g%03d", i);
		base[i] = new[i] = noisy;
		base[i].command = new[i].command = names[i];
	}
	for (int i = 0; i < 8; i++)
		new[170].ms[i] *= 4;
	w = world(8, base, 8, new);
	compare(&w);
	assert_verdict(&w, "g170", VERDICT_WORSE);
	assert_int_equal(w.c->of[VERDICT_WORSE], 1);
	assert_int_equal(w.c->of[VERDICT_BETTER], 0);
	/* Those of total and p50: of the slow group both are made. */
	assert_int_equal(w.c->tests + w.c->left_out, 680);
	assert_true(group(&w, "g170")->by[MEASURE_P50].is_tested);
	assert_int_equal(w.c->tests, 321);
	assert_false(w.c->can_tell);
	assert_int_equal(w.c->of[VERDICT_UNKNOWN], 339);
	say_outcome(w.c, words);
	assert_non_null(strstr(words->str, "1 group of waits got worse"));
	assert_non_null(strstr(words->str, "of 680 tests only the 321 of what differs most could be made, all take 9 runs"));
	clear(&w);
}

/* The first two are the same threads' call, ended by a packet or a timer. */
static void set_causes_of_one_call(struct made_profile *p)
{
	struct fb_profile_key *timer = &((struct fb_profile_group *)&p->pub.groups[1])->key;

	timer->command = p->pub.groups[0].key.command;
	timer->thread = p->pub.groups[0].key.thread;
	timer->kind = FB_CAUSE_HRTIMER;
	timer->name = "hrtimer_wakeup";
}

static enum verdict verdict_of_cause(const struct world *w, enum fb_cause_kind kind)
{
	for (size_t i = 0; i < w->c->groups->len; i++)
		if (compared_at(w->c, i)->key->kind == kind)
			return compared_at(w->c, i)->verdict;
	fail_msg("no such cause");
	return VERDICT_UNKNOWN;
}

static void assert_moves(const struct made_group *base, const struct made_group *new, enum verdict of_packet,
			 enum verdict of_timer)
{
	struct world w = world(8, base, 8, new);

	for (enum side side = BASE; side < SIDES; side++)
		set_causes_of_one_call(w.side[side]);
	compare(&w);
	assert_string_equal(verdict_name(verdict_of_cause(&w, FB_CAUSE_SOFTIRQ)), verdict_name(of_packet));
	assert_string_equal(verdict_name(verdict_of_cause(&w, FB_CAUSE_HRTIMER)), verdict_name(of_timer));
	clear(&w);
}

/* Of a call's 100 waits of 20 ms five more are ended by its timer. */
static void waits_may_have_another_cause(void **state)
{
	static const struct made_group base[] = {
		{ "loop", ALL(90), ABOUT(20) }, { "m", ALL(10), ABOUT(20) }, { NULL } };
	static const struct made_group moved[] = {
		{ "loop", ALL(85), ABOUT(20) }, { "m", ALL(15), ABOUT(20) }, { NULL } };

	(void)state;
	assert_moves(base, moved, VERDICT_MOVED, VERDICT_MOVED);
	assert_moves(moved, base, VERDICT_MOVED, VERDICT_MOVED);
}

/* Where those are there on top, or are longer than what they stand for, somebody waits longer. */
static void waits_by_another_cause_may_be_worse(void **state)
{
	static const struct made_group base[] = {
		{ "loop", ALL(90), ABOUT(20) }, { "m", ALL(10), ABOUT(20) }, { NULL } };
	static const struct made_group more[] = {
		{ "loop", ALL(90), ABOUT(20) }, { "m", ALL(15), ABOUT(20) }, { NULL } };
	static const struct made_group longer[] = {
		{ "loop", ALL(85), ABOUT(20) }, { "m", ALL(15), ABOUT(60) }, { NULL } };
	static const struct made_group time_out[] = { /* as long altogether */
		{ "loop", ALL(70), ABOUT(20) }, { "m", ALL(10), ABOUT(60) }, { NULL } };

	(void)state;
	assert_moves(base, more, VERDICT_SAME, VERDICT_WORSE);
	assert_moves(base, longer, VERDICT_MOVED, VERDICT_WORSE);
	assert_moves(base, time_out, VERDICT_MOVED, VERDICT_WORSE);
}

/* Runs of twice the length have twice the waits; by the second they are the same. */
static void rates_do_not_depend_on_the_length(void **state)
{
	static const struct made_group base[] = { { "steady", ALL(10), ABOUT(20) }, { NULL } };
	static const struct made_group new[] = { { "steady", ALL(20), ABOUT(20) }, { NULL } };
	struct world w = world(8, base, 8, new);

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		w.side[NEW]->run[i].end += 10 * INT64_C(1000000000);
	compare(&w);
	assert_verdict(&w, "steady", VERDICT_WORSE);
	assert_int_equal(w.c->warnings->len, 1);
	assert_string_equal(g_ptr_array_index(w.c->warnings, 0),
			    "runs last 10.000 s in the base, 20.000 s in the new runs; what waits all "
			    "the time, as daemons do, differs as much (--per=second, --comm)");
	comparison_free(w.c);
	w.options.per_second = true;
	compare(&w);
	assert_verdict(&w, "steady", VERDICT_SAME);
	/* 10 waits of 20 ms in 10 s, by the median of 1.0005 of that. */
	assert_true(group(&w, "steady")->count[NEW] == 1);
	assert_true(fabs(group(&w, "steady")->by[MEASURE_TOTAL].median[NEW] - 20e6 * 1.0005) < 1e4);
	clear(&w);
}

static void sides_that_are_not_alike_are_told(void **state)
{
	static const char *const missing[] = { "softirq_raise", NULL };
	static const char *const expected[] = {
		"1 run is on both sides",
		"the hosts differ: builder in the base, builder and laptop in the new runs",
		"the kernels differ: 6.1.0 in the base, unknown and 6.1.0 in the new runs",
		"the tracers differ: lttng-modules 2.13.9 in the base, perf  and lttng-modules 2.13.9 "
		"in the new runs",
		"the numbers of CPUs differ: 2 in the base, 2 and 8 in the new runs",
		"the events that were not recorded differ: none in the base, none and softirq_raise "
		"in the new runs",
		"1 base run lost 7 events and 1 packets; 3 waits that this touched are left out",
		"1 new run could not be read to the end",
	};
	static const struct made_group base[] = { { "a", ALL(1), ALL(20), .uncertain = 3 }, { NULL } };
	static const struct made_group new[] = { { "a", ALL(1), ALL(30) }, { NULL } };
	struct world w = world(4, base, 4, new);
	struct fb_profile_run *run = w.side[NEW]->run;

	(void)state;
	run[0].id = w.side[BASE]->run[3].id;
	run[1].host = "laptop";
	run[0].kernel = NULL;
	run[0].tracer = "perf";
	run[0].tracer_version = NULL;
	run[3].cpus = 8;
	run[3].missing = missing;
	run[2].complete = false;
	w.side[BASE]->run[0].lost_events = 7;
	w.side[BASE]->run[0].lost_packets = 1;
	w.side[BASE]->run[0].waits[FB_QUALITY_LOST] = 3;
	compare(&w);
	assert_int_equal(w.c->warnings->len, G_N_ELEMENTS(expected));
	for (size_t i = 0; i < G_N_ELEMENTS(expected); i++)
		assert_string_equal(g_ptr_array_index(w.c->warnings, i), expected[i]);
	assert_int_equal(group(&w, "a")->uncertain[BASE], 3);
	clear(&w);
}

/* The five longest of all runs, and whose they are. */
static void worst_waits_are_those_of_all_runs(void **state)
{
	static const struct made_group base[] = { { "a", ALL(1), ALL(1) }, { NULL } };
	static const struct made_group new[] = {
		{ "a", { 2, 1, 3, 0 }, { 20, 50, 30, 0 } }, { NULL },
	};
	static const fb_ns expected[] = { 50000000, 30000000, 30000000, 30000000, 20000000 };
	static const int runs[] = { 1, 2, 2, 2, 0 };
	struct worst worst[FB_PROFILE_WORST];
	struct world w = world(4, base, 4, new);

	(void)state;
	compare(&w);
	assert_int_equal(find_worst(w.c->side[NEW], group(&w, "a")->group[NEW], worst), 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(worst[i].wait.asleep, expected[i]);
		assert_ptr_equal(worst[i].run, &w.side[NEW]->run[runs[i]]);
	}
	assert_int_equal(find_worst(w.c->side[NEW], NULL, worst), 0);
	clear(&w);
}

static void junit_names_what_got_worse(void **state)
{
	static const struct made_group base[] = { { "<&\"\x01>", ALL(1), ABOUT(20) }, { NULL } };
	static const struct made_group new[] = { { "<&\"\x01>", ALL(1), ABOUT(40) }, { NULL } };
	struct world w = world(4, base, 4, new);
	struct junit *j;
	g_autofree char *text = NULL;

	(void)state;
	compare(&w);
	j = junit_of_comparison(w.c);
	text = junit_text(j);
	junit_free(j);
	assert_non_null(strstr(text, " tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\""));
	assert_non_null(strstr(text, "<testcase classname=\"&lt;&amp;&quot;\\x01&gt;\" "
				     "name=\"&lt;&amp;&quot;\\x01&gt; in sys_read, woken by "
				     "SOFTIRQ NET_RX\" time=\"0\">\n    <failure "));
	assert_non_null(strstr(text, "time asleep 20.010 -&gt; 40.020 ms (+100.0 %, "));
	assert_non_null(strstr(text, "p = 0.029 among 1 test"));
	clear(&w);
}

/* ---- nothing to base a verdict on --------------------------------------------------------- */

static void assert_lacks(const struct world *w, guint i, const char *expected)
{
	assert_false(w->c->can_tell);
	assert_true(i < w->c->lacks->len);
	assert_string_equal(g_ptr_array_index(w->c->lacks, i), expected);
	assert_int_equal(w->c->of[VERDICT_UNKNOWN], w->c->groups->len);
}

static const struct made_group once[] = { { "a", ALL(4), ALL(20) }, { NULL } };

static void runs_without_waits_are_no_grounds(void **state)
{
	struct world w = world(8, no_groups, 8, no_groups);

	(void)state;
	compare(&w);
	assert_int_equal(w.c->groups->len, 0);
	assert_int_equal(w.c->lacks->len, 2);
	assert_lacks(&w, 0, "8 of 8 base runs have no wait at all of the chosen tasks; record longer, or choose "
			    "others");
	assert_lacks(&w, 1, "8 of 8 new runs have no wait at all of the chosen tasks; record longer, or choose "
			    "others");
	clear(&w);
}

/* A program that hangs from begin to end, one that is not there, nothing at all; one run is enough. */
static void what_a_run_lacks_is_told(void **state)
{
	static const struct made_group new[] = { { "a", { 4, 4, 4, 0 }, ALL(20) }, { NULL } };
	static const int32_t pid = 9;
	struct world w = world(4, once, 4, new);
	struct fb_profile_run *run = &w.side[NEW]->run[3];

	(void)state;
	run->waits[FB_QUALITY_EDGE] = 5;
	compare(&w);
	assert_lacks(&w, 0, "1 of 4 new runs has no whole wait, but 5 that began before or ended after it; "
			    "record longer");
	comparison_free(w.c);
	run->tasks = 0;
	compare(&w);
	assert_lacks(&w, 0, "1 of 4 new runs is empty: there is no task in it; record while the program runs");
	comparison_free(w.c);
	for (unsigned i = 0; i < 4; i++) {
		struct fb_profile_selection *s = &w.side[NEW]->run[i].selection;

		s->comm = "server";
		s->pids = &pid;
		s->n_pids = 1;
	}
	compare(&w);
	assert_lacks(&w, 0, "1 of 4 new runs has no task that was chosen by --comm 'server' --pid 9; choose one "
			    "that is there");
	clear(&w);
}

/* Nobody waits so long in the base: that is no lack, and what comes to it is worse. */
static void only_long_waits_may_be_wanted(void **state)
{
	static const struct made_group slow[] = { { "a", ALL(4), ABOUT(200) }, { NULL } };
	struct world w = world(8, no_groups, 8, slow);

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		w.side[BASE]->run[i].selection.min_duration = 100000000;
	compare(&w);
	assert_int_equal(w.c->lacks->len, 0);
	assert_verdict(&w, "a", VERDICT_WORSE);
	comparison_free(w.c);
	/* An older file does not say whether anybody was there. */
	w.side[BASE]->run[0].tasks = -1;
	compare(&w);
	assert_lacks(&w, 0, "1 of 8 base runs has no wait at all of the chosen tasks; record longer, or choose "
			    "others");
	clear(&w);
}

/* Of 250 waits that are five times longer none counts. */
static void waits_that_do_not_count_are_no_grounds(void **state)
{
	static const struct made_group lost[] = {
		{ "a", ALL(0), ALL(100), .uncertain = 250 }, { "b", ALL(4), ALL(20) }, { NULL },
	};
	static const struct made_group even[] = { { "a", ALL(4), ALL(20), .uncertain = 4 }, { NULL } };
	static const struct made_group more[] = { { "a", ALL(4), ALL(20), .uncertain = 5 }, { NULL } };
	struct world w = world(8, once, 8, lost), half = world(8, even, 8, once),
		     fewer = world(8, more, 8, once);

	(void)state;
	compare(&w);
	assert_lacks(&w, 0, "1 of 8 new runs: 4 of 254 waits count (100 % of the time asleep); what the others "
			    "were is not certain: flightbox info TRACE tells what the recording lacks");
	comparison_free(w.c);
	w.side[NEW]->run[0].lost_events = 3;
	compare(&w);
	assert_lacks(&w, 0, "1 of 8 new runs: 4 of 254 waits count (100 % of the time asleep); events were lost: "
			    "record again with larger buffers or fewer events");
	compare(&half);
	assert_int_equal(half.c->lacks->len, 0);
	assert_true(half.c->can_tell);
	compare(&fewer);
	assert_int_equal(fewer.c->lacks->len, 1);
	clear(&w);
	clear(&half);
	clear(&fewer);
}

static void time_that_does_not_count_is_no_grounds(void **state)
{
	static const struct made_group one[] = { { "a", ALL(4), ALL(20), .uncertain = 1 }, { NULL } };
	struct world w = world(8, once, 8, one);
	struct fb_profile_values *v = (void *)w.side[NEW]->pub.groups[0].shares[0].values;

	(void)state;
	v->uncertain_asleep = 80000000;
	compare(&w);
	assert_int_equal(w.c->lacks->len, 0);
	comparison_free(w.c);
	v->uncertain_asleep++;
	compare(&w);
	assert_lacks(&w, 0, "1 of 8 new runs: 4 of 5 waits count (50 % of the time asleep); what the others were "
			    "is not certain: flightbox info TRACE tells what the recording lacks");
	clear(&w);
}

/* Most waits of a run count, but those of `a` do not: neither its time nor what it lacks is a change. */
static void a_group_that_does_not_count_has_no_verdict(void **state)
{
	static const struct made_group base[] = {
		{ "a", ALL(4), ABOUT(20), .uncertain = 0 }, { "b", ALL(400), ALL(1) }, { NULL },
	};
	static const struct made_group new[] = {
		{ "a", ALL(0), ALL(0), .uncertain = 30 }, { "b", ALL(400), ALL(1) }, { NULL },
	};
	struct world w = world(8, base, 8, new);
	g_autoptr(GString) words = g_string_new(NULL);

	(void)state;
	compare(&w);
	assert_verdict(&w, "a", VERDICT_UNKNOWN);
	assert_verdict(&w, "b", VERDICT_SAME);
	assert_true(w.c->can_tell);
	say_outcome(w.c, words);
	assert_string_equal(words->str, "8 base runs, 8 new runs: 0 groups of waits got worse, 0 better, 1 stayed the "
					"same, of 1 fewer than half of the waits count");
	comparison_free(w.c);
	w.options.strict = true;
	compare(&w);
	assert_lacks(&w, 0, "--strict: 30 waits in 1 group of the new runs do not count");
	clear(&w);
}

static void what_was_asked_for_and_is_not_there_is_told(void **state)
{
	g_autoptr(GPtrArray) missing = g_ptr_array_new();
	g_autoptr(GString) words = g_string_new(NULL);
	struct world w = world(8, once, 8, no_groups);
	g_autofree char *text = NULL;
	struct junit *j;

	(void)state;
	w.options.missing = missing;
	w.side[NEW]->run[0].tasks = 0;
	w.side[NEW]->run[0].selection.comm = "b";
	g_ptr_array_add(missing, (char *)"new: --comm b: no task in the trace is called that");
	compare(&w);
	assert_lacks(&w, 0, "new: --comm b: no task in the trace is called that");
	assert_int_equal(w.c->lacks->len, 2);
	say_outcome(w.c, words);
	assert_string_equal(words->str, "8 base runs, 8 new runs: nothing can be told. new: --comm b: no task in the "
					"trace is called that; and 1 more reason");
	j = junit_of_comparison(w.c);
	text = junit_text(j);
	junit_free(j);
	assert_non_null(strstr(text, " tests=\"2\" failures=\"0\" errors=\"1\" skipped=\"1\""));
	assert_non_null(strstr(text, "name=\"enough to tell\""));
	clear(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_grew_is_worse_and_what_shrank_better),
		cmocka_unit_test(changes_below_the_noise_are_none),
		cmocka_unit_test(what_changed_in_some_runs_only_is_the_same),
		cmocka_unit_test(groups_come_and_go),
		cmocka_unit_test(runs_that_hang_are_told),
		cmocka_unit_test(what_may_be_chance_is_no_hang),
		cmocka_unit_test(a_base_that_hung_once_does_not_excuse_the_new_runs),
		cmocka_unit_test(hangs_here_and_there_are_told),
		cmocka_unit_test(few_runs_that_all_hang_are_told),
		cmocka_unit_test(a_new_wait_may_hang),
		cmocka_unit_test(a_run_that_is_far_off_hides_no_change),
		cmocka_unit_test(runs_that_are_far_off_count_where_they_are_many),
		cmocka_unit_test(waits_may_move_to_a_call_that_does_the_same),
		cmocka_unit_test(a_waker_may_be_called_another_name),
		cmocka_unit_test(percentiles_are_tested_of_waits_enough),
		cmocka_unit_test(a_percentile_costs_what_its_waits_do),
		cmocka_unit_test(sides_change_places_with_their_verdicts),
		cmocka_unit_test(too_few_runs_never_pass),
		cmocka_unit_test(runs_that_are_alike_but_too_few_do_not_pass),
		cmocka_unit_test(many_tests_ask_for_more_runs),
		cmocka_unit_test(what_differs_most_is_tested_first),
		cmocka_unit_test(waits_may_have_another_cause),
		cmocka_unit_test(waits_by_another_cause_may_be_worse),
		cmocka_unit_test(rates_do_not_depend_on_the_length),
		cmocka_unit_test(sides_that_are_not_alike_are_told),
		cmocka_unit_test(worst_waits_are_those_of_all_runs),
		cmocka_unit_test(junit_names_what_got_worse),
		cmocka_unit_test(runs_without_waits_are_no_grounds),
		cmocka_unit_test(what_a_run_lacks_is_told),
		cmocka_unit_test(only_long_waits_may_be_wanted),
		cmocka_unit_test(waits_that_do_not_count_are_no_grounds),
		cmocka_unit_test(time_that_does_not_count_is_no_grounds),
		cmocka_unit_test(a_group_that_does_not_count_has_no_verdict),
		cmocka_unit_test(what_was_asked_for_and_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
