/* SPDX-License-Identifier: MIT */
/* tsdl_text.c - type trees as text, for comparing. */
#include "tsdl_text.h"

#include <string.h>

#include <flightbox/error.h>

#include "ctf/metadata/ctf2.h"

static void print_type(GString *out, const struct tsdl_type *type);

/* In CTF 2 they are written down, in CTF 1.8 made of names. */
static bool shows_roles;

/* Words for what few have. */
static void print_traits(GString *out, const struct tsdl_type *type)
{
	static const char *const meanings[] = { "", " bits", " boolean" };

	if (type->integer.unit == 1)
		g_string_append(out, " text");
	else if (type->integer.unit)
		g_string_append_printf(out, " utf-%u", type->integer.unit * 8);
	if (type->integer.base != 10)
		g_string_append_printf(out, " base%u", type->integer.base);
	g_string_append(out, meanings[type->integer.meaning]);
	if (type->integer.clock)
		g_string_append_printf(out, " @%s", type->integer.clock->name);
}

static void print_scalar(GString *out, const struct tsdl_type *type)
{
	const char *letter = type->kind == TSDL_FLOAT  ? "f" :
			     type->kind == TSDL_BITS   ? "b" :
			     type->integer.is_signed ? "i" :
						       "u";

	if (type->integer.leb128)
		g_string_append_printf(out, "%sleb", letter);
	else
		g_string_append_printf(out, "%s%u%s%s:%u", letter, type->integer.size,
				       type->integer.big_endian ? "be" : "",
				       type->integer.reversed ? "rev" : "", type->align);
	if (type->kind == TSDL_INT)
		print_traits(out, type);
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

static void print_selector(GString *out, const struct tsdl_selector *selector)
{
	for (uint32_t i = 0; i < selector->n; i++)
		g_string_append_printf(out, "%s%" G_GINT64_FORMAT "..%" G_GINT64_FORMAT,
				       i ? "," : "", selector->ranges[i].first,
				       selector->ranges[i].last);
	g_string_append_c(out, ' ');
}

static void print_members(GString *out, const struct tsdl_type *type)
{
	g_string_append_c(out, '{');
	for (uint32_t i = 0; i < type->compound.n; i++) {
		const struct tsdl_field *field = &type->compound.fields[i];

		g_string_append(out, i ? ", " : "");
		if (type->kind != TSDL_STRUCT && type->compound.selectors)
			print_selector(out, &type->compound.selectors[i]);
		g_string_append_printf(out, "%s ", field->name);
		print_type(out, field->type);
		if (field->roles && shows_roles)
			g_string_append_printf(out, " roles %x", field->roles);
	}
	g_string_append_c(out, '}');
}

static void print_type(GString *out, const struct tsdl_type *type)
{
	switch (type->kind) {
	case TSDL_INT:
	case TSDL_FLOAT:
	case TSDL_BITS:
		print_scalar(out, type);
		break;
	case TSDL_ENUM:
		print_enum(out, type);
		break;
	case TSDL_STRING:
		g_string_append_printf(out, "string:%u", type->align);
		if (type->string.unit > 1)
			g_string_append_printf(out, " utf-%u%s", type->string.unit * 8,
					       type->string.big_endian ? "be" : "");
		break;
	case TSDL_STRUCT:
		g_string_append_printf(out, "struct:%u", type->align);
		print_members(out, type);
		break;
	case TSDL_VARIANT:
		g_string_append_printf(out, "variant:%u<%s>", type->align, type->compound.tag);
		print_members(out, type);
		break;
	case TSDL_OPTIONAL:
		g_string_append_printf(out, "optional:%u<%s>", type->align, type->compound.tag);
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
	/* Where it is not the element's. */
	if ((type->kind == TSDL_ARRAY || type->kind == TSDL_SEQUENCE) &&
	    type->align > type->array.element->align)
		g_string_append_printf(out, " align%u", type->align);
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

	shows_roles = t->major == 2;
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

/* Prints the tree and frees it; without one the message. */
static char *print_result(struct tsdl_trace *t, const GError *error)
{
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

char *tsdl_parse_text(const char *text)
{
	size_t length = strlen(text);
	g_autofree char *copy = g_memdup2(text, length);
	g_autoptr(GError) error = NULL;
	/* A copy of the exact size: what reads past it is seen. */
	struct tsdl_trace *t = tsdl_parse(copy, length, "M", &error);

	return print_result(t, error);
}

char *ctf2_parse_text(const char *text)
{
	size_t length = strlen(text);
	g_autofree char *copy = g_memdup2(text, length);
	g_autoptr(GError) error = NULL;
	bool truncated;
	struct tsdl_trace *t = ctf2_parse(copy, length, "M", &truncated, &error);
	char *printed = print_result(t, error);

	if (truncated) {
		char *whole = printed;

		printed = g_strconcat(whole, "truncated\n", NULL);
		g_free(whole);
	}
	return printed;
}
