/* SPDX-License-Identifier: MIT */
/*
 * test_history.c - the critical path of a task through a few events.
 *
 * Each path tiles the span it was asked for, and so does every other one of each
 * scenario, whatever part of it is there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib.h>

#include "path_text.h"

static void expect_in(const char *events, int32_t tid, fb_ns begin, fb_ns end, const char *path)
{
	assert_path_in(events, tid, begin, end, path);
	assert_tiles_wherever_cut(events);
}

static void expect(const char *events, int32_t tid, const char *path)
{
	expect_in(events, tid, FB_NS_NONE, FB_NS_NONE, path);
}

/* Task 10 waits in read; task 20 ran, wrote, and woke it. */
#define READ_AND_WRITE                                                                             \
	"1 0 sched_switch prev_tid=0 next_tid=10\n"                                                \
	"1 1 sched_switch prev_tid=0 next_tid=20\n"                                                \
	"2 0 syscall_entry_read\n"                                                                 \
	"3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"                                   \
	"6 1 syscall_entry_write\n"                                                                \
	"8 1 sched_waking tid=10\n"                                                                \
	"9 1 syscall_exit_write ret=1\n"                                                           \
	"11 0 sched_switch prev_tid=0 next_tid=10\n"                                               \
	"12 0 syscall_exit_read ret=1\n"                                                           \
	"14 0 sched_switch prev_tid=10 prev_state=0 next_tid=0\n"

static void a_wait_is_what_the_waker_did_meanwhile(void **state)
{
	(void)state;
	expect(READ_AND_WRITE, 10,
	       "1..2 10 running -\n"
	       "2..3 10 running read\n"
	       "3..8 10 waits read\n"
	       "  3..6 20 running -\n"
	       "  6..8 20 running write\n"
	       "8..11 10 ready read\n"
	       "11..12 10 running read\n"
	       "12..14 10 running -\n");
}

static void a_part_of_a_wait_is_that_part_of_the_wakers_time(void **state)
{
	(void)state;
	/* The end lies in the wait: what woke it later still tells what it was for. */
	expect_in(READ_AND_WRITE, 10, 4, 7,
		  "4..7 10 waits read\n"
		  "  4..6 20 running -\n"
		  "  6..7 20 running write\n");
}

static void what_is_not_known_is_unknown(void **state)
{
	(void)state;
	expect_in(READ_AND_WRITE, 10, -2, 2, "-2..1 10 unknown:edge -\n"
					     "1..2 10 running -\n");
}

static void a_timer_ends_the_chain(void **state)
{
	(void)state;
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "2 0 syscall_entry_read\n"
	       "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "4 1 syscall_entry_nanosleep\n"
	       "5 1 sched_switch prev_tid=20 prev_state=1 next_tid=0\n"
	       "9 1 x86_irq_vectors_local_timer_entry vector=236\n"
	       "9 1 timer_hrtimer_expire_entry hrtimer=0x10 function=0xff\n"
	       "10 1 sched_waking tid=20\n"
	       "10 1 timer_hrtimer_expire_exit hrtimer=0x10\n"
	       "10 1 x86_irq_vectors_local_timer_exit vector=236\n"
	       "12 1 sched_switch prev_tid=0 next_tid=20\n"
	       "13 1 syscall_exit_nanosleep ret=0\n"
	       "14 1 syscall_entry_write\n"
	       "15 1 sched_waking tid=10\n"
	       "16 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..2 10 running -\n"
	       "2..3 10 running read\n"
	       "3..15 10 waits read\n"
	       "  3..4 20 running -\n"
	       "  4..5 20 running nanosleep\n"
	       "  5..10 20 timer nanosleep\n"
	       "  10..12 20 ready nanosleep\n"
	       "  12..13 20 running nanosleep\n"
	       "  13..14 20 running -\n"
	       "  14..15 20 running write\n"
	       "15..16 10 ready read\n");
}

static void a_chain_never_goes_before_the_begin_of_the_wait(void **state)
{
	(void)state;
	/* 20 slept since 2, long before 10's wait; only the time from 6 on counts. */
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "1 1 syscall_entry_read\n"
	       "2 1 sched_switch prev_tid=20 prev_state=1 next_tid=30\n"
	       "3 1 syscall_entry_write\n"
	       "6 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "8 1 sched_waking tid=20\n"
	       "9 1 sched_switch prev_tid=30 prev_state=0 next_tid=20\n"
	       "10 1 sched_waking tid=10\n"
	       "11 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..6 10 running -\n"
	       "6..10 10 waits -\n"
	       "  6..8 20 waits read\n"
	       "    6..8 30 running write\n"
	       "  8..9 20 ready read\n"
	       "  9..10 20 running read\n"
	       "10..11 10 ready -\n");
}

