/* SPDX-License-Identifier: MIT */
/* tsdl-type.c - struct, variant, arrays, and declarations of types by name. */
#include "ctf/metadata/tsdl-parse.h"

/* C's own words may stand together, "unsigned long"; any other name is a whole type's. */
static bool is_c_word(const struct token *t)
{
	return token_is(t, "unsigned") || token_is(t, "signed") || token_is(t, "long") ||
	       token_is(t, "int") || token_is(t, "char") || token_is(t, "short") ||
	       token_is(t, "void") || token_is(t, "float") || token_is(t, "double") ||
	       token_is(t, "_Bool") || token_is(t, "_Complex") || token_is(t, "_Imaginary");
}

/* Reads "unsigned long" or "char *" into `scratch`, one blank between the words. */
static bool parse_type_name(struct parser *p)
{
	bool more = true;

	g_string_truncate(p->scratch, 0);
	while (p->token.kind == TOKEN_NAME) {
		bool c_word = is_c_word(&p->token);

		if (!parser_accept_word(p, "const")) {
			if (!more || (!c_word && p->scratch->len))
				break;
			if (p->scratch->len)
				g_string_append_c(p->scratch, ' ');
			g_string_append_len(p->scratch, p->token.text, p->token.length);
			parser_advance(p);
			more = c_word;
		}
	}
	if (!p->scratch->len)
		return parser_fail_expected(p, p->token.text, "a type");
	while (parser_accept(p, '*')) {
		g_string_append(p->scratch, " *");
		while (parser_accept_word(p, "const"))
			;
	}
	return true;
}

static char *scratch_text(struct parser *p)
{
	return arena_text(p->arena, p->scratch->str, p->scratch->len);
}

const char *parse_type_tag(struct parser *p, const char *keyword)
{
	if (p->token.kind != TOKEN_NAME)
		return NULL;
	g_string_printf(p->scratch, "%s %.*s", keyword, (int)p->token.length, p->token.text);
	parser_advance(p);
	return scratch_text(p);
}

struct tsdl_type *type_new(struct parser *p, struct tsdl_type *type, const char *at)
{
	g_autofree char *excess = NULL;

	type_sum(type);
	excess = type_excess(type);
	if (excess)
		return parser_fail(p, at, "%s", excess);
	return arena_copy(p->arena, type, sizeof(*type));
}

/* Arrays and sequences */

static struct tsdl_type *sequence_new(struct parser *p, struct tsdl_type *element,
				      const struct value *length)
{
	struct tsdl_type type = {
		.kind = TSDL_SEQUENCE,
		.array.element = element,
		.array.length_name = arena_text(p->arena, length->text, length->length),
	};

	return type_new(p, &type, length->at);
}

static struct tsdl_type *array_new(struct parser *p, struct tsdl_type *element,
				   const struct value *length)
{
	struct tsdl_type type = { .kind = TSDL_ARRAY, .array.element = element };

	if (!value_unsigned(p, length, &type.array.length))
		return NULL;
	if (type.array.length > TSDL_MAX_LENGTH)
		return parser_fail(p, length->at, "an array of more than 2^32 elements");
	return type_new(p, &type, length->at);
}

/* `[N][len]...` behind a name: the first index is the outermost. */
static struct tsdl_type *parse_indices(struct parser *p, struct tsdl_type *element)
{
	struct value length;

	if (p->token.kind != '[')
		return element;
	if (p->depth == TSDL_MAX_DEPTH)
		return parser_fail(p, p->token.text, "types nested more than %u deep",
				   TSDL_MAX_DEPTH);
	p->depth++;
	parser_advance(p);
	if (!(p->token.kind == TOKEN_NAME ? parse_path(p, &length) : parse_number(p, &length)) ||
	    !parser_expect(p, ']', "']'"))
		return NULL;
	element = parse_indices(p, element);
	p->depth--;
	if (!element)
		return NULL;
	return length.kind == TOKEN_NAME ? sequence_new(p, element, &length)
					 : array_new(p, element, &length);
}

/* Structs and variants */

static bool lacks_tag(const struct tsdl_type *type)
{
	while (type->kind == TSDL_ARRAY || type->kind == TSDL_SEQUENCE)
		type = type->array.element;
	return type->kind == TSDL_VARIANT && !type->compound.tag;
}

static bool parse_declarator(struct parser *p, struct tsdl_type *type, struct tsdl_field *field,
			     const char **at)
{
	size_t length = p->token.length;

	*at = p->token.text;
	if (!parser_expect(p, TOKEN_NAME, "a field name"))
		return false;
	field->name = arena_text(p->arena, *at, length);
	field->type = parse_indices(p, type);
	return field->type != NULL;
}

/* `type name, name[N];` or a declaration. */
static bool parse_member(struct parser *p)
{
	struct name_binding *newest = p->newest;
	struct tsdl_field field = { 0 };
	struct tsdl_type *type;
	const char *at;

	if (token_is(&p->token, "typealias") || token_is(&p->token, "typedef"))
		return parse_declaration(p);
	type = parse_type(p);
	if (!type)
		return false;
	/* `struct NAME { ... };` only declares. */
	if (p->newest != newest && parser_accept(p, ';'))
		return true;
	do {
		if (!parse_declarator(p, type, &field, &at))
			return false;
		if (lacks_tag(field.type))
			return parser_fail(p, at, "the variant '%s' has no tag", field.name);
		g_array_append_val(p->fields, field);
	} while (parser_accept(p, ','));
	return parser_expect(p, ';', "';'");
}

