/* SPDX-License-Identifier: MIT */
/* json.c - records of CTF 2 metadata: where in them something stands, errors, values. */
#include "ctf/metadata/json.h"

#include <string.h>

#include <flightbox/error.h>

#define SEPARATOR '\x1e'
#define FOUND_MAX 40 /* bytes of a text that a message quotes */

/* ---- errors ------------------------------------------------------------------------------ */

static void append_way(GString *to, const struct json_at *at)
{
	if (!at->up)
		return;
	append_way(to, at->up);
	if (!at->key)
		g_string_append_printf(to, "[%zu]", at->index);
	else
		g_string_append_printf(to, "%s%s", to->len ? "." : "", at->key);
}

static void set_error(struct json_parser *p, enum fb_error code, const struct json_at *at,
		      const char *message)
{
	g_autoptr(GString) way = g_string_new(NULL);

	if (at)
		append_way(way, at);
	g_set_error(p->error, FB_ERROR, code, "%s: record %u at byte %zu: %s%s%s", p->file,
		    p->record, p->byte, way->str, way->len ? ": " : "", message);
}

void *json_fail(struct json_parser *p, const struct json_at *at, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	set_error(p, FB_ERROR_FORMAT, at, message);
	return NULL;
}

void *json_fail_unsupported(struct json_parser *p, const struct json_at *at, const char *what)
{
	set_error(p, FB_ERROR_UNSUPPORTED, at, what);
	return NULL;
}

/* What is written there, short. */
static char *describe(json_t *value)
{
	const char *text = json_string_value(value);

	if (!value)
		return g_strdup("nothing");
	if (json_is_object(value) || json_is_array(value))
		return g_strdup(json_is_object(value) ? "an object" : "an array");
	if (text && *text == BIG_NUMBER)
		return g_strdup(text + 1);
	if (text && strlen(text) > FOUND_MAX)
		return g_strdup_printf("\"%.*s…\"", (int)(g_utf8_find_next_char(text + FOUND_MAX - 4,
										 NULL) - text), text);
	if (text)
		return g_strdup_printf("\"%s\"", text);
	return json_dumps(value, JSON_ENCODE_ANY);
}

void *json_fail_expected(struct json_parser *p, const struct json_at *at, const char *what)
{
	char *found = describe(at->value);

	json_fail(p, at, "expected %s, found %s", what, found);
	g_free(found);
	return NULL;
}

/* ---- objects ----------------------------------------------------------------------------- */

static const char *const key_names[] = {
	[KEY_ALIGNMENT] = "alignment",
	[KEY_BIT_ORDER] = "bit-order",
	[KEY_BYTE_ORDER] = "byte-order",
	[KEY_CYCLES] = "cycles",
	[KEY_STREAM_CLASS_ID] = "data-stream-class-id",
	[KEY_CLOCK_ID] = "default-clock-class-id",
	[KEY_DESCRIPTION] = "description",
	[KEY_ELEMENT] = "element-field-class",
	[KEY_ENCODING] = "encoding",
	[KEY_ENVIRONMENT] = "environment",
	[KEY_COMMON_CONTEXT] = "event-record-common-context-field-class",
	[KEY_EVENT_HEADER] = "event-record-header-field-class",
	[KEY_EXTENSIONS] = "extensions",
	[KEY_FIELD_CLASS] = "field-class",
	[KEY_FLAGS] = "flags",
	[KEY_FREQUENCY] = "frequency",
	[KEY_ID] = "id",
	[KEY_LENGTH] = "length",
	[KEY_LENGTH_LOCATION] = "length-field-location",
	[KEY_MAPPINGS] = "mappings",
	[KEY_MEMBERS] = "member-classes",
	[KEY_MINIMUM_ALIGNMENT] = "minimum-alignment",
	[KEY_NAME] = "name",
	[KEY_OFFSET] = "offset-from-origin",
	[KEY_OPTIONS] = "options",
	[KEY_ORIGIN] = "origin",
	[KEY_PACKET_CONTEXT] = "packet-context-field-class",
	[KEY_PACKET_HEADER] = "packet-header-field-class",
	[KEY_PATH] = "path",
	[KEY_PAYLOAD] = "payload-field-class",
	[KEY_PRECISION] = "precision",
	[KEY_BASE] = "preferred-display-base",
	[KEY_ROLES] = "roles",
	[KEY_SECONDS] = "seconds",
	[KEY_SELECTOR_LOCATION] = "selector-field-location",
	[KEY_SELECTOR_RANGES] = "selector-field-ranges",
	[KEY_SPECIFIC_CONTEXT] = "specific-context-field-class",
	[KEY_TYPE] = "type",
	[KEY_UID] = "uid",
	[KEY_UUID] = "uuid",
	[KEY_VERSION] = "version",
};

