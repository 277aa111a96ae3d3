/* SPDX-License-Identifier: MIT */
/*
 * packet_text.h - events in, packets out: what src/packets/packets.h says of them, a line
 * for each one that is received:
 *
 *	NUMBER QUEUED..RECEIVED SOURCE>DEST BYTES WHO [answers NUMBER|outside AT TIME]
 *	[held since TIME by TID in SYSCALL [open] [inferred]] [resent first TIME] [by header]
 *
 * WHO is the task and its call, the softirq, or the timer. Wakings in NET_RX are lines too:
 *
 *	wakes TID by NUMBER (none: by none that was sent here)
 */
#ifndef TESTS_PACKET_TEXT_H
#define TESTS_PACKET_TEXT_H

#include "packets/packets.h"

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

/* Plays a scenario with room for `capacity` packets, 0: the default. Free the text with g_free(). */
struct packets_counts play_text(const char *events, unsigned capacity, char **text);

/* Plays a recorded trace. */
struct packets_counts play_trace(const char *name, char **text);

/* Fails the test unless the events give exactly these lines. */
struct packets_counts assert_packets(const char *events, const char *expected);

/* The same through an interface whose driver hands packets up by the batch. */
void assert_packets_on_veth(const char *events, const char *expected);

/* Fails the test unless each of the lines is among those of the trace, and no packet was lost sight of. */
void assert_lines(const char *name, const char *const *lines);

#endif
