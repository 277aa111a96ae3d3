/* SPDX-License-Identifier: MIT */
/*
 * test_cli.c - the command as its users meet it: arguments in; output, messages
 * and exit status out. FLIGHTBOX names the binary, FB_TRACES the unpacked traces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>

struct result {
	char *out, *err;
	int status; /* exit status, or -1 when a signal ended it */
};

static char *trace_path(const char *name)
{
	const char *traces = g_getenv("FB_TRACES");
	char *path = g_build_filename(traces ? traces : "build/traces", name, "trace", NULL);

	if (!g_file_test(path, G_FILE_TEST_IS_DIR))
		fail_msg("%s: not unpacked", path);
	return path;
}

/* Runs `flightbox ARGUMENTS`, split as a shell would; @NAME stands for a recorded trace. */
static struct result run(const char *arguments)
{
	const char *binary = g_getenv("FLIGHTBOX");
	g_autofree char *line = g_strdup_printf("%s %s", binary ? binary : "build/flightbox", arguments);
	g_auto(GStrv) argv = NULL;
	struct result r = { .status = -1 };
	int status;

	assert_true(g_shell_parse_argv(line, NULL, &argv, NULL));
	for (char **arg = argv; *arg; arg++)
		if (**arg == '@') {
			char *path = trace_path(*arg + 1);

			g_free(*arg);
			*arg = path;
		}
	assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &r.out, &r.err,
				 &status, NULL));
	if (WIFEXITED(status))
		r.status = WEXITSTATUS(status);
	return r;
}

static void result_clear(struct result *r)
{
	g_free(r->out);
	g_free(r->err);
}

/* NULL: whatever it is. */
static void assert_run(const char *arguments, int status, const char *out, const char *err)
{
	struct result r = run(arguments);

	if (out)
		assert_string_equal(r.out, out);
	if (err)
		assert_string_equal(r.err, err);
	if (r.status != status)
		fail_msg("%s: exit status %d, %s", arguments, r.status, r.err);
	result_clear(&r);
}

/* What usage errors have in common: status 2, no output, one line. */
static void assert_usage(const char *arguments, const char *message)
{
	g_autofree char *line = g_strdup_printf("flightbox: %s\n", message);

	assert_run(arguments, 2, "", line);
}

static void assert_has(const char *arguments, int status, const char *out, const char *err)
{
	struct result r = run(arguments);

	if (r.status != status || !strstr(r.out, out) || !strstr(r.err, err))
		fail_msg("%s: exit status %d, no %s or %s in\n%s%s", arguments, r.status, out, err,
			 r.out, r.err);
	result_clear(&r);
}

static void assert_out_has(const char *arguments, const char *part)
{
	assert_has(arguments, 0, part, "");
}

/* ---- reports ---------------------------------------------------------------------------- */

#define REPORT_504 \
	"Blocking report for task nc.openbsd [504]\n" \
	"Start            Duration (ms)  Syscall       Wakeup\n" \
	"99711137075            203.223  sys_pselect6  SOFTIRQ NET_RX\n" \
	"99916988574            201.761  sys_poll      SOFTIRQ NET_RX\n"

static void the_founding_trace_tells_who_waited(void **state)
{
	(void)state;
	assert_run("blocking --pid 504 @tcp-delay-classic", 0, REPORT_504, "");
	assert_out_has("blocking --pid 502 @tcp-delay-classic",
		       "            379.899  sys_accept4  SOFTIRQ NET_RX\n");
}

static void options_choose_waits(void **state)
{
	(void)state;
	assert_run("blocking --tid 504 --comm 'nc.*' --min-duration 1ms @tcp-delay-classic", 0,
		   REPORT_504, "");
	assert_run("blocking --pid 1,504 --begin 99711137075 --end +6s --lead 1h @tcp-delay-classic",
		   0, REPORT_504, "");
	assert_run("blocking --pid=504 --min-duration=202ms @tcp-delay-classic", 0,
		   "Blocking report for task nc.openbsd [504]\n"
		   "Start            Duration (ms)  Syscall       Wakeup\n"
		   "99711137075            203.223  sys_pselect6  SOFTIRQ NET_RX\n",
		   "");
}

static void what_time_prints_begin_takes(void **state)
{
	static const char *const forms[] = { "monotonic", "epoch", "utc", "local", "relative" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
		g_autofree char *all = g_strdup_printf(
			"blocking --time %s --tid 504 @tcp-delay-classic", forms[i]);
		struct result r = run(all);
		/* The start of the second wait, then the first blank after it. */
		char *start = strstr(r.out, "sys_pselect6  SOFTIRQ NET_RX\n") + 29;
		char *end = strstr(start, "  ");
		g_autofree char *time = g_strndup(start, end - start);
		g_autofree char *from = g_strdup_printf("%s --begin '%s' --end '%s'", all, time, time);
		struct result again = run(from);

		if (again.status || !strstr(again.out, time) || strstr(again.out, "pselect6"))
			fail_msg("%s: %s%s", from, again.out, again.err);
		result_clear(&r);
		result_clear(&again);
	}
}