static void interrupts_on_top_are_segments_of_their_own(void **state)
{
	(void)state;
	/* One inside the other, and a timer's callback, which is part of its vector. */
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "2 0 syscall_entry_send\n"
	       "3 0 irq_softirq_raise vec=3\n"
	       "4 0 irq_softirq_entry vec=3\n"
	       "5 0 x86_irq_vectors_local_timer_entry vector=236\n"
	       "6 0 timer_hrtimer_expire_entry hrtimer=0x10 function=0xff\n"
	       "7 0 timer_hrtimer_expire_exit hrtimer=0x10\n"
	       "8 0 x86_irq_vectors_local_timer_exit vector=236\n"
	       "9 0 irq_softirq_exit vec=3\n"
	       "10 0 x86_irq_vectors_call_function_single_entry vector=251\n"
	       "11 0 x86_irq_vectors_call_function_single_exit vector=251\n"
	       "12 0 syscall_exit_send ret=0\n"
	       "13 0 sched_switch prev_tid=10 prev_state=0 next_tid=0\n",
	       10,
	       "1..2 10 running -\n"
	       "2..4 10 running send\n"
	       "4..5 10 softirq send\n"
	       "5..8 10 irq send\n"
	       "8..9 10 softirq send\n"
	       "9..10 10 running send\n"
	       "10..11 10 ipi send\n"
	       "11..12 10 running send\n"
	       "12..13 10 running -\n");
}

static void an_inline_softirq_is_the_senders_doing(void **state)
{
	(void)state;
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "2 0 syscall_entry_recvfrom\n"
	       "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "5 1 syscall_entry_sendto\n"
	       "6 1 irq_softirq_raise vec=3\n"
	       "7 1 irq_softirq_entry vec=3\n"
	       "8 1 sched_waking tid=10\n"
	       "9 1 irq_softirq_exit vec=3\n"
	       "10 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..2 10 running -\n"
	       "2..3 10 running recvfrom\n"
	       "3..8 10 waits recvfrom\n"
	       "  3..5 20 running -\n"
	       "  5..7 20 running sendto\n"
	       "  7..8 20 softirq sendto\n"
	       "8..10 10 ready recvfrom\n");
}

static void a_softirq_that_merely_interrupted_a_task_is_not_its_doing(void **state)
{
	(void)state;
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "2 0 syscall_entry_recvfrom\n"
	       "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "5 1 irq_handler_entry irq=11 name=eth0\n"
	       "6 1 irq_softirq_raise vec=3\n"
	       "6 1 irq_handler_exit irq=11\n"
	       "7 1 irq_softirq_entry vec=3\n"
	       "8 1 sched_waking tid=10\n"
	       "9 1 irq_softirq_exit vec=3\n"
	       "10 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..2 10 running -\n"
	       "2..3 10 running recvfrom\n"
	       "3..8 10 network recvfrom\n"
	       "8..10 10 ready recvfrom\n");
}

static void a_disks_interrupt_is_block_by_what_it_completed(void **state)
{
	(void)state;
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "2 0 syscall_entry_pread64\n"
	       "3 0 sched_switch prev_tid=10 prev_state=2 next_tid=0\n"
	       "5 0 irq_handler_entry irq=11 name=strange\n"
	       "6 0 block_rq_complete dev=1 sector=2\n"
	       "7 0 sched_waking tid=10\n"
	       "8 0 irq_handler_exit irq=11\n"
	       "9 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..2 10 running -\n"
	       "2..3 10 running pread64\n"
	       "3..7 10 block pread64\n"
	       "7..9 10 ready pread64\n");
}

static void any_other_interrupt_is_irq(void **state)
{
	(void)state;
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "3 0 sched_switch prev_tid=10 prev_state=2 next_tid=0\n"
	       "5 0 irq_handler_entry irq=11 name=strange\n"
	       "7 0 sched_waking tid=10\n"
	       "8 0 irq_handler_exit irq=11\n"
	       "9 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..3 10 running -\n"
	       "3..7 10 irq -\n"
	       "7..9 10 ready -\n");
}

