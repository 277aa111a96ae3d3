/* SPDX-License-Identifier: MIT */
/* test_held.c - data that left later than it was handed in: since when, and by whom. */
#include "packet_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void data_sent_in_the_call_is_not_held(void **state)
{
	(void)state;
	assert_packets(CONNECT
		       "10 0 syscall_entry_write fd=4\n"
		       "11 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 30)
		       "12 0 net_dev_queue skbaddr=0x2" DATA(1000, 80, 130, 20)
		       "13 0 syscall_exit_write ret=50\n"
		       "14 0 syscall_entry_write fd=4\n"
		       "15 0 net_dev_queue skbaddr=0x3" DATA(1000, 80, 150, 20)
		       "16 0 syscall_exit_write ret=20\n"
		       "21 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 30)
		       "22 1 net_if_receive_skb skbaddr=0x2" DATA(1000, 80, 130, 20)
		       "23 1 net_if_receive_skb skbaddr=0x3" DATA(1000, 80, 150, 20),
		       "1 11..21 1000>80 30 10 in write\n"
		       "2 12..22 1000>80 20 10 in write\n"
		       "3 15..23 1000>80 20 10 in write\n");
}

/* SPLICE_F_MORE: the timer sends it at last. */
static void spliced_data_is_held_since_the_call_that_wrote_to_the_socket(void **state)
{
	(void)state;
	assert_packets(CONNECT
		       "10 0 syscall_entry_splice fd=3 fd_out=8\n"
		       "11 0 syscall_exit_splice ret=27\n"
		       "12 0 syscall_entry_splice fd=7 fd_out=4\n"
		       "13 0 syscall_exit_splice ret=27\n"
		       "14 0 syscall_entry_write fd=1\n"
		       "15 0 syscall_exit_write ret=27\n"
		       IDLE(16, 0) "200 0 irq_softirq_entry vec=1\n"
		       "201 0 timer_expire_entry timer=0x5 function=0x77\n"
		       "202 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 27)
		       "203 0 timer_expire_exit timer=0x5\n"
		       "204 0 irq_softirq_exit vec=1\n"
		       "210 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 27),
		       "1 202..210 1000>80 27 timer 0x77 held since 13 by 10 in splice\n");
}

/* Nagle: the second write waits for the first one's acknowledgement, which the peer delays. */
static void a_small_write_is_held_until_the_acknowledgement(void **state)
{
	(void)state;
	assert_packets(CONNECT
		       "10 0 syscall_entry_write fd=4\n"
		       "11 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 30)
		       "12 0 syscall_exit_write ret=30\n"
		       "13 0 syscall_entry_write fd=4\n"
		       "14 0 syscall_exit_write ret=20\n"
		       IDLE(15, 0) IDLE(15, 1)
		       "20 1 net_dev_queue skbaddr=0x9" ACK(80, 1000, 4, 100) NET_RX_ON(20, 1)
		       "21 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 30)
		       NET_RX_OFF(22, 1)
		       "50 1 net_dev_queue skbaddr=0x8" ACK(80, 1000, 4, 100)
		       "60 1 irq_softirq_entry vec=1\n"
		       "61 1 timer_expire_entry timer=0x5 function=0x88\n"
		       "62 1 net_dev_queue skbaddr=0x2" ACK(80, 1000, 4, 130)
		       "63 1 timer_expire_exit timer=0x5\n"
		       "64 1 irq_softirq_exit vec=1\n"
		       NET_RX_ON(70, 0)
		       "71 0 net_if_receive_skb skbaddr=0x2" ACK(80, 1000, 4, 130)
		       "72 0 net_dev_queue skbaddr=0x3" DATA(1000, 80, 130, 20)
		       NET_RX_OFF(73, 0) NET_RX_ON(80, 1)
		       "81 1 net_if_receive_skb skbaddr=0x3" DATA(1000, 80, 130, 20),
		       "1 11..21 1000>80 30 10 in write\n"
		       "2 62..71 80>1000 0 timer 0x88 answers 1 held since 21\n"
		       "3 72..81 1000>80 20 NET_RX answers 2 held since 14 by 10 in write\n");
}

