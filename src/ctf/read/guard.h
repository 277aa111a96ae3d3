/* SPDX-License-Identifier: MIT */
/*
 * guard.h - files in memory may shrink while they are read, or fail to be read: then
 * there is nothing behind their pages any more, and whoever reads there gets a SIGBUS.
 *
 * Between guard_on() and guard_off() such a page becomes one of zeros, and its mapping
 * is marked. All other SIGBUS go to whom they went before. A thread that
 * blocks SIGBUS is not helped: the kernel ends the process.
 */
#ifndef CTF_READ_GUARD_H
#define CTF_READ_GUARD_H

#include <stdbool.h>
#include <stddef.h>

struct guard;

/* Counted: the last guard_off() gives the signal back. */
void guard_on(void);
void guard_off(void);

/* `map` was mapped by the caller, who removes the guard before the mapping. Never NULL. */
struct guard *guard_add(void *map, size_t size);
void guard_remove(struct guard *g);

/* Whether some of its pages were replaced. */
bool guard_was_hit(const struct guard *g);

#endif
