/* SPDX-License-Identifier: MIT */
/* test_causes.c - what ended a wait: one scenario for each rule of docs/rules.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scenario.h"

/* Task 10 falls asleep in read on CPU 0 at 3; CPU 1 runs task 20 in sendto since 4. */
#define ASLEEP "1 0 sched_switch prev_tid=0 next_tid=10 next_comm=reader\n" \
	       "1 1 sched_switch prev_tid=0 next_tid=20 next_comm=sender\n" \
	       "2 0 syscall_entry_read fd=3\n" \
	       "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n" \
	       "4 1 syscall_entry_sendto\n"
#define RUNS "90 0 sched_switch prev_tid=0 next_tid=10\n"

static void an_hrtimer_in_the_local_timer_interrupt(void **state)
{
	(void)state;
	assert_waits(ASLEEP
		     "10 0 x86_irq_vectors_local_timer_entry vector=236\n"
		     "11 0 timer_hrtimer_expire_entry hrtimer=0x100 function=0xffffffff81155160\n"
		     "12 0 sched_waking tid=10\n"
		     "13 0 timer_hrtimer_expire_exit hrtimer=0x100\n"
		     "14 0 x86_irq_vectors_local_timer_exit vector=236\n" RUNS,
		     "10 read 3..12..90 S hrtimer 0xffffffff81155160\n");
}

static void a_timer_interrupt_with_no_callback_recorded(void **state)
{
	(void)state;
	assert_waits("env without=timer_hrtimer_expire_entry\n" ASLEEP
		     "10 0 x86_irq_vectors_local_timer_entry vector=236\n"
		     "12 0 sched_waking tid=10\n"
		     "14 0 x86_irq_vectors_local_timer_exit vector=236\n" RUNS,
		     "10 read 3..12..90 S timer 236 local_timer inferred\n");
}

static void a_wheel_timer_in_its_softirq(void **state)
{
	(void)state;
	assert_waits(ASLEEP
		     "10 0 x86_irq_vectors_local_timer_entry vector=236\n"
		     "11 0 irq_softirq_raise vec=1\n"
		     "12 0 x86_irq_vectors_local_timer_exit vector=236\n"
		     "13 0 irq_softirq_entry vec=1\n"
		     "14 0 timer_expire_entry timer=0x100 function=0xabc\n"
		     "15 0 sched_waking tid=10\n"
		     "16 0 timer_expire_exit timer=0x100\n"
		     "17 0 irq_softirq_exit vec=1\n" RUNS,
		     "10 read 3..15..90 S timer 0xabc from vector 236\n");
}

static void a_softirq_raised_by_an_irq(void **state)
{
	(void)state;
	assert_waits(ASLEEP
		     "10 1 irq_handler_entry irq=27 name=virtio0-input.0\n"
		     "11 1 irq_softirq_raise vec=3\n"
		     "12 1 irq_handler_exit irq=27 ret=1\n"
		     "13 1 irq_softirq_entry vec=3\n"
		     "14 1 sched_waking tid=10\n"
		     "15 1 irq_softirq_exit vec=3\n" RUNS,
		     "10 read 3..14..90 S softirq 3 NET_RX from irq 27\n");
}

static void a_softirq_run_inline_names_its_sender(void **state)
{
	(void)state;
	assert_waits(ASLEEP
		     "10 1 irq_softirq_raise vec=3\n"
		     "11 1 irq_softirq_entry vec=3\n"
		     "12 1 sched_waking tid=10\n"
		     "13 1 irq_softirq_exit vec=3\n" RUNS,
		     "10 read 3..12..90 S softirq 3 NET_RX inline by 20 in sendto"
		     " from task 20 in sendto\n");
}

static void an_interrupted_task_is_not_the_sender(void **state)
{
	(void)state;
	/* An irq raises NET_RX on top of task 20's sendto: 20 has nothing to do with it. */
	assert_waits(ASLEEP
		     "10 1 irq_handler_entry irq=27 name=eth0\n"
		     "11 1 irq_softirq_raise vec=3\n"
		     "12 1 irq_handler_exit irq=27\n"
		     "30000 1 irq_softirq_entry vec=3\n"
		     "30001 1 sched_waking tid=10\n"
		     "30002 1 irq_softirq_exit vec=3\n"
		     "30003 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 read 3..30001..30003 S softirq 3 NET_RX from irq 27\n");
}

static void a_delayed_packet_leads_back_to_its_timer(void **state)
{
	(void)state;
	/* netem: qdisc_watchdog raises NET_TX, which sends and raises NET_RX. */
	assert_waits(ASLEEP
		     "10 0 x86_irq_vectors_local_timer_entry vector=236\n"
		     "11 0 timer_hrtimer_expire_entry hrtimer=0x1 function=0xd06\n"
		     "12 0 irq_softirq_raise vec=2\n"
		     "13 0 timer_hrtimer_expire_exit hrtimer=0x1\n"
		     "14 0 x86_irq_vectors_local_timer_exit vector=236\n"
		     "15 0 irq_softirq_entry vec=2\n"
		     "16 0 irq_softirq_raise vec=3\n"
		     "17 0 irq_softirq_exit vec=2\n"
		     "18 0 irq_softirq_entry vec=3\n"
		     "19 0 sched_waking tid=10\n"
		     "20 0 irq_softirq_exit vec=3\n" RUNS,
		     "10 read 3..19..90 S softirq 3 NET_RX from hrtimer 0xd06\n");
}

