/* SPDX-License-Identifier: MIT */
/* variant.c - makes steps of variants and optionals: which values of the tag select which option. */
#include "ctf/layout/compiler.h"
#include "base/hash.h"

/* The ranges of a tag by their labels, several of which may be alike. */
struct labels {
	GHashTable *first; /* plain label -> its first range, counted from 1 */
	uint32_t *next;	   /* of each range: the next one with its label; 0: none */
};

static void labels_init(struct labels *l, const struct tsdl_type *tag)
{
	l->first = g_hash_table_new(name_hash, g_str_equal);
	l->next = g_new(uint32_t, tag->enumeration.n);
	for (uint32_t i = tag->enumeration.n; i-- > 0;) {
		const char *label = plain_name(tag->enumeration.ranges[i].label);

		l->next[i] = GPOINTER_TO_UINT(g_hash_table_lookup(l->first, label));
		g_hash_table_insert(l->first, (gpointer)label, GUINT_TO_POINTER(i + 1));
	}
}

static void labels_clear(struct labels *l)
{
	g_hash_table_unref(l->first);
	g_free(l->next);
}

/* Appends what selects one option: all ranges with its label. */
static void select_by_label(struct compiler *c, const struct tsdl_type *tag,
			    const struct labels *labels, const char *option, GArray *ranges)
{
	guint next = GPOINTER_TO_UINT(g_hash_table_lookup(labels->first, plain_name(option)));

	while (next) {
		const struct tsdl_range *r = &tag->enumeration.ranges[next - 1];
		struct range range = { .first = r->first,
				       .last = r->last,
				       .target = step_next(c) };

		g_array_append_val(ranges, range);
		next = labels->next[next - 1];
	}
}

static void select_value(GArray *ranges, int64_t first, int64_t last, uint32_t target)
{
	struct range range = { .first = first, .last = last, .target = target };

	g_array_append_val(ranges, range);
}

/* Appends what selects one option where the metadata says it of each. */
static void select_by_range(const struct compiler *c, const struct tsdl_selector *selector,
			    GArray *ranges)
{
	for (uint32_t i = 0; i < selector->n; i++)
		select_value(ranges, selector->ranges[i].first, selector->ranges[i].last,
			     step_next(c));
}

/* An option of a variant or an optional that is wanted, whatever it has. */
static bool compile_wanted(struct compiler *c, const struct tsdl_field *option)
{
	struct inner_place found = { .field = c->optional_field,
				     .place = { .shape = SHAPE_NONE } };

	if (!compile_type(c, option->type, option->roles, &found.place))
		return false;
	if (found.place.shape)
		g_array_append_val(c->optional, found);
	return true;
}

static bool compile_option(struct compiler *c, const struct tsdl_field *option, uint64_t guarantee,
			   GArray *jumps, bool is_wanted)
{
	const struct field_path *outer = c->path;
	const struct field_path path = { outer, option->name };
	uint32_t jump;
	bool ok;

	region_begin(c, guarantee);
	c->n_options++;
	/* What an optional has goes by the optional's name. */
	if (*option->name)
		c->path = &path;
	ok = is_wanted ? compile_wanted(c, option) : compile_inner_field(c, option);
	c->path = outer;
	c->n_options--;
	region_flush(c);
	jump = step_emit(c, (struct step){ .op = OP_JUMP });
	g_array_append_val(jumps, jump);
	return ok;
}

static bool compile_options(struct compiler *c, const struct tsdl_type *type,
			    const struct tsdl_type *tag, GArray *ranges, GArray *jumps,
			    bool is_wanted)
{
	uint64_t guarantee = c->guarantee;
	struct labels labels = { NULL, NULL };
	bool ok = true;

	if (type->kind == TSDL_VARIANT && !type->compound.selectors)
		labels_init(&labels, tag);
	for (uint32_t i = 0; ok && i < type->compound.n; i++) {
		const struct tsdl_field *option = &type->compound.fields[i];

		if (labels.first)
			select_by_label(c, tag, &labels, option->name, ranges);
		else if (type->compound.selectors)
			select_by_range(c, &type->compound.selectors[i], ranges);
		else
			select_value(ranges, 1, -1, step_next(c)); /* true: all but 0 */
		ok = compile_option(c, option, guarantee, jumps, is_wanted);
	}
	if (labels.first)
		labels_clear(&labels);
	return ok;
}

/* Whether the tag is of the kind that what it selects needs. */
static bool check_tag(struct compiler *c, const struct tsdl_type *type, const struct tsdl_type *tag)
{
	const char *name = type->compound.tag;
	bool is_boolean = plain_int(tag)->integer.meaning == TSDL_BOOLEAN;

	if (!type->compound.location)
		return tag->kind == TSDL_ENUM || compile_fail(c, "the tag '%s' is no enum", name);
	if (type->compound.selectors)
		return !is_boolean || compile_fail(c, "its selector '%s' is no integer", name);
	return is_boolean || compile_fail(c, "its selector '%s' is no boolean, and there are no "
					     "selector-field-ranges", name);
}

bool compile_variant(struct compiler *c, const struct tsdl_type *type, bool is_wanted)
{
	const struct tsdl_type *tag;
	g_autoptr(GArray) ranges = g_array_new(FALSE, TRUE, sizeof(struct range));
	g_autoptr(GArray) jumps = g_array_new(FALSE, TRUE, sizeof(uint32_t));
	struct range_table table = { 0 };
	guint index;
	uint8_t reg;

	if (!type->compound.tag)
		return compile_fail(c, "a variant without a tag");
	if (!compile_refer(c, type->compound.tag, type->compound.location, &tag, &reg) ||
	    !check_tag(c, type, tag))
		return false;
	if (!c->tables)
		c->tables = g_array_new(FALSE, TRUE, sizeof(struct range_table));
	index = c->tables->len;
	region_flush(c);
	step_emit(c, (struct step){ .op = OP_VARIANT, .reg = reg, .n = index });
	g_array_append_val(c->tables, table);
	if (!compile_options(c, type, tag, ranges, jumps, is_wanted && c->optional))
		return false;
	if (ranges->len > RANGES_MAX)
		return compile_fail(c, "a tag with more than %u ranges", RANGES_MAX);
	table.is_signed = plain_int(tag)->integer.is_signed;
	table.otherwise = type->kind == TSDL_OPTIONAL ? step_next(c) : 0;
	table.n = ranges->len;
	table.ranges = (struct range *)g_array_free(g_steal_pointer(&ranges), FALSE);
	g_array_index(c->tables, struct range_table, index) = table;
	for (guint i = 0; i < jumps->len; i++)
		step_set_target(c, g_array_index(jumps, uint32_t, i), step_next(c));
	region_begin(c, 1);
	return true;
}
