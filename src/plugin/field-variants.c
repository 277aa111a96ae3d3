/* SPDX-License-Identifier: MIT */
/* field-variants.c - classes of variants and optionals: which values of the tag select what. */
#include "plugin/field-maker.h"
#include "ctf/layout/program.h"

static bool overlaps(const struct field_plan *plan, const struct tsdl_range *r)
{
	for (uint32_t i = 0; i < plan->n_ranges; i++) {
		const struct field_range *other = &plan->ranges[i];
		bool apart = plan->is_signed ? r->last < (int64_t)other->first ||
						       r->first > (int64_t)other->last
					     : (uint64_t)r->last < other->first ||
						       (uint64_t)r->first > other->last;

		if (!apart)
			return true;
	}
	return false;
}

/* Notes values of the tag that select option `index`; false when another one has them. */
static bool note_range(struct field_plan *plan, const struct tsdl_range *r, uint32_t index)
{
	if (overlaps(plan, r))
		return false;
	plan->ranges = g_renew(struct field_range, plan->ranges, plan->n_ranges + 1);
	plan->ranges[plan->n_ranges++] = (struct field_range){ r->first, r->last, index };
	return true;
}

/* Notes all of them: those of the option's label, or where the metadata has them, the option's. */
static bool note_ranges(struct field_plan *plan, const struct tsdl_type *variant,
			const struct tsdl_type *tag, const char *option, uint32_t index)
{
	const struct tsdl_selector *selectors = variant->compound.selectors;
	bool ok = true;

	for (uint32_t i = 0; ok && selectors && i < selectors[index].n; i++)
		ok = note_range(plan, &selectors[index].ranges[i], index);
	for (uint32_t i = 0; ok && !selectors && i < tag->enumeration.n; i++)
		if (!strcmp(plain_name(tag->enumeration.ranges[i].label), option))
			ok = note_range(plan, &tag->enumeration.ranges[i], index);
	return ok;
}

static bt_integer_range_set_signed *signed_set(const struct field_range *ranges, uint32_t n)
{
	bt_integer_range_set_signed *set = bt_integer_range_set_signed_create();

	for (uint32_t i = 0; set && i < n; i++)
		if (bt_integer_range_set_signed_add_range(set, ranges[i].first, ranges[i].last))
			bt_integer_range_set_signed_put_ref(g_steal_pointer(&set));
	return set;
}

static bt_integer_range_set_unsigned *unsigned_set(const struct field_range *ranges, uint32_t n)
{
	bt_integer_range_set_unsigned *set = bt_integer_range_set_unsigned_create();

	for (uint32_t i = 0; set && i < n; i++)
		if (bt_integer_range_set_unsigned_add_range(set, ranges[i].first, ranges[i].last))
			bt_integer_range_set_unsigned_put_ref(g_steal_pointer(&set));
	return set;
}

static bool append_signed(bt_field_class *variant, const char *name, bt_field_class *option,
			  const struct field_range *ranges, uint32_t n)
{
	bt_integer_range_set_signed *set = signed_set(ranges, n);
	bool ok = set && !bt_field_class_variant_with_selector_field_integer_signed_append_option(
				 variant, name, option, set);

	bt_integer_range_set_signed_put_ref(set);
	return ok;
}

static bool append_unsigned(bt_field_class *variant, const char *name, bt_field_class *option,
			    const struct field_range *ranges, uint32_t n)
{
	bt_integer_range_set_unsigned *set = unsigned_set(ranges, n);
	bool ok = set && !bt_field_class_variant_with_selector_field_integer_unsigned_append_option(
				 variant, name, option, set);

	bt_integer_range_set_unsigned_put_ref(set);
	return ok;
}

/* Options of CTF 2 need no name, those of babeltrace2 2.0 do. */
static char *option_name(const struct maker *m, const struct tsdl_field *field, uint32_t index)
{
	if (*field->name)
		return g_strdup(plain_name(field->name));
	return options_need_names(m->o->trace_class) ? g_strdup_printf("option %u", index) : NULL;
}

