/* SPDX-License-Identifier: MIT */
/*
 * clock.h - a capture's clock against a trace's, by packets that both tell of.
 *
 *	difference        : .  .:   . .          the least and the most of them come from
 *	 capture - trace  ':':.:'.:':.:'. : .    interrupts between event and capture
 *	                  -------------------> time
 *
 * Where one of the clocks is set the line ends, and another begins.
 */
#ifndef JOIN_CLOCK_H
#define JOIN_CLOCK_H

#include <stdbool.h>

#include <glib.h>

#include <flightbox/ns.h>

#define CLOCK_PAIRS   8		/* that a line needs */
#define CLOCK_STEP    1000000	/* ns: so much at once is a step */
#define CLOCK_EXACT   100000	/* ns: the spread of a line below which it is called exact */
#define CLOCK_SAMPLES 256	/* pairs of a line that are kept */

/* One line. All in ns, as differences capture - trace. */
struct clock_line {
	fb_ns begin, end; /* of its pairs, by the trace */
	uint64_t pairs;
	/*
	 * Where most pairs crowd: the first tenth of them or the last, for either the event or the
	 * capture is the later one of the two. Without the drift, at `begin`.
	 */
	fb_ns offset;
	fb_ns spread; /* between the first tenth and the last */
	double drift; /* ns that the capture's clock gains a second; 0: too few to be told */
	bool is_exact;
};

struct clock_pair {
	fb_ns time, difference;
};

struct clock_samples {
	struct clock_pair kept[CLOCK_SAMPLES];
	unsigned n;
	uint64_t every; /* the n-th pair is kept */
	uint64_t pairs;
	fb_ns end;
};

struct clock {
	GArray *lines; /* struct clock_samples */
	struct clock_pair recent[CLOCK_PAIRS]; /* a ring: of the line at hand */
	uint64_t n_recent;
	struct clock_pair astray[CLOCK_PAIRS]; /* those since then that are far from it */
	unsigned n_astray;
};

void clock_init(struct clock *c);
void clock_clear(struct clock *c);

/* A packet that the trace tells of at `time`, and the capture `difference` later by its clock. */
void clock_add(struct clock *c, fb_ns time, fb_ns difference);

/* capture - trace, by the latest pairs; 0 before there are any. */
fb_ns clock_difference(const struct clock *c);

unsigned clock_lines(const struct clock *c);
struct clock_line clock_line(const struct clock *c, unsigned i);

#endif
