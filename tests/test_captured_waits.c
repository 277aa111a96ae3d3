/* SPDX-License-Identifier: MIT */
/*
 * test_captured_waits.c - the numbers that captures have for the packets of recorded traces, against what
 * another program made of both: tests/captured-waits.txt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <flightbox/packet.h>

#include "traces.h"

struct joined_trace {
	struct fb_source *source;
	struct fb_packets *packets;
	struct fb_kernel *kernel;
	GString *waits;	     /* "TID BEGIN NUMBER", lines */
	GHashTable *reasons; /* of those that have none: struct fb_packet_key.unnumbered, by name, to how many */
};

static void on_blocking(const struct fb_blocking *b, void *data)
{
	struct joined_trace *t = data;
	const struct fb_packet *packet = fb_packets_of(t->packets, b);
	char *why;

	if (!packet || packet->match == FB_PACKET_NONE || b->begin == FB_NS_NONE)
		return;
	g_string_append_printf(t->waits, "%d %" G_GINT64_FORMAT " ", b->task->tid, b->begin);
	if (packet->key.file) {
		assert_true(packet->key.unnumbered == FB_PACKET_NUMBERED);
		g_string_append_printf(t->waits, "%" G_GUINT64_FORMAT "\n", packet->key.number);
		return;
	}
	g_string_append(t->waits, "-\n");
	why = (char *)fb_packet_unnumbered_name(packet->key.unnumbered);
	if (!why)
		return;
	g_hash_table_insert(t->reasons, why,
			    GINT_TO_POINTER(GPOINTER_TO_INT(g_hash_table_lookup(t->reasons, why)) +
					    1));
}

/* What tells of packets. */
#define NETWORK                                                                                    \
	(FB_KIND_BIT(FB_EV_NET_QUEUE) | FB_KIND_BIT(FB_EV_NET_RECEIVE) |                           \
	 FB_KIND_BIT(FB_EV_NET_START) | FB_KIND_BIT(FB_EV_NET_LOOP) | FB_KIND_BIT(FB_EV_NET_XMIT) | \
	 FB_KIND_BIT(FB_EV_SKB_COPY) | FB_KIND_BIT(FB_EV_SKB_CONSUME) | FB_KIND_BIT(FB_EV_SKB_FREE))

/* Reads the trace, without the events of kinds `but`, with a capture of tests/captures. */
static struct joined_trace *join_but(const char *name, const char *capture, uint64_t but)
{
	g_autofree char *path = recorded_path(&(struct recorded){ .name = name }, "trace");
	struct joined_trace *t = g_new0(struct joined_trace, 1);
	struct fb_observer observer;
	struct fb_kernel_options options = { .observers = &observer, .n_observers = 1 };
	struct fb_batch batch;

	t->packets = fb_packets_new();
	t->waits = g_string_new(NULL);
	t->reasons = g_hash_table_new(g_str_hash, g_str_equal);
	observer = fb_packets_observer(t->packets);
	t->source = recorded_open(path, (fb_kernel_kinds() | fb_packets_kinds()) & ~but, false);
	t->source->info.kinds &= ~but;
	t->source->info.captures = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(t->source->info.captures,
			g_build_filename("tests/captures", capture, NULL));
	g_ptr_array_add(t->source->info.captures, NULL);
	t->kernel = fb_kernel_new(t->source, &options, on_blocking, t);
	while (fb_source_next(t->source, &batch, NULL) && batch.n)
		fb_kernel_events(t->kernel, batch.events, batch.n);
	fb_kernel_finish(t->kernel);
	return t;
}

static struct joined_trace *join(const char *name, const char *capture)
{
	return join_but(name, capture, 0);
}

static void clear(struct joined_trace *t)
{
	fb_packets_free(t->packets);
	fb_kernel_free(t->kernel);
	fb_source_close(t->source);
	g_string_free(t->waits, TRUE);
	g_hash_table_destroy(t->reasons);
	g_free(t);
}

static void assert_reasons(const struct joined_trace *t, const char *why, int n)
{
	assert_int_equal(GPOINTER_TO_INT(g_hash_table_lookup(t->reasons, why)), n);
	assert_int_equal(g_hash_table_size(t->reasons), n > 0);
}

