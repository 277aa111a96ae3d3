/* SPDX-License-Identifier: MIT */
/*
 * test_window.c - a part of a trace: which events a run takes, and that its waits are those of
 * the whole trace but for what cannot be known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "scenario.h"
#include "traces.h"

/* ---- which events a run takes ------------------------------------------------------------- */

/*
 * The waits of processes 7 (tid 10) and 8 (tid 11) around [begin, end], FB_NS_NONE for none,
 * by sources of all habits.
 */
static void assert_part(const char *events, fb_ns begin, fb_ns end, fb_ns lead, const char *expected)
{
	static const int32_t pids[] = { 7, 8 };
	const struct fb_run_options options = {
		.kernel.edges = true,
		.filter = { .has_begin = begin != FB_NS_NONE, .begin = begin,
			    .has_end = end != FB_NS_NONE, .end = end, .pids = pids, .n_pids = G_N_ELEMENTS(pids) },
		.lead = lead,
	};

	for (size_t batch = 1; batch <= 64; batch = batch * 2 + (batch == 2))
		for (int skips = 0; skips < 2; skips++) {
			const struct scenario_reader reader = { batch, skips, NULL };
			g_autofree char *got = scenario_run(events, &options, &reader);

			assert_string_equal(got, expected);
		}
}

/*
 * Task 10 sleeps 110..150..160, and the statedump tells that it is of process 7. Were it taken, the
 * fork at 30 would tell otherwise.
 */
#define STATEDUMP STATEDUMP_WHILE("5")
#define STATEDUMP_WHILE(current)                                                                   \
	"1 0 sched_switch prev_tid=0 next_tid=" current "\n"                                       \
	"2 0 lttng_statedump_process_state tid=10 pid=7 status=1\n"                                \
	"2 0 lttng_statedump_process_state tid=11 pid=8 status=1\n"                                \
	"3 0 lttng_statedump_end\n"
#define MIDDLE                                                                                     \
	"30 0 sched_process_fork parent_tid=5 parent_pid=5 child_tid=10 child_pid=99\n"            \
	"31 0 sched_switch prev_tid=5 prev_state=0 next_tid=20\n"
#define WAIT                                                                                       \
	"60 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"                                 \
	"61 0 syscall_entry_read fd=3\n"                                                           \
	"110 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"                                \
	"150 0 sched_waking tid=10\n"                                                              \
	"160 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
#define NEXT                                                                                       \
	"170 0 sched_switch prev_tid=10 prev_state=2 next_tid=20\n"                                \
	"260 0 sched_waking tid=10\n"                                                              \
	"270 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"

static void a_run_takes_the_prelude_and_the_part_with_its_lead(void **state)
{
	(void)state;
	assert_part(STATEDUMP MIDDLE WAIT NEXT, 120, 165, 70,
		    "10 read 110..150..160 S task by 20 in -\n"
		    "read 50..235\n");
	/* The part begins at its begin itself, and ends with its end. */
	assert_part(STATEDUMP MIDDLE WAIT NEXT, 130, 260, 70,
		    "10 read 110..150..160 S task by 20 in -\n"
		    "10 read 170..260..270 D task by 20 in -\n"
		    "read 60..?\n");
	assert_part(STATEDUMP MIDDLE WAIT NEXT, 132, 199, 70,
		    "10 - 110..150..160 S task by 20 in -\n"
		    "10 - 170..260..? D task by 20 in - edge\n"
		    "read 62..269\n");
	assert_part(STATEDUMP MIDDLE WAIT NEXT, 120, 260, 0,
		    "10 - ?..150..160 ? task by 20 in - edge\n"
		    "10 - 170..260..? D task by 20 in - edge\n"
		    "read 120..260\n");
}

static void a_source_is_told_what_to_skip(void **state)
{
	unsigned skipped = 0;
	const struct scenario_reader reader = { 1, true, &skipped };
	struct fb_run_options options = {
		.filter = { .has_begin = true, .begin = 120, .has_end = true, .end = 165 },
		.lead = 70,
	};
	g_autofree char *part = scenario_run(STATEDUMP MIDDLE WAIT, &options, &reader), *all = NULL;

	(void)state;
	/* The gap begins with an event that is in it; the one behind need not come. */
	assert_int_equal(skipped, 1);
	skipped = 0;
	options.lead = 120;
	all = scenario_run(STATEDUMP MIDDLE WAIT, &options, &reader);
	assert_int_equal(skipped, 0);
}

