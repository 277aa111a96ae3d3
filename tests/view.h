/* SPDX-License-Identifier: MIT */
/*
 * view.h - what can be looked at of a few events, each as text: of a case of tests/scenarios, behind
 * its "---".
 *
 *	waits [all] [edges]            scenario.h; what nothing stands for, too
 *	part BEGIN..END [lead=NS] [pid=N,…] [bystanders=no] [skipped]
 *	                               the waits that a run finds in a part of the trace (a lead of -1
 *	                               grows), and what it
 *	                               read: the same however the source hands out its events.
 *	                               `skipped`: and how many events it had the source pass over
 *	path TID [BEGIN..END]          path_text.h; all paths tile, too, wherever the events are cut
 *	calls                          call_text.h; their sums are right wherever the events are cut
 *	packets [room=N] [counts=NAME,…]
 *	                               packet_text.h; and of struct packets_counts what is named
 *	report COMMAND [FORMAT] [tid=N,…] [pid=N,…] [begin=NS] [end=NS] [min=NS] [bystanders=no] [OPTION=VALUE …]
 *	                               its report, as csv unless said otherwise; of jsonl the rows. Of
 *	                               bottleneck's: all waiting time is given to somebody, wherever the
 *	                               events are cut
 *
 * BEGIN and END may be '?': none.
 */
#ifndef TESTS_VIEW_H
#define TESTS_VIEW_H

/*
 * Fails the test when there is no such view, or what must hold of any events does not. Free with
 * g_free().
 */
char *view_render(const char *view, const char *events);

#endif
