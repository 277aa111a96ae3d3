/* SPDX-License-Identifier: MIT */
/* made_profile.h - profiles of waits that never were. */
#ifndef TESTS_MADE_PROFILE_H
#define TESTS_MADE_PROFILE_H

#include <flightbox/profile.h>

#define MADE_RUNS 12

/* Waits of one command in read, ended by NET_RX: in each run `n` of them of `ms` each. */
struct made_group {
	const char *command; /* ascending in an array; NULL ends it */
	unsigned n[MADE_RUNS];
	double ms[MADE_RUNS];
	uint64_t uncertain;  /* further ones, in the first run */
};

struct made_profile {
	struct fb_profile pub;
	struct fb_profile_run run[MADE_RUNS]; /* may be changed */
	const struct fb_profile_run *runs[MADE_RUNS];
	GPtrArray *memory;
};

/* Of so many runs of ten seconds each, on one host; `first` tells them from other profiles'. */
struct made_profile *made_profile_new(unsigned runs, unsigned first,
				      const struct made_group *groups);
void made_profile_free(struct made_profile *p);

#endif
