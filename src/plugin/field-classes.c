/* SPDX-License-Identifier: MIT */
/*
 * field-classes.c - type trees -> babeltrace2's field classes, and plans to decode
 * into their fields.
 *
 * Names and kinds are those that babeltrace2's own reader gives: no leading
 * underscore, arrays and sequences of characters as strings, and no integers that
 * hold a clock's value. libbabeltrace2 ends the process where a class makes no
 * sense (two members of one name, options that overlap): metadata that does is
 * refused here.
 */
#include <flightbox/error.h>

#include "plugin/field-maker.h"
#include "ctf/layout/program.h"

#define EMPTY_ELEMENTS_MAX 65536

bt_field_class *make_failed(struct maker *m, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list args;

	if (*m->error)
		return NULL;
	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error(m->error, FB_ERROR, FB_ERROR_UNSUPPORTED, "%s: field %s: %s", m->o->where,
		    m->name ? m->name : m->scope->scope.path, what);
	return NULL;
}

/* ---- names ------------------------------------------------------------------------------ */

/* The integers that a reference leads to, one for each option on its way. */
struct targets {
	const struct tsdl_reference *ref;
	uint8_t keep;	       /* the register that is to hold them; 0: none has one */
	bool is_split; /* they have several */
	struct field_link *link;
	unsigned n;
};

static void note_target(struct targets *t, struct field_plan *plan)
{
	t->is_split |= t->keep && plan->keep && plan->keep != t->keep;
	t->keep = t->keep ? t->keep : plan->keep;
	t->link->class = t->n ? NULL : plan->class;
	t->link->is_there = (!t->n || t->link->is_there) && plan->class;
	t->n++;
}

static void keep_target(struct targets *t, struct field_plan *plan)
{
	plan->keep = t->keep;
	plan->op = FIELD_INT;
}

static void for_targets(struct targets *t, const struct tsdl_type *type, struct field_plan *plan,
			unsigned at, void (*what)(struct targets *t, struct field_plan *plan))
{
	bool is_struct = type->kind == TSDL_STRUCT;

	if (plain_int(type)->kind == TSDL_INT && at == t->ref->n)
		what(t, plan);
	if (!is_struct && type->kind != TSDL_VARIANT && type->kind != TSDL_OPTIONAL)
		return;
	/* Of what is not made yet there are no parts. */
	for (uint32_t i = 0; plan->parts && i < type->compound.n; i++) {
		const struct tsdl_field *f = &type->compound.fields[i];

		if (!is_struct || (at < t->ref->n && !strcmp(f->name, t->ref->names[at])))
			for_targets(t, f->type, &plan->parts[i], at + is_struct, what);
	}
}

static bt_field_path_scope scope_named(const char *path)
{
	static const struct {
		const char *path;
		bt_field_path_scope scope;
	} scopes[] = {
		{ "stream.packet.context", BT_FIELD_PATH_SCOPE_PACKET_CONTEXT },
		{ "stream.event.context", BT_FIELD_PATH_SCOPE_EVENT_COMMON_CONTEXT },
		{ "event.context", BT_FIELD_PATH_SCOPE_EVENT_SPECIFIC_CONTEXT },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(scopes); i++)
		if (!strcmp(path, scopes[i].path))
			return scopes[i].scope;
	return BT_FIELD_PATH_SCOPE_EVENT_PAYLOAD;
}

static void add_name(struct field_link *link, const char *name)
{
	g_assert(link->n < FIELD_LINK_NAMES);
	link->names[link->n++] = plain_name(name);
}

/* The way to a struct that is being made. */
static void add_way(struct field_link *link, const struct tsdl_frame *frame)
{
	if (!frame->up)
		return;
	add_way(link, frame->up);
	add_name(link, frame->up->type->compound.fields[frame->up->done].name);
}

static void link_to(struct field_link *link, const struct maker *m,
		    const struct tsdl_reference *ref)
{
	const struct tsdl_scope *scope =
		ref->frame ? &m->scope->scope : &m->o->outer[ref->scope].scope;

	*link = (struct field_link){ .scope = scope_named(scope->path) };
	if (ref->frame)
		add_way(link, ref->frame);
	for (unsigned i = 0; i < ref->n; i++)
		add_name(link, ref->names[i]);
}

