/* SPDX-License-Identifier: MIT */
/* trace-clock.c - the clock of a trace as babeltrace2's own reader describes it. */
#include <flightbox/error.h>

#include "bt2/mip.h"
#include "plugin/trace-ir.h"

/* Whole seconds of the cycles go to the seconds. */
static void set_offset(bt_clock_class *class, const struct tsdl_clock *clock)
{
	int64_t freq = clock->freq;
	int64_t seconds = clock->offset / freq, cycles = clock->offset % freq;

	if (cycles < 0) {
		cycles += freq;
		seconds--;
	}
	bt_clock_class_set_offset(class, clock->offset_s + seconds, cycles);
}

bt_clock_class *ir_clock_new(const struct schema *s, bt_self_component *self, GError **error)
{
	const struct tsdl_clock *clock = schema_clock(s);
	const char *tracer = tsdl_env_text(s->tsdl, "tracer_name");
	bt_clock_class *class;

	if (!clock || !clock->freq || clock->freq > INT64_MAX) {
		g_set_error(error, FB_ERROR, FB_ERROR_UNSUPPORTED,
			    "%s: its events have no clock, so that they have no order", s->file);
		return NULL;
	}
	class = bt_clock_class_create(self);
	if (!class || bt_clock_class_set_name(class, clock->name) ||
	    (clock->description && bt_clock_class_set_description(class, clock->description)) ||
	    (clock->uuid && !clock_set_uid(class, clock->uuid))) {
		bt_clock_class_put_ref(class);
		g_set_error(error, FB_ERROR, FB_ERROR_IO, "%s: out of memory", s->dir);
		return NULL;
	}
	bt_clock_class_set_frequency(class, clock->freq);
	/* In CTF 1.8 it is 0 where nothing tells, in CTF 2 it is not known then. */
	if (s->tsdl->major == 1)
		bt_clock_class_set_precision(class, 0);
	set_offset(class, clock);
	/* LTTng does not say that its clocks are absolute, but they are. */
	bt_clock_class_set_origin_is_unix_epoch(
		class, clock->absolute || (tracer && g_str_has_prefix(tracer, "lttng")));
	return class;
}
