/* SPDX-License-Identifier: MIT */
/* type.c - what both parsers of metadata do with a type whose parts are complete. */
#include "ctf/metadata/type.h"

static void sum_scalar(struct tsdl_type *type, uint64_t bits)
{
	type->depth = type->nodes = 1;
	type->most_bits = bits + type->align - 1;
}

static void sum_element(struct tsdl_type *type, uint64_t times)
{
	const struct tsdl_type *element = type->array.element;
	uint64_t bits;

	type->align = MAX(type->align, element->align);
	type->depth = element->depth + 1;
	type->nodes = element->nodes + 1;
	if (__builtin_mul_overflow(element->most_bits, times, &bits) ||
	    __builtin_add_overflow(bits, type->align - 1, &type->most_bits))
		type->most_bits = UINT64_MAX;
}

/* Fields of a variant: each aligns itself. */
static void sum_fields(struct tsdl_type *type)
{
	type->depth = type->nodes = 1;
	type->most_bits = 0;
	for (uint32_t i = 0; i < type->compound.n; i++) {
		const struct tsdl_type *field = type->compound.fields[i].type;

		type->depth = MAX(type->depth, field->depth + 1);
		type->nodes = MIN(type->nodes + field->nodes, TSDL_MAX_NODES + 1);
		type->most_bits = MIN(type->most_bits + field->most_bits, TSDL_MAX_BITS + 1);
	}
}

static void sum_struct(struct tsdl_type *type)
{
	sum_fields(type);
	for (uint32_t i = 0; i < type->compound.n; i++)
		type->align = MAX(type->align, type->compound.fields[i].type->align);
	type->most_bits += type->align - 1;
}

static void sum_enum(struct tsdl_type *type)
{
	type->align = type->enumeration.container->align;
	type->depth = type->nodes = 2;
	type->most_bits = type->enumeration.container->most_bits;
}

void type_sum(struct tsdl_type *type)
{
	type->align = MAX(type->align, 1);
	switch (type->kind) {
	case TSDL_INT:
	case TSDL_FLOAT:
	case TSDL_BITS:
		sum_scalar(type, type->integer.size);
		break;
	case TSDL_STRING:
		sum_scalar(type, 0);
		break;
	case TSDL_ENUM:
		sum_enum(type);
		break;
	case TSDL_STRUCT:
		sum_struct(type);
		break;
	case TSDL_VARIANT:
	case TSDL_OPTIONAL:
		sum_fields(type);
		break;
	case TSDL_ARRAY:
		sum_element(type, type->array.length);
		break;
	case TSDL_SEQUENCE:
		sum_element(type, 0);
		break;
	}
}

char *type_excess(const struct tsdl_type *type)
{
	if (type->depth > TSDL_MAX_DEPTH)
		return g_strdup_printf("types nested more than %u deep", TSDL_MAX_DEPTH);
	if (type->nodes > TSDL_MAX_NODES)
		return g_strdup_printf("a type of more than %u fields", TSDL_MAX_NODES);
	if (type->most_bits > TSDL_MAX_BITS)
		return g_strdup_printf("a type of more than %" G_GUINT64_FORMAT " bits",
				       TSDL_MAX_BITS);
	return NULL;
}
