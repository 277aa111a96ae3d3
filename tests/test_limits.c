/* SPDX-License-Identifier: MIT */
/*
 * test_limits.c - metadata that was made to cost more than its size: it is refused, soon, and
 * with a line that says where and what.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <flightbox/error.h>
#include <flightbox/source.h>

#include "ctf_text.h"

#define SOON_US 5000000 /* half of what may pass, sanitizers included */

static const char types[] =
	"--- metadata\n"
	"typealias integer { size = 8; align = 8; } := u8;\n"
	"typealias integer { size = 32; align = 8; } := u32;\n"
	"typealias integer { size = 64; align = 8; map = clock.c.value; } := time;\n"
	"env { domain = \"kernel\"; };\n"
	"clock { name = c; };\n"
	"trace { major = 1; minor = 8; byte_order = le;\n"
	"  packet.header := struct { u32 magic; }; };\n";

/* Appends `times` words made of `format`, which takes a number. */
static void repeat(GString *text, const char *format, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		const char *percent = strstr(format, "%u");

		g_string_append_len(text, format, percent - format);
		g_string_append_printf(text, "%u%s", i, percent + 2);
	}
}

static void assert_refused(GString *text, const char *message)
{
	const struct fb_source_options all = { .kinds = FB_KINDS_ALL, .begin = FB_NS_NONE,
		.end = FB_NS_NONE };
	struct ctf_text *t = ctf_text_parse(text->str);
	char *dir = ctf_text_write(t);
	gint64 begin = g_get_monotonic_time();
	struct fb_source *source = NULL;
	GError *error = NULL;
	const char *path = dir;

	source = fb_source_native.open(&path, 1, &all, &error);
	assert_null(source);
	assert_non_null(strstr(error->message, "/metadata: "));
	if (!strstr(error->message, message))
		fail_msg("'%s' is not in '%s'", message, error->message);
	assert_true(g_get_monotonic_time() - begin < SOON_US);
	g_error_free(error);
	ctf_text_remove(dir);
	ctf_text_free(t);
	g_string_free(text, TRUE);
}

static GString *begin_text(void)
{
	return g_string_new(types);
}

#define STREAM "stream { event.header := struct { u32 id; time timestamp; };"
#define EVENT  "event { name = \"sched_waking\"; id = 0; fields := struct { u32 _n; "

static void a_context_of_many_fields_on_many_events(void **state)
{
	GString *text = begin_text();

	(void)state;
	g_string_append(text, STREAM " event.context := struct {");
	repeat(text, " u8 f%u;", 6000);
	g_string_append(text, " }; };\n");
	repeat(text, "event { name = \"e%u\"; fields := struct { u8 x; }; };\n", 6000);
	assert_refused(text, "field stream.event.context.f");
}

static void many_references_into_a_huge_header(void **state)
{
	GString *text = begin_text();

	(void)state;
	g_string_append(text, "stream { event.header := struct { u32 id; time timestamp;");
	repeat(text, " u8 h%u;", 20000);
	g_string_append(text, " u8 far; }; };\n" EVENT);
	repeat(text, "u8 _a%u[far]; ", 20000);
	g_string_append(text, "}; };\n");
	assert_refused(text, "more than 4194304 fields and references in all");
}

static void an_event_of_many_sequences(void **state)
{
	GString *text = begin_text();

	(void)state;
	g_string_append(text, STREAM "};\n" EVENT);
	repeat(text, "u8 _a%u[_n]; ", 20000);
	g_string_append(text, "}; };\n");
	assert_refused(text, "event sched_waking: more than 2048 fields whose size varies");
}

static void a_variant_with_a_tag_of_many_ranges(void **state)
{
	GString *text = begin_text();

	(void)state;
	g_string_append(text, STREAM "};\n" EVENT "enum : u32 { y = 3000000000");
	for (unsigned i = 0; i < 5000; i++)
		g_string_append_printf(text, ", x = %u", 2 * i);
	g_string_append(text, " } _t; variant <_t> { u8 x; u8 y; } _v; }; };\n");
	assert_refused(text, "field event.fields._v: a tag with more than 4096 ranges");
}

static void many_streams(void **state)
{
	GString *text = begin_text();

	(void)state;
	repeat(text, "stream { id = %u; };\n", 1025);
	assert_refused(text, "line 1032, column 8: more than 1024 streams");
}

static void a_long_name(void **state)
{
	GString *text = begin_text();
	g_autofree char *name = g_strnfill(1025, 'n');

	(void)state;
	g_string_append_printf(text, STREAM "};\n" EVENT "u8 %s; }; };\n", name);
	assert_refused(text, "expected a field name, found a name of more than 1024 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_context_of_many_fields_on_many_events),
		cmocka_unit_test(many_references_into_a_huge_header),
		cmocka_unit_test(an_event_of_many_sequences),
		cmocka_unit_test(a_variant_with_a_tag_of_many_ranges),
		cmocka_unit_test(many_streams),
		cmocka_unit_test(a_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
