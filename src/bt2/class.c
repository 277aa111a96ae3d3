/* SPDX-License-Identifier: MIT */
/* class.c - describes babeltrace2's event classes to the binder, and reads what that wants. */
#include "bt2/nested-fields.h"
#include "event/numbers.h"

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

bool is_optional(const bt_field_class *class)
{
	return is_a(class, BT_FIELD_CLASS_TYPE_OPTION) || is_a(class, BT_FIELD_CLASS_TYPE_VARIANT);
}

/* A variant's first option that can be read. */
static enum member_type variant_type(const bt_field_class *class)
{
	uint64_t n = bt_field_class_variant_get_option_count(class);
	enum member_type type = MEMBER_NONE;

	for (uint64_t i = 0; i < n && !type; i++) {
		const bt_field_class_variant_option *o =
			bt_field_class_variant_borrow_option_by_index_const(class, i);

		type = type_of(bt_field_class_variant_option_borrow_field_class_const(o));
	}
	return type;
}

enum member_type type_of(const bt_field_class *class)
{
	if (is_a(class, BT_FIELD_CLASS_TYPE_OPTION))
		return type_of(bt_field_class_option_borrow_field_class_const(class));
	if (is_a(class, BT_FIELD_CLASS_TYPE_VARIANT))
		return variant_type(class);
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

/* A class, described to the binder: each field, and how it will be read. */
struct description {
	GArray *fields;	 /* struct class_field */
	GArray *members; /* struct member */
};

static enum class_field_type neutral_type(enum member_type type)
{
	switch (type) {
	case MEMBER_NONE:
		return CLASS_FIELD_OTHER;
	case MEMBER_TEXT:
		return CLASS_FIELD_TEXT;
	case MEMBER_ARRAY:
		return CLASS_FIELD_NUMBERS;
	default:
		return CLASS_FIELD_NUMBER;
	}
}

static void describe_member(struct description *d, const char *name, const struct member *member,
			    const bt_field_class *class)
{
	struct class_field field = {
		.name = name,
		.scope = member->scope,
		.type = neutral_type(member->type),
	};

	if (number_type(class))
		field.bits = bt_field_class_integer_get_field_value_range(class);
	g_array_append_val(d->fields, field);
	g_array_append_vals(d->members, member, 1);
}

static void describe(struct description *d, enum event_scope scope, const bt_field_class *structure)
{
	uint64_t n = structure ? bt_field_class_structure_get_member_count(structure) : 0;

	for (uint64_t i = 0; i < n; i++) {
		const bt_field_class_structure_member *m =
			bt_field_class_structure_borrow_member_by_index_const(structure, i);
		const bt_field_class *class =
			bt_field_class_structure_member_borrow_field_class_const(m);
		const struct member member = {
			.type = type_of(class),
			.scope = scope,
			.is_optional = is_optional(class),
			.index = i,
		};

		describe_member(d, bt_field_class_structure_member_get_name(m), &member, class);
	}
}

static void bind_class(struct event_class *c, const bt_event_class *class)
{
	struct description d = {
		.fields = g_array_new(FALSE, FALSE, sizeof(struct class_field)),
		.members = g_array_new(FALSE, FALSE, sizeof(struct member)),
	};

	for (unsigned scope = 0; scope < SCOPES; scope++)
		describe(&d, scope, scope_class(class, scope));
	binding_fields(&c->bound, (const void *)d.fields->data, d.fields->len);
	for (unsigned i = 0; i < BOUNDS; i++)
		if (c->bound.fields[i] >= 0)
			c->members[i] =
				g_array_index(d.members, struct member, c->bound.fields[i]);
	g_array_unref(d.fields);
	g_array_unref(d.members);
	want_inner(c, scope_class(class, SCOPE_FIELDS));
}

struct event_class *event_class_new(const bt_event_class *class, unsigned number)
{
	struct event_class *c = g_new0(struct event_class, 1);
	const char *name = bt_event_class_get_name(class);

