/* SPDX-License-Identifier: MIT */
/* test_binder.c - event classes, described as any source may, bound to the record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "source/binder.h"

#define NUMBER(name_) { .name = name_, .scope = SCOPE_FIELDS, .type = CLASS_FIELD_NUMBER, .bits = 32 }
#define TEXT(name_) { .name = name_, .scope = SCOPE_FIELDS, .type = CLASS_FIELD_TEXT }

#define BIND(name, ...) bind_class(name, (const struct class_field[]){ __VA_ARGS__ }, \
	sizeof((const struct class_field[]){ __VA_ARGS__ }) / sizeof(struct class_field))

static struct binding bind_class(const char *name, const struct class_field *fields, size_t n)
{
	struct binding b;

	assert_true(binding_init(&b, name, 7));
	binding_fields(&b, fields, n);
	assert_int_equal(b.template.class, 7);
	return b;
}

/* Which field goes to that offset of the record; -1: none. */
static int moved_to(const struct binding *b, size_t to)
{
	for (unsigned i = 0; i < b->n_moves; i++)
		if (b->moves[i].to == to)
			return b->fields[b->moves[i].from];
	return -1;
}

#define MOVED(b, member) moved_to(&(b), offsetof(struct fb_event, member))

static void names_of_every_tracer_are_understood(void **state)
{
	struct binding lttng = BIND("sched_switch", TEXT("_prev_comm"), NUMBER("_prev_tid"),
				    NUMBER("_prev_state"), TEXT("_next_comm"), NUMBER("_next_tid"));
	struct binding perf = BIND("sched:sched_switch", NUMBER("next_pid"), NUMBER("prev_pid"));

	(void)state;
	assert_int_equal(MOVED(lttng, sched_switch.prev_tid), 1);
	assert_int_equal(MOVED(lttng, sched_switch.next_tid), 4);
	assert_int_equal(lttng.fields[lttng.text], 3);
	assert_int_equal(lttng.fields[lttng.prev_text], 0);
	assert_int_equal(lttng.bits[3], 32);
	assert_int_equal(MOVED(perf, sched_switch.prev_tid), 1);
	assert_int_equal(MOVED(perf, sched_switch.next_tid), 0);
	assert_int_equal(MOVED(perf, sched_switch.prev_state), -1);
	assert_int_equal(perf.text, BOUNDS);
}

/* perf's parent_pid is a tid, LTTng's a pid. */
static void a_name_means_what_its_tracer_means_by_it(void **state)
{
	struct binding perf = BIND("sched:sched_process_fork", NUMBER("parent_pid"),
				   NUMBER("child_pid"));
	struct binding lttng = BIND("sched_process_fork", NUMBER("_parent_tid"),
				    NUMBER("_parent_pid"), NUMBER("_child_tid"),
				    NUMBER("_child_pid"));

	(void)state;
	assert_int_equal(MOVED(perf, fork.parent_tid), 0);
	assert_int_equal(MOVED(perf, fork.parent_pid), -1);
	assert_int_equal(MOVED(lttng, fork.parent_tid), 0);
	assert_int_equal(MOVED(lttng, fork.parent_pid), 1);
}

static void without_an_old_tid_the_tid_stayed(void **state)
{
	struct binding without = BIND("sched_process_exec", TEXT("_filename"), NUMBER("_tid"));
	struct binding with = BIND("sched_process_exec", NUMBER("_tid"), NUMBER("_old_tid"));

	(void)state;
	assert_int_equal(MOVED(without, exec.tid), 1);
	assert_int_equal(MOVED(without, exec.old_tid), 1);
	assert_int_equal(MOVED(with, exec.old_tid), 1);
}

static void the_descriptor_is_the_first_argument(void **state)
{
	struct binding perf = BIND("syscalls:sys_enter_read", NUMBER("common_pid"),
				   NUMBER("__syscall_nr"), NUMBER("fd"), NUMBER("count"));
	struct binding none = BIND("syscall_entry_nanosleep", NUMBER("_rqtp"));
	struct binding text = BIND("syscall_entry_read", TEXT("_fd"), NUMBER("_count"));

	(void)state;
	assert_int_equal(MOVED(perf, sys_enter.fd), 2);
	assert_int_equal(perf.fields[BOUND_TID], 0);
	assert_int_equal(none.n_moves, 0);
	assert_int_equal(text.n_moves, 0);
}

