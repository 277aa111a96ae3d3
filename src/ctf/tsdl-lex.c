/* SPDX-License-Identifier: MIT */
/* tsdl-lex.c - metadata text -> tokens. */
#include "tsdl-lex.h"

void lexer_init(struct lexer *l, const char *text, size_t length)
{
	*l = (struct lexer){ text, text, text + length };
}

static bool starts_name(char c)
{
	return g_ascii_isalpha(c) || c == '_';
}

static bool continues_name(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

/* Is `word` what comes next? */
static bool at_text(const struct lexer *l, const char *word)
{
	size_t length = strlen(word);

	return (size_t)(l->end - l->at) >= length && memcmp(l->at, word, length) == 0;
}

/* Skips blanks and comments; false at a comment without an end. */
static bool skip_blanks(struct lexer *l)
{
	for (;;) {
		while (l->at < l->end && g_ascii_isspace(*l->at))
			l->at++;
		if (at_text(l, "//")) {
			const char *newline = memchr(l->at, '\n', l->end - l->at);

			l->at = newline ? newline : l->end;
		} else if (at_text(l, "/*")) {
			const char *close = memmem(l->at + 2, l->end - l->at - 2, "*/", 2);

			if (!close)
				return false;
			l->at = close + 2;
		} else {
			return true;
		}
	}
}

static struct token bad_token(struct token t, const char *bad)
{
	t.kind = TOKEN_BAD;
	t.bad = bad;
	return t;
}

/* 0x1f, 0b11, 017, 99; C's suffixes may follow. */
static struct token lex_number(struct lexer *l, struct token t)
{
	const char *digits;
	int base = 10;

	if (at_text(l, "0x") || at_text(l, "0X"))
		base = 16;
	else if (at_text(l, "0b") || at_text(l, "0B"))
		base = 2;
	else if (*l->at == '0')
		base = 8;
	if (base == 16 || base == 2)
		l->at += 2;
	for (digits = l->at; l->at < l->end; l->at++) {
		int digit = g_ascii_xdigit_value(*l->at);

		if (digit < 0 || digit >= base)
			break;
		if (__builtin_mul_overflow(t.number, base, &t.number) ||
		    __builtin_add_overflow(t.number, digit, &t.number))
			return bad_token(t, "a number of more than 64 bits");
	}
	if (l->at == digits)
		return bad_token(t, "a malformed number");
	while (l->at < l->end && memchr("uUlL", *l->at, 4))
		l->at++;
	if (l->at < l->end && continues_name(*l->at))
		return bad_token(t, "a malformed number");
	t.kind = TOKEN_NUMBER;
	return t;
}

static struct token lex_string(struct lexer *l, struct token t)
{
	for (l->at++; l->at < l->end; l->at++) {
		if (*l->at == '\\') {
			if (++l->at == l->end)
				break;
		} else if (*l->at == '"') {
			l->at++;
			t.kind = TOKEN_STRING;
			return t;
		}
	}
	return bad_token(t, "a string without its closing quote");
}

static struct token lex_sign(struct lexer *l, struct token t)
{
	if (at_text(l, ":=")) {
		t.kind = TOKEN_ASSIGN;
		l->at += 2;
	} else if (at_text(l, "...")) {
		t.kind = TOKEN_DOTS;
		l->at += 3;
	} else if (*l->at && strchr("{}[]<>();:,=.*+-", *l->at)) {
		t.kind = *l->at++;
	} else {
		l->at++;
		return bad_token(t, NULL);
	}
	return t;
}

struct token lexer_next(struct lexer *l)
{
	bool closed = skip_blanks(l);
	struct token t = { .kind = TOKEN_END, .text = l->at };

	if (!closed) {
		l->at = l->end;
		return bad_token(t, "a comment without its end");
	}
	if (l->at == l->end)
		return t;
	if (starts_name(*l->at)) {
		t.kind = TOKEN_NAME;
		while (l->at < l->end && continues_name(*l->at))
			l->at++;
	} else if (g_ascii_isdigit(*l->at)) {
		t = lex_number(l, t);
	} else if (*l->at == '"') {
		t = lex_string(l, t);
	} else {
		t = lex_sign(l, t);
	}
	t.length = l->at - t.text;
	return t;
}

void lexer_where(const struct lexer *l, const char *at, guint *line, guint *column)
{
	const char *start = l->begin;

	*line = 1;
	for (const char *c = l->begin; c < at; c++) {
		if (*c == '\n') {
			++*line;
			start = c + 1;
		}
	}
	*column = at - start + 1;
}

char *token_describe(const struct token *t)
{
	const size_t most = 40;
	GString *words;

	if (t->kind == TOKEN_END)
		return g_strdup("the end of the text");
	if (t->kind == TOKEN_BAD && t->bad)
		return g_strdup(t->bad);
	if (t->kind == TOKEN_BAD && !g_ascii_isprint(*t->text))
		return g_strdup_printf("byte 0x%02x", (unsigned char)*t->text);
	words = g_string_new("'");
	for (size_t i = 0; i < MIN(t->length, most); i++)
		g_string_append_c(words, g_ascii_isprint(t->text[i]) ? t->text[i] : '?');
	g_string_append(words, t->length > most ? "...'" : "'");
	return g_string_free(words, FALSE);
}

/* One escape; `*at` is behind the backslash and moves behind the escape. */
static char unescape(const char **at, const char *end)
{
	static const char names[] = "abefnrtv", values[] = "\a\b\033\f\n\r\t\v";
	char c = *(*at)++;
	const char *name = c ? strchr(names, c) : NULL;
	int base = 8, digits = 2, value;

	if (name)
		return values[name - names];
	if (c == 'x' && *at < end && g_ascii_isxdigit(**at)) {
		base = 16;
		value = g_ascii_xdigit_value(*(*at)++);
		digits = 1;
	} else if (c >= '0' && c < '8') {
		value = c - '0';
	} else {
		return c;
	}
	for (; digits && *at < end; digits--, ++*at) {
		int digit = g_ascii_xdigit_value(**at);

		if (digit < 0 || digit >= base)
			break;
		value = value * base + digit;
	}
	return value;
}

size_t token_unescape(const struct token *t, char *to)
{
	const char *at = t->text + 1, *end = t->text + t->length - 1;
	char *start = to;

	while (at < end) {
		if (*at == '\\') {
			at++;
			*to++ = unescape(&at, end);
		} else {
			*to++ = *at++;
		}
	}
	return to - start;
}

size_t tsdl_whole_length(const char *text, size_t length)
{
	struct lexer l;
	size_t whole = 0;
	int64_t depth = 0;

	lexer_init(&l, text, length);
	for (struct token t = lexer_next(&l); t.kind != TOKEN_END && t.kind != TOKEN_BAD;
	     t = lexer_next(&l)) {
		depth += (t.kind == '{') - (t.kind == '}');
		if (t.kind == ';' && depth == 0)
			whole = l.at - text;
	}
	return whole;
}
