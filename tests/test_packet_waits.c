/* SPDX-License-Identifier: MIT */
/*
 * test_packet_waits.c - the packets of the waits of recorded traces, against what another program made of
 * the traces and of the captures beside them: tests/packet-waits.txt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <flightbox/packet.h>

#include "scenario.h"
#include "traces.h"

struct waits {
	struct fb_packets *packets;
	GString *text;
};

/* Parts that the other program has no name for count as those that it has. */
static void put_parts(const struct fb_packet *packet, const struct fb_blocking *b, GString *to)
{
	fb_ns parts[FB_PARTS];

	assert_true(fb_packet_parts(packet, b, parts));
	parts[FB_PART_ANSWERING] += parts[FB_PART_DELAYED_ACK];
	parts[FB_PART_DELAYED_ACK] = 0;
	for (unsigned i = 0; i < FB_PARTS; i++)
		if (parts[i])
			g_string_append_printf(to, " %s=%" G_GINT64_FORMAT,
					       fb_packet_part_name(i), parts[i]);
}

static void on_blocking(const struct fb_blocking *b, void *data)
{
	struct waits *w = data;
	const struct fb_packet *packet = fb_packets_of(w->packets, b);

	if (!packet || packet->match == FB_PACKET_NONE)
		return;
	g_string_append_printf(w->text, "%d %s %" G_GINT64_FORMAT " %u %u %u %s", b->task->tid,
			       b->syscall ? b->syscall : "-", b->begin, packet->key.relative_seq,
			       packet->key.relative_ack, packet->key.len,
			       fb_packet_match_name(packet->match));
	if (packet->cause && packet->cause != FB_HOLD_SHAPING)
		g_string_append_printf(w->text, " %s", fb_packet_cause_name(packet->cause));
	if (packet->written.task)
		g_string_append_printf(w->text, " by %d %" G_GINT64_FORMAT,
				       packet->written.task->tid, packet->written.begin);
	put_parts(packet, b, w->text);
	g_string_append_c(w->text, '\n');
}

static char *waits_of(const struct recorded *trace)
{
	g_autofree char *path = recorded_path(trace, "trace");
	struct waits w = { fb_packets_new(), g_string_new("") };
	const struct fb_observer observer = fb_packets_observer(w.packets);
	const struct fb_kernel_options options = { .observers = &observer, .n_observers = 1 };
	struct fb_source *source =
		recorded_open(path, fb_kernel_kinds() | fb_packets_kinds(), false);
	struct fb_kernel *k = fb_kernel_new(source, &options, on_blocking, &w);
	struct fb_batch batch;

	while (fb_source_next(source, &batch, NULL) && batch.n)
		fb_kernel_events(k, batch.events, batch.n);
	fb_kernel_finish(k);
	fb_packets_free(w.packets);
	fb_kernel_free(k);
	fb_source_close(source);
	return g_string_free(w.text, FALSE);
}

/* Each of them, and no other. */
static void compare(const char *trace, const char *expected)
{
	g_autofree char *text = waits_of(&(struct recorded){ .name = trace });
	g_auto(GStrv) want = g_strsplit(expected, "\n", -1), got = g_strsplit(text, "\n", -1);

	for (char **line = want; *line; line++)
		if (**line && !g_strv_contains((const char *const *)got, *line))
			fail_msg("%s: no '%s' in\n%s", trace, *line, text);
	assert_int_equal(g_strv_length(want), g_strv_length(got));
}

static void each_wait_has_its_packet_and_its_parts(void **state)
{
	g_autofree char *all = NULL;
	g_auto(GStrv) traces = NULL;

	(void)state;
	assert_true(g_file_get_contents("tests/packet-waits.txt", &all, NULL, NULL));
	traces = g_strsplit(all, "=== ", -1);
	for (char **one = traces + 1; *one; one++) {
		char *lines = strchr(*one, '\n');

		*lines = '\0';
		compare(*one, lines + 1);
	}
	assert_true(g_strv_length(traces) > 9);
}

/* ---- more wakings than are kept ---------------------------------------------------------- */

struct asked {
	struct fb_packets *packets;
	enum fb_packet_none first, second; /* of task 10's waits */
	int n;
};

/* Task 20's are never asked for, as with a filter. */
static void ask(const struct fb_blocking *b, void *data)
{
	struct asked *asked = data;
	const struct fb_packet *packet;

	if (b->task->tid != 10)
		return;
	packet = fb_packets_of(asked->packets, b);
	assert_non_null(packet);
	assert_int_equal(packet->match, FB_PACKET_NONE);
	*(asked->n++ ? &asked->second : &asked->first) = packet->none;
}

static void put_wait(GString *events, int tid, int time)
{
	g_string_append_printf(events,
			       "%d 0 sched_switch prev_tid=0 next_tid=%d\n%d 0 syscall_entry_read fd=3\n"
			       "%d 0 sched_switch prev_tid=%d prev_state=1 next_tid=0\n"
			       "%d 0 irq_softirq_entry vec=3\n%d 0 sched_waking tid=%d\n"
			       "%d 0 irq_softirq_exit vec=3\n",
			       time, tid, time + 1, time + 2, tid, time + 3, time + 4, tid, time + 5);
}

static void what_is_not_asked_for_in_time_is_forgotten_and_says_so(void **state)
{
	g_autoptr(GString) events = g_string_new(
		"1 0 sched_switch next_tid=0\n"
		"1 0 net_if_receive_skb skbaddr=1 name=lo\n1 0 net_dev_queue skbaddr=1 name=lo\n");
	struct asked asked = { .packets = fb_packets_new() };
	const struct fb_observer observer = fb_packets_observer(asked.packets);
	const struct fb_kernel_options options = { .observers = &observer, .n_observers = 1 };

	(void)state;
	put_wait(events, 10, 10);
	for (int i = 1; i <= 8192; i++)
		put_wait(events, 20, i * 10 + 10);
	g_string_append(events, "100000 0 sched_switch prev_tid=0 next_tid=10\n"
				"100001 0 sched_switch prev_tid=10 prev_state=0 next_tid=0\n");
	put_wait(events, 10, 100010);
	g_string_append(events, "100020 0 sched_switch prev_tid=0 next_tid=10\n");
	scenario_each(events->str, &options, ask, NULL, &asked);
	assert_int_equal(asked.n, 2);
	assert_int_equal(asked.first, FB_PACKET_NONE_FORGOTTEN);
	assert_int_equal(asked.second, FB_PACKET_NONE_SEEN);
	fb_packets_free(asked.packets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_wait_has_its_packet_and_its_parts),
		cmocka_unit_test(what_is_not_asked_for_in_time_is_forgotten_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
