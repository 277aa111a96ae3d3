/* SPDX-License-Identifier: MIT */
/*
 * test_latency.c - system calls and their parts, of a few events and of recorded traces.
 *
 * Calls come out one a line, when it is known that they are over:
 *
 *	TID SYSCALL BEGIN..EXIT..END PART TIME …: PART KIND [NAME] [VIA] [inline] TIME, …
 *	10 write 2..12..12 running 5 softirq 5: softirq softirq NET_RX inline 5
 *
 * with "; longest KIND TIME" behind the shares where there was a wait,
 * and those of which too little is known as TID SYSCALL BEGIN..EXIT QUALITY. Whatever the
 * events: the parts of a call sum to what elapsed, and shares to their parts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flightbox/run.h>

#include "analyses/shared/latency-softirq.h"
#include "analyses/shared/latency-top.h"
#include "scenario.h"
#include "traces.h"

static const char *const part_names[PARTS] = {
	"running", "ready", "blocked", "hardirq", "softirq",
};

/* ---- what always holds ------------------------------------------------------------------ */

static void assert_sums(const struct call *call)
{
	fb_ns sum = 0, shares[PARTS] = { 0 };

	for (size_t i = 0; i < call->shares.n; i++) {
		assert_true(call->shares.items[i].time > 0);
		shares[call->shares.items[i].part] += call->shares.items[i].time;
	}
	for (int i = 0; i < PARTS; i++) {
		assert_true(call->parts[i] >= 0);
		sum += call->parts[i];
		if (i >= PART_BLOCKED)
			assert_int_equal(shares[i], call->parts[i]);
	}
	assert_int_equal(sum, call->end - call->begin);
	assert_true(call->begin <= call->exit && call->exit <= call->end);
	assert_true(call->blocker_time <= call->parts[PART_BLOCKED]);
}

/* ---- a few events ----------------------------------------------------------------------- */

static void put_time(GString *out, fb_ns time)
{
	if (time == FB_NS_NONE)
		g_string_append_c(out, '?');
	else
		g_string_append_printf(out, "%" G_GINT64_FORMAT, time);
}

static void put_shares(GString *out, const struct call *call)
{
	for (size_t i = 0; i < call->shares.n; i++) {
		const struct share *s = &call->shares.items[i];

		g_string_append_printf(out, "%s %s %s", i ? "," : ":", part_names[s->part],
				       fb_cause_kind_name(s->key.kind));
		if (s->key.name)
			g_string_append_printf(out, " %s", s->key.name);
		if (s->key.via)
			g_string_append_printf(out, " %s", fb_via_name(s->key.via));
		g_string_append_printf(out, "%s %" G_GINT64_FORMAT,
				       s->key.is_inline ? " inline" : "", s->time);
	}
	if (call->blocker_time)
		g_string_append_printf(out, "; longest %s %" G_GINT64_FORMAT,
				       fb_cause_kind_name(call->blocker.kind),
				       call->blocker_time);
}

struct playing {
	struct calls *calls;
	GString *out;
};

static void put_call(const struct call *call, void *data)
{
	GString *out = ((struct playing *)data)->out;

	g_string_append_printf(out, "%d %s ", call->task->tid,
			       call->syscall ? call->syscall : "-");
	put_time(out, call->begin);
	g_string_append(out, "..");
	put_time(out, call->exit);
	if (call->quality != FB_QUALITY_EXACT) {
		g_string_append_printf(out, " %s\n", fb_quality_name(call->quality));
		return;
	}
	assert_sums(call);
	g_string_append(out, "..");
	put_time(out, call->end);
	for (int i = 0; i < PARTS; i++)
		if (call->parts[i])
			g_string_append_printf(out, " %s %" G_GINT64_FORMAT, part_names[i],
					       call->parts[i]);
	put_shares(out, call);
	g_string_append_c(out, '\n');
}

/* The last event is an end of the statedump: its tasks are still there then. */
static void on_event(struct fb_source *source, const struct fb_event *ev,
		     const struct fb_kernel *k, void *data)
{
	(void)source;
	(void)k;
	if (ev && ev->kind == FB_EV_STATEDUMP_END)
		calls_finish(((struct playing *)data)->calls);
}

