/* SPDX-License-Identifier: MIT */
/* test_packets.c - received packets, how they were sent, and whom they wake. */
#include "packet_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void a_packet_is_found_by_its_buffer(void **state)
{
	(void)state;
	assert_packets(RUNS(1, 0, 10)
		       "10 0 syscall_entry_sendto fd=3\n"
		       "11 0 net_dev_queue skbaddr=0x1" DATAGRAM(7, 8, 0, 50)
		       "12 0 net_dev_queue skbaddr=0x2" DATAGRAM(7, 8, 0, 50)
		       NET_RX_ON(20, 1)
		       "21 1 net_if_receive_skb skbaddr=0x2" DATAGRAM(7, 8, 0, 50)
		       "22 1 net_if_receive_skb skbaddr=0x1" DATAGRAM(7, 8, 0, 50),
		       "1 12..21 7>8 50 10 in sendto\n"
		       "2 11..22 7>8 50 10 in sendto\n");
}

static void a_buffer_used_again_is_the_younger_packet(void **state)
{
	(void)state;
	assert_packets(RUNS(1, 0, 10)
		       "11 0 net_dev_queue skbaddr=0x1" DATAGRAM(7, 8, 5, 50)
		       "12 0 net_dev_queue skbaddr=0x1" DATAGRAM(7, 8, 5, 50)
		       "21 1 net_if_receive_skb skbaddr=0x1" DATAGRAM(7, 8, 5, 50)
		       "31 0 net_dev_queue skbaddr=0x1" DATAGRAM(7, 8, 5, 50)
		       "41 1 net_if_receive_skb skbaddr=0x1" DATAGRAM(7, 8, 5, 50),
		       "1 12..21 7>8 50 10 in -\n"
		       "2 31..41 7>8 50 10 in -\n");
}

static void a_buffer_with_other_headers_is_another_packet(void **state)
{
	struct packets_counts counts;

	(void)state;
	/* The first left through a network card, whose driver receives with the buffer later. */
	counts = assert_packets("11 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 50)
				"21 1 net_if_receive_skb skbaddr=0x1" DATA(80, 1000, 100, 50)
				"22 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 200, 50),
				"");
	assert_int_equal(counts.received, 2);
	assert_int_equal(counts.by_skb + counts.by_header, 0);
}

static void without_headers_only_loopback_is_certain(void **state)
{
	(void)state;
	assert_packets(RUNS(1, 0, 10)
		       "11 0 net_dev_queue skbaddr=0x1 len=74 name=lo\n"
		       "12 0 net_dev_queue skbaddr=0x2 len=74 name=eth0\n"
		       "13 0 net_dev_queue skbaddr=0x3 len=74 name=lo\n"
		       "21 1 net_if_receive_skb skbaddr=0x1 len=60 name=lo\n"
		       "22 1 net_if_receive_skb skbaddr=0x2 len=60 name=eth0\n"
		       "23 1 net_if_receive_skb skbaddr=0x3 len=1500 name=lo\n"
		       "24 1 net_if_receive_skb skbaddr=0x1 len=60 name=lo\n",
		       "1 11..21 0 10 in -\n");
}

static void a_segment_cut_into_buffers_is_found_by_its_bytes(void **state)
{
	(void)state;
	assert_packets(RUNS(1, 0, 10)
		       "11 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 3000)
		       "21 1 net_if_receive_skb skbaddr=0x2" DATA(1000, 80, 100, 1500)
		       "22 1 net_if_receive_skb skbaddr=0x3" DATA(1000, 80, 1600, 1500)
		       "23 1 net_if_receive_skb skbaddr=0x4" DATA(1000, 80, 3100, 1500),
		       "1 11..21 1000>80 1500 10 in - by header\n"
		       "2 11..22 1000>80 1500 10 in - by header\n");
}

