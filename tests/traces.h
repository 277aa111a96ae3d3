/* SPDX-License-Identifier: MIT */
/* traces.h - the recorded traces of tests/traces, unpacked: what is in them and where they are. */
#ifndef TESTS_TRACES_H
#define TESTS_TRACES_H

#include <flightbox/source.h>

struct recorded {
	const char *name;
	const char *trace;    /* directory to open, below the trace's own */
	const char *expected; /* file of expected waits, NULL when it has none */
	bool loses;           /* events were lost: what is expected of it holds no longer */
	bool contexts;        /* every event has the contexts tid and pid */
	bool ctf2;            /* babeltrace2 reads it from 2.1 on */
	bool few;             /* events: only for who asks for it */
};

/* All of them; a NULL name ends the list. Snapshots of one session can be read one by one, too. */
extern const struct recorded recorded_traces[];

/*
 * The path of `file` in an unpacked trace. FB_TRACES names the directory that holds
 * them (default build/traces). Fails the test when it is not there. Free with g_free().
 */
char *recorded_path(const struct recorded *trace, const char *file);

/* Opens the trace at `path` with the native reader; fails the test when that does not work. */
struct fb_source *recorded_open(const char *path, uint64_t kinds, bool count);

/* All of them, those of few events too. */
bool recorded_any(const struct recorded *trace);

/* Skips the case, and says why, where the installed babeltrace2 does not read the trace. */
void recorded_needs_babeltrace2(const struct recorded *trace);

/*
 * Runs `test` once for each recorded trace that `wanted` (NULL: all) agrees to, as a case
 * named after it: "the_waits_of" gives "the_waits_of_disk". Returns the number of failed cases.
 */
int recorded_run(const char *name, bool (*wanted)(const struct recorded *), void (*test)(void **));

/* Problems found in one case: the first ten are printed, all of them counted. */
struct problems {
	unsigned int n;
};

void problem(struct problems *p, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Fails the test when there was any. */
void problems_finish(const struct problems *p);

#endif