static void compare(const char *title, const char *expected)
{
	g_auto(GStrv) names = g_strsplit(title, " ", 2);
	struct joined_trace *t = join(names[0], names[1]);
	g_auto(GStrv) want = g_strsplit(expected, "\n", -1),
		      got = g_strsplit(t->waits->str, "\n", -1);

	for (char **line = want; *line; line++)
		if (**line && !g_strv_contains((const char *const *)got, *line))
			fail_msg("%s: no '%s' in\n%s", title, *line, t->waits->str);
	assert_int_equal(g_strv_length(want), g_strv_length(got));
	clear(t);
}

static void each_packet_has_its_number(void **state)
{
	g_autofree char *all = NULL;
	g_auto(GStrv) captures = NULL;

	(void)state;
	assert_true(g_file_get_contents("tests/captured-waits.txt", &all, NULL, NULL));
	captures = g_strsplit(all, "=== ", -1);
	for (char **one = captures + 1; *one; one++) {
		char *lines = strchr(*one, '\n');

		*lines = '\0';
		compare(*one, lines + 1);
	}
	assert_int_equal(g_strv_length(captures), 15);
}

/* ---- with captures alone ------------------------------------------------------------------ */

/* How many are named, none of them by another number than by that of the list; *want: that it has. */
static guint named_alone(const char *name, const char *capture, const char *expected, guint *want)
{
	struct joined_trace *t = join_but(name, capture, NETWORK);
	g_auto(GStrv) list = g_strsplit(expected, "\n", -1), got = g_strsplit(t->waits->str, "\n", -1);
	guint named = 0;

	*want = 0;
	for (char **line = list; *line; line++)
		*want += **line && !g_str_has_suffix(*line, " -");
	for (char **line = got; *line; line++) {
		if (!**line)
			continue;
		named++;
		if (!g_strv_contains((const char *const *)list, *line))
			fail_msg("%s with %s alone: '%s'", name, capture, *line);
	}
	clear(t);
	return named;
}

/* Where the clock of the capture is another, none is better than a wrong one. */
static void without_network_events_each_packet_has_the_same_number(void **state)
{
	static const char *const others[] = { "-shift.", "-step-1s.", "-drift100ppm." };
	g_autofree char *all = NULL;
	g_auto(GStrv) captures = NULL;
	guint all_named = 0;

	(void)state;
	assert_true(g_file_get_contents("tests/captured-waits.txt", &all, NULL, NULL));
	captures = g_strsplit(all, "=== ", -1);
	for (char **one = captures + 1; *one; one++) {
		char *lines = strchr(*one, '\n'), *capture = strchr(*one, ' ');
		bool is_right = true;
		guint named, want;

		*lines = *capture = '\0';
		named = named_alone(*one, capture + 1, lines + 1, &want);
		for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
			is_right &= !strstr(capture + 1, others[i]);
		if (is_right)
			assert_int_equal(named, want);
		all_named += named;
	}
	assert_true(all_named > 100);
}

/* ---- why there is none ------------------------------------------------------------------- */

static void what_came_after_a_capture_is_said_to(void **state)
{
	struct joined_trace *t = join("rpc-chain", "rpc-chain.pcap");

	(void)state;
	assert_reasons(t, "after", 18);
	clear(t);
	t = join("tcp-delay-classic", "tcp-delay-classic.pcap");
	assert_reasons(t, "empty", 3);
	clear(t);
	t = join("splice-delay-splice", "splice-delay-splice-lost30.pcap");
	assert_reasons(t, "absent", 5);
	clear(t);
}

static void assert_problem(const struct joined_trace *t, const char *problem)
{
	const struct fb_source_info *info = &t->source->info;

	assert_int_equal(info->problem_count, problem != NULL);
	if (problem && !strstr(info->problems->pdata[0], problem))
		fail_msg("no '%s' in '%s'", problem, (char *)info->problems->pdata[0]);
}

