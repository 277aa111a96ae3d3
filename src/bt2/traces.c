/* SPDX-License-Identifier: MIT */
/* traces.c - what babeltrace2's traces, streams and classes tell of a recording. */
#include <flightbox/error.h>

#include "source/facts.h"
#include "bt2/messages.h"
#include "bt2/mip.h"

void message_trace_free(void *data)
{
	struct message_trace *t = data;

	bt_trace_put_ref(t->trace);
	g_free(t->dir);
	g_free(t->boot);
	g_free(t);
}

void message_stream_free(void *data)
{
	struct message_stream *s = data;

	bt_stream_put_ref(s->stream);
	g_free(s);
}

/* ---- the environment -------------------------------------------------------------------- */

static const char *env_text(const void *env, const char *name)
{
	const bt_value *value = bt_trace_borrow_environment_entry_value_by_name_const(env, name);

	return value && bt_value_is_string(value) ? bt_value_string_get(value) : NULL;
}

static bool env_number(const void *env, const char *name, int64_t *number)
{
	const bt_value *value = bt_trace_borrow_environment_entry_value_by_name_const(env, name);

	if (!value || !bt_value_is_signed_integer(value))
		return false;
	*number = bt_value_integer_signed_get(value);
	return true;
}

/* ---- traces and streams ----------------------------------------------------------------- */

/* Which of the given paths `dir` lies below; sets it to what the user would call it. */
static unsigned find_path(const struct messages *m, char **dir)
{
	unsigned i = 0;

	for (; m->paths && m->paths[i]; i++) {
		g_autofree char *whole = g_canonicalize_filename(m->paths[i], NULL);
		size_t length = strlen(whole);
		char *given;

		if (strncmp(*dir, whole, length) != 0 || ((*dir)[length] && (*dir)[length] != '/'))
			continue;
		given = g_strdup((*dir)[length] ? *dir + length + 1 : "");
		g_free(*dir);
		*dir = *given ? g_build_filename(m->paths[i], given, NULL) : g_strdup(m->paths[i]);
		g_free(given);
		break;
	}
	return i;
}

/* Streams that were read from files are named after them. */
static char *place_of(const bt_stream *stream, const bt_trace *trace)
{
	const char *file = bt_stream_get_name(stream), *name = bt_trace_get_name(trace);

	if (file && strchr(file, '/'))
		return g_path_get_dirname(file);
	return g_strdup(name ? name : "a trace without a name");
}

static struct message_trace *add_trace(struct messages *m, const bt_stream *stream)
{
	const bt_trace *trace = bt_stream_borrow_trace_const(stream);
	const struct facts facts = { .text = env_text, .number = env_number, .env = trace };
	struct message_trace *t;

	for (guint i = 0; i < m->traces->len; i++) {
		t = g_ptr_array_index(m->traces, i);
		if (t->trace == trace)
			return t;
	}
	t = g_new0(struct message_trace, 1);
	bt_trace_get_ref(trace);
	t->trace = trace;
	t->is_kernel = facts_are_kernel(&facts);
	t->dir = place_of(stream, trace);
	t->path = find_path(m, &t->dir);
	g_ptr_array_add(m->traces, t);
	return t;
}

static bool check_clock(const struct messages *m, const struct message_trace *t,
			const bt_stream *stream, const bt_clock_class *clock, GError **error)
{
	const char *name = bt_stream_get_name(stream);

	if (!t->is_kernel)
		return true;
	if (!clock)
		g_set_error(error, FB_ERROR, FB_ERROR_UNSUPPORTED,
			    "%s: stream %s has no clock, and flightbox needs the times of events",
			    t->dir, name ? name : "without a name");
	else if (m->needs_epoch && !bt_clock_class_origin_is_unix_epoch(clock))
		g_set_error(error, FB_ERROR, FB_ERROR_UNSUPPORTED,
			    "%s: clock %s does not count from the Unix epoch, and the report is to "
			    "have such times",
			    t->dir,
			    bt_clock_class_get_name(clock) ? bt_clock_class_get_name(clock)
							   : "without a name");
	else
		return true;
	return false;
}

static bool may_follow(const struct messages *m, const struct message_trace *t, GError **error);

struct message_stream *messages_add_stream(struct messages *m, const bt_stream *stream,
					   GError **error)
{
	const bt_stream_class *class = bt_stream_borrow_class_const(stream);
	const bt_clock_class *clock = bt_stream_class_borrow_default_clock_class_const(class);
	struct message_stream *s = g_hash_table_lookup(m->streams, stream);
	struct message_trace *t;

	if (s)
		return s;
	t = add_trace(m, stream);
	if (!check_clock(m, t, stream, clock, error))
		return NULL;
	if (!t->clock && clock) {
		t->clock = clock;
		t->boot = clock_uid(clock);
	}
	if (m->is_described && !may_follow(m, t, error))
		return NULL;
	s = g_new0(struct message_stream, 1);
	bt_stream_get_ref(stream);
	s->stream = stream;
	s->trace = t;
	s->frequency = clock ? bt_clock_class_get_frequency(clock) : 0;
	s->last = s->packet_begin = s->packet_end = s->lost_until = FB_NS_NONE;
	s->cpu = -1;
	s->cpu_member = find_member(bt_stream_class_borrow_packet_context_field_class_const(class),
				    "cpu_id", NULL);
	g_hash_table_insert(m->streams, (gpointer)stream, s);
	return s;
}

/* ---- event classes ---------------------------------------------------------------------- */

