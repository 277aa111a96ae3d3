/* SPDX-License-Identifier: MIT */
/* scenario.c - see scenario.h. */
#include "scenario.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include <flightbox/analysis.h>
#include <flightbox/blocking.h>

#include "source/binder.h"

/* Fields that only fb_source_field() tells: those of the kind, and then the extras. */
enum { EXTRAS_BEGIN = FB_FIELDS_MAX, COLD_FIELDS = EXTRAS_BEGIN + FB_EXTRA_END - FB_EXTRA_CONTEXT_TID };

static const struct {
	const char *name;
	enum fb_extra extra;
} extras[] = {
	{ "context_tid", FB_EXTRA_CONTEXT_TID },
	{ "context_pid", FB_EXTRA_CONTEXT_PID },
	{ "common_flags", FB_EXTRA_COMMON_FLAGS },
	{ "context_vtid", FB_EXTRA_CONTEXT_VTID },
	{ "context_vpid", FB_EXTRA_CONTEXT_VPID },
	{ "context_procname", FB_EXTRA_CONTEXT_PROCNAME },
	{ "fd_out", FB_EXTRA_FD_OUT },
	{ "sport", FB_EXTRA_PEER_PORT },
	{ "cmd", FB_EXTRA_COMMAND },
};

static unsigned cold_of(int extra)
{
	return EXTRAS_BEGIN + extra - FB_EXTRA_CONTEXT_TID;
}

struct text_source {
	struct fb_source source;
	struct {
		bool is_set;
		struct fb_value value;
	} cold[COLD_FIELDS];    /* of the current event */
	GString *strings;       /* the texts of the current event */
	char *release, *version;
};

/* ---- text -> event ------------------------------------------------------------------------ */

static uint16_t add_text(struct text_source *s, const char *text)
{
	uint16_t offset = s->strings->len;

	g_string_append_len(s->strings, text, strlen(text) + 1);
	return offset;
}

static int64_t parse_number(const char *name, const char *value)
{
	char *end;
	int64_t number = value[0] == '-' ? strtoll(value, &end, 0) :
					   (int64_t)strtoull(value, &end, 0);

	if (*end || end == value)
		fail_msg("scenario: %s=%s: expected a number", name, value);
	return number;
}

static void set_cold(struct text_source *s, unsigned field, const struct fb_value *value)
{
	s->cold[field].is_set = true;
	s->cold[field].value = *value;
}

static void set_address(struct text_source *s, unsigned field, const char *text)
{
	struct fb_value value = { .address_bytes = strchr(text, ':') ? 16 : 4 };

	if (inet_pton(value.address_bytes == 4 ? AF_INET : AF_INET6, text, value.address) != 1)
		fail_msg("scenario: %s: expected an address", text);
	set_cold(s, field, &value);
}

static void set_field(struct text_source *s, struct fb_event *ev, unsigned index,
		      const char *value)
{
	const struct fb_field *f = &fb_kinds[ev->kind].fields[index];
	int64_t number;

	if (f->type == FB_FIELD_ADDRESS) {
		set_address(s, index, value);
		return;
	}
	if (f->type == FB_FIELD_TEXT) {
		uint16_t offset = add_text(s, value);

		if (f->size)
			memcpy((char *)ev + f->offset, &offset, sizeof(offset));
		return;
	}
	number = parse_number(f->name, value);
	set_cold(s, index, &(struct fb_value){ .number = number });
	/* Little-endian hosts only, as the rest of the tests' byte order does not matter here. */
	if (f->size)
		memcpy((char *)ev + f->offset, &number, f->size);
}

static void set_extra(struct text_source *s, enum fb_extra extra, const char *name, const char *text)
{
	struct fb_value value = { 0 };

	if (extra == FB_EXTRA_CONTEXT_PROCNAME) {
		value.is_text = true;
		value.length = strlen(text);
		value.text = g_intern_string(text);
	} else {
		value.number = parse_number(name, text);
	}
	set_cold(s, cold_of(extra), &value);
}

