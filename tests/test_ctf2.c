/* SPDX-License-Identifier: MIT */
/* test_ctf2.c - CTF 2 metadata: what is made of it, and what is said of what it must not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <glib.h>

#include "ctf/read/packet.h"
#include "traces.h"
#include "tsdl_text.h"

#define N_REQUESTS 20

#define RS	 "\x1e"
#define PREAMBLE RS "{\"type\":\"preamble\",\"version\":2}\n"
#define CLOCK	 RS "{'type':'clock-class','id':'c','frequency':1000000000}\n"
#define STREAM	 RS "{'type':'data-stream-class'}\n"
#define U8	 "{'type':'fixed-length-unsigned-integer','length':8,'byte-order':'little-endian'}"

/* JSON with ' for ", which it then needs not escape. */
static char *quoted(const char *text)
{
	return g_strdelimit(g_strdup(text), "'", '"');
}

static void assert_makes(const char *text, const char *expected)
{
	g_autofree char *json = quoted(text), *got = ctf2_parse_text(json);

	assert_string_equal(got, expected);
}

/* The tree of an event whose only field is of this class. */
static void assert_class(const char *class, const char *expected)
{
	g_autofree char *text = g_strconcat(
		PREAMBLE STREAM RS "{'type':'event-record-class','name':'e','payload-field-class':"
				   "{'type':'structure','member-classes':["
				   "{'name':'n','field-class':" U8 "},"
				   "{'name':'f','field-class':", class, "}]}}", NULL);
	g_autofree char *want = g_strconcat("trace 2.0 le\nstream 0\nevent e 0 of 0\n  fields "
					    "struct:", expected, "}\n", NULL);

	assert_makes(text, want);
}

/* What is said of that class. */
static void assert_class_fails(const char *class, const char *expected)
{
	g_autofree char *alias = g_strconcat(PREAMBLE RS "{'type':'field-class-alias','name':'a',"
							 "'field-class':", class, "}", NULL);
	g_autofree char *want = g_strconcat("M: record 2 at byte 34: field-class", expected, NULL);

	assert_makes(alias, want);
}

#define FIXED(type, rest) "{'type':'fixed-length-" type "','byte-order':'little-endian'" rest "}"

static void numbers_of_a_fixed_length(void **state)
{
	(void)state;
	assert_class(FIXED("unsigned-integer", ",'length':12,'alignment':4"),
		     "4{n u8:1, f u12:4");
	assert_class(FIXED("signed-integer", ",'length':64,'preferred-display-base':16"),
		     "1{n u8:1, f i64:1 base16");
	assert_class("{'type':'fixed-length-signed-integer','length':9,'byte-order':'big-endian',"
		     "'bit-order':'first-to-last'}", "1{n u8:1, f i9berev:1");
	assert_class("{'type':'fixed-length-signed-integer','length':9,'byte-order':'big-endian',"
		     "'bit-order':'last-to-first'}", "1{n u8:1, f i9be:1");
	assert_class(FIXED("bit-array", ",'length':65"), "1{n u8:1, f b65:1");
	assert_class(FIXED("bit-map", ",'length':8,'flags':{'a':[[0,1],[7,7]]}"),
		     "1{n u8:1, f u8:1 bits");
	assert_class(FIXED("boolean", ",'length':1"), "1{n u8:1, f u1:1 boolean");
	assert_class(FIXED("floating-point-number", ",'length':160"), "1{n u8:1, f f160:1");
	assert_class("{'type':'variable-length-signed-integer'}", "8{n u8:1, f ileb");
}

