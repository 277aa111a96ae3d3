/* SPDX-License-Identifier: MIT */
/*
 * tsdl-parse.h - what the parts of the metadata parser share.
 *
 *	tsdl-lex.c      text -> tokens
 *	tsdl-parse.c    one token ahead, errors, values, names and their scopes, blocks
 *	tsdl-scalar.c   integer, floating_point, string
 *	tsdl-enum.c     enum
 *	tsdl-type.c     struct, variant, arrays, declarations
 *	tsdl.c          trace, env, clock, stream, event; what is resolved at the end
 *
 * Every function that can fail returns false or NULL after parser_fail() has set the error, and
 * the parse ends there: nothing is undone, the arena and the parser's tables are freed as a whole.
 */
#ifndef CTF_METADATA_TSDL_PARSE_H
#define CTF_METADATA_TSDL_PARSE_H

#include "base/arena.h"
#include "base/hash.h"
#include "ctf/metadata/tsdl-lex.h"
#include "ctf/metadata/type.h"

/* A name bound to a type: "uint32_t", "unsigned long", "struct packet_context". */
struct name_binding {
	const char *name;
	struct tsdl_type *type;
	guint scope;
	struct name_binding *hidden; /* the same name in an outer scope */
	struct name_binding *older;	/* the one bound before this */
};

/* `map = clock.NAME.value`, looked up when all clocks are known. */
struct clock_map {
	struct tsdl_type *type;
	const char *name;
	const char *at;
};

/* An integer that was parsed before, by the text from its '{' to its '}'. */
struct known_integer {
	const char *text;
	size_t length;
	struct tsdl_type *type;
};

#define KNOWN_INTEGERS 256

struct parser {
	struct lexer lexer;
	struct token token; /* the next one */
	const char *block_end; /* behind the '}' of the last block */
	const char *file;
	struct tsdl_trace *trace;
	struct arena *arena;  /* the trace's */
	GHashTable *bindings; /* name -> struct name_binding, the innermost */
	struct name_binding *newest;
	guint scope;
	guint depth;	   /* types being parsed inside each other */
	uint64_t nodes;	   /* of all trees so far, see TSDL_MAX_NODES */
	GString *scratch;  /* the name of a type while it is read */
	GArray *fields;	   /* struct tsdl_field: a stack, innermost struct last */
	GArray *ranges;	   /* struct tsdl_range of the current enum */
	GPtrArray *native; /* INT and FLOAT that take the trace's byte order */
	GArray *maps;	   /* struct clock_map */
	struct known_integer known[KNOWN_INTEGERS];
	bool has_trace, has_byte_order;
	GError **error;
};

/* The right side of `name = value`, or a path of names. */
struct value {
	int kind;	  /* TOKEN_NAME (also "a.b.c"), TOKEN_NUMBER or TOKEN_STRING */
	bool negative;
	const char *at;	  /* where it begins, for messages */
	const char *text; /* NAME: no blanks around the dots; STRING: unescaped, in the arena */
	size_t length;
	uint64_t number; /* as 64 bits, two's complement when negative */
};

/*
 * `{ name = value; name := type; declarations }`. `set` and `assign` may be NULL: values are
 * ignored; types, and declarations with them, are not allowed.
 */
struct block {
	bool (*set)(struct parser *p, void *self, const struct value *name, const struct value *v);
	bool (*assign)(struct parser *p, void *self, const struct value *name,
		       struct tsdl_type *type);
};

/* tsdl-parse.c. The failing functions return NULL, which is also false. */
void *parser_fail(struct parser *p, const char *at, const char *format, ...) G_GNUC_PRINTF(3, 4);
void *parser_fail_unsupported(struct parser *p, const char *at, const char *what);
/* "expected WHAT, found the token at `at`" */
void *parser_fail_expected(struct parser *p, const char *at, const char *what);

static inline void parser_advance(struct parser *p)
{
	lexer_next(&p->lexer, &p->token);
}

static inline bool parser_accept(struct parser *p, int kind)
{
	if (p->token.kind != kind)
		return false;
	parser_advance(p);
	return true;
}

static inline bool parser_accept_word(struct parser *p, const char *word)
{
	if (!token_is(&p->token, word))
		return false;
	parser_advance(p);
	return true;
}

static inline bool parser_expect(struct parser *p, int kind, const char *what)
{
	return parser_accept(p, kind) || parser_fail_expected(p, p->token.text, what);
}

bool parse_path(struct parser *p, struct value *path);
bool parse_number(struct parser *p, struct value *v);
bool parse_text(struct parser *p, const char **text);
bool parse_block(struct parser *p, const struct block *block, void *self);

static inline bool value_is(const struct value *v, const char *word)
{
	return v->kind != TOKEN_NUMBER && strlen(word) == v->length &&
	       memcmp(v->text, word, strlen(word)) == 0;
}

bool value_unsigned(struct parser *p, const struct value *v, uint64_t *number);
bool value_signed(struct parser *p, const struct value *v, int64_t *number);
bool value_bool(struct parser *p, const struct value *v, bool *yes);
bool value_text(struct parser *p, const struct value *v, const char **text);

void scope_enter(struct parser *p, struct name_binding **outer);
void scope_leave(struct parser *p, struct name_binding *outer);
bool scope_bind(struct parser *p, const char *name, struct tsdl_type *type, const char *at);
struct tsdl_type *scope_find(struct parser *p, const char *name, const char *at);

/* tsdl-scalar.c: what follows the keyword. */
struct tsdl_type *parse_integer(struct parser *p);
struct tsdl_type *parse_float(struct parser *p);
struct tsdl_type *parse_string(struct parser *p);
bool parse_byte_order(struct parser *p, const struct value *v, bool *big_endian, bool *native);

/* tsdl-type.c */
struct tsdl_type *parse_type(struct parser *p);
bool starts_declaration(const struct parser *p);
bool parse_declaration(struct parser *p);

/* The NAME of `struct NAME` as it is bound, "struct NAME"; NULL where there is none. */
const char *parse_type_tag(struct parser *p, const char *keyword);

/* A copy of a type whose parts are complete, if it keeps within the bounds of tsdl.h. */
struct tsdl_type *type_new(struct parser *p, struct tsdl_type *type, const char *at);

/* tsdl-enum.c: `enum NAME : container { ranges }`; the container is int where none is given. */
struct tsdl_type *parse_enum(struct parser *p);

#endif