static void set_by_name(struct text_source *s, struct fb_event *ev, const char *line,
			const char *word)
{
	const char *equals = strchr(word, '=');
	g_autofree char *name = NULL;

	if (!equals)
		fail_msg("scenario: '%s' in '%s': expected field=value", word, line);
	name = g_strndup(word, equals - word);
	for (unsigned i = 0; fb_kinds[ev->kind].fields[i].name; i++)
		if (!strcmp(fb_kinds[ev->kind].fields[i].name, name)) {
			set_field(s, ev, i, equals + 1);
			return;
		}
	for (size_t i = 0; i < G_N_ELEMENTS(extras); i++)
		if (!strcmp(extras[i].name, name)) {
			set_extra(s, extras[i].extra, name, equals + 1);
			return;
		}
	fail_msg("scenario: no field '%s' in '%s'", name, line);
}

static void set_lost(struct fb_event *ev, const char *word)
{
	if (g_str_has_prefix(word, "until="))
		ev->lost.until = g_ascii_strtoll(word + 6, NULL, 10);
	else if (g_str_has_prefix(word, "count="))
		ev->lost.count = g_ascii_strtoll(word + 6, NULL, 10);
	else if (!strcmp(word, "edge=begin"))
		ev->flags |= FB_LOST_EARLIER;
	else if (!strcmp(word, "edge=end"))
		ev->flags |= FB_LOST_LATER;
}

static void parse_event(struct text_source *s, const char *line, struct fb_event *ev)
{
	struct fb_meaning m = { .kind = FB_EV_NONE };
	g_auto(GStrv) words = NULL;
	GError *error = NULL;

	if (!g_shell_parse_argv(line, NULL, &words, &error) || g_strv_length(words) < 3)
		fail_msg("scenario: '%s': expected TIME CPU NAME [field=value …]", line);
	g_string_truncate(s->strings, 0);
	memset(s->cold, 0, sizeof(s->cold));
	if (!strcmp(words[2], "lost"))
		m.kind = FB_EV_LOST;
	else if (!fb_vocabulary_find(words[2], &m))
		fail_msg("scenario: '%s': no such event", words[2]);
	template_init(ev, &m, 0);
	ev->time = g_ascii_strtoll(words[0], NULL, 10);
	ev->cpu = g_ascii_strtoll(words[1], NULL, 10);
	for (int i = 3; words[i]; i++)
		if (ev->kind == FB_EV_LOST)
			set_lost(ev, words[i]);
		else
			set_by_name(s, ev, line, words[i]);
	if (ev->kind == FB_EV_SYS_ENTER && !ev->sys_enter.call)
		ev->sys_enter.call = fb_syscall_by_number(FB_ABI_X86_64, ev->sys_enter.nr);
	ev->ref = (const uint8_t *)s->strings->str;
}

static bool cold_field(struct fb_source *source, const struct fb_event *ev, int field,
		       struct fb_value *value)
{
	const struct text_source *s = (const struct text_source *)source;

	(void)ev;
	if (field >= FB_EXTRA_CONTEXT_TID && field < FB_EXTRA_END)
		field = cold_of(field);
	if (field < 0 || field >= COLD_FIELDS || !s->cold[field].is_set)
		return false;
	*value = s->cold[field].value;
	return true;
}

static const struct fb_source_ops text_ops = { .name = "text", .field = cold_field };

/* ---- the recording's environment ---------------------------------------------------------- */

static void leave_out(struct text_source *s, const char *names)
{
	g_auto(GStrv) list = g_strsplit(names, ",", -1);

	for (char **name = list; *name; name++) {
		struct fb_meaning m;

		if (!strcmp(*name, "syscalls"))
			s->source.info.kinds &= ~(FB_KIND_BIT(FB_EV_SYS_ENTER) |
						  FB_KIND_BIT(FB_EV_SYS_EXIT));
		else if (!strcmp(*name, "vectors"))
			s->source.info.kinds &= ~(FB_KIND_BIT(FB_EV_VEC_ENTER) |
						  FB_KIND_BIT(FB_EV_VEC_EXIT));
		else if (fb_vocabulary_find(*name, &m))
			s->source.info.kinds &= ~FB_KIND_BIT(m.kind);
		else
			fail_msg("scenario: without=%s: no such event", *name);
	}
}