static void names_of_values(void **state)
{
	(void)state;
	assert_class(FIXED("signed-integer", ",'length':8,'mappings':{'a':[[-128,-1],[5,5]],'b':[[0,4]]}"),
		     "1{n u8:1, f enum:1 i8:1{a=-128..-1 a=5 b=0..4}");
	/* Integers of JSON end nowhere, jansson's at 2^63. */
	assert_class(FIXED("unsigned-integer", ",'length':64,'mappings':"
					       "{'\\\\18446744073709551615':[[9223372036854775807,"
					       "18446744073709551615]]}"),
		     "1{n u8:1, f enum:1 u64:1{\\18446744073709551615=9223372036854775807..-1}");
}

static void texts_and_bytes(void **state)
{
	(void)state;
	assert_class("{'type':'null-terminated-string'}", "8{n u8:1, f string:8");
	assert_class("{'type':'null-terminated-string','encoding':'utf-32be'}",
		     "8{n u8:1, f string:8 utf-32be");
	assert_class("{'type':'static-length-string','length':5}", "8{n u8:1, f [5]u8:8 text");
	assert_class("{'type':'static-length-string','length':6,'encoding':'utf-16be'}",
		     "8{n u8:1, f [6]u8be:8 utf-16");
	assert_class("{'type':'dynamic-length-string','length-field-location':{'path':['n']}}",
		     "8{n u8:1, f [n]u8:8 text");
	assert_class("{'type':'static-length-blob','length':16,'roles':['metadata-stream-uuid']}",
		     "8{n u8:1, f [16]u8:8 base16 roles 2");
	assert_class("{'type':'dynamic-length-blob','length-field-location':"
		     "{'origin':'event-record-payload','path':['n']}}",
		     "8{n u8:1, f [event.fields.n]u8:8 base16");
}

static void what_has_others_in_it(void **state)
{
	(void)state;
	assert_class("{'type':'structure','minimum-alignment':64,'member-classes':"
		     "[{'name':'_x','field-class':" U8 "}]}",
		     "64{n u8:1, f struct:64{__x u8:1}");
	assert_class("{'type':'structure'}", "1{n u8:1, f struct:1{}");
	assert_class("{'type':'static-length-array','length':3,'minimum-alignment':32,"
		     "'element-field-class':" U8 "}", "32{n u8:1, f [3]u8:1 align32");
	assert_class("{'type':'dynamic-length-array','length-field-location':{'path':[null,'_n']},"
		     "'element-field-class':" U8 "}", "1{n u8:1, f [..__n]u8:1");
	assert_class("{'type':'optional','selector-field-location':{'path':['n']},'field-class':" U8
		     "}", "1{n u8:1, f optional:1<n>{ u8:1}");
	assert_class("{'type':'optional','selector-field-location':{'path':['n']},"
		     "'selector-field-ranges':[[-1,1],[5,5]],'field-class':" U8 "}",
		     "1{n u8:1, f optional:1<n>{-1..1,5..5  u8:1}");
	assert_class("{'type':'variant','selector-field-location':{'path':['n']},'options':["
		     "{'selector-field-ranges':[[-9,-1]],'field-class':" U8 "},"
		     "{'name':'b','selector-field-ranges':[[0,0]],'field-class':" U8 "}]}",
		     "1{n u8:1, f variant:1<n>{-9..-1  u8:1, 0..0 b u8:1}");
}

