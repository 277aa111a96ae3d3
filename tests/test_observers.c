/* SPDX-License-Identifier: MIT */
/* test_observers.c - several observe one model: who is told what, and in what order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scenario.h"

/* Writes a line for each thing that it is told. */
struct notes {
	const char *name;
	uint64_t kinds;
	GString *to; /* one for all of them: their order shows */
};

static uint64_t on_begin(void *data, struct fb_source *source)
{
	struct notes *n = data;

	g_string_append_printf(n->to, "%s begins, %s\n", n->name, source->info.kernel_release);
	return n->kinds;
}

static void on_event(void *data, const struct fb_event *ev, const struct fb_kernel *k)
{
	struct notes *n = data;
	const struct fb_task *current = fb_kernel_current(k, ev->cpu);

	g_string_append_printf(n->to, "%s sees %" G_GINT64_FORMAT " by %d\n", n->name, ev->time,
			       current->tid);
}

static void on_run(void *data, const struct fb_task *task, fb_ns now)
{
	struct notes *n = data;

	g_string_append_printf(n->to, "%s %" G_GINT64_FORMAT " run %d\n", n->name, now, task->tid);
}

static void on_leave(void *data, const struct fb_task *task, char state, fb_ns now)
{
	struct notes *n = data;

	g_string_append_printf(n->to, "%s %" G_GINT64_FORMAT " leave %d %c\n", n->name, now,
			       task->tid, state);
}

static void on_interrupt(void *data, const struct fb_task *task,
			 const struct fb_interrupt *interrupt, fb_ns now)
{
	struct notes *n = data;

	g_string_append_printf(n->to, "%s %" G_GINT64_FORMAT " interrupt %d on %d\n", n->name, now,
			       interrupt->kind == FB_FRAME_NONE ? -1 : interrupt->id, task->tid);
}

static void on_gap(void *data, fb_ns until)
{
	struct notes *n = data;

	g_string_append_printf(n->to, "%s gap until %" G_GINT64_FORMAT "\n", n->name, until);
}

static const struct fb_observer_ops everything = {
	.begin = on_begin, .event = on_event, .run = on_run, .leave = on_leave,
	.interrupt = on_interrupt, .gap = on_gap,
};
static const struct fb_observer_ops only_runs = { .run = on_run };

static const char events[] = "1 0 sched_switch prev_tid=0 next_tid=10\n"
			     "2 0 irq_handler_entry irq=19 name=eth0\n"
			     "3 0 irq_handler_exit irq=19\n"
			     "4 0 net_dev_queue skbaddr=1 len=60\n"
			     "5 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"
			     "gap 100\n"
			     "101 0 sched_switch prev_tid=20 prev_state=1 next_tid=10\n";

static void assert_notes(const struct fb_observer *observers, size_t n, GString *to,
			 const char *expected)
{
	const struct fb_kernel_options options = { .observers = observers, .n_observers = n };
	g_autofree char *waits = scenario_play(events, &options);

	assert_string_equal(to->str, expected);
	g_string_truncate(to, 0);
}

static void each_is_told_one_after_the_other(void **state)
{
	g_autoptr(GString) to = g_string_new(NULL);
	struct notes a = { "a", 0, to }, b = { "b", 0, to };
	const struct fb_observer both[] = { { &everything, &a }, { &only_runs, &b } };

	(void)state;
	assert_notes(both, 2, to,
		     "a begins, 6.1.0\n"
		     "a 1 run 10\n"
		     "b 1 run 10\n"
		     "a 2 interrupt 19 on 10\n"
		     "a 3 interrupt -1 on 10\n"
		     "a 5 leave 10 S\n"
		     "a 5 run 20\n"
		     "b 5 run 20\n"
		     "a gap until 100\n"
		     "a 101 leave 20 S\n"
		     "a 101 run 10\n"
		     "b 101 run 10\n");
	/* Alone it is told the same. */
	assert_notes(both + 1, 1, to, "b 1 run 10\nb 5 run 20\nb 101 run 10\n");
	assert_notes(NULL, 0, to, "");
}

static void each_sees_the_events_that_it_asked_for(void **state)
{
	g_autoptr(GString) to = g_string_new(NULL);
	struct notes a = { "a", FB_KIND_BIT(FB_EV_NET_QUEUE), to };
	struct notes b = { "b", FB_KIND_BIT(FB_EV_SWITCH), to };
	const struct fb_observer_ops seeing = { .begin = on_begin, .event = on_event };
	const struct fb_observer_ops running = { .begin = on_begin, .event = on_event, .run = on_run };
	const struct fb_observer both[] = { { &seeing, &a }, { &running, &b } };

	(void)state;
	/* Those that the model makes no use of, too; and each when all have been told of it. */
	assert_notes(both, 2, to,
		     "a begins, 6.1.0\n"
		     "b begins, 6.1.0\n"
		     "b 1 run 10\n"
		     "b sees 1 by 10\n"
		     "a sees 4 by 10\n"
		     "b 5 run 20\n"
		     "b sees 5 by 20\n"
		     "b 101 run 10\n"
		     "b sees 101 by 10\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_told_one_after_the_other),
		cmocka_unit_test(each_sees_the_events_that_it_asked_for),
	};

	return cmocka_run_group_tests_name("observers", tests, NULL, NULL);
}
