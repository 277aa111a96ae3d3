/* SPDX-License-Identifier: MIT */
/*
 * symbols.h - names for kernel addresses: a copy of /proc/kallsyms, made when the
 * trace was recorded.
 */
#ifndef FLIGHTBOX_SYMBOLS_H
#define FLIGHTBOX_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

struct fb_symbols;

/*
 * Symbols of a file in the format of /proc/kallsyms, plain or compressed by gzip
 * or xz. The file is read when the first name is asked for: most reports need
 * none. Free with fb_symbols_free().
 */
struct fb_symbols *fb_symbols_new(const char *path);
void fb_symbols_free(struct fb_symbols *s);

/*
 * "hrtimer_wakeup" at its start, "hrtimer_wakeup+0x12" behind it; NULL for an
 * address outside of the kernel's code. Lent until fb_symbols_free(); the same
 * address gets the same pointer.
 */
const char *fb_symbols_find(struct fb_symbols *s, uint64_t address);

/*
 * Whether the file could be used: false, and `error` set, when it was read and
 * could not. With `now`, reads it first.
 */
bool fb_symbols_check(struct fb_symbols *s, bool now, GError **error);

/*
 * The kallsyms file that was saved with a trace: "kallsyms" or "kallsyms.txt",
 * with or without .gz or .xz, in the directory `trace`, in one below it, or in the
 * one above; or there for the session that the trace is a part of (its "kernel", a
 * chunk, a snapshot). NULL when there is none. Free with g_free().
 */
char *fb_symbols_locate(const char *trace);

#endif
