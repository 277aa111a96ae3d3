/* SPDX-License-Identifier: MIT */
/* test_waits.c - when a task waits, how long, in which system call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scenario.h"

static void a_read_waits_for_a_disk_irq(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10 next_comm=cat\n"
		     "2 0 syscall_entry_read fd=3\n"
		     "3 0 sched_switch prev_tid=10 prev_state=2 next_tid=0\n"
		     "7 0 irq_handler_entry irq=19 name=virtio0\n"
		     "8 0 sched_waking tid=10\n"
		     "9 0 irq_handler_exit irq=19\n"
		     "12 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 read 3..8..12 D irq 19 virtio0\n");
}

static void only_the_first_waking_ends_a_wait(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_entry_futex\n"
		     "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "4 0 syscall_entry_futex\n"
		     "5 0 sched_waking tid=10\n"
		     "6 0 syscall_exit_futex ret=0\n"
		     "7 0 syscall_entry_write\n"
		     "8 0 sched_waking tid=10\n"
		     "9 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n",
		     "10 futex 3..5..9 S task by 20 in futex\n");
}

static void a_waking_before_the_switch_out_ends_the_wait_at_its_begin(void **state)
{
	(void)state;
	/* CPU 1 wakes task 10 while it is on its way off CPU 0; no other waking follows. */
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "1 1 sched_switch prev_tid=0 next_tid=20\n"
		     "2 0 syscall_entry_read\n"
		     "3 1 syscall_entry_write\n"
		     "4 1 sched_waking tid=10\n"
		     "6 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "7 0 sched_wakeup tid=10\n"
		     "9 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 read 6..6..9 S task by 20 in write early\n");
}

/* Clocks of CPUs may disagree by some µs: the task runs on CPU 0 before CPU 1 is seen to wake it. */
static void a_waking_seen_behind_its_switch_in_ends_that_wait(void **state)
{
	(void)state;
	assert_waits("1000 0 sched_switch prev_tid=0 next_tid=10\n"
		     "1000 1 sched_switch prev_tid=0 next_tid=20\n"
		     "2000 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "9000 0 sched_switch prev_tid=0 next_tid=10\n"
		     "9500 1 sched_waking tid=10\n"
		     "30000 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "40000 1 sched_waking tid=10\n"
		     "41000 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 - 2000..9000..9000 S task by 20 in - inferred\n"
		     "10 - 30000..40000..41000 S task by 20 in -\n");
}

static void a_waking_seen_behind_the_next_switch_out_too(void **state)
{
	(void)state;
	assert_waits("1000 0 sched_switch prev_tid=0 next_tid=10\n"
		     "1000 1 sched_switch prev_tid=0 next_tid=20\n"
		     "2000 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "9000 0 sched_switch prev_tid=0 next_tid=10\n"
		     "12000 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "12500 1 sched_waking tid=10\n"
		     "40000 1 sched_waking tid=10\n"
		     "41000 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 - 2000..9000..9000 S task by 20 in - inferred\n"
		     "10 - 12000..40000..41000 S task by 20 in -\n");
}

/* 20 µs is more than clocks differ: it is the early waking of the wait that follows. */
static void a_waking_seen_long_behind_the_switch_in_is_another_waits(void **state)
{
	(void)state;
	assert_waits("1000 0 sched_switch prev_tid=0 next_tid=10\n"
		     "1000 1 sched_switch prev_tid=0 next_tid=20\n"
		     "2000 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "9000 0 sched_switch prev_tid=0 next_tid=10\n"
		     "29001 1 sched_waking tid=10\n"
		     "30000 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "41000 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 - 2000..?..9000 S unknown lost\n"
		     "10 - 30000..30000..41000 S task by 20 in - early\n");
}

