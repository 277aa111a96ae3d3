/* SPDX-License-Identifier: MIT */
/* whole-file.c - a file is written beside its place, and put there by a rename. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <flightbox/error.h>

#include "profile/whole-file.h"

static bool set_errno(const char *path, GError **error)
{
	int number = errno;

	g_set_error(error, FB_ERROR, FB_ERROR_IO, "%s: %s", path, g_strerror(number));
	return false;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t written = write(fd, bytes, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		bytes += written;
		n -= written;
	}
	return true;
}

/* What was written may still fail to reach the disk. */
static bool write_and_close(int fd, const char *bytes, size_t n)
{
	bool ok = write_all(fd, bytes, n);
	int number = errno;

	if (close(fd) < 0 && ok)
		return false;
	errno = number;
	return ok;
}

static bool write_there(const char *path, const char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write_and_close(fd, bytes, n);
}

/* As open() would have made it: mkstemp() lets nobody else read. */
static bool set_mode(int fd, const struct stat *old)
{
	mode_t mask;

	if (old)
		return fchmod(fd, old->st_mode & 0777) == 0;
	mask = umask(0);
	umask(mask);
	return fchmod(fd, 0666 & ~mask) == 0;
}

/* mkstemp() wants to read it, too, which a sandbox may not let us. */
static int make_temporary(const char *path, char **name)
{
	int fd = -1;

	for (int tries = 0; fd < 0 && tries < 100; tries++) {
		g_free(*name);
		*name = g_strdup_printf("%s.%08x", path, g_random_int());
		fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

static bool replace(const char *path, const struct stat *old, const char *bytes, size_t n)
{
	g_autofree char *temporary = NULL;
	int fd = make_temporary(path, &temporary), number;

	if (fd < 0)
		return false;
	if (!set_mode(fd, old))
		close(fd);
	else if (write_and_close(fd, bytes, n) && rename(temporary, path) == 0)
		return true;
	number = errno;
	unlink(temporary);
	errno = number;
	return false;
}

bool whole_file_write(const char *path, const char *bytes, size_t n, GError **error)
{
	struct stat old;
	char *target;
	bool ok, exists;

	if (!strcmp(path, "-"))
		return write_all(STDOUT_FILENO, bytes, n) || set_errno("standard output", error);
	exists = stat(path, &old) == 0;
	if (exists && !S_ISREG(old.st_mode))
		return write_there(path, bytes, n) || set_errno(path, error);
	/* A symbolic link stays one. */
	target = exists ? realpath(path, NULL) : strdup(path);
	ok = target && replace(target, exists ? &old : NULL, bytes, n);
	free(target);
	return ok || set_errno(path, error);
}