/* In the order of the alphabet: those before a key's first letter are passed over. */
static enum json_key find_key(const char *name)
{
	unsigned i = 0;

	while (i < KEYS && *key_names[i] < *name)
		i++;
	while (i < KEYS && *key_names[i] == *name && strcmp(key_names[i], name))
		i++;
	return i < KEYS && *key_names[i] == *name ? i : KEYS;
}

struct json_at json_get(const struct json_object *o, enum json_key key)
{
	return (struct json_at){ &o->at, key_names[key], 0, o->values[key] };
}

/* Any of them may change how everything else is to be read. */
static bool refuse_extensions(struct json_parser *p, const struct json_object *o)
{
	const struct json_at at = json_get(o, KEY_EXTENSIONS);
	const char *namespace, *name;
	json_t *named, *value;

	if (!json_is_object(at.value))
		return json_fail_expected(p, &at, "an object of namespaces");
	json_object_foreach(at.value, namespace, named) {
		const struct json_at in = { &at, namespace, 0, named };

		if (!json_is_object(named))
			return json_fail_expected(p, &in, "an object of extensions");
		json_object_foreach(named, name, value) {
			const struct json_at extension = { &in, name, 0, value };

			return json_fail_unsupported(p, &extension,
						     "an extension of CTF 2 that flightbox does "
						     "not know");
		}
	}
	return true;
}

bool json_open(struct json_parser *p, const struct json_at *at, const char *what,
	       struct json_object *o)
{
	const char *name;
	json_t *value;

	if (!json_is_object(at->value))
		return json_fail_expected(p, at, what);
	*o = (struct json_object){ .at = *at };
	json_object_foreach(at->value, name, value) {
		enum json_key key = find_key(name);

		if (key != KEYS)
			o->values[key] = value;
	}
	return !o->values[KEY_EXTENSIONS] || refuse_extensions(p, o);
}

/* ---- values ------------------------------------------------------------------------------ */

bool json_text(struct json_parser *p, const struct json_at *at, const char *what, const char **text)
{
	const char *from = json_string_value(at->value);

	if (!from || *from == BIG_NUMBER)
		return json_fail_expected(p, at, what);
	if (strlen(from) > TSDL_MAX_NAME)
		return json_fail(p, at, "a text of more than %u bytes", TSDL_MAX_NAME);
	*text = arena_text(p->arena, from, strlen(from));
	return true;
}

bool json_may_text(struct json_parser *p, const struct json_object *o, enum json_key key,
		   const char *what, const char **text)
{
	const struct json_at at = json_get(o, key);

	return !at.value || json_text(p, &at, what, text);
}

/* The bits of an integer, which a text of json_next() may be; false when there is none. */
static bool get_integer(json_t *value, uint64_t *bits, bool *is_negative)
{
	const char *text = json_string_value(value);

	*is_negative = false;
	if (text && *text == BIG_NUMBER)
		return g_ascii_string_to_unsigned(text + 1, 10, 0, UINT64_MAX, bits, NULL);
	if (!json_is_integer(value))
		return false;
	*bits = json_integer_value(value);
	*is_negative = json_integer_value(value) < 0;
	return true;
}

bool json_unsigned(struct json_parser *p, const struct json_at *at, const char *what, uint64_t *n)
{
	bool is_negative;

	return (get_integer(at->value, n, &is_negative) && !is_negative) ||
	       json_fail_expected(p, at, what);
}

bool json_may_unsigned(struct json_parser *p, const struct json_object *o, enum json_key key,
		       const char *what, uint64_t *n)
{
	const struct json_at at = json_get(o, key);

	return !at.value || json_unsigned(p, &at, what, n);
}

bool json_signed(struct json_parser *p, const struct json_at *at, const char *what, int64_t *n)
{
	if (!json_is_integer(at->value))
		return json_fail_expected(p, at, what);
	*n = json_integer_value(at->value);
	return true;
}

bool json_word(struct json_parser *p, const struct json_at *at, const char *const *words,
	       const char *what, unsigned *number)
{
	const char *text = json_string_value(at->value);

	for (*number = 0; text && words[*number]; ++*number)
		if (!strcmp(text, words[*number]))
			return true;
	return json_fail_expected(p, at, what);
}

