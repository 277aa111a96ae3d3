/* SPDX-License-Identifier: MIT */
/*
 * test_packets.c - received packets and how they were sent, in scenarios and in recorded
 * traces. A packet is a line:
 *
 *	NUMBER QUEUED..RECEIVED SOURCE>DEST BYTES WHO [answers NUMBER|outside AT TIME]
 *	[held since TIME by TID in SYSCALL [open] [inferred]] [resent first TIME] [by header]
 *
 * WHO is the task and its call, the softirq, or the timer. Wakings in NET_RX are lines too:
 *
 *	wakes TID by NUMBER (0: by none that was sent here)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "packets.h"
#include "scenario.h"
#include "traces.h"

struct play {
	struct packets *packets;
	unsigned capacity;
	GString *text; /* of the packets, and of those whom they wake */
	fb_ns zero;    /* what the printed times count from */
	struct packets_counts counts;
};

static void put_who(GString *out, const struct fb_cause *who)
{
	if (who->kind == FB_CAUSE_TASK)
		g_string_append_printf(out, " %d in %s", who->task->tid,
				       who->syscall ? who->syscall : "-");
	else if (who->kind == FB_CAUSE_SOFTIRQ)
		g_string_append_printf(out, " %s", who->name);
	else
		g_string_append_printf(out, " %s 0x%" G_GINT64_MODIFIER "x",
				       fb_cause_kind_name(who->kind), who->function);
	if (who->is_inline)
		g_string_append_printf(out, " on %d", who->task->tid);
}

static void put_held(GString *out, const struct packet_held *held, fb_ns zero)
{
	if (held->since == FB_NS_NONE)
		return;
	g_string_append_printf(out, " held since %" G_GINT64_FORMAT, held->since - zero);
	if (held->task)
		g_string_append_printf(out, " by %d in %s", held->task->tid, held->syscall);
	if (held->is_open)
		g_string_append(out, " open");
	if (held->inferred)
		g_string_append(out, " inferred");
}

static void put_packet(const struct play *play, const struct packet *p)
{
	GString *out = play->text;

	g_string_append_printf(out, "%" G_GUINT64_FORMAT " %" G_GINT64_FORMAT "..%" G_GINT64_FORMAT,
			       p->number, p->queued - play->zero, p->received - play->zero);
	if (p->header.has_ports)
		g_string_append_printf(out, " %u>%u", p->header.source_port, p->header.dest_port);
	g_string_append_printf(out, " %u", p->header.payload);
	put_who(out, &p->sender);
	if (p->trigger)
		g_string_append_printf(out, " answers %" G_GUINT64_FORMAT, p->trigger);
	else if (p->trigger_time != FB_NS_NONE)
		g_string_append_printf(out, " answers outside at %" G_GINT64_FORMAT,
				       p->trigger_time - play->zero);
	put_held(out, &p->held, play->zero);
	if (p->is_resent)
		g_string_append_printf(out, " resent first %" G_GINT64_FORMAT,
				       p->first_queued - play->zero);
	g_string_append_printf(out, "%s\n", p->match == PACKET_BY_HEADER ? " by header" : "");
}

/* Only of wakings in softirq NET_RX. */
static void put_wake(const struct play *play, const struct fb_event *ev, const struct fb_kernel *k)
{
	const struct packet *p;
	struct fb_cause cause;

	fb_kernel_actor(k, ev->cpu, &cause);
	if (cause.kind != FB_CAUSE_SOFTIRQ || cause.id != 3)
		return;
	p = packets_waker(play->packets, ev->cpu, fb_kernel_find_task(k, ev->sched.tid));
	g_string_append_printf(play->text, "wakes %d by %" G_GUINT64_FORMAT "\n", ev->sched.tid,
			       p ? p->number : 0);
}

static void play_event(struct fb_source *source, const struct fb_event *ev,
		       const struct fb_kernel *k, void *data)
{
	struct play *play = data;
	const struct packet *p;

	if (!play->packets) {
		play->packets = packets_new(source, play->capacity);
		assert_non_null(play->packets);
	}
	p = packets_event(play->packets, ev, k);
	if (p)
		put_packet(play, p);
	if (ev->kind == FB_EV_WAKING)
		put_wake(play, ev, k);
}

