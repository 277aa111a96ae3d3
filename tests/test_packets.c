/* SPDX-License-Identifier: MIT */
/* test_packets.c - packets of recorded traces, and more of them than there is room for. */
#include "packet_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define DATAGRAM                                                                                   \
	" name=lo saddr=127.0.0.1 daddr=127.0.0.1 protocol=17 source_port=7 dest_port=8 id=0 "     \
	"tot_len=50\n"

/* ---- limits ------------------------------------------------------------------------------ */

/* Against a list that is searched from its end. */
static void what_is_found_is_what_a_plain_search_finds(void **state)
{
	enum { ROOM = 32, SKBS = 20 };
	g_autoptr(GRand) random = g_rand_new_with_seed(7);
	GString *events = g_string_new("1 0 sched_switch next_tid=10\n"), *expected = g_string_new("");
	struct { int skb, time; bool is_received; } list[4000];
	g_autofree char *text = NULL;
	int n = 0, found = 0;

	(void)state;
	for (int time = 10; time < 4000; time++) {
		int skb = g_rand_int_range(random, 1, SKBS), i;
		bool is_sent = g_rand_boolean(random);

		if (is_sent)
			g_string_append_printf(events,
					       "%d 0 net_dev_queue skbaddr=%d" DATAGRAM,
					       time, skb);
		else
			g_string_append_printf(
				events,
				"%d 1 irq_softirq_entry vec=3\n"
				"%d 1 net_if_receive_skb skbaddr=%d" DATAGRAM,
				time, time, skb);
		if (is_sent) {
			list[n].skb = skb;
			list[n].time = time;
			list[n++].is_received = false;
			continue;
		}
		for (i = n - 1; i >= 0 && i >= n - ROOM; i--)
			if (list[i].skb == skb && !list[i].is_received)
				break;
		if (i < 0 || i < n - ROOM)
			continue;
		list[i].is_received = true;
		g_string_append_printf(expected, "%d %d..%d 7>8 50 10 in -\n", ++found,
				       list[i].time, time);
	}
	play_text(events->str, ROOM, &text);
	assert_true(found > 1000);
	assert_string_equal(text, expected->str);
	g_string_free(events, TRUE);
	g_string_free(expected, TRUE);
}

/* More connections, descriptors and callers than there is room for, in no good order. */
static void odd_input_is_survived(void **state)
{
	static const char *const calls[] = { "write", "splice", "sendmmsg", "connect", "accept" };
	g_autoptr(GRand) random = g_rand_new_with_seed(5);
	GString *events = g_string_new("1 0 sched_switch next_tid=1 next_comm=a\n");
	g_autofree char *text = NULL;
	struct packets_counts counts;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int cpu = g_rand_int_range(random, 0, 3), port = g_rand_int_range(random, 1, 3000);
		const char *call = calls[g_rand_int_range(random, 0, G_N_ELEMENTS(calls))];

		switch (g_rand_int_range(random, 0, 7)) {
		case 0:
			g_string_append_printf(events, "%d %d sched_switch next_tid=%d\n", i, cpu,
					       g_rand_int_range(random, 0, 5000));
			break;
		case 1:
			g_string_append_printf(events, "%d %d syscall_entry_%s fd=%d\n", i, cpu,
					       call, g_rand_int_range(random, -2, 3000));
			break;
		case 2:
			g_string_append_printf(events, "%d %d syscall_exit_%s ret=%d sport=%d\n", i,
					       cpu, call, g_rand_int_range(random, -9, 99), port);
			break;
		case 3:
			g_string_append_printf(events, "%d %d sched_waking tid=%d\n", i, cpu,
					       g_rand_int_range(random, 0, 5000));
			break;
		case 4:
			g_string_append_printf(events, "%d %d irq_softirq_%s vec=3\n", i, cpu,
					       g_rand_boolean(random) ? "entry" : "exit");
			break;
		default:
			g_string_append_printf(
				events,
				"%d %d %s skbaddr=%d name=lo saddr=1.2.3.4 daddr=1.2.3.4 "
				"protocol=6 source_port=%d dest_port=%d seq=%u ack_seq=%u "
				"tot_len=%d flags=%d\n",
				i, cpu,
				g_rand_boolean(random) ? "net_dev_queue" : "net_if_receive_skb",
				g_rand_int_range(random, 1, 50), port, 3000 - port,
				g_rand_int(random), g_rand_int(random),
				g_rand_int_range(random, 0, 60), g_rand_int_range(random, 0, 32));
		}
	}
	counts = play_text(events->str, 16, &text);
	g_string_free(events, TRUE);
	assert_true(counts.evicted > 1000);
	assert_true(counts.evicted_flows > 500);
}

static void without_network_events_there_is_nothing_to_follow(void **state)
{
	struct fb_source source = { .info.kinds = FB_KINDS_ALL & ~FB_KIND_BIT(FB_EV_NET_QUEUE) };

	(void)state;
	assert_null(packets_new(&source, 0));
}

