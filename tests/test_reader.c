/* SPDX-License-Identifier: MIT */
/* test_reader.c - the native source's paths, options and information. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <flightbox/error.h>
#include <flightbox/source.h>

#include "ctf_text.h"

/* Two CPUs, switches on one and softirqs on the other. */
static const char two_cpus[] =
	"--- metadata kernel\n"
	"typealias integer { size = 8; align = 8; } := u8;\n"
	"typealias integer { size = 16; align = 8; } := u16;\n"
	"typealias integer { size = 32; align = 8; } := u32;\n"
	"typealias integer { size = 64; align = 8; } := u64;\n"
	"typealias integer { size = 64; align = 8; map = clock.c.value; } := time;\n"
	"typealias integer { size = 8; align = 8; encoding = UTF8; } := text;\n"
	"trace { major = 1; minor = 8; byte_order = le;\n"
	"  packet.header := struct { u32 magic; }; };\n"
	"env { domain = \"kernel\"; hostname = \"box\"; kernel_release = \"6.1.0-arm64\";\n"
	"      tracer_name = \"lttng-modules\"; tracer_major = 2; tracer_minor = 13; };\n"
	"clock { name = c; uuid = \"01020304-0506-0708-090a-0b0c0d0e0f10\";\n"
	"        offset_s = 5; offset = 7; };\n"
	"stream { event.header := struct { u32 id; time timestamp; };\n"
	"  packet.context := struct { u64 timestamp_begin; u64 timestamp_end; u64 content_size;\n"
	"                             u64 packet_size; u32 cpu_id; }; };\n"
	"event { name = \"sched_switch\"; id = 0; fields := struct {\n"
	"  text _prev_comm[16]; u32 _prev_tid; u64 _prev_state;\n"
	"  text _next_comm[16]; u32 _next_tid; }; };\n"
	"event { name = \"irq_softirq_raise\"; id = 1; fields := struct { u32 _vec; }; };\n"
	"event { name = \"syscall_entry_unknown\"; id = 2;\n"
	"  fields := struct { u32 _id; u64 _args[6]; }; };\n"
	"event { name = \"kmem_kfree\"; id = 3; fields := struct { u64 _ptr; }; };\n"
	"--- file kernel/ch_0\n"
	"packet 0xC1FC1FC1/32 100/64 190/64 CONTENT/64 SIZE/64 0/32\n"
	"0/32 110/64 \"sixteen-letters!\"/16 5/32 1/64 \"b\"/16 6/32\n"
	"3/32 120/64 0/64\n"
	"packet 0xC1FC1FC1/32 200/64 290/64 CONTENT/64 SIZE/64 0/32\n"
	"2/32 210/64 63/32 9/64 0/64*5\n"
	"--- file kernel/ch_1\n"
	"packet 0xC1FC1FC1/32 100/64 290/64 CONTENT/64 SIZE/64 1/32\n"
	"1/32 115/64 3/32\n"
	"1/32 215/64 4/32\n";

static const struct fb_source_options all = {
	.kinds = FB_KINDS_ALL,
	.begin = FB_NS_NONE,
	.end = FB_NS_NONE,
};

static char *write_text(const char *text)
{
	struct ctf_text *t = ctf_text_parse(text);
	char *dir = ctf_text_write(t);

	ctf_text_free(t);
	return dir;
}

static struct fb_source *open_path(const char *path, const struct fb_source_options *options,
				   GError **error)
{
	return fb_source_native.open(&path, 1, options, error);
}

/* The times of all events: "110 115". */
static char *times_of(struct fb_source *source)
{
	GString *times = g_string_new(NULL);
	struct fb_batch batch = { NULL, 0 };

	assert_non_null(source);
	while (fb_source_next(source, &batch, NULL) && batch.n)
		for (size_t i = 0; i < batch.n; i++)
			g_string_append_printf(times, "%s%" G_GINT64_FORMAT, times->len ? " " : "",
					       batch.events[i].time);
	return g_string_free(times, FALSE);
}

static void assert_times(const char *path, const struct fb_source_options *options,
			 const char *expected)
{
	struct fb_source *source = open_path(path, options, NULL);
	g_autofree char *times = times_of(source);

	assert_string_equal(times, expected);
	fb_source_close(source);
}

