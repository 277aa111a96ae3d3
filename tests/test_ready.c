/* SPDX-License-Identifier: MIT */
/*
 * test_ready.c - waits for a CPU in recorded traces, against what switches, wakings and forks alone tell:
 * no model stands between them and this.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel/prev_state.h"
#include "ready_text.h"
#include "traces.h"

struct wait {
	int32_t tid, cpu; /* where it ran then */
	enum ready_how how;
	fb_ns begin, end;
};

/* A task by the raw events. */
struct raw {
	enum { RAW_UNKNOWN, RAW_ASLEEP, RAW_READY, RAW_RUNNING } state;
	bool is_early; /* woken before it slept */
	enum ready_how how;
	fb_ns since;
};

struct compare {
	GArray *got, *raw;     /* struct wait, in the order of their ends */
	GHashTable *tasks;     /* tid -> struct raw */
	struct prev_state_rules rules;

};

static void on_ready(const struct ready *r, void *data)
{
	struct compare *c = data;
	struct wait wait = { r->task->tid, r->ran_on, r->how, r->begin, r->end };

	assert_ready_sums(r);
	if (r->end != FB_NS_NONE)
		g_array_append_val(c->got, wait);
}

static struct raw *raw_of(struct compare *c, int32_t tid)
{
	struct raw *raw = g_hash_table_lookup(c->tasks, GINT_TO_POINTER(tid));

	if (!raw) {
		raw = g_new0(struct raw, 1);
		g_hash_table_insert(c->tasks, GINT_TO_POINTER(tid), raw);
	}
	return raw;
}

static void raw_ready(struct raw *raw, enum ready_how how, fb_ns now)
{
	raw->state = RAW_READY;
	raw->how = how;
	raw->since = now;
}

static void raw_switch(struct compare *c, const struct fb_event *ev)
{
	struct raw *prev = raw_of(c, ev->sched_switch.prev_tid);
	struct raw *next = raw_of(c, ev->sched_switch.next_tid);
	enum prev_state state = prev_state_of(&c->rules, ev->sched_switch.prev_state);

	if (ev->sched_switch.prev_tid) {
		prev->state = RAW_ASLEEP;
		if (!state)
			raw_ready(prev, READY_PREEMPTED, ev->time);
		else if (prev->is_early && state != PREV_EXITED)
			raw_ready(prev, READY_WOKEN, ev->time);
		prev->is_early = false;
	}
	if (ev->sched_switch.next_tid && next->state == RAW_READY) {
		struct wait wait = { ev->sched_switch.next_tid, ev->cpu, next->how, next->since, ev->time };

		g_array_append_val(c->raw, wait);
	}
	next->state = RAW_RUNNING;
	next->is_early = false;
}

static void raw_event(struct compare *c, const struct fb_event *ev)
{
	struct raw *raw;

	switch (ev->kind) {
	case FB_EV_SWITCH:
		raw_switch(c, ev);
		break;
	case FB_EV_WAKING:
		raw = raw_of(c, ev->sched.tid);
		if (raw->state == RAW_RUNNING)
			raw->is_early = true;
		/* Who is woken although it was, had not slept yet that time. */
		else if (ev->sched.tid && (raw->state != RAW_READY || raw->how == READY_WOKEN))
			raw_ready(raw, READY_WOKEN, ev->time);
		break;
	case FB_EV_WAKEUP:
		raw_of(c, ev->sched.tid)->is_early &= raw_of(c, ev->sched.tid)->state != RAW_RUNNING;
		break;
	case FB_EV_FORK:
		raw_ready(raw_of(c, ev->fork.child_tid), READY_FORKED, ev->time);
		break;
	default:
		break;
	}
}

static void play(const struct recorded *trace, struct compare *c)
{
	g_autofree char *path = recorded_path(trace, trace->trace);
	struct fb_source *source = recorded_open(path, fb_kernel_kinds() | ready_waits_kinds(), false);
	struct ready_waits *waits = ready_waits_new(0, 0, on_ready, NULL, c);
	const struct fb_observer observer = ready_waits_observer(waits);
	const struct fb_kernel_options options = { .observers = &observer, .n_observers = 1 };
	struct fb_kernel *kernel = fb_kernel_new(source, &options, NULL, NULL);
	struct fb_batch batch;

	c->rules = prev_state_rules(&source->info);
	while (fb_source_next(source, &batch, NULL) && batch.n)
		for (size_t i = 0; i < batch.n; i++) {
			raw_event(c, &batch.events[i]);
			fb_kernel_event(kernel, &batch.events[i]);
		}
	ready_waits_finish(waits);
	fb_kernel_free(kernel);
	ready_waits_free(waits);
	fb_source_close(source);
}

/* Wakings too; and of all CPUs from the begin on. */
static bool says_all(const struct recorded *trace)
{
	return !trace->loses && !trace->few && strcmp(trace->name, "variants-no-sched-waking") &&
	       !strstr(trace->trace, "second-");
}

static int compare_waits(const void *a, const void *b)
{
	const struct wait *x = a, *y = b;

	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return x->tid != y->tid ? x->tid - y->tid : x->cpu - y->cpu;
}

static void waits_for_a_cpu_are_what_switches_tell(void **state)
{
	struct compare c = {
		.got = g_array_new(FALSE, FALSE, sizeof(struct wait)),
		.raw = g_array_new(FALSE, FALSE, sizeof(struct wait)),
		.tasks = g_hash_table_new_full(NULL, NULL, NULL, g_free),
	};
	struct problems problems = { 0 };

	play(*state, &c);
	g_array_sort(c.got, compare_waits);
	g_array_sort(c.raw, compare_waits);
	assert_true(c.raw->len > 50);
	for (guint i = 0; i < MIN(c.raw->len, c.got->len) && problems.n < 10; i++) {
		const struct wait *got = &g_array_index(c.got, struct wait, i);
		const struct wait *raw = &g_array_index(c.raw, struct wait, i);

		if (compare_waits(got, raw) || got->begin != raw->begin || got->how != raw->how)
			problem(&problems,
				"%d %s %" G_GINT64_FORMAT "..%" G_GINT64_FORMAT " on %d; by its switches %d %s %"
				G_GINT64_FORMAT "..%" G_GINT64_FORMAT " on %d",
				got->tid, ready_how_name(got->how), got->begin, got->end, got->cpu, raw->tid,
				ready_how_name(raw->how), raw->begin, raw->end, raw->cpu);
	}
	if (c.got->len != c.raw->len)
		problem(&problems, "%u waits, %u by their switches", c.got->len, c.raw->len);
	g_array_free(c.got, TRUE);
	g_array_free(c.raw, TRUE);
	g_hash_table_destroy(c.tasks);
	problems_finish(&problems);
}

int main(void)
{
	return recorded_run("waits_for_a_cpu_are_what_switches_tell_in", says_all,
			    waits_for_a_cpu_are_what_switches_tell);
}
