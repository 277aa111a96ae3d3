/* SPDX-License-Identifier: MIT */
/*
 * bt2_details.h - what sink.text.details prints, taken apart: classes, and the messages
 * of each stream; without the events that flightbox does not model and their classes.
 */
#ifndef TESTS_BT2_DETAILS_H
#define TESTS_BT2_DETAILS_H

#include <glib.h>

struct details {
	char *text;
	GString *classes;   /* the lines about classes */
	GPtrArray *streams; /* struct printed_stream *, as they come */
	unsigned disorder;  /* messages before the time of the one ahead of them */
};

struct printed_stream {
	const char *name;    /* {Trace 0, Stream class ID 0, Stream ID 1} */
	GPtrArray *messages; /* char *: lines, lent */
};

/* Takes `text` over. */
void details_parse(struct details *d, char *text);
void details_clear(struct details *d);

/* The stream of that name, which ends at a newline; made when it is new. */
struct printed_stream *details_stream(struct details *d, const char *name);

#endif
