/* SPDX-License-Identifier: MIT */
/* test_report.c - a report for people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "drawer.h"

/* ---- text ------------------------------------------------------------------------------- */

static void text_has_one_table_per_task(void **state)
{
	struct drawer d = drawer("text");
	struct fb_blocking waits[] = { wait_in_poll(), wait_in_poll() };

	(void)state;
	waits[0].syscall = "pselect6";
	waits[0].begin = 99500812873;
	waits[0].wake = waits[0].begin + 203222600;
	assert_report(&d, waits, 2,
		      "Blocking report for task nc.openbsd [504]\n"
		      "Start            Duration (ms)  Syscall       Wakeup\n"
		      "99500812873            203.223  sys_pselect6  SOFTIRQ NET_RX\n"
		      "99706664372            201.761  sys_poll      SOFTIRQ NET_RX\n");
}

static void text_puts_the_longest_sleeper_first(void **state)
{
	struct drawer d = drawer("text");
	struct fb_blocking waits[] = { wait_in_poll(), wait_in_poll(), wait_in_poll() };
	g_autofree char *text = NULL;
	g_autofree char *first = NULL;

	(void)state;
	waits[0].task = &server;
	waits[1].task = &server;
	waits[2].task = &nameless;
	waits[2].begin -= 900000000;
	text = draw(&d, waits, 3);
	first = line_of(text, 0);
	assert_string_equal(first, "Blocking report for task tid 77");
	assert_non_null(strstr(text, "\n\nBlocking report for task server [1234]\n"));
}

static struct fb_cell get_itself(struct fb_report *r, const void *cell)
{
	(void)r;
	return *(const struct fb_cell *)cell;
}

/* One row of one column. */
static void assert_cell(struct fb_cell cell, const char *text)
{
	static const struct fb_table reals = { .columns = { { .heading = "", FB_BY(REAL, get_itself) } } };
	static const struct fb_table shares = { .columns = { { .heading = "", FB_BY(PERCENT, get_itself) } } };
	struct drawer d = drawer("text");
	struct fb_report *r = fb_report_new(&d.options, &d.info);
	char line[40] = "";

	fb_report_table(r, cell.type == FB_CELL_REAL ? &reals : &shares, NULL);
	fb_report_row(r, &cell);
	assert_true(fb_report_finish(r, NULL, true, NULL));
	fb_report_free(r);
	assert_int_equal(pread(d.options.fd, line, sizeof(line) - 1, 0), strlen(text) + 1);
	assert_memory_equal(line, text, strlen(text));
	close(d.options.fd);
}

static void text_rounds_shares_to_a_tenth_of_a_percent(void **state)
{
	(void)state;
	assert_cell(FB_PERCENT(1, 3), "33.3");
	assert_cell(FB_PERCENT(2, 3), "66.7");
	assert_cell(FB_PERCENT(7, 7), "100.0");
	assert_cell(FB_PERCENT(0, 7), "0.0");
	assert_cell(FB_PERCENT(0, 0), "-");
	assert_cell(FB_REAL(-1.2345), "-1.235");
	assert_cell(FB_REAL(0.0004), "0.000");
}

static void text_takes_the_locales_decimal_sign(void **state)
{
	struct drawer d = drawer("text");
	struct fb_blocking b = wait_in_poll();
	g_autofree char *text = NULL;

	(void)state;
	d.options.decimal_point = ",";
	text = draw(&d, &b, 1);
	assert_non_null(strstr(text, " 201,761  sys_poll"));
}

static void text_shows_ready_time_on_request(void **state)
{
	struct drawer d = drawer("text");
	struct fb_blocking b = wait_in_poll();

	(void)state;
	d.option = "ready";
	assert_report(&d, &b, 1,
		      "Blocking report for task nc.openbsd [504]\n"
		      "Start            Duration (ms)  Ready (ms)  Syscall   Wakeup\n"
		      "99706664372            201.761       0.041  sys_poll  SOFTIRQ NET_RX\n");
}

static void unknown_times_are_dashes_in_text(void **state)
{
	struct drawer d = drawer("text");
	struct fb_blocking b = wait_in_poll();
	g_autofree char *text = NULL;
	g_autofree char *row = NULL;

	(void)state;
	b.begin = FB_NS_NONE;
	b.syscall = NULL;
	text = draw(&d, &b, 1);
	row = line_of(text, 2);
	assert_string_equal(row, "-                            -  nc.openbsd [504]  -        "
				 "SOFTIRQ NET_RX");
}

