/* SPDX-License-Identifier: MIT */
/* test_wakeup.c - causes in, words out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include <flightbox/report.h>

static const struct fb_task bash = { .tid = 33, .comm = "bash" };
static const struct fb_task server = { .tid = 1234, .comm = "server" };
static const struct fb_task child = { .tid = 77, .comm = "sh" };
static const struct fb_task nameless = { .tid = 9 };

static void assert_wait(const struct fb_blocking *b, const char *expected)
{
	const struct fb_source_info info = { .begin = FB_NS_NONE, .end = FB_NS_NONE };
	const struct fb_report_options options = { .fd = open("/dev/null", O_WRONLY), .plain = true };
	struct fb_report *report = fb_report_new(&options, &info);
	GString *text = g_string_new(NULL);

	fb_report_wakeup(report, b, text);
	assert_string_equal(text->str, expected);
	g_string_free(text, TRUE);
	fb_report_free(report);
	close(options.fd);
}

static void assert_wakeup(struct fb_cause cause, enum fb_quality quality, const char *expected)
{
	struct fb_blocking b = { .task = &nameless, .quality = quality, .cause = cause };

	b.cause.comm = cause.task ? cause.task->comm : NULL;
	assert_wait(&b, expected);
}

#define assert_words(expected, ...) \
	assert_wakeup((struct fb_cause){ __VA_ARGS__ }, FB_QUALITY_EXACT, expected)

static void interrupts_have_names_and_numbers(void **state)
{
	(void)state;
	assert_words("SOFTIRQ NET_RX", .kind = FB_CAUSE_SOFTIRQ, .id = 3, .name = "NET_RX");
	assert_words("SOFTIRQ 12", .kind = FB_CAUSE_SOFTIRQ, .id = 12);
	assert_words("IRQ 27 virtio0-req.0", .kind = FB_CAUSE_IRQ, .id = 27, .name = "virtio0-req.0");
	assert_words("IRQ 27", .kind = FB_CAUSE_IRQ, .id = 27);
	assert_words("IPI call_function_single", .kind = FB_CAUSE_IPI, .id = 251,
		     .name = "call_function_single");
	assert_words("IPI", .kind = FB_CAUSE_IPI, .id = -1);
	assert_words("UNTRACED INTERRUPT", .kind = FB_CAUSE_UNTRACED);
	assert_words("?", .kind = FB_CAUSE_UNKNOWN);
}

static void an_interrupted_task_is_not_named(void **state)
{
	(void)state;
	assert_words("SOFTIRQ NET_RX", .kind = FB_CAUSE_SOFTIRQ, .name = "NET_RX", .task = &server);
}

static void a_softirq_inline_names_its_sender(void **state)
{
	(void)state;
	assert_words("SOFTIRQ NET_RX by server [1234] in sys_sendto", .kind = FB_CAUSE_SOFTIRQ,
		     .name = "NET_RX", .is_inline = true, .task = &server, .syscall = "sendto");
	assert_words("SOFTIRQ OVERLOAD", .kind = FB_CAUSE_TASK, .task = &server,
		     .via = FB_VIA_SOFTIRQ_OVERLOAD);
}

static void timers_are_addresses_without_symbols(void **state)
{
	(void)state;
	assert_words("TIMER 0xffffffff81168830", .kind = FB_CAUSE_HRTIMER,
		     .function = 0xffffffff81168830);
	assert_words("TIMER local_timer", .kind = FB_CAUSE_TIMER, .name = "local_timer");
	assert_words("TIMER", .kind = FB_CAUSE_TIMER);
}

static void tasks_are_named_with_their_system_call(void **state)
{
	(void)state;
	assert_words("TASK server [1234] in sys_futex", .kind = FB_CAUSE_TASK, .task = &server,
		     .syscall = "futex");
	assert_words("TASK [9]", .kind = FB_CAUSE_TASK, .task = &nameless);
	assert_words("TASK ?", .kind = FB_CAUSE_TASK);
	assert_words("TASK server [1234] work 0xabc", .kind = FB_CAUSE_TASK, .task = &server,
		     .function = 0xabc);
}

static void signals_tell_who_sent_them(void **state)
{
	(void)state;
	assert_words("SIGNAL SIGUSR1 by bash [33] in sys_kill", .kind = FB_CAUSE_TASK, .task = &bash,
		     .syscall = "kill", .via = FB_VIA_SIGNAL, .via_id = 10);
	assert_words("SIGNAL SIGALRM by TIMER 0xabc", .kind = FB_CAUSE_HRTIMER, .function = 0xabc,
		     .via = FB_VIA_SIGNAL, .via_id = 14);
	assert_words("SIGNAL SIGIO by SOFTIRQ NET_RX", .kind = FB_CAUSE_SOFTIRQ, .name = "NET_RX",
		     .via = FB_VIA_SIGNAL, .via_id = 29);
	assert_words("SIGNAL by bash [33] in sys_kill", .kind = FB_CAUSE_TASK, .task = &bash,
		     .syscall = "kill", .via = FB_VIA_SIGNAL);
	assert_words("SIGNAL PENDING", .via = FB_VIA_SIGNAL_PENDING);
}

static void children_are_named(void **state)
{
	(void)state;
	assert_words("CHILD EXIT sh [77]", .kind = FB_CAUSE_TASK, .task = &child,
		     .syscall = "exit_group", .via = FB_VIA_CHILD_EXIT, .via_id = 77, .child = &child);
	assert_words("CHILD EXIT [77]", .kind = FB_CAUSE_TASK, .task = &bash,
		     .via = FB_VIA_CHILD_EXIT, .via_id = 77);
	assert_words("CHILD STOP sh [77]", .task = &child, .via = FB_VIA_CHILD_STOP, .via_id = 77, .child = &child);
	assert_words("VFORK sh [77]", .kind = FB_CAUSE_TASK, .task = &child, .syscall = "execve",
		     .via = FB_VIA_VFORK, .via_id = 77, .child = &child);
}

static void what_is_not_sure_says_so(void **state)
{
	const struct fb_cause ipi = { .kind = FB_CAUSE_IPI, .name = "call_function_single" };

	(void)state;
	assert_wakeup(ipi, FB_QUALITY_INFERRED, "IPI call_function_single (inferred)");
	assert_wakeup(ipi, FB_QUALITY_LOST, "IPI call_function_single (events lost)");
	assert_wakeup(ipi, FB_QUALITY_EDGE, "IPI call_function_single (not all CPUs tell)");
}

static void a_wait_may_outlast_the_trace(void **state)
{
	struct fb_blocking b = { .task = &nameless, .quality = FB_QUALITY_EDGE, .begin = 1,
				 .wake = FB_NS_NONE, .end = FB_NS_NONE };

	(void)state;
	assert_wait(&b, "still asleep");
	b.end = 2;
	assert_wait(&b, "? (not all CPUs tell)");
	b.quality = FB_QUALITY_LOST;
	assert_wait(&b, "? (events lost)");
	b.end = FB_NS_NONE;
	assert_wait(&b, "still asleep (events lost)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interrupts_have_names_and_numbers),
		cmocka_unit_test(an_interrupted_task_is_not_named),
		cmocka_unit_test(a_softirq_inline_names_its_sender),
		cmocka_unit_test(timers_are_addresses_without_symbols),
		cmocka_unit_test(tasks_are_named_with_their_system_call),
		cmocka_unit_test(signals_tell_who_sent_them),
		cmocka_unit_test(children_are_named),
		cmocka_unit_test(what_is_not_sure_says_so),
		cmocka_unit_test(a_wait_may_outlast_the_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
