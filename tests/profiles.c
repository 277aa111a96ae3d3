/* SPDX-License-Identifier: MIT */
/* profiles.c - see profiles.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>

#include "profile/runs.h"
#include "profiles.h"
#include "traces.h"

static void on_blocking(void *self, const struct fb_blocking *b)
{
	const struct profiled_wait wait = { *b, b->cause.comm, fb_cause_child(&b->cause) };

	g_array_append_val((GArray *)self, wait);
}

struct profiled profiled_path(const char *path, const struct fb_filter *filter)
{
	struct fb_run_options options = { .kernel.edges = true, .lead = FB_LEAD_GROWS };
	struct profiled p = {
		.source = recorded_open(path, fb_kernel_kinds(), false),
		.waits = g_array_new(FALSE, FALSE, sizeof(struct profiled_wait)),
	};
	struct fb_profile_recorder *recorder = fb_profile_recorder_new();
	const struct fb_consumer consumers[] = {
		fb_profile_recorder_consumer(recorder),
		{ .self = p.waits, .blocking = on_blocking, .edges = true },
	};
	struct fb_profile_recording recording = {
		.info = &p.source->info, .outcome = &p.outcome, .options = &options,
	};
	GError *error = NULL;

	if (filter)
		options.filter = *filter;
	recording.complete = fb_run(p.source, &options, consumers, G_N_ELEMENTS(consumers), &p.outcome,
				    &error);
	if (error)
		fail_msg("%s", error->message);
	p.profile = fb_profile_recorder_end(recorder, &recording);
	fb_profile_recorder_free(recorder);
	return p;
}

struct profiled profiled_trace(const char *name, const struct fb_filter *filter)
{
	g_autofree char *path = recorded_path(&(struct recorded){ .name = name }, "trace");

	return profiled_path(path, filter);
}

void profiled_clear(struct profiled *p)
{
	fb_profile_free(p->profile);
	g_array_free(p->waits, TRUE);
	fb_outcome_clear(&p->outcome);
	fb_source_close(p->source);
}

char *profile_text(const struct fb_profile *p)
{
	struct out o;
	char *text;

	out_init(&o, OUT_MEMORY);
	profile_write(&o, p);
	text = g_strndup(o.buffer, o.at - o.buffer);
	out_clear(&o);
	return text;
}

/* By way of a file that no disk has: there are thousands of them. */
struct fb_profile *profile_of_text(const char *text, GError **error)
{
	int fd = memfd_create("profile", MFD_CLOEXEC);
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	GError *why = NULL;
	struct fb_profile *p;

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	p = fb_profile_load(path, &why);
	close(fd);
	if (p) {
		assert_null(why);
		return p;
	}
	assert_true(g_str_has_prefix(why->message, path));
	g_set_error(error, why->domain, why->code, "FILE%s", why->message + strlen(path));
	g_error_free(why);
	return NULL;
}

struct fb_profile *profile_of_good_text(const char *text)
{
	GError *error = NULL;
	struct fb_profile *p = profile_of_text(text, &error);

	if (!p)
		fail_msg("%s", error->message);
	return p;
}

struct fb_profile *profile_merged(const struct fb_profile *const *profiles, size_t n)
{
	g_autofree const char **names = g_new(const char *, n);
	GError *error = NULL;
	struct fb_profile *p;

	for (size_t i = 0; i < n; i++)
		names[i] = "a profile";
	p = fb_profile_merge(profiles, names, n, &error);
	if (!p)
		fail_msg("%s", error->message);
	return p;
}
