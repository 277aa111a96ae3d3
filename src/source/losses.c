/* SPDX-License-Identifier: MIT */
/* losses.c - LOST events, and what they add up to. */
#include "source/losses.h"

#include "source/facts.h"

void losses_add(GArray *losses, const struct fb_cpu_loss *more)
{
	struct fb_cpu_loss *loss;
	guint i = 0;

	while (i < losses->len && g_array_index(losses, struct fb_cpu_loss, i).cpu < more->cpu)
		i++;
	if (i == losses->len || g_array_index(losses, struct fb_cpu_loss, i).cpu != more->cpu) {
		g_array_insert_vals(losses, i, more, 1);
		return;
	}
	loss = &g_array_index(losses, struct fb_cpu_loss, i);
	loss->events += more->events;
	loss->packets += more->packets;
	loss->spans += more->spans;
	/* A broken clock tells of more than fits. */
	if (__builtin_add_overflow(loss->time, more->time, &loss->time))
		loss->time = INT64_MAX;
	loss->first = MIN(loss->first, more->first);
}

struct fb_cpu_loss loss_of(const struct fb_event *ev)
{
	bool packets = ev->flags & FB_LOST_PACKETS;

	return (struct fb_cpu_loss){
		.cpu = ev->cpu,
		.events = packets ? 0 : ev->lost.count,
		.packets = packets ? ev->lost.count : 0,
		.spans = 1,
		.time = ev->lost.until - ev->time,
		.first = ev->time,
	};
}

/* Not where nothing is known to be missing. */
static void info_lost(struct fb_source_info *info, const struct fb_event *ev)
{
	const struct fb_cpu_loss loss = loss_of(ev);

	if (ev->lost.count)
		losses_add(info->losses, &loss);
}

struct fb_event lost_event(struct fb_source_info *info, struct lossy *of, fb_ns from, fb_ns until,
			   uint64_t count, unsigned flags)
{
	struct fb_event ev = {
		.time = MAX(from, of->last),
		.cpu = of->cpu,
		.kind = FB_EV_LOST,
		.text = FB_NO_TEXT,
		.flags = flags,
	};

	ev.lost.until = MAX(ev.time, until);
	ev.lost.count = MIN(count, (uint64_t)INT64_MAX);
	of->last = ev.time;
	info_lost(info, &ev);
	return ev;
}

struct fb_event lost_end(struct fb_source_info *info, struct lossy *of, fb_ns end)
{
	return lost_event(info, of, end, end, 0, 0);
}

struct fb_event lost_later(struct fb_source_info *info, struct lossy *of, fb_ns end)
{
	struct fb_event ev = lost_event(info, of, end, end, 0, FB_LOST_LATER);

	info_whole_until(info, ev.time);
	return ev;
}