/* ---- recorded traces --------------------------------------------------------------------- */

/* Every packet, each 100 ms under way, as the raw events have them. */
static void tcp_delay_classic_is_eight_packets(void **state)
{
	g_autofree char *text = NULL;
	struct packets_counts counts = play_trace("tcp-delay-classic", &text);

	(void)state;
	assert_string_equal(
		text,
		"1 99710780132..99811592492 59352>8765 0 504 in connect\n"
		"2 99811987349..99914125780 8765>59352 0 NET_RX answers 1\n"
		"wakes 504 by 2\n"
		"3 99914539156..100015149754 59352>8765 0 NET_RX answers 2\n"
		"wakes 502 by 3\n"
		"4 99916566753..100016875246 59352>8765 6 504 in write\n"
		"5 99916843183..100017056733 59352>8765 0 504 in shutdown\n"
		"6 100017002935..100117756654 8765>59352 0 NET_RX answers 4\n"
		"7 100018422969..100118668304 8765>59352 0 502 in close\n"
		"wakes 504 by 7\n"
		"8 100118937875..100222055765 59352>8765 0 NET_RX answers 7\n");
	assert_int_equal(counts.queued, 8);
	assert_int_equal(counts.held, 0);
}

/* The writer is woken by the end of a chain of four: data, ACK, data, ACK. */
static void blocking_write_ack_is_four_packets_in_a_row(void **state)
{
	static const char *const lines[] = {
		"6 13271825587..13376891071 36650>8766 2896 213 in write\n",
		"11 13376932171..13478539548 8766>36650 0 NET_RX answers 6\n",
		"18 13478606466..13579323579 36650>8766 2896 NET_RX answers 11 "
		"held since 13271865513 by 213 in write open\n",
		"28 13579654471..13679959762 8766>36650 0 214 in read answers 18 "
		"held since 13579323579 for 214\nwakes 213 by 28\n",
		NULL
	};

	(void)state;
	assert_lines("blocking-write-ack", lines);
}

/* Seven requests, each three packets of one byte there and back, all inline and none held. */
static void rpc_chain_passes_bytes_without_delay(void **state)
{
	static const char *const lines[] = {
		"7 14103297193..14103462086 46368>9201 1 212 in write\n",
		"9 14105105675..14105154147 36418>9202 1 214 in write\nwakes 213 by 9\n",
		"11 14157541017..14157708496 9202>36418 1 213 in write\nwakes 214 by 11\n",
		"13 14163914121..14164171783 9201>46368 1 214 in write\nwakes 212 by 13\n",
		NULL
	};

	(void)state;
	assert_lines("rpc-chain", lines);
}

/* Data lies for 200 ms in the proxy's sockets. One it has connected, the other it got by accept(). */
static void splice_delay_is_held_by_the_proxy(void **state)
{
	static const char *const lines[] = {
		"9 14917064656..14917903692 40426>8781 27 timer 0xffffffff818a6900 "
		"held since 14715411000 by 214 in splice\nwakes 213 by 9\n",
		"15 15140208454..15140503443 8780>50522 20042 timer 0xffffffff818a6900 "
		"held since 14933320519 by 214 in splice inferred\nwakes 212 by 15\n",
		"19 15372417230..15372737992 40426>8781 27 timer 0xffffffff818a6900 "
		"held since 15164728434 by 214 in splice\nwakes 213 by 19\n",
		"24 15580882554..15581246865 8780>50522 20042 timer 0xffffffff818a6900 "
		"held since 15375444281 by 214 in splice inferred\nwakes 212 by 24\n",
		NULL
	};

	(void)state;
	assert_lines("splice-delay-splice", lines);
}

/* Nagle against delayed acknowledgements, once in 40 ms. */
static void splice_delay_rw_is_held_by_a_delayed_acknowledgement(void **state)
{
	static const char *const lines[] = {
		"19 47713073769..47713160278 8791>56144 42 315 in write\nwakes 316 by 19\n",
		"22 47756716517..47756827363 56144>8791 0 timer 0xffffffff818a5ae0 answers 19 "
		"held since 47713160278 for 316\n",
		"23 47756963703..47757027886 8791>56144 20000 NET_RX answers 22 "
		"held since 47713614903 by 315 in write Nagle 42\nwakes 316 by 23\n",
		NULL
	};

	(void)state;
	assert_lines("splice-delay-rw", lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_found_is_what_a_plain_search_finds),
		cmocka_unit_test(odd_input_is_survived),
		cmocka_unit_test(without_network_events_there_is_nothing_to_follow),
		cmocka_unit_test(tcp_delay_classic_is_eight_packets),
		cmocka_unit_test(blocking_write_ack_is_four_packets_in_a_row),
		cmocka_unit_test(rpc_chain_passes_bytes_without_delay),
		cmocka_unit_test(splice_delay_is_held_by_the_proxy),
		cmocka_unit_test(splice_delay_rw_is_held_by_a_delayed_acknowledgement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