static char *calls_of(const char *events, uint64_t kinds)
{
	struct playing playing = { .out = g_string_new(NULL) };
	struct fb_observer observer;
	const struct fb_kernel_options options = { .observers = &observer, .n_observers = 1 };
	g_autofree char *and_end = g_strconcat(events, "1000000 9 lttng_statedump_end\n", NULL);

	playing.calls = calls_new(kinds, put_call, &playing);
	observer = calls_observer(playing.calls);
	scenario_each(and_end, &options, NULL, on_event, &playing);
	calls_free(playing.calls);
	return g_string_free(playing.out, FALSE);
}

/* Whatever part of the events is there, all that put_call() asserts holds. */
static void play_all_cuts(const char *events)
{
	g_auto(GStrv) lines = g_strsplit(events, "\n", -1);
	guint n = g_strv_length(lines);

	for (guint first = 0; first < n; first++)
		for (guint last = first + 1; last <= n; last++) {
			GString *part = g_string_new(NULL);

			for (guint i = first; i < last; i++)
				g_string_append_printf(part, "%s\n", lines[i]);
			g_free(calls_of(part->str, FB_KINDS_ALL));
			g_string_free(part, TRUE);
		}
}

static void expect(const char *events, const char *calls)
{
	g_autofree char *got = calls_of(events, FB_KINDS_ALL);

	assert_string_equal(got, calls);
	play_all_cuts(events);
}

#define IN_10 "1 0 sched_switch prev_tid=0 next_tid=10\n"

static void a_call_by_itself_only_runs(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_read\n"
	       "9 0 syscall_exit_read ret=0\n",
	       "10 read 2..9..9 running 7\n");
}

static void interrupts_have_the_time_that_they_stood_on_top(void **state)
{
	(void)state;
	/* Innermost first: the timer's interrupt stands on the softirq, which stands on the task. */
	expect(IN_10
	       "100 0 syscall_entry_sendto\n"
	       "110 0 irq_softirq_raise vec=3\n"
	       "120 0 irq_softirq_entry vec=3\n"
	       "150 0 x86_irq_vectors_local_timer_entry vector=236\n"
	       "151 0 timer_hrtimer_expire_entry hrtimer=0xa function=0xb\n"
	       "158 0 timer_hrtimer_expire_exit hrtimer=0xa\n"
	       "160 0 x86_irq_vectors_local_timer_exit vector=236\n"
	       "200 0 irq_softirq_exit vec=3\n"
	       "210 0 irq_handler_entry irq=37 name=virtio4\n"
	       "215 0 irq_handler_exit irq=37\n"
	       "220 0 syscall_exit_sendto ret=1\n",
	       "10 sendto 100..220..220 running 35 hardirq 15 softirq 70: "
	       "softirq softirq NET_RX inline 70, hardirq timer local_timer 10, "
	       "hardirq irq virtio4 5\n");
}

static void a_softirq_that_others_raised_is_not_inline(void **state)
{
	(void)state;
	expect(IN_10
	       "100 0 syscall_entry_getpid\n"
	       "110 0 irq_handler_entry irq=11 name=eth0\n"
	       "111 0 irq_softirq_raise vec=3\n"
	       "112 0 irq_handler_exit irq=11\n"
	       "113 0 irq_softirq_entry vec=3\n"
	       "123 0 irq_softirq_exit vec=3\n"
	       "130 0 syscall_exit_getpid ret=10\n",
	       "10 getpid 100..130..130 running 18 hardirq 2 softirq 10: "
	       "hardirq irq eth0 2, softirq softirq NET_RX 10\n");
}

static void an_hrtimer_without_its_vector_is_a_hard_interrupt(void **state)
{
	(void)state;
	expect(IN_10
	       "100 0 syscall_entry_read\n"
	       "110 0 timer_hrtimer_expire_entry hrtimer=0xa function=0xb\n"
	       "114 0 timer_hrtimer_expire_exit hrtimer=0xa\n"
	       "120 0 syscall_exit_read ret=0\n",
	       "10 read 100..120..120 running 16 hardirq 4: hardirq hrtimer 4\n");
}

