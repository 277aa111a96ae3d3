/* SPDX-License-Identifier: MIT */
/* reference.c - which field the name in a sequence or a variant refers to. */
#include <string.h>

#include "ctf/metadata/reference.h"

/* The index of the member by the first part of a path, among the first `n`; -1: none. */
static int64_t find_member(struct tsdl_sight *sight, const struct tsdl_type *type, uint32_t n,
			   const char *path)
{
	const char *part = plain_name(path);
	size_t length = strcspn(part, ".");

	for (uint32_t i = 0; i < n; i++) {
		const char *name = plain_name(type->compound.fields[i].name);

		sight->work++;
		if (!strncmp(name, part, length) && !name[length])
			return i;
	}
	return -1;
}

/* The integer at a path below the first `n` members of a struct. */
static bool find_below(struct tsdl_sight *sight, const struct tsdl_type *type, uint32_t n,
		       const char *path, struct tsdl_reference *to)
{
	to->n = 0;
	while (type && type->kind == TSDL_STRUCT && to->n < TSDL_MAX_DEPTH) {
		int64_t i = find_member(sight, type, n, path);

		if (i < 0)
			return false;
		to->members[to->n++] = i;
		type = type->compound.fields[i].type;
		n = type->kind == TSDL_STRUCT ? type->compound.n : 0;
		path = strchr(path, '.');
		if (!path++) {
			to->type = type;
			return type->kind == TSDL_INT || type->kind == TSDL_ENUM;
		}
	}
	return false;
}

static bool find_in_frame(struct tsdl_sight *sight, const struct tsdl_frame *frame,
			  const char *path, struct tsdl_reference *to)
{
	to->frame = frame;
	return path && find_below(sight, frame->type, frame->done, path, to);
}

static bool find_in_scope(struct tsdl_sight *sight, unsigned scope, const char *path,
			  struct tsdl_reference *to)
{
	const struct tsdl_type *type = sight->outer[scope].type;

	to->frame = NULL;
	to->scope = scope;
	return path && type && find_below(sight, type, type->compound.n, path, to);
}

/* The rest of an absolute path behind its scope; NULL: it is of another one, or relative. */
static const char *behind_scope(const char *scope, const char *name)
{
	size_t length = strlen(scope);

	return !strncmp(name, scope, length) && name[length] == '.' ? name + length + 1 : NULL;
}

static bool find_absolute(struct tsdl_sight *sight, const char *name, struct tsdl_reference *to)
{
	const struct tsdl_frame *root = sight->frame;

	while (root && root->up)
		root = root->up;
	if (root && find_in_frame(sight, root, behind_scope(sight->path, name), to))
		return true;
	for (unsigned i = 0; i < sight->n_outer; i++)
		if (find_in_scope(sight, i, behind_scope(sight->outer[i].path, name), to))
			return true;
	return false;
}

bool tsdl_refer(struct tsdl_sight *sight, const char *name, struct tsdl_reference *to)
{
	if (find_absolute(sight, name, to))
		return true;
	for (const struct tsdl_frame *f = sight->frame; f; f = f->up)
		if (find_in_frame(sight, f, name, to))
			return true;
	for (unsigned i = 0; i < sight->n_outer; i++)
		if (find_in_scope(sight, i, name, to))
			return true;
	return false;
}
