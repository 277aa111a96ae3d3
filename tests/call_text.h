/* SPDX-License-Identifier: MIT */
/*
 * call_text.h - event text in (scenario.h), system calls and their parts out: one a line, when it is
 * known that they are over:
 *
 *	TID SYSCALL BEGIN..EXIT..END PART TIME …: PART KIND [NAME] [VIA] [inline] TIME, …
 *	10 write 2..12..12 running 5 softirq 5: softirq softirq NET_RX inline 5
 *
 * with "; longest KIND TIME" behind the shares where there was a wait, and those of which too little
 * is known as TID SYSCALL BEGIN..EXIT QUALITY.
 */
#ifndef TESTS_CALL_TEXT_H
#define TESTS_CALL_TEXT_H

#include "analyses/shared/latency-call.h"

/* Fails the test unless the parts of a call sum to what elapsed, and shares to their parts. */
void assert_call_sums(const struct call *call);

/* Free with g_free(). */
char *calls_text(const char *events);

/* So they do whatever part of the events is there: from any line to any other. */
void assert_calls_wherever_cut(const char *events);

#endif