static void assert_error(const char *path, int code, const char *message)
{
	g_autoptr(GError) error = NULL;

	assert_null(open_path(path, &all, &error));
	assert_true(g_error_matches(error, FB_ERROR, code));
	assert_non_null(strstr(error->message, message));
}

static void only_wanted_kinds_are_handed_out(void **state)
{
	struct fb_source_options options = all;
	char *dir = write_text(two_cpus);

	(void)state;
	assert_times(dir, &options, "110 115 210 215");
	options.kinds = FB_KIND_BIT(FB_EV_SOFTIRQ_RAISE);
	assert_times(dir, &options, "115 215");
	options.kinds = 0;
	assert_times(dir, &options, "");
	ctf_text_remove(dir);
}

static void packets_outside_the_span_are_passed_over(void **state)
{
	struct fb_source_options options = all;
	char *dir = write_text(two_cpus);

	(void)state;
	options.begin = 195;
	assert_times(dir, &options, "115 210 215");
	options.begin = FB_NS_NONE;
	options.end = 195;
	assert_times(dir, &options, "110 115 215");
	ctf_text_remove(dir);
}

/* Three packets, garbage before the last; the running counter of discarded events says 3, 5 and 9. */
static const char counting[] =
	"--- metadata kernel\n"
	"typealias integer { size = 32; align = 8; } := u32;\n"
	"typealias integer { size = 64; align = 8; } := u64;\n"
	"typealias integer { size = 64; align = 8; map = clock.c.value; } := time;\n"
	"trace { major = 1; minor = 8; byte_order = le;\n"
	"  packet.header := struct { u32 magic; }; };\n"
	"env { domain = \"kernel\"; };\n"
	"clock { name = c; };\n"
	"stream { event.header := struct { u32 id; time timestamp; };\n"
	"  packet.context := struct { u64 timestamp_begin; u64 timestamp_end; u64 content_size;\n"
	"    u64 packet_size; u64 packet_seq_num; u64 events_discarded; u32 cpu_id; }; };\n"
	"event { name = \"irq_softirq_raise\"; id = 0; fields := struct { u32 _vec; }; };\n"
	"--- file kernel/ch_0\n"
	"packet 0xC1FC1FC1/32 100/64 190/64 CONTENT/64 SIZE/64 0/64 3/64 0/32\n"
	"0/32 110/64 1/32\n"
	"packet 0xC1FC1FC1/32 200/64 290/64 CONTENT/64 SIZE/64 1/64 5/64 0/32\n"
	"0/32 210/64 2/32\n"
	"packet 7/32 7/32 7/32 7/32\n"
	"packet 0xC1FC1FC1/32 300/64 390/64 CONTENT/64 SIZE/64 2/64 9/64 0/32\n"
	"0/32 310/64 3/32\n";

/* Lost is what was counted since the packet before, read or not. */
static void losses_count_from_the_packet_passed_over(void **state)
{
	struct fb_source_options options = all;
	char *dir = write_text(counting);
	struct fb_source *source;

	(void)state;
	for (int from = 0; from < 2; from++) {
		static const uint64_t lost[] = { 3 + 2 + 4, 4 };
		g_autofree char *times = NULL;

		options.begin = from ? 295 : FB_NS_NONE;
		source = open_path(dir, &options, NULL);
		times = times_of(source);
		assert_int_equal(source->info.losses->len, 1);
		assert_int_equal(g_array_index(source->info.losses, struct fb_cpu_loss, 0).events,
				 lost[from]);
		assert_int_equal(g_array_index(source->info.losses, struct fb_cpu_loss, 0).packets, 0);
		fb_source_close(source);
	}
	ctf_text_remove(dir);
}

