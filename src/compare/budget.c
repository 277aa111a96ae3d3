/* SPDX-License-Identifier: MIT */
/* budget.c - a file of limits, line by line. */
#include "compare/budget.h"

#include <flightbox/error.h>
#include <flightbox/times.h>

#include "base/glob.h"

/* Where in the file reading is, and what holds for the lines that follow. */
struct budget_scan {
	const char *file;
	unsigned number;         /* of the line */
	const char *line, *at;
	char *section, *process, *thread;
	GPtrArray *budgets;
};

static void budget_free(void *data)
{
	struct budget *b = data;

	g_free(b->text);
	g_free(b->section);
	g_free(b->process);
	g_free(b->thread);
	g_free(b->syscall);
	g_free(b->cause);
	g_free(b);
}

/* Says what is wrong at a place of the line. Returns false. */
static bool fail_at(const struct budget_scan *s, const char *at, GError **error, const char *format,
		    ...) G_GNUC_PRINTF(4, 5);

static bool fail_at(const struct budget_scan *s, const char *at, GError **error, const char *format,
		    ...)
{
	g_autofree char *line = g_utf8_make_valid(s->line, -1), *what = NULL;
	g_autofree char *before = g_utf8_make_valid(s->line, at - s->line);
	glong column = g_utf8_strlen(before, -1);
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	/* Tabs are as wide as the reader's editor likes: a caret has its place with blanks alone. */
	g_strdelimit(line, "\t", ' ');
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE, "%s:%u:%ld: %s\n%s\n%*s", s->file, s->number,
		    column + 1, what, line, (int)column + 1, "^");
	return false;
}

/* ---- words ------------------------------------------------------------------------------ */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct budget_scan *s)
{
	while (is_blank(*s->at))
		s->at++;
}

static bool is_end(const struct budget_scan *s)
{
	return !*s->at || *s->at == '#';
}

/* Up to a blank or what has a meaning of its own. */
static char *take_word(struct budget_scan *s)
{
	const char *from = s->at;

	while (*s->at && !is_blank(*s->at) && !strchr("=<>,[]\"#", *s->at))
		s->at++;
	return g_strndup(from, s->at - from);
}

/* A word, or a text in quotes, in which \ takes the next character as it is. */
static char *take_text(struct budget_scan *s, const char *what, GError **error)
{
	const char *from = s->at;
	GString *text;

	if (*s->at != '"') {
		char *word = take_word(s);

		if (*word)
			return word;
		g_free(word);
		fail_at(s, from, error, "expected %s", what);
		return NULL;
	}
	text = g_string_new(NULL);
	for (s->at++; *s->at && *s->at != '"'; s->at++) {
		if (*s->at == '\\' && s->at[1])
			s->at++;
		g_string_append_c(text, *s->at);
	}
	if (*s->at++)
		return g_string_free(text, FALSE);
	s->at--;
	g_string_free(text, TRUE);
	fail_at(s, from, error, "expected %s that ends with a quote", what);
	return NULL;
}

/* ---- [process "nginx" thread "worker*"] ----------------------------------------------------- */

static bool read_section(struct budget_scan *s, GError **error)
{
	const char *from = s->at++;

	g_clear_pointer(&s->process, g_free);
	g_clear_pointer(&s->thread, g_free);
	for (skip_blanks(s); *s->at != ']'; skip_blanks(s)) {
		const char *at = s->at;
		g_autofree char *word = take_word(s);
		char **place = !strcmp(word, "process") ? &s->process :
			       !strcmp(word, "thread")	? &s->thread :
							  NULL;

		if (!place)
			return fail_at(s, at, error, "expected 'process', 'thread' or ]");
		if (*place)
			return fail_at(s, at, error, "'%s' stands here twice", word);
		skip_blanks(s);
		*place = take_text(s, "a name or a pattern", error);
		if (!*place)
			return false;
	}
	s->at++;
	g_free(s->section);
	s->section = g_strndup(from, s->at - from);
	skip_blanks(s);
	return is_end(s) || fail_at(s, s->at, error, "expected nothing behind the section");
}

/* ---- limits ----------------------------------------------------------------------------- */

static bool read_measure(struct budget_scan *s, struct budget *b, const char *at, const char *word,
			 GError **error)
{
	static const char *const names[] = { [BUDGET_COUNT] = "count", [BUDGET_TOTAL] = "total",
					     [BUDGET_MAX] = "max" };
	char *end;

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (!strcmp(word, names[i])) {
			b->measure = i;
			return true;
		}
	b->measure = BUDGET_PERCENTILE;
	if (*word == 'p' && g_ascii_isdigit(word[1])) {
		b->percent = g_ascii_strtod(word + 1, &end);
		if (!*end && b->percent > 0 && b->percent <= 100)
			return true;
	}
	return fail_at(s, at, error,
		       "expected count, total, max, a percentile as p99, or syscall=, cause=, "
		       "process=, thread=");
}