/* The window is closed: the call sleeps with part of its data in the socket. */
static void a_call_that_waits_for_room_holds_data(void **state)
{
	(void)state;
	assert_packets(CONNECT
		       "10 0 syscall_entry_write fd=4\n"
		       "11 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 30)
		       "12 0 sched_switch prev_tid=10 prev_state=1 next_tid=0\n" NET_RX_ON(40, 0)
		       "41 0 net_if_receive_skb skbaddr=0x7" ACK(80, 1000, 4, 130)
		       "42 0 net_dev_queue skbaddr=0x2" DATA(1000, 80, 130, 30)
		       NET_RX_OFF(43, 0)
		       "44 0 sched_switch prev_tid=0 next_tid=10\n"
		       "45 0 net_dev_queue skbaddr=0x3" DATA(1000, 80, 160, 30)
		       "46 0 syscall_exit_write ret=100\n" IDLE(47, 0) NET_RX_ON(50, 0)
		       "51 0 net_if_receive_skb skbaddr=0x7" ACK(80, 1000, 4, 190)
		       "52 0 net_dev_queue skbaddr=0x4" DATA(1000, 80, 190, 10)
		       NET_RX_OFF(53, 0)
		       "61 1 net_if_receive_skb skbaddr=0x2" DATA(1000, 80, 130, 30)
		       "62 1 net_if_receive_skb skbaddr=0x3" DATA(1000, 80, 160, 30)
		       "63 1 net_if_receive_skb skbaddr=0x4" DATA(1000, 80, 190, 10),
		       "1 42..61 1000>80 30 NET_RX answers outside at 41 held since 11 by 10 in write "
		       "open\n"
		       "2 45..62 1000>80 30 10 in write\n"
		       "3 52..63 1000>80 10 NET_RX answers outside at 51 held since 46 by 10 in write\n");
}

static void a_later_call_takes_held_data_along(void **state)
{
	(void)state;
	assert_packets(CONNECT
		       "10 0 syscall_entry_sendto fd=4\n"
		       "11 0 syscall_exit_sendto ret=10\n"
		       "12 0 syscall_entry_sendto fd=4\n"
		       "13 0 syscall_exit_sendto ret=20\n"
		       "14 0 syscall_entry_write fd=4\n"
		       "15 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 15)
		       "16 0 net_dev_queue skbaddr=0x2" DATA(1000, 80, 115, 45)
		       "17 0 syscall_exit_write ret=40\n"
		       "18 0 syscall_entry_shutdown fd=4\n"
		       "19 0 net_dev_queue skbaddr=0x3" DATA(1000, 80, 160, 10)
		       "21 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 15)
		       "22 1 net_if_receive_skb skbaddr=0x2" DATA(1000, 80, 115, 45)
		       "23 1 net_if_receive_skb skbaddr=0x3" DATA(1000, 80, 160, 10),
		       "1 15..21 1000>80 15 10 in write held since 11 by 10 in sendto\n"
		       "2 16..22 1000>80 45 10 in write held since 13 by 10 in sendto\n"
		       "3 19..23 1000>80 10 10 in shutdown held since 17 by 10 in write\n");
}

static void threads_share_their_descriptors(void **state)
{
	(void)state;
	assert_packets("0 0 lttng_statedump_process_state tid=10 pid=9 status=5\n"
		       "0 0 lttng_statedump_process_state tid=11 pid=9 status=5\n"
		       "0 0 lttng_statedump_process_state tid=12 pid=8 status=5\n" CONNECT
		       RUNS(10, 1, 12)
		       "11 1 syscall_entry_write fd=4\n"
		       "12 1 syscall_exit_write ret=50\n" RUNS(20, 1, 11)
		       "21 1 syscall_entry_write fd=4\n"
		       "22 1 syscall_exit_write ret=50\n" IDLE(23, 1)
		       "30 1 irq_softirq_entry vec=1\n"
		       "31 1 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 50)
		       "41 0 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 50),
		       "1 31..41 1000>80 50 TIMER held since 22 by 11 in write\n");
}

/* Task 20 was woken by a packet of the connection and made calls of just so many bytes. */
#define SERVER_WOKEN                                                                               \
	IDLE(1, 1) NET_RX_ON(2, 1)                                                                 \
	"3 1 net_if_receive_skb skbaddr=0x9" SYN(1000, 80, 99)                                     \
	"4 1 net_dev_queue skbaddr=0xa0" SEGMENT(80, 1000, 499, 0, 100, 0x12)                      \
	"5 1 net_if_receive_skb skbaddr=0x9" DATA(1000, 80, 100, 50)                               \
	"6 1 sched_waking tid=20\n" NET_RX_OFF(7, 1) RUNS(8, 1, 20)
#define TIMER_SENDS(time, bytes)                                                                   \
	IDLE(98, 1)                                                                                \
	"99 1 irq_softirq_entry vec=1\n" #time " 1 net_dev_queue skbaddr=0x1"                      \
		DATA(80, 1000, 500, bytes)                                                         \
	"199 0 net_if_receive_skb skbaddr=0x1" DATA(80, 1000, 500, bytes)