/* Task 10 reads; task 20 on another CPU writes to it. */
#define WAIT \
	IN_10 \
	"2 0 syscall_entry_read\n" \
	"5 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n" \
	"6 1 sched_switch prev_tid=0 next_tid=20\n" \
	"7 1 syscall_entry_write\n" \
	"20 1 sched_waking tid=10\n"

static void a_wait_is_blocked_until_woken_then_ready(void **state)
{
	(void)state;
	expect(WAIT
	       "21 1 syscall_exit_write ret=1\n"
	       "24 0 sched_switch prev_tid=0 next_tid=10\n"
	       "25 0 syscall_exit_read ret=1\n",
	       "10 read 2..25..25 running 4 ready 4 blocked 15: blocked task 15; longest task 15\n"
	       "20 write 7..21..21 running 14\n");
}

static void the_waits_of_a_call_add_up_by_cause(void **state)
{
	(void)state;
	expect(WAIT
	       "24 0 sched_switch prev_tid=0 next_tid=10\n"
	       "30 0 sched_switch prev_tid=10 prev_state=2 next_tid=0\n"
	       "32 0 irq_handler_entry irq=37 name=virtio4\n"
	       "33 0 sched_waking tid=10\n"
	       "34 0 irq_handler_exit irq=37\n"
	       "36 0 sched_switch prev_tid=0 next_tid=10\n"
	       "38 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "39 1 sched_waking tid=10\n"
	       "42 0 sched_switch prev_tid=0 next_tid=10\n"
	       "45 0 syscall_exit_read ret=1\n",
	       "10 read 2..45..45 running 14 ready 10 blocked 19: blocked task 16, "
	       "blocked irq virtio4 3; longest task 15\n"
	       "20 write 7..? edge\n");
}

static void an_early_wake_leaves_only_ready_time(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_futex\n"
	       "3 1 sched_switch prev_tid=0 next_tid=20\n"
	       "4 1 sched_waking tid=10\n"
	       "5 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "9 0 sched_switch prev_tid=0 next_tid=10\n"
	       "10 0 syscall_exit_futex ret=0\n",
	       "10 futex 2..10..10 running 4 ready 4\n");
}

static void a_sleep_kept_off_by_a_signal_is_only_ready_time(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_poll\n"
	       "3 1 sched_switch prev_tid=0 next_tid=20\n"
	       "4 1 signal_generate sig=10 pid=10 result=0\n"
	       "5 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "9 0 sched_switch prev_tid=0 next_tid=10\n"
	       "10 0 syscall_exit_poll ret=-4\n",
	       "10 poll 2..10..10 running 4 ready 4\n");
}

static void a_wait_that_nobody_ended_is_blocked_by_the_unknown(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_read\n"
	       "5 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "24 0 sched_switch prev_tid=0 next_tid=10\n"
	       "25 0 syscall_exit_read ret=1\n",
	       "10 read 2..25..25 running 4 blocked 19: blocked unknown 19; longest unknown 19\n");
}

static void a_signal_told_of_behind_the_waking_is_the_cause(void **state)
{
	(void)state;
	expect(WAIT
	       "21 1 signal_generate sig=10 pid=10 result=0\n"
	       "24 0 sched_switch prev_tid=0 next_tid=10\n"
	       "25 0 syscall_exit_read ret=-4\n",
	       "10 read 2..25..25 running 4 ready 4 blocked 15: blocked task signal 15; longest task 15\n"
	       "20 write 7..? edge\n");
}

static void a_preempted_caller_is_ready(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_read\n"
	       "5 0 sched_switch prev_tid=10 prev_state=256 next_tid=20\n"
	       "25 0 sched_switch prev_tid=20 prev_state=1 next_tid=10\n"
	       "26 0 syscall_exit_read ret=1\n",
	       "10 read 2..26..26 running 4 ready 20\n");
}

/* ---- the way back ----------------------------------------------------------------------- */

