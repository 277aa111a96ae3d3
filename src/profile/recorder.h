/* SPDX-License-Identifier: MIT */
/* recorder.h - the waits of one run, on their way to a profile. */
#ifndef PROFILE_RECORDER_H
#define PROFILE_RECORDER_H

#include "base/groups.h"
#include "kernel/cause-key.h"
#include "profile/runs.h"

/* Texts are interned and compare by pointer. */
struct recorder_key {
	const char *exe, *comm, *syscall;
	struct cause_key cause; /* by name */
	/* Of a process known by its main thread's name; 0: by `exe`, else `comm`. */
	int32_t pid, nothing;
};

#define RECORDER_ROW  64
#define RECORDER_ROWS (FB_STATS_BUCKETS / RECORDER_ROW)

struct recorder_group {
	struct recorder_key key;
	struct fb_profile_values values; /* without buckets; waits begin by the trace's clock */
	uint64_t *rows[RECORDER_ROWS];   /* of buckets; NULL: all zero */
};

struct fb_profile_recorder {
	struct groups *groups; /* struct recorder_group */
	uint64_t waits[FB_QUALITIES];
};

/* As it was when it was new. */
void recorder_clear(struct fb_profile_recorder *r);

#endif
