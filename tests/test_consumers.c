/* SPDX-License-Identifier: MIT */
/*
 * test_consumers.c - one pass feeds many: what each gets is what it would get alone, from a
 * source that is asked for all that they want.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include <flightbox/history.h>

#include "profiles.h"
#include "run/reporting.h"
#include "traces.h"

/* ---- what is wanted of a source ------------------------------------------------------------ */

static void ignore_event(void *self, const struct fb_event *ev, const struct fb_kernel *k)
{
	(void)self;
	(void)ev;
	(void)k;
}

static void ignore_wait(void *self, const struct fb_blocking *b)
{
	(void)self;
	(void)b;
}

static size_t observe_nothing(void *self, struct fb_observer *observers)
{
	static const struct fb_observer_ops nothing = { 0 };

	observers[0] = (struct fb_observer){ &nothing, self };
	return 1;
}

static void system_calls_are_left_out_where_nobody_looks_at_them(void **state)
{
	const struct fb_consumer waits = { .blocking = ignore_wait };
	const struct fb_consumer of_waits[] = { waits, waits };
	const struct fb_consumer with_events[] = { waits, { .event = ignore_event } };
	const struct fb_consumer with_observer[] = { { .observe = observe_nothing }, waits };

	(void)state;
	assert_true(fb_run_wants(of_waits, 2).condenses);
	assert_true(fb_run_wants(NULL, 0).condenses);
	assert_false(fb_run_wants(with_events, 2).condenses);
	assert_false(fb_run_wants(with_observer, 2).condenses);
}

static void a_source_is_asked_for_what_any_of_them_wants(void **state)
{
	const struct fb_consumer both[] = { { .kinds = FB_KIND_BIT(FB_EV_NET_QUEUE) },
					    { .kinds = FB_KIND_BIT(FB_EV_NET_RECEIVE) } };

	(void)state;
	assert_int_equal(fb_run_wants(both, 2).kinds, fb_kernel_kinds() | both[0].kinds | both[1].kinds);
	assert_int_equal(fb_run_wants(both, 1).kinds, fb_kernel_kinds() | both[0].kinds);
}

/* ---- what each gets ------------------------------------------------------------------------ */

struct tally {
	unsigned waits, edges, model, net;
};

static void tally_wait(void *self, const struct fb_blocking *b)
{
	struct tally *t = self;

	t->waits++;
	t->edges += b->quality == FB_QUALITY_EDGE;
}

static void tally_event(void *self, const struct fb_event *ev, const struct fb_kernel *k)
{
	const uint64_t net = FB_KIND_BIT(FB_EV_NET_QUEUE) | FB_KIND_BIT(FB_EV_NET_RECEIVE);
	struct tally *t = self;

	(void)k;
	t->net += (net & FB_KIND_BIT(ev->kind)) != 0;
	t->model += (fb_kernel_kinds() & FB_KIND_BIT(ev->kind)) != 0;
}

static void run_all(const char *name, const struct fb_consumer *consumers, size_t n)
{
	g_autofree char *path = recorded_path(&(struct recorded){ .name = name }, "trace");
	const struct fb_run_options options = { .kernel.edges = true };
	struct fb_source *source =
		recorded_open(path, fb_run_wants(consumers, n).kinds, false);
	struct fb_outcome outcome;

	assert_true(fb_run(source, &options, consumers, n, &outcome, NULL));
	fb_outcome_clear(&outcome);
	fb_source_close(source);
}

static void waits_that_are_cut_off_come_to_those_who_want_them(void **state)
{
	struct tally all = { 0 }, whole = { 0 }, none = { 0 };
	const struct fb_consumer consumers[] = {
		{ .self = &all, .blocking = tally_wait, .edges = true },
		{ .self = &whole, .blocking = tally_wait },
		{ .self = &none },
	};

	(void)state;
	run_all("disk", consumers, G_N_ELEMENTS(consumers));
	assert_true(all.edges > 0);
	assert_int_equal(whole.edges, 0);
	assert_int_equal(whole.waits, all.waits - all.edges);
	assert_int_equal(none.waits, 0);
}

static void nobody_gets_events_that_others_asked_for(void **state)
{
	struct tally plain = { 0 }, net = { 0 }, waits = { 0 };
	const struct fb_consumer consumers[] = {
		{ .self = &waits, .blocking = tally_wait },
		{ .self = &plain, .event = tally_event },
		{ .self = &net, .event = tally_event, .kinds = fb_history_kinds() },
	};

	(void)state;
	run_all("rpc-chain", consumers, G_N_ELEMENTS(consumers));
	assert_int_equal(plain.net, 0);
	assert_true(net.net > 0);
	assert_true(plain.model > 0);
	assert_int_equal(plain.model, net.model);
	assert_true(waits.waits > 0);
	assert_int_equal(waits.model, 0);
}

/* ---- together and alone --------------------------------------------------------------------- */

enum { ANALYSES_MAX = 16 };

static struct fb_source *source_open(const char *path, const struct fb_consumer *consumers, size_t n)
{
	const struct fb_source_options options = fb_run_wants(consumers, n);
	GError *error = NULL;
	struct fb_source *source = fb_source_native.open(&path, 1, &options, &error);

