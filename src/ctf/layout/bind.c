/* SPDX-License-Identifier: MIT */
/* bind.c - binds an event class to struct fb_event: fields by name, to moves. */
#include "ctf/layout/bind.h"

#define WANTS_MAX (FB_TOP_FIELDS_MAX + 14)

struct binder {
	struct layout *l;
	struct place *places; /* the layout's */
	const struct fb_kind_desc *kind;
	const struct tsdl_type *fields; /* the payload, or NULL */
	struct want wants[WANTS_MAX];
	unsigned n_wants;
};

static const struct tsdl_type *find_field(const struct tsdl_type *type, const char *name)
{
	for (uint32_t i = 0; type && i < type->compound.n; i++)
		if (!strcmp(plain_name(type->compound.fields[i].name), name))
			return type->compound.fields[i].type;
	return NULL;
}

static void want(struct binder *b, unsigned scope, const char *name, unsigned place)
{
	g_assert(b->n_wants < WANTS_MAX);
	b->wants[b->n_wants++] = (struct want){ scope, name, &b->places[place] };
}

static bool has_field(const void *class, const char *name)
{
	return find_field(class, name) != NULL;
}

static bool is_syscall(const struct layout *l)
{
	return l->template.kind == FB_EV_SYS_ENTER || l->template.kind == FB_EV_SYS_EXIT;
}

static void want_extra(struct binder *b, const struct extra_name *e)
{
	want(b, e->scope, e->name, PLACE_TID + e->extra - FB_EXTRA_CONTEXT_TID);
}

static void want_fields(struct binder *b)
{
	const char *names[FB_TOP_FIELDS_MAX];

	field_names(b->l->template.kind, has_field, b->fields, names);
	for (unsigned i = 0; i < FB_TOP_FIELDS_MAX; i++)
		if (names[i])
			want(b, SCOPE_FIELDS, names[i], i);
	for (const struct extra_name *e = extra_names; e->name; e++)
		want_extra(b, e);
}

static int find_inner(const void *kind, const char *const *names, unsigned n)
{
	return inner_field(*(const enum fb_kind *)kind, names, n);
}

static void want_inner(struct layout *l, const enum fb_kind *kind, struct program_options *o)
{
	if (!has_inner_fields(*kind))
		return;
	l->inner = g_array_new(FALSE, TRUE, sizeof(struct inner_place));
	o->inner = l->inner;
	o->find_inner = find_inner;
	o->inner_data = kind;
}

/* The name of a system call's first argument, or NULL. perf puts fields of its own before it. */
static const char *first_argument(const struct tsdl_type *fields)
{
	for (uint32_t i = 0; fields && i < fields->compound.n; i++) {
		const struct tsdl_field *f = &fields->compound.fields[i];

		if (is_argument(f->name))
			return f->type->kind == TSDL_INT ? plain_name(f->name) : NULL;
	}
	return NULL;
}

static void want_call(struct binder *b)
{
	const struct extra_name *extra = call_extra(&b->l->template);
	const char *first;

	if (extra)
		want_extra(b, extra);
	if (b->l->template.flags & FB_BY_NUMBER) {
		want(b, SCOPE_FIELDS, "id", PLACE_NUMBER);
		want(b, SCOPE_FIELDS, "args", PLACE_FIRST);
	} else if (wants_descriptor(&b->l->template)) {
		first = first_argument(b->fields);
		if (first)
			want(b, SCOPE_FIELDS, first, PLACE_FIRST);
	}
}

/* ---- moves ----------------------------------------------------------------------------- */

static void add_move(struct layout *l, unsigned place, unsigned size, unsigned to)
{
	struct move *move = &l->moves[l->n_moves];
	const struct place *p = &l->places[place];

	if (p->shape != SHAPE_INT && !(p->shape == SHAPE_NUMBERS && place == PLACE_FIRST))
		return;
	g_assert(l->n_moves < MOVES_MAX);
	move->place = place;
	move->size = size;
	move->to = to;
	l->is_marked |= p->mark != 0;
	l->n_moves++;
}

static bool is_comm16(const struct place *p)
{
	return p->shape == SHAPE_CHARS && p->length == 16;
}

