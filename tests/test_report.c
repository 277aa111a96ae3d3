/* SPDX-License-Identifier: MIT */
/* test_report.c - waits in, the bytes of a report out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <flightbox/analysis.h>
#include <flightbox/symbols.h>


/* ---- a trace of hand-made waits --------------------------------------------------------- */

static const struct fb_task client = {
	.tid = 504, .pid = 504, .comm = "nc.openbsd", .exe = "/usr/bin/nc.openbsd",
};
static const struct fb_task server = { .tid = 1234, .pid = 1230, .comm = "server" };
static const struct fb_task nameless = { .tid = 77 };

static struct fb_source_info sound_trace(void)
{
	return (struct fb_source_info){
		.hostname = "rigvm",
		.kernel_release = "6.1.0",
		.tracer_name = "lttng-modules",
		.tracer_major = 2,
		.tracer_minor = 13,
		.tracer_patch = 9,
		.clock_name = "monotonic",
		.clock_frequency = 1000000000,
		.clock_offset = 1000000000000,
		.abi = FB_ABI_X86_64,
		.kinds = FB_KINDS_ALL,
		.fields = FB_HAS_ALL_SYSCALLS,
		.cpus = 2,
		.events = 7,
		.begin = 99000000000,
		.end = 100000000000,
	};
}

static struct fb_blocking wait_in_poll(void)
{
	return (struct fb_blocking){
		.task = &client,
		.comm = client.comm,
		.exe = client.exe,
		.syscall = "poll",
		.fd = -1,
		.state = 'S',
		.begin = 99706664372,
		.wake = 99908425372,
		.end = 99908466372,
		.cause = { .kind = FB_CAUSE_SOFTIRQ, .id = 3, .name = "NET_RX", .cpu = 1,
			   .origin = { .id = -1 } },
	};
}

struct drawer {
	struct fb_report_options options;
	struct fb_source_info info;
	struct fb_kernel_counts counts;
	const char *option; /* of the analysis, to be set; or NULL */
	int left_out;       /* waits */
};

static struct drawer drawer(const char *format)
{
	return (struct drawer){
		.options = { .format = format, .fd = memfd_create("report", 0) },
		.info = sound_trace(),
	};
}

/* Reads and closes the drawer's file. */
static char *contents(struct drawer *d)
{
	off_t size = lseek(d->options.fd, 0, SEEK_END);
	char *text = g_malloc0(size + 1);

	assert_int_equal(pread(d->options.fd, text, size, 0), size);
	close(d->options.fd);
	return text;
}

/* The report of the blocking analysis on `n` waits. */
static char *draw(struct drawer *d, const struct fb_blocking *waits, size_t n)
{
	const struct fb_analysis *analysis = fb_analysis_find("blocking");
	struct fb_report *report = fb_report_new(&d->options, &d->info);
	void *self = fb_analysis_new(analysis);
	GError *error = NULL;

	for (const struct fb_option *o = analysis->options; o->name; o++)
		if (!g_strcmp0(o->name, d->option))
			*fb_option_value(self, o) = true;
	fb_analysis_begin(analysis, self, report);
	for (size_t i = 0; i < n; i++)
		analysis->blocking(self, &waits[i]);
	for (int i = 0; i < d->left_out; i++)
		fb_report_left_out(report, &waits[0]);
	fb_analysis_report(analysis, self, report);
	assert_true(fb_report_finish(report, &d->counts, true, &error));
	fb_analysis_free(analysis, self);
	fb_report_free(report);
	return contents(d);
}

static void assert_report(struct drawer *d, const struct fb_blocking *waits, size_t n,
			  const char *expected)
{
	g_autofree char *text = draw(d, waits, n);

	assert_string_equal(text, expected);
}

/* The n-th line, from 0; negative from the end. Free with g_free(). */
static char *line_of(const char *text, int n)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	int count = g_strv_length(lines) - 1;

	return g_strdup(lines[n < 0 ? count + n : n]);
}

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
		      "Blocking report for task /usr/bin/nc.openbsd [504]\n"
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
		      "Blocking report for task /usr/bin/nc.openbsd [504]\n"
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
	assert_string_equal(row, "-                            -  -        SOFTIRQ NET_RX");
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
					   "/usr/bin/nc.openbsd [504]\033[0m\n"));
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

static void losses_stand_below(void **state)
{
	struct drawer d = drawer("text");
	struct fb_blocking b = wait_in_poll();
	const struct fb_cpu_loss losses[] = { { 0, 0, 3 }, { 1, 1042, 0 } };
	g_autofree char *text = NULL;

	(void)state;
	b.quality = FB_QUALITY_LOST;
	d.info.losses = g_array_new(FALSE, FALSE, sizeof(struct fb_cpu_loss));
	g_array_append_vals(d.info.losses, losses, 2);
	d.left_out = 1;
	d.counts.broken_waits = 2;
	text = draw(&d, &b, 1);
	assert_non_null(strstr(text,
			       "SOFTIRQ NET_RX (events lost)\n"
			       "\n"
			       "1 wait touches lost events (cpu 0: 3 packets lost, cpu 1: 1042 lost)\n"
			       "1 wait began before the trace or outlasted it "
			       "(--include-edges shows it)\n"
			       "2 waits were dropped: the events about them contradict each other\n"));
	g_array_free(d.info.losses, TRUE);
}

