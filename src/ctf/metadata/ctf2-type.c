/* SPDX-License-Identifier: MIT */
/* ctf2-type.c - field classes of CTF 2: those that have others in them, what refers, aliases. */
#include <string.h>

#include "base/hash.h"
#include "ctf/metadata/json.h"

struct tsdl_type *ctf2_type(struct json_parser *p, const struct json_at *at, struct tsdl_type *type)
{
	g_autofree char *excess = NULL;

	type_sum(type);
	excess = type_excess(type);
	if (excess)
		return json_fail(p, at, "%s", excess);
	return arena_copy(p->arena, type, sizeof(*type));
}

bool ctf2_alignment(struct json_parser *p, const struct json_object *o, enum json_key key,
		    uint32_t *align)
{
	const struct json_at at = json_get(o, key);
	uint64_t number = 1;

	if (!json_may_unsigned(p, o, key, "an alignment", &number))
		return false;
	if (!is_alignment(number))
		return json_fail(p, &at, "expected a power of two up to %u, found %" G_GUINT64_FORMAT,
				 TSDL_MAX_ALIGN, number);
	*align = number;
	return true;
}

/*
 * A name is the tree's: there a leading underscore is none of it. So one that has an underscore
 * gets another one.
 */
static bool get_name(struct json_parser *p, const struct json_at *at, const char **name)
{
	const char *written = json_string_value(at->value);
	g_autofree char *own = NULL;

	if (!json_text(p, at, "a name", name))
		return false;
	if (*written != '_')
		return true;
	own = g_strconcat("_", written, NULL);
	*name = arena_text(p->arena, own, strlen(own));
	return true;
}

/* ---- locations --------------------------------------------------------------------------- */

static const char *const origin_words[] = {
	"packet-header",	       "packet-context",	       "event-record-header",
	"event-record-common-context", "event-record-specific-context", "event-record-payload",
	NULL,
};

/* In the order of the words. */
static const char *const origin_paths[] = {
	"trace.packet.header",	"stream.packet.context", "stream.event.header",
	"stream.event.context", "event.context",	 "event.fields",
};

static bool get_origin(struct json_parser *p, const struct json_object *o, const char **origin)
{
	const struct json_at at = json_get(o, KEY_ORIGIN);
	unsigned word;

	if (!at.value)
		return true;
	if (!json_word(p, &at, origin_words, "\"event-record-payload\" or another origin", &word))
		return false;
	*origin = origin_paths[word];
	return true;
}

static bool get_path(struct json_parser *p, const struct json_object *o, struct tsdl_location *l)
{
	const struct json_at at = json_get(o, KEY_PATH);
	size_t n = json_array_size(at.value);

	if (!n || !json_is_string(json_array_get(at.value, n - 1)))
		return json_fail_expected(p, &at, "an array of names, and of null, that ends with a "
						  "name");
	if (n > 2 * TSDL_MAX_DEPTH)
		return json_fail(p, &at, "a path of more than %u parts", 2 * TSDL_MAX_DEPTH);
	l->n = n;
	l->names = arena_alloc(p->arena, n * sizeof(*l->names));
	for (size_t i = 0; i < n; i++) {
		const struct json_at element = json_element(&at, i);

		if (!json_is_null(element.value) && !get_name(p, &element, &l->names[i]))
			return false;
	}
	return true;
}

/* As the names of CTF 1.8 are written, with ".." for a way outwards. */
static char *location_words(struct json_parser *p, const struct tsdl_location *l)
{
	g_autoptr(GString) words = g_string_new(l->origin);

	for (uint32_t i = 0; i < l->n; i++)
		g_string_append_printf(words, "%s%s", words->len ? "." : "",
				       l->names[i] ? l->names[i] : ".");
	return arena_text(p->arena, words->str, words->len);
}

struct tsdl_location *ctf2_location(struct json_parser *p, const struct json_object *o,
				    enum json_key key, char **words)
{
	const struct json_at at = json_get(o, key);
	struct tsdl_location l = { NULL };
	struct json_object location;

	if (!json_open(p, &at, "a field location", &location) || !get_origin(p, &location, &l.origin) ||
	    !get_path(p, &location, &l))
		return NULL;
	*words = location_words(p, &l);
	return arena_copy(p->arena, &l, sizeof(l));
}

static bool get_selector(struct json_parser *p, const struct json_object *o,
			 struct tsdl_selector *selector)
{
	const struct json_at at = json_get(o, KEY_SELECTOR_RANGES);

	g_array_set_size(p->ranges, 0);
	if (!json_ranges(p, &at, JSON_ANY_SIGN, NULL))
		return false;
	selector->n = p->ranges->len;
	selector->ranges = arena_copy(p->arena, p->ranges->data,
				      p->ranges->len * sizeof(struct tsdl_range));
	return true;
}

