/* SPDX-License-Identifier: MIT */
/*
 * corpus.h - files of cases, those of tests/scenarios: events, and what shall come of them.
 *
 *	=== a_read_waits_for_a_disk_irq
 *	# Comments are lines of their own.
 *	1 0 sched_switch prev_tid=0 next_tid=10 next_comm=cat
 *	2 0 syscall_entry_read fd=3
 *	…
 *	---
 *	10 read 3..8..12 D irq 19 virtio0
 *
 * The name states a fact, and no other case has it. Events are as `flightbox dump` prints them, with
 * the lines that scenario.h has besides. Behind "---" stands the view, with its arguments (view.h);
 * where there is none, it is the waits. More views of the same events may follow. Lines before a
 * file's first case are its heading. Empty lines at the end of what is expected do not count.
 */
#ifndef TESTS_CORPUS_H
#define TESTS_CORPUS_H

#include <stdbool.h>

#include <glib.h>

struct expectation {
	char *view;         /* "" for the waits */
	guint begin, end;   /* its lines in the file, from 0 */
	char *text;         /* these lines, each with its end */
	char *got;          /* what came, where that was found out; NULL */
};

struct corpus_case {
	const struct corpus *corpus;
	char *name;
	guint line;         /* of its name, from 1 */
	char *events;
	GArray *expected;   /* struct expectation, at least one */
};

struct corpus {
	char *path;
	GPtrArray *lines;   /* without their ends */
	GPtrArray *cases;   /* struct corpus_case */
};

/* NULL, and a complete message, when the file cannot be read or is no corpus. */
struct corpus *corpus_open(const char *path, GError **error);
void corpus_free(struct corpus *corpus);

/* Whether all that came of the case is as expected; what was not found out counts as such. */
bool corpus_case_holds(const struct corpus_case *c);

/* The file, but with what came of one case, NULL: of all. Free with g_free(). */
char *corpus_updated(const struct corpus *corpus, const struct corpus_case *only);

#endif
