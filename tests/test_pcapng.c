/* SPDX-License-Identifier: MIT */
/* test_pcapng.c - captures of blocks: sections, interfaces, options, and all kinds of packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "capture_text.h"
#include "packets/capture/units.h"

/* 40 bytes. */
#define PACKET                                                                                     \
	"45000028 12344000 40060000 0a000001 0a000002 "                                            \
	"03e80050 00000001 00000002 5012ffff 00000000 "
#define ENDS	"10.0.0.1:1000 > 10.0.0.2:80 TCP [S.] seq 1 ack 2 win 65535 id 4660, 0 of "
#define RAW	"2:65 2:0 4:0 " /* an interface without a limit */
#define LENGTHS "4:28 4:28 "

enum {
	INTERFACE = 1,
	OLD_PACKET = 2,
	SIMPLE_PACKET = 3,
	NAMES = 4,
	STATISTICS = 5,
	PACKETS = 6
};

/* In either byte order. */
static void assert_blocks(const struct made_block *blocks, const char *expected)
{
	assert_capture(make_pcapng(MADE_LITTLE_ENDIAN, blocks), expected);
	assert_capture(make_pcapng(MADE_BIG_ENDIAN, blocks), expected);
}

static void an_interface_counts_microseconds_unless_it_says_otherwise(void **state)
{
	const struct made_block blocks[] = {
		MADE_SECTION,
		{ INTERFACE, RAW },
		{ INTERFACE, RAW "2:9 2:1 09000000" },
		{ INTERFACE, RAW "2:9 2:1 8a000000" },			 /* 2^-10 s */
		{ INTERFACE, RAW "2:e 2:8 8:fffffffffffffffe 2:0 2:0" }, /* two seconds earlier */
		{ PACKETS, "4:0 4:1 4:0 " LENGTHS PACKET },
		{ PACKETS, "4:1 4:1 4:0 " LENGTHS PACKET },
		{ PACKETS, "4:2 4:0 4:401 " LENGTHS PACKET },
		{ PACKETS, "4:3 4:0 4:2dc6c0 " LENGTHS PACKET },
		{ 0 }
	};

	(void)state;
	assert_blocks(blocks, "1 4294.967296000 " ENDS "40\n"
			      "2 4.294967296 " ENDS "40\n"
			      "3 1.000976562 " ENDS "40\n"
			      "4 1.000000000 " ENDS "40\n");
}

static void units_of_any_size(void **state)
{
	(void)state;
	assert_int_equal(units_to_ns(0, 5, 0), 5000000000);
	assert_int_equal(units_to_ns(0, UINT64_MAX, 0), FB_NS_NONE);
	assert_int_equal(units_to_ns(9, INT64_MAX, 0), INT64_MAX);
	assert_int_equal(units_to_ns(9, UINT64_MAX, 0), FB_NS_NONE);
	assert_int_equal(units_to_ns(9, UINT64_MAX, -10000000000), 8446744073709551615);
	assert_int_equal(units_to_ns(12, 1999, 0), 1);
	assert_int_equal(units_to_ns(19, UINT64_MAX, 0), 1844674407);
	assert_int_equal(units_to_ns(127, UINT64_MAX, 0), 0);
	assert_int_equal(units_to_ns(UNITS_OF_TWO, 5, 0), 5000000000);
	assert_int_equal(units_to_ns(UNITS_OF_TWO | 30, 3 << 29, 0), 1500000000);
	assert_int_equal(units_to_ns(UNITS_OF_TWO | 64, UINT64_MAX, 0), 999999999);
	assert_int_equal(units_to_ns(UNITS_OF_TWO | 127, UINT64_MAX, 0), 0);
	assert_int_equal(units_to_ns(9, 0, INT64_MAX), FB_NS_NONE);
	assert_int_equal(units_to_ns(9, 0, INT64_MIN), FB_NS_NONE);
}

static void interfaces_have_names_and_links_of_their_own(void **state)
{
	const struct made_block blocks[] = {
		MADE_SECTION,
		{ INTERFACE, RAW "2:2 2:2 6c6f0000 2:0 2:0" },
		{ INTERFACE, "2:1 2:0 4:0 2:1 2:3 61626300 2:2 2:4 65746830 2:0 2:0" },
		{ INTERFACE, "2:114 2:0 4:0" },
		{ INTERFACE, "2:69 2:0 4:0" }, /* IEEE 802.11 */
		{ PACKETS, "4:1 4:0 4:1 4:36 4:36 020000000002 020000000001 0800 " PACKET "0000" },
		{ PACKETS, "4:0 4:0 4:2 " LENGTHS PACKET },
		{ PACKETS,
		  "4:2 4:0 4:3 4:3c 4:3c 0800 0000 00000007 0001 04 06 0200000000010000 " PACKET },
		{ PACKETS, "4:3 4:0 4:4 " LENGTHS PACKET },
		{ 0 }
	};

	(void)state;
	assert_blocks(blocks, "1 0.000001000 eth0 " ENDS "54\n"
			      "2 0.000002000 lo " ENDS "40\n"
			      "3 0.000003000 ifindex 7 out " ENDS "60\n"
			      "4 0.000004000 other id 0, 0 of 40\n");
}

