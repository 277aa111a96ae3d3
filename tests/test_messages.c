/* SPDX-License-Identifier: MIT */
/*
 * test_messages.c - what the command says to what is no trace, or no whole one, and that it
 * does not wait for what will never come. FLIGHTBOX names the binary, FB_TRACES the traces.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <flightbox/source.h>
#include <glib.h>
#include <glib/gstdio.h>

#include "tests/ctf_text.h"

/* ---- a directory of one's own, and the command in it ------------------------------------- */

static char *home;

static int enter(void **state)
{
	(void)state;
	home = g_dir_make_tmp("flightbox-messages-XXXXXX", NULL);
	return home ? chdir(home) : -1;
}

static int leave(void **state)
{
	g_autofree char *line = g_strdup_printf("rm -rf %s", home);

	(void)state;
	g_clear_pointer(&home, g_free);
	return chdir("/") || system(line);
}

struct result {
	char *out, *err;
	int status; /* as of wait() */
};

static char *binary, *traces;
static char *perf; /* the text of a trace of perf's */

/* Runs `flightbox ARGUMENTS` in `home`; @NAME stands for a recorded trace. Ends it after ten seconds. */
static struct result run(const char *arguments)
{
	g_auto(GStrv) words = g_strsplit(arguments, "@", 2);
	g_autofree char *line =
		words[1] ? g_strdup_printf("timeout -s KILL 10 %s %s%s/%s/trace", binary, words[0],
					   traces, words[1])
			 : g_strdup_printf("timeout -s KILL 10 %s %s", binary, arguments);
	g_auto(GStrv) argv = NULL;
	struct result r;

	assert_true(g_shell_parse_argv(line, NULL, &argv, NULL));
	assert_true(g_spawn_sync(home, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &r.out, &r.err,
				 &r.status, NULL));
	return r;
}

static void result_clear(struct result *r)
{
	g_free(r->out);
	g_free(r->err);
}

/* It fails, and says one line. Built without babeltrace2 it says that where it is asked for. */
static void assert_refused(const char *arguments, const char *message)
{
	struct result r = run(arguments);
	g_autofree char *line = g_strdup_printf("flightbox: %s\n", message);

	if (strstr(arguments, "--source babeltrace") &&
	    strstr(r.err, "this flightbox was built without babeltrace2")) {
		result_clear(&r);
		return;
	}
	if (!WIFEXITED(r.status) || WEXITSTATUS(r.status) != 1)
		fail_msg("%s: status 0x%x: %s", arguments, r.status, r.err);
	assert_string_equal(r.err, line);
	assert_string_equal(r.out, "");
	result_clear(&r);
}

static void put(const char *name, const char *bytes, gssize n)
{
	g_autofree char *path = g_build_filename(home, name, NULL);

	assert_true(g_file_set_contents(path, bytes, n, NULL));
}

/* ---- strangers -------------------------------------------------------------------------- */