	c->name = g_intern_string(name ? name : "unnamed");
	if (binding_init(&c->bound, name, number))
		bind_class(c, class);
	return c;
}

void event_class_free(void *class)
{
	struct event_class *c = class;

	g_clear_pointer(&c->inner, g_array_unref);
	g_free(c);
}

/* ---- reading ---------------------------------------------------------------------------- */

const bt_field *find_option(const bt_field *field)
{
	while (field && is_optional(bt_field_borrow_class_const(field)))
		field = is_a(bt_field_borrow_class_const(field), BT_FIELD_CLASS_TYPE_OPTION) ?
				bt_field_option_borrow_field_const(field) :
				bt_field_variant_borrow_selected_option_field_const(field);
	return field;
}

/* A member as it is in one event: `type` is then the field's own. NULL: the event does not have it. */
static const bt_field *borrow_member(const struct member *m, const bt_event *event,
				     enum member_type *type)
{
	const bt_field *structure, *field;

	if (m->scope == SCOPE_STREAM)
		structure = bt_event_borrow_common_context_field_const(event);
	else if (m->scope == SCOPE_EVENT)
		structure = bt_event_borrow_specific_context_field_const(event);
	else
		structure = bt_event_borrow_payload_field_const(event);
	field = bt_field_structure_borrow_member_field_by_index_const(structure, m->index);
	*type = m->type;
	if (!m->is_optional)
		return field;
	field = find_option(field);
	*type = field ? type_of(bt_field_borrow_class_const(field)) : MEMBER_NONE;
	return field;
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

static bool is_number(enum member_type type)
{
	return type != MEMBER_NONE && type != MEMBER_TEXT && type != MEMBER_ARRAY;
}

/* False when the event has no such number. */
static bool read_member(const struct member *m, const bt_event *event, int64_t *number)
{
	enum member_type type;
	const bt_field *field = borrow_member(m, event, &type);

	if (!is_number(type))
		return false;
	*number = read_number(type, field);
	return true;
}

/* The number in a member, or the first of an array. False when that has none. */
static bool read_first(const struct member *m, const bt_event *event, int64_t *number)
{
	enum member_type type;
	const bt_field *field = borrow_member(m, event, &type);

	if (type != MEMBER_ARRAY)
		return read_member(m, event, number);
	if (!bt_field_array_get_length(field))
		return false;
	field = bt_field_array_borrow_element_field_by_index_const(field, 0);
	*number = read_number(number_type(bt_field_borrow_class_const(field)), field);
	return true;
}

static uint16_t add_text(const struct member *m, const bt_event *event, GByteArray *bytes,
			 size_t start)
{
	enum member_type type;
	const bt_field *field = borrow_member(m, event, &type);
	size_t at = bytes->len - start;

	if (type != MEMBER_TEXT)
		return FB_NO_TEXT;
	g_byte_array_append(bytes, (const uint8_t *)bt_field_string_get_value(field),
			    bt_field_string_get_length(field));
	g_byte_array_append(bytes, (const uint8_t *)"", 1);
	return MIN(at, FB_NO_TEXT);
}

static void name_call(const struct event_class *c, const bt_event *event,
		      const struct syscall_numbers *calls, struct fb_event *ev)
{
	const struct member *first = &c->members[BOUND_FIRST];
	int64_t nr, fd;

	if (read_member(&c->members[BOUND_NUMBER], event, &nr) && calls_name(calls, ev, nr) &&
	    first->type && read_first(first, event, &fd))
		ev->sys_enter.fd = fd;
}

void event_class_fill(const struct event_class *c, const bt_event *event,
		      const struct syscall_numbers *calls, struct fb_event *ev, GByteArray *bytes,
		      size_t start)
{
	for (unsigned i = 0; i < c->bound.n_moves; i++) {
		const struct move *move = &c->bound.moves[i];
		int64_t value;

		/* What is not there stays what the template has in its place. */
		if (read_member(&c->members[move->from], event, &value))
			event_set_number(ev, move->to, move->size, value);
	}
	if (c->bound.text != BOUNDS)
		ev->text = add_text(&c->members[c->bound.text], event, bytes, start);
	if (c->bound.prev_text != BOUNDS)
		ev->sched_switch.prev_comm =
			add_text(&c->members[c->bound.prev_text], event, bytes, start);
	if (c->bound.by_number)
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
	int wanted = bound_as(field);
	const struct member *m = wanted < 0 ? NULL : &c->members[wanted];
	enum member_type type;
	const bt_field *f;

	if (m && m->type) {
		f = borrow_member(m, event, &type);
		return read_value(type, f, value);
	}
	return field >= 0 && field < FB_FIELDS_MAX && read_inner(c, event, field, value);
}
