/* SPDX-License-Identifier: MIT */
/* ctf2-scalar.c - field classes of CTF 2 that have no others in them: numbers, texts, bytes. */
#include <string.h>

#include "ctf/metadata/json.h"

/* ---- roles ------------------------------------------------------------------------------- */

static const char *const role_words[] = {
	"packet-magic-number",
	"metadata-stream-uuid",
	"data-stream-class-id",
	"data-stream-id",
	"default-clock-timestamp",
	"packet-end-default-clock-timestamp",
	"packet-content-length",
	"packet-total-length",
	"packet-sequence-number",
	"discarded-event-record-counter-snapshot",
	"event-record-class-id",
	NULL,
};

/* In the order of the words. */
static const uint32_t role_bits[] = {
	TSDL_ROLE_MAGIC, TSDL_ROLE_UUID, TSDL_ROLE_STREAM_CLASS, TSDL_ROLE_STREAM,
	TSDL_ROLE_TIME,	 TSDL_ROLE_END,	 TSDL_ROLE_CONTENT,	 TSDL_ROLE_SIZE,
	TSDL_ROLE_SEQ,	 TSDL_ROLE_DISCARDED, TSDL_ROLE_EVENT,
};

static bool get_roles(struct json_parser *p, const struct json_object *o, uint32_t *roles)
{
	const struct json_at at = json_get(o, KEY_ROLES);

	if (at.value && !json_is_array(at.value))
		return json_fail_expected(p, &at, "an array of roles");
	for (size_t i = 0; i < json_array_size(at.value); i++) {
		const struct json_at element = json_element(&at, i);
		unsigned word;

		if (!json_word(p, &element, role_words, "a role", &word))
			return false;
		*roles |= role_bits[word];
	}
	return true;
}

/* ---- bits -------------------------------------------------------------------------------- */

static bool get_byte_order(struct json_parser *p, const struct json_object *o, bool *big_endian)
{
	static const char *const words[] = { "little-endian", "big-endian", NULL };
	const struct json_at at = json_get(o, KEY_BYTE_ORDER);
	unsigned word;

	if (!json_word(p, &at, words, "\"little-endian\" or \"big-endian\"", &word))
		return false;
	*big_endian = word;
	return true;
}

static bool get_bit_order(struct json_parser *p, const struct json_object *o, bool big_endian,
			  bool *reversed)
{
	static const char *const words[] = { "first-to-last", "last-to-first", NULL };
	const struct json_at at = json_get(o, KEY_BIT_ORDER);
	unsigned word;

	if (!at.value)
		return true;
	if (!json_word(p, &at, words, "\"first-to-last\" or \"last-to-first\"", &word))
		return false;
	*reversed = word != big_endian;
	return true;
}

/* What all of a fixed length have. */
static bool get_fixed(struct json_parser *p, const struct json_object *o, struct tsdl_type *type)
{
	const struct json_at at = json_get(o, KEY_LENGTH);
	uint64_t length = 0;

	if (!json_unsigned(p, &at, "a number of bits", &length))
		return false;
	if (!length || length > TSDL_MAX_SCALAR)
		return json_fail(p, &at, "expected 1 to %u bits, found %" G_GUINT64_FORMAT,
				 TSDL_MAX_SCALAR, length);
	type->integer.size = length;
	return get_byte_order(p, o, &type->integer.big_endian) &&
	       get_bit_order(p, o, type->integer.big_endian, &type->integer.reversed) &&
	       ctf2_alignment(p, o, KEY_ALIGNMENT, &type->align);
}

static struct tsdl_type *bits_new(struct json_parser *p, const struct json_object *o,
				  struct tsdl_type *type)
{
	if (type->kind == TSDL_INT && type->integer.size > 64)
		type->kind = TSDL_BITS;
	return ctf2_type(p, &o->at, type);
}

static struct tsdl_type *parse_bits(struct json_parser *p, const struct json_object *o,
				    enum tsdl_meaning meaning)
{
	struct tsdl_type type = { TSDL_INT, .integer = { .base = 10, .meaning = meaning } };

