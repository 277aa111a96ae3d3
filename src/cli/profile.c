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

	for (char **path = p->in.paths; *path; path++) {
		struct fb_profile *one = profiling_read(p, *path, &worse);

		if (!status)
			status = worse;
		if (!one)
			return status;
		g_ptr_array_add(profiles, one);
	}
	worse = write_merged(profiles, p->in.paths, p->out.file);
	return status ? status : worse;
}

int run_profile(const struct command *command, int argc, char **argv)
{
	struct profiling p = { .command = command, .writes_files = true };
	GOptionContext *context = command_options_new(command);
	int status;

	add_profiling(context, &p);
	add_output_file(context, &p.out);
	if (command_options_parse(context, command, argc, argv, &status)) {
		status = STATUS_USAGE;
		if (!p.in.paths)
			complain("profile: no TRACE given; see 'flightbox help profile'");
		else if (profiling_check(&p))
			status = profile(&p);
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
	struct output out = { .fd = -1 };
	GOptionContext *context = command_options_new(command);
	char **paths = NULL;
	const GOptionEntry entries[] = {
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &paths, NULL,
		  "PROFILE..." },
		G_OPTION_ENTRY_NULL,
	};
	int status;

	add_output_file(context, &out);
	g_option_context_add_main_entries(context, entries, NULL);
	if (command_options_parse(context, command, argc, argv, &status)) {
		status = STATUS_USAGE;
		if (paths)
			status = merge_files(paths, out.file);
		else
			complain("merge: no PROFILE given; see 'flightbox help merge'");
	}
	g_strfreev(paths);
	output_clear(&out);
	return status;
}