static void calls_by_number_are_named_by_the_event(void **state)
{
	struct binding b = BIND("syscall_entry_unknown", NUMBER("_id"),
				{ .name = "_args", .scope = SCOPE_FIELDS,
				  .type = CLASS_FIELD_NUMBERS });

	(void)state;
	assert_true(b.by_number);
	assert_int_equal(b.fields[BOUND_NUMBER], 0);
	assert_int_equal(b.fields[BOUND_FIRST], 1);
	assert_int_equal(b.n_moves, 0);
	binding_drop(&b, BOUND_NUMBER);
	assert_false(b.by_number);
}

static void the_later_context_that_is_a_number_counts(void **state)
{
	struct binding b = BIND("sched_waking",
				{ "tid", SCOPE_STREAM, CLASS_FIELD_NUMBER, 32 },
				{ "pid", SCOPE_STREAM, CLASS_FIELD_NUMBER, 32 },
				{ "tid", SCOPE_EVENT, CLASS_FIELD_NUMBER, 32 },
				{ "pid", SCOPE_EVENT, CLASS_FIELD_TEXT, 0 }, NUMBER("_tid"));

	(void)state;
	assert_int_equal(b.fields[bound_as(FB_EXTRA_CONTEXT_TID)], 2);
	assert_int_equal(b.fields[bound_as(FB_EXTRA_CONTEXT_PID)], 1);
	assert_int_equal(MOVED(b, sched.tid), 4);
	assert_int_equal(b.has, FB_HAS_CONTEXT_TID | FB_HAS_CONTEXT_PID);
	binding_drop(&b, BOUND_TID);
	assert_int_equal(b.has, FB_HAS_CONTEXT_PID);
}

static const char *name_of(enum fb_abi abi, bool compat, int64_t nr)
{
	struct fb_event ev = { .kind = FB_EV_SYS_ENTER };
	struct syscall_numbers calls;

	calls_init(&calls, abi, compat);
	calls_name(&calls, &ev, nr);
	return ev.sys_enter.call ? ev.sys_enter.call->name : NULL;
}

static void numbers_without_a_name_are_names(void **state)
{
	(void)state;
	assert_string_equal(name_of(FB_ABI_UNKNOWN, false, 230), "230");
	assert_string_equal(name_of(FB_ABI_UNKNOWN, false, 0), "0");
	assert_string_equal(name_of(FB_ABI_RISCV64, false, 115), "clock_nanosleep");
	assert_string_equal(name_of(FB_ABI_X86_64, false, 1000), "1000");
	/* 32-bit programs of a machine whose own table is known. */
	assert_string_equal(name_of(FB_ABI_AARCH64, true, 162), "162");
	assert_null(name_of(FB_ABI_UNKNOWN, false, -1));
	assert_null(name_of(FB_ABI_UNKNOWN, false, CALLS_MAX));
}

static void what_is_not_recorded_is_neutral(void **state)
{
	struct binding b;

	(void)state;
	assert_false(binding_init(&b, "lttng_logger", 1));
	assert_false(binding_init(&b, NULL, 1));
	assert_int_equal(b.template.kind, FB_EV_NONE);
	b = BIND("sched_wakeup", TEXT("_tid"));
	assert_int_equal(b.n_moves, 0);
	assert_int_equal(b.template.sched.tid, -1);
	assert_int_equal(b.template.sched.success, 1);
}

static void what_cannot_be_got_at_is_not_moved(void **state)
{
	struct binding b = BIND("sched_waking", NUMBER("_tid"), NUMBER("_target_cpu"));

	(void)state;
	assert_int_equal(b.n_moves, 2);
	binding_drop(&b, b.moves[0].from);
	assert_int_equal(b.n_moves, 1);
	assert_int_equal(MOVED(b, sched.tid), -1);
	assert_int_equal(MOVED(b, sched.target_cpu), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_every_tracer_are_understood),
		cmocka_unit_test(a_name_means_what_its_tracer_means_by_it),
		cmocka_unit_test(without_an_old_tid_the_tid_stayed),
		cmocka_unit_test(the_descriptor_is_the_first_argument),
		cmocka_unit_test(calls_by_number_are_named_by_the_event),
		cmocka_unit_test(the_later_context_that_is_a_number_counts),
		cmocka_unit_test(numbers_without_a_name_are_names),
		cmocka_unit_test(what_is_not_recorded_is_neutral),
		cmocka_unit_test(what_cannot_be_got_at_is_not_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