static void fragments_of_a_trace(void **state)
{
	(void)state;
	assert_makes(
		RS "{'version':2,'uuid':[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,255],'type':'preamble',"
		   "'extensions':{'empty':{}},'attributes':{'a':1}}"
		RS "{'type':'field-class-alias','name':'u8','field-class':" U8 "}\n\n"
		RS "{'type':'field-class-alias','name':'s','field-class':{'type':'structure',"
		   "'member-classes':[{'name':'x','field-class':'u8'}]}}"
		RS "{'type':'trace-class','uid':'x','environment':{'a':-5,'b':'five'},"
		   "'packet-header-field-class':'s'}"
		RS "{'type':'clock-class','id':'c','frequency':7,'origin':'unix-epoch','uid':'boot',"
		   "'offset-from-origin':{'seconds':-3,'cycles':6},'precision':1,'accuracy':2}"
		RS "{'type':'clock-class','id':'d','name':'D','frequency':9,'description':'it ticks',"
		   "'origin':{'name':'big','uid':'bang'}}"
		RS "{'type':'data-stream-class','id':3,'default-clock-class-id':'d',"
		   "'packet-context-field-class':'s','event-record-header-field-class':'s',"
		   "'event-record-common-context-field-class':'s'}"
		RS "{'type':'event-record-class','id':9,'data-stream-class-id':3,"
		   "'specific-context-field-class':'s'}"
		RS "{'type':'event-record-class','id':4,'data-stream-class-id':3,'name':'later'}\n",
		"trace 2.0 le 000102030405060708090a0b0c0d0eff\n"
		"  packet.header struct:1{x u8:1}\n"
		"env a -5\nenv b \"five\"\n"
		"clock c 7 Hz + -3 s + 6 absolute uuid boot: -\n"
		"clock D 9 Hz + 0 s + 0 uuid -: it ticks\n"
		"stream 3\n  packet.context struct:1{x u8:1}\n  event.header struct:1{x u8:1}\n"
		"  event.context struct:1{x u8:1}\n"
		"event event 9 9 of 3\n  context struct:1{x u8:1}\n"
		"event later 4 of 3\n");
}

static void a_last_record_that_is_not_whole_is_left_out(void **state)
{
	(void)state;
	assert_makes(PREAMBLE STREAM RS "{'type':'event-record-cl",
		     "trace 2.0 le\nstream 0\ntruncated\n");
	assert_makes(PREAMBLE STREAM RS "{'type':'event-record-cl" STREAM,
		     "M: record 3 at byte 64: line 3, column 24: expected JSON: premature end of "
		     "input near '\"event-record-cl'");
}

static void numbers_that_cannot_be(void **state)
{
	(void)state;
	assert_class_fails(FIXED("unsigned-integer", ""),
			   ".length: expected a number of bits, found nothing");
	assert_class_fails(FIXED("unsigned-integer", ",'length':0"),
			   ".length: expected 1 to 65536 bits, found 0");
	assert_class_fails(FIXED("unsigned-integer", ",'length':8,'alignment':3"),
			   ".alignment: expected a power of two up to 65536, found 3");
	assert_class_fails(FIXED("unsigned-integer", ",'length':8,'bit-order':7"),
			   ".bit-order: expected \"first-to-last\" or \"last-to-first\", found 7");
	assert_class_fails("{'type':'fixed-length-boolean','length':8,'byte-order':'middle'}",
			   ".byte-order: expected \"little-endian\" or \"big-endian\", found "
			   "\"middle\"");
	assert_class_fails(FIXED("unsigned-integer", ",'length':8,'preferred-display-base':7"),
			   ".preferred-display-base: expected base 2, 8, 10 or 16, found 7");
	assert_class_fails(FIXED("floating-point-number", ",'length':80"),
			   ".length: expected 16, 32, 64, 128 or more bits, a multiple of 32, "
			   "found 80");
	assert_class_fails(FIXED("bit-map", ",'length':8,'flags':{}"),
			   ".flags: expected an object of one or more flags, found an object");
	assert_class_fails(FIXED("unsigned-integer", ",'length':8,'mappings':{'a':[[5,4]]}"),
			   ".mappings.a[0]: the range ends before it begins");
	assert_class_fails(FIXED("unsigned-integer", ",'length':8,'mappings':{'a':[[-5,4]]}"),
			   ".mappings.a[0][0]: expected an integer of 0 or more, found -5");
	assert_class_fails(FIXED("signed-integer", ",'length':8,'mappings':{'a':"
						   "[[5,9223372036854775808]]}"),
			   ".mappings.a[0][1]: expected an integer of 64 bits with a sign, found "
			   "9223372036854775808");
	assert_class_fails(FIXED("unsigned-integer", ",'length':8,'roles':['king']"),
			   ".roles[0]: expected a role, found \"king\"");
}