static const struct {
	const char *name, *begin;
	gssize n; /* bytes of it, -1: a string */
	const char *message;
} strangers[] = {
	{ "trace.dat", "\x17\x08\x44tracing7\0\0", 13,
	  "is a recording of trace-cmd; record with flightbox-record or perf, see docs/events.md" },
	{ "trace.txt", "# tracer: nop\n#\n# entries-in-buffer/entries-written: 1/1   #P:2\n", -1,
	  "is the text of ftrace; record with flightbox-record or perf, see docs/events.md" },
	{ "report.txt", "cpus=2\n          nc-504   [000]  99711.137075: sched_switch: nc:504 [120] S ==> x:0\n",
	  -1, "is the text of ftrace or perf; record with flightbox-record or perf, see docs/events.md" },
	{ "pipe.txt", "          nc-504     [001] d..2. 99711.137075: sched_waking: comm=nc pid=504\n", -1,
	  "is the text of ftrace or perf; record with flightbox-record or perf, see docs/events.md" },
	{ "script.txt", "nc     504 [000] 99711.137075: sched:sched_switch: nc:504 [120] S\n", -1,
	  "is the text of ftrace or perf; record with flightbox-record or perf, see docs/events.md" },
	{ "x.pcap", "\xd4\xc3\xb2\xa1\2\0\4\0", 8,
	  "is a capture of packets; that does not tell what tasks waited for: record with "
	  "flightbox-record or perf, see docs/events.md" },
	{ "x.pcapng", "\x0a\x0d\x0d\x0a\x1c\0\0\0", 8,
	  "is a capture of packets; that does not tell what tasks waited for: record with "
	  "flightbox-record or perf, see docs/events.md" },
	{ "run.tar.gz", "\x1f\x8b\x08\0\0\0\0\0", 8,
	  "is an archive; unpack it, and give the directory: tar -xf run.tar.gz" },
	{ "run.tar.xz", "\xfd" "7zXZ\0\0\4", 8,
	  "is an archive; unpack it, and give the directory: tar -xf run.tar.xz" },
	{ "run.zip", "PK\3\4\x14\0\0\0", 8,
	  "is an archive; unpack it, and give the directory: unzip run.zip" },
	{ "run.zst", "\x28\xb5\x2f\xfd\0\0\0\0", 8, "is compressed; unpack it: unzstd run.zst" },
	{ "stream_0", "\xc1\x1f\xfc\xc1\0\0\0\0", 8,
	  "is one stream of a trace; give the directory with all files of the trace" },
	{ "ch.idx", "\xc1\xf1\xdc\xc1\0\0\0\1", 8,
	  "is the index of a stream; give the directory with all files of the trace" },
	{ "run.json", "{\"type\":\"profile\",\"format\":1,\"runs\":[\n", -1,
	  "is a profile; flightbox compare and check read it" },
};

static void other_recordings_are_answered_with_what_to_do(void **state)
{
	static const char *const commands[] = { "blocking", "info", "dump",
						"blocking --source babeltrace" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(strangers); i++) {
		g_autofree char *message = g_strdup_printf("%s: %s", strangers[i].name,
							   strangers[i].message);

		put(strangers[i].name, strangers[i].begin, strangers[i].n);
		for (size_t k = 0; k < G_N_ELEMENTS(commands); k++) {
			g_autofree char *arguments =
				g_strdup_printf("%s '%s'", commands[k], strangers[i].name);

			assert_refused(arguments, message);
		}
	}
}

/* Who cannot read it says what to do; who can says where it is damaged. */
static void a_recording_of_perf_is_read_or_answered(void **state)
{
	const char *const convert = "is a recording of perf; make a CTF trace of it: "
				    "perf data convert --to-ctf=DIR -i";
	g_autofree char *plain = g_strdup_printf("perf.data: %s perf.data", convert);
	g_autofree char *quoted = g_strdup_printf("a b.data: %s 'a b.data'", convert);
	g_autofree char *path = g_build_filename(home, "perf.data", NULL);
	bool is_read;

	(void)state;
	put("perf.data", "PERFILE2\x68\0\0\0\0\0\0\0", 16);
	put("a b.data", "2ELIFREP\0\0\0\0\0\0\0\x68", 16);
	is_read = fb_source_perf.probe(path);
	assert_refused("blocking --source native perf.data", plain);
	assert_refused("blocking --source native 'a b.data'", quoted);
	assert_refused("dump --source babeltrace 'a b.data'", quoted);
	assert_refused("blocking perf.data", !is_read ? plain :
		       "perf.data: byte 0: a header of 104 bytes, but the file has 16; is it cut off?");
	assert_refused("info 'a b.data'", !is_read ? quoted :
		       "a b.data: byte 0: a header of 104 bytes, but the file has 16; is it cut off?");
	assert_refused("compare perf.data -- perf.data", !is_read ? plain :
		       "perf.data: byte 0: a header of 104 bytes, but the file has 16; is it cut off?");
}

static void an_archive_is_known_by_its_header(void **state)
{
	char header[512] = "kernel/";

	(void)state;
	memcpy(header + 257, "ustar\00000", 8);
	put("run", header, sizeof(header));
	assert_refused("why run",
		       "run: is an archive; unpack it, and give the directory: tar -xf run");
}

