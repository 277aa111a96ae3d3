/* SPDX-License-Identifier: MIT */
/*
 * test_bt2_messages.c - made-up messages of babeltrace2's, and the events or the error
 * that come of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "world.h"

static void assert_text(struct world *w, const char *expected)
{
	world_run(w);
	if (w->error)
		fail_msg("%s", w->error->message);
	assert_string_equal(w->text->str, expected);
}

static void assert_fails(struct world *w, const char *expected)
{
	world_run(w);
	assert_non_null(w->error);
	assert_string_equal(w->error->message, expected);
	world_clear(w);
}

/* ---- the cases -------------------------------------------------------------------------- */

static void tell_two_events(struct world *w)
{
	say_begin(w, 100);
	say_switch(w, 110);
	say_read(w, 120);
	say_end(w, 130);
}

#define TWO_EVENTS(cpu)                                                                            \
	"110 " cpu " sched_switch prev_tid=41 next_comm=cat next_tid=-7 next_prio=1\n"             \
	"120 " cpu " syscall_entry_read fd=3\n"

static void events_have_their_fields(void **state)
{
	struct world w = { .tell = tell_two_events };
	const struct fb_source_info *info;

	(void)state;
	assert_text(&w, TWO_EVENTS("2"));
	info = &w.reader->source.info;
	assert_int_equal(info->events, 2);
	/* Its packet reaches from 100 to 130. */
	assert_int_equal(info->begin, 110);
	assert_int_equal(info->end, 120);
	assert_int_equal(info->cpus, 3);
	assert_int_equal(info->kinds, FB_KIND_BIT(FB_EV_SWITCH) | FB_KIND_BIT(FB_EV_SYS_ENTER));
	assert_int_equal(info->classes->len, 2);
	assert_int_equal(g_array_index(info->classes, struct fb_class_count, 1).count, 1);
	world_clear(&w);
}

static void a_class_without_the_fields_has_none(void **state)
{
	struct world w = { .tell = tell_two_events, .no_fields = true };

	(void)state;
	assert_text(&w, "110 2 sched_switch\n120 2 syscall_entry_read fd=3\n");
	world_clear(&w);
}

static void options_are_read_where_they_are_there(void **state)
{
	struct world there = { .tell = tell_two_events, .in_options = true };
	struct world none = { .tell = tell_two_events, .in_options = true, .no_content = true };

	(void)state;
	assert_text(&there, TWO_EVENTS("2"));
	world_clear(&there);
	assert_text(&none, "110 2 sched_switch prev_tid=41 next_prio=1\n"
			   "120 2 syscall_entry_read fd=3\n");
	world_clear(&none);
}

static void without_packets_the_stream_name_tells_the_cpu(void **state)
{
	struct world w = { .tell = tell_two_events, .no_packets = true };

	(void)state;
	assert_text(&w, TWO_EVENTS("5"));
	world_clear(&w);
}

static void without_cpu_id_the_stream_id_is_the_cpu(void **state)
{
	struct world w = { .tell = tell_two_events, .no_cpu_id = true };

	(void)state;
	assert_text(&w, TWO_EVENTS("0"));
	world_clear(&w);
}

static void a_cpu_that_cannot_be_is_refused(void **state)
{
	struct world last = { .tell = tell_two_events, .cpu = FB_CPUS_MAX - 1 };
	struct world beyond = { .tell = tell_two_events, .cpu = FB_CPUS_MAX };
	const struct fb_source_info *info;

	(void)state;
	assert_text(&last, TWO_EVENTS("16383"));
	assert_text(&beyond, "");
	info = &beyond.reader->source.info;
	assert_int_equal(info->events, 0);
	assert_int_equal(info->cpus, 0);
	assert_int_equal(info->broken_packets, 1);
	assert_int_equal(info->problems->len, 1);
	assert_string_equal(info->problems->pdata[0],
			    "channel0_5: expected a CPU number below 16384, found 16384");
	world_clear(&last);
	world_clear(&beyond);
}

static void a_clock_of_another_frequency_becomes_ns(void **state)
{
	struct world w = { .tell = tell_two_events, .frequency = 1000000 };

	(void)state;
	assert_text(&w, "110000 2 sched_switch prev_tid=41 next_comm=cat next_tid=-7 next_prio=1\n"
			"120000 2 syscall_entry_read fd=3\n");
	world_clear(&w);
}