static void an_early_waking_is_forgotten_when_the_task_does_not_sleep(void **state)
{
	(void)state;
	/* Preempted instead (256), then back; its next sleep is ended by nobody that was seen. */
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "1 1 sched_switch prev_tid=0 next_tid=20\n"
		     "2 0 syscall_entry_read\n"
		     "4 1 sched_waking tid=10\n"
		     "6 0 sched_switch prev_tid=10 prev_state=256 next_tid=0\n"
		     "9 0 sched_switch prev_tid=0 next_tid=10\n"
		     "10 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "12 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 read 10..?..12 S unknown lost\n");
}

static void an_early_waking_is_forgotten_at_its_wakeup(void **state)
{
	(void)state;
	/* sched_wakeup of a task on its CPU: the sleep was called off. */
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "1 1 sched_switch prev_tid=0 next_tid=20\n"
		     "2 0 syscall_entry_read\n"
		     "4 1 sched_waking tid=10\n"
		     "5 1 sched_wakeup tid=10\n"
		     "6 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "7 0 x86_irq_vectors_local_timer_entry vector=236\n"
		     "7 0 timer_hrtimer_expire_entry hrtimer=0x10 function=0xff\n"
		     "8 0 sched_waking tid=10\n"
		     "9 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 read 6..8..9 S hrtimer 0xff\n");
}

static void a_second_waking_proves_the_early_one_called_off_another_sleep(void **state)
{
	(void)state;
	/* No sched_wakeup recorded: the sleep called off at 4 left no trace of its own. */
	assert_waits("env without=sched_wakeup\n"
		     "1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "1 1 sched_switch prev_tid=0 next_tid=20\n"
		     "2 0 syscall_entry_read\n"
		     "4 1 sched_waking tid=10\n"
		     "6 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "7 0 irq_handler_entry irq=5 name=nvme\n"
		     "8 0 sched_waking tid=10\n"
		     "9 0 irq_handler_exit irq=5\n"
		     "10 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 read 6..8..10 S irq 5 nvme\n");
}

static void an_early_waking_is_forgotten_when_the_call_ends(void **state)
{
	(void)state;
	/* It went back to user mode and slept there, for a page: another sleep. */
	assert_waits("env without=sched_wakeup\n"
		     "1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "1 1 sched_switch prev_tid=0 next_tid=20\n"
		     "2 0 syscall_entry_read\n"
		     "4 1 sched_waking tid=10\n"
		     "5 0 syscall_exit_read ret=1\n"
		     "6 0 sched_switch prev_tid=10 prev_state=2 next_tid=0\n"
		     "10 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 - 6..?..10 D unknown lost\n");
}

static void a_waking_used_by_one_sleep_does_not_end_the_next(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "1 1 sched_switch prev_tid=0 next_tid=20\n"
		     "2 0 syscall_entry_read\n"
		     "4 1 sched_waking tid=10\n"
		     "6 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "9 0 sched_switch prev_tid=0 next_tid=10\n"
		     "10 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "11 1 sched_waking tid=10\n"
		     "12 0 sched_switch prev_tid=0 next_tid=10\n"
		     "13 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "14 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 read 6..6..9 S task by 20 in - early\n"
		     "10 read 10..11..12 S task by 20 in -\n"
		     "10 read 13..?..14 S unknown lost\n");
}

static void preemption_is_no_wait(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "3 0 sched_switch prev_tid=10 prev_state=256 next_tid=20\n"
		     "5 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
		     "7 0 sched_switch prev_tid=10 prev_state=0 next_tid=20\n"
		     "9 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n",
		     "");
}

#define STATES(env) env \
	"1 0 sched_switch prev_tid=0 next_tid=10\n" \
	"2 0 sched_switch prev_tid=10 prev_state=1024 next_tid=0\n" \
	"3 0 sched_waking tid=10\n" \
	"4 0 sched_switch prev_tid=0 next_tid=10\n" \
	"5 0 sched_switch prev_tid=10 prev_state=64 next_tid=0\n" \
	"6 0 sched_waking tid=10\n" \
	"7 0 sched_switch prev_tid=0 next_tid=10\n"

