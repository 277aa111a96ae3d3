/* SPDX-License-Identifier: MIT */
/*
 * test_differential.c - the native reader reads of each recorded trace exactly what
 * babeltrace2 prints of it: the same number of each event, and for each event that
 * flightbox models the same time, CPU, meaning and fields.
 *
 * Events of one time on two CPUs may come in either order, so each CPU is compared by itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <flightbox/event.h>
#include <flightbox/source.h>

#include "bt2_text.h"
#include "traces.h"

#define CPUS_MAX 64

struct loss {
	uint64_t events, packets;
};

/* What babeltrace2 prints of a trace. */
struct printed {
	uint64_t n;                   /* events, modelled or not */
	uint64_t headers;             /* modelled events with an IP header */
	GHashTable *names;            /* event name -> how many */
	GPtrArray *lines[CPUS_MAX];   /* of modelled events */
	struct loss lost[CPUS_MAX];
};

/* ---- babeltrace2's side ------------------------------------------------------------------- */

/* What flightbox means to model, by the names that lttng-modules 2.13 writes. */
static bool is_modelled(const char *name)
{
	if (g_str_has_prefix(name, "x86_irq_vectors_") || g_str_has_prefix(name, "syscall_e") ||
	    g_str_has_prefix(name, "compat_syscall_e"))
		return true;
	for (int kind = FB_EV_NONE + 1; kind < FB_EV_LOST; kind++)
		if (!strcmp(name, fb_kinds[kind].name))
			return true;
	return false;
}

static void add_line(struct printed *all, const char *line)
{
	struct bt2_event ev;
	gpointer count;

	if (!bt2_event_parse(line, &ev))
		fail_msg("cannot understand babeltrace2's line: %s", line);
	if (ev.cpu < 0 || ev.cpu >= CPUS_MAX)
		fail_msg("CPU %d: %s", ev.cpu, line);
	all->n++;
	count = g_hash_table_lookup(all->names, ev.name);
	g_hash_table_insert(all->names, g_strdup(ev.name), GSIZE_TO_POINTER((gsize)count + 1));
	if (!is_modelled(ev.name))
		return;
	if (!all->lines[ev.cpu])
		all->lines[ev.cpu] = g_ptr_array_new_with_free_func(g_free);
	all->headers += strstr(line, "network_header = { { version = ") != NULL;
	g_ptr_array_add(all->lines[ev.cpu], g_strdup(line));
}

/* WARNING: Tracer discarded 40 events between […] … (stream class ID: 0, stream ID: 1). */
static void add_warning(struct printed *all, const char *line)
{
	const char *id = strstr(line, ", stream ID: ");
	unsigned long cpu, n;
	char unit;

	if (!id || sscanf(line, "WARNING: Tracer discarded %lu %c", &n, &unit) != 2 ||
	    sscanf(id, ", stream ID: %lu", &cpu) != 1 || cpu >= CPUS_MAX)
		fail_msg("cannot understand babeltrace2's message: %s", line);
	else if (unit == 'e')
		all->lost[cpu].events += n;
	else
		all->lost[cpu].packets += n;
}

static void each_line(FILE *from, struct printed *all, void (*add)(struct printed *, const char *))
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, from) > 0)
		add(all, line);
	free(line);
}

static void read_printed(const char *path, struct printed *all)
{
	g_autofree char *quoted = g_shell_quote(path);
	g_autofree char *messages = NULL, *command = NULL;
	FILE *out, *err;
	int fd = g_file_open_tmp("flightbox-XXXXXX", &messages, NULL);

	assert_true(fd >= 0);
	close(fd);
	command = g_strdup_printf("LC_ALL=C babeltrace2 --clock-cycles --color=never %s 2>%s",
				  quoted, messages);
	*all = (struct printed){ .names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
								NULL) };
	out = popen(command, "r");
	assert_non_null(out);
	each_line(out, all, add_line);
	err = fopen(messages, "r");
	if (pclose(out) == 0 && err)
		each_line(err, all, add_warning);
	else
		fail_msg("failed: %s (is it installed?)", command);
	fclose(err);
	unlink(messages);
}

static void printed_clear(struct printed *all)
{
	g_hash_table_unref(all->names);
	for (int cpu = 0; cpu < CPUS_MAX; cpu++)
		if (all->lines[cpu])
			g_ptr_array_unref(all->lines[cpu]);
}

/* ---- one event ---------------------------------------------------------------------------- */

struct comparison {
	struct problems problems;
	struct fb_source *source;
	const struct recorded *trace;
	const struct printed *printed;
	size_t compared[CPUS_MAX];    /* lines */
	struct loss lost[CPUS_MAX];   /* by events of kind LOST */
	uint64_t n_fields, n_contexts, n_addresses; /* compared */
	fb_ns time;
};