static void several_formats_tell_the_same(void **state)
{
	(void)state;
	assert_out_has("blocking --format jsonl --pid 504 @tcp-delay-classic",
		       "{\"type\":\"blocking\",\"tid\":504,\"pid\":504,\"comm\":\"nc.openbsd\",\"exe\":"
		       "\"/usr/bin/nc.openbsd\",\"begin\":1795177260368812873,\"wake\":"
		       "1795177260572036306,\"end\":1795177260572398129,\"asleep\":203223433,"
		       "\"ready\":361823,\"state\":\"S\",\"syscall\":\"pselect6\",\"fd\":null,"
		       "\"cause\":{\"kind\":\"softirq\",\"id\":3,\"name\":\"NET_RX\",");
	assert_out_has("blocking --format csv --time epoch --pid 504 @tcp-delay-classic",
		       "\n504,504,nc.openbsd,/usr/bin/nc.openbsd,1795177260368812873,");
	assert_out_has("blocking --summary --pid 504 @tcp-delay-classic",
		       "\nWaits by cause\n"
		       "Wakeup          N  Sum (ms)      Min      Max     Mean  Stddev");
}

/* By however many threads a trace is read, and however often. */
static void the_report_is_the_same_by_any_number_of_threads(void **state)
{
	static const char *const commands[] = {
		"blocking --format jsonl %s @rpc-chain", "blocking %s @disk",
		"blocking --summary %s @lost-events-small", "dump %s @snapshot-rotate",
		"blocking --format csv --begin +2s --end +2.5s %s @disk",
		"info --format jsonl %s @variants-multichannel",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
		g_autofree char *alone = g_strdup_printf(commands[i], "--jobs 1");
		g_autofree char *many = g_strdup_printf(commands[i], "--jobs 3");
		struct result expected = run(alone);

		assert_int_equal(expected.status, 0);
		assert_true(strlen(expected.out) > 1000);
		for (int k = 0; k < 10; k++)
			assert_run(many, 0, expected.out, expected.err);
		result_clear(&expected);
	}
}

static void losses_are_told(void **state)
{
	(void)state;
	/* babeltrace2's warnings tell of CPU 0: 40, 13631, 30321 and 4225 events, and from when to when. */
	assert_out_has("blocking @lost-events-small",
		       " touch lost events (cpu 0: 48217 lost in 4 spans, 497.7 ms of 1079.2 ms; "
		       "cpu 1: 49539 lost in 3 spans, 480.3 ms of 1079.2 ms)\n");
	assert_out_has("info @lost-events-small", "Events were lost (cpu 0: ");
	assert_out_has("info @lost-events-small",
		       "\nLost      cpu 0: 48217 events, 0 packets, in 4 spans of 497.7 ms, the first at "
		       "11911131817\nLost      cpu 1: ");
	assert_out_has("info --format jsonl @lost-events-small",
		       "\"losses\":[{\"cpu\":0,\"events\":48217,\"packets\":0,\"spans\":4,\"time\":"
		       "497672401,\"first\":1795178276069474264},{\"cpu\":1,");
	/* Of a part so much as lies in it: of CPU 0's span from 12059508649 to 12240955333, 50 ms. */
	assert_out_has("blocking --begin 12150000000 --end 12200000000 --lead 0 --format jsonl "
		       "@lost-events-small",
		       "\"losses\":[{\"cpu\":0,\"events\":30321,\"packets\":0,\"spans\":1,\"time\":"
		       "50000000,\"first\":");
	assert_out_has("blocking @variants-no-sched-waking",
		       "To record it: lttng enable-event --kernel sched_waking\n\n");
}

static void symbols_name_callbacks(void **state)
{
	g_autofree char *file = NULL;
	g_autofree char *arguments = NULL;
	int fd = g_file_open_tmp("kallsyms-XXXXXX", &file, NULL);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	g_file_set_contents(file, "ffffffff8183ae40 t qdisc_watchdog\n", -1, NULL);
	arguments = g_strdup_printf(
		"blocking --kallsyms %s --format jsonl --tid 504 @tcp-delay-classic", file);
	assert_out_has(arguments, "\"origin\":{\"kind\":\"hrtimer\",\"id\":null,\"name\":"
				  "\"qdisc_watchdog\",\"function\":\"0xffffffff8183ae40\"");
	g_file_set_contents(file, "0000000000000000 t qdisc_watchdog\n", -1, NULL);
	assert_run(arguments, 1, "", NULL);
	g_unlink(file);
}

/* ---- JSON ------------------------------------------------------------------------------- */

static const char *skip_value(const char *at);

static const char *skip_string(const char *at)
{
	for (at++; *at && *at != '"'; at++) {
		if ((unsigned char)*at < 0x20)
			return NULL;
		if (*at == '\\' && !*++at)
			return NULL;
	}
	return *at ? at + 1 : NULL;
}

