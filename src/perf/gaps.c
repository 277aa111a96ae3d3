/* SPDX-License-Identifier: MIT */
/* gaps.c - where a ring was full: see gaps.h. */
#include "perf/gaps.h"

#define QUEUE_KEPT 1024 /* told ones, before they are dropped */

struct gap_cpu {
	struct lossy told;
	uint64_t lost; /* since its last sample that was found */
	uint64_t told_of, in_all; /* what records told of, and perf counted */
	fb_ns last;    /* the time of that one */
	bool has_any;
};

/* Where a loss begins or, with `is_end`, ends. */
struct gap {
	fb_ns time, until;
	uint64_t count;
	uint16_t cpu;
	bool is_end;
};

void gaps_init(struct gaps *g)
{
	*g = (struct gaps){
		.cpus = g_new0(struct gap_cpu, FB_CPUS_MAX),
		.queue = g_array_new(FALSE, FALSE, sizeof(struct gap)),
	};
}

void gaps_clear(struct gaps *g)
{
	g_clear_pointer(&g->cpus, g_free);
	g_clear_pointer(&g->queue, g_array_unref);
}

/* ---- found ------------------------------------------------------------------------------ */

void gaps_lost(struct gaps *g, unsigned cpu, uint64_t count)
{
	g->cpus[cpu].lost += count;
	g->cpus[cpu].told_of += count;
}

void gaps_lost_in_all(struct gaps *g, unsigned cpu, uint64_t count)
{
	g->cpus[cpu].in_all += count;
}

/* Nearly all come in order. */
static void queue(struct gaps *g, const struct gap *gap)
{
	guint i = g->queue->len;

	while (i > g->first && g_array_index(g->queue, struct gap, i - 1).time > gap->time)
		i--;
	g_array_insert_vals(g->queue, i, gap, 1);
}

static void queue_loss(struct gaps *g, unsigned cpu, fb_ns until)
{
	struct gap_cpu *c = &g->cpus[cpu];
	struct gap gap = {
		.time = c->has_any ? MIN(c->last, until) : INT64_MIN,
		.until = until,
		.count = c->lost,
		.cpu = cpu,
	};

	queue(g, &gap);
	gap = (struct gap){ .time = until, .until = until, .cpu = cpu, .is_end = true };
	queue(g, &gap);
	c->lost = 0;
}

void gaps_sample(struct gaps *g, unsigned cpu, fb_ns time)
{
	struct gap_cpu *c = &g->cpus[cpu];

	if (c->lost)
		queue_loss(g, cpu, time);
	c->last = time;
	c->has_any = true;
}

void gaps_finish(struct gaps *g, fb_ns end)
{
	for (unsigned cpu = 0; cpu < FB_CPUS_MAX; cpu++) {
		struct gap_cpu *c = &g->cpus[cpu];

		c->lost += c->in_all - MIN(c->in_all, c->told_of);
		if (c->lost)
			queue_loss(g, cpu, end);
	}
}

/* ---- told ------------------------------------------------------------------------------- */

void gaps_event(struct gaps *g, unsigned cpu, fb_ns time)
{
	g->cpus[cpu].told.last = time;
}

/* An event of the same time is the one before which a loss ends, or behind which it begins. */
static bool comes_before(const struct gap *gap, fb_ns time)
{
	return time == FB_NS_NONE || gap->time < time || (gap->is_end && gap->time == time);
}

bool gaps_next(struct gaps *g, struct fb_source_info *info, fb_ns time, fb_ns last,
	       struct fb_event *ev)
{
	const struct gap *gap;
	struct lossy *told;

	if (g->first == g->queue->len)
		return false;
	gap = &g_array_index(g->queue, struct gap, g->first);
	if (!comes_before(gap, time))
		return false;
	told = &g->cpus[gap->cpu].told;
	told->cpu = gap->cpu;
	told->last = MAX(told->last, last);
	*ev = gap->is_end ? lost_end(info, told, gap->time) :
			    lost_event(info, told, gap->time, gap->until, gap->count, 0);
	if (++g->first >= QUEUE_KEPT) {
		g_array_remove_range(g->queue, 0, g->first);
		g->first = 0;
	}
	return true;
}