static void a_name_is_cut_and_made_to_be_text(void **state)
{
	g_autoptr(GString) body = g_string_new(RAW "2:2 2:2710 ");
	const struct made_block few[] = { MADE_SECTION,
					  { INTERFACE, RAW "2:2 2:3 61ff6200" },
					  { PACKETS, "4:0 4:0 4:1 " LENGTHS PACKET },
					  { 0 } };
	g_autofree char *text = NULL;

	(void)state;
	assert_blocks(few, "1 0.000001000 a\357\277\275b " ENDS "40\n");
	for (int i = 0; i < 10000; i++)
		g_string_append(body, "61");
	text = capture_text(make_pcapng(
		0, (const struct made_block[]){ MADE_SECTION,
						{ INTERFACE, body->str },
						{ PACKETS, "4:0 4:0 4:1 " LENGTHS PACKET },
						{ 0 } }));
	assert_int_equal(strspn(text + strlen("1 0.000001000 "), "a"), 255);
}

static void flags_tell_the_direction(void **state)
{
	const struct made_block blocks[] = {
		MADE_SECTION,
		{ INTERFACE, RAW },
		{ PACKETS, "4:0 4:0 4:1 " LENGTHS PACKET "2:2 2:4 4:1 2:0 2:0" },
		{ PACKETS,
		  "4:0 4:0 4:2 " LENGTHS PACKET "2:1 2:5 68656c6c6f000000 2:2 2:4 4:fffffffe" },
		{ PACKETS, "4:0 4:0 4:3 " LENGTHS PACKET "2:2 2:4 4:3" },
		/* Behind their end, and too long for the block. */
		{ PACKETS, "4:0 4:0 4:4 " LENGTHS PACKET "2:0 2:0 2:2 2:4 4:1" },
		{ PACKETS, "4:0 4:0 4:5 " LENGTHS PACKET "2:2 2:8 4:1" },
		{ 0 }
	};

	(void)state;
	assert_blocks(blocks, "1 0.000001000 in " ENDS "40\n"
			      "2 0.000002000 out " ENDS "40\n"
			      "3 0.000003000 " ENDS "40\n"
			      "4 0.000004000 " ENDS "40\n"
			      "5 0.000005000 " ENDS "40\n");
}

static void simple_and_old_packets(void **state)
{
	const struct made_block blocks[] = {
		MADE_SECTION,
		{ INTERFACE, "2:65 2:0 4:29 2:2 2:2 6c6f0000 2:0 2:0" },
		{ SIMPLE_PACKET, "4:28 " PACKET },
		{ SIMPLE_PACKET, "4:2710 " PACKET "ff000000" }, /* 41 of 10000 bytes */
		{ OLD_PACKET, "2:0 2:ffff 4:0 4:7 " LENGTHS PACKET "2:2 2:4 4:2 2:0 2:0" },
		{ 0 }
	};

	(void)state;
	assert_blocks(blocks, "1 - lo " ENDS "40\n"
			      "2 - lo " ENDS "10000\n"
			      "3 0.000007000 lo out " ENDS "40\n");
}

/* tcpdump and Wireshark count packets alone. */
static void other_blocks_are_passed_over(void **state)
{
	const struct made_block blocks[] = { MADE_SECTION,
					     { NAMES, "" },
					     { INTERFACE, RAW },
					     { 0x80000bad, "ffffffffffffffffffffffff" },
					     { PACKETS, "4:0 4:0 4:1 " LENGTHS PACKET },
					     { 0 } };

	(void)state;
	assert_blocks(blocks, "1 0.000001000 " ENDS "40\n");
}

