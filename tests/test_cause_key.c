/* SPDX-License-Identifier: MIT */
/* test_cause_key.c - which causes count as one, in full, by call and by name. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyses/shared/cause-name.h"

/* Interned texts are compared by their addresses. */
static const char write_call[] = "write", futex_call[] = "futex", server_comm[] = "server";

static const struct fb_task server = { .tid = 1234, .comm = server_comm };
static const struct fb_task twin = { .tid = 1235, .comm = server_comm };
static const struct fb_task worker = { .tid = 9, .comm = "worker" };

#define CAUSE(...) ((struct fb_cause){ __VA_ARGS__ })
#define BY(who, ...) \
	CAUSE(.kind = FB_CAUSE_TASK, .task = &(who), .comm = (who).comm, __VA_ARGS__)

enum sameness {
	IN_FULL = 1,
	BY_CALL = 2,
	BY_NAME = 4,
};

static bool is_same(struct cause_key (*key_of)(const struct fb_cause *), const struct fb_cause *a,
		    const struct fb_cause *b)
{
	const struct cause_key x = key_of(a), y = key_of(b);

	return !memcmp(&x, &y, sizeof(x));
}

static void assert_same(struct fb_cause a, struct fb_cause b, unsigned expected)
{
	unsigned same = (is_same(cause_key_of, &a, &b) ? IN_FULL : 0) |
			(is_same(cause_key_by_call, &a, &b) ? BY_CALL : 0) |
			(is_same(cause_key_by_name, &a, &b) ? BY_NAME : 0);

	assert_int_equal(same, expected);
}

static void keys_have_no_padding(void **state)
{
	const struct cause_key key;

	(void)state;
	assert_int_equal(sizeof(key), 4 * sizeof(void *) + sizeof(key.task) + sizeof(key.function) +
					      sizeof(key.id) + sizeof(key.via_id) + 3 +
					      sizeof(key.nothing));
	assert_int_equal(sizeof(key) % 8, 0);
}

static void wakers_differ_by_who_or_by_what(void **state)
{
	(void)state;
	assert_same(BY(server, .syscall = write_call), BY(server, .syscall = write_call),
		    IN_FULL | BY_CALL | BY_NAME);
	assert_same(BY(server, .syscall = write_call), BY(twin, .syscall = write_call),
		    BY_CALL | BY_NAME);
	assert_same(BY(server, .syscall = write_call), BY(worker, .syscall = write_call), BY_CALL);
	assert_same(BY(server, .syscall = write_call), BY(server, .syscall = futex_call), BY_NAME);
	assert_same(BY(server), BY(server, .function = 0xabc), BY_NAME);
	assert_same(BY(server), CAUSE(.kind = FB_CAUSE_TASK), BY_CALL);
}

/* Where the waking was logged and what raised a softirq is told elsewhere. */
static void what_no_word_tells_makes_no_difference(void **state)
{
	(void)state;
	assert_same(BY(server, .cpu = 1), BY(server, .cpu = 2, .early = true, .is_block = true),
		    IN_FULL | BY_CALL | BY_NAME);
	assert_same(CAUSE(.kind = FB_CAUSE_SOFTIRQ, .id = 3),
		    CAUSE(.kind = FB_CAUSE_SOFTIRQ, .id = 3, .origin = { .kind = FB_ORIGIN_IRQ }),
		    IN_FULL | BY_CALL | BY_NAME);
}

static void interrupts_differ_by_number_but_not_from_run_to_run(void **state)
{
	(void)state;
	assert_same(CAUSE(.kind = FB_CAUSE_IRQ, .id = 5), CAUSE(.kind = FB_CAUSE_IRQ, .id = 6),
		    BY_NAME);
	assert_same(CAUSE(.kind = FB_CAUSE_IRQ, .name = write_call),
		    CAUSE(.kind = FB_CAUSE_IRQ, .name = futex_call), 0);
	assert_same(CAUSE(.kind = FB_CAUSE_HRTIMER, .function = 1),
		    CAUSE(.kind = FB_CAUSE_HRTIMER, .function = 2), 0);
	/* Only where it ran inside of a call is that call the cause. */
	assert_same(CAUSE(.kind = FB_CAUSE_SOFTIRQ, .syscall = write_call),
		    CAUSE(.kind = FB_CAUSE_SOFTIRQ, .syscall = futex_call), BY_CALL | BY_NAME);
#define INLINE .kind = FB_CAUSE_SOFTIRQ, .is_inline = true
	assert_same(CAUSE(INLINE, .syscall = write_call), CAUSE(INLINE, .syscall = futex_call),
		    BY_NAME);
#undef INLINE
}