static void compare_number(struct comparison *c, const struct fb_event *ev,
			   const struct fb_field *f, const struct fb_value *value, int64_t expected,
			   const char *line)
{
	if (value->is_text || value->number != expected)
		problem(&c->problems, "%s: decoded as %" G_GINT64_FORMAT " in %s", f->name,
			value->is_text ? -1 : value->number, line);
	if (f->size && fb_event_number(ev, f) != expected)
		problem(&c->problems, "%s: %" G_GINT64_FORMAT " in the record of %s", f->name,
			fb_event_number(ev, f), line);
}

static void compare_text(struct comparison *c, const struct fb_event *ev, const struct fb_field *f,
			 const struct fb_value *value, const GString *expected, const char *line)
{
	if (!value->is_text || value->length != expected->len ||
	    memcmp(value->text, expected->str, expected->len))
		problem(&c->problems, "%s: decoded as '%.*s' in %s", f->name,
			value->is_text ? (int)value->length : 0, value->text, line);
	if (f->size) {
		uint16_t offset = *(const uint16_t *)((const char *)ev + f->offset);
		size_t length = 0;
		const char *text = offset == FB_NO_TEXT ? "" :
							  fb_event_text_at(ev, offset, &length);

		if (length != expected->len || memcmp(text, expected->str, length))
			problem(&c->problems, "%s: '%.*s' in the record of %s", f->name,
				(int)length, text, line);
	}
}

static void compare_address(struct comparison *c, const struct fb_field *f,
			    const struct fb_value *value, const struct bt2_field *theirs,
			    const char *line)
{
	uint8_t expected[16];
	size_t n = bt2_address(theirs, expected);

	if (!n || value->is_text || value->address_bytes != n ||
	    memcmp(value->address, expected, n))
		problem(&c->problems, "%s: another address than in %s", f->name, line);
	c->n_addresses++;
}

/* A field inside of others, under either of its names. */
static bool find_inner(const struct fb_field *f, const struct bt2_event *printed,
		       struct bt2_field *found)
{
	return bt2_find_within(&printed->fields, f->within, f->name, found) ||
	       (f->alias && bt2_find_within(&printed->fields, f->within, f->alias, found));
}

/*
 * The field as babeltrace2 has it. fd is what the call itself calls it (epfd, dfd); a
 * call that was recorded by number has it in args[0].
 */
static const struct bt2_field *printed_field(const struct fb_event *ev, const struct fb_field *f,
					     const struct bt2_event *printed,
					     struct bt2_field *inner)
{
	if (f->within)
		return find_inner(f, printed, inner) ? inner : NULL;
	if (ev->kind != FB_EV_SYS_ENTER || strcmp(f->name, "fd"))
		return bt2_find(&printed->fields, f->name);
	if (!fb_syscall_is(ev->sys_enter.call, FB_CALL_FD))
		return NULL;
	if (ev->flags & FB_BY_NUMBER)
		return bt2_find(&printed->fields, "args");
	return printed->fields.n ? &printed->fields.at[0] : NULL;
}

static int64_t absent(const struct fb_event *ev, const struct fb_field *f)
{
	if (ev->kind == FB_EV_SYS_ENTER)
		return -1;
	return !strcmp(f->name, "success");
}

static void compare_field(struct comparison *c, const struct fb_event *ev, int index,
			  const struct bt2_event *printed, const char *line)
{
	const struct fb_field *f = &fb_kinds[ev->kind].fields[index];
	struct bt2_field inner;
	const struct bt2_field *theirs = printed_field(ev, f, printed, &inner);
	struct fb_value value = { 0 };
	bool found = fb_source_field(c->source, ev, index, &value);
	int64_t number;

	c->n_fields++;
	if (!theirs) {
		if (found)
			problem(&c->problems, "%s: found a value in %s", f->name, line);
		if (f->size && f->type != FB_FIELD_TEXT && fb_event_number(ev, f) != absent(ev, f))
			problem(&c->problems, "%s: %" G_GINT64_FORMAT " in the record of %s",
				f->name, fb_event_number(ev, f), line);
	} else if (!found) {
		problem(&c->problems, "%s: no value in %s", f->name, line);
	} else if (f->type == FB_FIELD_TEXT) {
		GString *text = bt2_string(theirs);

		assert_non_null(text);
		compare_text(c, ev, f, &value, text, line);
		g_string_free(text, TRUE);
	} else if (f->type == FB_FIELD_ADDRESS) {
		compare_address(c, f, &value, theirs, line);
	} else {
		if (!bt2_number(theirs, &number))
			fail_msg("%s: no number in %s", f->name, line);
		compare_number(c, ev, f, &value, number, line);
	}
}

