/* SPDX-License-Identifier: MIT */
/* window.h - pieces of files in memory. */
#ifndef CTF_READ_WINDOW_H
#define CTF_READ_WINDOW_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

struct guard;

/*
 * A piece of a file in memory, which events point into: mapped where it lies
 * well in the file, else read to where it does. Freed when nobody refers to it.
 */
struct window {
	uint8_t *at;
	size_t size;
	void *map;	 /* NULL: `at` is malloc's */
	size_t map_size;
	struct guard *guard; /* of the mapping */
	int refs;
};

/* All windows of a source. Locks itself. */
struct windows {
	pthread_mutex_t lock;
	GPtrArray *all; /* struct window * */
	size_t bytes;	/* of most windows; 0: as pipeline_new() finds good */
};

/* From init to clear files may shrink: see guard.h. */
void windows_init(struct windows *w);
void windows_clear(struct windows *w);

/* `size` bytes from `begin` on, referred to once; NULL when they cannot be mapped. */
struct window *window_map(struct windows *all, int fd, uint64_t begin, size_t size);

/* The same, but read, to where it is aligned to `align` bytes. Fewer: `size` and errno say. NULL: no memory. */
struct window *window_read(struct windows *all, int fd, uint64_t begin, size_t size,
			   uint32_t align);

struct window *window_ref(struct window *w);
void window_unref(struct windows *all, struct window *w);

/* Whether the file lacks some of it by now, so that zeros may have been read. `begin`, `fd`: as it was mapped. */
bool window_is_spoilt(const struct window *w, int fd, uint64_t begin);

/* Whether zeros were read where the file had bytes before. */
bool window_has_holes(const struct window *w);

/* The bytes that `at` points into; NULL when they are none of these. Not referred to anew. */
const struct window *windows_find(struct windows *all, const uint8_t *at);

#endif
