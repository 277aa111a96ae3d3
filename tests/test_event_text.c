/* SPDX-License-Identifier: MIT */
/* test_event_text.c - events in, lines of dump out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <flightbox/dump.h>

static void assert_line(struct fb_source *source, struct fb_event ev, const char *expected)
{
	GString *line = g_string_new(NULL);

	fb_event_text(line, source, &ev);
	assert_string_equal(line->str, expected);
	g_string_free(line, TRUE);
}

static void a_record_alone_has_its_own_fields(void **state)
{
	static const uint8_t bytes[32] = "swapper/1\0......nc 2";

	(void)state;
	assert_line(NULL,
		    (struct fb_event){ .time = 95776123456, .cpu = 1, .kind = FB_EV_SWITCH,
				       .ref = bytes, .flags = FB_COMM16, .text = 16,
				       .sched_switch = { .prev_comm = 0, .next_tid = 504 } },
		    "95776123456 1 sched_switch prev_comm=swapper/1 prev_tid=0 prev_state=0 "
		    "next_comm=\"nc 2\" next_tid=504");
	assert_line(NULL,
		    (struct fb_event){ .time = -5, .kind = FB_EV_HRTIMER_ENTER, .text = FB_NO_TEXT,
				       .timer = { 0xff1100007d9235c0, 0xffffffff81168830 } },
		    "-5 0 timer_hrtimer_expire_entry hrtimer=0xff1100007d9235c0 "
		    "function=0xffffffff81168830");
	assert_line(NULL,
		    (struct fb_event){ .time = 1, .kind = FB_EV_BLOCK_COMPLETE,
				       .block = { .dev = UINT32_MAX, .sector = UINT64_MAX } },
		    "1 0 block_rq_complete dev=4294967295 sector=18446744073709551615");
}

/* Of every size that a field of the record has, signed and not. */
static void numbers_are_read_as_wide_as_they_are(void **state)
{
	static const struct fb_event state_of_task = {
		.kind = FB_EV_TASK_STATE,
		.task_state = { .tid = -2, .type = -1, .status = 5, .ns_level = -300 },
	};
	static const struct fb_event returned = { .kind = FB_EV_SYS_EXIT,
						  .sys_exit.ret = INT64_MIN };
	static const struct fb_event issue = { .kind = FB_EV_BLOCK_ISSUE,
					       .block.dev = UINT32_MAX };
	const struct fb_field *fields = fb_kinds[FB_EV_TASK_STATE].fields;

	(void)state;
	assert_int_equal(fb_event_number(&state_of_task, &fields[0]), -2);
	assert_int_equal(fb_event_number(&state_of_task, &fields[4]), -1);
	assert_int_equal(fb_event_number(&state_of_task, &fields[5]), 5);
	assert_int_equal(fb_event_number(&state_of_task, &fields[6]), -300);
	assert_true(fb_event_number(&returned, fb_kinds[FB_EV_SYS_EXIT].fields) == INT64_MIN);
	assert_true(fb_event_number(&issue, fb_kinds[FB_EV_BLOCK_ISSUE].fields) == UINT32_MAX);
}

static void a_text_that_was_not_recorded_is_left_out(void **state)
{
	(void)state;
	assert_line(NULL,
		    (struct fb_event){ .time = 1, .kind = FB_EV_WAKING, .text = FB_NO_TEXT,
				       .sched = { 10, 1, 1 } },
		    "1 0 sched_waking tid=10 target_cpu=1 success=1");
}

