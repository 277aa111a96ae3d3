/* SPDX-License-Identifier: MIT */
/* profiles.h - profiles of recorded traces, and their bytes. */
#ifndef TESTS_PROFILES_H
#define TESTS_PROFILES_H

#include <flightbox/profile.h>

struct profiled_wait {
	struct fb_blocking b;
	const char *waker, *child; /* the names that cause.task and .child had then; NULL: none */
};

/* A trace that was read, with the profile of its waits. */
struct profiled {
	struct fb_source *source;
	struct fb_outcome outcome;
	struct fb_profile *profile;
	GArray *waits; /* struct profiled_wait, all that the recorder got */
};

/* The trace at that path; `filter` may be NULL. */
struct profiled profiled_path(const char *path, const struct fb_filter *filter);
/* The recorded trace of that name. */
struct profiled profiled_trace(const char *name, const struct fb_filter *filter);
void profiled_clear(struct profiled *p);

/* What fb_profile_save() would write; free with g_free(). */
char *profile_text(const struct fb_profile *p);

/* What fb_profile_load() makes of a text, or NULL and `error`, in which it is called "FILE". */
struct fb_profile *profile_of_text(const char *text, GError **error);

/* … which fails the test when it cannot be read. */
struct fb_profile *profile_of_good_text(const char *text);

/* Merges, and fails the test where that does not work. */
struct fb_profile *profile_merged(const struct fb_profile *const *profiles, size_t n);

#endif