static void a_directory_says_which_of_its_files_is_known(void **state)
{
	g_autofree char *path = g_build_filename(home, "d/perf.data", NULL);

	(void)state;
	assert_int_equal(g_mkdir_with_parents("d/e", 0700), 0);
	put("d/notes", "hello\n", -1);
	assert_refused("blocking d",
		       "d: no kernel trace here or below: no directory with a file 'metadata'");
	put("d/trace.dat", "\x17\x08\x44tracing7\0\0", 13);
	assert_refused("blocking d",
		       "d: no trace here, but trace.dat is a recording of trace-cmd; record with "
		       "flightbox-record or perf, see docs/events.md");
	put("d/perf.data", "PERFILE2\x68\0\0\0\0\0\0\0", 16);
	assert_refused("blocking d", fb_source_perf.probe(path) ?
		       "d: no trace here, but perf.data is a recording of perf; give that file" :
		       "d: no trace here, but perf.data is a recording of perf; make a CTF trace of "
		       "it: perf data convert --to-ctf=DIR -i d/perf.data");
}

static void a_file_of_a_recorded_trace_asks_for_all_of_it(void **state)
{
	g_autofree char *file =
		g_strdup_printf("%s/waits-wait/trace/kernel/ch_0", traces);
	g_autofree char *arguments = g_strconcat("blocking ", file, NULL);
	g_autofree char *message = g_strconcat(
		file, ": is one stream of a trace; give the directory with all files of the trace", NULL);

	(void)state;
	assert_refused(arguments, message);
}

/* Told as a trace would be; what may be one of our profiles, as JSON. */
static void runs_to_compare_are_answered_alike(void **state)
{
	(void)state;
	put("trace.dat", "\x17\x08\x44tracing7\0\0", 13);
	put("run.json", "{\"type\":\"profile\",\"format\":1,\"runs\":[\n", -1);
	assert_refused("compare trace.dat -- trace.dat",
		       "trace.dat: is a recording of trace-cmd; record with flightbox-record or perf, see "
		       "docs/events.md");
	assert_refused("compare run.json -- run.json",
		       "run.json: line 2, column 0: ']' expected near end of file");
}

static void text_that_only_looks_like_events_is_not_taken_for_them(void **state)
{
	(void)state;
	put("log", "[   12.345678] eth0: link up\nx [12] 5: a\nx [0] 1.5 y: z\n[1:2.5: z\n[1] 1.\n[", -1);
	assert_refused("blocking log",
		       "log: no kernel trace here or below: no directory with a file 'metadata'");
	put("empty", "", 0);
	assert_refused("blocking empty",
		       "empty: no kernel trace here or below: no directory with a file 'metadata'");
}

static void devices_and_fifos_are_not_waited_for(void **state)
{
	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_refused("blocking fifo", "fifo: is a FIFO, not a trace");
	assert_refused("blocking --source babeltrace fifo", "fifo: is a FIFO, not a trace");
	assert_refused("info /dev/zero", "/dev/zero: is a device, not a trace");
}

/* ---- what stands where files should ------------------------------------------------------- */

/* Copies a recorded trace's files to `home`/NAME. */
static void copy_trace(const char *name)
{
	g_autofree char *line =
		g_strdup_printf("mkdir -p %s && cp -r %s/waits-wait/trace/kernel/* %s", name, traces, name);

	assert_int_equal(system(line), 0);
}

/* Events by `info`, and all that it says beside them. */
static void assert_info(const char *path, int status, const char *events, const char *messages)
{
	g_autofree char *arguments = g_strdup_printf("info '%s'", path);
	g_autofree char *line = g_strdup_printf("\nEvents    %s\n", events);
	struct result r = run(arguments);

	assert_true(WIFEXITED(r.status));
	assert_int_equal(WEXITSTATUS(r.status), status);
	if (!strstr(r.out, line))
		fail_msg("%s: no%s in %s", path, line, r.out);
	assert_string_equal(r.err, messages);
	result_clear(&r);
}