static void parse_env(struct text_source *s, const char *line)
{
	g_auto(GStrv) words = NULL;

	if (!g_shell_parse_argv(line, NULL, &words, NULL))
		fail_msg("scenario: '%s': bad quotes", line);
	for (char **word = words + 1; *word; word++) {
		char *value = strchr(*word, '=') + 1;

		if (g_str_has_prefix(*word, "kernel="))
			s->source.info.kernel_release = s->release = g_strdup(value);
		else if (g_str_has_prefix(*word, "version="))
			s->source.info.kernel_version = s->version = g_strdup(value);
		else if (g_str_has_prefix(*word, "tracer="))
			sscanf(value, "%d.%d.%d", &s->source.info.tracer_major,
			       &s->source.info.tracer_minor, &s->source.info.tracer_patch);
		else if (!strcmp(*word, "with=common_flags"))
			s->source.info.fields |= FB_HAS_COMMON_FLAGS | FB_HAS_CONTEXT_TID;
		else if (!strcmp(*word, "with=contexts"))
			s->source.info.fields |= FB_HAS_CONTEXT_TID | FB_HAS_CONTEXT_PID |
						 FB_HAS_CONTEXT_VTID | FB_HAS_CONTEXT_VPID |
						 FB_HAS_CONTEXT_PROCNAME;
		else if (g_str_has_prefix(*word, "without="))
			leave_out(s, value);
		else
			fail_msg("scenario: env %s: unknown key", *word);
	}
}

/* ---- wait -> text ------------------------------------------------------------------------- */

static void put_time(GString *out, fb_ns time)
{
	if (time == FB_NS_NONE)
		g_string_append_c(out, '?');
	else
		g_string_append_printf(out, "%" G_GINT64_FORMAT, time);
}

static void put_origin(GString *out, const struct fb_origin *o)
{
	if (o->kind == FB_ORIGIN_NONE)
		return;
	g_string_append_printf(out, " from %s", fb_origin_kind_name(o->kind));
	if (o->id >= 0)
		g_string_append_printf(out, " %d", o->id);
	if (o->function)
		g_string_append_printf(out, " 0x%" G_GINT64_MODIFIER "x", o->function);
	if (o->task)
		g_string_append_printf(out, " %d in %s", o->task->tid, o->syscall ? o->syscall : "-");
}

static void put_cause(GString *out, const struct fb_cause *c)
{
	g_string_append(out, fb_cause_kind_name(c->kind));
	if (c->id >= 0)
		g_string_append_printf(out, " %d", c->id);
	if (c->name)
		g_string_append_printf(out, " %s", c->name);
	if (c->is_inline)
		g_string_append(out, " inline");
	if (c->task)
		g_string_append_printf(out, " by %d in %s", c->task->tid,
				       c->syscall ? c->syscall : "-");
	if (c->via)
		g_string_append_printf(out, " via %s %d", fb_via_name(c->via), c->via_id);
	if (c->function)
		g_string_append_printf(out, " %s0x%" G_GINT64_MODIFIER "x",
				       c->kind == FB_CAUSE_TASK ? "work " : "", c->function);
	put_origin(out, &c->origin);
	if (c->early)
		g_string_append(out, " early");
}

static void put_wait(const struct fb_blocking *b, void *data)
{
	GString *out = data;

	g_string_append_printf(out, "%d %s ", b->task->tid, b->syscall ? b->syscall : "-");
	put_time(out, b->begin);
	g_string_append(out, "..");
	put_time(out, b->wake);
	g_string_append(out, "..");
	put_time(out, b->end);
	g_string_append_printf(out, " %c ", b->state ? b->state : '?');
	put_cause(out, &b->cause);
	if (b->quality != FB_QUALITY_EXACT)
		g_string_append_printf(out, " %s", fb_quality_name(b->quality));
	for (uint32_t one = 1; one < FB_DOUBT_ALL; one <<= 1)
		if (b->doubt & one)
			g_string_append_printf(out, " ?%s", fb_doubt_name(one));
	g_string_append_c(out, '\n');
}

/* ---- the play ----------------------------------------------------------------------------- */

static struct text_source text_source(void)
{
	return (struct text_source){
		.source.ops = &text_ops,
		.source.info = { .kernel_release = "6.1.0", .tracer_name = "lttng-modules",
				 .tracer_major = 2, .tracer_minor = 13, .tracer_patch = 9,
				 .abi = FB_ABI_X86_64, .kinds = FB_KINDS_ALL,
				 .whole_until = FB_NS_NONE },
		.strings = g_string_new(NULL),
	};
}

static void text_source_clear(struct text_source *s)
{
	g_string_free(s->strings, TRUE);
	g_free(s->release);
	g_free(s->version);
}

/* Takes lines that are none of an event. */
static bool take_line(struct text_source *s, char *line)
{
	g_strchug(line);
	if (!*line || *line == '#')
		return true;
	if (!g_str_has_prefix(line, "env "))
		return false;
	parse_env(s, line);
	return true;
}

