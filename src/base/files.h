/* SPDX-License-Identifier: MIT */
/* files.h - opens files, and nothing that has others wait, or do something. */
#ifndef BASE_FILES_H
#define BASE_FILES_H

#include <stdbool.h>
#include <sys/stat.h>

#include <glib.h>

/* "a FIFO", "a device" …; NULL: a regular file or a directory. */
const char *file_type_name(mode_t mode);

/*
 * Opens a regular file for reading. Returns -1 and `error`, whose message names the file, for
 * anything else: to open a FIFO waits for whoever writes, to open a device may do things.
 */
int file_open(const char *path, struct stat *st, GError **error);

/*
 * The text that can be read there, whatever it is; NULL and `error` when it is more than `most` bytes, for
 * some files never end, or has a zero among them.
 */
char *file_read(const char *path, size_t most, GError **error);

#endif
