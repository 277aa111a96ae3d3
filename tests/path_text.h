/* SPDX-License-Identifier: MIT */
/*
 * path_text.h - event text in (scenario.h), the critical path of a task out, as text:
 *
 *	BEGIN..END TID STATE SYSCALL
 *	3..8 10 waits read
 *	  3..5 20 running write
 *	  5..8 20 softirq write
 *
 * indented by depth. `waits` is a wait that is gone around, `born` a task's time
 * before its life; an unknown segment says why: `unknown:lost`.
 */
#ifndef TESTS_PATH_TEXT_H
#define TESTS_PATH_TEXT_H

#include <flightbox/history.h>

/* Appends the path to `to`, which may be NULL, and fails the test unless it tiles [begin, end]. */
void put_path(struct fb_history *h, const struct fb_task *task, fb_ns begin, fb_ns end,
	      GString *to);

/* The task's path through [begin, end]; FB_NS_NONE: from where, or to where, its life is known. Free with g_free(). */
char *path_text(const char *events, int32_t tid, fb_ns begin, fb_ns end);

/*
 * The paths of all tasks tile all they are asked for, whatever part of the events is there: the
 * first n lines, for every n.
 */
void assert_tiles_wherever_cut(const char *events);

#endif