static void waits_that_are_over_before_the_part_begins_are_not_in_it(void **state)
{
	(void)state;
	assert_part(STATEDUMP MIDDLE WAIT NEXT, 161, 165, 100,
		    "read 61..265\n");
	assert_part(STATEDUMP MIDDLE WAIT NEXT, 2000, FB_NS_NONE, 10, "read 1990..?\n");
}

static void a_wait_that_touches_the_part_is_in_it(void **state)
{
	(void)state;
	assert_part(STATEDUMP MIDDLE WAIT NEXT, 160, 165, 100,
		    "10 read 110..150..160 S task by 20 in -\n"
		    "read 60..265\n");
	assert_part(STATEDUMP MIDDLE WAIT NEXT, 161, 170, 100,
		    "10 read 170..260..270 D task by 20 in -\n"
		    "read 61..?\n");
	assert_part(STATEDUMP MIDDLE WAIT NEXT, 161, 169, 101,
		    "read 60..?\n");
}

static void a_part_that_is_all_of_the_trace_changes_nothing(void **state)
{
	static const char all[] = "10 read 110..150..160 S task by 20 in -\n"
				  "10 read 170..260..270 D task by 20 in -\n";

	(void)state;
	assert_part(STATEDUMP_WHILE("20") WAIT NEXT, FB_NS_NONE, FB_NS_NONE, 0, all);
	assert_part(STATEDUMP_WHILE("20") WAIT NEXT, 100, 200, INT64_MAX, all);
	assert_part(STATEDUMP_WHILE("20") WAIT NEXT, -10, 200, INT64_MAX, all);
	assert_part(STATEDUMP_WHILE("20") WAIT NEXT, 1, 270, 0, all);
	assert_part(STATEDUMP_WHILE("20") WAIT NEXT, 11, 260, 10, all);
	assert_part(STATEDUMP_WHILE("20") WAIT NEXT, INT64_MAX, INT64_MAX, INT64_MAX, "");
}

static void nothing_is_left_out_where_the_part_follows_the_statedump(void **state)
{
	(void)state;
	assert_part(STATEDUMP_WHILE("20") WAIT NEXT, 60, 270, 0,
		    "10 read 110..150..160 S task by 20 in -\n"
		    "10 read 170..260..270 D task by 20 in -\n");
}

static void the_tid_of_a_task_that_exited_in_the_prelude_is_anothers_in_the_part(void **state)
{
	(void)state;
	assert_part("1 0 lttng_statedump_process_state tid=10 pid=7 status=1\n"
		    "2 0 sched_switch prev_tid=10 prev_state=32 next_tid=20\n"
		    "3 0 lttng_statedump_end\n" MIDDLE "55 0 sched_waking tid=10\n" WAIT NEXT,
		    120, 165, 70, "read 50..235\n");
}

static void the_statedump_is_read_to_its_end_wherever_the_part_ends(void **state)
{
	(void)state;
	/* The wait is over before the statedump tells of which process it is. */
	assert_part("1 0 sched_switch prev_tid=20 prev_state=0 next_tid=11\n"
		    "2 0 syscall_entry_read\n"
		    "3 0 sched_switch prev_tid=11 prev_state=1 next_tid=20\n"
		    "4 0 sched_waking tid=11\n"
		    "5 0 sched_switch prev_tid=20 prev_state=0 next_tid=11\n"
		    "20 1 lttng_statedump_process_state tid=11 pid=8 status=1\n"
		    "30 1 lttng_statedump_end\n"
		    "31 0 sched_switch prev_tid=11 prev_state=1 next_tid=20\n",
		    0, 6, 4,
		    "11 read 3..4..5 S task by 20 in -\n"
		    "read ?..30\n");
}

static void without_a_statedump_there_is_no_prelude(void **state)
{
	(void)state;
	/* What names the process comes too early: the waits are nobody's that is asked for. */
	assert_part("env without=lttng_statedump_end\n" STATEDUMP MIDDLE WAIT NEXT, 120, 165, 70,
		    "read 50..235\n");
	assert_part("env without=lttng_statedump_end\n" STATEDUMP
		    "55 0 sched_process_fork parent_tid=5 parent_pid=5 child_tid=10 child_pid=8\n" WAIT,
		    120, 165, 70,
		    "10 read 110..150..160 S task by 20 in -\n"
		    "read 50..?\n");
}

