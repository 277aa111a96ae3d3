/* SPDX-License-Identifier: MIT */
/*
 * test_pipeline.c - however many threads read a trace, and through however small
 * windows, the same events come out; and what may be left out is what may be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctf/read/trace.h"
#include "traces.h"

/* An event that outlives its batch. */
struct kept {
	struct fb_event event;
	char text[16]; /* the begin of the kind's text */
};

static struct fb_source *open_with(const struct recorded *trace, bool condenses, unsigned jobs,
				   size_t window)
{
	const struct fb_source_options options = {
		.kinds = FB_KINDS_ALL, .begin = FB_NS_NONE, .end = FB_NS_NONE,
		.condenses = condenses, .jobs = jobs,
	};
	g_autofree char *path = recorded_path(trace, trace->trace);
	const char *paths[] = { path };
	GError *error = NULL;
	struct fb_source *source = fb_source_native.open(paths, 1, &options, &error);

	if (!source)
		fail_msg("%s", error->message);
	reader_of(source)->shared.windows.bytes = window;
	return source;
}

static void keep(GArray *events, const struct fb_event *ev)
{
	struct kept kept = { .event = *ev };
	size_t length;

	if (ev->text != FB_NO_TEXT) {
		const char *text = fb_event_text_at(ev, ev->text, &length);

		memcpy(kept.text, text, MIN(length, sizeof(kept.text)));
	}
	kept.event.ref = NULL;
	g_array_append_val(events, kept);
}

static bool keep_batch(GArray *events, struct fb_source *source, fb_ns from)
{
	struct fb_batch batch;

	assert_true(fb_source_next(source, &batch, NULL));
	for (size_t i = 0; i < batch.n; i++)
		if (batch.events[i].time >= from)
			keep(events, &batch.events[i]);
	return batch.n;
}

static GArray *read_all(struct fb_source *source)
{
	GArray *events = g_array_new(FALSE, FALSE, sizeof(struct kept));

	while (keep_batch(events, source, INT64_MIN))
		;
	return events;
}

static void assert_same(const GArray *a, const GArray *b)
{
	assert_int_equal(a->len, b->len);
	for (guint i = 0; i < a->len; i++)
		if (memcmp(&g_array_index(a, struct kept, i), &g_array_index(b, struct kept, i),
			   sizeof(struct kept)))
			fail_msg("event %u of %u differs", i, a->len);
}

static void threads_and_windows_change_nothing(void **state)
{
	static const struct {
		unsigned jobs;
		size_t window;
	} ways[] = { { 1, 4096 }, { 2, 0 }, { 2, 4096 }, { 3, 20480 }, { 8, 8192 } };
	const struct recorded *trace = *state;
	struct fb_source *plain = open_with(trace, false, 0, 0);
	g_autoptr(GArray) expected = read_all(plain);

	assert_true(expected->len > 1000);
	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
		struct fb_source *source = open_with(trace, false, ways[i].jobs, ways[i].window);
		g_autoptr(GArray) events = read_all(source);

		assert_same(events, expected);
		assert_int_equal(source->info.events, plain->info.events);
		assert_int_equal(source->info.problem_count, plain->info.problem_count);
		assert_int_equal(source->info.losses->len, plain->info.losses->len);
		fb_source_close(source);
	}
	fb_source_close(plain);
}

static bool is_call(const struct kept *k)
{
	return k->event.kind == FB_EV_SYS_ENTER || k->event.kind == FB_EV_SYS_EXIT;
}

/* Of each CPU: what `few` lacks stands in `all` in a row of system calls, between two that it has. */
static void assert_condensed(const GArray *few, const GArray *all, unsigned cpu)
{
	const struct kept *at = (const struct kept *)few->data, *end = at + few->len;
	bool is_behind_call = false, is_missing = false;

	for (guint i = 0; i < all->len; i++) {
		const struct kept *k = &g_array_index(all, struct kept, i);

		if (k->event.cpu != cpu)
			continue;
		while (at < end && at->event.cpu != cpu)
			at++;
		if (at < end && !memcmp(at, k, sizeof(*k))) {
			if (is_missing)
				assert_true(is_call(k));
			is_behind_call = is_call(k);
			is_missing = false;
			at++;
			continue;
		}
		is_missing = true;
		assert_true(is_behind_call && is_call(k));
	}
	assert_false(is_missing);
}

static void only_calls_between_two_are_left_out(void **state)
{
	const struct recorded *trace = *state;
	struct fb_source *plain = open_with(trace, false, 1, 0);
	g_autoptr(GArray) all = read_all(plain);

	for (unsigned jobs = 1; jobs <= 4; jobs += 3) {
		struct fb_source *source = open_with(trace, true, jobs, 0);
		g_autoptr(GArray) few = read_all(source);

		for (int cpu = 0; cpu < plain->info.cpus; cpu++)
			assert_condensed(few, all, cpu);
		assert_int_equal(source->info.events, plain->info.events);
		/* Something is left out of every trace but those that cannot be, or have no calls. */
		if (reader_of(source)->shared.condenses &&
		    plain->info.kinds & FB_KIND_BIT(FB_EV_SYS_EXIT))
			assert_true(few->len < all->len);
		else
			assert_int_equal(few->len, all->len);
		fb_source_close(source);
	}
	fb_source_close(plain);
}

static void a_skip_leaves_out_nothing_that_is_wanted(void **state)
{
	const struct recorded *trace = *state;
	struct fb_source *plain = open_with(trace, false, 1, 0);
	g_autoptr(GArray) all = read_all(plain), tail, few;
	fb_ns begin = g_array_index(all, struct kept, 0).event.time;
	fb_ns until = begin + (g_array_index(all, struct kept, all->len - 1).event.time - begin) / 2;

	tail = g_array_new(FALSE, FALSE, sizeof(struct kept));
	few = g_array_new(FALSE, FALSE, sizeof(struct kept));
	for (guint i = 0; i < all->len; i++) {
		const struct kept *k = &g_array_index(all, struct kept, i);

		if (k->event.time >= until)
			g_array_append_val(tail, *k);
	}
	fb_source_close(plain);
	plain = open_with(trace, false, 3, 4096);
	keep_batch(few, plain, until);
	fb_source_skip(plain, until);
	g_array_set_size(few, 0);
	while (keep_batch(few, plain, until))
		;
	assert_same(few, tail);
	/* What was handed out already does not come again. */
	fb_source_skip(plain, until);
	assert_false(keep_batch(few, plain, INT64_MIN));
	fb_source_close(plain);
}

int main(void)
{
	return recorded_run("threads_and_windows_change_nothing", NULL,
			    threads_and_windows_change_nothing) +
	       recorded_run("only_calls_between_two_are_left_out", NULL,
			    only_calls_between_two_are_left_out) +
	       recorded_run("a_skip_leaves_out_nothing_that_is_wanted", NULL,
			    a_skip_leaves_out_nothing_that_is_wanted);
}
