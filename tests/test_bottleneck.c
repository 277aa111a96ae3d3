/* SPDX-License-Identifier: MIT */
/*
 * test_bottleneck.c - waiting time, given to whom or what it was for: of a few events, and that
 * nothing is lost or made up in any recorded trace.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib.h>

#include "analyses/shared/blame.h"
#include "analyses/shared/follow.h"
#include "played.h"
#include "scenario.h"
#include "traces.h"

#define COLUMNS "share,sum_ns,count,tid,pid,comm,state,syscall,device,unknown\n"

static void expect_with(const char *events, const char *given, const struct fb_filter *filter,
			const char *rows)
{
	g_autofree char *expected = g_strconcat(COLUMNS, rows, NULL);
	g_autofree char *got = scenario_report(events, "bottleneck", "csv", given, filter);

	assert_string_equal(got, expected);
}

static void expect(const char *events, const char *rows)
{
	expect_with(events, NULL, NULL, rows);
}

/*
 * Task 10 waits in read from 3 to 19 for task 20, which runs until 6, waits for a disk until 12,
 * gets no CPU until 15 and runs again.
 */
#define FOR_A_DISK                                                                                 \
	"1 0 sched_switch prev_tid=0 next_tid=10\n"                                                \
	"1 1 sched_switch prev_tid=0 next_tid=20\n"                                                \
	"2 0 syscall_entry_read\n"                                                                 \
	"3 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"                                   \
	"5 1 syscall_entry_pread64\n"                                                              \
	"6 1 sched_switch prev_tid=20 prev_state=2 next_tid=0\n"                                   \
	"11 1 irq_handler_entry irq=37 name=virtio4-req.0\n"                                       \
	"12 1 sched_waking tid=20\n"                                                               \
	"13 1 irq_handler_exit irq=37\n"                                                           \
	"15 1 sched_switch prev_tid=0 next_tid=20\n"                                               \
	"18 1 syscall_exit_pread64 ret=1\n"                                                        \
	"19 1 sched_waking tid=10\n"                                                               \
	"20 0 sched_switch prev_tid=0 next_tid=10\n"                                               \
	"25 0 syscall_exit_read ret=1\n"

/* Waits of 16 and 6: the disk's 6 are waiting time of both tasks. */
static void a_wait_is_blamed_on_those_at_the_end_of_the_chain(void **state)
{
	(void)state;
	expect(FOR_A_DISK,
	       "54.5454545,12,2,20,,,block,pread64,virtio4-req.0,\n"
	       "31.8181818,7,4,20,,,running,pread64,,\n"
	       "13.6363636,3,1,20,,,ready,pread64,,\n");
}

static void a_selection_counts_its_own_waits_alone(void **state)
{
	const int32_t tids[] = { 10 };
	const struct fb_filter filter = { .tids = tids, .n_tids = 1 };

	(void)state;
	expect_with(FOR_A_DISK, NULL, &filter,
		    "43.75,7,4,20,,,running,pread64,,\n"
		    "37.5,6,1,20,,,block,pread64,virtio4-req.0,\n"
		    "18.75,3,1,20,,,ready,pread64,,\n");
}

static void resources_have_no_task(void **state)
{
	(void)state;
	expect_with(FOR_A_DISK, "by=resource", NULL,
		    "54.5454545,12,2,,,,block,,virtio4-req.0,\n"
		    "31.8181818,7,4,,,,running,,,\n"
		    "13.6363636,3,1,,,,ready,,,\n");
}

static void what_is_not_shown_is_in_the_total(void **state)
{
	g_autofree char *got = scenario_report(FOR_A_DISK, "bottleneck", "jsonl", "top=1", NULL);

	(void)state;
	assert_non_null(strstr(got, "{\"type\":\"blame_total\",\"waits\":2,\"asleep\":22,"
				    "\"others\":{\"count\":5,\"sum\":10},"
				    "\"not_followed\":{\"waits\":0,\"asleep\":0}}"));
	assert_null(strstr(got, "\"state\":\"ready\""));
}

