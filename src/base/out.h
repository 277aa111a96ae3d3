/* SPDX-License-Identifier: MIT */
/*
 * out.h - the bytes of a report on their way to a file descriptor.
 *
 * Rows come by the hundred thousand, so there is no printf in their way: a
 * caller asks for room once, writes ahead with the put functions, which return
 * where they stopped, and tells how far it got.
 *
 *	char *to = out_room(o, OUT_NUMBER);
 *	o->at = put_int(to, 42);
 */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/digits.h"

struct out {
	char *at, *end;  /* the room left */
	char *buffer;
	int fd;
	int failed;      /* errno of the first write that failed, or 0: all later bytes are dropped */
};

#define OUT_MEMORY (-1) /* as the descriptor: the buffer grows and keeps all */
#define REAL_ROOM  40
#define OUT_NUMBER DIGITS_ROOM /* room for any integer, or an address */

void out_init(struct out *o, int fd);
void out_clear(struct out *o);
void out_flush(struct out *o);
/* Writes only lines that are complete. */
void out_save(struct out *o);

/*
 * For a signal's handler, in the thread that writes: ends the process by that signal, at once or
 * when the line that is being written is whole.
 */
void out_end_by(int number);

/* Makes room for more than the buffer's rest; use out_room(). */
void out_make_room(struct out *o, size_t n);

/* At least `n` bytes to write to, from o->at. */
static inline char *out_room(struct out *o, size_t n)
{
	if ((size_t)(o->end - o->at) < n)
		out_make_room(o, n);
	return o->at;
}

static inline void out_bytes(struct out *o, const char *bytes, size_t n)
{
	char *to = out_room(o, n);

	memcpy(to, bytes, n);
	o->at = to + n;
}

static inline void out_string(struct out *o, const char *text)
{
	out_bytes(o, text, strlen(text));
}

static inline void out_char(struct out *o, char c)
{
	*out_room(o, 1) = c;
	o->at++;
}

/* 0x1f, lower case; `to` has OUT_NUMBER bytes. */
char *put_hex(char *to, uint64_t n);
/* At most nine significant digits, and a point whatever the locale; `to` has REAL_ROOM bytes. */
char *put_real(char *to, double x);

void out_int(struct out *o, int64_t n);

/*
 * A JSON string with its quotes, valid UTF-8 whatever the bytes: characters that are not
 * printable become \uXXXX, each byte that is no part of a UTF-8 character \ufffd.
 */
void out_json_text(struct out *o, const char *text);

/*
 * A CSV field after RFC 4180: quoted where it holds a comma, a semicolon, a quote, or a blank
 * at its ends. Characters that are not printable become \xNN, bytes that are no UTF-8
 * U+FFFD; what a spreadsheet would take for a formula gets an apostrophe before it.
 */
void out_csv_text(struct out *o, const char *text);

/* Text for a terminal: characters that are not printable, and bytes that are no UTF-8, become \xNN. */
void out_plain_text(struct out *o, const char *text);

#define ESCAPED_BYTE 4 /* \xNN */
char *put_escaped_byte(char *to, unsigned char c);

/*
 * Length of the UTF-8 character at `text` (1 to 4 bytes), or 0 when there is none, or one
 * that a terminal may obey: a control, a separator of lines, a change of direction.
 */
int printable_length(const char *text);

#endif