/* What is known of waits that are cut off stands there, below the whole ones and after their tasks. */
static void waits_cut_off_are_rows(void **state)
{
	struct drawer d = drawer("text");
	struct fb_blocking b[] = { wait_in_poll(), wait_in_poll(), wait_in_poll(), wait_in_poll(),
				   wait_in_poll() };

	(void)state;
	for (int i = 0; i < 5; i++)
		b[i].quality = i == 2 ? FB_QUALITY_EXACT : FB_QUALITY_EDGE;
	b[0].task = b[1].task = &server;
	b[0].begin = b[1].begin = b[1].end = b[4].wake = b[4].end = b[3].end = FB_NS_NONE;
	b[0].at_least = 7654321000;
	b[2].wake = b[2].begin + 1000000;
	b[4].begin = 99990000000;
	b[4].at_least = 10000000;
	d.option = "ready";
	assert_report(&d, b, 5,
		      "Blocking report for task nc.openbsd [504]\n"
		      "Start            Duration (ms)  Ready (ms)  Syscall   Wakeup\n"
		      "99706664372              1.000     200.802  sys_poll  SOFTIRQ NET_RX\n"
		      "99706664372            201.761           -  sys_poll  SOFTIRQ NET_RX (not seen to run)\n"
		      "99990000000            >10.000           -  sys_poll  still asleep\n"
		      "\n"
		      "Tasks with no wait seen from begin to end\n"
		      "Start            Duration (ms)  Ready (ms)  Task           Syscall   Wakeup\n"
		      "-                    >7654.321       0.041  server [1234]  sys_poll  SOFTIRQ NET_RX "
		      "(began unseen)\n"
		      "-                            -           -  server [1234]  sys_poll  SOFTIRQ NET_RX "
		      "(began unseen) (not seen to run)\n"
		      "\n"
		      "4 of these waits began before the trace or outlasted it\n");
}

static void rows_past_the_held_ones_keep_the_columns(void **state)
{
	struct drawer d = drawer("text");
	g_autofree struct fb_blocking *waits = g_new(struct fb_blocking, 20001);
	g_autofree char *text = NULL;
	g_autofree char *last = NULL;

	(void)state;
	for (int i = 0; i < 20001; i++)
		waits[i] = wait_in_poll();
	waits[20000].syscall = "clock_nanosleep";
	text = draw(&d, waits, 20001);
	last = line_of(text, -1);
	assert_string_equal(last, "99706664372            201.761  sys_clock_nanosleep  SOFTIRQ NET_RX");
	last = (g_free(last), line_of(text, -2));
	assert_string_equal(last, "99706664372            201.761  sys_poll  SOFTIRQ NET_RX");
}

static void a_report_in_colour_resets_it(void **state)
{
	struct drawer d = drawer("text");
	struct fb_blocking b = wait_in_poll();
	g_autofree char *text = NULL;

	(void)state;
	d.options.color = true;
	text = draw(&d, &b, 1);
	assert_true(g_str_has_prefix(text, "\033[1mBlocking report for task "
					   "nc.openbsd [504]\033[0m\n"));
}

/* ---- header and footer ------------------------------------------------------------------ */

static void what_was_not_recorded_stands_on_top(void **state)
{
	struct drawer d = drawer("text");
	struct fb_blocking b = wait_in_poll();
	g_autofree char *text = NULL;

	(void)state;
	d.info.kinds &= ~FB_KIND_BIT(FB_EV_WAKING);
	text = draw(&d, &b, 1);
	assert_true(g_str_has_prefix(text, "Without sched_waking, wakers are inferred from "
					   "sched_wakeup, and those on another CPU show as IPIs. "
					   "To record it: lttng enable-event --kernel sched_waking\n"
					   "\n"
					   "Blocking report for task "));
}

