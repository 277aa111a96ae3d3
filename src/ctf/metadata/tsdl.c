/* SPDX-License-Identifier: MIT */
/* tsdl.c - metadata text -> type tree: the blocks, and what is resolved at the end. */
#include "ctf/metadata/tsdl-parse.h"

#include <flightbox/error.h>

#include "ctf/metadata/reference.h"

/* trace */

static bool parse_uuid(const char *text, uint8_t uuid[16])
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	guint digits = 0;

	if (strlen(text) != strlen(shape))
		return false;
	for (guint i = 0; shape[i]; i++) {
		int digit = g_ascii_xdigit_value(text[i]);

		if (shape[i] == '-' ? text[i] != '-' : digit < 0)
			return false;
		if (shape[i] == 'x') {
			uuid[digits / 2] = uuid[digits / 2] << 4 | digit;
			digits++;
		}
	}
	return true;
}

static bool set_version(struct parser *p, const struct value *v, int *version)
{
	uint64_t number;

	if (!value_unsigned(p, v, &number))
		return false;
	*version = MIN(number, G_MAXINT);
	return true;
}

static bool trace_set(struct parser *p, void *self, const struct value *name, const struct value *v)
{
	struct tsdl_trace *t = self;
	bool native;

	if (value_is(name, "major")) {
		if (!set_version(p, v, &t->major))
			return false;
		return t->major == 1 || parser_fail_unsupported(p, v->at,
								"not CTF version 1, the only one "
								"that flightbox reads");
	}
	if (value_is(name, "minor"))
		return set_version(p, v, &t->minor);
	if (value_is(name, "byte_order")) {
		if (!parse_byte_order(p, v, &t->big_endian, &native))
			return false;
		if (native)
			return parser_fail_expected(p, v->at, "le or be");
		p->has_byte_order = true;
	} else if (value_is(name, "uuid")) {
		if (v->kind != TOKEN_STRING || !parse_uuid(v->text, t->uuid))
			return parser_fail_expected(p, v->at, "a UUID");
		t->has_uuid = true;
	}
	return true;
}

static bool unknown_scope(struct parser *p, const struct value *name, const char *known)
{
	return parser_fail_expected(p, name->at, known);
}

static bool trace_assign(struct parser *p, void *self, const struct value *name,
			 struct tsdl_type *type)
{
	struct tsdl_trace *t = self;

	if (!value_is(name, "packet.header"))
		return unknown_scope(p, name, "packet.header");
	t->packet_header = type;
	return true;
}

static bool parse_trace(struct parser *p)
{
	static const struct block block = { trace_set, trace_assign };
	const char *at = p->token.text;

	if (p->has_trace)
		return parser_fail(p, at, "a second trace block");
	p->has_trace = true;
	if (!parse_block(p, &block, p->trace))
		return false;
	return p->has_byte_order || parser_fail(p, at, "the trace block has no byte_order");
}

/* env */

static bool env_set(struct parser *p, void *self, const struct value *name, const struct value *v)
{
	struct tsdl_trace *t = self;
	struct tsdl_env env = { .name = arena_text(p->arena, name->text, name->length) };

	if (v->kind == TOKEN_NUMBER)
		env.number = (int64_t)v->number;
	else if (!value_text(p, v, &env.text))
		return false;
	g_array_append_val(t->env, env);
	return true;
}

static bool parse_env(struct parser *p)
{
	static const struct block block = { .set = env_set };

	return parse_block(p, &block, p->trace);
}

/* clock */

static bool clock_set(struct parser *p, void *self, const struct value *name, const struct value *v)
{
	struct tsdl_clock *c = self;

	if (value_is(name, "name"))
		return value_text(p, v, &c->name);
	if (value_is(name, "uuid"))
		return value_text(p, v, &c->uuid);
	if (value_is(name, "description"))
		return value_text(p, v, &c->description);
	if (value_is(name, "offset_s"))
		return value_signed(p, v, &c->offset_s);
	if (value_is(name, "offset"))
		return value_signed(p, v, &c->offset);
	if (value_is(name, "absolute"))
		return value_bool(p, v, &c->absolute);
	if (value_is(name, "freq")) {
		if (!value_unsigned(p, v, &c->freq))
			return false;
		if (c->freq == 0)
			return parser_fail(p, v->at, "a clock's freq is 1 or more");
	}
	return true;
}

static bool parse_clock(struct parser *p)
{
	static const struct block block = { .set = clock_set };
	struct tsdl_clock *c = arena_alloc(p->arena, sizeof(*c));
	const char *at = p->token.text;

	c->freq = 1000000000;
	if (!parse_block(p, &block, c))
		return false;
	if (!c->name)
		return parser_fail(p, at, "the clock has no name");
	g_ptr_array_add(p->trace->clocks, c);
	return true;
}

/* stream */

static bool stream_set(struct parser *p, void *self, const struct value *name,
		       const struct value *v)
{
	struct tsdl_stream *s = self;

	return !value_is(name, "id") || value_unsigned(p, v, &s->id);
}

