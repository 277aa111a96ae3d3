/* SPDX-License-Identifier: MIT */
/*
 * test_bt2_relay.c - a recorded kernel trace as a live session: what comes through
 * babeltrace2's ctf.lttng-live is what the files hold.
 *
 * Live rows wait two seconds at most for names that are not known yet, so that they may
 * lack what comes later: not in the traces whose rows are compared here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "bt2_run.h"
#include "relay.h"
#include "traces.h"

static const struct recorded *const sessions[] = {
	&(const struct recorded){ .name = "waits-futex" },
	&(const struct recorded){ .name = "lost-events-small" },
	&(const struct recorded){ .name = "variants-multichannel" },
	&(const struct recorded){ .name = "tcp-delay-classic" },
	&(const struct recorded){ .name = "rpc-chain" },
};

static const struct recorded ctf2_session = { .name = "tcp-delay-16", .ctf2 = true };
static const struct recorded ctf2_compact = { .name = "contexts-16", .ctf2 = true };

/* What flightbox prints; fails the test when it does. */
static char *flightbox(const char *const *arguments)
{
	const char *program = g_getenv("FLIGHTBOX");
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_autofree char *err = NULL;
	GError *error = NULL;
	char *out;
	int status;

	g_ptr_array_add(argv, (char *)(program ? program : "build/flightbox"));
	for (const char *const *argument = arguments; *argument; argument++)
		g_ptr_array_add(argv, (char *)*argument);
	g_ptr_array_add(argv, NULL);
	if (!g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out,
			  &err, &status, &error))
		fail_msg("%s", error->message);
	if (status)
		fail_msg("%s: status %d: %s", arguments[0], WEXITSTATUS(status), err);
	return out;
}

/* The rows of a part of it, which has to be a part. */
static char *part_of(const char *trace, const char *kallsyms)
{
	char *report = flightbox((const char *const[]){
		"blocking", "--no-progress", "--format", "jsonl", "--begin", "+4s", "--end", "+4.5s",
		"--lead", "200ms", "--kallsyms", kallsyms, trace, NULL });
	char *end = strstr(report, "{\"type\":\"end\"");

	if (!end || !strstr(end, "\"read\":{"))
		fail_msg("%s", report);
	*end = '\0';
	return report;
}

/* `kallsyms` may be NULL. */
static char *report_of(const char *trace, const char *kallsyms)
{
	return flightbox((const char *const[]){ "blocking", "--no-progress", "--format", "jsonl",
						trace, kallsyms ? "--kallsyms" : NULL, kallsyms,
						NULL });
}

static void same_report(const struct recorded *trace)
{
	g_autofree char *path = recorded_path(trace, "trace/kernel");
	g_autofree char *kallsyms = trace->ctf2 ? NULL : recorded_path(trace, "kallsyms");
	struct relay *relay = relay_start(path);
	g_autofree char *live = report_of(relay->url, kallsyms);
	g_autofree char *files = report_of(path, kallsyms);

	relay_stop(relay);
	assert_string_equal(live, files);
}

static void live_rows_are_those_of_the_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sessions); i++)
		same_report(sessions[i]);
}

static void same_events(const struct recorded *trace)
{
	g_autofree char *path = recorded_path(trace, "trace/kernel");
	struct relay *relay = relay_start(path);
	g_autofree char *live = flightbox((const char *const[]){ "dump", relay->url, NULL });
	g_autofree char *files = flightbox((const char *const[]){ "dump", path, NULL });

	relay_stop(relay);
	assert_true(strlen(live) > 1000);
	assert_true(!strcmp(live, files));
}

static void live_events_are_those_of_the_files(void **state)
{
	(void)state;
	same_events(&(const struct recorded){ .name = "variants-all-contexts" });
	same_events(&(const struct recorded){ .name = "disk" });
}

/* babeltrace2 2.0 prints what an earlier event had where a text is empty: this call's often is. */
static char *without_empty_texts(const char *text)
{
	GString *kept = g_string_new(NULL);

	for (const char *end; (end = strchr(text, '\n')); text = end + 1)
		if (!g_strstr_len(text, end - text, " syscall_entry_newfstatat: "))
			g_string_append_len(kept, text, end + 1 - text);
	return g_string_free(kept, FALSE);
}

static void same_printed(const struct recorded *trace)
{
	g_autofree char *path = recorded_path(trace, "trace/kernel"), *params = NULL;
	g_autofree char *live = NULL, *files = NULL, *live_kept = NULL, *files_kept = NULL;
	struct relay *relay = relay_start(path);

	params = g_strdup_printf("inputs=[\"%s\"],session-not-found-action=\"end\"", relay->url);
	live = bt2_print(
		(const char *const[]){ "-c", "source.ctf.lttng-live", "-p", params, NULL });
	files = bt2_print((const char *const[]){ path, NULL });
	relay_stop(relay);
	live_kept = without_empty_texts(live);
	files_kept = without_empty_texts(files);
	assert_true(strlen(live_kept) > 1000000);
	assert_true(!strcmp(live_kept, files_kept));
}

static void babeltrace2_prints_a_live_session(void **state)
{
	(void)state;
	same_printed(sessions[0]);
}

static void sessions_in_ctf_2_are_read(void **state)
{
	(void)state;
	recorded_needs_babeltrace2(&ctf2_session);
	same_printed(&ctf2_session);
	same_events(&ctf2_session);
	same_events(&ctf2_compact);
	same_report(&ctf2_session);
	same_report(&ctf2_compact);
}

static void a_part_of_a_live_session_is_that_of_the_files(void **state)
{
	g_autofree char *path = recorded_path(sessions[0], "trace/kernel");
	g_autofree char *kallsyms = recorded_path(sessions[0], "kallsyms");
	struct relay *relay = relay_start(path);
	g_autofree char *live = part_of(relay->url, kallsyms);
	g_autofree char *files = part_of(path, kallsyms);

	(void)state;
	relay_stop(relay);
	assert_true(strlen(files) > 5000);
	assert_string_equal(live, files);
}

/* A viewer that comes later gets all of it too. */
static void the_relay_serves_again(void **state)
{
	g_autofree char *path = recorded_path(sessions[0], "trace/kernel");
	g_autofree char *kallsyms = recorded_path(sessions[0], "kallsyms");
	struct relay *relay = relay_start(path);
	g_autofree char *first = report_of(relay->url, kallsyms);
	g_autofree char *second = report_of(relay->url, kallsyms);

	(void)state;
	relay_stop(relay);
	assert_string_equal(first, second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(babeltrace2_prints_a_live_session),
		cmocka_unit_test(sessions_in_ctf_2_are_read),
		cmocka_unit_test(live_events_are_those_of_the_files),
		cmocka_unit_test(live_rows_are_those_of_the_files),
		cmocka_unit_test(a_part_of_a_live_session_is_that_of_the_files),
		cmocka_unit_test(the_relay_serves_again),
	};

	bt2_pass_over_glib();
	return cmocka_run_group_tests_name("bt2_relay", tests, NULL, NULL);
}
