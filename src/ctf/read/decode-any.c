/* SPDX-License-Identifier: MIT */
/* decode-any.c - the events of one packet, whatever their headers are. */
#include "ctf/read/decode-times.h"

/* Passes over one event, of which d->m keeps the marks; false and the fault when it is broken. */
static bool run_event(struct decoder *d, const struct slot **slot, uint64_t *clock)
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
	else if (!program_run(&layouts_get(d->layouts, (*slot)->class)->body, m))
		fail(d, DECODE_BODY, 0);
	else if (m->c.pos == d->pos)
		fail(d, DECODE_EMPTY, 0);
	d->class = (*slot)->class;
	return !d->fault;
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