static void classes_that_cannot_be(void **state)
{
	(void)state;
	assert_class_fails("{}", ".type: expected the type of a field class, found nothing");
	assert_class_fails("{'type':'enumeration'}",
			   ".type: expected the type of a field class, found \"enumeration\"");
	assert_class_fails("'later'", ": expected the name of a field class alias before it, found "
				      "\"later\"");
	assert_class_fails("7", ": expected a field class, or the name of an alias, found 7");
	assert_class_fails("{'type':'structure','member-classes':[{'field-class':'x'}]}",
			   ".member-classes[0].name: expected a name, found nothing");
	assert_class_fails("{'type':'structure','member-classes':[{'name':'x','field-class':" U8
			   "},{'name':'x','field-class':" U8 "}]}",
			   ".member-classes[1]: the second of the name 'x'");
	assert_class_fails("{'type':'null-terminated-string','encoding':'latin-1'}",
			   ".encoding: expected \"utf-8\" or another encoding, found \"latin-1\"");
	assert_class_fails("{'type':'static-length-blob','length':-1}",
			   ".length: expected a number of bytes, found -1");
	assert_class_fails("{'type':'static-length-array','length':4294967297,"
			   "'element-field-class':" U8 "}",
			   ".length: an array of more than 2^32 elements");
	assert_class_fails("{'type':'dynamic-length-blob','length-field-location':{'path':[]}}",
			   ".length-field-location.path: expected an array of names, and of null, "
			   "that ends with a name, found an array");
	assert_class_fails("{'type':'dynamic-length-blob','length-field-location':"
			   "{'origin':'moon','path':['n']}}",
			   ".length-field-location.origin: expected \"event-record-payload\" or "
			   "another origin, found \"moon\"");
	assert_class_fails("{'type':'variant','selector-field-location':{'path':['n']},"
			   "'options':[]}",
			   ".options: expected an array of one or more options, found an array");
	assert_class_fails("{'type':'variant','selector-field-location':{'path':['n']},'options':["
			   "{'selector-field-ranges':[[-3,3]],'field-class':" U8 "},"
			   "{'selector-field-ranges':[[2,9]],'field-class':" U8 "}]}",
			   ".options: the value 2 selects two options");
	assert_class_fails("{'type':'optional','selector-field-location':{'path':['n']},"
			   "'selector-field-ranges':[],'field-class':" U8 "}",
			   ".selector-field-ranges: expected an array of one or more ranges, found "
			   "an array");
}