static void who_was_woken_and_wrote_so_many_bytes_is_the_likely_sender(void **state)
{
	struct packets_counts counts;

	(void)state;
	counts = assert_packets(
		SERVER_WOKEN
		"10 1 syscall_entry_splice fd=5 fd_out=8\n"
		"11 1 syscall_exit_splice ret=70\n"
		"12 1 syscall_entry_splice fd=7 fd_out=5\n"
		"13 1 syscall_exit_splice ret=70\n"
		"14 1 syscall_entry_write fd=2\n"
		"15 1 syscall_exit_write ret=12\n" TIMER_SENDS(100, 70) RUNS(200, 1, 20)
		"210 1 syscall_entry_write fd=5\n"
		"211 1 syscall_exit_write ret=30\n" IDLE(212, 1) NET_RX_ON(220, 1)
		"221 1 net_dev_queue skbaddr=0x2" DATA(80, 1000, 570, 30)
		"222 0 net_if_receive_skb skbaddr=0x2" DATA(80, 1000, 570, 30),
		"wakes 20 by none\n"
		"1 100..199 80>1000 70 TIMER held since 13 by 20 in splice inferred\n"
		"2 221..222 80>1000 30 NET_RX held since 211 by 20 in write inferred\n");
	assert_int_equal(counts.held_inferred, 2);
	assert_int_equal(counts.drifts, 0);
}

#define NOTHING_WRITTEN                                                                            \
	"16 1 syscall_entry_write fd=7\n16 1 syscall_exit_write ret=-11\n"                         \
	"16 1 syscall_entry_write fd=7\n16 1 syscall_exit_write ret=0\n"

static void several_calls_may_add_up(void **state)
{
	(void)state;
	assert_packets(SERVER_WOKEN
		       "10 1 syscall_entry_write fd=5\n"
		       "11 1 syscall_exit_write ret=30\n"
		       "12 1 syscall_entry_write fd=6\n"
		       "13 1 syscall_exit_write ret=45\n"
		       "14 1 syscall_entry_write fd=5\n"
		       "15 1 syscall_exit_write ret=40\n" NOTHING_WRITTEN NOTHING_WRITTEN
		       NOTHING_WRITTEN NOTHING_WRITTEN NOTHING_WRITTEN NOTHING_WRITTEN
		       TIMER_SENDS(100, 70),
		       "wakes 20 by none\n"
		       "1 100..199 80>1000 70 TIMER held since 11 by 20 in write inferred\n");
}

#define TWO_CLIENTS(first)                                                                         \
	IDLE(1, 1) NET_RX_ON(2, 1)                                                                 \
	"3 1 net_if_receive_skb skbaddr=0x9" SYN(1001, 80, 99)                                     \
	"4 1 net_dev_queue skbaddr=0xa0" SEGMENT(80, 1001, 499, 0, 100, 0x12)                      \
	NET_RX_OFF(5, 1) NET_RX_ON(6, 1) first                                                     \
	"8 1 net_if_receive_skb skbaddr=0x9" DATA(1001, 80, 100, 50)                               \
	"9 1 sched_waking tid=20\n" NET_RX_OFF(9, 1) RUNS(9, 1, 20)                                \
	"10 1 syscall_entry_write fd=5\n"                                                          \
	"11 1 syscall_exit_write ret=70\n" IDLE(98, 1)                                             \
	"99 1 irq_softirq_entry vec=1\n"                                                           \
	"100 1 net_dev_queue skbaddr=0x1" DATA(80, 1001, 500, 70)                                  \
	"199 0 net_if_receive_skb skbaddr=0x1" DATA(80, 1001, 500, 70)

/* Drivers hand packets up by the batch: only one alone tells whom it woke. */
static void behind_a_batch_nobody_knows_whose_packet_woke_a_task(void **state)
{
	(void)state;
	assert_packets_on_veth(TWO_CLIENTS(""),
			       "wakes 20 by none\n"
			       "1 100..199 80>1001 70 TIMER held since 11 by 20 in write inferred\n");
	assert_packets_on_veth(TWO_CLIENTS("7 1 net_if_receive_skb skbaddr=0x8"
					   DATA(1000, 80, 100, 50)),
			       "wakes 20 by none\n"
			       "1 100..199 80>1001 70 TIMER\n");
}

/* Of two whose descriptors are not known nobody can say that it is one. */
static void calls_of_no_known_descriptor_do_not_add_up(void **state)
{
	(void)state;
	assert_packets(SERVER_WOKEN
		       "10 1 syscall_entry_write\n"
		       "11 1 syscall_exit_write ret=30\n"
		       "14 1 syscall_entry_write\n"
		       "15 1 syscall_exit_write ret=40\n" TIMER_SENDS(100, 70),
		       "wakes 20 by none\n"
		       "1 100..199 80>1000 70 TIMER\n");
}

