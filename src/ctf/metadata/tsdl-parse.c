/* SPDX-License-Identifier: MIT */
/* tsdl-parse.c - what the parts of the metadata parser share. */
#include "ctf/metadata/tsdl-parse.h"

#include <flightbox/error.h>

static void set_error(struct parser *p, enum fb_error code, const char *at, const char *message)
{
	guint line, column;

	lexer_where(&p->lexer, at, &line, &column);
	g_set_error(p->error, FB_ERROR, code, "%s: line %u, column %u: %s", p->file, line, column,
		    message);
}

void *parser_fail(struct parser *p, const char *at, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	set_error(p, FB_ERROR_FORMAT, at, message);
	return NULL;
}

void *parser_fail_unsupported(struct parser *p, const char *at, const char *what)
{
	set_error(p, FB_ERROR_UNSUPPORTED, at, what);
	return NULL;
}

void *parser_fail_expected(struct parser *p, const char *at, const char *what)
{
	struct lexer again = p->lexer;
	g_autofree char *words = NULL;
	struct token found;

	again.at = at;
	lexer_next(&again, &found);
	words = token_describe(&found);
	return parser_fail(p, at, "expected %s, found %s", what, words);
}

/* Values */

/* `name` or `a.b.c`. A lone name is lent from the text, as nearly all are. */
bool parse_path(struct parser *p, struct value *path)
{
	struct token t = p->token;
	GString *joined;

	if (!parser_expect(p, TOKEN_NAME, "a name"))
		return false;
	path->kind = TOKEN_NAME;
	path->at = path->text = t.text;
	path->length = t.length;
	if (p->token.kind != '.')
		return true;
	joined = g_string_new_len(t.text, t.length);
	while (parser_accept(p, '.')) {
		t = p->token;
		if (!parser_expect(p, TOKEN_NAME, "a name after '.'")) {
			g_string_free(joined, TRUE);
			return false;
		}
		g_string_append_c(joined, '.');
		g_string_append_len(joined, t.text, t.length);
	}
	path->text = arena_text(p->arena, joined->str, joined->len);
	path->length = joined->len;
	g_string_free(joined, TRUE);
	return true;
}

bool parse_number(struct parser *p, struct value *v)
{
	uint64_t number;

	v->kind = TOKEN_NUMBER;
	v->at = p->token.text;
	v->negative = parser_accept(p, '-');
	if (!v->negative)
		parser_accept(p, '+');
	number = p->token.number;
	if (!parser_expect(p, TOKEN_NUMBER, "a number"))
		return false;
	if (v->negative && number > (uint64_t)INT64_MAX + 1)
		return parser_fail(p, v->at, "a number of more than 64 bits");
	v->number = v->negative ? -number : number;
	return true;
}

bool parse_text(struct parser *p, const char **text)
{
	struct token t = p->token;
	char *to;

	if (!parser_expect(p, TOKEN_STRING, "a string"))
		return false;
	to = arena_room(p->arena, t.length);
	to[token_unescape(&t, to)] = '\0';
	*text = to;
	return true;
}

static bool parse_value(struct parser *p, struct value *v)
{
	switch (p->token.kind) {
	case TOKEN_NAME:
		return parse_path(p, v);
	case TOKEN_STRING:
		v->kind = TOKEN_STRING;
		v->at = p->token.text;
		if (!parse_text(p, &v->text))
			return false;
		v->length = strlen(v->text);
		return true;
	case TOKEN_NUMBER:
	case '-':
	case '+':
		return parse_number(p, v);
	default:
		return parser_fail_expected(p, p->token.text, "a value");
	}
}

bool value_unsigned(struct parser *p, const struct value *v, uint64_t *number)
{
	if (v->kind != TOKEN_NUMBER)
		return parser_fail_expected(p, v->at, "a number");
	if (v->negative)
		return parser_fail(p, v->at, "expected a number of 0 or more");
	*number = v->number;
	return true;
}