static void signals_differ_by_their_number_and_by_what_sent_them(void **state)
{
	(void)state;
#define SIGNAL(n) .via = FB_VIA_SIGNAL, .via_id = (n)
	assert_same(BY(server, SIGNAL(10)), BY(server, SIGNAL(12)), 0);
	assert_same(BY(server, SIGNAL(10)), BY(worker, SIGNAL(10)), BY_CALL);
	assert_same(CAUSE(.kind = FB_CAUSE_IRQ, .id = 5, SIGNAL(29)),
		    CAUSE(.kind = FB_CAUSE_IRQ, .id = 6, SIGNAL(29)), BY_NAME);
#undef SIGNAL
}

static void children_count_by_what_they_did(void **state)
{
	(void)state;
#define EXIT(n, ...) .via = FB_VIA_CHILD_EXIT, .via_id = (n), __VA_ARGS__
	assert_same(BY(server, EXIT(1234, .child = &server)), BY(twin, EXIT(1235, .child = &twin)),
		    BY_CALL | BY_NAME);
	assert_same(BY(server, EXIT(1234, .child = &server)), BY(worker, EXIT(9, .child = &worker)),
		    BY_CALL);
	/* Whoever told of it is not who ended. */
	assert_same(BY(server, EXIT(1)), BY(worker, EXIT(1)), BY_CALL | BY_NAME);
	assert_same(BY(server, EXIT(1)), CAUSE(.kind = FB_CAUSE_SOFTIRQ, EXIT(1)),
		    BY_CALL | BY_NAME);
	assert_same(BY(server, EXIT(9)), BY(server, EXIT(9, .child = &worker)), BY_CALL);
	assert_same(BY(server, EXIT(1)), BY(server, .via = FB_VIA_CHILD_STOP, .via_id = 1), 0);
#undef EXIT
}

static void assert_name(struct fb_cause cause, const char *expected)
{
	const struct fb_source_info info = { .begin = FB_NS_NONE, .end = FB_NS_NONE };
	const struct fb_report_options options = { .fd = open("/dev/null", O_WRONLY),
						   .plain = true };
	const struct cause_key key = cause_key_by_call(&cause);
	struct fb_report *report = fb_report_new(&options, &info);
	GString *text = g_string_new(NULL);

	cause_key_name(report, &key, text);
	assert_string_equal(text->str, expected);
	g_string_free(text, TRUE);
	fb_report_free(report);
	close(options.fd);
}

static void the_number_behind_a_signal_is_that_of_what_sent_it(void **state)
{
	(void)state;
	assert_name(CAUSE(.kind = FB_CAUSE_IRQ, .id = 5, .via = FB_VIA_SIGNAL, .via_id = 29),
		    "SIGNAL SIGIO by IRQ 5");
	assert_name(CAUSE(.kind = FB_CAUSE_SOFTIRQ, .id = 12, .via = FB_VIA_SIGNAL, .via_id = 14),
		    "SIGNAL SIGALRM by SOFTIRQ 12");
	assert_name(BY(server, .syscall = write_call, .via = FB_VIA_SIGNAL, .via_id = 13),
		    "SIGNAL SIGPIPE by TASK in sys_write");
	assert_name(CAUSE(.kind = FB_CAUSE_IRQ, .id = 5), "IRQ 5");
	assert_name(BY(server, .via = FB_VIA_CHILD_EXIT, .via_id = 1234), "CHILD EXIT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_have_no_padding),
		cmocka_unit_test(wakers_differ_by_who_or_by_what),
		cmocka_unit_test(what_no_word_tells_makes_no_difference),
		cmocka_unit_test(interrupts_differ_by_number_but_not_from_run_to_run),
		cmocka_unit_test(signals_differ_by_their_number_and_by_what_sent_them),
		cmocka_unit_test(children_count_by_what_they_did),
		cmocka_unit_test(the_number_behind_a_signal_is_that_of_what_sent_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
