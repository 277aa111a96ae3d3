/* SPDX-License-Identifier: MIT */
/* test_tsdl.c - the metadata language: declarations, blocks, messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctf/metadata/tsdl.h"
#include "tsdl_text.h"

static void assert_parse(const char *text, const char *expected)
{
	g_autofree char *printed = tsdl_parse_text(text);

	assert_string_equal(printed, expected);
}

#define INTS                                                                                       \
	"typealias integer { size = 8; } := u8;\n"                                                 \
	"typealias integer { size = 32; align = 32; } := u32;\n"

/* The fields of one event of a little-endian trace; or, where nothing is right, the message. */
static void assert_fields(const char *members, const char *expected)
{
	g_autofree char *text =
		g_strdup_printf(INTS "trace { byte_order = le; };\n"
				     "event { name = e; fields := struct {\n%s\n}; };",
				members);
	g_autofree char *printed = tsdl_parse_text(text);
	const char *fields = strstr(printed, "  fields ");

	if (fields)
		g_strchomp(printed);
	assert_string_equal(fields ? fields + strlen("  fields ") : printed, expected);
}

/* Integers */

static void native_integers_take_a_later_trace_byte_order(void **state)
{
	(void)state;
	assert_parse("typealias integer { size = 16; } := u16;\n"
		     "trace { byte_order = be; packet.header := struct { u16 a; }; };",
		     "trace 1.8 be\n  packet.header struct:8{a u16be:8}\nstream 0\n");
	assert_parse("typealias integer { size = 16; byte_order = native; } := u16;\n"
		     "trace { packet.header := struct { u16 a; }; byte_order = le; };",
		     "trace 1.8 le\n  packet.header struct:8{a u16:8}\nstream 0\n");
}

static void a_given_byte_order_stays(void **state)
{
	(void)state;
	assert_parse("trace { byte_order = be; packet.header := struct {"
		     " integer { size = 8; byte_order = le; } a;"
		     " integer { size = 8; byte_order = be; } b;"
		     " integer { size = 8; byte_order = network; } c;"
		     " floating_point { exp_dig = 8; mant_dig = 24; byte_order = le; } d;"
		     " floating_point { exp_dig = 11; mant_dig = 53; align = 64; } e; }; };",
		     "trace 1.8 be\n  packet.header struct:64{a u8:8, b u8be:8, c u8be:8, d f32:8, "
		     "e f64be:64}\nstream 0\n");
}

static void an_integer_of_whole_bytes_is_aligned_to_bytes(void **state)
{
	(void)state;
	assert_fields("integer { size = 24; } a; integer { size = 5; } b;"
		      "integer { size = 64; align = 1; } c;",
		      "struct:8{a u24:8, b u5:1, c u64:1}");
}

static void integer_attributes_have_many_spellings(void **state)
{
	(void)state;
	assert_fields(
		"integer { size = 8; signed = true; } a; integer { size = 8; signed = 1; } b;"
		"integer { signed = FALSE; size = 0x8; } c; integer { size = 010; base = x; } d;"
		"integer { size = 8; base = hexadecimal; } e; integer { size = 8; base = 8; } f;"
		"integer { size = 8; base = oct; } g; integer { size = 8; base = b; } h;"
		"integer { size = 8; encoding = UTF8; base = decimal; } i;"
		"integer { size = 8; encoding = ASCII; } j; integer { size = 8u; } k;"
		"integer { size = 8; encoding = none; base = 16; unheard.of = \"x\"; } l;",
		"struct:8{a i8:8, b i8:8, c u8:8, d u8:8 base16, e u8:8 base16, f u8:8 base8, "
		"g u8:8 base8, h u8:8 base2, i u8:8 text, j u8:8 text, k u8:8, l u8:8 base16}");
}

