/* SPDX-License-Identifier: MIT */
/* class.c - binds babeltrace2's event classes to struct fb_event. */
#include "bt2/nested-fields.h"
#include "event/numbers.h"
#include "source/facts.h"

/* babeltrace2 takes one leading underscore off the names of CTF 1.8; other formats may keep theirs. */
static bool is_named(const char *name, const char *wanted)
{
	return !strcmp(name, wanted) || (*name == '_' && !strcmp(name + 1, wanted));
}

int64_t find_member(const bt_field_class *structure, const char *name, const bt_field_class **class)
{
	uint64_t n;

	if (!structure || bt_field_class_get_type(structure) != BT_FIELD_CLASS_TYPE_STRUCTURE)
		return -1;
	n = bt_field_class_structure_get_member_count(structure);
	for (uint64_t i = 0; i < n; i++) {
		const bt_field_class_structure_member *m =
			bt_field_class_structure_borrow_member_by_index_const(structure, i);

		if (!is_named(bt_field_class_structure_member_get_name(m), name))
			continue;
		if (class)
			*class = bt_field_class_structure_member_borrow_field_class_const(m);
		return i;
	}
	return -1;
}

static const bt_field_class *scope_class(const bt_event_class *class, unsigned scope)
{
	const bt_stream_class *sc;

	switch (scope) {
	case SCOPE_STREAM:
		sc = bt_event_class_borrow_stream_class_const(class);
		return bt_stream_class_borrow_event_common_context_field_class_const(sc);
	case SCOPE_EVENT:
		return bt_event_class_borrow_specific_context_field_class_const(class);
	default:
		return bt_event_class_borrow_payload_field_class_const(class);
	}
}

bool is_a(const bt_field_class *class, bt_field_class_type type)
{
	return bt_field_class_type_is(bt_field_class_get_type(class), type);
}

enum member_type number_type(const bt_field_class *class)
{
	if (is_a(class, BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER))
		return MEMBER_UNSIGNED;
	if (is_a(class, BT_FIELD_CLASS_TYPE_SIGNED_INTEGER))
		return MEMBER_SIGNED;
	return MEMBER_NONE;
}

enum member_type type_of(const bt_field_class *class)
{
	if (is_a(class, BT_FIELD_CLASS_TYPE_STRING))
		return MEMBER_TEXT;
	if (is_a(class, BT_FIELD_CLASS_TYPE_BOOL))
		return MEMBER_BOOL;
	if (is_a(class, BT_FIELD_CLASS_TYPE_BIT_ARRAY))
		return MEMBER_BITS;
	if (is_a(class, BT_FIELD_CLASS_TYPE_ARRAY)) {
		class = bt_field_class_array_borrow_element_field_class_const(class);
		return number_type(class) ? MEMBER_ARRAY : MEMBER_NONE;
	}
	return number_type(class);
}

/* ---- binding ---------------------------------------------------------------------------- */

static void want(struct event_class *c, const bt_event_class *class, unsigned scope,
		 const char *name, unsigned member)
{
	const bt_field_class *found;
	int64_t index = find_member(scope_class(class, scope), name, &found);

	if (index < 0)
		return;
	c->members[member] = (struct member){
		.type = type_of(found),
		.scope = scope,
		.index = index,
	};
}

static bool has_field(const void *class, const char *name)
{
	return find_member(scope_class(class, SCOPE_FIELDS), name, NULL) >= 0;
}

static void want_extra(struct event_class *c, const bt_event_class *class,
		       const struct extra_name *e)
{
	want(c, class, e->scope, e->name, MEMBER_TID + e->extra - FB_EXTRA_CONTEXT_TID);
}

static void want_members(struct event_class *c, const bt_event_class *class)
{
	const char *names[FB_TOP_FIELDS_MAX];

	field_names(c->template.kind, has_field, class, names);
	for (unsigned i = 0; i < FB_TOP_FIELDS_MAX; i++)
		if (names[i])
			want(c, class, SCOPE_FIELDS, names[i], i);
	for (const struct extra_name *e = extra_names; e->name; e++)
		want_extra(c, class, e);
}

/* The first of a system call's own arguments, where it is an integer. */
static void want_descriptor(struct event_class *c, const bt_event_class *class)
{
	const bt_field_class *fields = scope_class(class, SCOPE_FIELDS);
	uint64_t n = fields ? bt_field_class_structure_get_member_count(fields) : 0;

	for (uint64_t i = 0; i < n; i++) {
		const bt_field_class_structure_member *m =
			bt_field_class_structure_borrow_member_by_index_const(fields, i);
		const bt_field_class *found =
			bt_field_class_structure_member_borrow_field_class_const(m);

		if (!is_argument(bt_field_class_structure_member_get_name(m)))
			continue;
		if (number_type(found))
			c->members[MEMBER_FIRST] = (struct member){
				.type = number_type(found),
				.scope = SCOPE_FIELDS,
				.index = i,
			};
		return;
	}
}