static void ksoftirqd_runs_what_others_raised(void **state)
{
	(void)state;
	assert_waits(ASLEEP
		     "10 1 irq_softirq_raise vec=3\n"
		     "11 1 sched_switch prev_tid=20 prev_state=256 next_tid=21 next_comm=ksoftirqd/1\n"
		     "12 1 irq_softirq_entry vec=3\n"
		     "13 1 sched_waking tid=10\n"
		     "14 1 irq_softirq_exit vec=3\n" RUNS,
		     "10 read 3..13..90 S softirq 3 NET_RX from deferred 20 in sendto\n");
}

static void ksoftirqd_itself_is_woken_by_overload(void **state)
{
	(void)state;
	/* Task 20 is merely interrupted. */
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=21 next_comm=ksoftirqd/0\n"
		     "2 0 sched_switch prev_tid=21 prev_state=1 next_tid=20\n"
		     "3 0 syscall_entry_sendto\n"
		     "10 0 irq_softirq_raise vec=3\n"
		     "11 0 irq_softirq_entry vec=3\n"
		     "12 0 irq_softirq_exit vec=3\n"
		     "13 0 sched_waking tid=21\n"
		     "14 0 sched_switch prev_tid=20 prev_state=256 next_tid=21\n"
		     "15 0 sched_switch prev_tid=21 prev_state=1 next_tid=20\n"
		     "16 0 irq_softirq_raise vec=6\n"
		     "17 0 sched_waking tid=21\n"
		     "18 0 sched_switch prev_tid=20 prev_state=256 next_tid=21\n"
		     "19 0 sched_switch prev_tid=21 prev_state=1 next_tid=20\n"
		     /* An interrupt may come between the softirq's end and its tail. */
		     "20 0 irq_softirq_entry vec=3\n"
		     "21 0 irq_softirq_exit vec=3\n"
		     "22 0 x86_irq_vectors_local_timer_entry vector=236\n"
		     "23 0 x86_irq_vectors_local_timer_exit vector=236\n"
		     "24 0 sched_waking tid=21\n"
		     "25 0 sched_switch prev_tid=20 prev_state=256 next_tid=21\n",
		     "21 - 2..13..14 S task via softirq_overload 0\n"
		     "21 - 15..17..18 S task by 20 in sendto\n"
		     "21 - 19..24..25 S task via softirq_overload 0\n");
}

static void without_raise_events_the_event_before_tells_the_origin(void **state)
{
	(void)state;
	assert_waits("env without=irq_softirq_raise\n" ASLEEP
		     "10 1 irq_handler_entry irq=27 name=eth0\n"
		     "12 1 irq_handler_exit irq=27\n"
		     "13 1 irq_softirq_entry vec=3\n"
		     "14 1 sched_waking tid=10\n"
		     "15 1 irq_softirq_exit vec=3\n"
		     "20 0 sched_switch prev_tid=0 next_tid=10\n"
		     "21 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     /* The same interrupt 30 us ago is no explanation. */
		     "30 1 irq_handler_entry irq=27 name=eth0\n"
		     "31 1 irq_handler_exit irq=27\n"
		     "30031 1 irq_softirq_entry vec=3\n"
		     "30032 1 sched_waking tid=10\n"
		     "30033 1 irq_softirq_exit vec=3\n"
		     "30040 0 sched_switch prev_tid=0 next_tid=10\n"
		     "30041 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     /* A second round of the same loop. */
		     "30042 1 irq_softirq_entry vec=1\n"
		     "30043 1 irq_softirq_exit vec=1\n",
		     "10 read 3..14..20 S softirq 3 NET_RX from irq 27 inferred\n"
		     "10 read 21..30032..30040 S softirq 3 NET_RX inline by 20 in sendto"
		     " from task 20 in sendto inferred\n");
}

static void an_irq_on_top_of_a_softirq_is_the_innermost(void **state)
{
	(void)state;
	assert_waits(ASLEEP
		     "10 1 irq_softirq_raise vec=9\n"
		     "11 1 irq_softirq_entry vec=9\n"
		     "12 1 irq_handler_entry irq=37 name=virtio4-req.0\n"
		     "13 1 sched_waking tid=10\n"
		     "14 1 irq_handler_exit irq=37\n"
		     "15 1 irq_softirq_exit vec=9\n" RUNS,
		     "10 read 3..13..90 S irq 37 virtio4-req.0\n");
}

static void shared_lines_keep_the_name_of_the_action(void **state)
{
	(void)state;
	assert_waits(ASLEEP
		     "10 1 irq_handler_entry irq=9 name=acpi\n"
		     "11 1 irq_handler_exit irq=9\n"
		     "12 1 irq_handler_entry irq=9 name=i801_smbus\n"
		     "13 1 sched_waking tid=10\n"
		     "14 1 irq_handler_exit irq=9\n" RUNS,
		     "10 read 3..13..90 S irq 9 i801_smbus\n");
}

