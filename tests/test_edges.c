/* SPDX-License-Identifier: MIT */
/*
 * test_edges.c - waits at the edges of what was recorded: snapshots, of which CPUs tell from
 * different times on, and the chunks of rotated sessions, which join without a seam.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>

#include "scenario.h"

/* ---- in the model ----------------------------------------------------------------------- */

/* CPU 1 tells from 50 on, CPU 0 up to 90. */
#define LATE "0 1 lost until=50 edge=begin\n"
#define EARLY "90 0 lost until=90 edge=end\n"

static void assert_edges(const char *events, const char *waits)
{
	assert_waits_with(&(struct fb_kernel_options){ .edges = true }, events, waits);
}

static void a_wait_that_not_all_cpus_tell_of_is_an_edge(void **state)
{
	(void)state;
	assert_edges(LATE
		     "10 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "20 0 sched_waking tid=10\n"
		     "30 0 sched_switch prev_tid=20 prev_state=1 next_tid=10\n"
		     "60 0 sched_switch prev_tid=10 prev_state=1 next_tid=30\n"
		     "70 0 sched_waking tid=10\n"
		     "80 0 sched_switch prev_tid=30 prev_state=0 next_tid=10\n",
		     "10 - 10..20..30 S task by 20 in - edge\n"
		     "10 - 60..70..80 S task by 30 in -\n"
		     "20 - 30..?..? S unknown edge\n");
}

static void a_waking_on_a_silent_cpu_is_no_lost_event(void **state)
{
	(void)state;
	assert_edges(LATE
		     "10 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "30 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n",
		     "10 - 10..?..30 S unknown edge\n");
	/* Behind the window's end, too; before it a waking must have been lost. */
	assert_edges(LATE
		     "60 1 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "65 1 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
		     "70 1 sched_switch prev_tid=10 prev_state=1 next_tid=20\n" EARLY
		     "95 1 sched_switch prev_tid=20 prev_state=0 next_tid=10\n",
		     "10 - 60..?..65 S unknown lost\n"
		     "10 - 70..?..95 S unknown edge\n");
}

/* On the silent CPU it may have left its call and entered another. */
static void a_call_entered_before_the_window_is_not_believed(void **state)
{
	const char *rest = "10 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
			   "11 0 syscall_entry_read fd=3\n"
			   "12 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
			   "60 0 sched_waking tid=10\n"
			   "61 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
			   "62 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
			   "70 0 sched_waking tid=10\n"
			   "71 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
			   "72 0 syscall_exit_futex ret=0\n";
	g_autofree char *late = g_strconcat(LATE, rest, NULL);

	(void)state;
	assert_edges(late, "10 read 12..60..61 S task by 20 in - edge\n"
			   "10 futex 62..70..71 S task by 20 in -\n");
	/* With all CPUs there, it is a read; the exit of another call is odd. */
	assert_edges(rest, "10 read 12..60..61 S task by 20 in -\n"
			   "10 read 62..70..71 S task by 20 in -\n");
}

static void real_losses_come_first(void **state)
{
	(void)state;
	assert_edges(LATE
		     "10 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "55 1 lost until=58 count=3\n"
		     "60 0 sched_waking tid=10\n"
		     "61 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n",
		     "10 - 10..60..61 S task by 20 in - lost\n");
}

/* What ran on a CPU when its record ended may have slept later than that. */
static void nobody_knows_what_a_silent_cpu_ran(void **state)
{
	(void)state;
	assert_edges(LATE
		     "60 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n" EARLY
		     "95 1 sched_waking tid=10\n",
		     "10 - ?..95..? ? task edge\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_that_not_all_cpus_tell_of_is_an_edge),
		cmocka_unit_test(a_waking_on_a_silent_cpu_is_no_lost_event),
		cmocka_unit_test(a_call_entered_before_the_window_is_not_believed),
		cmocka_unit_test(real_losses_come_first),
		cmocka_unit_test(nobody_knows_what_a_silent_cpu_ran),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