/* A brace in a comment or a string ends no integer, however alike the texts up to it are. */
static void integers_are_told_apart_by_all_of_their_text(void **state)
{
	(void)state;
	assert_fields("integer { size = 8; /* } */ align = 16; } a;"
		      "integer { size = 8; /* } */ align = 32; } b;"
		      "integer { size = 8; /* } */ align = 16; } c;"
		      "integer { size = 8; s = \"}\"; align = 16; } d;"
		      "integer { size = 8; s = \"}\"; align = 32; } e;"
		      "integer { size = 8; s = \"}\"; align = 16; } f;",
		      "struct:32{a u8:16, b u8:32, c u8:16, d u8:16, e u8:32, f u8:16}");
	assert_fields("integer { size = 8; } a; integer { size = 8; } b;"
		      "integer { size = 8; /* } */ signed = middle; } c;",
		      "M: line 5, column 87: expected true or false, found 'middle'");
}

/* More than are kept, each twice. */
static void each_integer_is_what_its_own_text_says(void **state)
{
	GString *members = g_string_new(NULL), *expected = g_string_new("struct:65536{");

	(void)state;
	for (guint i = 0; i < 2 * 64 * 17; i++) {
		guint size = i % 64 + 1, align = 1 << i / 64 % 17;

		g_string_append_printf(members, "integer { size = %u; align = %u; } f%u;\n", size,
				       align, i);
		g_string_append_printf(expected, "%sf%u u%u:%u", i ? ", " : "", i, size, align);
	}
	g_string_append_c(expected, '}');
	assert_fields(members->str, expected->str);
	g_string_free(members, TRUE);
	g_string_free(expected, TRUE);
}

static void odd_integers_are_refused(void **state)
{
	(void)state;
	assert_fields("integer { size = 0; } a;",
		      "M: line 5, column 9: an integer's size is 1 to 64 bits, not 0");
	assert_fields("u8 a;\n  integer { align = 8; } b;",
		      "M: line 6, column 11: an integer's size is 1 to 64 bits, not 0");
	assert_fields("integer { size = 65; } a;",
		      "M: line 5, column 9: an integer's size is 1 to 64 bits, not 65");
	assert_fields("integer { size = 8; align = 12; } a;",
		      "M: line 5, column 29: align is not a power of two up to 65536");
	assert_fields("integer { size = 8; align = 0; } a;",
		      "M: line 5, column 29: align is not a power of two up to 65536");
	assert_fields("integer { size = -8; } a;",
		      "M: line 5, column 18: expected a number of 0 or more");
	assert_fields("integer { size = 8; base = 7; } a;",
		      "M: line 5, column 28: expected base 2, 8, 10 or 16, found '7'");
	assert_fields("integer { size = 8; byte_order = middle; } a;",
		      "M: line 5, column 34: expected le, be, network or native, found 'middle'");
	assert_fields("integer { size = 8; map = monotonic; } a;",
		      "M: line 5, column 27: expected clock.NAME.value, found 'monotonic'");
	assert_fields("integer { size = 8; map = clock.x.value; } a;",
		      "M: line 5, column 27: no clock named 'x'");
	assert_fields("floating_point { exp_dig = 15; mant_dig = 64; } a;",
		      "M: line 5, column 16: a floating_point of a size other than 16, 32 or 64 "
		      "bits, which flightbox does not read");
}

/* Names */

static void a_type_name_may_be_several_words(void **state)
{
	(void)state;
	assert_fields("typealias integer { size = 64; } := unsigned long;"
		      "typealias integer { size = 32; base = 16; } := char *;"
		      "typealias integer { size = 16; } := const  unsigned/**/short int;"
		      "unsigned long a; char * b; char*c; const unsigned short int const d;",
		      "struct:8{a u64:8, b u32:8 base16, c u32:8 base16, d u16:8}");
	assert_fields("typealias integer { size = 64; } := unsigned long;\nunsigned int a;",
		      "M: line 6, column 1: unknown type 'unsigned int'");
}

static void typedef_names_arrays_too(void **state)
{
	(void)state;
	assert_fields(
		"typedef u8 byte, uuid_t[16]; byte a; uuid_t b[2]; typedef struct { byte x; } "
		"wrap; wrap w;",
		"struct:8{a u8:8, b [2][16]u8:8, w struct:8{x u8:8}}");
}