static void want_call(struct event_class *c, const bt_event_class *class)
{
	const struct extra_name *extra = call_extra(&c->template);

	if (extra)
		want_extra(c, class, extra);
	if (c->template.flags & FB_BY_NUMBER) {
		want(c, class, SCOPE_FIELDS, "id", MEMBER_NUMBER);
		want(c, class, SCOPE_FIELDS, "args", MEMBER_FIRST);
		c->by_number = c->members[MEMBER_NUMBER].type != MEMBER_NONE;
	} else if (wants_descriptor(&c->template)) {
		want_descriptor(c, class);
	}
}

static bool is_number(const struct member *m)
{
	return m->type != MEMBER_NONE && m->type != MEMBER_TEXT && m->type != MEMBER_ARRAY;
}

static void add_move(struct event_class *c, unsigned member, unsigned size, unsigned to)
{
	if (!is_number(&c->members[member]))
		return;
	g_assert(c->n_moves < CLASS_MOVES_MAX);
	c->moves[c->n_moves].member = member;
	c->moves[c->n_moves].size = size;
	c->moves[c->n_moves].to = to;
	c->n_moves++;
}

static void bind_field(struct event_class *c, const struct fb_field *fields, unsigned i)
{
	const struct fb_field *f = &fields[i];

	if (f->size && f->type != FB_FIELD_TEXT)
		add_move(c, i, f->size, f->offset);
	else if (f->size && c->members[i].type == MEMBER_TEXT)
		*(f->offset == offsetof(struct fb_event, text) ? &c->text : &c->prev_text) = i;
	/* Only a thread that is not its process's leader gets another tid. */
	if (c->template.kind != FB_EV_EXEC || strcmp(f->name, "old_tid") != 0 || c->members[i].type)
		return;
	for (unsigned k = 0; k < i; k++)
		if (!strcmp(fields[k].name, "tid"))
			add_move(c, k, f->size, f->offset);
}

static void bind_class(struct event_class *c, const bt_event_class *class)
{
	const struct fb_field *fields = fb_kinds[c->template.kind].fields;

	want_members(c, class);
	want_inner(c, scope_class(class, SCOPE_FIELDS));
	if (c->template.kind == FB_EV_SYS_ENTER || c->template.kind == FB_EV_SYS_EXIT)
		want_call(c, class);
	for (unsigned i = 0; i < FB_TOP_FIELDS_MAX && fields[i].name; i++)
		bind_field(c, fields, i);
	if (wants_descriptor(&c->template))
		add_move(c, MEMBER_FIRST, 4, offsetof(struct fb_event, sys_enter.fd));
}

struct event_class *event_class_new(const bt_event_class *class, unsigned number)
{
	struct event_class *c = g_new0(struct event_class, 1);
	const char *name = bt_event_class_get_name(class);
	struct fb_meaning meaning = { .kind = FB_EV_NONE };

	c->name = g_intern_string(name ? name : "unnamed");
	c->text = c->prev_text = MEMBERS;
	if (name)
		fb_vocabulary_find(name, &meaning);
	template_init(&c->template, &meaning, number);
	if (meaning.kind != FB_EV_NONE)
		bind_class(c, class);
	return c;
}

void event_class_free(void *class)
{
	struct event_class *c = class;

	g_clear_pointer(&c->inner, g_array_unref);
	g_free(c);
}

void event_class_state(const struct event_class *c, const bt_event_class *class,
		       struct class_facts *facts)
{
	static const uint64_t has[] = { FB_HAS_CONTEXT_TID, FB_HAS_CONTEXT_PID,
					FB_HAS_COMMON_FLAGS };
	const bt_field_class *fields = scope_class(class, SCOPE_FIELDS);

	*facts = (struct class_facts){ .name = c->name, .template = &c->template };
	for (unsigned i = 0; i < G_N_ELEMENTS(has); i++)
		if (is_number(&c->members[MEMBER_TID + i]))
			facts->has |= has[i];
	for (unsigned i = 0; i < FB_TOP_FIELDS_MAX; i++) {
		const bt_field_class_structure_member *m;

		if (c->members[i].type != MEMBER_SIGNED && c->members[i].type != MEMBER_UNSIGNED)
			continue;
		m = bt_field_class_structure_borrow_member_by_index_const(fields,
									  c->members[i].index);
		facts->bits[i] = bt_field_class_integer_get_field_value_range(
			bt_field_class_structure_member_borrow_field_class_const(m));
	}
}