static void a_threaded_irq_wakes_its_thread_which_wakes_the_task(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=30 next_comm=irq/16-ahci\n"
		     "2 0 sched_switch prev_tid=30 prev_state=1 next_tid=10\n"
		     "3 0 syscall_entry_read\n"
		     "4 0 sched_switch prev_tid=10 prev_state=2 next_tid=0\n"
		     "5 0 irq_handler_entry irq=16 name=ahci\n"
		     "6 0 sched_waking tid=30\n"
		     "7 0 irq_handler_exit irq=16\n"
		     "8 0 sched_switch prev_tid=0 next_tid=30\n"
		     "9 0 sched_waking tid=10\n"
		     "10 0 sched_switch prev_tid=30 prev_state=1 next_tid=10\n"
		     "11 0 syscall_exit_read\n"
		     "12 0 lttng_statedump_process_state tid=30 pid=30 ppid=2 type=1 status=5\n",
		     "30 - 2..6..8 S irq 16 ahci\n"
		     "10 read 4..9..10 D task by 30 in -\n");
}

static void the_waker_is_where_sched_waking_fired(void **state)
{
	(void)state;
	/* CPU 1 writes; the wakeup arrives on idle CPU 0 by an IPI. */
	assert_waits(ASLEEP
		     "10 1 sched_waking tid=10 target_cpu=0\n"
		     "11 0 x86_irq_vectors_call_function_single_entry vector=251\n"
		     "12 0 sched_wakeup tid=10 target_cpu=0\n"
		     "13 0 x86_irq_vectors_call_function_single_exit vector=251\n" RUNS,
		     "10 read 3..10..90 S task by 20 in sendto\n");
}

static void with_wakeups_alone_a_remote_waker_is_only_an_ipi(void **state)
{
	(void)state;
	assert_waits("env without=sched_waking\n" ASLEEP
		     "11 0 x86_irq_vectors_call_function_single_entry vector=251\n"
		     "12 0 sched_wakeup tid=10\n"
		     "13 0 x86_irq_vectors_call_function_single_exit vector=251\n"
		     "20 0 sched_switch prev_tid=0 next_tid=10\n"
		     "21 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     /* A polling idle CPU needs no IPI. */
		     "22 0 sched_wakeup tid=10\n"
		     "23 0 sched_switch prev_tid=0 next_tid=10\n"
		     "24 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     /* Here the waker did it itself; success=0 woke nobody. */
		     "25 1 sched_wakeup tid=10 success=0\n"
		     "26 1 sched_wakeup tid=10\n"
		     "27 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 read 3..12..20 S ipi 251 call_function_single inferred\n"
		     "10 read 21..22..23 S ipi inferred\n"
		     "10 read 24..26..27 S task by 20 in sendto inferred\n");
}

static void an_ipi_that_wakes_by_itself(void **state)
{
	(void)state;
	assert_waits(ASLEEP
		     "11 1 x86_irq_vectors_irq_work_entry vector=246\n"
		     "12 1 sched_waking tid=10\n"
		     "13 1 x86_irq_vectors_irq_work_exit vector=246\n" RUNS,
		     "10 read 3..12..90 S ipi 246 irq_work\n");
}

static void an_idle_cpu_without_interrupt_events_is_untraced(void **state)
{
	(void)state;
	assert_waits("env without=vectors\n" ASLEEP "12 0 sched_waking tid=10\n" RUNS,
		     "10 read 3..12..90 S untraced inferred\n");
}

static void user_mode_wakes_nobody_when_no_interrupt_is_recorded(void **state)
{
	(void)state;
	assert_waits("env without=irq_handler_entry,irq_softirq_entry,vectors\n" ASLEEP
		     "5 1 syscall_exit_sendto ret=1\n"
		     "12 1 sched_waking tid=10\n"
		     "20 0 sched_switch prev_tid=0 next_tid=10\n"
		     "21 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "22 1 syscall_entry_write\n"
		     "23 1 sched_waking tid=10\n" RUNS,
		     "10 read 3..12..20 S untraced inferred\n"
		     "10 read 21..23..90 S task by 20 in write inferred\n");
}

static void an_interrupt_that_is_not_recorded_may_stand_on_any_task(void **state)
{
	(void)state;
	assert_waits("env without=vectors\n" ASLEEP "12 1 sched_waking tid=10\n" RUNS,
		     "10 read 3..12..90 S task by 20 in sendto inferred\n");
	/* … and on a softirq, but on no hard interrupt. */
	assert_waits("env without=irq_handler_entry\n" ASLEEP
		     "10 1 irq_softirq_raise vec=3\n"
		     "11 1 irq_softirq_entry vec=3\n"
		     "12 1 sched_waking tid=10\n" RUNS,
		     "10 read 3..12..90 S softirq 3 NET_RX inline by 20 in sendto "
		     "from task 20 in sendto inferred\n");
	assert_waits("env without=vectors\n" ASLEEP
		     "11 0 timer_hrtimer_expire_entry hrtimer=0x100 function=0xabc\n"
		     "12 0 sched_waking tid=10\n" RUNS,
		     "10 read 3..12..90 S hrtimer 0xabc\n");
}

static void who_raised_what_a_guessed_softirq_raises_is_a_guess(void **state)
{
	(void)state;
	/* The first one was raised before the trace. */
	assert_waits(ASLEEP
		     "10 1 irq_softirq_entry vec=2\n"
		     "11 1 irq_softirq_raise vec=3\n"
		     "12 1 irq_softirq_exit vec=2\n"
		     "13 1 irq_softirq_entry vec=3\n"
		     "14 1 sched_waking tid=10\n" RUNS,
		     "10 read 3..14..90 S softirq 3 NET_RX inline by 20 in sendto "
		     "from task 20 in sendto inferred\n");
}

