/* SPDX-License-Identifier: MIT */
/* drawer.c - reports on hand-made waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <flightbox/analysis.h>

#include "drawer.h"

const struct fb_task client = {
	.tid = 504, .pid = 504, .comm = "nc.openbsd", .exe = "/usr/bin/nc.openbsd",
};
const struct fb_task server = { .tid = 1234, .pid = 1230, .comm = "server" };
const struct fb_task nameless = { .tid = 77 };

static struct fb_source_info sound_trace(void)
{
	return (struct fb_source_info){
		.hostname = "rigvm",
		.kernel_release = "6.1.0",
		.tracer_name = "lttng-modules",
		.tracer_major = 2,
		.tracer_minor = 13,
		.tracer_patch = 9,
		.clock_name = "monotonic",
		.clock_frequency = 1000000000,
		.clock_offset = 1000000000000,
		.abi = FB_ABI_X86_64,
		.kinds = FB_KINDS_ALL,
		.fields = FB_HAS_ALL_SYSCALLS,
		.cpus = 2,
		.events = 7,
		.begin = 99000000000,
		.end = 100000000000,
	};
}

struct fb_blocking wait_in_poll(void)
{
	return (struct fb_blocking){
		.task = &client,
		.comm = client.comm,
		.exe = client.exe,
		.syscall = "poll",
		.fd = -1,
		.state = 'S',
		.begin = 99706664372,
		.wake = 99908425372,
		.end = 99908466372,
		.cause = { .kind = FB_CAUSE_SOFTIRQ, .id = 3, .name = "NET_RX", .cpu = 1,
			   .origin = { .id = -1 } },
	};
}

struct drawer drawer(const char *format)
{
	return (struct drawer){
		.options = { .format = format, .fd = memfd_create("report", 0) },
		.info = sound_trace(),
	};
}

/* Reads and closes the drawer's file. */
static char *contents(struct drawer *d)
{
	off_t size = lseek(d->options.fd, 0, SEEK_END);
	char *text = g_malloc0(size + 1);

	assert_int_equal(pread(d->options.fd, text, size, 0), size);
	close(d->options.fd);
	return text;
}

char *draw(struct drawer *d, const struct fb_blocking *waits, size_t n)
{
	const struct fb_analysis *analysis = fb_analysis_find("blocking");
	struct fb_report *report = fb_report_new(&d->options, &d->info);
	void *self = fb_analysis_new(analysis);
	GError *error = NULL;

	for (const struct fb_option *o = analysis->options; o->name; o++)
		if (!g_strcmp0(o->name, d->option))
			assert_true(fb_option_set(o, self, NULL, &error));
	fb_analysis_begin(analysis, self, report);
	for (size_t i = 0; i < n; i++)
		analysis->blocking(self, &waits[i]);
	for (int i = 0; i < d->left_out; i++)
		fb_report_left_out(report, &waits[0]);
	fb_analysis_report(analysis, self, report);
	assert_true(fb_report_finish(report, &d->counts, true, &error));
	fb_analysis_free(analysis, self);
	fb_report_free(report);
	return contents(d);
}

void assert_report(struct drawer *d, const struct fb_blocking *waits, size_t n,
		   const char *expected)
{
	g_autofree char *text = draw(d, waits, n);

	assert_string_equal(text, expected);
}

char *line_of(const char *text, int n)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	int count = g_strv_length(lines) - 1;

	return g_strdup(lines[n < 0 ? count + n : n]);
}
