/* SPDX-License-Identifier: MIT */
/* trace-field.c - fields on demand, from the bytes that an event refers to. */
#include "ctf/read/trace.h"

/* What `ref` points into; NULL when that is gone. */
static const struct window *window_of(struct reader *r, const uint8_t *ref, unsigned cpu)
{
	const struct window **last = &r->windows[cpu % G_N_ELEMENTS(r->windows)], *w = *last;

	if (!w || ref < w->at || ref >= w->at + w->size)
		*last = w = windows_find(&r->shared.windows, ref);
	return w;
}

static const uint8_t *end_of_bytes(struct reader *r, const uint8_t *ref, unsigned cpu)
{
	const struct window *w = window_of(r, ref, cpu);

	return w ? w->at + w->size : ref;
}

/* An address is an array of bytes or, IPv6's, of 16-bit numbers. */
static bool read_address(const struct place *p, const struct machine *m, struct fb_value *value)
{
	uint64_t pos = place_pos(p, m->marks[0], m->marks);
	unsigned size = p->shape == SHAPE_CHARS ? 1 : p->bits / 8, n = 0;

	if ((p->shape != SHAPE_CHARS && p->shape != SHAPE_NUMBERS) || p->bits % 8 || p->reversed ||
	    !is_address(p->length, size))
		return false;
	*value = (struct fb_value){ .address_bytes = p->length * size };
	for (unsigned i = 0; i < p->length; i++, pos += size * 8) {
		uint64_t number = bits_get(m->c.base, pos, size * 8, p->big_endian);

		for (unsigned k = size; k-- > 0;)
			value->address[n++] = number >> (k * 8);
	}
	return true;
}

static bool read_place(const struct place *p, const struct machine *m, struct fb_value *value)
{
	const uint8_t *base = m->c.base;
	uint64_t pos = place_pos(p, m->marks[0], m->marks);
	uint64_t left;

	if (pos > m->c.end)
		return false;
	left = (m->c.end - pos) / 8;
	*value = (struct fb_value){ .is_text = true, .text = (const char *)base + pos / 8 };
	switch (p->shape) {
	case SHAPE_INT:
		*value = (struct fb_value){ .number = place_int(p, base, pos) };
		return true;
	case SHAPE_STRING:
		value->length = strnlen(value->text, left);
		return true;
	case SHAPE_CHARS:
		value->length = strnlen(value->text, MIN(left, p->length));
		return true;
	case SHAPE_SEQUENCE:
		value->length = strnlen(value->text, MIN(left, m->regs[p->length_reg]));
		return true;
	default:
		return false;
	}
}

static bool read_inner(const struct layout *l, enum fb_kind kind, int field,
		       const struct machine *m, struct fb_value *value)
{
	const struct place *p = layout_find_inner(l, field, m);

	if (p && fb_kinds[kind].fields[field].type == FB_FIELD_ADDRESS)
		return read_address(p, m, value);
	return p && p->shape == SHAPE_INT && read_place(p, m, value);
}

/*
 * What the event's program finds, NULL when it does not get through. Who asks for one field
 * of a packet's header asks for the others, too.
 */
static const struct machine *run_over(struct reader *r, const struct layout *l,
				      const struct fb_event *ev)
{
	struct machine *m = &r->asked.machine;

	if (r->asked.ref == ev->ref && r->asked.class == ev->class)
		return m;
	*m = (struct machine){ 0 };
	/* Packets lie in memory as their types are aligned: an address tells the position. */
	m->c.base = (const uint8_t *)((uintptr_t)ev->ref & -(uintptr_t)(TSDL_MAX_ALIGN / 8));
	m->c.pos = (ev->ref - m->c.base) * 8;
	m->c.end = (end_of_bytes(r, ev->ref, ev->cpu) - m->c.base) * 8;
	r->asked.ref = NULL;
	if (m->c.end <= m->c.pos || !program_run(&l->body, m))
		return NULL;
	r->asked.ref = ev->ref;
	r->asked.class = ev->class;
	return m;
}

/* Whether `ref` alone tells where the field is. */
static bool is_told_by_ref(const struct layout *l, int wanted)
{
	const struct place *p = wanted < 0 ? NULL : &l->places[wanted];

	return !layout_is_odd(l) && ((p && p->shape && !p->mark) || !l->body.refers_outside);
}

static bool read_field(const struct layout *l, const struct fb_event *ev, int field,
		       const struct machine *m, struct fb_value *value)
{
	int wanted = bound_as(field);
	const struct place *p = wanted < 0 ? NULL : layout_find(l, wanted, m);

	return p ? read_place(p, m, value) : read_inner(l, ev->kind, field, m, value);
}

bool reader_field(struct fb_source *source, const struct fb_event *ev, int field,
		  struct fb_value *value)
{
	struct reader *r = reader_of(source);
	int wanted = bound_as(field);
	const struct layout *l;
	const struct machine *m;

	if (ev->kind == FB_EV_LOST || !ev->ref || ev->class >= r->layouts->all->len)
		return false;
	if (wanted >= 0 && ev->kind == FB_EV_SYS_ENTER && field < FB_FIELDS_MAX)
		return call_field(ev, field, value);
	l = layouts_get(r->layouts, ev->class);
	if ((wanted < 0 || !l->places[wanted].shape) && !l->inner && !l->optional)
		return false;
	if (!is_told_by_ref(l, wanted))
		return field < FB_FIELDS_MAX && record_field(ev, field, value);
	m = run_over(r, l, ev);
	/* The file may have shrunk since the event was read. */
	return m && read_field(l, ev, field, m, value) &&
	       !window_has_holes(window_of(r, ev->ref, ev->cpu));
}