static void a_statedump_that_does_not_come_is_not_waited_for(void **state)
{
	(void)state;
	/* One second after the first event, and after the last name. */
	assert_part("1 0 sched_switch prev_tid=0 next_tid=5\n"
		    "1000000001 0 lttng_statedump_process_state tid=10 pid=7 status=5\n"
		    "1900000000 0 sched_process_fork parent_tid=5 child_tid=11 child_pid=8\n"
		    "2000000002 0 sched_process_fork parent_tid=5 child_tid=10 child_pid=9\n"
		    "2000000003 0 lttng_statedump_process_state tid=12 pid=7 status=5\n"
		    "4000000000 0 sched_waking tid=10\n"
		    "4000000001 0 sched_waking tid=11\n"
		    "4000000002 0 sched_waking tid=12\n"
		    "4000000003 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"
		    "4000000004 0 sched_switch prev_tid=10 prev_state=0 next_tid=11\n"
		    "4000000005 0 sched_switch prev_tid=11 prev_state=0 next_tid=12\n",
		    INT64_C(4000000000), FB_NS_NONE, 0,
		    "10 - ?..4000000000..4000000003 ? task by 20 in - edge\n"
		    "11 - ?..4000000001..4000000004 ? task by 20 in - edge\n"
		    "read 4000000000..?\n");
}

static void losses_count_where_they_reach_the_part(void **state)
{
	(void)state;
	assert_part(STATEDUMP "20 0 lost count=7 until=49\n" MIDDLE WAIT NEXT
			      "271 0 lost count=3 until=400\n",
		    120, 165, 70,
		    "10 read 110..150..160 S task by 20 in -\n"
		    "read 50..235\n");
	/* What 20 was doing at 50 nobody knows. */
	assert_part(STATEDUMP "20 0 lost count=7 until=49\n"
			      "21 1 lost count=5 until=50\n" MIDDLE WAIT NEXT,
		    120, 165, 70,
		    "10 read 110..150..160 S task by 20 in - lost\n"
		    "read 50..235 cpu 1 lost 5\n");
	/* How many were lost need not be known. */
	assert_part(STATEDUMP "20 1 lost until=115\n" MIDDLE WAIT NEXT, 120, 165, 70,
		    "10 read 110..150..160 S task by 20 in - lost\n"
		    "read 50..235\n");
}

/* ---- parts of recorded traces ------------------------------------------------------------- */

struct wait {
	int32_t tid, waker;
	fb_ns begin, wake, end;
	enum fb_quality quality;
	const char *syscall, *waker_syscall; /* interned */
	int32_t fd;
	char *text; /* the rest: what no part may tell otherwise */
};

struct run {
	GArray *waits;  /* struct wait */
	GHashTable *by; /* "TID TIME" of a begin, or of an end -> struct wait */
	struct fb_part part;
};

static void wait_clear(void *data)
{
	g_free(((struct wait *)data)->text);
}

static void collect(void *self, const struct fb_blocking *b)
{
	const struct fb_cause *c = &b->cause;
	struct wait wait = {
		.tid = b->task->tid, .begin = b->begin, .wake = b->wake, .end = b->end,
		.quality = b->quality, .syscall = b->syscall, .fd = b->fd,
		.waker_syscall = c->syscall,
		.text = g_strdup_printf("%s %c %s %d %s 0x%" G_GINT64_MODIFIER "x cpu %d%s%s by %d "
					"via %d %d from %d %d 0x%" G_GINT64_MODIFIER "x %d",
					b->comm, b->state, fb_cause_kind_name(c->kind), c->id, c->name,
					c->function, c->cpu, c->early ? " early" : "",
					c->is_inline ? " inline" : "", c->task ? c->task->tid : 0,
					c->via, c->via_id, c->origin.kind, c->origin.id,
					c->origin.function,
					c->origin.task ? c->origin.task->tid : 0),
	};

	g_array_append_val(((struct run *)self)->waits, wait);
}

static char *key_of(int32_t tid, const char *what, fb_ns time)
{
	return g_strdup_printf("%d %s %" G_GINT64_FORMAT, tid, what, time);
}

static void index_waits(struct run *r)
{
	for (guint i = 0; i < r->waits->len; i++) {
		struct wait *w = &g_array_index(r->waits, struct wait, i);

		if (w->begin != FB_NS_NONE)
			g_hash_table_insert(r->by, key_of(w->tid, "begin", w->begin), w);
		if (w->end != FB_NS_NONE)
			g_hash_table_insert(r->by, key_of(w->tid, "end", w->end), w);
	}
}

