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

static void feed(struct played *p)
{
	GError *error = NULL;
	struct fb_batch batch;

	do {
		if (!fb_source_next(p->source, &batch, &error))
			fail_msg("%s", error->message);
		fb_kernel_events(p->kernel, batch.events, batch.n);
	} while (batch.n);
}

struct played played_path(const char *path)
{
	struct played p = {
		.source = recorded_open(path, fb_kernel_kinds() | fb_history_kinds(), false),
		.history = fb_history_new(&(struct fb_history_options){ 0 }),
		.waits = g_array_new(FALSE, FALSE, sizeof(struct fb_blocking)),
	};
	const struct fb_observer observer = fb_history_observer(p.history);
	const struct fb_kernel_options options = { .observers = &observer, .n_observers = 1 };

	p.kernel = fb_kernel_new(p.source, &options, on_wait, p.waits);
	feed(&p);
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