/* Two threads of process 20 run, one after the other, while 10 waits; 10 then sleeps by itself. */
#define TWO_THREADS                                                                                \
	"0 0 lttng_statedump_process_state tid=10 pid=10 name=client\n"                            \
	"0 0 lttng_statedump_process_state tid=20 pid=20 name=server\n"                            \
	"0 0 lttng_statedump_process_state tid=21 pid=20 name=worker\n"                            \
	"0 0 lttng_statedump_end\n"                                                                \
	"1 0 sched_switch prev_tid=0 next_tid=10\n"                                                \
	"1 1 sched_switch prev_tid=0 next_tid=21\n"                                                \
	"2 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n"                                   \
	"3 0 sched_switch prev_tid=0 next_tid=20\n"                                                \
	"4 0 sched_switch prev_tid=20 prev_state=1 next_tid=0\n"                                   \
	"9 1 sched_waking tid=20\n"                                                                \
	"10 0 sched_switch prev_tid=0 next_tid=20\n"                                               \
	"14 0 sched_waking tid=10\n"                                                               \
	"15 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"                                 \
	"16 0 syscall_entry_clock_nanosleep\n"                                                     \
	"17 0 sched_switch prev_tid=10 prev_state=1 next_tid=20\n"                                 \
	"18 0 x86_irq_vectors_local_timer_entry vector=236\n"                                      \
	"20 0 timer_hrtimer_expire_entry hrtimer=1 function=2\n"                                   \
	"21 0 sched_waking tid=10\n"                                                               \
	"22 0 timer_hrtimer_expire_exit hrtimer=1\n"                                               \
	"23 0 x86_irq_vectors_local_timer_exit vector=236\n"                                       \
	"24 0 sched_switch prev_tid=20 prev_state=0 next_tid=10\n"                                 \
	"25 0 syscall_exit_clock_nanosleep ret=0\n"

/*
 * 10 waits from 2 to 14: for 20, which was not seen before 3 (1), ran until 4, waited until 9
 * for 21, was ready until 10 and ran until 14. 20 waits from 4 to 9. 10 sleeps from 17 to 21.
 */
static void threads_are_told_apart(void **state)
{
	(void)state;
	expect(TWO_THREADS,
	       "47.6190476,10,2,21,20,worker,running,,,\n"
	       "23.8095238,5,2,20,20,server,running,,,\n"
	       "19.047619,4,1,10,10,client,timer,clock_nanosleep,,\n"
	       "4.76190476,1,1,20,20,server,ready,,,\n"
	       "4.76190476,1,1,20,20,server,unknown,,,edge\n");
}

static void processes_are_their_threads(void **state)
{
	(void)state;
	expect_with(TWO_THREADS, "by=process", NULL,
		    "71.4285714,15,4,,20,server,running,,,\n"
		    "19.047619,4,1,,10,client,timer,clock_nanosleep,,\n"
		    "4.76190476,1,1,,20,server,ready,,,\n"
		    "4.76190476,1,1,,20,server,unknown,,,edge\n");
}

static void no_waits_are_no_rows(void **state)
{
	g_autofree char *got = scenario_report("1 0 sched_switch prev_tid=0 next_tid=10\n",
					       "bottleneck", "jsonl", NULL, NULL);

	(void)state;
	assert_null(strstr(got, "blame"));
}

/* ---- wherever a scenario is cut ----------------------------------------------------------- */

static int64_t number_after(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? g_ascii_strtoll(at + strlen(key), NULL, 10) : 0;
}

/* What the waits say themselves, and what is given away in rows. */
static void assert_all_is_given_away(const char *events)
{
	g_autofree char *waits = scenario_report(events, "blocking", "jsonl", NULL, NULL);
	g_autofree char *blames = scenario_report(events, "bottleneck", "jsonl", NULL, NULL);
	g_auto(GStrv) wait_lines = g_strsplit(waits, "\n", -1);
	g_auto(GStrv) blame_lines = g_strsplit(blames, "\n", -1);
	int64_t asleep = 0, given = 0;

	for (char **line = wait_lines; *line; line++)
		if (!strstr(*line, "\"quality\":\"edge\""))
			asleep += number_after(*line, "\"asleep\":");
	for (char **line = blame_lines; *line; line++)
		if (g_str_has_prefix(*line, "{\"type\":\"blame\","))
			given += number_after(*line, "\"sum\":");
	assert_int_equal(given, asleep);
	assert_int_equal(number_after(blames, "\"asleep\":"), asleep);
}