/* Members of an object or elements of an array, behind its opening bracket. */
static const char *skip_members(const char *at, char close)
{
	if (*at == close)
		return at + 1;
	for (;;) {
		if (close == '}') {
			at = *at == '"' ? skip_string(at) : NULL;
			if (!at || *at++ != ':')
				return NULL;
		}
		at = skip_value(at);
		if (!at || (*at != ',' && *at != close))
			return NULL;
		if (*at++ == close)
			return at;
	}
}

static const char *skip_value(const char *at)
{
	static const char *const words[] = { "null", "true", "false" };
	size_t digits;

	if (*at == '{' || *at == '[')
		return skip_members(at + 1, *at == '{' ? '}' : ']');
	if (*at == '"')
		return skip_string(at);
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_str_has_prefix(at, words[i]))
			return at + strlen(words[i]);
	digits = strspn(at, "-0123456789.e");
	return digits ? at + digits : NULL;
}

static void assert_json_lines(const char *arguments)
{
	struct result r = run(arguments);
	g_auto(GStrv) lines = g_strsplit(r.out, "\n", -1);
	size_t n = g_strv_length(lines);

	assert_int_equal(r.status, 0);
	assert_true(g_utf8_validate(r.out, -1, NULL));
	assert_true(n >= 3);
	assert_true(g_str_has_prefix(lines[0], "{\"type\":\"trace\",\"format\":1,"));
	assert_true(g_str_has_prefix(lines[n - 2], "{\"type\":\"end\",\"complete\":true,"));
	assert_string_equal(lines[n - 1], "");
	for (size_t i = 0; i < n - 1; i++) {
		const char *end = *lines[i] == '{' ? skip_value(lines[i]) : NULL;

		if (!end || *end)
			fail_msg("%s: line %zu is no JSON object: %s", arguments, i + 1, lines[i]);
	}
	result_clear(&r);
}

static void every_line_of_jsonl_is_an_object(void **state)
{
	(void)state;
	assert_json_lines("blocking --format jsonl --all --include-edges @waits-signals");
	assert_json_lines("blocking --format jsonl --summary @waits-wait");
	assert_json_lines("blocking --format jsonl @lost-events-overwrite");
	assert_json_lines("info --format jsonl @disk");
}

/* ---- info, dump, help ------------------------------------------------------------------- */

static void info_tells_what_is_in_a_trace(void **state)
{
	(void)state;
	assert_out_has("info @tcp-delay-classic", "Host      rigvm\n"
						  "Kernel    6.1.0-56-amd64 #1 SMP");
	assert_out_has("info @tcp-delay-classic", "\nsched_waking                                  "
						  "821  yes\n");
	assert_out_has("info @variants-no-syscalls", "  no        no wait has a system call  ");
}

/* Whichever of both events that tell was recorded. */
static void each_question_is_answered_once(void **state)
{
	static const char *const traces[] = { "disk", "edges", "variants-no-sched-waking" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(traces); i++) {
		g_autofree char *command = g_strdup_printf("info @%s", traces[i]);
		struct result r = run(command);
		const char *row = strstr(r.out, "\nwhat ended a wait ");

		assert_non_null(row);
		assert_null(strstr(row + 1, "\nwhat ended a wait "));
		result_clear(&r);
	}
	assert_out_has("info @edges", "\nwhat ended a wait                                       yes ");
}

static void times_outside_of_a_trace_are_said_to_be(void **state)
{
	static const char is_over[] =
		"flightbox: --begin: the trace is over by then: it begins at 10132374093\n";

	(void)state;
	assert_has("blocking --begin +100s @rpc-chain", 2,
		   "Nothing of the trace was asked for: it begins at 10132374093, and is over before that time\n",
		   is_over);
	assert_has("why --end 1000 @rpc-chain", 2,
		   "Nothing of the trace was asked for: it begins at 10132374093, behind that time\n",
		   "flightbox: --end: the trace begins later, at 10132374093\n");
	assert_has("dependency --begin +100s @rpc-chain", 2, "", is_over);
	assert_has("dump --begin +100s @rpc-chain", 2, "", is_over);
	assert_has("profile --begin +100s @rpc-chain", 2, "", is_over);
	assert_has("blocking --begin +1s --end +1.000001s @rpc-chain", 0, "", "");
}

/* Without the first CPU's file. */
static void a_missing_file_is_told_from_what_the_others_say(void **state)
{
	g_autofree char *directory = g_dir_make_tmp("flightbox-XXXXXX", NULL);
	g_autofree char *path = trace_path("waits-pingpong");
	g_autofree char *copy = g_strdup_printf("cp -r %s/. %s", path, directory);
	g_autofree char *file = g_build_filename(directory, "kernel", "ch_0", NULL);
	g_autofree char *index = g_build_filename(directory, "kernel", "index", "ch_0.idx", NULL);
	g_autofree char *info = g_strconcat("info ", directory, NULL);
	g_autofree char *blocking = g_strconcat("blocking --source native ", directory, NULL);
	g_autofree char *lines = g_strconcat("blocking --format jsonl ", directory, NULL);
	g_autofree char *clean = g_strconcat("rm -r ", directory, NULL);

	(void)state;
	assert_true(g_spawn_command_line_sync(copy, NULL, NULL, NULL, NULL));
	assert_int_equal(g_unlink(file), 0);
	assert_int_equal(g_unlink(index), 0);
	assert_has(info, 1, "CPUs      2, but nothing is recorded of CPU 0\n",
		   "ch_1: expected a file of its channel for CPU 0, too, found none\n");
	assert_has(blocking, 1, "\nNothing is recorded of CPU 0: ", "found none\n");
	/* A task may have been woken there, and have run, at any time. */
	assert_has(lines, 1, "\"waits\":{\"exact\":0,\"inferred\":0,\"lost\":", "found none\n");
	assert_true(g_spawn_command_line_sync(clean, NULL, NULL, NULL, NULL));
}