/* ---- jsonl and csv ---------------------------------------------------------------------- */

static void jsonl_is_as_documented(void **state)
{
	struct drawer d = drawer("jsonl");
	struct fb_blocking b = wait_in_poll();

	(void)state;
	d.counts.waits[FB_QUALITY_EXACT] = 1;
	assert_report(&d, &b, 1,
		      "{\"type\":\"trace\",\"format\":1,\"host\":\"rigvm\",\"kernel\":\"6.1.0\","
		      "\"kernel_version\":null,\"tracer\":\"lttng-modules\",\"tracer_version\":"
		      "\"2.13.9\",\"session\":null,\"created\":null,\"machine\":\"x86_64\",\"clock\":"
		      "{\"name\":\"monotonic\",\"uuid\":null,\"frequency\":1000000000,\"offset\":"
		      "1000000000000},\"missing\":[]}\n"
		      "{\"type\":\"blocking\",\"tid\":504,\"pid\":504,\"comm\":\"nc.openbsd\",\"exe\":"
		      "\"/usr/bin/nc.openbsd\",\"begin\":1099706664372,\"wake\":1099908425372,\"end\":"
		      "1099908466372,\"asleep\":201761000,\"ready\":41000,\"state\":\"S\",\"syscall\":"
		      "\"poll\",\"fd\":null,\"cause\":{\"kind\":\"softirq\",\"id\":3,\"name\":\"NET_RX\","
		      "\"function\":null,\"cpu\":1,\"task\":null,\"origin\":null,\"via\":null,\"inline\":"
		      "false,\"early\":false},\"quality\":\"exact\"}\n"
		      "{\"type\":\"end\",\"complete\":true,\"begin\":1099000000000,\"end\":1100000000000,"
		      "\"cpus\":2,\"events\":7,\"rows\":1,\"waits\":{\"exact\":1,\"inferred\":0,\"lost\":0,"
		      "\"edge\":0},\"losses\":[],\"oddities\":{\"unknown_causes\":0,\"broken_waits\":0,"
		      "\"switch_mismatches\":0,\"frames_cleared\":0,\"clock_steps\":0,"
		      "\"broken_packets\":0,\"problems\":0}}\n");
}

static void nested_objects_of_jsonl_are_null_as_a_whole(void **state)
{
	struct drawer d = drawer("jsonl");
	struct fb_blocking b = wait_in_poll();
	g_autofree char *text = NULL;

	(void)state;
	b.cause.is_inline = true;
	b.cause.task = &server;
	b.cause.syscall = "sendto";
	b.cause.via = FB_VIA_SIGNAL;
	b.cause.via_id = 14;
	b.cause.origin = (struct fb_origin){ .kind = FB_ORIGIN_TASK, .id = -1, .task = &nameless };
	text = draw(&d, &b, 1);
	assert_non_null(strstr(text,
			       "\"task\":{\"tid\":1234,\"pid\":1230,\"comm\":\"server\",\"syscall\":"
			       "\"sendto\"},\"origin\":{\"kind\":\"task\",\"id\":null,\"name\":null,"
			       "\"function\":null,\"task\":{\"tid\":77,\"pid\":null,\"comm\":null,"
			       "\"syscall\":null}},\"via\":{\"kind\":\"signal\",\"id\":14,\"name\":"
			       "\"SIGALRM\"},\"inline\":true,"));
	d = drawer("jsonl");
	b.cause.origin = (struct fb_origin){ .kind = FB_ORIGIN_HRTIMER, .id = -1, .function = 0xabc };
	g_free(text);
	text = draw(&d, &b, 1);
	assert_non_null(strstr(text, "\"origin\":{\"kind\":\"hrtimer\",\"id\":null,\"name\":null,"
				     "\"function\":\"0xabc\",\"task\":null},\"via\":"));
}

static void unknown_times_are_null_in_jsonl(void **state)
{
	struct drawer d = drawer("jsonl");
	struct fb_blocking b = wait_in_poll();
	g_autofree char *text = NULL;

	(void)state;
	b.wake = b.end = FB_NS_NONE;
	text = draw(&d, &b, 1);
	assert_non_null(strstr(text, "\"begin\":1099706664372,\"wake\":null,\"end\":null,"
				     "\"asleep\":null,\"ready\":null,"));
}

