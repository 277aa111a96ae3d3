/* SPDX-License-Identifier: MIT */
/* test_capture.c - captures of every kind, and packets of every link. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zlib.h>

#include "capture_text.h"

#define MACS	 "020000000002 020000000001 "
#define ETHERNET MACS "0800 "
#define IPV4	 "4500 0028 1234 4000 4006 0000 0a000001 0a000002 "
#define TCP	 "03e8 0050 00000001 00000002 5012 ffff 0000 0000 "
#define ENDS	 "10.0.0.1:1000 > 10.0.0.2:80 TCP [S.] seq 1 ack 2 win 65535"
#define IPV6(next, length)                                                                         \
	"6000 0000 " length next                                                                   \
	"40 fd000000000000000000000000000001 fd000000000000000000000000000002 "
#define ENDS6 "fd00::1.1000 > fd00::2.80 TCP [S.] seq 1 ack 2 win 65535"

enum {
	ETHERNET_LINK = 1,
	RAW = 101
};

/* One packet of such a link. */
static void assert_packet(uint32_t link_type, const char *hex, const char *expected)
{
	const struct made_packet packets[] = { { 1, 2, hex }, { 0 } };

	assert_capture(make_pcap(MADE_NANOSECONDS, link_type, packets), expected);
}

/* ---- files ------------------------------------------------------------------------------ */

static void pcap_of_either_byte_order_and_resolution(void **state)
{
	const struct made_packet packets[] = { { 1795177254, 123456, IPV4 TCP },
					       { 4294967295, 999999, IPV4 TCP, 7 },
					       { 0 } };
	static const char micro[] = "1 1795177254.123456000 " ENDS " id 4660, 0 of 40\n"
				    "2 4294967295.999999000 " ENDS " id 4660, 0 of 47\n",
			  nano[] = "1 1795177254.000123456 " ENDS " id 4660, 0 of 40\n"
				   "2 4294967295.000999999 " ENDS " id 4660, 0 of 47\n";

	(void)state;
	assert_capture(make_pcap(0, RAW, packets), micro);
	assert_capture(make_pcap(MADE_BIG_ENDIAN, RAW, packets), micro);
	assert_capture(make_pcap(MADE_NANOSECONDS, RAW, packets), nano);
	assert_capture(make_pcap(MADE_NANOSECONDS | MADE_BIG_ENDIAN, RAW, packets), nano);
}

static void a_capture_without_packets_is_one(void **state)
{
	const struct made_packet none = { 0 };

	(void)state;
	assert_capture(make_pcap(0, RAW, &none), "");
}

/* `taken`: takes the bytes. */
static GByteArray *gzip(GByteArray *taken)
{
	GByteArray *to = g_byte_array_new();
	z_stream z = { .next_in = taken->data, .avail_in = taken->len };

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	g_byte_array_set_size(to, deflateBound(&z, taken->len));
	z.next_out = to->data;
	z.avail_out = to->len;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	g_byte_array_set_size(to, to->len - z.avail_out);
	deflateEnd(&z);
	g_byte_array_unref(taken);
	return to;
}

static GByteArray *join(GByteArray *a, GByteArray *b)
{
	g_byte_array_append(a, b->data, b->len);
	g_byte_array_unref(b);
	return a;
}

static GByteArray *part(GByteArray *taken, guint begin, guint end)
{
	g_byte_array_set_size(taken, end);
	return g_byte_array_remove_range(taken, 0, begin);
}

static const struct made_packet two[] = { { 1, 0, IPV4 TCP }, { 2, 0, IPV4 TCP }, { 0 } };
static const char first[] = "1 1.000000000 " ENDS " id 4660, 0 of 40\n";
static const char both[] = "1 1.000000000 " ENDS " id 4660, 0 of 40\n"
			   "2 2.000000000 " ENDS " id 4660, 0 of 40\n";

static void gzip_of_one_member_or_several_padded_or_not(void **state)
{
	(void)state;
	assert_capture(gzip(make_pcap(0, RAW, two)), both);
	assert_capture(join(gzip(part(make_pcap(0, RAW, two), 0, 30)),
			    gzip(part(make_pcap(0, RAW, two), 30, 136))),
		       both);
	assert_capture(join(gzip(make_pcap(0, RAW, two)), bytes_of_hex("00000000")), both);
	assert_capture(join(gzip(make_pcap(0, RAW, two)), bytes_of_hex("1f")), both);
}