/* One may be the sender's, but tells nothing of the next one. */
static void a_call_of_no_known_descriptor_binds_none(void **state)
{
	(void)state;
	assert_packets(SERVER_WOKEN
		       "10 1 syscall_entry_write\n"
		       "11 1 syscall_exit_write ret=70\n" TIMER_SENDS(100, 70) RUNS(200, 1, 20)
		       "210 1 syscall_entry_write\n"
		       "211 1 syscall_exit_write ret=12\n" IDLE(212, 1) NET_RX_ON(220, 1)
		       "221 1 net_dev_queue skbaddr=0x2" DATA(80, 1000, 570, 30)
		       "222 0 net_if_receive_skb skbaddr=0x2" DATA(80, 1000, 570, 30),
		       "wakes 20 by none\n"
		       "1 100..199 80>1000 70 TIMER held since 11 by 20 in write inferred\n"
		       "2 221..222 80>1000 30 NET_RX\n");
}

static void where_no_bytes_fit_nobody_is_accused(void **state)
{
	struct packets_counts counts;

	(void)state;
	counts = assert_packets(SERVER_WOKEN
				"10 1 syscall_entry_write fd=5\n"
				"11 1 syscall_exit_write ret=69\n"
				"12 1 syscall_entry_write fd=6\n"
				"13 1 syscall_exit_write ret=71\n"
				"14 1 syscall_entry_write fd=7\n"
				"15 1 syscall_exit_write ret=70\n"
				"16 1 syscall_entry_write fd=7\n"
				"17 1 syscall_exit_write ret=10\n" TIMER_SENDS(100, 70),
				"wakes 20 by none\n"
				"1 100..199 80>1000 70 TIMER\n");
	assert_int_equal(counts.drifts, 1);
	assert_int_equal(counts.held, 0);
}

static void bytes_written_to_another_connection_do_not_count(void **state)
{
	(void)state;
	assert_packets(SERVER_WOKEN
		       "9 1 syscall_entry_write fd=6\n"
		       "9 1 net_dev_queue skbaddr=0x3" DATA(81, 1000, 900, 10)
		       "9 1 syscall_exit_write ret=10\n"
		       "10 1 syscall_entry_write fd=5\n"
		       "11 1 syscall_exit_write ret=70\n"
		       "12 1 syscall_entry_write fd=6\n"
		       "13 1 syscall_exit_write ret=70\n" TIMER_SENDS(100, 70),
		       "wakes 20 by none\n"
		       "1 100..199 80>1000 70 TIMER held since 11 by 20 in write inferred\n");
	/* That connection was closed, acknowledges what comes, and its descriptor is another's now. */
	assert_packets(SERVER_WOKEN
		       "9 1 syscall_entry_write fd=6\n"
		       "9 1 net_dev_queue skbaddr=0x3" DATA(81, 1000, 900, 10)
		       "9 1 syscall_exit_write ret=10\n"
		       "9 1 net_dev_queue skbaddr=0x4" FIN(81, 1000, 910)
		       "9 1 net_dev_queue skbaddr=0x5" ACK(81, 1000, 911, 4)
		       "10 1 syscall_entry_write fd=5\n"
		       "11 1 syscall_exit_write ret=70\n"
		       "12 1 syscall_entry_write fd=6\n"
		       "13 1 syscall_exit_write ret=70\n" TIMER_SENDS(100, 70),
		       "wakes 20 by none\n"
		       "1 100..199 80>1000 70 TIMER held since 13 by 20 in write inferred\n");
}

static void a_wrong_guess_is_given_up(void **state)
{
	struct packets_counts counts;

	(void)state;
	/* Another's 30 bytes leave; what the task writes later goes elsewhere. */
	counts = assert_packets(SERVER_WOKEN
				"10 1 syscall_entry_write fd=5\n"
				"11 1 syscall_exit_write ret=70\n" TIMER_SENDS(100, 70)
				"200 1 net_dev_queue skbaddr=0x2" DATA(80, 1000, 570, 30)
				RUNS(210, 1, 20)
				"211 1 syscall_entry_write fd=5\n"
				"212 1 syscall_exit_write ret=33\n" IDLE(213, 1)
				"220 1 irq_softirq_entry vec=1\n"
				"221 1 net_dev_queue skbaddr=0x3" DATA(80, 1000, 600, 32)
				"222 0 net_if_receive_skb skbaddr=0x3" DATA(80, 1000, 600, 32),
				"wakes 20 by none\n"
				"1 100..199 80>1000 70 TIMER held since 11 by 20 in write inferred\n"
				"2 221..222 80>1000 32 TIMER\n");
	assert_int_equal(counts.drifts, 2);
}

