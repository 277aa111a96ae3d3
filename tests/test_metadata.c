/* SPDX-License-Identifier: MIT */
/* test_metadata.c - metadata files: plain, packetised, cut, broken, CTF 2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include <flightbox/error.h>

#include "ctf/layout/schema.h"

#define MAGIC  0x75d11d57u
#define HEADER 37

struct fixture {
	char *dir, *path;
	GByteArray *bytes; /* the file to come */
	bool big_endian;
};

static int setup(void **state)
{
	struct fixture *f = g_new0(struct fixture, 1);

	f->dir = g_dir_make_tmp("flightbox-XXXXXX", NULL);
	f->path = g_build_filename(f->dir, "metadata", NULL);
	f->bytes = g_byte_array_new();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	g_remove(f->path);
	g_rmdir(f->dir);
	g_byte_array_unref(f->bytes);
	g_free(f->path);
	g_free(f->dir);
	g_free(f);
	return 0;
}

/* Packets */

static void put_u32(struct fixture *f, size_t at, uint32_t value)
{
	value = f->big_endian ? GUINT32_TO_BE(value) : GUINT32_TO_LE(value);
	memcpy(f->bytes->data + at, &value, sizeof(value));
}

/* Appends a packet of `text` and some padding; returns where it begins. */
static size_t add_packet(struct fixture *f, const char *text, size_t padding)
{
	size_t at = f->bytes->len, content = HEADER + strlen(text);

	g_byte_array_set_size(f->bytes, at + content + padding);
	memset(f->bytes->data + at, 0, content + padding);
	put_u32(f, at, MAGIC);
	put_u32(f, at + 24, content * 8);
	put_u32(f, at + 28, (content + padding) * 8);
	f->bytes->data[at + 35] = 1;
	f->bytes->data[at + 36] = 8;
	memcpy(f->bytes->data + at + HEADER, text, strlen(text));
	return at;
}

static void add_text(struct fixture *f, const char *text)
{
	g_byte_array_append(f->bytes, (const uint8_t *)text, strlen(text));
}

/* The file's text without a block that it ends in, as schema.c takes it when it does not parse. */
static char *load(struct fixture *f, size_t *length, bool *truncated, GError **error)
{
	bool in_packets;
	char *text = metadata_load(f->dir, length, &in_packets, truncated, error);

	if (text && in_packets && metadata_cut(text, length))
		*truncated = true;
	return text;
}

/* Comparisons */

static void save(struct fixture *f)
{
	assert_true(
		g_file_set_contents(f->path, (const char *)f->bytes->data, f->bytes->len, NULL));
}

static void assert_loads(struct fixture *f, const char *expected, bool expected_truncated)
{
	bool truncated = !expected_truncated;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	size_t length = 0;

	save(f);
	text = load(f, &length, &truncated, &error);
	assert_null(error);
	assert_non_null(text);
	assert_string_equal(text, expected);
	assert_int_equal(length, strlen(expected));
	assert_int_equal(truncated, expected_truncated);
}

/* The message is "DIR/metadata: MESSAGE", and the outputs are not touched. */
static void assert_load_fails(struct fixture *f, enum fb_error code, const char *message)
{
	g_autofree char *expected = g_strdup_printf("%s: %s", f->path, message);
	g_autoptr(GError) error = NULL;
	bool truncated = true;
	size_t length = 4711;

	assert_null(load(f, &length, &truncated, &error));
	assert_non_null(error);
	assert_string_equal(error->message, expected);
	assert_true(g_error_matches(error, FB_ERROR, code));
	assert_int_equal(length, 4711);
	assert_true(truncated);
}

static void assert_fails(struct fixture *f, enum fb_error code, const char *message)
{
	save(f);
	assert_load_fails(f, code, message);
}

/* Whole files */

static void plain_text_is_taken_as_it_is(void **state)
{
	struct fixture *f = *state;

	add_text(f, "/* CTF 1.8 */\nenv { };");
	assert_loads(f, "/* CTF 1.8 */\nenv { };", false);
}

static void packets_are_joined_in_either_byte_order(void **state)
{
	struct fixture *f = *state;

	for (int big_endian = 0; big_endian < 2; big_endian++) {
		f->big_endian = big_endian;
		g_byte_array_set_size(f->bytes, 0);
		add_packet(f, "env { a = \"sp", 0);
		add_packet(f, "", 100);
		add_packet(f, "lit\"; };", 4096);
		assert_loads(f, "env { a = \"split\"; };", false);
	}
}

/* What a file's size says is not all that it may have: files of /proc have none. */
static void a_file_is_read_to_its_end_whatever_its_size_says(void **state)
{
	static const char proc[] = "/proc/version";
	struct fixture *f = *state;
	g_autofree char *expected = NULL, *text = NULL;
	size_t length = 0, expected_length;
	bool truncated;

	assert_int_equal(symlink(proc, f->path), 0);
	assert_true(g_file_get_contents(proc, &expected, &expected_length, NULL));
	text = load(f, &length, &truncated, NULL);
	assert_string_equal(text, expected);
	assert_int_equal(length, expected_length);
}

