/* SPDX-License-Identifier: MIT */
/*
 * test_window.c - the waits of a part of a trace are those of the whole trace, but for what cannot
 * be known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <flightbox/run.h>

#include "traces.h"

struct wait {
	int32_t tid, waker;
	fb_ns begin, wake, end;
	enum fb_quality quality;
	const char *syscall, *waker_syscall; /* interned */
	int32_t fd;
	char *text; /* the rest: what no part may tell otherwise */
};

struct run {
	GArray *waits;  /* struct wait */
	GHashTable *by; /* "TID TIME" of a begin, or of an end -> struct wait */
	struct fb_part part;
};

static void wait_clear(void *data)
{
	g_free(((struct wait *)data)->text);
}

static void collect(void *self, const struct fb_blocking *b)
{
	const struct fb_cause *c = &b->cause;
	struct wait wait = {
		.tid = b->task->tid, .begin = b->begin, .wake = b->wake, .end = b->end,
		.quality = b->quality, .syscall = b->syscall, .fd = b->fd,
		.waker_syscall = c->syscall,
		.text = g_strdup_printf("%s %c %s %d %s 0x%" G_GINT64_MODIFIER "x cpu %d%s%s by %d "
					"via %d %d from %d %d 0x%" G_GINT64_MODIFIER "x %d",
					b->comm, b->state, fb_cause_kind_name(c->kind), c->id, c->name,
					c->function, c->cpu, c->early ? " early" : "",
					c->is_inline ? " inline" : "", c->task ? c->task->tid : 0,
					c->via, c->via_id, c->origin.kind, c->origin.id,
					c->origin.function,
					c->origin.task ? c->origin.task->tid : 0),
	};

	g_array_append_val(((struct run *)self)->waits, wait);
}

static char *key_of(int32_t tid, const char *what, fb_ns time)
{
	return g_strdup_printf("%d %s %" G_GINT64_FORMAT, tid, what, time);
}

static void index_waits(struct run *r)
{
	for (guint i = 0; i < r->waits->len; i++) {
		struct wait *w = &g_array_index(r->waits, struct wait, i);

		if (w->begin != FB_NS_NONE)
			g_hash_table_insert(r->by, key_of(w->tid, "begin", w->begin), w);
		if (w->end != FB_NS_NONE)
			g_hash_table_insert(r->by, key_of(w->tid, "end", w->end), w);
	}
}

static struct run run_trace(const char *path, const struct fb_filter *window, fb_ns lead)
{
	struct fb_source *source = recorded_open(path, fb_kernel_kinds(), false);
	/* What slept since before the part may be an idle kernel thread: all are looked at. */
	const struct fb_run_options options = { .kernel = { .all = true, .edges = true },
						.filter = *window, .lead = lead };
	struct run r = {
		.waits = g_array_new(FALSE, FALSE, sizeof(struct wait)),
		.by = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
	};
	const struct fb_consumer consumer = { .self = &r, .blocking = collect, .edges = true };
	struct fb_outcome outcome;
	GError *error = NULL;

	g_array_set_clear_func(r.waits, wait_clear);
	if (!fb_run(source, &options, &consumer, 1, &outcome, &error))
		fail_msg("%s", error->message);
	r.part = outcome.part;
	fb_outcome_clear(&outcome);
	fb_source_close(source);
	index_waits(&r);
	return r;
}

static void run_clear(struct run *r)
{
	g_hash_table_unref(r->by);
	g_array_unref(r->waits);
}

static const struct wait *find(const struct run *r, int32_t tid, const char *what, fb_ns time)
{
	g_autofree char *key = key_of(tid, what, time);

	return time == FB_NS_NONE ? NULL : g_hash_table_lookup(r->by, key);
}

/* The same wait in the other run. One that has neither begin nor end has its waking. */
static const struct wait *find_same(const struct run *r, const struct wait *w)
{
	const struct wait *same = find(r, w->tid, "begin", w->begin);

	if (!same)
		same = find(r, w->tid, "end", w->end);
	for (guint i = 0; !same && i < r->waits->len; i++) {
		const struct wait *other = &g_array_index(r->waits, struct wait, i);

		if (other->tid == w->tid && other->wake == w->wake && w->wake != FB_NS_NONE)
			same = other;
	}
	return same;
}

static bool begins_inside(const struct run *part, const struct wait *w)
{
	return part->part.begin == FB_NS_NONE || w->begin >= part->part.begin;
}

static bool ends_inside(const struct run *part, const struct wait *w)
{
	return part->part.end == FB_NS_NONE ||
	       (w->end != FB_NS_NONE && w->end <= part->part.end);
}

static bool is_unknown_or(const char *name, const char *whole)
{
	return !name || name == whole;
}