static void a_better_guess_takes_the_descriptor_over(void **state)
{
	(void)state;
	assert_packets(SERVER_WOKEN NET_RX_ON(8, 2)
		       "8 2 net_dev_queue skbaddr=0xa1" SEGMENT(81, 1000, 699, 0, 100, 0x12)
		       "8 2 net_if_receive_skb skbaddr=0x9" DATA(1000, 81, 100, 50)
		       "8 2 sched_waking tid=20\n"
		       "10 1 syscall_entry_write fd=5\n"
		       "11 1 syscall_exit_write ret=70\n" TIMER_SENDS(100, 70) RUNS(200, 1, 20)
		       "210 1 syscall_entry_write fd=5\n"
		       "211 1 syscall_exit_write ret=30\n" IDLE(212, 1)
		       "213 1 irq_softirq_entry vec=1\n"
		       "221 1 net_dev_queue skbaddr=0x2" DATA(81, 1000, 700, 30)
		       "222 0 net_if_receive_skb skbaddr=0x2" DATA(81, 1000, 700, 30),
		       "wakes 20 by none\n"
		       "wakes 20 by none\n"
		       "1 100..199 80>1000 70 TIMER held since 11 by 20 in write inferred\n"
		       "2 221..222 81>1000 30 TIMER held since 211 by 20 in write inferred\n");
}

static void after_a_batch_nobody_knows_whom_a_packet_woke(void **state)
{
	(void)state;
	assert_packets_on_veth(IDLE(1, 1) NET_RX_ON(2, 1)
			       "3 1 net_if_receive_skb skbaddr=0x9" SYN(1000, 80, 99)
			       "4 1 net_dev_queue skbaddr=0xa0"
			       SEGMENT(80, 1000, 499, 0, 100, 0x12)
			       "5 1 net_if_receive_skb skbaddr=0x8" DATA(1001, 80, 100, 50)
			       "6 1 net_if_receive_skb skbaddr=0x9" DATA(1000, 80, 100, 50)
			       "7 1 sched_waking tid=20\n" NET_RX_OFF(7, 1) RUNS(8, 1, 20)
			       "10 1 syscall_entry_write fd=5\n"
			       "11 1 syscall_exit_write ret=70\n" TIMER_SENDS(100, 70),
			       "wakes 20 by none\n"
			       "1 100..199 80>1000 70 TIMER\n");
}

static void a_listening_socket_is_no_connection(void **state)
{
	(void)state;
	assert_packets(IDLE(1, 1)
		       "4 1 net_dev_queue skbaddr=0xa0" SEGMENT(80, 1000, 499, 0, 100, 0x12)
		       RUNS(8, 1, 20)
		       "9 1 syscall_entry_accept fd=3\n"
		       "9 1 net_dev_queue skbaddr=0x2" ACK(80, 1000, 500, 150)
		       "9 1 syscall_exit_accept ret=5\n"
		       "10 1 syscall_entry_write fd=3\n"
		       "11 1 syscall_exit_write ret=70\n" TIMER_SENDS(100, 70),
		       "1 100..199 80>1000 70 TIMER\n");
}

static void accept_takes_the_youngest_open_connection_of_the_port(void **state)
{
	(void)state;
	assert_packets(SERVER_WOKEN
		       "8 1 net_dev_queue skbaddr=0xa2" SEGMENT(82, 1000, 899, 0, 100, 0x12)
		       "8 1 net_dev_queue skbaddr=0xa3" ACK(80, 1000, 500, 150)
		       "8 1 net_dev_queue skbaddr=0xa4" FIN(82, 1000, 900)
		       "9 1 syscall_entry_accept fd=3\n"
		       "9 1 syscall_exit_accept ret=5 sport=1000\n"
		       "9 1 net_dev_queue skbaddr=0xa1" SEGMENT(81, 1000, 699, 0, 100, 0x12)
		       "9 1 syscall_entry_accept fd=3\n"
		       "9 1 syscall_exit_accept ret=6 sport=1000\n"
		       "10 1 syscall_entry_write fd=5\n"
		       "11 1 syscall_exit_write ret=70\n"
		       "12 1 syscall_entry_write fd=6\n"
		       "13 1 syscall_exit_write ret=70\n" TIMER_SENDS(100, 70)
		       "200 1 net_dev_queue skbaddr=0x2" DATA(81, 1000, 700, 70)
		       "201 0 net_if_receive_skb skbaddr=0x2" DATA(81, 1000, 700, 70),
		       "wakes 20 by none\n"
		       "1 100..199 80>1000 70 TIMER held since 11 by 20 in write\n"
		       "2 200..201 81>1000 70 TIMER held since 13 by 20 in write\n");
}

