/* SPDX-License-Identifier: MIT */
/* test_tsdl_traces.c - whole metadata texts: what tracers write, cut and hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "ctf/metadata/tsdl-lex.h"
#include "ctf/metadata/tsdl.h"
#include "tsdl_text.h"

static void assert_parse(const char *text, const char *expected)
{
	g_autofree char *printed = tsdl_parse_text(text);

	assert_string_equal(printed, expected);
}

/* A packet begins as lttng-modules 2.0 declared it: 32-bit sizes, no hostname, one global sys_*. */
#define LTTNG_2_0(BYTE_ORDER)                                                                      \
	"/* CTF 1.8 */\n"                                                                          \
	"typealias integer { size = 8; align = 8; signed = false; } := uint8_t;\n"                 \
	"typealias integer { size = 16; align = 8; signed = false; } := uint16_t;\n"               \
	"typealias integer { size = 32; align = 8; signed = false; } := uint32_t;\n"               \
	"typealias integer { size = 64; align = 8; signed = false; } := uint64_t;\n"               \
	"typealias integer { size = 32; align = 8; signed = false; } := unsigned long;\n"          \
	"typealias integer { size = 5; align = 1; signed = false; } := uint5_t;\n"                 \
	"typealias integer { size = 27; align = 1; signed = false; } := uint27_t;\n"               \
	"\n"                                                                                       \
	"trace {\n"                                                                                \
	"\tmajor = 1;\n"                                                                           \
	"\tminor = 8;\n"                                                                           \
	"\tuuid = \"d18e6374-35a1-cd42-8e70-a9cffa712793\";\n"                                     \
	"\tbyte_order = " BYTE_ORDER ";\n"                                                         \
	"\tpacket.header := struct {\n"                                                            \
	"\t\tuint32_t magic;\n"                                                                    \
	"\t\tuint8_t  uuid[16];\n"                                                                 \
	"\t\tuint32_t stream_id;\n"                                                                \
	"\t};\n"                                                                                   \
	"};\n"                                                                                     \
	"\n"                                                                                       \
	"env {\n"                                                                                  \
	"\tdomain = \"kernel\";\n"                                                                 \
	"\ttracer_name = \"lttng-modules\";\n"                                                     \
	"\ttracer_major = 2;\n"                                                                    \
	"\ttracer_minor = 0;\n"                                                                    \
	"\ttracer_patchlevel = 0;\n"                                                               \
	"};\n"                                                                                     \
	"\n"                                                                                       \
	"clock {\n"                                                                                \
	"\tname = monotonic;\n"                                                                    \
	"\tuuid = \"67ce10dd-9ad8-4b02-a7bb-2b8ef4bf8a0e\";\n"                                     \
	"\tdescription = \"Monotonic Clock\";\n"                                                   \
	"\tfreq = 1000000000; /* Frequency, in Hz */\n"                                            \
	"\t/* clock value offset from Epoch is: offset * (1/freq) */\n"                            \
	"\toffset = 1332166405241713987;\n"                                                        \
	"};\n"                                                                                     \
	"\n"                                                                                       \
	"typealias integer {\n"                                                                    \
	"\tsize = 27; align = 1; signed = false;\n"                                                \
	"\tmap = clock.monotonic.value;\n"                                                         \
	"} := uint27_clock_monotonic_t;\n"                                                         \
	"\n"                                                                                       \
	"typealias integer {\n"                                                                    \
	"\tsize = 64; align = 8; signed = false;\n"                                                \
	"\tmap = clock.monotonic.value;\n"                                                         \
	"} := uint64_clock_monotonic_t;\n"                                                         \
	"\n"                                                                                       \
	"struct packet_context {\n"                                                                \
	"\tuint64_clock_monotonic_t timestamp_begin;\n"                                            \
	"\tunsigned long events_discarded;\n"                                                      \
	"\tuint32_t cpu_id;\n"                                                                     \
	"};\n"                                                                                     \
	"\n"                                                                                       \
	"struct event_header_compact {\n"                                                          \
	"\tenum : uint5_t { compact = 0 ... 30, extended = 31 } id;\n"                             \
	"\tvariant <id> {\n"                                                                       \
	"\t\tstruct {\n"                                                                           \
	"\t\t\tuint27_clock_monotonic_t timestamp;\n"                                              \
	"\t\t} compact;\n"                                                                         \
	"\t\tstruct {\n"                                                                           \
	"\t\t\tuint32_t id;\n"                                                                     \
	"\t\t\tuint64_clock_monotonic_t timestamp;\n"                                              \
	"\t\t} extended;\n"                                                                        \
	"\t} v;\n"                                                                                 \
	"} align(8);\n"                                                                            \
	"\n"                                                                                       \
	"stream {\n"                                                                               \
	"\tid = 0;\n"                                                                              \
	"\tevent.header := struct event_header_compact;\n"                                         \
	"\tpacket.context := struct packet_context;\n"                                             \
	"};\n"                                                                                     \
	"\n"                                                                                       \
	"event {\n"                                                                                \
	"\tname = sys_read;\n"                                                                     \
	"\tid = 3;\n"                                                                              \
	"\tstream_id = 0;\n"                                                                       \
	"\tfields := struct {\n"                                                                   \
	"\t\tinteger { size = 32; align = 8; signed = 0; encoding = none; base = 10; } _fd;\n"     \
	"\t\tinteger { size = 32; align = 8; signed = 0; encoding = none; base = 16; } _buf;\n"    \
	"\t};\n"                                                                                   \
	"};\n"                                                                                     \
	"\n"                                                                                       \
	"event {\n"                                                                                \
	"\tname = exit_syscall;\n"                                                                 \
	"\tid = 4;\n"                                                                              \
	"\tstream_id = 0;\n"                                                                       \
	"\tfields := struct {\n"                                                                   \
	"\t\tinteger { size = 32; align = 8; signed = 1; encoding = none; base = 10; } _ret;\n"    \
	"\t};\n"                                                                                   \
	"};\n"