static void fifos_for_metadata_are_not_waited_for(void **state)
{
	static const char *const commands[] = { "blocking", "info", "dump", "why", "latency",
						"profile", "critical-path --tid 1" };

	(void)state;
	assert_int_equal(g_mkdir_with_parents("fifos/below", 0700), 0);
	assert_int_equal(mkfifo("fifos/below/metadata", 0600) | mkfifo("fifos/below/ch_0", 0600), 0);
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
		g_autofree char *arguments = g_strconcat(commands[i], " fifos", NULL);

		assert_refused(arguments, "fifos/below/metadata: "
					  "is a FIFO, not a file");
	}
	assert_refused("blocking --source babeltrace fifos",
		       "fifos/below/metadata: is a FIFO, not a file");
	assert_refused("blocking --source babeltrace fifos/below",
		       "fifos/below/metadata: is a FIFO, not a file");
}

static void what_is_no_file_is_passed_over_by_name(void **state)
{
	(void)state;
	copy_trace("odd");
	assert_int_equal(mkfifo("odd/ch_2", 0600) | symlink("/dev/zero", "odd/zero") |
			 symlink("nowhere", "odd/lost") | mkdir("odd/directory", 0700), 0);
	assert_int_equal(mkfifo("odd/index/ch_2.idx", 0600), 0);
	assert_info("odd", 1, "55115",
		    "flightbox: odd/ch_2: is a FIFO, not a file\n"
		    "flightbox: odd/lost: No such file or directory\n"
		    "flightbox: odd/zero: is a link that leads out of the trace, to /dev/zero\n");
}

static void a_thousand_fifos_end_soon(void **state)
{
	gint64 begin = g_get_monotonic_time();
	struct result r;

	(void)state;
	copy_trace("full");
	for (int i = 0; i < 1000; i++) {
		g_autofree char *path = g_strdup_printf("full/f_%d", i);

		assert_int_equal(mkfifo(path, 0600), 0);
	}
	r = run("blocking --summary full");
	assert_true(WIFEXITED(r.status) && WEXITSTATUS(r.status) == 1);
	assert_non_null(strstr(r.err, "flightbox: full/f_0: is a FIFO, not a file\n"));
	assert_true(g_str_has_suffix(r.err, " further problems\n"));
	/* A second without sanitizers, on an idle machine. */
	assert_true(g_get_monotonic_time() - begin < 5 * G_USEC_PER_SEC);
	result_clear(&r);
}

static void links_are_followed_within_the_trace_or_where_they_are_named(void **state)
{
	g_autofree char *all = g_build_filename(home, "all", "data", "metadata", NULL);
	g_autofree char *message = g_strdup_printf(
		"all/links/metadata: is a link that leads out "
		"of the trace, to %s", all);

	(void)state;
	copy_trace("all/data");
	assert_int_equal(mkdir("all/links", 0700), 0);
	assert_int_equal(rename("all/data/ch_0", "all/ch_0") | unlink("all/data/ch_1") |
			 system("rm -r all/data/index"), 0);
	assert_int_equal(symlink("../data/metadata", "all/links/metadata") |
			 symlink("../ch_0", "all/links/ch_0") | symlink("all", "link"), 0);
	assert_info("all", 0, "28917", "");
	assert_info("link", 0, "28917", "");
	assert_refused("blocking all/links", message);
	/* Named by the user: its metadata, not its streams. */
	assert_int_equal(unlink("all/links/ch_0") | rename("all/ch_0", "all/links/ch_0"), 0);
	assert_info("all/links/metadata", 0, "28917", "");
}

static void a_directory_with_a_longer_name_is_outside(void **state)
{
	g_autofree char *message = g_strdup_printf(
		"flightbox: trace/ch_1: is a link that leads out of the trace, to %s/trace-2/ch_1\n",
		home);

	(void)state;
	copy_trace("trace");
	copy_trace("trace-2");
	assert_int_equal(unlink("trace/ch_1") | unlink("trace/index/ch_1.idx") |
			 symlink("../trace-2/ch_1", "trace/ch_1"), 0);
	assert_info("trace", 1, "28917", message);
}