void scenario_each(const char *events, const struct fb_kernel_options *options,
		   fb_blocking_func on_wait, scenario_func on_event, void *data)
{
	struct text_source s = text_source();
	g_auto(GStrv) lines = g_strsplit(events, "\n", -1);
	struct fb_kernel *k = NULL;

	for (char **line = lines; *line; line++) {
		struct fb_event ev;

		if (take_line(&s, *line))
			continue;
		if (!k)
			k = fb_kernel_new(&s.source, options, on_wait, data);
		if (g_str_has_prefix(*line, "gap ")) {
			fb_kernel_gap(k, g_ascii_strtoll(*line + 4, NULL, 10));
			if (on_event)
				on_event(&s.source, NULL, k, data);
			continue;
		}
		parse_event(&s, *line, &ev);
		fb_kernel_event(k, &ev);
		if (on_event)
			on_event(&s.source, &ev, k, data);
	}
	if (k)
		fb_kernel_finish(k);
	fb_kernel_free(k);
	text_source_clear(&s);
}

uint64_t scenario_kinds(const char *events)
{
	struct text_source s = text_source();
	g_auto(GStrv) lines = g_strsplit(events, "\n", -1);
	uint64_t kinds;

	for (char **line = lines; *line; line++)
		take_line(&s, *line);
	kinds = s.source.info.kinds;
	text_source_clear(&s);
	return kinds;
}

char *scenario_play(const char *events, const struct fb_kernel_options *options)
{
	GString *out = g_string_new(NULL);

	scenario_each(events, options, put_wait, NULL, out);
	return g_string_free(out, FALSE);
}

/* ---- a run -------------------------------------------------------------------------------- */

/* Hands out events of a text, a few at a time. */
struct batch_source {
	struct text_source text;
	GArray *events;
	GPtrArray *bytes;
	guint next;
	const struct scenario_reader *reader;
	fb_ns wanted; /* from here on */
};

/* The event's bytes: the fields that are decoded on demand, and behind them what `ref` points to. */
static const uint8_t *keep_bytes(struct batch_source *s)
{
	size_t length = s->text.strings->len + 1;
	char *bytes = g_malloc(sizeof(s->text.cold) + length);

	memcpy(bytes, s->text.cold, sizeof(s->text.cold));
	memcpy(bytes + sizeof(s->text.cold), s->text.strings->str, length);
	g_ptr_array_add(s->bytes, bytes);
	return (const uint8_t *)bytes + sizeof(s->text.cold);
}

static bool batch_field(struct fb_source *source, const struct fb_event *ev, int field,
			struct fb_value *value)
{
	struct text_source *s = &((struct batch_source *)source)->text;

	memcpy(s->cold, ev->ref - sizeof(s->cold), sizeof(s->cold));
	return cold_field(source, ev, field, value);
}

static void batch_source_fill(struct batch_source *s, const char *events)
{
	g_auto(GStrv) lines = g_strsplit(events, "\n", -1);

	for (char **line = lines; *line; line++) {
		struct fb_event ev;

		if (take_line(&s->text, *line))
			continue;
		parse_event(&s->text, *line, &ev);
		ev.ref = keep_bytes(s);
		g_array_append_val(s->events, ev);
	}
}

static bool is_wanted(const struct batch_source *s, guint i)
{
	const struct fb_event *ev = &g_array_index(s->events, struct fb_event, i);

	return (ev->kind == FB_EV_LOST ? ev->lost.until : ev->time) >= s->wanted;
}

static bool batch_next(struct fb_source *source, struct fb_batch *batch, GError **error)
{
	struct batch_source *s = (struct batch_source *)source;
	guint begin;

	(void)error;
	for (; s->next < s->events->len && !is_wanted(s, s->next); s->next++)
		if (s->reader->skipped)
			++*s->reader->skipped;
	begin = s->next;
	while (s->next < s->events->len && s->next - begin < s->reader->batch &&
	       is_wanted(s, s->next))
		s->next++;
	batch->events = &g_array_index(s->events, struct fb_event, begin);
	batch->n = s->next - begin;
	return true;
}

static void batch_skip(struct fb_source *source, fb_ns until)
{
	((struct batch_source *)source)->wanted = until;
}

