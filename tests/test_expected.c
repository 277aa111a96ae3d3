/* SPDX-License-Identifier: MIT */
/*
 * test_expected.c - the waits of each recorded trace are, one for one, those that a
 * reference written independently of flightbox found in it (expected.jsonl).
 *
 * Both sides become a line of text for each wait, so that a difference can be read:
 *
 *	TID BEGIN..WAKE..END STATE SYSCALL KIND [ID|NAME] [by TID] [early]
 *	504 1795178214968026873..… S pselect6 softirq 3
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <flightbox/blocking.h>
#include <flightbox/kernel.h>

#include "traces.h"

/* ---- expected.jsonl ----------------------------------------------------------------------- */

/* One row of flat JSON: key -> the value's text; null is left out. */
static void put_value(GHashTable *row, char *key, char *value)
{
	if (g_hash_table_contains(row, key))
		fail_msg("expected.jsonl: \"%s\" stands twice in a row", key);
	if (value)
		g_hash_table_insert(row, key, value);
	else
		g_free(key);
}

/* The value's text; NULL for null, and false for what is no flat value. */
static bool scan_value(GScanner *s, char **value)
{
	const char *word;
	bool negative = false;

	*value = NULL;
	if (g_scanner_peek_next_token(s) == '-') {
		g_scanner_get_next_token(s);
		negative = true;
	}
	switch ((int)g_scanner_get_next_token(s)) {
	case G_TOKEN_INT:
		*value = g_strdup_printf("%s%" G_GUINT64_FORMAT, negative ? "-" : "",
					 (guint64)s->value.v_int64);
		return true;
	case G_TOKEN_STRING:
		*value = g_strdup(s->value.v_string);
		return !negative;
	case G_TOKEN_IDENTIFIER:
		word = s->value.v_identifier;
		if (strcmp(word, "null"))
			*value = g_strdup(word);
		return !negative &&
		       (!*value || !strcmp(word, "true") || !strcmp(word, "false"));
	default:
		return false;
	}
}

static GHashTable *scan_row(GScanner *s, const char *line)
{
	GHashTable *row = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	int token = ',';

	g_scanner_input_text(s, line, strlen(line));
	if (g_scanner_get_next_token(s) != '{')
		goto bad;
	while (token == ',') {
		char *key, *value;

		if (g_scanner_get_next_token(s) != G_TOKEN_STRING)
			goto bad;
		key = g_strdup(s->value.v_string);
		if (g_scanner_get_next_token(s) != ':' || !scan_value(s, &value)) {
			g_free(key);
			goto bad;
		}
		put_value(row, key, value);
		token = g_scanner_get_next_token(s);
	}
	if (token == '}' && g_scanner_get_next_token(s) == G_TOKEN_EOF)
		return row;
bad:
	g_hash_table_unref(row);
	fail_msg("expected.jsonl: not a row of flat JSON: %s", line);
	return NULL;
}

static const char *text_of(GHashTable *row, const char *key, const char *otherwise)
{
	const char *value = g_hash_table_lookup(row, key);

	return value ? value : otherwise;
}

/* ---- a wait as text ----------------------------------------------------------------------- */

struct wait {
	int64_t tid, end; /* what tells waits apart: a task comes back once at a time */
	/* ksoftirqd was woken by the softirqs that it takes over, whoever runs. */
	bool any_task;
	char *text;
};

static const struct wait *wait_at(const GArray *waits, guint i)
{
	return &g_array_index(waits, struct wait, i);
}

static void wait_clear(void *data)
{
	g_free(((struct wait *)data)->text);
}

static int compare_waits(const void *a, const void *b)
{
	const struct wait *x = a, *y = b;

	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return (x->tid > y->tid) - (x->tid < y->tid);
}

/*
 * What tells causes of one kind apart: the number of a softirq or irq, the name of an
 * IPI, the waker's tid. Timers are told apart by when they expire.
 */