static void system_calls_have_their_name_in_the_events(void **state)
{
	(void)state;
	assert_line(NULL,
		    (struct fb_event){ .time = 1, .kind = FB_EV_SYS_ENTER,
				       .sys_enter = { .call = fb_syscall_get("read"), .nr = -1, .fd = 3 } },
		    "1 0 syscall_entry_read fd=3");
	assert_line(NULL,
		    (struct fb_event){ .time = 1, .kind = FB_EV_SYS_ENTER, .flags = FB_BY_NUMBER,
				       .sys_enter = { .call = fb_syscall_get("statx"), .nr = 332, .fd = -1 } },
		    "1 0 syscall_entry_statx id=332");
	assert_line(NULL,
		    (struct fb_event){ .time = 1, .kind = FB_EV_SYS_ENTER, .flags = FB_BY_NUMBER,
				       .sys_enter = { .nr = 9999, .fd = -1 } },
		    "1 0 syscall_entry_unknown id=9999");
	assert_line(NULL,
		    (struct fb_event){ .time = 1, .kind = FB_EV_SYS_EXIT, .flags = FB_COMPAT,
				       .sys_exit = { .call = fb_syscall_get("execve"), .ret = -2 } },
		    "1 0 compat_syscall_exit_execve ret=-2");
	assert_line(NULL,
		    (struct fb_event){ .time = 1, .kind = FB_EV_VEC_EXIT,
				       .vec = { .name = "local_timer", .number = 236 } },
		    "1 0 x86_irq_vectors_local_timer_exit vector=236");
}

static void a_loss_is_an_event(void **state)
{
	(void)state;
	assert_line(NULL,
		    (struct fb_event){ .time = 1, .cpu = 3, .kind = FB_EV_LOST,
				       .lost = { .until = 9, .count = 1042 } },
		    "1 3 lost until=9 count=1042 packets=0");
	assert_line(NULL,
		    (struct fb_event){ .time = 1, .kind = FB_EV_LOST, .flags = FB_LOST_PACKETS,
				       .lost = { .until = 9, .count = 2 } },
		    "1 0 lost until=9 count=2 packets=1");
}

static void assert_quoted(const char *text, size_t length, const char *expected)
{
	GString *quoted = g_string_new(NULL);

	fb_event_text_quote(quoted, text, length);
	assert_string_equal(quoted->str, expected);
	g_string_free(quoted, TRUE);
}

static void texts_are_quoted_where_they_must(void **state)
{
	(void)state;
	assert_quoted("virtio0-req.0", 13, "virtio0-req.0");
	assert_quoted("/usr/bin/c++:@_", 15, "/usr/bin/c++:@_");
	assert_quoted("", 0, "\"\"");
	assert_quoted("a b", 3, "\"a b\"");
	assert_quoted("a=\"\\\n", 5, "\"a=\\\"\\\\\\012\"");
	assert_quoted("\xc3\xa9\x7f", 3, "\"\\303\\251\\177\"");
	assert_quoted("a\0001", 3, "\"a\\0001\"");
}

/* A source that recorded only the tid of a waking, and its prio. */
static bool only_tid_and_prio(struct fb_source *source, const struct fb_event *ev, int field,
			      struct fb_value *value)
{
	const char *name = field < FB_FIELDS_MAX ? fb_kinds[ev->kind].fields[field].name : "context";

	(void)source;
	*value = (struct fb_value){ .number = 20 };
	return !strcmp(name, "tid") || !strcmp(name, "prio") || field == FB_EXTRA_CONTEXT_TID;
}

static void a_source_tells_which_fields_were_recorded(void **state)
{
	static const struct fb_source_ops ops = { .field = only_tid_and_prio };
	struct fb_source source = { .ops = &ops, .info = { .fields = FB_HAS_CONTEXT_TID } };

	(void)state;
	assert_line(&source,
		    (struct fb_event){ .time = 1, .kind = FB_EV_WAKING, .text = FB_NO_TEXT,
				       .sched = { 10, 1, 1 } },
		    "1 0 sched_waking tid=10 prio=20 context_tid=20");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_alone_has_its_own_fields),
		cmocka_unit_test(numbers_are_read_as_wide_as_they_are),
		cmocka_unit_test(a_text_that_was_not_recorded_is_left_out),
		cmocka_unit_test(system_calls_have_their_name_in_the_events),
		cmocka_unit_test(a_loss_is_an_event),
		cmocka_unit_test(texts_are_quoted_where_they_must),
		cmocka_unit_test(a_source_tells_which_fields_were_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