/* `{ members }`, into `type`. */
static bool parse_members(struct parser *p, struct tsdl_type *type)
{
	guint first = p->fields->len;
	struct tsdl_field *fields;
	struct name_binding *outer;
	guint n;

	if (!parser_expect(p, '{', "'{'"))
		return false;
	scope_enter(p, &outer);
	while (!parser_accept(p, '}'))
		if (!parse_member(p))
			return false;
	scope_leave(p, outer);

	n = p->fields->len - first;
	fields = arena_copy(p->arena, &g_array_index(p->fields, struct tsdl_field, first),
			    n * sizeof(*fields));
	g_array_set_size(p->fields, first);
	type->compound.fields = fields;
	type->compound.n = n;
	return true;
}

/* `align(N)` behind a struct, which can only raise its alignment. */
static bool parse_struct_align(struct parser *p, struct tsdl_type *type)
{
	struct value v;
	uint64_t align;

	if (!parser_accept_word(p, "align"))
		return true;
	if (!parser_expect(p, '(', "'('") || !parse_number(p, &v) || !value_unsigned(p, &v, &align))
		return false;
	if (!is_alignment(align))
		return parser_fail(p, v.at, "align is not a power of two up to %u",
				   TSDL_MAX_ALIGN);
	type->align = align;
	return parser_expect(p, ')', "')'");
}

static struct tsdl_type *parse_struct(struct parser *p)
{
	const char *at = p->token.text;
	const char *tag = parse_type_tag(p, "struct");
	struct tsdl_type shape = { TSDL_STRUCT }, *type;

	if (tag && p->token.kind != '{')
		return scope_find(p, tag, at);
	if (!parse_members(p, &shape) || !parse_struct_align(p, &shape))
		return NULL;
	type = type_new(p, &shape, at);
	if (type && tag && !scope_bind(p, tag, type, at))
		return NULL;
	return type;
}

/* A variant type declared without a tag, used with one. */
static struct tsdl_type *variant_tagged(struct parser *p, const char *name, char *tag,
					const char *at)
{
	struct tsdl_type *type = scope_find(p, name, at);

	if (!type || !tag)
		return type;
	type = arena_copy(p->arena, type, sizeof(*type));
	type->compound.tag = tag;
	return type;
}

/* `variant NAME <tag> { options }`, of which only NAME or the options must be there. */
static struct tsdl_type *parse_variant(struct parser *p)
{
	const char *at = p->token.text;
	const char *name = parse_type_tag(p, "variant");
	struct tsdl_type shape = { TSDL_VARIANT }, *type;
	struct value path;
	char *tag = NULL;

	if (parser_accept(p, '<')) {
		if (!parse_path(p, &path) || !parser_expect(p, '>', "'>'"))
			return NULL;
		tag = arena_text(p->arena, path.text, path.length);
	}
	if (name && p->token.kind != '{')
		return variant_tagged(p, name, tag, at);
	if (!parse_members(p, &shape))
		return NULL;
	shape.compound.tag = tag;
	type = type_new(p, &shape, at);
	if (type && name && !scope_bind(p, name, type, at))
		return NULL;
	return type;
}

/* Types */

static struct tsdl_type *parse_unnested_type(struct parser *p)
{
	const char *at;

	while (parser_accept_word(p, "const"))
		;
	if (parser_accept_word(p, "integer"))
		return parse_integer(p);
	if (parser_accept_word(p, "string"))
		return parse_string(p);
	if (parser_accept_word(p, "struct"))
		return parse_struct(p);
	if (parser_accept_word(p, "variant"))
		return parse_variant(p);
	if (parser_accept_word(p, "enum"))
		return parse_enum(p);
	if (parser_accept_word(p, "floating_point"))
		return parse_float(p);
	at = p->token.text;
	if (!parse_type_name(p))
		return NULL;
	return scope_find(p, p->scratch->str, at);
}

struct tsdl_type *parse_type(struct parser *p)
{
	struct tsdl_type *type;

	if (p->depth == TSDL_MAX_DEPTH)
		return parser_fail(p, p->token.text, "types nested more than %u deep",
				   TSDL_MAX_DEPTH);
	p->depth++;
	type = parse_unnested_type(p);
	p->depth--;
	return type;
}

/* Declarations */

bool starts_declaration(const struct parser *p)
{
	const struct token *t = &p->token;

	return token_is(t, "typealias") || token_is(t, "typedef") || token_is(t, "struct") ||
	       token_is(t, "variant") || token_is(t, "enum");
}

/* `typealias TYPE := NAME;` */
static bool parse_typealias(struct parser *p)
{
	struct tsdl_type *type = parse_type(p);
	const char *at;

	if (!type)
		return false;
	type = parse_indices(p, type);
	if (!type || !parser_expect(p, TOKEN_ASSIGN, "':='"))
		return false;
	at = p->token.text;
	return parse_type_name(p) && scope_bind(p, scratch_text(p), type, at) &&
	       parser_expect(p, ';', "';'");
}

/* `typedef TYPE name, name[N];` */
static bool parse_typedef(struct parser *p)
{
	struct tsdl_type *type = parse_type(p);
	struct tsdl_field field = { 0 };
	const char *at;

	if (!type)
		return false;
	do {
		if (!parse_declarator(p, type, &field, &at) ||
		    !scope_bind(p, field.name, field.type, at))
			return false;
	} while (parser_accept(p, ','));
	return parser_expect(p, ';', "';'");
}

bool parse_declaration(struct parser *p)
{
	if (parser_accept_word(p, "typealias"))
		return parse_typealias(p);
	if (parser_accept_word(p, "typedef"))
		return parse_typedef(p);
	return parse_type(p) && parser_expect(p, ';', "';'");
}
