/* SPDX-License-Identifier: MIT */
/* test_window.c - a part of a trace: what the model knows behind a gap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scenario.h"

/* ---- the model behind a gap --------------------------------------------------------------- */

static void assert_waits_and_edges(const char *events, const char *waits)
{
	assert_waits_with(&(struct fb_kernel_options){ .edges = true }, events, waits);
}

static void a_task_asleep_across_a_gap_has_no_begin(void **state)
{
	(void)state;
	assert_waits_and_edges("1 0 sched_switch prev_tid=0 next_tid=10\n"
			       "2 0 syscall_entry_read fd=3\n"
			       "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
			       "gap 100\n"
			       "109 0 sched_switch prev_tid=0 next_tid=20\n"
			       "110 0 irq_handler_entry irq=19 name=virtio0\n"
			       "111 0 sched_waking tid=10\n"
			       "112 0 irq_handler_exit irq=19\n"
			       "113 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
			       "114 0 syscall_exit_read ret=1\n",
			       "10 read ?..111..113 ? irq 19 virtio0 edge\n");
}

static void a_task_asleep_at_the_statedump_may_have_run_in_the_gap(void **state)
{
	(void)state;
	/* Nobody is seen to wake it: it may as well have been ready. */
	assert_waits_and_edges("1 0 sched_switch prev_tid=0 next_tid=20\n"
			       "2 0 lttng_statedump_process_state tid=10 pid=10 status=5\n"
			       "3 0 lttng_statedump_end\n"
			       "gap 100\n"
			       "113 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n",
			       "");
}

static void who_ran_before_a_gap_is_not_taken_to_run_behind_it(void **state)
{
	(void)state;
	assert_waits_and_edges("1 0 sched_switch prev_tid=0 next_tid=30\n"
			       "2 0 sched_switch prev_tid=30 prev_state=1 next_tid=10\n"
			       "3 0 syscall_entry_futex\n"
			       "gap 100\n"
			       "110 0 sched_waking tid=30\n"
			       "111 0 sched_switch prev_tid=20 prev_state=1 next_tid=30\n"
			       "112 0 syscall_exit_poll ret=1\n"
			       "120 0 sched_waking tid=20\n"
			       "121 0 sched_switch prev_tid=30 prev_state=0 next_tid=20\n"
			       "122 0 syscall_exit_write ret=1\n",
			       "30 poll ?..110..111 ? task by 20 in - edge\n"
			       "20 write 111..120..121 S task by 30 in -\n");
}

static void a_system_call_open_at_a_gap_may_be_another_behind_it(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_entry_read fd=3\n"
		     "gap 100\n"
		     "110 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "111 0 sched_waking tid=10\n"
		     "112 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
		     "113 0 syscall_exit_poll ret=1\n",
		     "10 poll 110..111..112 S task by 20 in -\n");
}

static void a_task_that_exited_in_a_gap_leaves_its_tid_to_another(void **state)
{
	(void)state;
	/* The new one was asleep when reading went on: it is not dead, and it may sleep again. */
	assert_waits_and_edges("1 0 sched_switch prev_tid=0 next_tid=10\n"
			       "2 0 syscall_entry_exit_group\n"
			       "gap 100\n"
			       "110 1 sched_switch prev_tid=0 next_tid=20\n"
			       "111 1 syscall_entry_write\n"
			       "112 1 sched_waking tid=10\n"
			       "113 0 sched_switch prev_tid=0 next_tid=10\n"
			       "114 0 syscall_exit_read ret=1\n"
			       "115 0 sched_switch prev_tid=10 prev_state=2 next_tid=0\n"
			       "116 1 sched_waking tid=10\n"
			       "117 0 sched_switch prev_tid=0 next_tid=10\n",
			       "10 read ?..112..113 ? task by 20 in write edge\n"
			       "10 - 115..116..117 D task by 20 in write\n");
}

