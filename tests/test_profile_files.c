/* SPDX-License-Identifier: MIT */
/* test_profile_files.c - profiles as files and merged: the same runs are the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>

#include <flightbox/error.h>
#include <flightbox/profile.h>

#include "between.h"
#include "profiles.h"
#include "traces.h"

#define RUNS 4

/* The profiles of four traces, and what merging them all gives. */
struct family {
	struct profiled runs[RUNS];
	char *expected;
};

static struct fb_profile *merged(const struct fb_profile *a, const struct fb_profile *b)
{
	return profile_merged((const struct fb_profile *[]){ a, b }, 2);
}

static int make_family(void **state)
{
	static const char *const names[RUNS] = { "waits-futex", "disk", "lost-events-small",
						 "splice-delay-rw" };
	struct family *f = g_new0(struct family, 1);
	const struct fb_profile *all[RUNS];
	struct fb_profile *sum;

	for (size_t i = 0; i < RUNS; i++) {
		f->runs[i] = profiled_trace(names[i], NULL);
		all[i] = f->runs[i].profile;
	}
	sum = profile_merged(all, RUNS);
	f->expected = profile_text(sum);
	fb_profile_free(sum);
	*state = f;
	return 0;
}

static int free_family(void **state)
{
	struct family *f = *state;

	for (size_t i = 0; i < RUNS; i++)
		profiled_clear(&f->runs[i]);
	g_free(f->expected);
	g_free(f);
	return 0;
}

static void assert_profile(struct fb_profile *p, const char *expected)
{
	g_autofree char *text = profile_text(p);

	assert_string_equal(text, expected);
	fb_profile_free(p);
}

/* ---- merging ---------------------------------------------------------------------------- */

/* Calls `with` for each order of the runs, given as their indexes. */
static void each_order(const struct family *f, void (*with)(const struct fb_profile *const *p,
							    const char *expected))
{
	for (int n = 0; n < RUNS * RUNS * RUNS * RUNS; n++) {
		const int order[] = { n % RUNS, n / RUNS % RUNS, n / RUNS / RUNS % RUNS,
				      n / RUNS / RUNS / RUNS };
		const struct fb_profile *p[RUNS];
		unsigned seen = 0;

		for (int i = 0; i < RUNS; i++) {
			p[i] = f->runs[order[i]].profile;
			seen |= 1 << order[i];
		}
		if (seen == (1 << RUNS) - 1)
			with(p, f->expected);
	}
}

static void merge_at_once(const struct fb_profile *const *p, const char *expected)
{
	assert_profile(profile_merged(p, RUNS), expected);
}

/* ((ab)c)d, a(b(cd)) and (ab)(cd) */
static void merge_in_steps(const struct fb_profile *const *p, const char *expected)
{
	struct fb_profile *ab = merged(p[0], p[1]), *cd = merged(p[2], p[3]);
	struct fb_profile *abc = merged(ab, p[2]), *bcd = merged(p[1], cd);

	assert_profile(merged(abc, p[3]), expected);
	assert_profile(merged(p[0], bcd), expected);
	assert_profile(merged(ab, cd), expected);
	fb_profile_free(ab);
	fb_profile_free(cd);
	fb_profile_free(abc);
	fb_profile_free(bcd);
}

static void any_order_gives_the_same_bytes(void **state)
{
	each_order(*state, merge_at_once);
}

static void any_grouping_gives_the_same_bytes(void **state)
{
	each_order(*state, merge_in_steps);
}

static void a_run_counts_once(void **state)
{
	const struct family *f = *state;
	const struct fb_profile *a = f->runs[0].profile;
	struct fb_profile *ab = merged(a, f->runs[1].profile), *abab = merged(ab, ab);
	g_autofree char *once = profile_text(ab), *alone = profile_text(a);

	assert_int_equal(abab->n_runs, 2);
	assert_profile(abab, once);
	assert_profile(merged(a, a), alone);
	fb_profile_free(ab);
}

static void what_is_merged_may_go_before_what_comes_of_it(void **state)
{
	struct profiled a = profiled_trace("waits-unix", NULL), b = profiled_trace("disk", NULL);
	struct fb_profile *ab = merged(a.profile, b.profile);
	g_autofree char *before = profile_text(ab);

	(void)state;
	profiled_clear(&a);
	profiled_clear(&b);
	assert_profile(ab, before);
}

