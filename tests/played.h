/* SPDX-License-Identifier: MIT */
/* played.h - a recorded trace through the model, with all that its history tells. */
#ifndef TESTS_PLAYED_H
#define TESTS_PLAYED_H

#include <flightbox/history.h>

struct played {
	struct fb_source *source;
	struct fb_history *history;
	struct fb_kernel *kernel;
	GArray *waits; /* struct fb_blocking, whole ones, in the order in which they ended */
};

/* `path`: of a trace. Fails the test when it cannot be read. */
struct played played_path(const char *path);

/* `name`: of a recorded one. */
struct played played_trace(const char *name);
void played_clear(struct played *p);

#endif