static void three_things_that_miss_have_three_lines(void **state)
{
	const char *const begins[] = { "Without system calls, ", "Without irq_softirq_raise, ",
				       "Without sched_process_fork, ", "", NULL };
	struct drawer d = drawer("text");
	struct fb_blocking b = wait_in_poll();
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	(void)state;
	d.info.kinds &= ~(FB_KIND_BIT(FB_EV_SYS_ENTER) | FB_KIND_BIT(FB_EV_SYS_EXIT) |
			  FB_KIND_BIT(FB_EV_SOFTIRQ_RAISE) | FB_KIND_BIT(FB_EV_FORK));
	text = draw(&d, &b, 1);
	lines = g_strsplit(text, "\n", -1);
	for (int i = 0; begins[i]; i++) {
		assert_true(g_str_has_prefix(lines[i], begins[i]));
		assert_int_equal(strstr(lines[i], ". To record it: lttng enable-event ") != NULL,
				 *begins[i] != 0);
	}
	assert_true(g_str_has_prefix(lines[4], "Blocking report for task "));
}

static void more_things_that_miss_have_one_line(void **state)
{
	struct drawer d = drawer("text");
	struct fb_blocking b = wait_in_poll();
	g_autofree char *text = NULL;

	(void)state;
	d.info.kinds &= ~(FB_KIND_BIT(FB_EV_SYS_ENTER) | FB_KIND_BIT(FB_EV_SYS_EXIT) |
			  FB_KIND_BIT(FB_EV_SOFTIRQ_RAISE) | FB_KIND_BIT(FB_EV_FORK) |
			  FB_KIND_BIT(FB_EV_EXEC));
	text = draw(&d, &b, 1);
	assert_true(g_str_has_prefix(text, "Not recorded: system calls, irq_softirq_raise, "
					   "sched_process_fork, sched_process_exec. What that hides, "
					   "and how to record it: flightbox info\n"
					   "\n"
					   "Blocking report for task "));
}

static void an_event_that_the_kernel_lacks_is_not_missed(void **state)
{
	struct drawer d = drawer("text");

	(void)state;
	d.info.kinds &= ~FB_KIND_BIT(FB_EV_WAKING);
	d.info.kernel_release = "4.2.8";
	d.info.abi = FB_ABI_AARCH64;
	d.info.kinds &= ~FB_KIND_BIT(FB_EV_VEC_ENTER);
	assert_report(&d, NULL, 0, "");
}

static void what_was_left_out_without_a_loss_stands_below(void **state)
{
	struct drawer d = drawer("text"), damaged = drawer("text");
	struct fb_blocking b = wait_in_poll();
	g_autofree char *text = NULL, *lossy = NULL;

	(void)state;
	d.counts.switch_mismatches = 31;
	d.counts.silent_cpus = 2;
	d.counts.first_silent_cpu = 1;
	text = draw(&d, &b, 1);
	assert_non_null(strstr(text, "\n31 switches of task do not follow from the one before though no "
				     "events were lost: lttng track left out what other tasks did, or "
				     "files are missing, and waits and wakers with it\n"
				     "Nothing is recorded of CPU 1 and others: no task ran there, or files "
				     "are missing, and waits and wakers with them\n"));
	damaged.counts.switch_mismatches = 31;
	damaged.info.broken_packets = 1;
	lossy = draw(&damaged, &b, 1);
	assert_non_null(strstr(lossy, "\n31 switches of task do not follow from the one before "
				      "(lost events, or a recording limited by lttng track)\n"));
	assert_null(strstr(lossy, "nothing is recorded"));
}

static void perf_of_some_tasks_only_is_told(void **state)
{
	struct drawer some = drawer("text"), all = drawer("text");
	struct fb_blocking b = wait_in_poll();
	g_autofree char *of_some = NULL, *of_all = NULL;

	(void)state;
	some.info.tracer_name = all.info.tracer_name = "perf";
	some.counts.switch_mismatches = all.counts.switch_mismatches = 2;
	all.counts.idle_ends = 1;
	of_some = draw(&some, &b, 1);
	of_all = draw(&all, &b, 1);
	assert_non_null(strstr(of_some, "\n2 switches of task do not follow from the one before, nor is any from an "
					"idle CPU: perf recorded some tasks only, and not who woke them. To "
					"record all: perf record -a\n"));
	assert_non_null(strstr(of_all, "\n2 switches of task do not follow from the one before (lost events, which "
				       "perf's traces do not tell, or a recording of some tasks or CPUs)\n"));
}

