/* SPDX-License-Identifier: MIT */
/*
 * compile.c - makes programs of type trees.
 *
 * The trees are walked twice when something in them refers to an integer (a
 * sequence to its length, a variant to its tag): first to find out which
 * integers must be kept in registers, then to write the steps. An integer is
 * known by its path, "event.fields.fds_length", each part without LTTng's
 * leading underscore.
 */
#include <flightbox/error.h>

#include "program-priv.h"

#define DEPTH_MAX 48
#define SIZE_MAX_BITS (UINT64_C(1) << 40) /* far beyond any packet; sums cannot overflow */
#define NO_MARK UINT8_MAX

struct compiler {
	const struct program_options *o;
	const char *where;
	GError **error;
	GArray *steps, *tables;
	GHashTable *seen;        /* path -> type of the integers passed so far */
	GHashTable *regs;        /* path -> register of those referred to */
	GString *path;           /* of the field at hand */
	size_t root;             /* length of the scope's own path in it */
	bool is_rehearsal;       /* the first walk: write no steps */
	bool keeps_paths;        /* something refers to an integer */
	bool refers_outside;
	unsigned n_regs, n_marks, depth;
	/* The region at hand. */
	uint64_t guarantee;      /* bits: its start is known to be aligned to that */
	uint64_t pending;        /* bits from its start that no step has moved over yet */
	uint8_t mark;            /* 0, or what marks its start; NO_MARK while nobody needed that */
};

static bool compile_type(struct compiler *c, const struct tsdl_type *type, const char *name,
			 struct place *found);