static void compare_extra(struct comparison *c, const struct fb_event *ev, int extra,
			  const struct bt2_fields *printed, const char *name, const char *line)
{
	const struct bt2_field *theirs = bt2_find(printed, name);
	struct fb_value value = { 0 };
	bool found = fb_source_field(c->source, ev, extra, &value);
	int64_t number;

	if (!theirs != !found)
		problem(&c->problems, "extra %s: %sfound in %s", name, found ? "" : "not ", line);
	else if (theirs &&
		 (!bt2_number(theirs, &number) || value.is_text || value.number != number))
		problem(&c->problems, "extra %s: decoded as %" G_GINT64_FORMAT " in %s", name,
			value.number, line);
	else if (theirs && extra <= FB_EXTRA_COMMON_FLAGS)
		c->n_contexts++;
}

/* The event's name, or for what was recorded by number that number and the name that it means. */
static void compare_name(struct comparison *c, const struct fb_event *ev,
			 const struct bt2_event *printed, const char *line)
{
	char name[128], unknown[128] = "";
	const struct bt2_field *id = bt2_find(&printed->fields, "id");
	int64_t number;

	fb_event_name(ev, name, sizeof(name));
	if (ev->flags & FB_BY_NUMBER) {
		const struct fb_syscall *called = ev->kind == FB_EV_SYS_ENTER ?
							  ev->sys_enter.call : ev->sys_exit.call;

		g_snprintf(unknown, sizeof(unknown), "%s%sunknown",
			   ev->flags & FB_COMPAT ? "compat_" : "", fb_kinds[ev->kind].name);
		if (!bt2_number(id, &number) || called != fb_syscall_by_number(FB_ABI_X86_64, number))
			problem(&c->problems, "named %s: %s", name, line);
	}
	if (strcmp(*unknown ? unknown : name, printed->name))
		problem(&c->problems, "read as %s: %s", name, line);
}

static void compare_event(struct comparison *c, const struct fb_event *ev)
{
	const GPtrArray *lines = ev->cpu < CPUS_MAX ? c->printed->lines[ev->cpu] : NULL;
	struct bt2_event printed;
	const char *line;
	char name[128];

	if (ev->time < c->time)
		problem(&c->problems, "time goes back from %" G_GINT64_FORMAT " to %"
			G_GINT64_FORMAT, c->time, ev->time);
	c->time = ev->time;
	if (ev->kind == FB_EV_LOST) {
		if (ev->flags & FB_LOST_PACKETS)
			c->lost[ev->cpu].packets += ev->lost.count;
		else
			c->lost[ev->cpu].events += ev->lost.count;
		return;
	}
	if (!lines || c->compared[ev->cpu] == lines->len) {
		problem(&c->problems, "too many: %" G_GINT64_FORMAT " cpu %d %s", ev->time, ev->cpu,
			fb_event_name(ev, name, sizeof(name)));
		return;
	}
	line = lines->pdata[c->compared[ev->cpu]++];
	assert_true(bt2_event_parse(line, &printed));
	compare_name(c, ev, &printed, line);
	if (ev->time != printed.time)
		problem(&c->problems, "at %" G_GINT64_FORMAT ": %s", ev->time, line);
	for (int i = 0; fb_kinds[ev->kind].fields[i].name; i++)
		compare_field(c, ev, i, &printed, line);
	compare_extra(c, ev, FB_EXTRA_CONTEXT_TID, &printed.context, "tid", line);
	compare_extra(c, ev, FB_EXTRA_CONTEXT_PID, &printed.context, "pid", line);
	compare_extra(c, ev, FB_EXTRA_COMMON_FLAGS, &printed.context, "common_flags", line);
	if (ev->kind == FB_EV_SYS_ENTER && ev->sys_enter.call == fb_syscall_get("splice"))
		compare_extra(c, ev, FB_EXTRA_FD_OUT, &printed.fields, "fd_out", line);
	if (ev->kind == FB_EV_SYS_ENTER && ev->sys_enter.call == fb_syscall_get("fcntl"))
		compare_extra(c, ev, FB_EXTRA_COMMAND, &printed.fields, "cmd", line);
	if (ev->kind == FB_EV_SYS_EXIT)
		compare_extra(c, ev, FB_EXTRA_PEER_PORT, &printed.fields, "sport", line);
}

/* ---- the whole trace ---------------------------------------------------------------------- */