/* perf.data has the losses, which what perf makes of it has not. */
static void perfs_own_files_tell_what_was_lost(void **state)
{
	struct drawer d = drawer("text");
	struct fb_blocking b = wait_in_poll();
	g_autofree char *text = NULL;

	(void)state;
	d.info.tracer_name = "perf";
	d.info.format = "perf.data";
	d.counts.switch_mismatches = d.counts.idle_ends = 2;
	text = draw(&d, &b, 1);
	assert_non_null(strstr(text, "\n2 switches of task do not follow from the one before (lost events, or a "
				     "recording of some tasks or CPUs)\n"));
}

static void losses_stand_below(void **state)
{
	struct drawer d = drawer("text");
	struct fb_blocking b = wait_in_poll();
	const struct fb_cpu_loss losses[] = {
		{ .cpu = 0, .packets = 3, .spans = 1, .time = 12345678, .first = 99300000000 },
		{ .cpu = 1, .events = 1042, .spans = 2, .time = 500000000, .first = 99100000000 },
		{ .cpu = 2, .events = 1, .packets = 1, .spans = 2, .time = 1, .first = 99100000000 },
	};
	g_autofree char *text = NULL;

	(void)state;
	b.quality = FB_QUALITY_LOST;
	d.info.losses = g_array_new(FALSE, FALSE, sizeof(struct fb_cpu_loss));
	g_array_append_vals(d.info.losses, losses, 3);
	d.left_out = 1;
	d.counts.broken_waits = 2;
	text = draw(&d, &b, 1);
	assert_non_null(strstr(text,
			       "SOFTIRQ NET_RX (events lost)\n"
			       "\n"
			       "1 of 1 wait (100 %), 100 % of the time asleep, touches lost events "
			       "(cpu 0: 3 packets lost in 1 span, 12.3 ms of 1000.0 ms; "
			       "cpu 1: 1042 lost in 2 spans, 500.0 ms of 1000.0 ms; "
			       "cpu 2: 1 and 1 packet lost in 2 spans, 0.000 ms of 1000.0 ms)\n"
			       "1 wait began before the trace or outlasted it and is left out "
			       "(--include-edges takes it in)\n"
			       "2 waits were dropped: the events about them contradict each other\n"));
	g_array_free(d.info.losses, TRUE);
}

/* ---- summary ---------------------------------------------------------------------------- */

static void a_summary_stands_instead_of_the_waits(void **state)
{
	struct drawer d = drawer("text");
	struct fb_blocking waits[] = { wait_in_poll(), wait_in_poll(), wait_in_poll() };

	(void)state;
	waits[0].wake = waits[0].begin + 1000000;
	waits[1].wake = waits[1].begin + 3000000;
	waits[2].wake = waits[2].begin + 10000000;
	waits[2].syscall = NULL;
	waits[2].cause = (struct fb_cause){ .kind = FB_CAUSE_TASK, .id = -1, .task = &server,
					    .syscall = "futex" };
	d.option = "summary";
	assert_report(&d, waits, 3,
		      "Waits by system call\n"
		      "Syscall   N  Sum (ms)     Min     Max    Mean  Stddev     P50     P95     P99\n"
		      "-         1    10.000  10.000  10.000  10.000       -  10.000  10.000  10.000\n"
		      "sys_poll  2     4.000   1.000   3.000   2.000   1.414   1.000   3.000   3.000\n"
		      "\n"
		      "Waits by cause\n"
		      "Wakeup             N  Sum (ms)     Min     Max    Mean  Stddev     P50     P95"
		      "     P99\n"
		      "TASK in sys_futex  1    10.000  10.000  10.000  10.000       -  10.000  10.000"
		      "  10.000\n"
		      "SOFTIRQ NET_RX     2     4.000   1.000   3.000   2.000   1.414   1.000   3.000"
		      "   3.000\n");
}

/* ---- columns ---------------------------------------------------------------------------- */

struct inner {
	uint64_t n;
	const struct fb_task *task;
};

struct outer {
	fb_ns time;
	struct inner inner;
};

static struct fb_cell get_twice(struct fb_report *r, const void *inner)
{
	GString *to = fb_report_scratch(r);

	g_string_append_printf(to, "%d", (int)((const struct inner *)inner)->n * 2);
	return FB_TEXT(to->str);
}

