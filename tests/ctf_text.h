/* SPDX-License-Identifier: MIT */
/*
 * ctf_text.h - CTF traces written as text, in three parts:
 *
 *	# What it shows.
 *	--- metadata [DIR]
 *	trace { … };
 *	--- file [DIR/]NAME
 *	packet  0xC1FC1FC1/32  CONTENT/64 SIZE/64    # header and context
 *	7/5 100/27  "swapper/0"/16  -1/32be          # an event
 *	--- expected
 *	what trace_text() says of it
 *
 * In metadata of CTF 2 "␞" is its record separator. Bytes are written as words:
 *
 *	N/BITS       a number in the trace's byte order, or as a suffix `be` or `le` says; the
 *	             metadata says "major = 1; minor = 8; byte_order = be;" where it is big-endian
 *	W*TIMES      a number many times
 *	"text"       with C's escapes, and no NUL of its own; "text"/16 is filled up with NULs
 *	align/BITS   zeros up to there, counted from the packet's start
 *	packet       begins a packet; what comes before the first is in none
 *	end          ends its content: what follows is padding
 *	CONTENT/BITS SIZE/BITS   the packet's sizes in bits; wherever it stands they are right
 */
#ifndef TESTS_CTF_TEXT_H
#define TESTS_CTF_TEXT_H

#include <glib.h>

struct ctf_file {
	char *path; /* relative to the trace */
	GByteArray *bytes;
};

struct ctf_text {
	GPtrArray *files; /* struct ctf_file *, metadata too */
	char *expected;
};

/* Reads such a text; a mistake in it ends the test. */
struct ctf_text *ctf_text_parse(const char *text);
void ctf_text_free(struct ctf_text *t);

/* Writes the trace below a new temporary directory; ctf_text_remove() takes the path back. */
char *ctf_text_write(const struct ctf_text *t);
void ctf_text_remove(char *dir);

/*
 * All that can be read below `dir`: a line for each event, a line for each
 * problem, then the totals. Or the error. `dir` is left out of all names.
 */
char *trace_text(const char *dir);

#endif
