/* SPDX-License-Identifier: MIT */
/* tree.c - what the targets that parse metadata check of a type tree, and of its layouts. */
#include "tree.h"

#include "fuzz.h"

static void check_type(const struct tsdl_type *type, unsigned depth, uint32_t *nodes)
{
	CHECK(depth <= TSDL_MAX_DEPTH && ++*nodes <= TSDL_MAX_NODES);
	CHECK(type->align && !(type->align & (type->align - 1)) && type->align <= TSDL_MAX_ALIGN);
	CHECK(type->most_bits <= TSDL_MAX_BITS);
	switch (type->kind) {
	case TSDL_INT:
		CHECK(type->integer.size >= 1 && type->integer.size <= 64);
		break;
	case TSDL_FLOAT:
	case TSDL_BITS:
		CHECK(type->integer.size >= 1 && type->integer.size <= TSDL_MAX_SCALAR);
		break;
	case TSDL_ENUM:
		CHECK(type->enumeration.container->kind == TSDL_INT);
		break;
	case TSDL_STRING:
		break;
	case TSDL_OPTIONAL:
		CHECK(type->compound.n == 1 && type->compound.tag);
		G_GNUC_FALLTHROUGH;
	case TSDL_STRUCT:
	case TSDL_VARIANT:
		for (uint32_t i = 0; i < type->compound.n; i++) {
			CHECK(type->compound.fields[i].name);
			check_type(type->compound.fields[i].type, depth + 1, nodes);
		}
		break;
	case TSDL_ARRAY:
	case TSDL_SEQUENCE:
		CHECK(type->kind == TSDL_ARRAY ? type->array.length <= TSDL_MAX_LENGTH :
						 type->array.length_name != NULL);
		check_type(type->array.element, depth + 1, nodes);
		break;
	}
}

static void check_scope(const struct tsdl_type *type, uint32_t *nodes)
{
	if (type)
		check_type(type, 1, nodes);
}

void check_trace(const struct tsdl_trace *t)
{
	uint32_t nodes = 0;

	CHECK(t->streams->len > 0 && (t->major == 1 || t->major == 2));
	check_scope(t->packet_header, &nodes);
	for (guint i = 0; i < t->streams->len; i++) {
		const struct tsdl_stream *s = g_ptr_array_index(t->streams, i);

		check_scope(s->packet_context, &nodes);
		check_scope(s->event_header, &nodes);
		check_scope(s->event_context, &nodes);
	}
	for (guint i = 0; i < t->events->len; i++) {
		const struct tsdl_event *e = g_ptr_array_index(t->events, i);

		CHECK(e->name);
		check_scope(e->context, &nodes);
		check_scope(e->fields, &nodes);
	}
}

static void compile(struct schema *s)
{
	g_autoptr(GError) error = NULL;
	struct layouts *layouts = layouts_new();
	bool ok = schema_compile(s, layouts, FB_KINDS_ALL, &error);

	check_error(ok, error);
	if (ok)
		layouts_finish(layouts, FB_ABI_X86_64);
	layouts_free(layouts);
}

void check_file(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	struct schema *s;

	scratch_write("metadata", data, size);
	s = schema_load(scratch_dir(), &error);
	check_error(s != NULL, error);
	if (s) {
		check_trace(s->tsdl);
		compile(s);
	}
	schema_free(s);
}
