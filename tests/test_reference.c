/* SPDX-License-Identifier: MIT */
/* test_reference.c - which field a name refers to, wherever several have that name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ctf/metadata/reference.h"

#define METADATA                                                                                   \
	"trace { major = 1; minor = 8; byte_order = le; };\n"                                      \
	"typealias integer { size = 8; align = 8; } := u8;\n"                                      \
	"stream { packet.context := struct { u8 n; u8 packet; struct { u8 n; u8 deep; } s; };\n"   \
	" event.context := struct { u8 _n; u8 _stream; string text; }; };\n"                       \
	"event { name = e; context := struct { u8 n; u8 event; u8 _text; };\n"                     \
	" fields := struct {\n"                                                                    \
	"  u8 _n; u8 outside; struct { u8 deep; } s; u8 array[2];\n"                               \
	"  enum : u8 { a, b } tag; variant <tag> { u8 a; struct { u8 c; } b; } v;\n"               \
	"  struct { u8 _n; u8 inside; string outside; u8 later; } inner;\n"                        \
	"  u8 behind; }; };\n"

enum {
	IN_INNER = 6, /* among the fields, with three of its members done */
	INNER_DONE = 3,
};

/* "fields.inner.n": as what a reference is written in full. */
static char *path_of(const struct tsdl_sight *sight, const struct tsdl_reference *to)
{
	GString *path = g_string_new(to->frame ? "event.fields" : sight->outer[to->scope].path);

	if (to->frame && to->frame->up)
		g_string_append(path, ".inner");
	for (unsigned i = 0; i < to->n; i++)
		g_string_append_printf(path, ".%s", plain_name(to->names[i]));
	return g_string_free(path, FALSE);
}

/* What `name` refers to behind the third member of `inner`; NULL: to nothing. */
static void assert_refers(const char *name, const char *expected)
{
	GError *error = NULL;
	struct tsdl_trace *t = tsdl_parse(METADATA, strlen(METADATA), "metadata", &error);
	const struct tsdl_event *event;
	const struct tsdl_stream *stream;
	struct tsdl_reference to;

	assert_non_null(t);
	event = g_ptr_array_index(t->events, 0);
	stream = g_ptr_array_index(t->streams, 0);
	{
		const struct tsdl_scope outer[] = {
			{ "event.context", event->context },
			{ "stream.event.context", stream->event_context },
			{ "stream.event.header", NULL },
			{ "stream.packet.context", stream->packet_context },
		};
		const struct tsdl_frame fields = { NULL, event->fields, IN_INNER };
		const struct tsdl_frame inner = {
			&fields, event->fields->compound.fields[IN_INNER].type, INNER_DONE
		};
		struct tsdl_sight sight = { "event.fields", &inner, outer, G_N_ELEMENTS(outer), 0 };
		bool found = tsdl_refer(&sight, name, NULL, &to);
		g_autofree char *path = found ? path_of(&sight, &to) : NULL;

		assert_int_equal(found, expected != NULL);
		if (expected)
			assert_string_equal(path, expected);
		assert_true(sight.work > 0);
	}
	tsdl_free(t);
}

static void the_innermost_of_a_name_is_meant(void **state)
{
	(void)state;
	assert_refers("n", "event.fields.inner.n");
	assert_refers("_n", "event.fields.inner.n");
	assert_refers("tag", "event.fields.tag");
	assert_refers("event", "event.context.event");
	assert_refers("stream", "stream.event.context.stream");
	assert_refers("packet", "stream.packet.context.packet");
}

static void a_whole_path_names_its_scope(void **state)
{
	(void)state;
	assert_refers("event.fields.n", "event.fields.n");
	assert_refers("event.fields._n", "event.fields.n");
	assert_refers("event.context.n", "event.context.n");
	assert_refers("stream.event.context._n", "stream.event.context.n");
	assert_refers("stream.packet.context.n", "stream.packet.context.n");
	assert_refers("stream.event.header.n", NULL);
	assert_refers("stream.packet.context.nothing", NULL);
}

static void ways_lead_through_structs_alone(void **state)
{
	(void)state;
	assert_refers("s.deep", "event.fields.s.deep");
	assert_refers("s.n", "stream.packet.context.s.n");
	assert_refers("stream.packet.context.s.deep", "stream.packet.context.s.deep");
	assert_refers("event.fields.s.deep", "event.fields.s.deep");
	assert_refers("v.a", NULL);
	assert_refers("v.b.c", NULL);
	assert_refers("a", NULL);
	assert_refers("n.n", NULL);
	assert_refers("s.", NULL);
}

static void what_is_no_integer_is_passed_over(void **state)
{
	(void)state;
	assert_refers("outside", "event.fields.outside");
	assert_refers("text", "event.context.text");
	assert_refers("array", NULL);
	assert_refers("s", NULL);
}

static void what_comes_later_is_not_there(void **state)
{
	(void)state;
	assert_refers("later", NULL);
	assert_refers("behind", NULL);
	assert_refers("event.fields.behind", NULL);
	assert_refers("inner.n", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_innermost_of_a_name_is_meant),
		cmocka_unit_test(a_whole_path_names_its_scope),
		cmocka_unit_test(ways_lead_through_structs_alone),
		cmocka_unit_test(what_is_no_integer_is_passed_over),
		cmocka_unit_test(what_comes_later_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