static void put_part(GString *out, const struct fb_part *part)
{
	if (fb_part_is_all(part))
		return;
	g_string_append(out, "read ");
	put_time(out, part->begin);
	g_string_append(out, "..");
	put_time(out, part->end);
	for (guint i = 0; i < part->losses->len; i++) {
		const struct fb_cpu_loss *loss = &g_array_index(part->losses, struct fb_cpu_loss, i);

		g_string_append_printf(out, " cpu %d lost %d", loss->cpu, (int)loss->events);
	}
	g_string_append_c(out, '\n');
}

static void batch_source_open(struct batch_source *s, const char *events,
			      const struct scenario_reader *reader)
{
	static const struct fb_source_ops plain = { .next = batch_next, .field = batch_field };
	static const struct fb_source_ops skips = { .next = batch_next, .field = batch_field,
						    .skip = batch_skip };

	*s = (struct batch_source){
		.text = text_source(), .wanted = INT64_MIN, .reader = reader,
		.events = g_array_new(FALSE, FALSE, sizeof(struct fb_event)),
		.bytes = g_ptr_array_new_with_free_func(g_free),
	};
	s->text.source.ops = reader->skips ? &skips : &plain;
	batch_source_fill(s, events);
}

static void batch_source_close(struct batch_source *s)
{
	g_ptr_array_unref(s->bytes);
	g_array_unref(s->events);
	text_source_clear(&s->text);
}

static void on_wait(void *self, const struct fb_blocking *b)
{
	put_wait(b, self);
}

char *scenario_run(const char *events, const struct fb_run_options *options,
		   const struct scenario_reader *reader)
{
	struct batch_source s;
	struct fb_outcome outcome;
	GString *out = g_string_new(NULL);
	const struct fb_consumer waits = { .self = out, .blocking = on_wait, .edges = true };

	batch_source_open(&s, events, reader);
	assert_true(fb_run(&s.text.source, options, &waits, 1, &outcome, NULL));
	put_part(out, &outcome.part);
	fb_outcome_clear(&outcome);
	batch_source_close(&s);
	return g_string_free(out, FALSE);
}

/* ---- a report ----------------------------------------------------------------------------- */

static void set_option(const struct fb_analysis *analysis, void *self, const char *given)
{
	g_auto(GStrv) parts = g_strsplit(given, "=", 2);
	GError *error = NULL;

	for (const struct fb_option *o = analysis->options; o->name; o++)
		if (!strcmp(o->name, parts[0])) {
			if (!fb_option_set(o, self, parts[1], &error))
				fail_msg("%s: %s", given, error->message);
			return;
		}
	fail_msg("%s: no such option", given);
}

static const struct fb_analysis *analysis_find(const char *command)
{
	const struct fb_analysis *analysis = fb_analysis_find(command);

	if (!analysis)
		fail_msg("'%s': no such command", command);
	return analysis;
}

static char *read_all(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = g_malloc0(size + 1);

	assert_int_equal(pread(fd, text, size, 0), size);
	close(fd);
	return text;
}

char *scenario_report(const char *events, const char *command, const char *format,
		      char *const *given, const struct fb_filter *filter)
{
	const struct fb_analysis *analysis = analysis_find(command);
	const struct scenario_reader reader = { .batch = 4 };
	const struct fb_report_options to = { .format = format, .fd = memfd_create("report", 0),
					      .plain = true };
	struct fb_run_options options = { .filter = *filter, .lead = 1000 };
	void *self = fb_analysis_new(analysis);
	struct fb_consumer consumer;
	struct fb_outcome outcome;
	struct fb_report *report;
	struct batch_source s;

	batch_source_open(&s, events, &reader);
	report = fb_report_new(&to, &s.text.source.info);
	for (; *given; given++)
		set_option(analysis, self, *given);
	options.kernel.edges = analysis->lists_edges && analysis->lists_edges(self);
	if (analysis->select)
		assert_true(analysis->select(self, &options.filter, NULL));
	fb_analysis_begin(analysis, self, report);
	consumer = fb_analysis_consumer(analysis, self);
	consumer.report = report;
	assert_true(fb_run(&s.text.source, &options, &consumer, 1, &outcome, NULL));
	fb_analysis_report(analysis, self, report);
	fb_report_finish(report, NULL, true, NULL);
	fb_analysis_free(analysis, self);
	fb_report_free(report);
	fb_outcome_clear(&outcome);
	batch_source_close(&s);
	return read_all(to.fd);
}
