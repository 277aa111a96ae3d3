/* SPDX-License-Identifier: MIT */
/*
 * ready_text.h - event text in (scenario.h), waits for a CPU out: one a line, when they are over:
 *
 *	TID HOW BEGIN..END in CALL on CPU: WHO TIME, … [BAR] [lost] [CPU n idle TIME]
 *	10 woken 5..20 in read on 0: 11 12, softirq NET_RX 3
 */
#ifndef TESTS_READY_TEXT_H
#define TESTS_READY_TEXT_H

#include "analyses/shared/ready.h"

/* Fails the test unless what others had of it sums to the wait. */
void assert_ready_sums(const struct ready *ready);

/* `least`: the shortest that is wanted. Free with g_free(). */
char *ready_text(const char *events, fb_ns least);

/* They sum whatever part of the events is there: from any line to any other. */
void assert_ready_sums_wherever_cut(const char *events);

#endif