static void fragments_that_cannot_be(void **state)
{
	(void)state;
	assert_makes(STREAM, "M: record 1 at byte 1: type: expected \"preamble\" first, found "
			     "\"data-stream-class\"");
	assert_makes(RS "{'type':'preamble','version':3}",
		     "M: record 1 at byte 1: version: not CTF version 2, the only one of this form "
		     "that flightbox reads");
	assert_makes(RS "{'type':'preamble','version':2,'uuid':[1]}",
		     "M: record 1 at byte 1: uuid: expected an array of the 16 bytes of a UUID, "
		     "found an array");
	assert_makes(PREAMBLE PREAMBLE, "M: record 2 at byte 34: a second preamble");
	assert_makes(PREAMBLE, "M: record 1 at byte 1: expected a data stream class, found the end "
			       "of the metadata");
	assert_makes(PREAMBLE RS "[7]", "M: record 2 at byte 34: expected an object, found an array");
	assert_makes(PREAMBLE RS "{'type':'event-class'}",
		     "M: record 2 at byte 34: type: expected the type of a fragment, found "
		     "\"event-class\"");
	assert_makes(PREAMBLE RS "{'type':'clock-class','id':'c','frequency':0}",
		     "M: record 2 at byte 34: frequency: expected 1 Hz or more, found 0");
	assert_makes(PREAMBLE RS "{'type':'clock-class','id':'c','frequency':5,"
				 "'offset-from-origin':{'cycles':5}}",
		     "M: record 2 at byte 34: offset-from-origin.cycles: expected less cycles than "
		     "a second has, found 5");
	assert_makes(PREAMBLE CLOCK CLOCK, "M: record 3 at byte 90: id: the clock class 'c' is "
					   "declared twice");
	assert_makes(PREAMBLE RS "{'type':'data-stream-class','default-clock-class-id':'c'}" CLOCK,
		     "M: record 2 at byte 34: default-clock-class-id: expected the id of a clock "
		     "class before it, found \"c\"");
	assert_makes(PREAMBLE STREAM STREAM, "M: record 3 at byte 64: id: the second data stream "
					     "class of the id 0");
	assert_makes(PREAMBLE STREAM RS "{'type':'trace-class'}",
		     "M: record 3 at byte 64: a trace class behind a data stream class");
	assert_makes(PREAMBLE STREAM RS "{'type':'event-record-class','data-stream-class-id':1}",
		     "M: record 3 at byte 64: data-stream-class-id: expected the id of a data "
		     "stream class before it, found 1");
	assert_makes(PREAMBLE STREAM RS "{'type':'event-record-class','id':7}\n"
		     RS "{'type':'event-record-class','id':7}",
		     "M: record 4 at byte 102: id: the second event record class of the id 7");
	assert_makes(PREAMBLE RS "{'type':'trace-class','packet-header-field-class':" U8 "}",
		     "M: record 2 at byte 34: packet-header-field-class: expected a structure");
	assert_makes(PREAMBLE "\n\n" RS "{'type':}",
		     "M: record 2 at byte 36: line 4, column 9: expected JSON: unexpected token "
		     "near '}'");
}

static void an_unknown_extension_is_named(void **state)
{
	(void)state;
	assert_makes(RS "{'type':'preamble','version':2,'extensions':{'my.tracer':{'piano':{}}}}",
		     "M: record 1 at byte 1: extensions.my.tracer.piano: an extension of CTF 2 that "
		     "flightbox does not know");
	assert_class_fails("{'type':'structure','extensions':{'a':{'b':null}}}",
			   ".extensions.a.b: an extension of CTF 2 that flightbox does not know");
}

/* The n-th alias is a structure of two of the one before. */
static void trees_have_bounds(void **state)
{
	g_autoptr(GString) wide = g_string_new(PREAMBLE), deep = g_string_new(PREAMBLE);
	g_autofree char *got = NULL, *nested = NULL;

	(void)state;
	g_string_append(wide, RS "{'type':'field-class-alias','name':'0','field-class':" U8 "}");
	for (int i = 1; i < 40; i++)
		g_string_append_printf(wide, RS "{'type':'field-class-alias','name':'%d',"
						"'field-class':{'type':'structure','member-classes':["
						"{'name':'a','field-class':'%d'},"
						"{'name':'b','field-class':'%d'}]}}", i, i - 1, i - 1);
	g_strdelimit(wide->str, "'", '"');
	got = ctf2_parse_text(wide->str);
	assert_non_null(strstr(got, "field-class: a type of more than 4194304 fields"));

	g_string_append(deep, RS "{'type':'field-class-alias','name':'d','field-class':");
	for (int i = 0; i < 100; i++)
		g_string_append(deep, "{'type':'static-length-array','length':1,"
				      "'element-field-class':");
	g_string_append(deep, "7");
	for (int i = 0; i < 101; i++)
		g_string_append_c(deep, '}');
	g_strdelimit(deep->str, "'", '"');
	nested = ctf2_parse_text(deep->str);
	assert_non_null(strstr(nested, ": types nested more than 64 deep"));
}