static void state_0x40_is_dead_before_linux_4_14_and_parked_since(void **state)
{
	const struct fb_kernel_options all = { .all = true };

	(void)state;
	/* 0x400 is R+ both times; what runs after 0x40 is another task on the old kernel. */
	assert_waits_with(&all, STATES("env kernel=3.10.31 tracer=2.5.0\n"), "");
	assert_waits_with(&all, STATES("env kernel=6.1.0 tracer=2.13.9\n"),
			  "10 - 5..6..7 P untraced\n");
}

static void state_0x80_is_idle_or_dead_by_tracer_version(void **state)
{
	const struct fb_kernel_options all = { .all = true };
	static const char events[] = "1 0 sched_switch prev_tid=0 next_tid=10\n"
				     "2 0 sched_switch prev_tid=10 prev_state=128 next_tid=0\n"
				     "3 0 sched_waking tid=10\n"
				     "4 0 sched_switch prev_tid=0 next_tid=10\n";
	g_autofree char *old = g_strconcat("env kernel=4.19.0 tracer=2.9.14\n", events, NULL);
	g_autofree char *new = g_strconcat("env kernel=4.19.0 tracer=2.9.15\n", events, NULL);

	(void)state;
	assert_waits_with(&all, old, "");
	assert_waits_with(&all, new, "10 - 2..3..4 I untraced\n");
	assert_waits(new, "");
}

static void killable_sleep_is_blocked_on_any_kernel(void **state)
{
	(void)state;
	/* 0x82 = TASK_WAKEKILL | D before 4.14; 0x102 with the raw layout after. */
	assert_waits("env kernel=4.4.3 tracer=2.8.0\n"
		     "1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 sched_switch prev_tid=10 prev_state=130 next_tid=0\n"
		     "3 0 sched_waking tid=10\n"
		     "4 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 - 2..3..4 D untraced\n");
	assert_waits("env kernel=4.19.0 tracer=2.9.0\n"
		     "1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 sched_switch prev_tid=10 prev_state=258 next_tid=0\n"
		     "3 0 sched_waking tid=10\n"
		     "4 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 - 2..3..4 D untraced\n");
}

static void stopped_and_traced_tasks_are_not_blocked(void **state)
{
	static const char events[] = "1 0 sched_switch prev_tid=0 next_tid=10\n"
				     "2 0 sched_switch prev_tid=10 prev_state=4 next_tid=20\n"
				     "3 0 syscall_entry_kill\n"
				     "4 0 sched_waking tid=10\n"
				     "5 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
				     "6 0 sched_switch prev_tid=10 prev_state=8 next_tid=20\n"
				     "7 0 sched_waking tid=10\n"
				     "8 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n";

	(void)state;
	assert_waits(events, "");
	assert_waits_with(&(struct fb_kernel_options){ .all = true }, events,
			  "10 - 2..4..5 T task by 20 in kill\n"
			  "10 - 6..7..8 t task by 20 in kill\n");
}

static void one_call_may_block_several_times(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "1 1 sched_switch prev_tid=0 next_tid=20\n"
		     "2 0 syscall_entry_write fd=4\n"
		     "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "4 1 sched_waking tid=10\n"
		     "5 0 sched_switch prev_tid=0 next_tid=10\n"
		     "6 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "7 1 sched_waking tid=10\n"
		     "8 0 sched_switch prev_tid=0 next_tid=10\n"
		     "9 0 syscall_exit_write ret=5\n"
		     "10 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "11 1 sched_waking tid=10\n"
		     "12 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 write 3..4..5 S task by 20 in -\n"
		     "10 write 6..7..8 S task by 20 in -\n"
		     "10 - 10..11..12 S task by 20 in -\n");
}