static void a_task_that_is_killed_is_in_no_user_mode(void **state)
{
	(void)state;
	assert_waits("env without=irq_handler_entry,irq_softirq_entry,vectors\n" ASLEEP
		     "5 1 syscall_exit_sendto ret=1\n"
		     "6 1 sched_process_exit tid=20\n"
		     "12 1 sched_waking tid=10\n" RUNS,
		     "10 read 3..12..90 S task by 20 in - inferred\n");
}

static void nobody_raises_a_softirq_in_user_mode(void **state)
{
	(void)state;
	assert_waits("env without=vectors\n" ASLEEP
		     "5 1 syscall_exit_sendto ret=1\n"
		     "10 1 irq_softirq_raise vec=3\n"
		     "11 1 irq_softirq_entry vec=3\n"
		     "12 1 sched_waking tid=10\n" RUNS,
		     "10 read 3..12..90 S softirq 3 NET_RX inferred\n");
}

static void an_hrtimer_on_top_of_a_softirq_is_not_the_softirqs(void **state)
{
	(void)state;
	assert_waits("env without=vectors\n" ASLEEP
		     "9 0 irq_handler_entry irq=19\n"
		     "10 0 irq_softirq_raise vec=3\n"
		     "11 0 irq_handler_exit irq=19\n"
		     "12 0 irq_softirq_entry vec=3\n"
		     "13 0 timer_hrtimer_expire_entry hrtimer=0x100 function=0xabc\n"
		     "14 0 sched_waking tid=10\n" RUNS,
		     "10 read 3..14..90 S hrtimer 0xabc\n");
}

static void a_lost_exit_leaves_no_phantom_after_the_next_switch(void **state)
{
	(void)state;
	assert_waits(ASLEEP
		     "10 1 irq_handler_entry irq=27 name=eth0\n"
		     "11 1 sched_switch prev_tid=20 prev_state=256 next_tid=22\n"
		     "12 1 syscall_entry_write\n"
		     "13 1 sched_waking tid=10\n" RUNS,
		     "10 read 3..13..90 S task by 22 in write\n");
}

static void a_lost_exit_is_closed_by_the_exit_of_the_frame_below(void **state)
{
	(void)state;
	/* The hrtimer's exit is missing: the vector's exit closes both. */
	assert_waits(ASLEEP
		     "10 1 x86_irq_vectors_local_timer_entry vector=236\n"
		     "11 1 timer_hrtimer_expire_entry hrtimer=0x1 function=0xf\n"
		     "12 1 x86_irq_vectors_local_timer_exit vector=236\n"
		     "13 1 sched_waking tid=10\n" RUNS,
		     "10 read 3..13..90 S task by 20 in sendto\n");
}

static void a_softirq_closes_what_seems_open_below_it(void **state)
{
	(void)state;
	/* Softirqs begin after the interrupt's exit: that exit was lost. */
	assert_waits(ASLEEP
		     "10 1 irq_handler_entry irq=27 name=eth0\n"
		     "11 1 irq_softirq_raise vec=3\n"
		     "12 1 irq_softirq_entry vec=3\n"
		     "13 1 irq_softirq_exit vec=3\n"
		     "14 1 sched_waking tid=10\n" RUNS,
		     "10 read 3..14..90 S task by 20 in sendto\n");
}

static void on_preempt_rt_a_softirq_stays_with_its_task(void **state)
{
	(void)state;
	assert_waits("env version='#1 SMP PREEMPT_RT Debian'\n" ASLEEP
		     "5 1 sched_switch prev_tid=20 prev_state=256 next_tid=21 next_comm=ksoftirqd/1\n"
		     "10 1 irq_softirq_raise vec=3\n"
		     "11 1 irq_softirq_entry vec=3\n"
		     "12 1 sched_switch prev_tid=21 prev_state=256 next_tid=22\n"
		     "13 1 sched_switch prev_tid=22 prev_state=256 next_tid=21\n"
		     "14 1 sched_waking tid=10\n"
		     "15 1 irq_softirq_exit vec=3\n" RUNS,
		     "10 read 3..14..90 S softirq 3 NET_RX from deferred 21 in -\n");
}

/* Task 10 (process 10) pauses on CPU 0; task 20 is in kill on CPU 1. */
#define PAUSED "1 0 sched_switch prev_tid=0 next_tid=10\n" \
	       "1 1 sched_switch prev_tid=0 next_tid=20\n" \
	       "2 0 syscall_entry_pause\n" \
	       "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n" \
	       "4 1 syscall_entry_kill\n"

static void a_signal_is_logged_after_the_waking_it_caused(void **state)
{
	(void)state;
	assert_waits(PAUSED
		     "10 1 sched_waking tid=10\n"
		     "11 1 sched_wakeup tid=10\n"
		     "12 1 signal_generate sig=10 code=0 pid=10 group=1 result=0\n" RUNS,
		     "10 pause 3..10..90 S task by 20 in kill via signal 10\n");
}

static void a_signal_may_be_logged_after_the_wait_is_over(void **state)
{
	(void)state;
	assert_waits(PAUSED
		     "10 1 sched_waking tid=10\n"
		     "11 0 sched_switch prev_tid=0 next_tid=10\n"
		     "12 1 signal_generate sig=10 code=0 pid=10 group=1 result=0\n",
		     "10 pause 3..10..11 S task by 20 in kill via signal 10\n");
}