static void sections_of_either_byte_order_count_interfaces_anew(void **state)
{
	const struct made_block little[] = { MADE_SECTION,
					     { INTERFACE, RAW "2:2 2:1 61000000" },
					     { PACKETS, "4:0 4:0 4:1 " LENGTHS PACKET },
					     { 0 } },
				big[] = { MADE_SECTION,
					  { INTERFACE, RAW "2:2 2:1 62000000" },
					  { PACKETS, "4:0 4:0 4:2 " LENGTHS PACKET },
					  { 0 } };
	GByteArray *file = make_pcapng(MADE_LITTLE_ENDIAN, little),
		   *second = make_pcapng(MADE_BIG_ENDIAN, big);

	(void)state;
	g_byte_array_append(file, second->data, second->len);
	g_byte_array_unref(second);
	assert_capture(file, "1 0.000001000 a " ENDS "40\n"
			     "2 0.000002000 b " ENDS "40\n");
}

static void large_packets_go_through(void **state)
{
	g_autoptr(GString) body = g_string_new("4:0 4:0 4:1 4:40000 4:40000 " PACKET);

	(void)state;
	for (int i = 40; i < 0x40000; i++)
		g_string_append(body, "ab");
	g_string_append(body, " 2:2 2:4 4:1");
	assert_capture(
		make_pcapng(0,
			    (const struct made_block[]){ MADE_SECTION,
							 { INTERFACE, RAW },
							 { PACKETS, body->str },
							 { PACKETS, "4:0 4:0 4:2 " LENGTHS PACKET },
							 { 0 } }),
		"1 0.000001000 in " ENDS "262144\n"
		"2 0.000002000 " ENDS "40\n");
}

static void the_latest_statistics_tell_what_was_dropped(void **state)
{
	const struct made_block blocks[] = { MADE_SECTION,
					     { INTERFACE, RAW },
					     { INTERFACE, RAW },
					     { STATISTICS, "4:0 4:0 4:9 2:5 2:8 8:3 2:0 2:0" },
					     { STATISTICS, "4:1 4:0 4:9 2:5 2:8 8:10 2:0 2:0" },
					     { STATISTICS, "4:0 4:0 4:9 2:4 2:8 8:99 2:5 2:8 8:7" },
					     { 0 } };
	GByteArray *bytes = make_pcapng(0, blocks);
	g_autofree char *path = NULL;
	struct captured packet;
	struct capture *c;

	(void)state;
	close(g_file_open_tmp("capture-XXXXXX", &path, NULL));
	assert_true(g_file_set_contents(path, (const char *)bytes->data, bytes->len, NULL));
	c = capture_open(path, NULL);
	assert_int_equal(capture_next(c, &packet, NULL), 0);
	assert_int_equal(capture_counts(c)->dropped, 0x17);
	capture_close(c);
	g_byte_array_unref(bytes);
	g_unlink(path);
}

/* ---- what is wrong ---------------------------------------------------------------------- */

#define ONE_PACKET                                                                                 \
	MADE_SECTION, { INTERFACE, RAW },                                                          \
	{                                                                                          \
		PACKETS, "4:0 4:0 4:1 " LENGTHS PACKET                                             \
	}

/* Behind a good packet, which is kept, comes such a block. */
static void assert_wrong(uint32_t type, const char *body, const char *what)
{
	const struct made_block blocks[] = { ONE_PACKET, { type, body }, { 0 } };
	/* 28 bytes of the section, 20 of the interface, 72 of the packet */
	g_autofree char *expected = g_strdup_printf("1 0.000001000 " ENDS "40\n"
						    "FILE: byte 120, behind packet 1: %s\n",
						    what);

	assert_blocks(blocks, expected);
}

static void bodies_that_lack_something(void **state)
{
	(void)state;
	assert_wrong(PACKETS, "4:0 4:0",
		     "expected a packet's head in the block, found its end after 20 bytes");
	assert_wrong(
		PACKETS, "4:0 4:0 4:1 4:29 4:29 " PACKET,
		"expected a packet's captured bytes in the block, found its end after 72 bytes");
	assert_wrong(
		PACKETS, "4:0 4:0 4:1 4:80000000 4:80000000 " PACKET,
		"expected a packet's captured bytes in the block, found its end after 72 bytes");
	assert_wrong(
		PACKETS, "4:0 4:0 4:1 4:ffffffff 4:28 " PACKET,
		"expected a packet's captured bytes in the block, found its end after 72 bytes");
	assert_wrong(SIMPLE_PACKET, "",
		     "expected a packet's length in the block, found its end after 12 bytes");
	assert_wrong(
		SIMPLE_PACKET, "4:29 " PACKET,
		"expected a packet's captured bytes in the block, found its end after 56 bytes");
	assert_wrong(INTERFACE, "2:1 2:0",
		     "expected an interface's link type in the block, "
		     "found its end after 16 bytes");
	assert_wrong(STATISTICS, "4:0 4:0",
		     "expected an interface's statistics in the block, "
		     "found its end after 20 bytes");
	assert_wrong(0x0a0d0d0a, "4:1a2b3c4d 2:1 2:0",
		     "expected a section's head in the block, "
		     "found its end after 20 bytes");
}

