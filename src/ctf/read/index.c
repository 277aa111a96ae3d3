/* SPDX-License-Identifier: MIT */
/*
 * index.c - the index files that LTTng writes beside streams. All of it is big-endian:
 *
 *	0   u32 magic 0xC1F1DCC1, major, minor, size of an entry
 *	16  entries: u64 offset, in bytes; u64 packet size, in bits; …
 */
#include <errno.h>
#include <unistd.h>

#include <glib.h>

#include "base/files.h"
#include "ctf/read/find.h"
#include "ctf/read/index.h"

#define INDEX_MAGIC 0xC1F1DCC1u
#define HEADER	    16
#define ENTRY_MIN   16
#define SIZE_MOST   (64 << 20) /* a million packets */

struct extent {
	uint64_t packets, bytes; /* of all packets */
};

static uint32_t u32(const char *at)
{
	return GUINT32_FROM_BE(bytes_get32((const uint8_t *)at));
}

static uint64_t u64(const char *at)
{
	return GUINT64_FROM_BE(bytes_get64((const uint8_t *)at));
}

/* Whether the entries follow each other without a gap, as packets do. */
static bool add_up(const char *entries, gsize size, uint32_t entry, struct extent *extent)
{
	*extent = (struct extent){ 0 };
	for (gsize at = 0; at < size; at += entry) {
		uint64_t bits = u64(entries + at + 8);

		if (u64(entries + at) != extent->bytes || bits % 8 || !bits)
			return false;
		extent->bytes += bits / 8;
		extent->packets++;
	}
	return true;
}

static bool read_text(const char *text, gsize size, struct extent *extent)
{
	uint32_t entry;

	if (size < HEADER || u32(text) != INDEX_MAGIC)
		return false;
	entry = u32(text + 12);
	return entry >= ENTRY_MIN && (size - HEADER) % entry == 0 &&
	       add_up(text + HEADER, size - HEADER, entry, extent);
}

/* Reads up to SIZE_MOST bytes of a regular file. Returns how many, 0 when that fails. */
static gsize read_file(const char *path, char **text)
{
	struct stat st;
	int fd = file_open(path, &st, NULL);
	gsize size = 0;

	if (fd >= 0 && st.st_size <= SIZE_MOST) {
		ssize_t got;

		*text = g_malloc(st.st_size + 1);
		while (size < (gsize)st.st_size &&
		       ((got = read(fd, *text + size, st.st_size - size)) > 0 ||
			(got < 0 && errno == EINTR)))
			size += MAX(got, 0);
	}
	if (fd >= 0)
		close(fd);
	return size;
}

/* What DIR/index/NAME.idx lists. False when there is none, or none that makes sense. */
static bool read_extent(const char *dir, const char *name, struct extent *extent)
{
	g_autofree char *file = g_strconcat(name, ".idx", NULL);
	g_autofree char *path = g_build_filename(dir, "index", file, NULL);
	g_autofree char *text = NULL;
	gsize size = read_file(path, &text);

	return size && read_text(text, size, extent);
}

void index_check_length(struct data_file *f, const char *dir, const char *name,
			struct fb_source_info *info)
{
	struct extent index;

	if (f->ends_in_gap || !read_extent(dir, name, &index) || index.bytes <= f->size)
		return;
	info_problem(info,
		     "%s: byte %" G_GUINT64_FORMAT ": expected more, up to byte %" G_GUINT64_FORMAT
		     " with %" G_GUINT64_FORMAT " packets in all as its index says, found the end of "
		     "the file",
		     f->path, f->size, index.bytes, index.packets);
	f->ends_in_gap = true;
}

/* A file that holds no packet, or is not there. */
static void check_missing(const char *dir, const char *name, struct fb_source_info *info)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	struct extent index;
	struct stat st;

	if (!read_extent(dir, name, &index) || !index.packets || (!stat(path, &st) && st.st_size))
		return;
	info_problem(info,
		     "%s: expected %" G_GUINT64_FORMAT " packets as its index says, found no %s",
		     path, index.packets, access(path, F_OK) ? "file" : "bytes");
}

void index_check_files(const char *dir, struct fb_source_info *info)
{
	g_autofree char *below = g_build_filename(dir, "index", NULL);
	g_autoptr(GPtrArray) names = find_names(below, NULL);

	for (guint i = 0; names && i < names->len; i++) {
		char *name = g_ptr_array_index(names, i), *tail = strrchr(name, '.');

		if (!tail || strcmp(tail, ".idx") != 0)
			continue;
		*tail = '\0';
		check_missing(dir, name, info);
	}
}