static void play_trace(struct play *play, const char *name)
{
	g_autofree char *path = recorded_path(&(struct recorded){ .name = name }, "trace");
	struct fb_source *source =
		recorded_open(path, fb_kernel_kinds() | packets_kinds(), false);
	struct fb_kernel *k = fb_kernel_new(source, &(struct fb_kernel_options){ 0 }, NULL, NULL);
	struct fb_batch batch;

	while (fb_source_next(source, &batch, NULL) && batch.n)
		for (size_t i = 0; i < batch.n; i++) {
			fb_kernel_event(k, &batch.events[i]);
			play_event(source, &batch.events[i], k, play);
		}
	play->counts = *packets_counts(play->packets);
	packets_free(play->packets);
	fb_kernel_free(k);
	fb_source_close(source);
}

/* ---- scenarios --------------------------------------------------------------------------- */

/* Fields of a packet. Without header lengths its total length is that of its data. */
#define IP(protocol, from, to)                                                                     \
	" name=lo saddr=127.0.0.1 daddr=127.0.0.1 protocol=" #protocol " source_port=" #from       \
	" dest_port=" #to
#define SEGMENT(from, to, seq_, bytes, ack, flags_)                                                \
	IP(6, from, to) " seq=" #seq_ " tot_len=" #bytes " ack_seq=" #ack " flags=" #flags_ "\n"
#define DATA(from, to, seq_, bytes) SEGMENT(from, to, seq_, bytes, 1, 0x18)
#define ACK(from, to, seq_, ack)    SEGMENT(from, to, seq_, 0, ack, 0x10)
#define SYN(from, to, seq_)	    SEGMENT(from, to, seq_, 0, 0, 0x2)
#define FIN(from, to, seq_)	    SEGMENT(from, to, seq_, 0, 1, 0x11)
#define DATAGRAM(from, to, id_, bytes)                                                             \
	IP(17, from, to) " id=" #id_ " tot_len=" #bytes "\n"

#define RUNS(time, cpu, tid) #time " " #cpu " sched_switch next_tid=" #tid " next_comm=t" #tid "\n"
#define NET_RX_ON(time, cpu)                                                                       \
	#time " " #cpu " irq_softirq_raise vec=3\n" #time " " #cpu " irq_softirq_entry vec=3\n"
#define NET_RX_OFF(time, cpu) #time " " #cpu " irq_softirq_exit vec=3\n"
#define IDLE(time, cpu)	      #time " " #cpu " sched_switch next_tid=0 next_comm=swapper\n"

/* Task 10 is the client on CPU 0: it connects from port 1000 to 80 by descriptor 4, sequence 100. */
#define CONNECT                                                                                    \
	RUNS(1, 0, 10)                                                                             \
	"2 0 syscall_entry_connect fd=4\n"                                                         \
	"3 0 net_dev_queue skbaddr=0xa0" SYN(1000, 80, 99) "4 0 syscall_exit_connect ret=0\n"

static struct packets_counts play_text(const char *events, unsigned capacity, char **text)
{
	struct play play = { .capacity = capacity, .text = g_string_new(NULL) };

	scenario_run(events, &(struct fb_kernel_options){ 0 }, NULL, play_event, &play);
	play.counts = *packets_counts(play.packets);
	packets_free(play.packets);
	*text = g_string_free(play.text, FALSE);
	return play.counts;
}

static struct packets_counts assert_packets(const char *events, const char *expected)
{
	g_autofree char *text = NULL;
	struct packets_counts counts = play_text(events, 0, &text);

	assert_string_equal(text, expected);
	return counts;
}

/* The same through an interface whose driver hands packets up by the batch. */
static void assert_packets_on_veth(const char *events, const char *expected)
{
	g_auto(GStrv) parts = g_strsplit(events, "name=lo", -1);
	g_autofree char *on_veth = g_strjoinv("name=veth0", parts);

	assert_packets(on_veth, expected);
}

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

/* ---- data that was held ------------------------------------------------------------------ */

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
		"wakes 20 by 0\n"
		"1 100..199 80>1000 70 TIMER held since 13 by 20 in splice inferred\n"
		"2 221..222 80>1000 30 NET_RX held since 211 by 20 in write inferred\n");
	assert_int_equal(counts.held_inferred, 2);
	assert_int_equal(counts.drifts, 0);
}

