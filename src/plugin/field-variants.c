/* SPDX-License-Identifier: MIT */
/* field-variants.c - classes of variants: which values of the tag select which option. */
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

/* Notes the values of the tag that select option `index`; false when another one has them. */
static bool note_ranges(struct field_plan *plan, const struct tsdl_type *tag, const char *option,
			uint32_t index)
{
	for (uint32_t i = 0; i < tag->enumeration.n; i++) {
		const struct tsdl_range *r = &tag->enumeration.ranges[i];

		if (strcmp(plain_name(r->label), option))
			continue;
		if (overlaps(plan, r))
			return false;
		plan->ranges[plan->n_ranges++] = (struct field_range){ r->first, r->last, index };
	}
	return true;
}

static bool append_signed(bt_field_class *variant, const char *name, bt_field_class *option,
			  const struct field_range *ranges, uint32_t n)
{
	bt_integer_range_set_signed *set = bt_integer_range_set_signed_create();
	bool ok = set != NULL;

	for (uint32_t i = 0; ok && i < n; i++)
		ok = !bt_integer_range_set_signed_add_range(set, ranges[i].first, ranges[i].last);
	ok = ok && !bt_field_class_variant_with_selector_field_integer_signed_append_option(
			   variant, name, option, set);
	bt_integer_range_set_signed_put_ref(set);
	return ok;
}

static bool append_unsigned(bt_field_class *variant, const char *name, bt_field_class *option,
			    const struct field_range *ranges, uint32_t n)
{
	bt_integer_range_set_unsigned *set = bt_integer_range_set_unsigned_create();
	bool ok = set != NULL;

	for (uint32_t i = 0; ok && i < n; i++)
		ok = !bt_integer_range_set_unsigned_add_range(set, ranges[i].first, ranges[i].last);
	ok = ok && !bt_field_class_variant_with_selector_field_integer_unsigned_append_option(
			   variant, name, option, set);
	bt_integer_range_set_unsigned_put_ref(set);
	return ok;
}

static bool make_option(struct maker *m, bt_field_class *class, const struct tsdl_type *tag,
			const struct tsdl_field *field, struct field_plan *plan, uint32_t index)
{
	const char *name = plain_name(field->name);
	struct field_plan *option = &plan->parts[index];
	uint32_t before = plan->n_ranges;
	bt_field_class *option_class;
	bool ok;

	option->member = FIELD_NO_MEMBER;
	if (!note_ranges(plan, tag, name, index) ||
	    bt_field_class_variant_borrow_option_by_name_const(class, name)) {
		make_failed(m, "option %s is not the only one of its name or its values", name);
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
	bt_field_class *tag_class = NULL, *class;
	const struct tsdl_type *tag;

	if (!type->compound.tag)
		return make_failed(m, "a variant without a tag");
	plan->reg = make_reference(m, type->compound.tag, &tag, &tag_class);
	if (!plan->reg)
		return NULL;
	if (tag->kind != TSDL_ENUM || !tag_class)
		return make_failed(m, "the tag '%s' is no enum", type->compound.tag);
	class = bt_field_class_variant_create(m->o->trace_class, tag_class);
	if (!class)
		return make_failed(m, "out of memory");
	plan->op = FIELD_VARIANT;
	plan->is_signed = tag->enumeration.container->integer.is_signed;
	plan->n = type->compound.n;
	plan->parts = g_new0(struct field_plan, MAX(plan->n, 1));
	plan->ranges = g_new0(struct field_range, MAX(tag->enumeration.n, 1));
	for (uint32_t i = 0; i < plan->n; i++)
		if (!make_option(m, class, tag, &type->compound.fields[i], plan, i)) {
			bt_field_class_put_ref(class);
			return NULL;
		}
	return class;
}
