/* SPDX-License-Identifier: MIT */
/* test_blocking.c - in what order `blocking` lists tasks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <glib.h>

#include "scenario.h"

/* Fails the test unless the names stand in the report in that order, each once. */
static void assert_order(const char *report, const char *const *names)
{
	for (const char *at = report; *names; names++) {
		const char *found = strstr(at, *names);

		if (!found)
			fail_msg("%s is not behind the names before, or not there:\n%s", *names, report);
		at = found + strlen(*names);
		if (strstr(at, *names))
			fail_msg("%s is there twice:\n%s", *names, report);
	}
}

/*
 * 20 waits from 1 to 2, 21 from 3 to 7. The rest wait with no begin: since the trace's begin, at 0.
 * 34 and 33 are woken at 9, 31 at 5, 32 at 20.
 */
static void whole_waits_come_first_and_then_the_longest(void **state)
{
	static const char *const names[] = { "for task t [21]\n", "for task t [20]\n",
					     "Tasks with no wait seen from begin to end\n",
					     "t [32]  -", "t [33]  -", "t [34]  -", "t [31]  -", NULL };
	g_autofree char *got = scenario_report(
		"0 0 sched_switch prev_tid=0 next_tid=20 next_comm=t\n"
		"0 1 sched_switch prev_tid=0 next_tid=21 next_comm=t\n"
		"1 0 sched_switch prev_tid=20 prev_state=1 next_tid=0\n"
		"2 1 sched_waking tid=20 comm=t\n"
		"2 0 sched_switch prev_tid=0 next_tid=20 next_comm=t\n"
		"3 1 sched_switch prev_tid=21 prev_state=1 next_tid=0\n"
		"5 0 sched_waking tid=31 comm=t\n"
		"7 0 sched_waking tid=21 comm=t\n"
		"7 1 sched_switch prev_tid=0 next_tid=21 next_comm=t\n"
		"9 0 sched_waking tid=34 comm=t\n"
		"9 0 sched_waking tid=33 comm=t\n"
		"20 0 sched_waking tid=32 comm=t\n"
		"21 0 sched_switch prev_tid=20 prev_state=0 next_tid=31 next_comm=t\n"
		"22 0 sched_switch prev_tid=31 prev_state=0 next_tid=34 next_comm=t\n"
		"23 0 sched_switch prev_tid=34 prev_state=0 next_tid=33 next_comm=t\n"
		"24 0 sched_switch prev_tid=33 prev_state=0 next_tid=32 next_comm=t\n",
		"blocking", "text", NULL, NULL);

	(void)state;
	assert_order(got, names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_waits_come_first_and_then_the_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
