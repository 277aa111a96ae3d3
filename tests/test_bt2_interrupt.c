/* SPDX-License-Identifier: MIT */
/*
 * test_bt2_interrupt.c - a live session that goes on: rows are there while it does, and
 * a signal ends the report as if the trace ended.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "bt2_run.h"
#include "relay.h"
#include "traces.h"

#define STEP_US 50000
#define STEPS	400

/*
 * Starts flightbox with its report in `file`; `end`: on what is before that, NULL: on all. A lead that
 * grows would wait for events that this session never has.
 */
static GPid start_part(const char *format, const char *end, const char *kallsyms, const char *trace,
		       const char *file)
{
	const char *program = g_getenv("FLIGHTBOX");
	const char *argv[] = { program ? program : "build/flightbox",
			       "blocking",
			       "--format",
			       format,
			       "--kallsyms",
			       kallsyms,
			       "-o",
			       file,
			       trace,
			       end ? "--end" : NULL,
			       end,
			       "--lead",
			       "1s",
			       NULL };
	GError *error = NULL;
	GPid pid;

	if (!g_spawn_async(NULL, (char **)argv, NULL,
			   G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid,
			   &error))
		fail_msg("%s", error->message);
	return pid;
}

static GPid start(const char *format, const char *kallsyms, const char *trace, const char *file)
{
	return start_part(format, NULL, kallsyms, trace, file);
}

/* Its exit status, 128 and more for a signal; it ends within a second or two. */
static int status_of(GPid pid)
{
	int status = 0, step = 0;

	while (!waitpid(pid, &status, WNOHANG) && step++ < STEPS / 4)
		g_usleep(STEP_US);
	if (step >= STEPS / 4) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Waits until the file has something, and then gets no more for half a second. */
static goffset settled_size(const char *file)
{
	goffset size = 0;

	for (int step = 0, quiet = 0; step < STEPS && quiet < 10; step++) {
		GStatBuf st;
		goffset now = g_stat(file, &st) ? 0 : st.st_size;

		quiet = now && now == size ? quiet + 1 : 0;
		size = now;
		g_usleep(STEP_US);
	}
	return size;
}

static char *contents_of(const char *file)
{
	char *text;

	if (!g_file_get_contents(file, &text, NULL, NULL))
		fail_msg("%s is missing", file);
	return text;
}

/* The report of a session that `number` ended, against that of its files. */
static void ends_in_good_order(const char *format, int number, bool rows_come)
{
	const struct recorded trace = { .name = "waits-futex" };
	g_autofree char *dir = g_dir_make_tmp("flightbox-XXXXXX", NULL);
	g_autofree char *live_file = g_build_filename(dir, "live", NULL);
	g_autofree char *file = g_build_filename(dir, "files", NULL);
	g_autofree char *path = recorded_path(&trace, "trace/kernel");
	g_autofree char *kallsyms = recorded_path(&trace, "kallsyms");
	g_autofree char *live = NULL, *files = NULL;
	struct relay *relay = relay_start_endless(path);
	GPid pid = start(format, kallsyms, relay->url, live_file);
	goffset size = 0;

	if (rows_come)
		size = settled_size(live_file);
	else
		g_usleep(3 * G_USEC_PER_SEC);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, number);
	assert_int_equal(status_of(pid), 0);
	relay_stop(relay);
	assert_int_equal(status_of(start(format, kallsyms, path, file)), 0);
	live = contents_of(live_file);
	files = contents_of(file);
	if (rows_come)
		assert_true(size > (goffset)strlen(files) / 2);
	assert_string_equal(live, files);
	g_unlink(live_file);
	g_unlink(file);
	g_rmdir(dir);
}

static void rows_come_while_the_session_goes_on_and_ctrl_c_ends_it(void **state)
{
	(void)state;
	ends_in_good_order("jsonl", SIGINT, true);
}

static void sigterm_ends_it_as_well(void **state)
{
	(void)state;
	ends_in_good_order("csv", SIGTERM, true);
}

static void people_get_the_whole_report_at_the_end(void **state)
{
	(void)state;
	ends_in_good_order("text", SIGINT, false);
}

static void a_part_is_complete_while_the_session_goes_on(void **state)
{
	const struct recorded trace = { .name = "waits-futex" };
	g_autofree char *dir = g_dir_make_tmp("flightbox-XXXXXX", NULL);
	g_autofree char *file = g_build_filename(dir, "live", NULL), *text = NULL;
	g_autofree char *path = recorded_path(&trace, "trace/kernel");
	g_autofree char *kallsyms = recorded_path(&trace, "kallsyms");
	struct relay *relay = relay_start_endless(path);

	(void)state;
	assert_int_equal(status_of(start_part("jsonl", "+5s", kallsyms, relay->url, file)), 0);
	relay_stop(relay);
	text = contents_of(file);
	assert_true(strlen(text) > 10000);
	assert_non_null(strstr(text, "\n{\"type\":\"end\",\"complete\":true,"));
	g_unlink(file);
	g_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_while_the_session_goes_on_and_ctrl_c_ends_it),
		cmocka_unit_test(sigterm_ends_it_as_well),
		cmocka_unit_test(people_get_the_whole_report_at_the_end),
		cmocka_unit_test(a_part_is_complete_while_the_session_goes_on),
	};

	bt2_pass_over_glib();
	return cmocka_run_group_tests_name("bt2_interrupt", tests, NULL, NULL);
}