/* What opening the files told does not come again, as what reading them tells does. */
static void a_skip_forgets_no_problem_of_the_opening(void **state)
{
	char *dir = write_text(counting);
	struct fb_source *source = open_path(dir, &all, NULL);
	struct fb_batch batch;

	(void)state;
	assert_int_equal(source->info.problems->len, 1);
	fb_source_skip(source, 305);
	assert_true(fb_source_next(source, &batch, NULL) && batch.n);
	assert_int_equal(source->info.problems->len, 1);
	assert_int_equal(source->info.problem_count, 1);
	assert_int_equal(source->info.broken_packets, 1);
	fb_source_close(source);
	ctf_text_remove(dir);
}

static void a_trace_is_found_from_any_path_to_it(void **state)
{
	static const char *const ways[] = { "", "/", "/kernel", "/kernel/", "/kernel/metadata" };
	char *dir = write_text(two_cpus);
	g_autofree char *link = g_strconcat(dir, "-link", NULL);

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_autofree char *path = g_strconcat(dir, ways[i], NULL);

		assert_times(path, &all, "110 115 210 215");
		assert_int_equal(fb_source_native.probe(path), 100);
	}
	assert_int_equal(symlink(dir, link), 0);
	assert_times(link, &all, "110 115 210 215");
	unlink(link);
	ctf_text_remove(dir);
}

static void a_trace_given_twice_is_read_once(void **state)
{
	char *dir = write_text(two_cpus);
	g_autofree char *kernel = g_strconcat(dir, "/kernel", NULL);
	const char *const paths[] = { dir, kernel, dir };
	struct fb_source *source = fb_source_native.open(paths, 3, &all, NULL);
	g_autofree char *times = times_of(source);

	(void)state;
	assert_string_equal(times, "110 115 210 215");
	fb_source_close(source);
	ctf_text_remove(dir);
}

static void a_loop_of_links_ends(void **state)
{
	char *dir = write_text(two_cpus);
	g_autofree char *loop = g_strconcat(dir, "/kernel/loop", NULL);

	(void)state;
	assert_int_equal(symlink(dir, loop), 0);
	assert_times(dir, &all, "110 115 210 215");
	ctf_text_remove(dir);
}

static void paths_without_a_trace_say_why(void **state)
{
	char *dir = write_text("--- file notes\n\"hello\"\n");
	g_autofree char *file = g_strconcat(dir, "/notes", NULL);

	(void)state;
	assert_error("/nowhere/at/all", FB_ERROR_IO, "/nowhere/at/all: No such file or directory");
	assert_error(dir, FB_ERROR_NOT_FOUND, "no kernel trace here or below");
	assert_error(file, FB_ERROR_NOT_FOUND, "no kernel trace here or below");
	assert_int_equal(fb_source_native.probe(dir), 0);
	assert_int_equal(fb_source_native.probe("/nowhere/at/all"), 0);
	ctf_text_remove(dir);
}

static void the_metadata_tells_of_host_and_tracer(void **state)
{
	char *dir = write_text(two_cpus);
	struct fb_source *source = open_path(dir, &all, NULL);
	const struct fb_source_info *info = &source->info;

	(void)state;
	assert_string_equal(info->hostname, "box");
	assert_string_equal(info->kernel_release, "6.1.0-arm64");
	assert_string_equal(info->tracer_name, "lttng-modules");
	assert_int_equal(info->tracer_major, 2);
	assert_int_equal(info->tracer_minor, 13);
	assert_string_equal(info->clock_name, "c");
	assert_string_equal(info->clock_uuid, "01020304-0506-0708-090a-0b0c0d0e0f10");
	assert_int_equal(info->clock_offset, 5000000007);
	assert_int_equal(info->abi, FB_ABI_AARCH64);
	assert_int_equal(info->kinds, FB_KIND_BIT(FB_EV_SWITCH) | FB_KIND_BIT(FB_EV_SOFTIRQ_RAISE) |
					      FB_KIND_BIT(FB_EV_SYS_ENTER));
	assert_int_equal(info->fields, FB_HAS_ALL_SYSCALLS);
	assert_int_equal(info->cpus, 2);
	assert_int_equal(info->begin, 110);
	fb_source_close(source);
	ctf_text_remove(dir);
}

