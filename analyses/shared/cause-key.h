/* SPDX-License-Identifier: MIT */
/* cause-key.h - causes that count as one, for statistics. */
#ifndef ANALYSES_SHARED_CAUSE_KEY_H
#define ANALYSES_SHARED_CAUSE_KEY_H

#include <flightbox/report.h>

/*
 * What causes that count as one have in common. Wakers are told apart by their system
 * call, not by who they are. Zero bytes make an empty key. For struct groups it has no padding.
 */
struct cause_key {
	const char *syscall;  /* the waker's; interned */
	const char *name;     /* interned */
	uint64_t function;
	int32_t kind, via, id;
	bool is_inline, nothing[3];
};

struct cause_key cause_key_of(const struct fb_cause *c);

/* The wakeup column without the waker's name. Appends to `to`. */
void cause_key_name(struct fb_report *report, const struct cause_key *key, GString *to);

/* The same as a cell. */
struct fb_cell get_key_name(struct fb_report *report, const void *key);

#endif
