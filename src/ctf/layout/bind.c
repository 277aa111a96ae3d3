/* SPDX-License-Identifier: MIT */
/* bind.c - describes an event class to the binder, and places what that wants of it. */
#include "ctf/layout/bind.h"

struct class_binder {
	struct layout *l;
	struct place *places; /* the layout's */
	GArray *fields;	      /* struct class_field: the class, described */
	struct want wants[BOUNDS];
	unsigned n_wants;
};

/* ---- the class, described ---------------------------------------------------------------- */

/* Characters are a text, however they are recorded. */
static enum class_field_type array_type(const struct tsdl_type *type)
{
	const struct tsdl_type *element = type->array.element;

	if (element->kind != TSDL_INT || (type->kind == TSDL_ARRAY && !type->array.length))
		return CLASS_FIELD_OTHER;
	if (element->integer.unit > 1)
		return CLASS_FIELD_OTHER;
	if (element->integer.size == 8)
		return CLASS_FIELD_TEXT;
	return type->kind == TSDL_ARRAY ? CLASS_FIELD_NUMBERS : CLASS_FIELD_OTHER;
}

static enum class_field_type type_of(const struct tsdl_type *type);

/* What an optional has, or a variant's first option that can be taken as anything. */
static enum class_field_type option_type(const struct tsdl_type *type)
{
	enum class_field_type found = CLASS_FIELD_OTHER;

	for (uint32_t i = 0; i < type->compound.n && found == CLASS_FIELD_OTHER; i++)
		found = type_of(type->compound.fields[i].type);
	return found;
}

static enum class_field_type type_of(const struct tsdl_type *type)
{
	switch (type->kind) {
	case TSDL_INT:
	case TSDL_ENUM:
		return CLASS_FIELD_NUMBER;
	case TSDL_STRING:
		return type->string.unit == 1 ? CLASS_FIELD_TEXT : CLASS_FIELD_OTHER;
	case TSDL_ARRAY:
	case TSDL_SEQUENCE:
		return array_type(type);
	case TSDL_VARIANT:
	case TSDL_OPTIONAL:
		return option_type(type);
	default:
		return CLASS_FIELD_OTHER;
	}
}

static void describe(GArray *fields, enum event_scope scope, const struct tsdl_type *type)
{
	guint n = fields->len;

	if (!type)
		return;
	g_array_set_size(fields, n + type->compound.n);
	for (uint32_t i = 0; i < type->compound.n; i++) {
		const struct tsdl_field *f = &type->compound.fields[i];
		const struct tsdl_type *leaf = plain_int(f->type);

		g_array_index(fields, struct class_field, n + i) = (struct class_field){
			.name = f->name,
			.scope = scope,
			.type = type_of(f->type),
			.bits = leaf->kind == TSDL_INT ? leaf->integer.size : 0,
		};
	}
}

/* ---- what is wanted of it ---------------------------------------------------------------- */

static void want_fields(struct class_binder *b)
{
	for (unsigned i = 0; i < BOUNDS; i++) {
		const struct class_field *f;

		if (b->l->bound.fields[i] < 0)
			continue;
		f = &g_array_index(b->fields, struct class_field, b->l->bound.fields[i]);
		b->wants[b->n_wants++] =
			(struct want){ f->scope, plain_name(f->name), &b->places[i], 0, i };
	}
}

static bool is_optional(const struct layout *l, unsigned bound)
{
	for (guint i = 0; l->optional && i < l->optional->len; i++)
		if (g_array_index(l->optional, struct inner_place, i).field == (int)bound)
			return true;
	return false;
}

static int find_inner(const void *layout, const struct tsdl_field *field, const char *const *names,
		      unsigned n)
{
	(void)field;
	return inner_field(((const struct layout *)layout)->bound.template.kind, names, n);
}

static void want_inner(struct layout *l, struct program_options *o)
{
	if (!has_inner_fields(l->bound.template.kind))
		return;
	l->inner = g_array_new(FALSE, TRUE, sizeof(struct inner_place));
	o->inner = l->inner;
	o->find_inner = find_inner;
	o->inner_data = l;
}

/* ---- what was found ---------------------------------------------------------------------- */