	if (!source)
		fail_msg("%s", error->message);
	return source;
}

static char *contents(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = g_malloc0(size + 1);

	assert_int_equal(pread(fd, text, size, 0), size);
	close(fd);
	return text;
}

struct pass {
	struct fb_source *source;
	struct fb_run_options options;
	struct fb_outcome outcome;
	size_t n; /* analyses; the recorder comes behind them */
	struct reporting reportings[ANALYSES_MAX];
	int files[ANALYSES_MAX];
	struct fb_profile_recorder *recorder; /* or NULL */
};

/* False: it does not work on all of a trace. */
static bool pass_add(struct pass *p, const struct fb_analysis *analysis)
{
	void *self = fb_analysis_new(analysis);

	assert_true(p->n < ANALYSES_MAX);
	if (analysis->select && !analysis->select(self, &p->options.filter, NULL)) {
		fb_analysis_free(analysis, self);
		return false;
	}
	p->reportings[p->n++] = (struct reporting){ .analysis = analysis, .self = self };
	return true;
}

static void pass_run(struct pass *p, const char *path)
{
	struct fb_consumer consumers[ANALYSES_MAX + 1];
	size_t n = p->n;

	for (size_t i = 0; i < p->n; i++)
		consumers[i] = fb_analysis_consumer(p->reportings[i].analysis,
						    p->reportings[i].self);
	if (p->recorder)
		consumers[n++] = fb_profile_recorder_consumer(p->recorder);
	p->source = source_open(path, consumers, n);
	for (size_t i = 0; i < p->n; i++) {
		struct fb_report_options to = { .format = "jsonl", .fd = memfd_create("report", 0) };

		p->files[i] = to.fd;
		p->reportings[i].report = fb_report_new(&to, &p->source->info);
		consumers[i] = reporting_begin(&p->reportings[i]);
	}
	assert_true(fb_run(p->source, &p->options, consumers, n, &p->outcome, NULL));
}

/* What the analysis reports. */
static char *pass_report(struct pass *p, size_t i)
{
	struct reporting *r = &p->reportings[i];

	reporting_end(r, &p->outcome, &p->options.filter);
	assert_true(fb_report_finish(r->report, fb_kernel_counts(p->outcome.kernel), true, NULL));
	return contents(p->files[i]);
}

static char *pass_profile(struct pass *p)
{
	const struct fb_profile_recording recording = { &p->source->info, &p->outcome, &p->options,
							NULL, true };
	struct fb_profile *profile = fb_profile_recorder_end(p->recorder, &recording);
	char *text = profile_text(profile);

	fb_profile_free(profile);
	return text;
}

static void pass_clear(struct pass *p)
{
	for (size_t i = 0; i < p->n; i++) {
		fb_analysis_free(p->reportings[i].analysis, p->reportings[i].self);
		fb_report_free(p->reportings[i].report);
	}
	fb_profile_recorder_free(p->recorder);
	fb_outcome_clear(&p->outcome);
	fb_source_close(p->source);
}

static void assert_alone(const char *path, const struct fb_analysis *analysis, const char *expected)
{
	struct pass alone = { .options = { .kernel.edges = true } };
	g_autofree char *got = NULL;

	assert_true(pass_add(&alone, analysis));
	pass_run(&alone, path);
	got = pass_report(&alone, 0);
	assert_string_equal(got, expected);
	pass_clear(&alone);
}

static void assert_profile_alone(const char *path, const char *expected)
{
	struct pass alone = { .options = { .kernel.edges = true },
			      .recorder = fb_profile_recorder_new() };
	g_autofree char *got = NULL;

	pass_run(&alone, path);
	got = pass_profile(&alone);
	assert_string_equal(got, expected);
	pass_clear(&alone);
}

/* Several that look at waits, events and transitions, on three histories; and a profile. */
static void together_they_tell_what_each_tells_alone_of(void **state)
{
	const struct recorded *trace = *state;
	g_autofree char *path = recorded_path(trace, trace->trace);
	struct pass all = { .options = { .kernel.edges = true },
			    .recorder = fb_profile_recorder_new() };
	g_autofree char *profile = NULL;

	for (const struct fb_analysis *const *a = fb_analyses; *a; a++)
		pass_add(&all, *a);
	assert_true(all.n >= 5);
	pass_run(&all, path);
	for (size_t i = 0; i < all.n; i++) {
		g_autofree char *report = pass_report(&all, i);

		assert_true(strlen(report) > 0);
		assert_alone(path, all.reportings[i].analysis, report);
	}
	profile = pass_profile(&all);
	assert_profile_alone(path, profile);
	pass_clear(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(system_calls_are_left_out_where_nobody_looks_at_them),
		cmocka_unit_test(a_source_is_asked_for_what_any_of_them_wants),
		cmocka_unit_test(waits_that_are_cut_off_come_to_those_who_want_them),
		cmocka_unit_test(nobody_gets_events_that_others_asked_for),
	};

	return cmocka_run_group_tests_name("consumers", tests, NULL, NULL) +
	       recorded_run("together_they_tell_what_each_tells_alone_of", NULL,
			    together_they_tell_what_each_tells_alone_of);
}
