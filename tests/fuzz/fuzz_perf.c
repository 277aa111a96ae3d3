/* SPDX-License-Identifier: MIT */
/*
 * fuzz_perf.c - any perf.data: header, attrs, formats, records, compressed or not; events put in order, and every
 * field asked for. The first byte says how it is read, the others are the file.
 */
#include <string.h>

#include <flightbox/dump.h>
#include <flightbox/kernel.h>

#include "fuzz.h"

enum { /* the first byte */
	COUNTS = 1,
	MODELLED = 2, /* only events that the model makes use of */
};

/* libtraceevent 1.7 does not free all that it has of a format that it refuses. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libtraceevent.so\n";
}

static void ask_fields(struct fb_source *s, const struct fb_event *ev)
{
	GString *line = g_string_new(NULL);
	struct fb_value v;

	for (int i = 0; i < FB_FIELDS_MAX && fb_kinds[ev->kind].fields[i].name; i++)
		if (fb_source_field(s, ev, i, &v) && v.is_text)
			CHECK(strnlen(v.text, v.length) == v.length);
	for (int i = FB_EXTRA_CONTEXT_TID; i < FB_EXTRA_END; i++)
		fb_source_field(s, ev, i, &v);
	fb_event_text(line, s, ev);
	CHECK(!strchr(line->str, '\n'));
	g_string_free(line, TRUE);
}

static void read_events(struct fb_source *s)
{
	fb_ns latest = INT64_MIN;
	struct fb_batch batch;

	while (fb_source_next(s, &batch, NULL) && batch.n) {
		for (size_t i = 0; i < batch.n; i++) {
			const struct fb_event *ev = &batch.events[i];

			CHECK(ev->kind > FB_EV_NONE && ev->kind < FB_EV_KINDS);
			CHECK(ev->cpu < s->info.cpus);
			CHECK(ev->time >= latest);
			latest = ev->time;
			ask_fields(s, ev);
		}
		CHECK(s->ops->progress(s) <= 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *path = g_build_filename(scratch_dir(), "perf.data", NULL);
	g_autoptr(GError) error = NULL;
	struct fb_source_options how = { .begin = FB_NS_NONE, .end = FB_NS_NONE };
	struct fb_source *s;

	if (!size)
		return 0;
	how.kinds = data[0] & MODELLED ? fb_kernel_kinds() : FB_KINDS_ALL;
	how.count = data[0] & COUNTS;
	scratch_write("perf.data", data + 1, size - 1);
	s = fb_source_perf.open((const char *const *)&path, 1, &how, &error);
	check_error(s != NULL, error);
	if (!s)
		return 0;
	read_events(s);
	CHECK((s->info.problems->len > 0) == (s->info.problem_count > 0));
	fb_source_close(s);
	return 0;
}
