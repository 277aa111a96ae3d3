/* SPDX-License-Identifier: MIT */
/*
 * cause-key.h - what makes two causes the same: all of it in words, or, for sums, less.
 *
 *	cause_key_of         server [34] in sys_write   server [35] in sys_write   sh [9] in sys_write
 *	cause_key_by_call    TASK in sys_write          the same                   the same
 *	cause_key_by_name    TASK server                the same                   TASK sh
 */
#ifndef KERNEL_CAUSE_KEY_H
#define KERNEL_CAUSE_KEY_H

#include <flightbox/blocking.h>

/*
 * Texts are interned and compare by pointer. For struct groups it has no padding. Zero bytes
 * make an empty key.
 */
struct cause_key {
	const struct fb_task *task;
	const char *comm;    /* the task's, which may change while it lives */
	const char *syscall; /* the task's */
	const char *name;
	const char *child; /* its command, where that tells */
	uint64_t function;
	int32_t id, via_id;
	uint8_t kind, via; /* enum fb_cause_kind, enum fb_via */
	bool is_inline;
	uint8_t nothing[5];
};

/* All that is ever told of a cause in words. */
static inline struct cause_key cause_key_of(const struct fb_cause *c)
{
	return (struct cause_key){
		.task = c->task,
		.comm = c->comm,
		.syscall = c->syscall,
		.name = c->name,
		.child = fb_cause_child(c),
		.function = c->function,
		.id = c->id,
		.via_id = c->via_id,
		.kind = c->kind,
		.via = c->via,
		.is_inline = c->is_inline,
	};
}

/*
 * By what was done, not by whom: wakers are told apart by their system call. What children did
 * is one cause each, whichever child it was and whatever context told of it.
 */
static inline struct cause_key cause_key_by_call(const struct fb_cause *c)
{
	struct cause_key key = cause_key_of(c);

	if (c->via != FB_VIA_NONE && c->via != FB_VIA_SIGNAL)
		return (struct cause_key){ .via = c->via };
	key.task = NULL;
	key.comm = key.child = NULL;
	if (c->kind != FB_CAUSE_TASK && !c->is_inline)
		key.syscall = NULL;
	if (c->via != FB_VIA_SIGNAL)
		key.via_id = 0;
	return key;
}

/*
 * By who did it, not by what was done, and by names alone, as tids and numbers of interrupts are
 * others in the next recording. A child that did something counts as the waker.
 */
static inline struct cause_key cause_key_by_name(const struct fb_cause *c)
{
	struct cause_key key = cause_key_of(c);
	bool is_child = fb_via_is_child(c->via), is_task = is_child || c->kind == FB_CAUSE_TASK;

	if (is_child)
		key.comm = key.child;
	if (is_task) {
		key.kind = FB_CAUSE_TASK;
		key.name = NULL;
		key.function = 0;
	} else {
		key.comm = NULL;
	}
	if (c->via != FB_VIA_SIGNAL)
		key.via_id = 0;
	key.task = NULL;
	key.syscall = key.child = NULL;
	key.id = 0;
	key.is_inline = false;
	return key;
}

#endif