uint8_t make_reference(struct maker *m, const char *name, const struct tsdl_location *location,
		       const struct tsdl_type **type, struct field_link *link)
{
	struct tsdl_scope outer[FIELD_OUTER_MAX];
	struct tsdl_sight sight = { m->scope->scope.path, m->frame, outer, m->o->n_outer, 0 };
	struct tsdl_reference ref;
	struct targets t = { .ref = &ref, .link = link };
	const struct tsdl_type *from;
	struct field_plan *plan;

	g_assert(m->o->n_outer <= FIELD_OUTER_MAX);
	for (unsigned i = 0; i < m->o->n_outer; i++)
		outer[i] = m->o->outer[i].scope;
	if (!tsdl_refer(&sight, name, location, &ref)) {
		make_failed(m, "refers to '%s', which is no integer before it in the event", name);
		return 0;
	}
	*type = ref.type;
	link_to(link, m, &ref);
	from = ref.frame ? ref.frame->type : outer[ref.scope].type;
	plan = ref.frame ? ((const struct made_struct *)ref.frame)->plan
			 : m->o->outer[ref.scope].plan;
	for_targets(&t, from, plan, 0, note_target);
	if (t.is_split) {
		make_failed(m, "refers to what several options have and refer to themselves");
		return 0;
	}
	if (!t.keep) {
		if (*m->o->next_reg > m->o->last_reg) {
			make_failed(m, "refers to too many integers");
			return 0;
		}
		t.keep = (*m->o->next_reg)++;
	}
	for_targets(&t, from, plan, 0, keep_target);
	return t.keep;
}

/* ---- arrays ----------------------------------------------------------------------------- */

static bool is_text(const struct tsdl_type *element)
{
	return element->kind == TSDL_INT && element->integer.unit && element->integer.size == 8 &&
	       element->align == 8;
}

/* Whether each value takes at least a bit. */
static bool takes_bits(const struct tsdl_type *type)
{
	switch (type->kind) {
	case TSDL_STRUCT:
		for (uint32_t i = 0; i < type->compound.n; i++)
			if (takes_bits(type->compound.fields[i].type))
				return true;
		return false;
	case TSDL_ARRAY:
		return type->array.length && takes_bits(type->array.element);
	case TSDL_SEQUENCE:
	case TSDL_VARIANT:
	case TSDL_OPTIONAL:
		return false;
	default:
		return true;
	}
}

static bt_field_class *make_text(struct maker *m, struct field_plan *plan, enum field_op op,
				 unsigned unit, bool big_endian)
{
	bt_field_class *class = bt_field_class_string_create(m->o->trace_class);

	plan->op = op;
	plan->size = unit;
	plan->big_endian = big_endian;
	return class ? class : make_failed(m, "out of memory");
}

static bt_field_class *make_array(struct maker *m, const struct tsdl_type *type,
				  struct field_plan *plan)
{
	const struct tsdl_type *element = type->array.element;
	bt_field_class *element_class, *class;

	if (is_text(element)) {
		plan->n = type->array.length;
		return make_text(m, plan, FIELD_CHARS, element->integer.unit,
				 element->integer.big_endian);
	}
	if (type->array.length > EMPTY_ELEMENTS_MAX && !takes_bits(element))
		return make_failed(m, "an array of more elements than can be");
	plan->op = FIELD_ARRAY;
	plan->parts = g_new0(struct field_plan, 1);
	element_class = make_field(m, element, plan->parts);
	if (!element_class)
		return NULL;
	plan->n = type->array.length;
	class = bt_field_class_array_static_create(m->o->trace_class, element_class, plan->n);
	bt_field_class_put_ref(element_class);
	return class ? class : make_failed(m, "out of memory");
}

static bt_field_class *make_sequence(struct maker *m, const struct tsdl_type *type,
				     struct field_plan *plan)
{
	const struct tsdl_type *element = type->array.element, *length;
	bt_field_class *element_class, *class;
	struct field_link link;
	bool has_link;

	plan->reg = make_reference(m, type->array.length_name, type->array.location, &length,
				   &link);
	if (!plan->reg)
		return NULL;
	if (is_text(element))
		return make_text(m, plan, FIELD_TEXT, element->integer.unit,
				 element->integer.big_endian);
	plan->op = FIELD_SEQUENCE;
	plan->may_be_empty = !takes_bits(element);
	plan->parts = g_new0(struct field_plan, 1);
	element_class = make_field(m, element, plan->parts);
	if (!element_class)
		return NULL;
	has_link = link_works(m->o->trace_class, &link) && !plain_int(length)->integer.is_signed &&
		   plain_int(length)->integer.meaning == TSDL_NUMBER;
	class = sequence_class_new(m->o->trace_class, element_class, has_link ? &link : NULL);
	bt_field_class_put_ref(element_class);
	return class ? class : make_failed(m, "out of memory");
}

/* ---- structs ---------------------------------------------------------------------------- */

/* What babeltrace2 keeps to itself: clock values, and what tells about the packet alone. */
static bool is_left_out(const struct maker *m, const struct tsdl_field *field)
{
	const struct tsdl_type *type = plain_int(field->type);

	if (type->kind != TSDL_INT)
		return false;
	return type->integer.clock || (m->o->leaves_out_roles && field->roles);
}

static bool append_member(struct maker *m, bt_field_class *class, const char *name,
			  bt_field_class *member)
{
	m->name = name;
	if (bt_field_class_structure_borrow_member_by_name_const(class, name))
		make_failed(m, "the second of that name");
	else if (bt_field_class_structure_append_member(class, name, member))
		make_failed(m, "out of memory");
	else
		return true;
	return false;
}

