/* SPDX-License-Identifier: MIT */
/* played.c - see played.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "played.h"
#include "traces.h"

static void on_wait(const struct fb_blocking *b, void *data)
{
	g_array_append_vals(data, b, 1);
}

static void feed(struct played *p, uint64_t kinds)
{
	GError *error = NULL;
	struct fb_batch batch;

	do {
		if (!fb_source_next(p->source, &batch, &error))
			fail_msg("%s", error->message);
		for (size_t i = 0; i < batch.n; i++) {
			fb_kernel_event(p->kernel, &batch.events[i]);
			if (kinds & FB_KIND_BIT(batch.events[i].kind))
				fb_history_observer.event(p->history, &batch.events[i], p->kernel);
		}
	} while (batch.n);
}

struct played played_path(const char *path)
{
	struct played p = {
		.source = recorded_open(path, fb_kernel_kinds() | fb_history_kinds(), false),
		.history = fb_history_new(&(struct fb_history_options){ 0 }),
		.waits = g_array_new(FALSE, FALSE, sizeof(struct fb_blocking)),
	};
	const struct fb_kernel_options options = { .observer = &fb_history_observer,
						   .observer_data = p.history };

	p.kernel = fb_kernel_new(p.source, &options, on_wait, p.waits);
	feed(&p, fb_history_observer.begin(p.history, p.source));
	fb_kernel_finish(p.kernel);
	return p;
}

struct played played_trace(const char *name)
{
	g_autofree char *path = recorded_path(&(struct recorded){ .name = name }, "trace");

	return played_path(path);
}

void played_clear(struct played *p)
{
	g_array_free(p->waits, TRUE);
	fb_history_free(p->history);
	fb_kernel_free(p->kernel);
	fb_source_close(p->source);
}