/* ---- pipes ------------------------------------------------------------------------------ */

static void ignore_pipes(void *data)
{
	(void)data;
	signal(SIGPIPE, SIG_IGN);
}

static void assert_ends_quietly(const char *command, GSpawnChildSetupFunc setup)
{
	g_autofree char *trace = g_build_filename(traces, "disk", "trace", NULL);
	const char *argv[] = { binary, command, trace, NULL };
	int out, err, status;
	char byte;
	GPid pid;

	assert_true(g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
					     setup, NULL, &pid, NULL, &out, &err, NULL));
	close(out);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGPIPE);
	assert_int_equal(read(err, &byte, 1), 0);
	close(err);
}

static void a_closed_pipe_ends_it_without_a_word(void **state)
{
	(void)state;
	assert_ends_quietly("dump", NULL);
	assert_ends_quietly("blocking", NULL);
	assert_ends_quietly("dump", ignore_pipes);
}

/* Ended while it waits for somebody to take its lines. */
static void assert_ends_with_a_line(int number, const char *option)
{
	g_autofree char *trace = g_build_filename(traces, "disk", "trace", NULL);
	const char *argv[] = { binary, "dump", trace, option, NULL };
	g_autoptr(GString) all = g_string_new(NULL);
	char block[4096];
	int out, status;
	ssize_t n;
	GPid pid;

	assert_true(g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
					     NULL, NULL, &pid, NULL, &out, NULL, NULL));
	assert_int_equal(read(out, block, 1000), 1000);
	/* Until the pipe is full: a little more than it holds. */
	g_usleep(G_USEC_PER_SEC / 5);
	kill(pid, number);
	while ((n = read(out, block, sizeof(block))) > 0)
		g_string_append_len(all, block, n);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(out);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), number);
	/* Neither cut short nor all that there is. */
	assert_true(all->len > 0 && all->len < (1 << 20));
	assert_int_equal(all->str[all->len - 1], '\n');
}

static void a_signal_ends_it_behind_a_whole_line(void **state)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		assert_ends_with_a_line(numbers[i], NULL);
		assert_ends_with_a_line(numbers[i], "--jobs=1");
	}
}

static void two_signals_end_it_at_once(void **state)
{
	g_autofree char *trace = g_build_filename(traces, "disk", "trace", NULL);
	const char *argv[] = { binary, "dump", trace, NULL };
	int out, status;
	char byte;
	GPid pid;

	(void)state;
	assert_true(g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
					     NULL, NULL, &pid, NULL, &out, NULL, NULL));
	assert_int_equal(read(out, &byte, 1), 1);
	g_usleep(G_USEC_PER_SEC / 5);
	kill(pid, SIGTERM);
	g_usleep(G_USEC_PER_SEC / 5);
	kill(pid, SIGTERM);
	/* Nobody reads on. */
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	close(out);
}

static void ignore_hangups(void *data)
{
	(void)data;
	signal(SIGHUP, SIG_IGN);
}

static void nohup_is_obeyed(void **state)
{
	g_autofree char *trace = g_build_filename(traces, "disk", "trace", NULL);
	const char *argv[] = { binary, "dump", trace, NULL };
	int out, status;
	char block[4096];
	GPid pid;

	(void)state;
	assert_true(g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
					     ignore_hangups, NULL, &pid, NULL, &out, NULL, NULL));
	assert_int_equal(read(out, block, 1), 1);
	kill(pid, SIGHUP);
	while (read(out, block, sizeof(block)) > 0)
		;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(out);
}

/* ---- what is read, and what is written ---------------------------------------------------- */

static void assert_told(const char *arguments, int status, const char *message)
{
	struct result r = run(arguments);
	g_autofree char *line = g_strdup_printf("flightbox: %s\n", message);

	assert_true(WIFEXITED(r.status));
	assert_int_equal(WEXITSTATUS(r.status), status);
	assert_string_equal(r.err, line);
	result_clear(&r);
}