static void assert_not_merged(const struct fb_profile *a, const struct fb_profile *b, int code,
			      const char *message)
{
	static const char *const names[] = { "a.json", "b.json" };
	GError *error = NULL;

	assert_null(fb_profile_merge((const struct fb_profile *[]){ a, b }, names, 2, &error));
	assert_string_equal(error->message, message);
	assert_int_equal(error->code, code);
	g_error_free(error);
}

static void waits_chosen_otherwise_are_not_merged(void **state)
{
	const struct family *f = *state;
	const int32_t pids[] = { 1 };
	struct profiled few = profiled_trace("disk", &(struct fb_filter){ .min_duration = 1000 });
	struct profiled some = profiled_trace("disk", &(struct fb_filter){ .comm = "d*" });
	struct profiled one = profiled_trace("disk", &(struct fb_filter){ .pids = pids, .n_pids = 1 });
	struct fb_profile *may;

	assert_not_merged(few.profile, some.profile, FB_ERROR_USAGE,
			  "a.json and b.json cannot be taken together: the waits of one were "
			  "chosen by --min-duration 1000ns, those of the other by --comm 'd*'");
	assert_not_merged(one.profile, few.profile, FB_ERROR_USAGE,
			  "a.json and b.json cannot be taken together: the waits of one were "
			  "chosen by none of --comm, --min-duration, --all, those of the other "
			  "by --min-duration 1000ns");
	may = merged(f->runs[0].profile, one.profile);
	assert_int_equal(may->n_runs, 2);
	fb_profile_free(may);
	profiled_clear(&few);
	profiled_clear(&some);
	profiled_clear(&one);
}

/* ---- reading what was written ----------------------------------------------------------- */

static void what_is_read_is_what_was_written(void **state)
{
	const struct recorded *trace = *state;
	g_autofree char *path = recorded_path(trace, trace->trace);
	struct profiled first = profiled_path(path, NULL), again = profiled_path(path, NULL);
	g_autofree char *text = profile_text(first.profile), *same = profile_text(again.profile);

	assert_string_equal(text, same);
	assert_profile(profile_of_good_text(text), text);
	profiled_clear(&first);
	profiled_clear(&again);
}

static void many_runs_are_read_as_they_were_written(void **state)
{
	const struct family *f = *state;

	assert_profile(profile_of_good_text(f->expected), f->expected);
}

/* ---- reading what was not --------------------------------------------------------------- */

/* One run of one group of three waits. */
static const char small[] =
	"{\"type\":\"profile\",\"format\":1,\"runs\":[\n"
	"{\"id\":\"0123456789abcdef\",\"host\":\"here\",\"kernel\":\"6.1.0\",\"tracer\":null,"
	"\"tracer_version\":null,\"session\":null,\"created\":null,\"boot\":null,\"begin\":1000,"
	"\"end\":9000,\"cpus\":2,\"missing\":[\"signal_generate\"],\"complete\":true,"
	"\"tasks\":2,\"lost\":{\"events\":0,\"packets\":0},"
	"\"waits\":{\"exact\":3,\"inferred\":0,\"lost\":1,\"edge\":0},"
	"\"selection\":{\"comm\":null,\"min_duration\":0,\"all\":false,\"pids\":[7],\"tids\":[],"
	"\"begin\":null,\"end\":null},\"groups\":[\n"
	"{\"command\":\"cat\",\"thread\":\"cat\",\"syscall\":\"read\",\"cause\":{\"kind\":\"irq\","
	"\"name\":\"sda\",\"via\":null,\"signal\":null},\"n\":3,\"uncertain\":1,"
	"\"uncertain_asleep\":33,\"asleep\":70,\"ready\":5,\"min\":10,\"max\":40,\"buckets\":[10,1,20,1,40,1],"
	"\"worst\":[[40,1010,7],[20,1110,7],[10,1210,7]]}\n"
	"]}\n"
	"]}\n";

static char *replaced(const char *from, const char *to)
{
	g_auto(GStrv) parts = g_strsplit(small, from, 2);

	if (g_strv_length(parts) != 2)
		fail_msg("no %s in the profile", from);
	return g_strjoinv(to, parts);
}

static void assert_refused(const char *text, const char *message)
{
	GError *error = NULL;
	struct fb_profile *p = profile_of_text(text, &error);

	if (p)
		fail_msg("taken for a profile, not refused for: %s", message);
	assert_string_equal(error->message, message);
	assert_int_equal(error->code, FB_ERROR_FORMAT);
	g_error_free(error);
}

