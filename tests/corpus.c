/* SPDX-License-Identifier: MIT */
/* corpus.c - reads files of cases, and writes what came of them into these. */
#include "corpus.h"

#include <string.h>

#include <flightbox/error.h>

#define NAME "=== "
#define VIEW "---"

static void expectation_clear(void *data)
{
	struct expectation *e = data;

	g_free(e->view);
	g_free(e->text);
	g_free(e->got);
}

static void case_free(void *data)
{
	struct corpus_case *c = data;

	g_array_unref(c->expected);
	g_free(c->name);
	g_free(c->events);
	g_free(c);
}

static const char *line_at(const struct corpus *corpus, guint i)
{
	return corpus->lines->pdata[i];
}

static bool is_name(const char *line)
{
	return g_str_has_prefix(line, NAME);
}

static bool is_view(const char *line)
{
	return !strcmp(line, VIEW) || g_str_has_prefix(line, VIEW " ");
}

static bool fail(const struct corpus *corpus, guint line, GError **error, const char *what)
{
	g_set_error(error, FB_ERROR, FB_ERROR_FORMAT, "%s:%u: %s", corpus->path, line + 1, what);
	return false;
}

static char *lines_text(const struct corpus *corpus, guint begin, guint end)
{
	GString *text = g_string_new(NULL);

	for (guint i = begin; i < end; i++)
		g_string_append_printf(text, "%s\n", line_at(corpus, i));
	return g_string_free(text, FALSE);
}

/* The first line from `at` on that begins something. */
static guint next_head(const struct corpus *corpus, guint at)
{
	while (at < corpus->lines->len && !is_name(line_at(corpus, at)) &&
	       !is_view(line_at(corpus, at)))
		at++;
	return at;
}

/* Returns the line behind it. */
static guint read_expectation(const struct corpus *corpus, struct corpus_case *c, guint at)
{
	guint next = next_head(corpus, at + 1), end = next;
	struct expectation e = { .begin = at + 1 };

	while (end > e.begin && !*line_at(corpus, end - 1))
		end--;
	e.end = end;
	e.view = g_strstrip(g_strdup(line_at(corpus, at) + strlen(VIEW)));
	e.text = lines_text(corpus, e.begin, e.end);
	g_array_append_val(c->expected, e);
	return next;
}

static bool read_case(struct corpus *corpus, guint *at, GError **error)
{
	struct corpus_case *c = g_new0(struct corpus_case, 1);
	guint begin = *at + 1, end = next_head(corpus, begin);

	g_ptr_array_add(corpus->cases, c);
	c->corpus = corpus;
	c->line = begin;
	c->expected = g_array_new(FALSE, FALSE, sizeof(struct expectation));
	g_array_set_clear_func(c->expected, expectation_clear);
	c->name = g_strstrip(g_strdup(line_at(corpus, *at) + strlen(NAME)));
	if (!*c->name || strpbrk(c->name, " \t"))
		return fail(corpus, *at, error, "expected a name of one word");
	if (end == corpus->lines->len || is_name(line_at(corpus, end)))
		return fail(corpus, *at, error, "expected events, a line '" VIEW "', what comes of them");
	c->events = lines_text(corpus, begin, end);
	for (*at = end; *at < corpus->lines->len && is_view(line_at(corpus, *at));)
		*at = read_expectation(corpus, c, *at);
	return true;
}

static bool read_cases(struct corpus *corpus, GError **error)
{
	guint at = next_head(corpus, 0);

	if (at == corpus->lines->len || !is_name(line_at(corpus, at)))
		return fail(corpus, MIN(at, corpus->lines->len - 1), error, "expected '" NAME "NAME' first");
	while (at < corpus->lines->len)
		if (!read_case(corpus, &at, error))
			return false;
	return true;
}

struct corpus *corpus_open(const char *path, GError **error)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	struct corpus *corpus;

	if (!g_file_get_contents(path, &text, NULL, error))
		return NULL;
	corpus = g_new0(struct corpus, 1);
	corpus->path = g_strdup(path);
	corpus->lines = g_ptr_array_new_with_free_func(g_free);
	corpus->cases = g_ptr_array_new_with_free_func(case_free);
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++)
		if (line[1] || **line)
			g_ptr_array_add(corpus->lines, g_strdup(*line));
	if (read_cases(corpus, error))
		return corpus;
	corpus_free(corpus);
	return NULL;
}

void corpus_free(struct corpus *corpus)
{
	if (!corpus)
		return;
	g_ptr_array_unref(corpus->cases);
	g_ptr_array_unref(corpus->lines);
	g_free(corpus->path);
	g_free(corpus);
}

/* Without the empty lines at the end. */
static char *trimmed(const char *text)
{
	size_t length = strlen(text);

	while (length > 1 && text[length - 1] == '\n' && text[length - 2] == '\n')
		length--;
	return !strcmp(text, "\n") ? g_strdup("") : g_strndup(text, length);
}

static bool holds(const struct expectation *e)
{
	g_autofree char *got = e->got ? trimmed(e->got) : NULL;

	return !got || !strcmp(got, e->text);
}

bool corpus_case_holds(const struct corpus_case *c)
{
	for (guint i = 0; i < c->expected->len; i++)
		if (!holds(&g_array_index(c->expected, struct expectation, i)))
			return false;
	return true;
}

static void put_lines(GString *to, const struct corpus *corpus, guint begin, guint end)
{
	g_autofree char *text = lines_text(corpus, begin, end);

	g_string_append(to, text);
}

char *corpus_updated(const struct corpus *corpus, const struct corpus_case *only)
{
	GString *text = g_string_new(NULL);
	guint at = 0;

	for (guint i = 0; i < corpus->cases->len; i++) {
		const struct corpus_case *c = corpus->cases->pdata[i];

		for (guint j = 0; j < c->expected->len && (!only || c == only); j++) {
			const struct expectation *e =
				&g_array_index(c->expected, struct expectation, j);
			g_autofree char *got = e->got ? trimmed(e->got) : NULL;

			put_lines(text, corpus, at, e->begin);
			g_string_append(text, got ? got : e->text);
			at = e->end;
		}
	}
	put_lines(text, corpus, at, corpus->lines->len);
	return g_string_free(text, FALSE);
}
