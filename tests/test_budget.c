/* SPDX-License-Identifier: MIT */
/* test_budget.c - what a file of budgets says, where it makes no sense, and what runs have of it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "compare/budget.h"
#include "compare/check.h"
#include "made_profile.h"

static GPtrArray *parse(const char *text)
{
	GError *error = NULL;
	GPtrArray *budgets = budgets_parse(text, "b", &error);

	if (!budgets)
		fail_msg("%s", error->message);
	return budgets;
}

static const struct budget *at(const GPtrArray *budgets, guint i)
{
	assert_true(i < budgets->len);
	return g_ptr_array_index(budgets, i);
}

static void assert_text(const char *found, const char *expected)
{
	if (!expected)
		assert_null(found);
	else
		assert_string_equal(found, expected);
}

static void every_form_of_a_limit_is_read(void **state)
{
	static const struct {
		enum budget_measure measure;
		enum budget_unit unit;
		double percent, limit;
		bool or_equal;
		const char *text;
	} expected[] = {
		{ BUDGET_COUNT, BUDGET_NUMBER, 0, 100, false, "count < 100" },
		{ BUDGET_COUNT, BUDGET_PER_SECOND, 0, 2.5, true, "count<=2.5/s" },
		{ BUDGET_TOTAL, BUDGET_NS, 0, 3e9, false, "total < 3s" },
		{ BUDGET_TOTAL, BUDGET_SHARE, 0, 0.1, false, "total < 10% of time" },
		{ BUDGET_MAX, BUDGET_NS, 0, 50e6, false, "max < 50ms" },
		{ BUDGET_PERCENTILE, BUDGET_NS, 99, 5e6, false, "p99 < 5ms" },
		{ BUDGET_PERCENTILE, BUDGET_NS, 99.9, 250e3, false, "p99.9 < 250us" },
	};
	g_autoptr(GPtrArray) budgets =
		parse("# all of them\n"
		      "count < 100\n"
		      "\tcount<=2.5/s, total < 3s # two in a line\r\n"
		      "total < 10% of time\n\n"
		      "max < 50ms,p99 < 5ms , p99.9 < 250us");
	static const unsigned lines[] = { 2, 3, 3, 4, 6, 6, 6 };

	(void)state;
	assert_int_equal(budgets->len, G_N_ELEMENTS(expected));
	for (guint i = 0; i < budgets->len; i++) {
		const struct budget *b = at(budgets, i);

		assert_int_equal(b->line, lines[i]);
		assert_int_equal(b->measure, expected[i].measure);
		assert_int_equal(b->unit, expected[i].unit);
		assert_true(b->percent == expected[i].percent);
		assert_true(fabs(b->limit - expected[i].limit) <= 1e-9 * b->limit);
		assert_int_equal(b->or_equal, expected[i].or_equal);
		assert_string_equal(b->text, expected[i].text);
		assert_string_equal(b->section, "");
	}
}

static void sections_and_patterns_say_which_waits(void **state)
{
	static const struct {
		const char *section, *process, *thread, *syscall, *cause, *text;
	} expected[] = {
		{ "", NULL, NULL, "read", NULL, "syscall=read max < 1s" },
		{ "[process \"my [app]\" thread w*]", "my [app]", "w*", "epoll_*", "net_rx",
		  "syscall=epoll_*  cause=net_rx p50 < 1ms" },
		{ "[process \"my [app]\" thread w*]", "my [app]", "w*", "epoll_*", "net_rx",
		  "syscall=epoll_*  cause=net_rx p90 < 2ms" },
		{ "[process \"my [app]\" thread w*]", "other", "w*", NULL, NULL,
		  "process=\"other\" count < 1" },
		{ "[thread \"a\\\"b\"]", NULL, "a\"b", NULL, NULL, "max < 1s" },
		{ "[]", NULL, NULL, NULL, NULL, "max < 1s" },
	};
	g_autoptr(GPtrArray) budgets = parse("syscall=read max < 1s\n"
					     "[process \"my [app]\" thread w*] # one\n"
					     "syscall=epoll_*  cause=net_rx  p50 < 1ms, p90 < 2ms\n"
					     "process=\"other\" count < 1\n"
					     " [thread \"a\\\"b\"]\n"
					     "max < 1s\n"
					     "[]\n"
					     "max < 1s\n");

	(void)state;
	assert_int_equal(budgets->len, G_N_ELEMENTS(expected));
	for (guint i = 0; i < budgets->len; i++) {
		const struct budget *b = at(budgets, i);

		assert_string_equal(b->section, expected[i].section);
		assert_text(b->process, expected[i].process);
		assert_text(b->thread, expected[i].thread);
		assert_text(b->syscall, expected[i].syscall);
		assert_text(b->cause, expected[i].cause);
		assert_string_equal(b->text, expected[i].text);
	}
}

static void mistakes_are_told_with_line_and_column(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "p99 < 5", "b:1:7: expected a duration, as 5ms\np99 < 5\n      ^" },
		{ "\n\tp99 < ms", "b:2:8: expected a duration, as 5ms\n p99 < ms\n       ^" },
		{ "total < 5", "b:1:9: expected a duration, as 5ms, or 10% of time\ntotal < 5\n        ^" },
		{ "total < 10%", "b:1:12: expected 'of time'\ntotal < 10%\n           ^" },
		{ "total < 10% of it", "b:1:16: expected 'of time'\ntotal < 10% of it\n               ^" },
		{ "total < x% of time", "b:1:9: expected a percentage, as 10%\ntotal < x% of time\n        ^" },
		{ "count < 5ms", "b:1:9: expected a number, as 100 or 100/s\ncount < 5ms\n        ^" },
		{ "count < -5", "b:1:9: expected a number, as 100 or 100/s\ncount < -5\n        ^" },
		{ "count > 5", "b:1:7: expected < or <=\ncount > 5\n      ^" },
		{ "max < 5ms 3", "b:1:11: expected a comma or the end of the line\nmax < 5ms 3\n          ^" },
		{ "max < 5ms,", "b:1:11: expected count, total, max, a percentile as p99, or syscall=, "
				"cause=, process=, thread=\nmax < 5ms,\n          ^" },
		{ "p0 < 5ms", "b:1:1: expected count, total, max, a percentile as p99, or syscall=, "
			      "cause=, process=, thread=\np0 < 5ms\n^" },
		{ "p101 < 5ms", "b:1:1: expected count, total, max, a percentile as p99, or syscall=, "
				"cause=, process=, thread=\np101 < 5ms\n^" },
		{ "what=x max < 1s", "b:1:1: expected syscall=, cause=, process= or thread=\n"
				     "what=x max < 1s\n^" },
		{ "syscall= max < 1s", "b:1:9: expected a name or a pattern\nsyscall= max < 1s\n        ^" },
		{ "cause=\"x max < 1s", "b:1:7: expected a name or a pattern that ends with a quote\n"
					"cause=\"x max < 1s\n      ^" },
		{ "[process]", "b:1:9: expected a name or a pattern\n[process]\n        ^" },
		{ "[proces x]", "b:1:2: expected 'process', 'thread' or ]\n[proces x]\n ^" },
		{ "[process a", "b:1:11: expected 'process', 'thread' or ]\n[process a\n          ^" },
		{ "[process a process b]", "b:1:12: 'process' stands here twice\n"
					   "[process a process b]\n           ^" },
		{ "[process a] x", "b:1:13: expected nothing behind the section\n"
				   "[process a] x\n            ^" },
		/* Columns are characters, not bytes; bytes that are none are one each. */
		{ "process=\"\xc3\xa9\" max < x", "b:1:19: expected a duration, as 5ms\n"
						   "process=\"\xc3\xa9\" max < x\n"
						   "                  ^" },
		{ "process=\"\xff\" max < x", "b:1:19: expected a duration, as 5ms\n"
					       "process=\"\xef\xbf\xbd\" max < x\n"
					       "                  ^" },
		{ "# nothing\n", "b: has no budget" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		assert_null(budgets_parse(cases[i].text, "b", &error));
		assert_string_equal(error->message, cases[i].message);
	}
}

