/* SPDX-License-Identifier: MIT */
/* reference.c - which field a length or a tag is. */
#include <string.h>

#include "ctf/metadata/reference.h"

/* ---- names of CTF 1.8 ------------------------------------------------------------------- */

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
		to->names[to->n++] = type->compound.fields[i].name;
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

static bool refer_by_name(struct tsdl_sight *sight, const char *name, struct tsdl_reference *to)
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

/* ---- locations of CTF 2 ------------------------------------------------------------------ */

/* A way from a scope's own struct on. */
struct way {
	const char *names[TSDL_MAX_DEPTH];
	unsigned n;
};

static bool way_append(struct way *way, const char *name)
{
	if (way->n == TSDL_MAX_DEPTH)
		return false;
	way->names[way->n++] = name;
	return true;
}

/* The way to a struct that is being walked over. */
static bool way_to(struct way *way, const struct tsdl_frame *frame)
{
	return !frame->up || (way_to(way, frame->up) &&
			      way_append(way, frame->up->type->compound.fields[frame->up->done].name));
}

static bool way_follow(struct way *way, const struct tsdl_location *location)
{
	for (uint32_t i = 0; i < location->n; i++) {
		if (location->names[i] ? !way_append(way, location->names[i]) : !way->n)
			return false;
		if (!location->names[i])
			way->n--;
	}
	return true;
}

static uint32_t members_of(const struct tsdl_type *type)
{
	return type->kind == TSDL_STRUCT ? type->compound.n : 0;
}

static void add_target(struct tsdl_reference *to, const struct tsdl_type *type)
{
	const struct tsdl_type *first = to->type ? plain_int(to->type) : plain_int(type);

	to->is_mixed |= first->integer.is_signed != plain_int(type)->integer.is_signed ||
			first->integer.meaning != plain_int(type)->integer.meaning;
	if (!to->type)
		to->type = type;
}

/* Adds what the way leads to from a type on, of whose members the first `n` may be named. */
static void add_targets(struct tsdl_sight *sight, const struct tsdl_type *type, uint32_t n,
			const struct way *way, unsigned at, struct tsdl_reference *to)
{
	sight->work++;
	switch (type->kind) {
	case TSDL_INT:
	case TSDL_ENUM:
		if (at == way->n)
			add_target(to, type);
		return;
	case TSDL_VARIANT:
	case TSDL_OPTIONAL:
		for (uint32_t i = 0; i < type->compound.n; i++) {
			const struct tsdl_type *option = type->compound.fields[i].type;

			add_targets(sight, option, members_of(option), way, at, to);
		}
		return;
	case TSDL_STRUCT:
		break;
	default:
		return;
	}
	for (uint32_t i = 0; i < n && at < way->n; i++) {
		const struct tsdl_field *f = &type->compound.fields[i];

		sight->work++;
		if (!strcmp(f->name, way->names[at])) {
			add_targets(sight, f->type, members_of(f->type), way, at + 1, to);
			return;
		}
	}
}

static void set_names(struct tsdl_reference *to, const struct way *way, unsigned first)
{
	for (to->n = 0; first < way->n; first++)
		to->names[to->n++] = way->names[first];
}

/* Along the structs that are being walked over as far as the way leads through them. */
static void find_at_hand(struct tsdl_sight *sight, const struct way *way, struct tsdl_reference *to)
{
	const struct tsdl_frame *frames[TSDL_MAX_DEPTH];
	unsigned n = 0, at = 0;

	for (const struct tsdl_frame *f = sight->frame; f; f = f->up) {
		if (n == TSDL_MAX_DEPTH)
			return;
		frames[n++] = f;
	}
	/* frames[n - 1] is the scope's own. */
	while (at + 1 < n && at < way->n) {
		const struct tsdl_frame *f = frames[n - 1 - at];

		sight->work++;
		if (strcmp(f->type->compound.fields[f->done].name, way->names[at]))
			break;
		at++;
	}
	if (!n)
		return;
	to->frame = frames[n - 1 - at];
	set_names(to, way, at);
	add_targets(sight, to->frame->type, to->frame->done, way, at, to);
}

static void find_behind(struct tsdl_sight *sight, const char *origin, const struct way *way,
			struct tsdl_reference *to)
{
	set_names(to, way, 0);
	for (to->scope = 0; to->scope < sight->n_outer; to->scope++) {
		const struct tsdl_scope *scope = &sight->outer[to->scope];

		if (strcmp(scope->path, origin))
			continue;
		if (scope->type)
			add_targets(sight, scope->type, scope->type->compound.n, way, 0, to);
		return;
	}
}

static bool refer_by_location(struct tsdl_sight *sight, const struct tsdl_location *location,
			      struct tsdl_reference *to)
{
	const char *origin = location->origin;
	struct way way = { .n = 0 };

	*to = (struct tsdl_reference){ .type = NULL };
	sight->work++;
	if (!origin && !way_to(&way, sight->frame))
		return false;
	if (!way_follow(&way, location))
		return false;
	if (!origin || !strcmp(origin, sight->path))
		find_at_hand(sight, &way, to);
	else
		find_behind(sight, origin, &way, to);
	return to->type && !to->is_mixed;
}

bool tsdl_refer(struct tsdl_sight *sight, const char *name, const struct tsdl_location *location,
		struct tsdl_reference *to)
{
	return location ? refer_by_location(sight, location, to) : refer_by_name(sight, name, to);
}
