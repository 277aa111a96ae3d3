/* SPDX-License-Identifier: MIT */
/* arena.h - memory that is freed all at once: the type tree and its strings. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);

/* Zeroed memory, aligned for any object; it lives until arena_free(). Never NULL. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_copy(struct arena *a, const void *from, size_t size);

/* Room for text: neither zeroed nor aligned. */
char *arena_room(struct arena *a, size_t size);

/* The `length` bytes at `text` as a string of its own. */
char *arena_text(struct arena *a, const char *text, size_t length);

#endif
