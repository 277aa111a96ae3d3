/* SPDX-License-Identifier: MIT */
/* test_history.c - a history that there is no room for: what is dropped, and that it is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib.h>

#include "path_text.h"

enum { CALLS = 1000000 }; /* a record each: 16 MB */

static const struct fb_task sleeper = { .tid = 10, .number = 0 };
static const struct fb_task worker = { .tid = 20, .number = 1 };

struct small {
	struct fb_history *history;
	const struct fb_observer_ops *tell;
	unsigned asked;
	bool was_full;
	fb_ns needed;
};

static fb_ns needed_since(void *data, fb_ns until, bool is_full)
{
	struct small *s = data;
	fb_ns begin, end;

	s->was_full |= is_full;
	assert_true(until > 0);

	/* This is the moment to ask for what will be dropped: the last chunk is still there. */
	assert_true(fb_history_life(s->history, &worker, &begin, &end));
	put_path(s->history, &worker, end - 1000, end, NULL);
	assert_int_equal(fb_history_counts(s->history)->unknown[FB_UNKNOWN_DROPPED], 0);
	s->asked++;
	return s->needed;
}

/* From 2 on the sleeper sleeps in poll; the worker enters and leaves calls, and wakes it. */
static void sleep_long(struct small *s, const struct fb_history_options *options)
{
	const struct fb_cause cause = { .kind = FB_CAUSE_TASK, .task = &worker, .id = -1 };
	fb_ns now = 2;

	s->history = fb_history_new(options);
	s->tell = fb_history_observer(s->history).ops;
	s->tell->run(s->history, &sleeper, 1);
	s->tell->syscall(s->history, &sleeper, fb_syscall_get("poll"), true, 1);
	s->tell->leave(s->history, &sleeper, 'S', now);
	s->tell->run(s->history, &worker, now);
	for (int i = 0; i < CALLS; i++) {
		s->tell->syscall(s->history, &worker, fb_syscall_get("getpid"), true, now += 1000);
		s->tell->syscall(s->history, &worker, fb_syscall_get("getpid"), false, now += 1000);
	}
	s->tell->wake(s->history, &sleeper, &cause, now);
	s->tell->run(s->history, &sleeper, now + 5);
}

static char *path_of_end(struct small *s, fb_ns from)
{
	GString *to = g_string_new(NULL);
	fb_ns begin, end;

	assert_true(fb_history_life(s->history, &sleeper, &begin, &end));
	put_path(s->history, &sleeper, from, end, to);
	return g_string_free(to, FALSE);
}

static void what_there_is_no_room_for_is_dropped_and_said(void **state)
{
	struct small s = { .needed = INT64_MIN };
	const struct fb_history_options options = { .size = 7 << 20, .needed_since = needed_since,
						    .data = &s };
	const struct fb_history_counts *counts;
	g_autofree char *path = NULL, *expected = NULL;

	(void)state;
	sleep_long(&s, &options);
	counts = fb_history_counts(s.history);
	assert_true(counts->size <= options.size);
	assert_int_equal(counts->records, CALLS + 6);
	assert_true(counts->dropped > CALLS / 2 && counts->dropped < counts->records);
	assert_int_not_equal(s.asked, 0);
	assert_true(s.was_full);
	/* It slept all along, that is known; but what for is known from `since` on alone. */
	path = path_of_end(&s, 2);
	expected = g_strdup_printf("2..%" G_GINT64_FORMAT " 10 unknown:dropped poll\n"
				   "%" G_GINT64_FORMAT "..", counts->since, counts->since);
	assert_true(g_str_has_prefix(path, expected));
	assert_non_null(strstr(path, " 10 waits poll\n"));
	assert_int_equal(counts->unknown[FB_UNKNOWN_DROPPED], 1);
	fb_history_free(s.history);
}

static void what_nobody_needs_is_dropped_without_a_word(void **state)
{
	struct small s = { .needed = INT64_MAX };
	const struct fb_history_options options = { .needed_since = needed_since, .data = &s };
	const struct fb_history_counts *counts;

	(void)state;
	sleep_long(&s, &options);
	counts = fb_history_counts(s.history);
	assert_true(counts->size <= 7 << 20);
	assert_int_equal(counts->dropped, 0);
	fb_history_free(s.history);
}

static void what_fits_is_kept(void **state)
{
	struct small s = { .needed = INT64_MIN };
	const struct fb_history_options options = { .needed_since = needed_since, .data = &s };
	const struct fb_history_counts *counts;
	g_autofree char *path = NULL;

	(void)state;
	sleep_long(&s, &options);
	counts = fb_history_counts(s.history);
	assert_int_equal(counts->since, FB_NS_NONE);
	path = path_of_end(&s, 1);
	assert_true(g_str_has_prefix(path, "1..2 10 running poll\n2..2000000002 10 waits poll\n"
					   "  2..1002 20 running -\n"));
	assert_int_equal(counts->unknown[FB_UNKNOWN_DROPPED], 0);
	fb_history_free(s.history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_there_is_no_room_for_is_dropped_and_said),
		cmocka_unit_test(what_nobody_needs_is_dropped_without_a_word),
		cmocka_unit_test(what_fits_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