struct event_class *messages_add_class(struct messages *m, const bt_event_class *class)
{
	struct event_class *c = g_hash_table_lookup(m->by_class, class);
	const uint64_t none = 0;

	/* fb_event.class has 16 bits; what is beyond is no event that a tracer knows. */
	if (c || m->classes->len > UINT16_MAX)
		return c;
	c = event_class_new(class, m->classes->len);
	g_ptr_array_add(m->classes, c);
	g_array_append_val(m->counts, none);
	g_hash_table_insert(m->by_class, (gpointer) class, c);
	if (m->is_described)
		m->source.info.kinds |= FB_KIND_BIT(c->bound.template.kind) & FB_KINDS_ALL;
	return c;
}

static void add_classes(struct messages *m, const bt_trace *trace)
{
	const bt_trace_class *class = bt_trace_borrow_class_const(trace);
	uint64_t n_streams = bt_trace_class_get_stream_class_count(class);

	for (uint64_t i = 0; i < n_streams; i++) {
		const bt_stream_class *sc =
			bt_trace_class_borrow_stream_class_by_index_const(class, i);
		uint64_t n = bt_stream_class_get_event_class_count(sc);

		for (uint64_t k = 0; k < n; k++)
			messages_add_class(m, bt_stream_class_borrow_event_class_by_index_const(sc,
												k));
	}
}

static struct class_facts *state_classes(const struct messages *m)
{
	struct class_facts *facts = g_new0(struct class_facts, m->classes->len);

	for (guint i = 0; i < m->classes->len; i++) {
		const struct event_class *c = g_ptr_array_index(m->classes, i);

		facts[i] = (struct class_facts){ c->name, &c->bound };
	}
	return facts;
}

void messages_end(struct messages *m)
{
	g_autofree struct class_facts *facts = state_classes(m);

	if (m->counts_wanted)
		info_set_counts(&m->source.info, facts, m->classes->len,
				(const uint64_t *)m->counts->data);
}

/* ---- the whole -------------------------------------------------------------------------- */

static struct birthplace birthplace_of(const struct message_trace *t)
{
	const struct facts facts = { .text = env_text, .number = env_number, .env = t->trace };

	return (struct birthplace){ t->dir, facts_host(&facts), t->boot };
}

/* The first kernel's trace; NULL when there is none. */
static struct message_trace *first_kernel(const struct messages *m)
{
	for (guint i = 0; i < m->traces->len; i++) {
		struct message_trace *t = g_ptr_array_index(m->traces, i);

		if (t->is_kernel)
			return t;
	}
	return NULL;
}

static bool may_follow(const struct messages *m, const struct message_trace *t, GError **error)
{
	const struct birthplace first = birthplace_of(first_kernel(m)), other = birthplace_of(t);

	return !t->is_kernel || birthplace_check(&first, &other, error);
}

static int compare_traces(const void *a_, const void *b_)
{
	const struct message_trace *a = *(struct message_trace *const *)a_;
	const struct message_trace *b = *(struct message_trace *const *)b_;

	if (a->path != b->path)
		return a->path < b->path ? -1 : 1;
	return strverscmp(a->dir, b->dir);
}

static void describe_clock(const struct message_trace *t, struct clock_facts *clock)
{
	uint64_t ticks;

	clock->name = bt_clock_class_get_name(t->clock);
	clock->uuid = t->boot;
	clock->frequency = bt_clock_class_get_frequency(t->clock);
	bt_clock_class_get_offset(t->clock, &clock->seconds, &ticks);
	clock->ticks = ticks;
}

static void describe(struct messages *m, const struct message_trace *t)
{
	g_autofree struct class_facts *classes = state_classes(m);
	struct clock_facts clock = { 0 };
	const struct facts facts = {
		.text = env_text,
		.number = env_number,
		.env = t->trace,
		.clock = &clock,
		.classes = classes,
		.n_classes = m->classes->len,
	};

	describe_clock(t, &clock);
	info_state(&m->source.info, &facts);
	calls_init(&m->calls, m->source.info.abi, false);
	calls_init(&m->compat, m->source.info.abi, true);
	messages_find_late(m);
}

const char *messages_name(const struct messages *m)
{
	const struct message_trace *t = first_kernel(m);

	if (m->paths)
		return m->paths[0];
	if (!t && m->traces->len)
		t = g_ptr_array_index(m->traces, 0);
	return t ? t->dir : "the messages";
}

static bool no_kernel(const struct messages *m, GError **error)
{
	const struct message_trace *t = m->traces->len ? g_ptr_array_index(m->traces, 0) : NULL;
	const char *domain = t ? env_text(t->trace, "domain") : NULL;

	if (t)
		facts_refuse(error, messages_name(m), domain);
	else
		g_set_error(error, FB_ERROR, FB_ERROR_NOT_FOUND, "%s: no events of a kernel came",
			    messages_name(m));
	return false;
}

bool messages_describe(struct messages *m, GError **error)
{
	struct message_trace *first;

	if (m->is_described)
		return true;
	g_ptr_array_sort(m->traces, compare_traces);
	first = first_kernel(m);
	if (!first)
		return no_kernel(m, error);
	for (guint i = 0; i < m->traces->len; i++) {
		struct message_trace *t = g_ptr_array_index(m->traces, i);

		if (!may_follow(m, t, error))
			return false;
		if (t->is_kernel)
			add_classes(m, t->trace);
	}
	describe(m, first);
	m->is_described = true;
	return true;
}