/* Truncated files */

static void a_file_cut_inside_a_block_gives_the_blocks_before(void **state)
{
	struct fixture *f = *state;
	size_t second, whole;

	add_packet(f, "env { a = \"};\"; };\nevent { name = x; fields := struct { str", 8);
	second = add_packet(f, "ing s; }; };", 8);
	whole = f->bytes->len;
	assert_loads(f,
		     "env { a = \"};\"; };\nevent { name = x; fields := struct { string s; }; };",
		     false);
	for (size_t n = whole - 1; n >= second; n--) {
		g_byte_array_set_size(f->bytes, n);
		assert_loads(f, "env { a = \"};\"; };", true);
	}
}

static void a_file_cut_between_blocks_is_whole(void **state)
{
	struct fixture *f = *state;

	add_packet(f, "env { }; ", 8);
	add_packet(f, "clock { };\n/* c */\n", 8);
	assert_loads(f, "env { }; clock { };\n/* c */\n", false);
}

/* What never had a block is no beginning of one: the parser shall say what it is. */
static void text_without_any_block_is_left_to_the_parser(void **state)
{
	struct fixture *f = *state;

	add_packet(f, "gibberish", 8);
	assert_loads(f, "gibberish", false);
}

static void a_file_cut_inside_its_first_packet_gives_nothing(void **state)
{
	struct fixture *f = *state;

	add_packet(f, "env { };", 0);
	for (size_t n = f->bytes->len - 1; n >= 4; n--) {
		g_autofree char *message = g_strdup_printf(
			"byte 0: the file ends after %zu bytes, inside its first packet", n);

		g_byte_array_set_size(f->bytes, n);
		assert_fails(f, FB_ERROR_FORMAT, message);
	}
}

/* Broken packets */

static void a_packet_needs_its_magic(void **state)
{
	struct fixture *f = *state;
	size_t at;

	add_packet(f, "env { };", 4096 - HEADER - 8);
	at = add_packet(f, "env { };", 0);
	put_u32(f, at, 0xc1fc1fc1);
	assert_fails(f, FB_ERROR_FORMAT,
		     "byte 4096: expected a metadata packet (magic 0x75d11d57), "
		     "found 0xc1fc1fc1");
}

static void packet_sizes_are_checked(void **state)
{
	struct fixture *f = *state;
	size_t at;

	add_packet(f, "env { };", 4096 - HEADER - 8);
	at = add_packet(f, "env { };", 0);
	put_u32(f, at + 28, 44 * 8);
	assert_fails(f, FB_ERROR_FORMAT, "byte 4096: content of 45 bytes exceeds the packet of 44");
	put_u32(f, at + 28, 45 * 8 + 1);
	assert_fails(f, FB_ERROR_FORMAT, "byte 4096: a packet of 361 bits is no number of bytes");
	put_u32(f, at + 28, 45 * 8);
	put_u32(f, at + 24, 45 * 8 - 4);
	assert_fails(f, FB_ERROR_FORMAT, "byte 4096: a content of 356 bits is no number of bytes");
	put_u32(f, at + 24, 36 * 8);
	assert_fails(f, FB_ERROR_FORMAT,
		     "byte 4096: content of 36 bytes, the packet's header alone is 37");
	put_u32(f, at + 24, 0);
	put_u32(f, at + 28, 0);
	assert_fails(f, FB_ERROR_FORMAT,
		     "byte 4096: content of 0 bytes, the packet's header alone is 37");
	put_u32(f, at + 24, 0xfffffff8);
	put_u32(f, at + 28, 0xfffffff8);
	assert_loads(f, "env { };", true);
}

static void compressed_or_encrypted_packets_are_unsupported(void **state)
{
	struct fixture *f = *state;
	size_t at = add_packet(f, "env { };", 0);

	f->bytes->data[at + 32] = 1;
	assert_fails(f, FB_ERROR_UNSUPPORTED,
		     "byte 0: compressed metadata, which flightbox does not read");
	f->bytes->data[at + 32] = 0;
	f->bytes->data[at + 33] = 2;
	assert_fails(f, FB_ERROR_UNSUPPORTED,
		     "byte 0: encrypted metadata, which flightbox does not read");
}

static void any_changed_header_byte_gives_an_error_or_text(void **state)
{
	struct fixture *f = *state;

	add_packet(f, "env { };", 3);
	add_packet(f, "env { };", 3);
	for (size_t n = 0; n < f->bytes->len; n++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text = NULL;
		bool truncated;
		size_t length;

		f->bytes->data[n] ^= 0xff;
		save(f);
		text = load(f, &length, &truncated, &error);
		assert_int_equal(text == NULL, error != NULL);
		f->bytes->data[n] ^= 0xff;
	}
}

