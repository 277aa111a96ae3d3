/* SPDX-License-Identifier: MIT */
/* test_wakeup_texts.c - words put together once are those of the wait that asks for them. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyses/shared/wakeup-texts.h"

struct fixture {
	struct fb_report_options options;
	struct fb_source_info info;
	struct fb_report *report;
	struct wakeup_texts *texts;
};

static struct fb_task client = { .tid = 9 }, server = { .tid = 1234, .comm = "server" },
		      other = { .tid = 1235, .comm = "server" };

static int set_up(void **state)
{
	struct fixture *f = g_new0(struct fixture, 1);

	f->options = (struct fb_report_options){ .fd = open("/dev/null", O_WRONLY), .plain = true };
	f->info = (struct fb_source_info){ .begin = FB_NS_NONE, .end = FB_NS_NONE };
	f->report = fb_report_new(&f->options, &f->info);
	f->texts = wakeup_texts_new(f->report);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	wakeup_texts_free(f->texts);
	fb_report_free(f->report);
	close(f->options.fd);
	g_free(f);
	return 0;
}

static void assert_own_words(struct fixture *f, const struct fb_blocking *b)
{
	GString *expected = g_string_new(NULL);

	fb_report_wakeup(f->report, b, expected);
	assert_string_equal(wakeup_texts_get(f->texts, b), expected->str);
	g_string_free(expected, TRUE);
}

#define WAIT(...) { .task = &client, __VA_ARGS__ }
#define BY_SERVER .kind = FB_CAUSE_TASK, .task = &server, .comm = "server", .syscall = "write"

/* Neighbours differ in one thing, which makes a difference in words. */
static void waits_that_differ_in_one_thing_have_words_of_their_own(void **state)
{
	static const struct fb_blocking waits[] = {
		WAIT(.cause = { BY_SERVER }),
		WAIT(.cause = { BY_SERVER }, .quality = FB_QUALITY_INFERRED),
		WAIT(.cause = { BY_SERVER }, .quality = FB_QUALITY_LOST),
		WAIT(.cause = { BY_SERVER, .function = 0xf00 }),
		WAIT(.cause = { BY_SERVER, .function = 0xf01 }),
		WAIT(.cause = { .kind = FB_CAUSE_TASK, .task = &server, .syscall = "read" }),
		WAIT(.cause = { .kind = FB_CAUSE_TASK, .task = &other, .syscall = "read" }),
		WAIT(.cause = { .kind = FB_CAUSE_TASK, .syscall = "read" }),
		WAIT(.cause = { .kind = FB_CAUSE_UNTRACED, .syscall = "read" }),
		WAIT(.cause = { BY_SERVER, .via = FB_VIA_SIGNAL, .via_id = 10 }),
		WAIT(.cause = { BY_SERVER, .via = FB_VIA_SIGNAL, .via_id = 12 }),
		WAIT(.cause = { BY_SERVER, .via = FB_VIA_CHILD_EXIT, .via_id = 12 }),
		WAIT(.cause = { BY_SERVER, .via = FB_VIA_CHILD_STOP, .via_id = 12 }),
		WAIT(.cause = { .kind = FB_CAUSE_IRQ, .id = 27, .name = "eth0" }),
		WAIT(.cause = { .kind = FB_CAUSE_IRQ, .id = 28, .name = "eth0" }),
		WAIT(.cause = { .kind = FB_CAUSE_IRQ, .id = 28, .name = "eth1" }),
		WAIT(.cause = { .kind = FB_CAUSE_SOFTIRQ, .id = 3, .name = "NET_RX", .task = &server }),
		WAIT(.cause = { .kind = FB_CAUSE_SOFTIRQ, .id = 3, .name = "NET_RX", .task = &server,
				.is_inline = true }),
		WAIT(.quality = FB_QUALITY_EDGE, .wake = FB_NS_NONE, .end = FB_NS_NONE),
		WAIT(.quality = FB_QUALITY_EDGE, .wake = FB_NS_NONE, .end = 7),
	};

	struct fixture *f = *state;

	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < G_N_ELEMENTS(waits); i++) {
			assert_own_words(f, &waits[i]);
			if (i)
				assert_ptr_not_equal(wakeup_texts_get(f->texts, &waits[i]),
						     wakeup_texts_get(f->texts, &waits[i - 1]));
		}
}

/* Texts are remembered in some hundred places: of so many pairs, some fall on the same one. */
static void more_causes_than_are_remembered_have_words_of_their_own(void **state)
{
	static struct fb_task wakers[10000];
	static char names[G_N_ELEMENTS(wakers)][16];

	for (int i = 0; i < (int)G_N_ELEMENTS(wakers); i++) {
		const struct fb_blocking waits[] = {
			WAIT(.cause = { .kind = FB_CAUSE_HRTIMER, .function = i + 1 }),
			WAIT(.cause = { .kind = FB_CAUSE_TASK, .function = i + 1 }),
			WAIT(.cause = { .kind = FB_CAUSE_TASK, .function = i + 1, .via = FB_VIA_SIGNAL }),
			WAIT(.cause = { .kind = FB_CAUSE_TASK, .syscall = names[i], .task = &server }),
			WAIT(.cause = { .kind = FB_CAUSE_TASK, .syscall = names[i], .task = &other }),
			WAIT(.cause = { .kind = FB_CAUSE_TASK, .task = &wakers[i] }),
			WAIT(.cause = { .kind = FB_CAUSE_IRQ, .id = i }),
			WAIT(.cause = { .kind = FB_CAUSE_IRQ, .id = i, .name = names[i] }),
		};

		snprintf(names[i], sizeof(names[i]), "name%d", i);
		wakers[i] = (struct fb_task){ .tid = i + 1, .comm = "waker" };
		for (size_t k = 0; k < G_N_ELEMENTS(waits); k++)
			assert_own_words(*state, &waits[k]);
	}
}

static void a_waker_has_the_name_that_it_had_then(void **state)
{
	struct fixture *f = *state;
	struct fb_task waker = { .tid = 8, .comm = "ls" };
	struct fb_blocking b = WAIT(.cause = { .kind = FB_CAUSE_TASK, .task = &waker,
					       .comm = "bash" });

	assert_string_equal(wakeup_texts_get(f->texts, &b), "TASK bash [8]");
	b.cause.comm = "ls";
	assert_string_equal(wakeup_texts_get(f->texts, &b), "TASK ls [8]");
}

static void equal_words_are_one_text(void **state)
{
	struct fixture *f = *state;
	const struct fb_blocking a = WAIT(.cause = { .kind = FB_CAUSE_UNTRACED, .id = 1 });
	const struct fb_blocking b = WAIT(.cause = { .kind = FB_CAUSE_UNTRACED, .id = 2 });

	assert_ptr_equal(wakeup_texts_get(f->texts, &a), wakeup_texts_get(f->texts, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			waits_that_differ_in_one_thing_have_words_of_their_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			more_causes_than_are_remembered_have_words_of_their_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_waker_has_the_name_that_it_had_then, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(equal_words_are_one_text, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