static bool make_option(struct maker *m, bt_field_class *class, const struct tsdl_type *variant,
			const struct tsdl_type *tag, struct field_plan *plan, uint32_t index)
{
	const struct tsdl_field *field = &variant->compound.fields[index];
	g_autofree char *name = option_name(m, field, index);
	struct field_plan *option = &plan->parts[index];
	uint32_t before = plan->n_ranges;
	bt_field_class *option_class;
	bool ok;

	option->member = FIELD_NO_MEMBER;
	if (!note_ranges(plan, variant, tag, plain_name(field->name), index) ||
	    (name && bt_field_class_variant_borrow_option_by_name_const(class, name))) {
		make_failed(m, "option %s is not the only one of its name or its values",
			    name ? name : "without a name");
		return false;
	}
	if (plan->n_ranges == before)
		return true; /* nothing selects it */
	option_class = make_field(m, field->type, option);
	if (!option_class)
		return false;
	option->member = bt_field_class_variant_get_option_count(class);
	ok = (plan->is_signed ? append_signed : append_unsigned)(
		class, name, option_class, plan->ranges + before, plan->n_ranges - before);
	bt_field_class_put_ref(option_class);
	if (!ok)
		make_failed(m, "out of memory");
	return ok;
}

bt_field_class *make_variant(struct maker *m, const struct tsdl_type *type, struct field_plan *plan)
{
	const struct tsdl_type *tag;
	struct field_link link;
	bt_field_class *class;

	if (!type->compound.tag)
		return make_failed(m, "a variant without a tag");
	plan->reg = make_reference(m, type->compound.tag, type->compound.location, &tag, &link);
	if (!plan->reg)
		return NULL;
	if ((tag->kind != TSDL_ENUM && !type->compound.selectors) ||
	    !link_works(m->o->trace_class, &link))
		return make_failed(m, "the tag '%s' is no enum", type->compound.tag);
	plan->op = FIELD_VARIANT;
	plan->is_signed = plain_int(tag)->integer.is_signed;
	class = variant_class_new(m->o->trace_class, &link, plan->is_signed);
	if (!class)
		return make_failed(m, "out of memory");
	plan->n = type->compound.n;
	plan->parts = g_new0(struct field_plan, MAX(plan->n, 1));
	for (uint32_t i = 0; i < plan->n; i++)
		if (!make_option(m, class, type, tag, plan, i)) {
			bt_field_class_put_ref(class);
			return NULL;
		}
	return class;
}

/* ---- optionals -------------------------------------------------------------------------- */

static bt_field_class *option_class(struct maker *m, const struct field_plan *plan,
				    bt_field_class *content, const struct field_link *tag,
				    bool is_boolean)
{
	bt_integer_range_set_signed *numbers = NULL;
	bt_integer_range_set_unsigned *naturals = NULL;
	bt_field_class *class = NULL;

	if (!is_boolean && plan->is_signed)
		numbers = signed_set(plan->ranges, plan->n_ranges);
	else if (!is_boolean)
		naturals = unsigned_set(plan->ranges, plan->n_ranges);
	if (is_boolean || numbers || naturals)
		class = optional_class_new(m->o->trace_class, content, tag, numbers, naturals);
	bt_integer_range_set_signed_put_ref(numbers);
	bt_integer_range_set_unsigned_put_ref(naturals);
	return class;
}

bt_field_class *make_optional(struct maker *m, const struct tsdl_type *type,
			      struct field_plan *plan)
{
	const struct tsdl_range not_0 = { NULL, 1, -1 };
	bt_field_class *content, *class;
	const struct tsdl_type *tag;
	struct field_link link;
	bool ok = true;

	plan->reg = make_reference(m, type->compound.tag, type->compound.location, &tag, &link);
	if (!plan->reg)
		return NULL;
	if (!link_works(m->o->trace_class, &link))
		return make_failed(m, "its selector '%s' is not in the event once",
				   type->compound.tag);
	plan->op = FIELD_OPTIONAL;
	plan->n = 1;
	plan->is_signed = plain_int(tag)->integer.is_signed;
	plan->parts = g_new0(struct field_plan, 1);
	if (type->compound.selectors)
		ok = note_ranges(plan, type, tag, NULL, 0);
	else
		note_range(plan, &not_0, 0);
	if (!ok)
		return make_failed(m, "its selector-field-ranges overlap");
	content = make_field(m, type->compound.fields[0].type, plan->parts);
	if (!content)
		return NULL;
	class = option_class(m, plan, content, &link, !type->compound.selectors);
	bt_field_class_put_ref(content);
	return class ? class : make_failed(m, "out of memory");
}
