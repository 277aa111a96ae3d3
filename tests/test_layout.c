/* SPDX-License-Identifier: MIT */
/* test_layout.c - event classes bound to records: what is fixed, copied, missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctf/layout/layout.h"

#define TYPES                                                                                      \
	"trace { major = 1; minor = 8; byte_order = le; };\n"                                      \
	"typealias integer { size = 8; align = 8; } := u8;\n"                                      \
	"typealias integer { size = 32; align = 8; signed = 1; } := s32;\n"                        \
	"typealias integer { size = 64; align = 8; signed = 1; } := s64;\n"                        \
                                                                                                   \
	"typealias integer { size = 8; align = 8; encoding = UTF8; } := text;\n"

/* The layouts of the events of one metadata text. */
struct bound {
	struct tsdl_trace *trace;
	struct layouts *set;
	struct outside outside;
	int class;     /* of the last event */
	GError *error; /* why it has none */
};

static struct bound bind_events(const char *events)
{
	g_autofree char *text = g_strconcat(TYPES, events, NULL);
	struct bound b = { .class = -1, .set = layouts_new() };

	b.outside.regs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	b.trace = tsdl_parse(text, strlen(text), "metadata", &b.error);
	assert_non_null(b.trace);
	for (guint i = 0; i < b.trace->events->len && !b.error; i++)
		b.class = layouts_add(b.set, g_ptr_array_index(b.trace->events, i),
				      g_ptr_array_index(b.trace->streams, 0), NULL, 0, &b.outside,
				      "metadata", &b.error);
	layouts_finish(b.set, FB_ABI_X86_64);
	return b;
}

static void unbind(struct bound *b)
{
	layouts_free(b->set);
	tsdl_free(b->trace);
	g_hash_table_unref(b->outside.regs);
	g_clear_error(&b->error);
}

static const struct layout *last_layout(const struct bound *b)
{
	return layouts_get(b->set, b->class);
}

static void a_fixed_class_is_copied_without_a_program(void **state)
{
	struct bound b = bind_events(
		"event { name = sched_switch; id = 1; fields := struct {\n"
		" text _prev_comm[16]; s32 _prev_tid; s32 _prev_prio; s64 _prev_state;\n"
		" text _next_comm[16]; s32 _next_tid; s32 _next_prio; }; };");
	const struct layout *l = last_layout(&b);

	(void)state;
	assert_true(l->body.fixed);
	assert_int_equal(l->body.size, (16 + 4 + 4 + 8 + 16 + 4 + 4) * 8);
	assert_false(b.set->recipes[b.class].is_partial);
	assert_int_equal(l->bound.template.text, 32);
	assert_int_equal(l->bound.template.sched_switch.prev_comm, 0);
	assert_true(l->bound.template.flags & FB_COMM16);
	unbind(&b);
}

static void texts_of_two_kinds_leave_out_the_first(void **state)
{
	struct bound b =
		bind_events("event { name = sched_switch; id = 1; fields := struct {\n"
			    " text _prev_comm[16]; s32 _prev_tid; string _next_comm; }; };");
	const struct layout *l = last_layout(&b);

	(void)state;
	assert_false(l->bound.template.flags & FB_COMM16);
	assert_int_equal(l->bound.template.text, 20);
	assert_int_equal(l->bound.template.sched_switch.prev_comm, FB_NO_TEXT);
	unbind(&b);
}

/* One flag tells how both end: where it does not say 16 bytes, they end at their NUL. */
static void a_text_of_16_beside_one_of_8_is_left_out(void **state)
{
	struct bound b =
		bind_events("event { name = sched_switch; id = 1; fields := struct {\n"
			    " text _prev_comm[16]; s32 _prev_tid; text _next_comm[8]; }; };");
	const struct layout *l = last_layout(&b);

	(void)state;
	assert_false(l->bound.template.flags & FB_COMM16);
	assert_int_equal(l->bound.template.text, FB_NO_TEXT);
	assert_int_equal(l->bound.template.sched_switch.prev_comm, FB_NO_TEXT);
	unbind(&b);
}

/* Bytes that do not lie one behind the other, on bytes, are no text. */
static void bytes_that_are_apart_are_no_text(void **state)
{
	static const char *const members[] = {
		" integer { size = 8; align = 16; } comm[16];",
		" integer { size = 3; align = 1; } a; integer { size = 8; align = 1; } comm[16];",
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(members); i++) {
		g_autofree char *text =
			g_strconcat("event { name = sched_waking; id = 1; fields := struct {\n",
				    members[i], " s32 tid; }; };", NULL);
		struct bound b = bind_events(text);
		const struct layout *l = last_layout(&b);

		assert_int_equal(l->bound.template.text, FB_NO_TEXT);
		assert_int_not_equal(l->places[0].shape, SHAPE_CHARS);
		unbind(&b);
	}
}