static void dump_prints_events(void **state)
{
	(void)state;
	assert_out_has("dump --kind sched_process_exec --tid 504 @tcp-delay-classic",
		       " sched_process_exec filename=/usr/bin/nc.openbsd tid=504 old_tid=504\n");
	assert_run("dump --begin 99495784216 --end 99495852206 --tid 504 @tcp-delay-classic", 0,
		   "99495784216 0 sched_process_fork parent_comm=bash parent_tid=500 parent_pid=500 "
		   "child_comm=bash child_tid=504 child_pid=504\n"
		   "99495852206 0 sched_wakeup_new comm=bash tid=504 prio=20 target_cpu=1\n",
		   "");
}

/* The lines whose time lies in [begin, end]. */
static char *lines_between(const char *text, gint64 begin, gint64 end)
{
	GString *kept = g_string_new(NULL);

	for (const char *next; (next = strchr(text, '\n')); text = next + 1) {
		gint64 time = g_ascii_strtoll(text, NULL, 10);

		if (time >= begin && time <= end)
			g_string_append_len(kept, text, next + 1 - text);
	}
	return g_string_free(kept, FALSE);
}

static void dump_prints_all_events_between_its_times(void **state)
{
	static const struct {
		const char *trace;
		gint64 begin, end;
	} cases[] = {
		{ "tcp-delay-classic", 99495784216, 99706664372 },
		{ "lost-events-small", 11915514339, 12059508649 }, /* from one loss to another */
		{ "snapshot-rotate", 12000000000, 13500000000 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *all = g_strdup_printf("dump @%s", cases[i].trace);
		g_autofree char *some = g_strdup_printf(
			"dump --begin %" G_GINT64_FORMAT " --end %" G_GINT64_FORMAT " @%s",
			cases[i].begin, cases[i].end, cases[i].trace);
		struct result r = run(all);
		g_autofree char *between = lines_between(r.out, cases[i].begin, cases[i].end);

		assert_true(strlen(between) > 10000 && strlen(between) < strlen(r.out) * 0.9);
		assert_run(some, 0, between, "");
		result_clear(&r);
	}
}

/* ---- a part of the trace ---------------------------------------------------------------- */

#define PART "--begin 99711137075 --end 99920000000 --lead 500ms @tcp-delay-classic"

static void a_report_tells_which_part_was_read(void **state)
{
	(void)state;
	assert_run("blocking --tid 504 " PART, 0,
		   REPORT_504 "\nRead from 99211137075 to 100420000000, not the whole trace: a longer "
			      "--lead reads more\n",
		   "");
	assert_out_has("blocking --tid 504 --time relative " PART,
		       "\nRead from +3.435061469 to +4.643924394, not the whole trace: ");
	assert_out_has("blocking --format jsonl " PART,
		       ",\"read\":{\"begin\":1795177259868812873,\"end\":1795177261077675798},");
	assert_out_has("blocking --format jsonl --begin 99711137075 --lead 1s @tcp-delay-classic",
		       ",\"read\":{\"begin\":1795177259368812873,\"end\":null},");
	assert_out_has("blocking --end 99920000000 --lead 1s @tcp-delay-classic",
		       "\nRead up to 100920000000, not the whole trace: ");
}

#define BRIEF_PART "--begin 99900000000 --end 99950000000 --lead 10ms @tcp-delay-classic"

static void waits_that_reach_out_of_the_part_are_edges(void **state)
{
	(void)state;
	/*
	 * The first one begins before what is read, at 99711137075, and is woken at 99914360508;
	 * the second one ends behind it.
	 */
	assert_run("blocking --tid 504 " BRIEF_PART, 0,
		   "Tasks with no wait seen from begin to end\n"
		   "Start            Duration (ms)  Task              Syscall       Wakeup\n"
		   "-                      >24.361  nc.openbsd [504]  sys_pselect6  SOFTIRQ NET_RX (began "
		   "unseen)\n"
		   "99916988574            >43.011  nc.openbsd [504]  sys_poll      still asleep\n"
		   "\n"
		   "Read from 99890000000 to 99960000000, not the whole trace: a longer --lead reads "
		   "more\n"
		   "2 of these waits began before what was read or outlasted it\n",
		   NULL);
	/* So much is sure of them that they pass, or not. */
	assert_out_has("blocking --tid 504 --min-duration 43ms " BRIEF_PART,
		       "1 of these waits began before");
	assert_out_has("blocking --tid 504 --min-duration 44ms " BRIEF_PART, "No waits of task");
	assert_out_has("blocking --tid 504 --format jsonl " BRIEF_PART,
		       "\"begin\":null,\"wake\":1795177260572036306,\"end\":1795177260572398129,"
		       "\"asleep\":null,");
	assert_out_has("blocking --tid 504 --format jsonl " BRIEF_PART,
		       "\"begin\":1795177260574664372,\"wake\":null,\"end\":null,\"asleep\":null,");
}

/* blocking lists 230 waits of waits-futex that are no edges, with those of idle kernel threads 800. */
static void waits_of_who_only_records_are_left_out_unless_asked_for(void **state)
{
	static const char left_out[] =
		"Left out: 176 waits of kernel threads for work and of the recorder "
		"(--all-tasks takes them in)\n";
	struct result r;

	(void)state;
	assert_out_has("bottleneck @waits-futex", left_out);
	assert_out_has("bottleneck @waits-futex", "54 waits, 3859.0 ms in all");
	assert_out_has("bottleneck --all-tasks @waits-futex", "230 waits, ");
	assert_out_has("bottleneck --all @waits-futex", "800 waits, ");
	assert_out_has("why --format jsonl @waits-futex", "\"unknown\":0,\"bystander\":176}");
	assert_out_has("why --top 1 --all-tasks @waits-futex", "1. Client manageme");
	/* Who is named is wanted. */
	assert_out_has("why --top 1 --comm tee @waits-futex", "1. tee [135] waited 2955.3 ms");
	assert_out_has("bottleneck --tid 135 @waits-futex", "waits, ");
	r = run("why --top 1 @waits-futex");
	assert_non_null(strstr(r.out, left_out));
	assert_true(g_str_has_prefix(r.out, "1. bash [211] waited 786.5 ms in wait4"));
	result_clear(&r);
}

/* Of one wait, from its heading to its root. */
static void assert_short(const char *arguments)
{
	struct result r = run(arguments);
	g_auto(GStrv) lines = g_strsplit(r.out, "\n", -1);
	unsigned n = 0, waits = 0;

	for (char **line = lines; *line; line++) {
		n++;
		if (strstr(*line, " waited ") && g_ascii_isdigit(**line))
			n = 1;
		if (!g_str_has_prefix(*line, "Root: "))
			continue;
		waits++;
		if (n > 15)
			fail_msg("%s: wait %u has %u lines", arguments, waits, n);
	}
	if (waits < 30)
		fail_msg("%s: %u waits", arguments, waits);
	result_clear(&r);
}

static void a_wait_is_explained_in_fifteen_lines(void **state)
{
	(void)state;
	assert_short("why --top 100 @disk");
	assert_short("why --top 100 --all-tasks @tcp-delay-classic");
	assert_short("why --top 100 --all-tasks @rpc-chain");
	assert_short("why --top 100 --all @waits-unix");
	/* 0.009 ms of 6 s: nothing is too short. */
	assert_out_has("why --top 1 --full @disk", "sh [219]              running  sys_getegid\n");
}

static void waits_that_reach_out_count_in_no_sum(void **state)
{
	(void)state;
	assert_out_has("blocking --summary --tid 504 " BRIEF_PART,
		       "\nWakeup  N  Sum (ms)  Min  Max  Mean  Stddev  P50  P95  P99\n\n"
		       "No waits of task nc.openbsd [504] within what was read\n"
		       "Read from 99890000000 to 99960000000, not the whole trace: a longer --lead "
		       "reads more\n"
		       "2 waits began before what was read or outlasted it and are left out "
		       "(--include-edges takes them in)\n");
	assert_out_has("blocking --summary --include-edges --tid 504 " BRIEF_PART,
		       "sys_poll      1    43.011  43.011  43.011  43.011 ");
	/* Of a whole trace, too: each row of jsonl is a wait of the summary, or one that it left out. */
	assert_out_has("blocking --summary @tcp-delay-classic",
		       "31 waits began before the trace or outlasted it and are left out ");
	assert_out_has("bottleneck --all-tasks @tcp-delay-classic",
		       "31 waits began before the trace or outlasted it and are left out ");
	assert_out_has("dependency --all-tasks @tcp-delay-classic",
		       "31 waits began before the trace or outlasted it and are left out ");
	assert_out_has("why --top 1 --all-tasks @tcp-delay-classic",
		       "31 waits began before the trace or outlasted it and are left out ");
	assert_out_has("blocking --summary --format jsonl @tcp-delay-classic",
		       "\"left_out\":{\"edge\":31,\"unknown\":0,\"bystander\":0},\"waits\":{\"exact\":179,\"inferred\":0,"
		       "\"lost\":0,\"edge\":31},");
	assert_out_has("blocking --format jsonl @tcp-delay-classic",
		       "\"rows\":210,\"left_out\":{\"edge\":0,\"unknown\":0,\"bystander\":0},");
}

static void a_part_that_is_the_whole_trace_changes_nothing(void **state)
{
	struct result all = run("blocking --format jsonl @tcp-delay-classic"), some;

	(void)state;
	assert_run("blocking --format jsonl --begin +0s --end +1h @tcp-delay-classic", 0, all.out, "");
	some = run("blocking --format jsonl --begin +5s --end +6s --lead 1h @tcp-delay-classic");
	assert_true(strlen(some.out) > 10000 && !strstr(some.out, "\"read\":{"));
	result_clear(&all);
	result_clear(&some);
}

static void what_a_part_does_not_tell_of_tasks_is_told(void **state)
{
	(void)state;
	/* 504 was forked before this part and is seen in it; in the other one it is not. */
	assert_run("blocking --pid 504 --begin 99900000000 --lead 10ms @tcp-delay-classic", 2, NULL,
		   "flightbox: --pid 504: the part of the trace that was read does not tell which "
		   "threads belong to it; --tid 504 selects thread 504\n");
	assert_run("blocking --tid 504 --begin +6.2s --lead 500ms @tcp-delay-classic", 2,
		   "No waits within what was read\n"
		   "Read from 101476075606 on, not the whole trace: a longer --lead reads more\n",
		   "flightbox: no thread 504 in the part of the trace that was read; nearest "
		   "processes: cp 509, stamp 510, tee 511\n");
	assert_out_has("blocking --pid 1 --begin +6.2s --end +6.3s --lead 10ms @tcp-delay-classic",
		       "No waits of process init [1] within what was read\n"
		       "1 thread is of unknown process, made in what was not read: --pid passes over "
		       "it\n");
}

/* ---- latency ---------------------------------------------------------------------------- */

static void the_longest_calls_are_listed_on_request(void **state)
{
	struct result r = run("latency --pid 504 --top 0 @tcp-delay-classic");

	(void)state;
	assert_int_equal(r.status, 0);
	assert_non_null(strstr(r.out, "\nsys_pselect6 "));
	assert_null(strstr(r.out, "The longest calls"));
	result_clear(&r);
	assert_out_has("latency --pid 504 --top 1 --time relative @tcp-delay-classic",
		       "\nThe longest calls (ms)\n"
		       "Start            Elapsed (ms)  Syscall       Task              Running  Ready  "
		       "Blocked  Hardirq  Softirq  Blocked by      Stolen by\n"
		       "+3.934955811          203.915  sys_pselect6  nc.openbsd [504]    0.330  0.362  "
		       "203.223    0.000    0.000  SOFTIRQ NET_RX  -\n");
}

static void an_empty_latency_report_says_so(void **state)
{
	(void)state;
	assert_run("latency --pid 9999 @tcp-delay-classic", 2, "No system calls\n", NULL);
	assert_run("latency --pid 504 --min-duration 10s @tcp-delay-classic", 0,
		   "No system calls\n", "");
	assert_run("latency --softirq --min-duration 10s @tcp-delay-classic", 0,
		   "No softirqs\n", "");
}

/* Rows of csv whose second column, the pid, is that. */
static guint count_rows(const char *arguments, const char *pid)
{
	struct result r = run(arguments);
	g_auto(GStrv) lines = g_strsplit(r.out, "\n", -1);
	guint n = 0;

	assert_int_equal(r.status, 0);
	for (char **line = lines; *line; line++) {
		g_auto(GStrv) cells = g_strsplit(*line, ",", 3);

		n += cells[0] && cells[1] && !strcmp(cells[1], pid);
	}
	result_clear(&r);
	return n;
}

static void calls_before_their_process_is_known_are_not_forgotten(void **state)
{
	const char *all = "latency --format csv --top 100000 @blocking-write-slowreader";
	guint n = count_rows("latency --format csv --top 100000 --pid 172 @blocking-write-slowreader",
			     "172");

	(void)state;
	/* 30 of these ended before the statedump told which process they are of. */
	assert_int_equal(n, 978);
	assert_int_equal(n, count_rows(all, "172"));
}

static void every_command_has_help(void **state)
{
	static const char *const commands[] = { "blocking", "latency", "info", "dump", "help" };

	(void)state;
	assert_out_has("--help", "  blocking       who waited, where, and what ended it\n");
	assert_out_has("help", "Usage: flightbox COMMAND");
	assert_out_has("--version", "flightbox ");
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
		g_autofree char *by_option = g_strdup_printf("%s --help", commands[i]);
		g_autofree char *by_command = g_strdup_printf("help %s", commands[i]);
		struct result help = run(by_option);

		assert_non_null(strstr(help.out, "--version"));
		assert_run(by_command, 0, help.out, "");
		result_clear(&help);
	}
}

