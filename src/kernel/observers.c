/* SPDX-License-Identifier: MIT */
/* observers.c - who is told of transitions, and which events each wants to see itself. */
#include "kernel/observers.h"

void observers_init(struct fb_kernel *k, const struct fb_kernel_options *options)
{
	size_t n = options->n_observers;

	k->observers = n ? g_new0(struct observer, n) : NULL;
	for (size_t i = 0; i < n; i++) {
		struct observer *o = &k->observers[i];

		o->pub = options->observers[i];
		if (o->pub.ops->begin)
			o->kinds = o->pub.ops->begin(o->pub.data, k->source);
		k->observed |= o->kinds;
		o->next = i + 1 < n ? o + 1 : NULL;
	}
}

void observers_clear(struct fb_kernel *k)
{
	g_free(k->observers);
}

void observers_event(const struct fb_kernel *k, const struct fb_event *ev)
{
	for (const struct observer *o = k->observers; o; o = o->next)
		if (o->kinds & FB_KIND_BIT(ev->kind))
			o->pub.ops->event(o->pub.data, ev, k);
}

/* Timers run inside other frames: these are who interrupts. But some do so with no vector recorded. */
static bool is_interrupt(const struct cpu *cpu, int i)
{
	enum fb_frame_kind kind = cpu->frames[i].kind;

	return kind == FB_FRAME_SOFTIRQ || kind == FB_FRAME_IRQ || kind == FB_FRAME_VECTOR ||
	       (kind == FB_FRAME_HRTIMER && i == 0);
}

void observers_frames(const struct fb_kernel *k, const struct cpu *cpu)
{
	struct fb_interrupt interrupt = { .kind = FB_FRAME_NONE };
	int i = cpu->n_frames - 1;

	while (i >= 0 && !is_interrupt(cpu, i))
		i--;
	if (i >= 0)
		interrupt = (struct fb_interrupt){
			.kind = cpu->frames[i].kind,
			.id = cpu->frames[i].id,
			.vector = cpu->frames[i].vector,
			.name = cpu->frames[i].name,
			.is_inline = cpu->frames[i].is_inline,
		};
	TELL(k, interrupt, &cpu->current->pub, &interrupt, k->now);
}
