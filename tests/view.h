/* SPDX-License-Identifier: MIT */
/*
 * view.h - what can be looked at of a few events, each as text: of a case of tests/scenarios, behind
 * its "---".
 *
 *	waits [all] [edges]          scenario.h; that is what nothing stands for, too
 */
#ifndef TESTS_VIEW_H
#define TESTS_VIEW_H

/*
 * Fails the test when there is no such view, or what must hold of any events does not. Free with
 * g_free().
 */
char *view_render(const char *view, const char *events);

#endif
