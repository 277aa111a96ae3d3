/* SPDX-License-Identifier: MIT */
/* call_text.c - calls, as latency-call.h hands them out, one a line. */
#include "call_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scenario.h"

static const char *const part_names[PARTS] = {
	"running", "ready", "blocked", "hardirq", "softirq",
};

/* ---- what always holds ------------------------------------------------------------------ */

void assert_call_sums(const struct call *call)
{
	fb_ns sum = 0, shares[PARTS] = { 0 };

	for (size_t i = 0; i < call->shares.n; i++) {
		assert_true(call->shares.items[i].time > 0);
		shares[call->shares.items[i].part] += call->shares.items[i].time;
	}
	for (int i = 0; i < PARTS; i++) {
		assert_true(call->parts[i] >= 0);
		sum += call->parts[i];
		if (i >= PART_BLOCKED)
			assert_int_equal(shares[i], call->parts[i]);
	}
	assert_int_equal(sum, call->end - call->begin);
	assert_true(call->begin <= call->exit && call->exit <= call->end);
	assert_true(call->blocker_time <= call->parts[PART_BLOCKED]);
}

/* ---- a few events ----------------------------------------------------------------------- */

static void put_time(GString *out, fb_ns time)
{
	if (time == FB_NS_NONE)
		g_string_append_c(out, '?');
	else
		g_string_append_printf(out, "%" G_GINT64_FORMAT, time);
}

static void put_shares(GString *out, const struct call *call)
{
	for (size_t i = 0; i < call->shares.n; i++) {
		const struct share *s = &call->shares.items[i];

		g_string_append_printf(out, "%s %s %s", i ? "," : ":", part_names[s->part],
				       fb_cause_kind_name(s->key.kind));
		if (s->key.name)
			g_string_append_printf(out, " %s", s->key.name);
		if (s->key.via)
			g_string_append_printf(out, " %s", fb_via_name(s->key.via));
		g_string_append_printf(out, "%s %" G_GINT64_FORMAT,
				       s->key.is_inline ? " inline" : "", s->time);
	}
	if (call->blocker_time)
		g_string_append_printf(out, "; longest %s %" G_GINT64_FORMAT,
				       fb_cause_kind_name(call->blocker.kind),
				       call->blocker_time);
}

struct playing {
	struct calls *calls;
	GString *out;
};

static void put_call(const struct call *call, void *data)
{
	GString *out = ((struct playing *)data)->out;

	g_string_append_printf(out, "%d %s ", call->task->tid,
			       call->syscall ? call->syscall : "-");
	put_time(out, call->begin);
	g_string_append(out, "..");
	put_time(out, call->exit);
	if (call->quality != FB_QUALITY_EXACT) {
		g_string_append_printf(out, " %s\n", fb_quality_name(call->quality));
		return;
	}
	assert_call_sums(call);
	g_string_append(out, "..");
	put_time(out, call->end);
	for (int i = 0; i < PARTS; i++)
		if (call->parts[i])
			g_string_append_printf(out, " %s %" G_GINT64_FORMAT, part_names[i],
					       call->parts[i]);
	put_shares(out, call);
	g_string_append_c(out, '\n');
}

/* The last event is an end of the statedump: its tasks are still there then. */
static void on_event(struct fb_source *source, const struct fb_event *ev,
		     const struct fb_kernel *k, void *data)
{
	(void)source;
	(void)k;
	if (ev && ev->kind == FB_EV_STATEDUMP_END)
		calls_finish(((struct playing *)data)->calls);
}

char *calls_text(const char *events)
{
	struct playing playing = { .out = g_string_new(NULL) };
	struct fb_observer observer;
	const struct fb_kernel_options options = { .observers = &observer, .n_observers = 1 };
	g_autofree char *and_end = g_strconcat(events, "1000000 9 lttng_statedump_end\n", NULL);

	playing.calls = calls_new(scenario_kinds(events), put_call, &playing);
	observer = calls_observer(playing.calls);
	scenario_each(and_end, &options, NULL, on_event, &playing);
	calls_free(playing.calls);
	return g_string_free(playing.out, FALSE);
}

void assert_calls_wherever_cut(const char *events)
{
	g_auto(GStrv) lines = g_strsplit(events, "\n", -1);
	guint n = g_strv_length(lines);

	for (guint first = 0; first < n; first++)
		for (guint last = first + 1; last <= n; last++) {
			GString *part = g_string_new(NULL);

			for (guint i = first; i < last; i++)
				g_string_append_printf(part, "%s\n", lines[i]);
			g_free(calls_text(part->str));
			g_string_free(part, TRUE);
		}
}
