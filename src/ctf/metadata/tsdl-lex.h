/* SPDX-License-Identifier: MIT */
/* tsdl-lex.h - metadata text -> tokens. */
#ifndef CTF_METADATA_TSDL_LEX_H
#define CTF_METADATA_TSDL_LEX_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <glib.h>

/* One-character tokens are their own kind: ';' '{' '=' ... */
enum {
	TOKEN_END,
	TOKEN_NAME = 256, /* identifiers and keywords alike */
	TOKEN_NUMBER,
	TOKEN_STRING, /* `text` has the quotes and escapes still */
	TOKEN_ASSIGN, /* := */
	TOKEN_DOTS,   /* ... */
	TOKEN_BAD,    /* nothing that the grammar has; `bad` says what, NULL for a lone byte */
};

/* A piece of the text, lent. */
struct token {
	int kind;
	const char *text;
	size_t length;
	uint64_t number; /* NUMBER, without its sign */
	const char *bad; /* BAD */
};

struct lexer {
	const char *begin, *at, *end;
};

void lexer_init(struct lexer *l, const char *text, size_t length);

/* After the last token, TOKEN_END again and again; after a TOKEN_BAD, the rest is guesswork. */
void lexer_next(struct lexer *l, struct token *t);

/* Line and column of a place in the text, both from 1; columns are bytes. */
void lexer_where(const struct lexer *l, const char *at, guint *line, guint *column);

/* What a message calls the token: "'struct'", "the end of the text". */
char *token_describe(const struct token *t);

/* The value of a TOKEN_STRING: no quotes, escapes resolved, written to `to`, which has room for
 * the token's length. Returns its length. */
size_t token_unescape(const struct token *t, char *to);

/* How much of the text is whole blocks and declarations: up to the last ';' outside all braces. */
size_t tsdl_whole_length(const char *text, size_t length);

/* Inline: the length of a literal word is a constant then, and most words differ by it. */
static inline bool token_is(const struct token *t, const char *word)
{
	return t->kind == TOKEN_NAME && strlen(word) == t->length &&
	       memcmp(t->text, word, strlen(word)) == 0;
}

#endif