/* Its tree; B stands behind each integer's size. */
#define LTTNG_2_0_TREE(BYTE_ORDER, B)                                                              \
	"trace 1.8 " BYTE_ORDER " d18e637435a1cd428e70a9cffa712793\n"                              \
	"  packet.header struct:8{magic u32" B ":8, uuid [16]u8" B ":8, stream_id u32" B ":8}\n"   \
	"env domain \"kernel\"\n"                                                                  \
	"env tracer_name \"lttng-modules\"\n"                                                      \
	"env tracer_major 2\n"                                                                     \
	"env tracer_minor 0\n"                                                                     \
	"env tracer_patchlevel 0\n"                                                                \
	"clock monotonic 1000000000 Hz + 0 s + 1332166405241713987"                                \
	" uuid 67ce10dd-9ad8-4b02-a7bb-2b8ef4bf8a0e: Monotonic Clock\n"                            \
	"stream 0\n"                                                                               \
	"  packet.context struct:8{timestamp_begin u64" B ":8 @monotonic, events_discarded u32" B  \
	":8, cpu_id u32" B ":8}\n"                                                                 \
	"  event.header struct:8{id enum:1 u5" B ":1{compact=0..30 extended=31}, "                 \
	"v variant:1<id>{compact struct:1{timestamp u27" B ":1 @monotonic}, "                      \
	"extended struct:8{id u32" B ":8, timestamp u64" B ":8 @monotonic}}}\n"                    \
	"event sys_read 3 of 0\n"                                                                  \
	"  fields struct:8{_fd u32" B ":8, _buf u32" B ":8 base16}\n"                              \
	"event exit_syscall 4 of 0\n"                                                              \
	"  fields struct:8{_ret i32" B ":8}\n"

