/* SPDX-License-Identifier: MIT */
/* progress.c - a bar on a terminal's last line, for work that takes longer than a second. */
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"

#define PATIENCE (1 * G_USEC_PER_SEC)
#define INTERVAL (G_USEC_PER_SEC / 10)
#define WIDTH    50

void progress_init(struct progress *p, const struct input *in, bool scrolls)
{
	p->wanted = !in->reading->no_progress && !scrolls && isatty(STDERR_FILENO);
	p->shown = false;
	p->next = g_get_monotonic_time() + PATIENCE;
}

void progress_update(struct progress *p, double done)
{
	static const char full[] = "##################################################";
	int n = done * WIDTH;
	gint64 now;

	if (!p->wanted || done < 0 || (now = g_get_monotonic_time()) < p->next)
		return;
	p->next = now + INTERVAL;
	p->shown = true;
	n = CLAMP(n, 0, WIDTH);
	fprintf(stderr, "\r[%.*s%*s] %3d %%", n, full, WIDTH - n, "", (int)(done * 100));
	fflush(stderr);
}

void progress_clear(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