static void a_preempted_task_is_ready(void **state)
{
	(void)state;
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "4 0 sched_switch prev_tid=10 prev_state=256 next_tid=20\n"
	       "6 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
	       "8 0 sched_switch prev_tid=10 prev_state=0 next_tid=0\n",
	       10,
	       "1..4 10 running -\n"
	       "4..6 10 ready -\n"
	       "6..8 10 running -\n");
}

static void an_early_wake_leaves_ready_time_only(void **state)
{
	(void)state;
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "2 0 syscall_entry_read\n"
	       "4 1 sched_waking tid=10\n"
	       "6 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "9 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..2 10 running -\n"
	       "2..6 10 running read\n"
	       "6..9 10 ready read\n");
}

static void an_early_wake_that_ended_another_sleep_is_passed_over(void **state)
{
	(void)state;
	expect("env without=sched_wakeup\n"
	       "1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "2 0 syscall_entry_read\n"
	       "4 1 sched_waking tid=10\n"
	       "6 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "8 1 syscall_entry_write\n"
	       "9 1 sched_waking tid=10\n"
	       "11 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..2 10 running -\n"
	       "2..6 10 running read\n"
	       "6..9 10 waits read\n"
	       "  6..8 20 running -\n"
	       "  8..9 20 running write\n"
	       "9..11 10 ready read\n");
}

static void a_wait_with_no_waking_is_unknown(void **state)
{
	(void)state;
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "2 0 syscall_entry_read\n"
	       "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "9 0 sched_switch prev_tid=0 next_tid=10\n"
	       "10 0 syscall_exit_read ret=1\n",
	       10,
	       "1..2 10 running -\n"
	       "2..3 10 running read\n"
	       "3..9 10 unknown:cause read\n"
	       "9..10 10 running read\n");
}

static void a_waking_of_unknown_origin_is_unknown(void **state)
{
	(void)state;
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "2 0 syscall_entry_read\n"
	       "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "7 0 sched_waking tid=10\n"
	       "9 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..2 10 running -\n"
	       "2..3 10 running read\n"
	       "3..7 10 unknown:cause read\n"
	       "7..9 10 ready read\n");
}

static void a_task_that_wakes_itself_is_not_followed(void **state)
{
	(void)state;
	/* Nonsense of a trace whose switch in was lost without a word: 10 runs and sleeps at once. */
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "2 1 sched_switch prev_tid=20 prev_state=1 next_tid=10\n"
	       "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "5 1 sched_waking tid=10\n"
	       "9 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..3 10 running -\n"
	       "3..5 10 blocked -\n"
	       "5..9 10 ready -\n");
}

static void a_wait_that_lasts_is_blocked(void **state)
{
	(void)state;
	expect_in("1 0 sched_switch prev_tid=0 next_tid=10\n"
		  "2 0 syscall_entry_pause\n"
		  "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n",
		  10, 1, 9,
		  "1..2 10 running -\n"
		  "2..3 10 running pause\n"
		  "3..9 10 blocked pause\n");
}

static void a_wait_that_began_before_the_trace_is_followed_as_far_as_that_reaches(void **state)
{
	(void)state;
	/* The system call's name comes with its exit. */
	expect("1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "5 1 sched_waking tid=10\n"
	       "7 0 sched_switch prev_tid=0 next_tid=10\n"
	       "8 0 syscall_exit_poll ret=1\n",
	       10,
	       "1..5 10 waits poll\n"
	       "  1..5 20 running -\n"
	       "5..7 10 ready poll\n"
	       "7..8 10 running poll\n");
}

static void before_its_birth_a_task_is_its_parent(void **state)
{
	(void)state;
	/* 10 waits since 3 for what 30 does, which 20 only makes at 6. */
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "2 0 syscall_entry_accept\n"
	       "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "5 1 syscall_entry_clone\n"
	       "6 1 sched_process_fork parent_tid=20 child_tid=30 child_comm=new\n"
	       "7 1 sched_switch prev_tid=20 prev_state=1 next_tid=30\n"
	       "8 1 syscall_entry_connect\n"
	       "9 1 sched_waking tid=10\n"
	       "10 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..2 10 running -\n"
	       "2..3 10 running accept\n"
	       "3..9 10 waits accept\n"
	       "  3..6 30 born -\n"
	       "    3..5 20 running -\n"
	       "    5..6 20 running clone\n"
	       "  6..7 30 ready -\n"
	       "  7..8 30 running -\n"
	       "  8..9 30 running connect\n"
	       "9..10 10 ready accept\n");
}

