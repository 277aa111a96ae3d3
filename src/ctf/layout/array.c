/* SPDX-License-Identifier: MIT */
/* array.c - makes steps of arrays and sequences. */
#include "ctf/layout/compiler.h"

/* The size of what begins aligned to type->align; false when it varies. */
static bool fixed_size(const struct tsdl_type *type, uint64_t *bits)
{
	uint64_t size, sum = 0;

	switch (type->kind) {
	case TSDL_INT:
		*bits = type->integer.size;
		return !type->integer.leb128;
	case TSDL_FLOAT:
	case TSDL_BITS:
		*bits = type->integer.size;
		return true;
	case TSDL_ENUM:
		return fixed_size(type->enumeration.container, bits);
	case TSDL_STRUCT:
		for (uint32_t i = 0; i < type->compound.n; i++) {
			const struct tsdl_type *field = type->compound.fields[i].type;

			if (!fixed_size(field, &size))
				return false;
			sum = ((sum + field->align - 1) & -(uint64_t)field->align) + size;
			if (sum > SIZE_MAX_BITS)
				return false;
		}
		*bits = sum;
		return true;
	case TSDL_ARRAY: {
		uint64_t align_ = type->array.element->align, stride;

		if (!fixed_size(type->array.element, &size))
			return false;
		stride = (size + align_ - 1) & -align_;
		if (stride && type->array.length > SIZE_MAX_BITS / stride)
			return false;
		*bits = type->array.length ? (type->array.length - 1) * stride + size : 0;
		return true;
	}
	default:
		return false;
	}
}

/* Elements whose size varies: a loop around the steps of one. `length` holds their number. */
static bool compile_loop(struct compiler *c, const struct tsdl_type *element, uint8_t length)
{
	uint32_t loop, body;
	uint8_t counter = c->n_regs;

	if (!c->is_rehearsal)
		c->n_regs += 2;
	if (c->n_regs > REG_MAX)
		return compile_fail(c, "refers to too many integers");
	region_flush(c);
	loop = step_emit(c, (struct step){ .op = OP_LOOP, .reg = length, .to = counter });
	body = step_next(c);
	step_emit(c, (struct step){ .op = OP_ALIGN, .n = element->align });
	region_begin(c, element->align);
	if (!compile_type(c, element, 0, NULL))
		return false;
	region_flush(c);
	step_emit(c, (struct step){ .op = OP_NEXT, .reg = counter, .target = body });
	step_set_target(c, loop, step_next(c));
	region_begin(c, 1);
	return true;
}

/* Elements of which one lies right behind the other; those of a byte, on bytes. */
static bool are_dense(const struct compiler *c, const struct tsdl_type *element)
{
	if (element->kind != TSDL_INT || element->integer.size % element->align)
		return false;
	return element->integer.size != 8 || (c->guarantee >= 8 && c->pending % 8 == 0);
}

static enum shape array_shape(const struct compiler *c, const struct tsdl_type *element)
{
	if (!are_dense(c, element))
		return SHAPE_NONE;
	return element->integer.size == 8 && !element->integer.reversed ? SHAPE_CHARS :
									  SHAPE_NUMBERS;
}

bool compile_array(struct compiler *c, const struct tsdl_type *type, struct place *found)
{
	const struct tsdl_type *element = type->array.element;
	uint64_t size;
	uint8_t counter = c->n_regs;

	region_align(c, type->align);
	if (fixed_size(type, &size)) {
		enum shape shape = type->array.length ? array_shape(c, element) : SHAPE_NONE;

		if (shape)
			locate_int(c, found, element, shape);
		if (found)
			found->length = MIN(type->array.length, UINT32_MAX);
		return region_advance(c, size);
	}
	if (fixed_size(element, &size))
		return compile_fail(c, "larger than any packet");
	if (!c->is_rehearsal)
		c->n_regs++;
	if (c->n_regs > REG_MAX)
		return compile_fail(c, "refers to too many integers");
	step_emit(c, (struct step){ .op = OP_COUNT, .reg = counter, .n = type->array.length });
	return compile_loop(c, element, counter);
}

bool compile_sequence(struct compiler *c, const struct tsdl_type *type, struct place *found)
{
	const struct tsdl_type *element = type->array.element, *length;
	uint64_t size, stride;
	uint8_t reg;

	if (!compile_refer(c, type->array.length_name, type->array.location, &length, &reg))
		return false;
	if (type->array.location && plain_int(length)->integer.is_signed)
		return compile_fail(c, "its length '%s' is signed", type->array.length_name);
	region_align(c, type->align);
	if (!fixed_size(element, &size))
		return compile_loop(c, element, reg);
	stride = (size + element->align - 1) & -(uint64_t)element->align;
	if (stride > UINT32_MAX)
		return compile_fail(c, "larger than any packet");
	if (array_shape(c, element) == SHAPE_CHARS) {
		locate_int(c, found, element, SHAPE_SEQUENCE);
		if (found)
			found->length_reg = reg;
	}
	region_flush(c);
	step_emit(c, (struct step){ .op = OP_SEQUENCE, .reg = reg, .n = size, .target = stride });
	region_begin(c, size ? MIN(element->align, size & -size) : element->align);
	return true;
}