static void interfaces_that_there_are_not(void **state)
{
	(void)state;
	assert_wrong(PACKETS, "4:1 4:0 4:1 " LENGTHS PACKET,
		     "expected one of 1 interfaces, found number 1");
	assert_wrong(STATISTICS, "4:ffffffff 4:0 4:1",
		     "expected one of 1 interfaces, found number 4294967295");
}

static void sections_that_are_none(void **state)
{
	static const struct made_block alone[] = { MADE_SECTION,
						   { SIMPLE_PACKET, "4:28 " PACKET },
						   { 0 } };

	(void)state;
	assert_wrong(0x0a0d0d0a, "4:1a2b3c4d 2:2 2:5 8:0",
		     "expected version 1 of pcapng, found 2.5");
	assert_wrong(0x0a0d0d0a, "deadbeef", "expected a section's byte order, found deadbeef");
	assert_blocks(
		alone,
		"FILE: byte 28, behind packet 0: expected one of 0 interfaces, found number 0\n");
}

static void lengths_that_are_none(void **state)
{
	static const struct made_block blocks[] = { MADE_SECTION, { NAMES, "ff000000" }, { 0 } };
	static const struct {
		uint8_t length;
		const char *what;
	} lengths[] = {
		{ 8, "expected a block's length, found 8" },
		{ 14, "expected a block's length, found 14" },
		{ 12, "expected the block's length of 12 again behind it, found 255" },
		{ 20, "expected its length again in the block of 20 bytes, found the file's end" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(lengths); i++) {
		GByteArray *file = make_pcapng(MADE_LITTLE_ENDIAN, blocks);
		g_autofree char *expected =
			g_strdup_printf("FILE: byte 28, behind packet 0: %s\n", lengths[i].what);

		file->data[32] = lengths[i].length;
		assert_capture(file, expected);
	}
}

static void what_came_before_a_cut_is_kept(void **state)
{
	static const struct made_block blocks[] = { ONE_PACKET,
						    { PACKETS, "4:0 4:0 4:2 " LENGTHS PACKET },
						    { 0 } };
	static const char first[] = "1 0.000001000 " ENDS "40\n";

	(void)state;
	for (guint n = 120; n <= 192; n++) {
		g_autofree char *text = NULL;
		GByteArray *file = make_pcapng(MADE_LITTLE_ENDIAN, blocks);

		g_byte_array_set_size(file, n);
		text = capture_text(file);
		assert_true(g_str_has_prefix(text, first));
		if (n == 120)
			assert_string_equal(text, first);
		else if (n < 192)
			assert_non_null(strstr(text, "byte 120, behind packet 1: expected"));
		else
			assert_string_equal(text + strlen(first), "2 0.000002000 " ENDS "40\n");
	}
}

static void no_more_interfaces_than_have_numbers(void **state)
{
	g_autofree struct made_block *blocks = g_new0(struct made_block, 65539);
	const struct made_block section = MADE_SECTION;

	(void)state;
	blocks[0] = section;
	for (int i = 1; i < 65538; i++)
		blocks[i] = (struct made_block){ INTERFACE, RAW };
	assert_capture(make_pcapng(0, blocks), "FILE: byte 1310748, behind packet 0: "
					       "expected no more than 65536 interfaces\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interface_counts_microseconds_unless_it_says_otherwise),
		cmocka_unit_test(units_of_any_size),
		cmocka_unit_test(interfaces_have_names_and_links_of_their_own),
		cmocka_unit_test(a_name_is_cut_and_made_to_be_text),
		cmocka_unit_test(flags_tell_the_direction),
		cmocka_unit_test(simple_and_old_packets),
		cmocka_unit_test(other_blocks_are_passed_over),
		cmocka_unit_test(sections_of_either_byte_order_count_interfaces_anew),
		cmocka_unit_test(large_packets_go_through),
		cmocka_unit_test(the_latest_statistics_tell_what_was_dropped),
		cmocka_unit_test(bodies_that_lack_something),
		cmocka_unit_test(interfaces_that_there_are_not),
		cmocka_unit_test(sections_that_are_none),
		cmocka_unit_test(lengths_that_are_none),
		cmocka_unit_test(what_came_before_a_cut_is_kept),
		cmocka_unit_test(no_more_interfaces_than_have_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