static void all_waiting_time_is_given_away_wherever_it_is_cut(void **state)
{
	static const char *const scenarios[] = { FOR_A_DISK, TWO_THREADS };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(scenarios); i++)
		for (const char *line = strchr(scenarios[i], '\n'); line;
		     line = strchr(line + 1, '\n')) {
			g_autofree char *part = g_strndup(scenarios[i], line + 1 - scenarios[i]);

			assert_all_is_given_away(part);
		}
}

/* ---- recorded traces ---------------------------------------------------------------------- */

static void add(const struct fb_segment *s, void *data)
{
	blames_add(data, s);
}

static const struct fb_path_funcs funcs = { .segment = add };

/* Follows all waits of a trace, with so much effort; returns their asleep time. */
static fb_ns follow_all(const struct played *p, struct follow *f)
{
	fb_ns asleep = 0;

	for (guint i = 0; i < p->waits->len; i++) {
		const struct fb_blocking *b = &g_array_index(p->waits, struct fb_blocking, i);

		follow_wait(f, b);
		if (fb_blocking_asleep(b) != FB_NS_NONE)
			asleep += fb_blocking_asleep(b);
	}
	return asleep;
}

static void assert_sums(const struct blames *blames, enum blame_by by, fb_ns asleep)
{
	g_autoptr(GArray) ranking = blames_rank(blames, by);
	fb_ns sum = 0, last = INT64_MAX;

	for (guint i = 0; i < ranking->len; i++) {
		const struct blame *b = &g_array_index(ranking, struct blame, i);

		assert_in_range(b->sum, 1, last);
		assert_true(b->n > 0);
		last = b->sum;
		sum += b->sum;
	}
	assert_int_equal(sum, asleep);
}

static void the_sum_of_blame_is_the_time_asleep_in(void **state)
{
	g_autofree char *path = recorded_path(*state, ((const struct recorded *)*state)->trace);
	struct played p = played_path(path);
	struct blames *blames = blames_new();
	struct follow f = { .history = p.history, .funcs = &funcs, .data = blames,
			    .begin = INT64_MIN, .end = INT64_MAX, .effort = FOLLOW_EFFORT };
	fb_ns asleep = follow_all(&p, &f);

	assert_int_not_equal(asleep, 0);
	assert_int_equal(f.not_followed, 0);
	for (enum blame_by by = BLAME_TASK; by <= BLAME_RESOURCE; by++)
		assert_sums(blames, by, asleep);
	blames_free(blames);
	played_clear(&p);
}

static void what_is_too_much_to_follow_is_unknown_and_counted(void **state)
{
	struct played p = played_trace("rpc-chain");
	struct blames *blames = blames_new();
	struct follow f = { .history = p.history, .funcs = &funcs, .data = blames,
			    .begin = INT64_MIN, .end = INT64_MAX, .effort = 1 };
	fb_ns asleep, unknown = 0;
	g_autoptr(GArray) ranking = NULL;

	(void)state;
	asleep = follow_all(&p, &f);
	assert_in_range(f.not_followed, 1, p.waits->len - 1);
	assert_sums(blames, BLAME_TASK, asleep);
	ranking = blames_rank(blames, BLAME_RESOURCE);
	for (guint i = 0; i < ranking->len; i++)
		if (g_array_index(ranking, struct blame, i).unknown == FB_UNKNOWN_EFFORT)
			unknown += g_array_index(ranking, struct blame, i).sum;
	assert_int_equal(unknown, f.not_followed_asleep);
	blames_free(blames);
	played_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_is_blamed_on_those_at_the_end_of_the_chain),
		cmocka_unit_test(a_selection_counts_its_own_waits_alone),
		cmocka_unit_test(resources_have_no_task),
		cmocka_unit_test(what_is_not_shown_is_in_the_total),
		cmocka_unit_test(threads_are_told_apart),
		cmocka_unit_test(processes_are_their_threads),
		cmocka_unit_test(no_waits_are_no_rows),
		cmocka_unit_test(all_waiting_time_is_given_away_wherever_it_is_cut),
		cmocka_unit_test(what_is_too_much_to_follow_is_unknown_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) +
	       recorded_run("the_sum_of_blame_is_the_time_asleep_in", NULL,
			    the_sum_of_blame_is_the_time_asleep_in);
}
