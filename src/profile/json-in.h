/* SPDX-License-Identifier: MIT */
/*
 * json-in.h - what a JSON text holds, asked for by type and range.
 *
 * The first thing that is not as it should be makes an error that names the file and the
 * place, "a.json: runs[0].groups[3].n: expected …"; from then on all that is asked for is
 * zero or empty. So a reader goes straight ahead and looks at `error` in the end, and
 * where it makes something of what it got.
 */
#ifndef PROFILE_JSON_IN_H
#define PROFILE_JSON_IN_H

#include <jansson.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct json_in {
	const char *file;  /* its name */
	GString *where;    /* the place that is being read */
	GError *error;     /* the first one, or NULL */
};

/* Says what is wrong at `where`, unless something was before. */
void json_in_fail(struct json_in *in, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Goes down to a member or an element, and back to where json_in_enter() said that it was. */
size_t json_in_enter(struct json_in *in, const char *key);
size_t json_in_enter_element(struct json_in *in, size_t index);
void json_in_leave(struct json_in *in, size_t before);

/* Members of `object`; all but json_in_find() fail where it is missing or of another type. */
const json_t *json_in_object(struct json_in *in, const json_t *object, const char *key);
const json_t *json_in_array(struct json_in *in, const json_t *object, const char *key);
int64_t json_in_int(struct json_in *in, const json_t *object, const char *key, int64_t min,
		    int64_t max);
bool json_in_bool(struct json_in *in, const json_t *object, const char *key);
/* NULL only where it is null, which `may_be_null` allows, or after an error. Lent. */
const char *json_in_text(struct json_in *in, const json_t *object, const char *key,
			 bool may_be_null);

/* An element of an array, which is as `where`. */
int64_t json_in_int_at(struct json_in *in, const json_t *array, size_t i, int64_t min, int64_t max);
const json_t *json_in_object_at(struct json_in *in, const json_t *array, size_t i);

#endif
