/* SPDX-License-Identifier: MIT */
/* files.c - opens files that may have been replaced by something else. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <flightbox/error.h>

#include "base/files.h"

const char *file_type_name(mode_t mode)
{
	if (S_ISFIFO(mode))
		return "a FIFO";
	if (S_ISSOCK(mode))
		return "a socket";
	if (S_ISCHR(mode) || S_ISBLK(mode))
		return "a device";
	return S_ISLNK(mode) ? "a link" : NULL;
}

static int refuse(const char *path, GError **error)
{
	g_set_error(error, FB_ERROR, FB_ERROR_IO, "%s: %s", path, g_strerror(errno));
	return -1;
}

static int refuse_type(const char *path, mode_t mode, GError **error)
{
	const char *name = file_type_name(mode);

	g_set_error(error, FB_ERROR, FB_ERROR_IO, "%s: is %s, not a file", path,
		    name ? name : "a directory");
	return -1;
}

int file_open(const char *path, struct stat *st, GError **error)
{
	int fd;

	if (stat(path, st))
		return refuse(path, error);
	if (!S_ISREG(st->st_mode))
		return refuse_type(path, st->st_mode, error);
	/* It may have become something else since. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return refuse(path, error);
	if (!fstat(fd, st) && S_ISREG(st->st_mode))
		return fd;
	if (S_ISREG(st->st_mode))
		refuse(path, error);
	else
		refuse_type(path, st->st_mode, error);
	close(fd);
	return -1;
}

static bool read_all(int fd, GByteArray *to, size_t most)
{
	guint8 block[4096];
	ssize_t n = 1;

	while (n && to->len <= most) {
		n = read(fd, block, sizeof(block));
		if (n > 0)
			g_byte_array_append(to, block, n);
		else if (n < 0 && errno != EINTR)
			return false;
	}
	return true;
}

char *file_read(const char *path, size_t most, GError **error)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && read_all(fd, bytes, most);

	if (!ok)
		refuse(path, error);
	if (fd >= 0)
		close(fd);
	if (ok && bytes->len > most) {
		g_set_error(error, FB_ERROR, FB_ERROR_FORMAT, "%s: more than %zu KiB", path, most >> 10);
		ok = false;
	}
	if (ok && bytes->len && memchr(bytes->data, 0, bytes->len)) {
		size_t at = (guint8 *)memchr(bytes->data, 0, bytes->len) - bytes->data;

		g_set_error(error, FB_ERROR, FB_ERROR_FORMAT, "%s: byte %zu: expected a text, found a zero",
			    path, at);
		ok = false;
	}
	if (!ok)
		return NULL;
	g_byte_array_append(bytes, (const guint8 *)"", 1);
	return (char *)g_byte_array_free(g_steal_pointer(&bytes), FALSE);
}
