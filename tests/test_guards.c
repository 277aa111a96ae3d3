/* SPDX-License-Identifier: MIT */
/*
 * test_guards.c - numbers out of bounds, at the doors of the model and of the history. What waits
 * come of such events: scenarios/guards.txt.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <flightbox/history.h>
#include <flightbox/kernel.h>

#include "path_text.h"
#include "scenario.h"

/* ---- the model ---------------------------------------------------------------------------- */

static struct fb_kernel *kernel_of(struct fb_source *source, const struct fb_event *ev)
{
	struct fb_kernel *k;

	source->info.kinds = FB_KINDS_ALL;
	k = fb_kernel_new(source, &(struct fb_kernel_options){ 0 }, NULL, NULL);
	fb_kernel_event(k, ev);
	return k;
}

/* CPU 0 told something; the woken task's must be others. */
static void silent_cpus_are_no_more_than_there_can_be(void **state)
{
	const struct fb_event waking = { .time = 1, .kind = FB_EV_WAKING, .text = FB_NO_TEXT,
					 .sched = { .tid = 10, .target_cpu = INT32_MAX } };
	struct fb_source source = { 0 };
	struct fb_kernel *k = kernel_of(&source, &waking);

	(void)state;
	fb_kernel_finish(k);
	assert_int_equal(fb_kernel_counts(k)->silent_cpus, FB_CPUS_MAX - 1);
	assert_int_equal(fb_kernel_counts(k)->first_silent_cpu, 1);
	fb_kernel_free(k);
}

/* The first one waits for its call's name, which its exit tells; behind it no more wait than `hold`. */
static char *waits_of(uint32_t hold)
{
	static const char events[] = "1 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"
				     "1 1 sched_switch prev_tid=0 next_tid=20\n"
				     "2 1 syscall_entry_read fd=3\n"
				     "2 2 sched_switch prev_tid=0 next_tid=30\n"
				     "3 1 sched_switch prev_tid=20 prev_state=1 next_tid=0\n"
				     "5 2 sched_waking tid=10\n"
				     "6 0 sched_switch prev_tid=0 next_tid=10\n"
				     "7 2 sched_waking tid=20\n"
				     "8 1 sched_switch prev_tid=0 next_tid=20\n"
				     "9 0 syscall_exit_poll ret=1\n";
	const struct fb_kernel_options options = { .edges = true, .hold = hold };

	return scenario_play(events, &options);
}

static void no_more_waits_are_held_back_than_allowed(void **state)
{
	g_autofree char *one = waits_of(1), *two = waits_of(2);

	(void)state;
	assert_string_equal(one, "10 - 1..5..6 S task by 30 in -\n20 read 3..7..8 S task by 30 in -\n");
	assert_string_equal(two, "10 poll 1..5..6 S task by 30 in -\n20 read 3..7..8 S task by 30 in -\n");
}

/* Who leaves a CPU is who came there: or events were lost, and nobody said so. */
static void a_switch_from_another_task_is_counted(void **state)
{
	struct fb_event ev = { .time = 1, .kind = FB_EV_SWITCH, .text = FB_NO_TEXT,
			       .sched_switch = { .next_tid = 10, .prev_comm = FB_NO_TEXT } };
	struct fb_source source = { 0 };
	struct fb_kernel *k = kernel_of(&source, &ev);

	(void)state;
	for (ev.time = 2; ev.time <= 3; ev.time++) {
		assert_int_equal(fb_kernel_counts(k)->switch_mismatches, 0);
		ev.sched_switch.prev_tid = 10;
		ev.sched_switch.next_tid = 20;
		fb_kernel_event(k, &ev);
	}
	assert_int_equal(fb_kernel_counts(k)->switch_mismatches, 1);
	assert_int_equal(fb_kernel_counts(k)->idle_ends, 1);
	fb_kernel_free(k);
}

static void of_cpus_not_heard_of_nothing_is_known(void **state)
{
	static const int numbers[] = { INT_MIN, -1, 1, FB_CPUS_MAX, INT_MAX };
	const struct fb_event raise = { .time = 1, .kind = FB_EV_IRQ_ENTER, .text = FB_NO_TEXT };
	struct fb_source source = { 0 };
	struct fb_kernel *k = kernel_of(&source, &raise);

	(void)state;
	assert_non_null(fb_kernel_current(k, 0));
	assert_int_equal(fb_kernel_context(k, 0), FB_FRAME_IRQ);
	assert_true(fb_kernel_in_hardirq(k, 0));
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		struct fb_cause actor;

		assert_null(fb_kernel_current(k, numbers[i]));
		assert_int_equal(fb_kernel_context(k, numbers[i]), FB_FRAME_NONE);
		assert_false(fb_kernel_in_hardirq(k, numbers[i]));
		fb_kernel_actor(k, numbers[i], &actor);
		assert_int_equal(actor.kind, FB_CAUSE_UNKNOWN);
	}
	fb_kernel_free(k);
}