/* ---- structures -------------------------------------------------------------------------- */

static bool get_field_class(struct json_parser *p, const struct json_object *o,
			    struct tsdl_field *field)
{
	const struct json_at at = json_get(o, KEY_FIELD_CLASS);
	struct json_class class;

	if (!ctf2_class(p, &at, &class))
		return false;
	field->type = class.type;
	field->roles = class.roles;
	return true;
}

static bool get_member(struct json_parser *p, const struct json_at *at, struct tsdl_field *field)
{
	struct json_object o;
	struct json_at name;

	if (!json_open(p, at, "a member class", &o))
		return false;
	name = json_get(&o, KEY_NAME);
	return get_name(p, &name, &field->name) && get_field_class(p, &o, field);
}

/* Of a few members each is compared with all; of many, a table tells. */
static bool check_names(struct json_parser *p, const struct json_at *at,
			const struct tsdl_type *type)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(name_hash, g_str_equal);

	for (uint32_t i = 0; i < type->compound.n; i++) {
		const struct tsdl_field *f = &type->compound.fields[i];

		if (*f->name && !g_hash_table_add(seen, (gpointer)f->name)) {
			const struct json_at second = json_element(at, i);

			return json_fail(p, &second, "the second of the name '%s'", f->name);
		}
	}
	return true;
}

static struct tsdl_type *parse_structure(struct json_parser *p, const struct json_object *o)
{
	const struct json_at at = json_get(o, KEY_MEMBERS);
	struct tsdl_type type = { TSDL_STRUCT };
	size_t n = json_array_size(at.value);

	if (at.value && !json_is_array(at.value))
		return json_fail_expected(p, &at, "an array of member classes");
	if (!ctf2_alignment(p, o, KEY_MINIMUM_ALIGNMENT, &type.align))
		return NULL;
	type.compound.n = n;
	type.compound.fields = arena_alloc(p->arena, n * sizeof(struct tsdl_field));
	for (size_t i = 0; i < n; i++) {
		const struct json_at member = json_element(&at, i);

		if (!get_member(p, &member, &type.compound.fields[i]))
			return NULL;
	}
	return check_names(p, &at, &type) ? ctf2_type(p, &o->at, &type) : NULL;
}

/* ---- arrays ------------------------------------------------------------------------------ */

static struct tsdl_type *parse_array(struct json_parser *p, const struct json_object *o,
				     bool is_dynamic)
{
	struct tsdl_type type = { is_dynamic ? TSDL_SEQUENCE : TSDL_ARRAY };
	const struct json_at element = json_get(o, KEY_ELEMENT), length = json_get(o, KEY_LENGTH);
	struct json_class class;

	if (is_dynamic) {
		type.array.location =
			ctf2_location(p, o, KEY_LENGTH_LOCATION, &type.array.length_name);
		if (!type.array.location)
			return NULL;
	} else if (!json_unsigned(p, &length, "a number of elements", &type.array.length)) {
		return NULL;
	}
	if (type.array.length > TSDL_MAX_LENGTH)
		return json_fail(p, &length, "an array of more than 2^32 elements");
	if (!ctf2_alignment(p, o, KEY_MINIMUM_ALIGNMENT, &type.align) ||
	    !ctf2_class(p, &element, &class))
		return NULL;
	type.array.element = class.type;
	return ctf2_type(p, &o->at, &type);
}

/* ---- optionals and variants -------------------------------------------------------------- */

static struct tsdl_type *parse_optional(struct json_parser *p, const struct json_object *o)
{
	struct tsdl_type type = { TSDL_OPTIONAL };
	struct tsdl_selector selector;
	struct tsdl_field content = { .name = "" };

	type.compound.location =
		ctf2_location(p, o, KEY_SELECTOR_LOCATION, &type.compound.tag);
	if (!type.compound.location || !get_field_class(p, o, &content))
		return NULL;
	if (json_has(o, KEY_SELECTOR_RANGES)) {
		if (!get_selector(p, o, &selector))
			return NULL;
		type.compound.selectors = arena_copy(p->arena, &selector, sizeof(selector));
	}
	type.compound.n = 1;
	type.compound.fields = arena_copy(p->arena, &content, sizeof(content));
	return ctf2_type(p, &o->at, &type);
}

static bool get_option(struct json_parser *p, const struct json_at *at, struct tsdl_field *field,
		       struct tsdl_selector *selector)
{
	struct json_object o;
	struct json_at name;

	if (!json_open(p, at, "an option", &o))
		return false;
	name = json_get(&o, KEY_NAME);
	field->name = "";
	if (name.value && !get_name(p, &name, &field->name))
		return false;
	return get_selector(p, &o, selector) && get_field_class(p, &o, field);
}