static void a_caller_preempted_on_its_way_out_returns_when_it_runs_again(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_sendto\n"
	       "5 0 syscall_exit_sendto ret=1\n"
	       "6 0 sched_switch prev_tid=10 prev_state=0 next_tid=20\n"
	       "26 0 sched_switch prev_tid=20 prev_state=1 next_tid=10\n"
	       "40 0 syscall_entry_getpid\n"
	       "41 0 syscall_exit_getpid ret=10\n",
	       "10 sendto 2..5..26 running 4 ready 20\n"
	       "10 getpid 40..41..41 running 1\n");
}

static void it_may_be_preempted_several_times(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_sendto\n"
	       "5 0 syscall_exit_sendto ret=1\n"
	       "6 0 sched_switch prev_tid=10 prev_state=0 next_tid=20\n"
	       "26 0 sched_switch prev_tid=20 prev_state=1 next_tid=10\n"
	       "28 0 sched_switch prev_tid=10 prev_state=0 next_tid=20\n"
	       "33 0 sched_switch prev_tid=20 prev_state=1 next_tid=10\n",
	       "10 sendto 2..5..33 running 6 ready 25\n");
}

static void behind_an_interrupt_it_is_in_user_mode(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_sendto\n"
	       "5 0 syscall_exit_sendto ret=1\n"
	       "10 0 x86_irq_vectors_reschedule_entry vector=253\n"
	       "11 0 x86_irq_vectors_reschedule_exit vector=253\n"
	       "12 0 sched_switch prev_tid=10 prev_state=0 next_tid=20\n"
	       "26 0 sched_switch prev_tid=20 prev_state=1 next_tid=10\n",
	       "10 sendto 2..5..5 running 3\n");
}

static void a_wait_behind_the_exit_is_no_part_of_the_call(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_sendto\n"
	       "5 0 syscall_exit_sendto ret=1\n"
	       "6 0 sched_switch prev_tid=10 prev_state=2 next_tid=20\n"
	       "26 0 sched_switch prev_tid=20 prev_state=1 next_tid=10\n",
	       "10 sendto 2..5..5 running 3\n");
}

static void a_caller_that_does_not_come_back_is_cut_off(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_sendto\n"
	       "5 0 syscall_exit_sendto ret=1\n"
	       "6 0 sched_switch prev_tid=10 prev_state=0 next_tid=20\n",
	       "10 sendto 2..? edge\n");
}

static void without_vectors_nobody_knows_where_a_task_was_preempted(void **state)
{
	const char *events = IN_10
		"2 0 syscall_entry_sendto\n"
		"5 0 syscall_exit_sendto ret=1\n"
		"6 0 sched_switch prev_tid=10 prev_state=0 next_tid=20\n"
		"26 0 sched_switch prev_tid=20 prev_state=1 next_tid=10\n";
	g_autofree char *calls = calls_of(events, FB_KINDS_ALL & ~FB_KIND_BIT(FB_EV_VEC_ENTER));

	(void)state;
	assert_string_equal(calls, "10 sendto 2..5..5 running 3\n");
}

/* ---- calls without an exit, or an entry ------------------------------------------------- */

static void some_calls_have_no_exit(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_rt_sigreturn\n"
	       "5 0 syscall_entry_exit_group\n"
	       "9 0 sched_switch prev_tid=10 prev_state=16 next_tid=0\n",
	       "");
}

static void a_child_leaves_a_call_that_it_never_entered(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_clone\n"
	       "3 0 sched_process_fork parent_tid=10 parent_pid=10 child_tid=11 child_pid=11\n"
	       "4 0 sched_wakeup_new tid=11\n"
	       "5 0 syscall_exit_clone ret=11\n"
	       "6 1 sched_switch prev_tid=0 next_tid=11\n"
	       "7 1 syscall_exit_clone ret=0\n",
	       "10 clone 2..5..5 running 3\n");
}

static void a_thread_that_execs_goes_on_under_its_leaders_tid(void **state)
{
	(void)state;
	expect("1 0 sched_switch prev_tid=0 next_tid=11\n"
	       "2 0 syscall_entry_execve\n"
	       "5 0 sched_process_exec tid=10 old_tid=11 filename=/bin/sh\n"
	       "8 0 syscall_exit_execve ret=0\n",
	       "10 execve 2..8..8 running 6\n");
}

