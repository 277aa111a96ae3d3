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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_wait_has_its_packet_and_its_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