/* The shapes below: 10 asks 20 (and 30), tasks that share CPU 1. */

static void a_wait_opened_before_the_waker_ran_includes_its_time_for_others(void **state)
{
	(void)state;
	/* 20 is busy with something else when 10 begins to wait: that is what 10 waits for, too. */
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "2 1 syscall_entry_fsync\n"
	       "3 0 syscall_entry_futex\n"
	       "4 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "7 1 syscall_exit_fsync ret=0\n"
	       "8 1 syscall_entry_futex\n"
	       "9 1 sched_waking tid=10\n"
	       "10 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..3 10 running -\n"
	       "3..4 10 running futex\n"
	       "4..9 10 waits futex\n"
	       "  4..7 20 running fsync\n"
	       "  7..8 20 running -\n"
	       "  8..9 20 running futex\n"
	       "9..10 10 ready futex\n");
}

static void mutual_waits_are_told_apart_by_time(void **state)
{
	(void)state;
	/* 10 and 20 hand a ball to and fro: each waits for the other, never at the same time. */
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "2 1 sched_switch prev_tid=20 prev_state=1 next_tid=0\n"
	       "4 0 sched_waking tid=20\n"
	       "5 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "6 1 sched_switch prev_tid=0 next_tid=20\n"
	       "8 1 sched_waking tid=10\n"
	       "9 1 sched_switch prev_tid=20 prev_state=1 next_tid=0\n"
	       "10 0 sched_switch prev_tid=0 next_tid=10\n"
	       "12 0 sched_waking tid=20\n"
	       "13 1 sched_switch prev_tid=0 next_tid=20\n",
	       20,
	       "1..2 20 running -\n"
	       "2..4 20 waits -\n"
	       "  2..4 10 running -\n"
	       "4..6 20 ready -\n"
	       "6..9 20 running -\n"
	       "9..12 20 waits -\n"
	       "  9..10 10 ready -\n"
	       "  10..12 10 running -\n"
	       "12..13 20 ready -\n");
}

static void nested_waits_are_followed_to_the_last(void **state)
{
	(void)state;
	/* 10 waits for 20, who waits for 30: the later woke the earlier, all on CPU 1. */
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "2 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "3 1 syscall_entry_read\n"
	       "4 1 sched_switch prev_tid=20 prev_state=1 next_tid=30\n"
	       "5 1 syscall_entry_write\n"
	       "7 1 sched_waking tid=20\n"
	       "8 1 sched_switch prev_tid=30 prev_state=0 next_tid=20\n"
	       "9 1 syscall_exit_read ret=0\n"
	       "10 1 sched_waking tid=10\n"
	       "11 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..2 10 running -\n"
	       "2..10 10 waits -\n"
	       "  2..3 20 running -\n"
	       "  3..4 20 running read\n"
	       "  4..7 20 waits read\n"
	       "    4..5 30 running -\n"
	       "    5..7 30 running write\n"
	       "  7..8 20 ready read\n"
	       "  8..9 20 running read\n"
	       "  9..10 20 running -\n"
	       "10..11 10 ready -\n");
}

static void interleaved_waits_count_each_moment_once(void **state)
{
	(void)state;
	/* 20's wait for 30 began before 10's and ended within: its part from 5 on counts. */
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "3 1 sched_switch prev_tid=20 prev_state=1 next_tid=30\n"
	       "5 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "7 1 sched_waking tid=20\n"
	       "8 1 sched_switch prev_tid=30 prev_state=0 next_tid=20\n"
	       "10 1 sched_waking tid=10\n"
	       "12 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..5 10 running -\n"
	       "5..10 10 waits -\n"
	       "  5..7 20 waits -\n"
	       "    5..7 30 running -\n"
	       "  7..8 20 ready -\n"
	       "  8..10 20 running -\n"
	       "10..12 10 ready -\n");
}

