/* SPDX-License-Identifier: MIT */
/* test_roots.c - what given waits were for: those and no others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "analyses/shared/roots.h"
#include "scenario.h"

enum { OFFSET = 1000 };

/* 10 waits from 3 for a disk, and from 20 for a timer; 11 waits from 3 for a timer. */
static const char events[] =
	"1 0 sched_switch prev_tid=0 next_tid=10 next_comm=a\n"
	"1 1 sched_switch prev_tid=0 next_tid=11 next_comm=b\n"
	"2 0 syscall_entry_read fd=3\n"
	"2 1 syscall_entry_nanosleep\n"
	"3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	"3 1 sched_switch prev_tid=11 prev_state=1 next_tid=0\n"
	"8 1 timer_hrtimer_expire_entry hrtimer=0x1 function=0x2\n"
	"9 1 sched_waking tid=11\n"
	"10 1 timer_hrtimer_expire_exit hrtimer=0x1\n"
	"11 1 sched_switch prev_tid=0 next_tid=11\n"
	"12 0 irq_handler_entry irq=37 name=virtio4-req.0\n"
	"13 0 sched_waking tid=10\n"
	"14 0 irq_handler_exit irq=37\n"
	"15 0 sched_switch prev_tid=0 next_tid=10\n"
	"16 0 syscall_exit_read ret=1\n"
	"17 0 syscall_entry_nanosleep\n"
	"20 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
	"28 0 timer_hrtimer_expire_entry hrtimer=0x1 function=0x2\n"
	"29 0 sched_waking tid=10\n"
	"30 0 timer_hrtimer_expire_exit hrtimer=0x1\n"
	"31 0 sched_switch prev_tid=0 next_tid=10\n";

static void on_wait(const struct fb_blocking *b, void *roots)
{
	roots_consumer(roots).blocking(roots, b);
	roots_end(roots); /* while the model knows its tasks */
}

static void assert_root(fb_ns begin, int32_t tid, const char *expected)
{
	const struct fb_source_info info = { .clock_offset = OFFSET };
	struct root wanted = { .begin = OFFSET + begin, .tid = tid };
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct root));
	struct fb_report *report = fb_report_new(&(struct fb_report_options){ .fd = -1 }, &info);
	struct roots *roots;
	struct fb_observer observer;
	struct fb_kernel_options options = { .observers = &observer, .n_observers = 1 };
	char *words;

	g_array_append_val(all, wanted);
	roots = roots_new(all, report);
	assert_int_equal(roots_consumer(roots).observe(roots, &observer), 1);
	scenario_each(events, &options, on_wait, NULL, roots);
	words = g_array_index(all, struct root, 0).words;
	if (expected)
		assert_string_equal(words, expected);
	else
		assert_null(words);
	g_free(words);
	roots_free(roots);
	fb_report_free(report);
}

static void a_wait_is_found_by_its_task_and_its_begin(void **state)
{
	(void)state;
	assert_root(3, 10, "0.000 ms of 0.000 ms: a [10] waited for a disk in read, "
			   "woken by IRQ 37 virtio4-req.0");
	assert_root(20, 10, "0.000 ms of 0.000 ms: a [10] slept in nanosleep, woken by TIMER 0x2");
	assert_root(3, 11, "0.000 ms of 0.000 ms: b [11] slept in nanosleep, woken by TIMER 0x2");
	assert_root(20, 11, NULL);
	assert_root(4, 10, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_is_found_by_its_task_and_its_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
