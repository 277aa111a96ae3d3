/* SPDX-License-Identifier: MIT */
/* orders.c - works in the history: where whoever queued one stood then. */
#include "history/record.h"

static struct order order_now(struct fb_history *h, const struct fb_event *ev,
			      const struct fb_kernel *k)
{
	struct fb_cause actor;

	fb_kernel_actor(k, ev->cpu, &actor);
	return (struct order){ .time = ev->time, .by = history_wake_by(h, NULL, &actor) };
}

void history_work_event(struct fb_history *h, const struct fb_event *ev,
			const struct fb_kernel *k)
{
	const struct fb_task *current = fb_kernel_current(k, ev->cpu);
	struct order order;
	bool is_known;

	switch (ev->kind) {
	case FB_EV_WORK_QUEUE:
		order = order_now(h, ev, k);
		works_queue(h->works, ev->work.work, &order);
		break;
	case FB_EV_WORK_ACTIVATE:
		order = order_now(h, ev, k);
		works_activate(h->works, ev->work.work, &order);
		break;
	case FB_EV_WORK_START:
		is_known = works_take(h->works, ev->work.work, &order);
		if (current && current->tid)
			history_work_begins(h, current, ev->time, is_known ? &order : NULL);
		break;
	default:
		if (current && current->tid)
			history_work_ends(h, current);
	}
}