static void embedded_waits_are_each_followed(void **state)
{
	(void)state;
	/* Within 10's one wait, 20 waits twice: for 30, then for a timer. */
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "2 0 sched_switch prev_tid=10 prev_state=1 next_tid=30\n"
	       "3 1 sched_switch prev_tid=20 prev_state=1 next_tid=0\n"
	       "5 0 sched_waking tid=20\n"
	       "6 1 sched_switch prev_tid=0 next_tid=20\n"
	       "7 1 sched_switch prev_tid=20 prev_state=1 next_tid=0\n"
	       "9 1 x86_irq_vectors_local_timer_entry vector=236\n"
	       "9 1 sched_waking tid=20\n"
	       "9 1 x86_irq_vectors_local_timer_exit vector=236\n"
	       "10 1 sched_switch prev_tid=0 next_tid=20\n"
	       "11 1 sched_waking tid=10\n"
	       "12 0 sched_switch prev_tid=30 prev_state=0 next_tid=10\n",
	       10,
	       "1..2 10 running -\n"
	       "2..11 10 waits -\n"
	       "  2..3 20 running -\n"
	       "  3..5 20 waits -\n"
	       "    3..5 30 running -\n"
	       "  5..6 20 ready -\n"
	       "  6..7 20 running -\n"
	       "  7..9 20 timer -\n"
	       "  9..10 20 ready -\n"
	       "  10..11 20 running -\n"
	       "11..12 10 ready -\n");
}

static void wakes_at_one_time_come_to_an_end(void **state)
{
	(void)state;
	/* A clock too coarse: 10 and 20 wake each other in the same instant. */
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "2 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "5 1 sched_waking tid=10\n"
	       "5 1 sched_switch prev_tid=20 prev_state=1 next_tid=0\n"
	       "5 0 sched_switch prev_tid=0 next_tid=10\n"
	       "5 0 sched_waking tid=20\n"
	       "5 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "5 1 sched_switch prev_tid=0 next_tid=20\n"
	       "5 1 sched_waking tid=10\n"
	       "6 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..2 10 running -\n"
	       "2..5 10 waits -\n"
	       "  2..5 20 running -\n"
	       "5..6 10 ready -\n");
}

static void events_lost_make_unknown_what_they_may_have_changed(void **state)
{
	(void)state;
	/* 20 ran on the CPU that lost events; 10 slept, and may have run there: until 6 that is open. */
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "4 1 lost until=6 count=7\n"
	       "7 1 sched_switch prev_tid=20 prev_state=0 next_tid=30\n"
	       "8 1 sched_waking tid=10\n"
	       "9 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..3 10 running -\n"
	       "3..6 10 unknown:lost -\n"
	       "6..8 10 waits -\n"
	       "  6..7 30 unknown:edge -\n"
	       "  7..8 30 running -\n"
	       "8..9 10 ready -\n");
}

static void a_task_that_ran_where_events_were_lost_is_unknown_until_seen_again(void **state)
{
	(void)state;
	expect("1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "2 1 syscall_entry_read\n"
	       "4 1 lost until=6 count=7\n"
	       "8 1 syscall_entry_write\n"
	       "9 1 sched_switch prev_tid=20 prev_state=0 next_tid=30\n",
	       20,
	       "1..2 20 running -\n"
	       "2..4 20 running read\n"
	       "4..8 20 unknown:lost -\n"
	       "8..9 20 running write\n");
}

static void behind_a_gap_only_sleep_is_known(void **state)
{
	(void)state;
	/* Events from 5 to 20 were left out on purpose. 10 slept when it was woken; 20 may have run. */
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "gap 20\n"
	       "22 1 sched_switch prev_tid=30 prev_state=0 next_tid=20\n"
	       "23 1 syscall_entry_write\n"
	       "24 1 sched_waking tid=10\n"
	       "25 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..3 10 running -\n"
	       "3..20 10 unknown:lost -\n"
	       "20..24 10 waits -\n"
	       "  20..22 20 unknown:lost -\n"
	       "  22..23 20 running -\n"
	       "  23..24 20 running write\n"
	       "24..25 10 ready -\n");
}

static void a_task_that_ran_unnamed_keeps_its_past(void **state)
{
	(void)state;
	/* 20 runs since before the trace; its name comes at 9, after it woke 10. */
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "2 1 syscall_entry_write\n"
	       "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "6 1 sched_waking tid=10\n"
	       "7 0 sched_switch prev_tid=0 next_tid=10\n"
	       "9 1 sched_switch prev_tid=20 prev_state=0 next_tid=0\n",
	       10,
	       "1..3 10 running -\n"
	       "3..6 10 waits -\n"
	       "  3..6 20 running write\n"
	       "6..7 10 ready -\n"
	       "7..9 10 running -\n");
}