static void what_came_before_the_cut_is_kept(void **state)
{
	(void)state;
	/* 24 bytes of the file, 16 and 40 of each packet. */
	assert_capture(part(make_pcap(0, RAW, two), 0, 80), first);
	for (guint n = 81; n < 136; n++) {
		g_autofree char *text = capture_text(part(make_pcap(0, RAW, two), 0, n));

		assert_true(g_str_has_prefix(text, first));
		assert_non_null(strstr(text, "behind packet 1: truncated dump file"));
	}
	assert_capture(part(make_pcap(0, RAW, two), 0, 135),
		       "1 1.000000000 " ENDS " id 4660, 0 of 40\n"
		       "FILE: byte 135, behind packet 1: truncated dump file; "
		       "tried to read 40 captured bytes, only got 39\n");
}

static void a_cut_gzip_file_names_its_own_byte(void **state)
{
	GByteArray *whole = gzip(make_pcap(0, RAW, two));
	guint length = whole->len;
	g_autofree char *text = capture_text(part(whole, 0, length - 1));

	(void)state;
	assert_true(g_str_has_prefix(text, both));
	assert_true(g_str_has_suffix(text, ": the gzip data ends early\n"));
}

static void what_is_no_capture_says_so(void **state)
{
	g_autofree char *cut = NULL;

	(void)state;
	assert_capture(g_byte_array_new(), "FILE: byte 0: expected a capture, found the end\n");
	assert_capture(bytes_of_hex("d4c3b2"), "FILE: byte 3: expected a capture, found the end\n");
	assert_capture(bytes_of_hex("1f8b"), "FILE: byte 2: the gzip data ends early\n");
	assert_capture(bytes_of_hex("1f8b000000"), "FILE: byte 4: damaged gzip data\n");
	assert_capture(bytes_of_hex("74657874 0a"),
		       "FILE: byte 0: expected a capture, found 74657874\n");
	cut = capture_text(bytes_of_hex("d4c3b2a1 0200"));
	assert_true(g_str_has_prefix(cut, "FILE: byte 6: truncated dump file; tried to read 24"));
}

/* ---- links ------------------------------------------------------------------------------ */

