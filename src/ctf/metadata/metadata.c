/* SPDX-License-Identifier: MIT */
/*
 * metadata.c - DIR/metadata -> one text.
 *
 * LTTng writes the text in packets, all integers in the byte order of the machine:
 *
 *	0   u32 magic 0x75d11d57    24  u32 content size, bits, header included
 *	4   uuid[16]                28  u32 packet size, bits
 *	20  u32 checksum            32  u8 compression, encryption, checksum scheme, major, minor
 *	                            37  text, then padding up to the packet size
 *
 * A block of the text may be cut anywhere by a packet's end.
 */
#include "ctf/metadata/tsdl.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <flightbox/error.h>

#include "base/files.h"
#include "ctf/metadata/tsdl-lex.h"

#define PACKET_MAGIC  0x75d11d57u
#define PACKET_HEADER 37
#define MAX_SIZE      (64 << 20) /* some fifty times what LTTng writes */

static bool fail(GError **error, enum fb_error code, const char *path, const char *format, ...)
	G_GNUC_PRINTF(4, 5);

static bool fail(GError **error, enum fb_error code, const char *path, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error(error, FB_ERROR, code, "%s: %s", path, message);
	return false;
}

/* The file's bytes */

static bool read_open(int fd, off_t size, const char *path, GString *to, GError **error)
{
	size_t used = 0;
	ssize_t n;

	/* Room for a byte more than there is: what fills it has grown. */
	g_string_set_size(to, MIN(size, MAX_SIZE) + 1);
	while ((n = read(fd, to->str + used, to->len - used)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(error, FB_ERROR_IO, path, "%s", g_strerror(errno));
		used += n;
		if (used > MAX_SIZE)
			return fail(error, FB_ERROR_FORMAT, path, "more than %u MiB of metadata",
				    MAX_SIZE >> 20);
		if (used == to->len)
			g_string_set_size(to, MIN(2 * used, MAX_SIZE + 1));
	}
	g_string_set_size(to, used);
	return used || fail(error, FB_ERROR_FORMAT, path, "the file is empty");
}

static bool read_file(const char *path, GString *to, GError **error)
{
	struct stat st;
	int fd = file_open(path, &st, error);
	bool done;

	if (fd < 0)
		return false;
	done = read_open(fd, st.st_size, path, to, error);
	close(fd);
	return done;
}

/* Packets */

static uint32_t u32_at(const char *at, bool big_endian)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return big_endian ? GUINT32_FROM_BE(value) : GUINT32_FROM_LE(value);
}

/* The checks that need no more than the header. Sizes are returned in bytes. */
static bool check_header(const char *header, bool big_endian, const char *path, size_t at,
			 uint32_t *content, uint32_t *packet, GError **error)
{
	uint32_t magic = u32_at(header, big_endian);

	*content = u32_at(header + 24, big_endian);
	*packet = u32_at(header + 28, big_endian);
	if (magic != PACKET_MAGIC)
		return fail(error, FB_ERROR_FORMAT, path,
			    "byte %zu: expected a metadata packet (magic 0x%08x), found 0x%08x", at,
			    PACKET_MAGIC, magic);
	if (header[32] || header[33])
		return fail(error, FB_ERROR_UNSUPPORTED, path,
			    "byte %zu: %s metadata, which flightbox does not read", at,
			    header[32] ? "compressed" : "encrypted");
	if (*packet % 8 || *content % 8)
		return fail(error, FB_ERROR_FORMAT, path,
			    "byte %zu: a %s of %u bits is no number of bytes", at,
			    *packet % 8 ? "packet" : "content", *packet % 8 ? *packet : *content);
	*content /= 8;
	*packet /= 8;
	if (*content < PACKET_HEADER)
		return fail(error, FB_ERROR_FORMAT, path,
			    "byte %zu: content of %u bytes, the packet's header alone is %d", at,
			    *content, PACKET_HEADER);
	if (*content > *packet)
		return fail(error, FB_ERROR_FORMAT, path,
			    "byte %zu: content of %u bytes exceeds the packet of %u", at, *content,
			    *packet);
	return true;
}

/*
 * Makes a file of packets the text in them. The file may end inside a packet (the recorder died,
 * the disk was full): what came before is good.
 */
static bool unpack(GString *bytes, bool big_endian, const char *path, bool *truncated,
		   GError **error)
{
	char *text = bytes->str;

	for (size_t at = 0; at < bytes->len && !*truncated;) {
		size_t left = bytes->len - at;
		const char *header = bytes->str + at;
		uint32_t content = 0, packet = 0;

		*truncated = left < PACKET_HEADER;
		if (!*truncated) {
			if (!check_header(header, big_endian, path, at, &content, &packet, error))
				return false;
			*truncated = packet > left;
		}
		if (*truncated && at == 0)
			return fail(
				error, FB_ERROR_FORMAT, path,
				"byte 0: the file ends after %zu bytes, inside its first packet",
				left);
		if (!*truncated) {
			memmove(text, header + PACKET_HEADER, content - PACKET_HEADER);
			text += content - PACKET_HEADER;
			at += packet;
		}
	}
	g_string_set_size(bytes, text - bytes->str);
	return true;
}

/* CTF 2 is JSON, fragments behind a record separator each (0x1e). TSDL begins with neither. */
bool metadata_is_ctf2(const char *text, size_t length)
{
	while (length && g_ascii_isspace(*text)) {
		text++;
		length--;
	}
	return length && (*text == '\x1e' || *text == '{' || *text == '[');
}

bool metadata_cut(char *text, size_t *length)
{
	size_t whole = tsdl_whole_length(text, *length);
	struct lexer rest;
	struct token next;

	lexer_init(&rest, text + whole, *length - whole);
	lexer_next(&rest, &next);
	if (!whole || next.kind == TOKEN_END)
		return false;
	text[whole] = '\0';
	*length = whole;
	return true;
}

char *metadata_load(const char *dir, size_t *length, bool *in_packets, bool *truncated,
		    GError **error)
{
	g_autofree char *path = g_build_filename(dir, "metadata", NULL);
	g_autoptr(GString) text = g_string_new(NULL);
	bool little, big, cut = false;

	if (!read_file(path, text, error))
		return NULL;
	little = text->len >= 4 && u32_at(text->str, false) == PACKET_MAGIC;
	big = text->len >= 4 && u32_at(text->str, true) == PACKET_MAGIC;
	if ((little || big) && !unpack(text, big, path, &cut, error))
		return NULL;
	*length = text->len;
	*in_packets = little || big;
	*truncated = cut;
	return g_string_free(g_steal_pointer(&text), FALSE);
}