static void fields_behind_a_string_need_the_program(void **state)
{
	struct bound b =
		bind_events("event { name = \"sched:sched_waking\"; id = 1; fields := struct {\n"
			    " string comm; s32 pid; s32 prio; s32 target_cpu; }; };");
	const struct layout *l = last_layout(&b);

	(void)state;
	assert_false(l->body.fixed);
	assert_true(l->is_marked);
	assert_true(b.set->recipes[b.class].is_partial);
	assert_int_equal(l->bound.template.text, 0);
	unbind(&b);
}

static void fields_before_a_string_do_not(void **state)
{
	struct bound b =
		bind_events("event { name = irq_handler_entry; id = 1; fields := struct {\n"
			    " s32 _irq; string _name; }; };");
	const struct layout *l = last_layout(&b);

	(void)state;
	assert_false(l->body.fixed);
	assert_false(l->is_marked);
	assert_false(b.set->recipes[b.class].is_partial);
	assert_int_equal(l->bound.template.text, 4);
	unbind(&b);
}

static void fields_that_are_not_recorded_are_neutral(void **state)
{
	struct bound b =
		bind_events("event { name = sched_wakeup; id = 1; fields := struct { u8 _x; }; };");
	const struct fb_event *ev = &last_layout(&b)->bound.template;

	(void)state;
	assert_int_equal(ev->kind, FB_EV_WAKEUP);
	assert_int_equal(ev->sched.tid, -1);
	assert_int_equal(ev->sched.success, 1);
	assert_int_equal(ev->text, FB_NO_TEXT);
	unbind(&b);
}

static void an_alias_is_bound_once(void **state)
{
	struct bound b = bind_events(
		"event { name = \"sched:sched_process_fork\"; id = 1; fields := struct {\n"
		" s32 parent_pid; s32 child_pid; }; };");
	const struct layout *l = last_layout(&b);

	(void)state;
	assert_int_equal(l->bound.n_moves, 2);
	assert_int_equal(l->bound.moves[0].to, offsetof(struct fb_event, fork.parent_tid));
	assert_int_equal(l->bound.moves[1].to, offsetof(struct fb_event, fork.child_tid));
	assert_int_equal(l->bound.template.fork.parent_pid, 0);
	unbind(&b);
}

static void a_named_call_has_no_number_of_its_arguments(void **state)
{
	struct bound b =
		bind_events("event { name = syscall_entry_keyctl; id = 1; fields := struct {\n"
			    " s32 _id; s64 _arg; }; };");

	(void)state;
	assert_int_equal(last_layout(&b)->bound.n_moves, 0);
	assert_int_equal(last_layout(&b)->bound.template.sys_enter.nr, -1);
	unbind(&b);
}

static void equal_classes_are_one(void **state)
{
	struct bound b = bind_events(
		"event { name = irq_softirq_raise; id = 1; fields := struct { s32 _vec; }; };\n"
		"event { name = irq_softirq_raise; id = 2; fields := struct { s64 _vec; }; };\n"
		"event { name = irq_softirq_raise; id = 3; fields := struct { s32 _vec; }; };");
	struct bound c = bind_events(
		"event { name = irq_softirq_raise; id = 1; fields := struct { s32 _vec; }; };\n"
		"event { name = irq_softirq_raise; id = 2; fields := struct { s64 _vec; }; };\n"
		"event { name = irq_softirq_raise; id = 3; fields := struct { string _vec; }; };\n"
		"event { name = irq_softirq_raise; id = 4; fields := struct { s64 _vec; }; };");

	(void)state;
	assert_int_equal(b.set->all->len, 2);
	assert_int_equal(b.class, 0);
	assert_int_equal(c.set->all->len, 3);
	assert_int_equal(c.class, 1);
	assert_ptr_equal(layouts_get(c.set, 0)->name, layouts_get(c.set, 1)->name);
	unbind(&b);
	unbind(&c);
}

/* The name of the field that these names lead to, "" when it is none. */
static const char *inner(enum fb_kind kind, const char *path)
{
	g_auto(GStrv) names = g_strsplit(path, ".", -1);
	int field = inner_field(kind, (const char *const *)names, g_strv_length(names));

	return field < 0 ? "" : fb_kinds[kind].fields[field].name;
}