static void an_acknowledgement_in_another_buffer_is_found_once(void **state)
{
	(void)state;
	assert_packets(RUNS(1, 0, 10)
		       "11 0 net_dev_queue skbaddr=0x1" ACK(80, 1000, 5, 150)
		       "21 1 net_if_receive_skb skbaddr=0x2" ACK(80, 1000, 5, 150)
		       "22 1 net_if_receive_skb skbaddr=0x3" ACK(80, 1000, 5, 150)
		       "23 1 net_if_receive_skb skbaddr=0x3" ACK(80, 1000, 5, 151),
		       "1 11..21 80>1000 0 10 in - by header\n");
}

static void a_datagram_in_another_buffer_is_found_for_a_second(void **state)
{
	(void)state;
	assert_packets(RUNS(1, 0, 10)
		       "11 0 net_dev_queue skbaddr=0x1" DATAGRAM(7, 8, 5, 50)
		       "12 0 net_dev_queue skbaddr=0x2" DATAGRAM(7, 8, 6, 50)
		       "13 0 net_dev_queue skbaddr=0x3" DATAGRAM(7, 8, 0, 50)
		       "21 1 net_if_receive_skb skbaddr=0x4" DATAGRAM(7, 8, 5, 50)
		       "22 1 net_if_receive_skb skbaddr=0x5" DATAGRAM(7, 8, 0, 50)
		       "1000000013 1 net_if_receive_skb skbaddr=0x6" DATAGRAM(7, 8, 6, 50),
		       "1 11..21 7>8 50 10 in - by header\n");
}

static void what_goes_out_in_net_rx_answers_what_came_in(void **state)
{
	(void)state;
	assert_packets(RUNS(1, 0, 10)
		       "11 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 50)
		       IDLE(15, 1) NET_RX_ON(20, 1)
		       "21 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 50)
		       "22 1 net_dev_queue skbaddr=0x2" ACK(80, 1000, 5, 150)
		       NET_RX_OFF(23, 1) NET_RX_ON(30, 1)
		       "31 1 net_if_receive_skb skbaddr=0x2" ACK(80, 1000, 5, 150)
		       NET_RX_OFF(32, 1),
		       "1 11..21 1000>80 50 10 in -\n"
		       "2 22..31 80>1000 0 NET_RX answers 1\n");
}

static void a_packet_can_answer_one_from_outside(void **state)
{
	(void)state;
	assert_packets(IDLE(15, 1) NET_RX_ON(20, 1)
		       "21 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 50)
		       "22 1 net_dev_queue skbaddr=0x2" ACK(80, 1000, 5, 150)
		       "31 1 net_if_receive_skb skbaddr=0x2" ACK(80, 1000, 5, 150)
		       NET_RX_OFF(32, 1) NET_RX_ON(40, 1)
		       "41 1 net_dev_queue skbaddr=0x3" ACK(80, 1001, 5, 150)
		       "42 1 net_if_receive_skb skbaddr=0x3" ACK(80, 1001, 5, 150),
		       "1 22..31 80>1000 0 NET_RX answers outside at 21\n"
		       "2 41..42 80>1001 0 NET_RX\n");
}

static void in_a_batch_the_same_connection_is_answered(void **state)
{
	(void)state;
	assert_packets_on_veth(RUNS(1, 0, 10)
		       "11 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 50)
		       "12 0 net_dev_queue skbaddr=0x2" DATA(1001, 80, 100, 50)
		       "13 0 net_dev_queue skbaddr=0x3" DATAGRAM(7, 8, 5, 50)
		       IDLE(19, 1) NET_RX_ON(20, 1)
		       "21 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 50)
		       "22 1 net_if_receive_skb skbaddr=0x2" DATA(1001, 80, 100, 50)
		       "23 1 net_if_receive_skb skbaddr=0x3" DATAGRAM(7, 8, 5, 50)
		       "24 1 net_dev_queue skbaddr=0x4" ACK(80, 1000, 5, 150)
		       "25 1 net_dev_queue skbaddr=0x2" DATA(1001, 80, 100, 50)
		       NET_RX_OFF(26, 1) NET_RX_ON(30, 0)
		       "31 0 net_if_receive_skb skbaddr=0x4" ACK(80, 1000, 5, 150)
		       "32 0 net_if_receive_skb skbaddr=0x2" DATA(1001, 80, 100, 50),
		       "1 11..21 1000>80 50 10 in -\n"
		       "2 12..22 1001>80 50 10 in -\n"
		       "3 13..23 7>8 50 10 in -\n"
		       "4 24..31 80>1000 0 NET_RX answers 1\n"
		       "5 25..32 1001>80 50 NET_RX answers 2 resent first 12\n");
}

