/* SPDX-License-Identifier: MIT */
/* inflate.c - reads small files that may be compressed by gzip or xz. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <lzma.h>
#include <zlib.h>

#include <flightbox/error.h>

#include "base/files.h"
#include "base/inflate.h"

#define SIZE_LIMIT   (256 * 1024 * 1024)
#define MEMORY_LIMIT (256 * 1024 * 1024)

/* Why decompression stopped, or NULL for "go on". */
static const char *const lzma_messages[] = {
	[LZMA_MEM_ERROR] = "out of memory",
	[LZMA_MEMLIMIT_ERROR] = "needs too much memory to decompress",
	[LZMA_FORMAT_ERROR] = "not an xz file",
	[LZMA_OPTIONS_ERROR] = "unsupported xz options",
	[LZMA_DATA_ERROR] = "damaged xz data",
	[LZMA_BUF_ERROR] = "the xz data ends early",
};

static const char *inflate_xz(const char *data, gsize size, GByteArray *to)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret ret = lzma_stream_decoder(&stream, MEMORY_LIMIT, LZMA_CONCATENATED);
	uint8_t chunk[65536];

	stream.next_in = (const uint8_t *)data;
	stream.avail_in = size;
	while (ret == LZMA_OK && to->len <= SIZE_LIMIT) {
		stream.next_out = chunk;
		stream.avail_out = sizeof(chunk);
		ret = lzma_code(&stream, LZMA_FINISH);
		g_byte_array_append(to, chunk, sizeof(chunk) - stream.avail_out);
	}
	lzma_end(&stream);
	if (ret == LZMA_OK || ret == LZMA_STREAM_END)
		return NULL;
	if (ret < G_N_ELEMENTS(lzma_messages) && lzma_messages[ret])
		return lzma_messages[ret];
	return "cannot decompress";
}

static const char *inflate_gzip(const char *data, gsize size, GByteArray *to)
{
	/* What does not fit into avail_in inflates to more than the limit. */
	z_stream stream = { .next_in = (Bytef *)data, .avail_in = MIN(size, UINT_MAX) };
	uint8_t chunk[65536];
	int ret = inflateInit2(&stream, MAX_WBITS + 16); /* 16: gzip's header, not zlib's */

	while (ret == Z_OK && to->len <= SIZE_LIMIT) {
		stream.next_out = chunk;
		stream.avail_out = sizeof(chunk);
		ret = inflate(&stream, Z_NO_FLUSH);
		g_byte_array_append(to, chunk, sizeof(chunk) - stream.avail_out);
	}
	inflateEnd(&stream);
	return ret == Z_OK || ret == Z_STREAM_END ? NULL : "damaged gzip data";
}

char *read_inflated(const char *path, GError **error)
{
	g_autoptr(GByteArray) text = g_byte_array_new();
	g_autoptr(GMappedFile) file = NULL;
	struct stat st;
	int fd = file_open(path, &st, error);
	const char *data, *problem = NULL;
	gsize size;

	if (fd < 0)
		return NULL;
	file = g_mapped_file_new_from_fd(fd, FALSE, NULL);
	close(fd);
	if (!file) {
		g_set_error(error, FB_ERROR, FB_ERROR_IO, "%s: %s", path, g_strerror(errno));
		return NULL;
	}
	data = g_mapped_file_get_contents(file);
	size = g_mapped_file_get_length(file);
	if (size >= 6 && !memcmp(data, "\3757zXZ", 6))
		problem = inflate_xz(data, size, text);
	else if (size >= 2 && !memcmp(data, "\037\213", 2))
		problem = inflate_gzip(data, size, text);
	else if (size <= SIZE_LIMIT)
		g_byte_array_append(text, (const guint8 *)data, size);
	else
		problem = "too large";
	if (!problem && text->len > SIZE_LIMIT)
		problem = "too large";
	if (!problem && text->len && memchr(text->data, '\0', text->len))
		problem = "not a text file";
	if (problem) {
		g_set_error(error, FB_ERROR, FB_ERROR_FORMAT, "%s: %s", path, problem);
		return NULL;
	}
	g_byte_array_append(text, (const guint8 *)"", 1);
	return (char *)g_byte_array_free(g_steal_pointer(&text), FALSE);
}
