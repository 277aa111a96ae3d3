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
	       !type->integer.big_endian && !type->integer.leb128 && !type->integer.reversed &&
	       type->align <= 8;
}

static bool is_time(const struct tsdl_field *field, uint32_t size)
{
	return is_int(field->type, size) && field->roles == TSDL_ROLE_TIME;
}

static bool is_id(const struct tsdl_field *field, uint32_t size)
{
	return is_int(plain_int(field->type), size) && field->roles == TSDL_ROLE_EVENT;
}

static bool is_plain(const struct tsdl_type *type)
{
	return is_struct(type, 2) && is_id(&type->compound.fields[0], 32) &&
	       is_time(&type->compound.fields[1], 64);
}

/* The option that a label of exactly the values `first` to `last` of the tag selects, or NULL. */
static const struct tsdl_type *labelled_option(const struct tsdl_type *tag,
					       const struct tsdl_type *variant, int64_t first,
					       int64_t last)
{
	if (tag->kind != TSDL_ENUM || tag->enumeration.n != 2)
		return NULL;
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

/* The option that exactly those values select, or NULL. */
static const struct tsdl_type *option_of(const struct tsdl_type *tag,
					 const struct tsdl_type *variant, int64_t first,
					 int64_t last)
{
	const struct tsdl_selector *selectors = variant->compound.selectors;

	if (!selectors)
		return labelled_option(tag, variant, first, last);
	for (uint32_t i = 0; i < variant->compound.n; i++)
		if (selectors[i].n == 1 && selectors[i].ranges[0].first == first &&
		    selectors[i].ranges[0].last == last)
			return variant->compound.fields[i].type;
	return NULL;
}

/* Whether the variant that stands behind the first member of a header has that one for its tag. */
static bool is_by_first(const struct tsdl_type *header, const struct tsdl_type *variant)
{
	const struct tsdl_frame frame = { NULL, header, 1 };
	struct tsdl_sight sight = { "stream.event.header", &frame, NULL, 0, 0 };
	struct tsdl_reference ref;

	return variant->compound.tag &&
	       tsdl_refer(&sight, variant->compound.tag, variant->compound.location, &ref) &&
	       ref.type == header->compound.fields[0].type;
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
	if (variant->kind != TSDL_VARIANT || variant->compound.n != 2 ||
	    !is_by_first(type, variant))
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
	if (!type || (type->kind != TSDL_STRUCT && type->kind != TSDL_VARIANT &&
		      type->kind != TSDL_OPTIONAL))
		return false;
	for (uint32_t i = 0; i < type->compound.n; i++) {
		const struct tsdl_field *f = &type->compound.fields[i];

		if ((plain_int(f->type)->kind == TSDL_INT && f->roles & TSDL_ROLE_EVENT) ||
		    header_has_id(f->type))
			return true;
	}
	return false;
}