	return get_fixed(p, o, &type) ? bits_new(p, o, &type) : NULL;
}

/* The names of bits say nothing of where they are. */
static struct tsdl_type *parse_bit_map(struct json_parser *p, const struct json_object *o)
{
	const struct json_at flags = json_get(o, KEY_FLAGS);
	const char *name;
	json_t *value;

	if (!json_object_size(flags.value))
		return json_fail_expected(p, &flags, "an object of one or more flags");
	json_object_foreach(flags.value, name, value) {
		const struct json_at at = { &flags, name, 0, value };

		if (!json_ranges(p, &at, JSON_UNSIGNED, NULL))
			return NULL;
	}
	g_array_set_size(p->ranges, 0);
	return parse_bits(p, o, TSDL_BIT_ARRAY);
}

static struct tsdl_type *parse_float(struct json_parser *p, const struct json_object *o)
{
	struct tsdl_type type = { TSDL_FLOAT };
	const struct json_at at = json_get(o, KEY_LENGTH);
	uint32_t size;

	if (!get_fixed(p, o, &type))
		return NULL;
	size = type.integer.size;
	if (size != 16 && size != 32 && size != 64 && (size < 128 || size % 32))
		return json_fail_expected(p, &at, "16, 32, 64, 128 or more bits, a multiple of 32");
	return ctf2_type(p, &o->at, &type);
}

/* ---- integers ---------------------------------------------------------------------------- */

static bool get_base(struct json_parser *p, const struct json_object *o, uint8_t *base)
{
	const struct json_at at = json_get(o, KEY_BASE);
	uint64_t number = 10;

	if (!json_may_unsigned(p, o, KEY_BASE, "base 2, 8, 10 or 16", &number))
		return false;
	if (number != 2 && number != 8 && number != 10 && number != 16)
		return json_fail_expected(p, &at, "base 2, 8, 10 or 16");
	*base = number;
	return true;
}

/* An integer whose values have names is an enum. */
static struct tsdl_type *add_mappings(struct json_parser *p, const struct json_object *o,
				      struct tsdl_type *container)
{
	const struct json_at at = json_get(o, KEY_MAPPINGS);
	enum json_sign sign = container->integer.is_signed ? JSON_SIGNED : JSON_UNSIGNED;
	struct tsdl_type type = { TSDL_ENUM, .enumeration.container = container };
	const char *name;
	json_t *value;

	if (at.value && !json_is_object(at.value))
		return json_fail_expected(p, &at, "an object of mappings");
	if (!json_object_size(at.value))
		return container;
	g_array_set_size(p->ranges, 0);
	json_object_foreach(at.value, name, value) {
		const struct json_at mapping = { &at, name, 0, value };

		if (!json_ranges(p, &mapping, sign, arena_text(p->arena, name, strlen(name))))
			return NULL;
	}
	type.enumeration.n = p->ranges->len;
	type.enumeration.ranges = arena_copy(p->arena, p->ranges->data,
					     p->ranges->len * sizeof(struct tsdl_range));
	return ctf2_type(p, &o->at, &type);
}

static struct tsdl_type *parse_integer(struct json_parser *p, const struct json_object *o,
				       bool is_signed, bool varies, uint32_t *roles)
{
	struct tsdl_type type = { TSDL_INT, .integer = { .is_signed = is_signed } };
	struct tsdl_type *container;

	if (varies) {
		type.align = 8;
		type.integer.size = 64;
		type.integer.leb128 = true;
	} else if (!get_fixed(p, o, &type)) {
		return NULL;
	}
	if (!get_base(p, o, &type.integer.base) || !get_roles(p, o, roles))
		return NULL;
	container = bits_new(p, o, &type);
	if (!container || container->kind == TSDL_BITS)
		return container;
	return add_mappings(p, o, container);
}

/* ---- texts and bytes --------------------------------------------------------------------- */