static void a_frame_open_at_a_gap_is_closed_behind_it(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 sched_switch prev_tid=10 prev_state=0 next_tid=20\n"
		     "3 0 irq_softirq_entry vec=3\n"
		     "gap 100\n"
		     "110 1 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "111 0 syscall_entry_write\n"
		     "112 0 sched_waking tid=10\n"
		     "113 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
		     "114 0 syscall_exit_read\n",
		     "10 read 110..112..113 S task by 20 in write\n");
}

static void what_raised_a_softirq_before_a_gap_is_forgotten(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=20\n"
		     "2 0 irq_handler_entry irq=19 name=eth0\n"
		     "3 0 irq_softirq_raise vec=3\n"
		     "4 0 irq_handler_exit irq=19\n"
		     "gap 100\n"
		     "110 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "111 0 irq_softirq_entry vec=3\n"
		     "112 0 sched_waking tid=10\n"
		     "113 0 irq_softirq_exit vec=3\n"
		     "114 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
		     "115 0 syscall_exit_read\n",
		     "10 read 110..112..114 S softirq 3 NET_RX inline by 20 in - from task 20 in - inferred\n");
}

static void an_interrupt_before_a_gap_raises_no_softirq_behind_it(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=20\n"
		     "96 0 irq_handler_entry irq=19 name=eth0\n"
		     "97 0 irq_handler_exit irq=19\n"
		     "gap 100\n"
		     "101 1 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "102 0 irq_softirq_entry vec=3\n"
		     "103 0 sched_waking tid=10\n"
		     "104 0 irq_softirq_exit vec=3\n"
		     "105 1 sched_switch prev_tid=0 next_tid=10\n"
		     "106 1 syscall_exit_read\n"
		     "107 0 sched_switch prev_tid=20 prev_state=0 next_tid=0\n",
		     "10 read 101..103..105 S softirq 3 NET_RX inline by 20 in - from task 20 in - inferred\n");
}

static void a_signal_behind_a_gap_explains_no_waking_before_it(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "2 0 sched_waking tid=10\n"
		     "gap 100\n"
		     "110 1 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "111 1 irq_handler_entry irq=19 name=eth0\n"
		     "112 1 sched_waking tid=10\n"
		     "113 1 irq_handler_exit irq=19\n"
		     "114 0 signal_generate sig=10 code=0 pid=10 group=1 result=0\n"
		     "115 1 sched_switch prev_tid=0 next_tid=10\n"
		     "116 1 syscall_exit_read ret=1\n",
		     "10 read 110..112..115 S irq 19 eth0\n");
}

static void a_childs_signal_before_a_gap_ends_no_wait_behind_it(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=30\n"
		     "2 0 signal_generate sig=17 code=1 pid=10 group=1 result=0\n"
		     "gap 100\n"
		     "110 1 sched_switch prev_tid=0 next_tid=10\n"
		     "111 1 syscall_entry_wait4\n"
		     "112 1 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "113 0 sched_waking tid=10\n"
		     "114 1 sched_switch prev_tid=0 next_tid=10\n"
		     "115 0 sched_switch prev_tid=40 prev_state=0 next_tid=0\n",
		     "10 wait4 112..113..114 S task by 40 in -\n");
}

static void a_signal_pending_at_a_gap_is_delivered_by_then(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 1 signal_generate sig=10 code=0 pid=10 group=1 result=0\n"
		     "gap 100\n"
		     "110 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "112 0 sched_switch prev_tid=0 next_tid=10\n"
		     "113 0 syscall_exit_read\n",
		     "10 read 110..?..112 S unknown lost\n");
}

static void a_kworkers_work_at_a_gap_may_be_another_behind_it(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=30\n"
		     "2 0 workqueue_execute_start work=0x1 function=0xabc\n"
		     "3 0 sched_switch prev_tid=30 prev_state=2 next_tid=10\n"
		     "gap 100\n"
		     "110 0 sched_switch prev_tid=10 prev_state=1 next_tid=30\n"
		     "111 0 sched_waking tid=10\n"
		     "112 0 sched_switch prev_tid=30 prev_state=0 next_tid=10\n"
		     "113 0 syscall_exit_read\n",
		     "10 read 110..111..112 S task by 30 in -\n");
}