/* Whether it is found by the marks of a program alone. */
static bool is_marked(const struct layout *l, unsigned bound)
{
	return l->places[bound].mark || is_optional(l, bound);
}

/* Numbers are moved from where they were found; one that has no place is not to be had. */
static void place_moves(struct layout *l, const struct class_binder *b)
{
	for (unsigned i = 0; i < b->n_wants; i++)
		if (!b->wants[i].place->shape && !is_optional(l, b->wants[i].field))
			binding_drop(&l->bound, b->wants[i].field);
	for (unsigned i = 0; i < l->bound.n_moves; i++)
		l->is_marked |= is_marked(l, l->bound.moves[i].from);
}

/* Where a text begins, or FB_NO_TEXT when the record cannot tell or needs the marks. */
static uint16_t fixed_text(struct layout *l, unsigned place, uint8_t *marked)
{
	const struct place *p = &l->places[place];

	if (!place_is_record_text(p) && !is_optional(l, place))
		return FB_NO_TEXT;
	if (is_marked(l, place)) {
		*marked = place;
		l->is_marked = true;
		return FB_NO_TEXT;
	}
	return MIN(p->offset / 8, FB_NO_TEXT);
}

/* One flag tells how both texts end. */
static bool end_alike(const struct layout *l, unsigned text, unsigned prev)
{
	return is_optional(l, text) || is_optional(l, prev) ||
	       place_is_comm16(&l->places[text]) == place_is_comm16(&l->places[prev]);
}

static void place_texts(struct layout *l)
{
	unsigned text = l->bound.text, prev = l->bound.prev_text;

	if (text == BOUNDS)
		return;
	l->bound.template.text = fixed_text(l, text, &l->text);
	if (place_is_comm16(&l->places[text]))
		l->bound.template.flags |= FB_COMM16;
	if (prev != BOUNDS && end_alike(l, text, prev))
		l->bound.template.sched_switch.prev_comm = fixed_text(l, prev, &l->prev_text);
}

static void place(struct layout *l, const struct class_binder *b, struct layouts *set)
{
	place_moves(l, b);
	place_texts(l);
	if (!l->bound.by_number)
		return;
	l->calls = l->bound.template.flags & FB_COMPAT ? &set->compat : &set->native;
	l->is_marked |= is_marked(l, BOUND_NUMBER) || is_marked(l, BOUND_FIRST);
}

/* ---- the class -------------------------------------------------------------------------- */

bool layout_init(struct layout *l, struct place *places, struct layouts *set,
		 const struct tsdl_event *event, const struct tsdl_stream *stream,
		 const struct tsdl_scope *outer, unsigned n_outer, struct outside *outside,
		 const char *where, GError **error)
{
	const struct tsdl_scope scopes[SCOPES] = {
		[SCOPE_STREAM] = { "stream.event.context", stream->event_context },
		[SCOPE_EVENT] = { "event.context", event->context },
		[SCOPE_FIELDS] = { "event.fields", event->fields },
	};
	struct class_binder b = { .l = l, .places = places, .fields = set->fields };
	struct program_options o = {
		.event = event->name,
		.scopes = scopes,
		.n_scopes = SCOPES,
		.outer = outer,
		.n_outer = n_outer,
		.outside = outside,
		.wants = b.wants,
	};
	bool is_wanted;

	l->places = places;
	l->text = l->prev_text = BOUNDS;
	is_wanted = binding_init(&l->bound, event->name, set->all->len);
	if (is_wanted) {
		g_array_set_size(b.fields, 0);
		for (unsigned i = 0; i < SCOPES; i++)
			describe(b.fields, i, scopes[i].type);
		binding_fields(&l->bound, (const void *)b.fields->data, b.fields->len);
		want_fields(&b);
		want_inner(l, &o);
		o.optional = l->optional = g_array_new(FALSE, TRUE, sizeof(struct inner_place));
	}
	o.n_wants = b.n_wants;
	if (!program_init(&l->body, &o, where, error))
		return false;
	if (!is_wanted)
		return true;
	if (!l->optional->len)
		g_clear_pointer(&l->optional, g_array_unref);
	place(l, &b, set);
	return true;
}
