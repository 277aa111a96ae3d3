/* SPDX-License-Identifier: MIT */
/* bind.c - binds an event class to struct fb_event: fields by name, to moves. */
#include "bind.h"

enum {
	SCOPE_STREAM,
	SCOPE_EVENT,
	SCOPE_FIELDS,
	SCOPES
};

#define WANTS_MAX (FB_FIELDS_MAX + 12)

struct binder {
	struct layout *l;
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
	b->wants[b->n_wants++] = (struct want){ scope, name, &b->l->places[place] };
}

/* perf's parent_pid is our parent_tid: then it is not our parent_pid as well. */
static bool is_anothers_alias(const struct binder *b, const struct fb_field *field)
{
	for (const struct fb_field *f = b->kind->fields;
	     f < b->kind->fields + FB_FIELDS_MAX && f->name; f++)
		if (f != field && f->alias && !strcmp(f->alias, field->name) &&
		    !find_field(b->fields, f->name))
			return true;
	return false;
}

static bool is_syscall(const struct layout *l)
{
	return l->template.kind == FB_EV_SYS_ENTER || l->template.kind == FB_EV_SYS_EXIT;
}

static void want_fields(struct binder *b)
{
	for (unsigned i = 0; i < FB_FIELDS_MAX && b->kind->fields[i].name; i++) {
		const struct fb_field *f = &b->kind->fields[i];

		/* A call's own argument may be called "id" as well. */
		if (b->l->template.kind == FB_EV_SYS_ENTER)
			continue;
		if (find_field(b->fields, f->name)) {
			if (!is_anothers_alias(b, f))
				want(b, SCOPE_FIELDS, f->name, i);
		} else if (f->alias) {
			want(b, SCOPE_FIELDS, f->alias, i);
		}
	}
}

static void want_extras(struct binder *b)
{
	want(b, SCOPE_STREAM, "tid", PLACE_TID);
	want(b, SCOPE_EVENT, "tid", PLACE_TID);
	want(b, SCOPE_FIELDS, "common_pid", PLACE_TID);
	want(b, SCOPE_FIELDS, "perf_tid", PLACE_TID);
	want(b, SCOPE_STREAM, "pid", PLACE_PID);
	want(b, SCOPE_EVENT, "pid", PLACE_PID);
	want(b, SCOPE_FIELDS, "perf_pid", PLACE_PID);
	want(b, SCOPE_FIELDS, "common_flags", PLACE_FLAGS);
}

/* The name of a system call's first argument, or NULL. perf puts fields of its own before it. */
static const char *first_argument(const struct tsdl_type *fields)
{
	for (uint32_t i = 0; fields && i < fields->compound.n; i++) {
		const struct tsdl_field *f = &fields->compound.fields[i];

		if (g_str_has_prefix(f->name, "perf_") || g_str_has_prefix(f->name, "common_") ||
		    !strcmp(f->name, "__syscall_nr"))
			continue;
		return f->type->kind == TSDL_INT ? plain_name(f->name) : NULL;
	}
	return NULL;
}

static void want_call(struct binder *b)
{
	struct fb_event *ev = &b->l->template;
	const char *first;

	if (ev->flags & FB_BY_NUMBER) {
		want(b, SCOPE_FIELDS, "id", PLACE_NUMBER);
		want(b, SCOPE_FIELDS, "args", PLACE_FIRST);
	} else if (ev->kind == FB_EV_SYS_ENTER && fb_syscall_takes_fd(ev->sys_enter.name)) {
		first = first_argument(b->fields);
		if (first)
			want(b, SCOPE_FIELDS, first, PLACE_FIRST);
	}
}