static void put_expected_cause(GString *to, GHashTable *row)
{
	const char *kind = text_of(row, "kind", "unknown");

	/* The reference's other vectors are the local timer's. */
	g_string_append(to, strcmp(kind, "vector") ? kind : "timer");
	if (!strcmp(kind, "softirq"))
		g_string_append_printf(to, " %s", text_of(row, "vec", "?"));
	else if (!strcmp(kind, "irq") || !strcmp(kind, "ipi"))
		g_string_append_printf(to, " %s", text_of(row, "irq", "-"));
	else if (!strcmp(kind, "hrtimer") || !strcmp(kind, "timer"))
		g_string_append_printf(to, " 0x%" G_GINT64_MODIFIER "x",
				       g_ascii_strtoull(text_of(row, "function", "0"), NULL, 10));
	else if (!strcmp(kind, "task"))
		g_string_append_printf(to, " by %s", text_of(row, "waker", "?"));
	if (!strcmp(text_of(row, "early", "false"), "true"))
		g_string_append(to, " early");
}

static void put_cause(GString *to, const struct fb_cause *cause)
{
	g_string_append(to, fb_cause_kind_name(cause->kind));
	switch (cause->kind) {
	case FB_CAUSE_SOFTIRQ:
	case FB_CAUSE_IRQ:
		g_string_append_printf(to, " %d", cause->id);
		break;
	case FB_CAUSE_IPI:
		g_string_append_printf(to, " %s", cause->name ? cause->name : "-");
		break;
	case FB_CAUSE_HRTIMER:
	case FB_CAUSE_TIMER:
		g_string_append_printf(to, " 0x%" G_GINT64_MODIFIER "x", cause->function);
		break;
	case FB_CAUSE_TASK:
		g_string_append_printf(to, " by %d", cause->task ? cause->task->tid : -1);
		break;
	default:
		break;
	}
	if (cause->early)
		g_string_append(to, " early");
}

static struct wait expected_wait(GHashTable *row)
{
	GString *text = g_string_new(NULL);
	struct wait wait = {
		.tid = strtoll(text_of(row, "tid", "-1"), NULL, 10),
		.end = strtoll(text_of(row, "run", "-1"), NULL, 10),
	};

	g_string_printf(text, "%s %s..%s..%s %s %s ", text_of(row, "tid", "?"),
			text_of(row, "start", "?"), text_of(row, "wake", "?"),
			text_of(row, "run", "?"), text_of(row, "state", "?"),
			text_of(row, "syscall", "-"));
	put_expected_cause(text, row);
	wait.text = g_string_free(text, FALSE);
	return wait;
}

static GArray *read_expected(const char *path)
{
	GArray *waits = g_array_new(FALSE, FALSE, sizeof(struct wait));
	GScannerConfig config;
	GScanner *scanner = g_scanner_new(NULL);
	g_autofree char *content = NULL;
	g_auto(GStrv) lines = NULL;
	GError *error = NULL;

	config = *scanner->config;
	config.scan_identifier_1char = TRUE;
	config.scan_float = FALSE;
	config.scan_octal = FALSE;
	config.scan_hex = FALSE;
	config.scan_string_sq = FALSE;
	config.store_int64 = TRUE;
	*scanner->config = config;
	g_array_set_clear_func(waits, wait_clear);
	if (!g_file_get_contents(path, &content, NULL, &error))
		fail_msg("%s", error->message);
	lines = g_strsplit(content, "\n", -1);
	for (char **line = lines; *line; line++) {
		GHashTable *row;
		struct wait wait;

		if (!**line)
			continue;
		row = scan_row(scanner, *line);
		wait = expected_wait(row);
		g_array_append_val(waits, wait);
		g_hash_table_unref(row);
	}
	g_scanner_destroy(scanner);
	return waits;
}

/* Whether two texts differ at most in the task behind "task by". */
static bool same_but_task(const char *a, const char *b)
{
	const char *by = strstr(a, " task by ");

	return by && !strncmp(a, b, by - a) && g_str_has_prefix(b + (by - a), " task by ");
}

/* ---- the model's -------------------------------------------------------------------------- */

struct collector {
	GArray *waits;
	fb_ns offset;
};

