/* SPDX-License-Identifier: MIT */
/*
 * fields.c - decodes the bytes of a trace into babeltrace2's fields.
 *
 * The reader has walked over the event already and found that all of it lies in
 * its packet, so nothing is checked a second time here.
 */
#include "plugin/fields.h"

#include "ctf/layout/program.h"

/* Elements of no size cost no bytes, so that nothing else bounds their number. */
#define EMPTY_ELEMENTS_MAX 65536

static void decode_rare(struct field_decoder *d, const struct field_plan *p, bt_field *field);

static void fail(struct field_decoder *d, enum field_fault fault)
{
	if (!d->fault)
		d->fault = fault;
}

static inline __attribute__((always_inline)) const uint8_t *take(struct field_decoder *d,
								 const struct field_plan *p,
								 unsigned bits)
{
	const uint8_t *at;

	d->pos = (d->pos + p->align - 1) & -(uint64_t)p->align;
	at = d->base + d->pos / 8;
	d->pos += bits;
	return at;
}

/* Whether an integer is there as a whole was seen when the reader walked over the event. */
static uint64_t take_int(struct field_decoder *d, const struct field_plan *p)
{
	uint64_t value;

	take(d, p, 0);
	if (p->leb128) {
		const uint8_t *at = d->base + d->pos / 8;

		for (d->pos += 8; d->base[d->pos / 8 - 1] & 0x80; d->pos += 8)
			;
		return leb128_get(at, p->is_signed);
	}
	value = bits_get(d->base, d->pos, p->size, p->big_endian);
	d->pos += p->size;
	if (p->reversed)
		value = bits_reverse(value, p->size);
	return p->is_signed ? sign_extend(value, p->size) : value;
}

static void decode_int(struct field_decoder *d, const struct field_plan *p, bt_field *field)
{
	uint64_t value = take_int(d, p);

	d->regs[p->keep] = value;
	if (!field)
		return;
	if (p->meaning == TSDL_BOOLEAN)
		bt_field_bool_set_value(field, value != 0);
	else if (p->meaning == TSDL_BIT_ARRAY)
		bt_field_bit_array_set_value_as_integer(field, value);
	else if (p->is_signed)
		bt_field_integer_signed_set_value(field, value);
	else
		bt_field_integer_unsigned_set_value(field, value);
}

static void decode_real(struct field_decoder *d, const struct field_plan *p, bt_field *field)
{
	uint64_t bits = take_int(d, p);

	if (p->size == 32) {
		uint32_t word = bits;
		float value;

		memcpy(&value, &word, sizeof(value));
		bt_field_real_single_precision_set_value(field, value);
	} else {
		double value;

		memcpy(&value, &bits, sizeof(value));
		bt_field_real_double_precision_set_value(field, value);
	}
}

static void set_text(struct field_decoder *d, bt_field *field, const char *text, size_t length)
{
	bt_field_string_clear(field);
	if (bt_field_string_append_with_length(field, text, length))
		fail(d, FIELD_NO_MEMORY);
}

/* The character, or half of one, at a place of a text. */
static uint32_t unit_at(const struct field_plan *p, const char *text)
{
	return bits_get((const uint8_t *)text, 0, p->size * 8, p->big_endian);
}

/* A text of wider characters than UTF-8's, up to its first NUL. */
static void set_wide_text(struct field_decoder *d, const struct field_plan *p, bt_field *field,
			  const char *text, size_t room)
{
	g_autoptr(GString) utf8 = g_string_new(NULL);

	for (size_t at = 0; at + p->size <= room; at += p->size) {
		uint32_t unit = unit_at(p, text + at), next;

		if (!unit)
			break;
		if (p->size == 2 && unit >> 10 == 0xd800 >> 10 && at + 4 <= room) {
			next = unit_at(p, text + at + 2);
			if (next >> 10 == 0xdc00 >> 10) {
				unit = 0x10000 + ((unit & 0x3ff) << 10 | (next & 0x3ff));
				at += 2;
			}
		}
		g_string_append_unichar(utf8, g_unichar_validate(unit) ? unit : 0xfffd);
	}
	set_text(d, field, utf8->str, utf8->len);
}

