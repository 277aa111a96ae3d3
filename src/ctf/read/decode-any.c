/* SPDX-License-Identifier: MIT */
/* decode-any.c - the events of one packet, whatever their headers are. */
#include "ctf/read/decode-times.h"

/* Reads the header of the event at hand; false and the fault when it is broken. */
static bool run_header(struct decoder *d, const struct slot **slot, uint64_t *clock)
{
	struct machine *m = &d->m;

	m->c = (struct cursor){ d->base, d->pos, d->end, CURSOR_FINE, 0 };
	m->time_bits = 0;
	if (!program_run(&d->sc->header, m)) {
		fail(d, DECODE_HEADER, 0);
		return false;
	}
	*clock = m->time_bits ? advance_clock(d->clock, m->regs[REG_TIME], m->time_bits) : d->clock;
	*slot = d->sc->has_id ? stream_class_find_slot(d->sc, m->regs[REG_ID]) : &d->sc->slots[0];
	if (!(*slot)->is_known)
		fail(d, DECODE_ID, m->regs[REG_ID]);
	else if (*clock > d->latest)
		fail(d, DECODE_TIME, *clock);
	return !d->fault;
}

/* Passes over one event, of which d->m keeps the marks; false and the fault when it is broken. */
static bool run_event(struct decoder *d, const struct slot **slot, uint64_t *clock)
{
	if (!run_header(d, slot, clock))
		return false;
	d->class = (*slot)->class;
	if (!program_run(&layouts_get(d->layouts, d->class)->body, &d->m))
		fail(d, DECODE_BODY, 0);
	else if (d->m.c.pos == d->pos)
		fail(d, DECODE_EMPTY, 0);
	return !d->fault;
}

fb_ns decode_time(struct decoder *d)
{
	uint64_t align = d->sc->header.align, clock;
	const struct slot *slot;
	bool ok = ((d->pos + align - 1) & -align) < d->end && run_header(d, &slot, &clock);

	d->fault = DECODE_FINE;
	return ok ? scale_clock(clock, d->sc->freq) : FB_NS_NONE;
}

void decode_any(struct decoder *d, struct decoded *to)
{
	uint64_t align = d->sc->header.align;

	while (to->n < to->room && ((d->pos + align - 1) & -align) < d->end) {
		const struct slot *slot;
		uint64_t clock;

		if (!run_event(d, &slot, &clock))
			return;
		d->last = event_time(clock, d->sc->freq, d->last, &d->steps);
		if (d->counts)
			d->counts[slot->class]++;
		if (slot->role) {
			struct layout *l = g_ptr_array_index(d->layouts->all, slot->class);
			struct fb_event *ev = &to->events[to->n++];
			uint64_t start = d->m.marks[0];

			*ev = l->bound.template;
			ev->time = d->last;
			ev->ref = d->base + start / 8;
			ev->cpu = d->cpu;
			layout_fill(l, ev, &d->m);
			if (start % 8)
				layout_note_odd(l);
		}
		d->events++;
		d->clock = clock;
		d->pos = d->m.c.pos;
	}
	if (((d->pos + align - 1) & -align) >= d->end)
		d->pos = d->end;
}
