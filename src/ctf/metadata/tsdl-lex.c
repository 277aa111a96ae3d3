/* SPDX-License-Identifier: MIT */
/* tsdl-lex.c - metadata text -> tokens. */
#include "ctf/metadata/tsdl-lex.h"
#include "ctf/metadata/tsdl.h"

void lexer_init(struct lexer *l, const char *text, size_t length)
{
	*l = (struct lexer){ text, text, text + length };
}

/* What a byte may be. No name begins with a digit. */
enum {
	BLANK = 1,
	NAME = 2,
	DIGIT = 4,
	SIGN = 8, /* a token by itself, whatever follows */
};

static const uint8_t classes[256] = {
	[' '] = BLANK,	['\t'] = BLANK, ['\n'] = BLANK, ['\f'] = BLANK, ['\r'] = BLANK,
	['{'] = SIGN,	['}'] = SIGN,	['['] = SIGN,	[']'] = SIGN,	['<'] = SIGN,
	['>'] = SIGN,	['('] = SIGN,	[')'] = SIGN,	[';'] = SIGN,	[','] = SIGN,
	['='] = SIGN,	['*'] = SIGN,	['+'] = SIGN,	['-'] = SIGN,	['_'] = NAME,
	['a' ... 'z'] = NAME,		['A' ... 'Z'] = NAME,
	['0' ... '9'] = NAME | DIGIT,
};

static bool is(const char *at, uint8_t class)
{
	return classes[(unsigned char)*at] & class;
}

/* Behind the bytes of one class that begin at `at`. */
static const char *skip(const char *at, const char *end, uint8_t class)
{
	while (at < end && is(at, class))
		at++;
	return at;
}

/* Is `word` what comes next? */
static bool at_text(const struct lexer *l, const char *word)
{
	return (size_t)(l->end - l->at) >= strlen(word) && memcmp(l->at, word, strlen(word)) == 0;
}

static bool at_comment(const struct lexer *l)
{
	return at_text(l, "//") || at_text(l, "/*");
}

/* False when it has no end. */
static bool skip_comment(struct lexer *l)
{
	const char *close;

	if (l->at[1] == '/') {
		close = memchr(l->at, '\n', l->end - l->at);
		l->at = close ? close : l->end;
		return true;
	}
	close = memmem(l->at + 2, l->end - l->at - 2, "*/", 2);
	l->at = close ? close + 2 : l->end;
	return close != NULL;
}

static void set_bad(struct token *t, const char *bad)
{
	t->kind = TOKEN_BAD;
	t->bad = bad;
}

/* Moves to the digits of a number, and says what they count. */
static int lex_base(struct lexer *l)
{
	if (*l->at != '0')
		return 10;
	if (at_text(l, "0x") || at_text(l, "0X")) {
		l->at += 2;
		return 16;
	}
	if (at_text(l, "0b") || at_text(l, "0B")) {
		l->at += 2;
		return 2;
	}
	return 8;
}

/* The digits of a number; false when it takes more than 64 bits. */
static bool lex_digits(struct lexer *l, int base, uint64_t *number)
{
	*number = 0;
	for (; l->at < l->end && is(l->at, NAME); l->at++) {
		int digit = is(l->at, DIGIT) ? *l->at - '0' : g_ascii_xdigit_value(*l->at);

		if (digit < 0 || digit >= base)
			break;
		if (__builtin_mul_overflow(*number, base, number) ||
		    __builtin_add_overflow(*number, digit, number))
			return false;
	}
	return true;
}

/* 0x1f, 0b11, 017, 99; C's suffixes may follow. */
static void lex_number(struct lexer *l, struct token *t)
{
	int base = lex_base(l);
	const char *digits = l->at;

	if (!lex_digits(l, base, &t->number)) {
		set_bad(t, "a number of more than 64 bits");
		return;
	}
	if (l->at == digits) {
		set_bad(t, "a malformed number");
		return;
	}
	while (l->at < l->end && is(l->at, NAME) && memchr("uUlL", *l->at, 4))
		l->at++;
	if (l->at < l->end && is(l->at, NAME))
		set_bad(t, "a malformed number");
	else
		t->kind = TOKEN_NUMBER;
}

static void lex_string(struct lexer *l, struct token *t)
{
	for (l->at++; l->at < l->end; l->at++) {
		if (*l->at == '\\') {
			if (++l->at == l->end)
				break;
		} else if (*l->at == '"') {
			l->at++;
			t->kind = TOKEN_STRING;
			return;
		}
	}
	set_bad(t, "a string without its closing quote");
}

/* ':' and '.', which may begin a longer one, and what no token begins with. */
static void lex_other_sign(struct lexer *l, struct token *t)
{
	if (at_text(l, ":=")) {
		t->kind = TOKEN_ASSIGN;
		l->at += 2;
	} else if (at_text(l, "...")) {
		t->kind = TOKEN_DOTS;
		l->at += 3;
	} else if (*l->at == ':' || *l->at == '.') {
		t->kind = *l->at++;
	} else {
		l->at++;
		set_bad(t, NULL);
	}
}

/* The token behind any number of comments. */
static void lex_behind_comments(struct lexer *l, struct token *t)
{
	while (at_comment(l)) {
		t->text = l->at;
		if (!skip_comment(l)) {
			set_bad(t, "a comment without its end");
			return;
		}
		l->at = skip(l->at, l->end, BLANK);
	}
	lexer_next(l, t);
}

/* All but names and signs. Apart, so that lexer_next() needs no registers to be saved. */
static G_GNUC_NO_INLINE void lex_other(struct lexer *l, struct token *t)
{
	if (at_comment(l)) {
		lex_behind_comments(l, t);
		return;
	}
	if (is(l->at, DIGIT))
		lex_number(l, t);
	else if (*l->at == '"')
		lex_string(l, t);
	else
		lex_other_sign(l, t);
	t->length = l->at - t->text;
}

void lexer_next(struct lexer *l, struct token *t)
{
	const char *at = skip(l->at, l->end, BLANK);

	l->at = at;
	t->text = at;
	t->length = 0;
	if (at == l->end) {
		t->kind = TOKEN_END;
	} else if (is(at, SIGN)) {
		t->kind = *at;
		t->length = 1;
		l->at = at + 1;
	} else if (is(at, NAME) && !is(at, DIGIT)) {
		at = skip(at, l->end, NAME);
		t->kind = TOKEN_NAME;
		t->length = at - t->text;
		l->at = at;
		if (G_UNLIKELY(t->length > TSDL_MAX_NAME))
			set_bad(t, "a name of more than 1024 bytes");
	} else {
		lex_other(l, t);
	}
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
		const char *escape = memchr(at, '\\', end - at);
		size_t plain = (escape ? escape : end) - at;

		memcpy(to, at, plain);
		to += plain;
		at += plain;
		if (escape) {
			at++;
			*to++ = unescape(&at, end);
		}
	}
	return to - start;
}

size_t tsdl_whole_length(const char *text, size_t length)
{
	struct lexer l;
	struct token t;
	size_t whole = 0;
	int64_t depth = 0;

	lexer_init(&l, text, length);
	for (lexer_next(&l, &t); t.kind != TOKEN_END && t.kind != TOKEN_BAD; lexer_next(&l, &t)) {
		depth += (t.kind == '{') - (t.kind == '}');
		if (t.kind == ';' && depth == 0)
			whole = l.at - text;
	}
	return whole;
}