static void every_link_leads_to_the_same_packet(void **state)
{
	static const char expected[] = "1 1.000000002 " ENDS " id 4660, 0 of ";
	static const struct {
		uint32_t type;
		const char *hex, *length;
	} links[] = {
		{ 0, "02000000 " IPV4 TCP, "44\n" },
		{ 0, "00000002 " IPV4 TCP, "44\n" },
		{ 1, ETHERNET IPV4 TCP, "54\n" },
		{ 1, MACS "8100 0005 0800 " IPV4 TCP, "58\n" },
		{ 1, MACS "88a8 0005 8100 2006 0800 " IPV4 TCP, "62\n" },
		{ 12, IPV4 TCP, "40\n" },
		{ 101, IPV4 TCP, "40\n" },
		{ 108, "00000002 " IPV4 TCP, "44\n" },
		{ 113, "0005 0001 0006 020000000001 0000 0800 " IPV4 TCP, "56\n" },
		{ 228, IPV4 TCP, "40\n" },
		{ 276, "0800 0000 00000000 0001 05 06 020000000001 0000 " IPV4 TCP, "60\n" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(links); i++) {
		g_autofree char *text = g_strconcat(expected, links[i].length, NULL);

		assert_packet(links[i].type, links[i].hex, text);
	}
}

static void every_link_leads_to_the_same_packet_of_ipv6(void **state)
{
	static const char expected[] = "1 1.000000002 " ENDS6 " id 0, 0 of ";
	static const struct {
		uint32_t type;
		const char *hex, *length;
	} links[] = {
		{ 0, "1e000000 " IPV6("06", "0014") TCP, "64\n" },
		{ 0, "18000000 " IPV6("06", "0014") TCP, "64\n" },
		{ 1, MACS "86dd " IPV6("06", "0014") TCP, "74\n" },
		{ 101, IPV6("06", "0014") TCP, "60\n" },
		{ 108, "0000001c " IPV6("06", "0014") TCP, "64\n" },
		{ 113, "0005 0001 0006 020000000001 0000 86dd " IPV6("06", "0014") TCP, "76\n" },
		{ 229, IPV6("06", "0014") TCP, "60\n" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(links); i++) {
		g_autofree char *text = g_strconcat(expected, links[i].length, NULL);

		assert_packet(links[i].type, links[i].hex, text);
	}
}

static void cooked_packets_tell_their_direction_and_interface(void **state)
{
	(void)state;
	assert_packet(113, "0000 0304 0006 000000000000 0000 0800 " IPV4 TCP,
		      "1 1.000000002 in " ENDS " id 4660, 0 of 56\n");
	assert_packet(113, "0004 0001 0006 020000000001 0000 0800 " IPV4 TCP,
		      "1 1.000000002 out " ENDS " id 4660, 0 of 56\n");
	assert_packet(276, "0800 0000 00000007 0001 04 06 020000000001 0000 " IPV4 TCP,
		      "1 1.000000002 ifindex 7 out " ENDS " id 4660, 0 of 60\n");
}

static void packets_that_are_not_ip_are_numbered_all_the_same(void **state)
{
	static const char arp[] = MACS "0806 0001 0800 0604 0001";
	const struct made_packet packets[] = { { 1, 0, arp }, { 2, 0, ETHERNET IPV4 TCP }, { 0 } };

	(void)state;
	assert_capture(make_pcap(0, ETHERNET_LINK, packets),
		       "1 1.000000000 other id 0, 0 of 22\n"
		       "2 2.000000000 " ENDS " id 4660, 0 of 54\n");
}

/* ---- headers ---------------------------------------------------------------------------- */

static void sizes_are_from_ip_and_not_from_padding_or_captured_bytes(void **state)
{
	static const char twenty_more[] =
		ETHERNET "4500 003c 1234 4000 4006 0000 0a000001 0a000002 " TCP;
	const struct made_packet packets[] = { { 1, 0, ETHERNET IPV4 TCP "000000000000" },
					       { 2, 0, twenty_more, 20 },
					       { 0 } };

	(void)state;
	assert_capture(make_pcap(0, ETHERNET_LINK, packets),
		       "1 1.000000000 " ENDS " id 4660, 0 of 60\n"
		       "2 2.000000000 " ENDS " id 4660, 20 of 74\n");
}

/* A card that cuts up packets itself is given some that IP's field cannot tell the length of. */
static void a_length_of_0_is_that_of_the_wire(void **state)
{
	static const char no_length[] = "4500 0000 1234 4000 4006 0000 0a000001 0a000002 " TCP;
	const struct made_packet packets[] = { { 1, 0, no_length, 100000 },
					       { 2, 0, IPV6("06", "0000") TCP, 100000 },
					       { 0 } };

	(void)state;
	assert_capture(make_pcap(0, RAW, packets),
		       "1 1.000000000 " ENDS " id 4660, 100000 of 100040\n"
		       "2 2.000000000 " ENDS6 " id 0, 100000 of 100060\n");
}

static void options_of_a_syn(void **state)
{
	(void)state;
	assert_packet(RAW,
		      "4500 003c 0001 4000 4006 0000 0a000001 0a000002 "
		      "03e8 0050 00000001 00000000 a002 ffff 0000 0000 "
		      "0204 05b4 0402 080a 00000064 00000000 01 0303 07",
		      "1 1.000000002 10.0.0.1:1000 > 10.0.0.2:80 TCP [S] seq 1 ack 0 win 65535 "
		      "ts 100/0 mss 1460 scale 7 id 1, 0 of 60\n");
}

static void timestamps_and_selective_acknowledgements(void **state)
{
	(void)state;
	assert_packet(RAW,
		      "4500 0048 0001 4000 4006 0000 0a000001 0a000002 "
		      "03e8 0050 00000001 00000002 d010 01f6 0000 0000 "
		      "0101 080a ffffffff 00000007 0101 0512 0000000a 00000014 00000020 00000030",
		      "1 1.000000002 10.0.0.1:1000 > 10.0.0.2:80 TCP [.] seq 1 ack 2 win 502 "
		      "ts 4294967295/7 sack 10-20 sack 32-48 id 1, 0 of 72\n");
}

/* MSS and scale mean something in a SYN alone. */
static void an_option_in_the_wrong_place_or_of_a_wrong_length_is_none(void **state)
{
	static const char ends[] =
		"1 1.000000002 10.0.0.1:1000 > 10.0.0.2:80 TCP [.] seq 1 ack 2 win 502 "
		"id 1, 0 of 48\n";

	(void)state;
#define ACK(option)                                                                                \
	"4500 0030 0001 4000 4006 0000 0a000001 0a000002 "                                         \
	"03e8 0050 00000001 00000002 7010 01f6 0000 0000 " option
	assert_packet(RAW, ACK("0204 05b4 0303 0700"), ends);
	assert_packet(RAW, ACK("080a 0000 0001 0000"), ends);
	assert_packet(RAW, ACK("0801 0000 0001 0000"), ends);
	assert_packet(RAW, ACK("0008 0a00 0000 0100"), ends);
#undef ACK
}

static void headers_with_options_of_ipv4(void **state)
{
	(void)state;
	assert_packet(RAW, "4600 002c 1234 4000 4006 0000 0a000001 0a000002 94040000 " TCP,
		      "1 1.000000002 " ENDS " id 4660, 0 of 44\n");
}

static void extensions_of_ipv6(void **state)
{
	(void)state;
	assert_packet(RAW,
		      IPV6("00", "0030") "3c00 0104 00000000 3300 0104 00000000 "
					 "0601 0000 00000000 00000000 " TCP,
		      "1 1.000000002 " ENDS6 " id 0, 0 of 88\n");
	/* What follows is encrypted, or nothing. */
	assert_packet(RAW, IPV6("32", "0014") TCP,
		      "1 1.000000002 fd00::1 > fd00::2 protocol 50 id 0, 20 of 60\n");
	assert_packet(RAW, IPV6("00", "0020") "3b00 0104 00000000 " TCP,
		      "1 1.000000002 fd00::1 > fd00::2 protocol 59 id 0, 24 of 68\n");
}

static void of_fragments_the_first_alone_has_ports(void **state)
{
	const struct made_packet packets[] = {
		{ 1, 0, "4500 0030 1234 2000 4011 0000 0a000001 0a000002 03e8 0050 0100 0000 0000",
		  18 },
		{ 2, 0, "4500 0030 1234 2003 4011 0000 0a000001 0a000002 03e8 0050 0100 0000 0000",
		  18 },
		{ 3, 0,
		  IPV6("2c", "0018") "1100 0001 00000009 03e8 0050 0100 0000 0000 0000 0000 0000" },
		{ 4, 0,
		  IPV6("2c", "0018") "1100 0010 00000009 03e8 0050 0100 0000 0000 0000 0000 0000" },
		{ 0 }
	};

	(void)state;
	assert_capture(make_pcap(0, RAW, packets),
		       "1 1.000000000 10.0.0.1:1000 > 10.0.0.2:80 UDP id 4660, 28 of 48\n"
		       "2 2.000000000 10.0.0.1 > 10.0.0.2 UDP id 4660, 28 of 48 fragment\n"
		       "3 3.000000000 fd00::1.1000 > fd00::2.80 UDP id 0, 16 of 64\n"
		       "4 4.000000000 fd00::1 > fd00::2 UDP id 0, 16 of 64 fragment\n");
}

static void an_icmp_error_names_the_packet_it_is_about(void **state)
{
	const struct made_packet packets[] = {
		/* port unreachable, about a datagram; time exceeded, about TCP */
		{ 1, 0,
		  "4500 0038 0001 0000 4001 0000 0a000002 0a000001 0303 0000 00000000 "
		  "4500 0021 1234 4000 4011 0000 0a000001 0a000002 03e8 0050 000d 0000" },
		{ 2, 0,
		  "4500 0038 0001 0000 4001 0000 0a000009 0a000001 0b00 0000 00000000 "
		  "4500 0064 1234 4000 0106 0000 0a000001 0a000002 03e8 0050 00000001" },
		/* echo */
		{ 3, 0, "4500 001c 0001 0000 4001 0000 0a000002 0a000001 0800 0000 00010001" },
		{ 4, 0,
		  IPV6("3a", "0038") "0104 0000 00000000 " IPV6("11",
								"000d") "03e8 0050 000d 0000" },
		{ 5, 0, IPV6("3a", "0008") "8000 0000 00010001" },
		{ 0 }
	};

	(void)state;
	assert_capture(make_pcap(0, RAW, packets),
		       "1 1.000000000 10.0.0.2 > 10.0.0.1 ICMP id 1, 36 of 56 icmp 3/3 "
		       "about 10.0.0.1:1000 > 10.0.0.2:80 UDP, 13\n"
		       "2 2.000000000 10.0.0.9 > 10.0.0.1 ICMP id 1, 36 of 56 icmp 11/0 "
		       "about 10.0.0.1:1000 > 10.0.0.2:80 TCP seq 1, 80\n"
		       "3 3.000000000 10.0.0.2 > 10.0.0.1 ICMP id 1, 8 of 28 icmp 8/0\n"
		       "4 4.000000000 fd00::1 > fd00::2 ICMPv6 id 0, 56 of 96 icmp 1/4 "
		       "about fd00::1.1000 > fd00::2.80 UDP, 13\n"
		       "5 5.000000000 fd00::1 > fd00::2 ICMPv6 id 0, 8 of 48 icmp 128/0\n");
}

/* ---- packets that end early ------------------------------------------------------------- */

static GByteArray *cut_packet(const char *hex, guint captured)
{
	g_autoptr(GString) digits = g_string_new(NULL);
	struct made_packet packets[] = { { 1, 0 }, { 0 } };

	for (; *hex; hex++)
		if (*hex != ' ')
			g_string_append_c(digits, *hex);
	packets[0].beyond = digits->len / 2 - captured;
	g_string_truncate(digits, captured * 2);
	packets[0].hex = digits->str;
	return make_pcap(0, ETHERNET_LINK, packets);
}

static void cut_headers_tell_what_is_there_of_them(void **state)
{
	static const char syn[] = ETHERNET "4500 003c 0001 4000 4006 0000 0a000001 0a000002 "
					   "03e8 0050 00000001 00000000 a002 ffff 0000 0000 "
					   "0204 05b4 0402 080a 00000064 00000000 01 0303 07";

	(void)state;
	for (guint n = 0; n < 34; n++)
		assert_capture(cut_packet(syn, n), "1 1.000000000 other id 0, 0 of 74 cut\n");
	for (guint n = 34; n < 38; n++)
		assert_capture(cut_packet(syn, n),
			       "1 1.000000000 10.0.0.1 > 10.0.0.2 TCP id 1, 40 of 74 cut\n");
	for (guint n = 38; n < 54; n++)
		assert_capture(
			cut_packet(syn, n),
			"1 1.000000000 10.0.0.1:1000 > 10.0.0.2:80 TCP id 1, 40 of 74 cut\n");
	assert_capture(cut_packet(syn, 58),
		       "1 1.000000000 10.0.0.1:1000 > 10.0.0.2:80 TCP [S] seq 1 ack 0 win 65535 "
		       "mss 1460 id 1, 0 of 74 cut\n");
	assert_capture(cut_packet(syn, 73),
		       "1 1.000000000 10.0.0.1:1000 > 10.0.0.2:80 TCP [S] seq 1 ack 0 win 65535 "
		       "ts 100/0 mss 1460 id 1, 0 of 74 cut\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcap_of_either_byte_order_and_resolution),
		cmocka_unit_test(a_capture_without_packets_is_one),
		cmocka_unit_test(gzip_of_one_member_or_several_padded_or_not),
		cmocka_unit_test(what_came_before_the_cut_is_kept),
		cmocka_unit_test(a_cut_gzip_file_names_its_own_byte),
		cmocka_unit_test(what_is_no_capture_says_so),
		cmocka_unit_test(every_link_leads_to_the_same_packet),
		cmocka_unit_test(every_link_leads_to_the_same_packet_of_ipv6),
		cmocka_unit_test(cooked_packets_tell_their_direction_and_interface),
		cmocka_unit_test(packets_that_are_not_ip_are_numbered_all_the_same),
		cmocka_unit_test(sizes_are_from_ip_and_not_from_padding_or_captured_bytes),
		cmocka_unit_test(a_length_of_0_is_that_of_the_wire),
		cmocka_unit_test(options_of_a_syn),
		cmocka_unit_test(timestamps_and_selective_acknowledgements),
		cmocka_unit_test(an_option_in_the_wrong_place_or_of_a_wrong_length_is_none),
		cmocka_unit_test(headers_with_options_of_ipv4),
		cmocka_unit_test(extensions_of_ipv6),
		cmocka_unit_test(of_fragments_the_first_alone_has_ports),
		cmocka_unit_test(an_icmp_error_names_the_packet_it_is_about),
		cmocka_unit_test(cut_headers_tell_what_is_there_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
