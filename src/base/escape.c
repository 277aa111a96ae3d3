/* SPDX-License-Identifier: MIT */
/*
 * escape.c - names from a trace are hostile: a process may call itself anything,
 * escape sequences and half characters included. Whatever comes out of here is
 * harmless on a terminal.
 */
#include <glib.h>

#include "base/out.h"

/*
 * Length of the UTF-8 character at `text` (1 to 4 bytes), or 0 when there is none; stops at the NUL.
 * Continuation bytes follow within [low, high] for the second one: no overlong forms, no surrogates.
 */
static int utf8_length(const unsigned char *text)
{
	unsigned char low = 0x80, high = 0xbf;
	int length;

	if (text[0] < 0x80)
		return text[0] ? 1 : 0;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	length = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	if (text[0] == 0xe0)
		low = 0xa0;
	else if (text[0] == 0xed)
		high = 0x9f;
	else if (text[0] == 0xf0)
		low = 0x90;
	else if (text[0] == 0xf4)
		high = 0x8f;
	if (text[1] < low || text[1] > high)
		return 0;
	for (int i = 2; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* C0 controls and DEL. */
static inline bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

/* Of a character of two or three bytes. */
static unsigned code_point(const unsigned char *text, int length)
{
	return length == 2 ? (text[0] & 0x1fu) << 6 | (text[1] & 0x3f) :
			     (text[0] & 0xfu) << 12 | (text[1] & 0x3fu) << 6 | (text[2] & 0x3f);
}

/*
 * Whether a character makes a terminal do something, or the reader see another text than
 * there is: controls, those of U+0080 to U+009F too, separators of lines, and what turns
 * the direction of writing.
 */
static bool is_active(const unsigned char *text, int length)
{
	unsigned c;

	if (length == 1)
		return is_control(*text);
	if (length == 4)
		return false;
	c = code_point(text, length);
	return c < 0xa0 || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

int printable_length(const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;
	int length = utf8_length(bytes);

	return length && is_active(bytes, length) ? 0 : length;
}

static char hex_digit(unsigned n)
{
	return "0123456789abcdef"[n & 15];
}

char *put_escaped_byte(char *to, unsigned char c)
{
	memcpy(to, "\\x", 2);
	to[2] = hex_digit(c >> 4);
	to[3] = hex_digit(c);
	return to + ESCAPED_BYTE;
}

static char *put_json_escape(char *to, unsigned c)
{
	memcpy(to, "\\u", 2);
	for (int shift = 12; shift >= 0; shift -= 4)
		to[5 - shift / 4] = hex_digit(c >> shift);
	return to + 6;
}

static char *put_json_special(char *to, unsigned char c)
{
	static const char letters[] = "\bb\ff\nn\rr\tt\"\"\\\\";

	for (int i = 0; letters[i]; i += 2)
		if (letters[i] == (char)c) {
			*to++ = '\\';
			*to++ = letters[i + 1];
			return to;
		}
	return put_json_escape(to, c);
}

/* The rest of a string from its first byte that cannot stand for itself. */
static char *put_json_rest(char *to, const unsigned char *from)
{
	while (*from) {
		int length = utf8_length(from);

		if (!length) {
			to = put_json_escape(to, 0xfffd);
			from++;
		} else if (is_control(*from) || *from == '"' || *from == '\\') {
			to = put_json_special(to, *from++);
		} else if (is_active(from, length)) {
			to = put_json_escape(to, code_point(from, length));
			from += length;
		} else {
			while (length--)
				*to++ = *from++;
		}
	}
	return to;
}

#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

/* Not 0 when one of eight bytes is that one, if none is above 0x7f. */
static inline uint64_t has_byte(uint64_t w, unsigned char byte)
{
	return ((w ^ ONES * byte) - ONES) & TOPS;
}

/* Not 0 when one of eight bytes is a control or not ASCII. */
static inline uint64_t has_odd(uint64_t w)
{
	return ((w | (w - ONES * 0x20)) & TOPS) | has_byte(w, 0x7f);
}

void out_json_text(struct out *o, const char *text)
{
	size_t length = strlen(text), done = 0;
	char *to = out_room(o, 6 * length + 2);

	*to++ = '"';
	for (; done + 8 <= length; done += 8) {
		uint64_t word;

		memcpy(&word, text + done, 8);
		if (has_odd(word) | has_byte(word, '"') | has_byte(word, '\\'))
			break;
		memcpy(to + done, &word, 8);
	}
	for (; done < length; done++) {
		unsigned char c = text[done];

		if (is_control(c) || c >= 0x80 || c == '"' || c == '\\')
			break;
		to[done] = c;
	}
	to += done;
	if (done < length)
		to = put_json_rest(to, (const unsigned char *)text + done);
	*to++ = '"';
	o->at = to;
}

/* What a spreadsheet takes for a formula, which may run programs or ask the network. */
static bool is_formula(const char *text)
{
	return *text && strchr("=+-@", *text);
}

static bool csv_needs_quotes(const char *text)
{
	size_t length = strlen(text);

	if (!length || text[0] == ' ' || text[length - 1] == ' ')
		return true;
	return strpbrk(text, ",;\"") != NULL;
}

void out_csv_text(struct out *o, const char *text)
{
	const unsigned char *from = (const unsigned char *)text;
	bool quotes = csv_needs_quotes(text);
	char *to = out_room(o, ESCAPED_BYTE * strlen(text) + strlen("\"'\""));

	if (quotes)
		*to++ = '"';
	if (is_formula(text))
		*to++ = '\'';
	while (*from) {
		int length = utf8_length(from);

		if (!length) {
			memcpy(to, "\xef\xbf\xbd", 3);
			to += 3;
			from++;
		} else if (is_active(from, length)) {
			while (length--)
				to = put_escaped_byte(to, *from++);
		} else {
			if (*from == '"')
				*to++ = '"';
			while (length--)
				*to++ = *from++;
		}
	}
	if (quotes)
		*to++ = '"';
	o->at = to;
}

/* The rest of a text from its first byte that is not plain ASCII. */
static char *put_plain_rest(char *to, const char *from)
{
	while (*from) {
		int length = printable_length(from);

		if (!length)
			to = put_escaped_byte(to, *from++);
		for (; length; length--)
			*to++ = *from++;
	}
	return to;
}

void out_plain_text(struct out *o, const char *text)
{
	size_t length = strlen(text), done = 0;
	char *to = out_room(o, ESCAPED_BYTE * length);

	for (; done + 8 <= length; done += 8) {
		uint64_t word;

		memcpy(&word, text + done, 8);
		if (has_odd(word))
			break;
		memcpy(to + done, &word, 8);
	}
	o->at = put_plain_rest(to + done, text + done);
}