static void inner_fields_are_known_by_all_their_names(void **state)
{
	(void)state;
	assert_string_equal(inner(FB_EV_NET_QUEUE, "network_header.ipv4.saddr"), "saddr");
	assert_string_equal(inner(FB_EV_NET_RECEIVE, "_network_header._ipv6._nexthdr"), "protocol");
	assert_string_equal(inner(FB_EV_NET_QUEUE, "network_header.ipv4.transport_header.tcp.seq"),
			    "seq");
	assert_string_equal(inner(FB_EV_NET_QUEUE, "network_header.ipv4.seq"), "");
	assert_string_equal(inner(FB_EV_NET_QUEUE, "network_header.ipv4.tcp_header.tcp.seq"), "");
	assert_string_equal(inner(FB_EV_NET_QUEUE, "network_headers.ipv4.saddr"), "");
	assert_string_equal(inner(FB_EV_NET_QUEUE, "network.ipv4.saddr"), "");
	assert_string_equal(inner(FB_EV_NET_QUEUE, "network_header.saddr"), "");
	assert_string_equal(inner(FB_EV_NET_QUEUE, "network_header.ipv4.options.saddr"), "");
	assert_string_equal(inner(FB_EV_NET_QUEUE, "saddr"), "");
	assert_string_equal(inner(FB_EV_NET_QUEUE, "network_header.ipv4.len"), "");
	assert_string_equal(inner(FB_EV_SWITCH, "network_header.ipv4.saddr"), "");
}

static void a_tag_must_be_an_enum(void **state)
{
	struct bound b = bind_events("event { name = e; id = 1; fields := struct {\n"
				     " u8 _tag; variant <_tag> { u8 a; s32 b; } _v; }; };");

	(void)state;
	assert_int_equal(b.class, -1);
	assert_string_equal(b.error->message,
			    "metadata: event e: field event.fields._v: the tag '_tag' is no enum");
	unbind(&b);
}

static void messages_tell_the_whole_path(void **state)
{
	struct bound b = bind_events(
		"event { name = e; id = 1; fields := struct { u8 _n; struct {\n"
		" enum : u8 { _x = 0, y = 1 } t; variant <t> { u8 x; struct { u8 _a[m]; } _y; } v;\n"
		" } _s[_n]; }; };");

	(void)state;
	assert_string_equal(b.error->message,
			    "metadata: event e: field event.fields._s.v._y._a: refers to 'm', which "
			    "is no integer before it");
	unbind(&b);
}

/* Were any of these searched one by one, the test would take minutes. */
static void many_classes_of_one_name_take_no_time(void **state)
{
	GString *events = g_string_new(NULL);
	struct bound b;

	(void)state;
	for (guint i = 0; i < 120000; i++)
		g_string_append_printf(events,
				       "event { name = e; fields := struct { u8 a[%u]; }; };\n",
				       i % 60000);
	b = bind_events(events->str);
	assert_int_equal(b.set->all->len, 60000);
	assert_int_equal(b.class, 59999);
	unbind(&b);
	g_string_free(events, TRUE);
}

static void many_options_take_no_time(void **state)
{
	GString *labels = g_string_new(NULL), *options = g_string_new(NULL);
	g_autofree char *event = NULL;
	struct bound b;

	(void)state;
	for (guint i = 0; i < RANGES_MAX / 4; i++) {
		g_string_append_printf(labels, "_o%u, ", i);
		g_string_append_printf(options, "u8 o%u; ", i);
	}
	event = g_strdup_printf("event { name = e; fields := struct {\n"
				" enum : s32 { %s } t; variant <t> { %s } v; }; };",
				labels->str, options->str);
	b = bind_events(event);
	assert_int_equal(b.class, 0);
	assert_false(last_layout(&b)->body.fixed);
	unbind(&b);
	g_string_free(labels, TRUE);
	g_string_free(options, TRUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fixed_class_is_copied_without_a_program),
		cmocka_unit_test(texts_of_two_kinds_leave_out_the_first),
		cmocka_unit_test(a_text_of_16_beside_one_of_8_is_left_out),
		cmocka_unit_test(bytes_that_are_apart_are_no_text),
		cmocka_unit_test(fields_behind_a_string_need_the_program),
		cmocka_unit_test(fields_before_a_string_do_not),
		cmocka_unit_test(fields_that_are_not_recorded_are_neutral),
		cmocka_unit_test(an_alias_is_bound_once),
		cmocka_unit_test(a_named_call_has_no_number_of_its_arguments),
		cmocka_unit_test(equal_classes_are_one),
		cmocka_unit_test(inner_fields_are_known_by_all_their_names),
		cmocka_unit_test(a_tag_must_be_an_enum),
		cmocka_unit_test(messages_tell_the_whole_path),
		cmocka_unit_test(many_classes_of_one_name_take_no_time),
		cmocka_unit_test(many_options_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