static void a_call_that_began_before_the_trace_is_named_by_its_exit(void **state)
{
	(void)state;
	/* Task 30's wait ends later and is complete, but waits for its turn. */
	assert_waits("1 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "2 0 syscall_entry_write\n"
		     "3 0 sched_waking tid=10\n"
		     "4 0 syscall_exit_write ret=1\n"
		     "5 0 syscall_entry_read\n"
		     "6 0 sched_switch prev_tid=20 prev_state=1 next_tid=10\n"
		     "7 0 sched_waking tid=20\n"
		     "8 0 sched_switch prev_tid=10 prev_state=256 next_tid=20\n"
		     "9 0 sched_switch prev_tid=20 prev_state=256 next_tid=10\n"
		     "10 0 syscall_exit_poll ret=1\n",
		     "10 poll 1..3..6 S task by 20 in write\n"
		     "20 read 6..7..8 S task by 10 in -\n");
}

static void an_entry_proves_that_the_wait_before_was_in_no_call(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=10 prev_state=2 next_tid=0\n"
		     "2 0 irq_handler_entry irq=5 name=nvme\n"
		     "3 0 sched_waking tid=10\n"
		     "4 0 irq_handler_exit irq=5\n"
		     "5 0 sched_switch prev_tid=0 next_tid=10\n"
		     "6 0 syscall_entry_read\n"
		     "7 0 syscall_exit_read\n",
		     "10 - 1..3..5 D irq 5 nvme\n");
}

static void an_exit_of_another_name_closes_the_call_that_is_open(void **state)
{
	(void)state;
	/* execveat ends as execve; rt_sigreturn never ends: the next entry closes it. */
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_entry_execveat\n"
		     "3 0 sched_switch prev_tid=10 prev_state=2 next_tid=0\n"
		     "4 0 sched_waking tid=10\n"
		     "5 0 sched_switch prev_tid=0 next_tid=10\n"
		     "6 0 syscall_exit_execve ret=0\n"
		     "7 0 sched_switch prev_tid=10 prev_state=2 next_tid=0\n"
		     "8 0 sched_waking tid=10\n"
		     "9 0 sched_switch prev_tid=0 next_tid=10\n"
		     "10 0 syscall_entry_rt_sigreturn\n"
		     "11 0 syscall_entry_pause\n"
		     "12 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "13 0 sched_waking tid=10\n"
		     "14 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 execveat 3..4..5 D untraced\n"
		     "10 - 7..8..9 D untraced\n"
		     "10 pause 12..13..14 S untraced\n");
}

static void a_number_without_a_name_of_the_tracer_gets_ours(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_entry_unknown id=426\n"
		     "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "4 0 sched_waking tid=10\n"
		     "5 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 io_uring_enter 3..4..5 S untraced\n");
}

static void a_forked_child_is_in_no_call_and_does_not_wait(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10 next_comm=sh\n"
		     "2 0 syscall_entry_clone\n"
		     "3 0 sched_process_fork parent_tid=10 parent_pid=10 child_tid=11 child_pid=11 child_comm=sh\n"
		     "4 0 sched_wakeup_new tid=11\n"
		     "5 0 sched_switch prev_tid=10 prev_state=256 next_tid=11\n"
		     "6 0 syscall_exit_clone ret=0\n"
		     "7 0 sched_switch prev_tid=11 prev_state=2 next_tid=10\n"
		     "8 0 syscall_exit_clone ret=11\n"
		     "9 0 sched_waking tid=11\n"
		     "10 0 sched_switch prev_tid=10 prev_state=256 next_tid=11\n",
		     "11 - 7..9..10 D task by 10 in -\n");
}

static void a_reused_tid_is_another_task(void **state)
{
	(void)state;
	/* 11 dies asleep to us (Z, 32); the new 11 does not end the old one's wait. */
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=11\n"
		     "2 0 syscall_entry_exit_group\n"
		     "3 0 sched_switch prev_tid=11 prev_state=32 next_tid=10\n"
		     "4 0 sched_process_fork parent_tid=10 parent_pid=10 child_tid=11 child_pid=11\n"
		     "5 0 sched_switch prev_tid=10 prev_state=256 next_tid=11\n"
		     "6 0 sched_switch prev_tid=11 prev_state=1 next_tid=10\n"
		     "7 0 sched_waking tid=11\n"
		     /* A late free of the first 11 must not close the second. */
		     "8 0 sched_process_free tid=11\n"
		     "9 0 sched_switch prev_tid=10 prev_state=256 next_tid=11\n",
		     "11 - 6..7..9 S task by 10 in -\n");
}