static void a_bridge_receives_the_same_packet_again(void **state)
{
	struct packets_counts counts;

	(void)state;
	counts = assert_packets(RUNS(1, 0, 10)
				"11 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 50)
				NET_RX_ON(20, 1)
				"21 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 50)
				"22 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 50)
				"23 1 sched_waking tid=20\n",
				"1 11..21 1000>80 50 10 in -\n"
				"1 11..21 1000>80 50 10 in -\n"
				"wakes 20 by 1\n");
	assert_int_equal(counts.by_skb, 1);
}

static void the_fin_of_close_goes_out_behind_its_exit(void **state)
{
	(void)state;
	assert_packets(RUNS(1, 0, 10)
		       "10 0 syscall_entry_close fd=4\n"
		       "11 0 syscall_exit_close ret=0\n"
		       "12 0 net_dev_queue skbaddr=0x1" FIN(1000, 80, 100)
		       "21 1 net_if_receive_skb skbaddr=0x1" FIN(1000, 80, 100)
		       RUNS(25, 0, 11)
		       "26 0 net_dev_queue skbaddr=0x1" FIN(1001, 80, 100)
		       "31 1 net_if_receive_skb skbaddr=0x1" FIN(1001, 80, 100),
		       "1 12..21 1000>80 0 10 in close\n"
		       "2 26..31 1001>80 0 11 in -\n");
}

/* ---- wakings ----------------------------------------------------------------------------- */

static void a_task_is_woken_by_the_last_packet_of_its_own_connection(void **state)
{
	(void)state;
	assert_packets_on_veth(RUNS(1, 0, 20)
		       "2 0 syscall_entry_write fd=5\n"
		       "3 0 net_dev_queue skbaddr=0xa0" DATA(80, 1000, 500, 10)
		       "4 0 syscall_exit_write ret=10\n" RUNS(5, 0, 10)
		       "11 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 50)
		       "12 0 net_dev_queue skbaddr=0x2" DATA(1001, 80, 100, 50)
		       NET_RX_ON(20, 1)
		       "21 1 sched_waking tid=20\n"
		       "22 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 50)
		       "23 1 net_if_receive_skb skbaddr=0x2" DATA(1001, 80, 100, 50)
		       "24 1 sched_waking tid=20\n"
		       "25 1 sched_waking tid=30\n"
		       NET_RX_OFF(26, 1) NET_RX_ON(30, 1)
		       "31 1 sched_waking tid=30\n",
		       "wakes 20 by none\n"
		       "1 11..22 1000>80 50 10 in -\n"
		       "2 12..23 1001>80 50 10 in -\n"
		       "wakes 20 by 1\n"
		       "wakes 30 by 2\n"
		       "wakes 30 by none\n");
}

static void over_loopback_it_is_the_last_packet_of_all(void **state)
{
	(void)state;
	assert_packets(RUNS(1, 0, 20)
		       "2 0 syscall_entry_write fd=5\n"
		       "3 0 net_dev_queue skbaddr=0xa0" DATA(80, 1000, 500, 10)
		       "4 0 syscall_exit_write ret=10\n" RUNS(5, 0, 10)
		       "11 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 50)
		       "12 0 net_dev_queue skbaddr=0x2" DATA(1001, 80, 100, 50)
		       NET_RX_ON(20, 1)
		       "22 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 50)
		       "23 1 net_if_receive_skb skbaddr=0x2" DATA(1001, 80, 100, 50)
		       "24 1 sched_waking tid=20\n",
		       "1 11..22 1000>80 50 10 in -\n"
		       "2 12..23 1001>80 50 10 in -\n"
		       "wakes 20 by 2\n");
}