static void lttng_2_0_on_a_little_endian_machine(void **state)
{
	(void)state;
	assert_parse(LTTNG_2_0("le"), LTTNG_2_0_TREE("le", ""));
}

static void lttng_2_0_on_a_big_endian_machine(void **state)
{
	(void)state;
	assert_parse(LTTNG_2_0("be"), LTTNG_2_0_TREE("be", "be"));
}

/* Network headers: enums named by their bytes in network order, bit-fields, padding structs. */
static void lttng_2_13_network_headers(void **state)
{
	(void)state;
	assert_parse(
		"trace { byte_order = le; };\n"
		"event { name = \"net_if_receive_skb\"; id = 1; fields := struct {\n"
		"\tenum : integer { size = 8; align = 8; signed = 0; encoding = none; base = 10; } {\n"
		"\t\t\"_unknown\" = 0,\n"
		"\t\t\"_ipv4\",\n"
		"\t} _network_header_type;\n"
		"\tvariant <_network_header_type> {\n"
		"\t\tstruct {\n"
		"\t\t} _unknown;\n"
		"\t\tstruct {\n"
		"\t\t\tinteger { size = 4; align = 4; signed = 0; encoding = none; base = 10;"
		" byte_order = be; } _version;\n"
		"\t\t\tstruct { } align(8) _saddr_padding;\n"
		"\t\t\tinteger { size = 8; align = 8; signed = 0; encoding = none; base = 10;"
		" byte_order = be; } _saddr[4];\n"
		"\t\t} align(8) _ipv4;\n"
		"\t} _network_header;\n"
		"\tinteger { size = 8; align = 8; signed = 0; encoding = none; base = 10; }"
		" __v_length;\n"
		"\tstruct { string _s; } _v[ __v_length ];\n"
		"}; };",
		"trace 1.8 le\nstream 0\nevent net_if_receive_skb 1 of 0\n"
		"  fields struct:8{_network_header_type enum:8 u8:8{_unknown=0 _ipv4=1}, "
		"_network_header variant:1<_network_header_type>{_unknown struct:1{}, "
		"_ipv4 struct:8{_version u4be:4, _saddr_padding struct:8{}, "
		"_saddr [4]u8be:8}}, __v_length u8:8, _v [__v_length]struct:8{_s string:8}}\n");
}

static void perf_inlines_its_types(void **state)
{
	(void)state;
	assert_parse(
		"/* CTF 1.8 */\n\n"
		"trace {\n\tmajor = 1;\n\tminor = 8;\n\tbyte_order = le;\n"
		"\tpacket.header := struct {\n"
		"\t\tinteger { size = 32; align = 8; signed = false; encoding = none;"
		" base = decimal; byte_order = le; } magic;\n\t} align(8);\n};\n\n"
		"clock {\n\tname = perf_clock;\n\tfreq = 1000000000;\n\tprecision = 10;\n"
		"\toffset_s = 0;\n\toffset = 0;\n\tabsolute = FALSE;\n};\n\n"
		"stream {\n\tid = 0;\n\tevent.header := struct {\n"
		"\t\tinteger { size = 64; align = 8; signed = false; encoding = none;"
		" base = decimal; byte_order = le; map = clock.perf_clock.value; } timestamp;\n"
		"\t} align(8);\n};\n\n"
		"event {\n\tid = 0;\n\tname = \"sched:sched_switch\";\n\tstream_id = 0;\n"
		"\tfields := struct {\n"
		"\t\tinteger { size = 64; align = 1; signed = false; encoding = none;"
		" base = hexadecimal; byte_order = le; } perf_ip;\n"
		"\t\tstring { encoding = UTF8; } prev_comm;\n\t} align(8);\n};\n",
		"trace 1.8 le\n  packet.header struct:8{magic u32:8}\n"
		"clock perf_clock 1000000000 Hz + 0 s + 0 uuid -: -\n"
		"stream 0\n  event.header struct:8{timestamp u64:8 @perf_clock}\n"
		"event sched:sched_switch 0 of 0\n"
		"  fields struct:8{perf_ip u64:1 base16, prev_comm string:8}\n");
}