static void exec_by_another_thread_takes_the_leaders_tid(void **state)
{
	(void)state;
	/* Thread 702 of process 701 execs: it waits for the leader to die, then is 701. */
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=702\n"
		     "2 0 syscall_entry_execve\n"
		     "3 0 sched_switch prev_tid=702 prev_state=2 next_tid=701\n"
		     "4 0 sched_process_exit tid=701\n"
		     "5 0 sched_waking tid=702\n"
		     "6 0 sched_switch prev_tid=701 prev_state=32 next_tid=702\n"
		     "7 0 sched_process_exec filename=/bin/true tid=701 old_tid=702\n"
		     "8 0 syscall_exit_execve ret=0\n"
		     "9 0 syscall_entry_read\n"
		     "10 0 sched_switch prev_tid=701 prev_state=1 next_tid=0\n"
		     "11 0 sched_waking tid=701\n"
		     "12 0 sched_switch prev_tid=0 next_tid=701\n",
		     "702 execve 3..5..6 D task by 701 in -\n"
		     "701 read 10..11..12 S untraced\n");
}

static void waits_cut_by_the_trace_are_edges(void **state)
{
	static const char events[] = "1 0 sched_switch prev_tid=0 next_tid=20\n"
				     "2 0 sched_waking tid=10\n"
				     "3 0 sched_switch prev_tid=20 prev_state=1 next_tid=10\n"
				     "4 0 syscall_exit_poll ret=1\n"
				     "5 0 sched_switch prev_tid=10 prev_state=256 next_tid=0\n";

	(void)state;
	assert_waits(events, "");
	assert_waits_with(&(struct fb_kernel_options){ .edges = true }, events,
			  "10 poll ?..2..3 ? task by 20 in - edge\n"
			  "20 - 3..?..? S unknown edge\n");
}

static void the_statedump_does_not_override_what_was_seen(void **state)
{
	(void)state;
	/* 10 runs when the dump says that it waits; 30 sleeps since before. */
	assert_waits_with(&(struct fb_kernel_options){ .edges = true },
			  "1 0 sched_switch prev_tid=0 next_tid=10\n"
			  "2 1 lttng_statedump_process_state tid=10 pid=10 ppid=1 name=cat type=0 status=5\n"
			  "2 1 lttng_statedump_process_state tid=30 pid=30 ppid=1 name=nc type=0 status=5\n"
			  "3 1 lttng_statedump_end\n"
			  "4 0 sched_waking tid=30\n"
			  "5 0 sched_switch prev_tid=10 prev_state=256 next_tid=30\n"
			  "6 0 syscall_exit_poll ret=1\n",
			  "30 poll ?..4..5 ? task by 10 in - edge\n");
}

/* Tasks of which it is known which process they belong to: of others it may be lost. */
#define FORKED(tid) "0 0 sched_process_fork parent_tid=1 child_tid=" tid " child_pid=" tid "\n"

static void a_wait_across_lost_events_is_marked(void **state)
{
	(void)state;
	/* CPU 1 lost events while 10 slept; 20 ran on CPU 0 all the while, and waits after them. */
	assert_waits(FORKED("10") FORKED("20")
		     "1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_entry_read\n"
		     "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "4 1 lost until=6 count=9\n"
		     "7 0 syscall_entry_write\n"
		     "8 0 sched_waking tid=10\n"
		     "9 0 sched_switch prev_tid=20 prev_state=1 next_tid=10\n"
		     "10 0 syscall_exit_read ret=1\n"
		     "11 0 syscall_entry_write\n"
		     "12 0 sched_waking tid=20\n"
		     "13 0 sched_switch prev_tid=10 prev_state=256 next_tid=20\n",
		     "10 read 3..8..9 S task by 20 in write lost\n"
		     "20 write 9..12..13 S task by 10 in write\n");
}