static void decode_text(struct field_decoder *d, const struct field_plan *p, bt_field *field)
{
	uint64_t room = p->op == FIELD_CHARS ? p->n : d->regs[p->reg];
	const char *text = (const char *)take(d, p, 0);

	d->pos += room * 8;
	if (p->size > 1)
		set_wide_text(d, p, field, text, room);
	else
		set_text(d, field, text, strnlen(text, room));
}

static void decode_string(struct field_decoder *d, const struct field_plan *p, bt_field *field)
{
	const char *text = (const char *)take(d, p, 0);
	size_t length = 0;

	if (p->size > 1)
		while (unit_at(p, text + length))
			length += p->size;
	else
		length = strlen(text);
	d->pos += (length + p->size) * 8;
	if (p->size > 1)
		set_wide_text(d, p, field, text, length);
	else
		set_text(d, field, text, length);
}

/* Most fields are whole numbers on whole bytes. */
static inline __attribute__((always_inline)) void decode_one(struct field_decoder *d,
							     const struct field_plan *p,
							     bt_field *field)
{
	switch (p->op) {
	case FIELD_U8:
		bt_field_integer_unsigned_set_value(field, *take(d, p, 8));
		break;
	case FIELD_U16:
		bt_field_integer_unsigned_set_value(field, bytes_get16(take(d, p, 16)));
		break;
	case FIELD_U32:
		bt_field_integer_unsigned_set_value(field, bytes_get32(take(d, p, 32)));
		break;
	case FIELD_U64:
		bt_field_integer_unsigned_set_value(field, bytes_get64(take(d, p, 64)));
		break;
	case FIELD_S8:
		bt_field_integer_signed_set_value(field, (int8_t)*take(d, p, 8));
		break;
	case FIELD_S16:
		bt_field_integer_signed_set_value(field, (int16_t)bytes_get16(take(d, p, 16)));
		break;
	case FIELD_S32:
		bt_field_integer_signed_set_value(field, (int32_t)bytes_get32(take(d, p, 32)));
		break;
	case FIELD_S64:
		bt_field_integer_signed_set_value(field, (int64_t)bytes_get64(take(d, p, 64)));
		break;
	default:
		decode_rare(d, p, field);
	}
}

static void decode_elements(struct field_decoder *d, const struct field_plan *p, uint64_t n,
			    bt_field *field)
{
	take(d, p, 0);
	for (uint64_t i = 0; i < n && !d->fault; i++)
		decode_one(d, p->parts, bt_field_array_borrow_element_field_by_index(field, i));
}

static void decode_sequence(struct field_decoder *d, const struct field_plan *p, bt_field *field)
{
	uint64_t n = d->regs[p->reg];

	if (p->may_be_empty && n > EMPTY_ELEMENTS_MAX)
		fail(d, FIELD_TOO_LONG);
	else if (bt_field_array_dynamic_set_length(field, n))
		fail(d, FIELD_NO_MEMORY);
	else
		decode_elements(d, p, n, field);
}

static bool in_range(const struct field_range *r, uint64_t value, bool is_signed)
{
	if (is_signed)
		return (int64_t)value >= (int64_t)r->first && (int64_t)value <= (int64_t)r->last;
	return value >= r->first && value <= r->last;
}

static void decode_variant(struct field_decoder *d, const struct field_plan *p, bt_field *field)
{
	for (uint32_t i = 0; i < p->n_ranges; i++) {
		const struct field_plan *option = &p->parts[p->ranges[i].option];

		if (!in_range(&p->ranges[i], d->regs[p->reg], p->is_signed))
			continue;
		if (bt_field_variant_select_option_by_index(field, option->member))
			fail(d, FIELD_NO_MEMORY);
		else
			decode_one(d, option, bt_field_variant_borrow_selected_option_field(field));
		return;
	}
	fail(d, FIELD_NO_OPTION);
}