/* ---- mistakes --------------------------------------------------------------------------- */

static void wrong_usage_is_told_in_one_line(void **state)
{
	static const char *const cases[][2] = {
		{ "", "no command given; see 'flightbox help'" },
		{ "nonsense", "unknown command 'nonsense'; see 'flightbox help'" },
		{ "help nonsense", "unknown command 'nonsense'; see 'flightbox help'" },
		{ "blocking", "blocking: no TRACE given; see 'flightbox help blocking'" },
		{ "blocking --nonsense x",
		  "blocking: Unknown option --nonsense; see 'flightbox help blocking'" },
		{ "blocking --format xml x", "--format xml: expected text, jsonl or csv" },
		{ "blocking --time tea x",
		  "--time tea: expected monotonic, epoch, utc, local or relative" },
		{ "blocking --color red x", "--color red: expected auto, always or never" },
		{ "blocking --source tape x", "--source tape: expected auto, native, perf or babeltrace" },
		{ "blocking --min-duration 5m x",
		  "--min-duration 5m: expected a duration such as 10ms, 250us or 1.5s" },
		{ "critical-path --comm x x", "critical-path: Unknown option --comm; see 'flightbox help critical-path'" },
		{ "check --time relative --budget x x", "--time relative: runs have no begin in common" },
		{ "blocking --min-duration 10parsecs x",
		  "--min-duration 10parsecs: expected a duration such as 10ms, 250us or 1.5s" },
		{ "blocking --lead tea x",
		  "--lead tea: expected a duration such as 10ms, 250us or 1.5s" },
		{ "blocking --pid 5,,6 x", "--pid : expected a number" },
		{ "blocking --tid 1e3 x", "--tid 1e3: expected a number" },
		{ "blocking --begin tomorrow @tcp-delay-classic",
		  "--begin tomorrow: expected a time such as 99500812873 (ns), +1.5s, 12:20:54.5 or "
		  "\"2026-11-20 12:20:54\"" },
		{ "blocking --begin +2s --end +1s @tcp-delay-classic",
		  "--begin +2s is after --end +1s" },
		{ "latency --top -1 x", "--top -1: expected a number from 0 to 100000" },
		{ "latency --top ten x", "--top ten: expected a number from 0 to 100000" },
		{ "latency --top", "latency: Missing argument for --top; see 'flightbox help latency'" },
		{ "latency --all x", "latency: Unknown option --all; see 'flightbox help latency'" },
		{ "blocking --pid nc.openbsd @tcp-delay-classic",
		  "--pid nc.openbsd: expected a number: nc.openbsd runs as 502, 504; --comm nc.openbsd "
		  "selects by name" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_usage(cases[i][0], cases[i][1]);
}

static void every_command_tells_of_a_name_that_nobody_has(void **state)
{
	static const char *const commands[] = {
		"blocking", "why", "latency", "dependency", "bottleneck", "profile -o -",
	};
	const char *missing = "flightbox: --comm nobody: no task in the trace is called that; nearest: ";

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
		g_autofree char *line = g_strdup_printf("%s --comm 'nc.*,nobody' @tcp-delay-classic",
							commands[i]);
		g_autofree char *found = g_strdup_printf("%s --comm 'nc.*,b[a-c]sh,init' @tcp-delay-classic",
							 commands[i]);
		struct result r = run(line), ok = run(found);

		assert_int_equal(r.status, 2);
		assert_int_equal(strncmp(r.err, missing, strlen(missing)), 0);
		/* The others are reported on all the same. */
		assert_non_null(strstr(r.out, "nc.openbsd"));
		assert_int_equal(ok.status, 0);
		assert_string_equal(ok.err, "");
		result_clear(&r);
		result_clear(&ok);
	}
}

/* There are reads, timers and switches, and an option may name several, each of which has to be something. */
static void names_of_calls_causes_and_events_are_told_with_the_nearest(void **state)
{
	(void)state;
	assert_run("why --syscall reed @rpc-chain", 2, NULL,
		   "flightbox: --syscall reed: no wait is in a system call of that name; nearest: read, "
		   "futex, poll\n");
	assert_run("why --cause tmier @rpc-chain", 2, NULL,
		   "flightbox: --cause tmier: no wait was ended by what has that name; nearest: timer, "
		   "hrtimer, irq\n");
	assert_run("dump --kind sched_swich --kind 'lttng_*_end' @rpc-chain", 2, NULL,
		   "flightbox: --kind sched_swich: no event that was read is called that; nearest: "
		   "sched_switch, sched_waking, sched_wakeup\n");
	/* Bystanders' are some, and of a part in which nothing was read nobody can tell. */
	assert_run("why --syscall poll @rpc-chain", 0, NULL, "");
	assert_run("why --cause NET_RX --syscall 're[a-d]d' --top 1 @rpc-chain", 0, NULL, "");
}

/* Nobody is both; of dump each suffices. */
static void who_is_nobody_together_is_told(void **state)
{
	(void)state;
	assert_run("blocking --pid 504 --tid 511 @tcp-delay-classic", 2, "No waits of process "
		   "nc.openbsd [504]\nNo waits of task tee [511]\n",
		   "flightbox: no task in the trace is of all that --pid and --tid choose\n");
	assert_run("dump --pid 504 --tid 511 --kind lttng_statedump_end @tcp-delay-classic", 0, NULL, "");
}

static void unknown_tasks_are_told_with_the_nearest(void **state)
{
	(void)state;
	assert_run("blocking --pid 9999 @tcp-delay-classic", 2, "No waits\n",
		   "flightbox: no process 9999 in the trace; nearest: lttng 512, tee 511, stamp 510\n");
	assert_run("blocking --pid 503 @tcp-delay-classic", 0, "No waits of process bash [503]\n", "");
	assert_run("blocking --tid 1 @tcp-delay-classic", 0, "No waits of task init [1]\n", "");
}

static void a_bad_path_fails(void **state)
{
	(void)state;
	assert_run("blocking /nonexistent", 1, "", "flightbox: /nonexistent: No such file or directory\n");
	assert_run("info tests", 1, "", NULL);
	assert_run("dump -o /nonexistent/x @tcp-delay-classic", 1, "",
		   "flightbox: /nonexistent/x: No such file or directory\n");
}

static void output_that_cannot_be_written_fails(void **state)
{
	static const char *const commands[] = { "blocking", "blocking --format jsonl",
						"blocking --format csv", "latency",
						"latency --softirq", "info", "dump" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
		g_autofree char *arguments =
			g_strdup_printf("%s -o /dev/full @tcp-delay-classic", commands[i]);
		struct result r = run(arguments);

		assert_int_equal(r.status, 1);
		assert_true(g_str_has_suffix(r.err, ": No space left on device\n"));
		result_clear(&r);
	}
}

static void a_broken_packet_is_passed_over(void **state)
{
	g_autofree char *directory = g_dir_make_tmp("flightbox-XXXXXX", NULL);
	g_autofree char *trace = trace_path("tcp-delay-classic");
	g_autofree char *copy = g_strdup_printf("cp -r %s %s/trace", trace, directory);
	g_autofree char *spoil = g_strdup_printf("truncate -s 700001 %s/trace/kernel/ch_0", directory);
	g_autofree char *remove = g_strdup_printf("rm -r %s", directory);
	g_autofree char *arguments = g_strdup_printf("blocking %s/trace", directory);
	struct result r;

	(void)state;
	assert_true(g_spawn_command_line_sync(copy, NULL, NULL, NULL, NULL));
	assert_true(g_spawn_command_line_sync(spoil, NULL, NULL, NULL, NULL));
	r = run(arguments);
	assert_int_equal(r.status, 1);
	assert_non_null(strstr(r.out, "Blocking report for task "));
	assert_non_null(strstr(r.out, " broken packet"));
	assert_non_null(strstr(r.err, "ch_0"));
	assert_true(g_str_has_prefix(r.err, "flightbox: "));
	result_clear(&r);
	assert_true(g_spawn_command_line_sync(remove, NULL, NULL, NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_founding_trace_tells_who_waited),
		cmocka_unit_test(options_choose_waits),
		cmocka_unit_test(what_time_prints_begin_takes),
		cmocka_unit_test(several_formats_tell_the_same),
		cmocka_unit_test(the_report_is_the_same_by_any_number_of_threads),
		cmocka_unit_test(losses_are_told),
		cmocka_unit_test(symbols_name_callbacks),
		cmocka_unit_test(every_line_of_jsonl_is_an_object),
		cmocka_unit_test(info_tells_what_is_in_a_trace),
		cmocka_unit_test(each_question_is_answered_once),
		cmocka_unit_test(times_outside_of_a_trace_are_said_to_be),
		cmocka_unit_test(a_missing_file_is_told_from_what_the_others_say),
		cmocka_unit_test(dump_prints_events),
		cmocka_unit_test(the_longest_calls_are_listed_on_request),
		cmocka_unit_test(an_empty_latency_report_says_so),
		cmocka_unit_test(calls_before_their_process_is_known_are_not_forgotten),
		cmocka_unit_test(dump_prints_all_events_between_its_times),
		cmocka_unit_test(a_report_tells_which_part_was_read),
		cmocka_unit_test(waits_that_reach_out_of_the_part_are_edges),
		cmocka_unit_test(waits_of_who_only_records_are_left_out_unless_asked_for),
		cmocka_unit_test(a_wait_is_explained_in_fifteen_lines),
		cmocka_unit_test(waits_that_reach_out_count_in_no_sum),
		cmocka_unit_test(a_part_that_is_the_whole_trace_changes_nothing),
		cmocka_unit_test(what_a_part_does_not_tell_of_tasks_is_told),
		cmocka_unit_test(every_command_has_help),
		cmocka_unit_test(wrong_usage_is_told_in_one_line),
		cmocka_unit_test(every_command_tells_of_a_name_that_nobody_has),
		cmocka_unit_test(names_of_calls_causes_and_events_are_told_with_the_nearest),
		cmocka_unit_test(who_is_nobody_together_is_told),
		cmocka_unit_test(unknown_tasks_are_told_with_the_nearest),
		cmocka_unit_test(a_bad_path_fails),
		cmocka_unit_test(output_that_cannot_be_written_fails),
		cmocka_unit_test(a_broken_packet_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