static void several_calls_may_add_up(void **state)
{
	(void)state;
	assert_packets(SERVER_WOKEN
		       "10 1 syscall_entry_write fd=5\n"
		       "11 1 syscall_exit_write ret=30\n"
		       "12 1 syscall_entry_write fd=6\n"
		       "13 1 syscall_exit_write ret=45\n"
		       "14 1 syscall_entry_write fd=5\n"
		       "15 1 syscall_exit_write ret=40\n" TIMER_SENDS(100, 70),
		       "wakes 20 by 0\n"
		       "1 100..199 80>1000 70 TIMER held since 11 by 20 in write inferred\n");
}

static void where_no_bytes_fit_nobody_is_accused(void **state)
{
	struct packets_counts counts;

	(void)state;
	counts = assert_packets(SERVER_WOKEN
				"10 1 syscall_entry_write fd=5\n"
				"11 1 syscall_exit_write ret=69\n" TIMER_SENDS(100, 70),
				"wakes 20 by 0\n"
				"1 100..199 80>1000 70 TIMER\n");
	assert_int_equal(counts.drifts, 1);
	assert_int_equal(counts.held, 0);
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
		       "wakes 20 by 0\n"
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
		"41 1 net_if_receive_skb skbaddr=0x4" DATA(1000, 80, 130, 30),
		"1 30..41 1000>80 30 TIMER resent first 12\n");
	assert_int_equal(counts.resent, 2);
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
		       "wakes 20 by 0\n"
		       "1 11..22 1000>80 50 10 in -\n"
		       "2 12..23 1001>80 50 10 in -\n"
		       "wakes 20 by 1\n"
		       "wakes 30 by 2\n"
		       "wakes 30 by 0\n");
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

static GString *packets_of(const char *name, struct packets_counts *counts)
{
	struct play play = { .text = g_string_new(NULL) };

	play_trace(&play, name);
	*counts = play.counts;
	return play.text;
}

static void assert_lines(const char *name, const char *const *lines)
{
	struct packets_counts counts;
	GString *text = packets_of(name, &counts);

	for (; *lines; lines++)
		if (!strstr(text->str, *lines))
			fail_msg("%s: no '%s' in\n%s", name, *lines, text->str);
	assert_int_equal(counts.by_skb, counts.received);
	assert_int_equal(counts.evicted, 0);
	assert_int_equal(counts.drifts, 0);
	g_string_free(text, TRUE);
}

/* Every packet, each 100 ms under way, as the raw events have them. */
static void tcp_delay_classic_is_eight_packets(void **state)
{
	struct packets_counts counts;
	GString *text = packets_of("tcp-delay-classic", &counts);

	(void)state;
	assert_string_equal(
		text->str,
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
	g_string_free(text, TRUE);
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
		cmocka_unit_test(data_sent_in_the_call_is_not_held),
		cmocka_unit_test(spliced_data_is_held_since_the_call_that_wrote_to_the_socket),
		cmocka_unit_test(a_small_write_is_held_until_the_acknowledgement),
		cmocka_unit_test(a_call_that_waits_for_room_holds_data),
		cmocka_unit_test(a_later_call_takes_held_data_along),
		cmocka_unit_test(threads_share_their_descriptors),
		cmocka_unit_test(who_was_woken_and_wrote_so_many_bytes_is_the_likely_sender),
		cmocka_unit_test(several_calls_may_add_up),
		cmocka_unit_test(where_no_bytes_fit_nobody_is_accused),
		cmocka_unit_test(accept_tells_the_connection_by_the_peers_port),
		cmocka_unit_test(a_closed_connections_descriptor_is_anybodys),
		cmocka_unit_test(data_sent_again_tells_when_it_was_sent_first),
		cmocka_unit_test(sequence_numbers_wrap),
		cmocka_unit_test(after_lost_events_bytes_are_counted_anew),
		cmocka_unit_test(without_system_calls_nothing_is_held),
		cmocka_unit_test(a_task_is_woken_by_the_last_packet_of_its_own_connection),
		cmocka_unit_test(over_loopback_it_is_the_last_packet_of_all),
		cmocka_unit_test(the_oldest_makes_room),
		cmocka_unit_test(odd_input_is_survived),
		cmocka_unit_test(without_network_events_there_is_nothing_to_follow),
		cmocka_unit_test(tcp_delay_classic_is_eight_packets),
		cmocka_unit_test(blocking_write_ack_is_four_packets_in_a_row),
		cmocka_unit_test(splice_delay_is_held_by_the_proxy),
		cmocka_unit_test(splice_delay_rw_is_held_by_a_delayed_acknowledgement),
		cmocka_unit_test(rpc_chain_passes_bytes_without_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