static void collect(const struct fb_blocking *b, void *data)
{
	struct collector *c = data;
	GString *text = g_string_new(NULL);
	struct wait wait = { .tid = b->task->tid, .end = b->end + c->offset,
			     .any_task = b->cause.via == FB_VIA_SOFTIRQ_OVERLOAD };

	g_string_printf(text, "%d %" G_GINT64_FORMAT "..", b->task->tid, b->begin + c->offset);
	if (b->wake == FB_NS_NONE)
		g_string_append_c(text, '?');
	else
		g_string_append_printf(text, "%" G_GINT64_FORMAT, b->wake + c->offset);
	g_string_append_printf(text, "..%" G_GINT64_FORMAT " %c %s ", b->end + c->offset,
			       b->state ? b->state : '?', b->syscall ? b->syscall : "-");
	put_cause(text, &b->cause);
	wait.text = g_string_free(text, FALSE);
	g_array_append_val(c->waits, wait);
}

/* Runs reader and model; the waits in the order in which they came. */
static GArray *read_waits(const char *path, struct problems *p)
{
	struct fb_source *source = recorded_open(path, fb_kernel_kinds(), false);
	struct collector c = { g_array_new(FALSE, FALSE, sizeof(struct wait)),
			       source->info.clock_offset };
	struct fb_kernel *k = fb_kernel_new(source, &(struct fb_kernel_options){ 0 }, collect, &c);
	bool has_wakings = source->info.kinds & FB_KIND_BIT(FB_EV_WAKING);
	const struct fb_kernel_counts *counts;
	GError *error = NULL;
	struct fb_batch batch;

	g_array_set_clear_func(c.waits, wait_clear);
	do {
		if (!fb_source_next(source, &batch, &error))
			fail_msg("%s", error->message);
		for (size_t i = 0; i < batch.n; i++)
			fb_kernel_event(k, &batch.events[i]);
	} while (batch.n);
	fb_kernel_finish(k);
	counts = fb_kernel_counts(k);
	if (counts->unknown_causes && has_wakings)
		problem(p, "%" G_GUINT64_FORMAT " waits of unknown cause", counts->unknown_causes);
	if (counts->broken_waits)
		problem(p, "%" G_GUINT64_FORMAT " broken waits", counts->broken_waits);
	fb_kernel_free(k);
	fb_source_close(source);
	return c.waits;
}

static void compare(struct problems *p, const GArray *expected, const GArray *got)
{
	guint i = 0, j = 0;

	while (i < expected->len || j < got->len) {
		const struct wait *e = i < expected->len ? wait_at(expected, i) : NULL;
		const struct wait *g = j < got->len ? wait_at(got, j) : NULL;
		int order = !e ? 1 : !g ? -1 : compare_waits(e, g);

		if (order < 0)
			problem(p, "missing:  %s", e->text);
		else if (order > 0)
			problem(p, "too many: %s", g->text);
		else if (strcmp(e->text, g->text) &&
			 !(g->any_task && same_but_task(e->text, g->text)))
			problem(p, "expected: %s\n     got: %s", e->text, g->text);
		i += order <= 0;
		j += order >= 0;
	}
}

static void assert_sorted(struct problems *p, const GArray *waits)
{
	for (guint i = 1; i < waits->len; i++) {
		const struct wait *w = wait_at(waits, i);

		if (w[-1].end > w->end)
			problem(p, "not in the order in which waits end: %s", w->text);
	}
}

static void the_waits_are_those_expected(void **state)
{
	const struct recorded *trace = *state;
	g_autofree char *path = recorded_path(trace, trace->trace);
	g_autofree char *expected_path = recorded_path(trace, trace->expected);
	struct problems p = { 0 };
	g_autoptr(GArray) expected = read_expected(expected_path);
	g_autoptr(GArray) got = read_waits(path, &p);

	assert_sorted(&p, got);
	g_array_sort(expected, compare_waits);
	g_array_sort(got, compare_waits);
	assert_true(expected->len > (trace->few ? 10 : 40));
	compare(&p, expected, got);
	problems_finish(&p);
}

static bool is_expected(const struct recorded *trace)
{
	return trace->expected && !trace->loses;
}

int main(void)
{
	return recorded_run("the_waits_are_those_expected_of", is_expected,
			    the_waits_are_those_expected);
}
