/* SPDX-License-Identifier: MIT */
/* refer.c - integers that sequences and variants refer to: paths of theirs, and registers. */
#include <flightbox/error.h>

#include "base/hash.h"
#include "ctf/layout/compiler.h"

static void append_path(GString *to, const struct field_path *path)
{
	if (path->outer) {
		append_path(to, path->outer);
		g_string_append_c(to, '.');
	}
	g_string_append(to, path->name);
}

static char *path_here(const struct compiler *c)
{
	GString *path = g_string_new(NULL);

	append_path(path, c->path);
	return g_string_free(path, FALSE);
}

bool compile_fail(struct compiler *c, const char *format, ...)
{
	g_autofree char *what = NULL, *path = path_here(c);
	const char *event = c->o->event;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error(c->error, FB_ERROR, FB_ERROR_FORMAT, "%s%s%s: field %s: %s", c->where,
		    event ? ": event " : "", event ? event : "", path, what);
	return false;
}

bool compile_work(struct compiler *c, uint64_t n)
{
	c->o->outside->work += n;
	return c->o->outside->work <= WORK_MAX ||
	       compile_fail(c, "more than %u fields and references in all", WORK_MAX);
}

/* "a._b.c" -> "a.b.c" */
static char *plain_path(const GString *path)
{
	char *plain = g_malloc(path->len + 1), *to = plain;

	for (const char *at = path->str; *at; at++)
		if (*at != '_' || (at > path->str && at[-1] != '.'))
			*to++ = *at;
	*to = '\0';
	return plain;
}

char *plain_path_here(const struct compiler *c)
{
	g_autoptr(GString) path = g_string_new(NULL);

	append_path(path, c->path);
	return plain_path(path);
}

/* ---- what refers ------------------------------------------------------------------------ */

uint64_t name_bit(const char *name)
{
	return UINT64_C(1) << name_hash(plain_name(name)) % 64;
}

/* The name of the integer that a path leads to. */
static uint64_t reference_bit(const char *path)
{
	const char *dot = path ? strrchr(path, '.') : NULL;

	return path ? name_bit(dot ? dot + 1 : path) : 0;
}

uint64_t names_referred_by(const struct tsdl_type *type)
{
	uint64_t names;

	switch (type ? type->kind : TSDL_INT) {
	case TSDL_SEQUENCE:
		return reference_bit(type->array.length_name) |
		       names_referred_by(type->array.element);
	case TSDL_ARRAY:
		return names_referred_by(type->array.element);
	case TSDL_STRUCT:
	case TSDL_VARIANT:
		names = reference_bit(type->compound.tag); /* a struct has none */
		for (uint32_t i = 0; i < type->compound.n; i++)
			names |= names_referred_by(type->compound.fields[i].type);
		return names;
	default:
		return 0;
	}
}

/* ---- what is referred to ---------------------------------------------------------------- */

/* The path of the integer, from its scope on. */
static char *path_to(const struct compiler *c, const struct tsdl_reference *ref)
{
	g_autoptr(GString) path = g_string_new(NULL);
	const struct tsdl_type *type;

	if (ref->frame) {
		append_path(path, ((const struct open_struct *)ref->frame)->path);
		type = ref->frame->type;
	} else {
		g_string_append(path, c->visible[ref->scope].path);
		type = c->visible[ref->scope].type;
	}
	for (unsigned i = 0; i < ref->n; i++) {
		const struct tsdl_field *field = &type->compound.fields[ref->members[i]];

		g_string_append_printf(path, ".%s", field->name);
		type = field->type;
	}
	return plain_path(path);
}

static bool own_register(struct compiler *c, const char *path, uint8_t *reg)
{
	gpointer known;

	if (!g_hash_table_lookup_extended(c->regs, path, NULL, &known)) {
		known = GUINT_TO_POINTER(c->n_regs++);
		g_hash_table_insert(c->regs, g_strdup(path), known);
	}
	*reg = MIN(GPOINTER_TO_UINT(known), REG_MAX - 1);
	return c->n_regs <= REG_MAX || compile_fail(c, "refers to too many integers");
}

static bool outer_register(struct compiler *c, const char *path, uint8_t *reg)
{
	GHashTable *regs = c->o->outside->regs;
	gpointer known;

	if (!g_hash_table_lookup_extended(regs, path, NULL, &known)) {
		known = GUINT_TO_POINTER(REG_OUTSIDE + g_hash_table_size(regs));
		if (GPOINTER_TO_UINT(known) >= REG_LOCAL)
			return compile_fail(c, "too many references between scopes");
		g_hash_table_insert(regs, g_strdup(path), known);
	}
	*reg = GPOINTER_TO_UINT(known);
	c->refers_outside = true;
	return true;
}

bool compile_refer(struct compiler *c, const char *written, const struct tsdl_type **type,
		   uint8_t *reg)
{
	const struct field_path *scope = c->path;
	struct tsdl_sight sight = { NULL, c->frame, c->visible, c->n_visible, 0 };
	g_autofree char *path = NULL;
	struct tsdl_reference ref;
	bool found;

	while (scope->outer)
		scope = scope->outer;
	sight.path = scope->name;
	found = tsdl_refer(&sight, written, &ref);
	if (!compile_work(c, 1 + sight.work))
		return false;
	if (!found)
		return compile_fail(c, "refers to '%s', which is no integer before it", written);
	*type = ref.type;
	path = path_to(c, &ref);
	return ref.frame || ref.scope < c->n_own ? own_register(c, path, reg)
						 : outer_register(c, path, reg);
}