static struct run run_trace(const char *path, const struct fb_filter *window, fb_ns lead)
{
	static const struct fb_analysis analysis = { .blocking = collect };
	struct fb_source *source = recorded_open(path, fb_kernel_kinds(), false);
	/* What slept since before the part may be an idle kernel thread: all are looked at. */
	const struct fb_run_options options = { .kernel = { .all = true, .edges = true },
						.filter = *window, .lead = lead };
	struct run r = {
		.waits = g_array_new(FALSE, FALSE, sizeof(struct wait)),
		.by = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
	};
	struct fb_outcome outcome;
	GError *error = NULL;

	g_array_set_clear_func(r.waits, wait_clear);
	if (!fb_run(source, &options, &analysis, &r, &outcome, &error))
		fail_msg("%s", error->message);
	r.part = outcome.part;
	fb_outcome_clear(&outcome);
	fb_source_close(source);
	index_waits(&r);
	return r;
}

static void run_clear(struct run *r)
{
	g_hash_table_unref(r->by);
	g_array_unref(r->waits);
}

static const struct wait *find(const struct run *r, int32_t tid, const char *what, fb_ns time)
{
	g_autofree char *key = key_of(tid, what, time);

	return time == FB_NS_NONE ? NULL : g_hash_table_lookup(r->by, key);
}

/* The same wait in the other run. One that has neither begin nor end has its waking. */
static const struct wait *find_same(const struct run *r, const struct wait *w)
{
	const struct wait *same = find(r, w->tid, "begin", w->begin);

	if (!same)
		same = find(r, w->tid, "end", w->end);
	for (guint i = 0; !same && i < r->waits->len; i++) {
		const struct wait *other = &g_array_index(r->waits, struct wait, i);

		if (other->tid == w->tid && other->wake == w->wake && w->wake != FB_NS_NONE)
			same = other;
	}
	return same;
}

static bool begins_inside(const struct run *part, const struct wait *w)
{
	return part->part.begin == FB_NS_NONE || w->begin >= part->part.begin;
}

static bool ends_inside(const struct run *part, const struct wait *w)
{
	return part->part.end == FB_NS_NONE ||
	       (w->end != FB_NS_NONE && w->end <= part->part.end);
}

static bool is_unknown_or(const char *name, const char *whole)
{
	return !name || name == whole;
}

/* What the part tells of a wait is what the whole trace tells of it, or nothing. */
static void check_wait(struct problems *p, const struct run *part, const struct wait *w,
		       const struct wait *whole)
{
	bool begins = begins_inside(part, whole), ends = ends_inside(part, whole);

	if (w->begin != (begins ? whole->begin : FB_NS_NONE))
		problem(p, "%d: begins %ld, not %ld", w->tid, w->begin, whole->begin);
	if (w->end != (ends ? whole->end : FB_NS_NONE))
		problem(p, "%d: ends %ld, not %ld", w->tid, w->end, whole->end);
	if ((!begins || !ends) && w->quality != FB_QUALITY_EDGE && w->quality != FB_QUALITY_LOST)
		problem(p, "%d: cut off, but %s", w->tid, fb_quality_name(w->quality));
	if (begins && ends && (w->wake != whole->wake || strcmp(w->text, whole->text)))
		problem(p, "%d woken %ld: %s\n      not %ld: %s", w->tid, w->wake, w->text,
			whole->wake, whole->text);
	if (begins && ends && w->quality != whole->quality)
		problem(p, "%d: %s, not %s", w->tid, fb_quality_name(w->quality),
			fb_quality_name(whole->quality));
	if (!is_unknown_or(w->syscall, whole->syscall) ||
	    !is_unknown_or(w->waker_syscall, whole->waker_syscall))
		problem(p, "%d: in %s, woken in %s", w->tid, w->syscall, w->waker_syscall);
	if (w->fd != -1 && w->fd != whole->fd)
		problem(p, "%d: fd %d, not %d", w->tid, w->fd, whole->fd);
}

/*
 * Where events are missing the whole trace may be wrong, and a part that begins behind them
 * right: in what losses touch, and where the CPUs of a flight recorder begin at different times.
 */
static bool may_differ(const struct recorded *trace, const struct wait *w)
{
	return (trace->loses || !strcmp(trace->name, "snapshot-snapshot")) &&
	       (w->quality == FB_QUALITY_LOST || w->quality == FB_QUALITY_EDGE);
}

