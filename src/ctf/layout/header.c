/* SPDX-License-Identifier: MIT */
/* header.c - recognises the event headers that tracers really write. */
#include "ctf/layout/header.h"

static bool is_struct(const struct tsdl_type *type, uint32_t n)
{
	return type && type->kind == TSDL_STRUCT && type->compound.n == n;
}

/* An unsigned little-endian integer of `size` bits, aligned to bits or to bytes. */
static bool is_int(const struct tsdl_type *type, uint32_t size)
{
	return type->kind == TSDL_INT && type->integer.size == size && !type->integer.is_signed &&
	       !type->integer.big_endian && type->align <= 8;
}

static bool is_time(const struct tsdl_field *field, uint32_t size)
{
	return is_int(field->type, size) &&
	       (field->type->integer.clock || !strcmp(plain_name(field->name), "timestamp"));
}

static bool is_id(const struct tsdl_field *field, uint32_t size)
{
	const struct tsdl_type *type = field->type;

	if (type->kind == TSDL_ENUM)
		type = type->enumeration.container;
	return is_int(type, size) && !strcmp(plain_name(field->name), "id");
}

static bool is_plain(const struct tsdl_type *type)
{
	return is_struct(type, 2) && is_id(&type->compound.fields[0], 32) &&
	       is_time(&type->compound.fields[1], 64);
}

/* The option that exactly the values `first` to `last` of the tag select, or NULL. */
static const struct tsdl_type *option_of(const struct tsdl_type *tag,
					 const struct tsdl_type *variant, int64_t first,
					 int64_t last)
{
	for (uint32_t i = 0; i < tag->enumeration.n; i++) {
		const struct tsdl_range *r = &tag->enumeration.ranges[i];

		if (r->first != first || r->last != last)
			continue;
		for (uint32_t k = 0; k < variant->compound.n; k++)
			if (!strcmp(plain_name(r->label),
				    plain_name(variant->compound.fields[k].name)))
				return variant->compound.fields[k].type;
	}
	return NULL;
}

/*
 *	enum : id_bits { small = 0 … escape - 1, big = escape } id;
 *	variant <id> { struct { time; } small; struct { id; time; } big; } v;
 */
static bool is_escaped(const struct tsdl_type *type, uint32_t id_bits, uint32_t time_bits)
{
	int64_t escape = (INT64_C(1) << id_bits) - 1;
	const struct tsdl_type *tag, *variant, *small, *big;

	if (!is_struct(type, 2) || type->align != 8 || !is_id(&type->compound.fields[0], id_bits))
		return false;
	tag = type->compound.fields[0].type;
	variant = type->compound.fields[1].type;
	if (tag->kind != TSDL_ENUM || tag->enumeration.n != 2 || variant->kind != TSDL_VARIANT ||
	    variant->compound.n != 2 || !variant->compound.tag ||
	    strcmp(plain_name(variant->compound.tag), "id"))
		return false;
	small = option_of(tag, variant, 0, escape - 1);
	big = option_of(tag, variant, escape, escape);
	return is_struct(small, 1) && is_time(&small->compound.fields[0], time_bits) &&
	       (id_bits % 8 == 0 || small->align == 1) && is_plain(big) && big->align == 8;
}

enum header_kind header_recognise(const struct tsdl_type *type)
{
	if (is_escaped(type, 5, 27))
		return HEADER_COMPACT;
	if (is_escaped(type, 16, 32))
		return HEADER_LARGE;
	if (is_plain(type) && type->align == 8)
		return HEADER_PLAIN;
	return HEADER_ANY;
}

bool header_has_id(const struct tsdl_type *type)
{
	if (!type || (type->kind != TSDL_STRUCT && type->kind != TSDL_VARIANT))
		return false;
	for (uint32_t i = 0; i < type->compound.n; i++) {
		const struct tsdl_field *f = &type->compound.fields[i];

		if (((f->type->kind == TSDL_INT || f->type->kind == TSDL_ENUM) &&
		     !strcmp(plain_name(f->name), "id")) ||
		    header_has_id(f->type))
			return true;
	}
	return false;
}

const struct tsdl_clock *header_clock(const struct tsdl_type *type)
{
	const struct tsdl_clock *clock = NULL;

	if (!type)
		return NULL;
	if (type->kind == TSDL_INT)
		return type->integer.clock;
	if (type->kind == TSDL_ENUM)
		return header_clock(type->enumeration.container);
	if (type->kind == TSDL_STRUCT || type->kind == TSDL_VARIANT)
		for (uint32_t i = 0; i < type->compound.n && !clock; i++)
			clock = header_clock(type->compound.fields[i].type);
	return clock;
}