static void who_ran_through_a_loss_is_unknown_until_the_next_switch(void **state)
{
	(void)state;
	/* 20 was current before the loss, 30 is after it: 30 wrote. */
	assert_waits(FORKED("10") FORKED("30")
		     "1 0 sched_switch prev_tid=0 next_tid=20\n"
		     "1 1 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 lost until=5 count=1\n"
		     "6 0 syscall_entry_write\n"
		     "6 1 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "7 0 sched_waking tid=10\n"
		     "8 1 sched_switch prev_tid=0 next_tid=10\n"
		     "9 0 sched_switch prev_tid=30 prev_state=256 next_tid=0\n",
		     "10 - 6..7..8 S task by 30 in write\n");
}

static void what_was_open_at_a_loss_is_doubtful_until_the_next_call(void **state)
{
	(void)state;
	/* 10 was off its CPU while another lost events: it may have left its call there. */
	assert_waits(FORKED("10") FORKED("20")
		     "0 1 sched_process_exec filename=/bin/cat tid=10 old_tid=10\n"
		     "1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_entry_read fd=3\n"
		     "3 0 sched_switch prev_tid=10 prev_state=0 next_tid=20\n"
		     "4 1 lost until=6 count=9\n"
		     "6 1 lost until=6\n"
		     "7 0 sched_switch prev_tid=20 prev_state=256 next_tid=10\n"
		     "8 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "9 0 sched_waking tid=10\n"
		     "10 0 sched_switch prev_tid=20 prev_state=256 next_tid=10\n"
		     "11 0 syscall_exit_read ret=1\n"
		     "12 0 syscall_entry_read fd=3\n"
		     "13 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "14 0 syscall_entry_write\n"
		     "15 0 sched_waking tid=10\n"
		     "16 0 sched_switch prev_tid=20 prev_state=256 next_tid=10\n",
		     "10 read 8..9..10 S task by 20 in - lost\n"
		     "10 read 13..15..16 S task by 20 in write\n");
}

#define ASLEEP_AT_A_LOSS                                                                           \
	FORKED("10") FORKED("20")                                                                  \
	"1 0 sched_switch prev_tid=0 next_tid=10\n"                                                \
	"2 0 syscall_entry_read fd=3\n"                                                            \
	"3 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"

static void a_wait_that_another_call_ends_is_two(void **state)
{
	(void)state;
	assert_waits(ASLEEP_AT_A_LOSS "4 1 lost until=6 count=9\n"
		     "8 0 sched_waking tid=10\n"
		     "9 0 sched_switch prev_tid=20 prev_state=256 next_tid=10\n"
		     "10 0 syscall_exit_poll ret=1\n", "");
	/* With nothing lost names are not compared: execveat's exit is execve's. */
	assert_waits(ASLEEP_AT_A_LOSS
		     "8 0 sched_waking tid=10\n"
		     "9 0 sched_switch prev_tid=20 prev_state=256 next_tid=10\n"
		     "10 0 syscall_exit_poll ret=1\n",
		     "10 read 3..8..9 S task by 20 in -\n");
}

static void a_wait_woken_twice_around_a_loss_is_two(void **state)
{
	(void)state;
	assert_waits(ASLEEP_AT_A_LOSS "4 0 sched_waking tid=10\n"
		     "5 1 lost until=6 count=9\n"
		     "8 0 sched_waking tid=10\n"
		     "9 0 sched_switch prev_tid=20 prev_state=256 next_tid=10\n"
		     "10 0 syscall_exit_read ret=1\n", "");
}

static void a_switch_from_another_task_is_a_loss_untold(void **state)
{
	(void)state;
	/* 30 leaves the CPU that 20 came to: 20 was switched out in between, and 30 in. */
	assert_waits(ASLEEP_AT_A_LOSS FORKED("30")
		     "7 0 sched_switch prev_tid=30 prev_state=1 next_tid=20\n"
		     "8 0 sched_waking tid=10\n"
		     "9 0 sched_switch prev_tid=20 prev_state=256 next_tid=10\n"
		     "10 0 syscall_exit_read ret=1\n",
		     "10 read 3..8..9 S task by 20 in - lost\n");
}