static void an_inner_scope_hides_a_name_until_it_ends(void **state)
{
	(void)state;
	assert_fields(
		"u8 a; struct { typealias integer { size = 3; } := u8; u8 b; struct { u8 c; } s;"
		" } s; u8 d;",
		"struct:8{a u8:8, s struct:1{b u3:1, s struct:1{c u3:1}}, d u8:8}");
	assert_parse(INTS "trace { byte_order = le; typealias integer { size = 4; } := nibble;\n"
			  " packet.header := struct { nibble a; }; };\n"
			  "stream { packet.context := struct { nibble b; }; };",
		     "M: line 5, column 37: unknown type 'nibble'");
}

static void a_name_is_declared_once_per_scope(void **state)
{
	(void)state;
	assert_fields("typealias u8 := byte; typealias u32 := byte;",
		      "M: line 5, column 40: type 'byte' is declared twice");
	assert_fields("struct s { u8 a; }; struct s { u8 b; };",
		      "M: line 5, column 28: type 'struct s' is declared twice");
	/* Tags and plain names do not meet. */
	assert_fields(
		"struct s { u8 a; }; enum s : u8 { l }; typealias u32 := s; struct s x; enum s y;"
		"s z;",
		"struct:32{x struct:8{a u8:8}, y enum:8 u8:8{l=0}, z u32:32}");
}

static void a_keyword_may_name_a_field(void **state)
{
	(void)state;
	assert_fields("u8 event; u8 stream, struct; u8 int; string string; u8 x[event];",
		      "struct:8{event u8:8, stream u8:8, struct u8:8, int u8:8, string string:8, "
		      "x [event]u8:8}");
}

static void comments_stand_anywhere(void **state)
{
	(void)state;
	assert_fields("/**/u8/* a ; */a// b;\n;u8 b /* \n */ [ /*2*/ 3 ] ;// end",
		      "struct:8{a u8:8, b [3]u8:8}");
	assert_fields("u8 a; /* open", "M: line 5, column 7: expected a type, found a comment "
				       "without its end");
	assert_fields("u8 a; /**/ //\n /* open",
		      "M: line 6, column 2: expected a type, found a comment without its end");
}

static void comments_may_follow_each_other_without_end(void **state)
{
	const guint n = 100000;
	GString *text = g_string_new("trace { byte_order = le; };");

	(void)state;
	for (guint i = 0; i < n; i++)
		g_string_append(text, "/**/ //\n");
	assert_parse(text->str, "trace 1.8 le\nstream 0\n");
	g_string_append(text, "?");
	assert_parse(text->str,
		     "M: line 100001, column 1: expected a block or a declaration, found '?'");
	g_string_free(text, TRUE);
}

/* Structs, arrays, variants, enums */

static void a_struct_is_aligned_as_its_widest_member(void **state)
{
	(void)state;
	assert_fields("struct { u8 a; u32 b[2]; } s; struct { } e; struct { u8 a; } align(64) w;"
		      "struct { u32 a; } align(8) n; struct { } align(16) _padding;",
		      "struct:64{s struct:32{a u8:8, b [2]u32:32}, e struct:1{}, "
		      "w struct:64{a u8:8}, n struct:32{a u32:32}, _padding struct:16{}}");
	assert_fields("struct { u8 a; } align(3) s;",
		      "M: line 5, column 24: align is not a power of two up to 65536");
}

static void a_named_struct_may_be_declared_and_used_at_once(void **state)
{
	(void)state;
	assert_fields(
		"struct p { u8 x, y; }; struct p a; struct q { struct p c; } b, d[2];",
		"struct:8{a struct:8{x u8:8, y u8:8}, b struct:8{c struct:8{x u8:8, y u8:8}}, "
		"d [2]struct:8{c struct:8{x u8:8, y u8:8}}}");
	assert_fields("struct p a;", "M: line 5, column 8: unknown type 'struct p'");
	assert_fields("struct { u8 a; };",
		      "M: line 5, column 17: expected a field name, found ';'");
}

