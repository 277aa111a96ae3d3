/* SPDX-License-Identifier: MIT */
/*
 * bystanders.h - whose waits are never what somebody asks for who asks for no task: kernel threads
 * that wait for work, and who only records.
 *
 *	init ── sh ──┬── lttng, perf, tcpdump …    the recorder, with its daemons and their threads
 *	             ├── tee, sleep                 for the recording only
 *	             └── the command that is recorded
 *
 * The shell is known when the first recorder was seen to wait.
 */
#ifndef RUN_BYSTANDERS_H
#define RUN_BYSTANDERS_H

#include <flightbox/blocking.h>

struct bystanders;

struct bystanders *bystanders_new(void);
void bystanders_free(struct bystanders *s);

/* Whether it is such a wait. To be asked of all waits, in their order: one tells of others to come. */
bool bystanders_have(struct bystanders *s, const struct fb_kernel *k, const struct fb_blocking *b);

#endif