/* ---- reading ---------------------------------------------------------------------------- */

static const bt_field *borrow_member(const struct member *m, const bt_event *event)
{
	const bt_field *structure;

	if (m->scope == SCOPE_STREAM)
		structure = bt_event_borrow_common_context_field_const(event);
	else if (m->scope == SCOPE_EVENT)
		structure = bt_event_borrow_specific_context_field_const(event);
	else
		structure = bt_event_borrow_payload_field_const(event);
	return bt_field_structure_borrow_member_field_by_index_const(structure, m->index);
}

int64_t read_number(enum member_type type, const bt_field *field)
{
	switch (type) {
	case MEMBER_UNSIGNED:
		return bt_field_integer_unsigned_get_value(field);
	case MEMBER_SIGNED:
		return bt_field_integer_signed_get_value(field);
	case MEMBER_BOOL:
		return bt_field_bool_get_value(field);
	case MEMBER_BITS:
		return bt_field_bit_array_get_value_as_integer(field);
	default:
		return 0;
	}
}

/* The number in a member, or the first of an array. False when that has none. */
static bool read_first(const struct member *m, const bt_event *event, int64_t *number)
{
	const bt_field *field = borrow_member(m, event);

	if (m->type != MEMBER_ARRAY) {
		*number = read_number(m->type, field);
		return true;
	}
	if (!bt_field_array_get_length(field))
		return false;
	field = bt_field_array_borrow_element_field_by_index_const(field, 0);
	*number = read_number(number_type(bt_field_borrow_class_const(field)), field);
	return true;
}

static uint16_t add_text(const struct member *m, const bt_event *event, GByteArray *bytes,
			 size_t start)
{
	const bt_field *field = borrow_member(m, event);
	size_t at = bytes->len - start;

	g_byte_array_append(bytes, (const uint8_t *)bt_field_string_get_value(field),
			    bt_field_string_get_length(field));
	g_byte_array_append(bytes, (const uint8_t *)"", 1);
	return MIN(at, FB_NO_TEXT);
}

static void name_call(const struct event_class *c, const bt_event *event, const struct calls *calls,
		      struct fb_event *ev)
{
	const struct member *number = &c->members[MEMBER_NUMBER],
			    *first = &c->members[MEMBER_FIRST];
	int64_t nr = read_number(number->type, borrow_member(number, event)), fd;

	if (calls_name(calls, ev, nr) && first->type && read_first(first, event, &fd))
		ev->sys_enter.fd = fd;
}

void event_class_fill(const struct event_class *c, const bt_event *event, const struct calls *calls,
		      struct fb_event *ev, GByteArray *bytes, size_t start)
{
	for (unsigned i = 0; i < c->n_moves; i++) {
		const struct member *m = &c->members[c->moves[i].member];
		int64_t value = read_number(m->type, borrow_member(m, event));

		event_set_number(ev, c->moves[i].to, c->moves[i].size, value);
	}
	if (c->text != MEMBERS)
		ev->text = add_text(&c->members[c->text], event, bytes, start);
	if (c->prev_text != MEMBERS)
		ev->sched_switch.prev_comm =
			add_text(&c->members[c->prev_text], event, bytes, start);
	if (c->by_number)
		name_call(c, event, calls, ev);
}

bool read_value(enum member_type type, const bt_field *field, struct fb_value *value)
{
	if (type == MEMBER_NONE || type == MEMBER_ARRAY)
		return false;
	if (type != MEMBER_TEXT) {
		*value = (struct fb_value){ .number = read_number(type, field) };
		return true;
	}
	*value = (struct fb_value){
		.is_text = true,
		.text = bt_field_string_get_value(field),
		.length = bt_field_string_get_length(field),
	};
	return true;
}

bool event_class_field(const struct event_class *c, const bt_event *event, int field,
		       struct fb_value *value)
{
	const struct member *m;

	if (field >= 0 && field < FB_TOP_FIELDS_MAX && c->members[field].type)
		m = &c->members[field];
	else if (is_extra(field))
		m = &c->members[MEMBER_TID + field - FB_EXTRA_CONTEXT_TID];
	else
		return field >= 0 && field < FB_FIELDS_MAX &&
		       read_inner(c, event, field, value);
	return m->type && read_value(m->type, borrow_member(m, event), value);
}
