/* SPDX-License-Identifier: MIT */
/*
 * glob.h - patterns for names: '*' is any text, '?' any character, '[a-z_]' one of these, '[!a-z]'
 * one of the others, '\,' a comma, all else itself, also a '[' that nothing ends.
 *
 * Names come from traces, patterns from command lines: neither need be UTF-8, which GLib's
 * patterns take for granted. A byte that belongs to no character is one.
 */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include <stdbool.h>

bool glob_matches(const char *glob, const char *text);

/* Whether any of several matches, with commas between them: "nc,sshd*". */
bool glob_list_matches(const char *globs, const char *text);

/* Where the first one ends: a comma, or the end. */
const char *glob_list_next(const char *globs);

#endif