static bool fail(struct compiler *c, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool fail(struct compiler *c, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error(c->error, FB_ERROR, FB_ERROR_FORMAT, "%s: field %s: %s", c->where,
		    c->path->str, what);
	return false;
}

/* ---- steps ----------------------------------------------------------------------------- */

/* Returns the step's index. */
static uint32_t emit(struct compiler *c, struct step step)
{
	struct step *to;

	if (c->is_rehearsal)
		return 0;
	g_array_set_size(c->steps, c->steps->len + 1);
	to = &g_array_index(c->steps, struct step, c->steps->len - 1);
	/* Member by member: the padding stays zero. */
	to->op = step.op;
	to->bits = step.bits;
	to->reg = step.reg;
	to->to = step.to;
	to->is_signed = step.is_signed;
	to->big_endian = step.big_endian;
	to->target = step.target;
	to->n = step.n;
	return c->steps->len - 1;
}

static void set_target(struct compiler *c, uint32_t step, uint32_t target)
{
	if (!c->is_rehearsal)
		g_array_index(c->steps, struct step, step).target = target;
}

static void begin_region(struct compiler *c, uint64_t guarantee)
{
	c->guarantee = guarantee;
	c->pending = 0;
	c->mark = NO_MARK;
}

static void flush(struct compiler *c)
{
	if (!c->pending)
		return;
	emit(c, (struct step){ .op = OP_ADVANCE, .n = c->pending });
	begin_region(c, MIN(c->guarantee, c->pending & -c->pending));
}

static void align(struct compiler *c, uint64_t alignment)
{
	if (alignment <= c->guarantee) {
		c->pending = (c->pending + alignment - 1) & -alignment;
		return;
	}
	flush(c);
	emit(c, (struct step){ .op = OP_ALIGN, .n = alignment });
	begin_region(c, alignment);
}

static bool advance(struct compiler *c, uint64_t bits)
{
	c->pending += bits;
	return c->pending < SIZE_MAX_BITS || fail(c, "larger than any packet");
}

/* Notes where the field at hand begins. */
static void locate(struct compiler *c, struct place *found, enum shape shape)
{
	if (!found || c->is_rehearsal)
		return;
	if (c->mark == NO_MARK) {
		if (c->n_marks == MARK_MAX)
			return;
		c->mark = c->n_marks++;
		emit(c, (struct step){ .op = OP_MARK, .reg = c->mark });
	}
	found->shape = shape;
	found->mark = c->mark;
	found->offset = c->pending;
}

/* ---- names ----------------------------------------------------------------------------- */

/* "a._b.c" -> "a.b.c" */
static char *plain_path(const char *path)
{
	GString *plain = g_string_new(NULL);

	for (const char *at = path; *at; at++)
		if (*at != '_' || (at > path && at[-1] != '.'))
			g_string_append_c(plain, *at);
	return g_string_free(plain, FALSE);
}

/* The integer type at a plain path below `type`, or NULL. */
static const struct tsdl_type *find_type(const struct tsdl_type *type, const char *path)
{
	while (type && (type->kind == TSDL_STRUCT || type->kind == TSDL_VARIANT)) {
		size_t length = strcspn(path, ".");
		const struct tsdl_type *next = NULL;

		for (uint32_t i = 0; i < type->compound.n && !next; i++) {
			const char *name = plain_name(type->compound.fields[i].name);

			if (strlen(name) == length && !strncmp(name, path, length))
				next = type->compound.fields[i].type;
		}
		type = next;
		if (!path[length])
			return type && (type->kind == TSDL_INT || type->kind == TSDL_ENUM) ? type : NULL;
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

	*type = find_type(scope->type, path);
	if (!*type)
		return false;
	if (!g_hash_table_lookup_extended(c->o->outside->regs, full, NULL, &known)) {
		known = GUINT_TO_POINTER(REG_OUTSIDE + g_hash_table_size(c->o->outside->regs));
		if (GPOINTER_TO_UINT(known) >= REG_LOCAL)
			return fail(c, "too many references between scopes");
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

	return !strncmp(name, scope->path, length) && name[length] == '.' ? name + length + 1 : NULL;
}

static bool find_relative(struct compiler *c, const char *name, const struct tsdl_type **type,
			  uint8_t *reg)
{
	g_autofree char *here = plain_path(c->path->str);
	size_t length = strlen(here);

	/* The enclosing structs, innermost first. */
	while (length > c->root) {
		g_autofree char *path = NULL;

		while (here[--length] != '.')
			;
		path = g_strdup_printf("%.*s.%s", (int)length, here, name);
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

/* Resolves what a sequence or a variant refers to. */
static bool refer(struct compiler *c, const char *written, const struct tsdl_type **type,
		  uint8_t *reg)
{
	g_autofree char *name = plain_path(written);
	bool known = false;

	for (unsigned i = 0; i < c->o->n_scopes && !known; i++)
		if (behind_scope(&c->o->scopes[i], name))
			known = find_local(c, name, type, reg);
	for (unsigned i = 0; i < c->o->n_outer && !known; i++)
		if (behind_scope(&c->o->outer[i], name))
			known = find_outer(c, &c->o->outer[i],
					   behind_scope(&c->o->outer[i], name), type, reg);
	if (!known)
		known = find_relative(c, name, type, reg);
	if (!known)
		return fail(c, "refers to '%s', which is no integer before it", written);
	return c->n_regs <= REG_MAX || fail(c, "refers to too many integers");
}

/* ---- types ----------------------------------------------------------------------------- */

/* The size of what begins aligned to type->align; false when it varies. */
static bool fixed_size(const struct tsdl_type *type, uint64_t *bits)
{
	uint64_t size, sum = 0;

	switch (type->kind) {
	case TSDL_INT:
	case TSDL_FLOAT:
		*bits = type->integer.size;
		return true;
	case TSDL_ENUM:
		return fixed_size(type->enumeration.container, bits);
	case TSDL_STRUCT:
		for (uint32_t i = 0; i < type->compound.n; i++) {
			const struct tsdl_type *field = type->compound.fields[i].type;

			if (!fixed_size(field, &size))
				return false;
			sum = ((sum + field->align - 1) & -(uint64_t)field->align) + size;
			if (sum > SIZE_MAX_BITS)
				return false;
		}
		*bits = sum;
		return true;
	case TSDL_ARRAY: {
		uint64_t align_ = type->array.element->align, stride;

		if (!fixed_size(type->array.element, &size))
			return false;
		stride = (size + align_ - 1) & -align_;
		if (stride && type->array.length > SIZE_MAX_BITS / stride)
			return false;
		*bits = type->array.length ? (type->array.length - 1) * stride + size : 0;
		return true;
	}
	default:
		return false;
	}
}

static void read_int(struct compiler *c, const struct tsdl_type *type, uint8_t reg)
{
	emit(c, (struct step){ .op = OP_READ, .bits = type->integer.size, .reg = reg,
			       .is_signed = type->integer.is_signed,
			       .big_endian = type->integer.big_endian, .n = c->pending });
}

static void locate_int(struct compiler *c, struct place *found, const struct tsdl_type *leaf,
		       enum shape shape)
{
	locate(c, found, shape);
	if (!found)
		return;
	found->bits = leaf->integer.size;
	found->is_signed = leaf->integer.is_signed;
	found->big_endian = leaf->integer.big_endian;
}

/* Reads the integer at hand into the registers where somebody expects it. */
static void keep_int(struct compiler *c, const struct tsdl_type *type,
		     const struct tsdl_type *leaf, const char *name)
{
	g_autofree char *path = NULL;
	gpointer reg;

	if (c->o->is_header && !strcmp(plain_name(name), "id"))
		read_int(c, leaf, REG_ID);
	if (c->o->is_header && (leaf->integer.clock || !strcmp(plain_name(name), "timestamp")))
		read_int(c, leaf, REG_TIME);
	if (!c->keeps_paths)
		return;
	path = plain_path(c->path->str);
	if (g_hash_table_lookup_extended(c->regs, path, NULL, &reg))
		read_int(c, leaf, GPOINTER_TO_UINT(reg));
	if (g_hash_table_lookup_extended(c->o->outside->regs, path, NULL, &reg))
		read_int(c, leaf, GPOINTER_TO_UINT(reg));
	g_hash_table_replace(c->seen, g_steal_pointer(&path), (gpointer)type);
}

static bool compile_int(struct compiler *c, const struct tsdl_type *type, const char *name,
			struct place *found)
{
	const struct tsdl_type *leaf = type->kind == TSDL_ENUM ? type->enumeration.container : type;

	align(c, type->align);
	if (leaf->kind == TSDL_INT) {
		locate_int(c, found, leaf, SHAPE_INT);
		keep_int(c, type, leaf, name);
	}
	return advance(c, leaf->integer.size);
}

static bool compile_struct(struct compiler *c, const struct tsdl_type *type, int scope)
{
	size_t length = c->path->len;

	align(c, type->align);
	for (uint32_t i = 0; i < type->compound.n; i++) {
		const struct tsdl_field *field = &type->compound.fields[i];
		struct place found = { .shape = SHAPE_NONE };
		bool is_wanted = false;

		for (unsigned k = 0; k < c->o->n_wants && scope >= 0; k++)
			is_wanted |= c->o->wants[k].scope == (unsigned)scope &&
				     !strcmp(c->o->wants[k].name, plain_name(field->name));
		g_string_append_printf(c->path, ".%s", field->name);
		if (!compile_type(c, field->type, field->name, is_wanted ? &found : NULL))
			return false;
		g_string_truncate(c->path, length);
		for (unsigned k = 0; k < c->o->n_wants && found.shape; k++)
			if (c->o->wants[k].scope == (unsigned)scope &&
			    !c->o->wants[k].place->shape &&
			    !strcmp(c->o->wants[k].name, plain_name(field->name)))
				*c->o->wants[k].place = found;
	}
	return true;
}

/* Elements whose size varies: a loop around the steps of one. `length` is the register of their number. */
static bool compile_loop(struct compiler *c, const struct tsdl_type *element, uint8_t length)
{
	uint32_t loop, body;
	uint8_t counter = c->n_regs;

	if (!c->is_rehearsal)
		c->n_regs += 2;
	if (c->n_regs > REG_MAX)
		return fail(c, "refers to too many integers");
	flush(c);
	loop = emit(c, (struct step){ .op = OP_LOOP, .reg = length, .to = counter });
	body = c->steps->len;
	emit(c, (struct step){ .op = OP_ALIGN, .n = element->align });
	begin_region(c, element->align);
	if (!compile_type(c, element, "", NULL))
		return false;
	flush(c);
	emit(c, (struct step){ .op = OP_NEXT, .reg = counter, .target = body });
	set_target(c, loop, c->steps->len);
	begin_region(c, 1);
	return true;
}

static bool compile_array(struct compiler *c, const struct tsdl_type *type, struct place *found)
{
	const struct tsdl_type *element = type->array.element;
	uint64_t size;
	uint8_t counter = c->n_regs;

	align(c, element->align);
	if (fixed_size(type, &size)) {
		if (element->kind == TSDL_INT)
			locate_int(c, found, element,
				   element->integer.size == 8 ? SHAPE_CHARS : SHAPE_NUMBERS);
		if (found)
			found->length = MIN(type->array.length, UINT32_MAX);
		if (found && !type->array.length)
			found->shape = SHAPE_NONE;
		return advance(c, size);
	}
	if (fixed_size(element, &size))
		return fail(c, "larger than any packet");
	if (!c->is_rehearsal)
		c->n_regs++;
	if (c->n_regs > REG_MAX)
		return fail(c, "refers to too many integers");
	emit(c, (struct step){ .op = OP_COUNT, .reg = counter, .n = type->array.length });
	return compile_loop(c, element, counter);
}

static bool compile_sequence(struct compiler *c, const struct tsdl_type *type, struct place *found)
{
	const struct tsdl_type *element = type->array.element, *length;
	uint64_t size, stride;
	uint8_t reg;

	if (!refer(c, type->array.length_name, &length, &reg))
		return false;
	align(c, element->align);
	if (!fixed_size(element, &size))
		return compile_loop(c, element, reg);
	stride = (size + element->align - 1) & -(uint64_t)element->align;
	if (stride > UINT32_MAX)
		return fail(c, "larger than any packet");
	if (element->kind == TSDL_INT && size == 8) {
		locate_int(c, found, element, SHAPE_SEQUENCE);
		if (found)
			found->length_reg = reg;
	}
	flush(c);
	emit(c, (struct step){ .op = OP_SEQUENCE, .reg = reg, .n = size, .target = stride });
	begin_region(c, size ? MIN(element->align, size & -size) : element->align);
	return true;
}

/* Appends what selects one option: all ranges with its label. */
static void select_by_label(struct compiler *c, const struct tsdl_type *tag, const char *option,
			    GArray *ranges)
{
	for (uint32_t i = 0; i < tag->enumeration.n; i++) {
		const struct tsdl_range *r = &tag->enumeration.ranges[i];
		struct range range = { .first = r->first, .last = r->last, .target = c->steps->len };

		if (!strcmp(plain_name(r->label), plain_name(option)))
			g_array_append_val(ranges, range);
	}
}

static bool compile_options(struct compiler *c, const struct tsdl_type *type,
			    const struct tsdl_type *tag, GArray *ranges, GArray *jumps)
{
	uint64_t guarantee = c->guarantee;
	size_t length = c->path->len;

	for (uint32_t i = 0; i < type->compound.n; i++) {
		const struct tsdl_field *option = &type->compound.fields[i];
		uint32_t jump;

		select_by_label(c, tag, option->name, ranges);
		begin_region(c, guarantee);
		g_string_append_printf(c->path, ".%s", option->name);
		if (!compile_type(c, option->type, option->name, NULL))
			return false;
		g_string_truncate(c->path, length);
		flush(c);
		jump = emit(c, (struct step){ .op = OP_JUMP });
		g_array_append_val(jumps, jump);
	}
	return true;
}

static bool compile_variant(struct compiler *c, const struct tsdl_type *type)
{
	const struct tsdl_type *tag;
	g_autoptr(GArray) ranges = g_array_new(FALSE, TRUE, sizeof(struct range));
	g_autoptr(GArray) jumps = g_array_new(FALSE, TRUE, sizeof(uint32_t));
	struct range_table table = { 0 };
	guint index = c->tables->len;
	uint8_t reg;

	if (!type->compound.tag)
		return fail(c, "a variant without a tag");
	if (!refer(c, type->compound.tag, &tag, &reg))
		return false;
	if (tag->kind != TSDL_ENUM)
		return fail(c, "the tag '%s' is no enum", type->compound.tag);
	flush(c);
	emit(c, (struct step){ .op = OP_VARIANT, .reg = reg, .n = index });
	g_array_append_val(c->tables, table);
	if (!compile_options(c, type, tag, ranges, jumps))
		return false;
	table.is_signed = tag->enumeration.container->integer.is_signed;
	table.n = ranges->len;
	table.ranges = (struct range *)g_array_free(g_steal_pointer(&ranges), FALSE);
	g_array_index(c->tables, struct range_table, index) = table;
	for (guint i = 0; i < jumps->len; i++)
		set_target(c, g_array_index(jumps, uint32_t, i), c->steps->len);
	begin_region(c, 1);
	return true;
}

static bool compile_kind(struct compiler *c, const struct tsdl_type *type, const char *name,
			 struct place *found)
{
	switch (type->kind) {
	case TSDL_INT:
	case TSDL_FLOAT:
	case TSDL_ENUM:
		return compile_int(c, type, name, found);
	case TSDL_STRING:
		align(c, 8);
		locate(c, found, SHAPE_STRING);
		flush(c);
		emit(c, (struct step){ .op = OP_STRING });
		begin_region(c, 8);
		return true;
	case TSDL_STRUCT:
		return compile_struct(c, type, -1);
	case TSDL_VARIANT:
		return compile_variant(c, type);
	case TSDL_ARRAY:
		return compile_array(c, type, found);
	case TSDL_SEQUENCE:
		return compile_sequence(c, type, found);
	}
	return fail(c, "a type of no known kind");
}

static bool compile_type(struct compiler *c, const struct tsdl_type *type, const char *name,
			 struct place *found)
{
	bool ok;

	if (++c->depth > DEPTH_MAX)
		return fail(c, "nested too deep");
	ok = compile_kind(c, type, name, found);
	c->depth--;
	return ok;
}

/* ---- programs -------------------------------------------------------------------------- */

static bool has_reference(const struct tsdl_type *type, unsigned depth)
{
	if (!type || depth > DEPTH_MAX)
		return false;
	switch (type->kind) {
	case TSDL_SEQUENCE:
	case TSDL_VARIANT:
		return true;
	case TSDL_ARRAY:
		return has_reference(type->array.element, depth + 1);
	case TSDL_STRUCT:
		for (uint32_t i = 0; i < type->compound.n; i++)
			if (has_reference(type->compound.fields[i].type, depth + 1))
				return true;
		return false;
	default:
		return false;
	}
}

static void tables_free(GArray *tables)
{
	for (guint i = 0; i < tables->len; i++)
		g_free(g_array_index(tables, struct range_table, i).ranges);
	g_array_set_size(tables, 0);
}

/* One walk over all scopes. */
static bool walk(struct compiler *c, bool is_rehearsal)
{
	c->is_rehearsal = is_rehearsal;
	c->guarantee = 1;
	c->pending = 0;
	c->mark = 0;
	g_hash_table_remove_all(c->seen);
	tables_free(c->tables);
	for (unsigned i = 0; i < c->o->n_scopes; i++)
		if (c->o->scopes[i].type) {
			c->guarantee = MAX(c->o->scopes[i].type->align, 1);
			break;
		}
	for (unsigned i = 0; i < c->o->n_scopes; i++) {
		const struct scope *scope = &c->o->scopes[i];

		if (!scope->type)
			continue;
		g_string_assign(c->path, scope->path);
		c->root = c->path->len;
		if (!compile_struct(c, scope->type, i))
			return false;
	}
	return true;
}

static void finish(struct compiler *c, struct program *p)
{
	p->align = 1;
	for (unsigned i = c->o->n_scopes; i-- > 0;)
		if (c->o->scopes[i].type)
			p->align = MAX(c->o->scopes[i].type->align, 1);
	p->refers_outside = c->refers_outside;
	p->fixed = !c->steps->len;
	if (p->fixed) {
		p->size = c->pending;
		return;
	}
	flush(c);
	emit(c, (struct step){ .op = OP_END });
	p->n_steps = c->steps->len;
	p->steps = (struct step *)g_array_free(g_steal_pointer(&c->steps), FALSE);
	p->n_tables = c->tables->len;
	p->tables = (struct range_table *)g_array_free(g_steal_pointer(&c->tables), FALSE);
}

bool program_init(struct program *p, const struct program_options *options, const char *where,
		  GError **error)
{
	struct compiler c = {
		.o = options, .where = where, .error = error, .n_regs = REG_LOCAL, .n_marks = 1,
		.steps = g_array_new(FALSE, TRUE, sizeof(struct step)),
		.tables = g_array_new(FALSE, TRUE, sizeof(struct range_table)),
		.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
		.regs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
		.path = g_string_new(NULL),
	};
	bool refers = false, ok = true;

	memset(p, 0, sizeof(*p));
	for (unsigned i = 0; i < options->n_scopes; i++)
		refers |= has_reference(options->scopes[i].type, 0);
	c.keeps_paths = refers || g_hash_table_size(options->outside->regs);
	if (refers)
		ok = walk(&c, true);
	ok = ok && walk(&c, false);
	if (ok)
		finish(&c, p);
	if (c.tables)
		tables_free(c.tables);
	g_clear_pointer(&c.tables, g_array_unref);
	g_clear_pointer(&c.steps, g_array_unref);
	g_hash_table_unref(c.seen);
	g_hash_table_unref(c.regs);
	g_string_free(c.path, TRUE);
	return ok;
}
