/* SPDX-License-Identifier: MIT */
/* class.c - describes tracepoints to the binder, and reads what that wants. */
#include "perf/class.h"

#include "event/numbers.h"
#include "perf/bytes.h"

/* ---- fields ----------------------------------------------------------------------------- */

static bool is_number_size(int size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static struct class_place place_of_text(const struct tep_format_field *f)
{
	struct class_place p = { .offset = f->offset };

	if (f->flags & TEP_FIELD_IS_DYNAMIC) {
		p.shape = f->flags & TEP_FIELD_IS_RELATIVE ? PLACE_REL_LOC : PLACE_DATA_LOC;
		p.size = f->size == 4 ? 4 : 0;
		if (!p.size)
			p.shape = PLACE_NONE;
	} else if (f->flags & TEP_FIELD_IS_ARRAY && f->size > 0 && f->size <= UINT16_MAX) {
		p.shape = PLACE_CHARS;
		p.length = f->size;
	}
	return p;
}

/* Of an array the first element. */
static struct class_place place_of(const struct tep_format_field *f)
{
	const bool is_array = f->flags & TEP_FIELD_IS_ARRAY;
	int size = is_array ? (int)f->elementsize : f->size;
	struct class_place p = { .offset = f->offset };

	if (f->offset < 0 || f->offset > UINT16_MAX)
		return (struct class_place){ 0 };
	if (f->flags & TEP_FIELD_IS_STRING)
		return place_of_text(f);
	if (f->flags & TEP_FIELD_IS_DYNAMIC || !is_number_size(size) || f->size < size)
		return (struct class_place){ 0 };
	p.shape = f->flags & TEP_FIELD_IS_SIGNED ? PLACE_SIGNED : PLACE_UNSIGNED;
	p.size = size;
	return p;
}

static uint8_t type_of(const struct tep_format_field *f, const struct class_place *p)
{
	switch (p->shape) {
	case PLACE_SIGNED:
	case PLACE_UNSIGNED:
		return f->flags & TEP_FIELD_IS_ARRAY ? CLASS_FIELD_NUMBERS : CLASS_FIELD_NUMBER;
	case PLACE_CHARS:
	case PLACE_DATA_LOC:
	case PLACE_REL_LOC:
		return CLASS_FIELD_TEXT;
	default:
		return CLASS_FIELD_OTHER;
	}
}

struct fields {
	GArray *fields; /* struct class_field */
	GArray *places; /* struct class_place: of each */
};

static void add_field(struct fields *all, const char *name, uint8_t type, struct class_place place)
{
	const struct class_field field = {
		.name = name,
		.scope = SCOPE_FIELDS,
		.type = type,
		.bits = type == CLASS_FIELD_NUMBER ? place.size * 8 : 0,
	};

	g_array_append_val(all->fields, field);
	g_array_append_val(all->places, place);
}

static void add_fields(struct fields *all, const struct tep_format_field *f)
{
	for (; f; f = f->next) {
		struct class_place place = place_of(f);

		add_field(all, f->name, type_of(f, &place), place);
	}
}

/* ---- classes ---------------------------------------------------------------------------- */

/* Whether all texts that a record has are char[16]. */
static bool has_comms(const struct perf_class *c)
{
	const struct class_place *text = &c->places[c->bound.text];
	const struct class_place *prev = &c->places[c->bound.prev_text];

	if (c->bound.text == BOUNDS || text->shape != PLACE_CHARS || text->length != 16)
		return false;
	return c->bound.prev_text == BOUNDS || (prev->shape == PLACE_CHARS && prev->length == 16);
}

static void take_places(struct perf_class *c, const struct fields *all)
{
	struct binding *b = &c->bound;

	for (unsigned i = 0; i < BOUNDS; i++)
		if (b->fields[i] >= 0)
			c->places[i] = g_array_index(all->places, struct class_place, b->fields[i]);
	for (unsigned i = 0; i < b->n_moves; i++)
		c->moves[i] = (struct class_move){ c->places[b->moves[i].from], b->moves[i].size,
						   b->moves[i].to };
	if (has_comms(c))
		b->template.flags |= FB_COMM16;
}

struct perf_class *perf_class_new(const struct tep_event *event, unsigned number)
{
	g_autofree char *name = g_strdup_printf("%s:%s", event->system, event->name);
	struct perf_class *c = g_new0(struct perf_class, 1);
	struct fields all;

	c->name = g_intern_string(name);
	if (!binding_init(&c->bound, c->name, number))
		return c;
	all.fields = g_array_new(FALSE, FALSE, sizeof(struct class_field));
	all.places = g_array_new(FALSE, FALSE, sizeof(struct class_place));
	add_fields(&all, event->format.common_fields);
	add_fields(&all, event->format.fields);
	add_field(&all, "perf_tid", CLASS_FIELD_NUMBER, (struct class_place){ .shape = PLACE_TID });
	add_field(&all, "perf_pid", CLASS_FIELD_NUMBER, (struct class_place){ .shape = PLACE_PID });
	binding_fields(&c->bound, (const struct class_field *)all.fields->data, all.fields->len);
	take_places(c, &all);
	g_array_unref(all.fields);
	g_array_unref(all.places);
	return c;
}

void perf_class_free(void *class)
{
	g_free(class);
}

/* ---- events ----------------------------------------------------------------------------- */

/* False: the event is too short for it. */
static inline bool number_at(const struct class_place *p, const struct kept *k, bool be,
			     int64_t *number)
{
	uint64_t value;

	switch (p->shape) {
	case PLACE_PID:
		*number = k->pid;
		return k->pid >= 0;
	case PLACE_TID:
		*number = k->tid;
		return k->tid >= 0;
	case PLACE_SIGNED:
	case PLACE_UNSIGNED:
		if ((uint32_t)p->offset + p->size > k->size)
			return false;
		value = bits_get(k->bytes, p->offset * 8, p->size * 8, be);
		*number = p->shape == PLACE_SIGNED ? sign_extend(value, p->size * 8) : value;
		return true;
	default:
		return false;
	}
}

/* Where a text lies: false when it lies outside. */
static bool text_at(const struct class_place *p, const struct kept *k, bool be, const char **text,
		    size_t *length)
{
	uint32_t offset = p->offset, size = p->length;

	if (p->shape == PLACE_DATA_LOC || p->shape == PLACE_REL_LOC) {
		uint32_t where;

		if (offset + 4 > k->size)
			return false;
		where = get32(k->bytes + offset, be);
		size = where >> 16;
		offset = (where & 0xffff) + (p->shape == PLACE_REL_LOC ? offset + 4 : 0);
	} else if (p->shape != PLACE_CHARS) {
		return false;
	}
	if (offset > k->size || size > k->size - offset)
		return false;
	*text = (const char *)k->bytes + offset;
	*length = strnlen(*text, size);
	return true;
}

/* Where the record's text begins; one that may have no end is put behind all, which `end` is. */
static uint16_t place_text(const struct perf_class *c, unsigned wanted, const struct kept *k,
			   bool be, uint8_t **end)
{
	const char *text;
	size_t length, at;

	if (wanted == BOUNDS || !text_at(&c->places[wanted], k, be, &text, &length))
		return FB_NO_TEXT;
	at = (const uint8_t *)text - k->bytes;
	if (!(c->bound.template.flags & FB_COMM16)) {
		at = *end - k->bytes;
		memcpy(*end, text, length);
		(*end)[length] = '\0';
		*end += length + 1;
	}
	return MIN(at, FB_NO_TEXT);
}

static void fill_call(const struct perf_class *c, const struct kept *k, bool be,
		      const struct syscall_numbers *calls, struct fb_event *ev)
{
	int64_t number, fd;

	if (number_at(&c->places[BOUND_NUMBER], k, be, &number) && calls_name(calls, ev, number) &&
	    c->bound.fields[BOUND_FIRST] >= 0 && number_at(&c->places[BOUND_FIRST], k, be, &fd))
		ev->sys_enter.fd = fd;
}

size_t perf_class_fill(const struct perf_class *c, const struct sample *s, bool be,
		       const struct syscall_numbers *calls, struct fb_event *ev, uint8_t *at)
{
	const struct binding *b = &c->bound;
	struct kept *k = (struct kept *)at;
	uint8_t *end = k->bytes + s->raw_size;

	*k = (struct kept){ .pid = s->pid, .tid = s->tid, .size = s->raw_size };
	memcpy(k->bytes, s->raw, s->raw_size);
	ev->ref = k->bytes;
	for (unsigned i = 0; i < b->n_moves; i++) {
		int64_t number;

		if (number_at(&c->moves[i].from, k, be, &number))
			event_set_number(ev, c->moves[i].to, c->moves[i].size, number);
	}
	ev->text = place_text(c, b->text, k, be, &end);
	if (b->prev_text != BOUNDS)
		ev->sched_switch.prev_comm = place_text(c, b->prev_text, k, be, &end);
	if (b->by_number)
		fill_call(c, k, be, calls, ev);
	return end - at;
}

bool perf_class_field(const struct perf_class *c, bool be, const struct fb_event *ev, int field,
		      struct fb_value *value)
{
	const struct kept *k = (const struct kept *)(ev->ref - offsetof(struct kept, bytes));
	const int wanted = bound_as(field);

	if (wanted < 0)
		return false;
	if (ev->kind == FB_EV_SYS_ENTER && field < FB_FIELDS_MAX)
		return call_field(ev, field, value);
	*value = (struct fb_value){ 0 };
	if (number_at(&c->places[wanted], k, be, &value->number))
		return true;
	value->is_text = text_at(&c->places[wanted], k, be, &value->text, &value->length);
	return value->is_text;
}