static void a_small_profile_is_read(void **state)
{
	struct fb_profile *p = profile_of_good_text(small);
	const struct fb_profile_values *v = fb_profile_values(&p->groups[0], 0);

	(void)state;
	assert_string_equal(p->groups[0].key.command, "cat");
	assert_int_equal(p->groups[0].key.kind, FB_CAUSE_IRQ);
	assert_int_equal(fb_profile_percentile(v, 50), 20);
	assert_int_equal(v->worst[1].begin, 1110);
	assert_int_equal(p->runs[0]->selection.pids[0], 7);
	assert_string_equal(p->runs[0]->missing[0], "signal_generate");
	assert_profile(p, small);
}

static void what_cannot_be_is_refused_with_its_place(void **state)
{
#define GROUP "runs[0].groups[0]"
	static const struct {
		const char *from, *to, *message;
	} cases[] = {
		{ "\"profile\"", "\"trace\"",
		  "expected a profile, as flightbox profile and --save write them" },
		{ "\"format\":1", "\"format\":2",
		  "profile of format 2 by a newer flightbox: this one reads up to format 1" },
		{ "\"format\":1", "\"format\":\"1\"",
		  "format: expected a whole number, found a text" },
		{ "\"runs\":", "\"run\":", "runs: expected an array, found nothing" },
		{ "abcdef\"", "abcdeF\"", "runs[0]: id: expected 16 digits from 0 to f" },
		{ "\"host\":\"here\"", "\"host\":1",
		  "runs[0].host: expected a text or null, found a number" },
		{ "\"begin\":1000", "\"begin\":9001",
		  "runs[0].end: expected a number from 9001 to 9223372036854775807, found 9000" },
		{ "\"begin\":1000", "\"begin\":-9223372036854775807",
		  "runs[0].end: expected a number from -9223372036854775807 to 0, found 9000" },
		{ "\"cpus\":2", "\"cpus\":-1",
		  "runs[0].cpus: expected a number from 0 to 2147483647, found -1" },
		{ "\"complete\":true", "\"complete\":1",
		  "runs[0].complete: expected true or false, found a number" },
		{ "[\"signal_generate\"]", "[null]", "runs[0].missing: expected texts" },
		{ "\"inferred\":0,", "", "runs[0].waits.inferred: expected a whole number, "
		  "found nothing" },
		{ "\"pids\":[7]", "\"pids\":[7,-7]", "runs[0].selection.pids[1]: expected a number "
		  "from 0 to 2147483647, found -7" },
		{ "\"cat\",\"thread\"", "null,\"thread\"",
		  GROUP ".command: expected a text, found null" },
		{ "\"irq\"", "\"IRQ\"", GROUP ".cause: unknown IRQ" },
		{ "\"via\":null", "\"via\":\"luck\"", GROUP ".cause: unknown luck" },
		{ "\"n\":3", "\"n\":-3", GROUP ".n: expected a number from 0 to "
		  "9223372036854775807, found -3" },
		{ "\"n\":3", "\"n\":3.0", GROUP ".n: expected a whole number, found a fraction" },
		{ "\"n\":3", "\"n\":4", GROUP ".buckets: expected pairs of a bucket and a count, "
		  "of 4 waits in all" },
		{ "\"max\":40", "\"max\":9", GROUP ".max: expected a number from 10 to "
		  "9223372036854775807, found 9" },
		{ "\"asleep\":70", "\"asleep\":121",
		  GROUP ": asleep is not the sum of n waits from min to max" },
		{ "\"asleep\":70", "\"asleep\":29",
		  GROUP ": asleep is not the sum of n waits from min to max" },
		{ "[10,1,20,1,40,1]", "[20,1,10,1,40,1]", GROUP ".buckets[2]: expected a number "
		  "from 21 to 3711, found 10" },
		{ "[10,1,20,1,40,1]", "[10,1,10,1,40,1]", GROUP ".buckets[2]: expected a number "
		  "from 11 to 3711, found 10" },
		{ "[10,1,20,1,40,1]", "[10,1,20,1,4000,1]", GROUP ".buckets[4]: expected a number "
		  "from 21 to 3711, found 4000" },
		{ "[10,1,20,1,40,1]", "[10,1,20,0,40,2]", GROUP ".buckets[3]: expected a number "
		  "from 1 to 9223372036854775807, found 0" },
		{ "[10,1,20,1,40,1]", "[10,1,20,1,30,1]",
		  GROUP ": buckets do not reach from min to max" },
		{ "[10,1,20,1,40,1]", "{}", GROUP ".buckets: expected an array, found an object" },
		{ "[40,1010,7],", "", GROUP ".worst: expected 3 waits" },
		{ "[40,1010,7]", "[39,1010,7]",
		  GROUP ".worst: expected the longest one, of 40 ns, too" },
		{ "[40,1010,7]", "[40,1010]",
		  GROUP ".worst[0]: expected three numbers: asleep, begin, tid" },
		{ "[40,1010,7]", "[41,1010,7]",
		  GROUP ".worst[0][0]: expected a number from 10 to 40, found 41" },
		{ "\"tids\":[]", "\"tids\":[],\"tids\":[]",
		  "line 2, column 387: duplicate object key near '\"tids\"'" },
		{ "\"n\":3", "\"n\":99999999999999999999",
		  "line 3, column 134: too big integer near '99999999999999999999'" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = replaced(cases[i].from, cases[i].to);
		g_autofree char *message = g_strconcat("FILE: ", cases[i].message, NULL);

		assert_refused(text, message);
	}
	assert_refused("", "FILE: line 1, column 0: '[' or '{' expected near end of file");
	assert_refused("[]", "FILE: expected a profile, as flightbox profile and --save write them");
	assert_refused("{\"type\":\"profile\",\"format\":1,\"runs\":[]}",
		       "FILE: runs: expected at least one");
}

/* The text of a run between two marks of `small`. */
static char *with_twice(const char *begin, const char *end, const char *replace, const char *by)
{
	const char *from = strstr(small, begin), *to = strstr(from, end) + strlen(end);
	g_autofree char *part = g_strndup(from, to - from);
	g_auto(GStrv) halves = g_strsplit(part, replace, 2);
	g_autofree char *other = g_strjoinv(by, halves);
	g_autofree char *twice = g_strconcat(part, ",", other, NULL);

	return replaced(part, twice);
}

static void two_of_what_there_is_one_of_are_refused(void **state)
{
	g_autofree char *groups = with_twice("{\"command\"", "7]]}", "\"ready\":5", "\"ready\":6");
	g_autofree char *ids = with_twice("{\"id\"", "7]]}\n]}", "\"host\":\"here\"",
					  "\"host\":\"there\"");
	g_autofree char *choices = with_twice("{\"id\"", "7]]}\n]}", "\"all\":false", "\"all\":true");
	GError *error = NULL;

	(void)state;
	assert_refused(groups, "FILE: runs[0].groups: two groups have the same command, thread, "
		       "syscall and cause");
	assert_null(profile_of_text(ids, &error));
	assert_non_null(strstr(error->message, "both have a run 0123456789abcdef, but not the same"));
	g_clear_error(&error);
	assert_null(profile_of_text(choices, &error));
	assert_non_null(strstr(error->message, "were chosen by"));
	g_clear_error(&error);
}

/* Cut anywhere, it is none; with another byte anywhere, it is none or one that is kept as it is. */
static void no_damage_is_taken_for_a_sound_profile(void **state)
{
	static const char others[] = { '9', '-', '"', '\0', '{', ']', ',', '\xff' };
	const size_t end = sizeof(small) - 2; /* the last line's */
	unsigned taken = 0;

	(void)state;
	for (size_t i = 0; i < end; i++) {
		g_autofree char *cut = g_strndup(small, i);
		GError *error = NULL;

		assert_null(profile_of_text(cut, &error));
		g_clear_error(&error);
		for (size_t other = 0; other < sizeof(others); other++) {
			g_autofree char *text = g_strdup(small);
			struct fb_profile *p;

			text[i] = others[other];
			p = profile_of_text(text, NULL);
			taken += p != NULL;
			if (p) {
				g_autofree char *kept = profile_text(p);

				assert_profile(profile_of_good_text(kept), kept);
				fb_profile_free(p);
			}
		}
	}
	/* In names and times. */
	assert_between(taken, 100, sizeof(small) * sizeof(others) / 4);
}

static void what_a_newer_one_adds_is_passed_over(void **state)
{
	g_autofree char *text = replaced("\"ready\":5", "\"ready\":5,\"weather\":[{\"wet\":true}]");

	(void)state;
	assert_profile(profile_of_good_text(text), small);
}

/* Nothing is made up where it lacks a key: how many tasks there were is not known. */
static void what_an_older_one_lacks_is_not_known(void **state)
{
	g_auto(GStrv) parts = g_strsplit(small, "\"tasks\":2,", 2);
	g_autofree char *without = g_strjoinv("", parts);
	g_auto(GStrv) halves = g_strsplit(without, "\"uncertain_asleep\":33,", 2);
	g_autofree char *older = g_strjoinv("", halves);
	struct fb_profile *p = profile_of_good_text(older), *newer = profile_of_good_text(small);

	(void)state;
	assert_int_equal(p->runs[0]->tasks, -1);
	assert_int_equal(p->groups[0].shares[0].values->uncertain_asleep, 0);
	assert_int_equal(newer->runs[0]->tasks, 2);
	assert_int_equal(newer->groups[0].shares[0].values->uncertain_asleep, 33);
	fb_profile_free(p);
	fb_profile_free(newer);
}

static void sums_stop_where_numbers_end(void **state)
{
	g_autofree char *long_waits = replaced(
		"\"n\":3,\"uncertain\":1,\"uncertain_asleep\":33,\"asleep\":70,\"ready\":5,\"min\":10,\"max\":40,"
		"\"buckets\":[10,1,20,1,40,1],\"worst\":[[40,1010,7],[20,1110,7],[10,1210,7]]",
		"\"n\":1,\"uncertain\":9223372036854775807,"
		"\"uncertain_asleep\":9223372036854775807,\"asleep\":9223372036854775807,\"ready\":0,"
		"\"min\":9223372036854775807,\"max\":9223372036854775807,\"buckets\":[3711,1],"
		"\"worst\":[[9223372036854775807,1010,7]]");
	struct fb_profile *a = profile_of_good_text(long_waits);
	g_auto(GStrv) parts = g_strsplit(long_waits, "0123", 2);
	g_autofree char *other = g_strjoinv("3210", parts);
	struct fb_profile *c = profile_of_good_text(other);
	struct fb_profile *both = merged(a, c);
	struct fb_profile_values sum = fb_profile_sum(&both->groups[0]);

	(void)state;
	assert_int_equal(sum.n, 2);
	assert_int_equal(sum.asleep, INT64_MAX);
	assert_int_equal(sum.uncertain, INT64_MAX);
	assert_int_equal(fb_profile_percentile(&sum, 50), INT64_MAX);
	fb_profile_values_clear(&sum);
	fb_profile_free(both);
	fb_profile_free(a);
	fb_profile_free(c);
}

/* A run that differs from the small one, and began when it did. */
static struct fb_profile *another_run(const char *from, const char *to)
{
	g_autofree char *text = replaced(from, to);
	g_auto(GStrv) parts = g_strsplit(text, "0123456789abcdef", 2);
	g_autofree char *other = g_strjoinv("00000000000000ff", parts);

	return profile_of_good_text(other);
}

static void runs_of_one_begin_stand_by_their_ids(void **state)
{
	struct fb_profile *a = profile_of_good_text(small);
	struct fb_profile *b = another_run("\"host\":\"here\"", "\"host\":\"there\"");
	struct fb_profile *ab = merged(a, b), *ba = merged(b, a);
	g_autofree char *text = profile_text(ba);

	(void)state;
	assert_string_equal(ab->runs[0]->host, "there");
	assert_string_equal(ab->runs[1]->host, "here");
	assert_profile(ab, text);
	fb_profile_free(ba);
	fb_profile_free(a);
	fb_profile_free(b);
}

static void of_waits_as_long_the_earlier_is_worse(void **state)
{
	struct fb_profile *a = profile_of_good_text(small);
	struct fb_profile *b = another_run("[[40,1010,7],[20,1110,7],[10,1210,7]]",
					   "[[40,1009,8],[20,1110,8],[10,1211,7]]");
	struct fb_profile *both = merged(a, b);
	struct fb_profile_values sum = fb_profile_sum(&both->groups[0]);
	const struct fb_profile_wait expected[] = {
		{ 40, 1009, 8 }, { 40, 1010, 7 }, { 20, 1110, 7 }, { 20, 1110, 8 }, { 10, 1210, 7 },
	};

	(void)state;
	assert_int_equal(sum.n_worst, FB_PROFILE_WORST);
	for (size_t i = 0; i < FB_PROFILE_WORST; i++) {
		assert_int_equal(sum.worst[i].asleep, expected[i].asleep);
		assert_int_equal(sum.worst[i].begin, expected[i].begin);
		assert_int_equal(sum.worst[i].tid, expected[i].tid);
	}
	fb_profile_values_clear(&sum);
	fb_profile_free(both);
	fb_profile_free(a);
	fb_profile_free(b);
}

/* ---- writing ---------------------------------------------------------------------------- */

static void assert_not_saved(const struct fb_profile *p, const char *path, const char *message)
{
	GError *error = NULL;

	assert_false(fb_profile_save(p, path, &error));
	assert_string_equal(error->message, message);
	assert_int_equal(error->code, FB_ERROR_IO);
	g_error_free(error);
}

static unsigned files_in(const char *dir)
{
	GDir *entries = g_dir_open(dir, 0, NULL);
	unsigned n = 0;

	while (g_dir_read_name(entries))
		n++;
	g_dir_close(entries);
	return n;
}

static void assert_content(const char *path, const char *expected)
{
	g_autofree char *text = NULL;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	assert_string_equal(text, expected);
}

static void a_file_that_cannot_be_written_stays_as_it_was(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("profile-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "a.json", NULL);
	g_autofree char *nowhere = g_build_filename(dir, "none", "a.json", NULL);
	g_autofree char *message = g_strconcat(path, ": File too large", NULL);
	g_autofree char *missing = g_strconcat(nowhere, ": No such file or directory", NULL);
	struct fb_profile *p = profile_of_good_text(small);
	struct rlimit limit, before;

	(void)state;
	assert_true(g_file_set_contents(path, "old", -1, NULL));
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = (struct rlimit){ 100, before.rlim_max };
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_not_saved(p, path, message);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_content(path, "old");
	assert_int_equal(files_in(dir), 1);
	assert_not_saved(p, nowhere, missing);
	assert_not_saved(p, "/dev/full", "/dev/full: No space left on device");
	assert_int_equal(g_unlink(path) | g_rmdir(dir), 0);
	fb_profile_free(p);
}

static void a_file_is_replaced_where_it_is(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("profile-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "a.json", NULL);
	g_autofree char *link = g_build_filename(dir, "link", NULL);
	g_autofree char *new = g_build_filename(dir, "b.json", NULL);
	struct fb_profile *p = profile_of_good_text(small);
	mode_t mask = umask(027);
	struct stat about;

	(void)state;
	assert_true(g_file_set_contents(path, "old", -1, NULL));
	assert_int_equal(chmod(path, 0600) | symlink("a.json", link), 0);
	assert_true(fb_profile_save(p, link, NULL));
	assert_content(path, small);
	assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
	assert_true(stat(path, &about) == 0 && (about.st_mode & 0777) == 0600);
	assert_true(fb_profile_save(p, new, NULL));
	assert_true(stat(new, &about) == 0 && (about.st_mode & 0777) == 0640);
	umask(mask);
	assert_int_equal(files_in(dir), 3);
	assert_int_equal(g_unlink(path) | g_unlink(link) | g_unlink(new) | g_rmdir(dir), 0);
	fb_profile_free(p);
}

static bool is_a_whole(const struct recorded *trace)
{
	return !trace->few && !strcmp(trace->trace, "trace");
}

int main(void)
{
	const struct CMUnitTest merging[] = {
		cmocka_unit_test(any_order_gives_the_same_bytes),
		cmocka_unit_test(any_grouping_gives_the_same_bytes),
		cmocka_unit_test(a_run_counts_once),
		cmocka_unit_test(what_is_merged_may_go_before_what_comes_of_it),
		cmocka_unit_test(waits_chosen_otherwise_are_not_merged),
		cmocka_unit_test(many_runs_are_read_as_they_were_written),
	};
	const struct CMUnitTest files[] = {
		cmocka_unit_test(a_small_profile_is_read),
		cmocka_unit_test(what_cannot_be_is_refused_with_its_place),
		cmocka_unit_test(two_of_what_there_is_one_of_are_refused),
		cmocka_unit_test(no_damage_is_taken_for_a_sound_profile),
		cmocka_unit_test(what_a_newer_one_adds_is_passed_over),
		cmocka_unit_test(runs_of_one_begin_stand_by_their_ids),
		cmocka_unit_test(of_waits_as_long_the_earlier_is_worse),
		cmocka_unit_test(what_an_older_one_lacks_is_not_known),
		cmocka_unit_test(sums_stop_where_numbers_end),
		cmocka_unit_test(a_file_that_cannot_be_written_stays_as_it_was),
		cmocka_unit_test(a_file_is_replaced_where_it_is),
	};

	return cmocka_run_group_tests(merging, make_family, free_family) +
	       cmocka_run_group_tests(files, NULL, NULL) +
	       recorded_run("what_is_read_is_what_was_written_of", is_a_whole,
			    what_is_read_is_what_was_written);
}
