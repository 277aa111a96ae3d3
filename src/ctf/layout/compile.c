/* SPDX-License-Identifier: MIT */
/*
 * compile.c - makes programs of type trees.
 *
 * The trees are walked twice when something in them refers to an integer (a
 * sequence to its length, a variant to its tag): first to find out which
 * integers must be kept in registers, then to write the steps. An integer is
 * known by its path, "event.fields.fds_length": see int_path_here().
 */
#include <flightbox/error.h>

#include "ctf/layout/compiler.h"
#include "base/hash.h"

#define DEPTH_MAX 48

/* ---- types ----------------------------------------------------------------------------- */

static void read_int(struct compiler *c, const struct tsdl_type *type, uint8_t reg)
{
	step_emit(c, (struct step){ .op = type->integer.leb128 ? OP_READ_LEB128 : OP_READ,
				    .bits = type->integer.size,
				    .reg = reg,
				    .is_signed = type->integer.is_signed,
				    .big_endian = type->integer.big_endian,
				    .reversed = type->integer.reversed,
				    .n = c->pending });
}

void locate_int(struct compiler *c, struct place *found, const struct tsdl_type *leaf,
		enum shape shape)
{
	region_locate(c, found, shape);
	if (!found)
		return;
	found->bits = leaf->integer.size;
	found->is_signed = leaf->integer.is_signed;
	found->big_endian = leaf->integer.big_endian;
	found->reversed = leaf->integer.reversed;
	found->leb128 = leaf->integer.leb128;
}

/* Reads the integer at hand into the registers where somebody expects it. */
static void keep_int(struct compiler *c, const struct tsdl_type *leaf, uint32_t roles)
{
	g_autofree char *path = NULL;
	gpointer reg;

	if (c->o->is_header && roles & TSDL_ROLE_EVENT)
		read_int(c, leaf, REG_ID);
	if (c->o->is_header && roles & TSDL_ROLE_TIME)
		read_int(c, leaf, REG_TIME);
	if (c->is_rehearsal || !c->referred ||
	    !(c->referred & name_bit(c->frame->type->compound.fields[c->frame->done].name)))
		return;
	path = int_path_here(c);
	if (g_hash_table_lookup_extended(c->regs, path, NULL, &reg))
		read_int(c, leaf, GPOINTER_TO_UINT(reg));
	if (g_hash_table_lookup_extended(c->o->outside->regs, path, NULL, &reg))
		read_int(c, leaf, GPOINTER_TO_UINT(reg));
}

static bool compile_leb128(struct compiler *c, const struct tsdl_type *leaf, uint32_t roles,
			   struct place *found)
{
	region_align(c, 8);
	locate_int(c, found, leaf, SHAPE_INT);
	region_flush(c);
	keep_int(c, leaf, roles);
	step_emit(c, (struct step){ .op = OP_LEB128, .is_signed = leaf->integer.is_signed });
	region_begin(c, 8);
	return true;
}

static bool compile_int(struct compiler *c, const struct tsdl_type *type, uint32_t roles,
			struct place *found)
{
	const struct tsdl_type *leaf = plain_int(type);

	if (leaf->kind == TSDL_INT && leaf->integer.leb128)
		return compile_leb128(c, leaf, roles, found);
	region_align(c, type->align);
	if (leaf->kind == TSDL_INT) {
		locate_int(c, found, leaf, SHAPE_INT);
		keep_int(c, leaf, roles);
	}
	return region_advance(c, leaf->integer.size);
}

static bool is_wanted(const struct want *w, unsigned scope, const struct tsdl_field *field,
		      const char *name)
{
	if (w->scope != scope)
		return false;
	if (w->role)
		return field->roles & w->role;
	/* Most names differ at once. */
	return *w->name == *name && !strcmp(w->name, name);
}

/* Adds the places from the n-th on once more, for another who wants the same field. */
static void share_optional(GArray *optional, guint n, guint end, int field)
{
	for (; n < end; n++) {
		struct inner_place place = g_array_index(optional, struct inner_place, n);

		place.field = field;
		g_array_append_val(optional, place);
	}
}