static void tell_losses(struct world *w)
{
	say(w, bt_message_stream_beginning_create(w->self, w->stream));
	say_lost_events(w, 90, 95, 8);
	if (w->no_snapshots)
		say(w, bt_message_packet_beginning_create(w->self, w->packet));
	else
		say(w, bt_message_packet_beginning_create_with_default_clock_snapshot(
			       w->self, w->packet, 100));
	say_read(w, 110);
	say_lost_events(w, 115, 118, -1);
	say_read(w, 120);
	say_end(w, 130);
}

/*
 * The first packet tells the CPU of what was lost before it. A loss ends where the next packet
 * begins, or its own ends.
 */
static void losses_are_events(void **state)
{
	struct world w = { .tell = tell_losses };

	(void)state;
	assert_text(&w, "90 2 lost until=95 count=8 packets=0\n"
			"100 2 lost until=100 count=0 packets=0\n"
			"110 2 syscall_entry_read fd=3\n"
			"115 2 lost until=118 count=0 packets=0\n"
			"120 2 syscall_entry_read fd=3\n"
			"130 2 lost until=130 count=0 packets=0\n");
	assert_int_equal(w.reader->source.info.losses->len, 1);
	world_clear(&w);
}

static void losses_without_times_stand_where_they_come(void **state)
{
	struct world w = { .tell = tell_losses, .no_snapshots = true };

	(void)state;
	assert_text(&w, "0 2 lost until=0 count=8 packets=0\n"
			"110 2 syscall_entry_read fd=3\n"
			"110 2 lost until=110 count=0 packets=0\n"
			"120 2 syscall_entry_read fd=3\n"
			"120 2 lost until=120 count=0 packets=0\n");
	world_clear(&w);
}

static void tell_backwards(struct world *w)
{
	say_begin(w, 100);
	say_read(w, 120);
	say_read(w, 110);
	say_end(w, 130);
}

static void times_never_go_back(void **state)
{
	struct world w = { .tell = tell_backwards };

	(void)state;
	assert_text(&w, "120 2 syscall_entry_read fd=3\n120 2 syscall_entry_read fd=3\n");
	assert_int_equal(w.reader->source.info.clock_steps, 1);
	world_clear(&w);
}

static void tell_stream(struct world *w)
{
	say(w, bt_message_stream_beginning_create(w->self, w->stream));
	say(w, bt_message_stream_end_create(w->self, w->stream));
}

static void a_stream_without_a_clock_is_refused(void **state)
{
	struct world w = { .tell = tell_stream, .no_clock = true };

	(void)state;
	assert_fails(&w, "made-up: stream channel0_5 has no clock, and flightbox needs the times "
			 "of events");
}

static void a_clock_without_the_epoch_is_refused_where_it_is_needed(void **state)
{
	struct world w = { .tell = tell_two_events, .no_epoch = true };

	(void)state;
	assert_text(&w, TWO_EVENTS("2"));
	world_clear(&w);
	w = (struct world){ .tell = tell_two_events, .no_epoch = true };
	w.reader = world_reader();
	w.reader->needs_epoch = true;
	assert_fails(&w, "made-up: clock monotonic does not count from the Unix epoch, and the "
			 "report is to have such times");
}

static void other_traces_are_passed_over(void **state)
{
	struct world w = { .tell = tell_two_events, .domain = "ust" };

	(void)state;
	assert_fails(&w, "made-up: user-space trace (domain \"ust\"); flightbox reads kernel "
			 "traces");
}

static void tell_nothing(struct world *w)
{
	(void)w;
}

static void no_messages_are_no_trace(void **state)
{
	struct world w = { .tell = tell_nothing };

	(void)state;
	assert_fails(&w, "the messages: no events of a kernel came");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_have_their_fields),
		cmocka_unit_test(a_class_without_the_fields_has_none),
		cmocka_unit_test(options_are_read_where_they_are_there),
		cmocka_unit_test(without_packets_the_stream_name_tells_the_cpu),
		cmocka_unit_test(without_cpu_id_the_stream_id_is_the_cpu),
		cmocka_unit_test(a_cpu_that_cannot_be_is_refused),
		cmocka_unit_test(a_clock_of_another_frequency_becomes_ns),
		cmocka_unit_test(losses_are_events),
		cmocka_unit_test(losses_without_times_stand_where_they_come),
		cmocka_unit_test(times_never_go_back),
		cmocka_unit_test(a_stream_without_a_clock_is_refused),
		cmocka_unit_test(a_clock_without_the_epoch_is_refused_where_it_is_needed),
		cmocka_unit_test(other_traces_are_passed_over),
		cmocka_unit_test(no_messages_are_no_trace),
	};

	return cmocka_run_group_tests_name("bt2_messages", tests, NULL, NULL);
}