static bool stream_assign(struct parser *p, void *self, const struct value *name,
			  struct tsdl_type *type)
{
	struct tsdl_stream *s = self;

	if (value_is(name, "packet.context"))
		s->packet_context = type;
	else if (value_is(name, "event.header"))
		s->event_header = type;
	else if (value_is(name, "event.context"))
		s->event_context = type;
	else
		return unknown_scope(p, name, "packet.context, event.header or event.context");
	return true;
}

static bool parse_stream(struct parser *p)
{
	static const struct block block = { stream_set, stream_assign };
	struct tsdl_stream *s = arena_alloc(p->arena, sizeof(*s));
	const char *at = p->token.text;

	if (p->trace->streams->len == TSDL_MAX_STREAMS)
		return parser_fail(p, at, "more than %u streams", TSDL_MAX_STREAMS);
	if (!parse_block(p, &block, s))
		return false;
	g_ptr_array_add(p->trace->streams, s);
	return true;
}

/* event */

static bool event_set(struct parser *p, void *self, const struct value *name, const struct value *v)
{
	struct tsdl_event *e = self;

	if (value_is(name, "name"))
		return value_text(p, v, &e->name);
	if (value_is(name, "id"))
		return value_unsigned(p, v, &e->id);
	if (value_is(name, "stream_id"))
		return value_unsigned(p, v, &e->stream_id);
	return true;
}

static bool event_assign(struct parser *p, void *self, const struct value *name,
			 struct tsdl_type *type)
{
	struct tsdl_event *e = self;

	if (value_is(name, "fields"))
		e->fields = type;
	else if (value_is(name, "context"))
		e->context = type;
	else
		return unknown_scope(p, name, "fields or context");
	return true;
}

static bool parse_event(struct parser *p)
{
	static const struct block block = { event_set, event_assign };
	struct tsdl_event *e = arena_alloc(p->arena, sizeof(*e));
	const char *at = p->token.text;

	if (!parse_block(p, &block, e))
		return false;
	if (!e->name)
		return parser_fail(p, at, "the event has no name");
	g_ptr_array_add(p->trace->events, e);
	return true;
}

/* The whole text */

static bool parse_callsite(struct parser *p)
{
	static const struct block block = { NULL };

	return parse_block(p, &block, NULL);
}

static const struct {
	const char *word;
	bool (*parse)(struct parser *p);
} blocks[] = {
	{ "event", parse_event }, { "stream", parse_stream }, { "clock", parse_clock },
	{ "trace", parse_trace }, { "env", parse_env },	      { "callsite", parse_callsite },
};

static bool parse_top(struct parser *p)
{
	for (guint i = 0; i < G_N_ELEMENTS(blocks); i++)
		if (parser_accept_word(p, blocks[i].word))
			return blocks[i].parse(p) && parser_expect(p, ';', "';'");
	if (starts_declaration(p))
		return parse_declaration(p);
	return parser_fail_expected(p, p->token.text, "a block or a declaration");
}

static void resolve_byte_orders(struct parser *p)
{
	for (guint i = 0; i < p->native->len; i++) {
		struct tsdl_type *type = g_ptr_array_index(p->native, i);

		type->integer.big_endian = p->trace->big_endian;
	}
}

static bool resolve_clocks(struct parser *p)
{
	g_autoptr(GHashTable) clocks = g_hash_table_new(name_hash, g_str_equal);

	for (guint i = 0; i < p->trace->clocks->len; i++) {
		struct tsdl_clock *c = g_ptr_array_index(p->trace->clocks, i);

		g_hash_table_insert(clocks, (void *)c->name, c);
	}
	for (guint i = 0; i < p->maps->len; i++) {
		struct clock_map *map = &g_array_index(p->maps, struct clock_map, i);

		map->type->integer.clock = g_hash_table_lookup(clocks, map->name);
		if (!map->type->integer.clock)
			return parser_fail(p, map->at, "no clock named '%s'", map->name);
	}
	return true;
}

/* Roles: CTF 1.8 tells by names. */

struct name_role {
	const char *name; /* NULL ends a list */
	uint32_t role;
};

static const struct name_role packet_header_roles[] = {
	{ "magic", TSDL_ROLE_MAGIC },
	{ "uuid", TSDL_ROLE_UUID },
	{ "stream_id", TSDL_ROLE_STREAM_CLASS },
	{ "stream_instance_id", TSDL_ROLE_STREAM },
	{ NULL, 0 },
};

static const struct name_role packet_context_roles[] = {
	{ "timestamp_begin", TSDL_ROLE_TIME },
	{ "timestamp_end", TSDL_ROLE_END },
	{ "content_size", TSDL_ROLE_CONTENT },
	{ "packet_size", TSDL_ROLE_SIZE },
	{ "packet_seq_num", TSDL_ROLE_SEQ },
	{ "events_discarded", TSDL_ROLE_DISCARDED },
	{ NULL, 0 },
};

static const struct name_role event_header_roles[] = {
	{ "id", TSDL_ROLE_EVENT },
	{ "timestamp", TSDL_ROLE_TIME },
	{ NULL, 0 },
};