static void check_waits(struct problems *p, const struct recorded *trace, const struct run *part,
			const struct run *whole)
{
	for (guint i = 0; i < part->waits->len; i++) {
		const struct wait *w = &g_array_index(part->waits, struct wait, i);
		const struct wait *same = find_same(whole, w);

		if (may_differ(trace, w))
			continue;
		if (same)
			check_wait(p, part, w, same);
		else
			problem(p, "%d: %ld..%ld..%ld is not in the whole", w->tid, w->begin,
				w->wake, w->end);
	}
}

/* A wait must be there when it begins, or is woken, inside the part. */
static void check_none_is_missing(struct problems *p, const struct recorded *trace,
				  const struct run *part, const struct run *whole,
				  const struct fb_filter *window)
{
	for (guint i = 0; i < whole->waits->len; i++) {
		const struct wait *w = &g_array_index(whole->waits, struct wait, i);
		bool overlaps = (w->begin == FB_NS_NONE || w->begin <= window->end) &&
				(w->end == FB_NS_NONE || w->end >= window->begin);
		bool is_woken_inside =
			w->wake != FB_NS_NONE &&
			(part->part.begin == FB_NS_NONE || w->wake >= part->part.begin) &&
			(part->part.end == FB_NS_NONE || w->wake <= part->part.end);

		if (overlaps && ((w->begin != FB_NS_NONE && begins_inside(part, w)) || is_woken_inside) &&
		    !may_differ(trace, w) && !find_same(part, w))
			problem(p, "%d: %ld..%ld..%ld is missing", w->tid, w->begin, w->wake, w->end);
	}
}

/* A sixteenth of the trace, at several places. */
static void check_windows(struct problems *p, const struct recorded *trace, const struct run *whole,
			  fb_ns begin, fb_ns end)
{
	g_autofree char *path = recorded_path(trace, trace->trace);
	const fb_ns span = end - begin, leads[] = { 0, span / 100, span / 10 };

	for (int at = 1; at < 16; at += 3)
		for (size_t i = 0; i < G_N_ELEMENTS(leads); i++) {
			const struct fb_filter window = {
				.has_begin = true, .begin = begin + span * at / 16,
				.has_end = true, .end = begin + span * (at + 1) / 16,
			};
			struct run part = run_trace(path, &window, leads[i]);

			check_waits(p, trace, &part, whole);
			check_none_is_missing(p, trace, &part, whole, &window);
			run_clear(&part);
		}
}

static void parts_tell_nothing_else_of(void **state)
{
	const struct recorded *trace = *state;
	g_autofree char *path = recorded_path(trace, trace->trace);
	const struct fb_filter all = { 0 };
	struct run whole = run_trace(path, &all, 0);
	const struct wait *waits = (const struct wait *)whole.waits->data;
	struct problems p = { 0 };
	fb_ns begin = INT64_MAX, end = INT64_MIN;

	for (guint i = 0; i < whole.waits->len; i++) {
		begin = waits[i].begin == FB_NS_NONE ? begin : MIN(begin, waits[i].begin);
		end = MAX(end, waits[i].end);
	}
	check_windows(&p, trace, &whole, begin, end);
	run_clear(&whole);
	problems_finish(&p);
}

int main(void)
{
	const struct CMUnitTest gaps[] = {
	};
	const struct CMUnitTest runs[] = {
		cmocka_unit_test(a_run_takes_the_prelude_and_the_part_with_its_lead),
		cmocka_unit_test(a_source_is_told_what_to_skip),
		cmocka_unit_test(waits_that_are_over_before_the_part_begins_are_not_in_it),
		cmocka_unit_test(a_wait_that_touches_the_part_is_in_it),
		cmocka_unit_test(a_part_that_is_all_of_the_trace_changes_nothing),
		cmocka_unit_test(nothing_is_left_out_where_the_part_follows_the_statedump),
		cmocka_unit_test(the_tid_of_a_task_that_exited_in_the_prelude_is_anothers_in_the_part),
		cmocka_unit_test(the_statedump_is_read_to_its_end_wherever_the_part_ends),
		cmocka_unit_test(without_a_statedump_there_is_no_prelude),
		cmocka_unit_test(a_statedump_that_does_not_come_is_not_waited_for),
		cmocka_unit_test(losses_count_where_they_reach_the_part),
	};

	return cmocka_run_group_tests_name("gaps", gaps, NULL, NULL) +
	       cmocka_run_group_tests_name("runs", runs, NULL, NULL) +
	       recorded_run("parts_tell_nothing_else_of", NULL, parts_tell_nothing_else_of);
}