static void a_thread_that_execs_keeps_its_past_under_the_new_tid(void **state)
{
	(void)state;
	expect("1 0 sched_switch prev_tid=0 next_tid=11\n"
	       "2 0 syscall_entry_execve\n"
	       "4 0 sched_process_exec filename=/bin/x tid=10 old_tid=11\n"
	       "6 0 syscall_exit_execve ret=0\n"
	       "8 0 sched_switch prev_tid=10 prev_state=0 next_tid=0\n",
	       10,
	       "1..2 10 running -\n"
	       "2..6 10 running execve\n"
	       "6..8 10 running -\n");
}

static void a_sleep_that_a_pending_signal_forbade_is_ready_time(void **state)
{
	(void)state;
	expect("1 0 sched_switch prev_tid=0 next_tid=10\n"
	       "1 1 sched_switch prev_tid=0 next_tid=20\n"
	       "2 1 signal_generate sig=10 pid=10\n"
	       "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "6 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..3 10 running -\n"
	       "3..6 10 ready -\n");
}

/* ---- packets ----------------------------------------------------------------------------- */

/* A packet of 20's in its sendto at 4, delayed until 20, when a timer lets it be received. */
#define SENT_AT_4_RECEIVED_AT_22                                                                   \
	"1 0 sched_switch prev_tid=0 next_tid=10\n"                                                \
	"1 1 sched_switch prev_tid=0 next_tid=20\n"                                                \
	"2 0 syscall_entry_recvfrom fd=3\n"                                                        \
	"2 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"                                   \
	"3 1 syscall_entry_sendto fd=4\n"                                                          \
	"4 1 net_dev_queue skbaddr=0xa0 len=60 name=lo\n"                                          \
	"5 1 syscall_exit_sendto ret=1\n"                                                          \
	"6 1 sched_switch prev_tid=20 prev_state=1 next_tid=0\n"                                   \
	"20 0 x86_irq_vectors_local_timer_entry vector=236\n"                                      \
	"20 0 timer_hrtimer_expire_entry hrtimer=0x10 function=0xff\n"                             \
	"20 0 irq_softirq_raise vec=3\n"                                                           \
	"20 0 timer_hrtimer_expire_exit hrtimer=0x10\n"                                            \
	"20 0 x86_irq_vectors_local_timer_exit vector=236\n"                                       \
	"21 0 irq_softirq_entry vec=3\n"                                                           \
	"22 0 net_if_receive_skb skbaddr=0xa0 len=60 name=lo\n"

static void a_packet_in_flight_leads_to_its_senders_time_before(void **state)
{
	(void)state;
	/* What 20 did after it had sent is no business of 10's. */
	expect(SENT_AT_4_RECEIVED_AT_22
	       "24 0 sched_waking tid=10\n"
	       "25 0 irq_softirq_exit vec=3\n"
	       "26 0 sched_switch prev_tid=0 next_tid=10\n",
	       10,
	       "1..2 10 running -\n"
	       "2..24 10 waits recvfrom\n"
	       "  2..3 20 running -\n"
	       "  3..4 20 running sendto\n"
	       "  4..22 20 in_flight sendto\n"
	       "  22..24 10 softirq -\n"
	       "24..26 10 ready recvfrom\n");
}

static void a_packet_sent_before_the_wait_was_in_flight_all_the_time(void **state)
{
	(void)state;
	expect_in(SENT_AT_4_RECEIVED_AT_22
		  "24 0 sched_waking tid=10\n"
		  "25 0 irq_softirq_exit vec=3\n"
		  "26 0 sched_switch prev_tid=0 next_tid=10\n",
		  10, 10, 23,
		  "10..23 10 waits recvfrom\n"
		  "  10..22 20 in_flight sendto\n"
		  "  22..23 10 softirq -\n");
}