static void the_first_index_is_the_outermost(void **state)
{
	(void)state;
	assert_fields("u8 n; u8 a[2][3][n]; u8 b[ a.b . len ]; u8 c[stream.event.header.id];"
		      "u8 d[4294967296]; u8 e[0];",
		      "struct:8{n u8:8, a [2][3][n]u8:8, b [a.b.len]u8:8, "
		      "c [stream.event.header.id]u8:8, d [4294967296]u8:8, e [0]u8:8}");
	assert_fields("u8 a[4294967297];",
		      "M: line 5, column 6: an array of more than 2^32 elements");
	assert_fields("u8 a[-1];", "M: line 5, column 6: expected a number of 0 or more");
	assert_fields("u8 a[];", "M: line 5, column 6: expected a number, found ']'");
}

static void a_variant_takes_its_tag_where_it_is_used(void **state)
{
	(void)state;
	assert_fields("variant v { u8 a; u32 b; }; enum : u8 { a, b } t; variant v <t> x;"
		      "variant v <stream.event.header.id> y; variant w <t> { string a; } z;"
		      "variant w again; variant <t> { u8 a; } o[2];",
		      "struct:8{t enum:8 u8:8{a=0 b=1}, x variant:1<t>{a u8:8, b u32:32}, "
		      "y variant:1<stream.event.header.id>{a u8:8, b u32:32}, "
		      "z variant:1<t>{a string:8}, again variant:1<t>{a string:8}, "
		      "o [2]variant:1<t>{a u8:8}}");
	assert_fields("variant v { u8 a; }; variant v x;",
		      "M: line 5, column 32: the variant 'x' has no tag");
	assert_fields("variant { u8 a; } x[2];",
		      "M: line 5, column 19: the variant 'x' has no tag");
	assert_fields("variant v <t x;", "M: line 5, column 14: expected '>', found 'x'");
}

static void an_enum_counts_on_from_its_last_value(void **state)
{
	(void)state;
	assert_fields(
		"enum : u8 { a, b = 5, c, \"d e\\\"\" = 0x10 ... 0x1f, f, } x;"
		"enum named : integer { size = 5; signed = true; } { m = -3, n, o = +7 } y;"
		"enum named z; enum empty : u8 { } w;",
		"struct:8{x enum:8 u8:8{a=0 b=5 c=6 d e\"=16..31 f=32}, "
		"y enum:1 i5:1{m=-3 n=-2 o=7}, z enum:1 i5:1{m=-3 n=-2 o=7}, w enum:8 u8:8{}}");
	assert_fields("enum { a } x;", "M: line 5, column 6: unknown type 'int'");
	assert_fields("typealias integer { size = 32; signed = 1; } := int; enum { a } x;",
		      "struct:8{x enum:8 i32:8{a=0}}");
}

static void enum_values_are_the_bits_of_the_container(void **state)
{
	(void)state;
	assert_fields("enum : integer { size = 64; } { top = 9223372036854775808 ..."
		      " 18446744073709551615 } x;",
		      "struct:8{x enum:8 u64:8{top=-9223372036854775808..-1}}");
	assert_fields("enum : u8 { a = 5 ... 4 } x;",
		      "M: line 5, column 13: the range of 'a' ends before it begins");
	assert_fields("enum : integer { size = 8; signed = 1; } { a = -1 ... -2 } x;",
		      "M: line 5, column 44: the range of 'a' ends before it begins");
	assert_fields("enum : struct { } { a } x;",
		      "M: line 5, column 8: an enum's container is an integer");
	assert_fields("enum : u8 { a b } x;",
		      "M: line 5, column 15: expected ',' or '}', found 'b'");
	assert_fields("enum : u8 { 5 } x;", "M: line 5, column 13: expected a label, found '5'");
}

/* Blocks */

