/* SPDX-License-Identifier: MIT */
/* callers.h - which system calls hand data to sockets, and what each task did by them lately. */
#ifndef PACKETS_CALLERS_H
#define PACKETS_CALLERS_H

#include <flightbox/kernel.h>

#include "packets/cache.h"

struct socket_call {
	const struct fb_syscall *what; /* NULL: no call */
	int32_t fd;	     /* of the socket; -1: not known */
	int64_t bytes;	     /* taken, once it is over */
	fb_ns begin, end;
	fb_ns last_sent; /* when it last queued a packet itself; FB_NS_NONE: not yet */
};

#define RECENT_CALLS 8

/* A task that makes such calls. */
struct caller {
	struct cache_head head;
	const struct fb_task *task;
	struct socket_call open;		  /* that it is in */
	struct socket_call recent[RECENT_CALLS]; /* that took bytes, the last ones: a ring */
	unsigned n_recent;		  /* all of them */
};

struct callers {
	struct fb_source *source;
	struct cache all; /* struct caller */
};

void callers_init(struct callers *c, struct fb_source *source);
void callers_clear(struct callers *c);

/* The caller that enters such a call; NULL: the call is another. */
struct caller *callers_enter(struct callers *c, const struct fb_event *ev,
			     const struct fb_task *task);

/*
 * The caller whose open call ends, or NULL: it was another. *over is the call, its bytes
 * above 0 when it took any.
 */
struct caller *callers_exit(struct callers *c, const struct fb_event *ev,
			    const struct fb_task *task, struct socket_call *over);

/* NULL: it has made no such call, or not lately. */
struct caller *callers_find(struct callers *c, const struct fb_task *task);

/* The i-th last of a caller's recent calls, 0 the latest; NULL: there is none. */
const struct socket_call *caller_recent(const struct caller *caller, unsigned i);

/* Nothing is known of open calls any more. */
void callers_lost(struct callers *c);

#endif