/* Whatever is cut off a file, it is read or refused, and never read beyond. */
static void a_file_may_end_anywhere(void **state)
{
	static const char text[] = "[process \"a\\\"b\" thread w*] # x\n"
				   "syscall=read cause=\"net*\" p99.9 <= 5ms, total < 10% of time\n";

	(void)state;
	for (size_t n = 0; n <= strlen(text); n++) {
		g_autofree char *copy = g_strndup(text, n);
		g_autoptr(GError) error = NULL;
		GPtrArray *budgets = budgets_parse(copy, "b", &error);

		assert_true(!budgets == (error != NULL));
		if (budgets)
			g_ptr_array_unref(budgets);
	}
}

static bool matches(const char *text, const struct fb_profile_key *key)
{
	g_autoptr(GPtrArray) budgets = parse(text);

	return budget_matches(at(budgets, 0), key);
}

static void patterns_choose_groups(void **state)
{
	const struct fb_profile_key key = {
		.command = "nginx", .thread = "worker-*", .syscall = "epoll_wait",
		.kind = FB_CAUSE_SOFTIRQ, .name = "NET_RX",
	};
	const struct fb_profile_key other = {
		.command = "sh", .thread = "", .kind = FB_CAUSE_TASK, .via = FB_VIA_CHILD_EXIT,
	};

	(void)state;
	assert_true(matches("max < 1s", &key));
	assert_true(matches("[process \"ng*\"]\nmax < 1s", &key));
	assert_false(matches("[process \"ng\"]\nmax < 1s", &key));
	assert_true(matches("thread=\"worker*\" max < 1s", &key));
	assert_true(matches("syscall=epoll_* max < 1s", &key));
	assert_true(matches("syscall=sys_epoll_wait max < 1s", &key));
	assert_false(matches("syscall=poll max < 1s", &key));
	assert_true(matches("cause=softirq max < 1s", &key));
	assert_true(matches("cause=net_rx max < 1s", &key));
	assert_true(matches("cause=NET* max < 1s", &key));
	assert_false(matches("cause=timer max < 1s", &key));
	assert_true(matches("syscall=* cause=* max < 1s", &other));
	assert_true(matches("syscall=none max < 1s", &other));
	assert_false(matches("syscall=none max < 1s", &key));
	assert_true(matches("cause=child_exit max < 1s", &other));
}