static void who_runs_unnamed_gets_a_name_and_keeps_its_call(void **state)
{
	(void)state;
	/* 10 was heard of before its CPU's first switch named it. */
	expect("1 1 sched_waking tid=10\n"
	       "2 0 syscall_entry_read\n"
	       "5 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "7 1 sched_waking tid=10\n"
	       "8 0 sched_switch prev_tid=0 next_tid=10\n"
	       "9 0 syscall_exit_read ret=0\n",
	       "10 read 2..9..9 running 4 ready 1 blocked 2: blocked task 2; longest task 2\n");
}

static void the_traces_ends_cut_calls_off(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_exit_read ret=0\n"
	       "5 0 syscall_entry_write\n",
	       "10 read ?..2 edge\n"
	       "10 write 5..? edge\n");
}

static void a_gap_cuts_calls_off_and_spoils_none_behind(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_read\n"
	       "3 1 lost until=4 count=3\n"
	       "gap 50\n"
	       "60 0 syscall_exit_read ret=0\n"
	       "61 0 sched_switch prev_tid=10 prev_state=256 next_tid=0\n"
	       "62 0 sched_switch prev_tid=0 next_tid=10\n"
	       "63 0 syscall_entry_write\n"
	       "65 0 syscall_exit_write ret=0\n",
	       "-1 read ?..60 edge\n" /* who it was is told later */
	       "10 write 63..65..65 running 2\n");
}

/* ---- lost events ------------------------------------------------------------------------ */

static void a_loss_on_its_cpu_spoils_a_call(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_read\n"
	       "5 0 lost until=8 count=3\n"
	       "9 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	       "12 1 sched_waking tid=10\n"
	       "14 0 sched_switch prev_tid=0 next_tid=10\n"
	       "15 0 syscall_exit_read ret=0\n"
	       "16 0 syscall_entry_read\n"
	       "18 0 syscall_exit_read ret=0\n",
	       "10 read 2..15 lost\n"
	       "10 read 16..18..18 running 2\n");
}

static void a_loss_anywhere_spoils_the_call_of_a_task_that_was_off(void **state)
{
	(void)state;
	/* It may have run on CPU 1 meanwhile, and be in another call now. */
	expect(IN_10
	       "2 0 syscall_entry_read\n"
	       "5 0 sched_switch prev_tid=10 prev_state=256 next_tid=0\n"
	       "6 1 lost until=8 count=3\n"
	       "14 0 sched_switch prev_tid=0 next_tid=10\n"
	       "15 0 syscall_exit_read ret=0\n",
	       "10 read 2..15 lost\n");
}

static void a_loss_elsewhere_leaves_alone_who_runs(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_read\n"
	       "6 1 lost until=8 count=3\n"
	       "15 0 syscall_exit_read ret=0\n",
	       "10 read 2..15..15 running 13\n");
}

static void events_may_be_missing_until_the_losss_end(void **state)
{
	(void)state;
	/* A packet holds what was recorded before its CPU ran out of room, and after. */
	expect(IN_10
	       "2 0 lost until=12 count=3\n"
	       "4 0 sched_switch prev_tid=20 prev_state=1 next_tid=10\n"
	       "5 0 syscall_entry_read\n"
	       "12 0 syscall_exit_read ret=0\n"
	       "13 0 syscall_entry_read\n"
	       "14 0 syscall_exit_read ret=0\n",
	       "10 read 5..12 lost\n"
	       "10 read 13..14..14 running 1\n");
}

static void calls_that_ended_in_a_loss_count_once(void **state)
{
	(void)state;
	expect(IN_10
	       "2 0 syscall_entry_read\n"
	       "5 0 lost until=8 count=3\n"
	       "9 0 syscall_entry_write\n"
	       "11 0 sched_switch prev_tid=10 prev_state=256 next_tid=0\n"
	       "12 0 sched_switch prev_tid=0 next_tid=10\n"
	       "13 0 syscall_exit_write ret=1\n",
	       "10 read 2..? lost\n"
	       "10 write 9..13..13 running 3 ready 1\n");
}

