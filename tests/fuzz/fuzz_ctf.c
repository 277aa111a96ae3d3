/* SPDX-License-Identifier: MIT */
/*
 * fuzz_ctf.c - any trace through our own reader: metadata compiled, packets found, events decoded
 * and merged, every field asked for. The input is described in parts.h; its first bytes say how
 * it is read.
 */
#include <string.h>

#include <flightbox/dump.h>
#include <flightbox/kernel.h>

#include "fuzz.h"
#include "parts.h"

enum { /* the first byte */
	BY_TWO = 1, /* once more, by two threads: the same must come of it */
	CONDENSES = 2,
	COUNTS = 4,
	MODELLED = 8, /* only events that the model makes use of */
	SKIPS = 16,
	BEGINS = 32,
	ENDS = 64,
	IN_WORDS = 128, /* each event as a line of text */
};

/* What came of it. */
struct reading {
	bool opened;
	fb_ns begin, end; /* of the trace */
	uint64_t events, problems, broken, steps;
	uint32_t sum; /* of all that was read, in its order */
};

static void add(struct reading *r, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < n; i++)
		r->sum = r->sum * 31 + at[i];
}

static void add_field(struct reading *r, struct fb_source *s, const struct fb_event *ev, int field)
{
	struct fb_value v;

	if (!fb_source_field(s, ev, field, &v))
		return;
	CHECK(v.address_bytes <= sizeof(v.address));
	add(r, v.address, v.address_bytes);
	if (v.is_text)
		add(r, v.text, v.length);
	else
		add(r, &v.number, sizeof(v.number));
}

static void add_text(struct reading *r, const struct fb_event *ev, uint16_t offset)
{
	size_t length;
	const char *text;

	if (offset == FB_NO_TEXT)
		return;
	text = fb_event_text_at(ev, offset, &length);
	add(r, text, length);
}

static void add_words(struct reading *r, struct fb_source *s, const struct fb_event *ev)
{
	GString *line = g_string_new(NULL);

	fb_event_text(line, s, ev);
	CHECK(!strchr(line->str, '\n'));
	add(r, line->str, line->len);
	g_string_free(line, TRUE);
}

static void add_event(struct reading *r, struct fb_source *s, const struct fb_event *ev,
		      uint8_t options)
{
	CHECK(ev->kind > FB_EV_NONE && ev->kind < FB_EV_KINDS);
	CHECK(ev->cpu < s->info.cpus);
	add(r, &ev->time, sizeof(ev->time));
	add(r, &ev->cpu, sizeof(ev->cpu));
	add(r, &ev->kind, sizeof(ev->kind));
	if (ev->kind != FB_EV_LOST) {
		add_text(r, ev, ev->text);
		if (ev->kind == FB_EV_SWITCH)
			add_text(r, ev, ev->sched_switch.prev_comm);
		for (int i = 0; i < FB_FIELDS_MAX && fb_kinds[ev->kind].fields[i].name; i++)
			add_field(r, s, ev, i);
		for (int i = FB_EXTRA_CONTEXT_TID; i < FB_EXTRA_END; i++)
			add_field(r, s, ev, i);
	}
	if (options & IN_WORDS)
		add_words(r, s, ev);
}

/* A time within the trace, or a bit beside it. */
static fb_ns time_in(const struct reading *trace, uint8_t share)
{
	uint64_t length = (uint64_t)trace->end - (uint64_t)trace->begin;

	return (uint64_t)trace->begin + length / 240 * share + length % 240 * share / 240;
}

static void add_events(struct reading *r, struct fb_source *s, const uint8_t *options)
{
	const struct reading span = { .begin = s->info.begin, .end = s->info.end };
	fb_ns latest = INT64_MIN;
	unsigned batches = 0;
	struct fb_batch batch;

	while (fb_source_next(s, &batch, NULL) && batch.n) {
		for (size_t i = 0; i < batch.n; i++) {
			CHECK(batch.events[i].time >= latest);
			latest = batch.events[i].time;
			add_event(r, s, &batch.events[i], options[0]);
		}
		r->events += batch.n;
		CHECK(s->ops->progress(s) <= 1);
		/* What is not wanted may come again. */
		if (options[0] & SKIPS && !batches++) {
			fb_source_skip(s, time_in(&span, options[3]));
			latest = INT64_MIN;
		}
	}
}

/* `trace` tells of a reading before this one, or is NULL. */
static struct reading read_all(const uint8_t *options, unsigned jobs, const struct reading *trace)
{
	const char *dir = scratch_dir();
	const struct fb_source_options how = {
		.kinds = options[0] & MODELLED ? fb_kernel_kinds() : FB_KINDS_ALL,
		.count = options[0] & COUNTS,
		.condenses = options[0] & CONDENSES,
		.begin = trace && options[0] & BEGINS ? time_in(trace, options[1]) : FB_NS_NONE,
		.end = trace && options[0] & ENDS ? time_in(trace, options[2]) : FB_NS_NONE,
		.jobs = jobs,
	};
	g_autoptr(GError) error = NULL;
	struct fb_source *s = fb_source_native.open(&dir, 1, &how, &error);
	struct reading r = { .opened = s != NULL };

	check_error(r.opened, error);
	if (!s)
		return r;
	add_events(&r, s, options);
	CHECK((s->info.problems->len > 0) == (s->info.problem_count > 0));
	CHECK(!how.count || s->info.classes->len > 0 || !s->info.events);
	r.begin = s->info.begin;
	r.end = s->info.end;
	r.problems = s->info.problem_count;
	r.broken = s->info.broken_packets;
	r.steps = s->info.clock_steps;
	fb_source_close(s);
	return r;
}

static void read_twice(const uint8_t *options, const struct reading *trace)
{
	struct reading one = read_all(options, 1, trace), two;

	if (!(options[0] & BY_TWO) || !one.opened)
		return;
	two = read_all(options, 2, trace);
	/* How much there is in the first batch, and so what is skipped, the threads decide. */
	if (options[0] & SKIPS)
		return;
	CHECK(two.events == one.events && two.sum == one.sum);
	CHECK(two.problems == one.problems && two.broken == one.broken && two.steps == one.steps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct part parts[PARTS_MAX];
	unsigned n = parts_find(parts, data, size);
	struct reading whole;

	scratch_empty(".", NULL);
	for (unsigned i = 0; i < n; i++)
		scratch_write(part_name(parts[i].letter), parts[i].bytes, parts[i].size);
	if (!n)
		return 0;
	if (!(data[0] & (BEGINS | ENDS))) {
		read_twice(data, NULL);
		return 0;
	}
	whole = read_all(data, 1, NULL);
	if (whole.opened)
		read_twice(data, &whole);
	return 0;
}