static uint32_t role_of(const struct name_role *roles, const char *name)
{
	for (; roles->name; roles++)
		if (!strcmp(roles->name, plain_name(name)))
			return roles->role;
	return 0;
}

static void give_roles(const struct tsdl_type *scope, const struct name_role *roles)
{
	for (uint32_t i = 0; scope && i < scope->compound.n; i++)
		scope->compound.fields[i].roles |= role_of(roles, scope->compound.fields[i].name);
}

static struct tsdl_clock *clock_of(const struct tsdl_type *type)
{
	if (type->kind == TSDL_ENUM)
		type = type->enumeration.container;
	return type->kind == TSDL_INT ? type->integer.clock : NULL;
}

/* In an event header also inside of other structs and variants, and by a mapped clock. */
static void give_event_roles(struct tsdl_stream *s, const struct tsdl_type *type)
{
	if (!type || (type->kind != TSDL_STRUCT && type->kind != TSDL_VARIANT))
		return;
	for (uint32_t i = 0; i < type->compound.n; i++) {
		struct tsdl_field *field = &type->compound.fields[i];
		struct tsdl_clock *clock = clock_of(field->type);

		field->roles |= role_of(event_header_roles, field->name);
		if (clock)
			field->roles |= TSDL_ROLE_TIME;
		if (!s->clock)
			s->clock = clock;
		give_event_roles(s, field->type);
	}
}

static void resolve_roles(struct tsdl_trace *t)
{
	give_roles(t->packet_header, packet_header_roles);
	for (guint i = 0; i < t->streams->len; i++) {
		struct tsdl_stream *s = g_ptr_array_index(t->streams, i);

		give_roles(s->packet_context, packet_context_roles);
		give_event_roles(s, s->event_header);
	}
}

static bool parse_all(struct parser *p)
{
	while (p->token.kind != TOKEN_END)
		if (!parse_top(p))
			return false;
	if (!p->has_trace)
		return parser_fail_expected(p, p->token.text, "a trace block");
	resolve_byte_orders(p);
	if (!resolve_clocks(p))
		return false;
	/* A trace of one nameless stream need not declare it. */
	if (!p->trace->streams->len)
		g_ptr_array_add(p->trace->streams,
				arena_alloc(p->arena, sizeof(struct tsdl_stream)));
	resolve_roles(p->trace);
	return true;
}

struct tsdl_trace *tsdl_trace_new(void)
{
	struct tsdl_trace *t = g_new0(struct tsdl_trace, 1);

	t->major = 1;
	t->minor = 8;
	t->streams = g_ptr_array_new();
	t->events = g_ptr_array_new();
	t->clocks = g_ptr_array_new();
	t->env = g_array_new(FALSE, FALSE, sizeof(struct tsdl_env));
	t->arena = arena_new();
	return t;
}

struct tsdl_trace *tsdl_parse(const char *text, size_t length, const char *file, GError **error)
{
	struct tsdl_trace *t = tsdl_trace_new();
	struct parser p = { .file = file, .trace = t, .arena = t->arena, .error = error };
	bool parsed;

	lexer_init(&p.lexer, text, length);
	p.bindings = g_hash_table_new(name_hash, g_str_equal);
	p.scratch = g_string_new(NULL);
	p.fields = g_array_new(FALSE, FALSE, sizeof(struct tsdl_field));
	p.ranges = g_array_new(FALSE, FALSE, sizeof(struct tsdl_range));
	p.native = g_ptr_array_new();
	p.maps = g_array_new(FALSE, FALSE, sizeof(struct clock_map));

	parser_advance(&p);
	parsed = parse_all(&p);

	g_hash_table_destroy(p.bindings);
	g_string_free(p.scratch, TRUE);
	g_array_free(p.fields, TRUE);
	g_array_free(p.ranges, TRUE);
	g_ptr_array_free(p.native, TRUE);
	g_array_free(p.maps, TRUE);
	if (!parsed) {
		tsdl_free(t);
		return NULL;
	}
	return t;
}

void tsdl_free(struct tsdl_trace *t)
{
	if (!t)
		return;
	g_ptr_array_free(t->streams, TRUE);
	g_ptr_array_free(t->events, TRUE);
	g_ptr_array_free(t->clocks, TRUE);
	g_array_free(t->env, TRUE);
	arena_free(t->arena);
	g_free(t);
}

/* env look-ups */

static const struct tsdl_env *env_find(const struct tsdl_trace *t, const char *name)
{
	for (guint i = 0; i < t->env->len; i++) {
		const struct tsdl_env *env = &g_array_index(t->env, struct tsdl_env, i);

		if (strcmp(env->name, name) == 0)
			return env;
	}
	return NULL;
}

const char *tsdl_env_text(const struct tsdl_trace *t, const char *name)
{
	const struct tsdl_env *env = env_find(t, name);

	return env ? env->text : NULL;
}

bool tsdl_env_number(const struct tsdl_trace *t, const char *name, int64_t *number)
{
	const struct tsdl_env *env = env_find(t, name);

	if (!env || env->text)
		return false;
	*number = env->number;
	return true;
}