static bool make_member(struct maker *m, bt_field_class *class, const struct tsdl_field *field,
			struct field_plan *plan)
{
	const char *name = plain_name(field->name);
	bt_field_class *member;
	bool ok = true;

	m->name = name;
	member = make_field(m, field->type, plan);
	if (!member)
		return false;
	if (is_left_out(m, field)) {
		plan->op = FIELD_INT;
		plan->member = FIELD_NO_MEMBER;
		plan->class = NULL;
	} else {
		plan->member = bt_field_class_structure_get_member_count(class);
		ok = append_member(m, class, name, member);
	}
	bt_field_class_put_ref(member);
	return ok;
}

/* Nothing needs aligning, keeping or looking up. */
static bool is_flat(const struct field_plan *plan)
{
	for (uint64_t i = 0; i < plan->n; i++) {
		struct field_plan *p = &plan->parts[i];

		if ((p->op > FIELD_S64 && (p->op != FIELD_CHARS || p->size > 1)) || p->align != 8 ||
		    p->member == FIELD_NO_MEMBER)
			return false;
		p->bytes = p->op == FIELD_CHARS ? p->n : p->size / 8;
	}
	return plan->align == 8;
}

static bt_field_class *make_struct(struct maker *m, const struct tsdl_type *type,
				   struct field_plan *plan)
{
	bt_field_class *class = bt_field_class_structure_create(m->o->trace_class);
	struct made_struct here = { .frame = { m->frame, type, 0 }, .plan = plan };
	uint32_t *done = &here.frame.done;
	const char *name = m->name;

	if (!class)
		return make_failed(m, "out of memory");
	plan->op = FIELD_STRUCT;
	plan->n = type->compound.n;
	plan->parts = g_new0(struct field_plan, MAX(plan->n, 1));
	m->frame = &here.frame;
	while (*done < plan->n &&
	       make_member(m, class, &type->compound.fields[*done], &plan->parts[*done]))
		++*done;
	m->frame = here.frame.up;
	m->name = name;
	if (*done == plan->n)
		return class;
	bt_field_class_put_ref(class);
	return NULL;
}

/* ---- all of them ------------------------------------------------------------------------ */

bt_field_class *make_field(struct maker *m, const struct tsdl_type *type, struct field_plan *plan)
{
	bt_field_class *class = NULL;

	plan->align = type->align;
	switch (type->kind) {
	case TSDL_INT:
		class = make_int(m, type, plan);
		break;
	case TSDL_FLOAT:
		class = make_real(m, type, plan);
		break;
	case TSDL_ENUM:
		class = make_enum(m, type, plan);
		break;
	case TSDL_STRING:
		class = make_text(m, plan, FIELD_STRING, type->string.unit, type->string.big_endian);
		break;
	case TSDL_STRUCT:
		class = make_struct(m, type, plan);
		break;
	case TSDL_ARRAY:
		class = make_array(m, type, plan);
		break;
	case TSDL_SEQUENCE:
		class = make_sequence(m, type, plan);
		break;
	case TSDL_VARIANT:
		class = make_variant(m, type, plan);
		break;
	case TSDL_OPTIONAL:
		class = make_optional(m, type, plan);
		break;
	case TSDL_BITS:
		return make_failed(m, "%u bits in one", type->integer.size);
	}
	plan->class = class;
	return class;
}

/* Once it is known which members others refer to. */
static void mark_flat(struct field_plan *plan)
{
	uint64_t n = plan->op == FIELD_STRUCT || plan->op == FIELD_VARIANT ? plan->n : 1;

	if (plan->op == FIELD_STRUCT)
		plan->is_flat = is_flat(plan);
	for (uint64_t i = 0; plan->parts && i < n; i++)
		mark_flat(&plan->parts[i]);
}

bt_field_class *field_class_new(struct field_scope *scope, const struct field_options *options,
				GError **error)
{
	GError *why = NULL;
	struct maker m = { .o = options, .scope = scope, .error = &why };
	bt_field_class *class = make_field(&m, scope->scope.type, scope->plan);

	if (!class)
		g_propagate_error(error, why);
	else
		mark_flat(scope->plan);
	for (unsigned i = 0; i < options->n_outer; i++)
		mark_flat(options->outer[i].plan);
	return class;
}

void field_plan_clear(struct field_plan *plan)
{
	bool has_parts = plan->op == FIELD_STRUCT || plan->op == FIELD_VARIANT;
	uint64_t n = has_parts ? plan->n : 1;

	for (uint64_t i = 0; plan->parts && i < n; i++)
		field_plan_clear(&plan->parts[i]);
	g_free(plan->parts);
	g_free(plan->ranges);
	memset(plan, 0, sizeof(*plan));
}