/* ---- limits ------------------------------------------------------------------------------ */

static void the_oldest_makes_room(void **state)
{
	g_autofree char *text = NULL;
	struct packets_counts counts;

	(void)state;
	counts = play_text(RUNS(1, 0, 10)
			   "11 0 net_dev_queue skbaddr=0x1" DATAGRAM(7, 8, 0, 50)
			   "12 0 net_dev_queue skbaddr=0x2" DATAGRAM(7, 8, 0, 50)
			   "13 0 net_dev_queue skbaddr=0x3" DATAGRAM(7, 8, 0, 50)
			   "21 1 net_if_receive_skb skbaddr=0x1" DATAGRAM(7, 8, 0, 50)
			   "22 1 net_if_receive_skb skbaddr=0x2" DATAGRAM(7, 8, 0, 50)
			   "23 1 net_if_receive_skb skbaddr=0x3" DATAGRAM(7, 8, 0, 50)
			   "24 0 net_dev_queue skbaddr=0x4" DATAGRAM(7, 8, 0, 50)
			   "25 0 net_dev_queue skbaddr=0x5" DATAGRAM(7, 8, 0, 50)
			   "26 0 net_if_receive_skb skbaddr=0x4" DATAGRAM(7, 8, 0, 50),
			   2, &text);
	assert_string_equal(text, "1 12..22 7>8 50 10 in -\n"
				  "2 13..23 7>8 50 10 in -\n"
				  "3 24..26 7>8 50 10 in -\n");
	assert_int_equal(counts.evicted, 1);
}

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
					       "%d 0 net_dev_queue skbaddr=%d" DATAGRAM(7, 8, 0, 50),
					       time, skb);
		else
			g_string_append_printf(
				events,
				"%d 1 irq_softirq_entry vec=3\n"
				"%d 1 net_if_receive_skb skbaddr=%d" DATAGRAM(7, 8, 0, 50),
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
		"held since 13579323579\nwakes 213 by 28\n",
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_is_found_by_its_buffer),
		cmocka_unit_test(a_buffer_used_again_is_the_younger_packet),
		cmocka_unit_test(a_buffer_with_other_headers_is_another_packet),
		cmocka_unit_test(without_headers_only_loopback_is_certain),
		cmocka_unit_test(a_segment_cut_into_buffers_is_found_by_its_bytes),
		cmocka_unit_test(an_acknowledgement_in_another_buffer_is_found_once),
		cmocka_unit_test(a_datagram_in_another_buffer_is_found_for_a_second),
		cmocka_unit_test(what_goes_out_in_net_rx_answers_what_came_in),
		cmocka_unit_test(a_packet_can_answer_one_from_outside),
		cmocka_unit_test(in_a_batch_the_same_connection_is_answered),
		cmocka_unit_test(a_bridge_receives_the_same_packet_again),
		cmocka_unit_test(the_fin_of_close_goes_out_behind_its_exit),
		cmocka_unit_test(a_task_is_woken_by_the_last_packet_of_its_own_connection),
		cmocka_unit_test(over_loopback_it_is_the_last_packet_of_all),
		cmocka_unit_test(the_oldest_makes_room),
		cmocka_unit_test(what_is_found_is_what_a_plain_search_finds),
		cmocka_unit_test(odd_input_is_survived),
		cmocka_unit_test(without_network_events_there_is_nothing_to_follow),
		cmocka_unit_test(tcp_delay_classic_is_eight_packets),
		cmocka_unit_test(blocking_write_ack_is_four_packets_in_a_row),
		cmocka_unit_test(rpc_chain_passes_bytes_without_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