static void accept_tells_the_connection_by_the_peers_port(void **state)
{
	(void)state;
	/* The pipe got as many bytes, and later. */
	assert_packets(SERVER_WOKEN
		       "9 1 syscall_entry_accept fd=3\n"
		       "9 1 syscall_exit_accept ret=5 sport=1000\n"
		       "10 1 syscall_entry_write fd=5\n"
		       "11 1 syscall_exit_write ret=70\n"
		       "12 1 syscall_entry_write fd=6\n"
		       "13 1 syscall_exit_write ret=70\n" TIMER_SENDS(100, 70),
		       "wakes 20 by none\n"
		       "1 100..199 80>1000 70 TIMER held since 11 by 20 in write\n");
}

static void a_closed_connections_descriptor_is_anybodys(void **state)
{
	(void)state;
	assert_packets(CONNECT
		       "10 0 syscall_entry_shutdown fd=4\n"
		       "11 0 net_dev_queue skbaddr=0x1" FIN(1000, 80, 100)
		       "12 0 syscall_exit_shutdown ret=0\n"
		       "13 0 syscall_entry_write fd=4\n"
		       "14 0 syscall_exit_write ret=50\n" IDLE(15, 0)
		       "16 0 irq_softirq_entry vec=1\n"
		       "17 0 net_dev_queue skbaddr=0x2" FIN(1000, 80, 100)
		       "18 0 net_if_receive_skb skbaddr=0x2" FIN(1000, 80, 100)
		       "20 0 net_dev_queue skbaddr=0x3" SYN(1000, 80, 899)
		       "21 0 net_dev_queue skbaddr=0x4" DATA(1000, 80, 900, 50)
		       "22 0 net_if_receive_skb skbaddr=0x4" DATA(1000, 80, 900, 50),
		       "1 17..18 1000>80 0 TIMER\n"
		       "2 21..22 1000>80 50 TIMER\n");
}

static void data_sent_again_tells_when_it_was_sent_first(void **state)
{
	struct packets_counts counts;

	(void)state;
	counts = assert_packets(
		CONNECT
		"10 0 syscall_entry_write fd=4\n"
		"11 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 30)
		"12 0 net_dev_queue skbaddr=0x2" DATA(1000, 80, 130, 30)
		"13 0 syscall_exit_write ret=60\n" IDLE(15, 0) "16 0 irq_softirq_entry vec=1\n"
		"20 0 net_dev_queue skbaddr=0x3" DATA(1000, 80, 130, 30)
		"30 0 net_dev_queue skbaddr=0x4" DATA(1000, 80, 130, 30)
		"35 0 net_dev_queue skbaddr=0x5" DATA(1000, 80, 115, 15)
		"41 1 net_if_receive_skb skbaddr=0x4" DATA(1000, 80, 130, 30)
		"42 1 net_if_receive_skb skbaddr=0x5" DATA(1000, 80, 115, 15),
		"1 30..41 1000>80 30 TIMER resent first 12\n"
		"2 35..42 1000>80 15 TIMER resent first 11\n");
	assert_int_equal(counts.resent, 3);
	assert_int_equal(counts.held, 0);
}

static void sequence_numbers_wrap(void **state)
{
	(void)state;
	assert_packets(RUNS(1, 0, 10)
		       "2 0 syscall_entry_connect fd=4\n"
		       "3 0 net_dev_queue skbaddr=0xa0" SYN(1000, 80, 4294967285)
		       "4 0 syscall_exit_connect ret=0\n"
		       "10 0 syscall_entry_write fd=4\n"
		       "11 0 syscall_exit_write ret=30\n"
		       "12 0 syscall_entry_write fd=4\n"
		       "13 0 syscall_exit_write ret=30\n" IDLE(14, 0)
		       "15 0 irq_softirq_entry vec=1\n"
		       "20 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 4294967286, 30)
		       "21 0 net_dev_queue skbaddr=0x2" DATA(1000, 80, 20, 30)
		       "22 0 net_dev_queue skbaddr=0x3" DATA(1000, 80, 4294967286, 30)
		       "31 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 4294967286, 30)
		       "32 1 net_if_receive_skb skbaddr=0x2" DATA(1000, 80, 20, 30)
		       "33 1 net_if_receive_skb skbaddr=0x3" DATA(1000, 80, 4294967286, 30),
		       "1 20..31 1000>80 30 TIMER held since 11 by 10 in write\n"
		       "2 21..32 1000>80 30 TIMER held since 13 by 10 in write\n"
		       "3 22..33 1000>80 30 TIMER resent first 20\n");
}