static void the_trace_block_is_needed(void **state)
{
	(void)state;
	assert_parse("", "M: line 1, column 1: expected a trace block, found the end of the text");
	assert_parse("/* CTF 1.8 */\n",
		     "M: line 2, column 1: expected a trace block, found the end "
		     "of the text");
	assert_parse("trace { major = 1; };", "M: line 1, column 7: the trace block has no "
					      "byte_order");
	assert_parse("trace { byte_order = native; };",
		     "M: line 1, column 22: expected le or be, found 'native'");
	assert_parse("trace { byte_order = le; };\ntrace { byte_order = le; };",
		     "M: line 2, column 7: a second trace block");
	assert_parse("trace { major = 2; byte_order = le; };",
		     "M: line 1, column 17: not CTF version 1, the only one that flightbox reads");
	assert_parse("trace { byte_order = le; uuid = \"b5fdd0d2\"; };",
		     "M: line 1, column 33: expected a UUID, found '\"b5fdd0d2\"'");
}

static void events_and_streams_default_to_id_0(void **state)
{
	(void)state;
	assert_parse(
		"trace { byte_order = le; };\n"
		"event { name = bare.name; loglevel = -2; model.emf.uri = \"http://x\"; };\n"
		"event { name = \"a \\\"b\\\"\\\\\\n\\x41\\1025\"; id = 4294967296; stream_id = 3;"
		" context := struct { }; };\n"
		"callsite { name = \"e\"; func = \"f\"; line = 1; };",
		"trace 1.8 le\nstream 0\nevent bare.name 0 of 0\n"
		"event a \"b\"\\\nAB5 4294967296 of 3\n  context struct:1{}\n");
	assert_parse("trace { byte_order = le; };\nevent { id = 1; };",
		     "M: line 2, column 7: the event has no name");
}

static void clocks_are_bare_or_quoted(void **state)
{
	(void)state;
	assert_parse("clock { name = perf_clock; uuid = \"5b49\"; description = \"d\"; freq = 1000;"
		     " precision = 10; offset_s = -5; offset = 1795177401892105570;"
		     " absolute = TRUE; };\n"
		     "clock { name = \"quoted\"; };\n"
		     "clock { name = wrapped; offset = 18446744073709551615; absolute = FALSE; };\n"
		     "trace { byte_order = le; };",
		     "trace 1.8 le\n"
		     "clock perf_clock 1000 Hz + -5 s + 1795177401892105570 absolute uuid 5b49: d\n"
		     "clock quoted 1000000000 Hz + 0 s + 0 uuid -: -\n"
		     "clock wrapped 1000000000 Hz + 0 s + -1 uuid -: -\nstream 0\n");
	assert_parse("clock { freq = 5; };", "M: line 1, column 7: the clock has no name");
	assert_parse("clock { name = a; freq = 0; };",
		     "M: line 1, column 26: a clock's freq is 1 or more");
}

static void a_map_finds_a_clock_declared_later(void **state)
{
	(void)state;
	assert_parse("trace { byte_order = le; packet.header := struct {"
		     " integer { size = 27; map = clock.late.value; } t; }; };\n"
		     "clock { name = late; };",
		     "trace 1.8 le\n  packet.header struct:1{t u27:1 @late}\n"
		     "clock late 1000000000 Hz + 0 s + 0 uuid -: -\nstream 0\n");
}

static void only_known_scopes_are_assigned(void **state)
{
	(void)state;
	assert_parse(
		"stream { packet.header := struct { }; };",
		"M: line 1, column 10: expected packet.context, event.header or event.context, "
		"found 'packet'");
	assert_parse("event { field := struct { }; };",
		     "M: line 1, column 9: expected fields or context, found 'field'");
	assert_parse("event { fields := string; };", "M: line 1, column 19: expected a struct");
	assert_parse("env { a := struct { }; };", "M: line 1, column 9: expected '=', found ':='");
}

