/* SPDX-License-Identifier: MIT */
/*
 * runs.h - the records of all CPUs by time.
 *
 * perf empties its rings one after the other, so a file is made of runs, within each of which times
 * rise: a ring's records of one round. A first pass finds where runs begin and end; a second reads them
 * side by side. So it takes as many bytes as there are rings, whatever a round has.
 *
 *	file    | cpu 0 ────► | cpu 1 ────► | round | cpu 0 ────► | cpu 1 ────► | round
 *
 * What a ring had before a round began is in the file when that round ends, but for an event whose CPU, a
 * virtual one, did not run between its time being taken and its being written; and rounds may last
 * microseconds. So megabytes more are waited for: that costs no more than knowing where their runs are.
 */
#ifndef PERF_RUNS_H
#define PERF_RUNS_H

#include "perf/attr.h"
#include "perf/file.h"

struct run;

struct runs {
	const struct perf_file *file;
	const struct attrs *attrs;
	GPtrArray *heap;  /* struct run *, by the time of their next record */
	struct run *open; /* the one that is being found; or NULL */
	fb_ns latest;	  /* of all that were found */
	uint64_t bytes;	  /* … and their size */
	GQueue rounds;	  /* struct round *: ends of rounds, whose turn is to come */
	fb_ns until;	  /* nothing up to then is to come */
	bool has_all;	  /* nothing is to come at all */
};

void runs_init(struct runs *runs, const struct perf_file *file, const struct attrs *attrs);
void runs_clear(struct runs *runs);

/*
 * The next record, at `offset` of the file; UINT64_MAX: it is kept, for it is not there. `time`: of a sample,
 * FB_NS_NONE: of what has no order.
 */
void runs_add(struct runs *runs, const struct record *record, uint64_t offset, fb_ns time);

/* A round ends, or perf's own records come in between: no run goes on. */
void runs_break(struct runs *runs);
void runs_round(struct runs *runs);

/* The file ends. */
void runs_end(struct runs *runs);

/* The time of the next record that nothing to come can be before; FB_NS_NONE: more must be found. */
fb_ns runs_peek(const struct runs *runs);

/* Where it is in the file; UINT64_MAX: nowhere. */
uint64_t runs_offset(const struct runs *runs);

/* That record, lent until runs_advance(). False: the file cannot be read there any more. */
bool runs_read(const struct runs *runs, struct record *record);

/* On to the next one. False: the file cannot be read there any more; what is left of the run is not. */
bool runs_advance(struct runs *runs);

/* The first time that was found, of those not read; FB_NS_NONE. */
fb_ns runs_first(const struct runs *runs);

#endif
