/* SPDX-License-Identifier: MIT */
/* ready_text.c - waits for a CPU, as ready.h hands them out, one a line. */
#include "ready_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scenario.h"

void assert_ready_sums(const struct ready *ready)
{
	fb_ns sum = 0, idle = 0;

	for (size_t i = 0; i < ready->n_had; i++) {
		assert_true(ready->had[i].time > 0);
		assert_true(!i || ready->had[i - 1].time >= ready->had[i].time);
		sum += ready->had[i].time;
		idle += ready->had[i].who.kind == HOLDER_IDLE ? ready->had[i].time : 0;
	}
	assert_int_equal(sum, ready->until - ready->begin);
	assert_int_equal(idle, ready->idle);
	assert_true(ready->idle_elsewhere <= sum);
	assert_true(ready->end == FB_NS_NONE || ready->end == ready->until);
}

static void put_who(GString *out, const struct holder *who)
{
	if (who->kind == HOLDER_TASK)
		g_string_append_printf(out, "%d", who->task->tid);
	else
		g_string_append(out, who->kind == HOLDER_INTERRUPT ? fb_cause_kind_name(who->cause) :
								     holder_kind_name(who->kind));
	if (who->name)
		g_string_append_printf(out, " %s", who->name);
}

struct ready_playing {
	struct ready_waits *waits;
	GString *out;
};

static void put_ready(const struct ready *r, void *data)
{
	GString *out = ((struct ready_playing *)data)->out;

	assert_ready_sums(r);
	g_string_append_printf(out, "%d %s %" G_GINT64_FORMAT "..", r->task->tid, ready_how_name(r->how),
			       r->begin);
	if (r->end == FB_NS_NONE)
		g_string_append_c(out, '?');
	else
		g_string_append_printf(out, "%" G_GINT64_FORMAT, r->end);
	g_string_append_printf(out, " in %s on %d", r->syscall ? r->syscall : "-", r->cpu);
	if (r->ran_on != r->cpu)
		g_string_append_printf(out, " ran on %d", r->ran_on);
	for (size_t i = 0; i < r->n_had; i++) {
		g_string_append(out, i ? ", " : ": ");
		put_who(out, &r->had[i].who);
		g_string_append_printf(out, " %" G_GINT64_FORMAT, r->had[i].time);
	}
	if (r->bar)
		g_string_append_printf(out, "; %s", ready_bar_name(r->bar));
	if (r->idle_cpu >= 0)
		g_string_append_printf(out, "; cpu %d idle %" G_GINT64_FORMAT, r->idle_cpu,
				       r->idle_elsewhere);
	g_string_append(out, r->is_lost ? "; lost\n" : "\n");
}

static const char *symbol_at(void *data, uint64_t address)
{
	(void)data;
	return address == 0xcf5 ? "sched_cfs_period_timer" : NULL;
}

/* The last event is an end of the statedump: its tasks are still there then. */
static void on_event(struct fb_source *source, const struct fb_event *ev, const struct fb_kernel *k,
		     void *data)
{
	(void)source;
	(void)k;
	if (ev && ev->kind == FB_EV_STATEDUMP_END)
		ready_waits_finish(((struct ready_playing *)data)->waits);
}

char *ready_text(const char *events, fb_ns least)
{
	struct ready_playing playing = { .out = g_string_new(NULL) };
	struct fb_observer observer;
	const struct fb_kernel_options options = { .observers = &observer, .n_observers = 1 };
	g_autofree char *and_end = g_strconcat(events, "1000000000 9 lttng_statedump_end\n", NULL);

	playing.waits = ready_waits_new(least, 0, put_ready, symbol_at, &playing);
	observer = ready_waits_observer(playing.waits);
	scenario_each(and_end, &options, NULL, on_event, &playing);
	ready_waits_free(playing.waits);
	return g_string_free(playing.out, FALSE);
}

void assert_ready_sums_wherever_cut(const char *events)
{
	g_auto(GStrv) lines = g_strsplit(events, "\n", -1);
	guint n = g_strv_length(lines);

	for (guint first = 0; first < n; first++)
		for (guint last = first + 1; last <= n; last++) {
			GString *part = g_string_new(NULL);

			for (guint i = first; i < last; i++)
				g_string_append_printf(part, "%s\n", lines[i]);
			g_free(ready_text(part->str, 0));
			g_string_free(part, TRUE);
		}
}