/* CTF 2 */

static bool is_ctf2(struct fixture *f)
{
	g_autofree char *text = NULL;
	bool truncated;
	size_t length;

	save(f);
	text = load(f, &length, &truncated, NULL);
	assert_non_null(text);
	return metadata_is_ctf2(text, length);
}

static void ctf_2_is_told_in_every_wrapping(void **state)
{
	static const char preamble[] = "\x1e{\"type\":\"preamble\",\"version\":2}\n";
	struct fixture *f = *state;
	size_t at;

	add_text(f, preamble);
	assert_loads(f, preamble, false);
	assert_true(is_ctf2(f));

	g_byte_array_set_size(f->bytes, 0);
	at = add_packet(f, preamble, 5);
	f->bytes->data[at + 35] = 2;
	f->bytes->data[at + 36] = 0;
	assert_loads(f, preamble, false);
	assert_true(is_ctf2(f));
}

static void text_that_speaks_of_preambles_is_not_ctf_2(void **state)
{
	struct fixture *f = *state;

	add_text(f, "env { a = \"preamble\"; };");
	assert_loads(f, "env { a = \"preamble\"; };", false);
	assert_false(is_ctf2(f));
}

/* Files that are none */

static void an_empty_file_is_named(void **state)
{
	assert_fails(*state, FB_ERROR_FORMAT, "the file is empty");
}

static void a_missing_file_is_named(void **state)
{
	assert_load_fails(*state, FB_ERROR_IO, "No such file or directory");
}

static void a_directory_is_named(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(g_mkdir(f->path, 0700), 0);
	assert_load_fails(f, FB_ERROR_IO, "is a directory, not a file");
}

static void a_fifo_does_not_hang(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_load_fails(f, FB_ERROR_IO, "is a FIFO, not a file");
}

static void a_forbidden_file_is_named(void **state)
{
	enum { NOBODY = 65534 };
	struct fixture *f = *state;
	bool is_root = geteuid() == 0;

	add_text(f, "env { };");
	save(f);
	assert_int_equal(g_chmod(f->dir, 0755), 0);
	assert_int_equal(g_chmod(f->path, 0), 0);
	/* Nothing is forbidden to root. */
	if (is_root)
		assert_int_equal(seteuid(NOBODY), 0);
	assert_load_fails(f, FB_ERROR_IO, "Permission denied");
	if (is_root)
		assert_int_equal(seteuid(0), 0);
}

/* Were the streams or their events searched one by one, the test would take minutes. */
static void many_streams_take_no_time(void **state)
{
	struct fixture *f = *state;
	struct layouts *layouts = layouts_new();
	const struct stream_class *sc;
	struct schema *s;

	add_text(f, "trace { byte_order = le; };");
	for (guint i = 0; i < TSDL_MAX_STREAMS - 1; i++) {
		g_autofree char *text = g_strdup_printf(
			"stream { id = %u; event.header := struct {\n"
			" integer { size = 8; } id; integer { size = 64; } timestamp; }; };\n"
			"event { name = e; stream_id = %u; id = 1; };\n"
			"event { name = f; stream_id = %u; };\n",
			i, i, i);

		add_text(f, text);
	}
	save(f);
	s = schema_load(f->dir, NULL);
	assert_non_null(s);
	assert_true(schema_compile(s, layouts, FB_KINDS_ALL, NULL));
	assert_int_equal(layouts->all->len, 2);
	sc = schema_find_stream(s, TSDL_MAX_STREAMS - 2);
	assert_int_equal(stream_class_find_slot(sc, 0)->class, 1);
	assert_int_equal(stream_class_find_slot(sc, 1)->class, 0);
	assert_false(stream_class_find_slot(sc, 2)->is_known);
	schema_free(s);
	layouts_free(layouts);
}

#define FACT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FACT(plain_text_is_taken_as_it_is),
		FACT(packets_are_joined_in_either_byte_order),
		FACT(a_file_is_read_to_its_end_whatever_its_size_says),
		FACT(a_file_cut_inside_a_block_gives_the_blocks_before),
		FACT(a_file_cut_between_blocks_is_whole),
		FACT(text_without_any_block_is_left_to_the_parser),
		FACT(a_file_cut_inside_its_first_packet_gives_nothing),
		FACT(a_packet_needs_its_magic),
		FACT(packet_sizes_are_checked),
		FACT(compressed_or_encrypted_packets_are_unsupported),
		FACT(any_changed_header_byte_gives_an_error_or_text),
		FACT(ctf_2_is_told_in_every_wrapping),
		FACT(text_that_speaks_of_preambles_is_not_ctf_2),
		FACT(an_empty_file_is_named),
		FACT(a_missing_file_is_named),
		FACT(a_directory_is_named),
		FACT(a_fifo_does_not_hang),
		FACT(a_forbidden_file_is_named),
		FACT(many_streams_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