/* What the part tells of a wait is what the whole trace tells of it, or nothing. */
static void check_wait(struct problems *p, const struct run *part, const struct wait *w,
		       const struct wait *whole)
{
	bool begins = begins_inside(part, whole), ends = ends_inside(part, whole);

	if (w->begin != (begins ? whole->begin : FB_NS_NONE))
		problem(p, "%d: begins %ld, not %ld", w->tid, w->begin, whole->begin);
	if (w->end != (ends ? whole->end : FB_NS_NONE))
		problem(p, "%d: ends %ld, not %ld", w->tid, w->end, whole->end);
	if ((!begins || !ends) && w->quality != FB_QUALITY_EDGE && w->quality != FB_QUALITY_LOST)
		problem(p, "%d: cut off, but %s", w->tid, fb_quality_name(w->quality));
	if (begins && ends && (w->wake != whole->wake || strcmp(w->text, whole->text)))
		problem(p, "%d woken %ld: %s\n      not %ld: %s", w->tid, w->wake, w->text,
			whole->wake, whole->text);
	if (begins && ends && w->quality != whole->quality)
		problem(p, "%d: %s, not %s", w->tid, fb_quality_name(w->quality),
			fb_quality_name(whole->quality));
	if (!is_unknown_or(w->syscall, whole->syscall) ||
	    !is_unknown_or(w->waker_syscall, whole->waker_syscall))
		problem(p, "%d: in %s, woken in %s", w->tid, w->syscall, w->waker_syscall);
	if (w->fd != -1 && w->fd != whole->fd)
		problem(p, "%d: fd %d, not %d", w->tid, w->fd, whole->fd);
}

/*
 * Where events are missing the whole trace may be wrong, and a part that begins behind them
 * right: in what losses touch, and where the CPUs of a flight recorder begin at different times.
 */
static bool may_differ(const struct recorded *trace, const struct wait *w)
{
	return (trace->loses || !strcmp(trace->name, "snapshot-snapshot")) &&
	       (w->quality == FB_QUALITY_LOST || w->quality == FB_QUALITY_EDGE);
}

static void check_waits(struct problems *p, const struct recorded *trace, const struct run *part,
			const struct run *whole)
{
	for (guint i = 0; i < part->waits->len; i++) {
		const struct wait *w = &g_array_index(part->waits, struct wait, i);
		const struct wait *same = find_same(whole, w);

		if (may_differ(trace, w))
			continue;
		if (same)
			check_wait(p, part, w, same);
		else
			problem(p, "%d: %ld..%ld..%ld is not in the whole", w->tid, w->begin,
				w->wake, w->end);
	}
}

/* A wait must be there when it begins, or is woken, inside the part. */
static void check_none_is_missing(struct problems *p, const struct recorded *trace,
				  const struct run *part, const struct run *whole,
				  const struct fb_filter *window)
{
	for (guint i = 0; i < whole->waits->len; i++) {
		const struct wait *w = &g_array_index(whole->waits, struct wait, i);
		bool overlaps = (w->begin == FB_NS_NONE || w->begin <= window->end) &&
				(w->end == FB_NS_NONE || w->end >= window->begin);
		bool is_woken_inside =
			w->wake != FB_NS_NONE &&
			(part->part.begin == FB_NS_NONE || w->wake >= part->part.begin) &&
			(part->part.end == FB_NS_NONE || w->wake <= part->part.end);

		if (overlaps && ((w->begin != FB_NS_NONE && begins_inside(part, w)) || is_woken_inside) &&
		    !may_differ(trace, w) && !find_same(part, w))
			problem(p, "%d: %ld..%ld..%ld is missing", w->tid, w->begin, w->wake, w->end);
	}
}

/* A sixteenth of the trace, at several places. */
static void check_windows(struct problems *p, const struct recorded *trace, const struct run *whole,
			  fb_ns begin, fb_ns end)
{
	g_autofree char *path = recorded_path(trace, trace->trace);
	const fb_ns span = end - begin, leads[] = { 0, span / 100, span / 10 };

	for (int at = 1; at < 16; at += 3)
		for (size_t i = 0; i < G_N_ELEMENTS(leads); i++) {
			const struct fb_filter window = {
				.has_begin = true, .begin = begin + span * at / 16,
				.has_end = true, .end = begin + span * (at + 1) / 16,
			};
			struct run part = run_trace(path, &window, leads[i]);

			check_waits(p, trace, &part, whole);
			check_none_is_missing(p, trace, &part, whole, &window);
			run_clear(&part);
		}
}

static void parts_tell_nothing_else_of(void **state)
{
	const struct recorded *trace = *state;
	g_autofree char *path = recorded_path(trace, trace->trace);
	const struct fb_filter all = { 0 };
	struct run whole = run_trace(path, &all, 0);
	const struct wait *waits = (const struct wait *)whole.waits->data;
	struct problems p = { 0 };
	fb_ns begin = INT64_MAX, end = INT64_MIN;

	for (guint i = 0; i < whole.waits->len; i++) {
		begin = waits[i].begin == FB_NS_NONE ? begin : MIN(begin, waits[i].begin);
		end = MAX(end, waits[i].end);
	}
	check_windows(&p, trace, &whole, begin, end);
	run_clear(&whole);
	problems_finish(&p);
}

int main(void)
{
	return recorded_run("parts_tell_nothing_else_of", NULL, parts_tell_nothing_else_of);
}