/* Somebody else writes to the socket, too: through a copy of the descriptor, or io_uring. */
static void bytes_of_unseen_writers_are_let_pass(void **state)
{
	struct packets_counts counts;

	(void)state;
	counts = assert_packets(
		CONNECT
		"10 0 syscall_entry_write fd=4\n"
		"11 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 200, 30)
		"12 0 syscall_exit_write ret=50\n"
		"13 0 syscall_entry_shutdown fd=4\n"
		"14 0 net_dev_queue skbaddr=0x2" DATA(1000, 80, 230, 20)
		"15 0 syscall_exit_shutdown ret=0\n"
		"16 0 syscall_entry_write fd=4\n"
		"17 0 net_dev_queue skbaddr=0x3" DATA(1000, 80, 250, 40)
		"18 0 syscall_exit_write ret=30\n"
		"19 0 syscall_entry_write fd=4\n"
		"20 0 syscall_exit_write ret=10\n"
		"21 0 syscall_entry_shutdown fd=4\n"
		"22 0 net_dev_queue skbaddr=0x4" DATA(1000, 80, 290, 10)
		"32 1 net_if_receive_skb skbaddr=0x2" DATA(1000, 80, 230, 20)
		"33 1 net_if_receive_skb skbaddr=0x3" DATA(1000, 80, 250, 40)
		"34 1 net_if_receive_skb skbaddr=0x4" DATA(1000, 80, 290, 10),
		"1 14..32 1000>80 20 10 in shutdown held since 12 by 10 in write inferred\n"
		"2 17..33 1000>80 40 10 in write\n"
		"3 22..34 1000>80 10 10 in shutdown held since 20 by 10 in write inferred\n");
	assert_int_equal(counts.drifts, 2);
}

/* Only so many calls are remembered: the first of them may begin with what is forgotten. */
static void the_oldest_call_of_many_is_inferred(void **state)
{
	GString *events = g_string_new(CONNECT);

	(void)state;
	for (int time = 10; time < 90; time += 2)
		g_string_append_printf(events,
				       "%d 0 syscall_entry_write fd=4\n"
				       "%d 0 syscall_exit_write ret=10\n", time, time + 1);
	g_string_append(events,
			IDLE(92, 0) "93 0 irq_softirq_entry vec=1\n"
			"94 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 90)
			"95 0 net_dev_queue skbaddr=0x2" DATA(1000, 80, 190, 310)
			"101 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 90)
			"102 1 net_if_receive_skb skbaddr=0x2" DATA(1000, 80, 190, 310));
	assert_packets(events->str,
		       "1 94..101 1000>80 90 TIMER held since 27 by 10 in write inferred\n"
		       "2 95..102 1000>80 310 TIMER held since 29 by 10 in write\n");
	g_string_free(events, TRUE);
}

static void sendmmsg_takes_an_unknown_number_of_bytes(void **state)
{
	struct packets_counts counts;

	(void)state;
	counts = assert_packets(CONNECT
				"10 0 syscall_entry_sendmmsg fd=4\n"
				"11 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 60)
				"12 0 syscall_exit_sendmmsg ret=2\n"
				"13 0 syscall_entry_write fd=4\n"
				"14 0 syscall_exit_write ret=10\n" IDLE(15, 0)
				"16 0 irq_softirq_entry vec=1\n"
				"17 0 net_dev_queue skbaddr=0x2" DATA(1000, 80, 160, 10)
				"31 1 net_if_receive_skb skbaddr=0x2" DATA(1000, 80, 160, 10),
				"1 17..31 1000>80 10 TIMER held since 14 by 10 in write inferred\n");
	assert_int_equal(counts.drifts, 0);
}

static void a_connection_request_can_be_sent_again(void **state)
{
	(void)state;
	assert_packets(CONNECT IDLE(5, 0)
		       "6 0 irq_softirq_entry vec=1\n"
		       "7 0 net_dev_queue skbaddr=0xa1" SYN(1000, 80, 99)
		       "8 1 net_if_receive_skb skbaddr=0xa1" SYN(1000, 80, 99)
		       RUNS(9, 0, 10)
		       "10 0 syscall_entry_write fd=4\n"
		       "11 0 syscall_exit_write ret=30\n" IDLE(12, 0)
		       "13 0 irq_softirq_entry vec=1\n"
		       "14 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 30)
		       "31 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 30),
		       "1 7..8 1000>80 0 TIMER resent first 3\n"
		       "2 14..31 1000>80 30 TIMER held since 11 by 10 in write\n");
}

static void what_was_handed_in_before_a_loss_is_inferred(void **state)
{
	(void)state;
	assert_packets(CONNECT
		       "10 0 syscall_entry_write fd=4\n"
		       "11 0 syscall_exit_write ret=30\n"
		       "12 0 lost until=20 count=9\n" IDLE(20, 0)
		       "21 0 irq_softirq_entry vec=1\n"
		       "22 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 30)
		       "31 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 30),
		       "1 22..31 1000>80 30 TIMER held since 11 by 10 in write inferred\n");
}

