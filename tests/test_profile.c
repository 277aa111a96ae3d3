/* SPDX-License-Identifier: MIT */
/* test_profile.c - what waits of recorded traces have in common, against the waits one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <glib.h>

#include <flightbox/profile.h>

#include "profiles.h"
#include "traces.h"

/* ---- keys ------------------------------------------------------------------------------- */

static void names_that_differ_in_numbers_have_one_pattern(void **state)
{
	static const char *const cases[][2] = {
		{ "worker-12", "worker-*" }, { "worker-7", "worker-*" },    { "nginx", "nginx" },
		{ "1", "*" },                { "a1b22c333", "a*b*c*" },     { "", "" },
		{ "kworker/u4:0", "kworker/*" }, { "kworker/1:2H", "kworker/*" },
		{ "ksoftirqd/1", "ksoftirqd/*" }, { "kworkers", "kworkers" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *pattern = fb_profile_pattern(cases[i][0]);

		assert_string_equal(pattern, cases[i][1]);
	}
}

static void assert_cause(struct fb_profile_key key, const char *expected)
{
	GString *text = g_string_new(NULL);

	fb_profile_cause(&key, text);
	assert_string_equal(text->str, expected);
	g_string_free(text, TRUE);
}

static void causes_read_as_in_the_wakeup_column(void **state)
{
	(void)state;
	assert_cause((struct fb_profile_key){ .kind = FB_CAUSE_SOFTIRQ, .name = "NET_RX" },
		     "SOFTIRQ NET_RX");
	assert_cause((struct fb_profile_key){ .kind = FB_CAUSE_TASK, .name = "server" },
		     "TASK server");
	assert_cause((struct fb_profile_key){ .kind = FB_CAUSE_HRTIMER }, "TIMER");
	assert_cause((struct fb_profile_key){ .kind = FB_CAUSE_UNTRACED }, "UNTRACED INTERRUPT");
	assert_cause((struct fb_profile_key){ .kind = FB_CAUSE_UNKNOWN }, "?");
	assert_cause((struct fb_profile_key){ .kind = FB_CAUSE_TASK, .name = "sh",
					      .via = FB_VIA_CHILD_EXIT },
		     "CHILD EXIT sh");
	assert_cause((struct fb_profile_key){ .kind = FB_CAUSE_TASK, .name = "bash",
					      .via = FB_VIA_SIGNAL, .signal = "SIGTERM" },
		     "SIGNAL SIGTERM by TASK bash");
	assert_cause((struct fb_profile_key){ .kind = FB_CAUSE_UNKNOWN, .via = FB_VIA_SIGNAL },
		     "SIGNAL");
}

/* ---- the waits of one group, found again ------------------------------------------------ */

/* A wait's group, told in the plainest way. */
static char *group_of(const struct profiled_wait *wait, const struct fb_kernel *kernel)
{
	const struct fb_blocking *b = &wait->b;
	const struct fb_cause *c = &b->cause;
	const struct fb_task *process = fb_kernel_find_task(kernel, b->task->pid);
	bool of_child = strstr(fb_via_name(c->via) ? fb_via_name(c->via) : "", "child_") ||
			c->via == FB_VIA_VFORK;
	const char *comm = b->task->tid != b->task->pid && process && process->comm ?
				   process->comm : b->comm;
	const char *child = wait->child;
	const char *cause = of_child ? child : c->kind == FB_CAUSE_TASK ? wait->waker : c->name;
	g_autofree char *base = b->exe ? g_path_get_basename(b->exe) : NULL;
	g_autofree char *command = fb_profile_pattern(comm ? comm : "");
	g_autofree char *thread = fb_profile_pattern(b->comm ? b->comm : "");
	g_autofree char *cause_pattern = fb_profile_pattern(cause ? cause : "");
	bool exact = c->kind != FB_CAUSE_IRQ && c->kind != FB_CAUSE_TASK && !of_child;

	return g_strdup_printf("%s|%s|%s|%s|%s|%s|%s", base ? base : command, thread,
			       b->syscall ? b->syscall : "-",
			       fb_cause_kind_name(of_child ? FB_CAUSE_TASK : c->kind),
			       exact ? (cause ? cause : "") : cause_pattern,
			       fb_via_name(c->via) ? fb_via_name(c->via) : "-",
			       c->via == FB_VIA_SIGNAL && fb_signal_name(c->via_id) ?
				       fb_signal_name(c->via_id) : "");
}

static char *group_of_key(const struct fb_profile_key *key)
{
	return g_strdup_printf("%s|%s|%s|%s|%s|%s|%s", key->command, key->thread,
			       key->syscall ? key->syscall : "-", fb_cause_kind_name(key->kind),
			       key->name ? key->name : "",
			       fb_via_name(key->via) ? fb_via_name(key->via) : "-",
			       key->signal ? key->signal : "");
}

/* All waits of a group: how long they were asleep. */
struct found {
	GArray *asleep; /* fb_ns */
	fb_ns sum, ready;
	uint64_t uncertain;
};

static void found_free(void *data)
{
	struct found *found = data;

	g_array_free(found->asleep, TRUE);
	g_free(found);
}

static GHashTable *found_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, found_free);
}