bool value_signed(struct parser *p, const struct value *v, int64_t *number)
{
	if (v->kind != TOKEN_NUMBER)
		return parser_fail_expected(p, v->at, "a number");
	/* LTTng prints a negative clock offset as its 64 bits. */
	*number = (int64_t)v->number;
	return true;
}

bool value_bool(struct parser *p, const struct value *v, bool *yes)
{
	if (v->kind == TOKEN_NUMBER)
		*yes = v->number != 0;
	else if (value_is(v, "true") || value_is(v, "TRUE"))
		*yes = true;
	else if (value_is(v, "false") || value_is(v, "FALSE"))
		*yes = false;
	else
		return parser_fail_expected(p, v->at, "true or false");
	return true;
}

bool value_text(struct parser *p, const struct value *v, const char **text)
{
	if (v->kind == TOKEN_NUMBER)
		return parser_fail_expected(p, v->at, "a name or a string");
	*text = v->kind == TOKEN_STRING ? v->text : arena_text(p->arena, v->text, v->length);
	return true;
}

/* Scopes */

void scope_enter(struct parser *p, struct name_binding **outer)
{
	*outer = p->newest;
	p->scope++;
}

void scope_leave(struct parser *p, struct name_binding *outer)
{
	for (; p->newest != outer; p->newest = p->newest->older) {
		struct name_binding *b = p->newest;

		if (b->hidden)
			g_hash_table_replace(p->bindings, (void *)b->hidden->name, b->hidden);
		else
			g_hash_table_remove(p->bindings, b->name);
	}
	p->scope--;
}

/* `name` lives as long as the arena. */
bool scope_bind(struct parser *p, const char *name, struct tsdl_type *type, const char *at)
{
	struct name_binding *hidden = g_hash_table_lookup(p->bindings, name);
	struct name_binding *b;

	if (hidden && hidden->scope == p->scope)
		return parser_fail(p, at, "type '%s' is declared twice", name);
	b = arena_alloc(p->arena, sizeof(*b));
	*b = (struct name_binding){ name, type, p->scope, hidden, p->newest };
	p->newest = b;
	g_hash_table_replace(p->bindings, (void *)name, b);
	return true;
}

struct tsdl_type *scope_find(struct parser *p, const char *name, const char *at)
{
	struct name_binding *b = g_hash_table_lookup(p->bindings, name);

	return b ? b->type : parser_fail(p, at, "unknown type '%s'", name);
}

/* Blocks */

static bool parse_assignment(struct parser *p, const struct block *block, void *self,
			     const struct value *name)
{
	const char *at = p->token.text;
	struct tsdl_type *type = parse_type(p);

	if (!type)
		return false;
	if (type->kind != TSDL_STRUCT)
		return parser_fail(p, at, "expected a struct");
	p->nodes += type->nodes;
	if (p->nodes > TSDL_MAX_NODES)
		return parser_fail(p, at, "more than %u fields in all", TSDL_MAX_NODES);
	return block->assign(p, self, name, type);
}

static bool parse_statement(struct parser *p, const struct block *block, void *self)
{
	struct value name, v;

	if (block->assign && starts_declaration(p))
		return parse_declaration(p);
	if (!parse_path(p, &name))
		return false;
	if (block->assign && parser_accept(p, TOKEN_ASSIGN)) {
		if (!parse_assignment(p, block, self, &name))
			return false;
	} else {
		if (!parser_expect(p, '=', "'='") || !parse_value(p, &v))
			return false;
		if (block->set && !block->set(p, self, &name, &v))
			return false;
	}
	return parser_expect(p, ';', "';'");
}

bool parse_block(struct parser *p, const struct block *block, void *self)
{
	struct name_binding *outer;

	if (!parser_expect(p, '{', "'{'"))
		return false;
	scope_enter(p, &outer);
	while (p->token.kind != '}')
		if (!parse_statement(p, block, self))
			return false;
	p->block_end = p->lexer.at;
	parser_advance(p);
	scope_leave(p, outer);
	return true;
}