static bool read_operator(struct budget_scan *s, struct budget *b, GError **error)
{
	skip_blanks(s);
	if (*s->at != '<')
		return fail_at(s, s->at, error, "expected < or <=");
	s->at++;
	b->or_equal = *s->at == '=';
	s->at += b->or_equal;
	skip_blanks(s);
	return true;
}

static bool read_count(struct budget_scan *s, struct budget *b, const char *at, const char *word,
		       GError **error)
{
	char *end;

	b->limit = g_ascii_strtod(word, &end);
	b->unit = !strcmp(end, "/s") ? BUDGET_PER_SECOND : BUDGET_NUMBER;
	if (end != word && g_ascii_isdigit(*word) && (!*end || b->unit == BUDGET_PER_SECOND))
		return true;
	return fail_at(s, at, error, "expected a number, as 100 or 100/s");
}

/* "10% of time", of which the number was read. */
static bool read_of_time(struct budget_scan *s, GError **error)
{
	static const char *const words[] = { "of", "time" };

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		const char *at;
		g_autofree char *word = NULL;

		skip_blanks(s);
		at = s->at;
		word = take_word(s);
		if (strcmp(word, words[i]))
			return fail_at(s, at, error, "expected 'of time'");
	}
	return true;
}

static bool read_time(struct budget_scan *s, struct budget *b, const char *at, const char *word,
		      GError **error)
{
	char *end;
	fb_ns ns;

	if (b->measure == BUDGET_TOTAL && g_str_has_suffix(word, "%")) {
		b->unit = BUDGET_SHARE;
		b->limit = g_ascii_strtod(word, &end) / 100;
		if (!g_ascii_isdigit(*word) || strcmp(end, "%"))
			return fail_at(s, at, error, "expected a percentage, as 10%%");
		return read_of_time(s, error);
	}
	b->unit = BUDGET_NS;
	if (!fb_duration_parse(word, &ns, NULL))
		return fail_at(s, at, error, "expected a duration, as 5ms%s",
			       b->measure == BUDGET_TOTAL ? ", or 10% of time" : "");
	b->limit = ns;
	return true;
}

static bool read_limit(struct budget_scan *s, struct budget *b, const char *from, const char *word,
		       GError **error)
{
	const char *at;
	g_autofree char *limit = NULL;

	if (!read_measure(s, b, from, word, error) || !read_operator(s, b, error))
		return false;
	at = s->at;
	limit = take_word(s);
	if (!(b->measure == BUDGET_COUNT ? read_count(s, b, at, limit, error) :
					   read_time(s, b, at, limit, error)))
		return false;
	skip_blanks(s);
	return is_end(s) || *s->at == ',' ||
	       fail_at(s, s->at, error, "expected a comma or the end of the line");
}

/* ---- lines ------------------------------------------------------------------------------ */

/* The place of the pattern of that name, or NULL. */
static char **pattern_of(struct budget *b, const char *name)
{
	return !strcmp(name, "syscall") ? &b->syscall :
	       !strcmp(name, "cause")	? &b->cause :
	       !strcmp(name, "process") ? &b->process :
	       !strcmp(name, "thread")	? &b->thread :
					  NULL;
}

/* "syscall=read cause=*" before the limits. *word gets the one behind it. */
static bool read_patterns(struct budget_scan *s, struct budget *b, const char **at, char **word,
			  GError **error)
{
	for (;;) {
		char **place;

		*at = s->at;
		*word = take_word(s);
		if (*s->at != '=')
			return true;
		place = pattern_of(b, *word);
		if (!place)
			return fail_at(s, *at, error,
				       "expected syscall=, cause=, process= or thread=");
		s->at++;
		g_free(*place);
		*place = take_text(s, "a name or a pattern", error);
		if (!*place)
			return false;
		g_clear_pointer(word, g_free);
		skip_blanks(s);
	}
}

/* Another limit of the same waits. */
static struct budget *budget_like(const struct budget *b)
{
	struct budget *new = g_new0(struct budget, 1);

	new->line = b->line;
	new->section = g_strdup(b->section);
	new->process = g_strdup(b->process);
	new->thread = g_strdup(b->thread);
	new->syscall = g_strdup(b->syscall);
	new->cause = g_strdup(b->cause);
	return new;
}

static void set_text(struct budget *b, const char *patterns, size_t n, const char *from,
		     const char *to)
{
	g_autofree char *before = g_strndup(patterns, n), *limit = g_strndup(from, to - from);

	b->text = g_strconcat(g_strchomp(before), n ? " " : "", g_strchomp(limit), NULL);
}