static void find(GHashTable *groups, const struct profiled *p)
{
	for (guint i = 0; i < p->waits->len; i++) {
		const struct profiled_wait *wait =
			&g_array_index(p->waits, struct profiled_wait, i);
		const struct fb_blocking *b = &wait->b;
		fb_ns asleep = fb_blocking_asleep(b);
		g_autofree char *name = group_of(wait, p->outcome.kernel);
		struct found *found = g_hash_table_lookup(groups, name);

		if (b->quality == FB_QUALITY_EDGE)
			continue;
		if (!found) {
			found = g_new0(struct found, 1);
			found->asleep = g_array_new(FALSE, FALSE, sizeof(fb_ns));
			g_hash_table_insert(groups, g_steal_pointer(&name), found);
		}
		if (b->quality == FB_QUALITY_LOST) {
			found->uncertain++;
			continue;
		}
		g_array_append_val(found->asleep, asleep);
		found->sum += asleep;
		found->ready += fb_blocking_ready(b);
	}
}

static int compare_ns(const void *a, const void *b)
{
	fb_ns x = *(const fb_ns *)a, y = *(const fb_ns *)b;

	return x < y ? -1 : x > y;
}

static void check_percentiles(struct problems *problems, const char *name,
			      const struct fb_profile_values *v, const GArray *sorted)
{
	static const double percents[] = { 0, 1, 25, 50, 75, 90, 95, 99, 99.9, 100 };

	for (size_t i = 0; i < G_N_ELEMENTS(percents); i++) {
		/* The smallest that so many of them do not exceed. */
		guint rank = MAX((guint)((percents[i] * sorted->len + 99.999) / 100), 1);
		fb_ns exact = g_array_index(sorted, fb_ns, MIN(rank, sorted->len) - 1);
		fb_ns got = fb_profile_percentile(v, percents[i]);

		if (llabs(got - exact) * 100 > exact)
			problem(problems, "%s: p%g: %ld instead of %ld", name, percents[i], got,
				exact);
	}
}

static void check_values(struct problems *problems, const char *name,
			 const struct fb_profile_values *v, struct found *found)
{
	guint n = found->asleep->len;

	if (v->n != n || v->uncertain != found->uncertain ||
	    (n && (v->asleep != found->sum || v->ready != found->ready)))
		problem(problems, "%s: %lu waits (%lu uncertain), %ld asleep, %ld ready; expected %u"
			" (%lu), %ld, %ld", name, v->n, v->uncertain, v->asleep, v->ready, n,
			found->uncertain, found->sum, found->ready);
	if (!n || v->n != n)
		return;
	g_array_sort(found->asleep, compare_ns);
	if (v->min != g_array_index(found->asleep, fb_ns, 0) ||
	    v->max != g_array_index(found->asleep, fb_ns, n - 1))
		problem(problems, "%s: from %ld to %ld", name, v->min, v->max);
	if (v->n_worst != MIN(n, FB_PROFILE_WORST))
		problem(problems, "%s: %zu worst waits", name, v->n_worst);
	for (size_t i = 0; i < v->n_worst; i++)
		if (v->worst[i].asleep != g_array_index(found->asleep, fb_ns, n - 1 - i))
			problem(problems, "%s: worst wait %zu: %ld", name, i, v->worst[i].asleep);
	check_percentiles(problems, name, v, found->asleep);
}