static void a_tid_may_be_any_number(void **state)
{
	static const int32_t tids[] = { INT32_MIN, -2, (1 << 22) - 1, 1 << 22, INT32_MAX };
	struct fb_source source = { 0 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(tids); i++) {
		const struct fb_event waking = { .time = 1, .kind = FB_EV_WAKING,
						 .text = FB_NO_TEXT, .sched.tid = tids[i] };
		struct fb_kernel *k = kernel_of(&source, &waking);

		assert_int_equal(fb_kernel_find_task(k, tids[i])->tid, tids[i]);
		assert_null(fb_kernel_find_task(k, tids[i] ^ 1));
		fb_kernel_free(k);
	}
}

/* Nobody saw it fork. */
static void a_wakeup_of_who_is_new_begins_another_life(void **state)
{
	const struct fb_event exits = { .time = 1, .kind = FB_EV_SWITCH, .text = FB_NO_TEXT,
					.sched_switch = { .prev_tid = 10, .prev_state = 32,
							  .prev_comm = FB_NO_TEXT } };
	const struct fb_event born = { .time = 2, .kind = FB_EV_WAKEUP_NEW, .text = FB_NO_TEXT,
				       .sched = { .tid = 10, .success = 1 } };
	struct fb_source source = { 0 };
	struct fb_kernel *k = kernel_of(&source, &exits);

	(void)state;
	assert_int_equal(fb_kernel_find_task(k, 10)->generation, 0);
	fb_kernel_event(k, &born);
	assert_int_equal(fb_kernel_find_task(k, 10)->generation, 1);
	fb_kernel_free(k);
}

/* The idle tasks are none of those that have a tid. */
static void no_statedump_tells_of_tid_0(void **state)
{
	const struct fb_event idle = { .time = 1, .kind = FB_EV_TASK_STATE, .text = FB_NO_TEXT,
				       .task_state = { .tid = 0, .pid = 0, .status = 5 } };
	struct fb_source source = { 0 };
	struct fb_kernel *k = kernel_of(&source, &idle);

	(void)state;
	assert_null(fb_kernel_find_task(k, 0));
	fb_kernel_free(k);
}

/* ---- the history -------------------------------------------------------------------------- */

static const struct fb_task worker = { .tid = 10, .number = 0 };
static const struct fb_task child = { .tid = 11, .number = 1 };

/* The causes of a path's segments, and of what it goes around. */
static void keep_cause(const struct fb_segment *s, void *data)
{
	if (s->cause)
		g_array_append_val(data, *s->cause);
}

static GArray *causes_of(struct fb_history *h, const struct fb_task *task, fb_ns begin, fb_ns end)
{
	static const struct fb_path_funcs funcs = { .segment = keep_cause, .around = keep_cause };
	GArray *causes = g_array_new(FALSE, FALSE, sizeof(struct fb_cause));

	fb_history_path(h, task, begin, end, &funcs, causes);
	return causes;
}

/* A record has so many bits for an interrupt's number, and for that of its name. */
static void an_interrupt_out_of_bounds_has_no_number(void **state)
{
	static const struct {
		int32_t given, told;
	} ids[] = { { 0, 0 }, { 2047, 2047 }, { 2048, -1 }, { 4096 + 5, -1 }, { INT32_MAX, -1 } };
	struct fb_history *h = fb_history_new(&(struct fb_history_options){ 0 });
	g_autoptr(GArray) causes = NULL;
	fb_ns now = 1;

	(void)state;
	fb_history_observer(h).ops->run(h, &worker, now++);
	for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
		const struct fb_interrupt irq = { .kind = FB_FRAME_IRQ, .id = ids[i].given },
					  none = { .kind = FB_FRAME_NONE };

		fb_history_observer(h).ops->interrupt(h, &worker, &irq, now++);
		fb_history_observer(h).ops->interrupt(h, &worker, &none, now++);
	}
	causes = causes_of(h, &worker, 1, now - 1);
	assert_int_equal(causes->len, G_N_ELEMENTS(ids));
	for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
		assert_int_equal(g_array_index(causes, struct fb_cause, i).id, ids[i].told);
	fb_history_free(h);
}

