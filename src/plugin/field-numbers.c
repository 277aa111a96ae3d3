/* SPDX-License-Identifier: MIT */
/* field-numbers.c - classes of integers, floating point numbers and enums. */
#include "plugin/field-maker.h"

static uint8_t int_op(const struct tsdl_type *type)
{
	static const uint8_t ops[2][4] = { { FIELD_U8, FIELD_U16, FIELD_U32, FIELD_U64 },
					   { FIELD_S8, FIELD_S16, FIELD_S32, FIELD_S64 } };
	bool is_own = type->integer.big_endian == (G_BYTE_ORDER == G_BIG_ENDIAN);
	uint32_t size = type->integer.size;

	if (type->integer.leb128 || type->integer.reversed || type->integer.meaning)
		return FIELD_INT;
	if (type->align % 8 || size < 8 || (size & (size - 1)) || (size > 8 && !is_own))
		return FIELD_INT;
	return ops[type->integer.is_signed][g_bit_nth_lsf(size, -1) - 3];
}

static void plan_int(struct field_plan *plan, const struct tsdl_type *type)
{
	plan->op = int_op(type);
	plan->size = type->integer.size;
	plan->is_signed = type->integer.is_signed;
	plan->big_endian = type->integer.big_endian;
	plan->reversed = type->integer.reversed;
	plan->leb128 = type->integer.leb128;
	plan->meaning = type->integer.meaning;
}

static void describe_int(bt_field_class *class, const struct tsdl_type *type)
{
	bt_field_class_integer_preferred_display_base base =
		BT_FIELD_CLASS_INTEGER_PREFERRED_DISPLAY_BASE_DECIMAL;

	if (type->integer.base == 2)
		base = BT_FIELD_CLASS_INTEGER_PREFERRED_DISPLAY_BASE_BINARY;
	else if (type->integer.base == 8)
		base = BT_FIELD_CLASS_INTEGER_PREFERRED_DISPLAY_BASE_OCTAL;
	else if (type->integer.base == 16)
		base = BT_FIELD_CLASS_INTEGER_PREFERRED_DISPLAY_BASE_HEXADECIMAL;
	bt_field_class_integer_set_field_value_range(class, type->integer.size);
	bt_field_class_integer_set_preferred_display_base(class, base);
}

static bt_field_class *create_int(struct maker *m, const struct tsdl_type *type)
{
	bt_trace_class *trace_class = m->o->trace_class;

	if (type->integer.meaning == TSDL_BOOLEAN)
		return bt_field_class_bool_create(trace_class);
	if (type->integer.meaning == TSDL_BIT_ARRAY)
		return bt_field_class_bit_array_create(trace_class, type->integer.size);
	return type->integer.is_signed ? bt_field_class_integer_signed_create(trace_class)
				       : bt_field_class_integer_unsigned_create(trace_class);
}

bt_field_class *make_int(struct maker *m, const struct tsdl_type *type, struct field_plan *plan)
{
	bt_field_class *class = create_int(m, type);

	if (!class)
		return make_failed(m, "out of memory");
	plan_int(plan, type);
	if (type->integer.meaning == TSDL_NUMBER)
		describe_int(class, type);
	return class;
}

bt_field_class *make_real(struct maker *m, const struct tsdl_type *type, struct field_plan *plan)
{
	bt_field_class *class;

	if (type->integer.size != 32 && type->integer.size != 64)
		return make_failed(m, "a floating point number of %u bits", type->integer.size);
	class = type->integer.size == 32
			? bt_field_class_real_single_precision_create(m->o->trace_class)
			: bt_field_class_real_double_precision_create(m->o->trace_class);
	if (!class)
		return make_failed(m, "out of memory");
	plan->op = FIELD_REAL;
	plan->size = type->integer.size;
	plan->big_endian = type->integer.big_endian;
	plan->reversed = type->integer.reversed;
	return class;
}

/* ---- enums ------------------------------------------------------------------------------ */

static bool add_signed_mapping(bt_field_class *class, const struct tsdl_type *type, uint32_t first)
{
	const struct tsdl_range *ranges = type->enumeration.ranges;
	bt_integer_range_set_signed *set = bt_integer_range_set_signed_create();
	bool ok = set != NULL;

	for (uint32_t i = first; ok && i < type->enumeration.n; i++)
		if (!strcmp(ranges[i].label, ranges[first].label))
			ok = !bt_integer_range_set_signed_add_range(set, ranges[i].first,
								    ranges[i].last);
	ok = ok && !bt_field_class_enumeration_signed_add_mapping(class, ranges[first].label, set);
	bt_integer_range_set_signed_put_ref(set);
	return ok;
}

static bool add_unsigned_mapping(bt_field_class *class, const struct tsdl_type *type,
				 uint32_t first)
{
	const struct tsdl_range *ranges = type->enumeration.ranges;
	bt_integer_range_set_unsigned *set = bt_integer_range_set_unsigned_create();
	bool ok = set != NULL;

	for (uint32_t i = first; ok && i < type->enumeration.n; i++)
		if (!strcmp(ranges[i].label, ranges[first].label))
			ok = !bt_integer_range_set_unsigned_add_range(set, ranges[i].first,
								      ranges[i].last);
	ok = ok &&
	     !bt_field_class_enumeration_unsigned_add_mapping(class, ranges[first].label, set);
	bt_integer_range_set_unsigned_put_ref(set);
	return ok;
}

/* All ranges of one label are one mapping, which stands where the first of them does. */
static bool add_mappings(bt_field_class *class, const struct tsdl_type *type)
{
	bool is_signed = type->enumeration.container->integer.is_signed;
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (uint32_t i = 0; i < type->enumeration.n; i++) {
		if (!g_hash_table_add(seen, (gpointer)type->enumeration.ranges[i].label))
			continue;
		if (!(is_signed ? add_signed_mapping : add_unsigned_mapping)(class, type, i))
			return false;
	}
	return true;
}

bt_field_class *make_enum(struct maker *m, const struct tsdl_type *type, struct field_plan *plan)
{
	const struct tsdl_type *container = type->enumeration.container;
	bt_field_class *class =
		container->integer.is_signed
			? bt_field_class_enumeration_signed_create(m->o->trace_class)
			: bt_field_class_enumeration_unsigned_create(m->o->trace_class);

	if (!class)
		return make_failed(m, "out of memory");
	plan_int(plan, container);
	describe_int(class, container);
	if (add_mappings(class, type))
		return class;
	bt_field_class_put_ref(class);
	return make_failed(m, "out of memory");
}
