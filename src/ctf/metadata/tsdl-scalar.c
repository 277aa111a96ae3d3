/* SPDX-License-Identifier: MIT */
/* tsdl-scalar.c - integer, floating_point and string types. */
#include "ctf/metadata/tsdl-parse.h"

/* The attributes of a scalar as they are collected. */
struct scalar {
	uint64_t size, align; /* align: 0 where not given */
	uint64_t exponent, mantissa;
	struct tsdl_type type;
	bool native;
	const char *clock, *clock_at;
};

bool parse_byte_order(struct parser *p, const struct value *v, bool *big_endian, bool *native)
{
	*native = value_is(v, "native");
	*big_endian = value_is(v, "be") || value_is(v, "network");
	if (!*native && !*big_endian && !value_is(v, "le"))
		return parser_fail_expected(p, v->at, "le, be, network or native");
	return true;
}

static bool set_align(struct parser *p, struct scalar *s, const struct value *v)
{
	if (!value_unsigned(p, v, &s->align))
		return false;
	if (!is_alignment(s->align))
		return parser_fail(p, v->at, "align is not a power of two up to %u",
				   TSDL_MAX_ALIGN);
	return true;
}

static const struct {
	const char *name;
	uint8_t base;
} bases[] = {
	{ "decimal", 10 }, { "dec", 10 }, { "d", 10 }, { "i", 10 }, { "u", 10 },
	{ "hexadecimal", 16 }, { "hex", 16 }, { "x", 16 }, { "X", 16 }, { "p", 16 },
	{ "octal", 8 }, { "oct", 8 }, { "o", 8 },
	{ "binary", 2 }, { "b", 2 },
};

static bool set_base(struct parser *p, struct tsdl_type *type, const struct value *v)
{
	for (guint i = 0; i < G_N_ELEMENTS(bases); i++) {
		if (v->kind == TOKEN_NUMBER ? v->number == bases[i].base
					    : value_is(v, bases[i].name)) {
			type->integer.base = bases[i].base;
			return true;
		}
	}
	return parser_fail_expected(p, v->at, "base 2, 8, 10 or 16");
}

static bool set_map(struct parser *p, struct scalar *s, const struct value *v)
{
	static const char before[] = "clock.", after[] = ".value";
	size_t around = strlen(before) + strlen(after);

	if (v->kind == TOKEN_NUMBER || v->length <= around ||
	    memcmp(v->text, before, strlen(before)) != 0 ||
	    memcmp(v->text + v->length - strlen(after), after, strlen(after)) != 0)
		return parser_fail_expected(p, v->at, "clock.NAME.value");
	s->clock = arena_text(p->arena, v->text + strlen(before), v->length - around);
	s->clock_at = v->at;
	return true;
}

static bool is_text_encoding(const struct value *v)
{
	return value_is(v, "UTF8") || value_is(v, "utf8") || value_is(v, "UTF-8") ||
	       value_is(v, "utf-8") || value_is(v, "ASCII") || value_is(v, "ascii");
}

/* Other attributes say nothing about the layout. */
static bool integer_set(struct parser *p, void *self, const struct value *name,
			const struct value *v)
{
	struct scalar *s = self;

	if (value_is(name, "size"))
		return value_unsigned(p, v, &s->size);
	if (value_is(name, "align"))
		return set_align(p, s, v);
	if (value_is(name, "signed"))
		return value_bool(p, v, &s->type.integer.is_signed);
	if (value_is(name, "base"))
		return set_base(p, &s->type, v);
	if (value_is(name, "byte_order"))
		return parse_byte_order(p, v, &s->type.integer.big_endian, &s->native);
	if (value_is(name, "map"))
		return set_map(p, s, v);
	if (value_is(name, "encoding"))
		s->type.integer.unit = is_text_encoding(v);
	return true;
}

static bool float_set(struct parser *p, void *self, const struct value *name, const struct value *v)
{
	struct scalar *s = self;

	if (value_is(name, "exp_dig"))
		return value_unsigned(p, v, &s->exponent);
	if (value_is(name, "mant_dig"))
		return value_unsigned(p, v, &s->mantissa);
	if (value_is(name, "align"))
		return set_align(p, s, v);
	if (value_is(name, "byte_order"))
		return parse_byte_order(p, v, &s->type.integer.big_endian, &s->native);
	return true;
}

static struct tsdl_type *scalar_finish(struct parser *p, struct scalar *s)
{
	struct tsdl_type *type = &s->type;

	type->integer.size = s->size;
	type->align = s->align ? s->align : s->size % 8 ? 1 : 8;
	type_sum(type);
	type = arena_copy(p->arena, type, sizeof(*type));
	if (s->native)
		g_ptr_array_add(p->native, type);
	if (s->clock) {
		struct clock_map map = { type, s->clock, s->clock_at };

		g_array_append_val(p->maps, map);
	}
	return type;
}

static struct tsdl_type *parse_new_integer(struct parser *p)
{
	static const struct block block = { .set = integer_set };
	struct scalar s = { .type = { .kind = TSDL_INT, .integer.base = 10 }, .native = true };
	const char *at = p->token.text;

	if (!parse_block(p, &block, &s))
		return NULL;
	if (s.size < 1 || s.size > 64)
		return parser_fail(
			p, at, "an integer's size is 1 to 64 bits, not %" G_GUINT64_FORMAT, s.size);
	return scalar_finish(p, &s);
}

/*
 * Tracers write all integers out in full, most of them alike. What the text between an integer's
 * braces means does not depend on what came before it, so the same text is the same type. A '}'
 * may be part of a comment or a string, but then no text up to it was kept as an integer's.
 */
struct tsdl_type *parse_integer(struct parser *p)
{
	const size_t near = 256; /* none is as long, and a missing brace must not cost much */
	const char *begin = p->token.text;
	const char *close = memchr(begin, '}', MIN((size_t)(p->lexer.end - begin), near));
	struct known_integer *known;
	struct tsdl_type *type;
	size_t length;

	if (!close)
		return parse_new_integer(p);
	length = close + 1 - begin;
	known = &p->known[bytes_hash(begin, length) % KNOWN_INTEGERS];
	if (known->length == length && memcmp(known->text, begin, length) == 0) {
		p->lexer.at = close + 1;
		parser_advance(p);
		return known->type;
	}
	type = parse_new_integer(p);
	if (type && p->block_end == close + 1)
		*known = (struct known_integer){ begin, length, type };
	return type;
}

struct tsdl_type *parse_float(struct parser *p)
{
	static const struct block block = { .set = float_set };
	struct scalar s = { .type = { .kind = TSDL_FLOAT }, .native = true };
	const char *at = p->token.text;

	if (!parse_block(p, &block, &s))
		return NULL;
	/* The mantissa's first bit is not stored, the sign is. */
	s.size = s.exponent + s.mantissa;
	if (s.exponent > 64 || s.mantissa > 64 || (s.size != 16 && s.size != 32 && s.size != 64))
		return parser_fail_unsupported(p, at,
					       "a floating_point of a size other than 16, 32 "
					       "or 64 bits, which flightbox does not read");
	return scalar_finish(p, &s);
}

struct tsdl_type *parse_string(struct parser *p)
{
	static const struct block block = { NULL };
	struct tsdl_type *type;

	if (p->token.kind == '{' && !parse_block(p, &block, NULL))
		return NULL;
	type = arena_alloc(p->arena, sizeof(*type));
	*type = (struct tsdl_type){ TSDL_STRING, .align = 8, .string.unit = 1 };
	type_sum(type);
	return type;
}