static void an_output_never_takes_the_place_of_what_is_read(void **state)
{
	g_autofree char *original = g_build_filename(traces, "waits-wait", "trace", "kernel", "ch_0", NULL);
	g_autofree char *before = NULL, *after = NULL;
	gsize n, n_after;
	struct result r;

	(void)state;
	copy_trace("in/kernel");
	put("in/kallsyms", "ffffffff81000000 T _stext\n", -1);
	assert_int_equal(link("in/kernel/ch_0", "hard") | symlink("in/kernel/ch_0", "soft"), 0);
	assert_told("blocking -o in/kernel/ch_0 in", 2, "in/kernel/ch_0: is read, and is not written over");
	assert_told("dump -o in/kernel/metadata in", 2, "in/kernel/metadata: is read, and is not written over");
	assert_told("info -o in/kernel/index/ch_0.idx in/kernel", 2,
		    "in/kernel/index/ch_0.idx: is read, and is not written over");
	assert_told("blocking --save in/kernel/ch_0 in", 2,
		    "in/kernel/ch_0: is read, and is not written over");
	assert_told("profile -o soft in", 2, "soft: is read, and is not written over: it is in/kernel/ch_0");
	assert_told("why -o hard in/kernel", 2,
		    "hard: is read, and is not written over: it is in/kernel/ch_0");
	assert_told("blocking -o in/kallsyms in/kallsyms", 2,
		    "in/kallsyms: is read, and is not written over");
	assert_told("blocking --kallsyms in/kallsyms -o in/kallsyms in/kernel", 2,
		    "in/kallsyms: is read, and is not written over");
	r = run("profile -o a.json in");
	assert_int_equal(r.status, 0);
	result_clear(&r);
	put("limits", "max < 1s\n", -1);
	assert_told("compare -o a.json a.json -- a.json", 2, "a.json: is read, and is not written over");
	assert_told("compare -o soft a.json -- in", 2,
		    "soft: is read, and is not written over: it is in/kernel/ch_0");
	assert_told("check --budget limits -o limits in", 2, "limits: is read, and is not written over");
	assert_true(g_file_get_contents(original, &before, &n, NULL));
	assert_true(g_file_get_contents("hard", &after, &n_after, NULL));
	assert_int_equal(n, n_after);
	assert_memory_equal(before, after, n);
}

/* A report may lie beside the streams, and be written again. */
static void a_report_is_written_anew_wherever_it_lies(void **state)
{
	(void)state;
	copy_trace("beside");
	for (int i = 0; i < 2; i++) {
		struct result r = run("blocking -o beside/report beside");

		assert_string_equal(r.err, "");
		assert_int_equal(r.status, 0);
		result_clear(&r);
	}
}

static void files_that_never_end_are_not_read_to_their_end(void **state)
{
	(void)state;
	assert_told("check --budget /dev/zero @waits-wait", 1, "/dev/zero: more than 1024 KiB");
	assert_told("blocking --kallsyms /dev/zero @waits-wait", 1, "/dev/zero: is a device, not a file");
	assert_told("merge /dev/zero", 1,
		    "/dev/zero: line 1, column 1: '[' or '{' expected near end of file");
}

/* ---- traces by other tracers -------------------------------------------------------------- */

/* Task 10 leaves for 20, then 30 leaves for 40: what came between is missing. */
static const char two_switches[] =
	"--- file stream_0\n"
	"packet\n"
	"0xC1FC1FC1/32\n"
	"0/8 1/8 2/8 3/8 4/8 5/8 6/8 7/8 8/8 9/8 10/8 11/8 12/8 13/8 14/8 15/8\n"
	"0/32 1000/64 2000/64 CONTENT/64 SIZE/64 0/64 0/32\n"
	"0/32 1001/64 0xff/64 10/32 9/32 1/64 1/64 300/32 0/32 0/32 10/32 \"a\\0\" 10/32 120/32 1/64 \"b\\0\" 20/32 120/32\n"
	"0/32 1500/64 0xff/64 30/32 9/32 1/64 1/64 300/32 0/32 0/32 30/32 \"c\\0\" 30/32 120/32 1/64 \"d\\0\" 40/32 120/32\n"
	"end\n--- expected\n";