/* Bounds have no sign of their own: what is below 0 is above 2^63 here, for all alike. */
static int compare_ranges(const void *a, const void *b)
{
	uint64_t first_a = ((const struct tsdl_range *)a)->first;
	uint64_t first_b = ((const struct tsdl_range *)b)->first;

	return first_a < first_b ? -1 : first_a > first_b;
}

/* A range from below 0 to above it is two. */
static void append_unsigned(GArray *to, const struct tsdl_range *r)
{
	struct tsdl_range below = *r, above = *r;

	if (r->first < 0 && r->last >= 0) {
		below.last = -1;
		above.first = 0;
		g_array_append_val(to, below);
	}
	g_array_append_val(to, above);
}

static bool check_selectors(struct json_parser *p, const struct json_at *at,
			    const struct tsdl_type *type)
{
	GArray *all = p->ranges;

	g_array_set_size(all, 0);
	for (uint32_t i = 0; i < type->compound.n; i++)
		for (uint32_t k = 0; k < type->compound.selectors[i].n; k++)
			append_unsigned(all, &type->compound.selectors[i].ranges[k]);
	g_array_sort(all, compare_ranges);
	for (guint i = 1; i < all->len; i++)
		if ((uint64_t)g_array_index(all, struct tsdl_range, i - 1).last >=
		    (uint64_t)g_array_index(all, struct tsdl_range, i).first)
			return json_fail(p, at, "the value %" G_GINT64_FORMAT " selects two options",
					 g_array_index(all, struct tsdl_range, i).first);
	return true;
}

static struct tsdl_type *parse_variant(struct json_parser *p, const struct json_object *o)
{
	const struct json_at at = json_get(o, KEY_OPTIONS);
	struct tsdl_type type = { TSDL_VARIANT };
	size_t n = json_array_size(at.value);

	if (!n)
		return json_fail_expected(p, &at, "an array of one or more options");
	type.compound.location =
		ctf2_location(p, o, KEY_SELECTOR_LOCATION, &type.compound.tag);
	if (!type.compound.location)
		return NULL;
	type.compound.n = n;
	type.compound.fields = arena_alloc(p->arena, n * sizeof(struct tsdl_field));
	type.compound.selectors = arena_alloc(p->arena, n * sizeof(struct tsdl_selector));
	for (size_t i = 0; i < n; i++) {
		const struct json_at option = json_element(&at, i);

		if (!get_option(p, &option, &type.compound.fields[i], &type.compound.selectors[i]))
			return NULL;
	}
	return check_names(p, &at, &type) && check_selectors(p, &at, &type)
		       ? ctf2_type(p, &o->at, &type)
		       : NULL;
}

/* ---- all of them ------------------------------------------------------------------------- */

static struct tsdl_type *parse_class(struct json_parser *p, const struct json_object *o,
				     uint32_t *roles)
{
	const struct json_at at = json_get(o, KEY_TYPE);
	const char *type = json_string_value(at.value);
	struct tsdl_type *scalar;

	if (!type)
		return json_fail_expected(p, &at, "the type of a field class");
	scalar = ctf2_scalar(p, o, type, roles);
	if (scalar || *p->error)
		return scalar;
	if (!strcmp(type, "structure"))
		return parse_structure(p, o);
	if (!strcmp(type, "static-length-array"))
		return parse_array(p, o, false);
	if (!strcmp(type, "dynamic-length-array"))
		return parse_array(p, o, true);
	if (!strcmp(type, "optional"))
		return parse_optional(p, o);
	if (!strcmp(type, "variant"))
		return parse_variant(p, o);
	return json_fail_expected(p, &at, "the type of a field class");
}

static bool find_alias(struct json_parser *p, const struct json_at *at, struct json_class *class)
{
	const char *name = json_string_value(at->value);
	const struct json_class *known;

	if (json_known_find(p, name, class))
		return true;
	known = g_hash_table_lookup(p->aliases, name);
	if (!known)
		return json_fail_expected(p, at, "the name of a field class alias before it");
	*class = *known;
	return true;
}

bool ctf2_class(struct json_parser *p, const struct json_at *at, struct json_class *class)
{
	struct json_object o;

	if (json_is_string(at->value))
		return find_alias(p, at, class);
	if (p->depth == TSDL_MAX_DEPTH)
		return json_fail(p, at, "types nested more than %u deep", TSDL_MAX_DEPTH);
	if (!json_open(p, at, "a field class, or the name of an alias", &o))
		return false;
	p->depth++;
	class->roles = 0;
	class->type = parse_class(p, &o, &class->roles);
	p->depth--;
	return class->type != NULL;
}