static void behind_a_gap_bytes_are_counted_anew(void **state)
{
	(void)state;
	assert_packets(CONNECT
		       "10 0 syscall_entry_write fd=4\n"
		       "11 0 syscall_exit_write ret=30\n"
		       "12 0 syscall_entry_write fd=4\n" NET_RX_ON(13, 1)
		       "14 1 net_if_receive_skb skbaddr=0x9" ACK(80, 1000, 4, 100)
		       "gap 20\n" RUNS(20, 0, 10)
		       "21 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 900, 40)
		       "22 0 syscall_exit_write ret=40\n" NET_RX_ON(23, 1)
		       "24 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 900, 40),
		       "1 21..24 1000>80 40 10 in -\n");
}

static void after_lost_events_bytes_are_counted_anew(void **state)
{
	(void)state;
	assert_packets(CONNECT
		       "10 0 syscall_entry_write fd=4\n"
		       "11 0 syscall_exit_write ret=30\n"
		       "12 0 lost until=20 count=9\n" RUNS(20, 0, 10)
		       "21 0 syscall_entry_write fd=4\n"
		       "22 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 700, 30)
		       "23 0 syscall_exit_write ret=50\n"
		       "24 0 syscall_entry_shutdown fd=4\n"
		       "25 0 net_dev_queue skbaddr=0x2" DATA(1000, 80, 730, 20)
		       "31 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 700, 30)
		       "32 1 net_if_receive_skb skbaddr=0x2" DATA(1000, 80, 730, 20),
		       "1 22..31 1000>80 30 10 in write\n"
		       "2 25..32 1000>80 20 10 in shutdown held since 23 by 10 in write inferred\n");
}

static void without_system_calls_nothing_is_held(void **state)
{
	(void)state;
	assert_packets("env without=syscalls\n" RUNS(1, 0, 10)
		       "3 0 net_dev_queue skbaddr=0xa0" SYN(1000, 80, 99)
		       "11 0 net_dev_queue skbaddr=0x1" DATA(1000, 80, 100, 30)
		       "31 1 net_if_receive_skb skbaddr=0x1" DATA(1000, 80, 100, 30),
		       "1 11..31 1000>80 30 10 in -\n");
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
		"held since 47713160278\n",
		"23 47756963703..47757027886 8791>56144 20000 NET_RX answers 22 "
		"held since 47713614903 by 315 in write\nwakes 316 by 23\n",
		NULL
	};

	(void)state;
	assert_lines("splice-delay-rw", lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_sent_in_the_call_is_not_held),
		cmocka_unit_test(spliced_data_is_held_since_the_call_that_wrote_to_the_socket),
		cmocka_unit_test(a_small_write_is_held_until_the_acknowledgement),
		cmocka_unit_test(a_call_that_waits_for_room_holds_data),
		cmocka_unit_test(a_later_call_takes_held_data_along),
		cmocka_unit_test(threads_share_their_descriptors),
		cmocka_unit_test(who_was_woken_and_wrote_so_many_bytes_is_the_likely_sender),
		cmocka_unit_test(several_calls_may_add_up),
		cmocka_unit_test(behind_a_batch_nobody_knows_whose_packet_woke_a_task),
		cmocka_unit_test(calls_of_no_known_descriptor_do_not_add_up),
		cmocka_unit_test(a_call_of_no_known_descriptor_binds_none),
		cmocka_unit_test(where_no_bytes_fit_nobody_is_accused),
		cmocka_unit_test(bytes_written_to_another_connection_do_not_count),
		cmocka_unit_test(a_wrong_guess_is_given_up),
		cmocka_unit_test(a_better_guess_takes_the_descriptor_over),
		cmocka_unit_test(after_a_batch_nobody_knows_whom_a_packet_woke),
		cmocka_unit_test(a_listening_socket_is_no_connection),
		cmocka_unit_test(accept_takes_the_youngest_open_connection_of_the_port),
		cmocka_unit_test(accept_tells_the_connection_by_the_peers_port),
		cmocka_unit_test(a_closed_connections_descriptor_is_anybodys),
		cmocka_unit_test(data_sent_again_tells_when_it_was_sent_first),
		cmocka_unit_test(sequence_numbers_wrap),
		cmocka_unit_test(bytes_of_unseen_writers_are_let_pass),
		cmocka_unit_test(the_oldest_call_of_many_is_inferred),
		cmocka_unit_test(sendmmsg_takes_an_unknown_number_of_bytes),
		cmocka_unit_test(a_connection_request_can_be_sent_again),
		cmocka_unit_test(what_was_handed_in_before_a_loss_is_inferred),
		cmocka_unit_test(behind_a_gap_bytes_are_counted_anew),
		cmocka_unit_test(after_lost_events_bytes_are_counted_anew),
		cmocka_unit_test(without_system_calls_nothing_is_held),
		cmocka_unit_test(splice_delay_is_held_by_the_proxy),
		cmocka_unit_test(splice_delay_rw_is_held_by_a_delayed_acknowledgement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
