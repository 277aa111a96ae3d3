/* SPDX-License-Identifier: MIT */
/* stranger.h - what people take for a trace and is none, and what they have to do about it. */
#ifndef CTF_READ_STRANGER_H
#define CTF_READ_STRANGER_H

#include <stdbool.h>

#include <glib.h>

/*
 * Whether what is at `path` is known to be something else than a trace: then `error` says
 * what, and what to do. Of a directory its files are looked at.
 */
bool stranger_refuse(const char *path, GError **error);

/* The same of a file that is no profile. */
bool stranger_refuse_profile(const char *path, GError **error);

#endif