static void csv_is_one_table(void **state)
{
	struct drawer d = drawer("csv");
	struct fb_blocking b = wait_in_poll();

	(void)state;
	d.options.time = FB_TIME_UTC;
	assert_report(&d, &b, 1,
		      "tid,pid,comm,exe,begin,wake,end,asleep_ns,ready_ns,state,syscall,fd,cause_kind,"
		      "cause_id,cause_name,cause_function,cause_cpu,cause_task_tid,cause_task_pid,"
		      "cause_task_comm,cause_task_syscall,cause_origin_kind,cause_origin_id,"
		      "cause_origin_name,cause_origin_function,cause_origin_task_tid,"
		      "cause_origin_task_pid,cause_origin_task_comm,cause_origin_task_syscall,"
		      "cause_via_kind,cause_via_id,cause_via_name,cause_inline,cause_early,quality\n"
		      "504,504,nc.openbsd,/usr/bin/nc.openbsd,1970-01-01 00:18:19.706664372,"
		      "1970-01-01 00:18:19.908425372,1970-01-01 00:18:19.908466372,201761000,41000,S,"
		      "poll,,softirq,3,NET_RX,,1,,,,,,,,,,,,,,,,false,false,exact\n");
}

static void csv_without_waits_has_its_header(void **state)
{
	struct drawer d = drawer("csv");
	g_autofree char *text = draw(&d, NULL, 0);

	(void)state;
	assert_true(g_str_has_prefix(text, "tid,pid,"));
	assert_null(strchr(strchr(text, '\n') + 1, '\n'));
}

/* ---- hostile names ---------------------------------------------------------------------- */

static void assert_name(const char *format, const char *comm, const char *expected)
{
	struct drawer d = drawer(format);
	struct fb_blocking b = wait_in_poll();
	struct fb_task task = { .tid = 9, .comm = comm };
	g_autofree char *text = NULL;

	b.task = &task;
	b.comm = comm;
	text = draw(&d, &b, 1);
	if (!strstr(text, expected))
		fail_msg("%s not in %s", expected, text);
}

static void hostile_names_are_escaped(void **state)
{
	(void)state;
	assert_name("jsonl", "a\"b\\c\n\033[2J", "\"comm\":\"a\\\"b\\\\c\\n\\u001b[2J\",");
	assert_name("jsonl", "\x7f", "\"comm\":\"\\u007f\",");
	assert_name("jsonl", "longer than a word\x01", "\"comm\":\"longer than a word\\u0001\",");
	assert_name("jsonl", "caf\xc3\xa9 \xf0\x9f\x90\xa7", "\"comm\":\"caf\xc3\xa9 \xf0\x9f\x90\xa7\",");
	assert_name("jsonl", "\xff\xc0\xaf\xed\xa0\x80",
		    "\"comm\":\"\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\",");
	assert_name("jsonl", "cut \xf0\x9f\x90", "\"comm\":\"cut \\ufffd\\ufffd\\ufffd\",");
	assert_name("text", "a\033[2J\x7f", "task a\\x1b[2J\\x7f [9]\n");
	assert_name("text", "\xc2\x9b" "2J\xff", "task \\xc2\\x9b2J\\xff [9]\n");
	assert_name("text", "caf\xc3\xa9", "task caf\xc3\xa9 [9]\n");
	assert_name("csv", "a,\"b\"\n", ",\"a,\"\"b\"\"\n\",");
	assert_name("csv", " a", ",\" a\",");
	assert_name("csv", "a\xff", ",a\xef\xbf\xbd,");
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

static void a_summary_in_jsonl_is_rows(void **state)
{
	struct drawer d = drawer("jsonl");
	struct fb_blocking b = wait_in_poll();
	g_autofree char *text = NULL;
	g_autofree char *row = NULL;

	(void)state;
	d.option = "summary";
	text = draw(&d, &b, 1);
	row = line_of(text, 1);
	assert_string_equal(row, "{\"type\":\"summary\",\"by\":\"syscall\",\"name\":\"poll\",\"n\":1,"
				 "\"sum\":201761000,\"min\":201761000,\"max\":201761000,\"mean\":"
				 "201761000,\"stddev\":null,\"p50\":201761000,\"p95\":201761000,"
				 "\"p99\":201761000}");
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
		cmocka_unit_test(text_has_one_table_per_task),
		cmocka_unit_test(text_puts_the_longest_sleeper_first),
		cmocka_unit_test(text_takes_the_locales_decimal_sign),
		cmocka_unit_test(text_shows_ready_time_on_request),
		cmocka_unit_test(unknown_times_are_dashes_in_text),
		cmocka_unit_test(rows_past_the_held_ones_keep_the_columns),
		cmocka_unit_test(a_report_in_colour_resets_it),
		cmocka_unit_test(what_was_not_recorded_stands_on_top),
		cmocka_unit_test(an_event_that_the_kernel_lacks_is_not_missed),
		cmocka_unit_test(losses_stand_below),
		cmocka_unit_test(jsonl_is_as_documented),
		cmocka_unit_test(nested_objects_of_jsonl_are_null_as_a_whole),
		cmocka_unit_test(unknown_times_are_null_in_jsonl),
		cmocka_unit_test(csv_is_one_table),
		cmocka_unit_test(csv_without_waits_has_its_header),
		cmocka_unit_test(hostile_names_are_escaped),
		cmocka_unit_test(a_summary_stands_instead_of_the_waits),
		cmocka_unit_test(a_summary_in_jsonl_is_rows),
		cmocka_unit_test(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
