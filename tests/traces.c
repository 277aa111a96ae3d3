/* SPDX-License-Identifier: MIT */
/* traces.c - see traces.h. */
#include "traces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define PLAIN(name_) { .name = name_, .trace = "trace", .expected = "expected.jsonl" }

const struct recorded recorded_traces[] = {
	PLAIN("blocking-write-ack"),
	PLAIN("blocking-write-slowreader"),
	{ .name = "all-events-16", .trace = "trace", .expected = "expected.jsonl", .ctf2 = true,
	  .few = true },
	{ .name = "contexts-16", .trace = "trace", .expected = "expected.jsonl", .ctf2 = true,
	  .few = true },
	PLAIN("cpu-contention-hogs"),
	PLAIN("disk"),
	{ .name = "lost-events-overwrite", .trace = "trace", .loses = true },
	{ .name = "lost-events-small", .trace = "trace", .loses = true },
	PLAIN("rpc-chain"),
	PLAIN("snapshot-rotate"), /* four chunks */
	{ .name = "snapshot-snapshot", .trace = "trace" }, /* both as one */
	{ .name = "snapshot-snapshot", .trace = "trace/first-20261120-122721-0" },
	{ .name = "snapshot-snapshot", .trace = "trace/second-20261120-122721-1" },
	PLAIN("splice-delay-rw"),
	PLAIN("splice-delay-splice"),
	{ .name = "tcp-delay-16", .trace = "trace", .expected = "expected.jsonl", .ctf2 = true },
	PLAIN("tcp-delay-16-ctf18"),
	PLAIN("tcp-delay-classic"),
	PLAIN("tcp-delay-trad"),
	{ .name = "variants-all-contexts", .trace = "trace", .expected = "expected.jsonl",
	  .contexts = true },
	PLAIN("variants-multichannel"),
	PLAIN("variants-no-sched-waking"),
	PLAIN("variants-no-statedump"),
	PLAIN("variants-no-syscalls"),
	PLAIN("variants-no-x86-vectors"),
	PLAIN("waits-flock"),
	PLAIN("waits-futex"),
	PLAIN("waits-pingpong"),
	PLAIN("waits-signals"),
	PLAIN("waits-timers"),
	PLAIN("waits-unix"),
	PLAIN("waits-wait"),
	{ .name = "waits-wait-16", .trace = "trace", .expected = "expected.jsonl", .ctf2 = true },
	{ 0 }
};

char *recorded_path(const struct recorded *trace, const char *file)
{
	const char *dir = getenv("FB_TRACES");
	char *path = g_build_filename(dir ? dir : "build/traces", trace->name, file, NULL);

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		fail_msg("%s is missing: make unpacks it from tests/traces/%s.tar.xz", path,
			 trace->name);
	return path;
}

struct fb_source *recorded_open(const char *path, uint64_t kinds, bool count)
{
	struct fb_source_options options = { .kinds = kinds, .count = count,
					     .begin = FB_NS_NONE, .end = FB_NS_NONE };
	GError *error = NULL;
	struct fb_source *source = fb_source_native.open(&path, 1, &options, &error);

	if (!source)
		fail_msg("%s", error->message);
	return source;
}

bool recorded_any(const struct recorded *trace)
{
	(void)trace;
	return true;
}

/* What is allocated when a test is skipped is never freed. */
void recorded_needs_babeltrace2(const struct recorded *trace)
{
	char *out = NULL;
	unsigned major = 0, minor = 0;

	if (!trace->ctf2)
		return;
	if (!g_spawn_command_line_sync("babeltrace2 --version", &out, NULL, NULL, NULL) ||
	    sscanf(out, "Babeltrace %u.%u", &major, &minor) != 2)
		fail_msg("babeltrace2 --version printed: %s", out ? out : "nothing");
	g_free(out);
	if (major > 2 || minor >= 1)
		return;
	print_message("# SKIP babeltrace2 %u.%u does not read CTF 2\n", major, minor);
	skip();
}

int recorded_run(const char *name, bool (*wanted)(const struct recorded *), void (*test)(void **))
{
	struct CMUnitTest tests[G_N_ELEMENTS(recorded_traces)];
	size_t n = 0;
	int failed;

	for (const struct recorded *trace = recorded_traces; trace->name; trace++) {
		const char *part = strchr(trace->trace, '/');

		if (wanted ? !wanted(trace) : trace->few)
			continue;
		tests[n++] = (struct CMUnitTest){
			.name = g_strdup_printf("%s_%s%s", name, trace->name, part ? part : ""),
			.test_func = test, .initial_state = (void *)trace };
	}
	failed = _cmocka_run_group_tests(name, tests, n, NULL, NULL);
	while (n)
		g_free((char *)tests[--n].name);
	return failed;
}

void problem(struct problems *p, const char *format, ...)
{
	va_list args;

	if (p->n++ >= 10)
		return;
	va_start(args, format);
	vprint_error(format, args);
	va_end(args);
	print_error("\n");
}

void problems_finish(const struct problems *p)
{
	if (p->n > 10)
		print_error("… and %u more\n", p->n - 10);
	if (p->n)
		fail_msg("%u differences", p->n);
}