static void names_and_numbers_of_things_have_bounds(void **state)
{
	g_autoptr(GString) streams = g_string_new(PREAMBLE);
	g_autoptr(GString) path = g_string_new(NULL);
	g_autofree char *name = g_strnfill(1025, 'n'), *got = NULL, *class = NULL, *location = NULL;

	(void)state;
	for (int i = 0; i <= 1024; i++)
		g_string_append_printf(streams, RS "{\"type\":\"data-stream-class\",\"id\":%d}", i);
	got = ctf2_parse_text(streams->str);
	assert_non_null(strstr(got, ": more than 1024 data stream classes"));
	class = g_strconcat("{'type':'structure','member-classes':[{'name':'", name, "'}]}", NULL);
	assert_class_fails(class, ".member-classes[0].name: a text of more than 1024 bytes");
	for (int i = 0; i < 128; i++)
		g_string_append(path, "null,");
	location = g_strconcat("{'type':'dynamic-length-blob','length-field-location':{'path':[",
			       path->str, "'x']}}", NULL);
	assert_class_fails(location, ".length-field-location.path: a path of more than 128 parts");
}

/* ---- LTTng-UST 2.16 ----------------------------------------------------------------------- */

#define HEADER_TREE                                                                                \
	"struct:8{id enum:8 u16:8{compact=0..65534 extended=65535} roles 400, "                    \
	"v variant:1<stream.event.header.id>{0..65534 compact struct:8{timestamp u32:8 roles 10}, "  \
	"65535..65535 extended struct:8{id u32:8 roles 400, timestamp u64:8 roles 10}}}"

/* Indented, without aliases, keys by the alphabet, locations with their origin; no line feeds. */
static void lttng_ust_2_16(void **state)
{
	const struct recorded ust = { .name = "requests-16-ust" };
	g_autofree char *path = recorded_path(&ust, "ust/uid/0/64-bit/metadata");
	g_autofree char *text = NULL, *got = NULL;

	(void)state;
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	got = ctf2_parse_text(text);
	assert_string_equal(
		got,
		"trace 2.0 le 1593bd3674f64b7dba51469011b586bb\n"
		"  packet.header struct:8{magic u32:8 base16 roles 1, uuid [16]u8:8 base16 roles 2, "
		"stream_id u32:8 roles 4, stream_instance_id u64:8 roles 8}\n"
		"env architecture_bit_width 64\nenv domain \"ust\"\nenv hostname \"rig16\"\n"
		"env trace_creation_datetime \"20261129T193457+0000\"\nenv trace_name \"requests\"\n"
		"env tracer_buffering_id 0\nenv tracer_buffering_scheme \"uid\"\n"
		"env tracer_major 2\nenv tracer_minor 16\nenv tracer_name \"lttng-ust\"\n"
		"clock monotonic 1000000000 Hz + 1795980878 s + 486332949 absolute uuid "
		"6a159ec8-bd69-4b28-972e-c13f0425d706: Monotonic Clock\n"
		"stream 0\n"
		"  packet.context struct:8{timestamp_begin u64:8 roles 10, timestamp_end u64:8 roles 20, "
		"content_size u64:8 roles 40, packet_size u64:8 roles 80, packet_seq_num u64:8 roles "
		"100, events_discarded u64:8 roles 200, cpu_id u32:8}\n"
		"  event.header " HEADER_TREE "\n"
		"  event.context struct:8{vtid i32:8, vpid i32:8, procname [16]u8:8 text}\n"
		"event rpc:request_begin 0 of 0\n  fields struct:8{id u64:8, name string:8}\n"
		"event rpc:request_end 1 of 0\n  fields struct:8{id u64:8, status i32:8}\n");
}