static void messages_name_what_was_found(void **state)
{
	(void)state;
	assert_parse("trace {\n\tbyte_order = le\n};",
		     "M: line 3, column 1: expected ';', found '}'");
	assert_parse("trace { byte_order = le; }\nenv { };",
		     "M: line 2, column 1: expected ';', found 'env'");
	assert_parse("trace { byte_order = ; };",
		     "M: line 1, column 22: expected a value, found ';'");
	assert_parse("trace { byte_order = le",
		     "M: line 1, column 24: expected ';', found the end of the text");
	assert_parse("wibble { };", "M: line 1, column 1: expected a block or a declaration, found "
				    "'wibble'");
	assert_parse("env { a = \"x };", "M: line 1, column 11: expected a value, found a string "
					 "without its closing quote");
	assert_parse("env { a = 99999999999999999999; };",
		     "M: line 1, column 11: expected a value, found a number of more than 64 bits");
	assert_parse("env { a = 0x; };",
		     "M: line 1, column 11: expected a value, found a malformed number");
	assert_parse("env { a = 12ab; };",
		     "M: line 1, column 11: expected a value, found a malformed number");
	assert_parse("env { a @ 1; };", "M: line 1, column 9: expected '=', found '@'");
	assert_parse("env { a \xc3\xa9 1; };",
		     "M: line 1, column 9: expected '=', found byte 0xc3");
	assert_parse("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeee",
		     "M: line 1, column 1: expected a block or a declaration, found "
		     "'aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd...'");
}

static void env_is_looked_up_by_name_and_type(void **state)
{
	static const char text[] = "trace { byte_order = le; };\n"
				   "env { domain = \"kernel\"; tracer_minor = 13; below = -1; };";
	struct tsdl_trace *t = tsdl_parse(text, strlen(text), "M", NULL);
	int64_t number = 7;

	(void)state;
	assert_non_null(t);
	assert_string_equal(tsdl_env_text(t, "domain"), "kernel");
	assert_null(tsdl_env_text(t, "tracer_minor"));
	assert_null(tsdl_env_text(t, "absent"));
	assert_false(tsdl_env_number(t, "domain", &number));
	assert_false(tsdl_env_number(t, "absent", &number));
	assert_int_equal(number, 7);
	assert_true(tsdl_env_number(t, "tracer_minor", &number));
	assert_int_equal(number, 13);
	assert_true(tsdl_env_number(t, "below", &number));
	assert_int_equal(number, -1);
	tsdl_free(t);
	tsdl_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(native_integers_take_a_later_trace_byte_order),
		cmocka_unit_test(a_given_byte_order_stays),
		cmocka_unit_test(an_integer_of_whole_bytes_is_aligned_to_bytes),
		cmocka_unit_test(integer_attributes_have_many_spellings),
		cmocka_unit_test(integers_are_told_apart_by_all_of_their_text),
		cmocka_unit_test(each_integer_is_what_its_own_text_says),
		cmocka_unit_test(odd_integers_are_refused),
		cmocka_unit_test(a_type_name_may_be_several_words),
		cmocka_unit_test(typedef_names_arrays_too),
		cmocka_unit_test(an_inner_scope_hides_a_name_until_it_ends),
		cmocka_unit_test(a_name_is_declared_once_per_scope),
		cmocka_unit_test(a_keyword_may_name_a_field),
		cmocka_unit_test(comments_stand_anywhere),
		cmocka_unit_test(comments_may_follow_each_other_without_end),
		cmocka_unit_test(a_struct_is_aligned_as_its_widest_member),
		cmocka_unit_test(a_named_struct_may_be_declared_and_used_at_once),
		cmocka_unit_test(the_first_index_is_the_outermost),
		cmocka_unit_test(a_variant_takes_its_tag_where_it_is_used),
		cmocka_unit_test(an_enum_counts_on_from_its_last_value),
		cmocka_unit_test(enum_values_are_the_bits_of_the_container),
		cmocka_unit_test(the_trace_block_is_needed),
		cmocka_unit_test(events_and_streams_default_to_id_0),
		cmocka_unit_test(clocks_are_bare_or_quoted),
		cmocka_unit_test(a_map_finds_a_clock_declared_later),
		cmocka_unit_test(only_known_scopes_are_assigned),
		cmocka_unit_test(messages_name_what_was_found),
		cmocka_unit_test(env_is_looked_up_by_name_and_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