static void an_alarm_is_a_signal_from_a_timer(void **state)
{
	(void)state;
	assert_waits(PAUSED
		     "10 0 x86_irq_vectors_local_timer_entry vector=236\n"
		     "11 0 timer_hrtimer_expire_entry hrtimer=0x1 function=0x17\n"
		     "12 0 sched_waking tid=10\n"
		     "13 0 signal_generate sig=14 code=128 pid=10 group=1 result=0\n"
		     "14 0 timer_hrtimer_expire_exit hrtimer=0x1\n" RUNS,
		     "10 pause 3..12..90 S hrtimer via signal 14 0x17\n");
}

static void a_signal_that_follows_later_or_is_for_another_explains_nothing(void **state)
{
	(void)state;
	assert_waits(PAUSED
		     "10 1 sched_waking tid=10\n"
		     "11 1 signal_generate sig=10 code=0 pid=77 group=1 result=0\n" RUNS,
		     "10 pause 3..10..90 S task by 20 in kill\n");
	assert_waits(PAUSED
		     "10 1 sched_waking tid=10\n"
		     "11 1 syscall_exit_kill ret=0\n"
		     "12 1 signal_generate sig=10 code=0 pid=10 group=1 result=0\n" RUNS,
		     "10 pause 3..10..90 S task by 20 in kill\n");
	/* result 1: ignored, so it woke nobody. */
	assert_waits(PAUSED
		     "10 1 sched_waking tid=10\n"
		     "11 1 signal_generate sig=10 code=0 pid=10 group=1 result=1\n" RUNS,
		     "10 pause 3..10..90 S task by 20 in kill\n");
}

static void a_group_signal_may_wake_another_thread(void **state)
{
	(void)state;
	assert_waits("1 0 lttng_statedump_process_state tid=10 pid=9 ppid=1 type=0 status=1\n" PAUSED
		     "10 1 sched_waking tid=10\n"
		     "11 1 signal_generate sig=15 code=0 pid=9 group=1 result=0\n" RUNS,
		     "10 pause 3..10..90 S task by 20 in kill via signal 15\n");
}

static void without_signal_events_the_call_of_the_waker_tells(void **state)
{
	(void)state;
	assert_waits("env without=signal_generate\n" PAUSED "10 1 sched_waking tid=10\n" RUNS,
		     "10 pause 3..10..90 S task by 20 in kill via signal 0 inferred\n");
}

#define WAIT4 "1 0 sched_switch prev_tid=0 next_tid=10\n" \
	      "2 0 sched_process_fork parent_tid=10 parent_pid=10 child_tid=11 child_pid=11\n" \
	      "3 0 syscall_entry_wait4\n" \
	      "4 0 sched_switch prev_tid=10 prev_state=1 next_tid=11\n"

static void a_child_that_exits_signals_first_and_wakes_then(void **state)
{
	(void)state;
	assert_waits(WAIT4
		     "5 0 syscall_entry_exit_group\n"
		     "6 0 signal_generate sig=17 code=1 pid=10 group=1 result=1\n"
		     "7 0 sched_waking tid=10\n"
		     "8 0 sched_switch prev_tid=11 prev_state=32 next_tid=10\n",
		     "10 wait4 4..7..8 S task by 11 in exit_group via child_exit 11\n");
}

static void sigchld_itself_may_wake_the_parent(void **state)
{
	(void)state;
	/* A handler is installed: the signal's waking comes before its event. */
	assert_waits(WAIT4
		     "5 0 syscall_entry_exit_group\n"
		     "6 0 sched_waking tid=10\n"
		     "7 0 signal_generate sig=17 code=1 pid=10 group=1 result=0\n"
		     "8 0 sched_switch prev_tid=11 prev_state=32 next_tid=10\n",
		     "10 wait4 4..6..8 S task by 11 in exit_group via child_exit 11\n");
}

static void without_signal_events_an_interrupted_call_tells(void **state)
{
	(void)state;
	/* alarm: the timer is seen, the signal is not, and pause returns -ERESTARTNOHAND. */
	assert_waits("env without=signal_generate\n" PAUSED
		     "10 1 timer_hrtimer_expire_entry hrtimer=0x100 function=0xabc\n"
		     "11 1 sched_waking tid=10\n"
		     "12 1 timer_hrtimer_expire_exit hrtimer=0x100\n" RUNS
		     "91 0 syscall_exit_pause ret=-514\n",
		     "10 pause 3..11..90 S hrtimer via signal 0 0xabc inferred\n");
	assert_waits("env without=signal_generate\n"
		     "1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_entry_rt_sigtimedwait\n"
		     "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "4 1 sched_switch prev_tid=0 next_tid=20\n"
		     "5 1 syscall_entry_timer_settime\n"
		     "11 1 sched_waking tid=10\n" RUNS
		     "91 0 syscall_exit_rt_sigtimedwait ret=34\n",
		     "10 rt_sigtimedwait 3..11..90 S task by 20 in timer_settime "
		     "via signal 34 inferred\n");
}

#define SLEEPS(without, call) \
	"env without=" without "\n" \
	"1 0 sched_switch prev_tid=0 next_tid=10\n" \
	"2 0 syscall_entry_" call "\n" \
	"3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"

#define UNTIMED "timer_hrtimer_expire_entry,vectors"