static void waits_held_back_go_out_at_a_gap_as_they_are(void **state)
{
	(void)state;
	/* The call that task 10 leaves behind the gap need not be the one that it slept in before. */
	assert_waits("1 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "2 0 sched_waking tid=10\n"
		     "3 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
		     "gap 100\n"
		     "110 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "112 0 sched_waking tid=10\n"
		     "113 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
		     "114 0 syscall_exit_poll\n",
		     "10 - 1..2..3 S task by 20 in -\n"
		     "10 poll 110..112..113 S task by 20 in -\n");
}

static void a_wakers_name_is_not_waited_for_across_a_gap(void **state)
{
	(void)state;
	/* Who ran on CPU 1 its first switch would have told. */
	assert_waits("1 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "2 1 sched_waking tid=10\n"
		     "3 0 sched_switch prev_tid=0 next_tid=10\n"
		     "4 0 syscall_exit_poll\n"
		     "gap 100\n"
		     "110 1 sched_switch prev_tid=30 prev_state=0 next_tid=0\n",
		     "10 poll 1..2..3 S task\n");
}

static void losses_before_a_gap_spoil_nothing_behind_it(void **state)
{
	(void)state;
	assert_waits_and_edges("1 0 sched_switch prev_tid=0 next_tid=20\n"
			       "2 0 lost count=7 until=50\n"
			       "gap 100\n"
			       "110 0 sched_switch prev_tid=0 next_tid=20\n"
			       "111 0 sched_waking tid=10\n"
			       "112 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
			       "113 0 syscall_exit_read ret=1\n",
			       "10 read ?..111..112 ? task by 20 in - edge\n");
}

static void losses_that_reach_behind_a_gap_spoil_what_they_touch(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=20\n"
		     "2 0 lost count=7 until=120\n"
		     "gap 100\n"
		     "115 1 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "121 1 sched_waking tid=10\n"
		     "122 1 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
		     "123 1 syscall_exit_read ret=1\n",
		     "10 read 115..121..122 S task by 20 in - lost\n");
}

int main(void)
{
	const struct CMUnitTest gaps[] = {
		cmocka_unit_test(a_task_asleep_across_a_gap_has_no_begin),
		cmocka_unit_test(a_task_asleep_at_the_statedump_may_have_run_in_the_gap),
		cmocka_unit_test(who_ran_before_a_gap_is_not_taken_to_run_behind_it),
		cmocka_unit_test(a_system_call_open_at_a_gap_may_be_another_behind_it),
		cmocka_unit_test(a_task_that_exited_in_a_gap_leaves_its_tid_to_another),
		cmocka_unit_test(a_frame_open_at_a_gap_is_closed_behind_it),
		cmocka_unit_test(what_raised_a_softirq_before_a_gap_is_forgotten),
		cmocka_unit_test(an_interrupt_before_a_gap_raises_no_softirq_behind_it),
		cmocka_unit_test(a_signal_behind_a_gap_explains_no_waking_before_it),
		cmocka_unit_test(a_childs_signal_before_a_gap_ends_no_wait_behind_it),
		cmocka_unit_test(a_signal_pending_at_a_gap_is_delivered_by_then),
		cmocka_unit_test(a_kworkers_work_at_a_gap_may_be_another_behind_it),
		cmocka_unit_test(waits_held_back_go_out_at_a_gap_as_they_are),
		cmocka_unit_test(a_wakers_name_is_not_waited_for_across_a_gap),
		cmocka_unit_test(losses_before_a_gap_spoil_nothing_behind_it),
		cmocka_unit_test(losses_that_reach_behind_a_gap_spoil_what_they_touch),
	};

	return cmocka_run_group_tests_name("gaps", gaps, NULL, NULL);
}
