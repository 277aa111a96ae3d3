/* SPDX-License-Identifier: MIT */
/* callers.c - follows entries and exits of the calls that take bytes, in a ring for each task. */
#include "packets/callers.h"

#include <glib.h>

#define CALLERS 1024

/* They hand data to sockets, or tell whose those are. */
#define OF_SOCKETS                                                                                 \
	(FB_CALL_SEND | FB_CALL_SEND_MANY | FB_CALL_CONNECT | FB_CALL_ACCEPT | FB_CALL_DUP |       \
	 FB_CALL_FCNTL)

/* fcntl's commands that make another descriptor (include/uapi/linux/fcntl.h). */
enum { DUPFD = 0, DUPFD_CLOEXEC = 1030 };

static bool makes_none(struct callers *c, const struct fb_event *ev)
{
	struct fb_value command;

	return fb_syscall_is(ev->sys_enter.call, FB_CALL_FCNTL) &&
	       !(fb_source_field(c->source, ev, FB_EXTRA_COMMAND, &command) &&
		 (command.number == DUPFD || command.number == DUPFD_CLOEXEC));
}

static bool caller_equal(const void *slot, const void *key)
{
	return ((const struct caller *)slot)->task == key;
}

void callers_init(struct callers *c, struct fb_source *source)
{
	*c = (struct callers){ .source = source };
	cache_init(&c->all, sizeof(struct caller), CALLERS, caller_equal);
}

void callers_clear(struct callers *c)
{
	cache_clear(&c->all);
}

struct caller *callers_find(struct callers *c, const struct fb_task *task)
{
	return cache_find(&c->all, hash_add(0, (uintptr_t)task), task);
}

struct caller *callers_enter(struct callers *c, const struct fb_event *ev,
			     const struct fb_task *task)
{
	const struct fb_syscall *what = ev->sys_enter.call;
	struct fb_value value;
	struct caller *caller;
	bool is_new;

	if (!fb_syscall_is(what, OF_SOCKETS) || makes_none(c, ev))
		return NULL;
	caller = cache_get(&c->all, hash_add(0, (uintptr_t)task), task, &is_new);
	caller->task = task;
	caller->open = (struct socket_call){ .what = what,
				      .fd = ev->sys_enter.fd,
				      .begin = ev->time,
				      .last_sent = FB_NS_NONE };
	if (what->flags & FB_CALL_FD_OUT)
		caller->open.fd =
			fb_source_field(c->source, ev, FB_EXTRA_FD_OUT, &value) ? value.number : -1;
	return caller;
}

struct caller *callers_exit(struct callers *c, const struct fb_event *ev,
			    const struct fb_task *task, struct socket_call *over)
{
	struct caller *caller;

	/* Entries and exits belong together by task; names are only the quick way out. */
	if (ev->sys_exit.call && !fb_syscall_is(ev->sys_exit.call, OF_SOCKETS))
		return NULL;
	caller = callers_find(c, task);
	if (!caller || !caller->open.what)
		return NULL;
	*over = caller->open;
	over->end = ev->time;
	caller->open.what = NULL;
	if (over->what->flags & FB_CALL_SEND && ev->sys_exit.ret > 0) {
		over->bytes = ev->sys_exit.ret;
		caller->recent[caller->n_recent++ % RECENT_CALLS] = *over;
	}
	return caller;
}

const struct socket_call *caller_recent(const struct caller *caller, unsigned i)
{
	if (i >= MIN(caller->n_recent, RECENT_CALLS))
		return NULL;
	return &caller->recent[(caller->n_recent - 1 - i) % RECENT_CALLS];
}

void callers_lost(struct callers *c)
{
	for (size_t i = 0; i < c->all.n; i++) {
		struct caller *caller = cache_nth(&c->all, i);

		if (caller)
			caller->open.what = NULL;
	}
}