static void without_timer_events_what_a_call_returns_tells_of_a_time_out(void **state)
{
	(void)state;
	/* Asleep on an idle CPU, or on one with an innocent task. */
	assert_waits(SLEEPS(UNTIMED, "clock_nanosleep")
		     "11 0 sched_waking tid=10\n" RUNS
		     "91 0 syscall_exit_clock_nanosleep ret=0\n",
		     "10 clock_nanosleep 3..11..90 S timer timeout inferred\n");
	assert_waits(SLEEPS(UNTIMED, "futex")
		     "4 1 sched_switch prev_tid=0 next_tid=20\n"
		     "5 1 syscall_entry_getpid\n"
		     "11 1 sched_waking tid=10\n" RUNS
		     "91 0 syscall_exit_futex ret=-110\n",
		     "10 futex 3..11..90 S timer timeout inferred\n");
	/* It was no time-out. */
	assert_waits(SLEEPS(UNTIMED, "poll")
		     "11 0 sched_waking tid=10\n" RUNS
		     "91 0 syscall_exit_poll ret=1\n",
		     "10 poll 3..11..90 S untraced inferred\n");
	/* Where timers are recorded they tell. */
	assert_waits(SLEEPS("vectors", "poll")
		     "11 0 sched_waking tid=10\n" RUNS
		     "91 0 syscall_exit_poll ret=0\n",
		     "10 poll 3..11..90 S untraced inferred\n");
}

static void only_the_last_wait_of_a_call_ends_by_its_time_out(void **state)
{
	(void)state;
	assert_waits(SLEEPS(UNTIMED, "poll")
		     "11 0 sched_waking tid=10\n"
		     "20 0 sched_switch prev_tid=0 next_tid=10\n"
		     "21 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "22 0 sched_waking tid=10\n" RUNS
		     "91 0 syscall_exit_poll ret=0\n",
		     "10 poll 3..11..20 S untraced inferred\n"
		     "10 poll 21..22..90 S timer timeout inferred\n");
	/* The last wait was ended by something that is seen, whatever the call returned. */
	assert_waits(SLEEPS(UNTIMED, "poll")
		     "11 0 sched_waking tid=10\n"
		     "20 0 sched_switch prev_tid=0 next_tid=10\n"
		     "21 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "22 0 irq_handler_entry irq=19\n"
		     "23 0 sched_waking tid=10\n" RUNS
		     "91 0 syscall_exit_poll ret=0\n",
		     "10 poll 3..11..20 S untraced inferred\n"
		     "10 poll 21..23..90 S irq 19\n");
	/* The exit of another call than the one that it slept in tells nothing: one was lost. */
	assert_waits(SLEEPS(UNTIMED, "poll")
		     "11 0 sched_waking tid=10\n" RUNS
		     "91 0 syscall_exit_select ret=0\n",
		     "10 poll 3..11..90 S untraced inferred\n");
}

static void of_half_recorded_calls_what_is_there_is_used(void **state)
{
	(void)state;
	/* Exits alone name the waits before them. */
	assert_waits("env without=syscall_entry_read\n"
		     "1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_exit_open ret=3\n"
		     "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "10 1 irq_handler_entry irq=19\n"
		     "11 1 sched_waking tid=10\n" RUNS
		     "91 0 syscall_exit_read ret=1\n",
		     "10 read 3..11..90 S irq 19 inferred\n");
	/* With entries alone, no one knows whether the call is over. */
	assert_waits("env without=syscall_exit_read\n" PAUSED
		     "10 1 irq_handler_entry irq=19\n"
		     "11 1 sched_waking tid=10\n" RUNS,
		     "10 pause 3..11..90 S irq 19 inferred\n");
}

static void without_calls_a_sigchld_just_sent_tells_of_a_child(void **state)
{
	(void)state;
	assert_waits("env without=syscalls\n"
		     "1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "4 1 sched_switch prev_tid=0 next_tid=20\n"
		     "5 1 signal_generate sig=17 code=1 pid=10 result=1\n"
		     "6 1 sched_waking tid=10\n" RUNS,
		     "10 - 3..6..90 S task by 20 in - via child_exit 20 inferred\n");
}

static void without_a_statedump_a_signal_right_after_a_waking_explains_it(void **state)
{
	(void)state;
	assert_waits("env without=lttng_statedump_process_state\n" PAUSED
		     "10 1 sched_waking tid=10\n"
		     "11 1 signal_generate sig=10 pid=9 result=0\n" RUNS,
		     "10 pause 3..10..90 S task by 20 in kill via signal 10 inferred\n");
}

static void a_killed_child_exits_without_a_call(void **state)
{
	(void)state;
	assert_waits(WAIT4
		     "5 0 signal_deliver sig=9 code=0\n"
		     "6 0 sched_process_exit tid=11\n"
		     "7 0 sched_waking tid=10\n"
		     "8 0 sched_switch prev_tid=11 prev_state=32 next_tid=10\n",
		     "10 wait4 4..7..8 S task by 11 in - via child_exit 11\n");
}

static void a_child_that_stops_is_no_child_that_exits(void **state)
{
	(void)state;
	assert_waits(WAIT4
		     "5 0 signal_generate sig=17 code=5 pid=10 group=1 result=1\n"
		     "6 0 sched_waking tid=10\n"
		     "7 0 sched_switch prev_tid=11 prev_state=4 next_tid=10\n",
		     "10 wait4 4..6..7 S task by 11 in - via child_stop 11\n");
}