/* Cut and changed texts */

/* Is there nothing, or but a comment, after the last whole block? */
static bool ends_between_blocks(const char *text, size_t length)
{
	struct lexer l;
	struct token next;

	lexer_init(&l, text, length);
	l.at += tsdl_whole_length(text, length);
	lexer_next(&l, &next);
	return next.kind == TOKEN_END;
}

/* A prefix is a tree where it ends between blocks behind the trace block, and nowhere else. */
static void every_cut_gives_an_error_or_a_tree(void **state)
{
	static const char text[] = LTTNG_2_0("le");
	size_t trace_end = strstr(text, "\n\nenv {") - text, trees = 0;

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		g_autofree char *copy = g_strndup(text, n);
		g_autofree char *printed = tsdl_parse_text(copy);
		bool tree = g_str_has_prefix(printed, "trace 1.8 le");

		assert_true(tree || g_str_has_prefix(printed, "M: line "));
		assert_int_equal(tree, n >= trace_end && ends_between_blocks(text, n));
		trees += tree;
	}
	assert_true(trees > 10);
}

static void any_changed_byte_gives_an_error_or_a_tree(void **state)
{
	static const char changes[] = "{};\"/9*\x80", text[] = LTTNG_2_0("be");
	size_t errors = 0;

	(void)state;
	for (size_t n = 0; n < strlen(text); n++) {
		g_autofree char *copy = g_strdup(text);
		g_autofree char *printed = NULL;

		copy[n] = changes[n % (sizeof(changes) - 1)];
		printed = tsdl_parse_text(copy);
		errors += g_str_has_prefix(printed, "M: line ");
	}
	assert_true(errors > strlen(text) / 2);
}

/* Hostile texts */

/* "begin" + n times "piece" + "end", parsed. */
static char *parse_repeated(const char *begin, const char *piece, guint n, const char *end)
{
	GString *text = g_string_new(begin);
	char *printed;

	for (guint i = 0; i < n; i++)
		g_string_append(text, piece);
	g_string_append(text, end);
	printed = tsdl_parse_text(text->str);
	g_string_free(text, TRUE);
	return printed;
}

static void assert_repeated(const char *begin, const char *piece, guint n, const char *end,
			    const char *expected)
{
	g_autofree char *printed = parse_repeated(begin, piece, n, end);

	assert_non_null(strstr(printed, expected));
}

static void nesting_is_bounded(void **state)
{
	(void)state;
	assert_repeated("", "struct s { ", 100000, "", "types nested more than 64 deep");
	assert_repeated("", "struct { variant <t> { ", 100000, "",
			"types nested more than 64 deep");
	assert_repeated("", "enum : ", 100000, "", "types nested more than 64 deep");
	assert_repeated("struct s { string x", "[n]", 100000, "; };",
			"types nested more than 64 deep");
	assert_repeated("struct s { string x", "[1]", 60,
			"; }; trace { byte_order = le; packet.header := struct s; };",
			"x [1][1][1]");
	assert_repeated("env { a", ".a", 100000, " = 1; }; trace { byte_order = le; };",
			"env a.a.a");
}

/* struct s0 { string x; }; struct s1 { struct s0 x, y; }; ... */
static char *parse_chain(guint n, const char *members)
{
	GString *text = g_string_new("trace { byte_order = le; }; struct s0 { string x; };\n");
	char *printed;

	for (guint i = 1; i <= n; i++)
		g_string_append_printf(text, "struct s%u { struct s%u %s; };\n", i, i - 1, members);
	printed = tsdl_parse_text(text->str);
	g_string_free(text, TRUE);
	return printed;
}