static void a_switch_that_nobody_saw_spoils_the_call(void **state)
{
	(void)state;
	/* CPU 1 gets a task that CPU 0 never let go. */
	expect(IN_10
	       "2 0 syscall_entry_read\n"
	       "5 1 sched_switch prev_tid=0 next_tid=10\n"
	       "9 1 syscall_exit_read ret=0\n",
	       "10 read 2..9 lost\n");
}

/* ---- the longest calls ------------------------------------------------------------------ */

struct seen {
	fb_ns elapsed[64];
	size_t n;
	char kind[16]; /* of the last one's blocker */
};

static void on_row(struct fb_report *r, const struct fb_table *table, const void *row, void *data)
{
	struct seen *seen = data;

	for (const struct fb_column *column = table->columns; row && column->key; column++) {
		const struct fb_cell cell = fb_report_cell(r, column, row);

		if (!strcmp(column->key, "elapsed"))
			seen->elapsed[seen->n++] = cell.number;
		else if (!strcmp(column->key, "blocker.kind") && cell.type)
			g_strlcpy(seen->kind, cell.text, sizeof(seen->kind));
	}
}

static void report_top(struct latency_top *top, struct seen *seen)
{
	const struct fb_source_info info = { .begin = 0 };
	const struct fb_report_options options = { .fd = -1, .on_row = on_row, .row_data = seen };
	struct fb_report *report = fb_report_new(&options, &info);

	latency_top_report(top, report);
	fb_report_free(report);
}

static int compare_elapsed(const void *a, const void *b)
{
	fb_ns x = *(const fb_ns *)a, y = *(const fb_ns *)b;

	return x > y ? -1 : x < y;
}

static void the_longest_calls_of_many_come_first(void **state)
{
	static const struct fb_task task = { .tid = 10 };
	static const size_t sizes[] = { 0, 1, 2, 3, 10, 31, 64 };
	GRand *rand = g_rand_new_with_seed(1);
	fb_ns all[500];

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		struct latency_top *top = latency_top_new(sizes[i]);
		struct seen seen = { .n = 0 };

		for (size_t j = 0; j < G_N_ELEMENTS(all); j++) {
			struct call call = { .task = &task, .begin = 1000 - j };

			all[j] = g_rand_int_range(rand, 1, 300);
			call.exit = call.end = call.begin + all[j];
			latency_top_add(top, &call);
		}
		qsort(all, G_N_ELEMENTS(all), sizeof(*all), compare_elapsed);
		report_top(top, &seen);
		assert_int_equal(seen.n, sizes[i]);
		assert_memory_equal(seen.elapsed, all, sizes[i] * sizeof(*all));
		latency_top_free(top);
	}
	g_rand_free(rand);
}

static void a_waker_that_was_the_idle_task_was_an_interrupt(void **state)
{
	static const struct fb_task task = { .tid = 10 }, idle = { .tid = 0 };
	const struct call call = { .task = &task, .begin = 1, .exit = 9, .end = 9,
				   .blocker_time = 5,
				   .blocker = { .kind = FB_CAUSE_TASK, .task = &idle } };
	struct latency_top *top = latency_top_new(1);
	struct seen seen = { .n = 0 };

	(void)state;
	latency_top_add(top, &call);
	report_top(top, &seen);
	assert_string_equal(seen.kind, "untraced");
	latency_top_free(top);
}

/* ---- softirqs --------------------------------------------------------------------------- */

/* `number`: the vector, or the tid that a switch brings. */
static void put_softirq(struct softirqs *softirqs, struct fb_kernel *k, GString *out,
			fb_ns time, enum fb_kind kind, uint32_t number)
{
	struct fb_event ev = { .time = time, .kind = kind, .text = FB_NO_TEXT };
	struct softirq done;

	switch (kind) {
	case FB_EV_SWITCH:
		ev.sched_switch.prev_comm = FB_NO_TEXT;
		ev.sched_switch.next_tid = number;
		break;
	case FB_EV_LOST:
		ev.lost.until = time;
		break;
	default:
		ev.softirq.vec = number;
	}
	fb_kernel_event(k, &ev);
	if (softirqs_event(softirqs, &ev, k, &done))
		g_string_append_printf(out, "%d on %d %" G_GINT64_FORMAT "..%" G_GINT64_FORMAT " ",
				       done.vec, done.task->tid, done.begin, done.end);
}