/* Each group of the profile, all runs together, is one of those found, and there is no other. */
static void check_groups(const struct fb_profile *p, GHashTable *groups)
{
	struct problems problems = { 0 };

	for (size_t i = 0; i < p->n_groups; i++) {
		g_autofree char *name = group_of_key(&p->groups[i].key);
		struct fb_profile_values sum = fb_profile_sum(&p->groups[i]);
		struct found *found = g_hash_table_lookup(groups, name);

		if (found)
			check_values(&problems, name, &sum, found);
		else
			problem(&problems, "%s: no such waits", name);
		fb_profile_values_clear(&sum);
	}
	if (p->n_groups != g_hash_table_size(groups))
		problem(&problems, "%zu groups instead of %u", p->n_groups,
			g_hash_table_size(groups));
	problems_finish(&problems);
}

static void groups_are_the_waits_of_a_trace(void **state)
{
	const struct recorded *trace = *state;
	g_autofree char *path = recorded_path(trace, trace->trace);
	g_autoptr(GHashTable) groups = found_new();
	struct profiled p = profiled_path(path, NULL);

	find(groups, &p);
	assert_true(g_hash_table_size(groups) > 10);
	check_groups(p.profile, groups);
	assert_int_equal(p.profile->n_runs, 1);
	profiled_clear(&p);
}

static bool is_a_whole(const struct recorded *trace)
{
	return !trace->few && !strcmp(trace->trace, "trace");
}

static void groups_of_many_runs_are_the_waits_of_all(void **state)
{
	static const char *const names[] = { "disk", "rpc-chain", "waits-futex", "waits-unix",
					     "lost-events-small", "cpu-contention-hogs" };
	const struct fb_profile *profiles[G_N_ELEMENTS(names)];
	struct profiled p[G_N_ELEMENTS(names)];
	g_autoptr(GHashTable) groups = found_new();
	struct fb_profile *all;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		p[i] = profiled_trace(names[i], NULL);
		profiles[i] = p[i].profile;
		find(groups, &p[i]);
	}
	all = profile_merged(profiles, G_N_ELEMENTS(names));
	assert_int_equal(all->n_runs, G_N_ELEMENTS(names));
	check_groups(all, groups);
	fb_profile_free(all);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		profiled_clear(&p[i]);
}

/* ---- waits made by hand ----------------------------------------------------------------- */

static const struct fb_task cat = { .tid = 10, .pid = 10, .comm = "cat", .exe = "/bin/cat" };

/* Asleep for 5 ns, ready for 2. */
static struct fb_blocking wait_of(const struct fb_task *task, struct fb_cause cause)
{
	cause.comm = cause.task ? cause.task->comm : NULL;
	return (struct fb_blocking){
		.task = task, .comm = task->comm, .exe = task->exe, .syscall = "read",
		.begin = 100, .wake = 105, .end = 107, .cause = cause,
	};
}

/* A group a line: its key and numbers. */
static char *groups_text(const struct fb_blocking *waits, size_t n)
{
	const struct fb_source_info info = { .begin = 0, .end = 1000, .clock_offset = 7000 };
	const struct fb_run_options options = { 0 };
	const struct fb_outcome outcome = { .part = { FB_NS_NONE, FB_NS_NONE, NULL } };
	const struct fb_profile_recording recording = { &info, &outcome, &options, NULL, true };
	struct fb_profile_recorder *r = fb_profile_recorder_new();
	GString *text = g_string_new(NULL);
	struct fb_profile *p;

	for (size_t i = 0; i < n; i++)
		fb_profile_recorder_add(r, &waits[i]);
	p = fb_profile_recorder_end(r, &recording);
	for (size_t i = 0; i < p->n_groups; i++) {
		const struct fb_profile_values *v = fb_profile_values(&p->groups[i], 0);
		g_autofree char *name = group_of_key(&p->groups[i].key);

		g_string_append_printf(text, "%s: %lu+%lu %ld %ld\n", name, v->n, v->uncertain,
				       v->asleep, v->ready);
	}
	fb_profile_free(p);
	fb_profile_recorder_free(r);
	return g_string_free(text, FALSE);
}

static void assert_groups(const struct fb_blocking *waits, size_t n, const char *expected)
{
	g_autofree char *text = groups_text(waits, n);

	assert_string_equal(text, expected);
}