static void nesting_by_name_is_bounded_too(void **state)
{
	g_autofree char *shallow = parse_chain(62, "x");
	g_autofree char *deep = parse_chain(63, "x");
	g_autofree char *deeper = parse_chain(20000, "x");

	(void)state;
	assert_string_equal(shallow, "trace 1.8 le\nstream 0\n");
	assert_string_equal(deep, "M: line 64, column 8: types nested more than 64 deep");
	assert_string_equal(deeper, deep);
}

static void shared_types_cannot_make_a_huge_tree(void **state)
{
	g_autofree char *doubling = parse_chain(40, "x, y");
	g_autofree char *arrays = parse_chain(3, "x[65536]");

	(void)state;
	assert_string_equal(doubling, "M: line 22, column 8: a type of more than 4194304 fields");
	assert_string_equal(arrays, "M: line 4, column 25: a type of more than 1099511627776 bits");
	assert_repeated("trace { byte_order = le; }; struct s { string x; };",
			"stream { event.header := struct s; };", 1000, "", "stream 0");
}

static void the_trees_of_all_events_together_are_bounded(void **state)
{
	GString *text = g_string_new("trace { byte_order = le; }; struct s { string x0");
	g_autofree char *printed = NULL;

	(void)state;
	for (guint i = 1; i < 100000; i++)
		g_string_append_printf(text, ", x%u", i);
	g_string_append(text, "; };");
	for (guint i = 0; i < 200; i++)
		g_string_append(text, "\nevent { name = e; fields := struct s; };");
	printed = tsdl_parse_text(text->str);
	g_string_free(text, TRUE);
	assert_string_equal(printed, "M: line 43, column 29: more than 4194304 fields in all");
}

/* Were any of these tables searched one by one, the test would take minutes. */
static void many_names_take_no_time(void **state)
{
	const guint n = 100000;
	GString *text = g_string_new("trace { byte_order = le; };");
	g_autofree char *printed = NULL;

	(void)state;
	for (guint i = 0; i < n; i++)
		g_string_append_printf(
			text,
			"clock { name = c%u; };\n"
			"typealias integer { size = 8; map = clock.c%u.value; } := t%u;"
			"event { name = e%u; id = %u; fields := struct { t%u x; }; };",
			i, n - i - 1, i, i, i, i / 2);
	printed = tsdl_parse_text(text->str);
	g_string_free(text, TRUE);
	assert_non_null(strstr(printed, "event e99999 99999 of 0\n"
					"  fields struct:8{x u8:8 @c50000}\n"));
}

/* "Ez" and "FY" have the same hash in every 33-times hash, and so has every row of them. */
static void names_cannot_be_chosen_to_collide(void **state)
{
	GString *text = g_string_new("trace { byte_order = le; }; typealias string := s;");
	g_autofree char *printed = NULL;

	(void)state;
	for (guint i = 0; i < 1 << 17; i++) {
		g_string_append(text, "typealias s := ");
		for (guint bit = 0; bit < 17; bit++)
			g_string_append(text, i >> bit & 1 ? "Ez" : "FY");
		g_string_append(text, ";\n");
	}
	printed = tsdl_parse_text(text->str);
	g_string_free(text, TRUE);
	assert_string_equal(printed, "trace 1.8 le\nstream 0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lttng_2_0_on_a_little_endian_machine),
		cmocka_unit_test(lttng_2_0_on_a_big_endian_machine),
		cmocka_unit_test(lttng_2_13_network_headers),
		cmocka_unit_test(perf_inlines_its_types),
		cmocka_unit_test(every_cut_gives_an_error_or_a_tree),
		cmocka_unit_test(any_changed_byte_gives_an_error_or_a_tree),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(nesting_by_name_is_bounded_too),
		cmocka_unit_test(shared_types_cannot_make_a_huge_tree),
		cmocka_unit_test(the_trees_of_all_events_together_are_bounded),
		cmocka_unit_test(many_names_take_no_time),
		cmocka_unit_test(names_cannot_be_chosen_to_collide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