static void an_interrupt_has_its_own_name_or_none(void **state)
{
	enum { NAMES = 5000, FIT = 4000 };
	struct fb_history *h = fb_history_new(&(struct fb_history_options){ 0 });
	GStringChunk *names = g_string_chunk_new(1 << 16);
	g_autoptr(GArray) causes = NULL;
	fb_ns now = 1;

	(void)state;
	fb_history_observer(h).ops->run(h, &worker, now++);
	for (int i = 0; i < NAMES; i++) {
		g_autofree char *name = g_strdup_printf("action %d", i);
		const struct fb_interrupt irq = { .kind = FB_FRAME_IRQ, .id = 1,
						  .name = g_string_chunk_insert(names, name) };

		fb_history_observer(h).ops->interrupt(h, &worker, &irq, now++);
	}
	causes = causes_of(h, &worker, 1, now - 1);
	for (guint i = 0; i < causes->len; i++) {
		g_autofree char *own = g_strdup_printf("action %u", i);
		const char *name = g_array_index(causes, struct fb_cause, i).name;

		assert_true(name || i > FIT);
		if (name)
			assert_string_equal(name, own);
	}
	assert_null(g_array_index(causes, struct fb_cause, causes->len - 1).name);
	fb_history_free(h);
	g_string_chunk_free(names);
}

/* An exit is noted with the entry, where the time between them fits into 32 bits. */
static void a_call_of_seconds_ends_when_it_does(void **state)
{
	(void)state;
	for (fb_ns more = -2; more <= 2; more++) {
		struct fb_history *h = fb_history_new(&(struct fb_history_options){ 0 });
		fb_ns exit = INT64_C(1000) + UINT32_MAX + more;
		g_autofree char *expected = g_strdup_printf(
			"1..1000 10 running -\n1000..%" G_GINT64_FORMAT " 10 running read\n"
			"%" G_GINT64_FORMAT "..%" G_GINT64_FORMAT " 10 running -\n",
			exit, exit, exit + 100);
		g_autoptr(GString) path = g_string_new(NULL);

		fb_history_observer(h).ops->run(h, &worker, 1);
		fb_history_observer(h).ops->syscall(h, &worker, fb_syscall_get("read"), true, 1000);
		fb_history_observer(h).ops->syscall(h, &worker, fb_syscall_get("read"), false, exit);
		fb_history_observer(h).ops->leave(h, &worker, 'R', exit + 100);
		put_path(h, &worker, 1, exit + 100, path);
		assert_string_equal(path->str, expected);
		fb_history_free(h);
	}
}

static void a_birth_tells_its_parents_call(void **state)
{
	struct fb_history *h = fb_history_new(&(struct fb_history_options){ 0 });
	g_autoptr(GArray) causes = NULL;

	(void)state;
	fb_history_observer(h).ops->run(h, &worker, 1);
	fb_history_observer(h).ops->syscall(h, &worker, fb_syscall_get("clone"), true, 2);
	fb_history_observer(h).ops->fork(h, &worker, &child, 5);
	fb_history_observer(h).ops->run(h, &child, 6);
	causes = causes_of(h, &child, 1, 6);
	assert_int_equal(causes->len, 1);
	assert_ptr_equal(g_array_index(causes, struct fb_cause, 0).task, &worker);
	assert_string_equal(g_array_index(causes, struct fb_cause, 0).syscall, "clone");
	fb_history_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silent_cpus_are_no_more_than_there_can_be),
		cmocka_unit_test(no_more_waits_are_held_back_than_allowed),
		cmocka_unit_test(a_switch_from_another_task_is_counted),
		cmocka_unit_test(of_cpus_not_heard_of_nothing_is_known),
		cmocka_unit_test(a_tid_may_be_any_number),
		cmocka_unit_test(a_wakeup_of_who_is_new_begins_another_life),
		cmocka_unit_test(no_statedump_tells_of_tid_0),
		cmocka_unit_test(an_interrupt_out_of_bounds_has_no_number),
		cmocka_unit_test(an_interrupt_has_its_own_name_or_none),
		cmocka_unit_test(a_call_of_seconds_ends_when_it_does),
		cmocka_unit_test(a_birth_tells_its_parents_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
