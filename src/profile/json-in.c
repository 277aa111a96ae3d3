/* SPDX-License-Identifier: MIT */
/* json-in.c - members of a JSON value, each checked; the place is kept for the message. */
#include <inttypes.h>

#include <flightbox/error.h>

#include "profile/json-in.h"

void json_in_fail(struct json_in *in, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	if (in->error)
		return;
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error(&in->error, FB_ERROR, FB_ERROR_FORMAT, "%s: %s%s%s", in->file, in->where->str,
		    in->where->len ? ": " : "", text);
}

size_t json_in_enter(struct json_in *in, const char *key)
{
	size_t before = in->where->len;

	if (before)
		g_string_append_c(in->where, '.');
	g_string_append(in->where, key);
	return before;
}

size_t json_in_enter_element(struct json_in *in, size_t index)
{
	size_t before = in->where->len;

	g_string_append_printf(in->where, "[%zu]", index);
	return before;
}

void json_in_leave(struct json_in *in, size_t before)
{
	g_string_truncate(in->where, before);
}

static const char *kind_of(const json_t *value)
{
	static const char *const kinds[] = {
		[JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array",  [JSON_STRING] = "a text",
		[JSON_INTEGER] = "a number", [JSON_REAL] = "a fraction", [JSON_TRUE] = "true",
		[JSON_FALSE] = "false",      [JSON_NULL] = "null",
	};

	return value ? kinds[json_typeof(value)] : "nothing";
}

/* Whether it is of that type; says so when it is not. */
static bool check(struct json_in *in, const json_t *value, bool is_right, const char *expected)
{
	if (!is_right)
		json_in_fail(in, "expected %s, found %s", expected, kind_of(value));
	return !in->error;
}

static int64_t check_int(struct json_in *in, const json_t *value, int64_t min, int64_t max)
{
	int64_t n;

	if (!check(in, value, json_is_integer(value), "a whole number"))
		return 0;
	n = json_integer_value(value);
	if (n >= min && n <= max)
		return n;
	json_in_fail(in, "expected a number from %" PRId64 " to %" PRId64 ", found %" PRId64, min,
		     max, n);
	return 0;
}

const json_t *json_in_object(struct json_in *in, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	size_t before = json_in_enter(in, key);
	bool ok = check(in, value, json_is_object(value), "an object");

	json_in_leave(in, before);
	return ok ? value : NULL;
}

const json_t *json_in_array(struct json_in *in, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	size_t before = json_in_enter(in, key);
	bool ok = check(in, value, json_is_array(value), "an array");

	json_in_leave(in, before);
	return ok ? value : NULL;
}

int64_t json_in_int(struct json_in *in, const json_t *object, const char *key, int64_t min,
		    int64_t max)
{
	size_t before = json_in_enter(in, key);
	int64_t n = check_int(in, json_object_get(object, key), min, max);

	json_in_leave(in, before);
	return n;
}

bool json_in_bool(struct json_in *in, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	size_t before = json_in_enter(in, key);
	bool ok = check(in, value, json_is_boolean(value), "true or false");

	json_in_leave(in, before);
	return ok && json_is_true(value);
}

const char *json_in_text(struct json_in *in, const json_t *object, const char *key,
			 bool may_be_null)
{
	const json_t *value = json_object_get(object, key);
	size_t before = json_in_enter(in, key);
	bool is_null = may_be_null && json_is_null(value);
	bool ok = check(in, value, is_null || json_is_string(value),
			may_be_null ? "a text or null" : "a text");

	json_in_leave(in, before);
	return ok ? json_string_value(value) : NULL;
}

int64_t json_in_int_at(struct json_in *in, const json_t *array, size_t i, int64_t min, int64_t max)
{
	size_t before = json_in_enter_element(in, i);
	int64_t n = check_int(in, json_array_get(array, i), min, max);

	json_in_leave(in, before);
	return n;
}

const json_t *json_in_object_at(struct json_in *in, const json_t *array, size_t i)
{
	const json_t *value = json_array_get(array, i);

	return check(in, value, json_is_object(value), "an object") ? value : NULL;
}
