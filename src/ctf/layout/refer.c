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

/* Appends the names of the members that lead to a struct that is being walked over. */
static void append_frames(GString *path, const struct tsdl_frame *frame)
{
	if (!frame->up)
		return;
	append_frames(path, frame->up);
	g_string_append_printf(path, ".%s",
			       plain_name(frame->up->type->compound.fields[frame->up->done].name));
}

static const char *scope_path(const struct compiler *c)
{
	const struct field_path *scope = c->path;

	while (scope->outer)
		scope = scope->outer;
	return scope->name;
}

char *int_path_here(const struct compiler *c)
{
	GString *path = g_string_new(scope_path(c));

	append_frames(path, c->frame);
	g_string_append_printf(path, ".%s",
			       plain_name(c->frame->type->compound.fields[c->frame->done].name));
	return g_string_free(path, FALSE);
}

/* ---- what refers ------------------------------------------------------------------------ */

uint64_t name_bit(const char *name)
{
	return UINT64_C(1) << name_hash(plain_name(name)) % 64;
}

/* The name of the integer that a path leads to. */
static uint64_t reference_bit(const char *path, const struct tsdl_location *location)
{
	const char *dot = path ? strrchr(path, '.') : NULL;

	if (location)
		return name_bit(location->names[location->n - 1]);
	return path ? name_bit(dot ? dot + 1 : path) : 0;
}

uint64_t names_referred_by(const struct tsdl_type *type)
{
	uint64_t names;

	switch (type ? type->kind : TSDL_INT) {
	case TSDL_SEQUENCE:
		return reference_bit(type->array.length_name, type->array.location) |
		       names_referred_by(type->array.element);
	case TSDL_ARRAY:
		return names_referred_by(type->array.element);
	case TSDL_STRUCT:
	case TSDL_VARIANT:
	case TSDL_OPTIONAL:
		/* A struct has none. */
		names = reference_bit(type->compound.tag, type->compound.location);
		for (uint32_t i = 0; i < type->compound.n; i++)
			names |= names_referred_by(type->compound.fields[i].type);
		return names;
	default:
		return 0;
	}
}

/* ---- what is referred to ---------------------------------------------------------------- */

/* The path of the integer, from its scope on: members alone, whatever they lie in besides. */
static char *path_to(const struct compiler *c, const struct tsdl_reference *ref)
{
	GString *path = g_string_new(ref->frame ? scope_path(c) : c->visible[ref->scope].path);

	if (ref->frame)
		append_frames(path, ref->frame);
	for (unsigned i = 0; i < ref->n; i++)
		g_string_append_printf(path, ".%s", plain_name(ref->names[i]));
	return g_string_free(path, FALSE);
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

bool compile_refer(struct compiler *c, const char *written, const struct tsdl_location *location,
		   const struct tsdl_type **type, uint8_t *reg)
{
	struct tsdl_sight sight = { scope_path(c), c->frame, c->visible, c->n_visible, 0 };
	g_autofree char *path = NULL;
	struct tsdl_reference ref;
	bool found = tsdl_refer(&sight, written, location, &ref);

	if (!compile_work(c, 1 + sight.work))
		return false;
	if (!found)
		return compile_fail(c, "refers to '%s', which is no integer before it", written);
	*type = ref.type;
	path = path_to(c, &ref);
	return ref.frame || ref.scope < c->n_own ? own_register(c, path, reg)
						 : outer_register(c, path, reg);
}