static void a_packet_that_answers_another_leads_to_that_ones_sender(void **state)
{
	(void)state;
	/* On arrival the kernel answers with a packet of its own; 20 waits for that one from 6 on. */
	expect(SENT_AT_4_RECEIVED_AT_22
	       "23 0 net_dev_queue skbaddr=0xb0 len=60 name=lo\n"
	       "24 0 irq_softirq_exit vec=3\n"
	       "40 1 x86_irq_vectors_local_timer_entry vector=236\n"
	       "40 1 irq_softirq_raise vec=3\n"
	       "40 1 x86_irq_vectors_local_timer_exit vector=236\n"
	       "41 1 irq_softirq_entry vec=3\n"
	       "42 1 net_if_receive_skb skbaddr=0xb0 len=60 name=lo\n"
	       "44 1 sched_waking tid=20\n"
	       "45 1 irq_softirq_exit vec=3\n"
	       "46 1 sched_switch prev_tid=0 next_tid=20\n",
	       20,
	       "1..3 20 running -\n"
	       "3..5 20 running sendto\n"
	       "5..6 20 running -\n"
	       "6..44 20 waits -\n"
	       "  6..22 20 in_flight sendto\n"
	       "  22..23 20 softirq -\n"
	       "  23..42 20 in_flight -\n"
	       "  42..44 20 softirq -\n"
	       "44..46 20 ready -\n");
}

/* ---- a history too small ---------------------------------------------------------------- */

enum { CALLS = 1000000 }; /* a record each: 16 MB */

static const struct fb_task sleeper = { .tid = 10, .number = 0 };
static const struct fb_task worker = { .tid = 20, .number = 1 };

struct small {
	struct fb_history *history;
	const struct fb_observer_ops *tell;
	unsigned asked;
	bool was_full;
	fb_ns needed;
};

static fb_ns needed_since(void *data, fb_ns until, bool is_full)
{
	struct small *s = data;
	fb_ns begin, end;

	s->was_full |= is_full;
	assert_true(until > 0);

	/* This is the moment to ask for what will be dropped: the last chunk is still there. */
	assert_true(fb_history_life(s->history, &worker, &begin, &end));
	put_path(s->history, &worker, end - 1000, end, NULL);
	assert_int_equal(fb_history_counts(s->history)->unknown[FB_UNKNOWN_DROPPED], 0);
	s->asked++;
	return s->needed;
}

/* From 2 on the sleeper sleeps in poll; the worker enters and leaves calls, and wakes it. */
static void sleep_long(struct small *s, const struct fb_history_options *options)
{
	const struct fb_cause cause = { .kind = FB_CAUSE_TASK, .task = &worker, .id = -1 };
	fb_ns now = 2;

	s->history = fb_history_new(options);
	s->tell = fb_history_observer(s->history).ops;
	s->tell->run(s->history, &sleeper, 1);
	s->tell->syscall(s->history, &sleeper, fb_syscall_get("poll"), true, 1);
	s->tell->leave(s->history, &sleeper, 'S', now);
	s->tell->run(s->history, &worker, now);
	for (int i = 0; i < CALLS; i++) {
		s->tell->syscall(s->history, &worker, fb_syscall_get("getpid"), true, now += 1000);
		s->tell->syscall(s->history, &worker, fb_syscall_get("getpid"), false, now += 1000);
	}
	s->tell->wake(s->history, &sleeper, &cause, now);
	s->tell->run(s->history, &sleeper, now + 5);
}

static char *path_of_end(struct small *s, fb_ns from)
{
	GString *to = g_string_new(NULL);
	fb_ns begin, end;

	assert_true(fb_history_life(s->history, &sleeper, &begin, &end));
	put_path(s->history, &sleeper, from, end, to);
	return g_string_free(to, FALSE);
}

static void what_there_is_no_room_for_is_dropped_and_said(void **state)
{
	struct small s = { .needed = INT64_MIN };
	const struct fb_history_options options = { .size = 7 << 20, .needed_since = needed_since,
						    .data = &s };
	const struct fb_history_counts *counts;
	g_autofree char *path = NULL, *expected = NULL;

	(void)state;
	sleep_long(&s, &options);
	counts = fb_history_counts(s.history);
	assert_true(counts->size <= options.size);
	assert_int_equal(counts->records, CALLS + 6);
	assert_true(counts->dropped > CALLS / 2 && counts->dropped < counts->records);
	assert_int_not_equal(s.asked, 0);
	assert_true(s.was_full);
	/* It slept all along, that is known; but what for is known from `since` on alone. */
	path = path_of_end(&s, 2);
	expected = g_strdup_printf("2..%" G_GINT64_FORMAT " 10 unknown:dropped poll\n"
				   "%" G_GINT64_FORMAT "..", counts->since, counts->since);
	assert_true(g_str_has_prefix(path, expected));
	assert_non_null(strstr(path, " 10 waits poll\n"));
	assert_int_equal(counts->unknown[FB_UNKNOWN_DROPPED], 1);
	fb_history_free(s.history);
}

