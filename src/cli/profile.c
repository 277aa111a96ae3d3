/* SPDX-License-Identifier: MIT */
/* profile.c - flightbox profile TRACE..., flightbox merge PROFILE...: many runs in one file. */
#include <flightbox/profile.h>

#include "cli/cli.h"

/* Writes all of them as one, to `file` or the standard output. Returns the exit status. */
static int write_merged(GPtrArray *profiles, char **names, const char *file)
{
	GError *error = NULL;
	struct fb_profile *all = fb_profile_merge((const struct fb_profile *const *)profiles->pdata,
						  (const char *const *)names, profiles->len, &error);
	bool ok = all && fb_profile_save(all, file ? file : "-", &error);

	fb_profile_free(all);
	return ok ? STATUS_DONE : fail(error);
}

static void profile_free(void *profile)
{
	fb_profile_free(profile);
}

/* What could be read of a broken trace is written all the same. */
static int profile(struct profiling *p)
{
	g_autoptr(GPtrArray) profiles = g_ptr_array_new_with_free_func(profile_free);
	int status = STATUS_DONE, worse;

	for (char **path = p->asked.arguments; *path; path++) {
		struct fb_profile *one = profiling_read(p, *path, &worse);

		if (!status)
			status = worse;
		if (!one)
			return status;
		g_ptr_array_add(profiles, one);
	}
	worse = write_merged(profiles, p->asked.arguments, p->asked.query.output);
	return status ? status : worse;
}

int run_profile(const struct command *command, int argc, char **argv)
{
	struct profiling p;
	int status;

	profiling_init(&p, command, NULL, false);
	p.writes_files = true;
	if (asked_parse(&p.asked, argc, argv, &status)) {
		status = STATUS_USAGE;
		if (p.asked.arguments)
			status = profile(&p);
		else
			complain("profile: no TRACE given; see 'flightbox help profile'");
	}
	profiling_clear(&p);
	return status;
}

static int merge_files(char **paths, const char *file)
{
	g_autoptr(GPtrArray) profiles = g_ptr_array_new_with_free_func(profile_free);

	for (char **path = paths; *path; path++) {
		GError *error = NULL;
		struct fb_profile *one = fb_profile_load(*path, &error);

		if (!one)
			return fail(error);
		g_ptr_array_add(profiles, one);
	}
	return write_merged(profiles, paths, file);
}

int run_merge(const struct command *command, int argc, char **argv)
{
	struct asked asked;
	int status;

	asked_init(&asked, command, NULL);
	if (asked_parse(&asked, argc, argv, &status)) {
		status = STATUS_USAGE;
		if (asked.arguments)
			status = merge_files(asked.arguments, asked.query.output);
		else
			complain("merge: no PROFILE given; see 'flightbox help merge'");
	}
	asked_clear(&asked);
	return status;
}