/* Packets reach from 100 to 290, and kfree, which nobody wants, is an event like any other. */
static void a_trace_lasts_from_its_first_event_to_its_last(void **state)
{
	struct fb_source_options options = all;
	char *dir = write_text(two_cpus);

	(void)state;
	for (int wanted = 0; wanted < 2; wanted++) {
		struct fb_source *source;

		options.kinds = wanted ? FB_KINDS_ALL : 0;
		source = open_path(dir, &options, NULL);
		assert_int_equal(source->info.begin, 110);
		g_free(times_of(source));
		assert_int_equal(source->info.begin, 110);
		assert_int_equal(source->info.end, 215);
		fb_source_close(source);
	}
	ctf_text_remove(dir);
}

static void classes_are_counted_by_name(void **state)
{
	struct fb_source_options options = all;
	char *dir = write_text(two_cpus);
	struct fb_source *source;
	GString *counts = g_string_new(NULL);

	(void)state;
	options.count = true;
	source = open_path(dir, &options, NULL);
	g_free(times_of(source));
	for (guint i = 0; i < source->info.classes->len; i++) {
		const struct fb_class_count *c =
			&g_array_index(source->info.classes, struct fb_class_count, i);

		g_string_append_printf(counts, "%s: %s %d\n", c->name, fb_kinds[c->kind].name,
				       (int)c->count);
	}
	assert_string_equal(counts->str, "irq_softirq_raise: irq_softirq_raise 2\n"
					 "kmem_kfree: none 1\n"
					 "sched_switch: sched_switch 1\n"
					 "syscall_entry_unknown: syscall_entry_ 1\n");
	g_string_free(counts, TRUE);
	fb_source_close(source);
	ctf_text_remove(dir);
}

static void records_hold_what_was_recorded(void **state)
{
	char *dir = write_text(two_cpus);
	struct fb_source *source = open_path(dir, &all, NULL);
	struct fb_batch batch;
	const struct fb_event *ev;
	size_t length;

	(void)state;
	assert_true(fb_source_next(source, &batch, NULL));
	assert_int_equal(batch.n, 4);
	ev = &batch.events[0];
	assert_int_equal(ev->sched_switch.prev_tid, 5);
	assert_int_equal(ev->sched_switch.prev_state, 1);
	assert_int_equal(ev->sched_switch.next_tid, 6);
	assert_memory_equal(fb_event_text_at(ev, ev->sched_switch.prev_comm, &length),
			    "sixteen-letters!", 16);
	assert_int_equal(length, 16);
	assert_string_equal(fb_event_text_at(ev, ev->text, &length), "b");
	assert_int_equal(batch.events[1].cpu, 1);
	/* read, by the numbers of arm64 */
	ev = &batch.events[2];
	assert_string_equal(ev->sys_enter.call->name, "read");
	assert_int_equal(ev->sys_enter.nr, 63);
	assert_int_equal(ev->sys_enter.fd, 9);
	assert_true(ev->flags & FB_BY_NUMBER);
	fb_source_close(source);
	ctf_text_remove(dir);
}

static void progress_goes_from_0_to_1(void **state)
{
	char *dir = write_text(two_cpus);
	struct fb_source *source = open_path(dir, &all, NULL);

	(void)state;
	assert_true(fb_source_native.progress(source) == 0);
	g_free(times_of(source));
	assert_true(fb_source_native.progress(source) == 1);
	fb_source_close(source);
	ctf_text_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_wanted_kinds_are_handed_out),
		cmocka_unit_test(packets_outside_the_span_are_passed_over),
		cmocka_unit_test(losses_count_from_the_packet_passed_over),
		cmocka_unit_test(a_skip_forgets_no_problem_of_the_opening),
		cmocka_unit_test(a_trace_is_found_from_any_path_to_it),
		cmocka_unit_test(a_trace_given_twice_is_read_once),
		cmocka_unit_test(a_loop_of_links_ends),
		cmocka_unit_test(paths_without_a_trace_say_why),
		cmocka_unit_test(the_metadata_tells_of_host_and_tracer),
		cmocka_unit_test(a_trace_lasts_from_its_first_event_to_its_last),
		cmocka_unit_test(classes_are_counted_by_name),
		cmocka_unit_test(records_hold_what_was_recorded),
		cmocka_unit_test(progress_goes_from_0_to_1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
