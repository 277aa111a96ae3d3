/* SPDX-License-Identifier: MIT */
/* nested-fields.c - fields inside of an event's structures and variants: packets' headers. */
#include "bt2/nested-fields.h"

/* ---- binding ---------------------------------------------------------------------------- */

/* Where a walk through the payload's classes stands. */
struct field_walk {
	struct event_class *c;
	const char *names[INNER_DEPTH_MAX]; /* of the steps */
	struct inner_member here;
};

static void walk_class(struct field_walk *w, const bt_field_class *class);

static void take_step(struct field_walk *w, uint64_t index, const char *name,
		      const bt_field_class *class)
{
	int field;

	if (w->here.depth == INNER_DEPTH_MAX || index > UINT8_MAX || !name)
		return;
	w->names[w->here.depth] = name;
	w->here.steps[w->here.depth++] = index;
	field = inner_field(w->c->bound.template.kind, w->names, w->here.depth);
	if (field >= 0) {
		w->here.field = field;
		g_array_append_val(w->c->inner, w->here);
	}
	walk_class(w, class);
	w->here.depth--;
}

static void walk_class(struct field_walk *w, const bt_field_class *class)
{
	if (is_a(class, BT_FIELD_CLASS_TYPE_STRUCTURE))
		for (uint64_t i = 0; i < bt_field_class_structure_get_member_count(class); i++) {
			const bt_field_class_structure_member *m =
				bt_field_class_structure_borrow_member_by_index_const(class, i);

			take_step(w, i, bt_field_class_structure_member_get_name(m),
				  bt_field_class_structure_member_borrow_field_class_const(m));
		}
	else if (is_a(class, BT_FIELD_CLASS_TYPE_VARIANT))
		for (uint64_t i = 0; i < bt_field_class_variant_get_option_count(class); i++) {
			const bt_field_class_variant_option *o =
				bt_field_class_variant_borrow_option_by_index_const(class, i);

			take_step(w, i, bt_field_class_variant_option_get_name(o),
				  bt_field_class_variant_option_borrow_field_class_const(o));
		}
	else if (is_a(class, BT_FIELD_CLASS_TYPE_OPTION))
		walk_class(w, bt_field_class_option_borrow_field_class_const(class));
}

void want_inner(struct event_class *c, const bt_field_class *payload)
{
	struct field_walk w = { .c = c };

	if (!payload || !has_inner_fields(c->bound.template.kind))
		return;
	c->inner = g_array_new(FALSE, TRUE, sizeof(struct inner_member));
	walk_class(&w, payload);
}

/* ---- reading ---------------------------------------------------------------------------- */

/* An array of bytes or, IPv6's, of 16-bit numbers. */
static bool read_address(const bt_field *field, struct fb_value *value)
{
	const bt_field_class *element = bt_field_class_array_borrow_element_field_class_const(
		bt_field_borrow_class_const(field));
	uint64_t n = bt_field_array_get_length(field), at = 0;
	unsigned size = bt_field_class_integer_get_field_value_range(element) / 8;

	if (!is_address(n, size))
		return false;
	*value = (struct fb_value){ .address_bytes = n * size };
	for (uint64_t i = 0; i < n; i++) {
		int64_t number =
			read_number(number_type(element),
				    bt_field_array_borrow_element_field_by_index_const(field, i));

		for (unsigned k = size; k-- > 0;)
			value->address[at++] = number >> (k * 8);
	}
	return true;
}

/* What is in options, which are no steps. */
static const bt_field *follow_options(const bt_field *f)
{
	while (f && is_a(bt_field_borrow_class_const(f), BT_FIELD_CLASS_TYPE_OPTION))
		f = bt_field_option_borrow_field_const(f);
	return f;
}

/* The field at the end of the way; NULL when a variant has another option, or it is not there. */
static const bt_field *follow(const struct inner_member *m, const bt_event *event)
{
	const bt_field *f = bt_event_borrow_payload_field_const(event);

	for (unsigned i = 0; f && i < m->depth; i++) {
		f = follow_options(f);
		if (!f)
			return NULL;
		if (is_a(bt_field_borrow_class_const(f), BT_FIELD_CLASS_TYPE_STRUCTURE))
			f = bt_field_structure_borrow_member_field_by_index_const(f, m->steps[i]);
		else if (bt_field_variant_get_selected_option_index(f) == m->steps[i])
			f = bt_field_variant_borrow_selected_option_field_const(f);
		else
			return NULL;
	}
	return find_option(f);
}

bool read_inner(const struct event_class *c, const bt_event *event, unsigned field,
		struct fb_value *value)
{
	for (guint i = 0; c->inner && i < c->inner->len; i++) {
		const struct inner_member *m = &g_array_index(c->inner, struct inner_member, i);
		const bt_field *f = m->field == field ? follow(m, event) : NULL;
		enum member_type type;

		if (!f)
			continue;
		type = type_of(bt_field_borrow_class_const(f));
		if (fb_kinds[c->bound.template.kind].fields[field].type == FB_FIELD_ADDRESS)
			return type == MEMBER_ARRAY && read_address(f, value);
		return read_value(type, f, value);
	}
	return false;
}