static bool get_encoding(struct json_parser *p, const struct json_object *o, uint8_t *unit,
			 bool *big_endian)
{
	static const char *const words[] = { "utf-8",	 "utf-16le", "utf-16be",
					     "utf-32le", "utf-32be", NULL };
	static const uint8_t units[] = { 1, 2, 2, 4, 4 };
	const struct json_at at = json_get(o, KEY_ENCODING);
	unsigned word = 0;

	if (at.value && !json_word(p, &at, words, "\"utf-8\" or another encoding", &word))
		return false;
	*unit = units[word];
	*big_endian = word == 2 || word == 4;
	return true;
}

static struct tsdl_type *parse_string(struct json_parser *p, const struct json_object *o)
{
	struct tsdl_type type = { TSDL_STRING, .align = 8 };

	return get_encoding(p, o, &type.string.unit, &type.string.big_endian)
		       ? ctf2_type(p, &o->at, &type)
		       : NULL;
}

/* The bytes of a text or a BLOB. */
static struct tsdl_type *byte_new(struct json_parser *p, const struct json_object *o, bool is_text)
{
	struct tsdl_type type = { TSDL_INT, .align = 8, .integer = { .size = 8, .base = 16 } };

	if (is_text) {
		type.integer.base = 10;
		if (!get_encoding(p, o, &type.integer.unit, &type.integer.big_endian))
			return NULL;
	}
	return ctf2_type(p, &o->at, &type);
}

static struct tsdl_type *parse_static(struct json_parser *p, const struct json_object *o,
				      bool is_text, uint32_t *roles)
{
	struct tsdl_type type = { TSDL_ARRAY };
	const struct json_at at = json_get(o, KEY_LENGTH);

	if (!json_unsigned(p, &at, "a number of bytes", &type.array.length))
		return NULL;
	if (type.array.length > TSDL_MAX_LENGTH)
		return json_fail(p, &at, "more than 2^32 bytes");
	type.array.element = byte_new(p, o, is_text);
	if (!type.array.element || (!is_text && !get_roles(p, o, roles)))
		return NULL;
	return ctf2_type(p, &o->at, &type);
}

static struct tsdl_type *parse_dynamic(struct json_parser *p, const struct json_object *o,
				       bool is_text)
{
	struct tsdl_type type = { TSDL_SEQUENCE };

	type.array.location =
		ctf2_location(p, o, KEY_LENGTH_LOCATION, &type.array.length_name);
	if (!type.array.location)
		return NULL;
	type.array.element = byte_new(p, o, is_text);
	return type.array.element ? ctf2_type(p, &o->at, &type) : NULL;
}

struct tsdl_type *ctf2_scalar(struct json_parser *p, const struct json_object *o, const char *type,
			      uint32_t *roles)
{
	if (!strcmp(type, "fixed-length-unsigned-integer"))
		return parse_integer(p, o, false, false, roles);
	if (!strcmp(type, "fixed-length-signed-integer"))
		return parse_integer(p, o, true, false, roles);
	if (!strcmp(type, "null-terminated-string"))
		return parse_string(p, o);
	if (!strcmp(type, "static-length-string"))
		return parse_static(p, o, true, roles);
	if (!strcmp(type, "static-length-blob"))
		return parse_static(p, o, false, roles);
	if (!strcmp(type, "dynamic-length-string"))
		return parse_dynamic(p, o, true);
	if (!strcmp(type, "dynamic-length-blob"))
		return parse_dynamic(p, o, false);
	if (!strcmp(type, "variable-length-unsigned-integer"))
		return parse_integer(p, o, false, true, roles);
	if (!strcmp(type, "variable-length-signed-integer"))
		return parse_integer(p, o, true, true, roles);
	if (!strcmp(type, "fixed-length-boolean"))
		return parse_bits(p, o, TSDL_BOOLEAN);
	if (!strcmp(type, "fixed-length-bit-array"))
		return parse_bits(p, o, TSDL_BIT_ARRAY);
	if (!strcmp(type, "fixed-length-bit-map"))
		return parse_bit_map(p, o);
	if (!strcmp(type, "fixed-length-floating-point-number"))
		return parse_float(p, o);
	return NULL;
}
