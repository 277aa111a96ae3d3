/* SPDX-License-Identifier: MIT */
/* tsdl-enum.c - enum types. */
#include "ctf/metadata/tsdl-parse.h"

/* `label`, `label = 1` or `label = 1 ... 5`; without a value it continues the one before. */
static bool parse_range(struct parser *p, const struct tsdl_type *container, uint64_t *next)
{
	struct tsdl_range range = { .first = *next, .last = *next };
	struct token label = p->token;
	struct value v;

	if (label.kind == TOKEN_STRING) {
		if (!parse_text(p, &range.label))
			return false;
	} else {
		if (!parser_expect(p, TOKEN_NAME, "a label"))
			return false;
		range.label = arena_text(p->arena, label.text, label.length);
	}
	if (parser_accept(p, '=')) {
		if (!parse_number(p, &v))
			return false;
		range.first = range.last = (int64_t)v.number;
		if (parser_accept(p, TOKEN_DOTS)) {
			if (!parse_number(p, &v))
				return false;
			range.last = (int64_t)v.number;
		}
	}
	if (container->integer.is_signed ? range.first > range.last
					 : (uint64_t)range.first > (uint64_t)range.last)
		return parser_fail(p, label.text, "the range of '%s' ends before it begins",
				   range.label);
	*next = (uint64_t)range.last + 1;
	g_array_append_val(p->ranges, range);
	return true;
}

static struct tsdl_type *parse_enum_body(struct parser *p, struct tsdl_type *container,
					 const char *at)
{
	struct tsdl_type type = { .kind = TSDL_ENUM };
	uint64_t next = 0;

	if (!parser_expect(p, '{', "'{'"))
		return NULL;
	g_array_set_size(p->ranges, 0);
	while (p->token.kind != '}') {
		if (!parse_range(p, container, &next))
			return NULL;
		if (!parser_accept(p, ','))
			break;
	}
	if (!parser_expect(p, '}', "',' or '}'"))
		return NULL;
	type.enumeration.container = container;
	type.enumeration.n = p->ranges->len;
	type.enumeration.ranges =
		arena_copy(p->arena, p->ranges->data, p->ranges->len * sizeof(struct tsdl_range));
	return type_new(p, &type, at);
}

struct tsdl_type *parse_enum(struct parser *p)
{
	const char *at = p->token.text;
	const char *tag = parse_type_tag(p, "enum");
	struct tsdl_type *container, *type;

	if (parser_accept(p, ':')) {
		at = p->token.text;
		container = parse_type(p);
	} else if (tag && p->token.kind != '{') {
		return scope_find(p, tag, at);
	} else if (p->token.kind == '{') {
		container = scope_find(p, "int", at);
	} else {
		return parser_fail_expected(p, p->token.text, "':' or '{'");
	}
	if (!container)
		return NULL;
	if (container->kind != TSDL_INT)
		return parser_fail(p, at, "an enum's container is an integer");
	type = parse_enum_body(p, container, at);
	if (type && tag && !scope_bind(p, tag, type, at))
		return NULL;
	return type;
}