/* The events of one of its files, header by header: the class's id, the clock and the first field. */
static void put_events(GString *to, const struct schema *s, const struct layouts *layouts,
		       const char *path)
{
	g_autofree char *bytes = NULL;
	gsize length;
	struct machine m = { 0 };
	struct ctf_packet p;
	g_autoptr(GString) problem = g_string_new(NULL);
	uint64_t clock;

	assert_true(g_file_get_contents(path, &bytes, &length, NULL));
	assert_int_equal(packet_read(&p, s, &m, &(struct packet_bytes){ (uint8_t *)bytes, length, length },
				     0, problem), PACKET_FINE);
	assert_int_equal(p.sc->header_kind, HEADER_LARGE);
	clock = p.values[PACKET_BEGIN];
	m.c.end = p.content;
	while (m.c.pos < m.c.end) {
		const struct slot *slot;

		assert_true(program_run(&p.sc->header, &m));
		clock += (m.regs[REG_TIME] - clock) & (UINT64_MAX >> (64 - m.time_bits));
		slot = stream_class_find_slot(p.sc, m.regs[REG_ID]);
		assert_true(slot->is_known);
		m.regs[REG_ID] = UINT64_MAX;
		assert_true(program_run(&layouts_get(layouts, slot->class)->body, &m));
		g_string_append_printf(to, "%s %" G_GUINT64_FORMAT "\n",
				       layouts_get(layouts, slot->class)->name, clock);
	}
}

/* requests.jsonl of the recording: 20 requests, each begun and ended once. */
static void events_of_lttng_ust_2_16(void **state)
{
	const struct recorded ust = { .name = "requests-16-ust" };
	g_autofree char *dir = recorded_path(&ust, "ust/uid/0/64-bit");
	struct schema *s = schema_load(dir, NULL);
	struct layouts *layouts = layouts_new();
	g_autoptr(GString) events = g_string_new(NULL);
	unsigned begun = 0, ended = 0;
	g_auto(GStrv) lines = NULL;

	(void)state;
	assert_non_null(s);
	assert_false(schema_is_kernel(s));
	assert_true(schema_compile(s, layouts, FB_KINDS_ALL, NULL));
	for (unsigned cpu = 0; cpu < 2; cpu++) {
		g_autofree char *path = g_strdup_printf("%s/uch_%u", dir, cpu);

		put_events(events, s, layouts, path);
	}
	lines = g_strsplit(events->str, "\n", -1);
	for (unsigned i = 0; lines[i]; i++) {
		begun += g_str_has_prefix(lines[i], "rpc:request_begin ");
		ended += g_str_has_prefix(lines[i], "rpc:request_end ");
	}
	assert_int_equal(begun, N_REQUESTS);
	assert_int_equal(ended, N_REQUESTS);
	/*
	 * Its clock is the kernel trace's, CLOCK_MONOTONIC, though the offsets of the two differ: what the
	 * server itself noted of requests 100 and 101.
	 */
	assert_non_null(strstr(events->str, "rpc:request_begin 28015370885\n"));
	assert_non_null(strstr(events->str, "rpc:request_end 28060351094\n"));
	assert_non_null(strstr(events->str, "rpc:request_begin 28025095319\n"));
	layouts_free(layouts);
	schema_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_a_fixed_length),
		cmocka_unit_test(names_of_values),
		cmocka_unit_test(texts_and_bytes),
		cmocka_unit_test(what_has_others_in_it),
		cmocka_unit_test(fragments_of_a_trace),
		cmocka_unit_test(a_last_record_that_is_not_whole_is_left_out),
		cmocka_unit_test(numbers_that_cannot_be),
		cmocka_unit_test(classes_that_cannot_be),
		cmocka_unit_test(fragments_that_cannot_be),
		cmocka_unit_test(an_unknown_extension_is_named),
		cmocka_unit_test(trees_have_bounds),
		cmocka_unit_test(names_and_numbers_of_things_have_bounds),
		cmocka_unit_test(lttng_ust_2_16),
		cmocka_unit_test(events_of_lttng_ust_2_16),
	};

	return cmocka_run_group_tests_name("ctf2", tests, NULL, NULL);
}