static void whatever_context_tells_of_a_child_is_one_cause(void **state)
{
	const struct fb_task sh = { .tid = 77, .pid = 77, .comm = "sh" };
	const struct fb_blocking waits[] = {
		wait_of(&cat, (struct fb_cause){ .kind = FB_CAUSE_TASK, .via = FB_VIA_CHILD_EXIT,
						 .task = &sh, .via_id = 77, .child = &sh, .syscall = "exit" }),
		wait_of(&cat, (struct fb_cause){ .kind = FB_CAUSE_SOFTIRQ, .name = "RCU",
						 .via = FB_VIA_CHILD_EXIT, .task = &sh, .via_id = 77, .child = &sh }),
		wait_of(&cat, (struct fb_cause){ .kind = FB_CAUSE_SOFTIRQ, .name = "RCU",
						 .via = FB_VIA_CHILD_EXIT, .task = &cat, .via_id = 77 }),
	};

	(void)state;
	assert_groups(waits, G_N_ELEMENTS(waits), "cat|cat|read|task||child_exit|: 1+0 5 2\n"
						  "cat|cat|read|task|sh|child_exit|: 2+0 10 4\n");
}

static void what_differs_from_run_to_run_is_one_cause(void **state)
{
	const struct fb_task one = { .tid = 11, .pid = 11, .comm = "w-1" };
	const struct fb_task two = { .tid = 12, .pid = 12, .comm = "w-22" };
	const struct fb_blocking waits[] = {
		wait_of(&cat, (struct fb_cause){ .kind = FB_CAUSE_TASK, .task = &one, .cpu = 1 }),
		wait_of(&cat, (struct fb_cause){ .kind = FB_CAUSE_TASK, .task = &two, .syscall = "write" }),
		wait_of(&cat, (struct fb_cause){ .kind = FB_CAUSE_IRQ, .id = 27, .name = "sda-req.0" }),
		wait_of(&cat, (struct fb_cause){ .kind = FB_CAUSE_IRQ, .id = 28, .name = "sda-req.1" }),
		wait_of(&cat, (struct fb_cause){ .kind = FB_CAUSE_HRTIMER, .function = 0xffff1000 }),
		wait_of(&cat, (struct fb_cause){ .kind = FB_CAUSE_HRTIMER, .function = 0xffff2000 }),
		wait_of(&cat, (struct fb_cause){ .kind = FB_CAUSE_TASK, .task = &one,
						 .via = FB_VIA_SIGNAL, .via_id = 15 }),
	};

	(void)state;
	assert_groups(waits, G_N_ELEMENTS(waits), "cat|cat|read|hrtimer||-|: 2+0 10 4\n"
						  "cat|cat|read|irq|sda-req.*|-|: 2+0 10 4\n"
						  "cat|cat|read|task|w-*|-|: 2+0 10 4\n"
						  "cat|cat|read|task|w-*|signal|SIGTERM: 1+0 5 2\n");
}

static void what_is_not_known_is_left_empty_or_uncertain(void **state)
{
	const struct fb_task nameless = { .tid = 13 }, odd = { .tid = 14, .comm = "a\xff" };
	struct fb_blocking waits[] = {
		wait_of(&nameless, (struct fb_cause){ 0 }), wait_of(&nameless, (struct fb_cause){ 0 }),
		wait_of(&nameless, (struct fb_cause){ 0 }), wait_of(&odd, (struct fb_cause){ 0 }),
	};

	(void)state;
	waits[0].wake = FB_NS_NONE;
	waits[1].quality = FB_QUALITY_LOST;
	waits[2].quality = FB_QUALITY_EDGE;
	waits[3].begin = 200; /* later than it was woken */
	assert_groups(waits, G_N_ELEMENTS(waits), "||read|unknown||-|: 0+2 0 0\n"
						  "a\xef\xbf\xbd|a\xef\xbf\xbd|read|unknown||-|: 1+0 0 2\n");
}

/* ---- a run ------------------------------------------------------------------------------ */

