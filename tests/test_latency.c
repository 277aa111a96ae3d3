/* SPDX-License-Identifier: MIT */
/* test_latency.c - the longest calls, softirqs, and calls and their parts in recorded traces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flightbox/run.h>

#include "analyses/shared/latency-softirq.h"
#include "analyses/shared/latency-top.h"
#include "call_text.h"
#include "traces.h"

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
	assert_call_sums(call);
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
	return !trace->few && strcmp(trace->name, "variants-no-syscalls");
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
		cmocka_unit_test(the_longest_calls_of_many_come_first),
		cmocka_unit_test(a_waker_that_was_the_idle_task_was_an_interrupt),
		cmocka_unit_test(softirqs_are_seen_from_entry_to_exit),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + recorded_run("calls_are_blocked_as_long_as_their_waits_sleep", has_calls,
				     calls_are_blocked_as_long_as_their_waits_sleep);
}