/* A member of a scope's own struct, which may be wanted. */
static bool compile_top_field(struct compiler *c, const struct tsdl_field *field, unsigned scope)
{
	const char *name = plain_name(field->name);
	struct place found = { .shape = SHAPE_NONE };
	const struct want *end = c->o->wants + c->o->n_wants, *first = c->o->wants;
	guint n_optional = c->o->optional ? c->o->optional->len : 0, n_found;

	while (first < end && !is_wanted(first, scope, field, name))
		first++;
	c->optional = c->o->optional;
	c->optional_field = first < end ? first->field : -1;
	if (!compile_type(c, field->type, field->roles, first < end ? &found : NULL))
		return false;
	n_found = c->o->optional ? c->o->optional->len : 0;
	for (const struct want *w = first; w < end; w++) {
		if (!is_wanted(w, scope, field, name) || w->place->shape)
			continue;
		*w->place = found;
		if (w > first)
			share_optional(c->o->optional, n_optional, n_found, w->field);
	}
	return true;
}

/* The number of the inner field at hand, or -1. */
static int find_inner(const struct compiler *c, const struct tsdl_field *field)
{
	const char *names[DEPTH_MAX + 1];
	unsigned first = G_N_ELEMENTS(names);

	if (!c->o->inner || !c->is_last || c->is_rehearsal)
		return -1;
	/* Deeper than that nothing compiles. */
	for (const struct field_path *path = c->path; path->outer && first; path = path->outer)
		names[--first] = path->name;
	return c->o->find_inner(c->o->inner_data, field, names + first,
				G_N_ELEMENTS(names) - first);
}

bool compile_inner_field(struct compiler *c, const struct tsdl_field *field)
{
	struct inner_place inner = { .field = find_inner(c, field),
				     .place = { .shape = SHAPE_NONE } };
	GArray *optional = c->optional;
	int optional_field = c->optional_field;
	bool ok;

	c->optional = c->o->inner;
	c->optional_field = inner.field;
	ok = compile_type(c, field->type, field->roles, inner.field >= 0 ? &inner.place : NULL);
	if (inner.place.shape)
		g_array_append_val(c->o->inner, inner);
	c->optional = optional;
	c->optional_field = optional_field;
	return ok;
}

static bool compile_struct(struct compiler *c, const struct tsdl_type *type, int scope)
{
	const struct field_path *outer = c->path;
	struct tsdl_frame here = { c->frame, type, 0 };
	bool ok = true;

	region_align(c, type->align);
	c->frame = &here;
	for (; ok && here.done < type->compound.n; here.done++) {
		const struct tsdl_field *field = &type->compound.fields[here.done];
		const struct field_path path = { outer, field->name };

		c->path = &path;
		ok = scope >= 0 ? compile_top_field(c, field, scope)
				: compile_inner_field(c, field);
		if (!ok)
			break;
	}
	c->frame = here.up;
	c->path = outer;
	return ok;
}

static bool compile_string(struct compiler *c, const struct tsdl_type *type, struct place *found)
{
	region_align(c, 8);
	/* A text of wider characters is passed over. */
	if (type->string.unit == 1)
		region_locate(c, found, SHAPE_STRING);
	region_flush(c);
	step_emit(c, (struct step){ .op = OP_STRING, .n = type->string.unit });
	region_begin(c, 8);
	return true;
}

static bool compile_kind(struct compiler *c, const struct tsdl_type *type, uint32_t roles,
			 struct place *found)
{
	switch (type->kind) {
	case TSDL_INT:
	case TSDL_FLOAT:
	case TSDL_BITS:
	case TSDL_ENUM:
		return compile_int(c, type, roles, found);
	case TSDL_STRING:
		return compile_string(c, type, found);
	case TSDL_STRUCT:
		return compile_struct(c, type, -1);
	case TSDL_VARIANT:
	case TSDL_OPTIONAL:
		return compile_variant(c, type, found);
	case TSDL_ARRAY:
		return compile_array(c, type, found);
	case TSDL_SEQUENCE:
		return compile_sequence(c, type, found);
	}
	return compile_fail(c, "a type of no known kind");
}

bool compile_type(struct compiler *c, const struct tsdl_type *type, uint32_t roles,
		  struct place *found)
{
	bool ok;

	if (++c->depth > DEPTH_MAX)
		return compile_fail(c, "nested too deep");
	if (!compile_work(c, 1))
		return false;
	ok = compile_kind(c, type, roles, found);
	c->depth--;
	return ok;
}

