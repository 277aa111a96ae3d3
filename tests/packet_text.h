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

/* Plays a scenario with room for `capacity` packets, 0: the default. Free the text with g_free(). */
struct packets_counts play_text(const char *events, unsigned capacity, char **text);

/* Plays a recorded trace. */
struct packets_counts play_trace(const char *name, char **text);

/* A line "NAME NUMBER" for each of the names, which have commas between them. Free with g_free(). */
char *packets_counts_text(const struct packets_counts *counts, const char *names);

/* Fails the test unless each of the lines is among those of the trace, and no packet was lost sight of. */
void assert_lines(const char *name, const char *const *lines);

#endif
