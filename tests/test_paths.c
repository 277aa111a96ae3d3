/* SPDX-License-Identifier: MIT */
/*
 * test_paths.c - critical paths through the recorded traces: of every task and many
 * spans, each tiled; and of every wait, which begins and ends where the model says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <flightbox/history.h>

#include "path_text.h"
#include "played.h"
#include "traces.h"

enum { SPANS = 8, SEED = 20261120 };

static struct played play(const struct recorded *trace)
{
	g_autofree char *path = recorded_path(trace, trace->trace);

	return played_path(path);
}

/* ---- tiling ------------------------------------------------------------------------------- */

struct asking {
	struct fb_history *history;
	GRand *random;
	unsigned tasks;
};

static fb_ns between(GRand *random, fb_ns begin, fb_ns end)
{
	return begin + (fb_ns)g_rand_double_range(random, 0, (double)(end - begin) + 1);
}

static void ask_spans(const struct fb_task *task, void *data)
{
	struct asking *a = data;
	fb_ns begin, end;

	if (!fb_history_life(a->history, task, &begin, &end))
		return;
	a->tasks++;
	put_path(a->history, task, begin, end, NULL);
	put_path(a->history, task, begin - 1000000, end + 1000000, NULL);
	for (int i = 0; i < SPANS; i++) {
		fb_ns from = between(a->random, begin, end);

		put_path(a->history, task, from, between(a->random, from, end), NULL);
	}
}

static void the_paths_tile_their_spans_in(void **state)
{
	const struct recorded *trace = *state;
	struct played p = play(trace);
	struct asking a = { p.history, g_rand_new_with_seed(SEED), 0 };
	const struct fb_history_counts *counts = fb_history_counts(p.history);

	fb_kernel_each_task(p.kernel, ask_spans, &a);
	assert_int_not_equal(a.tasks, 0);
	assert_int_equal(counts->dropped, 0);
	assert_int_equal(counts->unknown[FB_UNKNOWN_EFFORT], 0);
	if (!trace->loses)
		assert_int_equal(counts->unknown[FB_UNKNOWN_LOST], 0);
	else
		assert_int_not_equal(counts->unknown[FB_UNKNOWN_LOST], 0);
	g_rand_free(a.random);
	played_clear(&p);
}

/* ---- waits -------------------------------------------------------------------------------- */

/* What stands at depth 0 of a wait's span. */
struct top {
	fb_ns asleep, ready, unknown, other;
	const char *syscall;
};

static void add_asleep(const struct fb_segment *s, struct top *top)
{
	top->asleep += s->end - s->begin;
	top->syscall = s->syscall;
}

static void on_segment(const struct fb_segment *s, void *data)
{
	struct top *top = data;

	if (s->depth)
		return;
	if (s->state == FB_STATE_READY)
		top->ready += s->end - s->begin;
	else if (s->state == FB_STATE_UNKNOWN)
		top->unknown += s->end - s->begin;
	else if (s->state == FB_STATE_RUNNING)
		top->other += s->end - s->begin;
	else
		add_asleep(s, top);
}

static void on_around(const struct fb_segment *s, void *data)
{
	if (!s->depth)
		add_asleep(s, data);
}

static void check_wait(struct played *p, const struct fb_blocking *b, struct problems *problems)
{
	static const struct fb_path_funcs funcs = { .segment = on_segment, .around = on_around };
	bool is_known = b->cause.kind != FB_CAUSE_UNKNOWN && b->cause.kind != FB_CAUSE_UNTRACED;
	struct top top = { 0 };

	fb_history_path(p->history, b->task, b->begin, b->end, &funcs, &top);
	if (b->cause.via == FB_VIA_SIGNAL_PENDING)
		return;
	if (top.ready != fb_blocking_ready(b) ||
	    (is_known ? top.asleep : top.asleep + top.unknown) != fb_blocking_asleep(b))
		problem(problems, "%d from %" G_GINT64_FORMAT ": asleep %" G_GINT64_FORMAT " ready %"
				  G_GINT64_FORMAT ", but its path says %" G_GINT64_FORMAT ", %"
				  G_GINT64_FORMAT " and unknown %" G_GINT64_FORMAT,
			b->task->tid, b->begin, fb_blocking_asleep(b), fb_blocking_ready(b), top.asleep,
			top.ready, top.unknown);
	else if (top.asleep && top.syscall != b->syscall)
		problem(problems, "%d from %" G_GINT64_FORMAT ": in %s, but its path says in %s",
			b->task->tid, b->begin, b->syscall ? b->syscall : "-",
			top.syscall ? top.syscall : "-");
}

static bool loses_nothing(const struct recorded *trace)
{
	return !trace->loses && !trace->few;
}

static void the_path_of_each_wait_is_the_wait_in(void **state)
{
	struct played p = play(*state);
	struct problems problems = { 0 };
	unsigned checked = 0;

	for (guint i = 0; i < p.waits->len; i++) {
		const struct fb_blocking *b = &g_array_index(p.waits, struct fb_blocking, i);

		if (b->begin == FB_NS_NONE || b->end == FB_NS_NONE || b->wake == FB_NS_NONE)
			continue;
		check_wait(&p, b, &problems);
		checked++;
	}
	assert_int_not_equal(checked, 0);
	problems_finish(&problems);
	played_clear(&p);
}

int main(void)
{
	return recorded_run("the_paths_tile_their_spans_in", NULL, the_paths_tile_their_spans_in) +
	       recorded_run("the_path_of_each_wait_is_the_wait_in", loses_nothing,
			    the_path_of_each_wait_is_the_wait_in);
}
