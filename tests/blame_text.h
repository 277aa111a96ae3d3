/* SPDX-License-Identifier: MIT */
/* blame_text.h - what must hold of the report of bottleneck, whatever the events. */
#ifndef TESTS_BLAME_TEXT_H
#define TESTS_BLAME_TEXT_H

/*
 * Fails the test unless the waiting time that the waits say themselves is given away in rows, to the
 * nanosecond: of the first n lines of the events, for every n.
 */
void assert_all_is_given_away_wherever_cut(const char *events);

#endif