/* Two runs of 10 s: a waits 20 × 30 ms and 50 × 10 ms, b once 400 ms in the second. */
static const struct made_group groups[] = {
	{ "a", { 20, 50 }, { 30, 10 } },
	{ "b", { 0, 1 }, { 0, 400 } },
	{ NULL },
};

static void budgets_are_held_or_broken(void **state)
{
	static const struct {
		const char *text;
		enum check_outcome outcome;
		double found;
		unsigned run;
	} cases[] = {
		{ "count < 51", CHECK_BROKEN, 51, 1 },
		{ "count <= 51", CHECK_HELD, 51, 1 },
		{ "count < 5.2/s", CHECK_HELD, 5.1, 1 },
		{ "process=a total < 600ms", CHECK_BROKEN, 600e6, 0 },
		{ "process=a total < 6.1% of time", CHECK_HELD, 0.06, 0 },
		{ "total < 9% of time", CHECK_BROKEN, 0.09, 1 },
		{ "max < 500ms", CHECK_HELD, 400e6, 1 },
		{ "process=a max <= 29ms", CHECK_BROKEN, 30e6, 0 },
		{ "p95 < 30.5ms", CHECK_HELD, 30e6, 0 },
		{ "p100 < 100ms", CHECK_BROKEN, 400e6, 1 },
		{ "process=nobody max < 1s", CHECK_UNSEEN, 0, 0 },
		{ "process=a thread=b max < 1s", CHECK_UNSEEN, 0, 0 },
		{ "process=a syscall=write max < 1s", CHECK_UNMATCHED, 0, 0 },
	};
	struct made_profile *p = made_profile_new(2, 1, groups);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) budgets = parse(cases[i].text);
		struct checks *checks = checks_new(budgets, "file", false, &p->pub, NULL);
		const struct check *c = check_at(checks, 0);

		assert_int_equal(c->outcome, cases[i].outcome);
		assert_int_equal(checks_verdict(checks), cases[i].outcome == CHECK_BROKEN ? CHECKS_BROKEN :
				 cases[i].outcome == CHECK_UNSEEN ? CHECKS_OPEN : CHECKS_HELD);
		if (cases[i].found) {
			assert_true(fabs(c->found - cases[i].found) <= 0.01 * cases[i].found);
			assert_ptr_equal(c->run, &p->run[cases[i].run]);
		} else {
			assert_null(c->run);
		}
		checks_free(checks);
	}
	made_profile_free(p);
}

/* In the second run, of both groups. */
static void the_longest_waits_are_named(void **state)
{
	struct made_profile *p = made_profile_new(2, 1, groups);
	g_autoptr(GPtrArray) budgets = parse("max < 1ms");
	struct checks *checks = checks_new(budgets, "file", false, &p->pub, NULL);
	const struct check *c = check_at(checks, 0);

	(void)state;
	assert_int_equal(c->n_worst, 5);
	assert_int_equal(c->waits, 51);
	assert_int_equal(c->worst[0].wait.asleep, 400000000);
	for (size_t i = 1; i < 5; i++)
		assert_int_equal(c->worst[i].wait.asleep, 10000000);
	checks_free(checks);
	made_profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_a_limit_is_read),
		cmocka_unit_test(sections_and_patterns_say_which_waits),
		cmocka_unit_test(mistakes_are_told_with_line_and_column),
		cmocka_unit_test(a_file_may_end_anywhere),
		cmocka_unit_test(patterns_choose_groups),
		cmocka_unit_test(budgets_are_held_or_broken),
		cmocka_unit_test(the_longest_waits_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
