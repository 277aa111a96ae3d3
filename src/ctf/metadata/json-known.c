/* SPDX-License-Identifier: MIT */
/*
 * json-known.c - field classes whose text was met before.
 *
 * Tracers write each number's class out in full, most of them alike, and nearly all of the time that
 * metadata takes goes into their JSON. The same text is the same class, so a record is parsed with
 * a short one in its place, KNOWN_CLASS and a number, as if it named an alias.
 */
#include "ctf/metadata/json.h"

#include <string.h>

#include "base/hash.h"

#define TEXT_MAX  512u  /* bytes of such a class */
#define KNOWN_MAX 4096u /* classes: of further ones none is kept */

/* A text, by which its class is found. */
struct known {
	const char *text; /* of the metadata */
	size_t length;
	struct json_class class;
	guint number;
	bool is_class; /* else it was none, and stays as it is */
};

static guint known_hash(const void *known)
{
	const struct known *k = known;

	return bytes_hash(k->text, k->length);
}

static gboolean known_equal(const void *a_, const void *b_)
{
	const struct known *a = a_, *b = b_;

	return a->length == b->length && !memcmp(a->text, b->text, a->length);
}

void json_known_init(struct json_known *known)
{
	known->by_text = g_hash_table_new(known_hash, known_equal);
	known->all = g_ptr_array_new_with_free_func(g_free);
	known->scratch = g_string_new(NULL);
}

void json_known_clear(struct json_known *known)
{
	g_hash_table_unref(known->by_text);
	g_ptr_array_unref(known->all);
	g_string_free(known->scratch, TRUE);
}

bool json_known_find(const struct json_parser *p, const char *name, struct json_class *class)
{
	guint64 number;

	if (*name != KNOWN_CLASS || p->known.is_off ||
	    !g_ascii_string_to_unsigned(name + 1, 10, 0, p->known.all->len, &number, NULL) ||
	    number == p->known.all->len)
		return false;
	*class = ((const struct known *)g_ptr_array_index(p->known.all, number))->class;
	return true;
}

/* Parses one by itself. What is wrong with it will be told of where it stands. */
static struct known *learn(struct json_parser *p, const char *text, size_t length)
{
	struct known *k = g_new0(struct known, 1);
	json_t *value = json_loadb(text, length, 0, NULL);
	const struct json_at at = { NULL, NULL, 0, value };

	k->text = text;
	k->length = length;
	k->number = p->known.all->len;
	k->is_class = value && ctf2_class(p, &at, &k->class);
	g_clear_error(p->error);
	json_decref(value);
	g_ptr_array_add(p->known.all, k);
	g_hash_table_add(p->known.by_text, k);
	return k;
}

/* How long the object at `text` is, which has no other and no array in it; 0: there is none. */
static size_t object_length(const char *text, size_t left)
{
	if (!left || *text != '{')
		return 0;
	for (size_t n = 1; n < MIN(left, TEXT_MAX); n++) {
		if (text[n] == '}')
			return n + 1;
		if (text[n] == '{' || text[n] == '[')
			return 0;
	}
	return 0;
}

static const struct known *find(struct json_parser *p, const char *text, size_t length)
{
	const struct known key = { .text = text, .length = length };
	const struct known *k = g_hash_table_lookup(p->known.by_text, &key);

	if (!k && p->known.all->len < KNOWN_MAX)
		k = learn(p, text, length);
	return k && k->is_class ? k : NULL;
}

/* In JSON a quote that no backslash precedes begins a text or ends one, and behind this one stands no
 * text that another could end. */
const GString *json_known_shorten(struct json_parser *p, const char *text, size_t length)
{
	static const char key[] = "\"field-class\":";
	GString *to = p->known.scratch;
	const char *from = text, *end = text + length, *at;

	g_string_truncate(to, 0);
	while (!p->known.is_off && (at = memmem(from, end - from, key, strlen(key)))) {
		const char *object = at + strlen(key);
		const struct known *k = NULL;
		size_t n;

		while (object < end && g_ascii_isspace(*object))
			object++;
		n = at > text && at[-1] == '\\' ? 0 : object_length(object, end - object);
		if (n)
			k = find(p, object, n);
		g_string_append_len(to, from, object - from);
		from = object;
		if (k) {
			g_string_append_printf(to, "\"\\u%04x%u\"", KNOWN_CLASS, k->number);
			from += n;
		}
	}
	g_string_append_len(to, from, end - from);
	return to;
}