/* What the class alone tells, and what stands for fields that are not recorded. */
static void fill_template(struct fb_event *ev, const struct fb_meaning *m, unsigned class)
{
	ev->kind = m->kind;
	ev->flags = m->flags;
	ev->class = class;
	ev->text = FB_NO_TEXT;
	switch (m->kind) {
	case FB_EV_SWITCH:
		ev->sched_switch.prev_tid = ev->sched_switch.next_tid = -1;
		ev->sched_switch.prev_comm = FB_NO_TEXT;
		break;
	case FB_EV_WAKING:
	case FB_EV_WAKEUP:
	case FB_EV_WAKEUP_NEW:
	case FB_EV_EXIT:
	case FB_EV_FREE:
		ev->sched.tid = ev->sched.target_cpu = -1;
		ev->sched.success = 1;
		break;
	case FB_EV_FORK:
		ev->fork.parent_tid = ev->fork.child_tid = -1;
		break;
	case FB_EV_EXEC:
		ev->exec.tid = ev->exec.old_tid = -1;
		break;
	case FB_EV_SYS_ENTER:
		ev->sys_enter.name = m->name;
		ev->sys_enter.nr = ev->sys_enter.fd = -1;
		break;
	case FB_EV_SYS_EXIT:
		ev->sys_exit.name = m->name;
		break;
	case FB_EV_IRQ_ENTER:
	case FB_EV_IRQ_EXIT:
		ev->irq.irq = -1;
		break;
	case FB_EV_VEC_ENTER:
	case FB_EV_VEC_EXIT:
		ev->vec.name = m->name;
		ev->vec.number = -1;
		ev->vec.vector = m->vector;
		break;
	case FB_EV_SIGNAL_GENERATE:
		ev->signal.tid = -1;
		break;
	case FB_EV_BLOCK_ISSUE:
	case FB_EV_BLOCK_COMPLETE:
		ev->block.tid = -1;
		break;
	case FB_EV_TASK_STATE:
		ev->task_state.tid = -1;
		break;
	case FB_EV_IRQ_INFO:
		ev->irq_info.irq = -1;
		break;
	default:
		break;
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

	for (unsigned i = 0; i < FB_FIELDS_MAX && b->kind->fields[i].name; i++) {
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

	for (unsigned i = 0; i < FB_FIELDS_MAX && b->kind->fields[i].name; i++) {
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

bool layout_init(struct layout *l, struct layouts *set, const struct tsdl_event *event,
		 const struct tsdl_stream *stream, const struct scope *outer, unsigned n_outer,
		 struct outside *outside, const char *where, GError **error)
{
	const struct scope scopes[SCOPES] = {
		[SCOPE_STREAM] = { "stream.event.context", stream->event_context },
		[SCOPE_EVENT] = { "event.context", event->context },
		[SCOPE_FIELDS] = { "event.fields", event->fields },
	};
	struct binder b = { .l = l, .fields = event->fields };
	struct program_options o = {
		.scopes = scopes,
		.n_scopes = SCOPES,
		.outer = outer,
		.n_outer = n_outer,
		.outside = outside,
		.wants = b.wants,
	};
	g_autofree char *place = g_strdup_printf("%s: event %s", where, event->name);
	struct fb_meaning meaning;

	fb_vocabulary_find(event->name, &meaning);
	l->name = g_intern_string(event->name);
	l->text = l->prev_text = PLACES;
	fill_template(&l->template, &meaning, set->all->len);
	b.kind = &fb_kinds[meaning.kind];
	if (meaning.kind != FB_EV_NONE) {
		want_fields(&b);
		want_extras(&b);
		if (is_syscall(l))
			want_call(&b);
	}
	o.n_wants = b.n_wants;
	if (!program_init(&l->body, &o, place, error))
		return false;
	if (meaning.kind != FB_EV_NONE)
		bind_fields(&b);
	if (l->places[PLACE_NUMBER].shape == SHAPE_INT) {
		l->calls = meaning.flags & FB_COMPAT ? &set->compat : &set->native;
		l->is_marked |= l->places[PLACE_NUMBER].mark || l->places[PLACE_FIRST].mark;
	}
	return true;
}
