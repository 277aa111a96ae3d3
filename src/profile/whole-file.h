/* SPDX-License-Identifier: MIT */
/* whole-file.h - files that are there as a whole or not at all. */
#ifndef PROFILE_WHOLE_FILE_H
#define PROFILE_WHOLE_FILE_H

#include <glib.h>
#include <stdbool.h>

/*
 * Writes a file by way of a temporary one beside it; where that fails what was there stays.
 * "-" is the standard output. What is no regular file, as a pipe, is written to as it is.
 */
bool whole_file_write(const char *path, const char *bytes, size_t n, GError **error);

#endif