static bool read_budgets(struct budget_scan *s, GError **error)
{
	const struct budget section = { .line = s->number, .section = s->section,
					.process = s->process, .thread = s->thread };
	struct budget *b = budget_like(&section);
	const char *from = s->at, *at;
	g_autofree char *word = NULL;
	size_t patterns;

	g_ptr_array_add(s->budgets, b);
	if (!read_patterns(s, b, &at, &word, error))
		return false;
	patterns = at - from;
	for (;;) {
		if (!read_limit(s, b, at, word, error))
			return false;
		set_text(b, from, patterns, at, s->at);
		if (*s->at != ',')
			return true;
		s->at++;
		skip_blanks(s);
		b = budget_like(b);
		g_ptr_array_add(s->budgets, b);
		at = s->at;
		g_free(word);
		word = take_word(s);
	}
}

static bool read_line(struct budget_scan *s, GError **error)
{
	s->at = s->line;
	skip_blanks(s);
	if (is_end(s))
		return true;
	return *s->at == '[' ? read_section(s, error) : read_budgets(s, error);
}

GPtrArray *budgets_parse(const char *text, const char *file, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	struct budget_scan s = { .file = file, .section = g_strdup(""),
			  .budgets = g_ptr_array_new_with_free_func(budget_free) };
	bool done = true;

	for (char **line = lines; done && *line; line++) {
		s.number++;
		s.line = *line;
		done = read_line(&s, error);
	}
	if (done && !s.budgets->len) {
		g_set_error(error, FB_ERROR, FB_ERROR_USAGE, "%s: has no budget", file);
		done = false;
	}
	g_free(s.section);
	g_free(s.process);
	g_free(s.thread);
	if (done)
		return s.budgets;
	g_ptr_array_unref(s.budgets);
	return NULL;
}

/* ---- which waits -------------------------------------------------------------------------- */

static bool matches(const char *glob, const char *text)
{
	return !glob || glob_matches(glob, text);
}

/* With no regard to case, as `why --cause`. */
static bool matches_any_case(const char *glob, const char *text)
{
	g_autofree char *lower = text ? g_ascii_strdown(text, -1) : NULL;

	return lower && glob_matches(glob, lower);
}

static bool matches_cause(const char *given, const struct fb_profile_key *key)
{
	g_autofree char *glob = given ? g_ascii_strdown(given, -1) : NULL;

	return !glob || matches_any_case(glob, fb_cause_kind_name(key->kind)) ||
	       matches_any_case(glob, fb_via_name(key->via)) || matches_any_case(glob, key->name);
}

/* "*" is any, also none; names may have the sys_ with which reports print them. */
static bool matches_syscall(const char *glob, const char *syscall)
{
	if (!glob || !strcmp(glob, "*"))
		return true;
	if (!syscall)
		return !strcmp(glob, "none");
	return matches(g_str_has_prefix(glob, "sys_") ? glob + strlen("sys_") : glob, syscall);
}

bool budget_is_of(const struct budget *b, const struct fb_profile_key *key)
{
	return matches(b->process, key->command) && matches(b->thread, key->thread);
}

bool budget_matches(const struct budget *b, const struct fb_profile_key *key)
{
	return budget_is_of(b, key) && matches_syscall(b->syscall, key->syscall) &&
	       matches_cause(b->cause, key);
}

static bool is_any(const char *glob)
{
	return !glob || !strcmp(glob, "*");
}

static bool names_softirq(const char *cause)
{
	struct fb_profile_key key = { .kind = FB_CAUSE_SOFTIRQ };

	for (uint32_t vec = 0; vec < FB_SOFTIRQS; vec++) {
		key.name = fb_softirq_name(vec);
		if (matches_cause(cause, &key))
			return true;
	}
	return false;
}

static bool is_blinded_by(const struct budget *b, const char *event)
{
	const struct fb_profile_key irq = { .kind = FB_CAUSE_IRQ };

	if (!strcmp(event, "system calls"))
		return !is_any(b->syscall) && strcmp(b->syscall, "none");
	if (is_any(b->cause))
		return false;
	if (!strcmp(event, "irq_handler_*"))
		return matches_cause(b->cause, &irq);
	if (!strcmp(event, "irq_softirq_entry and _exit"))
		return names_softirq(b->cause);
	return !strcmp(event, "sched_waking") || !strcmp(event, "sched_wakeup");
}

const char *budget_blinded_by(const struct budget *b, const char *const *missing)
{
	for (; *missing; missing++)
		if (is_blinded_by(b, *missing))
			return *missing;
	return NULL;
}