static void compare_losses(struct comparison *c)
{
	const GArray *losses = c->source->info.losses;
	struct loss told[CPUS_MAX] = { 0 };

	for (guint i = 0; i < losses->len; i++) {
		const struct fb_cpu_loss *loss = &g_array_index(losses, struct fb_cpu_loss, i);

		told[loss->cpu] = (struct loss){ loss->events, loss->packets };
	}
	for (int cpu = 0; cpu < CPUS_MAX; cpu++) {
		const struct loss *theirs = &c->printed->lost[cpu];

		if (memcmp(theirs, &told[cpu], sizeof(*theirs)))
			problem(&c->problems, "CPU %d: lost %" G_GUINT64_FORMAT " events, %"
				G_GUINT64_FORMAT " packets; babeltrace2: %" G_GUINT64_FORMAT ", %"
				G_GUINT64_FORMAT, cpu, told[cpu].events, told[cpu].packets,
				theirs->events, theirs->packets);
		if (memcmp(theirs, &c->lost[cpu], sizeof(*theirs)))
			problem(&c->problems, "CPU %d: LOST events add up to %" G_GUINT64_FORMAT
				" events, %" G_GUINT64_FORMAT " packets", cpu, c->lost[cpu].events,
				c->lost[cpu].packets);
	}
}

static void compare_counts(struct comparison *c)
{
	const struct fb_source_info *info = &c->source->info;
	g_autoptr(GHashTable) ours = g_hash_table_new(g_str_hash, g_str_equal);
	GHashTableIter iter;
	gpointer name, count;

	if (info->events != c->printed->n)
		problem(&c->problems, "%" G_GUINT64_FORMAT " events, babeltrace2 prints %"
			G_GUINT64_FORMAT, info->events, c->printed->n);
	for (guint i = 0; i < info->classes->len; i++) {
		const struct fb_class_count *class =
			&g_array_index(info->classes, struct fb_class_count, i);
		gsize sum = GPOINTER_TO_SIZE(g_hash_table_lookup(ours, class->name));

		sum += class->count;
		g_hash_table_insert(ours, (char *)class->name, GSIZE_TO_POINTER(sum));
		if (class->count && (class->kind != FB_EV_NONE) != is_modelled(class->name))
			problem(&c->problems, "%s is %smodelled", class->name,
				class->kind ? "" : "not ");
		if (!g_hash_table_contains(c->printed->names, class->name) && class->count)
			problem(&c->problems, "babeltrace2 prints no %s", class->name);
	}
	g_hash_table_iter_init(&iter, c->printed->names);
	while (g_hash_table_iter_next(&iter, &name, &count))
		if (g_hash_table_lookup(ours, name) != count)
			problem(&c->problems, "%s: %zu times, babeltrace2 prints %zu", (char *)name,
				GPOINTER_TO_SIZE(g_hash_table_lookup(ours, name)),
				GPOINTER_TO_SIZE(count));
	for (int cpu = 0; cpu < CPUS_MAX; cpu++)
		if (c->printed->lines[cpu] && c->compared[cpu] < c->printed->lines[cpu]->len)
			problem(&c->problems, "CPU %d: %zu of %u events, the next is %s", cpu,
				c->compared[cpu], c->printed->lines[cpu]->len,
				(char *)c->printed->lines[cpu]->pdata[c->compared[cpu]]);
}

static void every_event_is_what_babeltrace2_prints(void **state)
{
	struct comparison c = { .trace = *state, .time = FB_NS_NONE };
	g_autofree char *path = NULL;
	GError *error = NULL;
	struct fb_batch batch;
	struct printed printed;
	uint64_t headers;

	recorded_needs_babeltrace2(c.trace);
	path = recorded_path(c.trace, c.trace->trace);
	read_printed(path, &printed);
	assert_true(printed.n > (c.trace->few ? 100 : 5000));
	c.printed = &printed;
	c.source = recorded_open(path, FB_KINDS_ALL, true);
	do {
		if (!fb_source_next(c.source, &batch, &error))
			fail_msg("%s", error->message);
		for (size_t i = 0; i < batch.n; i++)
			compare_event(&c, &batch.events[i]);
	} while (batch.n);
	compare_counts(&c);
	compare_losses(&c);
	if (c.source->info.problem_count || c.source->info.clock_steps)
		problem(&c.problems, "the reader had problems with it");
	fb_source_close(c.source);
	headers = printed.headers;
	printed_clear(&printed);
	assert_true(c.n_fields > (c.trace->few ? 300 : 10000));
	assert_int_equal(c.n_addresses, 2 * headers);
	assert_true(c.trace->contexts ? c.n_contexts > 10000 : c.n_contexts == 0);
	problems_finish(&c.problems);
}

int main(void)
{
	return recorded_run("every_event_is_what_babeltrace2_prints_of", recorded_any,
			    every_event_is_what_babeltrace2_prints);
}
