/* SPDX-License-Identifier: MIT */
/*
 * glob.h - patterns for names: '*' is any text, '?' any character, all else itself.
 *
 * Names come from traces, patterns from command lines: neither need be UTF-8, which GLib's
 * patterns take for granted. A byte that belongs to no character is one.
 */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include <stdbool.h>

bool glob_matches(const char *glob, const char *text);

#endif
