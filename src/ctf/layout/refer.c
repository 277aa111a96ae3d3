/* SPDX-License-Identifier: MIT */
/*
 * refer.c - what the names in sequences and variants refer to: a field of an
 * enclosing struct before them, of another scope, or an absolute path.
 */
#include <flightbox/error.h>

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

char *plain_path(const char *path)
{
	char *plain = g_malloc(strlen(path) + 1), *to = plain;

	for (const char *at = path; *at; at++)
		if (*at != '_' || (at > path && at[-1] != '.'))
			*to++ = *at;
	*to = '\0';
	return plain;
}

char *plain_path_here(const struct compiler *c, size_t *root)
{
	g_autofree char *path = path_here(c);
	const struct field_path *scope = c->path;

	while (scope->outer)
		scope = scope->outer;
	if (root)
		*root = strlen(scope->name);
	return plain_path(path);
}

/* The integer type at a plain path below `type`, or NULL. `work`: plus the names looked at. */
static const struct tsdl_type *find_type(const struct tsdl_type *type, const char *path,
					 uint64_t *work)
{
	while (type && (type->kind == TSDL_STRUCT || type->kind == TSDL_VARIANT)) {
		size_t length = strcspn(path, ".");
		const struct tsdl_type *next = NULL;

		for (uint32_t i = 0; i < type->compound.n && !next; i++, ++*work) {
			const char *name = plain_name(type->compound.fields[i].name);

			if (strlen(name) == length && !strncmp(name, path, length))
				next = type->compound.fields[i].type;
		}
		type = next;
		if (!path[length])
			return type && (type->kind == TSDL_INT || type->kind == TSDL_ENUM) ? type
											   : NULL;
		path += length + 1;
	}
	return NULL;
}

/* The register of an integer of this program that came before; false when it is none. */
static bool find_local(struct compiler *c, const char *path, const struct tsdl_type **type,
		       uint8_t *reg)
{
	gpointer known;

	*type = g_hash_table_lookup(c->seen, path);
	if (!*type)
		return false;
	if (!g_hash_table_lookup_extended(c->regs, path, NULL, &known)) {
		known = GUINT_TO_POINTER(c->n_regs++);
		g_hash_table_insert(c->regs, g_strdup(path), known);
	}
	*reg = MIN(GPOINTER_TO_UINT(known), REG_MAX - 1);
	return true;
}

static bool find_outer(struct compiler *c, const struct scope *scope, const char *path,
		       const struct tsdl_type **type, uint8_t *reg)
{
	g_autofree char *full = g_strconcat(scope->path, ".", path, NULL);
	gpointer known;

	*type = find_type(scope->type, path, &c->o->outside->work);
	if (!*type)
		return false;
	if (!g_hash_table_lookup_extended(c->o->outside->regs, full, NULL, &known)) {
		known = GUINT_TO_POINTER(REG_OUTSIDE + g_hash_table_size(c->o->outside->regs));
		if (GPOINTER_TO_UINT(known) >= REG_LOCAL)
			return compile_fail(c, "too many references between scopes");
		g_hash_table_insert(c->o->outside->regs, g_strdup(full), known);
	}
	*reg = GPOINTER_TO_UINT(known);
	c->refers_outside = true;
	return true;
}

/* `name` as an absolute path, "stream.event.header.id"; its rest behind the scope, or NULL. */
static const char *behind_scope(const struct scope *scope, const char *name)
{
	size_t length = strlen(scope->path);

	return !strncmp(name, scope->path, length) && name[length] == '.' ? name + length + 1
									  : NULL;
}

static bool find_relative(struct compiler *c, const char *name, const struct tsdl_type **type,
			  uint8_t *reg)
{
	size_t root;
	g_autofree char *here = plain_path_here(c, &root);
	size_t length = strlen(here);

	/* The enclosing structs, innermost first. */
	while (length > root) {
		g_autofree char *path = NULL;

		while (here[--length] != '.')
			;
		here[length] = '\0';
		path = g_strconcat(here, ".", name, NULL);
		if (find_local(c, path, type, reg))
			return true;
	}
	for (unsigned i = c->o->n_scopes; i-- > 0;) {
		g_autofree char *path = g_strconcat(c->o->scopes[i].path, ".", name, NULL);

		if (find_local(c, path, type, reg))
			return true;
	}
	for (unsigned i = 0; i < c->o->n_outer; i++)
		if (find_outer(c, &c->o->outer[i], name, type, reg))
			return true;
	return false;
}

bool compile_refer(struct compiler *c, const char *written, const struct tsdl_type **type,
		   uint8_t *reg)
{
	g_autofree char *name = plain_path(written);
	bool known = false;

	for (unsigned i = 0; i < c->o->n_scopes && !known; i++)
		if (behind_scope(&c->o->scopes[i], name))
			known = find_local(c, name, type, reg);
	for (unsigned i = 0; i < c->o->n_outer && !known; i++)
		if (behind_scope(&c->o->outer[i], name))
			known = find_outer(c, &c->o->outer[i], behind_scope(&c->o->outer[i], name),
					   type, reg);
	if (!known)
		known = find_relative(c, name, type, reg);
	if (!known)
		return compile_fail(c, "refers to '%s', which is no integer before it", written);
	if (!compile_work(c, 1))
		return false;
	return c->n_regs <= REG_MAX || compile_fail(c, "refers to too many integers");
}
