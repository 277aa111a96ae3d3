/* SPDX-License-Identifier: MIT */
/* tsdl_text.c - type trees as text, for comparing. */
#include "tsdl_text.h"

#include <string.h>

#include <flightbox/error.h>

#include "ctf/metadata/tsdl.h"

static void print_type(GString *out, const struct tsdl_type *type);

static void print_scalar(GString *out, const struct tsdl_type *type)
{
	const char *letter = type->kind == TSDL_FLOAT ? "f" : type->integer.is_signed ? "i" : "u";

	g_string_append_printf(out, "%s%u%s:%u", letter, type->integer.size,
			       type->integer.big_endian ? "be" : "", type->align);
	if (type->kind == TSDL_FLOAT)
		return;
	if (type->integer.text)
		g_string_append(out, " text");
	if (type->integer.base != 10)
		g_string_append_printf(out, " base%u", type->integer.base);
	if (type->integer.clock)
		g_string_append_printf(out, " @%s", type->integer.clock->name);
}

static void print_enum(GString *out, const struct tsdl_type *type)
{
	g_string_append_printf(out, "enum:%u ", type->align);
	print_type(out, type->enumeration.container);
	g_string_append_c(out, '{');
	for (uint32_t i = 0; i < type->enumeration.n; i++) {
		const struct tsdl_range *r = &type->enumeration.ranges[i];

		g_string_append_printf(out, "%s%s=%" G_GINT64_FORMAT, i ? " " : "", r->label,
				       r->first);
		if (r->last != r->first)
			g_string_append_printf(out, "..%" G_GINT64_FORMAT, r->last);
	}
	g_string_append_c(out, '}');
}

static void print_members(GString *out, const struct tsdl_type *type)
{
	g_string_append_c(out, '{');
	for (uint32_t i = 0; i < type->compound.n; i++) {
		g_string_append_printf(out, "%s%s ", i ? ", " : "", type->compound.fields[i].name);
		print_type(out, type->compound.fields[i].type);
	}
	g_string_append_c(out, '}');
}

static void print_type(GString *out, const struct tsdl_type *type)
{
	switch (type->kind) {
	case TSDL_INT:
	case TSDL_FLOAT:
		print_scalar(out, type);
		break;
	case TSDL_ENUM:
		print_enum(out, type);
		break;
	case TSDL_STRING:
		g_string_append_printf(out, "string:%u", type->align);
		break;
	case TSDL_STRUCT:
		g_string_append_printf(out, "struct:%u", type->align);
		print_members(out, type);
		break;
	case TSDL_VARIANT:
		g_string_append_printf(out, "variant:%u<%s>", type->align, type->compound.tag);
		print_members(out, type);
		break;
	case TSDL_ARRAY:
		g_string_append_printf(out, "[%" G_GUINT64_FORMAT "]", type->array.length);
		print_type(out, type->array.element);
		break;
	case TSDL_SEQUENCE:
		g_string_append_printf(out, "[%s]", type->array.length_name);
		print_type(out, type->array.element);
		break;
	}
}

static void print_scope(GString *out, const char *name, const struct tsdl_type *type)
{
	if (!type)
		return;
	g_string_append_printf(out, "  %s ", name);
	print_type(out, type);
	g_string_append_c(out, '\n');
}

static void print_clocks(GString *out, const struct tsdl_trace *t)
{
	for (guint i = 0; i < t->clocks->len; i++) {
		const struct tsdl_clock *c = g_ptr_array_index(t->clocks, i);

		g_string_append_printf(out,
				       "clock %s %" G_GUINT64_FORMAT " Hz + %" G_GINT64_FORMAT
				       " s + %" G_GINT64_FORMAT "%s uuid %s: %s\n",
				       c->name, c->freq, c->offset_s, c->offset,
				       c->absolute ? " absolute" : "", c->uuid ? c->uuid : "-",
				       c->description ? c->description : "-");
	}
}

static void print_streams(GString *out, const struct tsdl_trace *t)
{
	for (guint i = 0; i < t->streams->len; i++) {
		const struct tsdl_stream *s = g_ptr_array_index(t->streams, i);

		g_string_append_printf(out, "stream %" G_GUINT64_FORMAT "\n", s->id);
		print_scope(out, "packet.context", s->packet_context);
		print_scope(out, "event.header", s->event_header);
		print_scope(out, "event.context", s->event_context);
	}
	for (guint i = 0; i < t->events->len; i++) {
		const struct tsdl_event *e = g_ptr_array_index(t->events, i);

		g_string_append_printf(out,
				       "event %s %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT "\n",
				       e->name, e->id, e->stream_id);
		print_scope(out, "context", e->context);
		print_scope(out, "fields", e->fields);
	}
}

static char *print_trace(const struct tsdl_trace *t)
{
	GString *out = g_string_new(NULL);

	g_string_append_printf(out, "trace %d.%d %s", t->major, t->minor,
			       t->big_endian ? "be" : "le");
	for (int i = 0; t->has_uuid && i < 16; i++)
		g_string_append_printf(out, "%s%02x", i ? "" : " ", t->uuid[i]);
	g_string_append_c(out, '\n');
	print_scope(out, "packet.header", t->packet_header);
	for (guint i = 0; i < t->env->len; i++) {
		const struct tsdl_env *env = &g_array_index(t->env, struct tsdl_env, i);

		if (env->text)
			g_string_append_printf(out, "env %s \"%s\"\n", env->name, env->text);
		else
			g_string_append_printf(out, "env %s %" G_GINT64_FORMAT "\n", env->name,
					       env->number);
	}
	print_clocks(out, t);
	print_streams(out, t);
	return g_string_free(out, FALSE);
}

char *tsdl_parse_text(const char *text)
{
	size_t length = strlen(text);
	g_autofree char *copy = g_memdup2(text, length);
	g_autoptr(GError) error = NULL;
	/* A copy of the exact size: what reads past it is seen. */
	struct tsdl_trace *t = tsdl_parse(copy, length, "M", &error);
	char *printed;

	if (!t) {
		g_assert(error && error->domain == FB_ERROR);
		return g_strdup(error->message);
	}
	g_assert(!error);
	printed = print_trace(t);
	tsdl_free(t);
	return printed;
}