static void decode_optional(struct field_decoder *d, const struct field_plan *p, bt_field *field)
{
	bool is_there = false;

	for (uint32_t i = 0; i < p->n_ranges; i++)
		is_there |= in_range(&p->ranges[i], d->regs[p->reg], p->is_signed);
	bt_field_option_set_has_field(field, is_there);
	if (is_there)
		decode_one(d, p->parts, bt_field_option_borrow_field(field));
}

static void decode_rare(struct field_decoder *d, const struct field_plan *p, bt_field *field)
{
	switch (p->op) {
	case FIELD_INT:
		decode_int(d, p, field);
		break;
	case FIELD_REAL:
		decode_real(d, p, field);
		break;
	case FIELD_STRING:
		decode_string(d, p, field);
		break;
	case FIELD_CHARS:
	case FIELD_TEXT:
		decode_text(d, p, field);
		break;
	case FIELD_STRUCT:
		field_decode(d, p, field);
		break;
	case FIELD_ARRAY:
		decode_elements(d, p, p->n, field);
		break;
	case FIELD_SEQUENCE:
		decode_sequence(d, p, field);
		break;
	case FIELD_VARIANT:
		decode_variant(d, p, field);
		break;
	case FIELD_OPTIONAL:
		decode_optional(d, p, field);
		break;
	}
}

static void decode_flat(struct field_decoder *d, const struct field_plan *plan, bt_field *field)
{
	const uint8_t *at = d->base + (d->pos + 7) / 8;
	const struct field_plan *end = plan->parts + plan->n;

	for (const struct field_plan *p = plan->parts; p < end; p++) {
		bt_field *to = bt_field_structure_borrow_member_field_by_index(field, p->member);

		switch (p->op) {
		case FIELD_U8:
			bt_field_integer_unsigned_set_value(to, *at);
			break;
		case FIELD_U16:
			bt_field_integer_unsigned_set_value(to, bytes_get16(at));
			break;
		case FIELD_U32:
			bt_field_integer_unsigned_set_value(to, bytes_get32(at));
			break;
		case FIELD_U64:
			bt_field_integer_unsigned_set_value(to, bytes_get64(at));
			break;
		case FIELD_S8:
			bt_field_integer_signed_set_value(to, (int8_t)*at);
			break;
		case FIELD_S16:
			bt_field_integer_signed_set_value(to, (int16_t)bytes_get16(at));
			break;
		case FIELD_S32:
			bt_field_integer_signed_set_value(to, (int32_t)bytes_get32(at));
			break;
		case FIELD_S64:
			bt_field_integer_signed_set_value(to, (int64_t)bytes_get64(at));
			break;
		default:
			set_text(d, to, (const char *)at, strnlen((const char *)at, p->n));
		}
		at += p->bytes;
	}
	d->pos = (at - d->base) * 8;
}

void field_decode(struct field_decoder *d, const struct field_plan *plan, bt_field *field)
{
	if (G_LIKELY(plan->is_flat)) {
		decode_flat(d, plan, field);
		return;
	}
	take(d, plan, 0);
	for (const struct field_plan *p = plan->parts; p < plan->parts + plan->n && !d->fault; p++)
		decode_one(d, p,
			   p->member == FIELD_NO_MEMBER
				   ? NULL
				   : bt_field_structure_borrow_member_field_by_index(field,
										     p->member));
}

const char *field_fault_text(enum field_fault fault)
{
	switch (fault) {
	case FIELD_TOO_LONG:
		return "a sequence of more elements than can be";
	case FIELD_NO_OPTION:
		return "a tag that selects no option of its variant";
	default:
		return "out of memory";
	}
}
