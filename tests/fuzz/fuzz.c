/* SPDX-License-Identifier: MIT */
/* fuzz.c - what the targets share; see fuzz.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "fuzz.h"

static void on_trap(int number)
{
	(void)number;
	abort();
}

/* g_error() ends in a trap, which libFuzzer does not know: no input would be kept. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	signal(SIGTRAP, on_trap);
	return 0;
}

void check_error(bool ok, const GError *error)
{
	CHECK(ok == !error);
	CHECK(!error || *error->message);
}

/* ---- the scratch directory -------------------------------------------------------------- */

static char *dir;
static pid_t owner; /* its children leave it alone */

/* Links are removed, not followed. */
static void remove_below(const char *path, const char *keep)
{
	g_autoptr(GDir) names = g_dir_open(path, 0, NULL);
	const char *name;

	while (names && (name = g_dir_read_name(names))) {
		g_autofree char *below = g_build_filename(path, name, NULL);

		if (keep && !strcmp(name, keep))
			continue;
		if (!g_file_test(below, G_FILE_TEST_IS_SYMLINK) &&
		    g_file_test(below, G_FILE_TEST_IS_DIR))
			remove_below(below, NULL);
		g_remove(below);
	}
}

static void remove_dir(void)
{
	if (owner != getpid())
		return;
	remove_below(dir, NULL);
	g_rmdir(dir);
	g_free(dir);
}

const char *scratch_dir(void)
{
	g_autoptr(GError) error = NULL;

	if (dir)
		return dir;
	dir = g_dir_make_tmp("flightbox-fuzz-XXXXXX", &error);
	if (!dir)
		g_error("%s", error->message);
	owner = getpid();
	atexit(remove_dir);
	return dir;
}

void scratch_empty(const char *below, const char *keep)
{
	g_autofree char *path = g_build_filename(scratch_dir(), below, NULL);

	remove_below(path, keep);
}

void scratch_write(const char *name, const void *bytes, size_t size)
{
	g_autofree char *path = g_build_filename(scratch_dir(), name, NULL);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 && errno == ENOENT) {
		g_autofree char *parent = g_path_get_dirname(path);

		g_mkdir_with_parents(parent, 0700);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	}
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		g_error("%s: %s", path, g_strerror(errno));
	close(fd);
}