static void another_name_behind_a_loss_is_another_program(void **state)
{
	(void)state;
	assert_waits(FORKED("10") FORKED("20")
		     "0 1 sched_process_exec filename=/bin/cat tid=10 old_tid=10\n"
		     "1 0 sched_switch prev_tid=0 next_tid=20\n"
		     "4 1 lost until=6 count=9\n"
		     "7 0 sched_switch prev_tid=20 prev_state=256 next_tid=10 next_comm=dog\n"
		     "8 0 syscall_entry_read fd=3\n"
		     "9 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
		     "10 0 irq_handler_entry irq=19 name=virtio0\n"
		     "11 0 sched_waking tid=10\n"
		     "12 0 irq_handler_exit irq=19\n"
		     "13 0 sched_switch prev_tid=20 prev_state=256 next_tid=10 next_comm=dog\n",
		     "10 read 9..11..13 S irq 19 virtio0 lost\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_waits_for_a_disk_irq),
		cmocka_unit_test(only_the_first_waking_ends_a_wait),
		cmocka_unit_test(a_waking_before_the_switch_out_ends_the_wait_at_its_begin),
		cmocka_unit_test(a_waking_seen_behind_its_switch_in_ends_that_wait),
		cmocka_unit_test(a_waking_seen_behind_the_next_switch_out_too),
		cmocka_unit_test(a_waking_seen_long_behind_the_switch_in_is_another_waits),
		cmocka_unit_test(an_early_waking_is_forgotten_when_the_task_does_not_sleep),
		cmocka_unit_test(an_early_waking_is_forgotten_at_its_wakeup),
		cmocka_unit_test(a_second_waking_proves_the_early_one_called_off_another_sleep),
		cmocka_unit_test(an_early_waking_is_forgotten_when_the_call_ends),
		cmocka_unit_test(a_waking_used_by_one_sleep_does_not_end_the_next),
		cmocka_unit_test(preemption_is_no_wait),
		cmocka_unit_test(state_0x40_is_dead_before_linux_4_14_and_parked_since),
		cmocka_unit_test(state_0x80_is_idle_or_dead_by_tracer_version),
		cmocka_unit_test(killable_sleep_is_blocked_on_any_kernel),
		cmocka_unit_test(stopped_and_traced_tasks_are_not_blocked),
		cmocka_unit_test(one_call_may_block_several_times),
		cmocka_unit_test(a_call_that_began_before_the_trace_is_named_by_its_exit),
		cmocka_unit_test(an_entry_proves_that_the_wait_before_was_in_no_call),
		cmocka_unit_test(an_exit_of_another_name_closes_the_call_that_is_open),
		cmocka_unit_test(a_number_without_a_name_of_the_tracer_gets_ours),
		cmocka_unit_test(a_forked_child_is_in_no_call_and_does_not_wait),
		cmocka_unit_test(a_reused_tid_is_another_task),
		cmocka_unit_test(exec_by_another_thread_takes_the_leaders_tid),
		cmocka_unit_test(waits_cut_by_the_trace_are_edges),
		cmocka_unit_test(the_statedump_does_not_override_what_was_seen),
		cmocka_unit_test(a_wait_across_lost_events_is_marked),
		cmocka_unit_test(who_ran_through_a_loss_is_unknown_until_the_next_switch),
		cmocka_unit_test(what_was_open_at_a_loss_is_doubtful_until_the_next_call),
		cmocka_unit_test(a_wait_that_another_call_ends_is_two),
		cmocka_unit_test(a_wait_woken_twice_around_a_loss_is_two),
		cmocka_unit_test(a_switch_from_another_task_is_a_loss_untold),
		cmocka_unit_test(another_name_behind_a_loss_is_another_program),
	};

	return cmocka_run_group_tests_name("waits", tests, NULL, NULL);
}
