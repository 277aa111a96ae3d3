/* SPDX-License-Identifier: MIT */
/*
 * test_without.c - waits do not depend on sched_wakeup: the recorder leaves it
 * out, so every recorded trace must tell the same without it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include <flightbox/blocking.h>

#include "traces.h"

static void put_wait(const struct fb_blocking *b, void *data)
{
	g_string_append_printf(data, "%d %s %" G_GINT64_FORMAT "..%" G_GINT64_FORMAT "..%"
			       G_GINT64_FORMAT " %s %d by %d %s%s%s\n",
			       b->task->tid, b->syscall ? b->syscall : "-", b->begin, b->wake, b->end,
			       fb_cause_kind_name(b->cause.kind), b->cause.id,
			       b->cause.task ? b->cause.task->tid : -1,
			       b->cause.early ? "early " : "", fb_quality_name(b->quality),
			       b->cause.via ? fb_via_name(b->cause.via) : "");
}

static char *waits_of(const char *path, uint64_t kinds)
{
	struct fb_source *source = recorded_open(path, kinds, false);
	const struct fb_kernel_options options = { 0 };
	GString *out = g_string_new(NULL);
	struct fb_kernel *k = fb_kernel_new(source, &options, put_wait, out);
	GError *error = NULL;
	struct fb_batch batch;

	while (fb_source_next(source, &batch, &error) && batch.n)
		for (size_t i = 0; i < batch.n; i++)
			fb_kernel_event(k, &batch.events[i]);
	assert_null(error);
	fb_kernel_finish(k);
	fb_kernel_free(k);
	fb_source_close(source);
	return g_string_free(out, FALSE);
}

/* Where it is all that there is, sched_wakeup cannot be left out. */
static bool has_waking(const struct recorded *trace)
{
	return !trace->few && strcmp(trace->name, "variants-no-sched-waking");
}

static void the_waits_of(void **state)
{
	const struct recorded *trace = *state;
	g_autofree char *path = recorded_path(trace, trace->trace);
	g_autofree char *with = waits_of(path, fb_kernel_kinds());
	g_autofree char *without = waits_of(path, fb_kernel_kinds() & ~FB_KIND_BIT(FB_EV_WAKEUP));

	assert_true(strlen(with) > 1000);
	assert_string_equal(without, with);
}

int main(void)
{
	return recorded_run("the_waits_of", has_waking, the_waits_of);
}