/* Of a trace with these two switches, and `more` in its environment. */
static struct result run_on_perf(const char *command, const char *more)
{
	const char *behind = strstr(perf, "tracer_name"), *end = strstr(perf, "--- file");
	g_autofree char *whole = g_strdup_printf("%.*s%s%.*s%s", (int)(behind - perf), perf, more,
						 (int)(end - behind), behind, two_switches);
	struct ctf_text *trace = ctf_text_parse(whole);
	char *dir = ctf_text_write(trace);
	g_autofree char *arguments = g_strdup_printf("%s '%s'", command, dir);
	struct result r = run(arguments);

	ctf_text_remove(dir);
	ctf_text_free(trace);
	return r;
}

static void perf_gets_no_advice_for_lttng(void **state)
{
	struct result r = run_on_perf("blocking", "");

	(void)state;
	assert_non_null(strstr(r.out, "1 switch of task does not follow from the one before, nor is any from an "
				      "idle CPU: perf recorded some tasks only, and not who woke them. To "
				      "record all: perf record -a\n"));
	assert_null(strstr(r.out, "lttng"));
	result_clear(&r);
}

static void a_session_without_a_name_has_no_line(void **state)
{
	static const char created[] = "trace_creation_datetime = \"20261120T123905+0000\"; ";
	g_autofree char *named = g_strconcat("trace_name = \"slow\"; ", created, NULL);
	struct result without = run_on_perf("info", created), with = run_on_perf("info", named);

	(void)state;
	assert_null(strstr(without.out, "created"));
	assert_null(strstr(without.out, "Session"));
	assert_non_null(strstr(with.out, "Session   slow, created 20261120T123905+0000\n"));
	result_clear(&without);
	result_clear(&with);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_recordings_are_answered_with_what_to_do),
		cmocka_unit_test(a_recording_of_perf_is_read_or_answered),
		cmocka_unit_test(an_archive_is_known_by_its_header),
		cmocka_unit_test(a_directory_says_which_of_its_files_is_known),
		cmocka_unit_test(a_file_of_a_recorded_trace_asks_for_all_of_it),
		cmocka_unit_test(runs_to_compare_are_answered_alike),
		cmocka_unit_test(text_that_only_looks_like_events_is_not_taken_for_them),
		cmocka_unit_test(devices_and_fifos_are_not_waited_for),
		cmocka_unit_test(fifos_for_metadata_are_not_waited_for),
		cmocka_unit_test(what_is_no_file_is_passed_over_by_name),
		cmocka_unit_test(a_thousand_fifos_end_soon),
		cmocka_unit_test(links_are_followed_within_the_trace_or_where_they_are_named),
		cmocka_unit_test(a_directory_with_a_longer_name_is_outside),
		cmocka_unit_test(a_closed_pipe_ends_it_without_a_word),
		cmocka_unit_test(a_signal_ends_it_behind_a_whole_line),
		cmocka_unit_test(two_signals_end_it_at_once),
		cmocka_unit_test(nohup_is_obeyed),
		cmocka_unit_test(an_output_never_takes_the_place_of_what_is_read),
		cmocka_unit_test(a_report_is_written_anew_wherever_it_lies),
		cmocka_unit_test(files_that_never_end_are_not_read_to_their_end),
		cmocka_unit_test(perf_gets_no_advice_for_lttng),
		cmocka_unit_test(a_session_without_a_name_has_no_line),
	};

	binary = realpath(g_getenv("FLIGHTBOX") ? g_getenv("FLIGHTBOX") : "build/flightbox", NULL);
	traces = realpath(g_getenv("FB_TRACES") ? g_getenv("FB_TRACES") : "build/traces", NULL);
	if (!binary || !traces || !g_file_get_contents("tests/ctf/pass-perf.ctf", &perf, NULL, NULL))
		return 1;
	return cmocka_run_group_tests(tests, enter, leave);
}
