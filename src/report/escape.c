/* SPDX-License-Identifier: MIT */
/*
 * escape.c - names from a trace are hostile: a process may call itself anything,
 * escape sequences and half characters included.
 */
#include <glib.h>

#include "out.h"

/* Continuation bytes follow within [low, high] for the second one: no overlong forms, no surrogates. */
int utf8_length(const unsigned char *text)
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

static char *put_json_special(char *to, unsigned char c)
{
	static const char letters[] = "\bb\ff\nn\rr\tt\"\"\\\\";

	for (int i = 0; letters[i]; i += 2)
		if (letters[i] == (char)c) {
			*to++ = '\\';
			*to++ = letters[i + 1];
			return to;
		}
	memcpy(to, "\\u00", 4);
	to[4] = "0123456789abcdef"[c >> 4];
	to[5] = "0123456789abcdef"[c & 15];
	return to + 6;
}

/* The rest of a string from its first byte that cannot stand for itself. */
static char *put_json_rest(char *to, const unsigned char *from)
{
	while (*from) {
		int length = utf8_length(from);

		if (!length) {
			memcpy(to, "\\ufffd", 6);
			to += 6;
			from++;
		} else if (is_control(*from) || *from == '"' || *from == '\\') {
			to = put_json_special(to, *from++);
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

static bool csv_needs_quotes(const char *text)
{
	size_t length = strlen(text);

	if (!length || text[0] == ' ' || text[length - 1] == ' ')
		return true;
	for (size_t i = 0; i < length; i++)
		if (is_control(text[i]) || text[i] == ',' || text[i] == ';' || text[i] == '"')
			return true;
	return false;
}

void out_csv_text(struct out *o, const char *text)
{
	const unsigned char *from = (const unsigned char *)text;
	bool quotes = csv_needs_quotes(text);
	char *to = out_room(o, 3 * strlen(text) + 2);

	if (quotes)
		*to++ = '"';
	while (*from) {
		int length = utf8_length(from);

		if (!length) {
			memcpy(to, "\xef\xbf\xbd", 3);
			to += 3;
			from++;
			continue;
		}
		if (*from == '"')
			*to++ = '"';
		while (length--)
			*to++ = *from++;
	}
	if (quotes)
		*to++ = '"';
	o->at = to;
}

/* The rest of a text from its first byte that is not plain ASCII. */
static char *put_plain_rest(char *to, const unsigned char *from)
{
	while (*from) {
		int length = utf8_length(from);
		/* U+0080 to U+009F are controls too: some terminals obey them. */
		bool c1 = length == 2 && from[0] == 0xc2 && from[1] < 0xa0;

		if (length && !c1 && !is_control(*from)) {
			while (length--)
				*to++ = *from++;
			continue;
		}
		for (int n = length ? length : 1; n > 0; n--, from++) {
			memcpy(to, "\\x", 2);
			to[2] = "0123456789abcdef"[*from >> 4];
			to[3] = "0123456789abcdef"[*from & 15];
			to += 4;
		}
	}
	return to;
}

void out_plain_text(struct out *o, const char *text)
{
	size_t length = strlen(text), done = 0;
	char *to = out_room(o, 4 * length);

	for (; done + 8 <= length; done += 8) {
		uint64_t word;

		memcpy(&word, text + done, 8);
		if (has_odd(word))
			break;
		memcpy(to + done, &word, 8);
	}
	o->at = put_plain_rest(to + done, (const unsigned char *)text + done);
}