static void softirqs_are_seen_from_entry_to_exit(void **state)
{
	struct fb_source source = { .info = { .kinds = FB_KINDS_ALL } };
	struct fb_kernel *k = fb_kernel_new(&source, &(struct fb_kernel_options){ 0 }, NULL, NULL);
	struct calls *calls = calls_new(0, NULL, NULL);
	struct softirqs *s = softirqs_new(calls);
	g_autoptr(GString) out = g_string_new(NULL);

	(void)state;
	put_softirq(s, k, out, 1, FB_EV_SWITCH, 10);
	put_softirq(s, k, out, 2, FB_EV_SOFTIRQ_ENTER, 3);
	put_softirq(s, k, out, 5, FB_EV_SOFTIRQ_EXIT, 3);
	/* Their exits were missed: */
	put_softirq(s, k, out, 6, FB_EV_SOFTIRQ_ENTER, 1);
	put_softirq(s, k, out, 7, FB_EV_SOFTIRQ_EXIT, 3);
	put_softirq(s, k, out, 8, FB_EV_SOFTIRQ_ENTER, 3);
	put_softirq(s, k, out, 9, FB_EV_LOST, 0);
	put_softirq(s, k, out, 10, FB_EV_SOFTIRQ_EXIT, 3);
	put_softirq(s, k, out, 11, FB_EV_SOFTIRQ_ENTER, 9);
	put_softirq(s, k, out, 12, FB_EV_SOFTIRQ_ENTER, 3);
	put_softirq(s, k, out, 14, FB_EV_SOFTIRQ_EXIT, 3);
	put_softirq(s, k, out, 15, FB_EV_SOFTIRQ_ENTER, 3);
	calls_observer(calls).ops->gap(calls, 20);
	put_softirq(s, k, out, 21, FB_EV_SOFTIRQ_EXIT, 3);
	assert_string_equal(out->str, "3 on 10 2..5 3 on -1 12..14 ");
	softirqs_free(s);
	calls_free(calls);
	fb_kernel_free(k);
}

/* ---- recorded traces -------------------------------------------------------------------- */

/* All calls and all waits of a trace, which come from different ends of the model. */
struct play {
	GArray *calls;     /* struct call, without shares */
	GHashTable *waits; /* struct fb_task -> GArray of struct fb_blocking */
};

static void keep_call(const struct call *call, void *data)
{
	struct play *p = data;

	if (call->quality != FB_QUALITY_EXACT)
		return;
	assert_sums(call);
	g_array_append_val(p->calls, *call);
}

static void free_waits(void *waits)
{
	g_array_free(waits, TRUE);
}

static void keep_wait(const struct fb_blocking *b, void *data)
{
	struct play *p = data;
	GArray *waits = g_hash_table_lookup(p->waits, b->task);

	if (!waits) {
		waits = g_array_new(FALSE, FALSE, sizeof(*b));
		g_hash_table_insert(p->waits, (void *)b->task, waits);
	}
	g_array_append_val(waits, *b);
}

static fb_ns asleep_within(const GArray *waits, const struct call *call)
{
	fb_ns sum = 0;

	for (guint i = 0; waits && i < waits->len; i++) {
		const struct fb_blocking *b = &g_array_index(waits, struct fb_blocking, i);

		if (b->begin == FB_NS_NONE || b->begin < call->begin || b->begin > call->exit)
			continue;
		/* Without a waking all of it is blocked. */
		sum += (b->wake == FB_NS_NONE ? b->end : b->wake) - b->begin;
	}
	return sum;
}