static void a_parent_may_be_out_of_its_call_before_the_signal_is_logged(void **state)
{
	(void)state;
	/* As recorded: a child continued on CPU 1, its parent ran on CPU 0 at once. */
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "1 1 sched_switch prev_tid=0 next_tid=11\n"
		     "2 0 syscall_entry_wait4\n"
		     "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "4 1 sched_waking tid=10\n"
		     "5 0 sched_switch prev_tid=0 next_tid=10\n"
		     "6 0 syscall_exit_wait4 ret=-512\n"
		     "7 1 signal_generate sig=17 code=6 pid=10 group=1 result=0\n",
		     "10 wait4 3..4..5 S task by 11 in - via child_continue 11\n");
}

static void the_parent_in_poll_is_woken_by_the_signal(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 sched_process_fork parent_tid=10 parent_pid=10 child_tid=11 child_pid=11\n"
		     "3 0 syscall_entry_poll\n"
		     "4 0 sched_switch prev_tid=10 prev_state=1 next_tid=11\n"
		     "5 0 syscall_entry_exit_group\n"
		     "6 0 sched_waking tid=10\n"
		     "7 0 signal_generate sig=17 code=1 pid=10 group=1 result=0\n"
		     "8 0 sched_switch prev_tid=11 prev_state=32 next_tid=10\n",
		     "10 poll 4..6..8 S task by 11 in exit_group via signal 17\n");
}

static void a_vfork_parent_waits_for_exec_or_exit(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_entry_vfork\n"
		     "3 0 sched_process_fork parent_tid=10 parent_pid=10 child_tid=11 child_pid=11\n"
		     "4 0 sched_switch prev_tid=10 prev_state=2 next_tid=11\n"
		     "5 0 syscall_exit_vfork ret=0\n"
		     "6 0 syscall_entry_execve\n"
		     "7 0 sched_waking tid=10\n"
		     "8 0 sched_process_exec filename=/bin/ls tid=11 old_tid=11\n"
		     "9 0 sched_switch prev_tid=11 prev_state=256 next_tid=10\n",
		     "10 vfork 4..7..9 D task by 11 in execve via vfork 11\n");
}

static void a_child_that_wakes_its_parent_in_clone_is_no_vfork_by_that_alone(void **state)
{
	(void)state;
	/* The child neither execs nor ends: it let go of a lock that the parent's clone waits for. */
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_entry_clone\n"
		     "3 0 sched_process_fork parent_tid=10 parent_pid=10 child_tid=11 child_pid=10\n"
		     "4 0 sched_switch prev_tid=10 prev_state=2 next_tid=11\n"
		     "5 0 syscall_exit_clone ret=0\n"
		     "6 0 syscall_entry_munmap\n"
		     "7 0 sched_waking tid=10\n"
		     "8 0 sched_switch prev_tid=11 prev_state=256 next_tid=10\n",
		     "10 clone 4..7..8 D task by 11 in munmap\n");
}

static void a_joining_thread_is_woken_by_the_exit_of_the_other(void **state)
{
	(void)state;
	/* Past exit_mm the waker is in exit; wakers in a later task are not. */
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_entry_futex\n"
		     "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=11\n"
		     "4 0 syscall_entry_exit\n"
		     "5 0 sched_waking tid=10\n"
		     "6 0 sched_switch prev_tid=11 prev_state=32 next_tid=10\n",
		     "10 futex 3..5..6 S task by 11 in exit\n");
}

static void a_kworker_is_named_with_its_work(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_entry_fsync\n"
		     "3 0 sched_switch prev_tid=10 prev_state=2 next_tid=7 next_comm=kworker/0:1\n"
		     "4 0 workqueue_execute_start work=0x1 function=0x77\n"
		     "5 0 sched_waking tid=10\n"
		     "6 0 workqueue_execute_end work=0x1\n"
		     "7 0 sched_switch prev_tid=7 prev_state=128 next_tid=10\n"
		     "8 0 syscall_exit_fsync ret=0\n",
		     "10 fsync 3..5..7 D task by 7 in - work 0x77\n");
}

static void a_pending_signal_kept_the_task_from_sleeping(void **state)
{
	static const char events[] =
		"1 0 sched_switch prev_tid=0 next_tid=10\n"
		"1 1 sched_switch prev_tid=0 next_tid=20\n"
		"2 0 syscall_entry_pause\n"
		"3 1 signal_generate sig=10 code=0 pid=10 group=0 result=0\n"
		"4 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		"5 0 sched_switch prev_tid=0 next_tid=10\n";
	g_autofree char *fixed = g_strconcat("env kernel=6.15.0\n", events, NULL);

	(void)state;
	assert_waits(events, "10 pause 4..4..5 S unknown via signal_pending 0\n");
	assert_waits(fixed, "10 pause 4..?..5 S unknown lost\n");
}

