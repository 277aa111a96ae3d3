/* SPDX-License-Identifier: MIT */
/* consumers.c - what those that a run feeds want, and how they get it. */
#include "run/consumers.h"

struct fb_source_options fb_run_wants(const struct fb_consumer *consumers, size_t n)
{
	struct fb_source_options wanted = {
		.kinds = fb_kernel_kinds(), .condenses = true, .begin = FB_NS_NONE, .end = FB_NS_NONE,
	};

	for (size_t i = 0; i < n; i++) {
		wanted.kinds |= consumers[i].kinds;
		wanted.condenses &= !consumers[i].event && !consumers[i].observe;
	}
	return wanted;
}

/* Of events that the source gives because others asked for them one gets nothing. */
void consumers_init(struct consumers *c, const struct fb_consumer *list, size_t n)
{
	c->list = g_memdup2(list, n * sizeof(*list));
	c->n = n;
	for (size_t i = 0; i < n; i++) {
		c->list[i].kinds |= fb_kernel_kinds();
		c->take_events |= list[i].event != NULL;
		c->take_waits |= list[i].blocking != NULL;
	}
}

void consumers_clear(struct consumers *c)
{
	g_free(c->list);
}

size_t consumers_observe(const struct consumers *c, struct fb_observer *observers)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].observe)
			n += c->list[i].observe(c->list[i].self, observers + n);
	return n;
}

void consumers_events(const struct consumers *c, struct fb_kernel *k, const struct fb_event *events,
		      size_t n)
{
	const struct fb_consumer *first = c->list, *end = c->list + c->n;

	for (const struct fb_event *ev = events; ev < events + n; ev++) {
		uint64_t kind = FB_KIND_BIT(ev->kind);

		fb_kernel_event(k, ev);
		for (const struct fb_consumer *one = first; one < end; one++)
			if (one->event && one->kinds & kind)
				one->event(one->self, ev, k);
	}
}

void consumers_wait(const struct consumers *c, const struct fb_blocking *b)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].blocking)
			c->list[i].blocking(c->list[i].self, b);
}

/* Whether it counts a wait that it does not get. */
static bool counts(const struct fb_consumer *one, const struct fb_blocking *b)
{
	return one->blocking && one->report && (!one->chooses || one->chooses(one->self, b));
}

void consumers_cut_wait(const struct consumers *c, const struct fb_blocking *b)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct fb_consumer *one = &c->list[i];

		if (one->blocking && one->edges)
			one->blocking(one->self, b);
		else if (counts(one, b))
			fb_report_left_out(one->report, b);
	}
}

void consumers_bystander(const struct consumers *c, const struct fb_blocking *b)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct fb_consumer *one = &c->list[i];

		if (one->bystander)
			one->bystander(one->self, b);
		if (b->quality != FB_QUALITY_EDGE && counts(one, b))
			fb_report_bystander(one->report, b);
	}
}
