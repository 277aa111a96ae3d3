/* SPDX-License-Identifier: MIT */
/* tape.h - the bytes of a file from its begin to its end, as they are or out of gzip's. */
#ifndef CAPTURE_TAPE_H
#define CAPTURE_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#define TAPE_MOST 65536 /* that tape_has() can be asked for */

struct tape {
	const uint8_t *at, *end; /* what is there to read now */
	uint8_t *window;
	uint64_t window_position; /* of the window's first byte */
	GError *error;		  /* why there is no more; NULL: it is all, or not tried */
	struct source_file *file;
};

struct tape *tape_open(const char *path, GError **error);
void tape_close(struct tape *s);

bool tape_fill(struct tape *s, size_t n);

/* Whether so many bytes are left; they lie at s->at then. */
static inline bool tape_has(struct tape *s, size_t n)
{
	return (size_t)(s->end - s->at) >= n || tape_fill(s, n);
}

/* Passes over so many. False: there are less, and it stands at the end. */
bool tape_skip(struct tape *s, uint64_t n);

/* Of s->at, among the inflated ones. */
uint64_t tape_position(const struct tape *s);

#endif