static bool get_bound(struct json_parser *p, const struct json_at *at, enum json_sign sign,
		      int64_t *bound, bool *is_negative)
{
	uint64_t bits;

	if (!get_integer(at->value, &bits, is_negative))
		return json_fail_expected(p, at, "an integer");
	if (sign == JSON_UNSIGNED && *is_negative)
		return json_fail_expected(p, at, "an integer of 0 or more");
	if (sign == JSON_SIGNED && !*is_negative && bits > INT64_MAX)
		return json_fail_expected(p, at, "an integer of 64 bits with a sign");
	*bound = bits;
	return true;
}

static bool get_range(struct json_parser *p, const struct json_at *at, enum json_sign sign,
		      struct tsdl_range *range)
{
	const struct json_at first = json_element(at, 0), last = json_element(at, 1);
	bool is_negative[2];

	if (json_array_size(at->value) != 2)
		return json_fail_expected(p, at, "the two bounds of a range");
	if (!get_bound(p, &first, sign, &range->first, &is_negative[0]) ||
	    !get_bound(p, &last, sign, &range->last, &is_negative[1]))
		return false;
	if (is_negative[0] == is_negative[1] ? (uint64_t)range->first > (uint64_t)range->last
					     : is_negative[1])
		return json_fail(p, at, "the range ends before it begins");
	return true;
}

bool json_ranges(struct json_parser *p, const struct json_at *at, enum json_sign sign,
		 const char *label)
{
	struct tsdl_range range = { .label = label };

	if (!json_array_size(at->value))
		return json_fail_expected(p, at, "an array of one or more ranges");
	for (size_t i = 0; i < json_array_size(at->value); i++) {
		const struct json_at element = json_element(at, i);

		if (!get_range(p, &element, sign, &range))
			return false;
		g_array_append_val(p->ranges, range);
	}
	return true;
}

/* ---- records ----------------------------------------------------------------------------- */

/*
 * jansson's integers end at 2^63. Writes the greater ones as texts that begin with BIG_NUMBER,
 * which is none that a number could be taken for.
 */
static GString *quote_big_numbers(const char *text, size_t length)
{
	GString *to = g_string_sized_new(length + 64);
	bool in_text = false;

	for (size_t i = 0; i < length; i++) {
		size_t digits = 0;

		if (in_text && text[i] == '\\' && i + 1 < length) {
			g_string_append_len(to, text + i++, 2);
			continue;
		}
		in_text ^= text[i] == '"';
		while (!in_text && i + digits < length && g_ascii_isdigit(text[i + digits]))
			digits++;
		if (digits >= 19 && (!i || text[i - 1] != '-'))
			g_string_append_printf(to, "\"\\u%04x%.*s\"", BIG_NUMBER, (int)digits, text + i);
		else
			g_string_append_len(to, text + i, MAX(digits, 1));
		i += MAX(digits, 1) - 1;
	}
	return to;
}

static json_t *load(const char *text, size_t length, json_error_t *error)
{
	json_t *value = json_loadb(text, length, 0, error);
	GString *quoted;

	if (value || json_error_code(error) != json_error_numeric_overflow)
		return value;
	quoted = quote_big_numbers(text, length);
	value = json_loadb(quoted->str, quoted->len, 0, error);
	g_string_free(quoted, TRUE);
	return value;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Lines of the file come before a record: jansson counts those in it. */
static json_t *fail_load(struct json_parser *p, const struct json_text *t, const json_error_t *error)
{
	unsigned line = 1;

	for (size_t i = 0; i < p->byte; i++)
		line += t->text[i] == '\n';
	return json_fail(p, NULL, "line %u, column %d: expected JSON: %s", line + error->line - 1,
			 error->column, error->text);
}

json_t *json_next(struct json_parser *p, struct json_text *t)
{
	const char *end = t->text + t->length, *from, *next;
	const GString *brief;
	json_error_t error;
	json_t *value;

	while (t->at < t->length && (is_blank(t->text[t->at]) || t->text[t->at] == SEPARATOR))
		t->at++;
	if (t->at == t->length)
		return NULL;
	p->record++;
	p->byte = t->at;
	from = t->text + t->at;
	next = memchr(from, SEPARATOR, end - from);
	t->at = (next ? next : end) - t->text;
	brief = json_known_shorten(p, from, (next ? next : end) - from);
	value = load(brief->str, brief->len, &error);
	if (value)
		return value;
	/* Once more, for what is wrong where. */
	value = load(from, (next ? next : end) - from, &error);
	if (value)
		return value;
	t->truncated = !next && p->record > 1 &&
		       json_error_code(&error) == json_error_premature_end_of_input;
	return t->truncated ? NULL : fail_load(p, t, &error);
}