#define INNER_COLUMNS(in, at)                                    \
	{ .key = in "n", FB_COUNT_OF(struct inner, n, at) },     \
	{ .key = in "task", FB_TID_OF(struct inner, task, at) }, \
	{ .key = in "twice", FB_BY(TEXT, get_twice, at) },       \
	{ .key = in "again", FB_BY(TEXT, get_twice, at) }

static void columns_of_a_part_are_columns_of_the_whole(void **state)
{
	static const struct fb_table table = { .type = "t", .columns = {
		{ .key = "time", FB_DURATION_OF(struct outer, time) },
		INNER_COLUMNS("in.", offsetof(struct outer, inner)),
	} };
	const struct outer rows[] = { { 5, { 21, &server } }, { FB_NS_NONE, { 4, NULL } } };
	struct drawer d = drawer("csv");
	struct fb_report *r = fb_report_new(&d.options, &d.info);
	char text[100] = "";

	(void)state;
	fb_report_table(r, &table, NULL);
	fb_report_row(r, &rows[0]);
	fb_report_row(r, &rows[1]);
	assert_true(fb_report_finish(r, NULL, true, NULL));
	fb_report_free(r);
	assert_true(pread(d.options.fd, text, sizeof(text) - 1, 0) > 0);
	close(d.options.fd);
	assert_string_equal(text, "time_ns,in_n,in_task,in_twice,in_again\n"
				  "5,21,1234,42,42\n"
				  ",4,,8,8\n");
}

/* Our own mistake: it does not get as far as a file. */
static void a_cell_of_another_type_than_its_column_ends_the_program(void **state)
{
	static const struct fb_table table = { .columns = { { .key = "n", FB_BY(INT, get_itself) } } };
	struct drawer d = drawer("csv");
	pid_t child = fork();
	int status;

	(void)state;
	if (!child) {
		struct fb_report *r = fb_report_new(&d.options, &d.info);

		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO);
		fb_report_table(r, &table, NULL);
		fb_report_row(r, &FB_INT(1));
		fb_report_row(r, &FB_NULL);
		fb_report_row(r, &(const struct fb_cell){ FB_CELL_TEXT, true, { .text = "1" } });
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	close(d.options.fd);
}

/* ---- failing ---------------------------------------------------------------------------- */

static void a_full_disk_is_an_error(void **state)
{
	struct drawer d = drawer("jsonl");
	struct fb_report *report;
	GError *error = NULL;

	(void)state;
	close(d.options.fd);
	d.options.fd = open("/dev/full", O_WRONLY);
	report = fb_report_new(&d.options, &d.info);
	assert_false(fb_report_finish(report, NULL, true, &error));
	assert_string_equal(error->message, "cannot write the report: No space left on device");
	assert_true(fb_report_failed(report));
	g_error_free(error);
	fb_report_free(report);
	close(d.options.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_of_a_part_are_columns_of_the_whole),
		cmocka_unit_test(a_cell_of_another_type_than_its_column_ends_the_program),
		cmocka_unit_test(text_has_one_table_per_task),
		cmocka_unit_test(text_puts_the_longest_sleeper_first),
		cmocka_unit_test(text_rounds_shares_to_a_tenth_of_a_percent),
		cmocka_unit_test(text_takes_the_locales_decimal_sign),
		cmocka_unit_test(text_shows_ready_time_on_request),
		cmocka_unit_test(unknown_times_are_dashes_in_text),
		cmocka_unit_test(waits_cut_off_are_rows),
		cmocka_unit_test(rows_past_the_held_ones_keep_the_columns),
		cmocka_unit_test(a_report_in_colour_resets_it),
		cmocka_unit_test(what_was_not_recorded_stands_on_top),
		cmocka_unit_test(three_things_that_miss_have_three_lines),
		cmocka_unit_test(more_things_that_miss_have_one_line),
		cmocka_unit_test(an_event_that_the_kernel_lacks_is_not_missed),
		cmocka_unit_test(what_was_left_out_without_a_loss_stands_below),
		cmocka_unit_test(perf_of_some_tasks_only_is_told),
		cmocka_unit_test(perfs_own_files_tell_what_was_lost),
		cmocka_unit_test(losses_stand_below),
		cmocka_unit_test(a_summary_stands_instead_of_the_waits),
		cmocka_unit_test(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