static void what_nobody_needs_is_dropped_without_a_word(void **state)
{
	struct small s = { .needed = INT64_MAX };
	const struct fb_history_options options = { .needed_since = needed_since, .data = &s };
	const struct fb_history_counts *counts;

	(void)state;
	sleep_long(&s, &options);
	counts = fb_history_counts(s.history);
	assert_true(counts->size <= 7 << 20);
	assert_int_equal(counts->dropped, 0);
	fb_history_free(s.history);
}

static void what_fits_is_kept(void **state)
{
	struct small s = { .needed = INT64_MIN };
	const struct fb_history_options options = { .needed_since = needed_since, .data = &s };
	const struct fb_history_counts *counts;
	g_autofree char *path = NULL;

	(void)state;
	sleep_long(&s, &options);
	counts = fb_history_counts(s.history);
	assert_int_equal(counts->since, FB_NS_NONE);
	path = path_of_end(&s, 1);
	assert_true(g_str_has_prefix(path, "1..2 10 running poll\n2..2000000002 10 waits poll\n"
					   "  2..1002 20 running -\n"));
	assert_int_equal(counts->unknown[FB_UNKNOWN_DROPPED], 0);
	fb_history_free(s.history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_is_what_the_waker_did_meanwhile),
		cmocka_unit_test(a_part_of_a_wait_is_that_part_of_the_wakers_time),
		cmocka_unit_test(what_is_not_known_is_unknown),
		cmocka_unit_test(a_timer_ends_the_chain),
		cmocka_unit_test(a_chain_never_goes_before_the_begin_of_the_wait),
		cmocka_unit_test(interrupts_on_top_are_segments_of_their_own),
		cmocka_unit_test(an_inline_softirq_is_the_senders_doing),
		cmocka_unit_test(a_softirq_that_merely_interrupted_a_task_is_not_its_doing),
		cmocka_unit_test(a_disks_interrupt_is_block_by_what_it_completed),
		cmocka_unit_test(any_other_interrupt_is_irq),
		cmocka_unit_test(a_preempted_task_is_ready),
		cmocka_unit_test(an_early_wake_leaves_ready_time_only),
		cmocka_unit_test(an_early_wake_that_ended_another_sleep_is_passed_over),
		cmocka_unit_test(a_wait_with_no_waking_is_unknown),
		cmocka_unit_test(a_waking_of_unknown_origin_is_unknown),
		cmocka_unit_test(a_task_that_wakes_itself_is_not_followed),
		cmocka_unit_test(a_wait_that_lasts_is_blocked),
		cmocka_unit_test(
			a_wait_that_began_before_the_trace_is_followed_as_far_as_that_reaches),
		cmocka_unit_test(before_its_birth_a_task_is_its_parent),
		cmocka_unit_test(
			a_wait_opened_before_the_waker_ran_includes_its_time_for_others),
		cmocka_unit_test(mutual_waits_are_told_apart_by_time),
		cmocka_unit_test(nested_waits_are_followed_to_the_last),
		cmocka_unit_test(interleaved_waits_count_each_moment_once),
		cmocka_unit_test(embedded_waits_are_each_followed),
		cmocka_unit_test(wakes_at_one_time_come_to_an_end),
		cmocka_unit_test(events_lost_make_unknown_what_they_may_have_changed),
		cmocka_unit_test(
			a_task_that_ran_where_events_were_lost_is_unknown_until_seen_again),
		cmocka_unit_test(behind_a_gap_only_sleep_is_known),
		cmocka_unit_test(a_task_that_ran_unnamed_keeps_its_past),
		cmocka_unit_test(a_thread_that_execs_keeps_its_past_under_the_new_tid),
		cmocka_unit_test(a_sleep_that_a_pending_signal_forbade_is_ready_time),
		cmocka_unit_test(a_packet_in_flight_leads_to_its_senders_time_before),
		cmocka_unit_test(a_packet_sent_before_the_wait_was_in_flight_all_the_time),
		cmocka_unit_test(a_packet_that_answers_another_leads_to_that_ones_sender),
		cmocka_unit_test(what_there_is_no_room_for_is_dropped_and_said),
		cmocka_unit_test(what_nobody_needs_is_dropped_without_a_word),
		cmocka_unit_test(what_fits_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