static void waits_are_counted_by_quality(void **state)
{
	struct profiled p = profiled_trace("lost-events-small", NULL);
	const struct fb_profile_run *run = p.profile->runs[0];
	uint64_t waits[FB_QUALITIES] = { 0 }, certain = 0, uncertain = 0;

	(void)state;
	for (guint i = 0; i < p.waits->len; i++)
		waits[g_array_index(p.waits, struct profiled_wait, i).b.quality]++;
	for (size_t i = 0; i < p.profile->n_groups; i++) {
		certain += fb_profile_values(&p.profile->groups[i], 0)->n;
		uncertain += fb_profile_values(&p.profile->groups[i], 0)->uncertain;
	}
	assert_memory_equal(run->waits, waits, sizeof(waits));
	assert_true(waits[FB_QUALITY_LOST] && waits[FB_QUALITY_EDGE]);
	assert_int_equal(certain, waits[FB_QUALITY_EXACT] + waits[FB_QUALITY_INFERRED]);
	assert_int_equal(uncertain, waits[FB_QUALITY_LOST]);
	assert_true(run->lost_events > 0);
	profiled_clear(&p);
}

static void a_part_is_a_run_of_its_own_length(void **state)
{
	const fb_ns ms = 1000000;
	struct profiled all = profiled_trace("disk", NULL);
	fb_ns begin = all.source->info.begin, offset = all.source->info.clock_offset;
	struct fb_filter filter = { .has_begin = true, .begin = begin + 200 * ms,
				    .has_end = true, .end = begin + 500 * ms };
	struct profiled part = profiled_trace("disk", &filter);
	const struct fb_profile_run *run = part.profile->runs[0];

	(void)state;
	assert_int_equal(fb_profile_run_length(run), 300 * ms);
	assert_int_equal(run->begin, begin + 200 * ms + offset);
	assert_int_equal(run->selection.begin, run->begin);
	assert_int_equal(all.profile->runs[0]->begin, begin + offset);
	assert_int_equal(all.profile->runs[0]->selection.begin, FB_NS_NONE);
	assert_string_not_equal(run->id, all.profile->runs[0]->id);
	profiled_clear(&part);
	/* More than there is, is no longer. */
	filter.begin = begin - 1000 * ms;
	filter.end = INT64_MAX - offset;
	part = profiled_trace("disk", &filter);
	assert_int_equal(fb_profile_run_length(part.profile->runs[0]),
			 fb_profile_run_length(all.profile->runs[0]));
	profiled_clear(&part);
	profiled_clear(&all);
}

static void values_of_a_run_without_the_group_are_zero(void **state)
{
	struct profiled p[] = { profiled_trace("disk", NULL), profiled_trace("waits-futex", NULL) };
	const struct fb_profile *profiles[] = { p[0].profile, p[1].profile };
	struct fb_profile *all = profile_merged(profiles, 2);
	size_t both = 0, one = 0;

	(void)state;
	for (size_t i = 0; i < all->n_groups; i++) {
		const struct fb_profile_group *group = &all->groups[i];

		assert_ptr_equal(fb_profile_find(all, &group->key), group);
		for (size_t run = 0; run < 2; run++) {
			const struct fb_profile *alone =
				strcmp(all->runs[run]->id, profiles[0]->runs[0]->id) ? profiles[1] :
										     profiles[0];
			const struct fb_profile_group *same = fb_profile_find(alone, &group->key);
			const struct fb_profile_values *v = fb_profile_values(group, run);

			assert_int_equal(v->n, same ? fb_profile_values(same, 0)->n : 0);
			assert_true(same || v->uncertain + v->n_buckets + v->n_worst == 0);
		}
		both += group->n_shares == 2;
		one += group->n_shares == 1;
	}
	assert_true(both > 3 && one > 3);
	fb_profile_free(all);
	profiled_clear(&p[0]);
	profiled_clear(&p[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_differ_in_numbers_have_one_pattern),
		cmocka_unit_test(causes_read_as_in_the_wakeup_column),
		cmocka_unit_test(whatever_context_tells_of_a_child_is_one_cause),
		cmocka_unit_test(what_differs_from_run_to_run_is_one_cause),
		cmocka_unit_test(what_is_not_known_is_left_empty_or_uncertain),
		cmocka_unit_test(groups_of_many_runs_are_the_waits_of_all),
		cmocka_unit_test(waits_are_counted_by_quality),
		cmocka_unit_test(a_part_is_a_run_of_its_own_length),
		cmocka_unit_test(values_of_a_run_without_the_group_are_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) +
	       recorded_run("groups_are_the_waits_of", is_a_whole, groups_are_the_waits_of_a_trace);
}