/* ---- programs -------------------------------------------------------------------------- */

static void tables_free(GArray *tables)
{
	if (!tables)
		return;
	for (guint i = 0; i < tables->len; i++)
		g_free(g_array_index(tables, struct range_table, i).ranges);
	g_array_set_size(tables, 0);
}

/* What the scope at hand can refer to: those before it, and those that are of other programs. */
static void see_scopes(struct compiler *c, unsigned at)
{
	g_assert(at + c->o->n_outer <= VISIBLE_MAX);
	c->n_visible = 0;
	while (at-- > 0)
		c->visible[c->n_visible++] = c->o->scopes[at];
	c->n_own = c->n_visible;
	for (unsigned i = 0; i < c->o->n_outer; i++)
		c->visible[c->n_visible++] = c->o->outer[i];
}

static bool walk_scope(struct compiler *c, unsigned at)
{
	const struct tsdl_scope *scope = &c->o->scopes[at];
	const struct field_path path = { NULL, scope->path };
	bool ok;

	if (!scope->type)
		return true;
	see_scopes(c, at);
	c->path = &path;
	c->is_last = at + 1 == c->o->n_scopes;
	ok = compile_struct(c, scope->type, at);
	c->path = NULL;
	return ok;
}

/* The alignment of the first scope that there is. */
static uint64_t start_align(const struct compiler *c)
{
	for (unsigned i = 0; i < c->o->n_scopes; i++)
		if (c->o->scopes[i].type)
			return MAX(c->o->scopes[i].type->align, 1);
	return 1;
}

/* One walk over all scopes. */
static bool walk(struct compiler *c, bool is_rehearsal)
{
	bool ok = true;

	c->is_rehearsal = is_rehearsal;
	c->guarantee = start_align(c);
	c->pending = 0;
	c->mark = 0;
	tables_free(c->tables);
	for (unsigned i = 0; ok && i < c->o->n_scopes; i++)
		ok = walk_scope(c, i);
	return ok;
}

/* What refers to integers is walked over first to find out to which. */
static bool compile(struct compiler *c)
{
	const struct program_options *o = c->o;
	bool refers;

	for (unsigned i = 0; i < o->n_scopes; i++)
		c->referred |= names_referred_by(o->scopes[i].type);
	refers = c->referred;
	if (g_hash_table_size(o->outside->regs))
		c->referred = UINT64_MAX;
	if (c->referred)
		c->regs = g_hash_table_new_full(name_hash, g_str_equal, g_free, NULL);
	if ((refers && !walk(c, true)) || !walk(c, false))
		return false;
	if (step_next(c) <= STEPS_MAX)
		return true;
	g_set_error(c->error, FB_ERROR, FB_ERROR_FORMAT,
		    "%s%s%s: more than %u fields whose size varies", c->where,
		    o->event ? ": event " : "", o->event ? o->event : "", STEPS_MAX / 2);
	return false;
}

static void finish(struct compiler *c, struct program *p)
{
	p->align = start_align(c);
	p->refers_outside = c->refers_outside;
	p->marks_vary = c->marks_vary;
	p->fixed = !c->steps;
	if (p->fixed) {
		p->size = c->pending;
		return;
	}
	region_flush(c);
	step_emit(c, (struct step){ .op = OP_END });
	p->n_steps = c->steps->len;
	p->steps = (struct step *)g_array_free(g_steal_pointer(&c->steps), FALSE);
	if (!c->tables)
		return;
	p->n_tables = c->tables->len;
	p->tables = (struct range_table *)g_array_free(g_steal_pointer(&c->tables), FALSE);
}

static void compiler_clear(struct compiler *c)
{
	tables_free(c->tables);
	g_clear_pointer(&c->tables, g_array_unref);
	g_clear_pointer(&c->steps, g_array_unref);
	g_clear_pointer(&c->regs, g_hash_table_unref);
}

bool program_init(struct program *p, const struct program_options *options, const char *where,
		  GError **error)
{
	struct compiler c = {
		.o = options,
		.where = where,
		.error = error,
		.n_regs = REG_LOCAL,
		.n_marks = 1,
	};
	bool ok = compile(&c);

	memset(p, 0, sizeof(*p));
	if (ok)
		finish(&c, p);
	compiler_clear(&c);
	return ok;
}