/* Where a text begins, or FB_NO_TEXT when the record cannot tell or needs the marks. */
static uint16_t fixed_text(struct layout *l, unsigned place, uint8_t *marked)
{
	const struct place *p = &l->places[place];

	if (p->shape != SHAPE_STRING && !is_comm16(p))
		return FB_NO_TEXT;
	if (p->mark) {
		*marked = place;
		l->is_marked = true;
		return FB_NO_TEXT;
	}
	return MIN(p->offset / 8, FB_NO_TEXT);
}

static void bind_texts(struct binder *b)
{
	struct layout *l = b->l;
	int text = -1, prev = -1;

	for (unsigned i = 0; i < FB_TOP_FIELDS_MAX && b->kind->fields[i].name; i++) {
		const struct fb_field *f = &b->kind->fields[i];

		if (f->type == FB_FIELD_TEXT && f->size &&
		    f->offset == offsetof(struct fb_event, text))
			text = i;
		else if (f->type == FB_FIELD_TEXT && f->size)
			prev = i;
	}
	if (text >= 0) {
		l->template.text = fixed_text(l, text, &l->text);
		if (is_comm16(&l->places[text]))
			l->template.flags |= FB_COMM16;
	}
	/* One flag tells how both end. */
	if (prev >= 0 && l->places[text].shape == l->places[prev].shape)
		l->template.sched_switch.prev_comm = fixed_text(l, prev, &l->prev_text);
}

static void bind_fields(struct binder *b)
{
	struct layout *l = b->l;

	for (unsigned i = 0; i < FB_TOP_FIELDS_MAX && b->kind->fields[i].name; i++) {
		const struct fb_field *f = &b->kind->fields[i];

		if (f->size && f->type != FB_FIELD_TEXT)
			add_move(l, i, f->size, f->offset);
		/* Only a thread that is not its process's leader gets another tid. */
		if (l->template.kind == FB_EV_EXEC && !strcmp(f->name, "old_tid") &&
		    !l->places[i].shape)
			for (unsigned k = 0; k < i; k++)
				if (!strcmp(b->kind->fields[k].name, "tid"))
					add_move(l, k, f->size, f->offset);
	}
	if (l->template.kind == FB_EV_SYS_ENTER && !(l->template.flags & FB_BY_NUMBER))
		add_move(l, PLACE_FIRST, 4, offsetof(struct fb_event, sys_enter.fd));
	bind_texts(b);
}

/* ---- the class -------------------------------------------------------------------------- */

bool layout_init(struct layout *l, struct place *places, struct layouts *set,
		 const struct tsdl_event *event, const struct tsdl_stream *stream,
		 const struct scope *outer, unsigned n_outer, struct outside *outside,
		 const char *where, GError **error)
{
	const struct scope scopes[SCOPES] = {
		[SCOPE_STREAM] = { "stream.event.context", stream->event_context },
		[SCOPE_EVENT] = { "event.context", event->context },
		[SCOPE_FIELDS] = { "event.fields", event->fields },
	};
	struct binder b = { .l = l, .places = places, .fields = event->fields };
	struct program_options o = {
		.event = event->name,
		.scopes = scopes,
		.n_scopes = SCOPES,
		.outer = outer,
		.n_outer = n_outer,
		.outside = outside,
		.wants = b.wants,
	};
	struct fb_meaning meaning;

	fb_vocabulary_find(event->name, &meaning);
	l->places = places;
	l->text = l->prev_text = PLACES;
	template_init(&l->template, &meaning, set->all->len);
	b.kind = &fb_kinds[meaning.kind];
	if (meaning.kind != FB_EV_NONE) {
		want_fields(&b);
		want_inner(l, &meaning.kind, &o);
		if (is_syscall(l))
			want_call(&b);
	}
	o.n_wants = b.n_wants;
	if (!program_init(&l->body, &o, where, error))
		return false;
	if (meaning.kind != FB_EV_NONE)
		bind_fields(&b);
	if (l->places[PLACE_NUMBER].shape == SHAPE_INT) {
		l->calls = meaning.flags & FB_COMPAT ? &set->compat : &set->native;
		l->is_marked |= l->places[PLACE_NUMBER].mark || l->places[PLACE_FIRST].mark;
	}
	return true;
}