static void play_trace(const struct recorded *trace, struct play *p)
{
	g_autofree char *path = recorded_path(trace, trace->trace);
	struct fb_source *source = recorded_open(path, fb_kernel_kinds(), false);
	struct calls *calls = calls_new(source->info.kinds, keep_call, p);
	const struct fb_observer observer = calls_observer(calls);
	const struct fb_kernel_options options = { .all = true, .observers = &observer,
						   .n_observers = 1 };
	struct fb_kernel *kernel = fb_kernel_new(source, &options, keep_wait, p);
	struct fb_batch batch;

	while (fb_source_next(source, &batch, NULL) && batch.n)
		for (size_t i = 0; i < batch.n; i++)
			fb_kernel_event(kernel, &batch.events[i]);
	calls_finish(calls);
	fb_kernel_finish(kernel);
	for (guint i = 0; i < p->calls->len; i++) {
		const struct call *call = &g_array_index(p->calls, struct call, i);

		assert_int_equal(call->parts[PART_BLOCKED],
				 asleep_within(g_hash_table_lookup(p->waits, call->task), call));
	}
	fb_kernel_free(kernel);
	calls_free(calls);
	fb_source_close(source);
}

static bool has_calls(const struct recorded *trace)
{
	return strcmp(trace->name, "variants-no-syscalls") != 0;
}

static void calls_are_blocked_as_long_as_their_waits_sleep(void **state)
{
	struct play p = {
		.calls = g_array_new(FALSE, FALSE, sizeof(struct call)),
		.waits = g_hash_table_new_full(NULL, NULL, NULL, free_waits),
	};

	play_trace(*state, &p);
	assert_true(p.calls->len > 1000);
	g_array_free(p.calls, TRUE);
	g_hash_table_destroy(p.waits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_by_itself_only_runs),
		cmocka_unit_test(interrupts_have_the_time_that_they_stood_on_top),
		cmocka_unit_test(a_softirq_that_others_raised_is_not_inline),
		cmocka_unit_test(an_hrtimer_without_its_vector_is_a_hard_interrupt),
		cmocka_unit_test(a_wait_is_blocked_until_woken_then_ready),
		cmocka_unit_test(the_waits_of_a_call_add_up_by_cause),
		cmocka_unit_test(an_early_wake_leaves_only_ready_time),
		cmocka_unit_test(a_sleep_kept_off_by_a_signal_is_only_ready_time),
		cmocka_unit_test(a_wait_that_nobody_ended_is_blocked_by_the_unknown),
		cmocka_unit_test(a_signal_told_of_behind_the_waking_is_the_cause),
		cmocka_unit_test(a_preempted_caller_is_ready),
		cmocka_unit_test(a_caller_preempted_on_its_way_out_returns_when_it_runs_again),
		cmocka_unit_test(it_may_be_preempted_several_times),
		cmocka_unit_test(behind_an_interrupt_it_is_in_user_mode),
		cmocka_unit_test(a_wait_behind_the_exit_is_no_part_of_the_call),
		cmocka_unit_test(a_caller_that_does_not_come_back_is_cut_off),
		cmocka_unit_test(without_vectors_nobody_knows_where_a_task_was_preempted),
		cmocka_unit_test(some_calls_have_no_exit),
		cmocka_unit_test(a_child_leaves_a_call_that_it_never_entered),
		cmocka_unit_test(a_thread_that_execs_goes_on_under_its_leaders_tid),
		cmocka_unit_test(who_runs_unnamed_gets_a_name_and_keeps_its_call),
		cmocka_unit_test(the_traces_ends_cut_calls_off),
		cmocka_unit_test(a_gap_cuts_calls_off_and_spoils_none_behind),
		cmocka_unit_test(a_loss_on_its_cpu_spoils_a_call),
		cmocka_unit_test(a_loss_anywhere_spoils_the_call_of_a_task_that_was_off),
		cmocka_unit_test(a_loss_elsewhere_leaves_alone_who_runs),
		cmocka_unit_test(events_may_be_missing_until_the_losss_end),
		cmocka_unit_test(calls_that_ended_in_a_loss_count_once),
		cmocka_unit_test(a_switch_that_nobody_saw_spoils_the_call),
		cmocka_unit_test(the_longest_calls_of_many_come_first),
		cmocka_unit_test(a_waker_that_was_the_idle_task_was_an_interrupt),
		cmocka_unit_test(softirqs_are_seen_from_entry_to_exit),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + recorded_run("calls_are_blocked_as_long_as_their_waits_sleep", has_calls,
				     calls_are_blocked_as_long_as_their_waits_sleep);
}