static void a_cut_capture_is_a_problem_and_its_begin_is_good(void **state)
{
	struct joined_trace *t = join("splice-delay-splice", "splice-delay-splice-cut.pcap");
	struct fb_capture c;

	(void)state;
	assert_problem(t, NULL);
	assert_true(fb_packets_capture(t->packets, 0, &c));
	assert_problem(t, "splice-delay-splice-cut.pcap: byte 2843, behind packet 24: truncated dump");
	assert_int_equal(c.packets, 24);
	assert_int_equal(c.matched, 24);
	assert_reasons(t, "after", 6);
	assert_false(fb_packets_capture(t->packets, 1, &c));
	assert_problem(t, "byte 2843"); /* once */
	clear(t);
}

static void another_trace_s_capture_matches_nothing_and_says_so(void **state)
{
	struct joined_trace *t = join("splice-delay-splice", "rpc-chain.pcap");
	struct fb_capture c;

	(void)state;
	assert_true(fb_packets_capture(t->packets, 0, &c));
	assert_problem(t, "rpc-chain.pcap: none of 26 packets is one of the trace's");
	assert_int_equal(c.matched, 0);
	assert_int_equal(c.n_clocks, 0);
	assert_reasons(t, "before", 16);
	clear(t);
}

static void what_is_no_capture_is_a_problem_and_all_else_is_as_without(void **state)
{
	struct joined_trace *t = join("splice-delay-splice", "../captured-waits.txt");
	struct fb_capture c;

	(void)state;
	assert_problem(t, "captured-waits.txt: byte 0: expected a capture, found 23204e75");
	assert_false(fb_packets_capture(t->packets, 0, &c));
	assert_int_equal(g_hash_table_size(t->reasons), 0);
	clear(t);
}

/* ---- clocks ------------------------------------------------------------------------------ */

static struct fb_capture capture_of(const char *trace, const char *capture)
{
	struct joined_trace *t = join(trace, capture);
	struct fb_capture c;

	assert_true(fb_packets_capture(t->packets, 0, &c));
	c.path = NULL; /* the source's */
	clear(t);
	return c;
}

/* The first tenth and the last of capture - net_if_receive_skb: 6170 and 15570 ns. */
static void a_clock_is_told_with_its_spread(void **state)
{
	struct fb_capture c = capture_of("splice-delay-splice", "splice-delay-splice.pcap");

	(void)state;
	assert_int_equal(c.packets, 38);
	assert_int_equal(c.matched, 38);
	assert_false(c.is_by_sent);
	assert_int_equal(c.n_clocks, 1);
	assert_int_equal(c.clocks[0].packets, 38);
	assert_int_equal(c.clocks[0].offset, 6170);
	assert_int_equal(c.clocks[0].spread, 9400);
	assert_true(c.clocks[0].is_exact);
	assert_true(c.clocks[0].drift_ppm == 0);
	c = capture_of("splice-delay-splice", "splice-delay-splice-shift.pcapng");
	assert_int_equal(c.clocks[0].offset, INT64_C(3600000000000) + 6170);
	assert_true(c.clocks[0].is_exact);
}

static void a_drift_of_100_ppm_and_a_step_of_1_s_are_found(void **state)
{
	struct fb_capture c = capture_of("splice-delay-splice", "splice-delay-splice-drift100ppm.pcap");

	(void)state;
	assert_int_equal(c.n_clocks, 1);
	assert_true(c.clocks[0].drift_ppm > 70 && c.clocks[0].drift_ppm < 130);
	c = capture_of("splice-delay-splice", "splice-delay-splice-step-1s.pcap");
	assert_int_equal(c.matched, 38);
	assert_int_equal(c.n_clocks, 2);
	assert_int_equal(c.clocks[0].packets + c.clocks[1].packets, 38);
	assert_true(ABS(c.clocks[1].offset - c.clocks[0].offset + 1000000000) < 20000);
	assert_true(c.clocks[0].end < c.clocks[1].begin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_packet_has_its_number),
		cmocka_unit_test(without_network_events_each_packet_has_the_same_number),
		cmocka_unit_test(what_came_after_a_capture_is_said_to),
		cmocka_unit_test(a_cut_capture_is_a_problem_and_its_begin_is_good),
		cmocka_unit_test(another_trace_s_capture_matches_nothing_and_says_so),
		cmocka_unit_test(what_is_no_capture_is_a_problem_and_all_else_is_as_without),
		cmocka_unit_test(a_clock_is_told_with_its_spread),
		cmocka_unit_test(a_drift_of_100_ppm_and_a_step_of_1_s_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