static void a_waker_seen_before_its_cpus_first_switch_is_named_by_it(void **state)
{
	(void)state;
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_entry_read\n"
		     "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "4 1 syscall_entry_write\n"
		     "5 1 sched_waking tid=10\n"
		     "6 0 sched_switch prev_tid=0 next_tid=10\n"
		     "7 1 sched_switch prev_tid=20 prev_state=256 next_tid=0\n",
		     "10 read 3..5..6 S task by 20 in write\n");
	/* A child that exits too. */
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_entry_wait4\n"
		     "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "4 1 syscall_entry_exit\n"
		     "5 1 sched_waking tid=10\n"
		     "6 0 sched_switch prev_tid=0 next_tid=10\n"
		     "7 1 sched_switch prev_tid=20 prev_state=32 next_tid=0\n",
		     "10 wait4 3..5..6 S task by 20 in exit via child_exit 20\n");
	/* Or nobody ever tells. */
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_entry_read\n"
		     "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "4 1 syscall_entry_write\n"
		     "5 1 sched_waking tid=10\n"
		     "6 0 sched_switch prev_tid=0 next_tid=10\n",
		     "10 read 3..5..6 S task\n");
	/* … and may turn out to be the idle task. */
	assert_waits("1 0 sched_switch prev_tid=0 next_tid=10\n"
		     "2 0 syscall_entry_read\n"
		     "3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
		     "5 1 sched_waking tid=10\n"
		     "6 0 sched_switch prev_tid=0 next_tid=10\n"
		     "7 1 sched_switch prev_tid=0 prev_state=0 next_tid=20\n",
		     "10 read 3..5..6 S untraced\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_hrtimer_in_the_local_timer_interrupt),
		cmocka_unit_test(a_timer_interrupt_with_no_callback_recorded),
		cmocka_unit_test(a_wheel_timer_in_its_softirq),
		cmocka_unit_test(a_softirq_raised_by_an_irq),
		cmocka_unit_test(a_softirq_run_inline_names_its_sender),
		cmocka_unit_test(an_interrupted_task_is_not_the_sender),
		cmocka_unit_test(a_delayed_packet_leads_back_to_its_timer),
		cmocka_unit_test(ksoftirqd_runs_what_others_raised),
		cmocka_unit_test(ksoftirqd_itself_is_woken_by_overload),
		cmocka_unit_test(without_raise_events_the_event_before_tells_the_origin),
		cmocka_unit_test(an_irq_on_top_of_a_softirq_is_the_innermost),
		cmocka_unit_test(shared_lines_keep_the_name_of_the_action),
		cmocka_unit_test(a_threaded_irq_wakes_its_thread_which_wakes_the_task),
		cmocka_unit_test(the_waker_is_where_sched_waking_fired),
		cmocka_unit_test(with_wakeups_alone_a_remote_waker_is_only_an_ipi),
		cmocka_unit_test(an_ipi_that_wakes_by_itself),
		cmocka_unit_test(an_idle_cpu_without_interrupt_events_is_untraced),
		cmocka_unit_test(user_mode_wakes_nobody_when_no_interrupt_is_recorded),
		cmocka_unit_test(an_interrupt_that_is_not_recorded_may_stand_on_any_task),
		cmocka_unit_test(who_raised_what_a_guessed_softirq_raises_is_a_guess),
		cmocka_unit_test(a_task_that_is_killed_is_in_no_user_mode),
		cmocka_unit_test(nobody_raises_a_softirq_in_user_mode),
		cmocka_unit_test(an_hrtimer_on_top_of_a_softirq_is_not_the_softirqs),
		cmocka_unit_test(a_lost_exit_leaves_no_phantom_after_the_next_switch),
		cmocka_unit_test(a_lost_exit_is_closed_by_the_exit_of_the_frame_below),
		cmocka_unit_test(a_softirq_closes_what_seems_open_below_it),
		cmocka_unit_test(on_preempt_rt_a_softirq_stays_with_its_task),
		cmocka_unit_test(a_signal_is_logged_after_the_waking_it_caused),
		cmocka_unit_test(a_signal_may_be_logged_after_the_wait_is_over),
		cmocka_unit_test(an_alarm_is_a_signal_from_a_timer),
		cmocka_unit_test(a_signal_that_follows_later_or_is_for_another_explains_nothing),
		cmocka_unit_test(a_group_signal_may_wake_another_thread),
		cmocka_unit_test(without_signal_events_the_call_of_the_waker_tells),
		cmocka_unit_test(a_child_that_exits_signals_first_and_wakes_then),
		cmocka_unit_test(sigchld_itself_may_wake_the_parent),
		cmocka_unit_test(without_signal_events_an_interrupted_call_tells),
		cmocka_unit_test(without_timer_events_what_a_call_returns_tells_of_a_time_out),
		cmocka_unit_test(only_the_last_wait_of_a_call_ends_by_its_time_out),
		cmocka_unit_test(of_half_recorded_calls_what_is_there_is_used),
		cmocka_unit_test(without_calls_a_sigchld_just_sent_tells_of_a_child),
		cmocka_unit_test(without_a_statedump_a_signal_right_after_a_waking_explains_it),
		cmocka_unit_test(a_killed_child_exits_without_a_call),
		cmocka_unit_test(a_child_that_stops_is_no_child_that_exits),
		cmocka_unit_test(a_parent_may_be_out_of_its_call_before_the_signal_is_logged),
		cmocka_unit_test(the_parent_in_poll_is_woken_by_the_signal),
		cmocka_unit_test(a_vfork_parent_waits_for_exec_or_exit),
		cmocka_unit_test(a_child_that_wakes_its_parent_in_clone_is_no_vfork_by_that_alone),
		cmocka_unit_test(a_joining_thread_is_woken_by_the_exit_of_the_other),
		cmocka_unit_test(a_kworker_is_named_with_its_work),
		cmocka_unit_test(a_pending_signal_kept_the_task_from_sleeping),
		cmocka_unit_test(a_waker_seen_before_its_cpus_first_switch_is_named_by_it),
	};

	return cmocka_run_group_tests_name("causes", tests, NULL, NULL);
}
